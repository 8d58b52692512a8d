package evaluate

import (
	"maps"
	"slices"
	"strings"
)

// How much of a long history a page shows; JSON has the rest.
const (
	monthsShown  = 36
	cohortsShown = 24
	ageShown     = 12 // months after the first
)

func (t teller) file() section {
	f := t.File
	currency := f.Currency
	if currency == "" {
		currency = t.t("file.currency.none")
	}
	left := f.Rows - f.Lines
	blocks := []block{{Figures: []figure{
		{t.t("file.rows"), t.p.Number(f.Rows), ""},
		{t.t("file.lines"), t.p.Number(f.Lines), t.share(f.Lines, f.Rows)},
		{t.t("file.left"), t.p.Number(left), t.share(left, f.Rows)},
		{t.t("file.span"), t.date(f.First), t.t("file.until", "day", t.date(f.Last))},
		{t.t("file.currency"), currency, ""},
	}}}
	if left > 0 {
		why := &table{Label: t.t("file.why"), Head: t.head("file.reason", "file.lines.col#")}
		for _, reason := range slices.SortedFunc(maps.Keys(f.Left), func(a, b Reason) int { return f.Left[b] - f.Left[a] }) {
			why.Rows = append(why.Rows, row{Cells: []cell{{Text: t.t("left." + strings.ReplaceAll(string(reason), " ", "_"))}, bar(float64(f.Left[reason])/float64(left), t.p.Number(f.Left[reason]))}})
		}
		b := block{Title: t.t("file.why"), Table: why}
		if f.FirstBad != "" {
			b.Text = t.t("file.first_bad", "error", f.FirstBad)
		}
		blocks = append(blocks, b)
	}
	columns := &table{Label: t.t("file.columns"), Head: t.head("file.tells", "file.column")}
	for _, field := range Fields {
		if head := f.Columns[field]; head != "" {
			columns.Rows = append(columns.Rows, row{Cells: texts(t.t("field."+string(field)), short(head))})
		}
	}
	return t.section("file", append(blocks, block{Title: t.t("file.columns"), Text: t.t("file.columns.text"), Table: columns})...)
}

func (t teller) sales() section {
	s := t.Sales
	figures := []figure{
		{t.t("customers"), t.p.Number(s.Customers), t.t("sales.returning", "share", t.share(s.Returning, s.Customers))},
		{t.t("orders"), t.p.Number(s.Orders), t.t("sales.each", "orders", t.places(float64(s.Orders)/float64(s.Customers), 2))},
	}
	blocks := []block{{}}
	if s.Revenue != nil {
		figures = append(figures,
			figure{t.t("revenue"), t.money(s.Revenue), t.t("sales.per_customer", "amount", t.money(s.PerCustomer))},
			figure{t.t("sales.per_order"), t.money(s.PerOrder), ""},
			figure{t.t("sales.top"), t.p.Percent(*s.Top, 1), t.t("sales.top.text")})
		blocks = append(blocks, block{Title: t.t("sales.revenue"), Chart: t.revenue()})
	} else {
		blocks = append(blocks, block{Lack: t.lack(&Missing{What: MissingColumn, Field: Price})})
	}
	blocks[0].Figures = figures
	return t.section("sales", append(blocks, block{Title: t.t("sales.customers"), Chart: t.customers()})...)
}

// shown is the months that charts show.
func (t teller) shown() (months []Month, places []string) {
	months = t.Sales.Months[max(0, len(t.Sales.Months)-monthsShown):]
	for _, m := range months {
		places = append(places, t.month(m.Month))
	}
	return months, places
}

func (t teller) revenue() *chart {
	months, places := t.shown()
	s := series{Name: t.t("revenue"), Class: "c-1"}
	for _, m := range months {
		s.Values = append(s.Values, m.Revenue.Decimal().InexactFloat64())
	}
	exact := func(f float64) string { a := amountOf(f); return t.money(&a) }
	round := func(f float64) string { a := amountOf(f); return t.round(&a) }
	return plot{Label: t.t("sales.revenue"), PlaceName: t.t("col.month"), Places: places, Series: []series{s}, Value: exact, Tick: round}.bars()
}

func (t teller) customers() *chart {
	months, places := t.shown()
	fresh, back := series{Name: t.t("sales.new"), Class: "c-3"}, series{Name: t.t("sales.back"), Class: "c-1"}
	for _, m := range months {
		fresh.Values, back.Values = append(fresh.Values, float64(m.New)), append(back.Values, float64(m.Customers-m.New))
	}
	count := func(f float64) string { return t.p.Number(f) }
	return plot{Label: t.t("sales.customers"), PlaceName: t.t("col.month"), Places: places, Series: []series{back, fresh}, Value: count, Tick: count, Whole: true}.bars()
}

