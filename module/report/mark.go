package report

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"
)

const marksMax = 900 // ids in one list: from 1,000 on MariaDB makes a temporary table of them

// MarkStale notes that the profiles' orders must be looked at again. It belongs into the transaction that changed them.
// Before [Reports.Check] has run once it notes nothing, for that will look at everybody: a history is copied without it.
func MarkStale(ctx context.Context, db bun.IDB, profileIDs []int64) error {
	if len(profileIDs) == 0 {
		return nil
	}
	// The row stays locked until the transaction ends. So a first Check, which sets it, waits for those who saw it unset.
	var watching []bool
	if err := db.NewRaw("SELECT watching FROM crm_report_states WHERE id = 1 LOCK IN SHARE MODE").Scan(ctx, &watching); err != nil {
		return fmt.Errorf("asking whether reports watch for changes: %w", err)
	}
	if !slices.Contains(watching, true) {
		return nil
	}
	ids := slices.Compact(slices.Sorted(slices.Values(profileIDs))) // in one order, so that two who mark do not lock each other
	for part := range slices.Chunk(ids, marksMax) {
		args := make([]any, len(part))
		for i, id := range part {
			args[i] = id
		}
		values := strings.TrimSuffix(strings.Repeat("(?, UTC_TIMESTAMP(6)), ", len(part)), ", ")
		if _, err := db.NewRaw("INSERT INTO crm_report_changes (profile_id, since) VALUES "+values+" ON DUPLICATE KEY UPDATE since = since", args...).Exec(ctx); err != nil {
			return fmt.Errorf("marking people for the reports: %w", err)
		}
	}
	return nil
}
