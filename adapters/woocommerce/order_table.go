package woocommerce

import (
	"context"

	"github.com/kupec/kupec/adapters/follow"
)

// tableOrdersSource follows orders in tables of their own (HPOS, "high performance order storage", with or without a
// copy in posts; the copy and the placeholders, which would count every order twice, are never looked at).
// date_updated_gmt is bumped by every save of an order and by a refund made on it, and has an index that ends in the id,
// so following costs two short index ranges. Not seen are edits made to an order's items directly in the database.
func tableOrdersSource() follow.Source {
	return follow.Source{
		Letter: 'h', Former: 'l', What: "orders", Table: "{wc_orders}", ID: "id",
		Own: "type = 'shop_order'", Any: "type IN ('shop_order','shop_order_refund')",
		// Plugins keep subscriptions in the same table; they are passed over.
		Target: "CASE t.type WHEN 'shop_order' THEN t.id WHEN 'shop_order_refund' THEN COALESCE(t.parent_order_id, 0) ELSE 0 END",
		Time:   "date_updated_gmt",
		Count:  "{wc_orders} WHERE type = 'shop_order'",
		Parts: []follow.Part{
			{Table: "{wc_orders} o", Key: "o.id", Where: "o.type = 'shop_order'", Columns: []string{"o.id", "o.status", "o.currency", "o.total_amount", "o.tax_amount",
				"o.customer_id", "o.billing_email", "o.date_created_gmt", "o.date_updated_gmt"}},
			{Table: "{wc_order_operational_data} d", Key: "d.order_id", Columns: []string{"d.shipping_tax_amount", "d.shipping_total_amount", "d.discount_total_amount",
				"d.date_paid_gmt", "d.date_completed_gmt"}},
			{Table: "{wc_order_addresses} a", Key: "a.order_id", Where: "a.address_type = 'billing'", Columns: []string{"a.email", "a.first_name", "a.last_name", "a.company",
				"a.phone", "a.address_1", "a.address_2", "a.city", "a.postcode", "a.state", "a.country"}},
			{Table: "{wc_orders_meta} m", Key: "m.order_id", Where: "m.meta_key IN (" + follow.Quoted(orderKeys...) + ")", Columns: []string{"m.id", "m.meta_value"}},
			orderItems,
			{Table: "{wc_orders} c LEFT JOIN {wc_orders_meta} m ON m.order_id = c.id AND m.meta_key IN ('_refund_amount','_refund_reason')", Key: "c.parent_order_id",
				Where: "c.type = 'shop_order_refund'", Columns: []string{"c.id", "c.status", "c.total_amount", "c.date_created_gmt", "m.id", "m.meta_value"}},
		},
	}
}

func (r *reader) tableOrders(ctx context.Context, ids []int64) (map[int64]order, map[int64][]refund, error) {
	metas, err := r.metadata(ctx, "orders", "SELECT order_id, id, meta_key, meta_value FROM {wc_orders_meta} WHERE order_id "+follow.In(ids)+
		" AND meta_key IN ("+follow.Quoted(orderKeys...)+")")
	if err != nil {
		return nil, nil, err
	}
	found := map[int64]order{}
	err = r.Each(ctx, "orders", `SELECT o.id, o.status, o.currency, o.total_amount, o.tax_amount, d.shipping_tax_amount,
			d.shipping_total_amount, d.discount_total_amount, COALESCE(o.customer_id, 0), COALESCE(NULLIF(o.billing_email, ''), a.email),
			a.first_name, a.last_name, a.company, a.phone, a.address_1, a.address_2, a.city, a.postcode, a.state, a.country,
			o.date_created_gmt, o.date_updated_gmt, d.date_paid_gmt, d.date_completed_gmt
		FROM {wc_orders} o
		LEFT JOIN {wc_order_operational_data} d ON d.order_id = o.id
		LEFT JOIN {wc_order_addresses} a ON a.order_id = o.id AND a.address_type = 'billing'
		WHERE o.id `+follow.In(ids)+` AND o.type = 'shop_order'`, nil,
		func(scan func(...any) error) error {
			var o order
			err := scan(&o.id, follow.Text(&o.status), follow.Text(&o.currency), follow.Text(&o.total), follow.Text(&o.cartTax), follow.Text(&o.shippingTax),
				follow.Text(&o.shipping), follow.Text(&o.discount), &o.customer, follow.Text(&o.email),
				follow.Text(&o.firstName), follow.Text(&o.lastName), follow.Text(&o.company), follow.Text(&o.phone), follow.Text(&o.line1), follow.Text(&o.line2),
				follow.Text(&o.city), follow.Text(&o.postcode), follow.Text(&o.state), follow.Text(&o.land),
				follow.Text(&o.created), follow.Text(&o.updated), follow.Text(&o.paid), follow.Text(&o.completed))
			o.meta = metas[o.id]
			found[o.id] = o
			return err
		})
	if err != nil {
		return nil, nil, err
	}
	refunds, err := r.tableRefunds(ctx, ids)
	return found, refunds, err
}

func (r *reader) tableRefunds(ctx context.Context, ids []int64) (map[int64][]refund, error) {
	all := map[int64][]refund{}
	err := r.Each(ctx, "refunds", `SELECT o.id, o.parent_order_id, o.total_amount, o.date_created_gmt,
			(SELECT MIN(m.meta_value) FROM {wc_orders_meta} m WHERE m.order_id = o.id AND m.meta_key = '_refund_amount'),
			(SELECT MIN(m.meta_value) FROM {wc_orders_meta} m WHERE m.order_id = o.id AND m.meta_key = '_refund_reason')
		FROM {wc_orders} o WHERE o.parent_order_id `+follow.In(ids)+` AND o.type = 'shop_order_refund' AND o.status <> 'trash' ORDER BY o.id`, nil,
		func(scan func(...any) error) error {
			var f refund
			err := scan(&f.id, &f.parent, follow.Text(&f.total), follow.Text(&f.created), follow.Text(&f.amount), follow.Text(&f.reason))
			all[f.parent] = append(all[f.parent], f)
			return err
		})
	return all, err
}
