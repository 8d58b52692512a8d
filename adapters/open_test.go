package adapters_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/store/storetest"
)

var databases atomic.Int64

// database makes one with a single table, and gives its DSN and a pool that may write.
func database(t *testing.T) (dsn string, db *sql.DB) {
	t.Helper()
	name := fmt.Sprintf("kupec_shop_%d_open%d", os.Getpid(), databases.Add(1))
	server, err := sql.Open("mysql", storetest.Server(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := server.Exec("DROP DATABASE IF EXISTS " + name); err != nil {
			t.Error(err)
		}
		_ = server.Close()
	})
	for _, statement := range []string{
		"CREATE DATABASE " + name + " CHARACTER SET utf8mb4",
		"CREATE TABLE " + name + ".cups (id INT PRIMARY KEY, name VARCHAR(20), made TIMESTAMP NULL)",
		"INSERT INTO " + name + ".cups VALUES (1, 'čaj', '2024-05-01 10:00:00')",
	} {
		if _, err := server.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	return storetest.WithDatabase(t, storetest.Server(t), name), server
}

func TestAnUnusableDSNNamesThePartThatIsWrongAndHidesThePassword(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ dsn, field string }{
		{"", "value"},
		{"mysql://shop:s3cret@localhost/shop", "form"},
		{"shop:s3cret@tcp(localhost:3306)", "database"},
		{"shop:s3cret@tcp(localhost:3306)/", "database"},
		{"shop:s3cret@tcp(localhost:3306/shop", "address"},
		{"shop:s3cret@localhost/shop", "address"},
		{"tcp(localhost)/shop", "user"},
		{"shop:s3cret@tcp(localhost)/shop?parseTime=perhaps", "options"},
		{"shop:s3cret@tcp(localhost)/shop?tls=mine", "options"},
	} {
		_, err := adapters.Open(tt.dsn, adapters.OpenConfig{})
		var bad *adapters.DSNError
		if !errors.As(err, &bad) || bad.Field != tt.field {
			t.Errorf("%q: field of %v, want %s", tt.dsn, err, tt.field)
			continue
		}
		if text := err.Error(); strings.Contains(text, "s3cret") || !strings.HasPrefix(text, "KUPEC_SHOP_DSN: ") {
			t.Errorf("%q: unfit message %q", tt.dsn, text)
		}
	}
}

func TestNoStatementWritesThoughTheUserMay(t *testing.T) {
	t.Parallel()
	dsn, owner := database(t)
	// A caller cannot open the door again through the DSN.
	joint := "?"
	if strings.Contains(dsn, "?") {
		joint = "&"
	}
	db, err := adapters.Open(dsn+joint+"multiStatements=true", adapters.OpenConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	ctx := context.Background()

	t.Run("guard", func(t *testing.T) {
		for _, statement := range []string{
			"INSERT INTO cups VALUES (2, 'x', NULL)", "START TRANSACTION READ WRITE", "SET SESSION TRANSACTION READ WRITE",
			"/* SELECT */ DELETE FROM cups", "CREATE TABLE t (a INT)", "TRUNCATE cups", "KILL 1",
		} {
			if _, err := db.ExecContext(ctx, statement); !errors.Is(err, adapters.ErrReadOnly) {
				t.Errorf("Exec %q: %v", statement, err)
			}
			rows, err := db.QueryContext(ctx, statement)
			if err == nil {
				_ = rows.Close()
				err = rows.Err()
			}
			if !errors.Is(err, adapters.ErrReadOnly) {
				t.Errorf("Query %q: %v", statement, err)
			}
			if _, err := db.PrepareContext(ctx, statement); !errors.Is(err, adapters.ErrReadOnly) {
				t.Errorf("Prepare %q: %v", statement, err)
			}
		}
	})
	t.Run("server", func(t *testing.T) {
		name := databaseOf(t, db)
		if _, err := owner.Exec("CREATE FUNCTION " + name + ".spill() RETURNS INT NOT DETERMINISTIC MODIFIES SQL DATA " +
			"BEGIN INSERT INTO " + name + ".cups VALUES (3, 'spilt', NULL); RETURN 1; END"); err != nil {
			t.Skipf("this server does not let us make a function: %v", err)
		}
		var n int
		if err := db.QueryRowContext(ctx, "SELECT spill()").Scan(&n); err == nil {
			t.Error("a SELECT that writes was let through")
		}
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = tx.Rollback() }()
		if err := tx.QueryRowContext(ctx, "SELECT spill()").Scan(&n); err == nil {
			t.Error("a SELECT that writes was let through in a transaction")
		}
	})
	var cups int
	if err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM cups").Scan(&cups); err != nil || cups != 1 {
		t.Errorf("%d cups (%v), want the 1 there was", cups, err)
	}
}

