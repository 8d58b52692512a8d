package purchase

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/store"
)

const defaultLimit = 50

// Order gives one order with its lines and refunds, a deleted one too, or [store.ErrNotFound].
func (b *Book) Order(ctx context.Context, id int64) (Order, error) {
	var row orderRow
	err := b.db.NewSelect().Model(&row).Column(orderColumns...).Where("o.id = ?", id).Scan(ctx)
	if err != nil {
		return Order{}, fmt.Errorf("reading order %d: %w", id, store.NotFound(err))
	}
	orders := []Order{row.order()}
	if err := b.fill(ctx, orders); err != nil {
		return Order{}, err
	}
	return orders[0], nil
}

// ByProfile gives a profile's orders that are not deleted, newest first, with lines and refunds, in four statements
// however many there are. next is empty on the last page.
func (b *Book) ByProfile(ctx context.Context, profileID int64, after string, limit int) (orders []Order, next string, err error) {
	q := b.db.NewSelect().Model((*orderRow)(nil)).Where("o.profile_id = ?", profileID).Where("o.deleted_at IS NULL")
	orders, next, err = b.page(ctx, q, after, limit)
	if err != nil {
		return nil, "", fmt.Errorf("reading the orders of profile %d: %w", profileID, err)
	}
	return orders, next, b.fill(ctx, orders)
}

// ListFilter chooses orders. Zero fields do not restrict.
type ListFilter struct {
	ShopID       int64
	Status       adapters.Status
	From, To     time.Time // placed at or after From, before To
	NumberPrefix string
	After        string // cursor
	Limit        int    // default 50, at most store.PageMax
}

// Recent gives orders that are not deleted, newest first, without lines and refunds. next is empty on the last page.
func (b *Book) Recent(ctx context.Context, f ListFilter) (orders []Order, next string, err error) {
	q := b.db.NewSelect().Model((*orderRow)(nil)).Where("o.deleted_at IS NULL")
	if f.ShopID != 0 {
		q = q.Where("o.shop_id = ?", f.ShopID)
	}
	if f.Status != "" {
		q = q.Where("o.status = ?", f.Status)
	}
	if !f.From.IsZero() {
		q = q.Where("o.placed_at >= ?", f.From.UTC())
	}
	if !f.To.IsZero() {
		q = q.Where("o.placed_at < ?", f.To.UTC())
	}
	if f.NumberPrefix != "" {
		q = q.Where("o.number LIKE ?", likePrefix(f.NumberPrefix))
	} else {
		q = q.ForceIndex(byTime)
	}
	orders, next, err = b.page(ctx, q, f.After, f.Limit)
	if err != nil {
		return nil, "", fmt.Errorf("listing orders: %w", err)
	}
	return orders, next, nil
}

// ByNumber gives orders whose number begins with prefix, by number, without lines: what a search box wants. An empty
// prefix finds nothing.
func (b *Book) ByNumber(ctx context.Context, prefix string, limit int) ([]Order, error) {
	if prefix == "" {
		return nil, nil
	}
	var rows []orderRow
	err := b.db.NewSelect().Model(&rows).Column(orderColumns...).
		Where("o.number LIKE ?", likePrefix(prefix)).
		Where("o.deleted_at IS NULL").
		Order("o.number", "o.id").
		Limit(int64(bound(limit))).
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("looking for an order number: %w", err)
	}
	return ordersOf(rows), nil
}

// Event is something that happened to a profile by an order: it was placed, or money was given back on it.
type Event struct {
	At     time.Time
	Order  Order   // without lines and refunds
	Refund *Refund // nil: the order was placed
}

// History gives a profile's events before a moment, latest first. A zero before means from the end. Orders without a
// known time are not part of it.
func (b *Book) History(ctx context.Context, profileID int64, before time.Time, limit int) ([]Event, error) {
	if before.IsZero() {
		before = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	limit = bound(limit)
	var placed []orderRow
	err := b.db.NewSelect().Model(&placed).Column(orderColumns...).
		Where("o.profile_id = ?", profileID).Where("o.deleted_at IS NULL").
		Where("o.placed_at < ?", before.UTC()).
		Order("o.placed_at DESC", "o.id DESC").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the orders of profile %d: %w", profileID, err)
	}
	var given []refundRow
	err = b.db.NewSelect().Model(&given).Join("JOIN crm_orders o ON o.id = r.order_id").
		Where("o.profile_id = ?", profileID).Where("o.deleted_at IS NULL").
		Where("r.refunded_at < ?", before.UTC()).
		Order("r.refunded_at DESC", "r.order_id DESC", "r.shop_key DESC").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the refunds of profile %d: %w", profileID, err)
	}
	ids := make([]int64, len(given))
	for i, r := range given {
		ids[i] = r.OrderID
	}
	ofRefund := map[int64]Order{}
	for part := range slices.Chunk(ids, inMax) {
		var rows []orderRow
		if err := b.db.NewSelect().Model(&rows).Column(orderColumns...).Where("o.id IN (?)", bun.In(part)).Scan(ctx); err != nil {
			return nil, fmt.Errorf("reading the refunded orders of profile %d: %w", profileID, err)
		}
		for _, row := range rows {
			ofRefund[row.ID] = row.order()
		}
	}
	var events []Event
	for _, row := range placed {
		events = append(events, Event{At: row.PlacedAt, Order: row.order()})
	}
	for _, r := range given {
		o := ofRefund[r.OrderID]
		events = append(events, Event{At: r.RefundedAt, Order: o, Refund: r.refund(o.Total.Currency())})
	}
	slices.SortStableFunc(events, func(x, y Event) int { return y.At.Compare(x.At) })
	return events[:min(limit, len(events))], nil
}

// page reads one page of orders, newest first.
func (b *Book) page(ctx context.Context, q *bun.SelectQuery, after string, limit int) ([]Order, string, error) {
	order := store.Keyset{{Column: "o.placed_at", Desc: true}, {Column: "o.id", Desc: true}}
	if after != "" {
		from, err := order.Decode(after)
		if err != nil {
			return nil, "", err
		}
		q = from.After(q)
	}
	limit = bound(limit)
	// Ids first, from an index alone: where a filter matches few, the rows that do not match are never read.
	var ids []int64
	if err := order.Order(q).Column("id").Limit(int64(limit+1)).Scan(ctx, &ids); err != nil || len(ids) == 0 {
		return nil, "", err
	}
	var rows []orderRow
	err := order.Order(b.db.NewSelect().Model(&rows).Column(orderColumns...).Where("o.id IN (?)", bun.In(ids))).Scan(ctx)
	if err != nil {
		return nil, "", err
	}
	next := ""
	if len(rows) > limit {
		rows = rows[:limit]
		last := rows[limit-1]
		var at *time.Time
		if !last.PlacedAt.IsZero() {
			at = &last.PlacedAt
		}
		next = order.Encode(at, last.ID)
	}
	return ordersOf(rows), next, nil
}

func ordersOf(rows []orderRow) []Order {
	orders := make([]Order, len(rows))
	for i, row := range rows {
		orders[i] = row.order()
	}
	return orders
}

func bound(limit int) int {
	if limit <= 0 {
		return defaultLimit
	}
	return min(limit, store.PageMax)
}

func likePrefix(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s) + "%"
}
