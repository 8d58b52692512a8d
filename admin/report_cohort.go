package admin

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/module/report"
)

// cohortMonths is how many months of a cohort's life the page shows.
const cohortMonths = 12

// cohorts is who comes back, or what people are worth, by the month of their first order.
func (r *reporting) cohorts() error {
	list, err := r.a.rooms.Reports.Cohorts(r.ctx, r.q)
	if err != nil {
		return r.told(err)
	}
	seconds, err := r.a.rooms.Reports.SecondOrders(r.ctx, r.q)
	if err != nil {
		return err
	}
	worth := r.query("view") == "worth"
	r.page.Views = []tab{{Label: r.t("reports.cohorts.back"), Href: r.a.link(r.here("view", "")), Here: !worth}, {Label: r.t("reports.cohorts.worth"), Href: r.a.link(r.here("view", "worth")), Here: worth}}
	var people int64
	var net decimal.Decimal
	for _, c := range list {
		people, net = people+c.People, net.Add(c.Until(math.MaxInt))
	}
	r.page.Figures = []namedFigure{
		{Name: r.t("reports.cohorts.people"), Value: r.p.Number(people), More: r.t("reports.cohorts.people.text")},
		{Name: r.t("reports.cohorts.again"), Value: r.share(seconds.Again, seconds.People), More: r.t("reports.cohorts.again.text", "count", seconds.Again)},
		{Name: r.t("reports.cohorts.each"), Value: r.cash(r.each(net, people)), More: r.t("reports.cohorts.each.text")},
	}
	for _, month := range []int{3, 12} {
		if n, sum := r.reached(list, month); n > 0 {
			r.page.Figures = append(r.page.Figures, namedFigure{Name: r.t("reports.cohorts.after", "count", month), Value: r.cash(r.each(sum, n)), More: r.t("reports.cohorts.after.text", "count", n)})
		}
	}
	r.cohortHeat(list, worth)
	r.cohortChart(list, worth)
	r.cohortTable(list)
	r.page.Notes = []string{r.t("reports.cohorts.note")}
	return nil
}

// age is how many months a cohort has lived, the present one included; -1 where it has no month.
func (r *reporting) age(c report.Cohort) int {
	if c.Month.IsZero() {
		return -1
	}
	return 12*(r.today.Year()-c.Month.Year()) + int(r.today.Month()) - int(c.Month.Month())
}

// reached is the people, and their net revenue until then, of the cohorts that have lived some months in full.
func (r *reporting) reached(list []report.Cohort, month int) (people int64, net decimal.Decimal) {
	for _, c := range list {
		if r.age(c) > month {
			people, net = people+c.People, net.Add(c.Until(month))
		}
	}
	return people, net
}

// returned is the people of the cohorts that have lived a month in full, and those who ordered in it.
func (r *reporting) returned(list []report.Cohort, month int) (people, came int64) {
	for _, c := range list {
		if r.age(c) > month {
			people, came = people+c.People, came+c.At(month).People
		}
	}
	return people, came
}

// cohortHeat is the table of cohorts by months of their life. The present month, which is not over, is in it.
func (r *reporting) cohortHeat(list []report.Cohort, worth bool) {
	h := &heat{Label: r.t("reports.cohorts.heat"), Corner: r.t("reports.col.first"), Size: r.t("reports.cohorts.people"), FootName: r.t("reports.cohorts.mean")}
	first, most := 1, 0.0
	if worth {
		h.Label, first = r.t("reports.cohorts.heat.worth"), 0
	}
	last := first
	value := func(c report.Cohort, month int) float64 {
		if c.People == 0 {
			return 0
		}
		if worth {
			return c.Until(month).InexactFloat64() / float64(c.People)
		}
		return float64(c.At(month).People) / float64(c.People)
	}
	for _, c := range list {
		last = max(last, min(r.age(c), cohortMonths))
		for month := first; month <= min(r.age(c), cohortMonths); month++ {
			most = max(most, value(c, month))
		}
	}
	for month := first; month <= last; month++ {
		h.Heads = append(h.Heads, r.t("reports.cohorts.month", "count", month))
	}
	show := func(f float64) string {
		if worth {
			return r.p.MoneyRound(r.amount(f))
		}
		return r.p.Percent(f, 0)
	}
	for _, c := range list {
		if c.Month.IsZero() {
			continue
		}
		end := c.Month.AddDate(0, 1, -1)
		who := report.NewPeople(report.OfFirst, report.Frame{From: c.Month, To: end})
		row := heatRow{Name: r.p.Month(r.noon(c.Month)), Href: r.whom(who), Size: r.p.Number(c.People)}
		for month := first; month <= min(r.age(c), last); month++ {
			f := value(c, month)
			one := heatCell{Text: show(f), Class: shade(f, most)}
			if came := who; c.At(month).People > 0 {
				came.Later = month
				one.Href = r.whom(came)
			}
			row.Cells = append(row.Cells, one)
		}
		h.Rows = append(h.Rows, row)
	}
	for month := first; month <= last; month++ {
		people, came := r.returned(list, month)
		_, net := r.reached(list, month)
		one := heatCell{}
		if people > 0 {
			mean := float64(came) / float64(people)
			if worth {
				mean = net.InexactFloat64() / float64(people)
			}
			one.Text = show(mean)
		}
		h.Foot = append(h.Foot, one)
	}
	r.page.Heat = h
}

