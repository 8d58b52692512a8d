package customer

import (
	"context"

	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// Export gives every person a filter chooses, in its order, to each; an error of each ends it. It needs
// staff.ExportPeople, and the audit log keeps that it was begun, before the first row leaves.
func (r *Registry) Export(ctx context.Context, f ListFilter, each func(Row) error) error {
	if _, err := staff.Require(ctx, staff.ExportPeople); err != nil {
		return err
	}
	filter := map[string]any{"sort": f.Sort, "stage": f.Stage, "country": f.Country, "searched": f.Query != "", "narrowed": f.Where.SQL != ""}
	if err := staff.Record(ctx, r.db, "customer.export", "customer", 0, filter); err != nil {
		return err
	}
	f.After, f.Limit = "", store.PageMax
	for {
		page, next, err := r.List(ctx, f)
		if err != nil {
			return err
		}
		for _, row := range page {
			if err := each(row); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		f.After = next
	}
}
