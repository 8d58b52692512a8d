package catalog

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
)

// Category is a shelf of a shop.
type Category struct {
	ID        int64
	ShopID    int64
	Key       string
	ParentKey string // empty: top
	Name      string
	URL       string
	Products  int64  // not deleted ones directly on this shelf
	Path      string // from the top: "Coffee › Beans"
}

type categoryRow struct {
	bun.BaseModel `bun:"table:crm_categories,alias:c"`

	ID        int64     `bun:"id,pk,autoincrement"`
	ShopID    int64     `bun:"shop_id"`
	ShopKey   string    `bun:"shop_key"`
	ParentKey string    `bun:"parent_key"`
	Name      string    `bun:"name"`
	URL       string    `bun:"url"`
	Position  int       `bun:"position"`
	DeletedAt time.Time `bun:"deleted_at,nullzero"`
}

const categoryUpdate = `DUPLICATE KEY UPDATE parent_key = VALUES(parent_key), name = VALUES(name), url = VALUES(url),
	position = VALUES(position), deleted_at = NULL`

// pathSeparator stands between the names of a path.
const pathSeparator = " › "

// deepest is how many shelves may stand above one another. Shops hold categories that are their own ancestors.
const deepest = 16

// ApplyCategories makes the shop's tree be exactly all, in their order, and says how many rows were written. Those that
// are no longer there are marked deleted.
func (c *Catalog) ApplyCategories(ctx context.Context, db bun.IDB, shopID int64, all []adapters.Category) (changed int, err error) {
	var was []categoryRow
	if err := db.NewSelect().Model(&was).Where("c.shop_id = ?", shopID).Scan(ctx); err != nil {
		return 0, fmt.Errorf("reading categories: %w", err)
	}
	known := make(map[string]categoryRow, len(was))
	for _, row := range was {
		known[row.ShopKey] = row
	}
	var write []categoryRow
	seen := make(map[string]bool, len(all))
	for i, one := range all {
		if seen[one.Key] {
			continue
		}
		seen[one.Key] = true
		row := categoryRow{ShopID: shopID, ShopKey: one.Key, ParentKey: one.ParentKey, Name: one.Name, URL: one.URL, Position: i}
		old := known[one.Key]
		row.ID, old.BaseModel = old.ID, row.BaseModel
		if old != row {
			row.ID = 0
			write = append(write, row)
		}
	}
	var gone []int64
	for _, row := range was {
		if !seen[row.ShopKey] && row.DeletedAt.IsZero() {
			gone = append(gone, row.ID)
		}
	}
	for part := range slices.Chunk(write, insertMax) {
		if _, err := db.NewInsert().Model(&part).On(categoryUpdate).Exec(ctx); err != nil {
			return 0, fmt.Errorf("writing categories: %w", err)
		}
	}
	for part := range slices.Chunk(gone, inMax) {
		_, err := db.NewUpdate().Model((*categoryRow)(nil)).Set("deleted_at = ?", c.clock().UTC()).Where("id IN (?)", bun.List(part)).Exec(ctx)
		if err != nil {
			return 0, fmt.Errorf("marking categories as deleted: %w", err)
		}
	}
	return len(write) + len(gone), nil
}

// Categories gives a shop's tree, or with shopID 0 those of all shops, each parent before its children, with paths and
// how many products stand on each shelf. Deleted ones are left out; one whose parent is gone stands at the top.
func (c *Catalog) Categories(ctx context.Context, shopID int64) ([]Category, error) {
	var rows []struct {
		ID, ShopID                    int64
		ShopKey, ParentKey, Name, URL string
		Products                      int64
	}
	q := c.db.NewSelect().TableExpr("crm_categories AS c").
		ColumnExpr("c.id, c.shop_id, c.shop_key, c.parent_key, c.name, c.url").
		ColumnExpr(`(SELECT COUNT(*) FROM crm_product_categories s JOIN crm_products p ON p.id = s.product_id
			WHERE s.category_id = c.id AND p.deleted_at IS NULL) AS products`).
		Where("c.deleted_at IS NULL").
		Order("c.shop_id", "c.position", "c.id")
	if shopID != 0 {
		q = q.Where("c.shop_id = ?", shopID)
	}
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("reading categories: %w", err)
	}
	type place struct {
		shop int64
		key  string
	}
	all := make(map[place]Category, len(rows))
	for _, r := range rows {
		all[place{r.ShopID, r.ShopKey}] = Category{ID: r.ID, ShopID: r.ShopID, Key: r.ShopKey, ParentKey: r.ParentKey, Name: r.Name, URL: r.URL, Products: r.Products}
	}
	below := map[place][]Category{}
	for _, r := range rows {
		one := all[place{r.ShopID, r.ShopKey}]
		up := place{r.ShopID, r.ParentKey}
		if _, ok := all[up]; !ok || r.ParentKey == "" || circular(one, func(key string) (Category, bool) { up, ok := all[place{r.ShopID, key}]; return up, ok }) {
			up.key = ""
		}
		below[up] = append(below[up], one)
	}
	sorted := make([]Category, 0, len(rows))
	var walk func(up place, path []string)
	walk = func(up place, path []string) {
		for _, one := range below[up] {
			own := append(slices.Clip(path), one.Name)
			one.Path = strings.Join(own, pathSeparator)
			sorted = append(sorted, one)
			walk(place{one.ShopID, one.Key}, own)
		}
	}
	var last int64
	for _, r := range rows {
		if r.ShopID != last {
			walk(place{shop: r.ShopID}, nil)
			last = r.ShopID
		}
	}
	return sorted, nil
}

// circular says whether the way up from a category does not end within reason.
func circular(one Category, parent func(key string) (Category, bool)) bool {
	for range deepest {
		up, ok := parent(one.ParentKey)
		if !ok {
			return false
		}
		one = up
	}
	return true
}
