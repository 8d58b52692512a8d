package admin

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/insight"
	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// rfmPage is how a shop's buyers stand by how lately, how often and for how much they bought.
type rfmPage struct {
	frame
	Shop    string
	AsOf    time.Time // zero: nobody has ranked them yet
	Methods []tab
	About   string
	Heads   []string // of the matrix's columns: recency, from the latest
	Rows    []rfmRow
	Groups  []groupRow
	Months  []tab
	Moves   moveTable
	Bounds  []boundField
	Own     bool
	CanEdit bool
}

type rfmRow struct {
	Name  string
	Cells []rfmCell
}

type rfmCell struct {
	Heat   int // 0 to 6, by people
	People int64
	Net    string
	Href   string // "": nobody stands here
	Title  string
}

type groupRow struct {
	Name, About, Net, Href, Share string
	People                        int64
}

// moveTable is who went from where to where in a month.
type moveTable struct {
	Month string
	Heads []string
	Rows  []moveRow
	Text  string
}

type moveRow struct {
	Name  string
	Cells []moveCell
}

type moveCell struct {
	People int64
	Stayed bool
	Href   string // "" where the people cannot be listed
}

type boundField struct {
	Name, Label, Hint string
	Values            [4]string
}

func (v *visit) rfmPage() (*rfmPage, error) {
	page := &rfmPage{frame: v.frame("customers", v.t("rfm.title")), Shop: v.shop.Name, CanEdit: v.may(staff.ManageShops)}
	page.Back = &backLink{v.t("customers.title"), v.a.link("/customers")}
	method := insight.Fixed
	for _, m := range insight.Methods {
		if v.query("by") == string(m) {
			method = m
		}
	}
	r, err := v.a.rooms.Facts.Ranking(v.ctx, v.shop.ID, method)
	if errors.Is(err, store.ErrNotFound) {
		return page, nil
	}
	if err != nil {
		return nil, err
	}
	page.Intro = v.t("rfm.intro", "shop", v.shop.Name)
	page.AsOf, page.About, page.Own = r.AsOf, v.t("rfm.about."+string(method)), r.Bounds.Own
	for _, m := range insight.Methods {
		by := string(m)
		if m == insight.Fixed {
			by = ""
		}
		page.Methods = append(page.Methods, tab{Label: v.t("rfm.method." + string(m)), Href: v.a.link(v.here("by", by)), Here: m == method})
	}
	v.rfmMatrix(page, r, method)
	v.rfmGroups(page, r)
	v.rfmMoves(page, r)
	page.Bounds = v.boundFields(r.Bounds)
	return page, nil
}

// nets writes sums of several currencies in a row.
func (v *visit) nets(all []money.Money) string {
	parts := make([]string, len(all))
	for i, m := range all {
		parts[i] = v.p.MoneyRound(m)
	}
	return strings.Join(parts, ", ")
}

func (v *visit) rfmMatrix(page *rfmPage, r insight.Ranking, method insight.Method) {
	most := int64(0)
	for _, c := range r.Cells {
		most = max(most, c.People)
	}
	for recency := 5; recency >= 1; recency-- {
		page.Heads = append(page.Heads, v.rfmHead("recency", recency, r.Bounds, method))
	}
	for frequency := 5; frequency >= 1; frequency-- {
		row := rfmRow{Name: v.rfmHead("frequency", frequency, r.Bounds, method)}
		for recency := 5; recency >= 1; recency-- {
			var cell rfmCell
			i := slices.IndexFunc(r.Cells, func(c insight.Cell) bool { return c.Recency == recency && c.Frequency == frequency })
			if i >= 0 {
				c := r.Cells[i]
				cell = rfmCell{Heat: int(6 * c.People / most), People: c.People, Net: v.nets(c.Net), Title: v.t("rfm.cell", "count", c.People, "net", v.nets(c.Net)),
					Href: v.people("rfm", fmt.Sprintf("%s-%d-%d", method, recency, frequency))}
			}
			row.Cells = append(row.Cells, cell)
		}
		page.Rows = append(page.Rows, row)
	}
}

