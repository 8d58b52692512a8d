package insight

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Stage is where a profile stands in its life as a customer.
//
// Stages go by the gap that is to be expected until somebody's next order: their own mean gap, drawn towards the median
// gap of the shop's returning buyers as if that were one more gap of theirs; for whoever bought once, the shop's alone;
// never less than a week. A shop where fewer than 30 people have returned is taken to have a gap of 30 days. How many such
// gaps make somebody slip or be lost, from how many orders on somebody is loyal, and the shop's gap itself are set by
// [StageRules].
type Stage string

// The stages, in the order of a customer's life.
const (
	StageLead     Stage = "lead"     // has not bought yet
	StageNew      Stage = "new"      // bought once, no longer ago than two expected gaps
	StageActive   Stage = "active"   // bought two or three times, the last no longer ago than two expected gaps
	StageLoyal    Stage = "loyal"    // bought four times or more, the last no longer ago than two expected gaps
	StageWonBack  Stage = "won_back" // was lost when the last order came, no longer ago than two expected gaps
	StageSlipping Stage = "slipping" // last bought two to four expected gaps ago
	StageLost     Stage = "lost"     // last bought longer ago than four expected gaps, or at a time nobody knows
)

// Stages is all of them, in order.
var Stages = []Stage{StageLead, StageNew, StageActive, StageLoyal, StageWonBack, StageSlipping, StageLost}

const (
	usualGap      = 30.0 // days, where the shop's own cannot be known yet
	shortestGap   = 7.0  // days
	returnedLeast = 30   // people who make a median
	paceHolds     = 15 * time.Minute
	paceFew       = 1000 // profiles refreshed that do not move a pace
	paceMoved     = 0.1  // of its value: then all stages are set anew
)

// pace is how often people come back, by shop, and what the shop's staff make of it.
type pace struct {
	at       time.Time         // when it was measured; zero: never
	gaps     map[int64]float64 // median days
	rules    map[int64]StageRules
	returned int64 // people it was measured by
	since    int64 // profiles refreshed since
}

// of gives a shop's rules with the gap that holds.
func (p pace) of(shopID int64) StageRules {
	r, ok := p.rules[shopID]
	if !ok {
		r = usualRules(shopID)
	}
	if gap, measured := p.gaps[shopID]; r.GapDays == 0 && measured {
		r.GapDays = gap
	}
	if r.GapDays == 0 {
		r.GapDays = usualGap
	}
	return r
}

// shops are those that are not like any other.
func (p pace) shops() []int64 {
	ids := slices.AppendSeq(slices.Collect(maps.Keys(p.gaps)), maps.Keys(p.rules))
	slices.Sort(ids)
	return slices.Compact(ids)
}

// perShop is a number of each shop as SQL, over alias p of crm_profiles.
func (p pace) perShop(number func(StageRules) float64) string {
	var b strings.Builder
	b.WriteString("CASE p.shop_id")
	write := func(f float64) { b.WriteString(strconv.FormatFloat(f, 'f', -1, 64)) }
	for _, id := range p.shops() {
		fmt.Fprintf(&b, " WHEN %d THEN ", id)
		write(number(p.of(id)))
	}
	b.WriteString(" WHEN 0 THEN 0 ELSE ") // no shop is 0: the CASE of an empty pace needs a branch
	write(number(p.of(0)))
	b.WriteString(" END")
	return b.String()
}

// stageSQL is the rule of [Stage] as SQL over aliases f of crm_facts and p of crm_profiles. Facts from before days with an
// order were counted have two of them at least where they have a gap.
func (p pace) stageSQL(now time.Time) (string, []any) {
	const days = "GREATEST(2, f.order_days)"
	gap := p.perShop(func(r StageRules) float64 { return r.GapDays })
	lost := p.perShop(func(r StageRules) float64 { return r.LostAfter })
	slipping := p.perShop(func(r StageRules) float64 { return r.SlippingAfter })
	loyal := p.perShop(func(r StageRules) float64 { return float64(r.LoyalFrom) })
	expected := fmt.Sprintf("GREATEST(%g, IF(f.gap_days IS NULL, %[2]s, (f.gap_days * (%[3]s - 1) + %[2]s) / %[3]s))", shortestGap, gap, days)
	before := fmt.Sprintf("GREATEST(%g, (f.gap_days * (%[3]s - 1) - f.last_gap_days + %[2]s) / (%[3]s - 1))", shortestGap, gap, days) // the last order
	idle := "TIMESTAMPDIFF(SECOND, f.last_order_at, ?) / 86400"
	sql := "CASE WHEN f.orders = 0 THEN 'lead' WHEN f.last_order_at IS NULL OR " + idle + " > " + lost + " * " + expected + " THEN 'lost' WHEN " +
		idle + " > " + slipping + " * " + expected + " THEN 'slipping' WHEN f.last_gap_days > " + lost + " * " + before +
		" THEN 'won_back' WHEN f.orders >= " + loyal + " THEN 'loyal' WHEN f.orders > 1 THEN 'active' ELSE 'new' END"
	return sql, []any{now, now}
}

// measure finds the median gap of each shop's returning buyers from the facts as they stand.
func (f *Facts) measure(ctx context.Context) (pace, error) {
	now := pace{at: f.now(), gaps: map[int64]float64{}}
	var err error
	if now.rules, err = f.rules(ctx); err != nil {
		return pace{}, err
	}
	var shops []struct {
		ShopID, N int64
	}
	returned := f.db.NewSelect().TableExpr("crm_facts AS f").Join("JOIN crm_profiles AS p ON p.id = f.profile_id").Where("f.gap_days IS NOT NULL")
	err = returned.Clone().ColumnExpr("p.shop_id, COUNT(*) AS n").GroupExpr("p.shop_id").Having("COUNT(*) >= ?", returnedLeast).Scan(ctx, &shops)
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
// profiles were refreshed, with the rules as they stand. moved says that it differs enough from the one before for all stages
// to be set again.
func (f *Facts) current(ctx context.Context) (p pace, moved bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	was := f.pace
	rules, err := f.rules(ctx)
	if err != nil {
		return pace{}, false, err
	}
	ruled := !maps.Equal(rules, was.rules)
	if !was.at.IsZero() && !ruled && f.now().Sub(was.at) < paceHolds && was.since < was.returned+paceFew {
		return was, false, nil
	}
	if f.pace, err = f.measure(ctx); err != nil {
		f.pace = was
		return pace{}, false, err
	}
	return f.pace, !was.at.IsZero() && (ruled || f.pace.differs(was)), nil
}

// refreshed notes that profiles were refreshed, which moves the pace.
func (f *Facts) refreshed(n int) {
	f.mu.Lock()
	f.pace.since += int64(n)
	f.mu.Unlock()
}

func (p pace) differs(was pace) bool {
	for _, id := range slices.Concat(p.shops(), was.shops()) {
		if before := was.of(id).GapDays; math.Abs(p.of(id).GapDays-before) > paceMoved*before {
			return true
		}
	}
	return false
}
