package bitrix

import (
	"context"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// price is what an element costs, before the rules for reductions that Bitrix works out for each visitor.
type price struct {
	amount, currency string
}

// prices reads those of the base price group, for one piece; rates is how much of the base currency one of another is
// worth, read only where a price is in another currency than the shop's.
func (r *reader) prices(ctx context.Context, ids []int64) (found map[int64][]price, rates map[string]string, err error) {
	found, rates = map[int64][]price{}, map[string]string{}
	other := false
	for some := range slices.Chunk(ids, inMost) {
		err = r.Each(ctx, "prices", `SELECT v.PRODUCT_ID, v.PRICE, v.CURRENCY FROM {catalog_price} v JOIN {catalog_group} g ON g.ID = v.CATALOG_GROUP_ID
			WHERE v.PRODUCT_ID `+follow.In(some)+" AND g.BASE = 'Y' AND COALESCE(v.QUANTITY_FROM, 0) <= 1 ORDER BY v.ID", nil, func(scan func(...any) error) error {
			var id int64
			var p price
			err := scan(&id, &p.amount, &p.currency)
			found[id] = append(found[id], p)
			other = other || !strings.EqualFold(p.currency, r.currency())
			return err
		})
		if err != nil {
			return nil, nil, err
		}
	}
	if !other {
		return found, rates, nil
	}
	err = r.Each(ctx, "currencies", "SELECT CURRENCY, CURRENT_BASE_RATE FROM {catalog_currency}", nil, func(scan func(...any) error) error {
		var currency, rate string
		err := scan(&currency, follow.Text(&rate))
		rates[strings.ToUpper(currency)] = rate
		return err
	})
	return found, rates, err
}

// price is the lowest, in the shop's currency; empty where there is none, or no rate to tell it by.
func (r *reader) price(list []price, rates map[string]string, errs *foreign.Check) string {
	var least *decimal.Decimal
	for _, p := range list {
		amount := errs.Number("PRICE", p.amount)
		if currency := strings.ToUpper(p.currency); currency != r.currency() {
			from, to := errs.Number("rate of "+currency, rates[currency]), errs.Number("rate of "+r.currency(), rates[r.currency()])
			if !from.IsPositive() || !to.IsPositive() {
				continue
			}
			amount = amount.Mul(from).Div(to).Round(2)
		}
		if least == nil || amount.LessThan(*least) {
			least = &amount
		}
	}
	if least == nil {
		return ""
	}
	return least.String()
}

// stock is what b_catalog_product says of an element. D stands for the shop's own default.
type stock struct {
	kept                  bool // there is such a row; what has none cannot be bought
	quantity, trace, zero string
}

func (r *reader) stock(s stock, errs *foreign.Check) (adapters.Stock, string) {
	says := func(flag, option string) bool {
		return flag == "Y" || flag == "D" && r.options["catalog."+option] == "Y"
	}
	quantity := errs.Number("QUANTITY", s.quantity)
	switch {
	case !s.kept:
		return adapters.OutOfStock, ""
	case !says(s.trace, "default_quantity_trace"):
		return adapters.InStock, ""
	case quantity.IsPositive():
		return adapters.InStock, quantity.String()
	case says(s.zero, "default_can_buy_zero"):
		return adapters.OnBackorder, quantity.String()
	}
	return adapters.OutOfStock, quantity.String()
}

// lowest is the price from which a product can be had.
func lowest(variants []adapters.Variant) string {
	var least *decimal.Decimal
	for _, v := range variants {
		if amount, err := foreign.Decimal(v.Price); err == nil && v.Price != "" && (least == nil || amount.LessThan(*least)) {
			least = &amount
		}
	}
	if least == nil {
		return ""
	}
	return least.String()
}

// best is how the variant stands that can be had soonest.
func best(variants []adapters.Variant) adapters.Stock {
	for _, s := range []adapters.Stock{adapters.InStock, adapters.OnBackorder} {
		if slices.ContainsFunc(variants, func(v adapters.Variant) bool { return v.Stock == s }) {
			return s
		}
	}
	return adapters.OutOfStock
}