// rfmHead says what a score of 1 to 5 stands for.
func (v *visit) rfmHead(what string, score int, b insight.Bounds, method insight.Method) string {
	if method != insight.Fixed {
		return v.t("rfm.fifth."+what, "score", score)
	}
	if what == "recency" {
		switch score {
		case 5:
			return v.t("rfm.recency.first", "count", int64(b.Recency[0]))
		case 1:
			return v.t("rfm.recency.last", "count", int64(b.Recency[3]))
		}
		return v.t("rfm.recency.between", "from", b.Recency[4-score]+1, "count", int64(b.Recency[5-score]))
	}
	switch score {
	case 5:
		return v.t("rfm.frequency.most", "count", int64(b.Frequency[3]))
	case 1:
		if b.Frequency[0] == 2 {
			return v.t("rfm.frequency.just", "count", int64(1))
		}
		return v.t("rfm.frequency.between", "from", 1, "count", int64(b.Frequency[0])-1)
	}
	from, to := int64(b.Frequency[score-2]), int64(b.Frequency[score-1])-1
	if from == to {
		return v.t("rfm.frequency.just", "count", from)
	}
	return v.t("rfm.frequency.between", "from", from, "count", to)
}

// people is where some people are listed; "" for who may not see them.
func (v *visit) people(name, value string) string {
	if !v.may(staff.SeePeople) {
		return ""
	}
	return v.a.link(listPath("/customers", name, value))
}

func (v *visit) rfmGroups(page *rfmPage, r insight.Ranking) {
	all := int64(0)
	for _, g := range r.Groups {
		all += g.People
	}
	for _, g := range r.Groups {
		row := groupRow{Name: v.t("rfm.group." + string(g.Group)), About: v.t("rfm.group." + string(g.Group) + ".about"), People: g.People, Net: v.nets(g.Net), Share: percent(float64(g.People) * 100 / float64(max(1, all)))}
		if g.People > 0 {
			row.Href = v.people("group", string(g.Group))
		}
		page.Groups = append(page.Groups, row)
	}
}

// monthLayout is a month in an address.
const monthLayout = "2006-01"

func (v *visit) rfmMoves(page *rfmPage, r insight.Ranking) {
	latest := time.Date(r.AsOf.Year(), r.AsOf.Month(), 1, 0, 0, 0, 0, time.UTC)
	chosen := latest
	var months []time.Time
	for _, m := range r.Moves {
		if n := len(months); n > 0 && months[n-1].Equal(m.Month) {
			continue
		}
		months = append(months, m.Month)
		if m.Month.Format(monthLayout) == v.query("month") {
			chosen = m.Month
		}
	}
	for _, m := range months {
		page.Months = append(page.Months, tab{Label: v.p.Month(v.onDay(m)), Href: v.a.link(v.here("month", m.Format(monthLayout))) + "#moves", Here: m.Equal(chosen)})
	}
	page.Moves.Month = v.p.Month(v.onDay(chosen))
	from := append(slices.Clone(insight.Groups), "")
	people := map[[2]insight.Group]int64{}
	var up, down, stayed int64
	for _, m := range r.Moves {
		if !m.Month.Equal(chosen) {
			continue
		}
		people[[2]insight.Group{m.From, m.To}] = m.People
		switch at, to := slices.Index(insight.Groups, m.From), slices.Index(insight.Groups, m.To); {
		case m.From == "":
		case at == to:
			stayed += m.People
		case to < at:
			up += m.People
		default:
			down += m.People
		}
	}
	page.Moves.Text = v.t("rfm.moves.text", "up", up, "down", down, "stayed", stayed)
	for _, g := range insight.Groups {
		page.Moves.Heads = append(page.Moves.Heads, v.t("rfm.group."+string(g)))
	}
	for _, f := range from {
		row := moveRow{Name: v.t("rfm.moves.first")}
		if f != "" {
			row.Name = v.t("rfm.group." + string(f))
		}
		for _, to := range insight.Groups {
			c := moveCell{People: people[[2]insight.Group{f, to}], Stayed: f == to}
			if c.People > 0 && f != "" && chosen.Equal(latest) {
				c.Href = v.people("group", string(to)+"-"+string(f))
			}
			row.Cells = append(row.Cells, c)
		}
		page.Moves.Rows = append(page.Moves.Rows, row)
	}
}

