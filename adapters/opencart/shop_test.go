package opencart_test

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
	"github.com/kupec/kupec/adapters/adaptertest"
	"github.com/kupec/kupec/adapters/opencart"
	"github.com/kupec/kupec/module/store/storetest"
)

var databases atomic.Int64

// shops makes a database with a shop for each seeder, all of a version, and gives a pool that may write and one that only
// reads, by a single connection.
func shops(t *testing.T, version string, seeders ...seeder) (owner, reader *sql.DB) {
	t.Helper()
	database := fmt.Sprintf("kupec_shop_%d_o%d", os.Getpid(), databases.Add(1))
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
		for _, statement := range strings.Split(schema(t, version, s.prefix), ";\n") {
			if strings.TrimSpace(statement) != "" {
				exec(t, owner, statement)
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

func exec(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%v\n%s", err, statement)
		}
	}
}

func three(prefix string) seeder { return seeder{version: "3.0", prefix: prefix} }
func fourth(prefix string) seeder {
	return seeder{version: "4.1", prefix: prefix, backorders: true}
}

func at(now time.Time) func() time.Time { return func() time.Time { return now } }

// all reads a stream until there is no more.
func all[T any](t *testing.T, read func(context.Context, adapters.Cursor, int) (adapters.Page[T], error), next adapters.Cursor, limit int) ([]T, adapters.Cursor) {
	t.Helper()
	var rows []T
	for {
		page, err := read(t.Context(), next, limit)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, page.Rows...)
		if next = page.Next; !page.More {
			return rows, next
		}
	}
}

func order(t *testing.T, shop adapters.Shop, key string) adapters.Order {
	t.Helper()
	rows, _ := all(t, shop.Orders, "", 500)
	for _, o := range rows {
		if o.Key == key {
			return o
		}
	}
	t.Fatalf("no order %s", key)
	return adapters.Order{}
}

