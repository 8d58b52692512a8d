package magento_test

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
	"github.com/kupec/kupec/adapters/magento"
	"github.com/kupec/kupec/module/store/storetest"
)

var databases atomic.Int64

// shops makes a database with a shop for each seeder, all of the given version, and gives a pool that may write and one
// that only reads.
func shops(t *testing.T, version string, seeders ...seeder) (owner, reader *sql.DB) {
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
	if owner, err = sql.Open("mysql", dsn+joint+"sql_mode=''&time_zone='%2B00:00'&interpolateParams=true"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = owner.Close() })
	for _, s := range seeders {
		for _, statement := range strings.Split(schema(t, version, s), ";\n") {
			if strings.TrimSpace(statement) != "" {
				run(t, owner, statement)
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

func run(t *testing.T, db *sql.DB, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%v\n%s", err, statement)
		}
	}
}

func at(now time.Time) func() time.Time { return func() time.Time { return now } }

// reader reads a stream to its end, again and again.
type reader[T any] struct {
	read func(context.Context, adapters.Cursor, int) (adapters.Page[T], error)
	key  func(T) string
	next adapters.Cursor
}

func (r *reader[T]) poll(t *testing.T) map[string]T {
	t.Helper()
	rows := map[string]T{}
	for {
		page, err := r.read(t.Context(), r.next, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range page.Rows {
			rows[r.key(row)] = row
		}
		if r.next = page.Next; !page.More {
			return rows
		}
	}
}

func products(s *magento.Shop) *reader[adapters.Product] {
	return &reader[adapters.Product]{read: s.Products, key: func(p adapters.Product) string { return p.Key }}
}

func customers(s *magento.Shop) *reader[adapters.Customer] {
	return &reader[adapters.Customer]{read: s.Customers, key: func(c adapters.Customer) string { return c.Key }}
}

func orders(s *magento.Shop) *reader[adapters.Order] {
	return &reader[adapters.Order]{read: s.Orders, key: func(o adapters.Order) string { return o.Key }}
}

func subscribers(s *magento.Shop) *reader[adapters.Subscriber] {
	return &reader[adapters.Subscriber]{read: s.Subscribers, key: func(x adapters.Subscriber) string { return x.Key }}
}

func carts(s *magento.Shop) *reader[adapters.Cart] {
	return &reader[adapters.Cart]{read: s.Carts, key: func(c adapters.Cart) string { return c.Key }}
}

func TestAWrongPrefixIsToldWithThePrefixesThereAre(t *testing.T) {
	t.Parallel()
	_, none := shops(t, "2.4.8")
	_, bare := shops(t, "2.3.7", seeder{})
	_, one := shops(t, "2.4.8", seeder{prefix: "m2_"})
	_, two := shops(t, "2.4.8", seeder{prefix: "m2_"}, seeder{prefix: "old_"})
	_, main := shops(t, "2.3.7", seeder{}, seeder{prefix: "old_"})
	for _, tt := range []struct {
		name   string
		db     *sql.DB
		config magento.Config
		want   []string // parts of the error; none: it works
	}{
		{"none is needed", bare, magento.Config{}, nil},
		{"none goes before others", main, magento.Config{}, nil},
		{"the only one is found", one, magento.Config{}, nil},
		{"given", two, magento.Config{Prefix: "old_"}, nil},
		{"given beside none", main, magento.Config{Prefix: "old_"}, nil},
		{"wrong", one, magento.Config{Prefix: "m3_"}, []string{"table m3_", "m2_", "KUPEC_SHOP_PREFIX"}},
		{"wrong where there is none", bare, magento.Config{Prefix: "m3_"}, []string{"have no prefix", "KUPEC_SHOP_PREFIX"}},
		{"not told which", two, magento.Config{}, []string{"m2_, old_", "KUPEC_SHOP_PREFIX"}},
		{"no shop", none, magento.Config{}, []string{"No Magento 2 tables", "SELECT"}},
		{"not a prefix", one, magento.Config{Prefix: "m2`; --"}, []string{"env.php", "KUPEC_SHOP_PREFIX"}},
		{"no such store view", bare, magento.Config{Store: "klingon"}, []string{`"klingon"`, "KUPEC_SHOP_STORE"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			shop := magento.New(tt.db, tt.config)
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

func TestTablesThatEndAlikeAreNoShop(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, "2.3.7", seeder{prefix: "m2_"})
	// Magento 1 in the same database, and an extension's table.
	run(t, owner, "CREATE TABLE core_config_data (config_id INT)", "CREATE TABLE eav_entity_type (entity_type_id INT)", "CREATE TABLE sales_flat_order_item (item_id INT)",
		"CREATE TABLE m2_vendor_sales_order_item (item_id INT)")
	if _, err := magento.New(db, magento.Config{}).Describe(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAMissingTableIsToldByName(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, "2.4.8", seeder{})
	run(t, owner, "DROP TABLE sales_creditmemo_comment")
	var schema *adapters.SchemaError
	if _, err := magento.New(db, magento.Config{}).Describe(t.Context()); !errors.As(err, &schema) || !strings.Contains(err.Error(), "sales_creditmemo_comment") {
		t.Errorf("got %v", err)
	}
}

func TestAMissingRightNamesTheGrant(t *testing.T) {
	t.Parallel()
	owner, reader := shops(t, "2.3.7", seeder{})
	var database string
	if err := reader.QueryRow("SELECT DATABASE()").Scan(&database); err != nil {
		t.Fatal(err)
	}
	if err := storetest.MakeUser(t, owner, database, "Kupec-test-1", "SELECT ON "+database+".store"); err != nil {
		t.Skipf("this server lets us make no user: %v", err)
	}
	for _, table := range []string{"store_group", "store_website", "core_config_data", "eav_entity_type", "sales_order_item"} {
		for _, host := range []string{"%", "localhost"} {
			run(t, owner, "GRANT SELECT ON "+database+"."+table+" TO '"+database+"'@'"+host+"'")
		}
	}
	dsn := storetest.WithDatabase(t, storetest.Server(t), database)
	db, err := adapters.Open(database+":Kupec-test-1"+dsn[strings.LastIndex(dsn, "@"):], adapters.OpenConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if _, err = magento.New(db, magento.Config{}).Describe(t.Context()); err == nil || !strings.Contains(err.Error(), "GRANT SELECT") {
		t.Errorf("got %v", err)
	}
}

// What core_config_data has no row for is as Magento's modules say.
func TestSettingsThatNobodyHasTouchedAreMagentosOwn(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, "2.4.4", seeder{})
	run(t, owner, "DELETE FROM core_config_data")
	shop := magento.New(db, magento.Config{Now: at(adaptertest.Now())})
	info, err := shop.Describe(t.Context())
	want := adapters.Info{Platform: "magento", Version: "2.4", Mode: "open-source", Name: "Main Website", Currency: "USD", Zone: "America/Los_Angeles", Locale: "en-US"}
	if diff := cmp.Diff(want, info); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	rows := products(shop).poll(t)
	if p := rows["1001"]; p.URL != "" || p.ImageURL != "" {
		t.Errorf("without an address of the shop window, a product has %q and %q", p.URL, p.ImageURL)
	}
	// Prices begin in the shop's zone: at midnight in Los Angeles.
	run(t, owner, "UPDATE catalog_product_entity_datetime SET value = '2026-03-03 00:00:00' WHERE attribute_id = 179 AND entity_id = 1001")
	for offset, want := range map[time.Duration]string{7*time.Hour + 59*time.Minute: "12.5", 8 * time.Hour: "9.9"} {
		day := time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)
		if p := products(magento.New(db, magento.Config{Now: at(day.Add(offset))})).poll(t)["1001"]; p.Price != want {
			t.Errorf("%v after midnight UTC it costs %s, want %s", offset, p.Price, want)
		}
	}
	// The address of a shop that keeps it in env.php, without rewriting, can be set.
	shop = magento.New(db, magento.Config{URL: "https://set.example/", Zone: "Europe/Vienna", Store: "ru"})
	if info, err = shop.Describe(t.Context()); err != nil || info.URL != "https://set.example" || info.Zone != "Europe/Vienna" {
		t.Errorf("%+v, %v", info, err)
	}
	if p := products(shop).poll(t)["1001"]; p.URL != "https://set.example/index.php/ethiopia-guji-ru.html" || p.Name != "По-русски" {
		t.Errorf("in another store view: %+v", p)
	}
	if _, err = magento.New(db, magento.Config{Zone: "Nowhere/Town"}).Describe(t.Context()); err == nil || !strings.Contains(err.Error(), "Nowhere/Town") || !strings.Contains(err.Error(), "KUPEC_SHOP_ZONE") {
		t.Errorf("an unknown zone: %v", err)
	}
}

func TestTheSameAddressMayHaveAnAccountAndAnAnswerOnEachWebsite(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, "2.4.8", seeder{})
	run(t, owner, "INSERT INTO customer_entity (entity_id, website_id, store_id, email, firstname) VALUES (201, 2, 3, 'Ana.Novak@example.si', 'Ana, again')",
		"INSERT INTO newsletter_subscriber (subscriber_id, store_id, customer_id, subscriber_email, subscriber_status) VALUES (201, 3, 201, 'ana.novak@example.si', 4), (202, 3, 777, 'x@example.si', 1)")
	shop := magento.New(db, magento.Config{Now: at(adaptertest.Now())})
	rows := customers(shop).poll(t)
	if a, b := rows["101"], rows["201"]; a.Email != b.Email || a.FirstName != "Ana" || b.FirstName != "Ana, again" || b.Language != "de-AT" || a.Language != "sl-SI" {
		t.Errorf("%+v\n%+v", a, b)
	}
	answers := subscribers(shop).poll(t)
	if a, b := answers["1"], answers["201"]; a.Consent != adapters.Subscribed || a.List != "base" || a.CustomerKey != "101" || b.Consent != adapters.Unconfirmed || b.List != "outlet" || b.CustomerKey != "201" || !b.At.IsZero() {
		t.Errorf("%+v\n%+v", a, b)
	}
	if x := answers["202"]; x.CustomerKey != "" || x.Consent != adapters.Subscribed {
		t.Errorf("of an account that is gone: %+v", x)
	}
	if x := answers["900"]; x.Consent != adapters.NotSubscribed {
		t.Errorf("of a number that is no answer: %+v", x)
	}
	run(t, owner, "DELETE FROM store WHERE store_id = 3", "DELETE FROM store_website WHERE website_id = 2")
	if x := subscribers(shop).poll(t)["1"]; x.List != "" {
		t.Errorf("the only newsletter has the name %q", x.List)
	}
}

// A program that mails in the shop's name may change a status and no time.
func TestAWithdrawalThatMovesNoTimeIsFound(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, "2.3.7", seeder{})
	now := adaptertest.Now()
	list := subscribers(magento.New(db, magento.Config{Now: func() time.Time { return now }}))
	list.poll(t)
	run(t, owner, "UPDATE newsletter_subscriber SET subscriber_status = 3 WHERE subscriber_id = 3")
	for range 26 {
		now = now.Add(5 * time.Second)
		if list.poll(t)["3"].Consent == adapters.Unsubscribed {
			return
		}
	}
	t.Error("not delivered within two minutes")
}

func TestWhatASaleDoesToTheStockIsInTheNextPoll(t *testing.T) {
	t.Parallel()
	for _, s := range []seeder{{}, {sources: true}, {sources: true, staged: true}} {
		owner, db := shops(t, "2.4.8", s)
		now := adaptertest.Now()
		list := products(magento.New(db, magento.Config{Now: func() time.Time { return now }}))
		list.poll(t)
		now = now.Add(time.Hour)
		list.poll(t)
		if s.sources { // reserved only, until it is sent
			run(t, owner, "INSERT INTO inventory_reservation (stock_id, sku, quantity) VALUES (2, 'ETH-250', -12), (2, 'BRA-250-W', -1)")
		} else {
			run(t, owner, "UPDATE cataloginventory_stock_item SET qty = 0 WHERE product_id = 1001", "UPDATE cataloginventory_stock_item SET qty = 29 WHERE product_id = 1102",
				"INSERT INTO sales_order_item (item_id, order_id, product_id) VALUES (900001, 2001, 1001), (900002, 2001, 1102)")
		}
		now = now.Add(5 * time.Second)
		rows := list.poll(t)
		if p := rows["1001"]; p.Stock != adapters.OutOfStock || p.StockQuantity != "0" {
			t.Errorf("%+v: a product is %q, %s pieces", s, p.Stock, p.StockQuantity)
		}
		if p := rows["1002"]; len(p.Variants) != 3 || p.Variants[0].StockQuantity != "29" {
			t.Errorf("%+v: a variant's product is %+v", s, p)
		}
	}
}

func TestAPriceThatAnImportWroteComesWithTheWalk(t *testing.T) {
	t.Parallel()
	for _, s := range []seeder{{}, {staged: true}} {
		owner, db := shops(t, "2.4.8", s)
		row := "entity_id = 1102"
		if s.staged {
			row = "row_id = 1001102"
		}
		now := adaptertest.Now()
		list := products(magento.New(db, magento.Config{Now: func() time.Time { return now }}))
		list.poll(t)
		run(t, owner, "UPDATE catalog_product_entity_decimal SET value = 6.9 WHERE attribute_id = 178 AND store_id = 0 AND "+row)
		found := false
		for range 13 {
			now = now.Add(5 * time.Second)
			if p := list.poll(t)["1002"]; len(p.Variants) > 0 {
				found = found || p.Variants[0].Price == "6.9" && p.Price == "6.9"
			}
		}
		if !found {
			t.Errorf("%+v: not delivered within a minute and a poll", s)
		}
	}
}

func TestTheRulesForStockAreTheProductsOrTheShops(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, "2.4.4", seeder{})
	shop := magento.New(db, magento.Config{Now: at(adaptertest.Now())})
	for _, tt := range []struct {
		name     string
		change   []string
		stock    adapters.Stock
		quantity string
	}{
		{"12 pieces", nil, adapters.InStock, "12"},
		{"marked as sold out", []string{"UPDATE cataloginventory_stock_item SET is_in_stock = 0 WHERE product_id = 1001"}, adapters.OutOfStock, "12"},
		{"a last dozen that is kept back", []string{"UPDATE cataloginventory_stock_item SET is_in_stock = 1, use_config_min_qty = 0, min_qty = 12 WHERE product_id = 1001"}, adapters.OutOfStock, "12"},
		{"and may be ordered", []string{"INSERT INTO core_config_data (path, value) VALUES ('cataloginventory/item_options/backorders', '1')"}, adapters.OnBackorder, "12"},
		{"not by this one's rule", []string{"UPDATE cataloginventory_stock_item SET use_config_backorders = 0, backorders = 0 WHERE product_id = 1001"}, adapters.OutOfStock, "12"},
		{"nothing is counted", []string{"INSERT INTO core_config_data (path, value) VALUES ('cataloginventory/item_options/manage_stock', '0')"}, adapters.InStock, ""},
	} {
		run(t, owner, tt.change...)
		if p := products(shop).poll(t)["1001"]; p.Stock != tt.stock || p.StockQuantity != tt.quantity {
			t.Errorf("%s: %q, %q", tt.name, p.Stock, p.StockQuantity)
		}
	}
	run(t, owner, "DELETE FROM core_config_data WHERE path LIKE 'cataloginventory/%'", "UPDATE cataloginventory_stock_item SET is_in_stock = 0 WHERE product_id = 1102")
	if p := products(shop).poll(t)["1002"]; p.Stock != adapters.OnBackorder {
		t.Errorf("with one variant on order only: %q", p.Stock)
	}
}

func TestAVariantThatIsShownByItselfIsAProductToo(t *testing.T) {
	t.Parallel()
	for _, s := range []seeder{{}, {staged: true}} {
		owner, db := shops(t, "2.4.8", s)
		link, row := "entity_id", "1102"
		if s.staged {
			link, row = "row_id", "1001102"
		}
		run(t, owner, "UPDATE catalog_product_entity_int SET value = 4 WHERE attribute_id = 199 AND "+link+" = "+row)
		shop := magento.New(db, magento.Config{Now: at(adaptertest.Now())})
		rows := products(shop).poll(t)
		if p := rows["1102"]; !p.Visible || p.SKU != "BRA-250-W" || p.Price != "7.5" || p.RegularPrice != "8" {
			t.Errorf("%+v: by itself: %+v", s, p)
		}
		if p := rows["1002"]; len(p.Variants) != 3 {
			t.Errorf("%+v: its product has %d variants", s, len(p.Variants))
		}
		counts, err := shop.Count(t.Context())
		if err != nil || counts.Products != 7 {
			t.Errorf("%+v: %d products, %v", s, counts.Products, err)
		}
	}
}

func TestASetsPriceIsWhatMagentoHasWorkedOut(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, "2.4.4", seeder{})
	run(t, owner, "UPDATE catalog_product_entity SET type_id = 'bundle' WHERE entity_id = 1001", // its special_price is then a percentage
		"INSERT INTO catalog_product_index_price (entity_id, customer_group_id, website_id, price, min_price) VALUES (1001, 0, 1, 0, 21.5), (1001, 1, 1, 0, 19), (1001, 0, 2, 0, 5)")
	p := products(magento.New(db, magento.Config{Now: at(adaptertest.Now())})).poll(t)["1001"]
	if p.Price != "21.5" || p.RegularPrice != "" || p.Stock != adapters.InStock || p.StockQuantity != "" {
		t.Errorf("%+v", p)
	}
}

func TestAnotherWebsitesProductIsNotShownInOurs(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, "2.4.4", seeder{})
	run(t, owner, "UPDATE catalog_product_website SET website_id = 2 WHERE product_id = 1001")
	for store, want := range map[string]bool{"": false, "outlet": true} {
		if p := products(magento.New(db, magento.Config{Store: store})).poll(t)["1001"]; p.Visible != want {
			t.Errorf("in store view %q it is visible: %v", store, p.Visible)
		}
	}
}

