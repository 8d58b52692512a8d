package insight

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// Stage is where a profile stands in its life as a customer.
//
// Stages go by the gap that is to be expected until somebody's next order: their own mean gap, drawn towards the median
// gap of the shop's returning buyers as if that were one more gap of theirs; for whoever bought once, the shop's alone;
// never less than a week. A shop where fewer than 30 people have returned is taken to have a gap of 30 days.
type Stage string

// The stages, in the order of a customer's life.
const (
	StageLead     Stage = "lead"     // has not bought yet
	StageNew      Stage = "new"      // bought once, no longer ago than two expected gaps
	StageActive   Stage = "active"   // bought two or three times, the last no longer ago than two expected gaps
	StageLoyal    Stage = "loyal"    // bought four times or more, the last no longer ago than two expected gaps
	StageSlipping Stage = "slipping" // last bought two to four expected gaps ago
	StageLost     Stage = "lost"     // last bought longer ago than four expected gaps, or at a time nobody knows
)

// Stages is all of them, in order.
var Stages = []Stage{StageLead, StageNew, StageActive, StageLoyal, StageSlipping, StageLost}

const (
	usualGap      = 30.0 // days, where the shop's own cannot be known yet
	shortestGap   = 7.0  // days
	slippingAfter = 2    // expected gaps
	lostAfter     = 4
	loyalFrom     = 4  // orders
	returnedLeast = 30 // people who make a median
	paceHolds     = 15 * time.Minute
	paceFew       = 1000 // profiles refreshed that do not move a pace
	paceMoved     = 0.1  // of its value: then all stages are set anew
)

// pace is how often people come back, by shop.
type pace struct {
	at       time.Time         // when it was measured; zero: never
	gaps     map[int64]float64 // median days
	returned int64             // people it was measured by
	since    int64             // profiles refreshed since
}

func (p pace) of(shopID int64) float64 {
	if gap, ok := p.gaps[shopID]; ok {
		return gap
	}
	return usualGap
}

// gapSQL is the pace as SQL, over alias p of crm_profiles.
func (p pace) gapSQL() (string, []any) {
	var b strings.Builder
	var args []any
	b.WriteString("CASE p.shop_id")
	shops := make([]int64, 0, len(p.gaps))
	for id := range p.gaps {
		shops = append(shops, id)
	}
	slices.Sort(shops)
	for _, id := range shops {
		b.WriteString(" WHEN ? THEN ?")
		args = append(args, id, p.gaps[id])
	}
	b.WriteString(" WHEN 0 THEN ? ELSE ? END") // no shop is 0: the CASE of an empty pace needs a branch
	return b.String(), append(args, usualGap, usualGap)
}

// stageSQL is the rule of [Stage] as SQL over aliases f of crm_facts and p of crm_profiles.
func (p pace) stageSQL(now time.Time) (string, []any) {
	shop, shopArgs := p.gapSQL()
	expected := "GREATEST(" + fmt.Sprint(shortestGap) + ", IF(f.gap_days IS NULL, " + shop + ", (f.gap_days * (f.orders - 1) + " + shop + ") / f.orders))"
	idle := "TIMESTAMPDIFF(SECOND, f.last_order_at, ?) / 86400"
	var args []any
	over := func(times int) string {
		args = append(append(append(args, now), shopArgs...), shopArgs...)
		return fmt.Sprintf("%s > %d * %s", idle, times, expected)
	}
	sql := "CASE WHEN f.orders = 0 THEN 'lead' WHEN f.last_order_at IS NULL OR " + over(lostAfter) + " THEN 'lost' WHEN " + over(slippingAfter) +
		fmt.Sprintf(" THEN 'slipping' WHEN f.orders >= %d THEN 'loyal' WHEN f.orders > 1 THEN 'active' ELSE 'new' END", loyalFrom)
	return sql, args
}

// measure finds the median gap of each shop's returning buyers from the facts as they stand.
func (f *Facts) measure(ctx context.Context) (pace, error) {
	now := pace{at: f.now(), gaps: map[int64]float64{}}
	var shops []struct {
		ShopID, N int64
	}
	returned := f.db.NewSelect().TableExpr("crm_facts AS f").Join("JOIN crm_profiles AS p ON p.id = f.profile_id").Where("f.gap_days IS NOT NULL")
	err := returned.Clone().ColumnExpr("p.shop_id, COUNT(*) AS n").GroupExpr("p.shop_id").Having("COUNT(*) >= ?", returnedLeast).Scan(ctx, &shops)
	if err != nil {
		return pace{}, fmt.Errorf("counting returning buyers: %w", err)
	}
	for _, s := range shops {
		now.returned += s.N
		var gap float64
		err := returned.Clone().ColumnExpr("f.gap_days").Where("p.shop_id = ?", s.ShopID).Order("f.gap_days").Offset(s.N/2).Limit(1).Scan(ctx, &gap)
		if err != nil {
			return pace{}, fmt.Errorf("finding the median gap of shop %d: %w", s.ShopID, err)
		}
		now.gaps[s.ShopID] = gap
	}
	return now, nil
}

// current gives the pace by which stages are set: measured at most a quarter of an hour ago, and not before half of the
// profiles were refreshed. moved says that it was measured anew and differs enough for all stages to be set again.
func (f *Facts) current(ctx context.Context) (p pace, moved bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	was := f.pace
	if !was.at.IsZero() && f.now().Sub(was.at) < paceHolds && was.since < was.returned+paceFew {
		return was, false, nil
	}
	if f.pace, err = f.measure(ctx); err != nil {
		f.pace = was
		return pace{}, false, err
	}
	return f.pace, !was.at.IsZero() && f.pace.differs(was), nil
}

// refreshed notes that profiles were refreshed, which moves the pace.
func (f *Facts) refreshed(n int) {
	f.mu.Lock()
	f.pace.since += int64(n)
	f.mu.Unlock()
}

func (p pace) differs(was pace) bool {
	for id, gap := range p.gaps {
		if math.Abs(gap-was.of(id)) > paceMoved*was.of(id) {
			return true
		}
	}
	for id := range was.gaps {
		if _, ok := p.gaps[id]; !ok {
			return true
		}
	}
	return false
}
