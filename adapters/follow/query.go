package follow

import (
	"context"
	"database/sql"
	"regexp"
	"strconv"
	"strings"

	"github.com/kupec/kupec/adapters"
)

// DB runs statements on a shop's tables. It is a value: adapters make one for each call.
type DB struct {
	SQL      *sql.DB
	Platform string                   // in errors
	Table    func(name string) string // the shop's own name of a table, by what statements call it: "orders" for {orders}
}

var tableName = regexp.MustCompile(`\{[a-z0-9_]+\}`)

// named puts the shop's table names in the place of {orders} and the like.
func (db DB) named(statement string) string {
	return tableName.ReplaceAllStringFunc(statement, func(name string) string {
		return "`" + db.Table(name[1:len(name)-1]) + "`"
	})
}

// Each calls row for every row of the answer. what says in errors what was being read.
func (db DB) Each(ctx context.Context, what, statement string, args []any, row func(scan func(...any) error) error) error {
	rows, err := db.SQL.QueryContext(ctx, db.named(statement), args...)
	if err != nil {
		return adapters.QueryError(db.Platform, what, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := row(rows.Scan); err != nil {
			return adapters.QueryError(db.Platform, what, err)
		}
	}
	return adapters.QueryError(db.Platform, what, rows.Err())
}

// One reads a single row.
func (db DB) One(ctx context.Context, what, statement string, args []any, into ...any) error {
	return adapters.QueryError(db.Platform, what, db.SQL.QueryRowContext(ctx, db.named(statement), args...).Scan(into...))
}

// Reach looks into tables, so that a missing one, or a missing right, is told before it is needed.
func (db DB) Reach(ctx context.Context, tables ...string) error {
	for _, t := range tables {
		var n int
		if err := db.One(ctx, "table "+db.Table(t), "SELECT COUNT(*) FROM (SELECT 1 FROM {"+t+"} LIMIT 1) t", nil, &n); err != nil {
			return err
		}
	}
	return nil
}

// Count counts the rows of tables, each with its condition: "{users}", "{posts} t WHERE t.post_type = 'product'".
func (db DB) Count(ctx context.Context, customers, products, orders string) (adapters.Counts, error) {
	var c adapters.Counts
	for _, q := range []struct {
		what, from string
		into       *int64
	}{{"customers", customers, &c.Customers}, {"products", products, &c.Products}, {"orders", orders, &c.Orders}} {
		if err := db.One(ctx, "the number of "+q.what, "SELECT COUNT(*) FROM "+q.from, nil, q.into); err != nil {
			return adapters.Counts{}, err
		}
	}
	return c, nil
}

// Columns tells which columns a table has, in lower case; none where there is no such table.
func (db DB) Columns(ctx context.Context, table string) (map[string]bool, error) {
	columns := map[string]bool{}
	err := db.Each(ctx, "the columns of table "+db.Table(table), `SELECT LOWER(column_name) FROM information_schema.columns
		WHERE table_schema = DATABASE() AND table_name = ?`, []any{db.Table(table)}, func(scan func(...any) error) error {
		var name string
		err := scan(&name)
		columns[name] = true
		return err
	})
	return columns, err
}

// In makes "IN (1,2,3)", or a condition that nothing meets. Numbers need no placeholder.
func In(ids []int64) string {
	if len(ids) == 0 {
		return "IN (NULL)"
	}
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

// Quoted makes "'_sku','_price'" of words which are written in the program: nothing in them is escaped.
func Quoted(words ...string) string { return "'" + strings.Join(words, "','") + "'" }

// Text scans a column that may be NULL into a string.
func Text(into *string) sql.Scanner { return text{into} }

type text struct{ into *string }

func (t text) Scan(v any) error {
	var s sql.NullString
	err := s.Scan(v)
	*t.into = s.String
	return err
}
