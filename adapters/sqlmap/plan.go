package sqlmap

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// plan is a section as the database lets it be read.
type plan struct {
	sec    *section
	from   string // the FROM clause
	where  string // its conditions
	key    string // the column that rows are looked up by: their own key, or that of what they belong to
	id     string // their own key; of what has none it is the same
	order  string
	slots  []string
	fields map[string]evaluate
	flags  map[string]func(*row) bool
	parts  map[string]*plan
	status func(*row) (adapters.Status, string)

	source  follow.Source
	local   bool   // its time of change is in the shop's zone
	leading string // the column before the time of change in an index that has both; empty: none
}

// plan compares a section with the database.
func (sec *section) plan(p *problems, live *schema) *plan {
	as := "t" // as package follow calls the table of a stream
	if shapes[sec.name].belong {
		as = "c"
	}
	q := newQuery(p, live, sec.from, as)
	pl := &plan{sec: sec, fields: map[string]evaluate{}, flags: map[string]func(*row) bool{}, parts: map[string]*plan{}}
	if sec.from.name != "" {
		pl.from, pl.where = q.tables(sec.from, false), q.where(sec.from.where)
	}
	pl.keys(q)
	for _, name := range slices.Sorted(maps.Keys(sec.fields)) {
		if as := shapes[sec.name].fields[name]; as == asFlag {
			pl.flags[name] = q.tests(sec.fields[name].tests)
		} else {
			pl.fields[name] = sec.fields[name].value.plan(q, as)
		}
	}
	if sec.status != nil {
		pl.status = sec.status.plan(q)
	}
	for _, name := range slices.Sorted(maps.Keys(sec.parts)) {
		pl.parts[name] = sec.parts[name].plan(p, live)
	}
	pl.slots = *q.slots
	if shapes[sec.name].follow {
		pl.follow(q)
	}
	return pl
}

func (pl *plan) keys(q *query) {
	sec := pl.sec
	live, there := q.live.tables[sec.from.name]
	if sec.key.name != "" {
		_, fit := q.fit(sec.key, asKey)
		if fit && there && !shapes[sec.name].belong && !strings.EqualFold(live.primary(), sec.key.name) {
			q.problems.add(sec.key.at, fmt.Sprintf("%s is not the primary key of table %s, by which rows are found one after the other.", sec.key.name, sec.key.table)).missing =
				"a primary key " + sec.key.name + " of table " + sec.key.table
		}
		pl.id = q.sql(sec.key)
		pl.key = pl.id
	}
	if sec.of.name != "" {
		if _, fit := q.fit(sec.of, asKey); fit {
			q.needIndex(sec.of.at, live, sec.from.table, []string{sec.of.name})
		}
		pl.key = q.sql(sec.of)
		if pl.id == "" {
			pl.id = pl.key
		}
	}
	if pl.order = pl.id; sec.order != nil {
		if found, ok := q.fit(*sec.order, asNumber); ok {
			pl.order = q.text(*sec.order, found)
		}
	}
}

const (
	regionIDs = 10_000 // the newest rows, which are followed by a time without an index
	sweepStep = 5_000
	windowIDs = 20_000 // keys that one statement looks at where not all rows count
)

var letters = map[string]byte{"customers": 'c', "products": 'p', "orders": 'o', "carts": 'b', "subscribers": 's'}

// follow says how changes are found, by what the table and the file offer.
func (pl *plan) follow(q *query) {
	sec := pl.sec
	src := follow.Source{Letter: letters[sec.name], What: sec.name, Table: quoted(sec.from.name), ID: quoted(sec.key.name), Own: q.own(sec.from)}
	if src.Own != "" {
		src.Window = windowIDs
	}
	if sec.changed != nil {
		pl.changes(q, &src)
	}
	if sec.recheck > 0 && !sec.appendOnly {
		src.Roll = src.RollNewest(sec.recheck)
	}
	for _, f := range sec.feeds {
		src.Feeds = append(src.Feeds, f.plan(q))
	}
	if refunds, ok := pl.parts["refunds"]; ok && len(src.Feeds) < mostFeeds {
		// Money that is given back is a row more in a table: the order is told by it even where its own time does not move.
		if live := q.live.tables[refunds.sec.from.name]; live != nil && strings.EqualFold(live.primary(), refunds.sec.key.name) {
			src.Feeds = append(src.Feeds, follow.Feed{Table: quoted(refunds.sec.from.name), ID: quoted(refunds.sec.key.name), Target: "f." + quoted(refunds.sec.of.name)})
		}
	}
	src.Parts = pl.digests(src.Own)
	pl.source = src
}

