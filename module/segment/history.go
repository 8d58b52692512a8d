package segment

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// Size is how many people a segment had on a day in the first shop's zone, as it was last followed that day.
type Size struct {
	Day     string `json:"day"`
	People  int64  `json:"people"`
	Entered int64  `json:"entered"`
	Left    int64  `json:"left"`
}

// Edition is a stretch of time in which a segment asked the same question.
type Edition struct {
	BeganAt time.Time `json:"began_at"`
	Before  *int64    `json:"people_before"` // people of the edition before, when it ended; nil: there was none
	People  int64     `json:"people"`        // as counted last
}

// History is how a saved segment grew.
type History struct {
	Sizes    []Size    `json:"sizes"`     // oldest first; days without a look are left out
	Editions []Edition `json:"editions"`  // newest first
	LookedAt time.Time `json:"looked_at"` // zero: never yet
	Failed   bool      `json:"failed"`    // it cannot be followed: a product or a category that it names is gone
}

// editionsShown is how many editions a history tells of.
const editionsShown = 20

// History gives a segment's sizes of the last days, today's with them. It needs [staff.SeeSales].
func (s *Segments) History(ctx context.Context, id int64, days int) (History, error) {
	if _, err := staff.Require(ctx, staff.SeeSales); err != nil {
		return History{}, err
	}
	zone, err := s.zone(ctx, 0)
	if err != nil {
		return History{}, err
	}
	h := History{Sizes: []Size{}, Editions: []Edition{}}
	from := s.now().In(zone).AddDate(0, 0, 1-days).Format(dayLayout)
	err = s.db.NewRaw("SELECT DATE_FORMAT(day, '%Y-%m-%d') AS day, people, entered, gone AS `left` FROM crm_segment_sizes WHERE segment_id = ? AND day >= ? ORDER BY day", id, from).Scan(ctx, &h.Sizes)
	if err != nil {
		return History{}, fmt.Errorf("reading the sizes of segment %d: %w", id, err)
	}
	var rows []editionRow
	err = s.db.NewSelect().Model(&rows).Where("segment_id = ? AND filled_at IS NOT NULL", id).OrderExpr("id DESC").Limit(editionsShown).Scan(ctx)
	if err != nil {
		return History{}, fmt.Errorf("reading the editions of segment %d: %w", id, err)
	}
	for _, r := range rows {
		h.Editions = append(h.Editions, Edition{BeganAt: r.BeganAt, Before: r.PeopleBefore, People: r.People})
	}
	last, err := s.lastEdition(ctx, id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return History{}, err
	}
	h.LookedAt, h.Failed = last.LookedAt.Time, !last.FailedAt.IsZero()
	return h, nil
}

// Move is somebody who entered or left.
type Move struct {
	Person Person
	At     time.Time // of the look that found it
}

// Moves gives who entered, or left, last: the newest first, at most limit. It needs [staff.SeePeople].
func (s *Segments) Moves(ctx context.Context, id int64, entered bool, limit int) ([]Move, error) {
	if _, err := staff.Require(ctx, staff.SeePeople); err != nil {
		return nil, err
	}
	var rows []struct {
		ProfileID int64
		At        time.Time
	}
	err := s.db.NewRaw(`SELECT COALESCE(p.merged_into, p.id) AS profile_id, v.at FROM crm_segment_moves AS v FORCE INDEX (crm_segment_moves_segment) STRAIGHT_JOIN crm_profiles AS p ON p.id = v.profile_id
		WHERE v.segment_id = ? AND v.entered = ? ORDER BY v.at DESC, v.id DESC LIMIT ?`, id, entered, min(limit, store.PageMax)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("reading who moved in segment %d: %w", id, err)
	}
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.ProfileID
	}
	people, err := s.persons(ctx, ids)
	if err != nil {
		return nil, err
	}
	byID := map[int64]Person{}
	for _, p := range people {
		byID[p.ID] = p
	}
	var moves []Move
	for _, r := range rows {
		if p, ok := byID[r.ProfileID]; ok {
			moves = append(moves, Move{p, r.At})
		}
	}
	return moves, nil
}

// Moved is the question who entered, or left, since a moment, for a list of them: who went into another is found as that one.
func (s *Segments) Moved(id int64, entered bool, since time.Time) Query {
	return Query{SQL: `p.id IN (SELECT COALESCE(g.merged_into, g.id) FROM crm_segment_moves AS v JOIN crm_profiles AS g ON g.id = v.profile_id
		WHERE v.segment_id = ? AND v.entered = ? AND v.at >= ?)`, Args: []any{id, entered, since.UTC()}}
}

// ExportMoved is [Segments.Moved] for a list to be given out. It needs [staff.ExportPeople], and the audit log keeps it.
func (s *Segments) ExportMoved(ctx context.Context, id int64, entered bool, since time.Time) (Query, error) {
	if _, err := staff.Require(ctx, staff.ExportPeople); err != nil {
		return Query{}, err
	}
	return s.Moved(id, entered, since), staff.Record(ctx, s.db, "segment.export", "segment", id, map[string]any{"entered": entered, "since": since})
}
