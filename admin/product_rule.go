package admin

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/recommend"
	"github.com/kupec/kupec/module/staff"
)

// ruleActs are what a rule can be made to do in the panel, by the name that the form gives it.
var ruleActs = map[string]recommend.Rule{
	"pin":    {Act: recommend.Pin},
	"more":   {Act: recommend.Boost, Factor: 2},
	"less":   {Act: recommend.Boost, Factor: .5},
	"forbid": {Act: recommend.Forbid},
	"margin": {Act: recommend.Margin},
}

// offerRules is what staff say of a product as an offer.
type offerRules struct {
	Path  string // where forms post to; "" for those who may not
	Rules []offerRule
	Own   []choice // acts for the product itself
	Pair  []choice // acts for what goes with it
}

type offerRule struct {
	ID          int64
	Name, Href  string // of the other product; "" where there is none
	Act, Remove string
}

func (v *visit) offerRules(p catalog.Product) (*offerRules, error) {
	rules, err := v.a.rooms.Recommend.Rules(v.ctx, p.ShopID, p.ID)
	if err != nil {
		return nil, err
	}
	form := &offerRules{}
	if v.may(staff.WriteNewsletters) {
		form.Path = v.a.link(fmt.Sprintf("/products/%d/rules", p.ID))
	}
	var ids []int64
	for _, r := range rules {
		ids = append(ids, r.ProductID, r.OtherID)
	}
	products, err := v.a.rooms.Catalog.Products(v.ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, r := range rules {
		row := offerRule{ID: r.ID}
		side, other := "with", r.OtherID
		switch {
		case r.ProductID == 0:
			side, other = "own", 0
		case r.OtherID == p.ID:
			side, other = "to", r.ProductID
		}
		if other != 0 {
			row.Name, row.Href = products[other].Name, v.a.link(fmt.Sprintf("/products/%d", other))
		}
		row.Act = v.t("rules." + side + "." + string(r.Act))
		switch r.Act {
		case recommend.Boost:
			row.Act = v.t("rules."+side+".boost", "factor", v.p.Number(r.Factor))
		case recommend.Margin:
			row.Act = v.t("rules.own.margin", "percent", v.p.Percent(r.Factor, 0))
		}
		row.Remove = v.t("rules.drop")
		form.Rules = append(form.Rules, row)
	}
	for _, act := range []string{"forbid", "more", "less"} {
		form.Own = append(form.Own, choice{act, v.t("rules.act." + act), false})
	}
	for _, act := range []string{"pin", "forbid", "more", "less"} {
		form.Pair = append(form.Pair, choice{act, v.t("rules.act." + act), false})
	}
	return form, nil
}

// productRule keeps a rule, or takes one back.
func (a *Admin) productRule(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	p, err := a.rooms.Catalog.Product(v.ctx, id)
	if err != nil {
		return err
	}
	path := fmt.Sprintf("/products/%d", id)
	if drop := v.form("drop"); drop != "" {
		rule, err := strconv.ParseInt(drop, 10, 64)
		if err != nil {
			return v.refused(path, v.t("rules.gone"))
		}
		if err := a.rooms.Recommend.DropRule(v.ctx, p.ShopID, rule); err != nil {
			return err
		}
		return v.done(path, "rules.dropped")
	}
	rule := ruleActs[v.form("act")]
	rule.ShopID, rule.OtherID = p.ShopID, p.ID
	if rule.Act == recommend.Margin {
		rule.Factor = number(v.form("percent")) / 100
	}
	if name := strings.TrimSpace(v.form("other")); name != "" || v.form("pair") != "" {
		other, found, err := v.productNamed(p.ShopID, name)
		if err != nil {
			return err
		}
		if !found {
			return v.refused(path, v.t("rules.unknown", "name", name))
		}
		rule.ProductID, rule.OtherID = p.ID, other
	}
	_, err = a.rooms.Recommend.SetRule(v.ctx, rule)
	if wrong := (*recommend.RuleError)(nil); errors.As(err, &wrong) {
		return v.refused(path, v.t(wrong.Key))
	}
	if err != nil {
		return err
	}
	return v.done(path, "rules.kept")
}

// productNamed finds the product that somebody means by its SKU or its name, whole.
func (v *visit) productNamed(shop int64, name string) (id int64, found bool, err error) {
	if name == "" {
		return 0, false, nil
	}
	rows, _, err := v.a.rooms.Catalog.List(v.ctx, catalog.ListFilter{ShopID: shop, Query: name, Limit: 20})
	if err != nil {
		return 0, false, err
	}
	for _, p := range rows {
		if strings.EqualFold(p.SKU, name) || strings.EqualFold(p.Name, name) {
			return p.ID, true, nil
		}
	}
	return 0, false, nil
}