func TestAWrongPrefixIsToldWithThePrefixesThereAre(t *testing.T) {
	t.Parallel()
	_, none := shops(t, "3.0.3.8")
	_, one := shops(t, "3.0.3.8", three("sh7_"))
	_, bare := shops(t, "4.1.0.4", fourth(""))
	_, two := shops(t, "3.0.3.8", three("sh7_"), three("old_"))
	_, main := shops(t, "3.0.3.8", three("old_"), three("oc_"))
	for _, tt := range []struct {
		name   string
		db     *sql.DB
		prefix string
		want   []string // parts of the error; none: it works
	}{
		{"the only one is found", one, "", nil},
		{"also when it is none at all", bare, "", nil},
		{"oc_ is preferred", main, "", nil},
		{"given", two, "old_", nil},
		{"wrong", one, "oc_", []string{"table oc_setting", "sh7_", "KUPEC_SHOP_PREFIX"}},
		{"not told which", two, "", []string{"old_, sh7_", "KUPEC_SHOP_PREFIX"}},
		{"no shop", none, "", []string{"table oc_setting", "No OpenCart tables", "SELECT"}},
		{"not a prefix", one, "oc`; --", []string{"config.php"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			shop := opencart.New(tt.db, opencart.Config{Prefix: tt.prefix})
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
	owner, db := shops(t, "4.0.2.3", seeder{version: "4.0", prefix: "oc_"})
	exec(t, owner, "DROP TABLE oc_order_total")
	var schema *adapters.SchemaError
	if _, err := opencart.New(db, opencart.Config{}).Describe(t.Context()); !errors.As(err, &schema) || !strings.Contains(err.Error(), "oc_order_total") {
		t.Errorf("got %v", err)
	}
}

func TestAMissingRightNamesTheGrant(t *testing.T) {
	t.Parallel()
	owner, reader := shops(t, "3.0.3.8", three("oc_"))
	var database string
	if err := reader.QueryRow("SELECT DATABASE()").Scan(&database); err != nil {
		t.Fatal(err)
	}
	if err := storetest.MakeUser(t, owner, database, "Kupec-test-1", "SELECT ON "+database+".oc_setting"); err != nil {
		t.Skipf("this server lets us make no user: %v", err)
	}
	dsn := storetest.WithDatabase(t, storetest.Server(t), database)
	db, err := adapters.Open(database+":Kupec-test-1"+dsn[strings.LastIndex(dsn, "@"):], adapters.OpenConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	_, err = opencart.New(db, opencart.Config{Prefix: "oc_"}).Describe(t.Context())
	if err == nil || !strings.Contains(err.Error(), "GRANT SELECT") || !strings.Contains(err.Error(), "oc_language") {
		t.Errorf("got %v", err)
	}
	if _, err = opencart.New(db, opencart.Config{}).Describe(t.Context()); err == nil || !strings.Contains(err.Error(), "No OpenCart tables") {
		t.Errorf("with the prefix to be found out: %v", err)
	}
}

func TestAnIndexOnTheHistoryIsAdvisedUntilThereIsOne(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, "4.1.0.4", fourth("sh7_"))
	shop := opencart.New(db, opencart.Config{})
	list, err := shop.Advise(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	_, statement, _ := strings.Cut(list[0].Next, ": ")
	exec(t, owner, statement)
	if list, err := shop.Advise(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("it is advised again: %+v, %v", list, err)
	}
	if o := order(t, shop, "2001"); o.PaidAt.IsZero() || o.CompletedAt.IsZero() {
		t.Errorf("the history is not read: paid %s, completed %s", o.PaidAt, o.CompletedAt)
	}
}

func TestAShopIsDescribedByWhatItHas(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		tables string
		seeder seeder
		cfg    opencart.Config
		want   []string // version, mode, zone, URL
	}{
		{"3.0.5.1", three("oc_"), opencart.Config{}, []string{"3.0", "modified", "Europe/Ljubljana", "https://zrno.example"}},
		{"3.0.3.8", seeder{version: "3.0", prefix: "oc_", zoneless: true}, opencart.Config{URL: "https://new.example/shop/"}, []string{"3.0", "modified", "UTC", "https://new.example/shop"}},
		{"4.0.2.3", seeder{version: "4.0", prefix: "oc_"}, opencart.Config{}, []string{"4.0", "modified", "Europe/Ljubljana", "https://zrno.example"}},
		{"4.1.0.4", fourth("oc_"), opencart.Config{Zone: "Asia/Tokyo"}, []string{"4.1", "history", "Asia/Tokyo", "https://zrno.example"}},
	} {
		_, db := shops(t, tt.tables, tt.seeder)
		info, err := opencart.New(db, tt.cfg).Describe(t.Context())
		if diff := cmp.Diff(tt.want, []string{info.Version, info.Mode, info.Zone, info.URL}); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", tt.tables, err, diff)
		}
	}
}

// A database that was carried from version to version has tables of several character sets and orders.
func TestTablesOfDifferentCollationsAreReadTogether(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, "4.1.0.4", fourth("oc_"))
	before, _ := all(t, opencart.New(db, opencart.Config{Now: at(adaptertest.Now())}).Orders, "", 500)
	for i, table := range []string{"cart", "customer", "country", "order_total", "product", "session", "setting", "zone"} {
		exec(t, owner, "ALTER TABLE oc_"+table+" CONVERT TO CHARACTER SET "+[]string{"utf8mb3 COLLATE utf8mb3_general_ci", "utf8mb4 COLLATE utf8mb4_bin"}[i%2])
	}
	shop := opencart.New(db, opencart.Config{Now: at(adaptertest.Now())})
	after, _ := all(t, shop.Orders, "", 500)
	if diff := cmp.Diff(before, after); diff != "" {
		t.Error(diff)
	}
	if carts, _ := all(t, shop.Carts, "", 500); len(carts) != 2 {
		t.Errorf("%d carts, want 2", len(carts))
	}
	for _, stream := range []adapters.Stream{adapters.StreamCustomers, adapters.StreamOrders, adapters.StreamProducts} {
		if sums, err := shop.Digests(t.Context(), stream, 1, 9999, 1000); err != nil || len(sums) == 0 {
			t.Errorf("%s: %d digests, %v", stream, len(sums), err)
		}
	}
}

func TestFriendlyAddressesAreUsedWhereOnePartIsAllOfThem(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		tables            string
		seeder            seeder
		off               bool
		product, category string
	}{
		{"3.0.3.8", three("oc_"), false, "https://zrno.example/ethiopia-guji-2", "https://zrno.example/coffee-2/beans-2"},
		{"3.0.3.8", three("oc_"), true, "https://zrno.example/index.php?route=product/product&product_id=1001", "https://zrno.example/index.php?route=product/category&path=12_11"},
		{"4.0.2.3", seeder{version: "4.0", prefix: "oc_"}, false, "https://zrno.example/index.php?route=product/product&product_id=1001", "https://zrno.example/index.php?route=product/category&path=12_11"},
	} {
		owner, db := shops(t, tt.tables, tt.seeder)
		if tt.off {
			exec(t, owner, "UPDATE oc_setting SET `value` = '0' WHERE `key` = 'config_seo_url'")
		}
		shop := opencart.New(db, opencart.Config{})
		products, _ := all(t, shop.Products, "", 500)
		categories, err := shop.Categories(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if products[0].URL != tt.product || products[0].ImageURL != "https://zrno.example/image/catalog/2024/03/ethiopia%20guji.jpg" {
			t.Errorf("%s: product %s with picture %s", tt.tables, products[0].URL, products[0].ImageURL)
		}
		if got := categories[1].URL; got != tt.category {
			t.Errorf("%s: category %s, want %s", tt.tables, got, tt.category)
		}
	}
}

func TestTheModelStandsInForASKUThatIsEmpty(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, "3.0.5.1", three("oc_"))
	exec(t, owner, "UPDATE oc_product SET sku = '' WHERE product_id = 1001", "UPDATE oc_order_product SET model = 'OLD-1' WHERE order_product_id = 30003")
	shop := opencart.New(db, opencart.Config{})
	if products, _ := all(t, shop.Products, "", 500); products[0].SKU != "M-1001" {
		t.Errorf("the product has the SKU %q", products[0].SKU)
	}
	if line := order(t, shop, "2002").Lines[0]; line.SKU != "OLD-1" {
		t.Errorf("the line has the SKU %q", line.SKU)
	}
}

