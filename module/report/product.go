package report

import (
	"context"
	"fmt"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"
)

// ProductSum is what one product brought.
type ProductSum struct {
	ProductID int64 // 0: lines that are no product of the catalogue
	Name, SKU string
	Image     string
	Orders    int64
	Quantity  decimal.Decimal
	Gross     decimal.Decimal // of its lines, after discounts, with tax
	Net       decimal.Decimal // less its share of what was given back
	Rebought  int64           // of Orders, those of people who had ordered it before; 0 where the query is of a segment's people
	Firsts    int64           // of Orders, people's first in the shop
	Returned  int64           // of Firsts, those of people who ordered again
}

// Products is what the products brought, and how that adds up to the orders.
type Products struct {
	Products []ProductSum // as many as were asked for
	Count    int64        // how many there are in all
	Sum      ProductSum   // of all of them; an order counts once for each of its products
	Orders   Sum          // of which these are the lines
}

// Rest is what of the orders' net revenue is no product's: shipping, fees, and what rounding leaves.
func (p Products) Rest() decimal.Decimal { return p.Orders.Net().Sub(p.Sum.Net) }

// ProductSort is what products are ordered by, from most.
type ProductSort string

// The orders there are. The last two are of rates, and those of fewer than [Telling] come last.
const (
	ByNet      ProductSort = "net"
	ByOrders   ProductSort = "orders"
	ByRebought ProductSort = "rebought"
	ByReturned ProductSort = "returned"
)

// ProductSorts is all of them.
var ProductSorts = []ProductSort{ByNet, ByOrders, ByRebought, ByReturned}

// Telling is how many orders a rate takes to tell anything.
const Telling = 20

func (s ProductSort) sql() string {
	switch s {
	case ByOrders:
		return "orders DESC"
	case ByRebought:
		return fmt.Sprintf("orders >= %d DESC, rebought / orders DESC", Telling)
	case ByReturned:
		return fmt.Sprintf("firsts >= %d DESC, returned / NULLIF(firsts, 0) DESC", Telling)
	}
	return "net DESC"
}

const productSums = `SUM(c.orders) AS orders, SUM(c.quantity) AS quantity, SUM(c.gross) AS gross, SUM(c.net) AS net, SUM(c.rebought) AS rebought,
	SUM(c.firsts) AS firsts, SUM(c.returned) AS returned`

// Products gives the first products in an order, at most limit, with the sums of all.
func (r *Reports) Products(ctx context.Context, q Query, by ProductSort, limit int) (Products, error) {
	var all Products
	s, err := r.products(ctx, q)
	if err != nil {
		return all, err
	}
	err = r.eachProduct(ctx, s, by, func(p ProductSum) error { // all of them once: of a segment's people they are dear to add up
		all.Count++
		all.Sum = all.Sum.add(p)
		if len(all.Products) < limit {
			all.Products = append(all.Products, p)
		}
		return nil
	})
	if err != nil {
		return all, err
	}
	all.Orders, err = r.total(ctx, q)
	return all, err
}

// add gives the sums of both.
func (p ProductSum) add(q ProductSum) ProductSum {
	return ProductSum{Orders: p.Orders + q.Orders, Quantity: p.Quantity.Add(q.Quantity), Gross: p.Gross.Add(q.Gross), Net: p.Net.Add(q.Net), Rebought: p.Rebought + q.Rebought,
		Firsts: p.Firsts + q.Firsts, Returned: p.Returned + q.Returned}
}

// Product gives what one brought; nothing where it was not sold.
func (r *Reports) Product(ctx context.Context, q Query, id int64) (ProductSum, error) {
	s, err := r.products(ctx, q)
	if err != nil {
		return ProductSum{}, err
	}
	p, _, err := r.productTotal(ctx, s.where("c.product_id = ?", id))
	p.ProductID = id
	return p, err
}

// EachProduct gives all products in an order to each, one after another; an error of each ends it.
func (r *Reports) EachProduct(ctx context.Context, q Query, by ProductSort, each func(ProductSum) error) error {
	s, err := r.products(ctx, q)
	if err != nil {
		return err
	}
	return r.eachProduct(ctx, s, by, each)
}

