package segment

import "github.com/uptrace/bun"

func whatSlot() Slot {
	return Slot{Name: "what", Options: []Option{
		{Name: "product", Fields: []Field{{Name: "product", Type: Product}}},
		{Name: "category", Fields: []Field{{Name: "category", Type: Category}}},
	}}
}

// boughtKind: a product, or anything of a category and those below it, in so many orders.
//
//	{"is":"bought","category":"Filter coffee","at_least":2,"days":90}
func boughtKind() Kind {
	return Kind{
		Name:  "bought",
		Slots: []Slot{whatSlot(), countSlot(), frameSlot()},
		Check: checkDates,
		Compile: func(b *Builder, c *Condition) {
			b.often(c, func(n int64, compare string) { b.bought(c, n, compare) })
		},
		Sentence: func(s *Speaker, c *Condition) string {
			key := "segment.bought." + s.what(c) + "." + how(c)
			switch {
			case how(c) == "none":
				key = "segment.not_bought." + s.what(c)
			case c.Int("at_least") == 1:
				key = "segment.bought.once." + s.what(c)
			}
			return s.T(key, "count", c.Int(how(c)), "name", s.Name(c), "when", s.When(c))
		},
	}
}

// notBoughtKind: not a single time. It is {"not":{"is":"bought",…}} as people say it.
//
//	{"is":"not_bought","product":"V60-FILTERS"}
func notBoughtKind() Kind {
	return Kind{
		Name:  "not_bought",
		Slots: []Slot{whatSlot(), frameSlot()},
		Check: checkDates,
		Compile: func(b *Builder, c *Condition) {
			b.SQL("NOT ")
			b.bought(c, 1, ">=")
		},
		Sentence: func(s *Speaker, c *Condition) string {
			return s.T("segment.not_bought."+s.what(c), "name", s.Name(c), "when", s.When(c))
		},
	}
}

// bought writes that somebody has n or, with "=", exactly n orders with what c names in its time frame; n is at least 1.
// What people bought is known by product with its first and its last time: that answers whether, ever, since or before a day.
// How often, and between two days, is counted over the orders of those who may have.
func (b *Builder) bought(c *Condition, n int64, compare string) {
	s := b.span(c)
	once := n == 1 && compare == ">="
	if once && (s.from.IsZero() || s.to.IsZero()) {
		b.SQL("p.id IN (SELECT w.profile_id FROM crm_bought AS w")
		b.named(c)
		b.overlappingPurchases(s)
		b.SQL(")")
		return
	}
	// Who bought in fewer orders by all that is known of the products did not buy in n together.
	b.SQL("p.id IN (SELECT o.profile_id FROM (SELECT w.profile_id FROM crm_bought AS w")
	b.named(c)
	b.overlappingPurchases(s)
	b.SQL(" GROUP BY w.profile_id HAVING SUM(w.orders) >= ?) AS x JOIN crm_orders AS o ON o.profile_id = x.profile_id JOIN crm_order_lines AS w ON w.order_id = o.id", n)
	b.named(c)
	b.SQL(" AND ")
	b.counting()
	b.within("o.placed_at", s)
	b.SQL(" GROUP BY o.profile_id HAVING COUNT(DISTINCT o.id) "+compare+" ?)", n)
}

// named writes which products of the table under the alias w c names.
func (b *Builder) named(c *Condition) {
	if c.Has("product") {
		b.SQL(" WHERE w.product_id IN (?)", bun.List(b.Products(c.Ref("product"))))
		return
	}
	if products, few := b.found.shelves[c.Ref("category")]; few {
		b.SQL(" WHERE w.product_id IN (?)", bun.List(append([]int64{0}, products...))) // no product is 0; IN () is not SQL
		return
	}
	b.SQL(" JOIN crm_product_categories AS g ON g.product_id = w.product_id WHERE g.category_id IN (?)", bun.List(b.Categories(c.Ref("category"))))
}

// overlappingPurchases writes that a product was bought since the beginning of s, and before its end.
func (b *Builder) overlappingPurchases(s span) {
	b.within("w.last_at", span{from: s.from})
	b.within("w.first_at", span{to: s.to})
}
