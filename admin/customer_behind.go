package admin

import (
	"errors"
	"strconv"
	"strings"

	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/report"
	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/store"
)

// behind narrows the list down to the people behind a figure of a report, whom the address names.
func (v *visit) behind(page *customersPage, f *customer.ListFilter) error {
	people, there, err := report.ParsePeople(v.query)
	if !there {
		return nil
	}
	var wrong *report.InvalidError
	if errors.As(err, &wrong) {
		return errNoPage
	}
	if err != nil {
		return err
	}
	and := func(c customer.Condition) {
		if f.Where.SQL != "" {
			c.SQL = f.Where.SQL + " AND " + c.SQL
		}
		f.Where = customer.Condition{SQL: c.SQL, Args: append(f.Where.Args, c.Args...)}
	}
	and(people.Where(v.shop.ID))
	said, err := v.said(people)
	if err != nil {
		return err
	}
	if id, err := strconv.ParseInt(v.query("segment"), 10, 64); err == nil {
		saved, err := v.a.rooms.Segments.Get(v.ctx, id)
		if err != nil {
			return err
		}
		chosen, err := v.a.rooms.Segments.Compile(v.ctx, saved.Tree, segment.Scope{ShopID: v.shop.ID})
		if err != nil {
			return err
		}
		and(customer.Condition(chosen))
		said = append(said, v.t("reports.people.segment", "name", saved.Name))
	}
	page.Behind = strings.Join(said, " · ")
	var none []string
	for _, name := range report.PeopleFields {
		none = append(none, name, "")
		if value := v.query(name); value != "" {
			page.Kept = append(page.Kept, pair{name, value})
		}
	}
	page.Everybody = v.a.link(v.here(none...))
	return nil
}

// said is whom a report means, in parts of a sentence.
func (v *visit) said(p report.People) ([]string, error) {
	said := []string{v.t("reports.people."+p.Of, "from", v.date(p.From), "to", v.date(p.To))}
	if p.From.Year() < 1990 {
		said[0] = v.t("reports.people.first.ever")
	}
	for _, word := range []struct{ name, value string }{{"again", p.Again}, {"place", p.Place}, {"reduced", p.Reduced}} {
		if word.value != "" {
			said = append(said, v.t("reports.people."+word.name+"."+word.value))
		}
	}
	if p.Later > 0 {
		said = append(said, v.t("reports.people.later", "count", p.Later))
	}
	if p.Days[0] >= 0 {
		said = append(said, v.t("reports.people.days", "from", p.Days[0], "to", p.Days[1]))
	}
	if p.Country != "" {
		name := v.t("reports.countries.unknown")
		if p.Country != "-" {
			name = v.p.Country(p.Country)
		}
		said = append(said, v.t("reports.people.country", "country", name))
	}
	if p.Product != 0 {
		product, err := v.a.rooms.Catalog.Product(v.ctx, p.Product)
		if errors.Is(err, store.ErrNotFound) {
			product, err = catalog.Product{Name: v.t("reports.products.nameless", "id", strconv.FormatInt(p.Product, 10))}, nil
		}
		if err != nil {
			return nil, err
		}
		said = append(said, product.Name)
	}
	return said, nil
}
