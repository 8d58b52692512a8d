package segment

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/store"
)

// Entry is somebody who came to meet the conditions of a saved segment.
type Entry struct {
	SegmentID int64
	ProfileID int64
	At        time.Time // of the look that found it: up to an hour later for segments in use, else up to a day
}

// Listener is a room above that acts when people enter a saved segment.
type Listener interface {
	// Entered is called within the transaction that writes the entries down, so that what it writes with tx is there exactly
	// when they are, once for each, whatever crashes. It does nothing but write with tx: a transaction that is tried again
	// calls it again. An error leaves the entries to the next look.
	Entered(ctx context.Context, tx bun.IDB, entries []Entry) error
}

// User is a room above that goes by saved segments.
type User interface {
	// UsedSegments gives the ids of those it goes by now. They are followed every hour, archived or not.
	UsedSegments(ctx context.Context) ([]int64, error)
}

// AddListener makes l hear who enters. It is called while the rooms are being wired, not later.
func (s *Segments) AddListener(l Listener) { s.listeners = append(s.listeners, l) }

// AddUser makes u say which segments are in use. It is called while the rooms are being wired, not later.
func (s *Segments) AddUser(u User) { s.users = append(s.users, u) }

// Look is what one comparison of a saved segment with its kept members found.
type Look struct {
	People  int64
	Fresh   bool // a new edition: its first people entered nothing
	Entered int64
	Left    int64
}

// editionRow is a stretch of time in which a segment asked the same question.
type editionRow struct {
	bun.BaseModel `bun:"table:crm_segment_editions"`

	ID           int64 `bun:",pk,autoincrement"`
	SegmentID    int64
	TreeHash     []byte
	PeopleBefore *int64 // as the edition before counted last; nil: there was none
	People       int64  // as counted last
	BeganAt      time.Time
	FilledAt     bun.NullTime // when all of its first people were kept
	LookedAt     bun.NullTime // when the last whole look began
	FailedAt     bun.NullTime // a product or a category that it names is gone
	EndedAt      bun.NullTime // the segment was put away
}

// Follow brings the kept members of a saved segment up to date, and writes down who entered and who left since the last
// look. Whoever meets conditions that were edited entered nothing: the segment begins a new edition. It works with few and
// short locks; of several processes one works, and the others get [store.ErrLeaseHeld]. progress may be nil.
func (s *Segments) Follow(ctx context.Context, id int64, progress func(done, total int64)) (Look, error) {
	lease, err := store.TakeLease(ctx, s.db, "segment "+strconv.FormatInt(id, 10))
	if err != nil {
		return Look{}, fmt.Errorf("following segment %d: %w", id, err)
	}
	defer lease.Release(context.WithoutCancel(ctx))
	edition, tree, err := s.edition(ctx, id)
	if err != nil {
		return Look{}, fmt.Errorf("following segment %d: %w", id, err)
	}
	f := &follower{segments: s, lease: lease, edition: edition, at: s.now(), progress: progress}
	q, err := s.Compile(ctx, tree, Scope{Now: f.at})
	var gone *InvalidError
	if errors.As(err, &gone) {
		return Look{}, errors.Join(err, s.failed(ctx, edition.ID, f.at))
	}
	if err != nil {
		return Look{}, fmt.Errorf("following segment %d: %w", id, err)
	}
	zone, err := s.zone(ctx, 0)
	if err != nil {
		return Look{}, err
	}
	f.day = f.at.In(zone).Format(dayLayout)
	if err := f.run(ctx, q); err != nil {
		return f.look, fmt.Errorf("following segment %d: %w", id, err)
	}
	return f.look, nil
}

// edition gives the edition of a segment as it is saved now, and its tree. One that was edited begins a new edition.
func (s *Segments) edition(ctx context.Context, id int64) (editionRow, Tree, error) {
	var r row
	if err := s.db.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx); err != nil {
		return editionRow{}, Tree{}, store.NotFound(err)
	}
	tree, err := s.vocabulary.Parse([]byte(r.Tree))
	if err != nil {
		return editionRow{}, Tree{}, err
	}
	last, err := s.lastEdition(ctx, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return editionRow{}, Tree{}, err
	}
	hash := sha256.Sum256([]byte(r.Tree))
	if err == nil && string(last.TreeHash) == string(hash[:]) && last.EndedAt.IsZero() {
		return last, tree, nil
	}
	fresh := editionRow{SegmentID: id, TreeHash: hash[:], BeganAt: s.now()}
	switch {
	case last.ID == 0:
	case last.FilledAt.IsZero():
		fresh.PeopleBefore = last.PeopleBefore // it never came to count
	default:
		fresh.PeopleBefore = &last.People
	}
	if _, err := s.db.NewInsert().Model(&fresh).Exec(ctx); err != nil {
		return editionRow{}, Tree{}, fmt.Errorf("beginning an edition: %w", err)
	}
	return fresh, tree, nil
}

