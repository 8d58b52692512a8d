package opencart

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/kupec/kupec/adapters/follow"
)

// The table order_option, with what was chosen of each product that was sold, has no index but its own key. But its rows are
// written right after the line that they belong to, also when an order is edited, so the numbers of both grow together, and
// where a line's rows are can be searched for in the primary key, as in a telephone book. All places of a page are searched
// for at once: a statement halves the range of each.

const (
	together = 1_000 // lines whose numbers are no further apart are looked for in one range
	around   = 200   // lines before and after it, whose rows others may have written between
	ranges   = 16    // of a page at most; the nearest are put together
	small    = 4_000 // a range of so few rows is read without searching on
)

// choose finds out which variants the lines are.
func (r *reader) choose(ctx context.Context, all map[int64][]line) error {
	var sold []int64
	for _, lines := range all {
		for _, l := range lines {
			if l.product > 0 && l.form == 0 {
				sold = append(sold, l.id)
			}
		}
	}
	if sold = ids(sold...); len(sold) == 0 {
		return nil
	}
	chosen, err := r.lineOptions(ctx, sold)
	if err != nil || len(chosen) == 0 {
		return err
	}
	var products []int64
	for _, lines := range all {
		for _, l := range lines {
			if len(chosen[l.id]) > 0 {
				products = append(products, l.product)
			}
		}
	}
	forms, err := r.forms(ctx, ids(products...))
	if err != nil {
		return err
	}
	for _, lines := range all {
		for i, l := range lines {
			lines[i].form, lines[i].options = variantOf(l, chosen[l.id], forms[l.product])
		}
	}
	return nil
}

// variantOf is the variant that values mean: one that is a product, where the product has such ones, else their combination.
func variantOf(l line, values []optionValue, forms []form) (id int64, options string) {
	if l.form > 0 || len(values) == 0 {
		return l.form, ""
	}
	if len(forms) == 0 {
		return 0, variantKey(slices.DeleteFunc(values, func(v optionValue) bool { return !v.required }))
	}
	chosen := map[int64]int64{}
	for _, v := range values {
		chosen[v.option] = v.id
	}
	return chosenForm(forms, chosen), ""
}

// lineOptions reads the values that were chosen by the number of the line. An option that was deleted since is taken for one
// that had to be chosen.
func (r *reader) lineOptions(ctx context.Context, lines []int64) (map[int64][]optionValue, error) {
	where, err := r.optionRows(ctx, lines)
	if err != nil || where == "" {
		return nil, err
	}
	all := map[int64][]optionValue{}
	err = r.Each(ctx, "chosen options", `SELECT v.order_product_id, COALESCE(v.product_option_id, 0), v.product_option_value_id, COALESCE(p.required, 1)
		FROM {order_option} v LEFT JOIN {product_option} p ON p.product_option_id = v.product_option_id
		WHERE (`+where+") AND v.order_product_id "+follow.In(lines)+" AND v.product_option_value_id > 0 AND v.type IN ("+optionKinds+") ORDER BY v.order_option_id", nil,
		func(scan func(...any) error) error {
			var line int64
			var v optionValue
			err := scan(&line, &v.option, &v.id, &v.required)
			all[line] = append(all[line], v)
			return err
		})
	return all, err
}

// search is for the first row of order_option that belongs to a line, or one behind it: it is after low and not after high.
type search struct{ line, low, high int64 }

// optionRows is a condition on the keys of order_option that holds for all rows of the lines.
func (r *reader) optionRows(ctx context.Context, lines []int64) (string, error) {
	var first, last int64
	if err := r.One(ctx, "chosen options", "SELECT COALESCE(MIN(order_option_id), 0), COALESCE(MAX(order_option_id), 0) FROM {order_option}", nil, &first, &last); err != nil || last == 0 {
		return "", err
	}
	var searches []search
	for _, group := range groups(lines) {
		searches = append(searches, search{group[0] - around, first - 1, last + 1}, search{group[1] + around + 1, first - 1, last + 1})
	}
	for {
		again, err := r.halve(ctx, searches)
		if err != nil {
			return "", err
		}
		if !again {
			break
		}
	}
	var conditions []string
	for pair := range slices.Chunk(searches, 2) {
		conditions = append(conditions, fmt.Sprintf("v.order_option_id > %d AND v.order_option_id < %d", pair[0].low, pair[1].high))
	}
	return strings.Join(conditions, " OR "), nil
}

// halve looks into the middle of each range that is still large, and says whether there were any.
func (r *reader) halve(ctx context.Context, searches []search) (bool, error) {
	var probes []string
	before := slices.Clone(searches)
	for i, s := range before {
		if s.high-s.low <= small {
			continue
		}
		middle := s.low + (s.high-s.low)/2
		probes = append(probes, fmt.Sprintf("(SELECT %d, order_option_id, COALESCE(order_product_id, 0) FROM {order_option} WHERE order_option_id >= %d ORDER BY order_option_id LIMIT 1)", i, middle))
		searches[i].high = middle // unless a row from there on says that it is further back
	}
	if len(probes) == 0 {
		return false, nil
	}
	return true, r.Each(ctx, "chosen options", strings.Join(probes, " UNION ALL "), nil, func(scan func(...any) error) error {
		var i int
		var id, line int64
		err := scan(&i, &id, &line)
		if err == nil && line < before[i].line {
			searches[i].low, searches[i].high = min(id, before[i].high-1), before[i].high
		}
		return err
	})
}

// groups puts numbers that are near each other together, and gives the first and the last of each group.
func groups(sorted []int64) [][2]int64 {
	var all [][2]int64
	for _, n := range sorted {
		if last := len(all) - 1; last >= 0 && n-all[last][1] <= together {
			all[last][1] = n
		} else {
			all = append(all, [2]int64{n, n})
		}
	}
	for len(all) > ranges {
		nearest := 1
		for i := 2; i < len(all); i++ {
			if all[i][0]-all[i-1][1] < all[nearest][0]-all[nearest-1][1] {
				nearest = i
			}
		}
		all[nearest-1][1] = all[nearest][1]
		all = slices.Delete(all, nearest, nearest+1)
	}
	return all
}