func (r *Reports) eachProduct(ctx context.Context, s source, by ProductSort, each func(ProductSum) error) error {
	sql := "SELECT c.product_id, " + productSums + " FROM " + s.sql + " GROUP BY c.product_id"
	sql = `SELECT t.*, COALESCE(d.name, '') AS name, COALESCE(d.sku, '') AS sku, COALESCE(d.image_url, '') AS image
		FROM (` + sql + `) t LEFT JOIN crm_products d ON d.id = t.product_id ORDER BY ` + by.sql() + ", product_id"
	rows, err := r.db.QueryContext(ctx, sql, s.args...)
	if err != nil {
		return fmt.Errorf("reading sales by product: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var p ProductSum
		if err := r.db.ScanRow(ctx, rows, &p); err != nil {
			return fmt.Errorf("reading sales by product: %w", err)
		}
		if err := each(p); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (r *Reports) productTotal(ctx context.Context, s source) (sum ProductSum, count int64, err error) {
	var row struct {
		Count                              int64
		Orders, Rebought, Firsts, Returned *int64
		Quantity, Gross, Net               decimal.NullDecimal
	}
	if err := r.db.NewRaw("SELECT COUNT(DISTINCT c.product_id) AS count, "+productSums+" FROM "+s.sql, s.args...).Scan(ctx, &row); err != nil {
		return sum, 0, fmt.Errorf("adding up sales by product: %w", err)
	}
	if row.Count == 0 {
		return sum, 0, nil
	}
	return ProductSum{Orders: *row.Orders, Quantity: row.Quantity.Decimal, Gross: row.Gross.Decimal, Net: row.Net.Decimal, Rebought: *row.Rebought, Firsts: *row.Firsts,
		Returned: *row.Returned}, row.Count, nil
}

// total adds up the query's orders.
func (r *Reports) total(ctx context.Context, q Query) (Sum, error) {
	var sum Sum
	s, err := r.days(ctx, q)
	if err != nil {
		return sum, err
	}
	err = r.db.NewRaw("SELECT COALESCE(SUM(c.orders), 0) AS orders, COALESCE(SUM(c.gross), 0) AS gross, COALESCE(SUM(c.refunded), 0) AS refunded FROM "+s.sql, s.args...).Scan(ctx, &sum)
	if err != nil {
		return sum, fmt.Errorf("adding up orders: %w", err)
	}
	return sum, nil
}

// Followers is what people ordered next after an order of a product.
type Followers struct {
	Orders   int64 // of the product, the latest ones of the frame
	Again    int64 // of them, those after which the person ordered again
	Products []Follower
}

// Follower is one product in those next orders.
type Follower struct {
	ProductID        int64
	Name, SKU, Image string
	Orders           int64 // of Again, those that hold it
}

// followed is how many lines of a product are looked at.
const followed = 2000

// Next gives what was in the orders that people placed next after an order of a product, most often first. Of a product that
// sells much the latest orders are looked at, which bounds the work.
func (r *Reports) Next(ctx context.Context, q Query, productID int64, limit int) (Followers, error) {
	var f Followers
	shops, err := r.allowed(ctx, q)
	if err != nil {
		return f, err
	}
	from, to := q.Frame.bounds()
	// Along the index, newest first, until there are enough. Left to itself the server reads all orders of the product and sorts them.
	const latestOf = `(SELECT STRAIGHT_JOIN r.order_id, r.profile_id, r.shop_id, r.nth, r.again
		FROM crm_order_lines l FORCE INDEX (crm_order_lines_product) JOIN crm_report_orders r ON r.order_id = l.order_id
		WHERE l.product_id = ? AND r.shop_id IN (?) AND r.day >= ? AND r.day <= ? ORDER BY l.order_id DESC LIMIT ?)`
	args := []any{productID, bun.List(shops), from, to, followed}
	err = r.db.NewRaw("SELECT COUNT(DISTINCT a.order_id) AS orders, COUNT(DISTINCT IF(a.again, a.order_id, NULL)) AS again FROM "+latestOf+" a", args...).Scan(ctx, &f.Orders, &f.Again)
	if err != nil {
		return f, fmt.Errorf("counting the orders of product %d: %w", productID, err)
	}
	err = r.db.NewRaw(`SELECT t.product_id, t.orders, d.name, d.sku, d.image_url AS image FROM (
			SELECT m.product_id, COUNT(DISTINCT b.order_id) AS orders FROM `+latestOf+` a
			JOIN crm_report_orders b ON b.profile_id = a.profile_id AND b.shop_id = a.shop_id AND b.nth = a.nth + 1
			JOIN crm_order_lines m ON m.order_id = b.order_id AND m.product_id IS NOT NULL
			GROUP BY m.product_id ORDER BY orders DESC, m.product_id LIMIT ?) t
		JOIN crm_products d ON d.id = t.product_id ORDER BY t.orders DESC, t.product_id`, append(args, limit)...).Scan(ctx, &f.Products)
	if err != nil {
		return f, fmt.Errorf("reading what follows product %d: %w", productID, err)
	}
	return f, nil
}
