package admin

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/module/segment"
)

// draft is a tree as it stands in the builder's form, where a condition may not be filled in yet. A node is a group, with
// op "all", "any" or "none", or a condition of a kind. A node's place is its numbers from the root: "0-2-1".
type draft struct {
	op       string
	children []*draft

	kind   string
	option map[string]string   // slot: option chosen
	text   map[string][]string // field: as typed
	bad    string              // what is wrong
	strict bool                // also an empty field is wrong, and not only not filled in yet

	is  *segment.Condition // what it became
	row *ruleView
}

const (
	opAll  = "all"
	opAny  = "any"
	opNone = "none"
)

// maxDepth is how deep the builder nests; a "but not" takes two levels of a tree.
const maxDepth = segment.MaxDepth / 2

// draftOf is the draft of a checked tree.
func draftOf(v *segment.Vocabulary, tree segment.Tree) *draft {
	d := nodeDraft(v, tree.Root)
	if d.op != opAll && d.op != opAny { // the root is a group that can be added to
		d = &draft{op: opAll, children: []*draft{d}}
	}
	return d
}

func nodeDraft(v *segment.Vocabulary, n segment.Node) *draft {
	group := func(op string, nodes []segment.Node) *draft {
		d := &draft{op: op}
		for _, child := range nodes {
			d.children = append(d.children, nodeDraft(v, child))
		}
		return d
	}
	switch {
	case n.Is != nil:
		kind, _ := v.Kind(n.Is.Kind)
		d := &draft{kind: kind.Name, option: map[string]string{}, text: map[string][]string{}}
		for _, slot := range kind.Slots {
			o := kind.Choice(slot.Name, n.Is)
			d.option[slot.Name] = o.Name
			for _, f := range o.Fields {
				d.text[f.Name] = fieldText(n.Is.Values[f.Name])
				if f.Type == segment.Texts {
					d.text[f.Name] = []string{segment.JoinTexts(n.Is.List(f.Name))}
				}
			}
		}
		return d
	case n.Not != nil && n.Not.Any != nil:
		return group(opNone, n.Not.Any)
	case n.Not != nil:
		return group(opNone, []segment.Node{*n.Not})
	case n.Any != nil:
		return group(opAny, n.Any)
	}
	return group(opAll, n.All)
}

// fieldText is a value as it stands in a form.
func fieldText(v any) []string {
	switch v := v.(type) {
	case int64:
		return []string{strconv.FormatInt(v, 10)}
	case bool:
		return []string{strconv.FormatBool(v)}
	case [2]int64:
		return []string{strconv.FormatInt(v[0], 10), strconv.FormatInt(v[1], 10)}
	case []string:
		return v
	case string:
		return []string{v}
	case decimal.Decimal:
		return []string{v.String()}
	case segment.Ref:
		return []string{v.String()}
	}
	return nil
}

// draftFrom reads a form. Its fields are named by the node's place: "op.0" and "kind.0-1" say what the node is,
// "option.0-1.when" what fills a slot, "field.0-1.days" what was typed, "was.0-1" the kind that the rest is of.
func draftFrom(forms func(name string) []string, v *segment.Vocabulary) *draft {
	left := segment.MaxConditions * 2
	var read func(place string, depth int) *draft
	read = func(place string, depth int) *draft {
		left--
		if kind := first(forms("kind." + place)); kind != "" {
			return readCondition(forms, v, place, kind)
		}
		d := &draft{op: first(forms("op." + place))}
		if !slices.Contains([]string{opAll, opAny, opNone}, d.op) {
			if place != "0" {
				return nil
			}
			d.op = opAll
		}
		for i := 0; left > 0 && depth <= segment.MaxDepth; i++ {
			child := read(place+"-"+strconv.Itoa(i), depth+1)
			if child == nil {
				break
			}
			d.children = append(d.children, child)
		}
		return d
	}
	return read("0", 1)
}

func readCondition(forms func(name string) []string, v *segment.Vocabulary, place, name string) *draft {
	kind, ok := v.Kind(name)
	if !ok {
		kind = v.Kinds()[0]
	}
	d := &draft{kind: kind.Name, option: map[string]string{}, text: map[string][]string{}}
	if first(forms("was."+place)) != kind.Name {
		return d // another kind was chosen: begin anew
	}
	for _, slot := range kind.Slots {
		d.option[slot.Name] = first(forms("option." + place + "." + slot.Name))
		for _, o := range slot.Options {
			for _, f := range o.Fields {
				if typed := forms("field." + place + "." + f.Name); typed != nil {
					d.text[f.Name] = typed
				}
			}
		}
	}
	return d
}

