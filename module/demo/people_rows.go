package demo

import (
	"cmp"
	"context"
	"slices"
	"strconv"
)

// adminUser is the one account that is not a shopper's.
const adminUser = 1

// writeUsers writes the accounts in the order in which they were registered, and the analytics' row for everybody.
func (g *generator) writeUsers(w *writer) {
	admin := person{account: true, first: "Skodelica", last: "Ljubljana", email: "shop@skodelica.example", country: "SI", locale: "sl_SI"}
	g.account(w, adminUser, &admin, g.plan.start-30*day, 0, "administrator")
	order := make([]uint32, 0, len(g.plan.registered))
	for i, at := range g.plan.registered {
		if at > 0 || g.plan.last[i] > 0 {
			order = append(order, uint32(i))
		}
	}
	arrived := func(i uint32) uint32 { return cmp.Or(g.plan.registered[i], g.plan.last[i]) }
	slices.SortFunc(order, func(a, b uint32) int { return cmp.Or(cmp.Compare(arrived(a), arrived(b)), cmp.Compare(a, b)) })
	user, lookup := uint64(adminUser), uint64(0)
	for _, i := range order {
		who := g.people.person(g.d, g.cfg.Seed, uint64(i))
		at, last := int64(g.plan.registered[i]), int64(g.plan.last[i])
		active := max(at, last)
		lookup++
		if who.account {
			user++
			g.users[i] = uint32(user)
			g.account(w, user, &who, at, last, "customer")
			w.end(w.row(tCustomerLookup).id(lookup).id(user).str(who.login()).str(who.first).str(who.last).str(who.email).at(active).at(at).
				str(who.country).str(who.postcode).str(who.city))
			continue
		}
		w.end(w.row(tCustomerLookup).id(lookup).null().str("").str(who.first).str(who.last).str(who.email).at(active).null().
			str(who.country).str(who.postcode).str(who.city))
	}
}

// account writes a user and what WordPress and WooCommerce keep about them.
func (g *generator) account(w *writer, id uint64, who *person, registered, lastOrder int64, role string) {
	writeAccount(w, g.cfg.Prefix, id, who, passwordHash, registered, lastOrder, role, func() uint64 { g.userMeta++; return g.userMeta })
}

func writeAccount(w *writer, prefix string, id uint64, who *person, hash string, registered, lastOrder int64, role string, key func() uint64) {
	w.end(w.row(tUsers).id(id).str(who.login()).str(hash).str(nicename(who.login())).str(who.email).at(registered).str(who.name()))
	writeUserMeta(w, prefix, id, who, registered, lastOrder, role, key)
}

func nicename(login string) string {
	b := []byte(login)
	for i, c := range b {
		switch {
		case c >= 'A' && c <= 'Z':
			b[i] = c - 'A' + 'a'
		case c == '.' || c == '_' || c == '+':
			b[i] = '-'
		}
	}
	return string(b[:min(len(b), 50)])
}

func writeUserMeta(w *writer, prefix string, id uint64, who *person, registered, lastOrder int64, role string, key func() uint64) {
	meta := func(name, value string) {
		w.end(w.row(tUserMeta).id(key()).id(id).str(name).str(value))
	}
	meta("nickname", who.login())
	meta("first_name", who.first)
	meta("last_name", who.last)
	meta(prefix+"capabilities", (&phpArray{}).key(role).yes().String())
	meta(prefix+"user_level", "0")
	active := max(registered, lastOrder)
	meta("last_update", strconv.FormatInt(active, 10))
	meta("wc_last_active", strconv.FormatInt(active/day*day, 10))
	if who.locale != "" && who.number%5 == 0 { // only those who chose a language
		meta("locale", who.locale)
	}
	if who.subscribe != "" {
		meta("mailchimp_woocommerce_is_subscribed", who.subscribe)
	}
	if lastOrder > 0 {
		meta("paying_customer", "1")
	}
	if lastOrder == 0 && who.number%3 != 0 { // registered only: the address book is still empty
		return
	}
	for _, m := range [][2]string{{"billing_first_name", who.first}, {"billing_last_name", who.last}, {"billing_company", who.company},
		{"billing_address_1", who.street}, {"billing_city", who.city}, {"billing_postcode", who.postcode}, {"billing_country", who.country},
		{"billing_email", who.email}, {"billing_phone", who.phone}} {
		if m[1] != "" {
			meta(m[0], m[1])
		}
	}
}

