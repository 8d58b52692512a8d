package sqlmap

import (
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
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

// newQuery makes one whose main table has a name of its own.
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
