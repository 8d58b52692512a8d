package customer

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"
)

type changedRow struct {
	bun.BaseModel `bun:"table:crm_changed_people"`

	ProfileID int64
	Since     bun.NullTime
}

// markChanged notes that what makes people alike changed in these profiles: names, addresses, phones, or what belongs to
// them. Suggestions are made anew for them, see [Registry.RefreshSuggestions].
func (r *Registry) markChanged(ctx context.Context, tx bun.IDB, ids []int64) error {
	ids = slices.Compact(slices.Sorted(slices.Values(ids))) // in one order, so that two who mark do not lock each other
	for part := range slices.Chunk(ids, linkChunk) {
		rows := make([]changedRow, len(part))
		for i, id := range part {
			rows[i] = changedRow{ProfileID: id, Since: null(r.now())}
		}
		if _, err := tx.NewInsert().Model(&rows).On("DUPLICATE KEY UPDATE since = VALUES(since)").Exec(ctx); err != nil {
			return fmt.Errorf("noting which people changed: %w", err)
		}
	}
	return nil
}

// looksOther says whether something changed by which people are found alike.
func (r profileRow) looksOther(before profileRow) bool {
	return r.FirstName != before.FirstName || r.LastName != before.LastName || r.Email != before.Email || r.address() != before.address() || r.Joined != before.Joined
}
