package opencart

import (
	"context"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// ordersSource follows orders. Their history only grows, names the order, and has a row for each status, also the first and
// that of an edited or voided order; from 4.1 on a status moves no other time. date_modified is swept, for what edits orders
// past the history, and the newest orders are rolled over, for what leaves no trace.
func (r *reader) ordersSource() follow.Source {
	src := follow.Source{
		Letter: 'o', What: "orders", Table: "{order}", ID: "order_id",
		Feeds: []follow.Feed{{Table: "{order_history}", ID: "order_history_id", Target: "f.order_id"}},
		Parts: r.orderParts(),
	}
	// New orders have been found by their number; one that has not been changed since is not swept up once more.
	src.Sweep, src.Roll = r.sweepModified(src, "t.date_modified > t.date_added"), src.RollNewest(1_000)
	return src
}

func (r *reader) orderParts() []follow.Part {
	parts := []follow.Part{
		{Table: "{order} o LEFT JOIN {customer} c ON c.customer_id = o.customer_id", Key: "o.order_id", Columns: []string{"o.order_id", "o.order_status_id", "o.currency_code",
			"o.currency_value", "o.total", "c.customer_id", "o.email", "o.firstname", "o.lastname", "o.telephone", "o.payment_company", "o.payment_address_1", "o.payment_address_2",
			"o.payment_city", "o.payment_postcode", "o.payment_zone", "o.payment_zone_id", "o.payment_country_id", "o.shipping_company", "o.shipping_address_1", "o.shipping_address_2",
			"o.shipping_city", "o.shipping_postcode", "o.shipping_zone", "o.shipping_zone_id", "o.shipping_country_id", "o.language_id", "o.date_added", "o.date_modified"}},
		// What was chosen of a product, and gift vouchers, have no index on the order. They are written with these rows and never
		// without them.
		{Table: "{order_product} p", Key: "p.order_id", Columns: []string{"p.order_product_id", "p.product_id", "p.name", "p.model", "p.quantity", "p.total", "p.tax"}},
		{Table: "{order_total} t", Key: "t.order_id", Columns: []string{"t.order_total_id", "t.code", "t.title", "t.value"}},
	}
	if r.columns[historyIndex] {
		parts = append(parts, follow.Part{Table: "{order_history} h", Key: "h.order_id", Columns: []string{"h.order_history_id", "h.order_status_id", "h.date_added"}})
	}
	return parts
}

// Orders reads orders with their lines, of all stores.
func (s *Shop) Orders(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Order], error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Page[adapters.Order]{}, err
	}
	return follow.Read(ctx, r.DB, s.cfg.Now(), r.ordersSource(), after, limit, r.orders)
}

// order is a row of the table, in text, before anything is believed.
type order struct {
	id, status, customer, language    int64
	languageCode                      string
	currency, rate, total             string
	email, firstName, lastName, phone string
	billing, shipping                 postal
	added, modified                   string
}

// ledger is all that belongs to the orders of a page.
type ledger struct {
	states  map[int64]state
	places  map[string]int32
	lines   map[int64][]line
	totals  map[int64][]total
	history map[int64][]event
}

// orders gives rows in the order of the ids.
func (r *reader) orders(ctx context.Context, of []int64) ([]adapters.Order, []adapters.BadRow, error) {
	found, err := r.orderRows(ctx, of)
	if err != nil {
		return nil, nil, err
	}
	l, err := r.ledger(ctx, of)
	if err != nil {
		return nil, nil, err
	}
	var rows []adapters.Order
	var bad []adapters.BadRow
	for _, id := range of {
		o, ok := found[id]
		if !ok {
			continue // deleted since it was found
		}
		errs := foreign.NewCheck(map[string]string{"order_status_id": foreign.Str(o.status), "currency_code": o.currency, "currency_value": o.rate, "total": o.total, "email": o.email,
			"date_added": o.added, "date_modified": o.modified})
		row := r.order(l, o, errs)
		if errs.Failed() {
			bad = append(bad, errs.Row(row.Key))
		} else {
			rows = append(rows, row)
		}
	}
	return rows, bad, nil
}

func (r *reader) ledger(ctx context.Context, of []int64) (l ledger, err error) {
	if l.states, err = r.states(ctx); err != nil {
		return l, err
	}
	if l.places, err = r.places(ctx); err != nil {
		return l, err
	}
	if l.totals, err = r.totals(ctx, of); err != nil {
		return l, err
	}
	if l.lines, err = r.lines(ctx, of, l.totals); err != nil {
		return l, err
	}
	l.history, err = r.history(ctx, of)
	return l, err
}

func (r *reader) order(l ledger, o order, errs *foreign.Check) adapters.Order {
	state := stateOf(l.states, o.status)
	billing := o.billing
	if billing.blank() {
		billing = o.shipping // from 4.0 on a shop may leave the address of the bill out
	}
	row := adapters.Order{
		Key: foreign.Str(o.id), Number: foreign.Str(o.id), Status: state.status, RawStatus: state.name, Deleted: o.status == 0,
		Currency: errs.Currency("currency_code", o.currency), CustomerKey: foreign.Key(o.customer), Email: strings.TrimSpace(o.email),
		FirstName: foreign.Plain(o.firstName), LastName: foreign.Plain(o.lastName), Phone: foreign.Plain(o.phone),
		Company: foreign.Plain(foreign.First(o.billing.company, o.shipping.company)), Address: billing.address(),
		Language: foreign.Language(foreign.First(r.codes[o.language], o.languageCode)),
		PlacedAt: errs.Time("date_added", o.added, r.zone), ChangedAt: errs.Time("date_modified", o.modified, r.zone),
	}
	m := l.exchange(o, errs)
	row.Total = m.shown(errs.Number("total", o.total)).String()
	sums := sum(l.totals[o.id], errs)
	row.Tax, row.Shipping, row.Discount = m.shown(sums.tax).String(), m.shown(sums.shipping).String(), m.shown(sums.discount).String()
	row.Coupons = sums.coupons
	row.Lines = orderLines(l.lines[o.id], sums.discount, m, errs)
	r.date(&row, l, o, errs)
	return row
}

