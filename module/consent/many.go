package consent

import (
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/store"
)

const manyAtOnce = 500

// RecordMany is [Ledger.Record] of many people's entries about one topic of one shop, each person's in order. First words,
// which most are when a shop is attached, need a handful of statements for 500 people.
func (l *Ledger) RecordMany(ctx context.Context, db bun.IDB, topic string, shopID int64, entries []Entry) error {
	for i := range entries {
		entries[i].Topic, entries[i].ShopID = topic, shopID
		if err := entries[i].check(); err != nil {
			return err
		}
	}
	for part := range slices.Chunk(entries, manyAtOnce) {
		err := store.Within(ctx, db, func(ctx context.Context, tx bun.IDB) error { return l.recordPart(ctx, tx, topic, shopID, part) })
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *Ledger) recordPart(ctx context.Context, tx bun.IDB, topic string, shopID int64, entries []Entry) error {
	var ids []int64
	for _, e := range entries {
		ids = append(ids, e.ProfileID)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	held := make([]stateRow, len(ids))
	for i, id := range ids {
		held[i] = stateRow{ProfileID: id, Topic: topic, ShopID: shopID, State: Withdrawn, ChangedAt: l.now()}
	}
	// As lock does for one: until an entry decides, the row says no.
	if _, err := tx.NewInsert().Model(&held).On("DUPLICATE KEY UPDATE profile_id = VALUES(profile_id)").Exec(ctx); err != nil {
		return fmt.Errorf("locking consent states: %w", err)
	}
	var spoken []int64
	err := tx.NewSelect().TableExpr("crm_consents").ColumnExpr("DISTINCT profile_id").
		Where("profile_id IN (?)", bun.List(ids)).Where("topic = ?", topic).Where("shop_id = ?", shopID).Scan(ctx, &spoken)
	if err != nil {
		return fmt.Errorf("reading the consent ledger: %w", err)
	}
	said := map[int64]bool{}
	for _, id := range spoken {
		said[id] = true
	}
	var first []entryRow
	var later []Entry
	for _, e := range entries {
		if said[e.ProfileID] {
			later = append(later, e)
			continue
		}
		said[e.ProfileID] = true
		first = append(first, l.rows(e, nil)...)
	}
	if err := l.firstWords(ctx, tx, first); err != nil {
		return err
	}
	for _, e := range later {
		if err := l.Record(ctx, tx, e); err != nil {
			return err
		}
	}
	return nil
}

// firstWords writes entries of people who have said nothing about the topic yet, and their states.
func (l *Ledger) firstWords(ctx context.Context, tx bun.IDB, rows []entryRow) error {
	if len(rows) == 0 {
		return nil
	}
	if _, err := tx.NewInsert().Model(&rows).Returning("NULL").Exec(ctx); err != nil {
		return fmt.Errorf("writing the consent ledger: %w", err)
	}
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.ProfileID
	}
	var written []entryRow
	err := tx.NewSelect().Model(&written).Column("id", "profile_id", "state", "at").
		Where("profile_id IN (?)", bun.List(ids)).Where("topic = ?", rows[0].Topic).Where("shop_id = ?", rows[0].ShopID).Scan(ctx)
	if err != nil {
		return fmt.Errorf("reading the consent ledger: %w", err)
	}
	states := make([]stateRow, len(written))
	for i, r := range written {
		states[i] = stateRow{ProfileID: r.ProfileID, Topic: rows[0].Topic, ShopID: rows[0].ShopID, State: r.State, ConsentID: r.ID, ChangedAt: r.At}
	}
	return saveStates(ctx, tx, states)
}

// lastWithdrawals gives those of the profiles that withdrew from a topic of a shop, with the time of their last
// withdrawal. What the shop itself told is not one of these: its newer word is about that.
func (l *Ledger) lastWithdrawals(ctx context.Context, db bun.IDB, topic string, shopID int64, profileIDs []int64) ([]entryRow, error) {
	var rows []entryRow
	err := db.NewRaw(`SELECT profile_id, MAX(at) AS at FROM crm_consents WHERE profile_id IN (?) AND topic = ? AND shop_id = ? AND state = ? AND source <> ?
		GROUP BY profile_id`, bun.List(profileIDs), topic, shopID, Withdrawn, SourceShop).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("reading withdrawals: %w", err)
	}
	return rows, nil
}

// Standing leaves out of a shop's grants those that something stands against which the shop does not know: a later
// withdrawal (any, where the shop does not say when it was told), or a suppression of the address. Withdrawals stay.
func (l *Ledger) Standing(ctx context.Context, db bun.IDB, topic string, shopID int64, said []Told) ([]Entry, error) {
	var kept []Entry
	for part := range slices.Chunk(said, manyAtOnce) {
		emails, ids := addressesOf(part)
		stopped, err := suppressed(ctx, db, emails)
		if err != nil {
			return nil, err
		}
		rows, err := l.lastWithdrawals(ctx, db, topic, shopID, ids)
		if err != nil {
			return nil, err
		}
		withdrew := make(map[int64]entryRow, len(rows))
		for _, r := range rows {
			withdrew[r.ProfileID] = r
		}
		for _, t := range part {
			last, has := withdrew[t.ProfileID]
			if t.State == Granted && (stopped[t.Email] != "" || has && !t.At.After(last.At)) {
				continue
			}
			kept = append(kept, t.Entry)
		}
	}
	return kept, nil
}

// Told is what a shop says that the owner of an address has answered.
type Told struct {
	Entry
	Email contact.Email
}

func addressesOf(said []Told) (emails []contact.Email, profileIDs []int64) {
	for _, t := range said {
		emails, profileIDs = append(emails, t.Email), append(profileIDs, t.ProfileID)
	}
	return emails, profileIDs
}
