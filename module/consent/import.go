package consent

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// SourceImport is what another program recorded before; Wording and At say what and when.
const SourceImport = "import"

const importChunk = 1000

// Import records statements that were made elsewhere, in bulk, for people who have said nothing about the topic to the
// shop yet: whoever has is left as they are, for what they told us counts more. It gives how many were recorded. Chunks
// are transactions of their own; a repeated import records nothing again. It needs [staff.ManageMail].
func (l *Ledger) Import(ctx context.Context, entries []Entry) (recorded int, err error) {
	if _, err := staff.Require(ctx, staff.ManageMail); err != nil {
		return 0, err
	}
	for _, e := range entries {
		if err := e.check(); err != nil {
			return 0, err
		}
	}
	for chunk := range slices.Chunk(entries, importChunk) {
		var n int
		err := store.InTx(ctx, l.db, func(ctx context.Context, tx bun.Tx) error {
			n, err = l.importChunk(ctx, tx, chunk)
			return err
		})
		if err != nil {
			return recorded, fmt.Errorf("importing consents: %w", err)
		}
		recorded += n
	}
	return recorded, nil
}

func (l *Ledger) importChunk(ctx context.Context, tx bun.Tx, chunk []Entry) (int, error) {
	type key struct {
		profile int64
		topic   string
		shop    int64
	}
	// An empty state row is written for everybody, or locked where there is one: nobody else's entry comes between.
	held := make([]stateRow, 0, len(chunk))
	profiles := make([]int64, 0, len(chunk))
	for _, e := range chunk {
		held = append(held, stateRow{ProfileID: e.ProfileID, Topic: e.Topic, ShopID: e.ShopID, State: Withdrawn, ChangedAt: l.now()})
		profiles = append(profiles, e.ProfileID)
	}
	if _, err := tx.NewInsert().Model(&held).On("DUPLICATE KEY UPDATE profile_id = profile_id").Exec(ctx); err != nil {
		return 0, err
	}
	var states []stateRow
	if err := tx.NewSelect().Model(&states).Where("profile_id IN (?)", bun.List(profiles)).Where("consent_id = 0").Scan(ctx); err != nil {
		return 0, err
	}
	silent := map[key]bool{}
	for _, s := range states {
		silent[key{s.ProfileID, s.Topic, s.ShopID}] = true
	}
	var rows []entryRow
	for _, e := range chunk {
		if k := (key{e.ProfileID, e.Topic, e.ShopID}); silent[k] {
			delete(silent, k) // the first of several counts
			rows = append(rows, l.rows(e, nil)...)
		}
	}
	if len(rows) == 0 {
		return 0, nil
	}
	if _, err := tx.NewInsert().Model(&rows).ExcludeColumn("id").Exec(ctx); err != nil {
		return 0, err
	}
	// Ids of a bulk insert may have gaps, so they are read back. The newest entry of a silent person is the one just made.
	_, err := tx.NewRaw(`UPDATE crm_consent_states s
		JOIN (SELECT MAX(id) AS id, profile_id, topic, shop_id FROM crm_consents WHERE profile_id IN (?) GROUP BY profile_id, topic, shop_id) c
			ON c.profile_id = s.profile_id AND c.topic = s.topic AND c.shop_id = s.shop_id
		JOIN crm_consents e ON e.id = c.id
		SET s.state = e.state, s.consent_id = e.id, s.changed_at = e.at WHERE s.consent_id = 0 AND s.profile_id IN (?)`,
		bun.List(profiles), bun.List(profiles)).Exec(ctx)
	return len(rows), err
}