func (t teller) rfm() section {
	matrix := block{Title: t.t("rfm.matrix"), Text: t.t("rfm.matrix.text"), Grid: t.matrix()}
	groups := block{Title: t.t("rfm.groups"), Lack: t.lack(t.RFM.Missing)}
	if b := t.RFM.Bounds; b != nil {
		groups.Text = t.t("rfm.bounds", "a", b.Recency[0], "b", b.Recency[1], "c", b.Recency[2], "d", b.Recency[3])
		groups.Table = &table{Label: t.t("rfm.groups"), Head: t.head("rfm.group", "customers#", "revenue#")}
		for _, g := range t.RFM.Groups {
			groups.Table.Rows = append(groups.Table.Rows, row{Cells: []cell{
				{Text: t.t("group." + string(g.Group)), More: t.t("group." + string(g.Group) + ".about")},
				bar(float64(g.Customers)/float64(t.Sales.Customers), t.p.Number(g.Customers)), figureCell(t.spent(g.Customers, g.Spent))}})
		}
	}
	return t.section("rfm", groups, matrix)
}

// spent is nothing where nobody is, and unknown where no column tells prices.
func (t teller) spent(customers int, a *Amount) string {
	if customers == 0 && t.Sales.Revenue != nil {
		a = new(Amount)
	}
	return t.money(a)
}

func (t teller) matrix() *grid {
	g := &grid{Label: t.t("rfm.matrix"), Corner: t.t("rfm.corner")}
	most := 0
	var at [6][6]RankedCell
	for _, c := range t.RFM.Cells {
		at[c.Recency][c.Frequency] = c
		most = max(most, c.Customers)
	}
	for f := 1; f <= 5; f++ {
		g.Head = append(g.Head, t.p.Number(f))
	}
	for r := 5; r >= 1; r-- {
		line := gridRow{Head: t.p.Number(r)}
		for f := 1; f <= 5; f++ {
			c := at[r][f]
			line.Cells = append(line.Cells, gridCell{t.p.Number(c.Customers), t.round(c.Spent), level(float64(c.Customers), float64(most))})
		}
		g.Rows = append(g.Rows, line)
	}
	return g
}

func (t teller) cohorts() section {
	blocks := []block{{Title: t.t("cohorts.back"), Text: t.t("cohorts.back.text"), Grid: t.cohortGrid("cohorts.back", 1, func(c Cohort, k int) (float64, string) {
		share := float64(c.Came[k]) / float64(c.Customers)
		return share, t.p.Percent(share, 0)
	})}}
	if t.Sales.Revenue == nil {
		return t.section("cohorts", append(blocks, block{Title: t.t("cohorts.worth"), Lack: t.lack(&Missing{What: MissingColumn, Field: Price})})...)
	}
	return t.section("cohorts", append(blocks, block{Title: t.t("cohorts.worth"), Text: t.t("cohorts.worth.text"), Grid: t.cohortGrid("cohorts.worth", 0, func(c Cohort, k int) (float64, string) {
		each := c.Revenue[k].over(c.Customers)
		return float64(each), t.round(&each)
	})})...)
}

// cohortGrid has a row for each of the latest months; from is the month since the first from which on cells are compared.
func (t teller) cohortGrid(key string, from int, value func(c Cohort, k int) (float64, string)) *grid {
	cohorts := t.Cohorts.Months[max(0, len(t.Cohorts.Months)-cohortsShown):]
	g := &grid{Label: t.t(key), Corner: t.t("cohorts.first")}
	most, columns := 0.0, 0
	for _, c := range cohorts {
		columns = max(columns, min(ageShown+1, len(c.Came)))
		for k := from; k < min(ageShown+1, len(c.Came)); k++ {
			v, _ := value(c, k)
			most = max(most, v)
		}
	}
	for k := from; k < columns; k++ {
		g.Head = append(g.Head, t.p.Number(k))
	}
	for _, c := range cohorts {
		r := gridRow{Head: t.month(c.Month), Size: t.p.Number(c.Customers)}
		for k := from; k < min(columns, len(c.Came)); k++ {
			v, text := value(c, k)
			r.Cells = append(r.Cells, gridCell{text, "", level(v, most)})
		}
		if len(r.Cells) > 0 {
			g.Rows = append(g.Rows, r)
		}
	}
	return g
}
