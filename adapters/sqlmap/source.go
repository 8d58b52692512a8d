package sqlmap

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/kupec/kupec/adapters/follow"
)

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
