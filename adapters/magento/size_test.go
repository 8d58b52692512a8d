package magento_test

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/adaptertest"
	"github.com/kupec/kupec/adapters/magento"
	"github.com/kupec/kupec/module/store/storetest"
)

// copies says how rows are copied: a number with a step moves on by that for each copy, one without is given by the table,
// and a text is made different.
var copies = map[string]string{
	"customer_entity": "entity_id+100 default_billing+1000 email", "customer_address_entity": "entity_id+1000 parent_id+100", "newsletter_subscriber": "subscriber_id+1000",
	"sales_order": "entity_id+20 billing_address_id+200 increment_id", "sales_order_address": "entity_id+200 parent_id+20",
	"sales_order_item":           "item_id+100 order_id+20 parent_item_id+100 product_id+200",
	"sales_order_status_history": "entity_id+0 parent_id+20", "sales_order_status_change_history": "entity_id+0 order_id+20", "sales_invoice": "entity_id+20 order_id+20",
	"sales_shipment": "entity_id+20 order_id+20", "sales_creditmemo": "entity_id+20 order_id+20", "sales_creditmemo_comment": "entity_id+0 parent_id+20",
	"quote": "entity_id+1000", "quote_item": "item_id+100 quote_id+1000 parent_item_id+100 product_id+200", "quote_address": "address_id+10000 quote_id+1000",
	"sequence_product": "sequence_value+200", "catalog_product_entity": "entity_id+200 row_id+200 sku", "catalog_product_entity_varchar": "value_id+0 entity_id+200 row_id+200",
	"catalog_product_entity_int": "value_id+0 entity_id+200 row_id+200", "catalog_product_entity_decimal": "value_id+0 entity_id+200 row_id+200",
	"catalog_product_entity_datetime": "value_id+0 entity_id+200 row_id+200", "catalog_product_super_link": "link_id+0 product_id+200 parent_id+200",
	"catalog_product_super_attribute": "product_super_attribute_id+0 product_id+200", "catalog_product_website": "product_id+200", "catalog_product_index_price": "entity_id+200",
	"catalog_category_product": "entity_id+0 product_id+200", "cataloginventory_stock_item": "item_id+0 product_id+200", "inventory_source_item": "source_item_id+0 sku",
	"inventory_reservation": "reservation_id+0 sku", "url_rewrite": "url_rewrite_id+0 entity_id+200 request_path", "core_config_data": "config_id+0 path",
}

// grow makes the shop so many times as large.
func grow(t *testing.T, owner *sql.DB, times int) {
	t.Helper()
	run(t, owner, "CREATE TABLE numbers (n INT PRIMARY KEY)", "INSERT INTO numbers VALUES (1)")
	for n := 1; n < times; n *= 2 {
		run(t, owner, fmt.Sprintf("INSERT INTO numbers SELECT n + %d FROM numbers WHERE n + %[1]d <= %d", n, times))
	}
	for table, how := range copies {
		var into, from []string
		for _, column := range columnsOf(t, owner, table) {
			expression := "t." + column
			for _, rule := range strings.Fields(how) {
				switch name, step, number := strings.Cut(rule, "+"); {
				case name != column:
				case number && step == "0":
					expression = ""
				case number:
					expression += " + numbers.n * " + step
				default:
					expression = "CONCAT(t." + column + ", '-', numbers.n)"
				}
			}
			if expression != "" {
				into, from = append(into, column), append(from, expression)
			}
		}
		if len(into) > 0 { // else this shop has no such table
			run(t, owner, "INSERT INTO "+table+" ("+strings.Join(into, ",")+") SELECT "+strings.Join(from, ",")+" FROM "+table+" t JOIN numbers", "ANALYZE TABLE "+table)
		}
	}
}

func columnsOf(t *testing.T, owner *sql.DB, table string) (names []string) {
	t.Helper()
	rows, err := owner.Query("SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ?", table)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return names
}

