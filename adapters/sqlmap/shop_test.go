package sqlmap_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/adaptertest"
	"github.com/kupec/kupec/adapters/sqlmap"
	"github.com/kupec/kupec/module/store/storetest"
)

var databases atomic.Int64

// shops makes a database with a shop, and gives a pool that may write and one that only reads. Without a seeder its
// tables are empty.
func shops(t *testing.T, tables string, seeder adaptertest.Seeder) (owner, reader *sql.DB) {
	t.Helper()
	database := fmt.Sprintf("kupec_shop_%d_m%d", os.Getpid(), databases.Add(1))
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
	for _, statement := range strings.Split(tables, ";\n") {
		if strings.TrimSpace(statement) != "" {
			execute(t, owner, statement)
		}
	}
	if seeder != nil {
		if err := seeder.Seed(t.Context(), owner, adaptertest.Tell()); err != nil {
			t.Fatal(err)
		}
	}
	if reader, err = adapters.Open(dsn, adapters.OpenConfig{MaxConns: 1}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reader.Close() })
	return owner, reader
}

func execute(t *testing.T, db *sql.DB, statement string, args ...any) {
	t.Helper()
	if _, err := db.Exec(statement, args...); err != nil {
		t.Fatalf("%v\n%s", err, statement)
	}
}

