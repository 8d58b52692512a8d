package recommend

import (
	"context"
	"errors"
	"fmt"

	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/store"
)

// Affinity is a product that is bought with another one.
type Affinity struct {
	Product     catalog.Product
	Both        int64 // orders with both
	Orders      int64 // orders of the product asked about
	OtherOrders int64 // orders of Product
	Score       float64
	LLR         float64 // log-likelihood ratio; at least 10.83 unless Pinned
	Pinned      bool    // staff say so, of the product or of its category; the numbers may be 0
}

// GoesWith gives at most n products that can be offered now and are bought in the same orders as the given one, best first, of one
// category as many as there are; none before the shop's first run. Products that no longer exist are [store.ErrNotFound].
func (e *Engine) GoesWith(ctx context.Context, productID int64, n int) ([]Affinity, error) {
	return e.goesWith(ctx, productID, n, nil)
}

func (e *Engine) goesWith(ctx context.Context, productID int64, n int, t *trace) ([]Affinity, error) {
	of, err := e.products.Product(ctx, productID)
	if err != nil {
		return nil, err
	}
	run, err := e.runInUse(ctx, of.ShopID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	links, refused, err := e.companions(ctx, of, run, t)
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, l := range links {
		ids = append(ids, l.OtherID)
	}
	products, err := e.products.Products(ctx, ids)
	if err != nil {
		return nil, err
	}
	var out []Affinity
	for _, l := range links {
		p, known := products[l.OtherID]
		if refused[l.OtherID] {
			t.note(l.OtherID, Unsellable, l, l.Score)
		} else if known && len(out) < n {
			out = append(out, Affinity{Product: p, Both: l.BothBuyers, Orders: l.ProductBuyers, OtherOrders: l.OtherBuyers, Score: l.Score, LLR: l.LLR, Pinned: l.Staff})
		}
	}
	return out, nil
}

// companions are what is counted or said to go with a product, best first, and which of them cannot be offered now.
func (e *Engine) companions(ctx context.Context, of catalog.Product, run int64, t *trace) ([]link, map[int64]bool, error) {
	s, err := e.shelves(ctx, of.ShopID, run)
	if err != nil {
		return nil, nil, err
	}
	rules, err := e.rulesOf(ctx, of.ShopID)
	if err != nil {
		return nil, nil, err
	}
	var links []link
	err = e.db.NewRaw(`SELECT product_id, other_id, score, llr, both_orders AS both_buyers, product_orders AS product_buyers, other_orders AS other_buyers
		FROM crm_companions WHERE run_id = ? AND product_id = ? ORDER BY position`, run, of.ID).Scan(ctx, &links)
	if err != nil {
		return nil, nil, fmt.Errorf("reading what goes with product %d: %w", of.ID, err)
	}
	links = newRulebook(rules, s).apply(of.ID, links, true, t)
	refused, err := e.refused(ctx, s.pictured, others(map[int64][]link{of.ID: links}))
	return links, refused, err
}

// BestSeller is a product with how it sold in a span of days.
type BestSeller struct {
	Product catalog.Product
	Buyers  int64 // people
	Orders  int64
}

type sellerRow struct {
	ID, Buyers, Orders int64
}

// BestSellers gives at most n products of the shop that can be offered now, those most people bought in the last days first,
// then by id. Those nobody bought come last, so that there are fewer than n only where the shop sells fewer.
func (e *Engine) BestSellers(ctx context.Context, shopID int64, days, n int) ([]BestSeller, error) {
	pictured, err := e.hasPictures(ctx, shopID)
	if err != nil {
		return nil, err
	}
	rows, err := e.sellers(ctx, shopID, days, n, pictured)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	products, err := e.products.Products(ctx, ids)
	if err != nil {
		return nil, err
	}
	var out []BestSeller
	for _, r := range rows {
		if p, ok := products[r.ID]; ok {
			out = append(out, BestSeller{Product: p, Buyers: r.Buyers, Orders: r.Orders})
		}
	}
	return out, nil
}

func (e *Engine) sellers(ctx context.Context, shopID int64, days, n int, pictured bool) ([]sellerRow, error) {
	var rows []sellerRow
	err := e.db.NewRaw(`SELECT p.id, COALESCE(s.buyers, 0) AS buyers, COALESCE(s.orders, 0) AS orders
		FROM crm_products AS p LEFT JOIN (
			SELECT l.product_id, COUNT(DISTINCT o.profile_id) AS buyers, COUNT(DISTINCT o.id) AS orders
			FROM crm_orders AS o JOIN crm_order_lines AS l ON l.order_id = o.id
			WHERE o.shop_id = ? AND o.placed_at >= ? AND `+kept+` AND l.product_id IS NOT NULL GROUP BY l.product_id
		) AS s ON s.product_id = p.id
		WHERE p.shop_id = ? AND `+offerable+` ORDER BY buyers DESC, orders DESC, p.id LIMIT ?`,
		shopID, e.now().AddDate(0, 0, -days), keptStatuses, shopID, offerableStock, pictured, n).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("reading the best sellers of shop %d: %w", shopID, err)
	}
	return rows, nil
}

// Sales is how a product sold.
type Sales struct {
	Buyers, Orders             int64 // ever
	RecentBuyers, RecentOrders int64 // in the last 30 days
}

// Sold counts the people and the orders that bought a product and kept it.
func (e *Engine) Sold(ctx context.Context, productID int64) (Sales, error) {
	var s Sales
	since := e.now().AddDate(0, 0, -fallbackDays)
	err := e.db.NewRaw(`SELECT COUNT(DISTINCT o.profile_id), COUNT(DISTINCT o.id),
			COUNT(DISTINCT CASE WHEN o.placed_at >= ? THEN o.profile_id END), COUNT(DISTINCT CASE WHEN o.placed_at >= ? THEN o.id END)
		FROM crm_order_lines AS l JOIN crm_orders AS o ON o.id = l.order_id WHERE l.product_id = ? AND `+kept,
		since, since, productID, keptStatuses).Scan(ctx, &s.Buyers, &s.Orders, &s.RecentBuyers, &s.RecentOrders)
	if err != nil {
		return Sales{}, fmt.Errorf("counting the sales of product %d: %w", productID, err)
	}
	return s, nil
}
