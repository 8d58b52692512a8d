package segment

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/store"
)

// MovesKept is how long it is known who entered and who left. Sizes stay for ever.
const MovesKept = 400 * 24 * time.Hour

const (
	movedAtOnce   = 900 // people of one transaction; from 1,000 in a list on MariaDB makes a temporary table of them
	droppedAtOnce = 5000
)

// factsLag is how long after a regrouping the facts of both profiles may still be those of before.
const factsLag = 10 * time.Minute

// follower is one look at a segment. Whom it selects is put into a temporary table, and compared there with the members
// kept: that reads without locks, and what moved is then written in short transactions.
type follower struct {
	segments    *Segments
	lease       *store.Lease
	edition     editionRow
	at          time.Time
	day         string
	conn        bun.Conn
	look        Look
	done, total int64
	progress    func(done, total int64)
}

func (f *follower) run(ctx context.Context, q Query) (err error) {
	f.look.Fresh = f.edition.FilledAt.IsZero()
	if f.conn, err = f.segments.db.Conn(ctx); err != nil {
		return err
	}
	defer f.conn.Close()
	defer func() {
		_ = f.exec(context.WithoutCancel(ctx), "DROP TEMPORARY TABLE IF EXISTS crm_selected, crm_moving")
	}() // they end with the connection too
	if err := f.compare(ctx, q); err != nil {
		return err
	}
	// Who is merged away first hands their place on, so that the other profile need not enter.
	for _, part := range []func(context.Context, int64) (int64, int, error){f.leave, f.enter} {
		for after := int64(0); ; {
			last, n, err := part(ctx, after)
			if err != nil {
				return err
			}
			if err := f.lease.Keep(ctx); err != nil {
				return err
			}
			f.done += int64(n)
			if f.progress != nil {
				f.progress(f.done, max(f.done, f.total))
			}
			if n < movedAtOnce {
				break
			}
			after = last
		}
	}
	return f.inTx(ctx, f.finish)
}