func attach(t *testing.T, db *sql.DB, text string, now func() time.Time) *sqlmap.Shop {
	t.Helper()
	shop, err := sqlmap.New(db, []byte(text), sqlmap.Config{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	return shop
}

// clock is one that a test moves.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

// poll reads orders until there are no more, and gives them by key.
func poll(t *testing.T, shop *sqlmap.Shop, next *adapters.Cursor) map[string]adapters.Order {
	t.Helper()
	rows := map[string]adapters.Order{}
	for {
		page, err := shop.Orders(t.Context(), *next, 500)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range page.Rows {
			rows[row.Key] = row
		}
		if *next = page.Next; !page.More {
			return rows
		}
	}
}

// crowd adds many carts and orders to a shop of Sylius, all of long ago.
func crowd(t *testing.T, owner *sql.DB, from, to int64) {
	t.Helper()
	b := &adaptertest.Batch{Prefix: "sylius_", Columns: syliusColumns}
	for id := from; id < to; id++ {
		state := []string{"cart", "cart", "new", "fulfilled"}[id%4]
		at := adaptertest.Now().AddDate(0, -1, 0).Add(time.Duration(id) * time.Second)
		b.Add("order", id, nil, state, "completed", "paid", "ready", 101, 0, nil, nil, nil, "EUR", "sl_SI", 100, 0, 100, local(at), local(at), local(at))
		b.Add("order_item", 10*id, id, 6001, 1, 100, 100, "Ethiopia", nil)
		b.Add("order_item_unit", 10*id, 10*id, local(at))
		b.Add("adjustment", nil, nil, 10*id, nil, "tax", 18, 1, local(at))
		b.Add("payment", id, "EUR", 100, "completed", local(at), local(at))
	}
	if err := b.Write(t.Context(), owner); err != nil {
		t.Fatal(err)
	}
	execute(t, owner, "ANALYZE TABLE sylius_order, sylius_order_item, sylius_order_item_unit, sylius_adjustment, sylius_payment")
}

// rowsRead is how many rows the server looked at for the reader's connection, of which there is one.
func rowsRead(t *testing.T, db *sql.DB) (sum int64) {
	t.Helper()
	rows, err := db.Query("SHOW SESSION STATUS LIKE 'Handler_read%'")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name string
		var n int64
		if err := rows.Scan(&name, &n); err != nil {
			t.Fatal(err)
		}
		sum += n
	}
	return sum
}

func TestNoPageAndNoPollReadsAWholeTable(t *testing.T) {
	t.Parallel()
	owner, reader := shops(t, schema(t, "sylius-2.0"), sylius{})
	crowd(t, owner, 100_000, 124_000)
	now := &clock{adaptertest.Now()}
	shop := attach(t, reader, sqlmap.Sylius(), now.now)
	var next adapters.Cursor
	if n := len(poll(t, shop, &next)); n < 12_000 {
		t.Fatalf("%d orders, want 12,000 and the story's", n)
	}
	now.at = now.at.Add(10 * time.Minute)
	poll(t, shop, &next)
	for _, tt := range []struct {
		what string
		most int64
		read func() error
	}{
		{"a poll without news", 200, func() error { now.at = now.at.Add(5 * time.Second); poll(t, shop, &next); return nil }},
		// To each order some 20 rows of other tables are looked up, each in two reads; half of the rows between are carts.
		{"a page of 100 orders", 100 * 60, func() error {
			_, err := shop.Orders(t.Context(), shop.Range(adapters.StreamOrders, 110_000, 124_000), 100)
			return err
		}},
		{"a page of 100 carts", 100 * 20, func() error {
			page, err := shop.Carts(t.Context(), "", 100)
			if err == nil {
				_, err = shop.Carts(t.Context(), page.Next, 100)
			}
			return err
		}},
		{"the digests of 1,000 orders", 1_000 * 80, func() error {
			_, err := shop.Digests(t.Context(), adapters.StreamOrders, 110_000, 110_999, 500)
			return err
		}},
	} {
		if err := tt.read(); err != nil { // the server reads more for the first one of a kind: its own tables
			t.Fatal(err)
		}
		before := rowsRead(t, reader)
		if err := tt.read(); err != nil {
			t.Fatal(err)
		}
		if n := rowsRead(t, reader) - before; n > tt.most {
			t.Errorf("%s made the server read %d rows, want %d at most", tt.what, n, tt.most)
		}
	}
}

func TestAPageCostsTheSameNumberOfStatementsHoweverManyRowsItHas(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		schema, file string
		seeder       adaptertest.Seeder
	}{{"sylius-1.13", sqlmap.Sylius(), sylius{}}, {"homemade", sqlmap.Example(), homemade{}}} {
		_, db := shops(t, schema(t, tt.schema), tt.seeder)
		shop := attach(t, db, tt.file, adaptertest.Now)
		if _, err := shop.Describe(t.Context()); err != nil {
			t.Fatal(err)
		}
		statements := func(read func() error) (n int) {
			questions := func() (n int) {
				var name string
				if err := db.QueryRow("SHOW SESSION STATUS LIKE 'Questions'").Scan(&name, &n); err != nil {
					t.Fatal(err)
				}
				return n
			}
			before := questions()
			if err := read(); err != nil {
				t.Fatal(err)
			}
			return questions() - before - 1
		}
		for name, read := range map[string]func(context.Context, int) error{
			"orders":      func(ctx context.Context, n int) error { _, err := shop.Orders(ctx, "", n); return err },
			"products":    func(ctx context.Context, n int) error { _, err := shop.Products(ctx, "", n); return err },
			"customers":   func(ctx context.Context, n int) error { _, err := shop.Customers(ctx, "", n); return err },
			"carts":       func(ctx context.Context, n int) error { _, err := shop.Carts(ctx, "", n); return err },
			"subscribers": func(ctx context.Context, n int) error { _, err := shop.Subscribers(ctx, "", n); return err },
		} {
			few := statements(func() error { return read(t.Context(), 2) })
			many := statements(func() error { return read(t.Context(), 13) })
			const most = 12 // the watermark, ids, and one for each kind of thing that belongs to them
			if many > few+4 || many > most {
				t.Errorf("%s, %s: %d statements for 2 rows, %d for 13", tt.schema, name, few, many)
			}
		}
	}
}

