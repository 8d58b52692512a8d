package delivery

import (
	"context"
	"database/sql"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/store"
)

// ledger is the SQL over crm_deliveries by which rows move. Each statement names the state that it moves a row from,
// so that of two processes which believe that a row is theirs, one moves nothing.
type ledger struct {
	db    *bun.DB
	owner string // this process, as no other and no earlier one is called
	lease time.Duration
}

// claimed is a leased row.
type claimed struct {
	ProfileID int64
	Email     contact.Email
	Attempts  int
}

// outcome is a state that a row has come to, with its story.
type outcome struct {
	mailingID, profileID int64
	state                State
	reason, detail       string
	next                 time.Time // of a deferred one
	tried                bool      // counts as an attempt that was not counted yet
}

const sweep = 1000 // rows moved by one statement

// byState is said where rows are looked for by state: with a LIMIT, optimisers would rather walk the primary key past all
// that is sent already, locking it on the way.
// Where ids are known, the key is said, for they would rather take every leased row and look for those ids among them.
const (
	byState = "FORCE INDEX (crm_deliveries_state)"
	byKey   = "FORCE INDEX (PRIMARY)"
)

const leaseEnd = "UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND"

// claim leases up to limit queued rows behind a profile id. Rows that others are just claiming are passed over.
func (l ledger) claim(ctx context.Context, mailingID, after int64, limit int) (rows []claimed, err error) {
	err = store.InTx(ctx, l.db, func(ctx context.Context, tx bun.Tx) error {
		rows = rows[:0]
		err := tx.NewRaw(`SELECT profile_id, email, attempts FROM crm_deliveries `+byState+`
			WHERE mailing_id = ? AND state = 'queued' AND reason = '' AND profile_id > ?
			ORDER BY profile_id LIMIT ? FOR UPDATE SKIP LOCKED`, mailingID, after, limit).Scan(ctx, &rows)
		if err != nil || len(rows) == 0 {
			return err
		}
		ids := make([]int64, len(rows))
		for i, r := range rows {
			ids[i] = r.ProfileID
		}
		_, err = tx.ExecContext(ctx, `UPDATE crm_deliveries `+byKey+` SET state = 'leased', lease_owner = ?, lease_until = `+leaseEnd+`
			WHERE mailing_id = ? AND profile_id IN (?) AND state = 'queued'`, l.owner, l.lease.Microseconds(), mailingID, bun.List(ids))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("claiming deliveries: %w", err)
	}
	return rows, nil
}

// release queues leased rows again.
func (l ledger) release(ctx context.Context, mailingID int64, ids []int64) error {
	err := l.exec(ctx, `UPDATE crm_deliveries `+byKey+` SET state = 'queued', lease_owner = NULL, lease_until = NULL
		WHERE mailing_id = ? AND profile_id IN (?) AND state = 'leased' AND lease_owner = ?`, mailingID, bun.List(ids), l.owner)
	if err != nil {
		return fmt.Errorf("releasing deliveries: %w", err)
	}
	return nil
}

// advance moves, in one statement, rows whose message was accepted to sent, and leased rows of ours to sending. It tells
// which of the latter are now ours to send. A row that was given up as uncertain meanwhile is sent all the same, if it
// was. Assignments run left to right: state comes last, for the others ask for the old one.
func (l ledger) advance(ctx context.Context, mailingID int64, sent, begin []int64, now time.Time) (granted map[int64]bool, err error) {
	var matched int64
	err = store.Retry(ctx, func() error {
		res, err := l.db.ExecContext(ctx, `UPDATE crm_deliveries `+byKey+` SET
				attempts = attempts + (state = 'leased'),
				settled_at = IF(state = 'leased', NULL, ?),
				lease_until = IF(state = 'leased', `+leaseEnd+`, NULL),
				lease_owner = IF(state = 'leased', lease_owner, NULL),
				reason = '',
				state = IF(state = 'leased', 'sending', 'sent')
			WHERE mailing_id = ? AND profile_id IN (?)
				AND (state = 'leased' AND lease_owner = ? AND profile_id IN (?) OR state IN ('sending', 'uncertain') AND profile_id IN (?))`,
			now, l.lease.Microseconds(), mailingID, bun.List(append(append([]int64(nil), sent...), begin...)),
			l.owner, bun.List(begin), bun.List(sent))
		if err != nil {
			return err
		}
		matched, err = res.RowsAffected()
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("recording deliveries: %w", err)
	}
	granted = make(map[int64]bool, len(begin))
	if matched == int64(len(sent)+len(begin)) {
		for _, id := range begin {
			granted[id] = true
		}
		return granted, nil
	}
	var ours []int64 // some were no longer ours, or the statement ran before, and its answer was lost
	err = l.db.NewRaw(`SELECT profile_id FROM crm_deliveries WHERE mailing_id = ? AND profile_id IN (?) AND state = 'sending' AND lease_owner = ?`,
		mailingID, bun.List(begin), l.owner).Scan(ctx, &ours)
	if err != nil {
		return nil, fmt.Errorf("recording deliveries: %w", err)
	}
	for _, id := range ours {
		granted[id] = true
	}
	return granted, nil
}

// settle records any other outcome of a row of ours.
func (l ledger) settle(ctx context.Context, o outcome, now time.Time) error {
	settled := sql.NullTime{Time: now, Valid: true}
	next := sql.NullTime{Time: o.next, Valid: !o.next.IsZero()}
	if o.state == Queued || o.state == Deferred {
		settled.Valid = false
	}
	err := l.exec(ctx, `UPDATE crm_deliveries `+byKey+` SET state = ?, reason = ?, detail = ?, attempts = attempts + ?, settled_at = ?,
			next_attempt_at = ?, lease_owner = NULL, lease_until = NULL
		WHERE mailing_id = ? AND profile_id = ? AND state IN ('leased', 'sending') AND lease_owner = ?`,
		o.state, o.reason, clipText(o.detail, 500), b2i(o.tried), settled, next, o.mailingID, o.profileID, l.owner)
	if err != nil {
		return fmt.Errorf("recording a delivery: %w", err)
	}
	return nil
}

// renew prolongs the leases of those of a mailing's rows that this process has in hand.
func (l ledger) renew(ctx context.Context, mailingID int64, held []int64) error {
	if len(held) == 0 {
		return nil
	}
	err := l.exec(ctx, `UPDATE crm_deliveries `+byKey+` SET lease_until = `+leaseEnd+`
		WHERE mailing_id = ? AND profile_id IN (?) AND state IN ('leased', 'sending') AND lease_owner = ?`,
		l.lease.Microseconds(), mailingID, bun.List(held), l.owner)
	if err != nil {
		return fmt.Errorf("renewing leases: %w", err)
	}
	return nil
}

// recover takes back what dead processes left: leased rows are queued again, and rows that were being sent become
// uncertain. The rows are looked for without locks and moved by their keys, so that the living are not in each other's way.
func (l ledger) recover(ctx context.Context, mailingID int64, now time.Time) (queued, uncertain int64, err error) {
	var rows []struct {
		ProfileID int64
		State     State
	}
	err = l.db.NewRaw(`SELECT profile_id, state FROM crm_deliveries `+byState+`
		WHERE mailing_id = ? AND state IN ('leased', 'sending') AND lease_until < UTC_TIMESTAMP(6) LIMIT ?`, mailingID, sweep).Scan(ctx, &rows)
	if err != nil {
		return 0, 0, fmt.Errorf("looking for dead leases: %w", err)
	}
	var leased, sending []int64
	for _, r := range rows {
		if r.State == Leased {
			leased = append(leased, r.ProfileID)
		} else {
			sending = append(sending, r.ProfileID)
		}
	}
	if len(leased) > 0 {
		queued, err = l.execN(ctx, `UPDATE crm_deliveries `+byKey+` SET state = 'queued', lease_owner = NULL, lease_until = NULL
			WHERE mailing_id = ? AND profile_id IN (?) AND state = 'leased' AND lease_until < UTC_TIMESTAMP(6)`, mailingID, bun.List(leased))
	}
	if err == nil && len(sending) > 0 {
		uncertain, err = l.execN(ctx, `UPDATE crm_deliveries `+byKey+` SET state = 'uncertain', reason = ?, settled_at = ?, lease_owner = NULL, lease_until = NULL
			WHERE mailing_id = ? AND profile_id IN (?) AND state = 'sending' AND lease_until < UTC_TIMESTAMP(6)`,
			ReasonCrash, now, mailingID, bun.List(sending))
	}
	if err != nil {
		return queued, uncertain, fmt.Errorf("taking back dead leases: %w", err)
	}
	return queued, uncertain, nil
}

// wake queues deferred rows whose pause is over, and tells how many there were. They are looked for without locks.
func (l ledger) wake(ctx context.Context, mailingID int64, now time.Time) (woken int64, err error) {
	for {
		var ids []int64
		err = l.db.NewRaw(`SELECT profile_id FROM crm_deliveries `+byState+` WHERE mailing_id = ? AND state = 'deferred' AND next_attempt_at <= ? LIMIT ?`,
			mailingID, now, sweep).Scan(ctx, &ids)
		if err != nil {
			return woken, fmt.Errorf("looking for deferred deliveries: %w", err)
		}
		if len(ids) == 0 {
			return woken, nil
		}
		err = l.exec(ctx, `UPDATE crm_deliveries `+byKey+` SET state = 'queued', reason = '', next_attempt_at = NULL
			WHERE mailing_id = ? AND profile_id IN (?) AND state = 'deferred' AND next_attempt_at <= ?`, mailingID, bun.List(ids), now)
		if err != nil {
			return woken, fmt.Errorf("waking deferred deliveries: %w", err)
		}
		woken += int64(len(ids))
		if len(ids) < sweep {
			return woken, nil
		}
	}
}

// open says whether a mailing has rows that may still move. It is one statement, which sees one moment: rows go back and
// forth between these states. Four looks into the index are cheaper than an IN, which would count.
func (l ledger) open(ctx context.Context, mailingID int64) (open bool, err error) {
	const one = "EXISTS (SELECT 1 FROM crm_deliveries " + byState + " WHERE mailing_id = ? AND state = ?)"
	err = l.db.NewRaw("SELECT "+one+" OR "+one+" OR "+one+" OR "+one,
		mailingID, Queued, mailingID, Leased, mailingID, Sending, mailingID, Deferred).Scan(ctx, &open)
	if err != nil {
		return false, fmt.Errorf("looking for open deliveries: %w", err)
	}
	return open, nil
}

// dropOpen skips up to limit rows of a cancelled mailing that nobody holds, and tells how many there were.
func (l ledger) dropOpen(ctx context.Context, mailingID int64, limit int, now time.Time) (int64, error) {
	n, err := l.execN(ctx, `UPDATE crm_deliveries `+byState+` SET state = 'skipped', reason = ?, settled_at = ?, next_attempt_at = NULL
		WHERE mailing_id = ? AND state IN ('queued', 'deferred') LIMIT ?`, ReasonCancelled, now, mailingID, limit)
	if err != nil {
		return 0, fmt.Errorf("skipping a cancelled mailing's deliveries: %w", err)
	}
	return n, nil
}

func (l ledger) exec(ctx context.Context, query string, args ...any) error {
	_, err := l.execN(ctx, query, args...)
	return err
}

func (l ledger) execN(ctx context.Context, query string, args ...any) (n int64, err error) {
	err = store.Retry(ctx, func() error {
		res, err := l.db.ExecContext(ctx, query, args...)
		if err != nil {
			return err
		}
		n, err = res.RowsAffected()
		return err
	})
	return n, err
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// clipText cuts text to at most max characters, as its column counts.
func clipText(text string, max int) string {
	if utf8.RuneCountInString(text) <= max {
		return text
	}
	return string([]rune(text)[:max-1]) + "…"
}