func TestAProductThatWillBeAvailableLaterIsNotShownYet(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, "3.0.3.8", three("oc_"))
	exec(t, owner, "UPDATE oc_product SET date_available = '2026-03-03' WHERE product_id = 1001", "UPDATE oc_product SET date_available = '0000-00-00' WHERE product_id = 1006")
	now := adaptertest.Now()
	shop := opencart.New(db, opencart.Config{Now: func() time.Time { return now }})
	for _, want := range []bool{false, true} {
		products, _ := all(t, shop.Products, "", 500)
		visible := map[string]bool{}
		for _, p := range products {
			visible[p.Key] = p.Visible
		}
		if visible["1001"] != want || !visible["1006"] {
			t.Errorf("at %s: %v", now, visible)
		}
		now = now.Add(13*time.Hour + time.Minute) // midnight in Ljubljana is at 23:00 UTC
	}
}

func TestAGiftVoucherThatWasSoldIsALine(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, "4.0.2.3", seeder{version: "4.0", prefix: "oc_"})
	exec(t, owner,
		"INSERT INTO oc_order_voucher (order_voucher_id, order_id, description, amount) VALUES (30003, 2002, 'Bon za &quot;Ano&quot;', 43), (8, 2003, 'of an order whose sum has none', 5)",
		"UPDATE oc_order_total SET `value` = `value` + 43 WHERE order_id = 2002 AND code = 'sub_total'")
	shop := opencart.New(db, opencart.Config{})
	want := []adapters.Line{
		{Key: "30003", ProductKey: "1001", SKU: "ETH-250", Name: "Ethiopia", Quantity: "2", Total: "19.8", Tax: "0"},
		{Key: "voucher-30003", Name: `Bon za "Ano"`, Quantity: "1", Total: "36.98", Tax: "0"}, // 43 EUR at 0.86
	}
	if diff := cmp.Diff(want, order(t, shop, "2002").Lines); diff != "" {
		t.Error(diff)
	}
	if lines := order(t, shop, "2003").Lines; len(lines) != 1 {
		t.Errorf("%d lines", len(lines))
	}
}

