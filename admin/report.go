package admin

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/report"
	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

func reportArea() area {
	return area{
		pages: []page{{"report", &reportPage{}}},
		routes: func(a *Admin, r router) {
			for _, k := range reportKinds {
				path := k.path()
				r.get(path, staff.SeeSales, func(v *visit) error { return v.showReport(k) })
				for _, format := range []string{".csv", ".xlsx"} {
					r.get("/reports/"+k.name+format, staff.ExportPeople, func(v *visit) error { return v.exportReport(k) })
				}
			}
			r.get("/reports/products/:id", staff.SeeSales, a.reportProduct)
		},
	}
}

// reportKind is one of the reports: a tab.
type reportKind struct {
	name   string
	months bool // its frames are of whole months
	steps  bool // it tells of steps of time
	write  func(*reporting) error
}

// reportKinds in the order of their tabs.
var reportKinds = []reportKind{
	{name: "sales", steps: true, write: (*reporting).sales},
	{name: "buyers", steps: true, write: (*reporting).buyers},
	{name: "cohorts", months: true, write: (*reporting).cohorts},
	{name: "second", months: true, write: (*reporting).second},
	{name: "products", write: (*reporting).products},
	{name: "categories", write: (*reporting).categories},
	{name: "countries", write: (*reporting).countries},
	{name: "discounts", steps: true, write: (*reporting).discounts},
}

func (k reportKind) path() string {
	if k.name == "sales" { // where the rail leads
		return "/reports"
	}
	return "/reports/" + k.name
}

// reportPage is a report of any kind.
type reportPage struct {
	frame
	Tabs     []tab
	Waiting  bool // the sums are being made
	Nothing  bool // nothing was ever sold
	Path     string
	Kept     []pair // what of the address the forms carry on
	Ranges   []tab
	Range    string
	From, To string // of the form
	Problem  string // what is wrong with the address
	Money    []tab  // currencies; none where the shop sells in one
	Steps    []tab
	Views    []tab
	Segments []choiceView
	Export   *exportLinks // nil for those who may not

	Figures []namedFigure
	Chart   *chart
	Heading string // of the chart
	Legend  []legend
	Bars    []bar
	Notes   []string
	Heat    *heat
	Table   *reportTable
}

type namedFigure struct {
	Name  string
	Value string
	More  string
	figure
}

type legend struct{ Class, Name string }

// bar is a line of a list whose parts are drawn.
type bar struct {
	Name, Href, Value, More string
	Image                   string
	Part, Second            string // per cent; Second is drawn behind the first
}

// reportTable is a report's rows, for the page and for export.
type reportTable struct {
	Title   string
	Text    string
	Columns []column
	Rows    [][]cell
	Foot    []cell
}

// cell is a place in a report's table. Value is what an export holds.
type cell struct {
	Text, Href, Small, Image string
	Num, Head, Short         bool // Short: is not broken over lines
	Value                    any
}

// heat is a table whose cells are coloured by their value.
type heat struct {
	Label, Corner, Size string
	Heads               []string
	Rows                []heatRow
	Foot                []heatCell
	FootName            string
}

type heatRow struct {
	Name, Href, Size string
	Cells            []heatCell
}

type heatCell struct{ Text, Class, Href string }

// reporting is a visit to a report.
type reporting struct {
	*visit
	kind    reportKind
	page    *reportPage
	q       report.Query
	step    report.Step
	segment int64
	today   time.Time
	stream  func(each func([]cell) error) error // rows of an export that are too many for the page
}

func (v *visit) showReport(k reportKind) error {
	r, err := v.reporting(k)
	if err != nil {
		return err
	}
	if !r.page.Waiting && !r.page.Nothing {
		if err := r.patiently(k.write); err != nil {
			return err
		}
		if v.may(staff.ExportPeople) && r.page.Table != nil && len(r.page.Table.Rows) > 0 {
			r.page.Export = v.exportLinks("/reports/" + k.name)
		}
	}
	return v.render("report", r.page)
}

// segmentTime is how long a page adds up the orders of a segment's people.
const segmentTime = 20 * time.Second

