package insight

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/predict"
	"github.com/kupec/kupec/module/store"
)

// Refill is when somebody has likely used up what they bought, as of the night's run. Half of such people buy it again
// between From and To.
type Refill struct {
	ProductID    int64
	Last         time.Time // day on which it was bought last
	Due          time.Time // day; it may have passed
	From, To     time.Time
	Every        int // days from one purchase to the next: the person's own mean, for whoever bought it once that of all
	PurchaseDays int
}

type refillRow struct {
	bun.BaseModel `bun:"table:crm_refill_dates,alias:d"`

	ProfileID int64 `bun:"profile_id,pk"`
	ProductID int64 `bun:"product_id,pk"`
	ShopID    int64 `bun:"shop_id"`
	LastOn    date  `bun:"last_on"`
	DueOn     date  `bun:"due_on"`
	DueFrom   date  `bun:"due_from"`
	DueTo     date  `bun:"due_to"`
	Every     int   `bun:"every_days"`
	Purchases int   `bun:"purchases"`
}

const (
	leastAgain   = 3       // people who bought a product again, for its own gaps to count
	rhythmVisits = 3       // purchase days of one product, to learn from
	rhythmSample = 100_000 // people and products to learn from
	ratiosKept   = 200
)

// RefillPatience is after how many times the days within which three of four come again nobody is reminded any more.
const RefillPatience = 2

// Refills gives what somebody has likely used up or will, the earliest first.
func (f *Facts) Refills(ctx context.Context, profileID int64) ([]Refill, error) {
	var rows []refillRow
	if err := f.db.NewSelect().Model(&rows).Where("d.profile_id = ?", profileID).Order("d.due_on", "d.product_id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("reading what profile %d has used up: %w", profileID, err)
	}
	all := make([]Refill, len(rows))
	for i, r := range rows {
		all[i] = r.refill()
	}
	return all, nil
}

// RefillsOf gives them for many people at once, of one shop, in no order.
func RefillsOf(ctx context.Context, db bun.IDB, shopID int64, profileIDs []int64) (map[int64][]Refill, error) {
	var rows []refillRow
	if err := db.NewSelect().Model(&rows).Where("d.profile_id IN (?)", bun.List(profileIDs)).Where("d.shop_id = ?", shopID).Scan(ctx); err != nil {
		return nil, fmt.Errorf("reading what people have used up: %w", err)
	}
	all := make(map[int64][]Refill, len(profileIDs))
	for _, r := range rows {
		all[r.ProfileID] = append(all[r.ProfileID], r.refill())
	}
	return all, nil
}

func (r refillRow) refill() Refill {
	return Refill{r.ProductID, r.LastOn.time(), r.DueOn.time(), r.DueFrom.time(), r.DueTo.time(), r.Every, r.Purchases}
}

// refill works out for everybody what they have likely used up.
func (f *Facts) refill(ctx context.Context, until int32, progress func(done, total int64)) error {
	shops := map[int64]*shelf{}
	if err := f.eachRange(ctx, progress, func(ctx context.Context, s scope) error { return f.stock(ctx, s, until, shops) }); err != nil {
		return err
	}
	for _, shop := range slices.Sorted(maps.Keys(shops)) {
		if err := f.keepRefills(ctx, shop, shops[shop], until); err != nil {
			return fmt.Errorf("working out what customers of shop %d have used up: %w", shop, err)
		}
	}
	return nil
}

// repeat is how a product is bought again.
type repeat struct {
	buyers, again, gaps int     // people; of these, who bought it on another day too; from one such day to the next
	days                float64 // that the gaps take together
}

func (r repeat) gap() float64   { return r.days / float64(r.gaps) }
func (r repeat) share() float64 { return float64(r.again) / float64(r.buyers) }

// rhythm is how things are bought again in a shop.
type rhythm struct {
	mean     float64   // days between two purchases of one thing
	ratios   []float64 // of people's gaps by their own mean; none where the shop has too few to tell
	products []repeat  // by number
}

func (s *shelf) learn() (rhythm, error) {
	r := rhythm{products: make([]repeat, len(s.products))}
	every := int32(1 + len(s.bought)/rhythmSample/rhythmVisits)
	var sample [][]int32
	for h := range s.habits() {
		p := &r.products[h.product]
		p.buyers++
		if len(h.days) < 2 {
			continue
		}
		p.again++
		p.gaps += len(h.days) - 1
		p.days += float64(h.days[len(h.days)-1] - h.days[0])
		if len(h.days) >= rhythmVisits && h.person%every == 0 {
			sample = append(sample, slices.Clone(h.days))
		}
	}
	learnt, err := predict.LearnRhythm(sample)
	if few := (*predict.TooFewError)(nil); errors.As(err, &few) {
		return r, nil
	}
	if err != nil {
		return r, err
	}
	r.mean, r.ratios = learnt.Mean, learnt.Ratios(ratiosKept)
	return r, nil
}

