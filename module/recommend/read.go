package recommend

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/affinity"
)

// kept is the condition that the order under alias o was bought to be kept: it counts and was not wholly refunded.
const kept = "o.deleted_at IS NULL AND o.status IN (?) AND (o.refunded < o.total OR o.total = 0)"

var keptStatuses = bun.List([]adapters.Status{adapters.StatusPaid, adapters.StatusCompleted})

// history is what a shop sold, with products and categories by dense numbers.
type history struct {
	trade      *affinity.Trade
	products   []int64     // by number
	categories []int64     // by number
	category   []uint32    // by product's number, or affinity.None
	eligible   []bool      // by product's number: [offerable]
	price      []float64   // likewise; 0: not known
	created    []time.Time // likewise; zero: not known
	sold       []int32     // likewise: the day of the last purchase; 0: none is known
	people     int64
}

// read streams the history, a stretch of profiles at a time: no statement runs long, and none sorts the whole table.
func (e *Engine) read(ctx context.Context, shopID int64, progress func(share float64)) (*history, error) {
	h := &history{}
	dense, err := e.readProducts(ctx, shopID, h)
	if err != nil {
		return nil, fmt.Errorf("reading products: %w", err)
	}
	h.sold = make([]int32, len(h.products))
	h.trade = affinity.NewTrade(len(h.products), h.category)
	var last int64
	if err := e.db.NewRaw("SELECT COALESCE(MAX(profile_id), 0) FROM crm_orders").Scan(ctx, &last); err != nil {
		return nil, fmt.Errorf("reading orders: %w", err)
	}
	for from := int64(0); from < last; from += readStretch {
		if err := e.readStretch(ctx, shopID, from, dense, h); err != nil {
			return nil, fmt.Errorf("reading orders: %w", err)
		}
		progress(min(1, float64(from+readStretch)/float64(last)))
	}
	return h, nil
}

func (e *Engine) readProducts(ctx context.Context, shopID int64, h *history) (dense map[int64]uint32, err error) {
	pictured, err := e.hasPictures(ctx, shopID)
	if err != nil {
		return nil, err
	}
	var products []struct {
		ID        int64
		Eligible  bool
		Price     float64
		CreatedAt time.Time
	}
	err = e.db.NewRaw(`SELECT p.id, (`+offerable+`) AS eligible, COALESCE(p.price, 0) AS price, p.created_at FROM crm_products AS p
		WHERE p.shop_id = ? ORDER BY p.id`, offerableStock, pictured, shopID).Scan(ctx, &products)
	if err != nil {
		return nil, err
	}
	tree, err := e.readTree(ctx, shopID, pictured)
	if err != nil {
		return nil, err
	}
	dense, numbers := make(map[int64]uint32, len(products)), map[int64]uint32{}
	for i, p := range products {
		dense[p.ID] = uint32(i)
		h.products, h.eligible = append(h.products, p.ID), append(h.eligible, p.Eligible)
		h.price, h.created = append(h.price, p.Price), append(h.created, p.CreatedAt)
		leaf, ok := tree.leaves[p.ID]
		if !ok {
			h.category = append(h.category, affinity.None)
			continue
		}
		if _, known := numbers[leaf]; !known {
			numbers[leaf] = uint32(len(h.categories))
			h.categories = append(h.categories, leaf)
		}
		h.category = append(h.category, numbers[leaf])
	}
	return dense, nil
}

// dayNumber is MySQL's TO_DAYS.
func dayNumber(t time.Time) int32 {
	const epoch = 719528 // TO_DAYS('1970-01-01')
	return int32(t.Unix()/86400 + epoch)
}

func (e *Engine) readStretch(ctx context.Context, shopID, from int64, dense map[int64]uint32, h *history) (err error) {
	rows, err := e.db.QueryContext(ctx, `SELECT o.profile_id, o.id, l.product_id, COALESCE(TO_DAYS(o.placed_at), 0)
		FROM crm_orders AS o JOIN crm_order_lines AS l ON l.order_id = o.id
		WHERE o.profile_id > ? AND o.profile_id <= ? AND o.shop_id = ? AND l.product_id IS NOT NULL AND `+kept+`
		ORDER BY o.profile_id`, from, from+readStretch, shopID, keptStatuses)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := rows.Close(); err == nil {
			err = closeErr
		}
	}()
	today := dayNumber(e.now())
	var person int64
	var theirs []affinity.Purchase
	add := func() {
		if len(theirs) > 0 {
			h.trade.Add(theirs)
			h.people++
			theirs = theirs[:0]
		}
	}
	for rows.Next() {
		var profile, order, product int64
		var day int32
		if err := rows.Scan(&profile, &order, &product, &day); err != nil {
			return err
		}
		if profile != person {
			add()
		}
		person = profile
		if item, ok := dense[product]; ok {
			day = min(day, today) // clocks of shops go wrong
			theirs = append(theirs, affinity.Purchase{Product: item, Day: day, Order: order})
			h.sold[item] = max(h.sold[item], day)
		}
	}
	add()
	return rows.Err()
}