// shade is one of the seven colours of a heat map.
func shade(f, most float64) string {
	if most <= 0 {
		return "h0"
	}
	return "h" + strconv.Itoa(min(6, int(f/most*6.999)))
}

// cohortChart is the mean of all cohorts over the months of their life.
func (r *reporting) cohortChart(list []report.Cohort, worth bool) {
	p := plot{PlaceName: r.t("reports.col.later"), Every: 1, Value: func(f float64) string { return r.p.Percent(f, 1) }, Tick: func(f float64) string { return r.p.Percent(f, 0) }}
	line := series{Name: r.t("reports.cohorts.back"), Class: "c-1", Area: true}
	p.Label, r.page.Heading = r.t("reports.cohorts.label"), r.t("reports.cohorts.chart")
	first := 1
	if worth {
		p.Value, p.Tick, first = r.drawn, r.tick, 0
		line.Name, p.Label, r.page.Heading = r.t("reports.cohorts.worth"), r.t("reports.cohorts.label.worth"), r.t("reports.cohorts.chart.worth")
	}
	for month := first; month <= cohortMonths; month++ {
		people, came := r.returned(list, month)
		if people == 0 {
			break
		}
		_, net := r.reached(list, month)
		p.Places = append(p.Places, r.t("reports.cohorts.month", "count", month))
		if worth {
			line.Values = append(line.Values, r.each(net, people).InexactFloat64())
		} else {
			line.Values = append(line.Values, float64(came)/float64(people))
		}
	}
	if p.Series = []series{line}; len(line.Values) > 1 {
		r.page.Chart = roomy(lineChart(p))
	} else {
		r.page.Heading = ""
	}
}

// cohortTable is every cohort and month as rows, for the export and for who wants the numbers.
func (r *reporting) cohortTable(list []report.Cohort) {
	t := &reportTable{Title: r.t("reports.cohorts.table"), Columns: r.heads("first", "people", "orders", "net", "net_each")}
	var people, orders int64
	var net decimal.Decimal
	for _, c := range list {
		name, value := r.t("reports.undated"), any(nil)
		who := report.People{}
		if !c.Month.IsZero() {
			name, value = r.p.Month(r.noon(c.Month)), c.Month.Format("2006-01")
			who = report.NewPeople(report.OfFirst, report.Frame{From: c.Month, To: c.Month.AddDate(0, 1, -1)})
		}
		var sum report.Later
		for _, m := range c.Months {
			sum.Orders, sum.Net = sum.Orders+m.Orders, sum.Net.Add(m.Net)
		}
		t.Rows = append(t.Rows, []cell{{Text: name, Head: true, Short: true, Value: value}, r.countCell(c.People, r.whom(who)), r.countCell(sum.Orders, ""), r.cashCell(sum.Net), r.cashCell(r.each(sum.Net, c.People))})
		people, orders, net = people+c.People, orders+sum.Orders, net.Add(sum.Net)
	}
	t.Foot = []cell{headCell(r.t("reports.all"), "", nil), r.countCell(people, ""), r.countCell(orders, ""), r.cashCell(net), r.cashCell(r.each(net, people))}
	r.page.Table = t
	r.stream = func(each func([]cell) error) error {
		for _, c := range list {
			if c.Month.IsZero() {
				continue
			}
			so := decimal.Zero
			for _, m := range c.Months {
				so = so.Add(m.Net)
				row := []cell{{Value: c.Month.Format("2006-01")}, {Value: c.People}, {Value: int64(m.Index)}, {Value: m.People}, r.shareCell(m.People, c.People), {Value: m.Orders}, {Value: m.Net}, {Value: so}, {Value: r.each(so, c.People)}}
				if err := each(row); err != nil {
					return err
				}
			}
		}
		return nil
	}
}

