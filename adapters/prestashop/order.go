package prestashop

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// ordersSource follows orders. date_upd has no index, and a credit slip does not move it. So:
//   - New orders are found by their id.
//   - Changes are followed by date_upd among the newest 5,000 orders.
//   - Each change of a state adds a row to order_history, each credit slip and each new line one to its table: feeds.
//   - A sweep, 5,000 orders a round, finds the other changes of older orders, and addresses and customers that have changed
//     since: a shop of 60,000 orders is through in a minute, one of a million in a quarter of an hour.
//   - The newest 2,000 orders are rolled over, 50 a minute, for edits that leave no time behind.
func (r *reader) ordersSource() follow.Source {
	src := follow.Source{
		Letter: 'o', What: "orders", Table: "{orders}", ID: "id_order", Own: r.ofShop(),
		Time: "date_upd", Region: ordersRegion,
		Feeds: []follow.Feed{
			{Table: "{order_history}", ID: "id_order_history", Target: r.unlessFollowed("o.date_upd >= f.date_add")},
			{Table: "{order_slip}", ID: "id_order_slip", Target: "f.id_order"},
			{Table: "{order_detail}", ID: "id_order_detail", Target: r.unlessFollowed("o.date_upd >= '" + r.wall(r.now.Add(-freshly).Unix()) + "'")},
		},
		Parts: []follow.Part{
			{Table: "{orders} t LEFT JOIN {order_state} s ON s.id_order_state = t.current_state", Key: "t.id_order", Where: r.ofShop(), Columns: []string{
				"t.id_order", "t.reference", "t.current_state", "s.paid", "s.shipped", "s.logable", "t.id_currency", "t.id_lang", "t.total_paid_tax_incl", "t.total_paid_tax_excl",
				"t.total_shipping_tax_incl", "t.total_shipping_tax_excl", "t.total_discounts_tax_incl", "t.total_discounts_tax_excl", "t.date_add", "t.date_upd"}},
			{Table: "{orders} t JOIN {customer} c ON c.id_customer = t.id_customer", Key: "t.id_order", Columns: personSum},
			{Table: "{orders} t JOIN {address} a ON a.id_address = t.id_address_invoice", Key: "t.id_order", Columns: addressSum},
			{Table: "{order_detail} d", Key: "d.id_order", Columns: []string{"d.id_order_detail", "d.product_id", "d.product_attribute_id", "d.product_reference", "d.product_name",
				"d.product_quantity", "d.total_price_tax_incl", "d.total_price_tax_excl"}},
			{Table: "{order_history} h JOIN {order_state} s ON s.id_order_state = h.id_order_state", Key: "h.id_order", Columns: []string{"h.id_order_history", "s.paid", "s.shipped", "h.date_add"}},
			{Table: "{order_slip} p", Key: "p.id_order", Columns: []string{"p.id_order_slip", "p.total_products_tax_incl", "p.total_shipping_tax_incl", "p.amount", "p.shipping_cost_amount", "p.date_add"}},
			{Table: "{order_cart_rule} v LEFT JOIN {cart_rule} u ON u.id_cart_rule = v.id_cart_rule", Key: "v.id_order", Where: r.standing(), Columns: []string{"v.id_order_cart_rule", "v.name", "v.free_shipping", "u.code"}},
		},
	}
	src.Sweep = r.sweep(walk{what: "orders", table: "{orders}", id: "id_order", region: ordersRegion, step: 5_000,
		joins:     " LEFT JOIN {address} a ON a.id_address = t.id_address_invoice LEFT JOIN {customer} c ON c.id_customer = t.id_customer",
		condition: r.ofShop() + " AND (t.id_order <= @below AND t.date_upd >= ? OR a.date_upd >= ? AND a.date_upd > t.date_upd OR c.date_upd >= ? AND c.date_upd > t.date_upd)"})
	src.Roll = src.RollNewest(2_000)
	return src
}

const (
	ordersRegion = 5_000           // of the newest orders, whose time of change is followed
	freshly      = 5 * time.Minute // for so long what has changed is delivered again
)

// unlessFollowed is the order that a row of a feed names, or none where date_upd shows the same: nearly all rows are of new
// orders, which would be delivered once more for each feed. When an order has a time to come, by a wrong clock or in the
// hour that a change of the clocks repeats, following is blind for the others, and the feed names all.
func (r *reader) unlessFollowed(shown string) string {
	newest := fmt.Sprintf("(SELECT CAST(MAX(x.id_order) AS SIGNED) - %d FROM {orders} x)", ordersRegion)
	blind := "(SELECT COUNT(*) FROM {orders} y WHERE y.id_order > " + newest + " AND y.date_upd > '" + r.now.Add(freshly).In(r.zone).Format(dateTime) + "') > 0"
	return "(SELECT IF(o.id_order > " + newest + " AND " + shown + " AND NOT " + blind + ", 0, o.id_order) FROM {orders} o WHERE o.id_order = f.id_order)"
}

