package magento

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// ordersSource follows sales_order by updated_at, which has an index that ends in the id and moves whenever a column of
// the row does: statuses, payments and refunds, all of which change a total. Credit memos and invoices are feeds as well,
// for programs that write them without the order. An address that staff correct moves nothing: the newest 1,000 orders are
// given again, 50 a minute. sales_order_grid, which lags behind, is never looked at.
func ordersSource() follow.Source {
	src := follow.Source{
		Letter: 'o', What: "orders", Table: "{sales_order}", ID: "entity_id", Time: "updated_at",
		Feeds: []follow.Feed{{Table: "{sales_creditmemo}", ID: "entity_id", Target: "f.order_id"}, {Table: "{sales_invoice}", ID: "entity_id", Target: "f.order_id"}},
	}
	src.Roll = src.RollNewest(1_000)
	return src
}

// Orders reads orders with their lines and credit memos.
func (s *Shop) Orders(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Order], error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Page[adapters.Order]{}, err
	}
	return follow.Read(ctx, r.DB, r.now, ordersSource(), after, limit, r.orders)
}

// order is one in text, before anything is believed.
type order struct {
	id, store, customer, billing                       int64
	number, state, before, status, coupon              string
	currency, total, tax, shipping, discount           string
	email, firstName, lastName                         string
	virtual                                            bool
	created, updated                                   string
	paid, invoiced, shipped, commented, statusRecorded string
}

// completed is the status's own record where Magento keeps one. Else an order is complete as soon as all is invoiced and
// sent; the history of comments repeats the status of the day, so it is asked only about orders that nothing was sent of.
func (o order) completed() string {
	switch {
	case o.statusRecorded != "":
		return o.statusRecorded
	case o.state != "complete":
		return o.commented
	case o.shipped != "":
		return max(o.shipped, o.invoiced)
	case o.virtual && o.invoiced != "":
		return o.invoiced
	}
	return o.commented
}

