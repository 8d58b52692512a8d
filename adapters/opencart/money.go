package opencart

import (
	"context"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// kept is how many places OpenCart keeps of an amount.
const kept = 4

// places reads how many places the shop shows of each of its currencies.
func (r *reader) places(ctx context.Context) (map[string]int32, error) {
	all := map[string]int32{}
	err := r.Each(ctx, "currencies", "SELECT code, decimal_place FROM {currency}", nil, func(scan func(...any) error) error {
		var code, text string
		err := scan(follow.Text(&code), follow.Text(&text))
		all[strings.ToUpper(code)] = int32(min(foreign.ID(text), kept))
		return err
	})
	return all, err
}

// rate is one of a class of taxes.
type rate struct {
	percent bool // of the price; else an amount
	value   decimal.Decimal
}

// taxes reads the rates by class that a guest in the shop's own country pays, or none where the shop shows prices without
// tax. A rule may be based on where the shop is, or on where the goods or the bill go; config_tax_default says which of the
// latter are taken to be the shop's own place until a visitor has told.
func (r *reader) taxes(ctx context.Context) (map[int64][]rate, error) {
	all := map[int64][]rate{}
	if r.settings["config_tax"] != "1" {
		return all, nil
	}
	err := r.Each(ctx, "tax rates", `SELECT DISTINCT l.tax_class_id, e.tax_rate_id, e.type, e.rate FROM {tax_rule} l JOIN {tax_rate} e ON e.tax_rate_id = l.tax_rate_id
		JOIN {tax_rate_to_customer_group} g ON g.tax_rate_id = e.tax_rate_id AND g.customer_group_id = ?
		JOIN {zone_to_geo_zone} z ON z.geo_zone_id = e.geo_zone_id AND z.country_id = ? AND (z.zone_id = 0 OR z.zone_id = ?)
		WHERE l.based IN ('store', ?) ORDER BY l.tax_class_id, e.tax_rate_id`,
		[]any{r.number("config_customer_group_id"), r.number("config_country_id"), r.number("config_zone_id"), r.settings["config_tax_default"]},
		func(scan func(...any) error) error {
			var class, id int64
			var kind, text string
			if err := scan(&class, &id, follow.Text(&kind), follow.Text(&text)); err != nil {
				return err
			}
			d, err := foreign.Decimal(text)
			if err == nil {
				all[class] = append(all[class], rate{percent: kind == "P", value: d})
			}
			return err
		})
	return all, err
}

// till turns prices as they are kept into what a buyer sees.
type till struct {
	taxes  map[int64][]rate
	places int32
}

func (r *reader) till(ctx context.Context) (till, error) {
	taxes, err := r.taxes(ctx)
	if err != nil {
		return till{}, err
	}
	places, err := r.places(ctx)
	if err != nil {
		return till{}, err
	}
	t := till{taxes: taxes, places: kept}
	if n, ok := places[r.currency()]; ok {
		t.places = n
	}
	return t, nil
}

// shown adds the taxes of a class, each to the bare price. The sum has more places than anybody pays, and is rounded as the
// shop shows it; what bears no tax stays as it is kept.
func (t till) shown(net decimal.Decimal, class int64) decimal.Decimal {
	rates := t.taxes[class]
	if len(rates) == 0 {
		return net
	}
	gross := net
	for _, r := range rates {
		if r.percent {
			gross = gross.Add(net.Mul(r.value).Shift(-2))
		} else {
			gross = gross.Add(r.value)
		}
	}
	return gross.Round(t.places)
}
