package admin

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/insight"
	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/staff"
)

func customerArea() area {
	return area{
		pages: []page{{"customer_list", &customersPage{}}, {"customer", &customerPage{}}, {"customer_regroup", &regroupPage{}}, {"customer_same", &samePage{}}, {"customer_choose", &choosePage{}}, {"customer_erase", &erasePage{}}, {"rfm", &rfmPage{}}, {"quality", &qualityPage{}}},
		routes: func(a *Admin, r router) {
			r.get("/customers", staff.SeePeople, a.customers)
			r.get("/customers.csv", staff.ExportPeople, a.customersExport)
			r.get("/customers.xlsx", staff.ExportPeople, a.customersExport)
			r.get("/customers/same", staff.SeePeople, a.samePeople)
			r.get("/customers/predictions", staff.SeeSales, a.quality)
			r.get("/customers/rfm", staff.SeeSales, a.rfm)
			r.post("/customers/rfm", staff.ManageShops, a.rfmSave)
			r.get("/customers/regroupings/:regrouping", staff.SeePeople, a.regrouping)
			r.post("/customers/regroupings/:regrouping/undo", staff.EditPeople, a.regroupingUndo)
			r.get("/customers/:id", staff.SeePeople, a.customer)
			r.get("/customers/:id/merge", staff.EditPeople, a.mergePreview)
			r.post("/customers/:id/merge", staff.EditPeople, a.merge)
			r.get("/customers/:id/unlink/:identity", staff.EditPeople, a.unlinkPreview)
			r.post("/customers/:id/unlink/:identity", staff.EditPeople, a.unlink)
			r.post("/customers/:id/not-same", staff.EditPeople, a.notSame)
			r.post("/customers/:id/may-be-same", staff.EditPeople, a.mayBeSame)
			r.get("/customers/:id/erase", staff.AnswerPeople, a.erasePreview)
			r.post("/customers/:id/erase", staff.AnswerPeople, a.erase)
			r.get("/customers/:id/everything.json", staff.AnswerPeople, a.everythingJSON)
			r.get("/customers/:id/everything.html", staff.AnswerPeople, a.everythingHTML)
			r.post("/customers/:id/withdraw", staff.EditPeople, a.customerWithdraw)
			r.post("/customers/:id/notes", staff.EditPeople, a.customerNote)
		},
	}
}

// customersPage is a list of people.
type customersPage struct {
	frame
	Tabs      []tab
	Query     string
	Stage     string
	Account   string // "", "yes", "no"
	Consent   string // "", "granted", "none"
	Country   string
	Countries []countryChoice
	Behind    string // whom a report meant; "" where the list was not opened from one
	Everybody string // the address without that
	Kept      []pair // of it, what the form carries on
	Sort      string
	Desc      bool
	Ranked    string // the group or cell of whose people this is
	Rank      []pair // how the address says so
	Filtered  bool
	Clear     string
	Columns   []column
	Rows      []customerRow
	Pager     *pager
	Export    *exportLinks // nil for those who may not
	CanImport bool
	Nobody    bool // nobody at all is known yet
}

// column is the head of a sortable column; Href "" cannot be sorted.
type column struct {
	Name, Class, Href, Sorted string // Sorted: "ascending", "descending" or ""
}

type countryChoice struct {
	Code, Name string
	Chosen     bool
}

type customerRow struct {
	Href, Name, Email, Initials string
	Stage                       *badge
	Consent                     badge
	Orders                      int64
	Net                         money.Money
	LastOrderAt                 time.Time
	Place                       string
}

// badge is a state in a word.
type badge struct{ Text, Tone string }

// stageTones colour a stage by whether the shop would like it.
var stageTones = map[insight.Stage]string{
	insight.StageNew: "info", insight.StageActive: "good", insight.StageLoyal: "accent", insight.StageWonBack: "good", insight.StageSlipping: "warn",
}

func (v *visit) stageBadge(stage string) *badge {
	if stage == "" {
		return nil
	}
	return &badge{v.t("stage." + stage), stageTones[insight.Stage(stage)]}
}