func (v *visit) boundFields(b insight.Bounds) []boundField {
	fields := []boundField{{Name: "recency", Label: v.t("rfm.bounds.recency"), Hint: v.t("rfm.bounds.recency.hint")},
		{Name: "frequency", Label: v.t("rfm.bounds.frequency"), Hint: v.t("rfm.bounds.frequency.hint")},
		{Name: "money", Label: v.t("rfm.bounds.money", "currency", b.Currency), Hint: v.t("rfm.bounds.money.hint")}}
	for i, bounds := range [][4]float64{b.Recency, b.Frequency, b.Money} {
		for k, bound := range bounds {
			fields[i].Values[k] = typed(bound)
		}
	}
	return fields
}

func (a *Admin) rfm(v *visit) error {
	page, err := v.rfmPage()
	if err != nil {
		return err
	}
	return v.render("rfm", page)
}

func (a *Admin) rfmSave(v *visit) error {
	r, err := a.rooms.Facts.Ranking(v.ctx, v.shop.ID, insight.Fixed)
	if err != nil {
		return err
	}
	if v.form("own") == "no" {
		if err := a.rooms.Facts.DropBounds(v.ctx, v.shop.ID); err != nil {
			return err
		}
		return v.done("/customers/rfm", "rfm.bounds.dropped")
	}
	b := insight.Bounds{Currency: r.Bounds.Currency}
	for name, bounds := range map[string]*[4]float64{"recency": &b.Recency, "frequency": &b.Frequency, "money": &b.Money} {
		for i := range bounds {
			bounds[i] = number(v.form(name + strconv.Itoa(i)))
		}
	}
	err = a.rooms.Facts.SaveBounds(v.ctx, v.shop.ID, b)
	if err == nil {
		return v.done("/customers/rfm", "rfm.bounds.saved")
	}
	var bad *insight.RuleError
	if !errors.As(err, &bad) {
		return err
	}
	page, err := v.rfmPage()
	if err != nil {
		return err
	}
	for i := range page.Bounds {
		for k := range page.Bounds[i].Values {
			page.Bounds[i].Values[k] = v.form(page.Bounds[i].Name + strconv.Itoa(k))
		}
	}
	page.Errors.add(bad.Field, v.t(bad.Key))
	return v.renderInvalid("rfm", page)
}

// ranked is the condition of a list that a link of the page leads to, and how it reads; false where the address names none.
func (v *visit) ranked() (where customer.Condition, name string, ok bool) {
	if method, cell, found := strings.Cut(v.query("rfm"), "-"); found {
		recency, frequency, _ := strings.Cut(cell, "-")
		r, errR := strconv.Atoi(recency)
		f, errF := strconv.Atoi(frequency)
		where, err := insight.InCell(v.shop.ID, insight.Method(method), r, f)
		if err != nil || errR != nil || errF != nil {
			return where, "", false
		}
		return where, v.t("rfm.people.cell", "recency", r, "frequency", f, "method", v.t("rfm.method."+method)), true
	}
	group, before, moved := strings.Cut(v.query("group"), "-")
	if !slices.Contains(insight.Groups, insight.Group(group)) || moved && !slices.Contains(insight.Groups, insight.Group(before)) {
		return where, "", false
	}
	name = v.t("rfm.group." + group)
	if moved {
		name = v.t("rfm.people.moved", "from", v.t("rfm.group."+before), "to", name)
	}
	return insight.InGroup(v.shop.ID, insight.Group(group), insight.Group(before)), name, true
}