// patiently writes a report, of a segment's people for no longer than the page can wait.
func (r *reporting) patiently(write func(*reporting) error) error {
	if r.segment == 0 {
		return write(r)
	}
	all := r.ctx
	ctx, cancel := context.WithTimeout(all, segmentTime)
	defer cancel()
	r.ctx = ctx
	defer func() { r.ctx = all }()
	err := write(r)
	if ctx.Err() != nil && all.Err() == nil { // the driver may say it in other words
		err = r.told(context.DeadlineExceeded)
	}
	return err
}

// reporting reads what the address asks for.
func (v *visit) reporting(k reportKind) (*reporting, error) {
	r := &reporting{visit: v, kind: k, page: &reportPage{frame: v.frame("reports", v.t("reports."+k.name)), Path: k.path()}}
	for _, one := range reportKinds {
		r.page.Tabs = append(r.page.Tabs, tab{Label: v.t("reports." + one.name + ".tab"), Href: v.a.link(r.to(one)), Here: one.name == k.name})
	}
	state, err := v.a.rooms.Reports.State(v.ctx)
	if err != nil {
		return nil, err
	}
	if r.page.Waiting = !state.Ready; r.page.Waiting {
		return r, nil
	}
	codes, err := v.a.rooms.Reports.Currencies(v.ctx, v.shop.ID)
	if err != nil {
		return nil, err
	}
	if r.page.Nothing = len(codes) == 0; r.page.Nothing {
		return r, nil
	}
	r.today = report.Day(v.now(), v.shop.Zone)
	r.q = report.Query{ShopID: v.shop.ID, Currency: r.currency(codes)}
	r.frames()
	r.steps()
	return r, r.people()
}

// to is the address of another report with the same people, and the same frame where both count alike.
func (r *reporting) to(k reportKind) string {
	keep := url.Values{}
	names := []string{"currency", "segment"}
	if k.months == r.kind.months {
		names = append(names, "in", "from", "to")
	}
	for _, name := range names {
		if value := r.query(name); value != "" {
			keep.Set(name, value)
		}
	}
	if len(keep) == 0 {
		return k.path()
	}
	return k.path() + "?" + keep.Encode()
}

func (r *reporting) currency(codes []string) string {
	code := r.query("currency")
	if !slices.Contains(codes, code) {
		code = codes[0]
	}
	if len(codes) > 1 && r.kind.name != "second" {
		for _, c := range codes {
			r.page.Money = append(r.page.Money, tab{Label: c, Href: r.a.link(r.here("currency", c)), Here: c == code})
		}
	}
	return code
}

// people narrows the report down to a segment's, and offers all segments.
func (r *reporting) people() error {
	list, err := r.a.rooms.Segments.List(r.ctx, segment.ListFilter{})
	if err != nil {
		return err
	}
	for _, s := range list {
		id := strconv.FormatInt(s.ID, 10)
		chosen := r.query("segment") == id && s.Problem == nil
		if s.Problem == nil {
			r.page.Segments = append(r.page.Segments, choiceView{id, s.Name, chosen})
		}
		if chosen {
			r.segment, r.q.People = s.ID, &s.Tree
		}
	}
	for _, name := range []string{"currency", "in", "from", "to", "by", "view", "sort", "below"} {
		if value := r.query(name); value != "" {
			r.page.Kept = append(r.page.Kept, pair{name, value})
		}
	}
	return nil
}

// problem turns what is wrong with a chosen segment into a sentence, and says whether that was it.
func (r *reporting) problem(err error) bool {
	var gone *segment.InvalidError
	switch {
	case errors.As(err, &gone):
		r.page.Problem = r.t("reports.segment.broken")
	case r.segment != 0 && errors.Is(err, context.DeadlineExceeded):
		r.page.Problem = r.t("reports.segment.slow")
	default:
		return false
	}
	return true
}

// span is a frame that can be chosen: its name in the address, and its first day.
type span struct {
	key  string
	from time.Time
}

