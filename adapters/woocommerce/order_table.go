package woocommerce

import "context"

// tableOrdersSource follows orders in tables of their own (HPOS, "high performance order storage", with or without a
// copy in posts; the copy and the placeholders, which would count every order twice, are never looked at).
// date_updated_gmt is bumped by every save of an order and by a refund made on it, and has an index that ends in the id,
// so following costs two short index ranges. Not seen are edits made to an order's items directly in the database.
func tableOrdersSource() source {
	return source{
		letter: 'h', former: 'l', what: "orders", table: "{wc_orders}", id: "id",
		own: "type = 'shop_order'", any: "type IN ('shop_order','shop_order_refund')",
		// Plugins keep subscriptions in the same table; they are passed over.
		target: "CASE t.type WHEN 'shop_order' THEN t.id WHEN 'shop_order_refund' THEN COALESCE(t.parent_order_id, 0) ELSE 0 END",
		time:   "date_updated_gmt",
		count:  "{wc_orders} WHERE type = 'shop_order'",
	}
}

func (r *reader) tableOrders(ctx context.Context, ids []int64) (map[int64]order, map[int64][]refund, error) {
	metas, err := r.metadata(ctx, "orders", "SELECT order_id, id, meta_key, meta_value FROM {wc_orders_meta} WHERE order_id "+in(ids)+
		" AND meta_key IN ("+keys(orderKeys...)+")")
	if err != nil {
		return nil, nil, err
	}
	found := map[int64]order{}
	err = r.each(ctx, "orders", `SELECT o.id, o.status, o.currency, o.total_amount, o.tax_amount, d.shipping_tax_amount,
			d.shipping_total_amount, d.discount_total_amount, COALESCE(o.customer_id, 0), COALESCE(NULLIF(o.billing_email, ''), a.email),
			a.first_name, a.last_name, a.company, a.phone, a.address_1, a.address_2, a.city, a.postcode, a.state, a.country,
			o.date_created_gmt, o.date_updated_gmt, d.date_paid_gmt, d.date_completed_gmt
		FROM {wc_orders} o
		LEFT JOIN {wc_order_operational_data} d ON d.order_id = o.id
		LEFT JOIN {wc_order_addresses} a ON a.order_id = o.id AND a.address_type = 'billing'
		WHERE o.id `+in(ids)+` AND o.type = 'shop_order'`, nil,
		func(scan func(...any) error) error {
			var o order
			err := scan(&o.id, orEmpty{&o.status}, orEmpty{&o.currency}, orEmpty{&o.total}, orEmpty{&o.cartTax}, orEmpty{&o.shippingTax},
				orEmpty{&o.shipping}, orEmpty{&o.discount}, &o.customer, orEmpty{&o.email},
				orEmpty{&o.firstName}, orEmpty{&o.lastName}, orEmpty{&o.company}, orEmpty{&o.phone}, orEmpty{&o.line1}, orEmpty{&o.line2},
				orEmpty{&o.city}, orEmpty{&o.postcode}, orEmpty{&o.state}, orEmpty{&o.land},
				orEmpty{&o.created}, orEmpty{&o.updated}, orEmpty{&o.paid}, orEmpty{&o.completed})
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
	err := r.each(ctx, "refunds", `SELECT o.id, o.parent_order_id, o.total_amount, o.date_created_gmt,
			(SELECT MIN(m.meta_value) FROM {wc_orders_meta} m WHERE m.order_id = o.id AND m.meta_key = '_refund_amount'),
			(SELECT MIN(m.meta_value) FROM {wc_orders_meta} m WHERE m.order_id = o.id AND m.meta_key = '_refund_reason')
		FROM {wc_orders} o WHERE o.parent_order_id `+in(ids)+` AND o.type = 'shop_order_refund' AND o.status <> 'trash' ORDER BY o.id`, nil,
		func(scan func(...any) error) error {
			var f refund
			err := scan(&f.id, &f.parent, orEmpty{&f.total}, orEmpty{&f.created}, orEmpty{&f.amount}, orEmpty{&f.reason})
			all[f.parent] = append(all[f.parent], f)
			return err
		})
	return all, err
}
