package segment_test

import (
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/module/segment"
)

// members is the reference: slow, plain, and written from the package comment.
func (w *world) members(tree segment.Tree, shopID int64) (ids []int64) {
	for _, p := range w.people {
		if !p.gone && w.meets(p, tree.Root, shopID) {
			ids = append(ids, p.id)
		}
	}
	return ids
}

func (w *world) meets(p person, n segment.Node, shopID int64) bool {
	switch {
	case n.Is != nil:
		return w.holds(p, n.Is, shopID)
	case n.Not != nil:
		return !w.meets(p, *n.Not, shopID)
	case n.Any != nil:
		return slices.ContainsFunc(n.Any, func(child segment.Node) bool { return w.meets(p, child, shopID) })
	}
	return !slices.ContainsFunc(n.All, func(child segment.Node) bool { return !w.meets(p, child, shopID) })
}

func (w *world) holds(p person, c *segment.Condition, shopID int64) bool {
	zone := ljubljana
	if shopID == 2 {
		zone = time.UTC
	}
	switch c.Kind {
	case "orders":
		n := int64(0)
		for _, o := range p.counting() {
			if inFrame(c, o.placedAt, zone) {
				n++
			}
		}
		return often(c, n)
	case "spent":
		var sum decimal.Decimal
		for _, o := range p.counting() {
			if o.currency == c.Text("currency") && inFrame(c, o.placedAt, zone) {
				sum = sum.Add(o.net)
			}
		}
		return c.Has("at_least") && sum.GreaterThanOrEqual(c.Amount("at_least")) || c.Has("at_most") && sum.LessThanOrEqual(c.Amount("at_most"))
	case "average":
		var sum decimal.Decimal
		n := int64(0)
		for _, o := range p.counting() {
			if o.currency == c.Text("currency") && inFrame(c, o.placedAt, zone) {
				sum, n = sum.Add(o.net), n+1
			}
		}
		all := decimal.NewFromInt(n)
		return n > 0 && (c.Has("at_least") && sum.GreaterThanOrEqual(c.Amount("at_least").Mul(all)) || c.Has("at_most") && sum.LessThanOrEqual(c.Amount("at_most").Mul(all)))
	case "items":
		n := int64(0)
		for _, o := range p.counting() {
			if inFrame(c, o.placedAt, zone) {
				n += o.pieces
			}
		}
		return often(c, n)
	case "coupon":
		n := int64(0)
		for _, o := range p.counting() {
			used := slices.ContainsFunc(o.coupons, func(code string) bool {
				return !c.Has("codes") || slices.ContainsFunc(c.List("codes"), func(asked string) bool { return strings.EqualFold(asked, code) })
			})
			if used && inFrame(c, o.placedAt, zone) {
				n++
			}
		}
		return often(c, n)
	case "refund":
		n := int64(0)
		for _, o := range p.counting() {
			for _, at := range o.refunds {
				if inFrame(c, at, zone) {
					n++
				}
			}
		}
		return often(c, n)
	case "cart":
		n := int64(0)
		for _, at := range p.carts {
			ordered := slices.ContainsFunc(p.counting(), func(o order) bool { return !o.placedAt.IsZero() && !o.placedAt.Before(at) })
			if !at.IsZero() && now.Sub(at) >= time.Hour && !ordered && inFrame(c, at, zone) {
				n++
			}
		}
		return often(c, n)
	case "city":
		return slices.ContainsFunc(c.List("in"), func(asked string) bool { return plain(asked) == plain(p.city) })
	case "language":
		main, _, _ := strings.Cut(strings.ReplaceAll(p.language, "_", "-"), "-")
		return slices.Contains(c.List("in"), main)
	case "known":
		return map[string]bool{"phone": p.phone != "", "email": p.email != "", "name": p.name != "", "company": p.company != "", "address": p.line1 != "" && p.city != ""}[c.Text("what")]
	case "shop":
		return p.shop == c.Int("shop")
	case "segment":
		return w.meets(p, w.saved[c.Int("segment")].Root, shopID)
	case "share":
		inner := crc32.ChecksumIEEE(fmt.Appendf(nil, "%d/%s", p.id, c.Text("name")))
		return int64(crc32.ChecksumIEEE(fmt.Appendf(nil, "%d/%s", inner, c.Text("name")))%100) < c.Int("percent")
	case "variety", "discounted", "weekday", "hour":
		return !p.noFacts && p.habits.holds(c)
	case "group":
		return slices.Contains(c.List("in"), p.group)
	case "refill":
		for product, due := range p.refills {
			days, _ := time.Parse(time.DateOnly, due)
			today, _ := time.Parse(time.DateOnly, now.In(zone).Format(time.DateOnly))
			ahead := int64(days.Sub(today).Hours() / 24)
			named := !c.Has("product") && !c.Has("category") || w.is(c, product)
			if named && (c.Has("within") && ahead >= 0 && ahead <= c.Int("within") || c.Has("past") && ahead < 0 && -ahead <= c.Int("past")) {
				return true
			}
		}
		return false
	case "rank", "next_order", "expected_orders", "expected_value", "churn":
		return p.prediction != nil && p.prediction.holds(c, zone)
	case "last_order", "first_order":
		if c.Has("never") {
			return len(p.counting()) == 0
		}
		first, last := p.firstAndLast()
		if c.Kind == "first_order" {
			last = first
		}
		return inMoment(c, last, zone)
	case "bought", "not_bought":
		n := int64(0)
		for _, o := range p.counting() {
			if inFrame(c, o.placedAt, zone) && slices.ContainsFunc(o.products, func(id int64) bool { return w.is(c, id) }) {
				n++
			}
		}
		if c.Kind == "not_bought" {
			return n == 0
		}
		return often(c, n)
	case "registered":
		if c.Has("account") {
			return p.account == c.Flag("account")
		}
		return inMoment(c, p.registeredAt, zone)
	case "consent":
		said := map[string]bool{}
		for key, state := range p.consents {
			topic, shop, _ := strings.Cut(key, "/")
			if topic == c.Text("topic") && (shopID == 0 || shop == fmt.Sprint(shopID)) {
				said[state] = true
			}
		}
		return c.Text("state") == "none" && len(said) == 0 || said[c.Text("state")]
	case "country":
		return slices.Contains(c.List("in"), p.country)
	case "stage":
		if p.noFacts {
			return slices.Contains(c.List("in"), "lead")
		}
		return slices.Contains(c.List("in"), p.stage)
	}
	panic("the reference does not know " + c.Kind)
}

