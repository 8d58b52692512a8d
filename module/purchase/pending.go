package purchase

import (
	"context"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
)

func (b *Book) Apply(ctx context.Context, db bun.IDB, shopID int64, orders []Order) (changed []int64, err error) {
	panic("pending")
}
func (b *Book) Reassign(ctx context.Context, db bun.IDB, identityIDs []int64, profileID int64) error {
	panic("pending")
}
func (b *Book) Order(ctx context.Context, id int64) (Order, error) { panic("pending") }
func (b *Book) ByProfile(ctx context.Context, profileID int64, after string, limit int) (orders []Order, next string, err error) {
	panic("pending")
}

// ListFilter chooses orders, newest first. Zero fields do not restrict.
type ListFilter struct {
	ShopID       int64
	Status       adapters.Status
	From, To     time.Time // placed at or after From, before To
	NumberPrefix string
	After        string // cursor
	Limit        int    // default 50, at most store.PageMax
}

func (b *Book) Recent(ctx context.Context, f ListFilter) (orders []Order, next string, err error) {
	panic("pending")
}
func (b *Book) ByNumber(ctx context.Context, prefix string, limit int) ([]Order, error) {
	panic("pending")
}

// Totals is the sums over all orders that are not deleted.
type Totals struct {
	ByStatus map[adapters.Status]int64 // every status is present
	Revenue  []Revenue                 // largest net first, then by currency
}

// Revenue is the sums of one currency over orders in the states of [Counting].
type Revenue struct {
	Currency string
	Gross    decimal.Decimal // order totals, with tax and shipping
	Refunded decimal.Decimal
	Net      decimal.Decimal
	Orders   int64
}

func (b *Book) Totals(ctx context.Context, shopID int64) (Totals, error) { panic("pending") }

// Day is one calendar day's revenue.
type Day struct {
	Date   time.Time // midnight in the zone asked for
	Orders int64
	Net    decimal.Decimal
}

func (b *Book) Days(ctx context.Context, shopID int64, currency string, from, to time.Time, zone *time.Location) ([]Day, error) {
	panic("pending")
}

// Buyers splits a period's buyers by whether they had bought before.
type Buyers struct {
	New, Returning             int64 // people
	NewOrders, ReturningOrders int64
	NewNet, ReturningNet       decimal.Decimal
}

func (b *Book) NewAndReturning(ctx context.Context, shopID int64, currency string, from, to time.Time) (Buyers, error) {
	panic("pending")
}
