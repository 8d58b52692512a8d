package segment

import "slices"

// Event is something that happens to people at moments and can be counted: a coupon used, a cart left, a click. Its [Kind]
// asks whether it happened at least, at most or exactly so many times, ever or in a time frame. A room above makes a
// condition of what it keeps by filling one in.
type Event struct {
	Name    string // of the kind
	Group   string // of the kind
	From    string // the rows to count, one for each time, as SQL after FROM, with aliases of their own
	Profile string // the column that says whose a row is; never NULL
	At      string // the column that says when; where it is NULL nobody knows, and the row is in no time frame
	// Absorbed says that rows stay with a profile which another absorbed; they then count for that other.
	Absorbed bool
	Slots    []Slot                         // what else can be asked; in the row they stand before how often and when
	Check    func(c *Condition) error       // as in [Kind]
	Where    func(b *Builder, c *Condition) // writes what else rows must meet, as " AND …"; nil: every row counts
	// Sentence says it as what comes after "people who". how is "none", "at_least", "at_most" or "exactly".
	Sentence func(s *Speaker, c *Condition, how string) string
}

// Kind is the event as a kind of condition.
//
//	{"is":"coupon","at_least":2,"days":365}    {"is":"coupon","exactly":0}
func (e Event) Kind() Kind {
	return Kind{
		Name:  e.Name,
		Group: e.Group,
		Slots: slices.Concat(e.Slots, []Slot{countSlot(), frameSlot()}),
		Check: func(c *Condition) error {
			if e.Check != nil {
				if err := e.Check(c); err != nil {
					return err
				}
			}
			return checkDates(c)
		},
		Compile: func(b *Builder, c *Condition) {
			b.often(c, func(n int64, compare string) { b.happened(e, c, n, compare) })
		},
		Sentence: func(s *Speaker, c *Condition) string { return e.Sentence(s, c, how(c)) },
	}
}

func countSlot() Slot {
	count := func(name string, least int64) Option {
		return Option{Name: name, Fields: []Field{{Name: name, Type: Whole, Min: least, Max: maxOrders, Default: int64(1)}}}
	}
	often := count("at_least", 1)
	often.Default = true
	return Slot{Name: "how", Options: []Option{often, count("at_most", 0), count("exactly", 0)}}
}

// how is the word for how often: "none", "at_least", "at_most" or "exactly".
func how(c *Condition) string {
	for _, name := range []string{"at_least", "at_most", "exactly"} {
		if c.Has(name) && c.Int(name) > 0 {
			return name
		}
	}
	return "none"
}

// often says how often something happened by what happened writes for at least, or with "=" for exactly, n times; n is 1
// or more. Never is the opposite of once, so that whoever has no row at all is found too.
func (b *Builder) often(c *Condition, happened func(n int64, compare string)) {
	switch {
	case c.Has("at_least"):
		happened(c.Int("at_least"), ">=")
	case c.Has("at_most"):
		b.SQL("NOT ")
		happened(c.Int("at_most")+1, ">=")
	case c.Int("exactly") == 0:
		b.SQL("NOT ")
		happened(1, ">=")
	default:
		happened(c.Int("exactly"), "=")
	}
}

func (b *Builder) happened(e Event, c *Condition, n int64, compare string) {
	rows := func(what string) {
		b.SQL("SELECT " + what + " FROM " + e.From + " WHERE TRUE")
		if e.Where != nil {
			e.Where(b, c)
		}
		b.within(e.At, b.span(c))
	}
	counted := n > 1 || compare != ">="
	switch {
	case e.Absorbed: // the few profiles that were absorbed are looked up once each, after counting
		b.SQL("p.id IN (SELECT COALESCE(m.merged_into, m.id) AS owner FROM (")
		rows(e.Profile + " AS id, COUNT(*) AS n")
		b.SQL(" GROUP BY " + e.Profile + ") AS x JOIN crm_profiles AS m ON m.id = x.id GROUP BY owner")
		if counted {
			b.SQL(" HAVING SUM(x.n) "+compare+" ?", n)
		}
	case counted:
		b.SQL("p.id IN (")
		rows(e.Profile)
		b.SQL(" GROUP BY "+e.Profile+" HAVING COUNT(*) "+compare+" ?", n)
	default:
		b.SQL("p.id IN (")
		rows(e.Profile)
	}
	b.SQL(")")
}