// orders costs four statements, however many orders there are.
func (r *reader) orders(ctx context.Context, ids []int64) ([]adapters.Order, []adapters.BadRow, error) {
	found, err := r.orderRows(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	addresses, err := r.addresses(ctx, "orders' addresses", "SELECT a.parent_id, a.entity_id, "+addressColumns("a.email")+
		" FROM {sales_order_address} a WHERE a.parent_id "+follow.In(ids)+" AND a.address_type = 'billing' ORDER BY a.entity_id")
	if err != nil {
		return nil, nil, err
	}
	lines, err := r.orderLines(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	refunds, err := r.refunds(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	var rows []adapters.Order
	var bad []adapters.BadRow
	for _, id := range ids {
		o, ok := found[id]
		if !ok {
			continue
		}
		errs := foreign.NewCheck(map[string]string{"increment_id": o.number, "state": o.state, "status": o.status, "order_currency_code": o.currency,
			"grand_total": o.total, "customer_email": o.email, "created_at": o.created, "updated_at": o.updated})
		row := r.order(o, choose(addresses[id], o.billing), errs)
		row.Lines = positions(lines[id], errs)
		for _, f := range refunds[id] {
			row.Refunds = append(row.Refunds, f.refund(errs))
		}
		if errs.Failed() {
			bad = append(bad, errs.Row(row.Key))
		} else {
			rows = append(rows, row)
		}
	}
	return rows, bad, nil
}

func (r *reader) order(o order, billing address, errs *foreign.Check) adapters.Order {
	row := adapters.Order{
		Key: foreign.Str(o.id), Number: cmp.Or(foreign.Plain(o.number), foreign.Str(o.id)),
		Status: orderStatus(o.state, o.before), RawStatus: cmp.Or(foreign.Plain(o.status), foreign.Plain(o.state)),
		Currency: errs.Currency("order_currency_code", o.currency), Total: errs.Number("grand_total", o.total).String(),
		Tax: errs.Number("tax_amount", o.tax).String(), Shipping: errs.Number("shipping_amount", o.shipping).String(),
		Discount:    errs.Number("discount_amount", o.discount).Abs().String(), // it is kept as a negative one
		CustomerKey: foreign.Key(o.customer), Email: strings.TrimSpace(foreign.First(o.email, billing.email)),
		FirstName: foreign.Plain(o.firstName), LastName: foreign.Plain(o.lastName), Company: foreign.Plain(billing.company),
		Phone: foreign.Plain(billing.phone), Address: billing.postal(), Language: r.language(o.store),
		PlacedAt: errs.Time("created_at", o.created, nil), PaidAt: errs.Time("created_at of the invoice", o.paid, nil), ChangedAt: errs.Time("updated_at", o.updated, nil),
	}
	if row.FirstName == "" && row.LastName == "" { // a guest's are only in the address
		row.FirstName, row.LastName = foreign.Plain(billing.firstName), foreign.Plain(billing.lastName)
	}
	if code := foreign.Plain(o.coupon); code != "" {
		row.Coupons = []string{code}
	}
	if o.state == "complete" || o.state == "closed" {
		row.CompletedAt = errs.Time("time of completion", o.completed(), nil)
	}
	return row
}

// orderRows reads the orders themselves. An order whose state was never written has the one that its status belongs to,
// if that is one. An account that is gone leaves NULL behind or, where foreign keys were dropped, its number.
func (r *reader) orderRows(ctx context.Context, ids []int64) (map[int64]order, error) {
	recorded := "NULL"
	complete := "IN (SELECT m.status FROM {sales_order_status_state} m WHERE m.state = 'complete')"
	if r.layout.statuses {
		recorded = "(SELECT MIN(y.created_at) FROM {sales_order_status_change_history} y WHERE y.order_id = o.entity_id AND y.status " + complete + ")"
	}
	found := map[int64]order{}
	err := r.Each(ctx, "orders", `SELECT o.entity_id, COALESCE(o.store_id, 0), COALESCE(c.entity_id, 0), COALESCE(o.billing_address_id, 0), o.increment_id,
			COALESCE(NULLIF(o.state, ''), (SELECT IF(COUNT(*) = 1, MAX(m.state), NULL) FROM {sales_order_status_state} m WHERE m.status = o.status)), o.hold_before_state,
			o.status, o.coupon_code, o.order_currency_code, o.grand_total, o.tax_amount, o.shipping_amount, o.discount_amount,
			o.customer_email, o.customer_firstname, o.customer_lastname, COALESCE(o.is_virtual, 0), o.created_at, o.updated_at,
			(SELECT MIN(i.created_at) FROM {sales_invoice} i WHERE i.order_id = o.entity_id AND i.state = 2),
			(SELECT MAX(i.created_at) FROM {sales_invoice} i WHERE i.order_id = o.entity_id AND i.state <> 3),
			(SELECT MAX(s.created_at) FROM {sales_shipment} s WHERE s.order_id = o.entity_id),
			(SELECT MIN(h.created_at) FROM {sales_order_status_history} h WHERE h.parent_id = o.entity_id AND h.status `+complete+`), `+recorded+`
		FROM {sales_order} o LEFT JOIN {customer_entity} c ON c.entity_id = o.customer_id WHERE o.entity_id `+follow.In(ids), nil,
		func(scan func(...any) error) error {
			var o order
			err := scan(&o.id, &o.store, &o.customer, &o.billing, follow.Text(&o.number), follow.Text(&o.state), follow.Text(&o.before),
				follow.Text(&o.status), follow.Text(&o.coupon), follow.Text(&o.currency), follow.Text(&o.total), follow.Text(&o.tax), follow.Text(&o.shipping), follow.Text(&o.discount),
				follow.Text(&o.email), follow.Text(&o.firstName), follow.Text(&o.lastName), &o.virtual, follow.Text(&o.created), follow.Text(&o.updated),
				follow.Text(&o.paid), follow.Text(&o.invoiced), follow.Text(&o.shipped), follow.Text(&o.commented), follow.Text(&o.statusRecorded))
			found[o.id] = o
			return err
		})
	return found, err
}

// refund is a credit memo.
type refund struct {
	id, order               int64
	amount, reason, created string
}

// refunds are credit memos whose money went back: not those still open (1), nor those called off (3).
func (r *reader) refunds(ctx context.Context, ids []int64) (map[int64][]refund, error) {
	all := map[int64][]refund{}
	err := r.Each(ctx, "credit memos", `SELECT m.entity_id, m.order_id, m.grand_total, m.created_at, COALESCE(NULLIF(m.customer_note, ''),
			(SELECT k.comment FROM {sales_creditmemo_comment} k WHERE k.parent_id = m.entity_id AND k.comment <> '' ORDER BY k.entity_id LIMIT 1))
		FROM {sales_creditmemo} m WHERE m.order_id `+follow.In(ids)+" AND COALESCE(m.state, 2) = 2 ORDER BY m.entity_id", nil,
		func(scan func(...any) error) error {
			var f refund
			err := scan(&f.id, &f.order, follow.Text(&f.amount), follow.Text(&f.created), follow.Text(&f.reason))
			all[f.order] = append(all[f.order], f)
			return err
		})
	return all, err
}

func (f refund) refund(errs *foreign.Check) adapters.Refund {
	return adapters.Refund{Key: foreign.Str(f.id), Amount: errs.Number(fmt.Sprintf("credit memo %d", f.id), f.amount).String(), Reason: foreign.Plain(f.reason),
		RefundedAt: errs.Time("created_at of the credit memo", f.created, nil)}
}

// line is a row of an order or a cart, in text. Rows with a parent are what it consists of: the variant that was chosen of
// a configurable product, the parts of a set.
type line struct {
	id, parent, product              int64
	kind, sku, name, quantity        string
	total, discount, tax, added, fee string
}

// lineColumns are read from rows i of sales_order_item or quote_item. A set's own code is put together of its parts'; the
// catalogue's is the product's.
func (r *reader) lineColumns(quantity string) string {
	return `i.item_id, COALESCE(i.parent_item_id, 0), COALESCE(i.product_id, 0), i.product_type, IF(i.product_type = 'bundle', COALESCE(e.sku, i.sku), i.sku), i.name, ` + quantity +
		", i.row_total, i.discount_amount, i.tax_amount, i.discount_tax_compensation_amount, i.weee_tax_applied_row_amount"
}

// bundles joins the catalogue's row of what is a set.
func (r *reader) bundles() string {
	return " LEFT JOIN {catalog_product_entity} e ON i.product_type = 'bundle' AND e.entity_id = i.product_id AND " + r.current("e")
}

func (l *line) into() []any {
	return []any{&l.id, &l.parent, &l.product, follow.Text(&l.kind), follow.Text(&l.sku), follow.Text(&l.name), follow.Text(&l.quantity), follow.Text(&l.total), follow.Text(&l.discount),
		follow.Text(&l.tax), follow.Text(&l.added), follow.Text(&l.fee)}
}

func (r *reader) lines(ctx context.Context, what, statement string) (map[int64][]line, error) {
	all := map[int64][]line{}
	err := r.Each(ctx, what, statement, nil, func(scan func(...any) error) error {
		var of int64
		var l line
		err := scan(append([]any{&of}, l.into()...)...)
		all[of] = append(all[of], l)
		return err
	})
	return all, err
}

func (r *reader) orderLines(ctx context.Context, ids []int64) (map[int64][]line, error) {
	return r.lines(ctx, "order lines", "SELECT i.order_id, "+r.lineColumns("i.qty_ordered")+" FROM {sales_order_item} i"+r.bundles()+" WHERE i.order_id "+follow.In(ids)+" ORDER BY i.item_id")
}

// money is what a row was paid: after discounts, with tax and with what Magento calls fixed product taxes. With prices that
// include tax, the tax of the discount is not in row_total, and is added back.
func (l line) money(errs *foreign.Check) (total, tax decimal.Decimal) {
	number := func(name, text string) decimal.Decimal {
		return errs.Number(fmt.Sprintf("line %d, %s", l.id, name), text)
	}
	tax = number("tax_amount", l.tax)
	total = number("row_total", l.total).Sub(number("discount_amount", l.discount)).Add(number("discount_tax_compensation_amount", l.added))
	return total.Add(number("weee_tax_applied_row_amount", l.fee)).Add(tax), tax
}

// priced says that a set's parts have prices. Then they also have the discounts, and the set's row has only the sum before
// those; else only the set's row has any.
func priced(l line, parts []line) bool {
	if l.kind != "bundle" {
		return false
	}
	for _, p := range parts {
		if strings.Trim(p.total, "0.") != "" {
			return true
		}
	}
	return false
}

// top splits rows into positions and what they consist of. A row whose parent is not there is a position.
func top(all []line) (rows []line, parts map[int64][]line) {
	there := map[int64]bool{}
	for _, l := range all {
		there[l.id] = true
	}
	parts = map[int64][]line{}
	for _, l := range all {
		if l.parent == 0 || !there[l.parent] {
			rows = append(rows, l)
		} else {
			parts[l.parent] = append(parts[l.parent], l)
		}
	}
	return rows, parts
}

// variant is what was chosen of a configurable product.
func (l line) variant(parts []line) int64 {
	if l.kind == "configurable" && len(parts) > 0 {
		return parts[0].product
	}
	return 0
}

// sum is a position's money, counted once.
func (l line) sum(parts []line, errs *foreign.Check) (total, tax decimal.Decimal) {
	if !priced(l, parts) {
		return l.money(errs)
	}
	for _, p := range parts {
		t, x := p.money(errs)
		total, tax = total.Add(t), tax.Add(x)
	}
	return total, tax
}

func positions(all []line, errs *foreign.Check) []adapters.Line {
	var rows []adapters.Line
	list, parts := top(all)
	for _, l := range list {
		total, tax := l.sum(parts[l.id], errs)
		rows = append(rows, adapters.Line{
			Key: foreign.Str(l.id), ProductKey: foreign.Key(l.product), VariantKey: foreign.Key(l.variant(parts[l.id])), SKU: foreign.Plain(l.sku), Name: foreign.Plain(l.name),
			Quantity: errs.Number(fmt.Sprintf("line %d, qty_ordered", l.id), l.quantity).String(), Total: total.String(), Tax: tax.String(),
		})
	}
	return rows
}
