package store

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/uptrace/bun"
)

// PageMax is the most rows a list gives at once.
const PageMax = 200

// ErrCursor says that a page cursor, which came in through an URL, is not one of ours.
var ErrCursor = errors.New("the page address is damaged: go back to the first page")

// Key is one column of a list's order. Value is the column's value in the last row seen; nil is NULL, which sorts first
// ascending, as MySQL has it.
type Key struct {
	Column string // as SQL, "p.last_name"; from code, never from a request
	Desc   bool
	Value  any
}

// Keyset is an order over rows whose last key is unique, so that a page can start after a row instead of at an offset:
// page 10,000 costs what page 1 costs.
type Keyset []Key

// Order adds the ORDER BY.
func (k Keyset) Order(q *bun.SelectQuery) *bun.SelectQuery {
	for _, key := range k {
		if key.Desc {
			q = q.OrderExpr(key.Column + " DESC")
		} else {
			q = q.OrderExpr(key.Column + " ASC")
		}
	}
	return q
}

// After adds the condition "later in this order than the row with these values", values given by [Keyset.Decode].
// It is written out as (a > x) OR (a = x AND b > y) …, led by a plain range on the first key: neither MySQL nor MariaDB
// uses an index for the row form (a, b) > (x, y).
func (k Keyset) After(q *bun.SelectQuery) *bun.SelectQuery {
	if first := k[0]; first.Value != nil && !first.Desc {
		q = q.Where(first.Column+" >= ?", first.Value)
	} else if first.Value != nil {
		q = q.Where("("+first.Column+" <= ? OR "+first.Column+" IS NULL)", first.Value)
	} else if first.Desc { // "<=> NULL" rather than IS NULL: only then MariaDB sees that the index is in order by the next key
		q = q.Where(first.Column + " <=> NULL")
	}
	return q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		for i := range k {
			q = q.WhereGroup(" OR ", func(q *bun.SelectQuery) *bun.SelectQuery {
				for _, before := range k[:i] {
					if before.Value == nil {
						q = q.Where(before.Column + " <=> NULL")
					} else {
						q = q.Where(before.Column+" = ?", before.Value)
					}
				}
				return k[i].beyond(q)
			})
		}
		return q
	})
}

func (k Key) beyond(q *bun.SelectQuery) *bun.SelectQuery {
	switch {
	case k.Value == nil && k.Desc: // nothing sorts after NULL
		return q.Where("FALSE")
	case k.Value == nil:
		return q.Where(k.Column + " IS NOT NULL")
	case k.Desc:
		return q.Where("("+k.Column+" < ? OR "+k.Column+" IS NULL)", k.Value)
	default:
		return q.Where(k.Column+" > ?", k.Value)
	}
}

// Encode gives the text for an URL which stands for the row with these values, one for each key in order. Times keep
// their microseconds. Decimals should be passed as strings.
func (k Keyset) Encode(values ...any) string {
	if len(values) != len(k) {
		panic(fmt.Sprintf("store: %d values for a keyset of %d", len(values), len(k)))
	}
	for i, v := range values {
		switch t := v.(type) {
		case time.Time:
			values[i] = sqlTime(t)
		case *time.Time:
			values[i] = nil
			if t != nil {
				values[i] = sqlTime(*t)
			}
		}
	}
	raw, err := json.Marshal(values)
	if err != nil {
		panic(fmt.Sprintf("store: a key that JSON cannot hold: %v", err)) // keys are texts, numbers and times
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// Decode gives the keyset with its values filled in from the text, or [ErrCursor].
func (k Keyset) Decode(text string) (Keyset, error) {
	if len(text) > 2048 {
		return nil, ErrCursor
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, ErrCursor
	}
	var values []any
	if err := json.Unmarshal(raw, &values); err != nil || len(values) != len(k) {
		return nil, ErrCursor
	}
	filled := make(Keyset, len(k))
	for i, key := range k {
		switch v := values[i].(type) {
		case nil, string, bool:
			key.Value = v
		case float64:
			key.Value = v
			if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
				key.Value = int64(v) // an id, which SQL should see as one
			}
		default:
			return nil, ErrCursor
		}
		filled[i] = key
	}
	return filled, nil
}

func sqlTime(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000000") }