// In Commerce a version of a product begins at a time of its own, and nothing is written then.
func TestAScheduledVersionIsDeliveredWhenItBegins(t *testing.T) {
	t.Parallel()
	_, db := shops(t, "2.4.8", seeder{staged: true})
	now := time.Unix(next-600, 0)
	list := products(magento.New(db, magento.Config{Now: func() time.Time { return now }}))
	if p := list.poll(t)["1003"]; p.Price != "310" {
		t.Fatalf("before: %+v", p)
	}
	now = time.Unix(next, 0)
	for range 3 {
		now = now.Add(5 * time.Second)
		if p := list.poll(t)["1003"]; p.Price == "0.5" && p.Name == "Another version" {
			return
		}
	}
	t.Error("not delivered within 15 seconds")
}

func TestAGuestsOrderThatWasGivenToAnAccountIsItsOwn(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, "2.3.7", seeder{})
	now := adaptertest.Now()
	list := orders(magento.New(db, magento.Config{Now: func() time.Time { return now }}))
	list.poll(t)
	now = now.Add(time.Hour)
	list.poll(t)
	run(t, owner, "UPDATE sales_order SET customer_id = 101, customer_is_guest = 0, updated_at = '2026-03-02 11:00:00' WHERE entity_id = 2002")
	now = now.Add(5 * time.Second)
	if o := list.poll(t)["2002"]; o.CustomerKey != "101" || o.FirstName != "A." {
		t.Errorf("%+v", o)
	}
}

