package segment

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/uptrace/bun"
)

// Kind is one kind of condition: what may be filled in, what it means in SQL and how it reads. A room that wants people
// to be selected by what it knows gives its kinds to [New].
type Kind struct {
	// Name stands in the tree: {"is":"orders"}. Lower case letters and underscores.
	Name string
	// Group is what it is offered with in forms: "orders", "mail", "person", "outlook" or "segment".
	Group string
	// Slots are the places of its sentence that can be filled, in reading order.
	Slots []Slot
	// Check holds rules between fields, after each field was checked alone; nil when there are none.
	Check func(c *Condition) error
	// Compile writes one boolean expression over the alias p (crm_profiles). It must be true or false for every profile,
	// never NULL, because it may stand under a NOT. "p.id IN (SELECT profile_id FROM …)" is the form that both MySQL and
	// MariaDB turn into one pass over the inner table, alone, under NOT and under OR; a correlated EXISTS under those is
	// run once per profile by MariaDB 10.11.
	Compile func(b *Builder, c *Condition)
	// Tree, in place of Compile, says the condition by others.
	Tree func(b *Builder, c *Condition) Node
	// facts, in place of Compile, gives what to write over the alias f of crm_facts, for conditions that hold for nobody
	// without facts; nil where this one does not. Several of one group are asked of the same row.
	facts func(b *Builder, c *Condition) (write func())
	// Sentence says the condition as what comes after "people who".
	Sentence func(s *Speaker, c *Condition) string
}

// Slot is one place in a kind's sentence, filled in exactly one of several ways.
type Slot struct {
	Name    string // names the choice in forms: "how", "when"
	Options []Option
}

// Option is one way to fill a slot: the fields that then stand in the tree, all of them. The option without fields, if
// the slot has one, is what a tree means that has no field of the slot.
type Option struct {
	Name   string
	Fields []Field
	// Default makes this option stand for a missing slot; its fields are then filled in with their Default.
	Default bool
}

// Field is one value of a condition.
type Field struct {
	Name    string
	Type    Type
	Min     int64    // for Whole and Span: least allowed
	Max     int64    // for Whole and Span: most allowed
	Options []string // for Word and Words: what is allowed; empty: what the type allows
	Default any      // what forms start with, in the type's Go form
	Things  *Things  // for ID: what it points at
}

// Things are what an ID may point at.
type Things struct {
	Name string // one for each table: "shop"
	// Read gives those of the ids or, when ids is nil, the ones a form offers, at most [MaxThings].
	Read func(ctx context.Context, db bun.IDB, ids []int64) ([]Thing, error)
}

// Thing is something an ID points at, and what people call it.
type Thing struct {
	ID   int64
	Name string
}

// MaxThings is how many things a form offers.
const MaxThings = 500

// Vocabulary is a set of kinds. It does not change once made, and may be used by many goroutines.
type Vocabulary struct {
	kinds []Kind
	index map[string]int
}

// NewVocabulary gives the kinds of this package and more. Two of one name are a mistake in the program.
func NewVocabulary(more ...Kind) (*Vocabulary, error) {
	v := &Vocabulary{kinds: inGroups(slices.Concat(builtin(), more)), index: map[string]int{}}
	for i, k := range v.kinds {
		if _, twice := v.index[k.Name]; twice || k.Name == "" || (k.Compile == nil) == (k.Tree == nil) || k.Sentence == nil {
			return nil, fmt.Errorf("segment: the kind of condition %q is incomplete or there twice", k.Name)
		}
		v.index[k.Name] = i
	}
	return v, nil
}

// inGroups brings the kinds of a group together, each in the place of its first.
func inGroups(kinds []Kind) []Kind {
	var groups []string
	for _, k := range kinds {
		if !slices.Contains(groups, k.Group) {
			groups = append(groups, k.Group)
		}
	}
	slices.SortStableFunc(kinds, func(a, b Kind) int { return slices.Index(groups, a.Group) - slices.Index(groups, b.Group) })
	return kinds
}

// Standard is the vocabulary of this package alone.
func Standard() *Vocabulary {
	v, err := NewVocabulary()
	if err != nil {
		panic(err) // our own table is wrong: every test fails
	}
	return v
}