// In Sylius an order is a cart that has left its state: its number may be far behind the newest.
func TestACartThatBecomesAnOrderIsInTheNextPoll(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, schema(t, "sylius-1.13"), sylius{})
	crowd(t, owner, 100_000, 111_000) // more than are followed by a time without an index
	now := &clock{adaptertest.Now()}
	shop := attach(t, db, sqlmap.Sylius(), now.now)
	var next adapters.Cursor
	poll(t, shop, &next)
	now.at = now.at.Add(time.Hour)
	poll(t, shop, &next)
	execute(t, owner, "UPDATE sylius_order SET state = 'new', payment_state = 'paid', number = '77', checkout_completed_at = ?, updated_at = ? WHERE id = 1002", local(now.at), local(now.at))
	now.at = now.at.Add(5 * time.Second)
	got := poll(t, shop, &next)["1002"]
	if got.Status != adapters.StatusPaid || got.Number != "77" || !got.PlacedAt.Equal(now.at.Add(-5*time.Second)) || len(got.Lines) != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestAGuestWhoMakesAnAccountIsInTheNextPoll(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, schema(t, "sylius-2.0"), sylius{})
	now := &clock{adaptertest.Now()}
	shop := attach(t, db, sqlmap.Sylius(), now.now)
	page, err := shop.Customers(t.Context(), "", 100)
	for err == nil && page.More {
		page, err = shop.Customers(t.Context(), page.Next, 100)
	}
	if err != nil {
		t.Fatal(err)
	}
	execute(t, owner, "INSERT INTO sylius_shop_user (customer_id, username, enabled, created_at) SELECT id, email, 1, ? FROM sylius_customer WHERE email = 'guest@example.com'", local(now.at))
	page, err = shop.Customers(t.Context(), page.Next, 100)
	if err != nil || !slices.ContainsFunc(page.Rows, func(c adapters.Customer) bool { return c.Email == "guest@example.com" }) {
		t.Errorf("%+v, %v", page.Rows, err)
	}
}

// minimal is a file for one table of orders, into which tests write what they are about.
func minimal(zone, orders string) string {
	return `
kupec: 1
platform: test
version: "1"
shop:
  fields: {name: {text: Test}, url: {text: "https://test.example"}, currency: {text: EUR}, zone: {text: ` + zone + `}}
orders:
` + orders
}

const plainOrders = `  table: orders o
  key: o.id
  status: {word: o.state, words: {new: pending}}
  fields: {total: o.total, placed_at: o.placed, changed_at: o.changed}
  changed: o.changed
`

// West of Greenwich the shop's clock is behind UTC: what a sweep looks for must be told by that clock.
func TestAnOldRowsChangeIsSweptInTheShopsOwnZone(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, "CREATE TABLE orders (id int PRIMARY KEY, state varchar(20), total decimal(10,2), placed datetime, changed datetime);\n", nil)
	execute(t, owner, "INSERT INTO orders VALUES (1, 'new', 5, '2026-01-01 10:00:00', '2026-01-01 10:00:00'), (50000, 'new', 5, '2026-01-01 10:00:00', '2026-01-01 10:00:00')")
	now := &clock{adaptertest.Now()}
	shop := attach(t, db, minimal("America/New_York", plainOrders+"  recheck: 0\n"), now.now)
	var next adapters.Cursor
	if got := poll(t, shop, &next)["1"].PlacedAt; !got.Equal(time.Date(2026, 1, 1, 15, 0, 0, 0, time.UTC)) {
		t.Errorf("placed at %v", got)
	}
	now.at = now.at.Add(time.Hour)
	poll(t, shop, &next)
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	execute(t, owner, "UPDATE orders SET state = 'sent', changed = ? WHERE id = 1", now.at.In(newYork).Format(time.DateTime))
	for range 40 {
		now.at = now.at.Add(5 * time.Second)
		if poll(t, shop, &next)["1"].RawStatus == "sent" {
			return
		}
	}
	t.Error("the change was not swept up")
}

