package admin

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/recommend"
	"github.com/kupec/kupec/module/staff"
)

// offerRulesPage is what staff say of categories as offers, and what the shop favours.
type offerRulesPage struct {
	frame
	CanEdit     bool
	Accessories []offerRule
	Margins     []offerRule
	From, To    []choice // categories of an accessory's form, as chosen
	Of          []choice // likewise of a margin's
	Percent     string   // as typed
	ByMargin    []choice
	ByIdle      []choice
	Favoured    string // what is favoured now, in a sentence
}

// favours are how much what is favoured can be made to count, by the number that the form gives.
var favours = []float64{0, .1, .25, recommend.MaxFavour}

func (v *visit) offerRulesPage() (*offerRulesPage, error) {
	page := &offerRulesPage{frame: v.frame("products", v.t("offers.rules.title")), CanEdit: v.may(staff.WriteNewsletters)}
	page.Back = &backLink{v.t("products.title"), v.a.link("/products")}
	page.Intro = v.t("offers.rules.intro")
	categories, err := v.a.rooms.Catalog.Categories(v.ctx, v.shop.ID)
	if err != nil {
		return nil, err
	}
	rules, err := v.a.rooms.Recommend.ShopRules(v.ctx, v.shop.ID)
	if err != nil {
		return nil, err
	}
	paths := make(map[int64]string, len(categories))
	for _, c := range categories {
		paths[c.ID] = c.Path
	}
	page.From, page.To, page.Of = categoryChoices(categories, v.form("category")), categoryChoices(categories, v.form("other_category")), categoryChoices(categories, v.form("of"))
	page.Percent = v.form("percent")
	page.fill(v, rules, paths)
	return page, nil
}

func (page *offerRulesPage) fill(v *visit, rules []recommend.Rule, paths map[int64]string) {
	path := func(id int64) string {
		if path, known := paths[id]; known {
			return path
		}
		return v.t("offers.rules.category.gone", "id", strconv.FormatInt(id, 10))
	}
	var margin, idle float64
	for _, r := range rules {
		row := offerRule{ID: r.ID, Remove: v.t("rules.drop")}
		switch r.Act {
		case recommend.Accessory:
			row.Act, row.Name = path(r.OtherCategoryID), v.t("offers.rules.to", "category", path(r.CategoryID))
			page.Accessories = append(page.Accessories, row)
		case recommend.Margin:
			row.Act, row.Name = path(r.OtherCategoryID), v.t("rules.own.margin", "percent", v.p.Percent(r.Factor, 0))
			page.Margins = append(page.Margins, row)
		case recommend.FavourMargin:
			margin = r.Factor
		case recommend.FavourIdle:
			idle = r.Factor
		}
	}
	page.ByMargin, page.ByIdle = v.favourChoices(margin), v.favourChoices(idle)
	page.Favoured = v.t("offers.favour.now", "margin", v.favour(margin), "idle", v.favour(idle))
}

func categoryChoices(all []catalog.Category, chosen string) []choice {
	choices := make([]choice, len(all))
	for i, c := range all {
		id := strconv.FormatInt(c.ID, 10)
		choices[i] = choice{id, c.Path, id == chosen}
	}
	return choices
}

// favour is how much counts more, in words.
func (v *visit) favour(factor float64) string {
	if factor == 0 {
		return v.t("offers.favour.off")
	}
	return v.t("offers.favour.up", "percent", v.p.Percent(factor, 0))
}

func (v *visit) favourChoices(now float64) (choices []choice) {
	for _, f := range favours {
		choices = append(choices, choice{typed(f), v.favour(f), f == now})
	}
	return choices
}

func (a *Admin) offerRulesPage(v *visit) error {
	page, err := v.offerRulesPage()
	if err != nil {
		return err
	}
	return v.render("offer_rules", page)
}

// offerRulesSave keeps what one of the page's forms says, or takes a rule back.
func (a *Admin) offerRulesSave(v *visit) error {
	const path = "/products/rules"
	if drop := v.form("drop"); drop != "" {
		rule, err := strconv.ParseInt(drop, 10, 64)
		if err != nil {
			return v.refused(path, v.t("rules.gone"))
		}
		if err := a.rooms.Recommend.DropRule(v.ctx, v.shop.ID, rule); err != nil {
			return err
		}
		return v.done(path, "rules.dropped")
	}
	form := v.form("form")
	for _, rule := range v.offerRulesForm(form) {
		_, err := a.rooms.Recommend.SetRule(v.ctx, rule)
		if wrong := (*recommend.RuleError)(nil); errors.As(err, &wrong) {
			page, err := v.offerRulesPage()
			if err != nil {
				return err
			}
			page.Errors.add(fmt.Sprintf("%s-%s", form, wrong.Field), v.t(wrong.Key))
			return v.renderInvalid("offer_rules", page)
		}
		if err != nil {
			return err
		}
	}
	return v.done(path, "rules.kept")
}

// offerRulesForm are the rules that a form means. One that is none makes a rule that is refused.
func (v *visit) offerRulesForm(form string) []recommend.Rule {
	id := func(field string) int64 {
		id, err := strconv.ParseInt(v.form(field), 10, 64)
		if err != nil {
			return 0
		}
		return id
	}
	switch form {
	case "accessory":
		return []recommend.Rule{{ShopID: v.shop.ID, Act: recommend.Accessory, CategoryID: id("category"), OtherCategoryID: id("other_category")}}
	case "margin":
		return []recommend.Rule{{ShopID: v.shop.ID, Act: recommend.Margin, OtherCategoryID: id("of"), Factor: number(v.form("percent")) / 100}}
	case "favour":
		return []recommend.Rule{{ShopID: v.shop.ID, Act: recommend.FavourMargin, Factor: number(v.form("margin"))},
			{ShopID: v.shop.ID, Act: recommend.FavourIdle, Factor: number(v.form("idle"))}}
	}
	return []recommend.Rule{{ShopID: v.shop.ID}}
}
