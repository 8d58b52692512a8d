package segment

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// MaxNameRunes is how long a segment's name may be.
const MaxNameRunes = 160

// ErrChanged says that somebody else saved the segment since it was read.
var ErrChanged = errors.New("somebody else has changed this segment since you opened it")

// Segment is a question kept under a name.
type Segment struct {
	ID        int64
	Name      string
	Tree      Tree
	Problem   error  // in lists: why Tree could not be read; Tree then selects nobody
	People    *int64 // as counted last; nil: never counted
	Mailable  *int64
	CountedAt time.Time
	CreatedBy int64 // staff id; 0: the program
	CreatedAt time.Time
	UpdatedAt time.Time
	Archived  bool
}

type row struct {
	bun.BaseModel `bun:"table:crm_segments"`

	ID         int64 `bun:",pk,autoincrement"`
	Name       string
	Tree       string
	People     *int64
	Mailable   *int64
	CountedAt  *time.Time
	CreatedBy  int64
	CreatedAt  time.Time
	UpdatedAt  time.Time
	ArchivedAt *time.Time
}

func (s *Segments) segment(r row) Segment {
	out := Segment{ID: r.ID, Name: r.Name, People: r.People, Mailable: r.Mailable, CreatedBy: r.CreatedBy,
		CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, Archived: r.ArchivedAt != nil}
	if r.CountedAt != nil {
		out.CountedAt = *r.CountedAt
	}
	if out.Tree, out.Problem = s.vocabulary.Parse([]byte(r.Tree)); out.Problem != nil {
		out.Tree = Tree{Not(All())} // never everybody by mistake
	}
	return out
}

// Create keeps a tree under a name. It needs [staff.WriteSegments]; a bad name or tree is an [*InvalidError].
func (s *Segments) Create(ctx context.Context, name string, tree Tree) (Segment, error) {
	actor, err := staff.Require(ctx, staff.WriteSegments)
	if err != nil {
		return Segment{}, err
	}
	r, err := s.checked(ctx, 0, name, tree)
	if err != nil {
		return Segment{}, err
	}
	r.CreatedBy, r.CreatedAt = actor.Account.ID, r.UpdatedAt
	err = store.InTx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(&r).Exec(ctx); err != nil {
			return err
		}
		return staff.Record(ctx, tx, "segment.create", "segment", r.ID, map[string]any{"name": r.Name, "tree": tree})
	})
	if err != nil {
		return Segment{}, fmt.Errorf("saving the segment %q: %w", name, err)
	}
	return s.segment(r), nil
}

// Update changes name and tree. seen is the UpdatedAt of the version that was edited: when somebody saved another since,
// the error is [ErrChanged] and nothing changes. A zero seen asks for no such check. It needs [staff.WriteSegments].
func (s *Segments) Update(ctx context.Context, id int64, name string, tree Tree, seen time.Time) (Segment, error) {
	if _, err := staff.Require(ctx, staff.WriteSegments); err != nil {
		return Segment{}, err
	}
	r, err := s.checked(ctx, id, name, tree)
	if err != nil {
		return Segment{}, err
	}
	err = store.InTx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		var old row
		if err := tx.NewSelect().Model(&old).Where("id = ?", id).For("UPDATE").Scan(ctx); err != nil {
			return store.NotFound(err)
		}
		if !seen.IsZero() && !seen.Equal(old.UpdatedAt) {
			return ErrChanged
		}
		r.ID, r.CreatedBy, r.CreatedAt, r.ArchivedAt = id, old.CreatedBy, old.CreatedAt, old.ArchivedAt
		if r.Tree == old.Tree {
			r.People, r.Mailable, r.CountedAt = old.People, old.Mailable, old.CountedAt
		}
		_, err := tx.NewUpdate().Model(&r).Column("name", "tree", "people", "mailable", "counted_at", "updated_at").WherePK().Exec(ctx)
		if err != nil {
			return err
		}
		return staff.Record(ctx, tx, "segment.update", "segment", id, map[string]any{"name": r.Name, "tree": tree, "was": old.Name})
	})
	if err != nil {
		return Segment{}, fmt.Errorf("saving segment %d: %w", id, err)
	}
	return s.segment(r), nil
}

