package sqlmap

import (
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters/foreign"
)

// query is a statement in the making: which columns are asked for, by the names that tables have in it. What the database
// does not have becomes a problem.
type query struct {
	problems *problems
	live     *schema
	names    map[string]string // of tables, by the file's word for them
	slots    *[]string         // what is asked for
	zone     *time.Location    // of times; nil: the shop's
}

// row is one that was read.
type row struct {
	texts []sql.NullString
	zone  *time.Location // the shop's
	check *foreign.Check
	field string // that is worked out, for errors
}

// value is what a field has; no text is no value.
type value struct {
	text string
	at   time.Time // where a time is wanted
}

type evaluate func(r *row) value

// section makes a query whose main table has a name of its own.
func newQuery(p *problems, live *schema, main from, as string) *query {
	q := &query{problems: p, live: live, names: map[string]string{main.alias: as}, slots: new([]string)}
	q.join(main)
	return q
}

// join names the joined tables. The x keeps them apart from t, c and f, which are main tables.
func (q *query) join(f from) {
	for _, j := range f.joins {
		q.names[j.alias] = quoted("x_" + j.alias)
	}
}

// quoted puts a name in back quotes. Names have none themselves: see the pattern that they are held to.
func quoted(name string) string { return "`" + name + "`" }

// slot asks for something, and says where its text is in the row.
func (q *query) slot(sql string) int {
	if i := slices.Index(*q.slots, sql); i >= 0 {
		return i
	}
	*q.slots = append(*q.slots, sql)
	return len(*q.slots) - 1
}

// table finds one in the database.
func (q *query) table(t table) (*liveTable, bool) {
	live, ok := q.live.tables[t.name]
	if !ok {
		e := q.problems.add(t.at, fmt.Sprintf("In the database %s the user can see no table %s: check the name, and that the user may SELECT it.", q.live.database, t.name),
			nearest(t.name, q.live.all)...)
		e.missing = "table " + t.name
	}
	return live, ok
}

// find finds a column in the database. A table that is not there is told of where the file names it.
func (q *query) find(c column) (liveColumn, bool) {
	t, ok := q.live.tables[c.table]
	if !ok {
		return liveColumn{}, false
	}
	found, ok := t.column(c.name)
	if !ok {
		names := make([]string, len(t.columns))
		for i, other := range t.columns {
			names[i] = other.name
		}
		e := q.problems.add(c.at, fmt.Sprintf("Table %s has no column %s.", c.table, c.name), nearest(c.name, names)...)
		e.missing = "column " + c.name + " of table " + c.table
	}
	return found, ok
}

// fit finds a column that can be what it is used as.
func (q *query) fit(c column, as kind) (liveColumn, bool) {
	found, ok := q.find(c)
	if !ok {
		return found, false
	}
	if problem, missing := found.unfit(as); problem != "" {
		q.problems.add(c.at, problem).missing = missing + " in column " + c.name + " of table " + c.table
		return found, false
	}
	return found, true
}

// sql is a column as statements name it.
func (q *query) sql(c column) string { return q.names[c.alias] + "." + quoted(c.name) }

// text is a column as statements ask for it: bits are bytes to the driver.
func (q *query) text(c column, found liveColumn) string {
	if found.kind == "bit" {
		return q.sql(c) + "+0"
	}
	return q.sql(c)
}

var digits = regexp.MustCompile(`^-?[0-9]{1,18}$`)

// literal is a text of the file in a statement: digits, or hexadecimal ones, so that it can end nothing and begin nothing.
func literal(text string) string {
	if digits.MatchString(text) {
		return "'" + text + "'"
	}
	if text == "" {
		return "''"
	}
	return "_utf8mb4 x'" + hex.EncodeToString([]byte(strings.ToValidUTF8(text, ""))) + "'"
}