func first(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return strings.TrimSpace(all[0])
}

// apply does what a button says: "add:0" puts a condition at the end of group 0, "group:0" a group, "not:0" a "but not",
// "remove:0-1" takes a node out.
func (d *draft) apply(do string, v *segment.Vocabulary) {
	act, place, _ := strings.Cut(do, ":")
	path := strings.Split(place, "-")
	fresh := func() *draft {
		return &draft{kind: v.Kinds()[0].Name, option: map[string]string{}, text: map[string][]string{}}
	}
	at, parent, index := d, (*draft)(nil), 0
	for _, step := range path[1:] {
		i, err := strconv.Atoi(step)
		if err != nil || i < 0 || i >= len(at.children) {
			return // a button of a page that is no longer
		}
		at, parent, index = at.children[i], at, i
	}
	switch {
	case act == "remove" && parent != nil:
		parent.children = slices.Delete(parent.children, index, index+1)
	case at.op == "":
	case act == "add":
		at.children = append(at.children, fresh())
	case act == "group":
		at.children = append(at.children, &draft{op: opAny, children: []*draft{fresh()}})
	case act == "not":
		at.children = append(at.children, &draft{op: opNone, children: []*draft{fresh()}})
	}
}

// tree makes the tree. It is not whole when a condition is not filled in, which its row then says. Groups without
// conditions are left out.
func (d *draft) tree(v *visit, words *segment.Vocabulary) (segment.Tree, bool) {
	root, whole := d.node(v, words)
	if root == nil {
		return segment.Tree{Root: segment.All()}, whole
	}
	return segment.Tree{Root: *root}, whole
}

func (d *draft) node(v *visit, words *segment.Vocabulary) (*segment.Node, bool) {
	if d.kind != "" {
		return d.condition(v, words)
	}
	var nodes []segment.Node
	whole := true
	for _, child := range d.children {
		n, ok := child.node(v, words)
		whole = whole && ok
		if n != nil {
			nodes = append(nodes, *n)
		}
	}
	if len(nodes) == 0 {
		return nil, whole
	}
	group := segment.All(nodes...)
	switch d.op {
	case opAny:
		group = segment.Any(nodes...)
	case opNone:
		group = segment.Not(segment.Any(nodes...))
	}
	return &group, whole
}

func (d *draft) condition(v *visit, words *segment.Vocabulary) (*segment.Node, bool) {
	kind, _ := words.Kind(d.kind)
	values := segment.Values{}
	d.bad = ""
	unfilled := false
	for _, slot := range kind.Slots {
		o := d.chosen(slot)
		for _, f := range o.Fields {
			typed, there := d.text[f.Name]
			if !there {
				typed = v.fieldDefault(f)
				d.text[f.Name] = typed
			}
			value, err := f.FromText(typed...)
			switch {
			case err != nil && !d.strict && strings.Join(typed, "") == "":
				unfilled = true
				continue
			case err != nil:
				d.refuse(v, err)
				continue
			}
			values[f.Name] = value
		}
	}
	if unfilled || d.bad != "" {
		return nil, false
	}
	checked, err := words.Check(segment.Tree{Root: segment.Is(d.kind, values)})
	if err != nil {
		d.refuse(v, err)
		return nil, false
	}
	d.is = checked.Root.Is
	return &checked.Root, true
}

// insist makes what is not filled in yet a mistake, for a form that is meant to be ready.
func (d *draft) insist() {
	d.strict = true
	for _, child := range d.children {
		child.insist()
	}
}

// refuse keeps the first thing that is wrong with a condition.
func (d *draft) refuse(v *visit, err error) {
	var invalid *segment.InvalidError
	if d.bad == "" && errors.As(err, &invalid) {
		d.bad = v.t(invalid.Key, invalid.Args...)
	}
}

// chosen is the option that fills a slot: the one chosen, or the first.
func (d *draft) chosen(slot segment.Slot) segment.Option {
	for _, o := range slot.Options {
		if o.Name == d.option[slot.Name] {
			return o
		}
	}
	return slot.Options[0]
}

// fieldDefault is what a field holds before anybody typed.
func (v *visit) fieldDefault(f segment.Field) []string {
	switch {
	case f.Default != nil:
		return fieldText(f.Default)
	case f.Type == segment.Currency:
		return []string{v.shop.Currency}
	case f.Type == segment.Day:
		day := v.now().In(v.p.Zone())
		if f.Name != "to" {
			day = day.AddDate(0, -1, 0)
		}
		return []string{day.Format("2006-01-02")}
	}
	return nil
}
