package bitrix

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// ordersSource follows orders by DATE_UPDATE, which every save of an order through the software moves and which has an
// index; and by b_sale_order_change, where the software notes what was done to an order, its payments, shipments and
// properties, also where an exchange keeps DATE_UPDATE as it was. Statements that go past the software leave no trace; the
// newest 2,000 orders are rolled over for them, 50 a minute.
func (r *reader) ordersSource() follow.Source {
	src := follow.Source{
		Letter: 'o', What: "orders", Table: "{sale_order}", ID: "ID", Time: "DATE_UPDATE",
		Feeds: []follow.Feed{{Table: "{sale_order_change}", ID: "ID", Target: "f.ORDER_ID"}},
		Parts: []follow.Part{
			{Table: "{sale_order} o", Key: "o.ID", Columns: []string{"o.ID", "o.ACCOUNT_NUMBER", "o.LID", "o.USER_ID", "o.STATUS_ID", "o.DATE_STATUS", "o.PAYED", "o.DATE_PAYED", "o.CANCELED",
				"o.PRICE", "o.CURRENCY", "o.PRICE_DELIVERY", "o.TAX_VALUE", "o.DISCOUNT_VALUE", "o.DATE_INSERT", "o.DATE_UPDATE", "o.PS_STATUS", r.column("o", "sale_order", "RUNNING", "'N'"),
				r.account("o.USER_ID")}},
			{Table: "{sale_order_props_value} v", Key: "v.ORDER_ID", Where: r.orderProperties("v"), Columns: []string{"v.ID", "v.ORDER_PROPS_ID", "v.VALUE"}},
			{Table: "{sale_basket} b", Key: "b.ORDER_ID", Columns: []string{"b.ID", "b.PRODUCT_ID", "b.MODULE", "b.NAME", "b.PRICE", "b.QUANTITY", "b.VAT_RATE", "b.DISCOUNT_PRICE",
				"b.DISCOUNT_COUPON", "b.SET_PARENT_ID"}},
			{Table: "{sale_user_transact} t", Key: "t.ORDER_ID", Where: givenBack("t"), Columns: []string{"t.ID", "t.AMOUNT", "t.TRANSACT_DATE", "t.NOTES"}},
		},
	}
	if r.payments() {
		src.Parts = append(src.Parts, follow.Part{Table: "{sale_order_payment} p", Key: "p.ORDER_ID", Columns: []string{"p.ID", "p.PAID", "p.DATE_PAID", "p.SUM", "p.IS_RETURN",
			"p.PAY_RETURN_DATE", "p.PAY_RETURN_COMMENT", "p.PS_STATUS"}})
	}
	if r.hasTable("sale_order_coupons") {
		src.Parts = append(src.Parts, follow.Part{Table: "{sale_order_coupons} c", Key: "c.ORDER_ID", Columns: []string{"c.COUPON"}})
	}
	if r.archives() {
		src.Archive = r.archive()
	}
	src.Roll = src.RollNewest(2_000)
	return src
}

// Orders reads the orders of all sites, those in the archive too.
func (s *Shop) Orders(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Order], error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Page[adapters.Order]{}, err
	}
	if err := r.loadCatalogs(ctx); err != nil {
		return adapters.Page[adapters.Order]{}, err
	}
	return follow.Read(ctx, r.DB, s.cfg.Now(), r.ordersSource(), after, limit, r.orders)
}

// order is one in text, before anything is believed.
type order struct {
	id, account                                 int64 // account: 0 for a guest
	number, site, status, changedStatus         string
	payed, datePayed, canceled, failed, running string
	price, currency, delivery, tax, discount    string
	inserted, updated                           string
	unread                                      error // why what the archive holds cannot be read
}

// orderPage is all that belongs to the orders of a page. It costs a constant number of statements.
type orderPage struct {
	orders   map[int64]order
	contacts map[int64]contact
	items    map[int64][]item
	payments map[int64]payments
	coupons  map[int64][]string
	places   map[string]place
	statuses map[string]string // what the shop calls them, by code
}

