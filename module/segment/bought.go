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

func (b *Builder) bought(c *Condition, n int64, compare string) {
	b.SQL("p.id IN (SELECT o.profile_id FROM crm_order_lines AS l JOIN crm_orders AS o ON o.id = l.order_id")
	if c.Has("category") {
		b.SQL(" JOIN crm_product_categories AS c ON c.product_id = l.product_id WHERE c.category_id IN (?)", bun.List(b.Categories(c.Ref("category"))))
	} else {
		b.SQL(" WHERE l.product_id IN (?)", bun.List(b.Products(c.Ref("product"))))
	}
	b.SQL(" AND ")
	b.counting()
	b.within("o.placed_at", b.span(c))
	if n > 1 || compare != ">=" {
		b.SQL(" GROUP BY o.profile_id HAVING COUNT(DISTINCT o.id) "+compare+" ?", n)
	}
	b.SQL(")")
}
