package catalog

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/store"
)

// Product gives one product, a deleted one too, with variants and categories, or [store.ErrNotFound].
func (c *Catalog) Product(ctx context.Context, id int64) (Product, error) {
	found, err := c.Products(ctx, []int64{id})
	if err != nil {
		return Product{}, err
	}
	p, ok := found[id]
	if !ok {
		return Product{}, fmt.Errorf("reading product %d: %w", id, store.ErrNotFound)
	}
	return p, nil
}

// Products gives products, deleted ones too, with variants and categories, by id, in three statements for each 500 of
// them. Ids that are not there are not in the answer.
func (c *Catalog) Products(ctx context.Context, ids []int64) (map[int64]Product, error) {
	ids = unique(ids, func(id int64) int64 { return id })
	found := make(map[int64]Product, len(ids))
	for part := range slices.Chunk(ids, inMax) {
		var rows []productRow
		err := c.db.NewSelect().Model(&rows).Column(productColumns...).Where("p.id IN (?)", bun.List(part)).Scan(ctx)
		if err != nil {
			return nil, fmt.Errorf("reading products: %w", err)
		}
		variants, shelves, err := parts(ctx, c.db, part)
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			p := row.product()
			for _, v := range variants[row.ID] {
				p.Variants = append(p.Variants, v.variant(row.Currency))
			}
			p.Categories = shelves[row.ID]
			found[row.ID] = p
		}
	}
	return found, nil
}

// Orders of a list.
const (
	SortName   = "name"   // from A to Z
	SortNewest = "newest" // those that came into the mirror last first
)

// ListFilter chooses products. Zero fields do not restrict.
type ListFilter struct {
	ShopID       int64
	CategoryID   int64  // directly on this shelf
	Query        string // the beginning of a word of the name or of the SKU, in any case
	OnlySellable bool   // see Product.Sellable
	Sort         string // SortName (default) or SortNewest
	After        string // cursor
	Limit        int    // default 50, at most store.PageMax
}

const defaultLimit = 50

// List gives a page of products that are not deleted, without variants and categories. next is empty on the last page.
func (c *Catalog) List(ctx context.Context, f ListFilter) (rows []Product, next string, err error) {
	q := c.db.NewSelect().Model((*productRow)(nil)).Column(productColumns...).Where("p.deleted_at IS NULL")
	if f.ShopID != 0 {
		q = q.Where("p.shop_id = ?", f.ShopID)
	}
	if f.CategoryID != 0 {
		q = q.Where("EXISTS (SELECT 1 FROM crm_product_categories s WHERE s.product_id = p.id AND s.category_id = ?)", f.CategoryID)
	}
	if query := strings.TrimSpace(f.Query); query != "" {
		prefix := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(query) + "%"
		q = q.Where("(p.name LIKE ? OR p.sku LIKE ? OR p.name LIKE ?)", prefix, prefix, "% "+prefix)
	}
	if f.OnlySellable {
		q = q.Where(sellable, bun.List([]adapters.Stock{adapters.InStock, adapters.OnBackorder}))
	}
	order := store.Keyset{{Column: "p.name"}, {Column: "p.id"}}
	if f.Sort == SortNewest {
		order = store.Keyset{{Column: "p.id", Desc: true}}
	}
	if f.After != "" {
		from, err := order.Decode(f.After)
		if err != nil {
			return nil, "", err
		}
		q = from.After(q)
	}
	limit := f.Limit
	if limit <= 0 {
		limit = defaultLimit
	}
	limit = min(limit, store.PageMax)
	var found []productRow
	if err := order.Order(q).Limit(int64(limit+1)).Scan(ctx, &found); err != nil {
		return nil, "", fmt.Errorf("listing products: %w", err)
	}
	if len(found) > limit {
		found = found[:limit]
		last := found[limit-1]
		if f.Sort == SortNewest {
			next = order.Encode(last.ID)
		} else {
			next = order.Encode(last.Name, last.ID)
		}
	}
	rows = make([]Product, len(found))
	for i, row := range found {
		rows[i] = row.product()
	}
	return rows, next, nil
}

// sellable is Product.Sellable in SQL, over alias p of rows that are not deleted.
const sellable = "p.visible AND p.price IS NOT NULL AND p.stock IN (?)"

// Counts is how much there is to sell.
type Counts struct {
	Products   int64 // not deleted
	Sellable   int64
	Categories int64 // not deleted
}

// Counts counts a shop's products and categories, or with shopID 0 those of all shops.
func (c *Catalog) Counts(ctx context.Context, shopID int64) (Counts, error) {
	var n Counts
	q := c.db.NewSelect().TableExpr("crm_products AS p").
		ColumnExpr("COUNT(*) AS products, COALESCE(SUM("+sellable+"), 0) AS sellable", bun.List([]adapters.Stock{adapters.InStock, adapters.OnBackorder})).
		Where("p.deleted_at IS NULL")
	categories := c.db.NewSelect().TableExpr("crm_categories").ColumnExpr("COUNT(*)").Where("deleted_at IS NULL")
	if shopID != 0 {
		q = q.Where("p.shop_id = ?", shopID)
		categories = categories.Where("shop_id = ?", shopID)
	}
	if err := q.Scan(ctx, &n.Products, &n.Sellable); err != nil {
		return Counts{}, fmt.Errorf("counting products: %w", err)
	}
	if err := categories.Scan(ctx, &n.Categories); err != nil {
		return Counts{}, fmt.Errorf("counting categories: %w", err)
	}
	return n, nil
}