// changes looks which index, if any, finds rows by the time of their change.
func (pl *plan) changes(q *query, src *follow.Source) {
	c := pl.sec.changed
	found, ok := q.find(c.column)
	if !ok {
		return
	}
	switch {
	case c.unix && !found.is(integers):
		q.problems.add(c.at, fmt.Sprintf("This column is %s; seconds since 1970 are whole numbers.", found.full)).missing = "seconds since 1970 in column " + c.name
		return
	case !c.unix && (found.kind != "datetime" && found.kind != "timestamp"):
		problem := fmt.Sprintf("This column is %s; changes are followed by a DATETIME, a TIMESTAMP or, written {unix: %s}, by seconds since 1970.", found.full, c.name)
		q.problems.add(c.at, problem).missing = "a time of change in column " + c.name
		return
	}
	live := q.live.tables[c.table]
	src.Time, src.Unix = quoted(found.name), c.unix
	pl.local = found.kind == "datetime"
	if live.indexed([]string{c.name}) {
		return
	}
	pl.leading = live.leading(c.name)
	if found, _ := live.column(pl.leading); found.nullable || !found.is(integers, texts) {
		pl.leading = ""
	}
	src.Region = regionIDs
}

func (f feed) plan(q *query) follow.Feed {
	own := &query{problems: q.problems, live: q.live, names: map[string]string{f.from.alias: "f"}, slots: new([]string)}
	if len(f.from.joins) > 0 {
		q.problems.add(f.at, "A feed is one table, without joins.")
	}
	if live, ok := own.table(f.from.table); ok {
		if _, fit := own.fit(f.key, asKey); fit && !strings.EqualFold(live.primary(), f.key.name) {
			q.problems.add(f.key.at, fmt.Sprintf("%s is not the primary key of table %s, by which new rows are found.", f.key.name, f.key.table)).missing = "a primary key " + f.key.name
		}
		own.fit(f.row, asKey)
	}
	return follow.Feed{Table: quoted(f.from.name), ID: quoted(f.key.name), Target: own.sql(f.row), Where: own.where(f.from.where)}
}

// digests sums up just what is read: the same columns of the same tables.
func (pl *plan) digests(own string) []follow.Part {
	bytesOf := func(slots []string, more ...string) []string {
		var list []string
		for _, sql := range append(more, slots...) {
			list = append(list, "CAST("+sql+" AS BINARY)") // columns of a shop differ in their collations
		}
		return list
	}
	parts := []follow.Part{{Table: pl.from, Key: pl.id, Columns: bytesOf(pl.slots, pl.id), Where: pl.where}}
	for _, name := range slices.Sorted(maps.Keys(pl.parts)) {
		part := pl.parts[name]
		p := follow.Part{Table: part.from, Key: part.key, Columns: bytesOf(part.slots, part.id, part.order), Where: part.where}
		if own != "" { // lines of what is no order are none of an order's
			p.Table += fmt.Sprintf(" JOIN %s t ON %s = %s", quoted(pl.sec.from.name), pl.id, part.key)
			p.Where += " AND " + own
		}
		parts = append(parts, p)
	}
	return parts
}

// mostWords is how many words the first column of an index may have, for a range to be asked for with each of them.
const mostWords = 30

// now is the source as of this call. An index on (state, time) finds changes as one on the time does, when all the states
// are named; which there are is read off the index itself.
func (pl *plan) now(ctx context.Context, db follow.DB, zone *time.Location) (follow.Source, error) {
	src := pl.source
	if src.Time == "" {
		return src, nil
	}
	if pl.local {
		src.Zone = zone
	}
	if pl.leading != "" {
		words, err := pl.words(ctx, db)
		if err != nil {
			return src, err
		}
		if len(words) > 0 && len(words) <= mostWords {
			src.Region, src.Along = 0, "t."+quoted(pl.leading)+" IN ("+strings.Join(words, ",")+")"
			if src.Own != "" {
				src.Along += " AND " + src.Own
			}
		}
	}
	if src.Region > 0 && !pl.sec.appendOnly {
		src.Sweep = src.SweepByTime(sweepStep)
	}
	return src, nil
}

func (pl *plan) words(ctx context.Context, db follow.DB) (words []string, err error) {
	column := "t." + quoted(pl.leading)
	err = db.Each(ctx, pl.sec.name, fmt.Sprintf("SELECT %s FROM %s t GROUP BY %s LIMIT %d", column, pl.source.Table, column, mostWords+1), nil,
		func(scan func(...any) error) error {
			var word string
			err := scan(&word)
			words = append(words, literal(word))
			return err
		})
	return words, err
}

