package segment

import (
	"context"

	"github.com/kupec/kupec/module/staff"
)

// Export gives the people of a saved segment as a question, for a list of them to be given out. It needs
// [staff.ExportPeople], and the audit log keeps which segment it was. A product or a category that is gone is an
// [*InvalidError].
func (s *Segments) Export(ctx context.Context, id, shopID int64) (Query, error) {
	if _, err := staff.Require(ctx, staff.ExportPeople); err != nil {
		return Query{}, err
	}
	saved, err := s.Get(ctx, id)
	if err != nil {
		return Query{}, err
	}
	people, err := s.Compile(ctx, saved.Tree, Scope{ShopID: shopID})
	if err != nil {
		return Query{}, err
	}
	return people, staff.Record(ctx, s.db, "segment.export", "segment", id, map[string]any{"name": saved.Name})
}