func builtin() []Kind {
	return slices.Concat(
		grouped("orders", ordersKind(), boughtKind(), notBoughtKind(), spentKind(), averageKind(), itemsKind(),
			orderTimeKind("last_order", "last_order_at"), orderTimeKind("first_order", "first_order_at"), couponKind(), refundKind(), cartKind(),
			varietyKind(), discountedKind(), weekdayKind(), hourKind()),
		grouped("person", registeredKind(), consentKind(), countryKind(), cityKind(), languageKind(), knownKind(), shopKind()),
		grouped("outlook", stageKind(), groupKind(), rankKind(), nextOrderKind(), refillKind(), expectedOrdersKind(), expectedValueKind(), churnKind()),
		grouped("segment", segmentKind(), shareKind()),
	)
}

func grouped(group string, kinds ...Kind) []Kind {
	for i := range kinds {
		kinds[i].Group = group
	}
	return kinds
}

// Kinds lists the kinds in the order in which a person is offered them, group by group.
func (v *Vocabulary) Kinds() []Kind { return slices.Clone(v.kinds) }

// Kind finds one by name.
func (v *Vocabulary) Kind(name string) (Kind, bool) {
	i, ok := v.index[name]
	if !ok {
		return Kind{}, false
	}
	return v.kinds[i], true
}

func (v *Vocabulary) names() []string {
	names := make([]string, len(v.kinds))
	for i, k := range v.kinds {
		names[i] = k.Name
	}
	return names
}

// Choice gives the option that fills the slot, by the fields that c has: the first option all of whose fields are there,
// options with more fields before those with fewer.
func (k Kind) Choice(slot string, c *Condition) Option {
	var found Option
	for _, s := range k.Slots {
		if s.Name != slot {
			continue
		}
		for _, o := range s.Options {
			if o.filledBy(c.Values) && (found.Name == "" || len(o.Fields) > len(found.Fields)) {
				found = o
			}
		}
	}
	return found
}

func (o Option) filledBy(v Values) bool {
	for _, f := range o.Fields {
		if _, ok := v[f.Name]; !ok {
			return false
		}
	}
	return true
}

// fields lists the names a tree may write for the kind.
func (k Kind) fields() []string {
	seen := map[string]bool{}
	for _, s := range k.Slots {
		for _, o := range s.Options {
			for _, f := range o.Fields {
				seen[f.Name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

func (k Kind) field(name string) (Field, bool) {
	for _, s := range k.Slots {
		for _, o := range s.Options {
			for _, f := range o.Fields {
				if f.Name == name {
					return f, true
				}
			}
		}
	}
	return Field{}, false
}

// settle fills in what a slot's absence means and refuses slots that are filled twice or halfway.
func (k Kind) settle(v Values) *problem {
	for _, s := range k.Slots {
		if p := s.settle(v); p != nil {
			return p
		}
	}
	return nil
}

func (s Slot) settle(v Values) *problem {
	var given []string
	seen := map[string]bool{}
	for _, o := range s.Options {
		for _, f := range o.Fields {
			if _, ok := v[f.Name]; ok && !seen[f.Name] {
				given, seen[f.Name] = append(given, f.Name), true
			}
		}
	}
	if len(given) == 0 {
		return s.fallBack(v)
	}
	var partly *Option
	for _, o := range s.Options {
		has := 0
		for _, f := range o.Fields {
			if seen[f.Name] {
				has++
			}
		}
		if has == len(given) && has == len(o.Fields) {
			return nil
		}
		if has == len(given) {
			partly = &o
		}
	}
	if partly != nil {
		for _, f := range partly.Fields {
			if !seen[f.Name] {
				return wrong("missing", "%s also needs %q", given[0], f.Name).with("fields", f.Name)
			}
		}
	}
	return wrong("together", "%s cannot stand together: write one of them", list(given, "and")).with("fields", list(given, "and"))
}

func (s Slot) fallBack(v Values) *problem {
	var ways []string
	for _, o := range s.Options {
		if len(o.Fields) == 0 {
			return nil
		}
		if o.Default {
			for _, f := range o.Fields {
				v[f.Name] = f.Default
			}
			return nil
		}
		ways = append(ways, o.write())
	}
	return wrong("missing", "it needs %s", list(ways, "or")).with("fields", list(ways, "or"))
}

func (o Option) write() string {
	names := make([]string, len(o.Fields))
	for i, f := range o.Fields {
		names[i] = fmt.Sprintf("%q", f.Name)
	}
	return list(names, "and")
}