// tables writes the FROM clause. Of a joined table there is one row at most, but in a lookup, which makes one of many.
func (q *query) tables(f from, many bool) string {
	var b strings.Builder
	q.table(f.table)
	b.WriteString(quoted(f.name) + " " + q.names[f.alias])
	for _, j := range f.joins {
		if j.left {
			b.WriteString(" LEFT")
		}
		b.WriteString(" JOIN " + quoted(j.name) + " " + q.names[j.alias] + " ON " + q.equal(j.on))
		live, ok := q.table(j.table)
		columns := columnsOf(j.on)
		switch {
		case !ok:
		case many:
			q.needIndex(j.at, live, j.table, columns)
		case !live.unique(columns):
			q.problems.add(j.at, fmt.Sprintf("Several rows of %s may go with one row: no unique index of it is on %s alone. Use a lookup, such as {latest: …}, with this table instead of a join.",
				j.name, strings.Join(columns, ", "))).missing = "a unique index on " + strings.Join(columns, ", ") + " of table " + j.name
		}
	}
	return b.String()
}

// needIndex is a problem where rows could only be found by reading the whole table.
func (q *query) needIndex(at place, live *liveTable, t table, columns []string) {
	if !live.indexed(columns) {
		names := strings.Join(columns, " or ")
		q.problems.add(at, fmt.Sprintf("No index of table %s begins with %s, so that the database would read the whole table again and again.", t.name, names)).missing =
			"an index on " + names + " of table " + t.name
	}
}

func columnsOf(on []pair) []string {
	columns := make([]string, len(on))
	for i, one := range on {
		columns[i] = one.column.name
	}
	return columns
}

// equal writes a condition that all pairs are equal.
func (q *query) equal(on []pair) string {
	list := make([]string, len(on))
	for i, one := range on {
		q.find(one.column)
		right := literal(one.text)
		if !one.fixed {
			q.find(one.with)
			right = q.sql(one.with)
		}
		list[i] = q.sql(one.column) + " = " + right
	}
	return strings.Join(list, " AND ")
}

// where writes the conditions of a FROM clause; TRUE where there are none.
func (q *query) where(tests []test) string {
	list := make([]string, 0, len(tests))
	for _, t := range tests {
		list = append(list, q.condition(t))
	}
	if len(list) == 0 {
		return "TRUE"
	}
	return strings.Join(list, " AND ")
}

func (q *query) condition(t test) string {
	var left string
	never := false // it is never NULL
	switch e := t.value.(type) {
	case *columnExpr:
		found, _ := q.find(e.column)
		left, never = q.text(e.column, found), !found.nullable
	case *lookupExpr:
		left, _ = e.sql(q)
		never = e.function == "sum" || e.function == "count"
	}
	var list []string
	words := func(words []string) string {
		literals := make([]string, len(words))
		for i, w := range words {
			literals[i] = literal(w)
		}
		return " IN (" + strings.Join(literals, ",") + ")"
	}
	if t.is != nil {
		list = append(list, left+words(t.is))
	}
	switch {
	case t.not != nil && never:
		list = append(list, left+" NOT"+words(t.not))
	case t.not != nil: // what is NULL is not one of the words either
		list = append(list, "("+left+" IS NULL OR "+left+" NOT"+words(t.not)+")")
	}
	switch {
	case t.null == nil:
	case *t.null:
		list = append(list, left+" IS NULL")
	default:
		list = append(list, left+" IS NOT NULL")
	}
	return strings.Join(list, " AND ")
}

// own writes the conditions of a FROM clause as one on its main table alone. Joined tables are counted in a statement of
// their own, which no server makes a join of: the main table is to be walked by its key.
func (q *query) own(f from) string {
	inner := slices.DeleteFunc(slices.Clone(f.joins), func(j join) bool { return j.left })
	joined := func(t test) bool {
		e, ok := t.value.(*columnExpr)
		return ok && e.alias != f.alias
	}
	var list []string
	if direct := slices.DeleteFunc(slices.Clone(f.where), joined); len(direct) > 0 {
		list = append(list, q.where(direct))
	}
	if len(inner) > 0 {
		var tables, on []string
		for _, j := range inner {
			tables = append(tables, quoted(j.name)+" "+q.names[j.alias])
			on = append(on, q.equal(j.on))
		}
		for _, t := range f.where {
			if joined(t) {
				on = append(on, q.condition(t))
			}
		}
		list = append(list, "(SELECT COUNT(*) FROM "+strings.Join(tables, ", ")+" WHERE "+strings.Join(on, " AND ")+") > 0")
	}
	return strings.Join(list, " AND ")
}