// Orders reads orders with their lines and credit slips.
func (s *Shop) Orders(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Order], error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Page[adapters.Order]{}, err
	}
	return follow.Read(ctx, r.DB, r.now, r.ordersSource(), after, limit, r.orders)
}

// order is one in text, before anything is believed.
type order struct {
	id, state                     int64
	reference, currency, language string
	total, net                    string
	shipping, shippingNet         string
	discount, discountNet         string
	placed, changed               string
	who                           person
	billing                       address
}

// orders costs six statements, however many orders there are.
func (r *reader) orders(ctx context.Context, ids []int64) ([]adapters.Order, []adapters.BadRow, error) {
	found, err := r.orderRows(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	states, err := r.states(ctx)
	if err != nil {
		return nil, nil, err
	}
	milestones, err := r.milestones(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	lines, err := r.lines(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	slips, err := r.slips(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	vouchers, err := r.vouchers(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	var rows []adapters.Order
	var bad []adapters.BadRow
	for _, id := range ids {
		o, ok := found[id]
		if !ok {
			continue // deleted since it was found, or another shop's
		}
		errs := foreign.NewCheck(map[string]string{"reference": o.reference, "current_state": foreign.Str(o.state), "iso_code": o.currency, "total_paid_tax_incl": o.total,
			"email": o.who.email, "date_add": o.placed, "date_upd": o.changed})
		row := r.order(o, errs)
		row.Status, row.RawStatus, row.Deleted = r.status(o.state, states)
		row.PaidAt = errs.Time("order_history, paid", milestones[id].paid, r.zone)
		row.CompletedAt = errs.Time("order_history, shipped", milestones[id].shipped, r.zone)
		row.Lines = orderLines(lines[id], o, vouchers[id], errs)
		row.Coupons = codes(vouchers[id])
		for _, s := range slips[id] {
			if refund, ok := r.refund(s, errs); ok {
				row.Refunds = append(row.Refunds, refund)
			}
		}
		if errs.Failed() {
			bad = append(bad, errs.Row(row.Key))
		} else {
			rows = append(rows, row)
		}
	}
	return rows, bad, nil
}

func (r *reader) order(o order, errs *foreign.Check) adapters.Order {
	total, net := errs.Number("total_paid_tax_incl", o.total), errs.Number("total_paid_tax_excl", o.net)
	row := adapters.Order{
		Key: foreign.Str(o.id), Number: foreign.First(foreign.Plain(o.reference), foreign.Str(o.id)),
		Currency: errs.Currency("currency", o.currency), Total: total.String(), Tax: total.Sub(net).String(),
		Shipping: errs.Number("total_shipping_tax_excl", o.shippingNet).String(), Discount: errs.Number("total_discounts_tax_incl", o.discount).Abs().String(),
		CustomerKey: o.who.key(), Email: o.who.mail(), FirstName: foreign.Plain(o.billing.first), LastName: foreign.Plain(o.billing.last),
		Company: foreign.Plain(o.billing.company), Phone: o.billing.tel(), Address: o.billing.postal(), Language: foreign.Language(o.language),
		PlacedAt: errs.Time("date_add", o.placed, r.zone), ChangedAt: errs.Time("date_upd", o.changed, r.zone),
	}
	if row.FirstName == "" && row.LastName == "" && o.who.guest {
		row.FirstName, row.LastName = foreign.Plain(o.who.first), foreign.Plain(o.who.last)
	}
	return row
}

func (r *reader) orderRows(ctx context.Context, ids []int64) (map[int64]order, error) {
	found := map[int64]order{}
	err := r.Each(ctx, "orders", `SELECT t.id_order, t.current_state, t.reference, k.iso_code, l.language_code, t.total_paid_tax_incl, t.total_paid_tax_excl,
			t.total_shipping_tax_incl, t.total_shipping_tax_excl, t.total_discounts_tax_incl, t.total_discounts_tax_excl, t.date_add, t.date_upd, `+personColumns+", "+addressColumns+`
		FROM {orders} t LEFT JOIN {currency} k ON k.id_currency = t.id_currency LEFT JOIN {lang} l ON l.id_lang = t.id_lang
		LEFT JOIN {customer} c ON c.id_customer = t.id_customer LEFT JOIN {address} a ON a.id_address = t.id_address_invoice`+addressJoins+`
		WHERE t.id_order `+follow.In(ids)+" AND "+r.ofShop(), nil, func(scan func(...any) error) error {
		var o order
		into := []any{&o.id, &o.state, follow.Text(&o.reference), follow.Text(&o.currency), follow.Text(&o.language), &o.total, &o.net,
			&o.shipping, &o.shippingNet, &o.discount, &o.discountNet, follow.Text(&o.placed), follow.Text(&o.changed)}
		err := scan(append(append(into, o.who.into()...), o.billing.into()...)...)
		found[o.id] = o
		return err
	})
	return found, err
}

// milestone is when an order first came to a state that means paid, and one that means shipped.
type milestone struct{ paid, shipped string }

func (r *reader) milestones(ctx context.Context, ids []int64) (map[int64]milestone, error) {
	all := map[int64]milestone{}
	err := r.Each(ctx, "orders' histories", `SELECT h.id_order, MIN(CASE WHEN s.paid = 1 THEN h.date_add END), MIN(CASE WHEN s.paid = 1 AND s.shipped = 1 THEN h.date_add END)
		FROM {order_history} h JOIN {order_state} s ON s.id_order_state = h.id_order_state
		WHERE h.id_order `+follow.In(ids)+" AND h.date_add > '1000-01-01' GROUP BY h.id_order", nil, func(scan func(...any) error) error {
		var id int64
		var m milestone
		err := scan(&id, follow.Text(&m.paid), follow.Text(&m.shipped))
		all[id] = m
		return err
	})
	return all, err
}

// voucher is a cart rule that was used on an order: one with a code that somebody typed in, or a rule that applied by itself.
type voucher struct {
	name, code   string
	ruleGone     bool
	freeShipping bool
}

// standing leaves out vouchers that staff have taken off an order again.
func (r *reader) standing() string {
	if r.shape.dropped {
		return "v.deleted = 0"
	}
	return "TRUE"
}

func (r *reader) vouchers(ctx context.Context, ids []int64) (map[int64][]voucher, error) {
	all := map[int64][]voucher{}
	err := r.Each(ctx, "orders' vouchers", `SELECT v.id_order, v.name, u.code, u.id_cart_rule IS NULL, v.free_shipping
		FROM {order_cart_rule} v LEFT JOIN {cart_rule} u ON u.id_cart_rule = v.id_cart_rule
		WHERE v.id_order `+follow.In(ids)+" AND "+r.standing()+" ORDER BY v.id_order_cart_rule", nil, func(scan func(...any) error) error {
		var id int64
		var v voucher
		err := scan(&id, &v.name, follow.Text(&v.code), &v.ruleGone, &v.freeShipping)
		all[id] = append(all[id], v)
		return err
	})
	return all, err
}

// codes are what people typed in. Of a rule that was deleted since, only the name is left.
func codes(vouchers []voucher) (list []string) {
	for _, v := range vouchers {
		code := foreign.Plain(v.code)
		if v.ruleGone {
			code = foreign.Plain(v.name)
		}
		if code != "" {
			list = append(list, code)
		}
	}
	return list
}

// slip is a credit slip. PrestaShop keeps no reason with it.
type slip struct {
	id                                                int64
	goods, goodsNet, shipping, amount, shippingAmount string
	chosen                                            bool // staff may have typed in the amount: order_slip_type 2
	at                                                string
}

func (r *reader) slips(ctx context.Context, ids []int64) (map[int64][]slip, error) {
	all := map[int64][]slip{}
	err := r.Each(ctx, "credit slips", `SELECT p.id_order, p.id_order_slip, p.total_products_tax_incl, p.total_products_tax_excl, p.total_shipping_tax_incl, p.amount, p.shipping_cost_amount,
			p.order_slip_type = 2, p.date_add FROM {order_slip} p WHERE p.id_order `+follow.In(ids)+" ORDER BY p.id_order_slip", nil, func(scan func(...any) error) error {
		var id int64
		var s slip
		err := scan(&id, &s.id, follow.Text(&s.goods), follow.Text(&s.goodsNet), follow.Text(&s.shipping), &s.amount, &s.shippingAmount, &s.chosen, follow.Text(&s.at))
		all[id] = append(all[id], s)
		return err
	})
	return all, err
}

// refund is what a slip gave back, with tax. The column amount is with or without tax, whichever the slip was made with, so
// it counts only where it is neither of the goods' two totals (staff have typed in another one), or where those are missing,
// as on slips of before 1.6. A slip over nothing is no refund.
func (r *reader) refund(s slip, errs *foreign.Check) (adapters.Refund, bool) {
	field := func(name string) string { return fmt.Sprintf("credit slip %d, %s", s.id, name) }
	goods, net := errs.Number(field("total_products_tax_incl"), s.goods), errs.Number(field("total_products_tax_excl"), s.goodsNet)
	shipping, amount := errs.Number(field("total_shipping_tax_incl"), s.shipping), errs.Number(field("amount"), s.amount)
	near := func(a, b decimal.Decimal) bool { return a.Sub(b).Abs().LessThanOrEqual(decimal.New(1, -2)) }
	given := goods.Add(shipping)
	switch {
	case goods.IsZero() && shipping.IsZero():
		given = amount.Add(errs.Number(field("shipping_cost_amount"), s.shippingAmount))
	case s.chosen && !near(amount, goods) && !near(amount, net):
		given = amount.Add(shipping)
	}
	return adapters.Refund{Key: foreign.Str(s.id), Amount: given.Abs().String(), RefundedAt: errs.Time(field("date_add"), s.at, r.zone)}, !given.IsZero()
}
