package segment

import (
	"embed"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/money"
)

// Locales is the package's catalogue, English and Slovene, for [locale.Load].
//
//go:embed locales
var Locales embed.FS

// Names is what people call what a tree refers to. [Segments.Names] reads them; whatever is missing is shown as it stands
// in the tree.
type Names struct {
	Products, Categories map[int64]string
	Topics               map[string]string
	Things               map[string]map[int64]string // by the name of the [Things]
}

// Speaker says conditions in a language, for [Kind.Sentence].
type Speaker struct {
	printer *locale.Printer
	names   Names
}

// Sentence says a tree in plain words: "Everybody who has at least 2 orders in the last 90 days and never bought …".
// The tree is a checked one.
func (v *Vocabulary) Sentence(p *locale.Printer, tree Tree, names Names) string {
	s := &Speaker{p, names}
	if tree.Everybody() {
		return s.T("segment.sentence.everybody")
	}
	return s.T("segment.sentence.who", "what", v.say(s, tree.Root, 0))
}

// Clause says one condition, without "everybody who".
func (v *Vocabulary) Clause(p *locale.Printer, c *Condition, names Names) string {
	return v.say(&Speaker{p, names}, Node{Is: c}, 0)
}

func (v *Vocabulary) say(s *Speaker, n Node, depth int) string {
	switch {
	case n.Is != nil:
		kind, _ := v.Kind(n.Is.Kind)
		return kind.Sentence(s, n.Is)
	case n.Not != nil:
		return s.T("segment.sentence.not", "what", v.say(s, *n.Not, depth+1))
	}
	key, nodes := "segment.sentence.and", n.All
	if n.Any != nil {
		key, nodes = "segment.sentence.or", n.Any
	}
	if len(nodes) == 0 {
		return s.T("segment.sentence.anybody")
	}
	text := v.say(s, nodes[0], depth+1)
	for _, child := range nodes[1:] {
		text = s.T(key, "left", text, "right", v.say(s, child, depth+1))
	}
	if depth > 0 && len(nodes) > 1 {
		return "(" + text + ")"
	}
	return text
}

// T says a sentence of the catalogue.
func (s *Speaker) T(key string, args ...any) string { return s.printer.T(key, args...) }

// Money shows an amount of a currency, without its minor unit where that is zero.
func (s *Speaker) Money(amount decimal.Decimal, currency string) string {
	m := money.New(amount, currency)
	if amount.IsInteger() {
		return s.printer.MoneyRound(m)
	}
	return s.printer.Money(m)
}

// Topic is what people call a topic.
func (s *Speaker) Topic(topic string) string {
	if name := s.names.Topics[topic]; name != "" {
		return name
	}
	return topic
}

// When says a time frame with a blank before it, or nothing for "ever".
func (s *Speaker) When(c *Condition) string {
	if c.Has("days") {
		return " " + s.T("segment.when.days", "count", c.Int("days"))
	}
	if text := s.dates(c); text != "" {
		return " " + text
	}
	return ""
}

// Moment says when a single event was.
func (s *Speaker) Moment(c *Condition) string {
	switch {
	case c.Has("within"):
		return s.T("segment.when.days", "count", c.Int("within"))
	case c.Has("over"):
		return s.T("segment.when.over", "count", c.Int("over"))
	case c.Has("between"):
		from, to := c.Span("between")
		return s.T("segment.when.between", "from", from, "count", to)
	}
	return s.dates(c)
}

func (s *Speaker) dates(c *Condition) string {
	switch {
	case c.Has("before"):
		return s.T("segment.when.before", "date", s.day(c.Text("before")))
	case c.Has("from") && c.Has("to"):
		return s.T("segment.when.dates", "from", s.day(c.Text("from")), "to", s.day(c.Text("to")))
	case c.Has("from"):
		return s.T("segment.when.since", "date", s.day(c.Text("from")))
	}
	return ""
}

func (s *Speaker) day(text string) string {
	t, err := time.ParseInLocation(dayLayout, text, s.printer.Zone())
	if err != nil {
		return text
	}
	return s.printer.Date(t)
}

// what is the option that says what was bought.
func (s *Speaker) what(c *Condition) string {
	if c.Has("category") {
		return "category"
	}
	return "product"
}

// Name is what people call the product or the category that was bought.
func (s *Speaker) Name(c *Condition) string {
	names, r := s.names.Products, c.Ref("product")
	if c.Has("category") {
		names, r = s.names.Categories, c.Ref("category")
	}
	if name := names[r.ID]; r.ID != 0 && name != "" {
		return name
	}
	if r.ID != 0 {
		return "#" + strconv.FormatInt(r.ID, 10)
	}
	return r.Name
}

// Thing is what people call something that an ID points at.
func (s *Speaker) Thing(things string, id int64) string {
	if name := s.names.Things[things][id]; name != "" {
		return name
	}
	return "#" + strconv.FormatInt(id, 10)
}

// Number writes a number as the language does.
func (s *Speaker) Number(v any) string { return s.printer.Number(v) }

// or joins names: "a, b or c".
func (s *Speaker) or(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return s.T("segment.sentence.or_names", "left", strings.Join(names[:last], ", "), "right", names[last])
}