// frames fills in the frame: a number of days, months, this year, all time, or two dates.
func (r *reporting) frames() {
	month := time.Date(r.today.Year(), r.today.Month(), 1, 0, 0, 0, 0, time.UTC)
	all := []span{{"7", r.today.AddDate(0, 0, -6)}, {"30", r.today.AddDate(0, 0, -29)}, {"90", r.today.AddDate(0, 0, -89)}, {"12m", month.AddDate(0, -11, 0)},
		{"year", time.Date(r.today.Year(), 1, 1, 0, 0, 0, 0, time.UTC)}, {"all", time.Time{}}}
	usual := "30"
	if r.kind.months {
		all, usual = slices.Delete(all, 0, 5), "12m"
		for i, n := range []int{6, 12, 24} {
			all = slices.Insert(all, i, span{strconv.Itoa(n) + "m", month.AddDate(0, 1-n, 0)})
		}
	}
	chosen := r.query("in")
	if !slices.ContainsFunc(all, func(f span) bool { return f.key == chosen }) {
		chosen = usual
	}
	from, to, custom := r.dates()
	for _, f := range all {
		t := tab{Label: r.t("reports.in." + f.key), Href: r.a.link(r.here("in", f.key, "from", "", "to", "")), Here: f.key == chosen && !custom}
		r.page.Ranges = append(r.page.Ranges, t)
		if !t.Here {
			continue
		}
		r.page.Range = t.Label
		if f.key != "all" {
			r.q.Frame = report.Frame{From: f.from, To: r.today}
		}
	}
	if custom {
		r.q.Frame = report.Frame{From: from, To: to}
		r.page.Range = r.t("reports.from_to", "from", r.date(from), "to", r.date(to))
	}
	if !r.q.Frame.All() {
		r.page.From, r.page.To = r.q.Frame.From.Format(time.DateOnly), r.q.Frame.To.Format(time.DateOnly)
	}
}

// longest is how many years two dates may lie apart.
const longest = 50

// dates are the address's own, where there are two that make sense; otherwise the page says what is wrong.
func (r *reporting) dates() (from, to time.Time, ok bool) {
	if r.query("from") == "" && r.query("to") == "" {
		return from, to, false
	}
	from, err1 := time.Parse(time.DateOnly, r.query("from"))
	to, err2 := time.Parse(time.DateOnly, r.query("to"))
	switch {
	case err1 != nil || err2 != nil:
		r.page.Problem = r.t("reports.dates.unreadable")
	case to.Before(from):
		r.page.Problem = r.t("reports.dates.order")
	case from.Year() < 1990 || to.After(from.AddDate(longest, 0, 0)):
		r.page.Problem = r.t("reports.dates.long")
	default:
		return from, to, true
	}
	return from, to, false
}

// steps chooses days, weeks or months: what is asked for, or what makes few enough points to see.
func (r *reporting) steps() {
	if !r.kind.steps {
		return
	}
	days := r.q.Frame.Days()
	allowed := []report.Step{report.ByWeek, report.ByMonth}
	if days > 0 && days <= 400 {
		allowed = report.Steps
	}
	switch r.step = report.Step(r.query("by")); {
	case slices.Contains(allowed, r.step):
	case days > 0 && days <= 45:
		r.step = report.ByDay
	case days > 0 && days <= 190:
		r.step = report.ByWeek
	default:
		r.step = report.ByMonth
	}
	for _, s := range allowed {
		r.page.Steps = append(r.page.Steps, tab{Label: r.t("reports.by." + string(s)), Href: r.a.link(r.here("by", string(s))), Here: s == r.step})
	}
}

// date is a calendar day in words. Days have no zone; noon in the shop's keeps the printer, which has it, on the same day.
func (v *visit) date(day time.Time) string { return v.p.Date(v.noon(day)) }

func (v *visit) noon(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 12, 0, 0, 0, v.p.Zone())
}

// step is what a period is called: its day, its week's first day, its month.
func (r *reporting) period(p report.Period) string {
	switch {
	case p.From.IsZero():
		return r.t("reports.undated")
	case r.step == report.ByMonth:
		return r.p.Month(r.noon(p.From))
	case r.q.Frame.Days() > 0 && r.q.Frame.From.Year() == r.q.Frame.To.Year():
		return r.p.DateShort(r.noon(p.From))
	}
	return r.date(p.From)
}

