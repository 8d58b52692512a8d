package newsletter

import (
	"context"

	"github.com/kupec/kupec/module/delivery"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// Export gives every recipient a filter chooses, as [Desk.Recipients] does, to each; an error of each ends it. It needs
// [staff.ExportPeople], and the audit log keeps that it was begun, before the first row leaves.
func (d *Desk) Export(ctx context.Context, id int64, filter delivery.Filter, each func(Recipient) error) error {
	if err := may(ctx, staff.ExportPeople); err != nil {
		return err
	}
	if err := staff.Record(ctx, d.db, "newsletter.export", "newsletter", id, map[string]any{"state": filter.State}); err != nil {
		return err
	}
	for after := ""; ; {
		page, next, err := d.Recipients(ctx, id, filter, after, store.PageMax)
		if err != nil {
			return err
		}
		for _, person := range page {
			if err := each(person); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		after = next
	}
}