func TestARefundedOrderGaveAllBack(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		tables string
		seeder seeder
		index  bool
		want   adapters.Refund
	}{
		{"3.0.3.8", three("oc_"), false, adapters.Refund{Key: "2004", Amount: "12.2", RefundedAt: time.Date(2023, 3, 29, 9, 30, 0, 0, time.UTC)}},
		{"4.1.0.4", fourth("oc_"), false, adapters.Refund{Key: "2004", Amount: "12.2"}}, // nothing tells when
		{"4.1.0.4", fourth("oc_"), true, adapters.Refund{Key: "2004", Amount: "12.2", Reason: "Opomba & hvala", RefundedAt: time.Date(2023, 3, 29, 9, 30, 0, 0, time.UTC)}},
	} {
		owner, db := shops(t, tt.tables, tt.seeder)
		if tt.index {
			exec(t, owner, "ALTER TABLE oc_order_history ADD INDEX (order_id)")
		}
		if diff := cmp.Diff([]adapters.Refund{tt.want}, order(t, opencart.New(db, opencart.Config{}), "2004").Refunds); diff != "" {
			t.Errorf("%s:\n%s", tt.tables, diff)
		}
	}
}

func TestACartThatAnAccountHasOrderedSinceIsNotOpen(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, "3.0.5.1", three("oc_"))
	shop := opencart.New(db, opencart.Config{Now: at(adaptertest.Now())})
	carts := func() map[string]int {
		lines := map[string]int{}
		rows, _ := all(t, shop.Carts, "", 500)
		for _, c := range rows {
			lines[c.CustomerKey] = len(c.Lines)
		}
		return lines
	}
	if diff := cmp.Diff(map[string]int{"101": 2, "": 1}, carts()); diff != "" {
		t.Fatal(diff)
	}
	// Another device placed the order, the session is over, and the rows are still there; one was put in later.
	placed := adaptertest.Order{ID: 2900, Status: adapters.StatusPaid, Currency: "EUR", Total: "1", CustomerID: 101, Placed: adaptertest.Now().Add(-150 * time.Minute), Changed: adaptertest.Now()}
	if err := three("oc_").Seed(t.Context(), owner, adaptertest.Story{Orders: []adaptertest.Order{placed}}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]int{"101": 1, "": 1}, carts()); diff != "" {
		t.Error(diff)
	}
	exec(t, owner, "UPDATE oc_order SET order_status_id = 0 WHERE order_id = 2900") // it was never placed after all
	if diff := cmp.Diff(map[string]int{"101": 2, "": 1}, carts()); diff != "" {
		t.Error(diff)
	}
}

func TestASessionsNameIsNotToldOutOfTheShop(t *testing.T) {
	t.Parallel()
	_, db := shops(t, "4.1.0.4", fourth("oc_"))
	carts, _ := all(t, opencart.New(db, opencart.Config{Now: at(adaptertest.Now())}).Carts, "", 500)
	for _, c := range carts {
		if strings.Contains(fmt.Sprintf("%+v", c), sessionName(6002)) {
			t.Errorf("the cart %s tells the session", c.Key)
		}
	}
}

