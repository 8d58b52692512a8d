package woocommerce

import (
	"context"
	"slices"

	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// postOrdersSource follows orders that are posts. post_modified_gmt has no index, and is not bumped by a partial refund
// nor by an edit of the address. So:
//   - New orders and new refunds are found by their id; a refund delivers its order.
//   - Changes are followed among the newest 10,000 posts, which is one short range of the primary key.
//   - Older ones are swept by id, 5,000 a round: a shop of 60,000 posts is through in a minute, one of 3 million in an hour.
//   - The newest 2,000 posts are rolled over, 50 orders a minute, for edits that leave no time behind.
func postOrdersSource() follow.Source {
	src := follow.Source{
		Letter: 'l', Former: 'h', What: "orders", Table: "{posts}", ID: "ID",
		Own: "post_type = 'shop_order'", Any: "post_type IN ('shop_order','shop_order_refund')",
		Target: "CASE t.post_type WHEN 'shop_order' THEN t.ID WHEN 'shop_order_refund' THEN t.post_parent ELSE 0 END",
		Window: 20_000, Time: "post_modified_gmt", Region: 10_000,
		Count: "{posts} WHERE post_type = 'shop_order'",
		Parts: []follow.Part{
			{Table: "{posts} p", Key: "p.ID", Where: "p.post_type = 'shop_order'", Columns: []string{"p.ID", "p.post_status", "p.post_date", "p.post_date_gmt", "p.post_modified_gmt"}},
			{Table: "{postmeta} m", Key: "m.post_id", Where: "m.meta_key IN (" + postOrderKeys + ")", Columns: []string{"m.meta_id", "m.meta_key", "m.meta_value"}},
			orderItems,
			{Table: "{posts} c LEFT JOIN {postmeta} m ON m.post_id = c.ID AND m.meta_key IN ('_refund_amount','_refund_reason','_order_total')", Key: "c.post_parent",
				Where: "c.post_type = 'shop_order_refund'", Columns: []string{"c.ID", "c.post_status", "c.post_date", "c.post_date_gmt", "c.post_excerpt", "m.meta_id", "m.meta_value"}},
		},
	}
	src.Sweep, src.Roll = src.SweepByTime(5_000), src.RollNewest(2_000)
	return src
}

var postOrderKeys = follow.Quoted(slices.Concat(orderKeys, []string{
	"_order_currency", "_order_total", "_order_tax", "_order_shipping", "_order_shipping_tax", "_cart_discount", "_customer_user",
	"_billing_email", "_billing_first_name", "_billing_last_name", "_billing_company", "_billing_phone", "_billing_address_1",
	"_billing_address_2", "_billing_city", "_billing_postcode", "_billing_state", "_billing_country",
	"_date_paid", "_paid_date", "_date_completed", "_completed_date", "_refund_amount", "_refund_reason",
})...)

func (r *reader) postOrders(ctx context.Context, ids []int64) (map[int64]order, map[int64][]refund, error) {
	metas, err := r.metadata(ctx, "orders", "SELECT post_id, meta_id, meta_key, meta_value FROM {postmeta} WHERE post_id "+follow.In(ids)+
		" AND meta_key IN ("+postOrderKeys+")")
	if err != nil {
		return nil, nil, err
	}
	found := map[int64]order{}
	err = r.Each(ctx, "orders", "SELECT ID, post_status, post_date, post_date_gmt, post_modified_gmt FROM {posts} WHERE ID "+follow.In(ids)+
		" AND post_type = 'shop_order'", nil,
		func(scan func(...any) error) error {
			var o order
			if err := scan(&o.id, &o.status, &o.createdLocal, &o.created, &o.updated); err != nil {
				return err
			}
			o.fill(metas[o.id])
			found[o.id] = o
			return nil
		})
	if err != nil {
		return nil, nil, err
	}
	refunds, err := r.postRefunds(ctx, ids)
	return found, refunds, err
}

// fill reads the metadata. _date_paid is UTC in seconds since WooCommerce 3.0; the orders of before have only _paid_date,
// in the shop's own time.
func (o *order) fill(m meta) {
	o.meta = m
	o.currency, o.total, o.cartTax, o.shippingTax = m.get("_order_currency"), m.get("_order_total"), m.get("_order_tax"), m.get("_order_shipping_tax")
	o.shipping, o.discount, o.customer = m.get("_order_shipping"), m.get("_cart_discount"), foreign.ID(m.get("_customer_user"))
	o.email, o.firstName, o.lastName = m.get("_billing_email"), m.get("_billing_first_name"), m.get("_billing_last_name")
	o.company, o.phone = m.get("_billing_company"), m.get("_billing_phone")
	o.line1, o.line2, o.city = m.get("_billing_address_1"), m.get("_billing_address_2"), m.get("_billing_city")
	o.postcode, o.state, o.land = m.get("_billing_postcode"), m.get("_billing_state"), m.get("_billing_country")
	o.paidUnix, o.paidLocal = m.get("_date_paid"), m.get("_paid_date")
	o.completedUnix, o.completedLocal = m.get("_date_completed"), m.get("_completed_date")
}

func (r *reader) postRefunds(ctx context.Context, ids []int64) (map[int64][]refund, error) {
	metas, err := r.metadata(ctx, "refunds", `SELECT m.post_id, m.meta_id, m.meta_key, m.meta_value FROM {posts} p JOIN {postmeta} m ON m.post_id = p.ID
		WHERE p.post_parent `+follow.In(ids)+` AND p.post_type = 'shop_order_refund' AND m.meta_key IN ('_refund_amount','_refund_reason','_order_total')`)
	if err != nil {
		return nil, err
	}
	all := map[int64][]refund{}
	err = r.Each(ctx, "refunds", `SELECT ID, post_parent, post_date, post_date_gmt, post_excerpt FROM {posts}
		WHERE post_parent `+follow.In(ids)+` AND post_type = 'shop_order_refund' AND post_status <> 'trash' ORDER BY ID`, nil,
		func(scan func(...any) error) error {
			var f refund
			var excerpt string
			if err := scan(&f.id, &f.parent, &f.createdLocal, &f.created, &excerpt); err != nil {
				return err
			}
			m := metas[f.id]
			f.amount, f.total, f.reason = m.get("_refund_amount"), m.get("_order_total"), foreign.First(m.get("_refund_reason"), excerpt)
			all[f.parent] = append(all[f.parent], f)
			return nil
		})
	return all, err
}
