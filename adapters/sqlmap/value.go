package sqlmap

import (
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters/foreign"
)

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
		known := false
		for i, of := range all {
			v := of(r)
			if !v.there(asNumber) {
				if e.operator == "times" {
					return value{}
				}
				continue
			}
			known = true
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
		if !known {
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
