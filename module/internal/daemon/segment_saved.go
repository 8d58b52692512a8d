package daemon

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/store"
)

// saved finds a segment by its number or its name.
func (w *world) saved(ctx context.Context, text string) (segment.Segment, error) {
	if id, err := strconv.ParseInt(text, 10, 64); err == nil {
		found, err := w.Segments.Get(ctx, id)
		if !errors.Is(err, store.ErrNotFound) {
			return found, err
		}
	}
	list, err := w.Segments.List(ctx, segment.ListFilter{Query: text})
	if err != nil {
		return segment.Segment{}, err
	}
	for _, s := range list {
		if strings.EqualFold(s.Name, text) {
			return s, s.Problem
		}
	}
	return segment.Segment{}, fmt.Errorf("no saved segment has the number or the name %q: both are in the panel under Segments", text)
}

// savedSegment is one in the commands' output.
type savedSegment struct {
	ID     int64  `json:"id"`
	Name   string `json:"name"`
	People *int64 `json:"people,omitempty"`
}

type segmentHistoryCommand struct {
	Segment string `arg:"" help:"The segment's number or name."`
	Days    int    `default:"90" help:"How many days back, at most 3660."`
	Follow  bool   `help:"Look through the segment now, before telling."`
	JSON    bool   `name:"json" help:"Print JSON."`
}

// Run tells how a segment grew.
func (c *segmentHistoryCommand) Run(ctx context.Context, s *Settings, t *terminal) error {
	if c.Days < 1 || c.Days > 3660 {
		return errors.New("--days takes a number from 1 to 3660")
	}
	w, err := s.open(ctx, t, false)
	if err != nil {
		return err
	}
	defer w.close()
	ctx = asCLI(ctx)
	found, err := w.saved(ctx, c.Segment)
	if err != nil {
		return err
	}
	if c.Follow {
		p := t.progress()
		_, err := w.Segments.Follow(ctx, found.ID, func(done, total int64) { p.show("people who moved", done, total) })
		p.end()
		if err != nil {
			return err
		}
	}
	history, err := w.Segments.History(ctx, found.ID, c.Days)
	if err != nil {
		return err
	}
	if c.JSON {
		return t.json(struct {
			Segment savedSegment `json:"segment"`
			segment.History
		}{savedSegment{ID: found.ID, Name: found.Name}, history})
	}
	if history.LookedAt.IsZero() {
		t.printf("%s was not looked through yet: kupec serve does so each night, --follow does now.\n", found.Name)
		return nil
	}
	t.printf("%-12s %10s %10s %10s\n", "day", "people", "entered", "left")
	for _, size := range history.Sizes {
		t.printf("%-12s %10d %10d %10d\n", size.Day, size.People, size.Entered, size.Left)
	}
	for _, e := range history.Editions {
		if e.Before != nil {
			t.printf("On %s its conditions were edited: %d people before.\n", e.BeganAt.Format("2006-01-02 15:04"), *e.Before)
		}
	}
	return nil
}

type segmentCompareCommand struct {
	Segments []string `arg:"" help:"Two or three segments, by number or name."`
	JSON     bool     `name:"json" help:"Print JSON."`
}

// Run counts who is in which of them.
func (c *segmentCompareCommand) Run(ctx context.Context, s *Settings, t *terminal) error {
	w, err := s.open(ctx, t, false)
	if err != nil {
		return err
	}
	defer w.close()
	ctx = asCLI(ctx)
	var ids []int64
	for _, text := range c.Segments {
		found, err := w.saved(ctx, text)
		if err != nil {
			return err
		}
		ids = append(ids, found.ID)
	}
	compared, err := w.Segments.Compare(ctx, ids, 0)
	if err != nil {
		return err
	}
	if c.JSON {
		return t.json(comparison(compared))
	}
	for _, part := range compared.Parts {
		var names []string
		for _, i := range part.In {
			names = append(names, compared.Segments[i].Name)
		}
		only := ""
		if len(part.In) < len(ids) {
			only = ", and no other"
		}
		t.printf("%10d  in %s%s\n", part.People, strings.Join(names, " and "), only)
	}
	return nil
}

// comparisonJSON is `kupec segment compare --json`. Its keys are relied on by others.
type comparisonJSON struct {
	Segments []savedSegment `json:"segments"`
	Parts    []partJSON     `json:"parts"`
	Millis   int64          `json:"millis"`
}

type partJSON struct {
	In     []int64 `json:"in"` // ids of the segments that its people are in; they are in no other
	People int64   `json:"people"`
}

func comparison(c segment.Comparison) comparisonJSON {
	out := comparisonJSON{Millis: c.Millis}
	for i, s := range c.Segments {
		out.Segments = append(out.Segments, savedSegment{s.ID, s.Name, &c.People[i]})
	}
	for _, part := range c.Parts {
		p := partJSON{People: part.People}
		for _, i := range part.In {
			p.In = append(p.In, c.Segments[i].ID)
		}
		out.Parts = append(out.Parts, p)
	}
	return out
}

type segmentBacktestCommand struct {
	Segment string `arg:"" help:"The segment's number or name."`
	Months  int    `default:"24" help:"How many months back, at most 24."`
	JSON    bool   `name:"json" help:"Print JSON."`
}

// Run makes a backtest, which the panel then shows too.
func (c *segmentBacktestCommand) Run(ctx context.Context, s *Settings, t *terminal) error {
	if c.Months < 1 || c.Months > segment.MaxMonths {
		return fmt.Errorf("--months takes a number from 1 to %d", segment.MaxMonths)
	}
	w, err := s.open(ctx, t, false)
	if err != nil {
		return err
	}
	defer w.close()
	ctx = asCLI(ctx)
	found, err := w.saved(ctx, c.Segment)
	if err != nil {
		return err
	}
	p := t.progress()
	b, err := w.Segments.Backtest(ctx, found.ID, c.Months, func(done, total int64) { p.show("months", done, total) })
	p.end()
	if err != nil {
		return err
	}
	if c.JSON {
		return t.json(b)
	}
	t.printf("%-12s %10s %8s %-24s %10s %8s %s\n", "as of", "people", "ordered", "for", "customers", "ordered", "for")
	for _, m := range b.Months {
		t.printf("%-12s %10d %7.1f%% %-24s %10d %7.1f%% %s\n", m.Day, m.Segment.People, 100*m.Segment.Share(), amounts(m.Segment), m.All.People, 100*m.All.Share(), amounts(m.All))
	}
	return nil
}

func amounts(c segment.Cohort) string {
	var parts []string
	for _, r := range c.Revenue {
		parts = append(parts, money.New(r.Net, r.Currency).String())
	}
	return strings.Join(parts, " + ")
}
