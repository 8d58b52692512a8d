package sqlmap

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kupec/kupec/adapters"
)

// file is what a shop's developer wrote, understood but not yet compared with a database.
type file struct {
	platform, version string
	clock             *time.Location // what DATETIME columns are in; nil: the shop's zone
	shop              *section
	streams           map[string]*section
	tables            []string // all that it names
}

// section is one table and what is read of it.
type section struct {
	name       string // its path: "orders", "orders.lines"
	at         place
	from       from
	key        column
	of         column  // of what belongs to another section: the column with that one's key
	order      *column // of those: what they are sorted by
	fields     map[string]field
	changed    *changed
	feeds      []feed
	appendOnly bool
	recheck    int64
	parts      map[string]*section // what belongs to its rows
	single     bool                // of variants: the only one of a product is the product itself
	status     *status
	print      uint32 // of all that its rows depend on in the file
}

// field is a value, or for flags a list of tests.
type field struct {
	value expr
	tests []test
}

// changed is the column with the time of a row's last change.
type changed struct {
	column
	unix bool
}

// feed is a table that only grows, and names rows which changed.
type feed struct {
	from from
	key  column
	row  column
}

// status says how the shop's words for where an order stands become ours.
type status struct {
	word  expr
	rules []rule
	words map[string]adapters.Status
}

// rule gives a status to orders that pass its tests.
type rule struct {
	when []test
	is   adapters.Status
}

// kind is what a field holds.
type kind int

const (
	asText kind = iota
	asNumber
	asTime
	asKey  // another row's key: a whole number
	asKeys // several, separated by commas
	asFlag
)

// shape is what a section may say.
type shape struct {
	fields map[string]kind
	needs  []string // fields that it must have
	parts  []string
	belong bool // it belongs to another section
	follow bool // changes of it are followed
}

var address = map[string]kind{"line1": asText, "line2": asText, "city": asText, "postcode": asText, "region": asText, "country": asText}

var shapes = map[string]shape{
	"shop": {fields: map[string]kind{"name": asText, "url": asText, "currency": asText, "zone": asText, "locale": asText, "prices_with_tax": asFlag},
		needs: []string{"name", "url", "currency", "zone"}},
	"customers": {fields: with(address, map[string]kind{"email": asText, "first_name": asText, "last_name": asText, "company": asText, "phone": asText,
		"language": asText, "registered_at": asTime, "changed_at": asTime, "deleted": asFlag}), needs: []string{"email"}, follow: true},
	"products": {fields: map[string]kind{"sku": asText, "name": asText, "url": asText, "image": asText, "price": asNumber, "regular_price": asNumber,
		"stock": asText, "stock_quantity": asNumber, "visible": asFlag, "categories": asKeys, "created_at": asTime, "changed_at": asTime, "deleted": asFlag},
		needs: []string{"name"}, parts: []string{"variants", "categories"}, follow: true},
	"products.variants":   {fields: map[string]kind{"sku": asText, "name": asText, "price": asNumber, "regular_price": asNumber, "stock": asText, "stock_quantity": asNumber}, belong: true},
	"products.categories": {fields: map[string]kind{"category": asKey}, needs: []string{"category"}, belong: true},
	"categories":          {fields: map[string]kind{"parent": asKey, "name": asText, "url": asText}, needs: []string{"name"}},
	"orders": {fields: with(address, map[string]kind{"number": asText, "currency": asText, "total": asNumber, "tax": asNumber, "shipping": asNumber, "discount": asNumber,
		"customer": asKey, "email": asText, "first_name": asText, "last_name": asText, "company": asText, "phone": asText, "language": asText, "coupons": asText,
		"placed_at": asTime, "paid_at": asTime, "completed_at": asTime, "changed_at": asTime, "deleted": asFlag}),
		needs: []string{"total", "placed_at"}, parts: []string{"lines", "refunds"}, follow: true},
	"orders.lines": {fields: map[string]kind{"product": asKey, "variant": asKey, "sku": asText, "name": asText, "quantity": asNumber, "total": asNumber, "tax": asNumber},
		needs: []string{"name", "total"}, belong: true},
	"orders.refunds": {fields: map[string]kind{"amount": asNumber, "reason": asText, "refunded_at": asTime}, needs: []string{"amount"}, belong: true},
	"carts": {fields: map[string]kind{"customer": asKey, "email": asText, "phone": asText, "first_name": asText, "last_name": asText, "currency": asText,
		"created_at": asTime, "changed_at": asTime}, parts: []string{"lines"}, follow: true},
	"carts.lines": {fields: map[string]kind{"product": asKey, "variant": asKey, "quantity": asNumber, "total": asNumber}, needs: []string{"product"}, belong: true},
	"subscribers": {fields: map[string]kind{"email": asText, "customer": asKey, "first_name": asText, "last_name": asText, "consent": asText, "list": asText, "ip": asText,
		"at": asTime, "deleted": asFlag}, needs: []string{"email", "consent"}, follow: true},
}

