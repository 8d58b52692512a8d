package prestashop

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// tariff is how prices come about. PrestaShop keeps them without tax; what a visitor sees who has not logged in is worked
// out from the taxes of the shop's country and from reductions. Not in it: reductions for groups as such, and ecotax.
type tariff struct {
	taxed   bool
	rates   map[int64]decimal.Decimal // in percent, by group of tax rules
	places  int32                     // decimals of a price
	special map[int64][]special       // by product, the first that fits counts; 0: for all
}

// special is a row of specific_price that is for anybody who buys one piece now.
type special struct {
	combination      int64  // 0: all
	price            string // instead of the product's; negative: none
	reduction        string
	percent, withTax bool // of the reduction
	order            int
}

// quote is a price without and with its reduction.
type quote struct{ regular, now decimal.Decimal }

// text is empty where a product is only on show.
func (q quote) text(p product) string {
	if !p.forSale {
		return ""
	}
	return q.now.String()
}

func (q quote) regularText(p product) string {
	if !p.forSale || !q.now.LessThan(q.regular) {
		return ""
	}
	return q.regular.String()
}

var hundred = decimal.NewFromInt(100)

// price is a product's, or one of its combinations'. A price that is as the shop keeps it is given as exact as it is; one
// that has to be worked out is rounded as the shop does.
func (t tariff) price(p product, c combination, errs *foreign.Check) quote {
	base := errs.Number("price", p.price)
	impact := errs.Number(fmt.Sprintf("combination %d, price", c.id), c.impact)
	factor := decimal.NewFromInt(1)
	if rate := t.rates[p.taxGroup]; t.taxed && !rate.IsZero() {
		factor = factor.Add(rate.Div(hundred))
	}
	q := quote{regular: base.Add(impact).Mul(factor)}
	q.now = q.regular
	if s, ok := t.find(p.id, c.id); ok {
		q.now = s.apply(base, impact, factor, t.taxed, errs)
	}
	if !factor.Equal(decimal.NewFromInt(1)) || !q.now.Equal(q.regular) {
		q.regular, q.now = q.regular.Round(t.places), q.now.Round(t.places)
	}
	return q
}

// find takes the first row that is for the combination or all, of those for the product and those for all products.
func (t tariff) find(product, combination int64) (special, bool) {
	var first special
	found := false
	for _, list := range [][]special{t.special[product], t.special[0]} {
		i := slices.IndexFunc(list, func(s special) bool { return s.combination == 0 || s.combination == combination })
		if i >= 0 && (!found || list[i].order < first.order) {
			first, found = list[i], true
		}
	}
	return first, found
}

func (s special) apply(base, impact, factor decimal.Decimal, taxed bool, errs *foreign.Check) decimal.Decimal {
	fixed, reduction := errs.Number("specific_price, price", s.price), errs.Number("specific_price, reduction", s.reduction)
	price := base.Add(impact)
	switch {
	case fixed.IsNegative():
	case s.combination > 0:
		price = fixed // it is the combination's own
	default:
		price = fixed.Add(impact)
	}
	price = price.Mul(factor)
	switch {
	case s.percent:
		return price.Sub(price.Mul(reduction))
	case taxed && !s.withTax:
		reduction = reduction.Mul(factor)
	case !taxed && s.withTax:
		reduction = reduction.Div(factor)
	}
	return decimal.Max(price.Sub(reduction), decimal.Zero)
}

// tariff costs three statements.
func (r *reader) tariff(ctx context.Context, ids []int64, products map[int64]product) (t tariff, err error) {
	if t.taxed, err = r.taxed(ctx); err != nil {
		return t, err
	}
	if t.places, err = r.places(ctx); err != nil {
		return t, err
	}
	if t.rates, err = r.rates(ctx, products); err != nil {
		return t, err
	}
	t.special, err = r.specials(ctx, ids)
	return t, err
}

// taxed says whether a visitor sees prices with tax: the group of visitors decides.
func (r *reader) taxed(ctx context.Context) (taxed bool, err error) {
	err = r.One(ctx, "groups of customers", "SELECT COALESCE((SELECT price_display_method FROM {group} WHERE id_group = ?), 0) = 0", []any{r.id("PS_UNIDENTIFIED_GROUP")}, &taxed)
	return taxed && r.on("PS_TAX"), err
}

