package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/store"
)

// Health is how a shop's copying goes.
type Health struct {
	Shop        Shop
	Streams     []Stream         // in the order in which they are copied
	LagSeconds  float64          // since every stream was last known to have nothing further, or since the shop was attached
	Rows        map[string]int64 // what is mirrored and not deleted: customers, products, categories, orders, lines, refunds, carts, subscribers
	Quarantined int64
	Reconciled  Findings // what the latest comparison with the shop found; FinishedAt is zero when there was none
}

// Stream is one kind of rows of a shop.
type Stream struct {
	Name       string
	Backfilled bool
	Read       int64     // rows of the back-fill so far
	Expected   int64     // rows of the back-fill, about; 0: unknown
	Changed    int64     // rows written since the beginning
	Rate       float64   // rows per second, while there is something further
	ChangedAt  time.Time // zero times: never
	CaughtUpAt time.Time // when there was last nothing further
	FailedAt   time.Time // since when it fails
	Error      string    // empty: well
	Failure    Failure   // what sort of error it is; empty: well
	Restarted  time.Time // when it last had to begin again, because its place could not be used any more
}

// Left is how long the back-fill will still take at the present rate; 0: not known, or done.
func (s Stream) Left() time.Duration {
	if s.Backfilled {
		return 0
	}
	return left(s.Read, s.Expected, s.Rate)
}

func left(done, total int64, rate float64) time.Duration {
	if rate <= 0 || total <= done {
		return 0
	}
	return time.Duration(float64(total-done) / rate * float64(time.Second))
}

// Health tells of every shop that was ever attached, by name. Rows are counted, which takes a second or more at a
// million orders; [Intake.States] does not.
func (i *Intake) Health(ctx context.Context) ([]Health, error) {
	all, err := i.States(ctx)
	if err != nil {
		return nil, err
	}
	for n := range all {
		if all[n].Rows, err = i.count(ctx, all[n].Shop.ID); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// States is [Intake.Health] without Rows, which makes it cheap enough for every page.
func (i *Intake) States(ctx context.Context) ([]Health, error) {
	shops, err := i.shopRows(ctx)
	if err != nil {
		return nil, err
	}
	var states []streamRow
	if err := i.db.NewSelect().Model(&states).Scan(ctx); err != nil {
		return nil, fmt.Errorf("reading where the streams stand: %w", err)
	}
	all := make([]Health, len(shops))
	for n, shop := range shops {
		h := Health{Shop: shop.shop()}
		oldest := i.now()
		for _, name := range streams {
			for _, s := range states {
				if s.ShopID != shop.ID || s.Stream != name {
					continue
				}
				h.Streams = append(h.Streams, Stream{Name: s.Stream, Backfilled: !s.BackfilledAt.IsZero(), Read: s.RowsRead, Expected: s.RowsExpected,
					Changed: s.RowsChanged, Rate: s.Rate, ChangedAt: s.ChangedAt, CaughtUpAt: s.CaughtUpAt, FailedAt: s.FailedAt, Error: s.Error,
					Failure: s.Failure, Restarted: s.RestartedAt})
				since := s.CaughtUpAt
				if since.IsZero() {
					since = shop.CreatedAt
				}
				if since.Before(oldest) {
					oldest = since
				}
			}
		}
		h.LagSeconds = i.now().Sub(oldest).Seconds()
		err := i.db.NewSelect().TableExpr("crm_quarantine").ColumnExpr("COUNT(*)").Where("shop_id = ?", shop.ID).Scan(ctx, &h.Quarantined)
		if err != nil {
			return nil, fmt.Errorf("counting the quarantine: %w", err)
		}
		if h.Reconciled, err = i.lastReconcile(ctx, h.Shop); err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		all[n] = h
	}
	return all, nil
}

func (i *Intake) count(ctx context.Context, shopID int64) (map[string]int64, error) {
	orders, err := i.rooms.Orders.Counts(ctx, shopID)
	if err != nil {
		return nil, err
	}
	sold, err := i.rooms.Catalog.Counts(ctx, shopID)
	if err != nil {
		return nil, err
	}
	var accounts int64
	err = i.db.NewSelect().TableExpr("crm_identities").ColumnExpr("COUNT(*)").
		Where("kind = ?", customer.KindAccount).Where("shop_id = ?", shopID).
		Where("evidence = ?", customer.EvidenceAccount). // not those that only an order names
		Where("gone_at IS NULL").
		Scan(ctx, &accounts)
	if err != nil {
		return nil, fmt.Errorf("counting accounts: %w", err)
	}
	rows := map[string]int64{"customers": accounts, "products": sold.Products, "categories": sold.Categories,
		"orders": orders.Orders, "lines": orders.Lines, "refunds": orders.Refunds}
	for name, table := range map[string]string{StreamCarts: "crm_carts", StreamSubscribers: "crm_subscribers"} {
		var n int64
		if err := i.db.NewSelect().TableExpr(table).ColumnExpr("COUNT(*)").Where("shop_id = ?", shopID).Scan(ctx, &n); err != nil {
			return nil, fmt.Errorf("counting %s: %w", name, err)
		}
		rows[name] = n
	}
	return rows, nil
}
