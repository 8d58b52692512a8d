package prestashop

import (
	"context"
	"fmt"
	"time"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// cartsSource follows carts. PrestaShop makes one for every visitor who puts something into it and never throws one away;
// date_upd has an index, behind the shop. Where there are several shops to read, it is followed among the newest 5,000 carts,
// and the others are swept, 10,000 a round.
func (r *reader) cartsSource() follow.Source {
	src := follow.Source{Letter: 'c', What: "carts", Table: "{cart}", ID: "id_cart", Own: r.openCart(), Window: 20_000, Time: "date_upd"}
	if r.alone {
		src.Along = fmt.Sprintf("t.id_shop = %d", r.shop)
		return src
	}
	src.Region = 5_000
	src.Sweep = r.sweep(walk{what: "carts", table: "{cart}", id: "id_cart", region: src.Region, step: 10_000, condition: "t.id_cart <= @below AND t.date_upd >= ? AND " + r.openCart()})
	return src
}

// openCart is a condition on cart t: it was touched lately, holds something, and was not ordered. The counts keep servers
// from turning it round and beginning with all there is in carts.
func (r *reader) openCart() string {
	since := r.now.Add(-r.cartAge).Truncate(time.Hour).In(r.zone).Format(dateTime)
	return "t.date_upd >= '" + since + "' AND " + r.ofShop() +
		" AND (SELECT COUNT(*) FROM {cart_product} i WHERE i.id_cart = t.id_cart AND i.quantity > 0) > 0" +
		" AND (SELECT COUNT(*) FROM {orders} o WHERE o.id_cart = t.id_cart) = 0"
}

// Carts reads the carts that are open: see [Config.CartAge]. Whose one is, is known from the moment on that somebody logs in
// or types an address into the checkout; PrestaShop keeps no prices with carts.
func (s *Shop) Carts(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Cart], error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Page[adapters.Cart]{}, err
	}
	return follow.Read(ctx, r.DB, r.now, r.cartsSource(), after, limit, r.carts)
}

// carts costs two statements. A cart without an account may have a visitor who logged in before, with the same cookie.
func (r *reader) carts(ctx context.Context, ids []int64) ([]adapters.Cart, []adapters.BadRow, error) {
	lines, err := r.cartLines(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	var rows []adapters.Cart
	var bad []adapters.BadRow
	err = r.Each(ctx, "carts", "SELECT t.id_cart, k.iso_code, t.date_add, t.date_upd, "+personColumns+", "+addressColumns+`
		FROM {cart} t LEFT JOIN {currency} k ON k.id_currency = t.id_currency LEFT JOIN {guest} v ON v.id_guest = t.id_guest
		LEFT JOIN {customer} c ON c.id_customer = IF(t.id_customer > 0, t.id_customer, v.id_customer)
		LEFT JOIN {address} a ON a.id_address = IF(t.id_address_invoice > 0, t.id_address_invoice, t.id_address_delivery)`+addressJoins+`
		WHERE t.id_cart `+follow.In(ids)+" AND "+r.openCart()+" ORDER BY t.id_cart", nil, func(scan func(...any) error) error {
		var id int64
		var currency, created, changed string
		var who person
		var billing address
		into := []any{&id, follow.Text(&currency), follow.Text(&created), follow.Text(&changed)}
		if err := scan(append(append(into, who.into()...), billing.into()...)...); err != nil {
			return err
		}
		errs := foreign.NewCheck(map[string]string{"email": who.email, "iso_code": currency, "date_add": created, "date_upd": changed})
		cart := adapters.Cart{Key: foreign.Str(id), CustomerKey: who.key(), Email: who.mail(), Currency: errs.Currency("currency", currency), Lines: lines[id],
			CreatedAt: errs.Time("date_add", created, r.zone), ChangedAt: errs.Time("date_upd", changed, r.zone)}
		if who.guest {
			cart.FirstName, cart.LastName, cart.Phone = foreign.Plain(who.first), foreign.Plain(who.last), billing.tel()
		}
		if errs.Failed() {
			bad = append(bad, errs.Row(cart.Key))
		} else {
			rows = append(rows, cart)
		}
		return nil
	})
	return rows, bad, err
}

// cartLines are positions: what is sent to two addresses, or engraved with two names, is one of both.
func (r *reader) cartLines(ctx context.Context, ids []int64) (map[int64][]adapters.CartLine, error) {
	all := map[int64][]adapters.CartLine{}
	err := r.Each(ctx, "carts' lines", "SELECT id_cart, id_product, id_product_attribute, SUM(quantity) FROM {cart_product} WHERE id_cart "+follow.In(ids)+
		" AND quantity > 0 GROUP BY id_cart, id_product, id_product_attribute ORDER BY id_cart, MIN(date_add), id_product, id_product_attribute", nil, func(scan func(...any) error) error {
		var id, product, combination int64
		var quantity string
		err := scan(&id, &product, &combination, &quantity)
		all[id] = append(all[id], adapters.CartLine{ProductKey: foreign.Key(product), VariantKey: foreign.Key(combination), Quantity: quantity})
		return err
	})
	return all, err
}
