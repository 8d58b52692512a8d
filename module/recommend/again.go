package recommend

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/predict"
)

// refillRow is how a product is bought again.
type refillRow struct {
	bun.BaseModel `bun:"table:crm_refills"`

	RunID     int64
	ProductID int64
	Buyers    int64
	Again     int64   // of these, who bought it on another day too
	GapDays   float64 // from one such day to the next, on average
}

const (
	leastAgain     = 3       // people who bought a product again, for its own gaps to count
	rhythmVisits   = 3       // purchase days of one product, to learn from
	rhythmSample   = 100_000 // people and products to learn from
	ratiosKept     = 200
	refillLead     = 7 // days before it is used up, but a quarter of its time at most
	refillPatience = 2 // times the days within which three of four come again, after which nobody is reminded
)

// rhythm is how things are bought again in a shop, as a run keeps it.
type rhythm struct {
	Gap    float64   `json:"gap"` // mean days
	Ratios []float64 `json:"ratios"`
}

// learnRefills works out how things are bought again. A shop where too little is has no rhythm, which is no error.
func (e *Engine) learnRefills(ctx context.Context, runID int64, h *history) (*rhythm, error) {
	repeats, days := h.trade.Repeats(rhythmVisits, rhythmSample)
	w := writer[refillRow]{db: e.db}
	for i, r := range repeats {
		if r.Again < leastAgain {
			continue
		}
		row := refillRow{RunID: runID, ProductID: h.products[i], Buyers: int64(r.Buyers), Again: int64(r.Again), GapDays: r.Days / float64(r.Gaps)}
		if err := w.add(ctx, row); err != nil {
			return nil, err
		}
	}
	if err := w.flush(ctx); err != nil {
		return nil, err
	}
	learnt, err := predict.LearnRhythm(days)
	if few := (*predict.TooFewError)(nil); errors.As(err, &few) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &rhythm{learnt.Mean, learnt.Ratios(ratiosKept)}, nil
}

func (e *Engine) readRefills(ctx context.Context, s *shelves) error {
	var rows []refillRow
	if err := e.db.NewSelect().Model(&rows).Where("run_id = ?", s.run).Scan(ctx); err != nil {
		return fmt.Errorf("reading how things are bought again: %w", err)
	}
	for _, r := range rows {
		s.refills[r.ProductID] = r
	}
	var raw string
	if err := e.db.NewRaw("SELECT detail FROM crm_model_runs WHERE id = ?", s.run).Scan(ctx, &raw); err != nil {
		return fmt.Errorf("reading how things are bought again: %w", err)
	}
	var d detail
	_ = json.Unmarshal([]byte(raw), &d) // our own; a damaged one has no rhythm
	if d.Rhythm != nil {
		s.gap, s.ratios = d.Rhythm.Gap, d.Rhythm.Ratios
	}
	return nil
}

// again picks what people have likely used up, those first whose time is nearest.
func (e *Engine) again(ctx context.Context, q *question) (map[int64][]pick, error) {
	s, err := e.shelves(ctx, q)
	if err != nil {
		return nil, err
	}
	picks := e.nothing(q)
	if len(s.ratios) == 0 {
		return picks, nil
	}
	days, err := e.purchaseDays(ctx, q)
	if err != nil {
		return nil, err
	}
	had := map[int64]bool{}
	for _, theirs := range days {
		for product := range theirs {
			had[product] = true
		}
	}
	unsellable, err := e.unsellable(ctx, had)
	if err != nil {
		return nil, err
	}
	today := dayNumber(e.now())
	for _, id := range q.people {
		picks[id] = s.due(days[id], today, func(product int64) bool {
			return unsellable[product] || q.barred(id, product) || !q.owned[id][product].kept
		}, q.n)
	}
	return picks, nil
}

// due ranks what is due by how near its day is, as a part of the time that it lasts.
func (s *shelves) due(days map[int64][]int32, today int32, refused func(product int64) bool, n int) []pick {
	type candidate struct {
		pick
		off float64
	}
	var found []candidate
	for product, theirs := range days {
		if refused(product) {
			continue
		}
		gap, share := s.gap, 0.0
		if r, known := s.refills[product]; known {
			gap, share = r.GapDays, float64(r.Again)/float64(r.Buyers)
		}
		last := theirs[len(theirs)-1]
		due, err := predict.NewRhythm(gap, gap, s.ratios).Refill(theirs, share, last)
		if err != nil { // not a thing that is bought regularly
			continue
		}
		waited, lasts := float64(today-last), due.Day-float64(last)
		early := min(due.Low-float64(last), lasts-min(refillLead, lasts/4))
		if waited < early || waited > refillPatience*(due.High-float64(last)) {
			continue
		}
		found = append(found, candidate{pick{product: product, kind: Again, last: last, lasts: max(1, int(math.Round(lasts)))}, math.Abs(waited-lasts) / max(1, lasts)})
	}
	slices.SortFunc(found, func(a, b candidate) int { return cmp.Or(cmp.Compare(a.off, b.off), cmp.Compare(a.product, b.product)) })
	var picks []pick
	for _, c := range found[:min(n, len(found))] {
		picks = append(picks, c.pick)
	}
	return picks
}

// purchaseDays are the days, ascending, on which each person bought each product to keep.
func (e *Engine) purchaseDays(ctx context.Context, q *question) (map[int64]map[int64][]int32, error) {
	var rows []struct {
		ProfileID, ProductID int64
		Day                  int32
	}
	err := e.db.NewRaw(`SELECT DISTINCT o.profile_id, l.product_id, TO_DAYS(o.placed_at) AS day
		FROM crm_orders AS o JOIN crm_order_lines AS l ON l.order_id = o.id
		WHERE o.profile_id IN (?) AND o.shop_id = ? AND l.product_id IS NOT NULL AND o.placed_at IS NOT NULL AND `+kept+` ORDER BY 1, 2, 3`,
		bun.List(q.people), q.shop, keptStatuses).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("reading when people bought what: %w", err)
	}
	days := map[int64]map[int64][]int32{}
	for _, r := range rows {
		if days[r.ProfileID] == nil {
			days[r.ProfileID] = map[int64][]int32{}
		}
		days[r.ProfileID][r.ProductID] = append(days[r.ProfileID][r.ProductID], r.Day)
	}
	return days, nil
}
