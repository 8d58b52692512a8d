package catalog

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/store"
)

// Apply stores products with their variants and shelves, those that differ from the mirror only, and says how many they
// were. A product that comes twice counts as it comes last. IDs are not looked at: the shop's key says which one it is.
// It is called in a transaction; one process at a time writes a shop.
func (c *Catalog) Apply(ctx context.Context, db bun.IDB, shopID int64, products []Product) (changed int, err error) {
	last := make(map[string]Product, len(products))
	for _, p := range products {
		last[p.Key] = p
	}
	keys := slices.Sorted(maps.Keys(last))
	prints := make(map[string]uint64, len(keys))
	for part := range slices.Chunk(keys, inMax) {
		var rows []productRow
		err := db.NewSelect().Model(&rows).Column("shop_key", "fingerprint").
			Where("p.shop_id = ?", shopID).
			Where("p.shop_key IN (?)", bun.List(part)).
			Scan(ctx)
		if err != nil {
			return 0, fmt.Errorf("comparing products: %w", err)
		}
		for _, row := range rows {
			prints[row.ShopKey] = row.Fingerprint
		}
	}
	var differ []Product
	var rows []productRow
	now := c.clock().UTC()
	for _, key := range keys {
		p := last[key]
		p.ShopID = shopID
		p.Variants = unique(p.Variants, func(v Variant) string { return v.Key })
		p.Categories = unique(p.Categories, func(id int64) int64 { return id })
		print := fingerprint(p)
		if print != prints[key] {
			differ = append(differ, p)
			rows = append(rows, rowOf(p, print, now))
		}
	}
	for part := range slices.Chunk(rows, insertMax) {
		if _, err := db.NewInsert().Model(&part).On(productUpdate).Exec(ctx); err != nil {
			return 0, fmt.Errorf("writing products: %w", err)
		}
	}
	for part := range slices.Chunk(differ, inMax) {
		if err := c.applyParts(ctx, db, shopID, part); err != nil {
			return 0, err
		}
	}
	return len(differ), nil
}

// unique sorts by key and keeps the last of those with the same one.
func unique[T any, K cmp.Ordered](all []T, key func(T) K) []T {
	last := make(map[K]T, len(all))
	for _, one := range all {
		last[key(one)] = one
	}
	sorted := make([]T, 0, len(last))
	for _, k := range slices.Sorted(maps.Keys(last)) {
		sorted = append(sorted, last[k])
	}
	return sorted
}

// applyParts writes variants and shelves of products that were just written, as far as they differ.
func (c *Catalog) applyParts(ctx context.Context, db bun.IDB, shopID int64, products []Product) error {
	keys := make([]string, len(products))
	for i, p := range products {
		keys[i] = p.Key
	}
	ids, err := c.ProductIDs(ctx, db, shopID, keys)
	if err != nil {
		return err
	}
	variants, shelves, err := parts(ctx, db, slices.Collect(maps.Values(ids)))
	if err != nil {
		return err
	}
	var newVariants []variantRow
	var newShelves, oldShelves []shelfRow
	var oldVariants []int64
	for _, p := range products {
		id := ids[p.Key]
		was := map[string]variantRow{}
		for _, v := range variants[id] {
			was[v.ShopKey] = v
		}
		for _, v := range p.Variants {
			old, ok := was[v.Key]
			if !ok || old.variant("").addTo(store.NewFingerprint()) != v.addTo(store.NewFingerprint()) {
				newVariants = append(newVariants, rowOfVariant(id, v))
			}
			delete(was, v.Key)
		}
		for _, v := range was {
			oldVariants = append(oldVariants, v.ID)
		}
		for _, shelf := range p.Categories {
			if !slices.Contains(shelves[id], shelf) {
				newShelves = append(newShelves, shelfRow{ProductID: id, CategoryID: shelf})
			}
		}
		for _, shelf := range shelves[id] {
			if !slices.Contains(p.Categories, shelf) {
				oldShelves = append(oldShelves, shelfRow{ProductID: id, CategoryID: shelf})
			}
		}
	}
	for part := range slices.Chunk(oldVariants, inMax) {
		if _, err := db.NewDelete().Model((*variantRow)(nil)).Where("id IN (?)", bun.List(part)).Exec(ctx); err != nil {
			return fmt.Errorf("taking away variants: %w", err)
		}
	}
	for part := range slices.Chunk(newVariants, insertMax) {
		if _, err := db.NewInsert().Model(&part).On(variantUpdate).Exec(ctx); err != nil {
			return fmt.Errorf("writing variants: %w", err)
		}
	}
	for part := range slices.Chunk(oldShelves, inMax) {
		if _, err := db.NewDelete().Model(&part).WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("taking products off categories: %w", err)
		}
	}
	for part := range slices.Chunk(newShelves, insertMax) {
		if _, err := db.NewInsert().Model(&part).Exec(ctx); err != nil {
			return fmt.Errorf("putting products into categories: %w", err)
		}
	}
	return nil
}

