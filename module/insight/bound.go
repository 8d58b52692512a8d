package insight

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/predict"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// Bounds are the thresholds that a shop's customers are ranked by, each list ascending.
type Bounds struct {
	Recency   [4]float64 `json:"recency"`   // days since the last order; the first is passed by whoever does not score 5
	Frequency [4]float64 `json:"frequency"` // days with an order; the first is reached by whoever scores 2
	Money     [4]float64 `json:"money"`     // spent, less refunds, in Currency; likewise
	Currency  string     `json:"currency"`  // the one that most buyers pay in
	Own       bool       `json:"own"`       // staff have set them
}

const (
	longestRecency = 10_000 // days
	mostFrequency  = 10_000
	mostMoney      = 1e12
)

// usualBounds follow from a shop's pace and from what an order is worth there: the expected gap, when somebody who bought
// once slips away, half-way to being lost, and lost; one, two, four and eight orders' worth.
func usualBounds(p Pace, order float64, currency string) Bounds {
	gap := max(shortestGap, p.Gap)
	slipping, lost := p.Days()
	b := Bounds{Frequency: [4]float64{2, 3, 4, 7}, Currency: currency}
	for i, days := range []float64{min(gap, slipping/2), slipping, (slipping + lost) / 2, lost} {
		b.Recency[i] = math.Ceil(days)
		b.Money[i] = max(float64(i+1)/100, math.Round(order*math.Pow(2, float64(i))))
	}
	return b
}

func (b Bounds) check() error {
	for _, l := range []struct {
		field       string
		bounds      [4]float64
		least, most float64
	}{{"recency", b.Recency, 0, longestRecency}, {"frequency", b.Frequency, 2, mostFrequency}, {"money", b.Money, 0, mostMoney}} {
		for i, bound := range l.bounds {
			if !(bound >= l.least && bound <= l.most) || i > 0 && bound <= l.bounds[i-1] {
				return &RuleError{l.field, "rfm.error." + l.field}
			}
		}
	}
	return nil
}

func (b Bounds) thresholds() predict.Thresholds {
	return predict.Thresholds{Recency: b.Recency, Frequency: b.Frequency, Money: b.Money}
}

type boundRow struct {
	bun.BaseModel `bun:"table:crm_rfm_rules,alias:b"`

	ShopID    int64     `bun:"shop_id,pk"`
	Bounds    string    `bun:"bounds"` // JSON
	ChangedAt time.Time `bun:"changed_at"`
}

// ownBounds are those that staff have set, if they have.
func (f *Facts) ownBounds(ctx context.Context, shopID int64) (b Bounds, own bool, err error) {
	var rows []boundRow
	if err := f.db.NewSelect().Model(&rows).Where("b.shop_id = ?", shopID).Scan(ctx); err != nil {
		return b, false, fmt.Errorf("reading the thresholds of shop %d: %w", shopID, err)
	}
	if len(rows) == 0 {
		return b, false, nil
	}
	if err := json.Unmarshal([]byte(rows[0].Bounds), &b); err != nil {
		return b, false, fmt.Errorf("reading the thresholds of shop %d: %w", shopID, err)
	}
	return b, true, nil
}

// SaveBounds sets the thresholds that a shop's customers are ranked by, from the next night on. It needs staff.ManageShops;
// what cannot be is a [*RuleError].
func (f *Facts) SaveBounds(ctx context.Context, shopID int64, b Bounds) error {
	if _, err := staff.Require(ctx, staff.ManageShops); err != nil {
		return err
	}
	if err := b.check(); err != nil {
		return err
	}
	b.Own = true
	raw, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("keeping the thresholds of shop %d: %w", shopID, err)
	}
	row := boundRow{ShopID: shopID, Bounds: string(raw), ChangedAt: f.now()}
	return store.InTx(ctx, f.db, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(&row).On("DUPLICATE KEY UPDATE bounds = VALUES(bounds), changed_at = VALUES(changed_at)").Exec(ctx); err != nil {
			return fmt.Errorf("keeping the thresholds of shop %d: %w", shopID, err)
		}
		return staff.Record(ctx, tx, "insight.rfm_rules", "shop", shopID, map[string]any{"recency": b.Recency, "frequency": b.Frequency, "money": b.Money, "currency": b.Currency})
	})
}

// DropBounds goes back to the thresholds that follow from the shop's own figures. It needs staff.ManageShops.
func (f *Facts) DropBounds(ctx context.Context, shopID int64) error {
	if _, err := staff.Require(ctx, staff.ManageShops); err != nil {
		return err
	}
	return store.InTx(ctx, f.db, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewRaw("DELETE FROM crm_rfm_rules WHERE shop_id = ?", shopID).Exec(ctx); err != nil {
			return fmt.Errorf("taking back the thresholds of shop %d: %w", shopID, err)
		}
		return staff.Record(ctx, tx, "insight.rfm_rules", "shop", shopID, map[string]any{"own": false})
	})
}

// bounds are those that hold for a shop being worked out.
func (f *Facts) bounds(ctx context.Context, o *outlooks) (Bounds, error) {
	b, own, err := f.ownBounds(ctx, o.run.ShopID)
	main := o.mainCurrency()
	if err != nil || own && b.Currency == main {
		return b, err
	}
	p, err := f.Pace(ctx, o.run.ShopID)
	if err != nil {
		return b, err
	}
	usual := usualBounds(p, o.orderWorth()[main], main)
	if own { // set while most paid in another currency: of money the usual ones must do
		b.Money, b.Currency = usual.Money, main
		return b, nil
	}
	return usual, nil
}

// orderWorth is what a day with an order is worth on average, by currency.
func (b *buyers) orderWorth() map[string]float64 {
	sums, days := map[string]float64{}, map[string]int{}
	for i, visits := range b.visits {
		for _, v := range visits {
			sums[b.currencies[i]] += v.Spent
		}
		days[b.currencies[i]] += len(visits)
	}
	for c := range sums {
		sums[c] /= float64(days[c])
	}
	return sums
}
