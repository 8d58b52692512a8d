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

// importChunk is how many entries are imported at a time. From 1,000 values on MariaDB makes a table of an IN list.
const importChunk = 900

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
		var ids []int64
		err := store.InTx(ctx, l.db, func(ctx context.Context, tx bun.Tx) error {
			ids, err = l.importChunk(ctx, tx, chunk)
			return err
		})
		if err != nil {
			return recorded, fmt.Errorf("importing consents: %w", err)
		}
		for _, id := range ids {
			if id != 0 {
				recorded++
			}
		}
	}
	return recorded, nil
}

// Claim is [Ledger.Import] within the caller's transaction, for at most 900 entries. It gives the ids of what was
// recorded, in the order of entries, 0 for those that were not.
func (l *Ledger) Claim(ctx context.Context, tx bun.IDB, entries []Entry) ([]int64, error) {
	if _, err := staff.Require(ctx, staff.ManageMail); err != nil {
		return nil, err
	}
	for _, e := range entries {
		if err := e.check(); err != nil {
			return nil, err
		}
	}
	if len(entries) == 0 {
		return nil, nil
	}
	ids, err := l.importChunk(ctx, tx, entries)
	if err != nil {
		return nil, fmt.Errorf("importing consents: %w", err)
	}
	return ids, nil
}

// Retract takes entries back that should never have been made, as those of an import that is undone: the ledger keeps
// them, and a further entry that says so; the people are as if they had said nothing. An entry that was followed by
// another of the same person on the same topic stays as it is.
func (l *Ledger) Retract(ctx context.Context, tx bun.IDB, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	var rows []entryRow
	err := tx.NewRaw(`SELECT c.id, c.profile_id, c.identity_id, c.shop_id, c.topic FROM crm_consents c WHERE c.id IN (?)
		AND NOT EXISTS (SELECT 1 FROM crm_consents n WHERE n.profile_id = c.profile_id AND n.topic = c.topic AND n.shop_id = c.shop_id AND n.id > c.id)
		ORDER BY c.profile_id, c.id`, bun.List(ids)).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("reading consents that are to be retracted: %w", err)
	}
	if len(rows) == 0 {
		return nil
	}
	profiles := make([]int64, 0, len(rows))
	for i := range rows {
		profiles = append(profiles, rows[i].ProfileID)
		rows[i].ID, rows[i].State, rows[i].Source, rows[i].At = 0, Retracted, SourceImport, l.now()
	}
	if _, err := tx.NewInsert().Model(&rows).ExcludeColumn("id").Exec(ctx); err != nil {
		return fmt.Errorf("retracting consents: %w", err)
	}
	return l.refresh(ctx, tx, slices.Compact(profiles))
}

type entryKey struct {
	profile int64
	topic   string
	shop    int64
}

func (l *Ledger) importChunk(ctx context.Context, tx bun.IDB, chunk []Entry) ([]int64, error) {
	// An empty state row is written for everybody, or locked where there is one: nobody else's entry comes between.
	held := make([]stateRow, 0, len(chunk))
	profiles := make([]int64, 0, len(chunk))
	for _, e := range chunk {
		held = append(held, stateRow{ProfileID: e.ProfileID, Topic: e.Topic, ShopID: e.ShopID, State: Withdrawn, ChangedAt: l.now()})
		profiles = append(profiles, e.ProfileID)
	}
	if _, err := tx.NewInsert().Model(&held).On("DUPLICATE KEY UPDATE profile_id = profile_id").Exec(ctx); err != nil {
		return nil, err
	}
	var states []stateRow
	err := tx.NewSelect().Model(&states).
		ForceIndex("PRIMARY"). // while a list fills an empty ledger, servers take it for a small one and read all of it
		Where("profile_id IN (?)", bun.List(profiles)).
		Where("consent_id = 0").
		Scan(ctx)
	if err != nil {
		return nil, err
	}
	silent := map[entryKey]bool{}
	for _, s := range states {
		silent[entryKey{s.ProfileID, s.Topic, s.ShopID}] = true
	}
	var rows []entryRow
	made := map[entryKey]int{} // the places in chunk of what is recorded
	for i, e := range chunk {
		if k := (entryKey{e.ProfileID, e.Topic, e.ShopID}); silent[k] {
			delete(silent, k) // the first of several counts
			made[k] = i
			rows = append(rows, l.rows(e, nil)...)
		}
	}
	ids := make([]int64, len(chunk))
	if len(rows) == 0 {
		return ids, nil
	}
	if _, err := tx.NewInsert().Model(&rows).ExcludeColumn("id").Exec(ctx); err != nil {
		return nil, err
	}
	// Ids of a bulk insert may have gaps, so they are read back. The newest entry of a silent person is the one just made.
	var written []entryRow
	err = tx.NewSelect().Model(&written).Column("id", "profile_id", "topic", "shop_id", "state", "at").
		ForceIndex("crm_consents_profile").
		Where("profile_id IN (?)", bun.List(profiles)).
		Scan(ctx)
	if err != nil {
		return nil, err
	}
	newest := map[entryKey]entryRow{}
	for _, w := range written {
		if k := (entryKey{w.ProfileID, w.Topic, w.ShopID}); w.ID > newest[k].ID {
			newest[k] = w
		}
	}
	states = states[:0]
	for k, i := range made {
		w := newest[k]
		ids[i] = w.ID
		states = append(states, stateRow{ProfileID: k.profile, Topic: k.topic, ShopID: k.shop, State: w.State, ConsentID: w.ID, ChangedAt: w.At})
	}
	sortStates(states)
	return ids, saveStates(ctx, tx, states)
}