// due goes over the refills of all, by person; nobody is reminded for ever.
func (s *shelf) due(shopID int64, until int32, r rhythm) iter.Seq[refillRow] {
	return func(yield func(refillRow) bool) {
		for h := range s.habits() {
			gap, share := r.mean, 0.0
			if p := r.products[h.product]; p.again >= leastAgain {
				gap, share = p.gap(), p.share()
			}
			last := h.days[len(h.days)-1]
			due, err := predict.NewRhythm(gap, gap, r.ratios).Refill(h.days, share, last)
			if err != nil || float64(until-last) > RefillPatience*(due.High-float64(last)) { // not a thing that is bought regularly, or given up
				continue
			}
			if n := len(h.days); n > 1 {
				gap = float64(last-h.days[0]) / float64(n-1)
			}
			row := refillRow{ProfileID: s.people[h.person], ProductID: s.products[h.product], ShopID: shopID, LastOn: date(last),
				DueOn: nearest(due.Day), DueFrom: nearest(due.Low), DueTo: nearest(due.High), Every: max(1, int(math.Round(gap))), Purchases: len(h.days)}
			if !yield(row) {
				return
			}
		}
	}
}

func nearest(day float64) date { return date(math.Round(min(day, lastDay))) }

// keepRefills makes what is kept of a shop's refills be what was worked out. Dates move only where somebody bought, so most
// rows cost no write.
func (f *Facts) keepRefills(ctx context.Context, shopID int64, s *shelf, until int32) error {
	after := int64(0)
	r, err := s.learn()
	if err != nil {
		return err
	}
	if len(r.ratios) > 0 {
		var part []refillRow
		for row := range s.due(shopID, until, r) {
			if n := len(part); n >= rangeMax && part[n-1].ProfileID != row.ProfileID {
				if err := f.keepRefillsUpTo(ctx, shopID, after, part[n-1].ProfileID, part); err != nil {
					return err
				}
				after, part = part[n-1].ProfileID, part[:0]
			}
			part = append(part, row)
		}
		if n := len(part); n > 0 {
			if err := f.keepRefillsUpTo(ctx, shopID, after, part[n-1].ProfileID, part); err != nil {
				return err
			}
			after = part[n-1].ProfileID
		}
	}
	return f.drop(ctx, "DELETE FROM crm_refill_dates WHERE shop_id = ? AND profile_id > ? LIMIT ?", shopID, after)
}

// keepRefillsUpTo does it for the profiles above after, up to end. Who was erased or merged meanwhile is left out.
func (f *Facts) keepRefillsUpTo(ctx context.Context, shopID, after, end int64, now []refillRow) error {
	type key struct{ profile, product int64 }
	return store.InTx(ctx, f.db, func(ctx context.Context, tx bun.Tx) error {
		var was []refillRow
		err := tx.NewSelect().Model(&was).Where("d.profile_id > ? AND d.profile_id <= ? AND d.shop_id = ?", after, end, shopID).Scan(ctx)
		if err != nil {
			return fmt.Errorf("reading what people had used up: %w", err)
		}
		changed, gone := compare(was, now, func(r refillRow) key { return key{r.ProfileID, r.ProductID} })
		for part := range slices.Chunk(changed, writtenAtOnce) {
			_, err := tx.NewInsert().Model(&part).On("DUPLICATE KEY UPDATE shop_id = VALUES(shop_id), last_on = VALUES(last_on), due_on = VALUES(due_on), " +
				"due_from = VALUES(due_from), due_to = VALUES(due_to), every_days = VALUES(every_days), purchases = VALUES(purchases)").Exec(ctx)
			if err != nil {
				return fmt.Errorf("keeping what people have used up: %w", err)
			}
		}
		for part := range slices.Chunk(gone, staleMax) {
			// MariaDB finds no row by a list of pairs alone without reading all of them.
			people, pairs := make([]int64, len(part)), make([][]int64, len(part))
			for i, r := range part {
				people[i], pairs[i] = r.ProfileID, []int64{r.ProfileID, r.ProductID}
			}
			_, err := tx.NewRaw("DELETE FROM crm_refill_dates WHERE profile_id IN (?) AND (profile_id, product_id) IN ?", bun.List(people), bun.Tuple(pairs)).Exec(ctx)
			if err != nil {
				return fmt.Errorf("taking away what people had used up: %w", err)
			}
		}
		_, err = tx.NewRaw("DELETE d FROM crm_refill_dates d LEFT JOIN crm_facts f ON f.profile_id = d.profile_id WHERE d.profile_id > ? AND d.profile_id <= ? AND f.profile_id IS NULL", after, end).Exec(ctx)
		return err
	})
}
