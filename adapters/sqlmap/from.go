package sqlmap

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// column is one of a table that the file names.
type column struct {
	alias, table, name string
	at                 place
}

// table is one of the shop's, with the word that stands for it.
type table struct {
	name, alias string
	at          place
}

// from is where rows come from: a table, others that go with each of its rows, and which rows count.
type from struct {
	table
	joins []join
	where []test
}

// join is a table of which one row goes with each row.
type join struct {
	table
	on   []pair
	left bool // rows without one count too
}

// pair is a column of the table that is joined, and what it must be equal to: a column, or a text.
type pair struct {
	column column
	with   column
	text   string
	fixed  bool // it is the text
}

// scope is the aliases that may stand before a column's name.
type scope struct {
	main   string
	tables map[string]table
	outer  *scope
}

func (s *scope) find(alias string) (table, bool) {
	for ; s != nil; s = s.outer {
		if t, ok := s.tables[alias]; ok {
			return t, true
		}
	}
	return table{}, false
}

func (s *scope) aliases() (names []string) {
	for ; s != nil; s = s.outer {
		names = append(names, slices.Collect(maps.Keys(s.tables))...)
	}
	slices.Sort(names)
	return names
}

// name is what tables and columns may be called. Servers allow more; nobody's shop does, and in it nothing can be hidden.
var name = regexp.MustCompile(`^[\pL\pN_$-]{1,64}$`)

// table reads "shop_order o", or "shop_order", which is its own alias.
func (p *parser) table(n node, s *scope) table {
	words := strings.Fields(p.word(n))
	t := table{at: n.place()}
	switch {
	case len(words) == 1:
		t.name, t.alias = words[0], words[0]
	case len(words) == 2:
		t.name, t.alias = words[0], words[1]
	default:
		p.add(t.at, "Here stands a table and, if wanted, a short word for it: shop_order o.")
		return t
	}
	for _, word := range words {
		if !name.MatchString(word) {
			p.add(t.at, fmt.Sprintf("%q is not a name: letters, digits, _, $ and - make one.", word))
			return t
		}
	}
	if other, taken := s.find(t.alias); taken {
		p.add(t.at, fmt.Sprintf("The word %s already stands for the table %s; choose another for this one.", t.alias, other.name))
		return t
	}
	s.tables[t.alias] = t
	p.tables = append(p.tables, t.name)
	return t
}

// column reads "o.total", or "total" of the scope's main table.
func (p *parser) column(n node, s *scope) column {
	c := column{at: n.place()}
	text := p.word(n)
	alias, word, dotted := strings.Cut(text, ".")
	if !dotted {
		alias, word = s.main, text
	}
	if !name.MatchString(word) {
		if n.Kind == yaml.ScalarNode {
			p.add(c.at, `Here stands a column: total, or o.total. A fixed text is written {text: "EUR"}.`)
		}
		return c
	}
	t, known := s.find(alias)
	if !known {
		p.add(c.at, fmt.Sprintf("No table goes by the word %s here.", alias), nearest(alias, s.aliases())...)
		return c
	}
	c.alias, c.table, c.name = alias, t.name, word
	return c
}

// own reads a column that must be one of the scope's main table.
func (p *parser) own(n node, s *scope) column {
	c := p.column(n, s)
	if c.name != "" && c.alias != s.main {
		p.add(c.at, fmt.Sprintf("This must be a column of the table itself, %s.", s.tables[s.main].name))
	}
	return c
}

// from reads table, joins and where of a mapping.
func (p *parser) from(parts map[string]node, outer *scope, owner node) (from, *scope) {
	s := &scope{tables: map[string]table{}, outer: outer}
	var f from
	if n, ok := parts["table"]; ok {
		f.table = p.table(n, s)
		s.main = f.alias
	} else {
		p.add(owner.place(), "The key table is missing: it says where the rows are.")
	}
	if n, ok := parts["joins"]; ok {
		for _, item := range p.items(n) {
			f.joins = append(f.joins, p.join(item, s))
		}
	}
	if n, ok := parts["where"]; ok {
		f.where = p.conditions(n, s, f)
	}
	return f, s
}

func (p *parser) join(n node, s *scope) join {
	parts := p.mapping(n, "table", "on", "left")
	var j join
	if t, ok := parts["table"]; ok {
		j.table = p.table(t, s)
	} else {
		p.add(n.place(), "The key table is missing: it says what is joined.")
	}
	if on, ok := parts["on"]; ok {
		j.on = p.pairs(on, s, j.alias)
	} else {
		p.add(n.place(), "The key on is missing: it says which row goes with which, as {a.id: o.address_id}.")
	}
	if left, ok := parts["left"]; ok {
		j.left = p.yes(left)
	}
	return j
}

// pairs reads {a.id: o.address_id, a.kind: {text: billing}}: columns of one table, and what they are equal to.
func (p *parser) pairs(n node, s *scope, alias string) []pair {
	var list []pair
	for _, e := range p.entries(n) {
		one := pair{column: p.column(e.key, s)}
		if one.column.name != "" && one.column.alias != alias {
			p.add(one.column.at, fmt.Sprintf("On the left stands a column of the table itself: %s.%s?", alias, one.column.name))
		}
		if e.value.Kind == yaml.MappingNode {
			if text, ok := p.mapping(e.value, "text")["text"]; ok {
				one.text, one.fixed = p.word(text), true
			}
		} else {
			one.with = p.column(e.value, s)
		}
		list = append(list, one)
	}
	return list
}

// conditions reads what rows must be. The server looks at it, so it compares columns and lookups with words.
func (p *parser) conditions(n node, s *scope, f from) []test {
	list := p.tests(n, s, 0)
	for _, t := range list {
		switch e := t.value.(type) {
		case *columnExpr:
			if slices.ContainsFunc(f.joins, func(j join) bool { return j.left && j.alias == e.alias }) {
				p.add(t.at, "A row of a left join may be missing; ask for a column of the table itself, or take left away.")
			}
		case *lookupExpr, nil:
		default:
			p.add(t.at, "Where compares a column, or a lookup such as a count, with words.")
		}
		if t.flag {
			p.add(t.at, "Where needs is, not or null: {value: o.active, is: 1}.")
		}
	}
	return list
}