// compare selects, and finds the differences.
func (f *follower) compare(ctx context.Context, q Query) error {
	id := f.edition.SegmentID
	for _, step := range []struct {
		what, sql string
		args      []any
		n         *int64
	}{
		{"clearing", "DROP TEMPORARY TABLE IF EXISTS crm_selected, crm_moving", nil, nil},
		{"preparing", "CREATE TEMPORARY TABLE crm_selected (profile_id BIGINT NOT NULL PRIMARY KEY) ENGINE=InnoDB", nil, nil},
		{"preparing", "CREATE TEMPORARY TABLE crm_moving (entered BOOLEAN NOT NULL, profile_id BIGINT NOT NULL, PRIMARY KEY (entered, profile_id)) ENGINE=InnoDB", nil, nil},
		{"selecting", "INSERT INTO crm_selected SELECT p.id FROM crm_profiles AS p WHERE " + q.SQL, q.Args, &f.look.People},
		{"finding who left", `INSERT INTO crm_moving SELECT FALSE, m.profile_id FROM crm_segment_members AS m LEFT JOIN crm_selected AS n ON n.profile_id = m.profile_id
			WHERE m.segment_id = ? AND n.profile_id IS NULL`, []any{id}, &f.total},
		{"finding who entered", `INSERT INTO crm_moving SELECT TRUE, n.profile_id FROM crm_selected AS n LEFT JOIN crm_segment_members AS m ON m.segment_id = ? AND m.profile_id = n.profile_id
			WHERE m.profile_id IS NULL`, []any{id}, &f.total},
	} {
		result, err := f.conn.NewRaw(step.sql, step.args...).Exec(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
		if step.n != nil {
			n, err := result.RowsAffected()
			if err != nil {
				return err
			}
			*step.n += n
		}
		if err := f.lease.Keep(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (f *follower) exec(ctx context.Context, query string, args ...any) error {
	_, err := f.conn.NewRaw(query, args...).Exec(ctx)
	return err
}

func (f *follower) inTx(ctx context.Context, fn func(ctx context.Context, tx bun.Tx) error) error {
	return store.Retry(ctx, func() error { return f.conn.RunInTx(ctx, nil, fn) })
}

// leave takes the next members away who are selected no more. A profile that went into another hands its place on; no
// merge makes anybody leave.
func (f *follower) leave(ctx context.Context, after int64) (last int64, n int, err error) {
	var left int64
	err = f.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var rows []struct {
			ProfileID int64
			Since     time.Time
			Living    bool
			Heir      *int64 // who was merged into, when they are selected
		}
		err := tx.NewRaw(`SELECT m.profile_id, m.since, p.id IS NOT NULL AND p.merged_into IS NULL AND p.erased_at IS NULL AS living, n.profile_id AS heir
			FROM crm_moving AS t STRAIGHT_JOIN crm_segment_members AS m ON m.segment_id = ? AND m.profile_id = t.profile_id
			LEFT JOIN crm_profiles AS p ON p.id = t.profile_id LEFT JOIN crm_selected AS n ON n.profile_id = p.merged_into
			WHERE t.entered = FALSE AND t.profile_id > ? ORDER BY t.profile_id LIMIT ? LOCK IN SHARE MODE`, f.edition.SegmentID, after, movedAtOnce).Scan(ctx, &rows)
		if n = len(rows); err != nil || n == 0 {
			return err
		}
		var all, living []int64
		for _, r := range rows {
			all, last = append(all, r.ProfileID), r.ProfileID
			if r.Living {
				living = append(living, r.ProfileID)
			}
			if r.Heir != nil {
				_, err := tx.NewRaw(`INSERT INTO crm_segment_members (segment_id, profile_id, since) VALUES (?, ?, ?) ON DUPLICATE KEY UPDATE since = LEAST(since, VALUES(since))`,
					f.edition.SegmentID, *r.Heir, r.Since).Exec(ctx)
				if err != nil {
					return fmt.Errorf("handing a place on: %w", err)
				}
			}
		}
		if _, err := tx.NewRaw("DELETE FROM crm_segment_members WHERE segment_id = ? AND profile_id IN (?)", f.edition.SegmentID, bun.List(all)).Exec(ctx); err != nil {
			return fmt.Errorf("taking members away: %w", err)
		}
		if living, err = f.heard(ctx, tx, living); err != nil {
			return err
		}
		left = int64(len(living))
		return f.write(ctx, tx, living, false)
	})
	f.look.Left += left
	return last, n, err
}

// enter adds the next people who are selected and no members yet. Their profiles are locked, so that nobody is kept who is
// being erased.
func (f *follower) enter(ctx context.Context, after int64) (last int64, n int, err error) {
	var entered int64
	err = f.inTx(ctx, func(ctx context.Context, tx bun.Tx) error {
		var ids []int64
		err := tx.NewRaw(`SELECT p.id FROM crm_moving AS t STRAIGHT_JOIN crm_profiles AS p ON p.id = t.profile_id AND p.merged_into IS NULL AND p.erased_at IS NULL
			LEFT JOIN crm_segment_members AS m ON m.segment_id = ? AND m.profile_id = t.profile_id
			WHERE t.entered = TRUE AND t.profile_id > ? AND m.profile_id IS NULL ORDER BY t.profile_id LIMIT ? LOCK IN SHARE MODE`, f.edition.SegmentID, after, movedAtOnce).Scan(ctx, &ids)
		if n = len(ids); err != nil || n == 0 {
			return err
		}
		last = ids[n-1]
		insert, args := values("INSERT INTO crm_segment_members (segment_id, profile_id, since) VALUES ", "(?, ?, ?)", ids, func(id int64) []any { return []any{f.edition.SegmentID, id, f.at} })
		if _, err := tx.NewRaw(insert, args...).Exec(ctx); err != nil {
			return fmt.Errorf("adding members: %w", err)
		}
		if ids, err = f.heard(ctx, tx, ids); err != nil {
			return err
		}
		entered = int64(len(ids))
		return f.write(ctx, tx, ids, true)
	})
	f.look.Entered += entered
	return last, n, err
}

// heard leaves out those whose move is none: the first people of an edition, and whoever the staff merged or parted since
// the last look, for what changed is who they are and not what they did.
func (f *follower) heard(ctx context.Context, tx bun.Tx, ids []int64) ([]int64, error) {
	if f.look.Fresh || len(ids) == 0 {
		return nil, nil
	}
	since := f.edition.LookedAt.Add(-factsLag)
	var regrouped []int64
	err := tx.NewRaw(`SELECT profile_id FROM crm_regroupings WHERE profile_id IN (?) AND (at >= ? OR undone_at >= ?)
		UNION SELECT other_id FROM crm_regroupings WHERE other_id IN (?) AND (at >= ? OR undone_at >= ?)`,
		bun.List(ids), since, since, bun.List(ids), since, since).Scan(ctx, &regrouped)
	if err != nil {
		return nil, fmt.Errorf("reading who was regrouped: %w", err)
	}
	return slices.DeleteFunc(ids, func(id int64) bool { return slices.Contains(regrouped, id) }), nil
}

// write writes moves down and tells the listeners of entries.
func (f *follower) write(ctx context.Context, tx bun.Tx, ids []int64, entered bool) error {
	if len(ids) == 0 {
		return nil
	}
	insert, args := values("INSERT INTO crm_segment_moves (segment_id, profile_id, entered, at) VALUES ", "(?, ?, ?, ?)", ids, func(id int64) []any {
		return []any{f.edition.SegmentID, id, entered, f.at}
	})
	if _, err := tx.NewRaw(insert, args...).Exec(ctx); err != nil {
		return fmt.Errorf("writing moves down: %w", err)
	}
	if !entered {
		return f.size(ctx, tx, 0, int64(len(ids)))
	}
	entries := make([]Entry, len(ids))
	for i, id := range ids {
		entries[i] = Entry{f.edition.SegmentID, id, f.at}
	}
	for _, l := range f.segments.listeners {
		if err := l.Entered(ctx, tx, entries); err != nil {
			return fmt.Errorf("telling who entered: %w", err)
		}
	}
	return f.size(ctx, tx, int64(len(ids)), 0)
}

// size keeps the day's size and adds to its moves.
func (f *follower) size(ctx context.Context, tx bun.Tx, entered, left int64) error {
	_, err := tx.NewRaw(`INSERT INTO crm_segment_sizes (segment_id, day, people, entered, gone) VALUES (?, ?, ?, ?, ?)
		ON DUPLICATE KEY UPDATE people = VALUES(people), entered = entered + VALUES(entered), gone = gone + VALUES(gone)`,
		f.edition.SegmentID, f.day, f.look.People, entered, left).Exec(ctx)
	if err != nil {
		return fmt.Errorf("keeping the size: %w", err)
	}
	return nil
}

func (f *follower) finish(ctx context.Context, tx bun.Tx) error {
	if err := f.size(ctx, tx, 0, 0); err != nil {
		return err
	}
	_, err := tx.NewUpdate().Model((*editionRow)(nil)).
		Set("people = ?, looked_at = ?, filled_at = COALESCE(filled_at, ?), failed_at = NULL", f.look.People, f.at, f.at).
		Where("id = ?", f.edition.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("noting the look: %w", err)
	}
	return nil
}

// values writes an INSERT of one row for each id.
func values(head, row string, ids []int64, args func(id int64) []any) (string, []any) {
	var all []any
	for _, id := range ids {
		all = append(all, args(id)...)
	}
	return head + row + strings.Repeat(", "+row, len(ids)-1), all
}

func sortedIDs(set map[int64]bool) []int64 { return slices.Sorted(maps.Keys(set)) }

var _ customer.Keeper = (*Segments)(nil)

// Tell gives which segments somebody is in, and which they entered and left.
func (s *Segments) Tell(ctx context.Context, db bun.IDB, w customer.Whom) ([]customer.Section, error) {
	members, err := customer.ReadSection(ctx, db, "segments", `SELECT COALESCE(s.name, '') AS segment, m.since FROM crm_segment_members m
		LEFT JOIN crm_segments s ON s.id = m.segment_id WHERE m.profile_id IN (?) ORDER BY m.segment_id`, bun.List(w.ProfileIDs))
	if err != nil {
		return nil, err
	}
	moves, err := customer.ReadSection(ctx, db, "segment_moves", `SELECT COALESCE(s.name, '') AS segment, v.entered, v.at FROM crm_segment_moves v
		LEFT JOIN crm_segments s ON s.id = v.segment_id WHERE v.profile_id IN (?) ORDER BY v.at, v.id`, bun.List(w.ProfileIDs))
	return []customer.Section{members, moves}, err
}

// Forget takes somebody out of all segments. Their moves stay as nobody's, so that sums stay true.
func (s *Segments) Forget(ctx context.Context, tx bun.IDB, w customer.Whom) error {
	for _, query := range []string{
		"DELETE FROM crm_segment_members WHERE profile_id IN (?)",
		"UPDATE crm_segment_moves SET profile_id = 0 WHERE profile_id IN (?)",
	} {
		if _, err := tx.NewRaw(query, bun.List(w.ProfileIDs)).Exec(ctx); err != nil {
			return fmt.Errorf("forgetting somebody's segments: %w", err)
		}
	}
	return nil
}
