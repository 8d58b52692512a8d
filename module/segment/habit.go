package segment

import (
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/insight"
)

// onFactsOnly is a kind's Compile where facts answer every condition of it.
func onFactsOnly(facts func(b *Builder, c *Condition) func()) func(b *Builder, c *Condition) {
	return func(b *Builder, c *Condition) { b.facts(facts(b, c)) }
}

// varietyKind: how many different products or categories somebody bought.
//
//	{"is":"variety","of":"categories","at_least":3}
func varietyKind() Kind {
	facts := func(b *Builder, c *Condition) func() {
		column := map[string]string{"products": "f.products", "categories": "f.categories"}[c.Text("of")]
		return func() { b.SQL(column+" >= ?", c.Int("at_least")) }
	}
	return Kind{
		Name: "variety",
		Slots: []Slot{
			{Name: "how", Options: []Option{{Name: "at_least", Fields: []Field{{Name: "at_least", Type: Whole, Min: 1, Max: maxOrders, Default: int64(3)}}}}},
			{Name: "of", Options: []Option{{Name: "of", Default: true, Fields: []Field{{Name: "of", Type: Word, Options: []string{"products", "categories"}, Default: "products"}}}}},
		},
		facts: facts, Compile: onFactsOnly(facts),
		Sentence: func(s *Speaker, c *Condition) string {
			return s.T("segment.variety."+c.Text("of"), "count", c.Int("at_least"))
		},
	}
}

// discountedKind: which share of what somebody bought was on discount, in per cent. Who bought nothing has none.
//
//	{"is":"discounted","at_least":50}
func discountedKind() Kind {
	share := func(name string, usual int64) Option {
		return Option{Name: name, Fields: []Field{{Name: name, Type: Whole, Max: 100, Default: usual}}}
	}
	facts := func(b *Builder, c *Condition) func() {
		name, compare := bound(c)
		return func() { b.SQL("f.discounted_share "+compare+" ?", float64(c.Int(name))/100) }
	}
	return Kind{
		Name:  "discounted",
		Slots: []Slot{{Name: "how", Options: []Option{share("at_least", 50), share("at_most", 0)}}},
		facts: facts, Compile: onFactsOnly(facts),
		Sentence: func(s *Speaker, c *Condition) string {
			name, _ := bound(c)
			return s.T("segment.discounted."+name, "percent", c.Int(name))
		},
	}
}

// weekdays is the words for the days, as crm_facts.weekday counts them from 1.
var weekdays = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

// weekdayKind: the day on which somebody likes to buy, as far as their orders tell.
//
//	{"is":"weekday","in":["fri","sat"]}
func weekdayKind() Kind {
	facts := func(b *Builder, c *Condition) func() {
		var days []int
		for _, word := range c.List("in") {
			days = append(days, slices.Index(weekdays, word)+1)
		}
		return func() { b.SQL("f.weekday IN (?)", bun.List(days)) }
	}
	return Kind{
		Name:  "weekday",
		Slots: []Slot{{Name: "in", Options: []Option{{Name: "in", Fields: []Field{{Name: "in", Type: Words, Options: weekdays}}}}}},
		facts: facts, Compile: onFactsOnly(facts),
		Sentence: func(s *Speaker, c *Condition) string {
			var names []string
			for _, word := range weekdays {
				if slices.Contains(c.List("in"), word) {
					names = append(names, s.T("segment.weekday."+word))
				}
			}
			return s.T("segment.weekday", "names", s.or(names))
		},
	}
}

// hourKind: the hour of the shop's clock at which somebody likes to buy, as far as their orders tell.
//
//	{"is":"hour","hours":[18,22]}
func hourKind() Kind {
	facts := func(b *Builder, c *Condition) func() {
		from, to := c.Span("hours")
		return func() { b.SQL("f.hour BETWEEN ? AND ?", from, to) }
	}
	return Kind{
		Name:  "hour",
		Slots: []Slot{{Name: "hours", Options: []Option{{Name: "hours", Fields: []Field{{Name: "hours", Type: Span, Max: 23, Default: [2]int64{18, 22}}}}}}},
		facts: facts, Compile: onFactsOnly(facts),
		Sentence: func(s *Speaker, c *Condition) string {
			from, to := c.Span("hours")
			return s.T("segment.hour", "from", from, "to", to)
		},
	}
}

// groupKind: the group by how lately and how often somebody bought, by the shop's thresholds.
//
//	{"is":"group","in":["champions","faithful"]}
func groupKind() Kind {
	var groups []string
	for _, g := range insight.Groups {
		groups = append(groups, string(g))
	}
	return Kind{
		Name:  "group",
		Slots: []Slot{{Name: "in", Options: []Option{{Name: "in", Fields: []Field{{Name: "in", Type: Words, Options: groups}}}}}},
		Compile: func(b *Builder, c *Condition) {
			b.SQL("p.id IN (SELECT g.profile_id FROM crm_rfm AS g WHERE g.rfm_group IN (?))", bun.List(c.List("in")))
		},
		Sentence: func(s *Speaker, c *Condition) string {
			var names []string
			for _, g := range groups {
				if slices.Contains(c.List("in"), g) {
					names = append(names, s.T("segment.group."+g))
				}
			}
			return s.T("segment.group", "names", s.or(names))
		},
	}
}

// refillKind: something that somebody buys again and again will be used up within so many days, today included, or was by
// all that is known within so many days before.
//
//	{"is":"refill","within":14}    {"is":"refill","past":30,"category":"Filter coffee"}
func refillKind() Kind {
	return Kind{
		Name: "refill",
		Slots: []Slot{
			{Name: "what", Options: append([]Option{{Name: "anything"}}, whatSlot().Options...)},
			{Name: "how", Options: []Option{{Name: "due", Fields: []Field{daysField("within", 14)}}, {Name: "past", Fields: []Field{daysField("past", 30)}}}},
		},
		Compile: func(b *Builder, c *Condition) {
			today := b.Now.In(b.Zone)
			day := func(plus int64) string { return today.AddDate(0, 0, int(plus)).Format(time.DateOnly) }
			from, to := day(0), day(c.Int("within"))
			if c.Has("past") {
				from, to = day(-c.Int("past")), day(-1)
			}
			b.SQL("p.id IN (SELECT w.profile_id FROM crm_refill_dates AS w")
			if c.Has("product") || c.Has("category") {
				b.named(c)
				b.SQL(" AND w.due_on BETWEEN ? AND ?)", from, to)
				return
			}
			b.SQL(" WHERE w.due_on BETWEEN ? AND ?)", from, to)
		},
		Sentence: func(s *Speaker, c *Condition) string {
			how := "within"
			if c.Has("past") {
				how = "past"
			}
			if c.Has("product") || c.Has("category") {
				return s.T("segment.refill."+s.what(c)+"."+how, "count", c.Int(how), "name", s.Name(c))
			}
			return s.T("segment.refill."+how, "count", c.Int(how))
		},
	}
}
