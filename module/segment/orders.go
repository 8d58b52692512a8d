package segment

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/module/purchase"
)

// ordersKind: how many orders somebody placed.
//
//	{"is":"orders","at_least":2,"days":90}
func ordersKind() Kind {
	return Kind{
		Name:  "orders",
		Slots: []Slot{countSlot(), frameSlot()},
		Check: checkDates,
		facts: func(b *Builder, c *Condition) func() {
			if c.Has("at_most") || c.Has("exactly") && c.Int("exactly") == 0 {
				return nil
			}
			return b.orderedFacts(max(c.Int("at_least"), c.Int("exactly")), map[bool]string{true: "=", false: ">="}[c.Has("exactly")], b.span(c))
		},
		Compile: func(b *Builder, c *Condition) {
			b.often(c, func(n int64, compare string) { b.ordered(n, compare, b.span(c)) })
		},
		Sentence: func(s *Speaker, c *Condition) string {
			return s.T("segment.orders."+how(c), "count", c.Int(how(c)), "when", s.When(c))
		},
	}
}

// ordered writes that somebody has n or, with "=", exactly n orders in s; n is at least 1. Facts and the latest orders
// answer what they can without a look at orders.
func (b *Builder) ordered(n int64, compare string, s span) {
	exactly := compare == "="
	write := b.orderedFacts(n, compare, s)
	switch {
	case write != nil:
		b.facts(write)
	case s.to.IsZero() && !exactly && n <= purchase.Places:
		b.orderedSince(n, s.from)
	case s.to.IsZero() && exactly && n < purchase.Places:
		b.orderedSince(n, s.from)
		b.SQL(" AND NOT ")
		b.orderedSince(n+1, s.from)
	default:
		b.SQL("p.id IN (SELECT o.profile_id FROM crm_facts AS f JOIN crm_orders AS o ON o.profile_id = f.profile_id WHERE f.orders >= ?", n)
		b.overlapping(s)
		b.SQL(" AND ")
		b.counting()
		b.within("o.placed_at", s)
		b.SQL(" GROUP BY o.profile_id HAVING COUNT(*) "+compare+" ?)", n)
	}
}

// orderedFacts gives what to write for the same over the alias f of facts; nil where facts do not tell.
func (b *Builder) orderedFacts(n int64, compare string, s span) (write func()) {
	once := n == 1 && compare == ">="
	switch {
	case s.open():
		return func() { b.SQL("f.orders "+compare+" ?", n) }
	case once && s.to.IsZero():
		return func() { b.SQL("f.last_order_at >= ?", s.from) }
	case once && s.from.IsZero():
		return func() { b.SQL("f.first_order_at < ?", s.to) }
	}
	return nil
}

// orderedSince writes that somebody's n-th latest order is not before from.
func (b *Builder) orderedSince(n int64, from time.Time) {
	if n == 1 {
		b.facts(b.orderedFacts(1, ">=", span{from: from}))
		return
	}
	b.SQL("p.id IN (SELECT y.profile_id FROM crm_latest_orders AS y WHERE y.place = ? AND y.placed_at >= ?)", n, from)
}

// spentKind: how much somebody paid in one currency, net of refunds. Whoever bought nothing spent 0.
//
//	{"is":"spent","at_least":"100.00","currency":"EUR","days":365}
func spentKind() Kind {
	return Kind{
		Name:  "spent",
		Slots: []Slot{amountSlot(), currencySlot(), frameSlot()},
		Check: checkDates,
		Compile: func(b *Builder, c *Condition) {
			least := c.Amount("at_least")
			switch {
			case c.Has("at_most"):
				b.SQL("NOT ")
				b.paid(">", c.Amount("at_most"), c.Text("currency"), b.span(c))
			case least.IsZero(): // also those who bought nothing
				b.SQL("NOT ")
				b.paid("<", least, c.Text("currency"), b.span(c))
			default:
				b.paid(">=", least, c.Text("currency"), b.span(c))
			}
		},
		Sentence: func(s *Speaker, c *Condition) string {
			name, _ := bound(c)
			return s.T("segment.spent."+name, "amount", s.Money(c.Amount(name), c.Text("currency")), "when", s.When(c))
		},
	}
}

// paid writes that somebody with an order in the currency paid as compared.
func (b *Builder) paid(compare string, amount decimal.Decimal, currency string, s span) {
	if s.open() {
		b.SQL("p.id IN (SELECT r.profile_id FROM crm_fact_revenue AS r WHERE r.currency = ? AND r.net "+compare+" CAST(? AS DECIMAL(19,4)))", currency, amount)
		return
	}
	b.SQL("p.id IN (")
	b.payments(currency, s)
	b.SQL(" HAVING SUM(o.total - o.refunded) "+compare+" CAST(? AS DECIMAL(19,4)))", amount)
}

// payments writes the orders in a currency and a stretch of time, by person, up to what their sum must be.
func (b *Builder) payments(currency string, s span) {
	b.SQL("SELECT o.profile_id FROM crm_facts AS f JOIN crm_orders AS o ON o.profile_id = f.profile_id WHERE f.orders > 0")
	b.overlapping(s)
	b.SQL(" AND ")
	b.counting()
	b.SQL(" AND o.currency = ?", currency)
	b.within("o.placed_at", s)
	b.SQL(" GROUP BY o.profile_id")
}

// orderTimeKind: when the last or the first order was.
//
//	{"is":"last_order","between":[21,45]}    {"is":"first_order","never":true}
func orderTimeKind(name, column string) Kind {
	return Kind{
		Name:  name,
		Slots: []Slot{momentSlot(Option{Name: "never", Fields: []Field{{Name: "never", Type: Flag, Default: true}}})},
		Check: func(c *Condition) error {
			if c.Has("never") && !c.Flag("never") {
				return wrong("never", "want true: the opposite of never is {\"is\":\"orders\",\"at_least\":1}").in("never").at("")
			}
			return checkDates(c)
		},
		facts: func(b *Builder, c *Condition) func() {
			if c.Has("never") {
				return nil
			}
			return func() {
				b.SQL("f.orders > 0")
				b.within("f."+column, b.span(c))
			}
		},
		Compile: func(b *Builder, _ *Condition) { // never
			b.SQL("NOT ")
			b.ordered(1, ">=", span{})
		},
		Sentence: func(s *Speaker, c *Condition) string {
			if c.Has("never") {
				return s.T("segment.orders.none", "when", "")
			}
			return s.T("segment."+name, "when", s.Moment(c))
		},
	}
}
