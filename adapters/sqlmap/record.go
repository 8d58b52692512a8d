package sqlmap

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

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
