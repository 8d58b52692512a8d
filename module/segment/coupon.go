package segment

import "time"

// couponMark is what crm_orders.coupons parts codes with; no text of a tree has it.
const couponMark = "\n"

// cartLeftAfter is how long nobody touches a cart that is left.
const cartLeftAfter = time.Hour

// couponKind: orders that a coupon was used with, any or one of some codes.
//
//	{"is":"coupon","at_least":2,"days":365}    {"is":"coupon","codes":["WELCOME10"]}
func couponKind() Kind {
	return Event{
		Name: "coupon", From: "crm_orders AS o", Profile: "o.profile_id", At: "o.placed_at",
		Slots: []Slot{{Name: "which", Options: []Option{{Name: "any_code"}, {Name: "codes", Fields: []Field{{Name: "codes", Type: Texts}}}}}},
		Where: func(b *Builder, c *Condition) {
			b.SQL(" AND o.coupons > '' AND ")
			b.counting()
			for i, code := range c.List("codes") {
				b.SQL(map[bool]string{true: " AND (", false: " OR "}[i == 0])
				b.SQL("LOCATE(?, CONCAT(?, o.coupons, ?)) > 0", couponMark+code+couponMark, couponMark, couponMark)
			}
			if c.Has("codes") {
				b.SQL(")")
			}
		},
		Sentence: func(s *Speaker, c *Condition, how string) string {
			if c.Has("codes") {
				return s.T("segment.coupon.code."+how, "count", c.Int(how), "codes", s.or(c.List("codes")), "when", s.When(c))
			}
			return s.T("segment.coupon."+how, "count", c.Int(how), "when", s.When(c))
		},
	}.Kind()
}

// refundKind: money paid back for orders that count.
//
//	{"is":"refund","days":180}
func refundKind() Kind {
	return Event{
		Name: "refund", From: "crm_refunds AS r JOIN crm_orders AS o ON o.id = r.order_id", Profile: "o.profile_id", At: "r.refunded_at",
		Where: func(b *Builder, _ *Condition) {
			b.SQL(" AND ")
			b.counting()
		},
		Sentence: func(s *Speaker, c *Condition, how string) string {
			return s.T("segment.refund."+how, "count", c.Int(how), "when", s.When(c))
		},
	}.Kind()
}

// cartKind: carts that were left. A cart is left when nobody touched it for an hour and its owner has not ordered since. It
// is known only as long as the shop keeps it, and when only where the shop notes changes.
//
//	{"is":"cart","days":7}
func cartKind() Kind {
	return Event{
		Name: "cart", From: "crm_carts AS e", Profile: "e.profile_id", At: "e.changed_at",
		Where: func(b *Builder, _ *Condition) {
			b.SQL(" AND e.changed_at <= ? AND NOT EXISTS (SELECT 1 FROM crm_orders AS o WHERE o.profile_id = e.profile_id AND o.placed_at >= e.changed_at AND ", b.Now.Add(-cartLeftAfter))
			b.counting()
			b.SQL(")")
		},
		Sentence: func(s *Speaker, c *Condition, how string) string {
			return s.T("segment.cart."+how, "count", c.Int(how), "when", s.When(c))
		},
	}.Kind()
}
