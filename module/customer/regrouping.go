package customer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// RegroupingKind is what the staff did with two profiles.
type RegroupingKind string

// The kinds of regrouping.
const (
	Merging   RegroupingKind = "merge"  // a profile went into another
	Unlinking RegroupingKind = "unlink" // an identity was taken out of a profile and has one of its own
)

// Regrouping is something the staff moved from one profile to another.
type Regrouping struct {
	ID         int64
	Kind       RegroupingKind
	ProfileID  int64   // of a merge: who went into the other; of an unlinking: who came out of the other
	OtherID    int64   // who stayed
	Identities []int64 // that moved
	StaffID    int64
	At         time.Time
	UndoneAt   time.Time // zero: it stands
	UndoneBy   int64
}

// Why people cannot be regrouped.
var (
	ErrSamePerson   = errors.New("both are one profile already")
	ErrOnlyIdentity = errors.New("it is the only thing by which the profile is recognised: nothing would be left")
	ErrNotALink     = errors.New("it recognises nobody by itself: there is nothing to unlink")
	ErrUndone       = errors.New("this was undone already")
	ErrNothingLeft  = errors.New("nothing of what moved is there any more: it has moved on since")
)

// MovedError says that a profile went into another since somebody looked at it.
type MovedError struct{ ID, Into int64 }

func (e *MovedError) Error() string {
	return fmt.Sprintf("profile %d went into profile %d meanwhile: look at that one", e.ID, e.Into)
}

type regroupingRow struct {
	bun.BaseModel `bun:"table:crm_regroupings"`

	ID        int64 `bun:",pk,autoincrement"`
	Kind      RegroupingKind
	ProfileID int64
	OtherID   int64
	Moved     movedThings `bun:"type:json"`
	BeforeRow string      // of OtherID, as JSON; empty: nobody wrote it down
	StaffID   int64
	At        time.Time
	UndoneAt  bun.NullTime
	UndoneBy  int64
}

// movedThings is what changed hands, by id, and the profiles that had gone into the one that moved before.
type movedThings struct {
	Identities []int64 `json:"identities"`
	ByHand     []int64 `json:"by_hand,omitempty"` // identities whose place the staff had decided already
	Notes      []int64 `json:"notes,omitempty"`
	Profiles   []int64 `json:"profiles,omitempty"`
}

var regroupingColumns = []string{"id", "kind", "profile_id", "other_id", "moved", "before_row", "staff_id", "at", "undone_at", "undone_by"}

func (r regroupingRow) regrouping() Regrouping {
	return Regrouping{ID: r.ID, Kind: r.Kind, ProfileID: r.ProfileID, OtherID: r.OtherID, Identities: r.Moved.Identities, StaffID: r.StaffID, At: r.At,
		UndoneAt: r.UndoneAt.Time, UndoneBy: r.UndoneBy}
}

// Regrouping gives one, or store.ErrNotFound. It needs staff.SeePeople.
func (r *Registry) Regrouping(ctx context.Context, id int64) (Regrouping, error) {
	if _, err := staff.Require(ctx, staff.SeePeople); err != nil {
		return Regrouping{}, err
	}
	row, err := r.regrouping(ctx, r.db, id, false)
	return row.regrouping(), err
}

func (r *Registry) regrouping(ctx context.Context, db bun.IDB, id int64, lock bool) (regroupingRow, error) {
	var row regroupingRow
	q := db.NewSelect().Model(&row).Column(regroupingColumns...).Where("id = ?", id)
	if lock {
		q = q.For("UPDATE")
	}
	if err := q.Scan(ctx); err != nil {
		return regroupingRow{}, fmt.Errorf("regrouping %d: %w", id, store.NotFound(err))
	}
	return row, nil
}

// Regroupings is what was moved to or from a profile, or one that went into it, newest first. It needs staff.SeePeople.
func (r *Registry) Regroupings(ctx context.Context, profileID int64) ([]Regrouping, error) {
	if _, err := staff.Require(ctx, staff.SeePeople); err != nil {
		return nil, err
	}
	rows, err := r.regroupingsOf(ctx, r.db, profileID)
	if err != nil {
		return nil, err
	}
	list := make([]Regrouping, len(rows))
	for i, row := range rows {
		list[len(rows)-1-i] = row.regrouping()
	}
	return list, nil
}

// regroupingsOf is the same, oldest first.
func (r *Registry) regroupingsOf(ctx context.Context, db bun.IDB, profileID int64) ([]regroupingRow, error) {
	var rows []regroupingRow
	const who = "(SELECT ? AS id UNION ALL SELECT id FROM crm_profiles WHERE merged_into = ?) who"
	const columns = "g.id, g.kind, g.profile_id, g.other_id, g.moved, g.before_row, g.staff_id, g.at, g.undone_at, g.undone_by"
	err := db.NewRaw("SELECT "+columns+" FROM "+who+" JOIN crm_regroupings g ON g.profile_id = who.id UNION SELECT "+columns+" FROM "+who+
		" JOIN crm_regroupings g ON g.other_id = who.id ORDER BY id LIMIT ?", profileID, profileID, profileID, profileID, store.PageMax).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("reading what was moved to or from profile %d: %w", profileID, err)
	}
	return rows, nil
}

// regroupingMoments tells them to the timeline.
func (r *Registry) regroupingMoments(ctx context.Context, profileID int64, before time.Time, limit int) ([]Moment, error) {
	rows, err := r.regroupingsOf(ctx, r.db, profileID)
	if err != nil {
		return nil, err
	}
	var moments []Moment
	add := func(at time.Time, key string, by int64, row regroupingRow) {
		if at.IsZero() || !before.IsZero() && !at.Before(before) {
			return
		}
		moments = append(moments, Moment{At: at, Kind: MomentRegrouping, Key: key, Args: map[string]any{"staff": by, "count": int64(len(row.Moved.Identities))},
			Link: "customers/regroupings/" + strconv.FormatInt(row.ID, 10)})
	}
	for _, row := range rows {
		add(row.At, "timeline."+string(row.Kind), row.StaffID, row)
		add(row.UndoneAt.Time, "timeline."+string(row.Kind)+"_undone", row.UndoneBy, row)
	}
	slices.SortStableFunc(moments, func(a, b Moment) int { return b.At.Compare(a.At) })
	return moments[:min(limit, len(moments))], nil
}
