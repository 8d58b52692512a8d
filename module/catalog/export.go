package catalog

import (
	"context"

	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// Export gives every product a filter chooses, in its order, as [Catalog.List] does, to each; an error of each ends it. It
// needs [staff.ExportPeople], and the audit log keeps that it was begun, before the first row leaves.
func (c *Catalog) Export(ctx context.Context, f ListFilter, each func(Product) error) error {
	if _, err := staff.Require(ctx, staff.ExportPeople); err != nil {
		return err
	}
	filter := map[string]any{"shop": f.ShopID, "category": f.CategoryID, "sellable": f.OnlySellable, "searched": f.Query != ""}
	if err := staff.Record(ctx, c.db, "product.export", "product", 0, filter); err != nil {
		return err
	}
	f.After, f.Limit = "", store.PageMax
	for {
		page, next, err := c.List(ctx, f)
		if err != nil {
			return err
		}
		for _, product := range page {
			if err := each(product); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		f.After = next
	}
}
