package admin

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"time"

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
	r.page.Tabs = append(r.page.Tabs, tab{Label: v.t("rfm.title"), Href: v.a.link("/customers/rfm")}) // with the customers: it is of today, not of a frame
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