// gap is a bucket of days to the second order.
type gap struct{ from, to int }

// gaps are weeks at first, then months: most of what happens is early. The last is open.
var gaps = []gap{{0, 0}, {1, 7}, {8, 14}, {15, 21}, {22, 30}, {31, 45}, {46, 60}, {61, 90}, {91, 120}, {121, 180}, {181, 365}, {366, 36_525}}

// second is how long people take to their second order.
func (r *reporting) second() error {
	found, err := r.a.rooms.Reports.SecondOrders(r.ctx, r.q)
	if err != nil {
		return r.told(err)
	}
	first := report.NewPeople(report.OfFirst, r.monthsOf())
	r.page.Figures = []namedFigure{
		{Name: r.t("reports.cohorts.again"), Value: r.share(found.Again, found.People), More: r.t("reports.second.of", "count", found.People)},
		{Name: r.t("reports.second.median"), Value: "–", More: r.t("reports.second.median.text")},
		{Name: r.t("reports.second.half"), Value: "–", More: r.t("reports.second.half.text")},
		{Name: r.t("reports.second.month"), Value: r.share(found.Within(30), found.People), More: r.t("reports.second.month.text")},
	}
	if found.Again > 0 {
		r.page.Figures[1].Value = r.t("reports.days", "count", found.Median)
		r.page.Figures[2].Value = r.t("reports.second.between", "from", found.Quarter, "to", found.Most)
	}
	p := plot{PlaceName: r.t("reports.col.gap"), Label: r.t("reports.second.label", "frame", r.page.Range), Every: 1, Value: func(f float64) string { return r.p.Number(int64(f)) },
		Series: []series{{Name: r.t("reports.col.people"), Class: "c-1"}}}
	t := &reportTable{Title: r.t("reports.second.table"), Columns: r.heads("gap", "people", "of_again", "so_far", "of_all")}
	before := int64(0)
	for i, g := range gaps {
		until := found.Within(g.to)
		n := until - before
		before = until
		name := r.gapName(g, i == len(gaps)-1)
		p.Places, p.Heads = append(p.Places, r.gapShort(g, i == len(gaps)-1)), append(p.Heads, name)
		p.Series[0].Values = append(p.Series[0].Values, float64(n))
		who := first
		who.Days = [2]int{g.from, g.to}
		t.Rows = append(t.Rows, []cell{headCell(name, "", strconv.Itoa(g.from)), r.countCell(n, r.whom(who)), r.shareCell(n, found.Again), r.shareCell(until, found.Again), r.shareCell(until, found.People)})
	}
	never := first
	never.Again = "no"
	t.Foot = []cell{headCell(r.t("reports.second.never"), "", nil), r.countCell(found.People-before, r.whom(never)), {}, {}, r.shareCell(found.People-before, found.People)}
	r.page.Table, r.page.Heading, r.page.Chart = t, r.t("reports.second.chart"), barChart(p)
	if found.Again > 0 {
		r.page.Notes = []string{r.t("reports.second.note", "count", found.Most)}
	}
	return nil
}

// monthsOf is the frame widened to whole months, as people are counted by the month of their first order.
func (r *reporting) monthsOf() report.Frame {
	f := r.q.Frame
	if f.All() {
		return f
	}
	return report.Frame{From: time.Date(f.From.Year(), f.From.Month(), 1, 0, 0, 0, 0, time.UTC), To: time.Date(f.To.Year(), f.To.Month()+1, 0, 0, 0, 0, 0, time.UTC)}
}

func (r *reporting) gapName(g gap, last bool) string {
	switch {
	case last:
		return r.t("reports.second.over", "count", g.from-1)
	case g.to == 0:
		return r.t("reports.second.same")
	}
	return r.t("reports.second.between", "from", g.from, "to", g.to)
}

func (r *reporting) gapShort(g gap, last bool) string {
	switch {
	case last:
		return fmt.Sprintf("> %d", g.from-1)
	case g.to == 0:
		return "0"
	}
	return fmt.Sprintf("≤ %d", g.to)
}