func TestATimestampIsInUTCAndADatetimeInTheClockOfTheFile(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, "CREATE TABLE orders (id int PRIMARY KEY, state varchar(20), total decimal(10,2), placed datetime, changed timestamp NULL);\n", nil)
	execute(t, owner, "SET time_zone = '+00:00'")
	execute(t, owner, "INSERT INTO orders VALUES (1, 'new', 5, '2026-01-01 10:00:00', '2026-01-01 11:00:00')")
	for _, tt := range []struct {
		clock string
		hour  int
	}{{"", 9}, {"clock: UTC\n", 10}, {"clock: America/New_York\n", 15}} {
		var next adapters.Cursor
		got := poll(t, attach(t, db, minimal("Europe/Ljubljana", plainOrders)+tt.clock, adaptertest.Now), &next)["1"]
		if got.PlacedAt.Hour() != tt.hour || got.ChangedAt.Hour() != 11 {
			t.Errorf("%q: placed at %v, changed at %v", tt.clock, got.PlacedAt, got.ChangedAt)
		}
	}
}

func TestAWordOfTheFileIsAWordWhateverItHolds(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, "CREATE TABLE orders (id int PRIMARY KEY, state varchar(60) COLLATE utf8mb4_bin, total decimal(10,2), placed datetime, changed datetime);\n", nil)
	for i, word := range []string{`x' OR '1'='1`, `\`, "`", "{orders}", "?", "%", "né", "🙂", ";DROP TABLE orders", "-1", ""} {
		execute(t, owner, "INSERT INTO orders VALUES (?, ?, 1, '2026-01-01', '2026-01-01')", 2*i+1, word)
		execute(t, owner, "INSERT INTO orders VALUES (?, 'other', 1, '2026-01-01', '2026-01-01')", 2*i+2)
		var next adapters.Cursor
		text := minimal("UTC", plainOrders+fmt.Sprintf("  where: {value: o.state, is: %q}\n", word))
		got := poll(t, attach(t, db, text, adaptertest.Now), &next)
		if len(got) != 1 || got[fmt.Sprint(2*i+1)].Key == "" {
			t.Errorf("%q found %v", word, got)
		}
	}
}

func TestACorrectedFileHasItsStreamReadAgain(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, "CREATE TABLE orders (id int PRIMARY KEY, state varchar(20), total decimal(10,2), placed datetime, changed datetime);\n", nil)
	execute(t, owner, "INSERT INTO orders VALUES (1, 'new', 5, '2026-01-01 10:00:00', '2026-01-01 10:00:00')")
	before := minimal("UTC", plainOrders)
	var next adapters.Cursor
	poll(t, attach(t, db, before, adaptertest.Now), &next)
	same := attach(t, db, strings.ReplaceAll(before, "orders:\n", "orders: # all of them\n"), adaptertest.Now)
	if _, err := same.Orders(t.Context(), next, 10); err != nil {
		t.Errorf("a comment made the cursor unfit: %v", err)
	}
	for _, corrected := range []string{strings.Replace(before, "o.total", "{minor: o.total}", 1), strings.Replace(before, "EUR", "USD", 1)} {
		if _, err := attach(t, db, corrected, adaptertest.Now).Orders(t.Context(), next, 10); !errors.Is(err, adapters.ErrCursor) {
			t.Errorf("the cursor of another file was taken: %v", err)
		}
	}
}

func TestAnIndexOnATimeOfChangeIsAdvisedUntilThereIsOne(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, "CREATE TABLE orders (id int PRIMARY KEY, state varchar(20), total decimal(10,2), placed datetime, changed datetime);\n", nil)
	list, err := attach(t, db, minimal("UTC", plainOrders), adaptertest.Now).Advise(t.Context())
	if err != nil || len(list) != 1 || !strings.Contains(list[0].Finding, "table orders has no index on changed") {
		t.Fatalf("%+v, %v", list, err)
	}
	_, statement, _ := strings.Cut(list[0].Next, ": ")
	execute(t, owner, statement)
	if list, err := attach(t, db, minimal("UTC", plainOrders), adaptertest.Now).Advise(t.Context()); err != nil || len(list) > 0 {
		t.Errorf("with the index: %+v, %v", list, err)
	}
	for _, tt := range []struct {
		name, file string
		seeder     adaptertest.Seeder
	}{{"sylius-1.13", sqlmap.Sylius(), sylius{}}, {"homemade", sqlmap.Example(), homemade{}}} {
		_, db := shops(t, schema(t, tt.name), tt.seeder)
		list, err := attach(t, db, tt.file, adaptertest.Now).Advise(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range list {
			if strings.Contains(a.Finding, "table sylius_order ") || strings.Contains(a.Finding, "table orders ") {
				t.Errorf("%s: advised of an index that is there: %s", tt.name, a.Finding)
			}
		}
	}
}