// record is a row with what it is asked for.
type record struct {
	pl *plan
	id int64
	of int64 // of what belongs to another: that one's key
	at string
	r  *row
}

// read reads the rows with some keys: their own, or those of what they belong to. It costs one statement.
func (pl *plan) read(ctx context.Context, db follow.DB, zone *time.Location, keys []int64) ([]record, error) {
	return pl.records(ctx, db, zone, pl.statement(pl.key+" "+follow.In(keys)))
}

// all reads all rows in their order, for what there is little of.
func (pl *plan) all(ctx context.Context, db follow.DB, zone *time.Location) ([]record, error) {
	list, err := pl.records(ctx, db, zone, pl.statement("TRUE"))
	slices.SortStableFunc(list, record.compare)
	return list, err
}

func (pl *plan) records(ctx context.Context, db follow.DB, zone *time.Location, statement string) ([]record, error) {
	var list []record
	err := db.Each(ctx, pl.sec.name, statement, nil, func(scan func(...any) error) error {
		rec := record{pl: pl, r: &row{texts: make([]sql.NullString, len(pl.slots)), zone: zone}}
		err := scan(rec.into()...)
		list = append(list, rec)
		return err
	})
	return list, err
}

// into is where a row of the statement goes.
func (rec *record) into() []any {
	into := []any{&rec.of, &rec.id, follow.Text(&rec.at)}
	for i := range rec.r.texts {
		into = append(into, &rec.r.texts[i])
	}
	return into
}

// partsOf reads what belongs to rows, in its order, by the keys of these. It costs one statement. What is sorted here need
// not be sorted by the server, which writes a temporary table to its disk where there are long texts.
func (pl *plan) partsOf(ctx context.Context, db follow.DB, zone *time.Location, name string, keys []int64) (map[int64][]record, error) {
	all := map[int64][]record{}
	part, ok := pl.parts[name]
	if !ok {
		return all, nil
	}
	list, err := part.read(ctx, db, zone, keys)
	slices.SortStableFunc(list, record.compare)
	for _, rec := range list {
		all[rec.of] = append(all[rec.of], rec)
	}
	return all, err
}

func (rec record) compare(other record) int {
	return cmp.Or(cmp.Compare(rec.place(), other.place()), cmp.Compare(rec.id, other.id))
}

// place is where a record stands among others.
func (rec record) place() float64 {
	if rec.pl.sec.order == nil {
		return 0
	}
	n, _ := strconv.ParseFloat(rec.at, 64) // what is no number comes first
	return n
}

func (pl *plan) statement(condition string) string {
	columns := append([]string{pl.key, pl.id, pl.order}, pl.slots...)
	return "SELECT " + strings.Join(columns, ", ") + " FROM " + pl.from + " WHERE " + condition + " AND " + pl.where
}

// value works a field out.
func (rec record) value(field string) value {
	of, ok := rec.pl.fields[field]
	if !ok {
		return value{}
	}
	rec.r.field = field
	if rec.pl.sec.of.name != "" {
		_, part, _ := strings.Cut(rec.pl.sec.name, ".")
		rec.r.field = fmt.Sprintf("%s %d, %s", part, rec.id, field)
	}
	return of(rec.r)
}

// text is a field as a person reads it.
func (rec record) text(field string) string { return foreign.Plain(rec.value(field).text) }

// word is a field as it is, as addresses are.
func (rec record) word(field string) string { return strings.TrimSpace(rec.value(field).text) }

func (rec record) time(field string) time.Time { return rec.value(field).at }

// ref is the key of another row; empty: none.
func (rec record) ref(field string) string { return foreign.Key(foreign.ID(rec.word(field))) }

// number is empty where there is none.
func (rec record) number(field string) string {
	v := rec.value(field)
	if !v.there(asNumber) {
		return ""
	}
	return rec.r.check.Number(rec.r.field, v.text).String()
}

// amount is a number that is 0 where there is none.
func (rec record) amount(field string) string {
	if n := rec.number(field); n != "" {
		return n
	}
	return "0"
}

// flag is whether all the field's tests hold; otherwise where it has none.
func (rec record) flag(field string, otherwise bool) bool {
	tests, ok := rec.pl.flags[field]
	if !ok {
		return otherwise
	}
	return tests(rec.r)
}

// bad is the record as it is set aside, with the values that people want to see.
func (rec record) bad() adapters.BadRow {
	row := rec.r.check.Row(foreign.Str(rec.id))
	for i, sql := range rec.pl.slots {
		if text := rec.r.texts[i]; text.Valid && text.String != "" {
			row.Raw[strings.ReplaceAll(sql, "`", "")] = foreign.Cut(text.String)
		}
	}
	return row
}
