package admin

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/store"
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

// rowOf finds the row of a condition that was made by tree.
func (d *draft) rowOf(c *segment.Condition) *ruleView {
	if d.is == c {
		return d.row
	}
	for _, child := range d.children {
		if row := child.rowOf(c); row != nil {
			return row
		}
	}
	return nil
}

// groupView and ruleView are what the template shows.
type groupView struct {
	Place   string
	Op      string
	Root    bool
	Nodes   []nodeView
	CanNest bool
}

type nodeView struct {
	And   string // the word before a group
	Rule  *ruleView
	Group *groupView
}

type ruleView struct {
	Place string
	Kind  string
	Kinds []choiceView
	Parts []partView
	Hits  string
	Bad   string
}

type choiceView struct {
	Value, Label string
	Chosen       bool
}

// partView is a word, a choice or a field between the words of a row. Control is "words", "select", "number", "text",
// "date", "chips" or "hidden".
type partView struct {
	Control            string
	Name, Label, Value string
	Text               string
	Min, Max           int64
	Choices            []choiceView
}

// builderChoices is what product and category fields offer.
type builderChoices struct {
	products, categories, topics []choiceView
	manyProducts                 bool
}

// builderChoices reads the first page of products; a shop with more types SKUs.
func (v *visit) builderChoices() (builderChoices, error) {
	var c builderChoices
	products, next, err := v.a.rooms.Catalog.List(v.ctx, catalog.ListFilter{ShopID: v.shop.ID, Limit: store.PageMax})
	if err != nil {
		return c, err
	}
	c.manyProducts = next != ""
	for _, p := range products {
		c.products = append(c.products, choiceView{Value: strconv.FormatInt(p.ID, 10), Label: p.Name})
	}
	categories, err := v.a.rooms.Catalog.Categories(v.ctx, v.shop.ID)
	if err != nil {
		return c, err
	}
	for _, one := range categories {
		c.categories = append(c.categories, choiceView{Value: strconv.FormatInt(one.ID, 10), Label: one.Path})
	}
	topics, err := v.a.rooms.Consents.Topics(v.ctx)
	if err != nil {
		return c, err
	}
	for _, one := range topics {
		c.topics = append(c.topics, choiceView{Value: one.Topic, Label: one.Name})
	}
	return c, nil
}

func (d *draft) view(v *visit, choices builderChoices, words *segment.Vocabulary, place string, depth int) *groupView {
	g := &groupView{Place: place, Op: d.op, Root: place == "0", CanNest: depth < maxDepth}
	for i, child := range d.children {
		at := place + "-" + strconv.Itoa(i)
		if child.kind != "" {
			child.row = child.rule(v, choices, words, at)
			g.Nodes = append(g.Nodes, nodeView{Rule: child.row})
			continue
		}
		n := nodeView{Group: child.view(v, choices, words, at, depth+1)}
		switch {
		case child.op == opNone && d.op == opAll:
			n.And = v.t("segments.but_not")
		case child.op == opNone:
			n.And = v.t("segments.or_not")
		case i > 0 && d.op == opAll:
			n.And = v.t("segments.and")
		case i > 0:
			n.And = v.t("segments.or")
		}
		g.Nodes = append(g.Nodes, n)
	}
	return g
}

func (d *draft) rule(v *visit, choices builderChoices, words *segment.Vocabulary, place string) *ruleView {
	kind, _ := words.Kind(d.kind)
	row := &ruleView{Place: place, Kind: kind.Name, Bad: d.bad}
	for _, k := range words.Kinds() {
		row.Kinds = append(row.Kinds, choiceView{k.Name, v.t("segments.kind." + k.Name), k.Name == kind.Name})
	}
	for _, slot := range kind.Slots {
		chosen := d.chosen(slot)
		if text := v.words("segments.before." + kind.Name + "." + chosen.Name); text != nil {
			row.Parts = append(row.Parts, *text)
		}
		if len(slot.Options) > 1 {
			part := partView{Control: "select", Name: "option." + place + "." + slot.Name, Label: v.t("segments.slot." + slot.Name)}
			for _, o := range slot.Options {
				part.Choices = append(part.Choices, choiceView{o.Name, v.t("segments.option." + o.Name), o.Name == chosen.Name})
			}
			row.Parts = append(row.Parts, part)
		}
		for i, f := range chosen.Fields {
			if i > 0 {
				row.Parts = append(row.Parts, partView{Control: "words", Text: v.t("segments.to")})
			}
			row.Parts = append(row.Parts, d.field(v, choices, place, f)...)
		}
		if text := v.words("segments.after."+kind.Name+"."+chosen.Name, "segments.after."+chosen.Name); text != nil {
			row.Parts = append(row.Parts, *text)
		}
	}
	return row
}

// words is what the first of the keys that the catalogue has says between the controls of a row, or nil.
func (v *visit) words(keys ...string) *partView {
	for _, key := range keys {
		if v.a.catalogue.Has(key) {
			return &partView{Control: "words", Text: v.t(key)}
		}
	}
	return nil
}

// field gives the controls of one field.
func (d *draft) field(v *visit, choices builderChoices, place string, f segment.Field) []partView {
	typed := d.text[f.Name]
	part := partView{Control: "text", Name: "field." + place + "." + f.Name, Label: v.t("segments.field." + f.Name), Value: first(typed), Min: f.Min, Max: f.Max}
	offer := func(all []choiceView) {
		part.Control = "select"
		part.Choices = append(part.Choices, choiceView{"", v.t("segments.choose"), part.Value == ""})
		for _, one := range all {
			one.Chosen = one.Value == part.Value
			part.Choices = append(part.Choices, one)
		}
		if part.Value != "" && !slices.ContainsFunc(part.Choices, func(c choiceView) bool { return c.Chosen }) {
			part.Choices = append(part.Choices, choiceView{part.Value, part.Value, true}) // of a file, or of another shop
		}
	}
	switch f.Type {
	case segment.Whole:
		part.Control = "number"
	case segment.Day:
		part.Control = "date"
	case segment.Span:
		part.Control = "number"
		upper := part
		upper.Value, upper.Label = "", v.t("segments.field.to")
		if len(typed) > 1 {
			upper.Value = typed[1]
		}
		return []partView{part, {Control: "words", Text: v.t("segments.to")}, upper}
	case segment.Flag:
		if f.Name == "never" { // says nothing beyond its option
			return []partView{{Control: "hidden", Name: part.Name, Value: "true"}}
		}
		part.Control = "select"
		for _, value := range []string{"true", "false"} {
			part.Choices = append(part.Choices, choiceView{value, v.t("segments.flag." + f.Name + "." + value), value == part.Value})
		}
	case segment.Word:
		if f.Name == "topic" {
			offer(choices.topics)
		}
		if len(f.Options) > 0 {
			part.Control = "select"
			for _, value := range f.Options {
				part.Choices = append(part.Choices, choiceView{value, v.t("segments.word." + value), value == part.Value})
			}
		}
	case segment.Words:
		part.Control = "chips"
		for _, value := range f.Options {
			part.Choices = append(part.Choices, choiceView{value, v.t("segment.stage." + value), slices.Contains(typed, value)})
		}
	case segment.Country:
		part.Value = strings.Join(typed, ", ")
	case segment.Product:
		if !choices.manyProducts {
			offer(choices.products)
		} else {
			part.Label = v.t("segments.field.sku")
		}
	case segment.Category:
		offer(choices.categories)
	}
	return []partView{part}
}