// status is a counter of the session.
func status(t *testing.T, db *sql.DB, name string) (n int64) {
	t.Helper()
	if err := db.QueryRow("SHOW SESSION STATUS LIKE '"+name+"'").Scan(&name, &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// cost is what a read took: statements, rows that were looked at in tables or indexes, and temporary tables on disk.
func cost(t *testing.T, db *sql.DB, read func() error) (statements, looked, onDisk int64) {
	t.Helper()
	counters := []string{"Handler_read_first", "Handler_read_key", "Handler_read_next", "Handler_read_prev", "Handler_read_rnd", "Handler_read_rnd_next"}
	sum := func() (n int64) {
		for _, name := range counters {
			n += status(t, db, name)
		}
		return n
	}
	// Asking costs a little as well: as much each time.
	none := sum()
	before := sum()
	own := before - none
	disk, questions := status(t, db, "Created_tmp_disk_tables"), status(t, db, "Questions")
	if err := read(); err != nil {
		t.Fatal(err)
	}
	statements = status(t, db, "Questions") - questions - 1
	onDisk = status(t, db, "Created_tmp_disk_tables") - disk
	return statements, sum() - before - own, onDisk
}

// bill is what a shop's polls and pages cost.
type bill map[string]int64

func (b bill) take(t *testing.T, db *sql.DB, what string, read func() error) {
	t.Helper()
	_, looked, onDisk := cost(t, db, read)
	if b[what] = max(b[what], looked); onDisk > 0 {
		t.Errorf("%s: the server wrote %d temporary tables to its disk", what, onDisk)
	}
}

// Pages are measured that are short: a server rightly reads a table of a thousand rows whole for a hundred of them.
const (
	shortPage = 10
	longPage  = 1_000
)

// turn reads a page of anything.
type turn func(after adapters.Cursor, limit int) (next adapters.Cursor, more bool, err error)

func page[T any](read func(context.Context, adapters.Cursor, int) (adapters.Page[T], error)) turn {
	return func(after adapters.Cursor, limit int) (adapters.Cursor, bool, error) {
		page, err := read(context.Background(), after, limit)
		return page.Next, page.More, err
	}
}

// measure reads a shop of so many copies to its end, of which it measures a short page here and there, and then polls it.
func measure(t *testing.T, s seeder, times int) bill {
	t.Helper()
	owner, db := shops(t, "2.4.8", s)
	run(t, owner, "INSERT INTO catalog_product_index_price (entity_id, customer_group_id, website_id, min_price) SELECT DISTINCT entity_id, 0, 1, 9 FROM catalog_product_entity")
	grow(t, owner, times)
	now := adaptertest.Now()
	shop := magento.New(db, magento.Config{Now: func() time.Time { return now }})
	b := bill{}
	for name, read := range map[string]turn{
		"orders": page(shop.Orders), "products": page(shop.Products), "customers": page(shop.Customers), "carts": page(shop.Carts), "subscribers": page(shop.Subscribers),
	} {
		next, more := adapters.Cursor(""), true
		for range 4 { // the history, what settles, and two hours without news
			for more {
				b.take(t, db, "a page of "+name, func() (err error) { next, more, err = read(next, shortPage); return err })
				var err error
				if next, more, err = read(next, longPage); err != nil {
					t.Fatal(err)
				}
			}
			now, more = now.Add(time.Hour), true
		}
		for range 3 { // one of them is in the middle of a sweep
			b.take(t, db, "a poll of "+name, func() (err error) { next, _, err = read(next, shortPage); return err })
			now = now.Add(5 * time.Second)
		}
	}
	for _, stream := range []adapters.Stream{adapters.StreamOrders, adapters.StreamProducts, adapters.StreamCustomers} {
		b.take(t, db, "a digest of "+string(stream), func() error {
			_, err := shop.Digests(t.Context(), stream, 2200, 2600, 100)
			return err
		})
	}
	return b
}

// version is the server's own word.
func version(t *testing.T) (said string) {
	t.Helper()
	server, err := sql.Open("mysql", storetest.Server(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	if err := server.QueryRow("SELECT VERSION()").Scan(&said); err != nil {
		t.Fatal(err)
	}
	return said
}

func TestWhatAPageLooksAtDoesNotGrowWithTheShop(t *testing.T) {
	t.Parallel()
	copies := 50
	if !strings.Contains(version(t), "MariaDB") {
		copies = 500 // MySQL reads a table of some hundred rows whole, and rightly so
	}
	for _, s := range []seeder{{sources: true, records: true}, {sources: true, records: true, staged: true}} {
		small, large := measure(t, s, copies), measure(t, s, 3*copies)
		for what, looked := range large {
			// A table that is read whole costs 2 rows more for each copy; another way of joining costs as much for any shop.
			if looked > small[what]*5/4+max(100, int64(copies)) {
				t.Errorf("staged %v: %s looks at %d rows of a shop, at %d of one that is three times as large", s.staged, what, small[what], looked)
			}
		}
	}
}

func TestAPageCostsTheSameNumberOfStatementsHoweverManyRowsItHas(t *testing.T) {
	t.Parallel()
	for _, s := range []seeder{{}, {sources: true, records: true}, {sources: true, staged: true}} {
		_, db := shops(t, "2.4.8", s)
		shop := magento.New(db, magento.Config{Now: at(adaptertest.Now())})
		for name, read := range map[string]func(context.Context, int) error{
			"orders":      func(ctx context.Context, n int) error { _, err := shop.Orders(ctx, "", n); return err },
			"products":    func(ctx context.Context, n int) error { _, err := shop.Products(ctx, "", n); return err },
			"customers":   func(ctx context.Context, n int) error { _, err := shop.Customers(ctx, "", n); return err },
			"carts":       func(ctx context.Context, n int) error { _, err := shop.Carts(ctx, "", n); return err },
			"subscribers": func(ctx context.Context, n int) error { _, err := shop.Subscribers(ctx, "", n); return err },
		} {
			if err := read(t.Context(), 1); err != nil { // which finds the prefix out
				t.Fatal(err)
			}
			few, _, _ := cost(t, db, func() error { return read(t.Context(), 2) })
			many, _, _ := cost(t, db, func() error { return read(t.Context(), 13) })
			const most = 25 // the settings, the watermark, ids, and one for each kind of thing that belongs to them
			if many > few+4 || many > most {
				t.Errorf("%+v, %s: %d statements for 2 rows, %d for 13", s, name, few, many)
			}
		}
	}
}
