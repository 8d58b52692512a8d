package opencart

import (
	"context"
	"fmt"
	"time"

	"github.com/kupec/kupec/adapters/follow"
)

// sweepStep is how many rows a sweep looks at in one poll. Orders are wide rows, and OpenCart has no index on date_modified.
const sweepStep = 5_000

// sweepModified walks over rows that meet a condition for those whose date_modified has moved. That one is on the shop's clock,
// and so is what it is compared with.
func (r *reader) sweepModified(src follow.Source, condition string) follow.Sweep {
	target := src.Target
	if target == "" {
		target = "t." + src.ID
	}
	return func(ctx context.Context, db follow.DB, p follow.Place, limit int) (follow.Stride, error) {
		s, err := stride(ctx, db, p, src)
		if err != nil {
			return s, err
		}
		s.Hits, err = hits(ctx, db, src.What, fmt.Sprintf("SELECT t.%[1]s, %[2]s FROM %[3]s t FORCE INDEX (PRIMARY) WHERE t.%[1]s > ? AND t.%[1]s <= ? AND t.date_modified >= ? AND %[4]s ORDER BY t.%[1]s LIMIT ?",
			src.ID, target, src.Table, condition), p.Swept(), s.End, r.wallSince(time.Unix(p.ChangedSince(), 0)), limit)
		return s, err
	}
}

// stride is how far the next rows reach. Numbers have gaps, which are large where a shop was moved or merged.
func stride(ctx context.Context, db follow.DB, p follow.Place, src follow.Source) (s follow.Stride, err error) {
	err = db.One(ctx, src.What, fmt.Sprintf("SELECT COALESCE(MAX(k.%[1]s), 0) FROM (SELECT t.%[1]s FROM %[2]s t FORCE INDEX (PRIMARY) WHERE t.%[1]s > ? ORDER BY t.%[1]s LIMIT %[3]d) k",
		src.ID, src.Table, sweepStep), []any{p.Swept()}, &s.End)
	if s.End == 0 || s.End >= p.Highest() {
		s.End, s.Last = p.Highest(), true
	}
	return s, err
}

// everyStep is how many rows are walked over in one poll where nothing tells of a change.
const everyStep = 200

// everyRow walks over all rows again and again.
func everyRow(src follow.Source) follow.Sweep {
	own, target := "TRUE", "t."+src.ID
	if src.Own != "" {
		own = src.Own
	}
	if src.Target != "" {
		target = src.Target
	}
	return func(ctx context.Context, db follow.DB, p follow.Place, limit int) (follow.Stride, error) {
		few := min(limit, everyStep)
		var s follow.Stride
		var err error
		s.Hits, err = hits(ctx, db, src.What, fmt.Sprintf("SELECT t.%[1]s, %[2]s FROM %[3]s t FORCE INDEX (PRIMARY) WHERE t.%[1]s > ? AND %[4]s ORDER BY t.%[1]s LIMIT ?",
			src.ID, target, src.Table, own), p.Swept(), few)
		if len(s.Hits) > 0 {
			s.End = s.Hits[len(s.Hits)-1].ID
		}
		s.Last = len(s.Hits) < few
		return s, err
	}
}

func hits(ctx context.Context, db follow.DB, what, statement string, args ...any) (found []follow.Hit, err error) {
	err = db.Each(ctx, what, statement, args, func(scan func(...any) error) error {
		var h follow.Hit
		err := scan(&h.ID, &h.Target)
		found = append(found, h)
		return err
	})
	return found, err
}
