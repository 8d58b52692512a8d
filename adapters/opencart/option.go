package opencart

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// A product may have options, and each option values: the size with 250 g and 1 kg, a card with "yes". Those of which a buyer
// must choose one make variants: one for each combination, called by the ids of its values in the order of their options
// ("17-23"). Extras that may be left out, ticked or written make none.
//
// What was sold of a variant is kept with the order's line as the values that were chosen: see order_option.go.

// optionKinds are of which one is chosen.
var optionKinds = follow.Quoted("select", "radio")

// optionValue is a value that a product's option can take.
type optionValue struct {
	option, id int64 // product_option_id, product_option_value_id
	value      int64 // option_value_id, by which it has a name
	required   bool
	counted    bool // the shop counts what it has of it
	quantity   int64
	surcharge  decimal.Decimal
	name       string
}

// options reads the values of products' options by product, in the order in which the shop shows them. The tables have no
// index on the product, and OpenCart itself reads them whole for each product that it shows; here that is done once a page.
func (r *reader) options(ctx context.Context, products []int64) (map[int64][]optionValue, error) {
	all := map[int64][]optionValue{}
	var named []int64
	err := r.Each(ctx, "options", `SELECT v.product_id, v.product_option_id, v.product_option_value_id, COALESCE(v.option_value_id, 0), COALESCE(p.required, 0),
			COALESCE(v.subtract, 0), COALESCE(v.quantity, 0), v.price, v.price_prefix
		FROM {product_option_value} v JOIN {product_option} p ON p.product_option_id = v.product_option_id
		JOIN {option} o ON o.option_id = p.option_id AND o.type IN (`+optionKinds+`) LEFT JOIN {option_value} ov ON ov.option_value_id = v.option_value_id
		WHERE v.product_id `+follow.In(products)+` ORDER BY v.product_id, o.sort_order, v.product_option_id, ov.sort_order, v.product_option_value_id`, nil,
		func(scan func(...any) error) error {
			var product int64
			var v optionValue
			var price, prefix string
			if err := scan(&product, &v.option, &v.id, &v.value, &v.required, &v.counted, &v.quantity, follow.Text(&price), follow.Text(&prefix)); err != nil {
				return err
			}
			d, err := foreign.Decimal(price)
			switch prefix {
			case "+":
				v.surcharge = d
			case "-":
				v.surcharge = d.Neg()
			}
			all[product], named = append(all[product], v), append(named, v.value)
			return err
		})
	if err != nil {
		return nil, err
	}
	names, err := r.names(ctx, "options", "option_value_description", "option_value_id", ids(named...))
	for _, values := range all {
		for i := range values {
			values[i].name = names[values[i].value]
		}
	}
	return all, err
}

// mostCombinations is how many variants of a product are delivered. One that comes in more is a thing made to measure, and is
// delivered without.
const mostCombinations = 100

// combinations are all ways to choose one value of each option that must be chosen.
func combinations(values []optionValue) [][]optionValue {
	sets := [][]optionValue{nil}
	for i := 0; i < len(values); {
		end := i
		for end < len(values) && values[end].option == values[i].option {
			end++
		}
		if values[i].required {
			if len(sets)*(end-i) > mostCombinations {
				return nil
			}
			var more [][]optionValue
			for _, set := range sets {
				for _, v := range values[i:end] {
					more = append(more, append(set[:len(set):len(set)], v))
				}
			}
			sets = more
		}
		i = end
	}
	if len(sets) == 1 && sets[0] == nil {
		return nil
	}
	return sets
}

// variantKey is what a choice is called: the ids of the values by the ids of their options, for both stay as they are.
func variantKey(chosen []optionValue) string {
	sorted := slices.SortedFunc(slices.Values(chosen), func(a, b optionValue) int { return cmp.Or(cmp.Compare(a.option, b.option), cmp.Compare(a.id, b.id)) })
	keys := make([]string, len(sorted))
	for i, v := range sorted {
		keys[i] = foreign.Str(v.id)
	}
	return strings.Join(keys, "-")
}

func optionNames(values []optionValue) string {
	var names []string
	for _, v := range values {
		if v.name != "" {
			names = append(names, v.name)
		}
	}
	return strings.Join(names, ", ")
}