// follower polls one stream as time passes.
type follower[T any] struct {
	read func(context.Context, adapters.Cursor, int) (adapters.Page[T], error)
	key  func(T) string
	next adapters.Cursor
}

func (f *follower[T]) poll(t *testing.T) map[string]T {
	t.Helper()
	rows, next := all(t, f.read, f.next, 100)
	f.next = next
	found := map[string]T{}
	for _, row := range rows {
		found[f.key(row)] = row
	}
	return found
}

func TestWhatIsAddedOrSoldIsInTheNextPoll(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, "4.1.0.4", fourth("oc_"))
	now := adaptertest.Now()
	shop := opencart.New(db, opencart.Config{Now: func() time.Time { return now }})
	customers := follower[adapters.Customer]{shop.Customers, func(c adapters.Customer) string { return c.Key }, ""}
	products := follower[adapters.Product]{shop.Products, func(p adapters.Product) string { return p.Key }, ""}
	customers.poll(t)
	products.poll(t)
	now = now.Add(10 * time.Minute)
	customers.poll(t)
	products.poll(t)
	now = now.Add(5 * time.Second)
	exec(t, owner,
		"INSERT INTO oc_address (customer_id, address_1, `default`) VALUES (102, 'Nova 1', 1)",
		"INSERT INTO oc_order_product (order_id, product_id, master_id, quantity) VALUES (2012, 1102, 1002, 1)", "UPDATE oc_product SET quantity = 29 WHERE product_id = 1102")
	if got := customers.poll(t)["102"].Address.Line1; got != "Nova 1" {
		t.Errorf("the address is %q in the next poll", got)
	}
	if got := products.poll(t)["1002"]; len(got.Variants) == 0 || got.Variants[0].StockQuantity != "29" {
		t.Errorf("the stock is not in the next poll: %+v", got)
	}
	exec(t, owner, "INSERT INTO oc_customer_activity (customer_id, `key`) VALUES (103, 'edit')", "UPDATE oc_customer SET telephone = '1' WHERE customer_id = 103")
	now = now.Add(5 * time.Second)
	if got := customers.poll(t)["103"].Phone; got != "1" {
		t.Errorf("the phone is %q in the next poll", got)
	}
}

// OpenCart writes an order when the checkout shows its last step, and only the history tells when it was placed.
func TestAnOrderIsRealWithTheFirstRowOfItsHistory(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, "4.1.0.4", fourth("oc_"))
	now := adaptertest.Now()
	shop := opencart.New(db, opencart.Config{Now: func() time.Time { return now }})
	f := follower[adapters.Order]{shop.Orders, func(o adapters.Order) string { return o.Key }, ""}
	if o := f.poll(t)["2010"]; !o.Deleted || o.RawStatus != "missing" {
		t.Fatalf("the checkout that was begun is %+v", o)
	}
	now = now.Add(10 * time.Minute)
	f.poll(t)
	now = now.Add(5 * time.Second)
	if err := fourth("oc_").Change(t.Context(), owner, adaptertest.Change{At: now, OrderID: 2010, Status: adapters.StatusPaid}); err != nil {
		t.Fatal(err)
	}
	if o := f.poll(t)["2010"]; o.Deleted || o.Status != adapters.StatusPaid || o.RawStatus != "po slovensko: Processing" {
		t.Errorf("in the next poll it is %+v", o)
	}
}