// parts reads variants, by key, and shelves, ascending, of products.
func parts(ctx context.Context, db bun.IDB, productIDs []int64) (map[int64][]variantRow, map[int64][]int64, error) {
	variants, shelves := map[int64][]variantRow{}, map[int64][]int64{}
	for part := range slices.Chunk(productIDs, inMax) {
		var rows []variantRow
		err := db.NewSelect().Model(&rows).Where("v.product_id IN (?)", bun.List(part)).Order("v.product_id", "v.shop_key").Scan(ctx)
		if err != nil {
			return nil, nil, fmt.Errorf("reading variants: %w", err)
		}
		for _, v := range rows {
			variants[v.ProductID] = append(variants[v.ProductID], v)
		}
		var links []shelfRow
		err = db.NewSelect().Model(&links).Where("s.product_id IN (?)", bun.List(part)).Order("s.product_id", "s.category_id").Scan(ctx)
		if err != nil {
			return nil, nil, fmt.Errorf("reading the categories of products: %w", err)
		}
		for _, l := range links {
			shelves[l.ProductID] = append(shelves[l.ProductID], l.CategoryID)
		}
	}
	return variants, shelves, nil
}

// Mention makes sure that products which order lines name are there, and gives their ids by key. One that the shop no
// longer delivers, or not yet, becomes a placeholder: marked deleted, under the name it was sold by. When the shop
// delivers it after all, [Catalog.Apply] writes over it.
func (c *Catalog) Mention(ctx context.Context, db bun.IDB, shopID int64, currency string, named []Mention) (map[string]int64, error) {
	byKey := make(map[string]Mention, len(named))
	for _, m := range named {
		if _, ok := byKey[m.Key]; !ok {
			byKey[m.Key] = m
		}
	}
	keys := slices.Sorted(maps.Keys(byKey))
	ids, err := c.ProductIDs(ctx, db, shopID, keys)
	if err != nil {
		return nil, err
	}
	var missing []string
	var rows []productRow
	now := c.clock().UTC()
	for _, key := range keys {
		if _, ok := ids[key]; ok {
			continue
		}
		missing = append(missing, key)
		rows = append(rows, productRow{ShopID: shopID, ShopKey: key, SKU: byKey[key].SKU, Name: byKey[key].Name, Currency: currency,
			Stock: string(adapters.OutOfStock), DeletedAt: now})
	}
	for part := range slices.Chunk(rows, insertMax) {
		if _, err := db.NewInsert().Model(&part).On("DUPLICATE KEY UPDATE shop_key = VALUES(shop_key)").Exec(ctx); err != nil {
			return nil, fmt.Errorf("noting products that only orders know: %w", err)
		}
	}
	found, err := c.ProductIDs(ctx, db, shopID, missing)
	if err != nil {
		return nil, err
	}
	maps.Copy(ids, found)
	return ids, nil
}

// ProductIDs finds products, deleted ones too, by the shop's keys. Keys that are not there are not in the answer.
func (c *Catalog) ProductIDs(ctx context.Context, db bun.IDB, shopID int64, keys []string) (map[string]int64, error) {
	return idsByKey(ctx, db, "crm_products", shopID, keys)
}

// CategoryIDs finds categories by the shop's keys. Keys that are not there are not in the answer.
func (c *Catalog) CategoryIDs(ctx context.Context, db bun.IDB, shopID int64, keys []string) (map[string]int64, error) {
	return idsByKey(ctx, db, "crm_categories", shopID, keys)
}

func idsByKey(ctx context.Context, db bun.IDB, table string, shopID int64, keys []string) (map[string]int64, error) {
	ids := make(map[string]int64, len(keys))
	for part := range slices.Chunk(keys, inMax) {
		var rows []struct {
			ID      int64
			ShopKey string
		}
		err := db.NewSelect().TableExpr(table).Column("id", "shop_key").
			Where("shop_id = ?", shopID).
			Where("shop_key IN (?)", bun.List(part)).
			Scan(ctx, &rows)
		if err != nil {
			return nil, fmt.Errorf("looking up rows of %s by the shop's keys: %w", table, err)
		}
		for _, row := range rows {
			ids[row.ShopKey] = row.ID
		}
	}
	return ids, nil
}

// Mirror is the table of the products, for comparing it with the shop.
func (c *Catalog) Mirror() store.Mirror { return store.Mirror{Table: "crm_products"} }

// Gone marks products as deleted that the shop does not have any more.
func (c *Catalog) Gone(ctx context.Context, db bun.IDB, shopID int64, keys []string) error {
	return c.Mirror().Gone(ctx, db, shopID, keys, c.clock())
}