func databaseOf(t *testing.T, db *sql.DB) string {
	t.Helper()
	var name string
	if err := db.QueryRow("SELECT DATABASE()").Scan(&name); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestTextArrivesAsTheShopHasItAndTimesInUTC(t *testing.T) {
	t.Parallel()
	dsn, _ := database(t)
	db, err := adapters.Open(dsn, adapters.OpenConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	var name, zone string
	if err := db.QueryRow("SELECT name, @@session.time_zone FROM cups WHERE name = ?", "čaj").Scan(&name, &zone); err != nil {
		t.Fatal(err)
	}
	if name != "čaj" || zone != "+00:00" {
		t.Errorf("got %q in zone %q", name, zone)
	}
}

func TestTheServerEndsASlowStatement(t *testing.T) {
	t.Parallel()
	dsn, _ := database(t)
	db, err := adapters.Open(dsn, adapters.OpenConfig{StatementTimeout: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	start := time.Now()
	// A product of catalogue tables keeps either family busy for minutes; SLEEP would end without an error on MySQL.
	var n int64
	err = db.QueryRow(`SELECT COUNT(*) FROM information_schema.collations a, information_schema.collations b,
		information_schema.collations c, information_schema.collations d WHERE a.id + b.id + c.id + d.id < 0`).Scan(&n)
	if err == nil {
		t.Fatal("the statement was let run")
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	if !strings.Contains(adapters.QueryError("woocommerce", "orders", err).Error(), "too busy") {
		t.Errorf("the limit is not told as such: %v", err)
	}
}

func TestPrivilegesTellWhatTheUserCouldDo(t *testing.T) {
	t.Parallel()
	dsn, owner := database(t)
	for i, tt := range []struct {
		name  string
		grant string
		want  adapters.Grants
	}{
		{"select only", "SELECT ON %s.*", adapters.Grants{Select: true}},
		{"writer", "SELECT, INSERT, DELETE ON %s.*", adapters.Grants{Select: true, Writes: []string{"DELETE", "INSERT"}}},
		{"all", "ALL PRIVILEGES ON %s.*", adapters.Grants{Select: true, Writes: []string{"ALL PRIVILEGES"}}},
		{"one table", "SELECT ON %s.cups", adapters.Grants{Partial: true}},
		{"columns", "SELECT (id, name) ON %s.cups", adapters.Grants{Partial: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			admin, err := adapters.Open(dsn, adapters.OpenConfig{})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = admin.Close() }()
			name := databaseOf(t, admin)
			user := fmt.Sprintf("kw_%d_%d", os.Getpid(), i)
			if err := storetest.MakeUser(t, owner, user, "Kupec-1-test", fmt.Sprintf(tt.grant, name)); err != nil {
				t.Skipf("this server does not let us make a user: %v", err)
			}
			db, err := adapters.Open(user+":Kupec-1-test@"+dsn[strings.LastIndex(dsn, "@")+1:], adapters.OpenConfig{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			got, err := adapters.Privileges(context.Background(), db)
			if err != nil {
				t.Fatal(err)
			}
			if got.User != user+"@%" && got.User != user+"@localhost" {
				t.Errorf("the user is %s", got.User)
			}
			tt.want.User, tt.want.Database = got.User, name
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if got.CanWrite() != (len(tt.want.Writes) > 0) {
				t.Errorf("CanWrite is %v", got.CanWrite())
			}
		})
	}
}
