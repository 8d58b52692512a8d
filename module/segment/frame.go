package segment

import (
	"time"
)

// Bounds of the numbers that conditions take.
const (
	maxDays   = 3660
	maxOrders = 100_000
)

// frameSlot is the time frame that orders, spent and bought share.
func frameSlot() Slot {
	return Slot{Name: "when", Options: []Option{
		{Name: "ever"},
		{Name: "days", Fields: []Field{daysField("days", 90)}},
		{Name: "since", Fields: []Field{{Name: "from", Type: Day}}},
		{Name: "before", Fields: []Field{{Name: "before", Type: Day}}},
		{Name: "dates", Fields: []Field{{Name: "from", Type: Day}, {Name: "to", Type: Day}}},
	}}
}

// momentSlot is when a single event was: the last order, the first one, a registration.
func momentSlot(more ...Option) Slot {
	return Slot{Name: "how", Options: append([]Option{
		{Name: "within", Fields: []Field{daysField("within", 30)}},
		{Name: "over", Fields: []Field{daysField("over", 90)}},
		{Name: "between", Fields: []Field{{Name: "between", Type: Span, Max: maxDays, Default: [2]int64{30, 60}}}},
		{Name: "since", Fields: []Field{{Name: "from", Type: Day}}},
		{Name: "before", Fields: []Field{{Name: "before", Type: Day}}},
		{Name: "dates", Fields: []Field{{Name: "from", Type: Day}, {Name: "to", Type: Day}}},
	}, more...)}
}

func daysField(name string, usual int64) Field {
	return Field{Name: name, Type: Whole, Min: 1, Max: maxDays, Default: usual}
}

// checkDates refuses a frame that ends before it begins.
func checkDates(c *Condition) error {
	if c.Has("from") && c.Has("to") && c.Text("to") < c.Text("from") {
		return wrong("dates", "it lies before \"from\" (%s)", c.Text("from")).with("from", c.Text("from")).in("to").at("")
	}
	return nil
}

// span is a half-open stretch of time; a zero end is open.
type span struct{ from, to time.Time }

func (s span) open() bool { return s.from.IsZero() && s.to.IsZero() }

// span gives the stretch of time that c's fields of [frameSlot] or [momentSlot] mean.
func (b *Builder) span(c *Condition) span {
	var s span
	switch {
	case c.Has("days"):
		s.from = b.Ago(c.Int("days"))
	case c.Has("within"):
		s.from = b.Ago(c.Int("within"))
	case c.Has("over"):
		s.to = b.Ago(c.Int("over"))
	case c.Has("between"):
		latest, earliest := c.Span("between")
		s.from, s.to = b.Ago(earliest), b.Ago(latest).Add(time.Microsecond) // both ends included
	case c.Has("before"):
		s.to = b.Midnight(c.Text("before"), 0)
	case c.Has("from"):
		s.from = b.Midnight(c.Text("from"), 0)
		if c.Has("to") {
			s.to = b.Midnight(c.Text("to"), 1)
		}
	}
	return s
}

// Frame gives the half-open stretch of time that c's fields of a time frame mean; a zero end is open.
func (b *Builder) Frame(c *Condition) (from, to time.Time) {
	s := b.span(c)
	return s.from, s.to
}

// within writes that the column, of code and not of a tree, lies in s, as " AND …" for each end.
func (b *Builder) within(column string, s span) {
	if !s.from.IsZero() {
		b.SQL(" AND "+column+" >= ?", s.from)
	}
	if !s.to.IsZero() {
		b.SQL(" AND "+column+" < ?", s.to)
	}
}

// overlapping writes what facts already tell of somebody with a counting order in s: it lets the server look at the
// orders of few people instead of at all orders.
func (b *Builder) overlapping(s span) {
	b.within("f.last_order_at", span{from: s.from})
	b.within("f.first_order_at", span{to: s.to})
}