func TestAnAnswerThatLeavesNoTraceIsFoundByWalkingOverAllAccounts(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, "3.0.3.8", three("oc_"))
	exec(t, owner, "INSERT INTO oc_customer (customer_id, email, newsletter) SELECT 1000 + "+digits(3)+", CONCAT('c', "+digits(3)+", '@example.com'), 1 FROM "+tables(3))
	now := adaptertest.Now()
	shop := opencart.New(db, opencart.Config{Now: func() time.Time { return now }})
	f := follower[adapters.Subscriber]{shop.Subscribers, func(x adapters.Subscriber) string { return x.Key }, ""}
	if rows := f.poll(t); len(rows) != 1003 {
		t.Fatalf("%d subscribers", len(rows))
	}
	exec(t, owner, "UPDATE oc_customer SET newsletter = 0 WHERE customer_id IN (101, 1999)")
	found := map[string]bool{}
	for range 30 { // a minute to the walk's beginning, and eleven steps
		now = now.Add(5 * time.Second)
		rows := f.poll(t)
		if len(rows) > 300 {
			t.Fatalf("a poll delivered %d rows", len(rows))
		}
		for _, key := range []string{"101", "1999"} {
			found[key] = found[key] || rows[key].Consent == adapters.NotSubscribed
		}
	}
	if !found["101"] || !found["1999"] {
		t.Errorf("found %v", found)
	}
}

// The shop's clock is five hours behind UTC, and its times are compared as it wrote them.
func TestAnOldOrderThatWasEditedPastItsHistoryIsSweptUpInAnyZone(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"America/New_York", "Asia/Tokyo"} {
		owner, db := shops(t, "3.0.3.8", seeder{version: "3.0", prefix: "oc_", zoneless: true})
		exec(t, owner, "INSERT INTO oc_order (order_id, currency_code, date_added, date_modified) VALUES (900000000, 'EUR', '2023-01-01 10:00:00', '2023-01-01 10:00:00')")
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		now := adaptertest.Now()
		shop := opencart.New(db, opencart.Config{Zone: zone, Now: func() time.Time { return now }})
		f := follower[adapters.Order]{shop.Orders, func(o adapters.Order) string { return o.Key }, ""}
		f.poll(t)
		now = now.Add(2 * time.Hour)
		f.poll(t)
		if _, err := owner.Exec("UPDATE oc_order SET telephone = '0800 2', date_modified = ? WHERE order_id = 2014", now.In(loc).Format(time.DateTime)); err != nil {
			t.Fatal(err)
		}
		delivered := 0
		found := false
		for range 40 {
			now = now.Add(5 * time.Second)
			rows := f.poll(t)
			delivered += len(rows)
			found = found || rows["2014"].Phone == "0800 2"
		}
		if !found || delivered > 60 {
			t.Errorf("%s: found %v, with %d rows", zone, found, delivered)
		}
	}
}

// digits and tables make the numbers from 0 on, of so many digits.
func digits(n int) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = fmt.Sprintf("d%d.n * %s", i, "1"+strings.Repeat("0", i))
	}
	return "(" + strings.Join(parts, " + ") + ")"
}

func tables(n int) string {
	parts := make([]string, n)
	for i := range parts {
		parts[i] = fmt.Sprintf("(SELECT 0 n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9) d%d", i)
	}
	return strings.Join(parts, ", ")
}

