package recommend

import (
	"cmp"
	"context"
	"fmt"
	"slices"
)

// tree is how a shop's products stand on its shelves.
type tree struct {
	leaves  map[int64]int64 // by product: the one category that says most about it
	members []member        // every shelf of every product, by product
	above   map[int64]int64 // by category: the one it is in
}

type member struct {
	ProductID, CategoryID int64
	Offerable             bool // when it was read
}

// deepest is how far up a tree is climbed: shops hold categories that are their own ancestors.
const deepest = 16

// readTree reads them. A product's leaf is a category that has none below it, and of these the smallest.
func (e *Engine) readTree(ctx context.Context, shopID int64, pictured bool) (*tree, error) {
	all, err := e.products.Categories(ctx, shopID)
	if err != nil {
		return nil, err
	}
	byKey, parents := make(map[string]int64, len(all)), map[string]bool{}
	for _, c := range all {
		byKey[c.Key], parents[c.ParentKey] = c.ID, true
	}
	type standing struct {
		above bool
		size  int64
	}
	t := &tree{leaves: map[int64]int64{}, above: make(map[int64]int64, len(all))}
	of := make(map[int64]standing, len(all))
	for _, c := range all {
		of[c.ID], t.above[c.ID] = standing{parents[c.Key], c.Products}, byKey[c.ParentKey]
	}
	err = e.db.NewRaw(`SELECT pc.product_id, pc.category_id, (`+offerable+`) AS offerable
		FROM crm_products AS p JOIN crm_product_categories AS pc ON pc.product_id = p.id WHERE p.shop_id = ?`, offerableStock, pictured, shopID).Scan(ctx, &t.members)
	if err != nil {
		return nil, fmt.Errorf("reading the categories of products: %w", err)
	}
	t.members = slices.DeleteFunc(t.members, func(m member) bool { _, exists := of[m.CategoryID]; return !exists })
	slices.SortFunc(t.members, func(a, b member) int {
		return cmp.Or(cmp.Compare(a.ProductID, b.ProductID), cmp.Compare(a.CategoryID, b.CategoryID))
	})
	rank := func(a, b int64) int {
		switch x, y := of[a], of[b]; {
		case x.above != y.above && x.above:
			return 1
		case x.above != y.above:
			return -1
		default:
			return cmp.Or(cmp.Compare(x.size, y.size), cmp.Compare(a, b))
		}
	}
	for _, m := range t.members {
		if best, known := t.leaves[m.ProductID]; !known || rank(m.CategoryID, best) < 0 {
			t.leaves[m.ProductID] = m.CategoryID
		}
	}
	return t, nil
}

// shelvesOf are all the categories that a product is in, its leaf and what is above that first, each once.
func (t *tree) shelvesOf(product int64) []int64 {
	var found []int64
	climb := func(category int64) {
		for range deepest {
			if category == 0 || slices.Contains(found, category) {
				return
			}
			found = append(found, category)
			category = t.above[category]
		}
	}
	climb(t.leaves[product])
	from, _ := slices.BinarySearchFunc(t.members, product, func(m member, id int64) int { return cmp.Compare(m.ProductID, id) })
	for _, m := range t.members[from:] {
		if m.ProductID != product {
			break
		}
		climb(m.CategoryID)
	}
	return found
}

// inside says whether a category is another one, or somewhere below it.
func (t *tree) inside(category, other int64) bool {
	for range deepest {
		if category == other || category == 0 {
			break
		}
		category = t.above[category]
	}
	return category == other
}
