package magento

import (
	"context"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

var (
	_ adapters.Auditor = (*Shop)(nil)
	_ adapters.Adviser = (*Shop)(nil)
)

// letters are those of the sources.
var letters = map[adapters.Stream]byte{adapters.StreamCustomers: 'c', adapters.StreamProducts: 'p', adapters.StreamOrders: 'o'}

// audited opens the shop and gives the source of a stream.
func (s *Shop) audited(ctx context.Context, stream adapters.Stream) (follow.DB, follow.Source, error) {
	r, err := s.open(ctx)
	if err != nil {
		return follow.DB{}, follow.Source{}, err
	}
	switch stream {
	case adapters.StreamCustomers:
		return r.DB, customersSource(), nil
	case adapters.StreamProducts:
		src, err := r.productsSource(ctx)
		return r.DB, src, err
	}
	src := ordersSource()
	src.Parts = r.orderParts()
	return r.DB, src, nil
}

// Advise implements [adapters.Adviser]. Only orders have an index on the time of their change.
func (s *Shop) Advise(ctx context.Context) ([]adapters.Advice, error) {
	r, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	products, err := r.productsSource(ctx)
	if err != nil {
		return nil, err
	}
	return follow.Advise(ctx, r.DB, products, customersSource(), r.cartsSource(), subscribersSource())
}

func (r *reader) orderParts() []follow.Part {
	parts := []follow.Part{
		{Table: "{sales_order} o LEFT JOIN {customer_entity} c ON c.entity_id = o.customer_id", Key: "o.entity_id", Columns: []string{"o.increment_id", "o.state", "o.status", "o.hold_before_state",
			"o.store_id", "c.entity_id", "o.coupon_code", "o.order_currency_code", "o.grand_total", "o.tax_amount", "o.shipping_amount", "o.discount_amount", "o.customer_email",
			"o.customer_firstname", "o.customer_lastname", "o.billing_address_id", "o.created_at", "o.updated_at"}},
		{Table: "{sales_order_address} a", Key: "a.parent_id", Where: "a.address_type = 'billing'", Columns: []string{"a.entity_id", "a.email", "a.firstname", "a.lastname", "a.company",
			"a.telephone", "a.street", "a.city", "a.postcode", "a.region", "a.country_id"}},
		{Table: "{sales_order_item} i" + r.bundles(), Key: "i.order_id", Columns: []string{"i.item_id", "i.parent_item_id", "i.product_id", "i.product_type", "i.sku", "e.sku", "i.name",
			"i.qty_ordered", "i.row_total", "i.discount_amount", "i.tax_amount", "i.discount_tax_compensation_amount", "i.weee_tax_applied_row_amount"}},
		{Table: "{sales_creditmemo} m LEFT JOIN {sales_creditmemo_comment} k ON k.parent_id = m.entity_id", Key: "m.order_id", Columns: []string{"m.entity_id", "m.state", "m.grand_total",
			"m.created_at", "m.customer_note", "k.entity_id", "k.comment"}},
		{Table: "{sales_invoice} i", Key: "i.order_id", Columns: []string{"i.entity_id", "i.state", "i.created_at"}},
		{Table: "{sales_shipment} s", Key: "s.order_id", Columns: []string{"s.entity_id", "s.created_at"}},
		{Table: "{sales_order_status_history} h", Key: "h.parent_id", Columns: []string{"h.entity_id", "h.status", "h.created_at"}},
	}
	if r.layout.statuses {
		parts = append(parts, follow.Part{Table: "{sales_order_status_change_history} y", Key: "y.order_id", Columns: []string{"y.entity_id", "y.status", "y.created_at"}})
	}
	return parts
}

// productParts sums up products' own rows and their variants', which count on the product that they are delivered with.
func (r *reader) productParts() []follow.Part {
	own := "{catalog_product_entity} e"
	variants := r.variantTables()
	now, both := r.current("e"), r.current("p")+" AND "+r.current("e")
	link := r.layout.link()
	parts := []follow.Part{
		{Table: own, Key: "e.entity_id", Where: now + " AND NOT " + r.variantOnly("e.entity_id", r.attribute["visibility"].id),
			Columns: []string{"e." + link, "e.sku", "e.type_id", "e.created_at", "e.updated_at"}},
		{Table: variants, Key: "p.entity_id", Where: both, Columns: []string{"e.entity_id", "e." + link, "e.sku"}},
		{Table: "{catalog_product_entity} p JOIN {catalog_product_super_attribute} a ON a.product_id = p." + link, Key: "p.entity_id", Where: r.current("p"), Columns: []string{"a.attribute_id", "a.position"}},
		{Table: "{catalog_category_product} k", Key: "k.product_id", Columns: []string{"k.category_id"}},
		{Table: "{catalog_product_website} w", Key: "w.product_id", Columns: []string{"w.website_id"}},
		{Table: "{url_rewrite} u", Key: "u.entity_id", Where: "u.entity_type = 'product' AND u.redirect_type = 0 AND u.store_id = " + foreign.Str(r.view.id), Columns: []string{"u.request_path", "u.metadata IS NULL"}},
		{Table: "{catalog_product_index_price} x", Key: "x.entity_id", Where: "x.customer_group_id = 0", Columns: []string{"x.website_id", "x.min_price"}},
	}
	for _, kind := range valueTypes {
		table := " JOIN {catalog_product_entity_" + kind + "} v ON v." + link + " = e." + link
		where := " AND v.store_id " + r.scopes() + " AND v.attribute_id " + follow.In(numbers(r.attribute, productCodes[kind]))
		columns := []string{"v.attribute_id", "v.store_id", "v.value"}
		parts = append(parts, follow.Part{Table: own + table, Key: "e.entity_id", Where: now + where, Columns: columns},
			follow.Part{Table: variants + table, Key: "p.entity_id", Where: both + where, Columns: columns})
	}
	axes := " JOIN {catalog_product_super_attribute} a ON a.product_id = l.parent_id JOIN {catalog_product_entity_int} v ON v." + link + " = e." + link +
		" AND v.attribute_id = a.attribute_id AND v.store_id = 0 LEFT JOIN {eav_attribute_option_value} n ON n.option_id = v.value AND n.store_id " + r.scopes()
	parts = append(parts, follow.Part{Table: variants + axes, Key: "p.entity_id", Where: both, Columns: []string{"e.entity_id", "v.attribute_id", "v.value", "n.store_id", "n.value"}})
	return append(parts, r.stockParts(own, variants, now, both)...)
}

func (r *reader) stockParts(own, variants, now, both string) (parts []follow.Part) {
	add := func(table string, columns ...string) {
		parts = append(parts, follow.Part{Table: own + table, Key: "e.entity_id", Where: now, Columns: columns}, follow.Part{Table: variants + table, Key: "p.entity_id", Where: both, Columns: columns})
	}
	add(" JOIN {cataloginventory_stock_item} i ON i.product_id = e.entity_id AND i.stock_id = 1", "i.qty", "i.is_in_stock", "i.use_config_manage_stock", "i.manage_stock",
		"i.use_config_backorders", "i.backorders", "i.use_config_min_qty", "i.min_qty")
	if r.layout.sources {
		add(" JOIN {inventory_source_item} q ON q.sku = e.sku", "q.source_code", "q.quantity", "q.status")
		add(" JOIN {inventory_reservation} d ON d.sku = e.sku AND d.stock_id = "+foreign.Str(r.stockID), "d.reservation_id", "d.quantity")
	}
	return parts
}
