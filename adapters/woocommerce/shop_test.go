package woocommerce_test

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

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/adaptertest"
	"github.com/kupec/kupec/adapters/woocommerce"
	"github.com/kupec/kupec/module/store/storetest"
)

var databases atomic.Int64

// shops makes a database with a shop for each seeder, all on the given schema, and gives a pool that may write and one
// that only reads.
func shops(t *testing.T, name string, seeders ...seeder) (owner, reader *sql.DB) {
	t.Helper()
	database := fmt.Sprintf("kupec_shop_%d_s%d", os.Getpid(), databases.Add(1))
	dsn := storetest.WithDatabase(t, storetest.Server(t), database)
	server, err := sql.Open("mysql", storetest.Server(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := server.Exec("DROP DATABASE IF EXISTS " + database); err != nil {
			t.Error(err)
		}
		_ = server.Close()
	})
	if _, err := server.Exec("CREATE DATABASE " + database + " CHARACTER SET utf8mb4"); err != nil {
		t.Fatal(err)
	}
	joint := "?"
	if strings.Contains(dsn, "?") {
		joint = "&"
	}
	if owner, err = sql.Open("mysql", dsn+joint+"sql_mode=''&interpolateParams=true"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = owner.Close() })
	for _, s := range seeders {
		for _, statement := range strings.Split(schema(t, name), ";\n") {
			statement = strings.NewReplacer("`wp_", "`"+s.prefix, "`sh7_", "`"+s.prefix).Replace(statement)
			if strings.TrimSpace(statement) == "" {
				continue
			}
			if _, err := owner.Exec(statement); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Seed(t.Context(), owner, adaptertest.Tell()); err != nil {
			t.Fatal(err)
		}
	}
	if reader, err = adapters.Open(dsn, adapters.OpenConfig{MaxConns: 1}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reader.Close() })
	return owner, reader
}

func at(now time.Time) func() time.Time { return func() time.Time { return now } }

func TestAWrongPrefixIsToldWithThePrefixesThereAre(t *testing.T) {
	t.Parallel()
	_, none := shops(t, "posts-6.9.4")
	_, one := shops(t, "posts-6.9.4", seeder{prefix: "sh7_"})
	_, two := shops(t, "posts-6.9.4", seeder{prefix: "sh7_"}, seeder{prefix: "old_"})
	_, main := shops(t, "posts-6.9.4", seeder{prefix: "old_"}, seeder{prefix: "wp_"})
	for _, tt := range []struct {
		name   string
		db     *sql.DB
		prefix string
		want   []string // parts of the error; none: it works
	}{
		{"the only one is found", one, "", nil},
		{"wp_ is preferred", main, "", nil},
		{"given", two, "old_", nil},
		{"wrong", one, "wp_", []string{"table wp_options", "sh7_", "KUPEC_SHOP_PREFIX"}},
		{"not told which", two, "", []string{"old_, sh7_", "KUPEC_SHOP_PREFIX"}},
		{"no shop", none, "", []string{"table wp_options", "No WooCommerce tables", "SELECT"}},
		{"not a prefix", one, "wp`; --", []string{"wp-config.php"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			shop := woocommerce.New(tt.db, woocommerce.Config{Prefix: tt.prefix})
			_, err := shop.Describe(t.Context())
			if len(tt.want) == 0 {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var schema *adapters.SchemaError
			if !errors.As(err, &schema) {
				t.Fatalf("want a SchemaError, got %v", err)
			}
			for _, part := range tt.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
			if _, err := shop.Orders(t.Context(), "", 1); !errors.As(err, &schema) {
				t.Errorf("reading orders fails otherwise: %v", err)
			}
		})
	}
}

func TestAMissingTableIsToldByName(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, "hpos-11.0.1", seeder{prefix: "wp_", tables: true})
	if _, err := owner.Exec("DROP TABLE wp_woocommerce_order_itemmeta"); err != nil {
		t.Fatal(err)
	}
	var schema *adapters.SchemaError
	if _, err := woocommerce.New(db, woocommerce.Config{}).Describe(t.Context()); !errors.As(err, &schema) || !strings.Contains(err.Error(), "wp_woocommerce_order_itemmeta") {
		t.Errorf("got %v", err)
	}
}

