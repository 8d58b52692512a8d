package opencart

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// cartsSource reads positions of carts; each delivers its owner's whole cart, under the number of the first position. A
// position keeps no time of its change, so all are walked over again and again.
func (r *reader) cartsSource() follow.Source {
	first := "(SELECT MIN(e.cart_id) FROM {cart} e WHERE " + r.ownCart("e")
	src := follow.Source{
		Letter: 'k', What: "carts", Table: "{cart}", ID: "cart_id", Own: r.ownCart("t"),
		// Apart for accounts and guests, so that both use the index.
		Target: "IF(t.customer_id > 0, " + first + " AND e.customer_id = t.customer_id), " + first + " AND e.customer_id = 0 AND e.session_id = t.session_id))",
	}
	src.Sweep = everyRow(src)
	return src
}

// ownCart leaves out what staff put together while they edit an order; up to 4.0 that is in the same table.
func (r *reader) ownCart(alias string) string {
	if r.has("cart.api_id") {
		return alias + ".api_id = 0"
	}
	return "TRUE"
}

// Carts reads what visitors have put into their carts. A guest is known by the session, if the shop keeps those in its
// database, as soon as the checkout has an address. What OpenCart has left in a cart that became an order is left out: it
// empties a cart only when the buyer comes back to the page that says thanks.
func (s *Shop) Carts(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Cart], error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Page[adapters.Cart]{}, err
	}
	return follow.Read(ctx, r.DB, s.cfg.Now(), r.cartsSource(), after, limit, r.carts)
}

// position is a row of the table.
type position struct {
	first, id, customer int64
	session             string
	product, quantity   int64
	options, added      string
}

// people is what is known of those whose carts are on a page.
type people struct {
	emails   map[int64]string // of accounts
	sessions map[string]session
	placed   map[int64]bool   // orders of the sessions that have been placed
	ordered  map[int64]string // accounts: when the last order was begun, on the shop's clock
}

func (r *reader) carts(ctx context.Context, of []int64) ([]adapters.Cart, []adapters.BadRow, error) {
	positions, err := r.positions(ctx, of)
	if err != nil {
		return nil, nil, err
	}
	who, err := r.people(ctx, positions)
	if err != nil {
		return nil, nil, err
	}
	open := map[int64][]position{}
	var products []int64
	for _, p := range positions {
		if !who.bought(p) {
			open[p.first], products = append(open[p.first], p), append(products, p.product)
		}
	}
	goods, err := r.goods(ctx, ids(products...))
	if err != nil {
		return nil, nil, err
	}
	var rows []adapters.Cart
	var bad []adapters.BadRow
	for _, first := range of {
		if len(open[first]) == 0 {
			continue
		}
		errs := foreign.NewCheck(map[string]string{"cart_id": foreign.Str(first)})
		row := r.cart(open[first], who, goods, errs)
		switch {
		case errs.Failed():
			bad = append(bad, errs.Row(row.Key))
		case len(row.Lines) > 0:
			rows = append(rows, row)
		}
	}
	return rows, bad, nil
}

func (r *reader) cart(list []position, who people, goods goods, errs *foreign.Check) adapters.Cart {
	owner := list[0]
	row := adapters.Cart{Key: cartKey(owner), CustomerKey: foreign.Key(owner.customer), Currency: r.currency()}
	if owner.customer > 0 {
		row.Email = who.emails[owner.customer]
	} else {
		guest := who.sessions[owner.session]
		row.Email, row.Phone, row.FirstName, row.LastName = guest.email, guest.phone, guest.firstName, guest.lastName
	}
	for _, p := range list {
		at := errs.Time(fmt.Sprintf("position %d, date_added", p.id), p.added, r.zone)
		if row.CreatedAt.IsZero() || !at.IsZero() && at.Before(row.CreatedAt) {
			row.CreatedAt = at
		}
		if at.After(row.ChangedAt) {
			row.ChangedAt = at
		}
		if p.quantity > 0 {
			row.Lines = append(row.Lines, goods.line(p, errs))
		}
	}
	return row
}

// cartKey is the account's, or the session's under another name: who has a session's own name is taken for the visitor.
func cartKey(p position) string {
	if p.customer > 0 {
		return "customer-" + foreign.Str(p.customer)
	}
	sum := sha256.Sum256([]byte(p.session))
	return "session-" + hex.EncodeToString(sum[:12])
}

// positions reads the carts that begin with the given positions.
func (r *reader) positions(ctx context.Context, of []int64) ([]position, error) {
	columns := "SELECT f.cart_id, t.cart_id, t.customer_id, t.session_id, t.product_id, COALESCE(t.quantity, 0), t.`option`, t.date_added FROM {cart} f JOIN {cart} t ON " + r.ownCart("t")
	where := " WHERE f.cart_id " + follow.In(of)
	var all []position
	err := r.Each(ctx, "carts", columns+" AND t.customer_id = f.customer_id"+where+" AND f.customer_id > 0 UNION ALL "+
		columns+" AND t.customer_id = 0 AND t.session_id = f.session_id"+where+" AND f.customer_id = 0", nil, func(scan func(...any) error) error {
		var p position
		err := scan(&p.first, &p.id, &p.customer, follow.Text(&p.session), &p.product, &p.quantity, follow.Text(&p.options), follow.Text(&p.added))
		all = append(all, p)
		return err
	})
	// Sorted here: texts make the server sort on its disk.
	slices.SortFunc(all, func(a, b position) int { return cmp.Compare(a.id, b.id) })
	return all, err
}

