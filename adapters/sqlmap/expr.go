package sqlmap

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// expr is how a field's value is had from a row. Only columns and lookups reach the database; all else is worked out here,
// from what these hold.
type expr interface {
	// plan looks its columns up in the shop's tables, and gives what works the value out.
	plan(q *query, as kind) evaluate
}

type (
	columnExpr struct{ column }
	// textExpr is a fixed text.
	textExpr struct{ text string }
	// firstExpr is the first that is there.
	firstExpr []expr
	// concatExpr is all that is there, one behind the other.
	concatExpr struct {
		parts []expr
		with  string
		all   bool // or nothing, where one is not there
	}
	// minorExpr is an amount kept in cents.
	minorExpr struct {
		of     expr
		digits int32
	}
	// unixExpr is a time in seconds since 1970.
	unixExpr struct{ of expr }
	// timeExpr is a time in another zone than the shop's.
	timeExpr struct {
		of   expr
		zone *time.Location
	}
	// mapExpr is a word for a word.
	mapExpr struct {
		of    expr
		to    map[string]string
		other expr // of words that are not listed; nil: nothing
	}
	// blankExpr is nothing where the value is one of some words.
	blankExpr struct {
		of    expr
		words []string
	}
	// sumExpr adds, subtracts or multiplies.
	sumExpr struct {
		operator string
		of       []expr
	}
	// whenExpr is one or the other, depending on the row.
	whenExpr struct {
		when        []test
		then, other expr // other may be nil: nothing
	}
	// lookupExpr is one value of those rows of another table that belong to the row.
	lookupExpr struct {
		function string
		of       []column // multiplied with each other
		from     from
		on       []pair
		by       column // of earliest and latest: by what
		at       place
	}
)

// test is a question to a row.
type test struct {
	value   expr
	is, not []string
	null    *bool
	flag    bool // none of these: whether the value is something other than 0
	at      place
}

// operators are the words that a mapping which is a value has one of, each with the words that may stand beside it.
var operators = map[string][]string{
	"text": nil, "first": nil, "concat": {"with", "all"}, "minor": {"digits"}, "unix": nil, "time": {"zone"}, "map": {"to", "else"}, "blank": {"if"},
	"add": nil, "subtract": nil, "times": nil, "when": {"then", "else"},
	"sum": lookupKeys, "min": lookupKeys, "max": lookupKeys, "count": lookupKeys, "earliest": sortedKeys, "latest": sortedKeys,
}

var (
	lookupKeys = []string{"table", "joins", "of", "where"}
	sortedKeys = []string{"table", "joins", "of", "where", "by"}
)

// mostNested is how deep values stand in values.
const mostNested = 8

// expr reads a value: a column's name, or a mapping with an operator.
func (p *parser) expr(n node, s *scope, depth int) expr {
	if depth > mostNested {
		p.add(n.place(), fmt.Sprintf("Values stand in values more than %d deep.", mostNested))
		return nil
	}
	switch n.Kind {
	case yaml.ScalarNode:
		return &columnExpr{p.column(n, s)}
	case yaml.MappingNode:
	default:
		p.add(n.place(), "Here stands one value: a column, or a mapping such as {first: [a, b]}.")
		return nil
	}
	operator := ""
	var keys []string
	for i := 0; i+1 < len(n.Content); i += 2 {
		keys = append(keys, n.Content[i].Value)
		if _, known := operators[n.Content[i].Value]; known && operator == "" {
			operator = n.Content[i].Value
		}
	}
	if operator == "" {
		all := slices.Sorted(maps.Keys(operators))
		near := all
		if len(keys) > 0 {
			near = nearest(keys[0], all)
		}
		p.add(n.place(), "A value that is no column has one of the words "+strings.Join(all, ", ")+".", near...)
		return nil
	}
	parts := p.mapping(n, append([]string{operator}, operators[operator]...)...)
	of, ok := parts[operator]
	if !ok {
		return nil
	}
	return p.operator(operator, n, of, parts, s, depth+1)
}

