package woocommerce

import (
	"cmp"
	"context"
	"database/sql"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/kupec/kupec/adapters"
)

var tableName = regexp.MustCompile(`\{[a-z_]+\}`)

// sql puts the shop's table names in the place of {posts} and the like.
func (r *reader) sql(text string) string {
	return tableName.ReplaceAllStringFunc(text, func(name string) string {
		name = name[1 : len(name)-1]
		if name == "users" || name == "usermeta" {
			return "`" + r.users + name + "`"
		}
		return "`" + r.prefix + name + "`"
	})
}

// each calls row for every row of the answer. what says in errors what was being read.
func (r *reader) each(ctx context.Context, what, text string, args []any, row func(scan func(...any) error) error) error {
	rows, err := r.db.QueryContext(ctx, r.sql(text), args...)
	if err != nil {
		return adapters.QueryError(platform, what, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return adapters.QueryError(platform, what, err)
		}
	}
	return adapters.QueryError(platform, what, rows.Err())
}

// one reads a single row.
func (r *reader) one(ctx context.Context, what, text string, args []any, into ...any) error {
	return adapters.QueryError(platform, what, r.db.QueryRowContext(ctx, r.sql(text), args...).Scan(into...))
}

// in makes "IN (1,2,3)". Numbers need no placeholder.
func in(ids []int64) string {
	var b strings.Builder
	b.WriteString("IN (")
	for i, id := range ids {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(strconv.FormatInt(id, 10))
	}
	b.WriteByte(')')
	return b.String()
}

// meta is one object's metadata. Keys may come twice; WordPress's own get_post_meta takes the oldest, and so does get.
type meta map[string][]string

func (m meta) get(key string) string {
	if values := m[key]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// metadata reads rows of (object id, meta id, key, value). They are put in order here: a statement that joins and sorts
// makes the server write a temporary table to its disk, because the values are of type LONGTEXT.
func (r *reader) metadata(ctx context.Context, what, text string, args ...any) (map[int64]meta, error) {
	type row struct {
		object, id int64
		key, value string
	}
	var rows []row
	err := r.each(ctx, what, text, args, func(scan func(...any) error) error {
		var m row
		err := scan(&m.object, &m.id, orEmpty{&m.key}, orEmpty{&m.value})
		rows = append(rows, m)
		return err
	})
	slices.SortFunc(rows, func(a, b row) int { return cmp.Compare(a.id, b.id) })
	all := map[int64]meta{}
	for _, m := range rows {
		of := all[m.object]
		if of == nil {
			of = meta{}
			all[m.object] = of
		}
		of[m.key] = append(of[m.key], m.value)
	}
	return all, err
}

// orEmpty scans a column that may be NULL into a string.
type orEmpty struct{ into *string }

// Scan implements [sql.Scanner].
func (e orEmpty) Scan(v any) error {
	var s sql.NullString
	err := s.Scan(v)
	*e.into = s.String
	return err
}

// keys makes "'_sku','_price'" of names which are written in this package.
func keys(names ...string) string { return "'" + strings.Join(names, "','") + "'" }

func str(id int64) string { return strconv.FormatInt(id, 10) }

// key is an id as the contract wants a reference: empty for none.
func key(id int64) string {
	if id <= 0 {
		return ""
	}
	return str(id)
}
