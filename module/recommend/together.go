package recommend

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
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
	Pinned      bool    // staff say so; the numbers may be 0
}

// sellable is [catalog.Product.Sellable] in SQL, for the product under alias p.
const sellable = "p.visible AND p.deleted_at IS NULL AND p.price IS NOT NULL AND p.stock IN (?)"

var sellableStock = bun.List([]adapters.Stock{adapters.InStock, adapters.OnBackorder})

// GoesWith gives at most n products that can be sold now and are bought in the same orders as the given one, best first; none before the shop's
// first run. Products that no longer exist are [store.ErrNotFound].
func (e *Engine) GoesWith(ctx context.Context, productID int64, n int) ([]Affinity, error) {
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
	rules, err := e.rulesOf(ctx, of.ShopID)
	if err != nil {
		return nil, err
	}
	var rows []link
	err = e.db.NewRaw(`SELECT product_id, other_id, score, llr, both_orders AS both_buyers, product_orders AS product_buyers, other_orders AS other_buyers
		FROM crm_companions WHERE run_id = ? AND product_id = ? ORDER BY position`, run, productID).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("reading what goes with product %d: %w", productID, err)
	}
	rows = newRulebook(rules).apply(productID, rows, true)
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.OtherID
	}
	products, err := e.products.Products(ctx, ids)
	if err != nil {
		return nil, err
	}
	var out []Affinity
	for _, r := range rows {
		if p, ok := products[r.OtherID]; ok && p.Sellable() && len(out) < n {
			out = append(out, Affinity{Product: p, Both: r.BothBuyers, Orders: r.ProductBuyers, OtherOrders: r.OtherBuyers, Score: r.Score, LLR: r.LLR, Pinned: r.Score >= pinned})
		}
	}
	return out, nil
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

// BestSellers gives at most n products of the shop that can be sold now, those most people bought in the last days first,
// then by id. Those nobody bought come last, so that there are fewer than n only where the shop sells fewer.
func (e *Engine) BestSellers(ctx context.Context, shopID int64, days, n int) ([]BestSeller, error) {
	rows, err := e.sellers(ctx, shopID, days, n)
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

func (e *Engine) sellers(ctx context.Context, shopID int64, days, n int) ([]sellerRow, error) {
	var rows []sellerRow
	err := e.db.NewRaw(`SELECT p.id, COALESCE(s.buyers, 0) AS buyers, COALESCE(s.orders, 0) AS orders
		FROM crm_products AS p LEFT JOIN (
			SELECT l.product_id, COUNT(DISTINCT o.profile_id) AS buyers, COUNT(DISTINCT o.id) AS orders
			FROM crm_orders AS o JOIN crm_order_lines AS l ON l.order_id = o.id
			WHERE o.shop_id = ? AND o.placed_at >= ? AND `+kept+` AND l.product_id IS NOT NULL GROUP BY l.product_id
		) AS s ON s.product_id = p.id
		WHERE p.shop_id = ? AND `+sellable+` ORDER BY buyers DESC, orders DESC, p.id LIMIT ?`,
		shopID, e.now().AddDate(0, 0, -days), keptStatuses, shopID, sellableStock, n).Scan(ctx, &rows)
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