// orders writes orders and refunds in the order in which they happened.
func (g *generator) orders(ctx context.Context, w *writer) error {
	id := uint64(firstOrderID)
	open := map[uint64]order{} // orders whose refund is still to come, by profile and number
	next := func(string, string) (uint64, error) { g.ids.item++; return g.ids.item, nil }
	for n, e := range g.plan.events {
		if n%1024 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		id += uint64(1 + n%7/6) // other posts take an id now and then
		key := uint64(e.profile)<<16 | uint64(e.nth)
		if e.refund {
			o := open[key]
			delete(open, key)
			r := g.refundOf(&o, e)
			r.id = id
			stub(w, id, r.created, g.zone, "Refund")
			err := r.write(w, &g.ids, func(name, kind string) (uint64, error) {
				item, err := next(name, kind)
				w.end(w.row(tItems).id(item).str(name).str(kind).id(id))
				return item, err
			})
			if err != nil {
				return err
			}
			continue
		}
		o := g.orderOf(e)
		o.id = id
		stub(w, id, o.created, g.zone, "Order")
		err := o.numberItems(func(name, kind string) (uint64, error) {
			item, err := next(name, kind)
			w.end(w.row(tItems).id(item).str(name).str(kind).id(id))
			return item, err
		})
		if err != nil {
			return err
		}
		o.write(w, &g.ids)
		if o.fate.paidAt > 0 {
			for i := range o.lines {
				product, variation := o.lines[i].ids()
				g.sold[product] += o.lines[i].qty
				if variation != 0 {
					g.sold[variation] += o.lines[i].qty
				}
			}
		}
		if o.fate.refund != notRefunded {
			open[key] = o
		}
		if w.err != nil {
			return w.err
		}
	}
	return nil
}

// orderOf makes the order of an event: everything about it follows from the seed, the profile and its number.
func (g *generator) orderOf(e event) order {
	who := g.people.person(g.d, g.cfg.Seed, uint64(e.profile))
	habits := drawTraits(g.d, g.cfg.Seed, uint64(e.profile))
	o := order{who: &who, currency: who.currency(), created: int64(e.at), fate: drawFate(g.d, g.cfg.Seed, &who, e, g.plan.now)}
	d := g.d.set(g.cfg.Seed, uint64(e.profile), uint64(e.nth), streamBasket)
	o.customer, o.email = uint64(g.users[e.profile]), who.email
	if o.customer != 0 && (e.at < g.plan.registered[e.profile] || d.chance(.07)) { // not logged in
		o.customer = 0
	}
	if o.customer == 0 && d.chance(.3) {
		o.email = capitals(who.email)
	}
	o.key = "wc_order_" + token(d, 13)
	o.via = oneOf(d, "checkout", "checkout", "store-api")
	switch d.weighted(60, 18, 14, 8) {
	case 0:
		o.method, o.methodTitle, o.transaction = "stripe", "Credit card", "ch_"+token(d, 20)
	case 1:
		o.method, o.methodTitle, o.transaction = "paypal", "PayPal", token(d, 17)
	case 2:
		o.method, o.methodTitle = "bacs", "Bank transfer"
	case 3:
		o.method, o.methodTitle = "cod", "Cash on delivery"
	}
	if o.fate.paidAt == 0 {
		o.transaction = ""
	}
	month := monthOf(o.created, g.zone)
	late := month == 12 || month == 11
	switch {
	case e.nth == 0 && d.chance(.12):
		o.coupon = &coupon{code: "dobrodosli10", rate: 1000}
	case late && d.chance(.1):
		o.coupon = &coupon{code: "advent15", rate: 1500}
	case d.chance(.03):
		o.coupon = &coupon{code: "caj5", amount: 500}
	}
	if d.chance(.35) {
		o.source = oneOf(d, "google", "google", "newsletter", "instagram")
		o.medium = map[string]string{"google": "cpc", "newsletter": "email", "instagram": "social"}[o.source]
	}
	if d.chance(.03) {
		o.note = oneOf(d, "Prosim, pokličite pred dostavo.", "Bitte beim Nachbarn abgeben.", "Please ring twice.", "Домофон не работает, позвоните.")
	}
	b := basket{all: g.goods, d: d, early: int64(e.at) < g.plan.start+(g.plan.now-g.plan.start)*2/5, stale: int64(e.at) < g.plan.now-60*day}
	b.fill(&habits, int(e.nth), late)
	o.priced(b.picks)
	return o
}

// refundOf makes the refund of an order: the whole of it, one line, or something for a broken cup.
func (g *generator) refundOf(o *order, e event) refund {
	d := g.d.set(g.cfg.Seed, uint64(e.profile), uint64(e.nth), streamFate+100)
	r := refund{parent: o.id, currency: o.currency, created: int64(e.at), by: adminUser, kind: "partial",
		reason: oneOf(d, "Arrived broken", "Changed their mind", "Wrong grind", "Parcel lost", "")}
	switch {
	case o.fate.refund == refundedWhole:
		r.kind, r.amount = "full", o.total()
	case len(o.lines) > 1:
		l := &o.lines[d.IntN(len(o.lines))]
		r.lines = []line{l.part(0, int64(d.between(1, int(l.qty))))}
	case o.lines[0].qty > 1:
		r.lines = []line{o.lines[0].part(0, 1)}
	default:
		r.amount = o.total() / 5
	}
	r.sum()
	return r
}

func token(d *dice, n int) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[d.IntN(len(letters))]
	}
	return string(b)
}
