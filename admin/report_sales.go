package admin

import (
	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/module/report"
)

// periods reads the frame's steps, and those of the same time before, where there is one.
func (r *reporting) periods() (now, before []report.Period, err error) {
	now, err = r.a.rooms.Reports.Sales(r.ctx, r.q, r.step)
	if err != nil || r.q.Frame.Days() == 0 {
		return now, nil, err
	}
	q := r.q
	q.Frame = q.Frame.Before()
	before, err = r.a.rooms.Reports.Sales(r.ctx, q, r.step)
	return now, before, err
}

// compared is a figure with how it was before; of all time there is no before.
func (r *reporting) compared(name, value, was string, now, before float64) namedFigure {
	f := namedFigure{Name: name, Value: value}
	if r.q.Frame.Days() > 0 {
		f.Before, f.Change = was, r.change(now, before)
	}
	return f
}

func (r *reporting) cashFigure(key string, now, before decimal.Decimal) namedFigure {
	return r.compared(r.t(key), r.cash(now), r.cash(before), now.InexactFloat64(), before.InexactFloat64())
}

func (r *reporting) countFigure(key string, now, before int64) namedFigure {
	return r.compared(r.t(key), r.p.Number(now), r.p.Number(before), float64(now), float64(before))
}

// plot begins a chart of the periods.
func (r *reporting) plot(periods []report.Period) plot {
	p := plot{PlaceName: r.t("reports.col." + string(r.step)), Value: r.drawn, Tick: r.tick}
	for _, one := range periods {
		p.Places = append(p.Places, r.period(one))
	}
	if r.step == report.ByMonth && len(periods) <= 12 {
		p.Every = 2
	}
	return p
}

// sales is the shop's revenue over time.
func (r *reporting) sales() error {
	now, before, err := r.periods()
	if err != nil {
		return r.told(err)
	}
	all, was := report.Total(now), report.Total(before)
	sum, sumWas := all.All(), was.All()
	refunded := r.cashFigure("reports.refunded", sum.Refunded, sumWas.Refunded)
	refunded.Change = refunded.Change.turned()
	r.page.Figures = []namedFigure{
		r.cashFigure("reports.net", sum.Net(), sumWas.Net()),
		r.countFigure("reports.orders", sum.Orders, sumWas.Orders),
		r.cashFigure("reports.average", r.each(sum.Net(), sum.Orders), r.each(sumWas.Net(), sumWas.Orders)),
		r.cashFigure("reports.gross", sum.Gross, sumWas.Gross),
		refunded,
	}
	p := r.plot(now)
	p.Label = r.t("reports.sales.label", "frame", r.page.Range)
	net, past := series{Name: r.t("reports.net"), Class: "c-1", Area: true}, series{Name: r.t("reports.before"), Class: "c-0", Dash: true}
	for i, one := range now {
		net.Values = append(net.Values, one.All().Net().InexactFloat64())
		value := 0.0
		if i < len(before) {
			value = before[i].All().Net().InexactFloat64()
		}
		past.Values = append(past.Values, value)
	}
	p.Series = []series{net}
	r.page.Legend = []legend{{"c-1 legend--line", r.t("reports.this_time")}}
	if before != nil {
		p.Series, r.page.Legend = append(p.Series, past), append(r.page.Legend, legend{"c-0 legend--dash", r.t("reports.before")})
	}
	r.page.Heading, r.page.Chart = r.t("reports.sales.chart"), roomy(lineChart(p))
	r.salesTable(now, before)
	return nil
}

// salesTable is the periods' rows, each beside the same one of the time before.
func (r *reporting) salesTable(now, before []report.Period) {
	t := &reportTable{Title: r.t("reports.sales.table"), Columns: r.heads(string(r.step), "orders", "gross", "refunded", "net", "average")}
	if before != nil {
		t.Columns = append(t.Columns, r.heads("before", "before")[1])
	}
	row := func(name cell, href string, one report.Period, was *report.Period) []cell {
		sum := one.All()
		cells := append([]cell{name, r.countCell(sum.Orders, href)}, r.sumCells(sum)...)
		if was != nil {
			cells = append(cells, r.cashCell(was.All().Net()))
		} else if before != nil {
			cells = append(cells, cell{})
		}
		return cells
	}
	for i, one := range now {
		var was *report.Period
		if i < len(before) {
			was = &before[i]
		}
		t.Rows = append(t.Rows, row(r.timeCell(one), r.whom(within(report.OfOrders, one)), one, was))
	}
	var was *report.Period
	if before != nil {
		all := report.Total(before)
		was = &all
	}
	t.Foot = row(headCell(r.t("reports.all"), "", nil), "", report.Total(now), was)
	r.page.Table = t
}