func (p *parser) operator(operator string, n, of node, parts map[string]node, s *scope, depth int) expr {
	optional := func(key string) expr {
		if part, ok := parts[key]; ok {
			return p.expr(part, s, depth)
		}
		return nil
	}
	part := func(key string) node {
		if part, ok := parts[key]; ok {
			return part
		}
		p.add(n.place(), fmt.Sprintf("The key %s is missing beside %s.", key, operator))
		return node{&yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"}, n.path}
	}
	switch operator {
	case "text":
		return &textExpr{p.word(of)}
	case "first":
		e := firstExpr(p.exprs(of, s, depth))
		return &e
	case "concat":
		e := &concatExpr{parts: p.exprs(of, s, depth)}
		if with, ok := parts["with"]; ok {
			e.with = p.word(with)
		}
		if all, ok := parts["all"]; ok {
			e.all = p.yes(all)
		}
		return e
	case "minor":
		e := &minorExpr{of: p.expr(of, s, depth), digits: 2}
		if digits, ok := parts["digits"]; ok {
			e.digits = int32(p.number(digits, 0, 8))
		}
		return e
	case "unix":
		return &unixExpr{p.expr(of, s, depth)}
	case "time":
		return &timeExpr{p.expr(of, s, depth), p.zone(part("zone"))}
	case "map":
		e := &mapExpr{of: p.expr(of, s, depth), to: map[string]string{}, other: optional("else")}
		for _, entry := range p.entries(part("to")) {
			e.to[fold(entry.key.Value)] = p.word(entry.value)
		}
		return e
	case "blank":
		return &blankExpr{p.expr(of, s, depth), p.words(part("if"))}
	case "add", "subtract", "times":
		e := &sumExpr{operator, p.exprs(of, s, depth)}
		if operator == "subtract" && len(e.of) != 2 {
			p.add(of.place(), "Subtract takes two values: the second is taken from the first.")
		}
		return e
	case "when":
		if _, ok := parts["then"]; !ok {
			part("then")
		}
		return &whenExpr{p.tests(of, s, depth), optional("then"), optional("else")}
	}
	return p.lookup(operator, n, of, parts, s, depth)
}

func (p *parser) exprs(n node, s *scope, depth int) []expr {
	var list []expr
	for _, item := range p.items(n) {
		list = append(list, p.expr(item, s, depth))
	}
	return list
}

// zone reads an IANA name.
func (p *parser) zone(n node) *time.Location {
	text := p.word(n)
	zone, err := time.LoadLocation(text)
	if err != nil || text == "" || text == "Local" {
		p.add(n.place(), "Here stands the name of a time zone: UTC, Europe/Ljubljana.")
		return time.UTC
	}
	return zone
}

// lookup reads {sum: a.amount, table: adjustment a, of: {a.order_id: o.id}, where: […]}.
func (p *parser) lookup(function string, n, of node, parts map[string]node, s *scope, depth int) expr {
	for outer, nested := s, 0; outer != nil; outer = outer.outer {
		if nested++; nested > 2 {
			p.add(n.place(), "A lookup within a lookup within a lookup is too much for one statement.")
			return nil
		}
	}
	e := &lookupExpr{function: function, at: n.place()}
	var inner *scope
	e.from, inner = p.from(parts, s, n)
	if on, ok := parts["of"]; ok {
		e.on = p.pairs(on, inner, e.from.alias)
	}
	if len(e.on) == 0 {
		p.add(n.place(), fmt.Sprintf("The key of is missing: it says which rows of %s belong to a row, as {a.order_id: o.id}.", e.from.name))
	}
	if function == "earliest" || function == "latest" {
		if by, ok := parts["by"]; ok {
			e.by = p.column(by, inner)
		} else {
			p.add(n.place(), "The key by is missing: it names the column by which a row is the "+function+" one.")
		}
	}
	if of.Kind == yaml.MappingNode {
		if times, ok := p.mapping(of, "times")["times"]; ok {
			for _, item := range p.items(times) {
				e.of = append(e.of, p.column(item, inner))
			}
		}
		return e
	}
	e.of = []column{p.column(of, inner)}
	return e
}

// tests reads one test or a list of them, which must all hold.
func (p *parser) tests(n node, s *scope, depth int) []test {
	var list []test
	for _, item := range p.items(n) {
		list = append(list, p.test(item, s, depth))
	}
	return list
}

// test reads {value: o.state, is: [new, paid]}, or a value alone, which must not be 0.
func (p *parser) test(n node, s *scope, depth int) test {
	t := test{at: n.place()}
	if !hasKey(n, "value") {
		t.value, t.flag = p.expr(n, s, depth+1), true
		return t
	}
	parts := p.mapping(n, "value", "is", "not", "null")
	if value, ok := parts["value"]; ok {
		t.value = p.expr(value, s, depth+1)
	}
	if is, ok := parts["is"]; ok {
		t.is = p.words(is)
	}
	if not, ok := parts["not"]; ok {
		t.not = p.words(not)
	}
	if null, ok := parts["null"]; ok {
		yes := p.yes(null)
		t.null = &yes
	}
	t.flag = t.is == nil && t.not == nil && t.null == nil
	return t
}

func hasKey(n node, key string) bool {
	if n.Kind != yaml.MappingNode {
		return false
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return true
		}
	}
	return false
}

// fold makes words comparable: capitals and spaces around do not count, as they do not to most shops' databases.
func fold(word string) string { return strings.ToLower(strings.TrimSpace(word)) }