func (v *visit) consentBadge(state consent.State) badge {
	switch state {
	case consent.Granted:
		return badge{v.t("customers.consent.granted"), "good"}
	case consent.Withdrawn:
		return badge{v.t("customers.consent.withdrawn"), "bad"}
	}
	return badge{v.t("customers.consent.none"), ""}
}

// customerFilter reads the list's filter from the address into the page.
func (v *visit) customerFilter(page *customersPage) (customer.ListFilter, error) {
	page.Query, page.Account, page.Consent = v.query("q"), v.query("account"), v.query("consent")
	page.Desc = v.query("desc") != ""
	f := customer.ListFilter{Query: page.Query, Sort: customer.SortName, Desc: page.Desc, After: v.query("after"), Limit: 50}
	if stage := v.query("stage"); slices.Contains(insight.Stages, insight.Stage(stage)) {
		page.Stage, f.Stage = stage, stage
	}
	if sort := customer.Sort(v.query("sort")); slices.Contains([]customer.Sort{customer.SortRegistered, customer.SortLastOrder, customer.SortOrders, customer.SortNet}, sort) {
		f.Sort = sort
	}
	page.Sort = string(f.Sort)
	if page.Account == "yes" || page.Account == "no" {
		has := page.Account == "yes"
		f.HasAccount = &has
	}
	if code := strings.ToUpper(v.query("country")); len(code) == 2 {
		page.Country, f.Country = code, code
	}
	if page.Consent == "granted" || page.Consent == "none" {
		agreed, err := v.agreedToAny()
		if err != nil {
			return f, err
		}
		if page.Consent == "none" {
			agreed.SQL = "NOT " + agreed.SQL
		}
		f.Where = agreed
	} else {
		page.Consent = ""
	}
	if where, name, ok := v.ranked(); ok {
		page.Ranked = name
		page.Rank = []pair{{"rfm", v.query("rfm")}, {"group", v.query("group")}}
		if f.Where.SQL != "" {
			where.SQL += " AND " + f.Where.SQL
			where.Args = append(where.Args, f.Where.Args...)
		}
		f.Where = where
	}
	page.Filtered = page.Ranked != "" || page.Query != "" || page.Account != "" || page.Consent != "" || page.Country != ""
	return f, v.behind(page, &f)
}

// agreedToAny is the condition that a person agreed to some topic of some shop.
func (v *visit) agreedToAny() (customer.Condition, error) {
	topics, err := v.a.rooms.Consents.Topics(v.ctx)
	if err != nil {
		return customer.Condition{}, err
	}
	var any customer.Condition
	var parts []string
	for _, t := range topics {
		sql, args := consent.GrantedSQL(t.Topic, 0)
		parts, any.Args = append(parts, sql), append(any.Args, args...)
	}
	any.SQL = "(" + strings.Join(parts, " OR ") + ")"
	return any, nil
}

// peopleCounts is how many people there are, and in which stage.
type peopleCounts struct {
	all    int64
	stages map[insight.Stage]int64
}

func (v *visit) peopleCounts() (peopleCounts, error) {
	return v.a.people.get(struct{}{}, func() (peopleCounts, error) {
		counts, err := v.a.rooms.People.Counts(v.ctx)
		if err != nil {
			return peopleCounts{}, err
		}
		stages, err := v.a.rooms.Facts.Stages(v.ctx)
		return peopleCounts{counts.Profiles, stages}, err
	})
}