// A program may write a credit memo and leave the order's row alone.
func TestACreditMemoIsSeenWithoutItsOrder(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, "2.4.8", seeder{})
	now := adaptertest.Now()
	list := orders(magento.New(db, magento.Config{Now: func() time.Time { return now }}))
	list.poll(t)
	now = now.Add(time.Hour)
	list.poll(t)
	run(t, owner, "INSERT INTO sales_creditmemo (entity_id, order_id, state, grand_total) VALUES (95000, 2011, 2, 2.5)",
		"INSERT INTO sales_invoice (entity_id, order_id, state, created_at) VALUES (95000, 2005, 2, '2026-03-02 11:00:00')")
	now = now.Add(5 * time.Second)
	rows := list.poll(t)
	if o := rows["2011"]; len(o.Refunds) != 1 || o.Refunds[0].Amount != "2.5" {
		t.Errorf("%+v", o)
	}
	if o := rows["2005"]; o.PaidAt.IsZero() {
		t.Errorf("an invoice alone: %+v", o)
	}
}

func TestAnEditedAddressIsSweptUpAndANewOneSeenAtOnce(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, "2.3.7", seeder{})
	now := adaptertest.Now()
	list := customers(magento.New(db, magento.Config{Now: func() time.Time { return now }}))
	list.poll(t)
	run(t, owner, "INSERT INTO customer_address_entity (entity_id, parent_id, city, country_id, firstname, lastname, street, telephone) VALUES (5000, 102, 'Celje', 'SI', '', '', 'Glavni trg 1', '03 1')")
	now = now.Add(5 * time.Second)
	if c := list.poll(t)["102"]; c.Address.City != "Celje" || c.Phone != "03 1" {
		t.Errorf("a new address: %+v", c)
	}
	now = now.Add(time.Hour)
	list.poll(t)
	run(t, owner, "UPDATE customer_address_entity SET telephone = '041 999', updated_at = '"+when(now)+"' WHERE entity_id = 1011")
	for range 26 {
		now = now.Add(5 * time.Second)
		if list.poll(t)["101"].Phone == "041 999" {
			return
		}
	}
	t.Error("the edited address was not delivered within two minutes")
}