// crowd adds 20,000 orders of 20,000 accounts, each with three lines, and an option of each line; every order from 30,000 on.
func crowd(t *testing.T, owner *sql.DB) {
	t.Helper()
	n := digits(4)
	for half := range 2 {
		id := fmt.Sprintf("(30000 + %d + %s)", half*10_000, n)
		exec(t, owner,
			"INSERT INTO oc_customer (customer_id, email, date_added) SELECT "+id+", CONCAT('c', "+id+", '@example.com'), '2024-01-01' FROM "+tables(4),
			"INSERT INTO oc_address (address_id, customer_id) SELECT "+id+", "+id+" FROM "+tables(4),
			"INSERT INTO oc_order (order_id, customer_id, order_status_id, currency_code, total, comment, date_added, date_modified) SELECT "+id+", "+id+", 2, 'EUR', 10, REPEAT('x', 200), '2024-01-01', '2024-01-01' FROM "+tables(4),
			"INSERT INTO oc_order_history (order_id, order_status_id, date_added) SELECT "+id+", 2, '2024-01-01' FROM "+tables(4),
			"INSERT INTO oc_order_total (order_id, code, `value`) SELECT "+id+", 'sub_total', 10 FROM "+tables(4))
		for i := range 3 {
			line := fmt.Sprintf("(%s * 3 + %d)", id, i)
			exec(t, owner,
				"INSERT INTO oc_order_product (order_product_id, order_id, product_id, name, quantity, total) SELECT "+line+", "+id+", 1002, 'Brazil', 1, 3.3334 FROM "+tables(4),
				fmt.Sprintf("INSERT INTO oc_order_option (order_option_id, order_id, order_product_id, product_option_id, product_option_value_id, type) SELECT 1000 + 2 * %s, %s, %s, %d, 1102 + MOD(%s, 3), 'select' FROM %s", line, id, line, form, line, tables(4)))
		}
	}
	exec(t, owner, "ANALYZE TABLE oc_order, oc_order_product, oc_order_option, oc_order_total, oc_order_history, oc_customer, oc_address")
}

func TestWhatWasChosenIsFoundWithoutAnIndex(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, "3.0.5.1", three("oc_"))
	crowd(t, owner)
	// One old order was edited yesterday, another a while ago, and the rows of two that were placed at once are mixed.
	exec(t, owner,
		"UPDATE oc_order_product SET order_product_id = order_product_id + 900000 WHERE order_id = 30005",
		"UPDATE oc_order_option SET order_product_id = order_product_id + 900000, order_option_id = order_option_id + 900000 WHERE order_id = 30005",
		"UPDATE oc_order_product SET order_product_id = order_product_id + 500000 WHERE order_id = 30006",
		"UPDATE oc_order_option SET order_product_id = order_product_id + 500000, order_option_id = order_option_id + 500000 WHERE order_id = 30006",
		"UPDATE oc_order_option SET order_option_id = order_option_id + 33 WHERE order_id = 30200")
	shop := opencart.New(db, opencart.Config{})
	rows, _ := all(t, shop.Orders, "", 300)
	if len(rows) < 20_000 {
		t.Fatalf("%d orders", len(rows))
	}
	for _, o := range rows {
		for _, l := range o.Lines {
			var line int64
			if _, err := fmt.Sscan(l.Key, &line); err != nil {
				t.Fatal(err)
			}
			if line < 90_000 { // of the story
				continue
			}
			want := fmt.Sprint(1102 + line%3)
			if line > 500_000 { // of the edited orders
				want = fmt.Sprint(1102 + (line-map[string]int64{"30005": 900_000, "30006": 500_000}[o.Key])%3)
			}
			if l.VariantKey != want {
				t.Fatalf("line %s of order %s is variant %q, want %s", l.Key, o.Key, l.VariantKey, want)
			}
		}
	}
}