func (e *columnExpr) plan(q *query, as kind) evaluate {
	found, ok := q.fit(e.column, as)
	if !ok {
		return nothing
	}
	return q.leaf(q.text(e.column, found), found, as)
}

func nothing(*row) value { return value{} }

// leaf reads a text of the row, and makes a time of it where one is wanted. TIMESTAMP columns come in UTC, whatever zone
// the shop's other columns are in: the pool asks for it.
func (q *query) leaf(text string, found liveColumn, as kind) evaluate {
	slot, set := q.slot(text), q.zone
	if found.kind == "timestamp" {
		set = time.UTC
	}
	return func(r *row) value {
		v := value{text: r.texts[slot].String}
		if as == asTime {
			v.at = r.time(v.text, set)
		}
		return v
	}
}

func (r *row) time(text string, set *time.Location) time.Time {
	if set == nil {
		set = r.zone
	}
	return r.check.Time(r.field, text, set)
}

// there says whether there is a value.
func (v value) there(as kind) bool {
	if as == asTime {
		return !v.at.IsZero()
	}
	return strings.TrimSpace(v.text) != ""
}

func (e *textExpr) plan(q *query, as kind) evaluate {
	set := q.zone
	return func(r *row) value {
		v := value{text: e.text}
		if as == asTime {
			v.at = r.time(v.text, set)
		}
		return v
	}
}

func plans(q *query, list []expr, as kind) []evaluate {
	all := make([]evaluate, len(list))
	for i, e := range list {
		all[i] = e.plan(q, as)
	}
	return all
}

func (e *firstExpr) plan(q *query, as kind) evaluate {
	all := plans(q, *e, as)
	return func(r *row) value {
		for _, of := range all {
			if v := of(r); v.there(as) {
				return v
			}
		}
		return value{}
	}
}

func (e *concatExpr) plan(q *query, as kind) evaluate {
	all := plans(q, e.parts, asText)
	return func(r *row) value {
		var texts []string
		for _, of := range all {
			if v := of(r); v.text != "" {
				texts = append(texts, v.text)
			}
		}
		if e.all && len(texts) < len(all) {
			return value{}
		}
		return r.as(value{text: strings.Join(texts, e.with)}, as, nil)
	}
}

// as makes a time of a text that was put together, where one is wanted.
func (r *row) as(v value, as kind, set *time.Location) value {
	if as == asTime {
		v.at = r.time(v.text, set)
	}
	return v
}

func (e *minorExpr) plan(q *query, _ kind) evaluate {
	of := e.of.plan(q, asNumber)
	return func(r *row) value {
		v := of(r)
		if !v.there(asNumber) {
			return value{}
		}
		return value{text: r.check.Number(r.field, v.text).Shift(-e.digits).String()}
	}
}

func (e *unixExpr) plan(q *query, _ kind) evaluate {
	of := e.of.plan(q, asNumber)
	return func(r *row) value {
		v := of(r)
		v.at = r.check.Unix(r.field, v.text)
		return v
	}
}

func (e *timeExpr) plan(q *query, as kind) evaluate {
	zoned := *q
	zoned.zone = e.zone
	return e.of.plan(&zoned, as)
}

func (e *mapExpr) plan(q *query, as kind) evaluate {
	of, other, set := e.of.plan(q, asText), evaluate(nothing), q.zone
	if e.other != nil {
		other = e.other.plan(q, as)
	}
	return func(r *row) value {
		if word, ok := e.to[fold(of(r).text)]; ok {
			return r.as(value{text: word}, as, set)
		}
		return other(r)
	}
}

func (e *blankExpr) plan(q *query, as kind) evaluate {
	of := e.of.plan(q, as)
	return func(r *row) value {
		v := of(r)
		if slices.ContainsFunc(e.words, func(w string) bool { return same(w, v.text) }) {
			return value{}
		}
		return v
	}
}

