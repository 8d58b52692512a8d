package segment

import (
	"time"

	"github.com/shopspring/decimal"
)

// horizons are the spans in days that insight's forecasts look ahead. The words of a tree, and no text of its own, name the
// columns of crm_predictions.
var horizons = []string{"30", "90", "365"}

func horizonSlot(usual string) Slot {
	return Slot{Name: "horizon", Options: []Option{{Name: "horizon", Default: true,
		Fields: []Field{{Name: "horizon", Type: Word, Options: horizons, Default: usual}}}}}
}

func expectedColumn(b string, c *Condition) string {
	for _, h := range horizons {
		if h == c.Text("horizon") {
			return "d." + b + "_" + h
		}
	}
	panic("segment: an unchecked horizon: " + c.Text("horizon"))
}

// Horizon says how far ahead a forecast looks.
func (s *Speaker) Horizon(c *Condition) string {
	return s.T("segment.horizon." + c.Text("horizon"))
}

// expectedOrdersKind: on how many days insight expects somebody to order. Nothing is expected of people who never bought,
// nor in a shop too young for a forecast: they meet neither bound.
//
//	{"is":"expected_orders","at_least":"1.5","horizon":"90"}
func expectedOrdersKind() Kind {
	bounds := amountSlot()
	for i := range bounds.Options {
		bounds.Options[i].Fields[0].Default = decimal.NewFromInt(1)
	}
	return Kind{
		Name:  "expected_orders",
		Slots: []Slot{bounds, horizonSlot("90")},
		Compile: func(b *Builder, c *Condition) {
			name, compare := bound(c)
			b.SQL("p.id IN (SELECT d.profile_id FROM crm_predictions AS d WHERE "+expectedColumn("orders", c)+" "+compare+" ?)", c.Amount(name).InexactFloat64())
		},
		Sentence: func(s *Speaker, c *Condition) string {
			name, _ := bound(c)
			return s.T("segment.expected_orders."+name, "orders", s.Number(c.Amount(name).InexactFloat64()), "horizon", s.Horizon(c))
		},
	}
}

// expectedValueKind: what those orders are worth, in the currency that most of somebody's orders are in.
//
//	{"is":"expected_value","at_least":"100","currency":"EUR","horizon":"365"}
func expectedValueKind() Kind {
	return Kind{
		Name:  "expected_value",
		Slots: []Slot{amountSlot(), currencySlot(), horizonSlot("365")},
		Compile: func(b *Builder, c *Condition) {
			name, compare := bound(c)
			b.SQL("p.id IN (SELECT d.profile_id FROM crm_predictions AS d WHERE d.currency = ? AND d.worth * "+expectedColumn("orders", c)+" "+compare+" ?)",
				c.Text("currency"), c.Amount(name).InexactFloat64())
		},
		Sentence: func(s *Speaker, c *Condition) string {
			name, _ := bound(c)
			return s.T("segment.expected_value."+name, "amount", s.Money(c.Amount(name), c.Text("currency")), "horizon", s.Horizon(c))
		},
	}
}

// The risks of losing somebody, by the range in which eight of ten customers like them end up.
const (
	riskHigh   = "high"   // no order even at the range's upper end
	riskMedium = "medium" // the range begins with no order
	riskLow    = "low"    // an order even at its lower end
)

// churnKind: whether somebody is likely not to order within the horizon, by what insight expects of them.
//
//	{"is":"churn","risk":"high","horizon":"365"}
func churnKind() Kind {
	return Kind{
		Name: "churn",
		Slots: []Slot{
			{Name: "risk", Options: []Option{{Name: "risk", Default: true, Fields: []Field{{Name: "risk", Type: Word, Options: []string{riskHigh, riskMedium, riskLow}, Default: riskHigh}}}}},
			horizonSlot("90"),
		},
		Compile: func(b *Builder, c *Condition) {
			low, high := expectedColumn("low", c), expectedColumn("high", c)
			which := map[string]string{riskHigh: high + " = 0", riskMedium: low + " = 0 AND " + high + " > 0", riskLow: low + " > 0"}
			b.SQL("p.id IN (SELECT d.profile_id FROM crm_predictions AS d WHERE " + which[c.Text("risk")] + ")")
		},
		Sentence: func(s *Speaker, c *Condition) string {
			return s.T("segment.churn."+c.Text("risk"), "horizon", s.Horizon(c))
		},
	}
}

// nextOrderKind: when the next order is due by somebody's own rhythm and the shop's: within so many days, or past the
// longest gap after which anybody came back.
//
//	{"is":"next_order","within":14}    {"is":"next_order","overdue":true}
func nextOrderKind() Kind {
	return Kind{
		Name: "next_order",
		Slots: []Slot{{Name: "how", Options: []Option{
			{Name: "due", Fields: []Field{daysField("within", 14)}},
			{Name: "overdue", Fields: []Field{{Name: "overdue", Type: Flag, Default: true}}},
		}}},
		Compile: func(b *Builder, c *Condition) {
			if c.Has("overdue") {
				b.SQL("p.id IN (SELECT d.profile_id FROM crm_predictions AS d WHERE d.next_on IS NOT NULL AND d.overdue = ?)", c.Flag("overdue"))
				return
			}
			last := b.Now.In(b.Zone).AddDate(0, 0, int(c.Int("within"))).Format(time.DateOnly)
			b.SQL("p.id IN (SELECT d.profile_id FROM crm_predictions AS d WHERE d.next_on <= ? AND d.overdue = FALSE)", last)
		},
		Sentence: func(s *Speaker, c *Condition) string {
			switch {
			case c.Has("overdue") && c.Flag("overdue"):
				return s.T("segment.next_order.overdue")
			case c.Has("overdue"):
				return s.T("segment.next_order.to_come")
			}
			return s.T("segment.next_order.within", "count", c.Int("within"))
		},
	}
}

// rankKind: in which fifths of the shop's buyers somebody is, 5 being the best: by how recently, how often and for how much
// they bought.
//
//	{"is":"rank","recency":[4,5],"frequency":[1,5],"money":[5,5]}
func rankKind() Kind {
	scores := []string{"recency", "frequency", "money"}
	kind := Kind{
		Name: "rank",
		Compile: func(b *Builder, c *Condition) {
			b.SQL("p.id IN (SELECT d.profile_id FROM crm_predictions AS d WHERE TRUE")
			for _, score := range scores {
				from, to := c.Span(score)
				b.SQL(" AND d."+score+" BETWEEN ? AND ?", from, to)
			}
			b.SQL(")")
		},
		Sentence: func(s *Speaker, c *Condition) string {
			args := []any{}
			for _, score := range scores {
				from, to := c.Span(score)
				fifths := s.Number(from)
				if from != to {
					fifths = s.T("segment.rank.span", "from", from, "to", to)
				}
				args = append(args, score, fifths)
			}
			return s.T("segment.rank", args...)
		},
	}
	for _, score := range scores {
		kind.Slots = append(kind.Slots, Slot{Name: score, Options: []Option{{Name: score, Default: true,
			Fields: []Field{{Name: score, Type: Span, Min: 1, Max: 5, Default: [2]int64{1, 5}}}}}})
	}
	return kind
}