func with(a, b map[string]kind) map[string]kind {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// streams are the sections that the contract reads page by page, or all at once.
var streams = []string{"customers", "products", "categories", "orders", "carts", "subscribers"}

// recheckDefault is how many of the newest rows are read again and again, for changes that no column tells: people change
// orders that are new, and any product.
var recheckDefault = map[string]int64{"orders": 1_000, "products": 1_000_000, "carts": 1_000, "customers": 1_000, "subscribers": 1_000}

// parse understands a file, or says all that is wrong with it.
func parse(text []byte, fileName string) (*file, error) {
	p := &parser{problems: problems{file: fileName}}
	f := &file{streams: map[string]*section{}}
	root, ok := p.document(text)
	if !ok {
		return nil, p.err()
	}
	parts := p.mapping(root, append([]string{"kupec", "platform", "version", "clock", "shop"}, streams...)...)
	if form, ok := parts["kupec"]; !ok || p.word(form) != "1" {
		p.add(root.place(), "The first line says by which form the file is written: kupec: 1.")
	}
	for _, needed := range []string{"platform", "version", "shop", "orders"} {
		if _, ok := parts[needed]; !ok {
			p.add(root.place(), "The key "+needed+" is missing.")
		}
	}
	if n, ok := parts["platform"]; ok {
		f.platform = p.word(n)
	}
	if n, ok := parts["version"]; ok {
		f.version = p.word(n)
	}
	if n, ok := parts["clock"]; ok {
		f.clock = p.zone(n)
	}
	if n, ok := parts["shop"]; ok {
		f.shop = p.section(n, "shop")
	}
	for _, stream := range streams {
		if n, ok := parts[stream]; ok {
			f.streams[stream] = p.section(n, stream)
			f.streams[stream].print = fingerprint(n.Node, parts["shop"].Node, parts["clock"].Node)
		}
	}
	f.tables = p.tables
	return f, p.err()
}

// section reads a table and what is said of it.
func (p *parser) section(n node, path string) *section {
	shape := shapes[path]
	known := append([]string{"table", "key", "joins", "where", "fields"}, shape.parts...)
	if shape.belong {
		known = append(known, "of", "order")
	}
	if shape.follow {
		known = append(known, "changed", "feeds", "append_only", "recheck")
	}
	switch path {
	case "orders":
		known = append(known, "status")
	case "products.variants":
		known = append(known, "single")
	}
	parts := p.mapping(n, known...)
	sec := &section{name: path, at: n.place(), fields: map[string]field{}, parts: map[string]*section{}, recheck: recheckDefault[path]}
	scope := &scope{}
	_, tabled := parts["table"]
	if tabled || path != "shop" { // the shop's own settings may all be fixed texts
		sec.from, scope = p.from(parts, nil, n)
	}
	if key, ok := parts["key"]; ok {
		sec.key = p.own(key, scope)
	} else if tabled && path != "products.categories" {
		p.add(n.place(), "The key called key is missing: it names the column by which rows are told apart.")
	}
	p.belongs(sec, n, parts, scope)
	p.following(sec, parts, scope)
	p.fields(sec, n, parts, scope)
	for _, part := range shape.parts {
		if child, ok := parts[part]; ok {
			sec.parts[part] = p.section(child, path+"."+part)
		}
	}
	if path == "orders" {
		p.statusOf(sec, n, parts, scope)
	}
	return sec
}

func (p *parser) belongs(sec *section, n node, parts map[string]node, s *scope) {
	if of, ok := parts["of"]; ok {
		sec.of = p.own(of, s)
	} else if shapes[sec.name].belong {
		p.add(n.place(), "The key of is missing: it names the column that says what a row belongs to.")
	}
	if order, ok := parts["order"]; ok {
		c := p.own(order, s)
		sec.order = &c
	}
	if single, ok := parts["single"]; ok {
		sec.single = p.yes(single)
	}
}

// mostFeeds is how many tables can tell of the changes of one.
const mostFeeds = 3

func (p *parser) following(sec *section, parts map[string]node, s *scope) {
	if n, ok := parts["changed"]; ok {
		c := changed{}
		if hasKey(n, "unix") {
			if unix, ok := p.mapping(n, "unix")["unix"]; ok {
				c = changed{p.own(unix, s), true}
			}
		} else {
			c = changed{p.own(n, s), false}
		}
		sec.changed = &c
	}
	if n, ok := parts["append_only"]; ok {
		sec.appendOnly = p.yes(n)
	}
	if n, ok := parts["recheck"]; ok {
		sec.recheck = p.number(n, 0, 1_000_000)
	}
	n, ok := parts["feeds"]
	if !ok {
		return
	}
	for _, item := range p.items(n) {
		sec.feeds = append(sec.feeds, p.feed(item))
	}
	if len(sec.feeds) > mostFeeds {
		p.add(n.place(), fmt.Sprintf("There can be %d feeds.", mostFeeds))
	}
}

func (p *parser) feed(n node) feed {
	parts := p.mapping(n, "table", "key", "row", "where")
	var f feed
	var s *scope
	f.from, s = p.from(parts, nil, n)
	for _, key := range []struct {
		name string
		into *column
	}{{"key", &f.key}, {"row", &f.row}} {
		if c, ok := parts[key.name]; ok {
			*key.into = p.own(c, s)
		} else {
			p.add(n.place(), "The key called "+key.name+" is missing.")
		}
	}
	return f
}

func (p *parser) fields(sec *section, n node, parts map[string]node, s *scope) {
	shape := shapes[sec.name]
	known := slices.Sorted(maps.Keys(shape.fields))
	given := map[string]node{}
	if fields, ok := parts["fields"]; ok {
		given = p.mapping(fields, known...)
	} else if len(shape.needs) > 0 {
		p.add(n.place(), "The key fields is missing.")
		return
	}
	for _, name := range known {
		value, ok := given[name]
		switch {
		case !ok && slices.Contains(shape.needs, name):
			p.add(parts["fields"].place(), "The field "+name+" is missing.")
		case !ok:
		case shape.fields[name] == asFlag:
			sec.fields[name] = field{tests: p.tests(value, s, 0)}
		default:
			sec.fields[name] = field{value: p.expr(value, s, 0)}
		}
	}
}

func (p *parser) statusOf(sec *section, n node, parts map[string]node, s *scope) {
	given, ok := parts["status"]
	if !ok {
		p.add(n.place(), "The key status is missing: it says what the shop's words for where an order stands mean.")
		return
	}
	st := &status{words: map[string]adapters.Status{}}
	sec.status = st
	of := p.mapping(given, "word", "rules", "words")
	if word, ok := of["word"]; ok {
		st.word = p.expr(word, s, 0)
	} else {
		p.add(given.place(), "The key word is missing: it names the column with the shop's own word.")
	}
	if words, ok := of["words"]; ok {
		for _, e := range p.entries(words) {
			st.words[fold(e.key.Value)] = p.ourStatus(e.value)
		}
	}
	if rules, ok := of["rules"]; ok {
		for _, item := range p.items(rules) {
			st.rules = append(st.rules, p.rule(item, s))
		}
	}
}

func (p *parser) rule(n node, s *scope) rule {
	parts := p.mapping(n, "when", "is")
	var r rule
	if when, ok := parts["when"]; ok {
		r.when = p.tests(when, s, 0)
	} else {
		p.add(n.place(), "The key when is missing.")
	}
	if is, ok := parts["is"]; ok {
		r.is = p.ourStatus(is)
	} else {
		p.add(n.place(), "The key is is missing: it names the status.")
	}
	return r
}

func (p *parser) ourStatus(n node) adapters.Status {
	s := adapters.Status(p.word(n))
	if !slices.Contains(adapters.Statuses, s) {
		names := make([]string, len(adapters.Statuses))
		for i, known := range adapters.Statuses {
			names[i] = string(known)
		}
		p.add(n.place(), "A status is one of "+strings.Join(names, ", ")+".", nearest(string(s), names)...)
	}
	return s
}