func TestWhatAFileLeavesOutIsEmpty(t *testing.T) {
	t.Parallel()
	_, db := shops(t, "CREATE TABLE orders (id int PRIMARY KEY, state varchar(20), total decimal(10,2), placed datetime, changed datetime);\n", nil)
	shop := attach(t, db, minimal("UTC", plainOrders), adaptertest.Now)
	page, err := shop.Customers(t.Context(), "", 10)
	if err != nil || page.More || page.Next == "" || len(page.Rows) > 0 {
		t.Errorf("%+v, %v", page, err)
	}
	if _, err := shop.Customers(t.Context(), page.Next, 10); err != nil {
		t.Errorf("its own cursor: %v", err)
	}
	if _, err := shop.Products(t.Context(), "k1.p.0", 10); !errors.Is(err, adapters.ErrCursor) {
		t.Errorf("another cursor: %v", err)
	}
	if list, err := shop.Categories(t.Context()); err != nil || len(list) > 0 {
		t.Errorf("%v, %v", list, err)
	}
	if first, last, err := shop.Span(t.Context(), adapters.StreamProducts); err != nil || first != 0 || last != 0 {
		t.Errorf("%d to %d, %v", first, last, err)
	}
	if counts, err := shop.Count(t.Context()); err != nil || counts != (adapters.Counts{}) {
		t.Errorf("%+v, %v", counts, err)
	}
}

func TestATableThatChangesWhileItIsReadIsToldByItsPlaceInTheFile(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, "CREATE TABLE orders (id int PRIMARY KEY, state varchar(20), total decimal(10,2), placed datetime, changed datetime);\n", nil)
	execute(t, owner, "INSERT INTO orders VALUES (1, 'new', 5, '2026-01-01 10:00:00', '2026-01-01 10:00:00')")
	shop := attach(t, db, minimal("UTC", plainOrders), adaptertest.Now)
	if _, err := shop.Orders(t.Context(), "", 10); err != nil {
		t.Fatal(err)
	}
	execute(t, owner, "ALTER TABLE orders CHANGE total sum decimal(10,2)")
	var schema *adapters.SchemaError
	if _, err := shop.Orders(t.Context(), "", 10); !errors.As(err, &schema) {
		t.Errorf("got %v", err)
	}
	var at *sqlmap.FileError
	if _, err := shop.Orders(t.Context(), "", 10); !errors.As(err, &at) || at.Path != "orders.fields.total" {
		t.Errorf("got %v", err)
	}
}

// limited is a pool of a user who may read one table.
func limited(t *testing.T, owner *sql.DB, database, table string) *sql.DB {
	t.Helper()
	if _, err := owner.Exec("CREATE USER '" + database + "'@'%' IDENTIFIED BY 'Kupec-test-1'"); err != nil {
		t.Skipf("this server lets us make no user: %v", err)
	}
	t.Cleanup(func() { _, _ = owner.Exec("DROP USER '" + database + "'@'%'") })
	execute(t, owner, "GRANT SELECT ON "+database+"."+table+" TO '"+database+"'@'%'")
	dsn := storetest.WithDatabase(t, storetest.Server(t), database)
	db, err := adapters.Open(database+":Kupec-test-1"+dsn[strings.LastIndex(dsn, "@"):], adapters.OpenConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