// date takes the dates of payment and completion from the history, and says what was given back.
func (r *reader) date(row *adapters.Order, l ledger, o order, errs *foreign.Check) {
	var refund adapters.Refund
	var paid, completed, refunded bool // the first time counts, also when it is not known
	for _, e := range l.history[o.id] {
		at, state := errs.Time("history, date_added", e.added, r.zone), stateOf(l.states, e.status)
		if !paid && state.paid() {
			row.PaidAt, paid = at, true
		}
		if !completed && state.status == adapters.StatusCompleted {
			row.CompletedAt, completed = at, true
		}
		if !refunded && state.status == adapters.StatusRefunded {
			refund.RefundedAt, refund.Reason, refunded = at, foreign.Plain(e.comment), true
		}
		if at.After(row.ChangedAt) {
			row.ChangedAt = at
		}
	}
	if row.Status != adapters.StatusRefunded {
		return
	}
	// There is no document for it: the whole of the order went back when it got this status.
	refund.Key, refund.Amount = row.Key, row.Total
	if refund.RefundedAt.IsZero() && r.mode() == "modified" {
		refund.RefundedAt = row.ChangedAt
	}
	row.Refunds = []adapters.Refund{refund}
}

// exchange turns amounts of the shop's main currency into the order's.
type exchange struct {
	rate   decimal.Decimal
	places int32
}

func (l ledger) exchange(o order, errs *foreign.Check) exchange {
	e := exchange{rate: errs.Number("currency_value", o.rate), places: kept}
	if e.rate.IsZero() {
		e.rate = decimal.NewFromInt(1) // an import that knows no rates
	}
	if n, ok := l.places[strings.ToUpper(strings.TrimSpace(o.currency))]; ok {
		e.places = n
	}
	return e
}

// shown is an amount as the buyer saw it.
func (e exchange) shown(d decimal.Decimal) decimal.Decimal { return d.Mul(e.rate).Round(e.places) }

// exact is an amount with the places that OpenCart keeps.
func (e exchange) exact(d decimal.Decimal) decimal.Decimal { return d.Mul(e.rate).Round(kept) }

// blank says that there is no address at all.
func (p postal) blank() bool {
	return foreign.First(p.line1, p.line2, p.city, p.postcode, p.zone, p.code, p.country) == ""
}

func (r *reader) orderRows(ctx context.Context, of []int64) (map[int64]order, error) {
	code := "''"
	if r.has("order.language_code") {
		code = "o.language_code"
	}
	rows := map[int64]order{}
	err := r.Each(ctx, "orders", `SELECT o.order_id, COALESCE(o.order_status_id, 0), COALESCE(c.customer_id, 0), COALESCE(o.language_id, 0), `+code+`, o.currency_code, o.currency_value, o.total,
			o.email, o.firstname, o.lastname, o.telephone, o.date_added, o.date_modified,
			o.payment_company, o.payment_address_1, o.payment_address_2, o.payment_city, o.payment_postcode, o.payment_zone, pz.code, pc.iso_code_2,
			o.shipping_company, o.shipping_address_1, o.shipping_address_2, o.shipping_city, o.shipping_postcode, o.shipping_zone, sz.code, sc.iso_code_2
		FROM {order} o LEFT JOIN {customer} c ON c.customer_id = o.customer_id
		LEFT JOIN {country} pc ON pc.country_id = o.payment_country_id LEFT JOIN {zone} pz ON pz.zone_id = o.payment_zone_id
		LEFT JOIN {country} sc ON sc.country_id = o.shipping_country_id LEFT JOIN {zone} sz ON sz.zone_id = o.shipping_zone_id
		WHERE o.order_id `+follow.In(of), nil, func(scan func(...any) error) error {
		var o order
		into := []any{&o.id, &o.status, &o.customer, &o.language}
		for _, text := range []*string{&o.languageCode, &o.currency, &o.rate, &o.total, &o.email, &o.firstName, &o.lastName, &o.phone, &o.added, &o.modified} {
			into = append(into, follow.Text(text))
		}
		for _, p := range []*postal{&o.billing, &o.shipping} {
			for _, text := range []*string{&p.company, &p.line1, &p.line2, &p.city, &p.postcode, &p.zone, &p.code, &p.country} {
				into = append(into, follow.Text(text))
			}
		}
		err := scan(into...)
		rows[o.id] = o
		return err
	})
	return rows, err
}

// event is a row of an order's history.
type event struct {
	status         int64
	comment, added string
}

// history reads what happened to orders, where the shop's owner has made that findable. It is not a whole table for a page.
func (r *reader) history(ctx context.Context, of []int64) (map[int64][]event, error) {
	all := map[int64][]event{}
	if !r.columns[historyIndex] {
		return all, nil
	}
	err := r.Each(ctx, "orders' history", "SELECT h.order_id, COALESCE(h.order_status_id, 0), h.comment, h.date_added FROM {order_history} h WHERE h.order_id "+follow.In(of)+" ORDER BY h.order_history_id", nil,
		func(scan func(...any) error) error {
			var id int64
			var e event
			err := scan(&id, &e.status, follow.Text(&e.comment), follow.Text(&e.added))
			all[id] = append(all[id], e)
			return err
		})
	return all, err
}
