package segment

import "github.com/shopspring/decimal"

func amountSlot() Slot {
	return Slot{Name: "how", Options: []Option{
		{Name: "at_least", Fields: []Field{{Name: "at_least", Type: Amount, Default: decimal.NewFromInt(100)}}},
		{Name: "at_most", Fields: []Field{{Name: "at_most", Type: Amount, Default: decimal.NewFromInt(100)}}},
	}}
}

func currencySlot() Slot {
	return Slot{Name: "currency", Options: []Option{{Name: "currency", Fields: []Field{{Name: "currency", Type: Currency}}}}}
}

// bound is the end that is asked for, of [amountSlot] and of [averageKind].
func bound(c *Condition) (name, compare string) {
	if c.Has("at_most") {
		return "at_most", "<="
	}
	return "at_least", ">="
}

// averageKind: what an order of somebody's brings on average, net of refunds, in one currency. Whoever has no such order
// has no average.
//
//	{"is":"average","at_least":"80","currency":"EUR","days":365}
func averageKind() Kind {
	return Kind{
		Name:  "average",
		Slots: []Slot{amountSlot(), currencySlot(), frameSlot()},
		Check: checkDates,
		Compile: func(b *Builder, c *Condition) {
			name, compare := bound(c)
			s := b.span(c)
			if s.open() { // compared as a sum, which is exact
				b.SQL("p.id IN (SELECT r.profile_id FROM crm_fact_revenue AS r WHERE r.currency = ? AND r.orders > 0 AND r.net "+compare+" r.orders * CAST(? AS DECIMAL(19,4)))",
					c.Text("currency"), c.Amount(name))
				return
			}
			b.SQL("p.id IN (")
			b.payments(c.Text("currency"), s)
			b.SQL(" HAVING SUM(o.total - o.refunded) "+compare+" COUNT(*) * CAST(? AS DECIMAL(19,4)))", c.Amount(name))
		},
		Sentence: func(s *Speaker, c *Condition) string {
			name, _ := bound(c)
			return s.T("segment.average."+name, "amount", s.Money(c.Amount(name), c.Text("currency")), "when", s.When(c))
		},
	}
}

// itemsKind: how many pieces somebody bought in all, returned ones too. Whoever bought nothing bought 0.
//
//	{"is":"items","at_least":20,"days":365}
func itemsKind() Kind {
	count := func(name string, least int64) Option {
		return Option{Name: name, Fields: []Field{{Name: name, Type: Whole, Min: least, Max: maxOrders, Default: int64(10)}}}
	}
	return Kind{
		Name:  "items",
		Slots: []Slot{{Name: "how", Options: []Option{count("at_least", 1), count("at_most", 0)}}, frameSlot()},
		Check: checkDates,
		Compile: func(b *Builder, c *Condition) {
			n, compare := c.Int("at_least"), ">="
			if c.Has("at_most") {
				b.SQL("NOT ")
				n, compare = c.Int("at_most"), ">"
			}
			b.SQL("p.id IN (SELECT o.profile_id FROM crm_orders AS o WHERE ")
			b.counting()
			b.within("o.placed_at", b.span(c))
			b.SQL(" GROUP BY o.profile_id HAVING SUM(o.pieces) "+compare+" ?)", n)
		},
		Sentence: func(s *Speaker, c *Condition) string {
			name, _ := bound(c)
			return s.T("segment.items."+name, "count", c.Int(name), "when", s.When(c))
		},
	}
}
