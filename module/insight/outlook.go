package insight

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/predict"
	"github.com/kupec/kupec/module/store"
)

// Outlook is how a profile ranks among the shop's buyers and what is expected of it, as of the night's run.
type Outlook struct {
	ProfileID int64
	AsOf      time.Time    // the last day that was known
	Rank      predict.Cell // by fifths of all
	Group     Group        // by thresholds
	Model     predict.Kind
	Horizons  []Horizon            // of 30, 90 and 365 days; none where Missing says why
	Next      *Next                // nil: fewer than three days with an order, or the shop's rhythm is not known
	Missing   *predict.TooFewError // what the shop lacks for Horizons
}

// Horizon is what is expected within some days. At least 80 of 100 such customers end up between Low and High.
type Horizon struct {
	Days      int
	Orders    float64      // days with an order
	Low, High int64        // likewise
	Value     *money.Money // of Orders; nil: what an order is worth cannot be told
}

// Next is when the next order is due. Half of such customers order between From and To.
type Next struct {
	At, From, To time.Time // days
	Overdue      bool      // nobody yet came back after so long
}

type predictionRow struct {
	bun.BaseModel `bun:"table:crm_predictions,alias:d"`

	ProfileID int64               `bun:"profile_id,pk"`
	ShopID    int64               `bun:"shop_id"`
	RunID     int64               `bun:"run_id"`
	Recency   uint8               `bun:"recency"`
	Frequency uint8               `bun:"frequency"`
	Money     uint8               `bun:"money"`
	Currency  string              `bun:"currency"`
	Worth     decimal.NullDecimal `bun:"worth"`
	Orders30  *float64            `bun:"orders_30"`
	Low30     *int64              `bun:"low_30"`
	High30    *int64              `bun:"high_30"`
	Orders90  *float64            `bun:"orders_90"`
	Low90     *int64              `bun:"low_90"`
	High90    *int64              `bun:"high_90"`
	Orders365 *float64            `bun:"orders_365"`
	Low365    *int64              `bun:"low_365"`
	High365   *int64              `bun:"high_365"`
	NextOn    *time.Time          `bun:"next_on,type:date"`
	NextFrom  *time.Time          `bun:"next_from,type:date"`
	NextTo    *time.Time          `bun:"next_to,type:date"`
	Overdue   bool                `bun:"overdue"`
}

// span is where a row keeps a horizon.
type span struct {
	days      int
	orders    **float64
	low, high **int64
}

func (r *predictionRow) spans() []span {
	return []span{{30, &r.Orders30, &r.Low30, &r.High30}, {90, &r.Orders90, &r.Low90, &r.High90}, {365, &r.Orders365, &r.Low365, &r.High365}}
}

type runRow struct {
	bun.BaseModel `bun:"table:crm_forecasts,alias:n"`

	ID         int64        `bun:"id,pk,autoincrement"`
	ShopID     int64        `bun:"shop_id"`
	UntilOn    time.Time    `bun:"until_on,type:date"`
	FinishedAt time.Time    `bun:"finished_at"`
	Customers  int          `bun:"customers"`
	Repeaters  int          `bun:"repeaters"`
	Model      string       `bun:"model"`
	Worth      string       `bun:"worth"`
	Parameters string       `bun:"parameters"` // JSON
	Holdout    string       `bun:"holdout"`    // JSON
	Lack       predict.Lack `bun:"lack"`
	LackHas    int          `bun:"lack_has"`
	LackNeeds  int          `bun:"lack_needs"`
	Bounds     string       `bun:"bounds"` // JSON
}

// Outlook gives what is expected of a profile. One that has not bought, or that no run has seen yet, has none:
// [store.ErrNotFound].
func (f *Facts) Outlook(ctx context.Context, profileID int64) (Outlook, error) {
	var row predictionRow
	if err := f.db.NewSelect().Model(&row).Where("d.profile_id = ?", profileID).Scan(ctx); err != nil {
		return Outlook{}, fmt.Errorf("reading what is expected of profile %d: %w", profileID, store.NotFound(err))
	}
	var run runRow
	if err := f.db.NewSelect().Model(&run).Where("n.id = ?", row.RunID).Scan(ctx); err != nil {
		return Outlook{}, fmt.Errorf("reading the model run of profile %d: %w", profileID, store.NotFound(err))
	}
	o := Outlook{ProfileID: profileID, AsOf: run.UntilOn, Rank: predict.Cell{R: row.Recency, F: row.Frequency, M: row.Money}, Model: predict.Kind(run.Model)}
	if err := f.db.NewRaw("SELECT rfm_group FROM crm_rfm WHERE profile_id = ?", profileID).Scan(ctx, &o.Group); err != nil {
		return Outlook{}, fmt.Errorf("reading the group of profile %d: %w", profileID, store.NotFound(err))
	}
	if run.Lack != "" {
		o.Missing = &predict.TooFewError{Lack: run.Lack, Has: run.LackHas, Needs: run.LackNeeds}
	}
	for _, s := range row.spans() {
		if *s.orders == nil || *s.low == nil || *s.high == nil {
			continue
		}
		h := Horizon{Days: s.days, Orders: **s.orders, Low: **s.low, High: **s.high}
		if row.Worth.Valid {
			value := money.New(row.Worth.Decimal.Mul(decimal.NewFromFloat(h.Orders)).Round(4), row.Currency)
			h.Value = &value
		}
		o.Horizons = append(o.Horizons, h)
	}
	if row.NextOn != nil && row.NextFrom != nil && row.NextTo != nil {
		o.Next = &Next{*row.NextOn, *row.NextFrom, *row.NextTo, row.Overdue}
	}
	return o, nil
}
