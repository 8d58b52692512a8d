package sqlmap

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
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
