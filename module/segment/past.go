package segment

import (
	"fmt"
	"time"
)

// PastError says which conditions cannot be answered as of an earlier day: what they ask about is known as it is now, and
// not as it was.
type PastError struct {
	Paths      []string
	Conditions []*Condition
}

func (e *PastError) Error() string {
	kinds := make([]string, len(e.Conditions))
	for i, c := range e.Conditions {
		kinds[i] = fmt.Sprintf("%q", c.Kind)
		if e.Paths[i] != "" {
			kinds[i] += " at " + e.Paths[i]
		}
	}
	return "it cannot be said who met it at an earlier time: only the present is known of " + list(kinds, "and") + "; take that out, or ask for orders, products, money or registration instead"
}

// neverDay is the last day that a tree may name: nothing was ever done on it.
var neverDay = fmt.Sprintf("%d-12-31", lastYear)

// earliest is the first day that a tree may name; what began before it is open.
var earliest = fmt.Sprintf("%d-01-01", firstYear)

// thenDay is the first day that is not known yet: a condition is answered as of its beginning.
type thenDay struct{ time.Time }

func (d thenDay) less(days int64) string { return d.AddDate(0, 0, -int(days)).Format(dayLayout) }

// pasts are the kinds whose past the orders and registrations tell. Each gives the tree that asks today what the condition
// asked on the day; false where it cannot.
var pasts = map[string]func(c *Condition, day thenDay) (Node, bool){
	"orders":      ordersPast,
	"spent":       framedPast,
	"bought":      framedPast,
	"not_bought":  framedPast,
	"first_order": firstOrderPast,
	"last_order":  lastOrderPast,
	"registered":  registeredPast,
}

// AsOf gives the tree that asks today what the given one asked at the beginning of a day in the shop's zone, "2026-03-01":
// each span of days becomes dates, and whatever came later is left out of account. Orders count by their present state and
// refunds. The error is a [*PastError].
func (v *Vocabulary) AsOf(tree Tree, day string) (Tree, error) {
	at, err := time.Parse(dayLayout, day)
	if err != nil {
		return Tree{}, fmt.Errorf("the day %q: %w", day, err)
	}
	var unknown PastError
	for path, c := range tree.Conditions() {
		past, known := pasts[c.Kind]
		if known {
			_, known = past(c, thenDay{at})
		}
		if !known {
			unknown.Paths, unknown.Conditions = append(unknown.Paths, path), append(unknown.Conditions, c)
		}
	}
	if unknown.Conditions != nil {
		return Tree{}, &unknown
	}
	return v.Check(Tree{past(tree.Root, thenDay{at})})
}

func past(n Node, day thenDay) Node {
	each := func(nodes []Node) []Node {
		var then []Node
		for _, child := range nodes {
			then = append(then, past(child, day))
		}
		return then
	}
	switch {
	case n.Is != nil:
		then, _ := pasts[n.Is.Kind](n.Is, day) // known to be true
		return then
	case n.Not != nil:
		return Not(past(*n.Not, day))
	case n.Any != nil:
		return Any(each(n.Any)...)
	}
	return All(each(n.All)...)
}

// frame is a stretch of whole days; "" is open.
type frame struct{ from, to string } // both included

// frame gives the days that c's fields of [frameSlot] or [momentSlot] meant on the day, none of them after it.
func (d thenDay) frame(c *Condition) frame {
	f := frame{to: d.less(1)}
	switch {
	case c.Has("days"):
		f.from = d.less(c.Int("days"))
	case c.Has("within"):
		f.from = d.less(c.Int("within"))
	case c.Has("over"):
		f.to = d.less(c.Int("over") + 1)
	case c.Has("between"):
		latest, earliest := c.Span("between")
		f.from, f.to = d.less(earliest), d.less(latest+1)
	case c.Has("before"):
		f.to = min(f.to, dayBefore(c.Text("before")))
	case c.Has("from"):
		f.from = c.Text("from")
		if c.Has("to") {
			f.to = min(f.to, c.Text("to"))
		}
	}
	switch {
	case f.from > f.to || f.to < earliest:
		return frame{neverDay, neverDay}
	case f.from < earliest:
		f.from = ""
	}
	return f
}

func dayBefore(day string) string {
	t, err := time.Parse(dayLayout, day)
	if err != nil {
		panic("segment: an unchecked date: " + day)
	}
	return t.AddDate(0, 0, -1).Format(dayLayout)
}

// framed gives c with its time frame replaced.
func framed(kind string, values Values, f frame) Node {
	then := Values{}
	for name, value := range values {
		switch name {
		case "days", "within", "over", "between", "before", "from", "to", "never":
		default:
			then[name] = value
		}
	}
	if f.from == "" {
		t, _ := time.Parse(dayLayout, f.to) // made by us
		then["before"] = t.AddDate(0, 0, 1).Format(dayLayout)
	} else {
		then["from"], then["to"] = f.from, f.to
	}
	return Is(kind, then)
}

func framedPast(c *Condition, day thenDay) (Node, bool) {
	return framed(c.Kind, c.Values, day.frame(c)), true
}

// ordered asks for an order in a frame. Of an open one the facts tell: the first order lies in it.
func ordered(f frame) Node {
	if f.from == "" {
		return framed("first_order", Values{}, f)
	}
	return framed("orders", Values{"at_least": int64(1)}, f)
}

func ordersPast(c *Condition, day thenDay) (Node, bool) {
	f := day.frame(c)
	switch {
	case c.Has("at_least") && c.Int("at_least") == 1:
		return ordered(f), true
	case c.Has("at_most") && c.Int("at_most") == 0, c.Has("exactly") && c.Int("exactly") == 0:
		return Not(ordered(f)), true
	}
	return framed(c.Kind, c.Values, f), true
}

// firstOrderPast: later orders do not change which was the first.
func firstOrderPast(c *Condition, day thenDay) (Node, bool) {
	if c.Has("never") {
		return Not(ordered(frame{to: day.less(1)})), true
	}
	return framed(c.Kind, c.Values, day.frame(c)), true
}

// lastOrderPast: the last order of then is one in the frame with none after it.
func lastOrderPast(c *Condition, day thenDay) (Node, bool) {
	if c.Has("never") {
		return Not(ordered(frame{to: day.less(1)})), true
	}
	f, yesterday := day.frame(c), day.less(1)
	if f.to >= yesterday {
		return ordered(f), true
	}
	t, _ := time.Parse(dayLayout, f.to) // made by us
	return All(ordered(f), Not(ordered(frame{t.AddDate(0, 0, 1).Format(dayLayout), yesterday}))), true
}

// registeredPast: when somebody registered is known, since when they have an account is not.
func registeredPast(c *Condition, day thenDay) (Node, bool) {
	if c.Has("account") {
		return Node{}, false
	}
	return framed(c.Kind, c.Values, day.frame(c)), true
}
