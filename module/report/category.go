package report

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/store"
)

// CategorySum is what the products of a category, and of those below it, brought.
type CategorySum struct {
	CategoryID int64
	Name       string
	Below      bool // there are categories below it
	Products   int64
	Quantity   decimal.Decimal
	Gross, Net decimal.Decimal
}

// Categories is what the categories of one level brought, and how that adds up.
type Categories struct {
	Parent     int64 // 0: the top
	Path       string
	Categories []CategorySum   // most net revenue first
	Several    decimal.Decimal // net of products in several of them, as often as it was counted too much
	None       decimal.Decimal // net of products in none of them
	Rest       decimal.Decimal // net that is no product's; 0 below the top
	Net        decimal.Decimal // all: the categories' less Several, and None and Rest
}

// shelf says under which category of a level another one lies.
type shelf struct{ id, bucket int64 }

// Categories gives the categories directly below one, or with parent 0 the top ones. A parent that does not exist is
// [store.ErrNotFound].
func (r *Reports) Categories(ctx context.Context, q Query, parent int64) (Categories, error) {
	all := Categories{Parent: parent}
	s, err := r.products(ctx, q)
	if err != nil {
		return all, err
	}
	tree, err := r.catalog.Categories(ctx, q.ShopID)
	if err != nil {
		return all, err
	}
	level, shelves, err := levelBelow(tree, parent)
	if err != nil {
		return all, err
	}
	sums, err := r.onShelves(ctx, s, shelves)
	if err != nil {
		return all, err
	}
	counted := decimal.Zero
	for i, c := range level.categories {
		sum := sums.of[c.CategoryID]
		c.Products, c.Quantity, c.Gross, c.Net = sum.Products, sum.Quantity, sum.Gross, sum.Net
		counted, level.categories[i] = counted.Add(c.Net), c
	}
	all.Path, all.Categories = level.path, slices.DeleteFunc(level.categories, func(c CategorySum) bool { return c.Products == 0 })
	slices.SortStableFunc(all.Categories, func(a, b CategorySum) int { return b.Net.Cmp(a.Net) })
	all.Several = counted.Sub(sums.once)
	if parent != 0 {
		whole, err := r.onShelves(ctx, s, level.own)
		if err != nil {
			return all, err
		}
		all.Net = whole.once
		all.None = all.Net.Sub(sums.once)
		return all, nil
	}
	products, _, err := r.productTotal(ctx, s)
	if err != nil {
		return all, err
	}
	orders, err := r.total(ctx, q)
	if err != nil {
		return all, err
	}
	all.Net = orders.Net()
	all.None, all.Rest = products.Net.Sub(sums.once), all.Net.Sub(products.Net)
	return all, nil
}

// level is the categories directly below one.
type level struct {
	path       string
	categories []CategorySum
	own        []shelf // the one itself and all that lies below it
}

// levelBelow sorts the tree, in which parents come before their children, by the categories directly below parent.
func levelBelow(tree []catalog.Category, parent int64) (level, []shelf, error) {
	type place struct {
		shop int64
		key  string
	}
	ids, up := map[place]int64{}, map[int64]int64{}
	l, found := level{}, parent == 0
	at := map[int64]int{}
	var shelves []shelf
	bucket := map[int64]int64{}
	for _, c := range tree {
		above := ids[place{c.ShopID, c.ParentKey}] // 0 also where the parent is gone, or comes later: a circle
		ids[place{c.ShopID, c.Key}], up[c.ID] = c.ID, above
		if c.ID == parent {
			l.path, found = c.Path, true
			l.own = append(l.own, shelf{c.ID, parent})
			continue
		}
		if above == parent {
			bucket[c.ID] = c.ID
			at[c.ID] = len(l.categories)
			l.categories = append(l.categories, CategorySum{CategoryID: c.ID, Name: c.Name})
		} else if b := bucket[above]; b != 0 {
			bucket[c.ID] = b
			l.categories[at[b]].Below = true
		}
		if b := bucket[c.ID]; b != 0 {
			shelves, l.own = append(shelves, shelf{c.ID, b}), append(l.own, shelf{c.ID, parent})
		}
	}
	if !found {
		return l, nil, fmt.Errorf("category %d: %w", parent, store.ErrNotFound)
	}
	return l, shelves, nil
}

// shelved is what was sold off shelves.
type shelved struct {
	of   map[int64]CategorySum // by bucket
	once decimal.Decimal       // net of all of them, products in several counted once
}

// onShelves adds up by bucket; a product counts once in each.
func (r *Reports) onShelves(ctx context.Context, s source, shelves []shelf) (shelved, error) {
	sums := shelved{of: map[int64]CategorySum{}}
	if len(shelves) == 0 {
		return sums, nil
	}
	var args []any
	for _, one := range shelves {
		args = append(args, one.id, one.bucket)
	}
	list := "SELECT ? AS id, ? AS bucket" + strings.Repeat(" UNION ALL SELECT ?, ?", len(shelves)-1)
	sql := `SELECT m.bucket AS category_id, COUNT(*) AS products, SUM(x.quantity) AS quantity, SUM(x.gross) AS gross, SUM(x.net) AS net, SUM(IF(m.bucket = m.first, x.net, 0)) AS once
		FROM (SELECT d.product_id, d.bucket, MIN(d.bucket) OVER (PARTITION BY d.product_id) AS first
			FROM (SELECT DISTINCT pc.product_id, b.bucket FROM (` + list + `) b JOIN crm_product_categories pc ON pc.category_id = b.id) d) m
		JOIN (SELECT c.product_id, ` + productSums + ` FROM ` + s.sql + ` GROUP BY c.product_id) x ON x.product_id = m.product_id
		GROUP BY m.bucket`
	var rows []struct {
		CategorySum `bun:",extend"`
		Once        decimal.Decimal
	}
	if err := r.db.NewRaw(sql, append(args, s.args...)...).Scan(ctx, &rows); err != nil {
		return sums, fmt.Errorf("reading sales by category: %w", err)
	}
	for _, row := range rows {
		sums.of[row.CategoryID] = row.CategorySum
		sums.once = sums.once.Add(row.Once)
	}
	return sums, nil
}