// places is how many decimals a price has: the main currency's own, or before 1.7.6 one setting for all.
func (r *reader) places(ctx context.Context) (int32, error) {
	const usual, most = 2, 6
	places := int64(usual)
	if text := r.settings["PS_PRICE_DISPLAY_PRECISION"]; text != "" {
		places = foreign.ID(text)
	}
	if r.shape.precision {
		err := r.One(ctx, "currencies", "SELECT COALESCE((SELECT `precision` FROM {currency} WHERE id_currency = ?), 2)", []any{r.id("PS_CURRENCY_DEFAULT")}, &places)
		if err != nil {
			return usual, err
		}
	}
	return int32(min(max(places, 0), most)), nil
}

// rates are the taxes in the shop's country. Where several apply there, the first counts.
func (r *reader) rates(ctx context.Context, products map[int64]product) (map[int64]decimal.Decimal, error) {
	var groups []int64
	for _, p := range products {
		groups = append(groups, p.taxGroup)
	}
	slices.Sort(groups)
	rates := map[int64]decimal.Decimal{}
	err := r.Each(ctx, "taxes", `SELECT u.id_tax_rules_group, x.rate FROM {tax_rule} u JOIN {tax} x ON x.id_tax = u.id_tax
		WHERE u.id_tax_rules_group `+follow.In(slices.Compact(groups))+` AND u.id_country = ? AND u.id_state = 0 AND u.zipcode_from IN ('', '0') AND x.active = 1
		ORDER BY u.id_tax_rules_group, u.id_tax_rule`, []any{r.id("PS_COUNTRY_DEFAULT")}, func(scan func(...any) error) error {
		var group int64
		var text string
		if err := scan(&group, &text); err != nil {
			return err
		}
		rate, err := foreign.Decimal(text)
		if _, known := rates[group]; !known && err == nil {
			rates[group] = rate
		}
		return err
	})
	return rates, err
}

// specials are the reductions that anybody has, the one that goes first in front: PrestaShop prefers what is for a
// combination, then what is no rule for whole shelves, then what fits the buyer most closely, in an order that is a setting.
func (r *reader) specials(ctx context.Context, ids []int64) (map[int64][]special, error) {
	all := map[int64][]special{}
	if r.settings["PS_SPECIFIC_PRICE_FEATURE_ACTIVE"] == "0" {
		return all, nil
	}
	wall := r.now.In(r.zone).Format(dateTime)
	// "+ 0" hides the indexes which these columns have: nearly all rows are for nobody in particular.
	statement := "SELECT s.id_product, s.id_product_attribute, s.price, s.reduction, s.reduction_type = 'percentage', s.reduction_tax FROM {specific_price} s" +
		" WHERE s.id_product IN (0," + strings.TrimPrefix(follow.In(ids), "IN (") +
		" AND s.id_shop + 0 IN (0, ?) AND s.id_shop_group IN (0, ?) AND s.id_currency IN (0, ?) AND s.id_country IN (0, ?) AND s.id_group IN (0, ?)" +
		" AND s.id_customer + 0 = 0 AND s.id_cart + 0 = 0 AND s.from_quantity + 0 <= 1" +
		" AND (s.`from` < '1000-01-01' OR s.`from` <= ?) AND (s.`to` < '1000-01-01' OR s.`to` >= ?)" +
		" ORDER BY s.id_product_attribute DESC, s.from_quantity DESC, s.id_specific_price_rule, " + r.closeness() + " DESC, s.`to` DESC, s.`from` DESC, s.id_specific_price"
	order := 0
	err := r.Each(ctx, "reductions", statement, []any{r.shop, r.group, r.id("PS_CURRENCY_DEFAULT"), r.id("PS_COUNTRY_DEFAULT"), r.id("PS_UNIDENTIFIED_GROUP"), wall, wall},
		func(scan func(...any) error) error {
			var product int64
			order++
			s := special{order: order}
			err := scan(&product, &s.combination, &s.price, &s.reduction, &s.percent, &s.withTax)
			all[product] = append(all[product], s)
			return err
		})
	return all, err
}

// closeness is an expression for how closely a reduction fits: what is named first in the setting weighs most.
func (r *reader) closeness() string {
	fields := strings.Split(foreign.First(r.settings["PS_SPECIFIC_PRICE_PRIORITIES"], "id_shop;id_currency;id_country;id_group"), ";")
	sum := "0"
	for i, f := range fields {
		if slices.Contains([]string{"id_shop", "id_currency", "id_country", "id_group"}, f) && i < 8 {
			sum += fmt.Sprintf(" + (s.%s > 0) * %d", f, 1<<(8-i))
		}
	}
	return sum
}
