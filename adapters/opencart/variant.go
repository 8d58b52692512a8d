package opencart

import (
	"context"
	"maps"
	"slices"

	"github.com/kupec/kupec/adapters/follow"
)

// From 4.0 on a product may be the variant of another, its master: a row of its own with price, stock and SKU, that holds
// which values of the master's options it stands for. The shop window puts the master into the cart, with the values; staff
// and interfaces put the variant there. So a sold variant is known by its own id, or by the master's and what was chosen.

// masters is the condition on products that are no variants, of the alias t.
func (r *reader) masters() string {
	if r.has("product.master_id") {
		return "COALESCE(t.master_id, 0) = 0"
	}
	return "TRUE"
}

// master is an expression for the product that a row of products or of order lines is a variant of, or 0.
func (r *reader) master(alias string) string {
	if r.has("product.master_id") {
		return "COALESCE(" + alias + ".master_id, 0)"
	}
	return "0"
}

// variantIDs finds the variants of masters. There is no index for it, so the table is read once a page; shops have thousands of
// products, not millions.
func (r *reader) variantIDs(ctx context.Context, masters []int64) (map[int64][]int64, error) {
	all := map[int64][]int64{}
	if !r.has("product.master_id") || len(masters) == 0 {
		return all, nil
	}
	err := r.Each(ctx, "variants", "SELECT t.master_id, t.product_id FROM {product} t WHERE t.master_id "+follow.In(masters)+" ORDER BY t.product_id", nil,
		func(scan func(...any) error) error {
			var master, id int64
			err := scan(&master, &id)
			all[master] = append(all[master], id)
			return err
		})
	return all, err
}

// form is a variant with the values that it stands for, by the options they are of.
type form struct {
	id      int64
	choices map[int64]int64
}

// forms reads the variants of masters, for finding out which was chosen.
func (r *reader) forms(ctx context.Context, masters []int64) (map[int64][]form, error) {
	all := map[int64][]form{}
	variants, err := r.variantIDs(ctx, masters)
	if err != nil || len(variants) == 0 {
		return all, err
	}
	products, err := r.productRows(ctx, slices.Concat(slices.Collect(maps.Values(variants))...))
	for master, list := range variants {
		all[master] = formsOf(list, products)
	}
	return all, err
}

// formsOf leaves out a variant whose values cannot be read: no choice can mean it.
func formsOf(variants []int64, products map[int64]product) []form {
	var all []form
	for _, id := range variants {
		if chosen, err := choices(products[id].variant); err == nil && len(chosen) > 0 {
			all = append(all, form{id, chosen})
		}
	}
	return all
}

// chosenForm is the variant that a choice of values means, or 0.
func chosenForm(forms []form, chosen map[int64]int64) int64 {
	for _, f := range forms {
		fits := true
		for option, value := range f.choices {
			fits = fits && chosen[option] == value
		}
		if fits {
			return f.id
		}
	}
	return 0
}

// variantName is "1 kg, whole bean": the values that a variant stands for, in the order of its master's options.
func variantName(text string, options []optionValue) string {
	chosen, err := choices(text)
	if err != nil {
		return ""
	}
	return optionNames(slices.DeleteFunc(slices.Clone(options), func(v optionValue) bool { return chosen[v.option] != v.id }))
}
