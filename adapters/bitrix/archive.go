package bitrix

import (
	"context"
	"errors"
	"slices"
	"strings"

	"golang.org/x/text/encoding/charmap"

	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// Bitrix moves old orders to an archive, when somebody says so or by an agent, and deletes them where they were. The archive
// has some columns of an order and, as serialised PHP, all rows that belonged to it: its own, those of its payments,
// properties and coupons in one text, and each position in another (Bitrix\Sale\Archive, versions 1 and 2 of its form).

// packedMost is how many bytes of serialised PHP are read of an order or a position; they have a few thousand.
const packedMost = "1048576"

// archive is the orders that are nowhere else: one that is being moved is in both places for a moment. What is archived does
// not change any more, but whether its buyer has an account. The other place is asked for by a subquery that gives a value: of
// NOT EXISTS, a server may make a list of all orders.
func (r *reader) archive() follow.Part {
	return follow.Part{Table: "{sale_order_archive} a", Key: "a.ORDER_ID", Where: "(SELECT o.ID FROM {sale_order} o WHERE o.ID = a.ORDER_ID) IS NULL",
		Columns: []string{"a.ID", "a.DATE_ARCHIVED", "a.STATUS_ID", "a.PRICE", r.account("a.USER_ID")}}
}

// packedText selects a serialised text as its bytes, whose lengths it tells, and what they mean. Older versions have it in the
// table itself.
func packedText(apart, own string) string {
	text := "COALESCE(" + apart + ", " + own + ")"
	return "CHARSET(" + own + "), CAST(IF(LENGTH(" + text + ") <= " + packedMost + ", " + text + ", NULL) AS BINARY)"
}

// fields is a row as it was when it was packed.
type fields struct{ foreign.Value }

func unpack(charset, text string) (fields, error) {
	if text == "" {
		return fields{}, errors.New("there is none, or it is too long")
	}
	v, err := foreign.ParsePHP(text)
	if charset == "cp1251" {
		decode(&v)
	}
	return fields{v}, err
}

func decode(v *foreign.Value) {
	if text, err := charmap.Windows1251.NewDecoder().String(v.Text); err == nil {
		v.Text = text
	}
	for i := range v.Entries {
		decode(&v.Entries[i].Value)
	}
}

// text is a column's. Times are objects, in the zone of the server, as the columns are.
func (f fields) text(column string) string {
	v := f.Get(column)
	if inner := v.Get("value"); len(inner.Entries) > 0 {
		v = inner
	}
	at := v.Get("date").Text
	if strings.HasPrefix(at, "-") { // how PHP writes 0000-00-00
		return ""
	}
	return foreign.First(v.Text, at)
}

func (f fields) id(column string) int64 { return foreign.ID(f.text(column)) }

// number is a column's, to the four places that Bitrix keeps: PHP writes floats to the last bit.
func (f fields) number(column string) string {
	text := f.text(column)
	if d, err := foreign.Decimal(text); err == nil && text != "" {
		return d.Round(4).String()
	}
	return text
}

func (f fields) rows(name string) (list []fields) {
	for _, e := range f.Get(name).Entries {
		list = append(list, fields{e.Value})
	}
	return list
}

// addArchived adds those orders to a page that are in the archive.
func (r *reader) addArchived(ctx context.Context, ids []int64, p *orderPage) error {
	left := slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { _, ok := p.orders[id]; return ok })
	if len(left) == 0 || !r.archives() {
		return nil
	}
	defined, err := r.definitions(ctx)
	if err != nil {
		return err
	}
	orders := map[int64]int64{} // by their ids in the archive
	err = r.Each(ctx, "archived orders", "SELECT a.ID, a.ORDER_ID, COALESCE("+r.account("a.USER_ID")+", 0), a.ACCOUNT_NUMBER, a.LID, a.STATUS_ID, a.PAYED, a.CANCELED, a.PRICE, a.CURRENCY, a.DATE_INSERT, "+
		packedText("k.ORDER_DATA", "a.ORDER_DATA")+" FROM {sale_order_archive} a LEFT JOIN {sale_order_archive_packed} k ON k.ORDER_ARCHIVE_ID = a.ID WHERE a.ORDER_ID "+follow.In(left)+" ORDER BY a.ID",
		nil, func(scan func(...any) error) error {
			var id int64
			var o order
			var charset, text string
			if err := scan(&id, &o.id, &o.account, &o.number, &o.site, &o.status, &o.payed, &o.canceled, &o.price, &o.currency, follow.Text(&o.inserted), &charset, follow.Text(&text)); err != nil {
				return err
			}
			orders[id] = o.id
			f, err := unpack(charset, text)
			o.unread = err
			p.orders[o.id] = o.with(fields{f.Get("ORDER")})
			p.contacts[o.id] = defined.contact(f.rows("PROPERTIES"))
			p.payments[o.id] = archivedPayments(o.id, f.rows("PAYMENT"))
			p.coupons[o.id] = archivedCoupons(o.id, fields{f.Get("DISCOUNT")}.rows("COUPON_LIST"))
			return nil
		})
	if err != nil || len(orders) == 0 {
		return err
	}
	if err := r.addReturns(ctx, left, p); err != nil {
		return err
	}
	return r.addArchivedItems(ctx, orders, p)
}