func (r *reader) orders(ctx context.Context, ids []int64) ([]adapters.Order, []adapters.BadRow, error) {
	p, err := r.orderPage(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	var rows []adapters.Order
	var bad []adapters.BadRow
	for _, id := range ids {
		o, ok := p.orders[id]
		if !ok {
			continue // deleted since it was found
		}
		errs := foreign.NewCheck(map[string]string{"STATUS_ID": o.status, "PRICE": o.price, "CURRENCY": o.currency, "DATE_INSERT": o.inserted, "DATE_UPDATE": o.updated,
			"e-mail": p.contacts[id][roleEmail]})
		if o.unread != nil {
			errs.Fail("ORDER_DATA in the archive", "", o.unread)
		}
		row := r.order(o, p, errs)
		if errs.Failed() {
			bad = append(bad, errs.Row(row.Key))
		} else {
			rows = append(rows, row)
		}
	}
	return rows, bad, nil
}

func (r *reader) order(o order, p orderPage, errs *foreign.Check) adapters.Order {
	c := p.contacts[o.id]
	total, tax, delivery := errs.Number("PRICE", o.price), errs.Number("TAX_VALUE", o.tax), errs.Number("PRICE_DELIVERY", o.delivery)
	lines := r.lines(p.items[o.id], errs)
	paid := r.payment(o, total, p.payments[o.id], errs)
	row := adapters.Order{
		Key: foreign.Str(o.id), Number: cmp.Or(foreign.Plain(o.number), foreign.Str(o.id)),
		Status: paid.status, RawStatus: cmp.Or(p.statuses[o.status], o.status), Deleted: o.running == "Y",
		Currency: errs.Currency("CURRENCY", o.currency), Total: total.String(), Tax: tax.String(),
		Shipping:    delivery.Sub(deliveryTax(delivery, tax, lines.tax)).String(),
		Discount:    errs.Number("DISCOUNT_VALUE", o.discount).Add(lines.discount).Abs().String(),
		CustomerKey: foreign.Key(o.account), Email: strings.TrimSpace(c[roleEmail]), Company: foreign.Plain(c[roleCompany]), Phone: foreign.Plain(c[rolePhone]),
		Address: c.address(p.places[c[roleLocation]]), Language: foreign.Language(r.sites[o.site].language), Coupons: p.coupons[o.id],
		PlacedAt: errs.Time("DATE_INSERT", o.inserted, r.zone), PaidAt: paid.at, ChangedAt: errs.Time("DATE_UPDATE", o.updated, r.zone),
		Lines: lines.rows, Refunds: paid.refunds,
	}
	row.FirstName, row.LastName = r.names(c[rolePayer])
	if r.cfg.Statuses[o.status] == adapters.StatusCompleted && o.canceled != "Y" {
		row.CompletedAt = errs.Time("DATE_STATUS", o.changedStatus, r.zone)
	}
	return row
}

// deliveryTax is how much of what delivery cost is tax: what lines with VAT leave of the order's.
func deliveryTax(delivery, tax, ofLines decimal.Decimal) decimal.Decimal {
	rest := tax.Sub(ofLines)
	if !ofLines.IsPositive() || !rest.IsPositive() || rest.GreaterThan(delivery) {
		return decimal.Zero
	}
	return rest
}

func (r *reader) orderPage(ctx context.Context, ids []int64) (p orderPage, err error) {
	if p.orders, err = r.orderRows(ctx, ids); err != nil {
		return p, err
	}
	if p.contacts, err = r.contacts(ctx, ids); err != nil {
		return p, err
	}
	if p.items, err = r.items(ctx, "b.ORDER_ID "+follow.In(ids)); err != nil {
		return p, err
	}
	if p.payments, err = r.paymentsOf(ctx, ids); err != nil {
		return p, err
	}
	if p.coupons, err = r.coupons(ctx, ids, p.items); err != nil {
		return p, err
	}
	if err := r.addArchived(ctx, ids, &p); err != nil {
		return p, err
	}
	if p.places, err = r.places(ctx, p.contacts); err != nil {
		return p, err
	}
	p.statuses, err = r.statuses(ctx)
	return p, err
}

// orderRows tells a guest's orders by their user: the one whom all guests share, one who is nobody's account, or one who was
// deleted since.
func (r *reader) orderRows(ctx context.Context, ids []int64) (map[int64]order, error) {
	found := map[int64]order{}
	err := r.Each(ctx, "orders", "SELECT o.ID, COALESCE("+r.account("o.USER_ID")+`, 0), o.ACCOUNT_NUMBER, o.LID, o.STATUS_ID, o.DATE_STATUS, o.PAYED,
			o.DATE_PAYED, o.CANCELED, o.PS_STATUS, `+r.column("o", "sale_order", "RUNNING", "'N'")+`, o.PRICE, o.CURRENCY, o.PRICE_DELIVERY, o.TAX_VALUE, o.DISCOUNT_VALUE,
			o.DATE_INSERT, o.DATE_UPDATE
		FROM {sale_order} o WHERE o.ID `+follow.In(ids), nil, func(scan func(...any) error) error {
		var o order
		err := scan(&o.id, &o.account, follow.Text(&o.number), &o.site, &o.status, follow.Text(&o.changedStatus), &o.payed, follow.Text(&o.datePayed), &o.canceled,
			follow.Text(&o.failed), &o.running, &o.price, &o.currency, &o.delivery, &o.tax, &o.discount, follow.Text(&o.inserted), follow.Text(&o.updated))
		found[o.id] = o
		return err
	})
	return found, err
}

// coupons are kept with the order or, in old versions, with each line that one made cheaper.
func (r *reader) coupons(ctx context.Context, ids []int64, items map[int64][]item) (map[int64][]string, error) {
	found := map[int64][]string{}
	add := func(order int64, code string) {
		if code = foreign.Plain(code); code != "" && !slices.Contains(found[order], code) {
			found[order] = append(found[order], code)
		}
	}
	if !r.hasTable("sale_order_coupons") {
		for order, list := range items {
			for _, i := range list {
				add(order, i.coupon)
			}
		}
		return found, nil
	}
	err := r.Each(ctx, "coupons", "SELECT ORDER_ID, COUPON FROM {sale_order_coupons} WHERE ORDER_ID "+follow.In(ids)+" ORDER BY ID", nil, func(scan func(...any) error) error {
		var order int64
		var code string
		err := scan(&order, &code)
		add(order, code)
		return err
	})
	return found, err
}

// statuses are the shop's own words for the states of orders, in the main site's language.
func (r *reader) statuses(ctx context.Context) (map[string]string, error) {
	found := map[string]string{}
	err := r.Each(ctx, "statuses", "SELECT STATUS_ID, NAME FROM {sale_status_lang} WHERE LID = ?", []any{r.main.language}, func(scan func(...any) error) error {
		var code, name string
		err := scan(&code, &name)
		found[code] = foreign.Plain(name)
		return err
	})
	return found, err
}