func (s *Segments) checked(ctx context.Context, id int64, name string, tree Tree) (row, error) {
	name = strings.Join(strings.Fields(name), " ")
	if n := utf8.RuneCountInString(name); n == 0 || n > MaxNameRunes {
		return row{}, wrong("title", "a segment needs a name of at most %d characters", MaxNameRunes).with("max", MaxNameRunes).in("name").at("")
	}
	tree, err := s.vocabulary.Check(tree)
	if err != nil {
		return row{}, err
	}
	if _, err := s.others(ctx, Segment{ID: id, Name: name}, tree); err != nil {
		return row{}, err
	}
	return row{Name: name, Tree: string(tree.JSON()), UpdatedAt: s.now()}, nil
}

// Get gives one segment, also an archived one, or [store.ErrNotFound]. A tree that can no longer be read, because a kind
// of condition is gone, is an error.
func (s *Segments) Get(ctx context.Context, id int64) (Segment, error) {
	var r row
	if err := s.db.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx); err != nil {
		return Segment{}, fmt.Errorf("reading segment %d: %w", id, store.NotFound(err))
	}
	out := s.segment(r)
	if out.Problem != nil {
		return Segment{}, fmt.Errorf("reading segment %d: %w", id, out.Problem)
	}
	return out, nil
}

// ListFilter chooses segments. Zero fields do not restrict.
type ListFilter struct {
	Query    string // part of the name
	Archived bool   // the archived ones instead of the live ones
}

// listMax is how many segments a list gives. A shop has dozens.
const listMax = 500

// List gives segments by name.
func (s *Segments) List(ctx context.Context, f ListFilter) ([]Segment, error) {
	var rows []row
	q := s.db.NewSelect().Model(&rows).OrderExpr("name, id").Limit(listMax)
	if f.Archived {
		q = q.Where("archived_at IS NOT NULL")
	} else {
		q = q.Where("archived_at IS NULL")
	}
	if f.Query != "" {
		q = q.Where("LOCATE(?, name) > 0", f.Query)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("listing segments: %w", err)
	}
	out := make([]Segment, len(rows))
	for i, r := range rows {
		out[i] = s.segment(r)
	}
	return out, nil
}

// Archive takes a segment out of the lists, or puts it back. What uses it goes on working. It needs
// [staff.WriteSegments].
func (s *Segments) Archive(ctx context.Context, id int64, archived bool) error {
	if _, err := staff.Require(ctx, staff.WriteSegments); err != nil {
		return err
	}
	action, at := "segment.restore", (*time.Time)(nil)
	if archived {
		now := s.now()
		action, at = "segment.archive", &now
	}
	err := store.InTx(ctx, s.db, func(ctx context.Context, tx bun.Tx) error {
		result, err := tx.NewUpdate().Model((*row)(nil)).Set("archived_at = ?", at).Where("id = ?", id).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, store.ErrNotFound)
		}
		return staff.Record(ctx, tx, action, "segment", id, nil)
	})
	if err != nil {
		return fmt.Errorf("archiving segment %d: %w", id, err)
	}
	return nil
}

// Recount counts a segment and keeps the figures for lists. Anybody's look at it may do so: it changes nothing but them.
func (s *Segments) Recount(ctx context.Context, id, shopID int64, topic string) (Count, error) {
	saved, err := s.Get(ctx, id)
	if err != nil {
		return Count{}, err
	}
	count, err := s.Count(ctx, saved.Tree, shopID, topic)
	if err != nil {
		return Count{}, err
	}
	_, err = s.db.NewUpdate().Model((*row)(nil)).Set("people = ?, mailable = ?, counted_at = ?", count.Profiles, count.Mailable, s.now()).
		Where("id = ? AND updated_at = ?", id, saved.UpdatedAt).Exec(ctx)
	if err != nil {
		return Count{}, fmt.Errorf("keeping the count of segment %d: %w", id, err)
	}
	return count, nil
}
