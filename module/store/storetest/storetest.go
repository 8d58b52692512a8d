// Package storetest gives tests a real server and migrated, empty databases of their own, quickly.
//
// The server is the one KUPEC_TEST_DSN names (MySQL or MariaDB, a user that may create databases, no database in the
// DSN), or else a private one that ends with the test's process. Databases are pooled on the server: creating the
// tables takes a good part of a second, emptying them milliseconds. A pooled database belongs to the test that holds a
// GET_LOCK of its name, so that packages tested side by side share the pool.
package storetest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/migrations"
	"github.com/kupec/kupec/module/internal/mariadb"
	"github.com/kupec/kupec/module/store"
)

const poolSize = 200

// Server gives the DSN, without a database, of a server on which the test may create databases. A test that creates
// one drops it.
func Server(t testing.TB) string {
	t.Helper()
	dsn, err := server()
	if err != nil {
		t.Fatalf("a database server for tests: %v", err)
	}
	return dsn
}

// DB gives a connection to a migrated, empty CRM database which no other test uses until this one ends.
func DB(t testing.TB) *bun.DB {
	t.Helper()
	db, _ := open(t)
	return db
}

// DSN gives the address of a migrated, empty CRM database which no other test uses until this one ends, for tests that
// start whole programs.
func DSN(t testing.TB) string {
	t.Helper()
	_, dsn := open(t)
	return dsn
}

func open(t testing.TB) (*bun.DB, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	name := claim(t, ctx, Server(t))
	dsn := WithDatabase(t, Server(t), name)
	db, err := store.Open(ctx, dsn, store.Config{})
	if err != nil {
		t.Fatalf("opening a test database: %v", err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err := migrations.Migrate(ctx, db); err != nil {
		t.Fatalf("migrating a test database: %v", err)
	}
	if err := empty(ctx, db); err != nil {
		t.Fatalf("emptying a test database: %v", err)
	}
	return db, dsn
}

// WithDatabase gives dsn with its database set to name.
func WithDatabase(t testing.TB, dsn, name string) string {
	t.Helper()
	c, err := mysql.ParseDSN(dsn)
	if err != nil {
		t.Fatalf("KUPEC_TEST_DSN cannot be read: %v", err)
	}
	c.DBName = name
	return c.FormatDSN()
}

// claim takes the first free database of the pool and gives it back, by closing the connection that holds its lock,
// when the test ends.
func claim(t testing.TB, ctx context.Context, dsn string) string {
	t.Helper()
	pool, err := sql.Open("mysql", dsn)
	if err != nil {
		t.Fatalf("opening the test server: %v", err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	conn, err := pool.Conn(ctx)
	if err != nil {
		t.Fatalf("connecting to the test server: %v", err)
	}
	prefix := "kupec_test_" + schema() + "_"
	for i := range poolSize {
		name := fmt.Sprintf("%s%03d", prefix, i)
		var got sql.NullInt64
		if err := conn.QueryRowContext(ctx, "SELECT GET_LOCK(?, 0)", name).Scan(&got); err != nil {
			t.Fatalf("claiming a test database: %v", err)
		}
		if got.Int64 != 1 {
			continue
		}
		if _, err := conn.ExecContext(ctx, "CREATE DATABASE IF NOT EXISTS "+name+" CHARACTER SET utf8mb4"); err != nil {
			t.Fatalf("creating a test database: %v", err)
		}
		return name
	}
	t.Fatalf("all %d test databases are in use", poolSize)
	return ""
}

// empty deletes all rows of tables that have some, except what migrations remember.
func empty(ctx context.Context, db *bun.DB) error {
	var tables []string
	err := db.NewRaw(`SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()
		AND table_name NOT LIKE 'crm\_migration%' AND table_type = 'BASE TABLE'`).Scan(ctx, &tables)
	if err != nil {
		return fmt.Errorf("listing tables: %w", err)
	}
	for _, table := range tables {
		if _, err := db.ExecContext(ctx, "DELETE FROM "+table); err != nil {
			return fmt.Errorf("emptying %s: %w", table, err)
		}
	}
	return nil
}

// schema names the present set of migrations, so that a pool made by other ones is left alone.
var schema = sync.OnceValue(func() string {
	hash := sha256.New()
	names, _ := fs.Glob(migrations.Files, "*.sql")
	for _, name := range names {
		raw, _ := migrations.Files.ReadFile(name)
		fmt.Fprintln(hash, name)
		hash.Write(raw)
	}
	return hex.EncodeToString(hash.Sum(nil)[:4])
})

// server is started once a process. It is not stopped: it dies with the process, and its directory is a temporary one.
var server = sync.OnceValues(func() (string, error) {
	if dsn := os.Getenv("KUPEC_TEST_DSN"); dsn != "" {
		if !strings.Contains(dsn, "/") {
			return "", fmt.Errorf("KUPEC_TEST_DSN must end in a slash, without a database: user:password@tcp(host:3306)/")
		}
		return dsn, nil
	}
	dir, err := os.MkdirTemp("", "kupec-test-")
	if err != nil {
		return "", err
	}
	s, err := mariadb.Start(context.Background(), mariadb.Config{Dir: dir, Quick: true})
	if err != nil {
		return "", err
	}
	return s.DSN(""), nil
})