func (r *reporting) sumCells(s report.Sum) []cell {
	return []cell{r.cashCell(s.Gross), r.cashCell(s.Refunded), r.cashCell(s.Net()), r.cashCell(r.each(s.Net(), s.Orders))}
}

// told shows what is wrong with the chosen segment, or gives the error back.
func (r *reporting) told(err error) error {
	if r.problem(err) {
		return nil
	}
	return err
}

// turned is a change of which the shop wants less.
func (c *change) turned() *change {
	if c != nil && (c.Up || c.Down) {
		c.Tone = map[bool]string{true: "bad", false: "good"}[c.Up]
	}
	return c
}

// buyers is first orders beside later ones.
func (r *reporting) buyers() error {
	now, before, err := r.periods()
	if err != nil {
		return r.told(err)
	}
	all, was := report.Total(now), report.Total(before)
	r.page.Figures = []namedFigure{
		r.countFigure("reports.buyers.new", all.New.Orders, was.New.Orders),
		r.countFigure("reports.buyers.repeat", all.Repeat.Orders, was.Repeat.Orders),
		{Name: r.t("reports.buyers.share"), Value: r.part(all.Repeat.Net(), all.All().Net()), More: r.t("reports.buyers.share.text")},
		r.cashFigure("reports.buyers.new.average", r.each(all.New.Net(), all.New.Orders), r.each(was.New.Net(), was.New.Orders)),
		r.cashFigure("reports.buyers.repeat.average", r.each(all.Repeat.Net(), all.Repeat.Orders), r.each(was.Repeat.Net(), was.Repeat.Orders)),
	}
	p := r.plot(now)
	p.Label = r.t("reports.buyers.label", "frame", r.page.Range)
	again, first := series{Name: r.t("reports.buyers.repeat"), Class: "c-1"}, series{Name: r.t("reports.buyers.new"), Class: "c-3"}
	r.page.Table = &reportTable{Title: r.t("reports.buyers.table"), Text: r.t("reports.buyers.text"), Columns: r.heads(string(r.step), "new", "new_net", "repeat", "repeat_net", "repeat_share")}
	row := func(name cell, one report.Period, link bool) []cell {
		fresh, old := within(report.OfFirst, one), within(report.OfOrders, one)
		old.Place = "repeat"
		hrefs := [2]string{}
		if link {
			hrefs = [2]string{r.whom(fresh), r.whom(old)}
		}
		return []cell{name, r.countCell(one.New.Orders, hrefs[0]), r.cashCell(one.New.Net()), r.countCell(one.Repeat.Orders, hrefs[1]), r.cashCell(one.Repeat.Net()),
			{Text: r.part(one.Repeat.Net(), one.All().Net()), Num: true, Value: partOf(one.Repeat.Net(), one.All().Net())}}
	}
	for _, one := range now {
		again.Values, first.Values = append(again.Values, one.Repeat.Net().InexactFloat64()), append(first.Values, one.New.Net().InexactFloat64())
		r.page.Table.Rows = append(r.page.Table.Rows, row(r.timeCell(one), one, true))
	}
	r.page.Table.Foot = row(headCell(r.t("reports.all"), "", nil), all, false)
	p.Series = []series{again, first}
	r.page.Heading, r.page.Chart = r.t("reports.buyers.chart"), roomy(barChart(p))
	r.page.Legend = []legend{{"c-1", again.Name}, {"c-3", first.Name}}
	return nil
}

// part is an amount's share of another in words.
func (r *reporting) part(part, whole decimal.Decimal) string {
	if !whole.IsPositive() {
		return "–"
	}
	return r.p.Percent(part.Div(whole).InexactFloat64(), 1)
}

func partOf(part, whole decimal.Decimal) any {
	if !whole.IsPositive() {
		return nil
	}
	return part.DivRound(whole, 4)
}

