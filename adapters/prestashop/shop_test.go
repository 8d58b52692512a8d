package prestashop_test

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
	"github.com/kupec/kupec/adapters/prestashop"
	"github.com/kupec/kupec/module/store/storetest"
)

var databases atomic.Int64

// shops makes a database with a shop for each seeder, and gives a pool that may write and one that only reads.
func shops(t *testing.T, seeders ...seeder) (owner, reader *sql.DB) {
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
		for _, statement := range strings.Split(schema(t, s.version, s.prefix), ";\n") {
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

// watch is a shop that is polled, by a clock of its own.
type watch struct {
	seeder
	owner *sql.DB
	shop  *prestashop.Shop
	now   time.Time
}

func watched(t *testing.T, s seeder, cfg prestashop.Config) *watch {
	t.Helper()
	w := &watch{seeder: s, now: adaptertest.Now()}
	var reader *sql.DB
	w.owner, reader = shops(t, s)
	cfg.Now = func() time.Time { return w.now }
	w.shop = prestashop.New(reader, cfg)
	return w
}

func (w *watch) exec(t *testing.T, statement string, args ...any) {
	t.Helper()
	if _, err := w.owner.Exec(strings.ReplaceAll(statement, "~", w.prefix), args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func (w *watch) change(t *testing.T, c adaptertest.Change) {
	t.Helper()
	c.At = w.now
	if err := w.Change(t.Context(), w.owner, c); err != nil {
		t.Fatal(err)
	}
}

// poll reads until there is no more, and moves next on. Bad rows fail the test unless they are the story's.
func poll[T any](t *testing.T, next *adapters.Cursor, read func(context.Context, adapters.Cursor, int) (adapters.Page[T], error), key func(T) string) map[string]T {
	t.Helper()
	rows := map[string]T{}
	for {
		page, err := read(t.Context(), *next, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range page.Rows {
			rows[key(row)] = row
		}
		if *next = page.Next; len(*next) > 255 {
			t.Fatalf("a cursor of %d bytes: %s", len(*next), *next)
		}
		if !page.More {
			return rows
		}
	}
}

func (w *watch) orders(t *testing.T, next *adapters.Cursor) map[string]adapters.Order {
	t.Helper()
	return poll(t, next, w.shop.Orders, func(o adapters.Order) string { return o.Key })
}

func (w *watch) customers(t *testing.T, next *adapters.Cursor) map[string]adapters.Customer {
	t.Helper()
	return poll(t, next, w.shop.Customers, func(c adapters.Customer) string { return c.Key })
}

func (w *watch) products(t *testing.T, next *adapters.Cursor) map[string]adapters.Product {
	t.Helper()
	return poll(t, next, w.shop.Products, func(p adapters.Product) string { return p.Key })
}

func (w *watch) carts(t *testing.T, next *adapters.Cursor) map[string]adapters.Cart {
	t.Helper()
	return poll(t, next, w.shop.Carts, func(c adapters.Cart) string { return c.Key })
}

func (w *watch) subscribers(t *testing.T, next *adapters.Cursor) map[string]adapters.Subscriber {
	t.Helper()
	return poll(t, next, w.shop.Subscribers, func(s adapters.Subscriber) string { return s.Key })
}

// within polls every five seconds, so often at most, until it is done.
func within(t *testing.T, w *watch, polls int, what string, done func() bool) {
	t.Helper()
	for range polls {
		w.now = w.now.Add(5 * time.Second)
		if done() {
			return
		}
	}
	t.Errorf("%s was not delivered in %d polls", what, polls)
}

func TestAWrongPrefixIsToldWithThePrefixesThereAre(t *testing.T) {
	t.Parallel()
	with := func(prefix string) seeder { return seeder{version: "1.7.8.11", prefix: prefix, shops: 1} }
	_, none := shops(t)
	_, one := shops(t, with("kx7_"))
	_, two := shops(t, with("kx7_"), with("old_"))
	_, main := shops(t, with("old_"), with("ps_"))
	for _, tt := range []struct {
		name string
		db   *sql.DB
		cfg  prestashop.Config
		want []string // parts of the error; none: it works
	}{
		{"the only one is found", one, prestashop.Config{}, nil},
		{"ps_ is preferred", main, prestashop.Config{}, nil},
		{"given", two, prestashop.Config{Prefix: "old_"}, nil},
		{"wrong", one, prestashop.Config{Prefix: "ps_"}, []string{"table ps_configuration", "kx7_", "KUPEC_SHOP_PREFIX"}},
		{"not told which", two, prestashop.Config{}, []string{"kx7_, old_", "KUPEC_SHOP_PREFIX"}},
		{"no shop", none, prestashop.Config{}, []string{"table ps_configuration", "No PrestaShop tables", "SELECT"}},
		{"not a prefix", one, prestashop.Config{Prefix: "ps`; --"}, []string{"parameters.php"}},
		{"a shop that there is not", one, prestashop.Config{Shop: 7}, []string{"shop 7 in table kx7_shop", "Multistore"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			shop := prestashop.New(tt.db, tt.cfg)
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

func TestWhatIsMissingIsToldByName(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, statement, want string
	}{
		{"a table", "DROP TABLE ps_order_slip", "ps_order_slip"},
		{"a column", "ALTER TABLE ps_order_slip DROP COLUMN amount", "amount"},
		{"the settings", "DELETE FROM ps_configuration WHERE name LIKE '%VERSION%'", "PS_VERSION_DB"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			owner, db := shops(t, seeder{version: "8.2.1", prefix: "ps_", shops: 1})
			if _, err := owner.Exec(tt.statement); err != nil {
				t.Fatal(err)
			}
			shop := prestashop.New(db, prestashop.Config{})
			_, err := shop.Describe(t.Context())
			if err == nil {
				_, err = shop.Orders(t.Context(), "", 100)
			}
			var schema *adapters.SchemaError
			if !errors.As(err, &schema) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAMissingRightNamesTheGrant(t *testing.T) {
	t.Parallel()
	owner, reader := shops(t, seeder{version: "8.2.1", prefix: "ps_", shops: 1})
	var database string
	if err := reader.QueryRow("SELECT DATABASE()").Scan(&database); err != nil {
		t.Fatal(err)
	}
	if err := storetest.MakeUser(t, owner, database, "Kupec-test-1", "SELECT ON "+database+".ps_configuration"); err != nil {
		t.Skipf("this server lets us make no user: %v", err)
	}
	dsn := storetest.WithDatabase(t, storetest.Server(t), database)
	db, err := adapters.Open(database+":Kupec-test-1"+dsn[strings.LastIndex(dsn, "@"):], adapters.OpenConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	_, err = prestashop.New(db, prestashop.Config{Prefix: "ps_"}).Describe(t.Context())
	if err == nil || !strings.Contains(err.Error(), "GRANT SELECT") || !strings.Contains(err.Error(), "ps_shop") {
		t.Errorf("got %v", err)
	}
}

func TestTheZoneIsTheShopsOrTheOneThatIsSet(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, seeder{version: "8.2.1", prefix: "ps_", shops: 1})
	if _, err := owner.Exec("UPDATE ps_configuration SET value = 'Moon/Base' WHERE name = 'PS_TIMEZONE'"); err != nil {
		t.Fatal(err)
	}
	placed := func(zone string) string {
		page, err := prestashop.New(db, prestashop.Config{Zone: zone}).Orders(t.Context(), "", 1)
		if err != nil {
			t.Fatal(err)
		}
		return page.Rows[0].PlacedAt.Format(time.DateTime)
	}
	if got := placed(""); got != "2023-03-11 10:30:00" {
		t.Errorf("in a zone that nobody knows the order was placed at %s", got)
	}
	if got := placed("America/New_York"); got != "2023-03-11 15:30:00" {
		t.Errorf("in the zone that is set the order was placed at %s", got)
	}
	if _, err := prestashop.New(db, prestashop.Config{Zone: "Mars"}).Describe(t.Context()); err == nil || !strings.Contains(err.Error(), `"Mars"`) {
		t.Errorf("a zone that there is not: %v", err)
	}
}

func TestOneOfSeveralShopsIsReadByItself(t *testing.T) {
	t.Parallel()
	for _, shared := range []bool{false, true} {
		w := watched(t, seeder{version: "8.2.1", prefix: "ps_", shops: 2}, prestashop.Config{Shop: 2})
		w.exec(t, "UPDATE ~shop_group SET share_customer = ?", shared)
		w.exec(t, "UPDATE ~orders SET id_shop = 2 WHERE id_order = 2003")
		w.exec(t, "UPDATE ~customer SET id_shop = 2 WHERE id_customer = 103")
		w.exec(t, "UPDATE ~cart SET id_shop = 2 WHERE id_cart = 6002")
		w.exec(t, "UPDATE ~emailsubscription SET id_shop = 2 WHERE email = 'Reader@example.com'")
		w.exec(t, "DELETE FROM ~product_shop WHERE id_product = 1003 AND id_shop = 2")
		info, err := w.shop.Describe(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if info.Name != "The other shop" || info.URL != "https://other.zrno.example" {
			t.Errorf("it is %q at %s", info.Name, info.URL)
		}
		if got := w.orders(t, new(adapters.Cursor)); len(got) != 1 || got["2003"].Key == "" {
			t.Errorf("orders %v", got)
		}
		want := 1
		if shared {
			want = 4
		}
		if got := w.customers(t, new(adapters.Cursor)); len(got) != want {
			t.Errorf("accounts, shared %v: %v", shared, got)
		}
		products := w.products(t, new(adapters.Cursor))
		if p := products["1001"]; p.Name != "Of the other shop" || p.RegularPrice != "1218.78" || p.Price != "1.22" || p.StockQuantity != "777" {
			t.Errorf("product %+v", p)
		}
		if p := products["1002"]; len(p.Variants) != 4 {
			t.Errorf("variants %+v", p.Variants)
		}
		if _, ok := products["1003"]; ok {
			t.Error("a product that the shop does not have is there")
		}
		if got := w.carts(t, new(adapters.Cursor)); len(got) != 1 || got["6002"].Key == "" {
			t.Errorf("carts %v", got)
		}
		if got := w.subscribers(t, new(adapters.Cursor)); got["e3"].Email != "Reader@example.com" || got["e5"].Key != "" {
			t.Errorf("subscribers %v", got)
		}
		counts, err := w.shop.Count(t.Context())
		if wanted := (adapters.Counts{Customers: int64(want), Products: 5, Orders: 1}); err != nil || counts != wanted {
			t.Errorf("counted %+v (%v), want %+v", counts, err, wanted)
		}
	}
}

// Behind the newest 5,000 orders nothing is followed by time.
func TestOldOrdersComeByTheirHistoriesSlipsAndLinesAndElseBySweeps(t *testing.T) {
	t.Parallel()
	w := watched(t, seeder{version: "1.7.2.4", prefix: "ps_", shops: 1}, prestashop.Config{})
	w.exec(t, "INSERT INTO ~orders (id_order, reference, id_currency, current_state, date_add, date_upd) VALUES (50000, 'LATE', 3, 2, ?, ?)", local(w.now), local(w.now))
	var next adapters.Cursor
	w.orders(t, &next)
	w.now = w.now.Add(time.Hour)
	w.orders(t, &next)
	w.change(t, adaptertest.Change{OrderID: 2002, Status: adapters.StatusCompleted})
	w.change(t, adaptertest.Change{OrderID: 2011, Refund: &adaptertest.Refund{ID: 3511, Amount: "2.5", At: w.now}})
	w.change(t, adaptertest.Change{OrderID: 2006, Line: &adaptertest.Line{ID: 39_000, ProductID: 1001, Name: "One more", Quantity: "1", Net: "1", Tax: "0"}})
	w.exec(t, "UPDATE ~orders SET total_shipping_tax_excl = 9, date_upd = ? WHERE id_order = 2007", local(w.now))
	w.exec(t, "UPDATE ~address SET phone = '0800 2', date_upd = ? WHERE id_address = ?", local(w.now), addressesAt+2014)
	w.exec(t, "UPDATE ~customer SET deleted = 1, date_upd = ? WHERE id_customer = 103", local(w.now))
	w.now = w.now.Add(5 * time.Second)
	got := w.orders(t, &next)
	if got["2002"].Status != adapters.StatusCompleted || len(got["2011"].Refunds) != 1 || got["2011"].Refunds[0].Amount != "2.5" || len(got["2006"].Lines) != 1 {
		t.Errorf("the next poll has %v", got)
	}
	within(t, w, 40, "what was edited", func() bool {
		for key, o := range w.orders(t, &next) {
			got[key] = o
		}
		return got["2007"].Shipping == "9" && got["2014"].Phone == "0800 2" && got["2003"].Key != "" && got["2003"].CustomerKey == ""
	})
}

// An import, or a wrong clock, has stamped an order with a time to come; what changes after is before it.
func TestAnOrderFromTheFutureDoesNotHideTheOthersStates(t *testing.T) {
	t.Parallel()
	w := watched(t, seeder{version: "8.2.1", prefix: "ps_", shops: 1}, prestashop.Config{})
	var next adapters.Cursor
	w.orders(t, &next)
	w.exec(t, "UPDATE ~orders SET date_upd = ? WHERE id_order = 2016", local(w.now.Add(20*time.Hour)))
	w.now = w.now.Add(time.Hour)
	w.orders(t, &next)
	w.now = w.now.Add(time.Hour)
	w.orders(t, &next)
	w.change(t, adaptertest.Change{OrderID: 2002, Status: adapters.StatusCompleted})
	within(t, w, 1, "the state", func() bool { return w.orders(t, &next)["2002"].Status == adapters.StatusCompleted })
}

func TestAGuestWhoTakesAnAccountHasOneAndTheOrdersToIt(t *testing.T) {
	t.Parallel()
	w := watched(t, seeder{version: "8.2.1", prefix: "ps_", shops: 1}, prestashop.Config{})
	var nextOrders, nextCustomers adapters.Cursor
	w.orders(t, &nextOrders)
	w.customers(t, &nextCustomers)
	w.now = w.now.Add(time.Hour)
	w.orders(t, &nextOrders)
	w.customers(t, &nextCustomers)
	w.exec(t, "UPDATE ~customer SET is_guest = 0, date_upd = ? WHERE id_customer = ?", local(w.now), guestsAt+2014)
	within(t, w, 1, "the account", func() bool { return w.customers(t, &nextCustomers)["52014"].Email == "tom@example.com" })
	within(t, w, 40, "the account's order", func() bool { return w.orders(t, &nextOrders)["2014"].CustomerKey == "52014" })
}

func TestAnAddressIsTheAccountsNewestOneThatIsNotDeleted(t *testing.T) {
	t.Parallel()
	w := watched(t, seeder{version: "1.6.1.24", prefix: "ps_", shops: 1}, prestashop.Config{})
	var next adapters.Cursor
	w.customers(t, &next)
	w.now = w.now.Add(time.Hour)
	w.customers(t, &next)
	w.exec(t, "INSERT INTO ~address (id_address, id_customer, id_country, firstname, lastname, address1, city, date_add, date_upd) VALUES (300000, 101, 4, 'Ana', 'Novak', 'Am Markt 1', 'Köln', ?, ?)", local(w.now), local(w.now))
	within(t, w, 1, "the new address", func() bool { return w.customers(t, &next)["101"].Address.City == "Köln" })
	w.exec(t, "UPDATE ~address SET city = 'Bonn', date_upd = ? WHERE id_address = 300000", local(w.now))
	within(t, w, 30, "the edited address", func() bool { return w.customers(t, &next)["101"].Address.City == "Bonn" })
	w.exec(t, "UPDATE ~address SET deleted = 1, date_upd = ? WHERE id_address = 300000", local(w.now))
	within(t, w, 30, "the address before it", func() bool { return w.customers(t, &next)["101"].Address.City == "Ljubljana" })
}

func TestStockAndReductionsOfAProductComeSoon(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1.6.1.24", "8.2.1"} {
		w := watched(t, seeder{version: version, prefix: "ps_", shops: 1}, prestashop.Config{})
		var next adapters.Cursor
		w.products(t, &next)
		w.now = w.now.Add(time.Hour)
		w.products(t, &next)
		w.exec(t, "UPDATE ~stock_available SET quantity = 11 WHERE id_product = 1001 AND id_product_attribute = 0 AND id_shop = 1")
		w.exec(t, "INSERT INTO ~order_detail (id_order, product_id, product_name, product_quantity) VALUES (2002, 1001, 'Ethiopia', 1)")
		within(t, w, 1, "the stock after a sale", func() bool { return w.products(t, &next)["1001"].StockQuantity == "11" })
		w.exec(t, "INSERT INTO ~specific_price (id_product, price, from_quantity, reduction, reduction_tax, reduction_type) VALUES (1003, -1, 1, 10, 1, 'amount')")
		within(t, w, 1, "a new reduction", func() bool { p := w.products(t, &next)["1003"]; return p.Price == "300" && p.RegularPrice == "310" })
		if version != "1.6.1.24" {
			w.exec(t, "UPDATE ~stock_available SET quantity = 40 WHERE id_product = 1001 AND id_product_attribute = 0 AND id_shop = 1")
			w.exec(t, "INSERT INTO ~stock_mvt (id_stock, id_stock_mvt_reason, id_employee, physical_quantity, date_add) SELECT id_stock_available, 1, 1, 29, ? FROM ~stock_available WHERE id_product = 1001 AND id_shop = 1", local(w.now))
			within(t, w, 1, "the stock after a delivery", func() bool { return w.products(t, &next)["1001"].StockQuantity == "40" })
			w.exec(t, "UPDATE ~product_shop SET active = 0, date_upd = ? WHERE id_product = 1006", local(w.now))
			within(t, w, 30, "what only the shop's own row says", func() bool { p, ok := w.products(t, &next)["1006"]; return ok && !p.Visible })
			w.exec(t, "UPDATE ~product SET state = 1, date_upd = ? WHERE id_product = 1090", local(w.now))
			within(t, w, 1, "a product that was saved at last", func() bool { _, ok := w.products(t, &next)["1090"]; return ok })
		}
		// A reduction that ends by the clock changes no row.
		w.exec(t, "UPDATE ~specific_price SET `to` = ? WHERE id_product = 1001", local(w.now.Add(time.Minute)))
		within(t, w, 40, "the end of a reduction", func() bool { return w.products(t, &next)["1001"].Price == "12.5" })
	}
}

func TestADigestTellsWhatElseMakesAProductsPrice(t *testing.T) {
	t.Parallel()
	w := watched(t, seeder{version: "8.2.1", prefix: "ps_", shops: 1}, prestashop.Config{})
	sums := func() []adapters.Digest {
		t.Helper()
		list, err := w.shop.Digests(t.Context(), adapters.StreamProducts, 1001, 1006, 100)
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	before := sums()
	for _, statement := range []string{
		"UPDATE ~product_attribute_shop SET price = price + 1 WHERE id_product_attribute = 1102",
		"UPDATE ~stock_available SET quantity = 3 WHERE id_product = 1006 AND id_shop = 1",
		"UPDATE ~product_lang SET name = 'Tea' WHERE id_product = 1006",
		"INSERT INTO ~specific_price (id_product, price, from_quantity, reduction, reduction_type) VALUES (0, -1, 1, 0.1, 'percentage')",
		"UPDATE ~tax SET rate = 25 WHERE id_tax = 1",
	} {
		w.exec(t, statement)
		after := sums()
		if cmp.Equal(before, after) {
			t.Errorf("%s: the digest is the same", statement)
		}
		before = after
	}
}

func TestWhoWithdrawsByTheModuleIsFoundWithoutATrace(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1.6.1.24", "8.2.1"} {
		w := watched(t, seeder{version: version, prefix: "ps_", shops: 1}, prestashop.Config{})
		w.exec(t, "INSERT INTO ~customer (id_customer, firstname, lastname, email, is_guest, newsletter, newsletter_date_add, date_add, date_upd) VALUES (4294967290, 'Last', 'One', 'last@example.com', 0, 1, ?, ?, ?)", local(w.now), local(w.now), local(w.now))
		var next adapters.Cursor
		w.subscribers(t, &next)
		w.now = w.now.Add(time.Hour)
		w.subscribers(t, &next)
		w.exec(t, "UPDATE ~customer SET newsletter = 0 WHERE id_customer = 101")
		w.exec(t, "UPDATE ~customer SET newsletter = 1, newsletter_date_add = NOW() WHERE id_customer = 102")
		got := map[string]adapters.Subscriber{}
		within(t, w, 30, "what the module wrote", func() bool {
			for key, s := range w.subscribers(t, &next) {
				got[key] = s
			}
			return got["c101"].Consent == adapters.Unsubscribed && got["c102"].Consent == adapters.Subscribed
		})
		table := "emailsubscription"
		if version == "1.6.1.24" {
			table = "newsletter"
		}
		w.exec(t, "UPDATE ~"+table+" SET active = 1 WHERE email = 'unsure@example.com'")
		within(t, w, 30, "a confirmation", func() bool { return w.subscribers(t, &next)["e5"].Consent == adapters.Subscribed })
		w.exec(t, "INSERT INTO ~"+table+" (id, id_shop, email, newsletter_date_add, active) VALUES (2147483640, 1, 'new@example.com', NOW(), 1)")
		within(t, w, 1, "a new address", func() bool { return w.subscribers(t, &next)["e2147483640"].Source == table })
		// A shop that asks for no confirmation has none to wait for.
		w.exec(t, "UPDATE ~configuration SET value = '0' WHERE name = 'NW_VERIFICATION_EMAIL'")
		w.exec(t, "UPDATE ~"+table+" SET active = 0 WHERE id = 2147483640")
		within(t, w, 30, "an address that staff switched off", func() bool { return w.subscribers(t, &next)["e2147483640"].Consent == adapters.Unsubscribed })
		// The module is taken out of the shop.
		w.exec(t, "DROP TABLE ~"+table)
		w.exec(t, "UPDATE ~customer SET newsletter = 1, date_upd = ? WHERE id_customer = 101", local(w.now))
		within(t, w, 30, "the flag without a module", func() bool { return w.subscribers(t, &next)["c101"].Consent == adapters.Subscribed })
	}
}

func TestACursorOfSubscribersIsNoOtherStreams(t *testing.T) {
	t.Parallel()
	w := watched(t, seeder{version: "8.2.1", prefix: "ps_", shops: 1}, prestashop.Config{})
	var orders, subscribers adapters.Cursor
	w.orders(t, &orders)
	w.subscribers(t, &subscribers)
	for _, c := range []adapters.Cursor{orders, "1~" + orders + "~", subscribers + "~", "3~x~y", "1~~", "1~" + subscribers + "~"} {
		if _, err := w.shop.Subscribers(t.Context(), c, 10); !errors.Is(err, adapters.ErrCursor) {
			t.Errorf("%q was taken: %v", c, err)
		}
	}
	if _, err := w.shop.Orders(t.Context(), subscribers, 10); !errors.Is(err, adapters.ErrCursor) {
		t.Errorf("orders took %q: %v", subscribers, err)
	}
}

func TestACartIsItsVisitorsAsFarAsThatIsKnown(t *testing.T) {
	t.Parallel()
	w := watched(t, seeder{version: "8.2.1", prefix: "ps_", shops: 1}, prestashop.Config{CartAge: 24 * time.Hour})
	cart := func(id, customer int64, touched time.Time) {
		w.exec(t, "INSERT INTO ~cart (id_cart, id_shop, id_currency, id_customer, id_guest, id_address_delivery, date_add, date_upd) VALUES (?, 1, 3, ?, 5, ?, ?, ?)",
			id, customer, addressesAt+2014, local(touched), local(touched))
		w.exec(t, "INSERT INTO ~cart_product (id_cart, id_product, quantity, date_add) VALUES (?, 1001, 1, ?)", id, local(touched))
	}
	cart(7001, 0, w.now)
	cart(7002, 40, w.now)            // psgdpr's nobody
	cart(7003, 108, w.now)           // an account that was deleted
	cart(7004, guestsAt+2014, w.now) // a guest who has come as far as the address
	cart(7005, 103, w.now.Add(-30*time.Hour))
	var next adapters.Cursor
	got := w.carts(t, &next)
	type owner struct{ Account, Email, First, Phone string }
	owners := map[string]owner{}
	for key, c := range got {
		owners[key] = owner{c.CustomerKey, c.Email, c.FirstName, c.Phone}
	}
	if diff := cmp.Diff(map[string]owner{
		"6001": {"101", "Ana.Novak@example.si", "", ""}, "6002": {"", "undecided@example.com", "", ""},
		"7001": {}, "7002": {}, "7003": {"", "left@example.com", "", ""}, "7004": {"", "tom@example.com", "Tom & Ann", "030 555"},
	}, owners); diff != "" {
		t.Errorf("carts (-want +got):\n%s", diff)
	}
	w.now = w.now.Add(10 * time.Minute)
	w.carts(t, &next)
	w.exec(t, "UPDATE ~cart_product SET quantity = 4 WHERE id_cart = 6001 AND id_product = 1002")
	w.exec(t, "UPDATE ~cart SET date_upd = ? WHERE id_cart = 6001", local(w.now))
	w.exec(t, "UPDATE ~orders SET id_cart = 7001 WHERE id_order = 2016")
	w.exec(t, "UPDATE ~cart SET date_upd = ? WHERE id_cart IN (7001, 7005)", local(w.now))
	within(t, w, 1, "the cart", func() bool {
		rows := w.carts(t, &next)
		_, ordered := rows["7001"]
		return len(rows["6001"].Lines) == 2 && rows["6001"].Lines[1].Quantity == "4" && rows["7005"].Key != "" && !ordered
	})
}

func second[T any](_ T, err error) error { return err }

func TestAPageCostsTheSameNumberOfStatementsHoweverManyRowsItHas(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"1.6.1.24", "8.2.1"} {
		_, db := shops(t, seeder{version: version, prefix: "ps_", shops: 1})
		now := adaptertest.Now()
		shop := prestashop.New(db, prestashop.Config{Prefix: "ps_", Now: func() time.Time { return now }})
		for what, err := range map[string]error{"describe": second(shop.Describe(t.Context())), "subscribers": second(shop.Subscribers(t.Context(), "", 1))} {
			if err != nil { // which columns and modules there are, is looked at once
				t.Fatalf("%s: %v", what, err)
			}
		}
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
				t.Errorf("%s: a page made the server write %d temporary tables to its disk", version, more)
			}
			return n
		}
		for name, read := range map[string]func(context.Context, int) error{
			"orders":      func(ctx context.Context, n int) error { _, err := shop.Orders(ctx, "", n); return err },
			"products":    func(ctx context.Context, n int) error { _, err := shop.Products(ctx, "", n); return err },
			"customers":   func(ctx context.Context, n int) error { _, err := shop.Customers(ctx, "", n); return err },
			"carts":       func(ctx context.Context, n int) error { _, err := shop.Carts(ctx, "", n); return err },
			"subscribers": func(ctx context.Context, n int) error { _, err := shop.Subscribers(ctx, "", n); return err },
		} {
			few := statements(func() error { return read(t.Context(), 1) })
			many := statements(func() error { return read(t.Context(), 13) })
			const most = 24 // the settings, the watermarks, ids, and one for each kind of thing that belongs to them
			if many > few+14 || many > most {
				t.Errorf("%s, %s: %d statements for 1 row, %d for 13", version, name, few, many)
			}
		}
	}
}