func (s *Segments) lastEdition(ctx context.Context, id int64) (editionRow, error) {
	var e editionRow
	err := s.db.NewSelect().Model(&e).Where("segment_id = ?", id).OrderExpr("id DESC").Limit(1).Scan(ctx)
	if err != nil {
		return editionRow{}, fmt.Errorf("reading the edition of segment %d: %w", id, store.NotFound(err))
	}
	return e, nil
}

func (s *Segments) failed(ctx context.Context, editionID int64, at time.Time) error {
	_, err := s.db.NewUpdate().Model((*editionRow)(nil)).Set("failed_at = ?", at).Where("id = ?", editionID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("noting that a segment cannot be followed: %w", err)
	}
	return nil
}

// Unfollowed gives the live segments that are new or were edited since they were followed last: those to follow at once.
// One that failed for a product or a category that is gone is left to the night.
func (s *Segments) Unfollowed(ctx context.Context) (ids []int64, err error) {
	err = s.db.NewRaw(`SELECT s.id FROM crm_segments s LEFT JOIN crm_segment_editions e
		ON e.id = (SELECT MAX(l.id) FROM crm_segment_editions l WHERE l.segment_id = s.id)
		WHERE s.archived_at IS NULL AND (e.id IS NULL OR e.ended_at IS NOT NULL OR e.tree_hash <> UNHEX(SHA2(s.tree, 256)) OR e.filled_at IS NULL AND e.failed_at IS NULL)
		ORDER BY s.id LIMIT ?`, listMax).Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("looking for segments that were edited: %w", err)
	}
	return ids, nil
}

// used gives the segments that rooms above go by.
func (s *Segments) used(ctx context.Context) (map[int64]bool, error) {
	used := map[int64]bool{}
	for _, u := range s.users {
		ids, err := u.UsedSegments(ctx)
		if err != nil {
			return nil, fmt.Errorf("asking which segments are in use: %w", err)
		}
		for _, id := range ids {
			used[id] = true
		}
	}
	return used, nil
}

// FollowUsed follows the segments that rooms above go by. It is the hour's work.
func (s *Segments) FollowUsed(ctx context.Context, progress func(done, total int64)) error {
	used, err := s.used(ctx)
	if err != nil {
		return err
	}
	return s.followEach(ctx, sortedIDs(used), progress)
}

// FollowAll follows every segment that is not put away, lets go of the members of those that are and that nobody uses, and
// forgets moves of more than [MovesKept] ago. It is the night's work.
func (s *Segments) FollowAll(ctx context.Context, progress func(done, total int64)) error {
	follow, err := s.used(ctx)
	if err != nil {
		return err
	}
	var rows []struct {
		ID       int64
		Archived bool
	}
	if err := s.db.NewRaw("SELECT id, archived_at IS NOT NULL AS archived FROM crm_segments").Scan(ctx, &rows); err != nil {
		return fmt.Errorf("listing segments: %w", err)
	}
	for _, r := range rows {
		if !r.Archived {
			follow[r.ID] = true
		} else if !follow[r.ID] {
			if err := s.letGo(ctx, r.ID); err != nil {
				return err
			}
		}
	}
	if err := s.followEach(ctx, sortedIDs(follow), progress); err != nil {
		return err
	}
	return s.drop(ctx, "DELETE FROM crm_segment_moves WHERE at < ? LIMIT ?", s.now().Add(-MovesKept))
}

// followEach goes on after a segment that cannot be followed: its page says why.
func (s *Segments) followEach(ctx context.Context, ids []int64, progress func(done, total int64)) error {
	var failed error
	for i, id := range ids {
		_, err := s.Follow(ctx, id, nil)
		var gone *InvalidError
		if err != nil && !errors.As(err, &gone) && !errors.Is(err, store.ErrLeaseHeld) && !errors.Is(err, store.ErrNotFound) {
			failed = errors.Join(failed, err)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if progress != nil {
			progress(int64(i+1), int64(len(ids)))
		}
	}
	return failed
}

// letGo ends the edition of a segment that was put away and forgets who its members are; its sizes and moves stay.
func (s *Segments) letGo(ctx context.Context, id int64) error {
	_, err := s.db.NewUpdate().Model((*editionRow)(nil)).Set("ended_at = ?", s.now()).Where("segment_id = ? AND ended_at IS NULL", id).Exec(ctx)
	if err != nil {
		return fmt.Errorf("ending the edition of segment %d: %w", id, err)
	}
	return s.drop(ctx, "DELETE FROM crm_segment_members WHERE segment_id = ? LIMIT ?", id)
}

// drop deletes in parts, so that nobody waits long for a lock.
func (s *Segments) drop(ctx context.Context, query string, args ...any) error {
	for {
		var n int64
		err := store.Retry(ctx, func() error {
			result, err := s.db.NewRaw(query, append(args[:len(args):len(args)], droppedAtOnce)...).Exec(ctx)
			if err != nil {
				return err
			}
			n, err = result.RowsAffected()
			return err
		})
		if err != nil {
			return fmt.Errorf("taking away members or moves of segments: %w", err)
		}
		if n < droppedAtOnce {
			return nil
		}
	}
}