// with fills in what the archive has no columns for.
func (o order) with(f fields) order {
	o.changedStatus, o.datePayed, o.failed, o.running, o.updated = f.text("DATE_STATUS"), f.text("DATE_PAYED"), f.text("PS_STATUS"), f.text("RUNNING"), f.text("DATE_UPDATE")
	o.delivery, o.tax, o.discount = f.number("PRICE_DELIVERY"), f.number("TAX_VALUE"), f.number("DISCOUNT_VALUE")
	return o
}

func (defined definitions) contact(rows []fields) (c contact) {
	for _, f := range rows {
		if kind := f.text("ENTITY_TYPE"); kind != "" && kind != "ORDER" {
			continue
		}
		value := f.Get("VALUE") // of several, the list has been taken apart
		for _, one := range append(value.Entries, foreign.Entry{Value: value}) {
			defined.put(&c, f.id("ORDER_PROPS_ID"), f.text("CODE"), one.Value.Text)
		}
	}
	return c
}

func archivedPayments(order int64, rows []fields) (all payments) {
	for _, f := range rows {
		all.rows = append(all.rows, payment{id: f.id("ID"), order: order, paid: f.text("PAID"), at: f.text("DATE_PAID"), sum: f.number("SUM"), returned: f.text("IS_RETURN"),
			returnDate: f.text("PAY_RETURN_DATE"), comment: f.text("PAY_RETURN_COMMENT"), failed: f.text("PS_STATUS")})
	}
	return all
}

// archivedCoupons leaves out those of other orders, which the first version of the archive took along.
func archivedCoupons(order int64, rows []fields) (codes []string) {
	for _, f := range rows {
		if code := foreign.Plain(f.text("COUPON")); code != "" && f.id("ORDER_ID") == order {
			codes = append(codes, code)
		}
	}
	return codes
}

// addReturns adds when money came to inner accounts, whose movements are not archived.
func (r *reader) addReturns(ctx context.Context, ids []int64, p *orderPage) error {
	at := map[int64]string{}
	err := r.Each(ctx, "refunds", "SELECT t.PAYMENT_ID, MAX(t.TRANSACT_DATE) FROM {sale_user_transact} t WHERE t.ORDER_ID "+follow.In(ids)+" AND t.PAYMENT_ID > 0 AND "+givenBack("t")+" GROUP BY t.PAYMENT_ID",
		nil, func(scan func(...any) error) error {
			var id int64
			var text string
			err := scan(&id, follow.Text(&text))
			at[id] = text
			return err
		})
	for _, id := range ids {
		for i := range p.payments[id].rows {
			row := &p.payments[id].rows[i]
			row.returnAt = at[row.id]
		}
	}
	return err
}

// addArchivedItems adds positions; orders are by their ids in the archive.
func (r *reader) addArchivedItems(ctx context.Context, orders map[int64]int64, p *orderPage) error {
	var ids []int64
	for id := range orders {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	var list []item
	err := r.Each(ctx, "archived positions", "SELECT b.ARCHIVE_ID, "+packedText("k.BASKET_DATA", "b.BASKET_DATA")+
		" FROM {sale_basket_archive} b LEFT JOIN {sale_basket_archive_packed} k ON k.BASKET_ARCHIVE_ID = b.ID WHERE b.ARCHIVE_ID "+follow.In(ids)+" ORDER BY b.ID", nil, func(scan func(...any) error) error {
		var id int64
		var charset, text string
		if err := scan(&id, &charset, follow.Text(&text)); err != nil {
			return err
		}
		f, err := unpack(charset, text)
		if err != nil {
			o := p.orders[orders[id]]
			o.unread = err
			p.orders[o.id] = o
			return nil
		}
		i := item{id: f.id("ID"), owner: orders[id], product: f.id("PRODUCT_ID"), module: f.text("MODULE"), name: f.text("NAME"), price: f.number("PRICE"), quantity: f.number("QUANTITY"),
			rate: f.number("VAT_RATE"), included: f.text("VAT_INCLUDED"), discount: f.number("DISCOUNT_PRICE"), xml: f.text("PRODUCT_XML_ID")}
		if i.module != "catalog" {
			i.product = 0
		}
		if set := f.id("SET_PARENT_ID"); set == 0 || set == i.id {
			list = append(list, i)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := r.findIblocks(ctx, list); err != nil {
		return err
	}
	if err := r.placeItems(ctx, list); err != nil {
		return err
	}
	slices.SortFunc(list, func(a, b item) int { return int(a.id - b.id) })
	for _, i := range list {
		p.items[i.owner] = append(p.items[i.owner], i)
	}
	return nil
}

// findIblocks finds where the products are, those that are still there.
func (r *reader) findIblocks(ctx context.Context, list []item) error {
	var products []int64
	for _, i := range list {
		products = append(products, i.product)
	}
	iblocks := map[int64]int64{}
	err := r.Each(ctx, "archived products", "SELECT e.ID, e.IBLOCK_ID FROM {iblock_element} e WHERE e.ID "+follow.In(products), nil, func(scan func(...any) error) error {
		var id, iblock int64
		err := scan(&id, &iblock)
		iblocks[id] = iblock
		return err
	})
	for n := range list {
		list[n].iblock = iblocks[list[n].product]
	}
	return err
}
