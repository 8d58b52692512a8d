package intake

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
)

// The streams of a shop, in the order in which they are copied: each finds there what it refers to.
const (
	StreamCategories  = "categories"
	StreamProducts    = "products"
	StreamCustomers   = "customers"
	StreamOrders      = "orders"
	StreamCarts       = "carts"       // of shops that show them
	StreamSubscribers = "subscribers" // of shops that keep a newsletter's
)

// streams is all there may be.
var streams = []string{StreamCategories, StreamProducts, StreamCustomers, StreamOrders, StreamCarts, StreamSubscribers}

// streamsOf is those that a shop has.
func streamsOf(shop adapters.Shop) []string {
	_, carts := shop.(adapters.CartReader)
	_, subscribers := shop.(adapters.SubscriberReader)
	return slices.DeleteFunc(slices.Clone(streams), func(s string) bool {
		return s == StreamCarts && !carts || s == StreamSubscribers && !subscribers
	})
}

type streamRow struct {
	bun.BaseModel `bun:"table:crm_streams,alias:t"`

	ShopID       int64     `bun:"shop_id,pk"`
	Stream       string    `bun:"stream,pk"`
	Place        string    `bun:"place"`
	BackfilledAt time.Time `bun:"backfilled_at,nullzero"`
	DigestedAt   time.Time `bun:"digested_at,nullzero"` // of orders: when what follows from the history was made
	RowsRead     int64     `bun:"rows_read"`
	RowsExpected int64     `bun:"rows_expected"`
	RowsChanged  int64     `bun:"rows_changed"`
	Rate         float64   `bun:"rate"`
	ChangedAt    time.Time `bun:"changed_at,nullzero"`
	CaughtUpAt   time.Time `bun:"caught_up_at,nullzero"`
	FailedAt     time.Time `bun:"failed_at,nullzero"`
	Error        string    `bun:"error,nullzero"`
	Failure      Failure   `bun:"failure"`
	RestartedAt  time.Time `bun:"restarted_at,nullzero"`
	SweptAt      time.Time `bun:"swept_at,nullzero"` // when it was begun to be read as a whole
}

// errMoved says that the stream's place is not where this worker left it: somebody asked for a new reading, or another
// process works here. What was read is void.
var errMoved = errors.New("the stream's place was changed by somebody else")

func (i *Intake) loadStream(ctx context.Context, shopID int64, stream string) (streamRow, error) {
	var row streamRow
	err := i.db.NewSelect().Model(&row).Where("t.shop_id = ?", shopID).Where("t.stream = ?", stream).Scan(ctx)
	if err != nil {
		return streamRow{}, fmt.Errorf("reading where stream %s stands: %w", stream, err)
	}
	return row, nil
}

// advance moves a stream on by what one transaction did. It fails with [errMoved] when the stream is not at from, which
// is what keeps a worker that lost its lease from writing.
func (i *Intake) advance(ctx context.Context, tx bun.IDB, at streamRow, from adapters.Cursor, did step) error {
	now := i.now()
	q := tx.NewUpdate().Model(&at).WherePK().Where("place = ?", string(from)).
		Set("place = ?", string(did.next)).
		Set("rows_changed = rows_changed + ?", did.changed).
		Set("rows_read = IF(backfilled_at IS NULL, rows_read + ?, rows_read)", did.read).
		Set("rate = ?", did.rate).
		Set("error = NULL").Set("failed_at = NULL").Set("failure = ''")
	if did.changed > 0 {
		q = q.Set("changed_at = ?", now)
	}
	if did.caughtUp {
		// backfilled_at comes after rows_read, which looks at it: assignments run left to right.
		q = q.Set("caught_up_at = ?", now).Set("backfilled_at = COALESCE(backfilled_at, ?)", now)
	}
	res, err := q.Exec(ctx)
	if err != nil {
		return fmt.Errorf("moving stream %s on: %w", at.Stream, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 { // matched rows: the pool has clientFoundRows
		return errors.Join(errMoved, err)
	}
	return nil
}

// step is what one transaction did to a stream.
type step struct {
	next     adapters.Cursor
	read     int64
	changed  int64
	rate     float64
	caughtUp bool
}

// Failure says what sort of thing holds a stream up, for whoever must do something about it.
type Failure string

// The sorts there are.
const (
	FailureDrift Failure = "drift" // the shop's tables are not what they were: a column is gone, or holds something else
	FailureBusy  Failure = "busy"  // the shop's server is busy or out of reach: it mends itself
	FailureOther Failure = "other"
)

func failureOf(err error) Failure {
	var schema *adapters.SchemaError
	switch {
	case errors.As(err, &schema):
		return FailureDrift
	case adapters.IsTemporary(err):
		return FailureBusy
	}
	return FailureOther
}

// restart has a stream read again from its very beginning, because its place means nothing to the adapter any more. What
// is mirrored already is compared, not written again.
func (i *Intake) restart(ctx context.Context, shopID int64, stream string) error {
	_, err := i.db.NewUpdate().Model((*streamRow)(nil)).
		Set("place = ''").
		Set("restarted_at = ?", i.now()).
		Where("shop_id = ?", shopID).Where("stream = ?", stream).
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("beginning stream %s again: %w", stream, err)
	}
	return nil
}

// fail notes why a stream does not move.
func (i *Intake) fail(ctx context.Context, shopID int64, stream string, why error) error {
	_, err := i.db.NewUpdate().Model((*streamRow)(nil)).
		Set("error = ?", cut(why.Error(), 2000)).
		Set("failed_at = COALESCE(failed_at, ?)", i.now()).
		Set("failure = ?", failureOf(why)).
		Set("rate = 0").
		Where("shop_id = ?", shopID).Where("stream = ?", stream).
		Exec(ctx)
	if err != nil {
		return fmt.Errorf("noting that stream %s failed: %w", stream, err)
	}
	return nil
}

// expect notes how many rows the back-fills will read, where the shop can say.
func (i *Intake) expect(ctx context.Context, shopID int64, shop adapters.Shop) error {
	counter, ok := shop.(adapters.Counter)
	if !ok {
		return nil
	}
	n, err := counter.Count(ctx)
	if err != nil {
		return err
	}
	for stream, count := range map[string]int64{StreamProducts: n.Products, StreamCustomers: n.Customers, StreamOrders: n.Orders} {
		_, err := i.db.NewUpdate().Model((*streamRow)(nil)).Set("rows_expected = ?", count).
			Where("shop_id = ?", shopID).Where("stream = ?", stream).Where("backfilled_at IS NULL").Exec(ctx)
		if err != nil {
			return fmt.Errorf("noting how many %s there are: %w", stream, err)
		}
	}
	return nil
}