func TestNoPageReadsAWholeTable(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, "3.0.5.1", three("oc_"))
	crowd(t, owner)
	now := adaptertest.Now()
	shop := opencart.New(db, opencart.Config{Now: func() time.Time { return now }})
	rowsRead := func() (n int) {
		rows, err := db.Query("SHOW SESSION STATUS LIKE 'Handler_read%'")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var name string
			var count int
			if err := rows.Scan(&name, &count); err != nil {
				t.Fatal(err)
			}
			n += count
		}
		return n
	}
	check := func(what string, most int, read func() error) {
		t.Helper()
		before := rowsRead()
		if err := read(); err != nil {
			t.Fatal(err)
		}
		if n := rowsRead() - before; n > most {
			t.Errorf("%s: the server read %d rows, more than %d", what, n, most)
		}
	}
	middle := shop.Range(adapters.StreamOrders, 40_000, 40_049)
	check("a page of orders", 12_000, func() error { _, err := shop.Orders(t.Context(), middle, 50); return err })
	check("the first page of orders", 4_000, func() error { _, err := shop.Orders(t.Context(), "", 50); return err })
	check("the first page of customers", 1_500, func() error { _, err := shop.Customers(t.Context(), "", 50); return err })
	check("the first page of subscribers", 1_000, func() error { _, err := shop.Subscribers(t.Context(), "", 50); return err })
	check("the first page of carts", 8_000, func() error { _, err := shop.Carts(t.Context(), "", 50); return err })
	_, orders := all(t, shop.Orders, "", 500)
	_, customers := all(t, shop.Customers, "", 500)
	_, subscribers := all(t, shop.Subscribers, "", 500)
	now = now.Add(10 * time.Minute) // all has settled, and a sweep and a roll are due
	check("a poll of orders", 25_000, func() error { _, orders = all(t, shop.Orders, orders, 500); return nil })
	check("a poll of customers", 4_000, func() error { _, customers = all(t, shop.Customers, customers, 500); return nil })
	check("a poll of subscribers", 2_000, func() error { _, subscribers = all(t, shop.Subscribers, subscribers, 500); return nil })
}

func TestAPageCostsTheSameNumberOfStatementsHoweverManyRowsItHas(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		tables string
		seeder seeder
	}{{"3.0.3.8", three("oc_")}, {"4.0.2.3", seeder{version: "4.0", prefix: "oc_"}}, {"4.1.0.4", fourth("oc_")}} {
		_, db := shops(t, tt.tables, tt.seeder)
		shop := opencart.New(db, opencart.Config{Prefix: "oc_", Now: at(adaptertest.Now())})
		status := func(name string) (n int) {
			if err := db.QueryRow("SHOW SESSION STATUS LIKE '"+name+"'").Scan(&name, &n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		settings := 0 // the lists of columns are made in temporary tables, whatever is asked of them
		statements := func(read func() error) (n int) {
			onDisk, before := status("Created_tmp_disk_tables"), status("Questions")
			if err := read(); err != nil {
				t.Fatal(err)
			}
			n = status("Questions") - before - 1
			if more := status("Created_tmp_disk_tables") - onDisk - settings; more > 0 {
				t.Errorf("%s: a page made the server write %d temporary tables to its disk", tt.tables, more)
			}
			return n
		}
		onDisk := status("Created_tmp_disk_tables")
		if _, err := shop.Customers(t.Context(), behindAll(t, shop), 1); err != nil {
			t.Fatal(err)
		}
		settings = status("Created_tmp_disk_tables") - onDisk
		for name, read := range map[string]func(context.Context, int) error{
			"orders":      func(ctx context.Context, n int) error { _, err := shop.Orders(ctx, "", n); return err },
			"products":    func(ctx context.Context, n int) error { _, err := shop.Products(ctx, "", n); return err },
			"customers":   func(ctx context.Context, n int) error { _, err := shop.Customers(ctx, "", n); return err },
			"carts":       func(ctx context.Context, n int) error { _, err := shop.Carts(ctx, "", n); return err },
			"subscribers": func(ctx context.Context, n int) error { _, err := shop.Subscribers(ctx, "", n); return err },
		} {
			few := statements(func() error { return read(t.Context(), 2) })
			many := statements(func() error { return read(t.Context(), 13) })
			const most = 24 // the settings, the watermark, ids, and one for each kind of thing that belongs to them
			if many > few+4 || many > most {
				t.Errorf("%s, %s: %d statements for 2 rows, %d for 13", tt.tables, name, few, many)
			}
		}
	}
}

// behindAll is a place behind all customers: a page from there reads the settings and little else.
func behindAll(t *testing.T, shop *opencart.Shop) adapters.Cursor {
	t.Helper()
	return shop.Range(adapters.StreamCustomers, 1<<30, 1<<30)
}