func (e *sumExpr) plan(q *query, _ kind) evaluate {
	all := plans(q, e.of, asNumber)
	return func(r *row) value {
		var sum decimal.Decimal
		any := false
		for i, of := range all {
			v := of(r)
			if !v.there(asNumber) {
				if e.operator == "times" {
					return value{}
				}
				continue
			}
			any = true
			d := r.check.Number(r.field, v.text)
			switch {
			case e.operator == "times" && i > 0:
				sum = sum.Mul(d)
			case e.operator == "subtract" && i > 0:
				sum = sum.Sub(d)
			default:
				sum = sum.Add(d)
			}
		}
		if !any {
			return value{}
		}
		return value{text: sum.String()}
	}
}

func (e *whenExpr) plan(q *query, as kind) evaluate {
	when := q.tests(e.when)
	then, other := evaluate(nothing), evaluate(nothing)
	if e.then != nil {
		then = e.then.plan(q, as)
	}
	if e.other != nil {
		other = e.other.plan(q, as)
	}
	return func(r *row) value {
		if when(r) {
			return then(r)
		}
		return other(r)
	}
}

// tests plans questions that are answered here, from what a row holds.
func (q *query) tests(list []test) func(*row) bool {
	type planned struct {
		test
		of evaluate
	}
	all := make([]planned, len(list))
	for i, t := range list {
		all[i] = planned{t, t.value.plan(q, asFlag)}
	}
	return func(r *row) bool {
		for _, t := range all {
			if !t.passes(t.of(r).text) {
				return false
			}
		}
		return true
	}
}

func (t test) passes(text string) bool {
	among := func(words []string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return same(w, text) })
	}
	switch {
	case t.flag:
		return text != "" && text != "0" && !strings.HasPrefix(text, "0000-00-00")
	case t.is != nil && !among(t.is), t.not != nil && among(t.not):
		return false
	case t.null != nil:
		return *t.null == (text == "")
	}
	return true
}

// same compares a word of the file with a value: as words, or as numbers where both are.
func same(word, text string) bool {
	if fold(word) == fold(text) {
		return true
	}
	a, errA := decimal.NewFromString(strings.TrimSpace(word))
	b, errB := decimal.NewFromString(strings.TrimSpace(text))
	return errors.Join(errA, errB) == nil && a.Equal(b)
}

func (e *lookupExpr) plan(q *query, as kind) evaluate {
	text, found := e.sql(q)
	if e.function == "sum" || e.function == "count" {
		found = liveColumn{kind: "decimal", full: "the result of " + e.function}
	} else if len(e.of) > 1 {
		found = liveColumn{kind: "decimal", full: "a product"}
	}
	if problem, missing := found.unfit(as); found.kind != "" && problem != "" {
		q.problems.add(e.at, problem).missing = missing
		return nothing
	}
	return q.leaf(text, found, as)
}

// sql writes the lookup as a statement in brackets. A sum or a count of nothing is 0.
func (e *lookupExpr) sql(q *query) (string, liveColumn) {
	inner := *q
	inner.names = map[string]string{e.from.alias: quoted("x_" + e.from.alias)}
	for alias, name := range q.names {
		inner.names[alias] = name
	}
	inner.join(e.from)
	want := asText
	if e.function == "sum" || len(e.of) > 1 {
		want = asNumber
	}
	var found liveColumn
	factors := make([]string, len(e.of))
	for i, c := range e.of {
		found, _ = inner.fit(c, want)
		factors[i] = inner.text(c, found)
	}
	what, last := strings.ToUpper(e.function)+"("+strings.Join(factors, " * ")+")", ""
	if e.by.name != "" {
		inner.find(e.by)
		// By the bare column a server may walk the index on it for a first row that fits, through the whole table.
		last = " ORDER BY COALESCE(" + inner.sql(e.by) + ", NULL)"
		if e.function == "latest" {
			last += " DESC"
		}
		what, last = strings.Join(factors, " * "), last+" LIMIT 1"
	}
	text := fmt.Sprintf("(SELECT %s FROM %s WHERE %s AND %s%s)", what, inner.tables(e.from, true), inner.equal(e.on), inner.where(e.from.where), last)
	if e.function == "sum" {
		text = "COALESCE(" + text + ", 0)"
	}
	if live, ok := q.live.tables[e.from.name]; ok {
		q.needIndex(e.at, live, e.from.table, columnsOf(e.on))
	}
	return text, found
}
