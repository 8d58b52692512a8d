package purchase

import (
	"context"
	"fmt"
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
	err := order.Order(b.db.NewSelect().Model(&rows).Column(orderColumns...).Where("o.id IN (?)", bun.List(ids))).Scan(ctx)
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