func often(c *segment.Condition, n int64) bool {
	return c.Has("at_least") && n >= c.Int("at_least") || c.Has("at_most") && n <= c.Int("at_most") || c.Has("exactly") && n == c.Int("exactly")
}

// plain is a text as one is compared with another: without case and without the one accent of the world's cities.
func plain(text string) string { return strings.ReplaceAll(strings.ToLower(text), "š", "s") }

func (h *habits) holds(c *segment.Condition) bool {
	if h == nil {
		h = &habits{discounted: -1, hour: -1}
	}
	switch c.Kind {
	case "variety":
		return map[string]int64{"products": h.products, "categories": h.categories}[c.Text("of")] >= c.Int("at_least")
	case "discounted":
		return h.discounted >= 0 && (c.Has("at_least") && h.discounted >= float64(c.Int("at_least"))/100 || c.Has("at_most") && h.discounted <= float64(c.Int("at_most"))/100)
	case "weekday":
		return slices.ContainsFunc(c.List("in"), func(day string) bool {
			return h.weekday > 0 && strings.HasPrefix(strings.ToLower(time.Weekday(h.weekday%7).String()), day)
		})
	}
	from, to := c.Span("hours")
	return h.hour >= from && h.hour <= to
}

func (f *prediction) holds(c *segment.Condition, zone *time.Location) bool {
	within := func(score int64, name string) bool {
		from, to := c.Span(name)
		return score >= from && score <= to
	}
	bounded := func(v float64) bool {
		return c.Has("at_least") && v >= c.Amount("at_least").InexactFloat64() || c.Has("at_most") && v <= c.Amount("at_most").InexactFloat64()
	}
	h := c.Text("horizon")
	switch c.Kind {
	case "rank":
		return within(f.recency, "recency") && within(f.frequency, "frequency") && within(f.money, "money")
	case "next_order":
		if c.Has("overdue") {
			return f.nextOn != "" && f.overdue == c.Flag("overdue")
		}
		return f.nextOn != "" && !f.overdue && f.nextOn <= now.In(zone).AddDate(0, 0, int(c.Int("within"))).Format(time.DateOnly)
	case "expected_orders":
		return f.orders != nil && bounded(f.orders[h])
	case "expected_value":
		return f.orders != nil && f.worth >= 0 && f.currency == c.Text("currency") && bounded(f.worth*f.orders[h])
	}
	risk := map[string]bool{"high": f.orders != nil && f.high[h] == 0, "medium": f.orders != nil && f.low[h] == 0 && f.high[h] > 0, "low": f.orders != nil && f.low[h] > 0}
	return risk[c.Text("risk")]
}

func (w *world) is(c *segment.Condition, product int64) bool {
	if c.Has("product") {
		r := c.Ref("product")
		return product == r.ID || r.Name == fmt.Sprintf("SKU-%d", product)
	}
	r := c.Ref("category")
	id := r.ID
	if id == 0 {
		if _, err := fmt.Sscanf(r.Name, "Shelf %d", &id); err != nil {
			panic(err)
		}
	}
	return slices.ContainsFunc(w.categories[product], func(c int64) bool { return slices.Contains(w.below[id], c) })
}

func inFrame(c *segment.Condition, t time.Time, zone *time.Location) bool {
	if !c.Has("days") && !c.Has("from") && !c.Has("before") {
		return true
	}
	if t.IsZero() {
		return false
	}
	if c.Has("days") {
		return now.Sub(t) <= time.Duration(c.Int("days"))*24*time.Hour
	}
	return inDates(c, t, zone)
}

func inMoment(c *segment.Condition, t time.Time, zone *time.Location) bool {
	if t.IsZero() {
		return false
	}
	age := now.Sub(t)
	const day = 24 * time.Hour
	switch {
	case c.Has("within"):
		return age <= time.Duration(c.Int("within"))*day
	case c.Has("over"):
		return age > time.Duration(c.Int("over"))*day
	case c.Has("between"):
		from, to := c.Span("between")
		return age >= time.Duration(from)*day && age <= time.Duration(to)*day
	}
	return inDates(c, t, zone)
}

func inDates(c *segment.Condition, t time.Time, zone *time.Location) bool {
	day := t.In(zone).Format("2006-01-02")
	return (!c.Has("from") || day >= c.Text("from")) && (!c.Has("to") || day <= c.Text("to")) && (!c.Has("before") || day < c.Text("before"))
}
