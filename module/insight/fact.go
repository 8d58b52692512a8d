package insight

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/purchase"
	"github.com/kupec/kupec/module/store"
)

// Fact is what is known about one profile's buying, over orders in the states of [purchase.Counting].
type Fact struct {
	ProfileID    int64
	Orders       int64              // over all currencies
	Revenue      []purchase.Revenue // per currency, largest net first
	Currency     string             // of Net, Refunded and Average: the one most of the orders are in, the shop's own when it is among several
	Net          money.Money
	Refunded     money.Money
	Average      money.Money // Net per order in Currency
	FirstOrderAt time.Time   // zero: never, or the shop does not know
	LastOrderAt  time.Time
	GapDays      *float64 // mean days between days with an order; nil: fewer than two such days
	OrderDays    int64
	LastGapDays  *int64        // days between the last two days with an order; nil: there are fewer
	Products     int64         // different ones
	Categories   int64         // different ones, of Products that are in the catalogue
	Discounted   *float64      // share of orders with a discount or a coupon, 0 to 1; nil: no orders
	Refunds      int64         // how often money was given back
	Weekday      *time.Weekday // on which most orders were placed, on the shop's clock; nil: fewer than HabitOrders tell
	Hour         *int          // likewise, 0 to 23; orders placed at midnight to the second do not tell
	Country      string        // ISO 3166-1 alpha-2, as the profile has it; "": not known
	Language     string        // likewise, BCP 47
	Stage        Stage
	RefreshedAt  time.Time
}

// HabitOrders is how many orders tell on which weekday and at which hour somebody likes to buy.
const HabitOrders = 5

// Config tunes the facts.
type Config struct {
	Clock func() time.Time // default time.Now
}

// Facts computes and reads facts. It is safe for concurrent use, and several processes may refresh at once.
type Facts struct {
	db  *bun.DB
	cfg Config

	mu   sync.Mutex // guards pace
	pace pace
}

// New makes facts over the CRM's database.
func New(db *bun.DB, cfg Config) *Facts {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	return &Facts{db: db, cfg: cfg}
}

func (f *Facts) now() time.Time { return f.cfg.Clock().UTC() }

type factRow struct {
	bun.BaseModel `bun:"table:crm_facts,alias:f"`

	ProfileID    int64           `bun:"profile_id,pk"`
	Orders       int64           `bun:"orders"`
	Currency     string          `bun:"currency"`
	Net          decimal.Decimal `bun:"net"`
	Refunded     decimal.Decimal `bun:"refunded"`
	Average      decimal.Decimal `bun:"average"`
	FirstOrderAt time.Time       `bun:"first_order_at,nullzero"`
	LastOrderAt  time.Time       `bun:"last_order_at,nullzero"`
	GapDays      *float64        `bun:"gap_days"`
	OrderDays    int64           `bun:"order_days"`
	LastGapDays  *int64          `bun:"last_gap_days"`
	Products     int64           `bun:"products"`
	Categories   int64           `bun:"categories"`
	Discounted   *float64        `bun:"discounted_share"`
	Refunds      int64           `bun:"refunds"`
	Weekday      *int            `bun:"weekday"` // 1 is Monday, 7 Sunday
	Hour         *int            `bun:"hour"`
	Stage        string          `bun:"stage"`
	RefreshedAt  time.Time       `bun:"refreshed_at"`
}

type revenueRow struct {
	bun.BaseModel `bun:"table:crm_fact_revenue,alias:r"`

	ProfileID int64           `bun:"profile_id,pk"`
	Currency  string          `bun:"currency,pk"`
	Orders    int64           `bun:"orders"`
	Gross     decimal.Decimal `bun:"gross"`
	Refunded  decimal.Decimal `bun:"refunded"`
	Net       decimal.Decimal `bun:"net"`
}

// Of gives a profile's facts, computing them first when that was never done. A profile that does not exist, was merged
// into another or was erased has none: [store.ErrNotFound].
func (f *Facts) Of(ctx context.Context, profileID int64) (Fact, error) {
	fact, err := f.read(ctx, profileID)
	if !errors.Is(err, store.ErrNotFound) {
		return fact, err
	}
	if _, _, err := f.current(ctx); err != nil {
		return Fact{}, err
	}
	if err := f.refresh(ctx, only(profileID)); err != nil {
		return Fact{}, err
	}
	return f.read(ctx, profileID)
}

func (f *Facts) read(ctx context.Context, profileID int64) (Fact, error) {
	var row factRow
	var home struct{ Country, Language string }
	if err := f.db.NewSelect().Model(&row).Where("f.profile_id = ?", profileID).Scan(ctx); err != nil {
		return Fact{}, fmt.Errorf("reading the facts of profile %d: %w", profileID, store.NotFound(err))
	}
	var sums []revenueRow
	err := f.db.NewSelect().Model(&sums).Where("r.profile_id = ?", profileID).Order("r.net DESC", "r.currency").Scan(ctx)
	if err != nil {
		return Fact{}, fmt.Errorf("reading the revenue of profile %d: %w", profileID, err)
	}
	if err := f.db.NewRaw("SELECT country, language FROM crm_profiles WHERE id = ?", profileID).Scan(ctx, &home); err != nil {
		return Fact{}, fmt.Errorf("reading where profile %d is at home: %w", profileID, store.NotFound(err))
	}
	fact := Fact{ProfileID: row.ProfileID, Orders: row.Orders, Currency: row.Currency, Net: money.New(row.Net, row.Currency),
		Refunded: money.New(row.Refunded, row.Currency), Average: money.New(row.Average, row.Currency),
		FirstOrderAt: row.FirstOrderAt, LastOrderAt: row.LastOrderAt, GapDays: row.GapDays, OrderDays: row.OrderDays, LastGapDays: row.LastGapDays,
		Products: row.Products, Categories: row.Categories, Discounted: row.Discounted, Refunds: row.Refunds, Hour: row.Hour,
		Country: home.Country, Language: home.Language, Stage: Stage(row.Stage), RefreshedAt: row.RefreshedAt}
	if row.Weekday != nil {
		day := time.Weekday(*row.Weekday % 7)
		fact.Weekday = &day
	}
	for _, s := range sums {
		fact.Revenue = append(fact.Revenue, purchase.Revenue{Currency: s.Currency, Gross: s.Gross, Refunded: s.Refunded, Net: s.Net, Orders: s.Orders})
	}
	return fact, nil
}

// Stages counts the profiles in each stage. Every stage is present.
func (f *Facts) Stages(ctx context.Context) (map[Stage]int64, error) {
	var rows []struct {
		Stage Stage
		N     int64
	}
	err := f.db.NewSelect().TableExpr("crm_facts").ColumnExpr("stage, COUNT(*) AS n").GroupExpr("stage").Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("counting stages: %w", err)
	}
	count := make(map[Stage]int64, len(Stages))
	for _, s := range Stages {
		count[s] = 0
	}
	for _, row := range rows {
		count[row.Stage] = row.N
	}
	return count, nil
}
