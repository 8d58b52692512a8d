package segment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kupec/kupec/module/staff"
)

// MaxCompared is how many segments are compared at once. More cannot be seen at a glance.
const MaxCompared = 3

// ErrCompared says that what is to be compared are not two or three different segments.
var ErrCompared = errors.New("choose two or three different segments to compare")

// ErrPart says that a comparison has no such part.
var ErrPart = errors.New("the comparison has no such part")

// Part is the people who are in some of the compared segments and not in the others. As a number it has bit i set for
// being in segment i.
type Part struct {
	Number int   `json:"part"`
	In     []int `json:"in"` // places among the compared segments
	People int64 `json:"people"`
}

// Comparison is how segments overlap now.
type Comparison struct {
	Segments []Segment
	People   []int64 // of each segment
	Parts    []Part  // all but the one of people in none, those in most segments first
	Millis   int64
}

// Compare counts the parts of two or three segments, in one statement: they are of one moment, and each person is asked
// about once. It needs [staff.SeeSales]. A product or a category that is gone is an [*InvalidError].
func (s *Segments) Compare(ctx context.Context, ids []int64, shopID int64) (Comparison, error) {
	if _, err := staff.Require(ctx, staff.SeeSales); err != nil {
		return Comparison{}, err
	}
	began := time.Now()
	c, queries, err := s.compared(ctx, ids, shopID)
	if err != nil {
		return Comparison{}, err
	}
	var terms []string
	var args []any
	for i, q := range queries {
		terms = append(terms, fmt.Sprintf("%d * (%s)", 1<<i, q.SQL))
		args = append(args, q.Args...)
	}
	var rows []struct {
		Part   int
		People int64
	}
	err = s.db.NewRaw("SELECT "+strings.Join(terms, " + ")+" AS part, COUNT(*) AS people FROM crm_profiles AS p WHERE p.merged_into IS NULL AND p.erased_at IS NULL GROUP BY part", args...).Scan(ctx, &rows)
	if err != nil {
		return Comparison{}, fmt.Errorf("comparing segments: %w", err)
	}
	people := map[int]int64{}
	for _, r := range rows {
		people[r.Part] = r.People
	}
	c.People = make([]int64, len(ids))
	for number := 1<<len(ids) - 1; number > 0; number-- {
		part := Part{Number: number, In: places(number), People: people[number]}
		for _, i := range part.In {
			c.People[i] += part.People
		}
		c.Parts = append(c.Parts, part)
	}
	slices.SortStableFunc(c.Parts, func(a, b Part) int {
		if len(a.In) != len(b.In) {
			return len(b.In) - len(a.In)
		}
		return slices.Compare(a.In, b.In)
	})
	c.Millis = time.Since(began).Milliseconds()
	return c, nil
}

// places are the bits set in a part's number.
func places(number int) (in []int) {
	for i := range MaxCompared {
		if number&(1<<i) != 0 {
			in = append(in, i)
		}
	}
	return in
}

func (s *Segments) compared(ctx context.Context, ids []int64, shopID int64) (c Comparison, queries []Query, err error) {
	if n := len(ids); n < 2 || n > MaxCompared || len(slices.Compact(slices.Sorted(slices.Values(ids)))) != n {
		return c, nil, ErrCompared
	}
	now := s.now()
	for _, id := range ids {
		saved, err := s.Get(ctx, id)
		if err != nil {
			return c, nil, err
		}
		q, err := s.Compile(ctx, saved.Tree, Scope{Now: now, ShopID: shopID})
		if err != nil {
			return c, nil, err
		}
		c.Segments, queries = append(c.Segments, saved), append(queries, q)
	}
	return c, queries, nil
}

// Part is the question who is in one part of a comparison, for a list of them.
func (s *Segments) Part(ctx context.Context, ids []int64, number int, shopID int64) (Query, error) {
	_, queries, err := s.compared(ctx, ids, shopID)
	if err != nil {
		return Query{}, err
	}
	if number < 1 || number >= 1<<len(ids) {
		return Query{}, ErrPart
	}
	var terms []string
	var part Query
	for i, q := range queries {
		if number&(1<<i) != 0 {
			terms = append(terms, "("+q.SQL+")")
		} else { // as an anti-join: put before the whole question, NOT would have servers ask it of each profile
			terms = append(terms, "p.id NOT IN (SELECT p.id FROM crm_profiles AS p WHERE "+q.SQL+")")
		}
		part.Args = append(part.Args, q.Args...)
	}
	part.SQL = strings.Join(terms, " AND ")
	return part, nil
}

// ExportPart is [Segments.Part] for a list to be given out. It needs [staff.ExportPeople], and the audit log keeps it.
func (s *Segments) ExportPart(ctx context.Context, ids []int64, number int, shopID int64) (Query, error) {
	if _, err := staff.Require(ctx, staff.ExportPeople); err != nil {
		return Query{}, err
	}
	part, err := s.Part(ctx, ids, number, shopID)
	if err != nil {
		return Query{}, err
	}
	var in, out []string
	for i, id := range ids {
		if number&(1<<i) != 0 {
			in = append(in, strconv.FormatInt(id, 10))
		} else {
			out = append(out, strconv.FormatInt(id, 10))
		}
	}
	return part, staff.Record(ctx, s.db, "segment.export", "segment", ids[0], map[string]any{"in": in, "not_in": out})
}