// The index on the time of a quote's change begins with the store view.
func TestAnOldCartIsInTheNextPollWhereThereIsOneStoreView(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]bool{"2.4.4": false, "2.4.8": true} {
		owner, db := shops(t, version, seeder{})
		run(t, owner, "DELETE FROM store WHERE store_id > 1", "INSERT INTO quote (entity_id, store_id, is_active, updated_at) VALUES (90000, 1, 0, '2026-03-02 09:59:00')")
		now := adaptertest.Now()
		shop := magento.New(db, magento.Config{Now: func() time.Time { return now }})
		list := carts(shop)
		list.poll(t)
		now = now.Add(time.Hour)
		list.poll(t) // a sweep begins as well
		now = now.Add(5 * time.Second)
		list.poll(t)
		run(t, owner, "UPDATE quote_item SET qty = 5 WHERE item_id = 60021", "UPDATE quote SET items_qty = 5, updated_at = '"+when(now)+"' WHERE entity_id = 6002")
		now = now.Add(5 * time.Second)
		if c := list.poll(t)["6002"]; (c.Key != "") != want || want && c.Lines[0].Quantity != "5" {
			t.Errorf("%s: %+v", version, c)
		}
		advice, err := shop.Advise(t.Context())
		about := ""
		for _, a := range advice {
			about += a.Finding + "\n"
		}
		if err != nil || strings.Contains(about, "table quote ") == want || !strings.Contains(about, "table customer_entity ") || strings.Contains(about, "sales_order") {
			t.Errorf("%s: %v, advice:\n%s", version, err, about)
		}
	}
}

// Of a guest, the checkout keeps what was typed with the addresses before it keeps it with the quote.
func TestAGuestsCartHasWhatWasTyped(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, "2.4.8", seeder{})
	run(t, owner, "UPDATE quote SET updated_at = '0000-00-00 00:00:00' WHERE entity_id = 6002", // as old versions left it
		"UPDATE quote_address SET firstname = 'Un', lastname = 'Decided', telephone = '040 1' WHERE quote_id = 6002 AND address_type = 'shipping'")
	all := carts(magento.New(db, magento.Config{Now: at(adaptertest.Now())})).poll(t)
	c := all["6002"]
	if c.Email != "undecided@example.com" || c.FirstName != "Un" || c.LastName != "Decided" || c.Phone != "040 1" || !c.ChangedAt.Equal(c.CreatedAt) || c.ChangedAt.IsZero() {
		t.Errorf("%+v", c)
	}
	if len(all) != 2 {
		t.Errorf("%d carts, want the two open ones", len(all))
	}
}