func (a *Admin) customers(v *visit) error {
	page := &customersPage{frame: v.frame("customers", v.t("customers.title"))}
	f, err := v.customerFilter(page)
	if err != nil {
		return err
	}
	rows, next, err := a.rooms.People.List(v.ctx, f)
	if err != nil {
		return err
	}
	counts, err := v.peopleCounts()
	if err != nil {
		return err
	}
	page.Tabs = append(page.Tabs, tab{v.t("customers.everybody"), a.link(v.here("stage", "")), v.p.Number(counts.all), page.Stage == ""})
	for _, s := range insight.Stages {
		page.Tabs = append(page.Tabs, tab{v.t("stage." + string(s)), a.link(v.here("stage", string(s))), v.p.Number(counts.stages[s]), page.Stage == string(s)})
	}
	for _, r := range rows {
		page.Rows = append(page.Rows, v.customerRow(r))
	}
	page.Nobody = counts.all == 0
	page.Clear = a.link(v.here("q", "", "account", "", "consent", "", "country", "", "rfm", "", "group", ""))
	page.Countries = v.countries(page.Country)
	page.Columns = v.customerColumns(page)
	page.Pager = v.pager(v.t("customers.shown", "count", int64(len(rows))), next)
	page.CanImport = v.may(staff.EditPeople)
	if v.may(staff.ExportPeople) && len(rows) > 0 {
		page.Export = v.exportLinks("/customers")
	}
	return v.render("customer_list", page)
}

func (v *visit) customerRow(r customer.Row) customerRow {
	p := r.Profile
	return customerRow{
		Href: v.a.link(fmt.Sprintf("/customers/%d", p.ID)), Name: v.personName(p), Email: p.Email.Unicode(), Initials: p.Name.Initials(),
		Stage: v.stageBadge(r.Stage), Consent: v.consentBadge(r.Consent), Orders: r.Orders, Net: r.Net, LastOrderAt: r.LastOrderAt, Place: v.place(p),
	}
}

// personName is a person's name, or what else tells them apart.
func (v *visit) personName(p customer.Profile) string {
	for _, name := range []string{p.Name.Display(""), p.Company, p.Email.Unicode(), p.Phone.International()} {
		if name != "" {
			return name
		}
	}
	return v.t("customers.nameless", "id", strconv.FormatInt(p.ID, 10))
}

// place is the town, or else the country.
func (v *visit) place(p customer.Profile) string {
	if p.Address.City != "" {
		return p.Address.City
	}
	return v.p.Country(p.Address.Country)
}

// customerColumns are the list's heads. A press sorts, a second one turns the order round; figures begin with the highest.
func (v *visit) customerColumns(page *customersPage) []column {
	all := []column{
		{Name: v.t("customers.column.name"), Href: string(customer.SortName)},
		{Name: v.t("customers.column.stage")},
		{Name: v.t("customers.column.consent")},
		{Name: v.t("customers.column.orders"), Class: "num", Href: string(customer.SortOrders)},
		{Name: v.t("customers.column.net"), Class: "num", Href: string(customer.SortNet)},
		{Name: v.t("customers.column.last"), Href: string(customer.SortLastOrder)},
		{Name: v.t("customers.column.place")},
	}
	for i, c := range all {
		if c.Href == "" {
			continue
		}
		desc := c.Href != string(customer.SortName)
		if c.Href == page.Sort {
			desc = !page.Desc
			all[i].Sorted = map[bool]string{false: "ascending", true: "descending"}[page.Desc]
		}
		sort, down := c.Href, ""
		if desc {
			down = "1"
		}
		if sort == string(customer.SortName) {
			sort = ""
		}
		all[i].Href = v.a.link(v.here("sort", sort, "desc", down))
	}
	return all
}

// countries is every country by its name in the reader's language.
func (v *visit) countries(chosen string) []countryChoice {
	var all []countryChoice
	for _, a := range "ABCDEFGHIJKLMNOPQRSTUVWXYZ" {
		for _, b := range "ABCDEFGHIJKLMNOPQRSTUVWXYZ" {
			code := string([]rune{a, b})
			if region, err := language.ParseRegion(code); err == nil && region.IsCountry() && region.String() == code {
				if name := v.p.Country(code); name != code && name != "" {
					all = append(all, countryChoice{code, name, code == chosen})
				}
			}
		}
	}
	order := collate.New(language.Make(v.p.Lang()))
	slices.SortFunc(all, func(a, b countryChoice) int { return order.CompareString(a.Name, b.Name) })
	return all
}

// customersExport writes the list as it is shown, all its pages.
func (a *Admin) customersExport(v *visit) error {
	f, err := v.customerFilter(&customersPage{})
	if err != nil {
		return err
	}
	return v.exportPeople(v.t("customers.export.file", "date", v.today()), f)
}