// discounts is how much is sold for less.
func (r *reporting) discounts() error {
	now, before, err := r.periods()
	if err != nil {
		return r.told(err)
	}
	all, was := report.Total(now), report.Total(before)
	given := r.cashFigure("reports.discounts.given", all.Discount, was.Discount)
	given.Change = given.Change.turned()
	share := namedFigure{Name: r.t("reports.discounts.share"), Value: r.share(all.Reduced.Orders, all.All().Orders)}
	if r.q.Frame.Days() > 0 {
		share.Before = r.share(was.Reduced.Orders, was.All().Orders)
	}
	r.page.Figures = []namedFigure{
		share, given,
		{Name: r.t("reports.discounts.net"), Value: r.cash(all.Reduced.Net()), More: r.t("reports.discounts.of", "share", r.part(all.Reduced.Net(), all.All().Net()))},
		r.cashFigure("reports.discounts.average", r.each(all.Reduced.Net(), all.Reduced.Orders), r.each(was.Reduced.Net(), was.Reduced.Orders)),
		r.cashFigure("reports.discounts.full.average", r.each(all.Full().Net(), all.Full().Orders), r.each(was.Full().Net(), was.Full().Orders)),
	}
	p := r.plot(now)
	p.Label = r.t("reports.discounts.label", "frame", r.page.Range)
	full, less := series{Name: r.t("reports.discounts.full"), Class: "c-1"}, series{Name: r.t("reports.discounts.less"), Class: "c-4"}
	r.page.Table = &reportTable{Title: r.t("reports.discounts.table"), Text: r.t("reports.discounts.text"),
		Columns: r.heads(string(r.step), "full", "full_net", "reduced", "reduced_net", "reduced_share", "discount")}
	row := func(name cell, one report.Period, link bool) []cell {
		with, without := within(report.OfOrders, one), within(report.OfOrders, one)
		with.Reduced, without.Reduced = "yes", "no"
		hrefs := [2]string{}
		if link {
			hrefs = [2]string{r.whom(without), r.whom(with)}
		}
		return []cell{name, r.countCell(one.Full().Orders, hrefs[0]), r.cashCell(one.Full().Net()), r.countCell(one.Reduced.Orders, hrefs[1]), r.cashCell(one.Reduced.Net()),
			r.shareCell(one.Reduced.Orders, one.All().Orders), r.cashCell(one.Discount)}
	}
	for _, one := range now {
		full.Values, less.Values = append(full.Values, one.Full().Net().InexactFloat64()), append(less.Values, one.Reduced.Net().InexactFloat64())
		r.page.Table.Rows = append(r.page.Table.Rows, row(r.timeCell(one), one, true))
	}
	r.page.Table.Foot = row(headCell(r.t("reports.all"), "", nil), all, false)
	p.Series = []series{full, less}
	r.page.Heading, r.page.Chart = r.t("reports.discounts.chart"), roomy(barChart(p))
	r.page.Legend = []legend{{"c-1", full.Name}, {"c-4", less.Name}}
	return nil
}

// countries is where orders went.
func (r *reporting) countries() error {
	list, err := r.a.rooms.Reports.Countries(r.ctx, r.q)
	if err != nil {
		return r.told(err)
	}
	var all report.Country
	for _, one := range list {
		all.New, all.Repeat = all.New.Add(one.New), all.Repeat.Add(one.Repeat)
	}
	sum := all.All()
	r.page.Figures = []namedFigure{{Name: r.t("reports.countries.count"), Value: r.p.Number(len(list))}, {Name: r.t("reports.net"), Value: r.cash(sum.Net())}, {Name: r.t("reports.orders"), Value: r.p.Number(sum.Orders)}}
	r.page.Heading = r.t("reports.countries.chart")
	r.page.Table = &reportTable{Title: r.t("reports.countries.table"), Columns: r.heads("country", "orders", "new", "gross", "refunded", "net", "average")}
	for i, one := range list {
		whole, name := one.All(), r.t("reports.countries.unknown")
		who := report.NewPeople(report.OfOrders, r.q.Frame)
		if who.Country = one.Code; one.Code == "" {
			who.Country = "-"
		} else {
			name = r.p.Country(one.Code)
		}
		first := who
		first.Place = "new"
		if i < barsShown && sum.Net().IsPositive() {
			r.page.Bars = append(r.page.Bars, bar{Name: name, Href: r.whom(who), Value: r.cash(whole.Net()), More: r.part(whole.Net(), sum.Net()), Part: partDrawn(whole.Net(), list[0].All().Net())})
		}
		r.page.Table.Rows = append(r.page.Table.Rows, append([]cell{headCell(name, "", one.Code), r.countCell(whole.Orders, r.whom(who)), r.countCell(one.New.Orders, r.whom(first))}, r.sumCells(whole)...))
	}
	r.page.Table.Foot = append([]cell{headCell(r.t("reports.all"), "", nil), r.countCell(sum.Orders, ""), r.countCell(all.New.Orders, "")}, r.sumCells(sum)...)
	return nil
}

// barsShown is how many lines a list of bars has at most.
const barsShown = 10

// partDrawn is a part of the largest in per cent, for the drawing.
func partDrawn(part, largest decimal.Decimal) string {
	if !largest.IsPositive() || part.IsNegative() {
		return "0"
	}
	return percent(part.Div(largest).InexactFloat64() * 100)
}
