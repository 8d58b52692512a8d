package segment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/store"
)

// maxOthers is how many other segments a tree may rest on, directly and through others.
const maxOthers = 50

// segmentKind: the people of another segment, as it is when this one is asked.
//
//	{"is":"segment","segment":12}
func segmentKind() Kind {
	return Kind{
		Name: "segment",
		Slots: []Slot{{Name: "segment", Options: []Option{{Name: "segment", Fields: []Field{{Name: "segment", Type: ID,
			Things: &Things{Name: "segment", Read: savedThings}}}}}}},
		Tree: func(b *Builder, c *Condition) Node { return b.found.segments[c.Int("segment")].Tree.Root },
		Sentence: func(s *Speaker, c *Condition) string {
			return s.T("segment.segment", "name", s.Thing("segment", c.Int("segment")))
		},
	}
}

func savedThings(ctx context.Context, db bun.IDB, ids []int64) (list []Thing, err error) {
	q := db.NewSelect().TableExpr("crm_segments").Column("id", "name").OrderExpr("name, id").Limit(MaxThings)
	if ids != nil {
		q = q.Where("id IN (?)", bun.List(ids))
	} else {
		q = q.Where("archived_at IS NULL")
	}
	if err := q.Scan(ctx, &list); err != nil {
		return nil, fmt.Errorf("reading segments: %w", err)
	}
	return list, nil
}

// others reads the segments that a tree rests on, and those they rest on. own is the segment that the tree is of, 0 when it
// is of none. Segments that rest on each other in a circle, that are gone or cannot be read are an [*InvalidError] with the
// place in the tree given.
func (s *Segments) others(ctx context.Context, own Segment, tree Tree) (map[int64]Segment, error) {
	w := walk{s: s, found: map[int64]Segment{}, chain: []Segment{own}}
	return w.found, w.follow(ctx, tree, "")
}

// walk goes from segment to segment. chain is how it came to where it is.
type walk struct {
	s     *Segments
	found map[int64]Segment
	chain []Segment
}

// follow goes through a tree. at is where the tree given first names the segment that this one is of; "" for that tree.
func (w *walk) follow(ctx context.Context, tree Tree, at string) error {
	for path, c := range tree.Conditions() {
		if c.Kind != "segment" {
			continue
		}
		place := at
		if at == "" {
			place = join(path, "segment")
		}
		if err := w.enter(ctx, c.Int("segment"), place); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) enter(ctx context.Context, id int64, at string) error {
	if i := slices.IndexFunc(w.chain, func(s Segment) bool { return s.ID == id }); i >= 0 {
		names := make([]string, 0, len(w.chain)+1)
		for _, s := range append(slices.Clone(w.chain[i:]), w.chain[i]) {
			names = append(names, s.Name)
		}
		circle := strings.Join(names, " → ")
		return wrong("circle", "segments rest on each other in a circle: %s", circle).with("names", circle).at(at)
	}
	if _, known := w.found[id]; known {
		return nil
	}
	if len(w.found) == maxOthers {
		return wrong("others", "a segment rests on at most %d others", maxOthers).with("max", maxOthers).at(at)
	}
	var r row
	err := w.s.db.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx)
	if errors.Is(store.NotFound(err), store.ErrNotFound) {
		return wrong("no_segment", "there is no segment %d", id).with("name", id).at(at)
	}
	if err != nil {
		return fmt.Errorf("reading segment %d: %w", id, err)
	}
	other := w.s.segment(r)
	if other.Problem != nil {
		return wrong("broken", "the segment %q cannot be read: %v", clip(other.Name), other.Problem).with("name", other.Name).at(at)
	}
	w.found[id] = other
	w.chain = append(w.chain, other)
	defer func() { w.chain = w.chain[:len(w.chain)-1] }()
	return w.follow(ctx, other.Tree, at)
}