func TestAMissingRightNamesTheGrant(t *testing.T) {
	t.Parallel()
	owner, reader := shops(t, "posts-6.9.4", seeder{prefix: "wp_"})
	var database string
	if err := reader.QueryRow("SELECT DATABASE()").Scan(&database); err != nil {
		t.Fatal(err)
	}
	if err := storetest.MakeUser(t, owner, database, "Kupec-test-1", "SELECT ON "+database+".wp_options"); err != nil {
		t.Skipf("this server lets us make no user: %v", err)
	}
	dsn := storetest.WithDatabase(t, storetest.Server(t), database)
	db, err := adapters.Open(database+":Kupec-test-1"+dsn[strings.LastIndex(dsn, "@"):], adapters.OpenConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	_, err = woocommerce.New(db, woocommerce.Config{Prefix: "wp_"}).Describe(t.Context())
	if err == nil || !strings.Contains(err.Error(), "GRANT SELECT") || !strings.Contains(err.Error(), "wp_users") {
		t.Errorf("got %v", err)
	}
	if _, err = woocommerce.New(db, woocommerce.Config{}).Describe(t.Context()); err == nil || !strings.Contains(err.Error(), "No WooCommerce tables") {
		t.Errorf("with the prefix to be found out: %v", err)
	}
}

func TestASubsiteOfANetworkHasTheMainSitesAccounts(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, "hpos-11.0.1", seeder{prefix: "wp_2_", tables: true})
	for _, statement := range []string{"RENAME TABLE wp_2_users TO wp_users", "RENAME TABLE wp_2_usermeta TO wp_usermeta"} {
		if _, err := owner.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	page, err := woocommerce.New(db, woocommerce.Config{}).Customers(t.Context(), "", 10)
	if err != nil || len(page.Rows) != 3 {
		t.Errorf("%d accounts, %v", len(page.Rows), err)
	}
}

func TestAShopThatMovesItsOrdersIsReadAgainFromItsNewTables(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	owner, db := shops(t, "hpos-sync-8.2.2", seeder{prefix: "wp_", tables: true, copies: true})
	mode := func(hpos string) {
		if _, err := owner.Exec("UPDATE wp_options SET option_value = ? WHERE option_name = 'woocommerce_custom_orders_table_enabled'", hpos); err != nil {
			t.Fatal(err)
		}
	}
	mode("no")
	shop := woocommerce.New(db, woocommerce.Config{Now: at(adaptertest.Now())})
	read := func(after adapters.Cursor) (orders int, next adapters.Cursor) {
		for {
			page, err := shop.Orders(ctx, after, 100)
			if err != nil {
				t.Fatal(err)
			}
			orders += len(page.Rows)
			if after = page.Next; !page.More {
				return orders, after
			}
		}
	}
	before, next := read("")
	if n, _ := read(next); n >= before {
		t.Fatalf("a poll without news delivered %d of %d orders", n, before)
	}
	mode("yes")
	if n, _ := read(next); n < before {
		t.Errorf("after the move %d orders came, want all %d", n, before)
	}
	if info, err := shop.Describe(ctx); err != nil || info.Mode != "hpos-sync" {
		t.Errorf("mode %q, %v", info.Mode, err)
	}
}

// The newest 10,000 posts are followed by time; these orders are far behind them.
func TestOldOrdersInPostsAreSweptAndTheirRefundsSeenAtOnce(t *testing.T) {
	t.Parallel()
	s := seeder{prefix: "wp_"}
	owner, db := shops(t, "posts-6.9.4", s)
	if _, err := owner.Exec("INSERT INTO wp_posts (ID, post_content, post_title, post_excerpt, to_ping, pinged, post_content_filtered) VALUES (50000, '', 'A late page', '', '', '', '')"); err != nil {
		t.Fatal(err)
	}
	now := adaptertest.Now()
	shop := woocommerce.New(db, woocommerce.Config{Now: func() time.Time { return now }})
	var next adapters.Cursor
	poll := func() map[string]adapters.Order {
		rows := map[string]adapters.Order{}
		for {
			page, err := shop.Orders(t.Context(), next, 2)
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range page.Rows {
				rows[row.Key] = row
			}
			if next = page.Next; !page.More {
				return rows
			}
		}
	}
	poll()
	now = now.Add(time.Hour)
	poll()
	for _, c := range []adaptertest.Change{
		{At: now, OrderID: 2002, Status: adapters.StatusCompleted},
		{At: now, OrderID: 2011, Refund: &adaptertest.Refund{ID: 50001, Amount: "2", At: now}},
	} {
		if err := s.Change(t.Context(), owner, c); err != nil {
			t.Fatal(err)
		}
	}
	now = now.Add(5 * time.Second)
	if rows := poll(); len(rows["2011"].Refunds) != 1 {
		t.Errorf("the refund is not in the next poll: %v", rows)
	}
	for range 30 { // a minute to the next sweep, and 8 steps of it
		now = now.Add(5 * time.Second)
		if poll()["2002"].Status == adapters.StatusCompleted {
			return
		}
	}
	t.Error("the old order's change was not swept up")
}

func TestAPageCostsTheSameNumberOfStatementsHoweverManyRowsItHas(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		schema string
		seeder seeder
	}{{"hpos-11.0.1", seeder{prefix: "wp_", tables: true}}, {"posts-6.9.4", seeder{prefix: "wp_"}}} {
		_, db := shops(t, tt.schema, tt.seeder)
		shop := woocommerce.New(db, woocommerce.Config{Prefix: "wp_", Now: at(adaptertest.Now())})
		status := func(name string) (n int) {
			if err := db.QueryRow("SHOW SESSION STATUS LIKE '"+name+"'").Scan(&name, &n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		statements := func(read func() error) (n int) {
			onDisk, before := status("Created_tmp_disk_tables"), status("Questions")
			if err := read(); err != nil {
				t.Fatal(err)
			}
			n = status("Questions") - before - 1
			if more := status("Created_tmp_disk_tables") - onDisk; more > 0 {
				t.Errorf("%s: a page made the server write %d temporary tables to its disk", tt.schema, more)
			}
			return n
		}
		for name, read := range map[string]func(context.Context, int) error{
			"orders":    func(ctx context.Context, n int) error { _, err := shop.Orders(ctx, "", n); return err },
			"products":  func(ctx context.Context, n int) error { _, err := shop.Products(ctx, "", n); return err },
			"customers": func(ctx context.Context, n int) error { _, err := shop.Customers(ctx, "", n); return err },
		} {
			few := statements(func() error { return read(t.Context(), 2) })
			many := statements(func() error { return read(t.Context(), 13) })
			const most = 16 // the settings, the watermark, ids, and one for each kind of thing that belongs to them
			if many > few+4 || many > most {
				t.Errorf("%s, %s: %d statements for 2 rows, %d for 13", tt.schema, name, few, many)
			}
		}
	}
}
