package sqlmap

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/kupec/kupec/adapters/follow"
)

// schema is what the shop's database has of the tables that a file names.
type schema struct {
	database string
	tables   map[string]*liveTable
	all      []string // the names of all tables
}

type liveTable struct {
	columns []liveColumn
	indexes []index
}

type liveColumn struct {
	name     string
	kind     string // "varchar"
	full     string // "varchar(255)"
	nullable bool
}

type index struct {
	name    string
	unique  bool
	columns []string
}

// load asks for the tables' columns and indexes in three statements. What the user may not read is not there.
func load(ctx context.Context, db *sql.DB, tables []string) (*schema, error) {
	s := &schema{tables: map[string]*liveTable{}}
	ask := follow.DB{SQL: db, Platform: platform}
	if err := ask.One(ctx, "the database's name", "SELECT COALESCE(DATABASE(), '')", nil, &s.database); err != nil {
		return nil, err
	}
	err := ask.Each(ctx, "the list of tables", "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name", nil,
		func(scan func(...any) error) error {
			var name string
			err := scan(&name)
			s.all = append(s.all, name)
			return err
		})
	if err != nil {
		return nil, err
	}
	var args []any
	for _, name := range tables {
		if slices.Contains(s.all, name) && s.tables[name] == nil {
			s.tables[name] = &liveTable{}
			args = append(args, name)
		}
	}
	if len(args) == 0 {
		return s, nil
	}
	marks := strings.TrimSuffix(strings.Repeat("?,", len(args)), ",")
	err = ask.Each(ctx, "the tables' columns", `SELECT table_name, column_name, LOWER(data_type), column_type, is_nullable FROM information_schema.columns
		WHERE table_schema = DATABASE() AND table_name IN (`+marks+`) ORDER BY table_name, ordinal_position`, args, s.column)
	if err != nil {
		return nil, err
	}
	err = ask.Each(ctx, "the tables' indexes", `SELECT table_name, index_name, non_unique = 0, column_name FROM information_schema.statistics
		WHERE table_schema = DATABASE() AND table_name IN (`+marks+`) ORDER BY table_name, index_name, seq_in_index`, args, s.index)
	return s, err
}

func (s *schema) column(scan func(...any) error) error {
	var table, nullable string
	var c liveColumn
	if err := scan(&table, &c.name, &c.kind, &c.full, &nullable); err != nil {
		return err
	}
	c.nullable = nullable == "YES"
	if t := s.tables[table]; t != nil {
		t.columns = append(t.columns, c)
	}
	return nil
}

func (s *schema) index(scan func(...any) error) error {
	var table, name, column string
	var unique bool
	if err := scan(&table, &name, &unique, follow.Text(&column)); err != nil {
		return err
	}
	t := s.tables[table]
	if t == nil {
		return nil
	}
	if n := len(t.indexes); n == 0 || t.indexes[n-1].name != name {
		t.indexes = append(t.indexes, index{name: name, unique: unique})
	}
	last := &t.indexes[len(t.indexes)-1]
	last.columns = append(last.columns, column)
	return nil
}

func (t *liveTable) column(name string) (liveColumn, bool) {
	for _, c := range t.columns {
		if strings.EqualFold(c.name, name) {
			return c, true
		}
	}
	return liveColumn{}, false
}

// indexed says whether an index begins with one of the columns.
func (t *liveTable) indexed(columns []string) bool {
	return slices.ContainsFunc(t.indexes, func(i index) bool { return has(columns, i.columns[0]) })
}

// unique says whether there is one row at most for values of the columns.
func (t *liveTable) unique(columns []string) bool {
	return slices.ContainsFunc(t.indexes, func(i index) bool {
		return i.unique && !slices.ContainsFunc(i.columns, func(c string) bool { return !has(columns, c) })
	})
}

// primary is the column of a primary key of one column; empty: there is none.
func (t *liveTable) primary() string {
	for _, i := range t.indexes {
		if i.name == "PRIMARY" && len(i.columns) == 1 {
			return i.columns[0]
		}
	}
	return ""
}

// leading is the column before another one in an index of which that is the second; empty: there is none.
func (t *liveTable) leading(second string) string {
	for _, i := range t.indexes {
		if len(i.columns) > 1 && strings.EqualFold(i.columns[1], second) {
			return i.columns[0]
		}
	}
	return ""
}

func has(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}

var (
	integers = []string{"tinyint", "smallint", "mediumint", "int", "bigint"}
	decimals = []string{"decimal", "float", "double"}
	dates    = []string{"date", "datetime", "timestamp"}
	texts    = []string{"char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set"}
)

func (c liveColumn) is(kinds ...[]string) bool {
	return slices.ContainsFunc(kinds, func(k []string) bool { return slices.Contains(k, c.kind) })
}

// unfit says why a column cannot be what it is used as; empty: it can.
func (c liveColumn) unfit(as kind) (problem, missing string) {
	switch as {
	case asKey:
		if !c.is(integers) {
			return fmt.Sprintf("This column is %s. Rows are told apart by whole numbers here; a shop that has other keys, such as UUIDs, needs an adapter of its own.", c.full), "a key of whole numbers"
		}
	case asKeys:
		if !c.is(integers, texts) {
			return fmt.Sprintf("This column is %s; here stand whole numbers, separated by commas.", c.full), "a list of keys"
		}
	case asNumber:
		if !c.is(integers, decimals, texts) {
			return fmt.Sprintf("This column is %s, which is no number.", c.full), "a number"
		}
	case asTime:
		if c.is(integers, decimals) {
			return fmt.Sprintf("This column is %s. If these are seconds since 1970, write {unix: %s}.", c.full, c.name), "a date"
		}
		if !c.is(dates, texts) {
			return fmt.Sprintf("This column is %s, which is no date.", c.full), "a date"
		}
	}
	return "", ""
}
