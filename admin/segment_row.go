package admin

import (
	"slices"
	"strconv"
	"strings"

	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/store"
)

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
	Kinds []kindsView
	Parts []partView
	Hits  string
	Bad   string
}

// kindsView is kinds of conditions that are offered together.
type kindsView struct {
	Label string
	Kinds []choiceView
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
	things                       map[string][]choiceView // by what they are
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
	offers, err := v.a.rooms.Segments.Offers(v.ctx)
	if err != nil {
		return c, err
	}
	c.things = map[string][]choiceView{}
	for name, list := range offers {
		for _, one := range list {
			c.things[name] = append(c.things[name], choiceView{Value: strconv.FormatInt(one.ID, 10), Label: one.Name})
		}
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
		if label := v.t("segments.kinds." + k.Group); len(row.Kinds) == 0 || row.Kinds[len(row.Kinds)-1].Label != label {
			row.Kinds = append(row.Kinds, kindsView{Label: label})
		}
		last := &row.Kinds[len(row.Kinds)-1]
		last.Kinds = append(last.Kinds, choiceView{k.Name, v.t("segments.kind." + k.Name), k.Name == kind.Name})
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
			part.Choices = append(part.Choices, choiceView{value, v.t("segment." + d.kind + "." + value), slices.Contains(typed, value)})
		}
	case segment.Country, segment.Language:
		part.Value = strings.Join(typed, ", ")
	case segment.ID:
		offer(choices.things[f.Things.Name])
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