func (r *reporting) cash(amount decimal.Decimal) string {
	return r.p.Money(money.New(amount, r.q.Currency))
}

// tick is money on an axis.
func (r *reporting) tick(f float64) string {
	if f == 0 {
		return "0"
	}
	return r.p.MoneyRound(money.New(decimal.NewFromFloat(f), r.q.Currency))
}

// roomy gives a chart the room that its axis needs.
func roomy(c *chart) *chart {
	if c != nil && slices.ContainsFunc(c.Ticks, func(t chartTick) bool { return utf8.RuneCountInString(t.Text) > 8 }) {
		c.Class += " chart--wide"
	}
	return c
}

func (r *reporting) drawn(f float64) string { return r.cash(decimal.NewFromFloat(f)) }

// each is an amount per piece.
func (r *reporting) each(amount decimal.Decimal, pieces int64) decimal.Decimal {
	return average(money.New(amount, r.q.Currency), pieces).Amount()
}

// share is a part of a whole in words, a dash where there is no whole.
func (v *visit) share(part, whole int64) string {
	if whole == 0 {
		return "–"
	}
	return v.p.Percent(float64(part)/float64(whole), 1)
}

// Cells of tables.

// timeCell names a row by its period; an export gets the first day.
func (r *reporting) timeCell(p report.Period) cell {
	c := cell{Text: r.period(p), Head: true, Short: true}
	if !p.From.IsZero() {
		c.Value = p.From.Format(time.DateOnly)
	}
	return c
}

func headCell(text, href string, value any) cell {
	return cell{Text: text, Href: href, Head: true, Value: value}
}

func (r *reporting) countCell(n int64, href string) cell {
	if n == 0 {
		href = ""
	}
	return cell{Text: r.p.Number(n), Href: href, Num: true, Value: n}
}

func (r *reporting) cashCell(amount decimal.Decimal) cell {
	return cell{Text: r.cash(amount), Num: true, Value: amount}
}

func (r *reporting) shareCell(part, whole int64) cell {
	c := cell{Text: r.share(part, whole), Num: true}
	if whole > 0 {
		c.Value = decimal.NewFromInt(part).DivRound(decimal.NewFromInt(whole), 4)
	}
	return c
}

// heads are columns of numbers after a first one of names.
func (r *reporting) heads(keys ...string) (columns []column) {
	for i, key := range keys {
		c := column{Name: r.t("reports.col." + key)}
		if i > 0 {
			c.Class = "num"
		}
		columns = append(columns, c)
	}
	return columns
}

// whom is the address of the list of the people behind a figure; "" for those who may not see people, and for nobody.
func (r *reporting) whom(p report.People) string {
	if !r.may(staff.SeePeople) || p.Of == "" {
		return ""
	}
	values := p.Values()
	if r.segment != 0 {
		values.Set("segment", strconv.FormatInt(r.segment, 10))
	}
	return r.a.link("/customers?" + values.Encode())
}

// within is everybody whose first order, or any order, was in a period; of orders without a time it is nobody.
func within(of string, p report.Period) report.People {
	if p.From.IsZero() {
		return report.People{}
	}
	return report.NewPeople(of, report.Frame{From: p.From, To: p.To})
}

// reportProduct is one product's report.
func (a *Admin) reportProduct(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	product, err := a.rooms.Catalog.Product(v.ctx, id)
	if err != nil {
		return err
	}
	if product.ShopID != v.shop.ID {
		return store.ErrNotFound
	}
	r, err := v.reporting(reportKind{name: "products"})
	if err != nil {
		return err
	}
	r.page.Title, r.page.Back = product.Name, &backLink{v.t("reports.products"), a.link(r.to(r.kind))}
	r.page.Path, r.page.Tabs = "/reports/products/"+strconv.FormatInt(id, 10), nil
	if !r.page.Waiting && !r.page.Nothing {
		if err := r.product(id); err != nil {
			return err
		}
	}
	return v.render("report", r.page)
}