func (r *reader) people(ctx context.Context, positions []position) (p people, err error) {
	p = people{emails: map[int64]string{}, sessions: map[string]session{}, placed: map[int64]bool{}, ordered: map[int64]string{}}
	var accounts []int64
	var names []any
	for _, x := range positions {
		accounts = append(accounts, x.customer)
		if !slices.Contains(names, any(x.session)) {
			names = append(names, x.session)
		}
	}
	if len(names) == 0 {
		return p, nil
	}
	accounts = ids(accounts...)
	err = r.Each(ctx, "accounts of carts", "SELECT c.customer_id, c.email FROM {customer} c WHERE c.customer_id "+follow.In(accounts), nil, func(scan func(...any) error) error {
		var id int64
		var email string
		err := scan(&id, follow.Text(&email))
		p.emails[id] = strings.TrimSpace(email)
		return err
	})
	if err != nil {
		return p, err
	}
	var orders []int64
	// The tables may have been made by different versions: their names of sessions are compared here, not in a join.
	err = r.Each(ctx, "sessions", fmt.Sprintf("SELECT session_id, IF(LENGTH(data) <= %d, data, '') FROM {session} WHERE session_id IN (%s)", mostJSON, marks(len(names))), names,
		func(scan func(...any) error) error {
			var name, data string
			err := scan(&name, follow.Text(&data))
			s := parseSession(data)
			p.sessions[name], orders = s, append(orders, s.order)
			return err
		})
	if err != nil {
		return p, err
	}
	err = r.Each(ctx, "orders of carts", "SELECT o.order_id FROM {order} o WHERE o.order_id "+follow.In(ids(orders...))+" AND o.order_status_id > 0", nil, func(scan func(...any) error) error {
		var id int64
		err := scan(&id)
		p.placed[id] = true
		return err
	})
	if err != nil || len(accounts) == 0 {
		return p, err
	}
	// Orders have no index on the account, so only the newest are looked through.
	return p, r.Each(ctx, "orders of carts", `SELECT o.customer_id, MAX(o.date_added) FROM {order} o FORCE INDEX (PRIMARY)
		WHERE o.order_id > (SELECT MAX(n.order_id) FROM {order} n) - 5000 AND o.order_status_id > 0 AND o.customer_id `+follow.In(accounts)+" GROUP BY o.customer_id", nil,
		func(scan func(...any) error) error {
			var id int64
			var at string
			err := scan(&id, follow.Text(&at))
			p.ordered[id] = at
			return err
		})
}

// bought says whether a position has become part of an order: that of its session, or a later one of its account. Times are
// compared as the shop's clock wrote them.
func (p people) bought(x position) bool {
	return p.placed[p.sessions[x.session].order] || p.ordered[x.customer] != "" && x.added <= p.ordered[x.customer]
}

// goods is what is in carts.
type goods struct {
	shelf
	masters map[int64]int64 // of products that are variants
}

func (r *reader) goods(ctx context.Context, products []int64) (g goods, err error) {
	g.masters = map[int64]int64{}
	if len(products) == 0 {
		return g, nil
	}
	var of []int64
	err = r.Each(ctx, "products of carts", "SELECT t.product_id, "+r.master("t")+" FROM {product} t WHERE t.product_id "+follow.In(products), nil, func(scan func(...any) error) error {
		var id, master int64
		err := scan(&id, &master)
		if master > 0 {
			g.masters[id] = master
		}
		of = append(of, cmp.Or(master, id))
		return err
	})
	if err != nil {
		return g, err
	}
	g.shelf, err = r.shelf(ctx, ids(of...))
	return g, err
}

// line prices a position as the shop would today: carts keep no price. Extras that are ticked or written are not in it.
func (g goods) line(p position, errs *foreign.Check) adapters.CartLine {
	picked, err := choices(p.options)
	if err != nil {
		errs.Fail(fmt.Sprintf("position %d, option", p.id), foreign.Cut(p.options), err)
	}
	sold := line{product: p.product}
	if master := g.masters[p.product]; master > 0 {
		sold = line{product: master, form: p.product}
	}
	values := slices.DeleteFunc(slices.Clone(g.options[sold.product]), func(v optionValue) bool { return picked[v.option] != v.id })
	sold.form, sold.options = variantOf(sold, slices.Clone(values), formsOf(g.variants[sold.product], g.products))
	row := adapters.CartLine{ProductKey: foreign.Str(sold.product), VariantKey: cmp.Or(foreign.Key(sold.form), sold.options), Quantity: foreign.Str(p.quantity)}
	of, known := g.offers[cmp.Or(sold.form, sold.product)]
	if !known {
		return row // the product was deleted
	}
	if sold.form == 0 {
		for _, v := range values {
			of = of.plus(v.surcharge)
		}
	}
	row.Total = g.shown(of.now, of.taxClass).Mul(decimal.NewFromInt(p.quantity)).String()
	return row
}
