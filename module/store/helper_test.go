package store_test

import (
	"context"
	"strings"
	"testing"

	"github.com/uptrace/bun"
)

func contains(s, part string) bool { return strings.Contains(s, part) }

func exec(t *testing.T, db bun.IDB, query string, args ...any) {
	t.Helper()
	if _, err := db.NewRaw(query, args...).Exec(context.Background()); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func count(t *testing.T, db bun.IDB, table string) (n int) {
	t.Helper()
	if err := db.NewRaw("SELECT COUNT(*) FROM ?", bun.Ident(table)).Scan(context.Background(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}
