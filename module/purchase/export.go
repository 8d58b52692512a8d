package purchase

import (
	"context"

	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// Export gives every order a filter chooses, newest first, as [Book.Recent] does, to each; an error of each ends it. It
// needs [staff.ExportPeople], and the audit log keeps that it was begun, before the first row leaves.
func (b *Book) Export(ctx context.Context, f ListFilter, each func(Order) error) error {
	if _, err := staff.Require(ctx, staff.ExportPeople); err != nil {
		return err
	}
	filter := map[string]any{"shop": f.ShopID, "status": f.Status, "narrowed": f.NumberPrefix != "" || !f.From.IsZero() || !f.To.IsZero()}
	if err := staff.Record(ctx, b.db, "order.export", "order", 0, filter); err != nil {
		return err
	}
	f.After, f.Limit = "", store.PageMax
	for {
		page, next, err := b.Recent(ctx, f)
		if err != nil {
			return err
		}
		for _, order := range page {
			if err := each(order); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		f.After = next
	}
}
