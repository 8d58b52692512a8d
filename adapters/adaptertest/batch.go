package adaptertest

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Batch collects rows by table, and writes each table's with few statements. Seeders use it.
type Batch struct {
	Prefix  string            // of the tables
	Columns map[string]string // of each table, without the prefix: "id, status"

	tables []string
	rows   map[string][][]any
}

// Add adds a row with the values of the table's columns.
func (b *Batch) Add(table string, row ...any) {
	if b.rows == nil {
		b.rows = map[string][][]any{}
	}
	if !slices.Contains(b.tables, table) {
		b.tables = append(b.tables, table)
	}
	b.rows[table] = append(b.rows[table], row)
}

// Write writes what was added, table by table in the order of their first rows.
func (b *Batch) Write(ctx context.Context, db DB) error {
	for _, table := range b.tables {
		for rows := range slices.Chunk(b.rows[table], 400) {
			marks := "(" + strings.TrimSuffix(strings.Repeat("?,", len(rows[0])), ",") + ")"
			var args []any
			for _, row := range rows {
				args = append(args, row...)
			}
			statement := "INSERT INTO `" + b.Prefix + table + "` (" + b.Columns[table] + ") VALUES " + strings.TrimSuffix(strings.Repeat(marks+",", len(rows)), ",")
			if _, err := db.ExecContext(ctx, statement, args...); err != nil {
				return fmt.Errorf("writing %s: %w", table, err)
			}
		}
	}
	return nil
}
