package bitrix_test

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
	"github.com/kupec/kupec/adapters/bitrix"
	"github.com/kupec/kupec/module/store/storetest"
)

var databases atomic.Int64

// The three versions, as in TestContract.
var (
	sale14 = version{"sale-14.9", seeder{prefix: "b_", products: 1, offers: 1}}
	sale19 = version{"sale-19.0", seeder{prefix: "b_", payments: true, products: 1, offers: 2}}
	sale20 = version{"sale-20.0", seeder{prefix: "b_", payments: true, entities: true, products: 2, offers: 1, sender: true, history: true}}
)

type version struct {
	schema string
	seeder seeder
}

// bundle is a shop with the story in it.
type bundle struct {
	t      *testing.T
	seeder seeder
	owner  *sql.DB // may write
	reader *sql.DB // may not
	now    time.Time
}

// setup makes a database with the story under each prefix; the tables may be changed first.
func setup(t *testing.T, v version, change func(schema string) string, prefixes ...string) *bundle {
	t.Helper()
	database := fmt.Sprintf("kupec_shop_%d_b%d", os.Getpid(), databases.Add(1))
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
	b := &bundle{t: t, seeder: v.seeder, now: adaptertest.Now()}
	if b.owner, err = sql.Open("mysql", dsn+joint+"sql_mode=''&interpolateParams=true"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.owner.Close() })
	for _, prefix := range prefixes {
		for _, statement := range strings.Split(change(schema(t, v.schema, prefix)), ";\n") {
			if strings.TrimSpace(statement) != "" {
				b.run(statement)
			}
		}
		s := v.seeder
		s.prefix = prefix
		if err := s.Seed(t.Context(), b.owner, adaptertest.Tell()); err != nil {
			t.Fatal(err)
		}
	}
	if b.reader, err = adapters.Open(dsn, adapters.OpenConfig{MaxConns: 1}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.reader.Close() })
	return b
}

func asItIs(schema string) string { return schema }

func cp1251(schema string) string {
	return strings.NewReplacer("utf8mb3_general_ci", "cp1251_general_ci", "CHARSET=utf8mb3", "CHARSET=cp1251").Replace(schema)
}

func (b *bundle) run(statement string, args ...any) {
	b.t.Helper()
	if _, err := b.owner.Exec(statement, args...); err != nil {
		b.t.Fatalf("%v\n%s", err, statement)
	}
}

func (b *bundle) change(c adaptertest.Change) {
	b.t.Helper()
	c.At = b.now
	if err := b.seeder.Change(b.t.Context(), b.owner, c); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bundle) shop(cfg bitrix.Config) *bitrix.Shop {
	cfg.Now = func() time.Time { return b.now }
	return bitrix.New(b.reader, cfg)
}

// all reads until there is no more, and gives the last of each row.
func all[T any](t *testing.T, read func(context.Context, adapters.Cursor, int) (adapters.Page[T], error), after adapters.Cursor, key func(T) string) (map[string]T, adapters.Cursor) {
	t.Helper()
	rows := map[string]T{}
	for {
		page, err := read(t.Context(), after, 100)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range page.Rows {
			rows[key(row)] = row
		}
		if after = page.Next; !page.More {
			return rows, after
		}
	}
}

func orderKey(o adapters.Order) string           { return o.Key }
func productKey(p adapters.Product) string       { return p.Key }
func customerKey(c adapters.Customer) string     { return c.Key }
func cartKey(c adapters.Cart) string             { return c.Key }
func subscriberKey(s adapters.Subscriber) string { return s.Key }

func TestAWrongPrefixIsToldWithThePrefixesThereAre(t *testing.T) {
	t.Parallel()
	none := setup(t, sale14, asItIs)
	one := setup(t, sale14, asItIs, "shop_")
	two := setup(t, sale14, asItIs, "shop_", "old_")
	main := setup(t, sale14, asItIs, "old_", "b_")
	for _, tt := range []struct {
		name   string
		b      *bundle
		prefix string
		want   []string // parts of the error; none: it works
	}{
		{"the only one is found", one, "", nil},
		{"b_ is preferred", main, "", nil},
		{"given", two, "old_", nil},
		{"wrong", one, "b_", []string{"table b_sale_lang", "shop_", "KUPEC_SHOP_PREFIX"}},
		{"not told which", two, "", []string{"old_, shop_", "KUPEC_SHOP_PREFIX"}},
		{"no shop", none, "", []string{"table b_sale_lang", "No tables of Bitrix", "SELECT"}},
		{"not a prefix", one, "b`; --", []string{"letters, digits"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			shop := tt.b.shop(bitrix.Config{Prefix: tt.prefix})
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
	for _, table := range []string{"b_sale_basket", "b_iblock_element_prop_s5", "b_catalog_price"} {
		b := setup(t, sale19, asItIs, "b_")
		b.run("DROP TABLE " + table)
		var schema *adapters.SchemaError
		if _, err := b.shop(bitrix.Config{}).Describe(t.Context()); !errors.As(err, &schema) || !strings.Contains(err.Error(), table) {
			t.Errorf("without %s: %v", table, err)
		}
	}
}

func TestAMissingRightNamesTheGrant(t *testing.T) {
	t.Parallel()
	b := setup(t, sale14, asItIs, "b_")
	var database string
	if err := b.reader.QueryRow("SELECT DATABASE()").Scan(&database); err != nil {
		t.Fatal(err)
	}
	if err := storetest.MakeUser(t, b.owner, database, "Kupec-test-1", "SELECT ON "+database+".b_lang"); err != nil {
		t.Skipf("this server lets us make no user: %v", err)
	}
	dsn := storetest.WithDatabase(t, storetest.Server(t), database)
	db, err := adapters.Open(database+":Kupec-test-1"+dsn[strings.LastIndex(dsn, "@"):], adapters.OpenConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	_, err = bitrix.New(db, bitrix.Config{Prefix: "b_"}).Describe(t.Context())
	if err == nil || !strings.Contains(err.Error(), "GRANT SELECT") || !strings.Contains(err.Error(), "b_sale_lang") {
		t.Errorf("got %v", err)
	}
	if _, err = bitrix.New(db, bitrix.Config{}).Describe(t.Context()); err == nil || !strings.Contains(err.Error(), "No tables of Bitrix") {
		t.Errorf("with the prefix to be found out: %v", err)
	}
}

func TestTheVersionIsToldByTheTables(t *testing.T) {
	t.Parallel()
	for want, v := range map[string]version{"sale 14-15": sale14, "sale 16-19": sale19, "sale 20+": sale20} {
		info, err := setup(t, v, asItIs, "b_").shop(bitrix.Config{}).Describe(t.Context())
		if err != nil || info.Platform != "bitrix" || info.Version != want {
			t.Errorf("%s: %+v, %v", v.schema, info, err)
		}
	}
}

func TestALanguageIsTheAccountsOwnOrTheSites(t *testing.T) {
	t.Parallel()
	b := setup(t, sale19, asItIs, "b_")
	shop := b.shop(bitrix.Config{})
	info, err := shop.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	customers, _ := all(t, shop.Customers, "", customerKey)
	orders, _ := all(t, shop.Orders, "", orderKey)
	got := []string{info.Locale, customers["102"].Language, customers["103"].Language, orders["2001"].Language, orders["2002"].Language}
	if diff := cmp.Diff([]string{"sl", "sl", "ru", "sl", "en"}, got); diff != "" {
		t.Errorf("of the site, of accounts without and with their own, of orders of two sites:\n%s", diff)
	}
}

func TestAStatusNobodyKnowsIsOtherUnlessTheOrderIsPaid(t *testing.T) {
	t.Parallel()
	b := setup(t, sale19, asItIs, "b_")
	read := func(cfg bitrix.Config) adapters.Order {
		orders, _ := all(t, b.shop(cfg).Orders, "", orderKey)
		return orders["2007"]
	}
	if o := read(bitrix.Config{}); o.Status != adapters.StatusPaid || o.RawStatus != "packing" {
		t.Errorf("paid: %s, %q", o.Status, o.RawStatus)
	}
	b.run("UPDATE b_sale_order SET PAYED = 'N' WHERE ID = 2007")
	if o := read(bitrix.Config{}); o.Status != adapters.StatusOther || o.RawStatus != "packing" || !o.PaidAt.IsZero() {
		t.Errorf("not paid: %s, %q, paid at %v", o.Status, o.RawStatus, o.PaidAt)
	}
	if o := read(bitrix.Config{Statuses: map[string]adapters.Status{"PK": adapters.StatusCompleted}}); o.Status != adapters.StatusCompleted || o.CompletedAt.IsZero() {
		t.Errorf("set to be completed: %s at %v", o.Status, o.CompletedAt)
	}
	b.run("UPDATE b_sale_order SET CANCELED = 'Y', PAYED = 'Y' WHERE ID = 2007")
	if o := read(bitrix.Config{}); o.Status != adapters.StatusCancelled {
		t.Errorf("called off: %s", o.Status)
	}
}

func TestAGuestsCartHasNoAddress(t *testing.T) {
	t.Parallel()
	for v, total := range map[version]string{sale14: "0.03", sale19: "0.0375"} { // before 16 prices have two decimals
		carts, _ := all(t, setup(t, v, asItIs, "b_").shop(bitrix.Config{}).Carts, "", cartKey)
		want := adapters.Cart{Key: "6002", Currency: "EUR", CreatedAt: adaptertest.Now().Add(-2 * time.Hour), ChangedAt: adaptertest.Now().Add(-time.Hour),
			Lines: []adapters.CartLine{{ProductKey: "1006", Quantity: "3", Total: total}}}
		if diff := cmp.Diff(want, carts["6002"]); diff != "" || len(carts) != 2 {
			t.Errorf("%s: %d carts\n%s", v.schema, len(carts), diff)
		}
	}
}

func TestACartIsFollowed(t *testing.T) {
	t.Parallel()
	b := setup(t, sale19, asItIs, "b_")
	shop := b.shop(bitrix.Config{})
	_, next := all(t, shop.Carts, "", cartKey)
	poll := func() (rows map[string]adapters.Cart) {
		b.now = b.now.Add(5 * time.Second)
		rows, next = all(t, shop.Carts, next, cartKey)
		return rows
	}
	b.now = b.now.Add(10 * time.Minute)
	poll()
	batch := b.seeder.batch()
	batch.Add("sale_fuser", 7100, local(b.now), local(b.now), 102, "cookie7100")
	b.seeder.basket(batch, position{id: 71001, visitor: 7100, product: 1104, quantity: "1", price: number("24.5"), at: b.now})
	b.seeder.basket(batch, position{id: 71002, visitor: 7100, product: 1001, quantity: "1", price: number("5"), currency: "GBP", delay: true, at: b.now})
	if err := batch.write(t.Context(), b.owner); err != nil {
		t.Fatal(err)
	}
	if got := poll()["7100"]; got.CustomerKey != "102" || len(got.Lines) != 1 || got.Lines[0].VariantKey != "1104" {
		t.Errorf("what was put in is not in the next poll: %+v", got)
	}
	b.now = b.now.Add(10 * time.Minute)
	poll()
	b.run("UPDATE b_sale_basket SET QUANTITY = 3, DATE_UPDATE = ? WHERE ID = 60021", local(b.now))
	found := false
	for range 15 { // a minute to the next sweep
		found = found || poll()["6002"].Lines != nil
	}
	if !found {
		t.Error("a changed number was not swept up within a minute")
	}
	b.run("UPDATE b_sale_basket SET ORDER_ID = 2008, DATE_UPDATE = ? WHERE FUSER_ID = 7100", local(b.now))
	for range 15 {
		if got, ok := poll()["7100"]; ok {
			t.Fatalf("an ordered cart was delivered: %+v", got)
		}
	}
	b.run("UPDATE b_sale_basket SET DELAY = 'N', ORDER_ID = NULL WHERE FUSER_ID = 7100")
	carts, _ := all(t, shop.Carts, "", cartKey)
	if got := carts["7100"]; got.Currency != "GBP" || len(got.Lines) != 2 || got.Lines[0].Total != "" || got.Lines[1].Total != "5" {
		t.Errorf("of two currencies the one put in last has totals: %+v", got)
	}
}

func TestAnOfferDeliversItsProduct(t *testing.T) {
	t.Parallel()
	for _, v := range []version{sale14, sale19} { // with offers in rows, and in a table of columns
		b := setup(t, v, asItIs, "b_")
		shop := b.shop(bitrix.Config{})
		_, next := all(t, shop.Products, "", productKey)
		poll := func() (rows map[string]adapters.Product) {
			b.now = b.now.Add(5 * time.Second)
			rows, next = all(t, shop.Products, next, productKey)
			return rows
		}
		poll()
		batch := b.seeder.batch()
		batch.Add("iblock_element", 1950, forms, nil, "Brazil, in a tin", "", "1950", "Y", nil, 900, nil, 1, nil, local(b.now), local(b.now))
		b.seeder.property(batch, forms, 1950, []any{1002, "BRA-TIN", 0, ""})
		b.seeder.price(batch, 1950, "6.25", b.now)
		if err := batch.write(t.Context(), b.owner); err != nil {
			t.Fatal(err)
		}
		got := poll()["1002"]
		if len(got.Variants) != 4 || got.Price != "6.25" || got.Variants[3].Name != "Brazil, in a tin" || got.Variants[3].Stock != adapters.OutOfStock {
			t.Errorf("%s: a new offer is not in the next poll, by its own name where it has no values: %+v", v.schema, got)
		}
		b.now = b.now.Add(10 * time.Minute)
		poll()
		b.change(adaptertest.Change{ProductID: 1103, Price: "1.5"})
		price := ""
		for range 15 { // a minute to the next sweep
			if p, ok := poll()["1002"]; ok {
				price = p.Price
			}
		}
		if price != "1.5" {
			t.Errorf("%s: an offer's price was not swept up within a minute: %q", v.schema, price)
		}
	}
}

func TestAnArticleNumberOfSeveralIsTheFirst(t *testing.T) {
	t.Parallel()
	b := setup(t, sale20, asItIs, "b_")
	b.run("UPDATE b_iblock_property SET MULTIPLE = 'Y' WHERE ID = 31")
	b.run("INSERT INTO b_iblock_element_prop_m4 (IBLOCK_ELEMENT_ID, IBLOCK_PROPERTY_ID, VALUE) VALUES (1001, 31, 'FIRST'), (1001, 31, 'SECOND')")
	products, _ := all(t, b.shop(bitrix.Config{}).Products, "", productKey)
	orders, _ := all(t, b.shop(bitrix.Config{}).Orders, "", orderKey)
	if products["1001"].SKU != "FIRST" || orders["2002"].Lines[0].SKU != "FIRST" {
		t.Errorf("SKU %q, of a position %q", products["1001"].SKU, orders["2002"].Lines[0].SKU)
	}
	products, _ = all(t, b.shop(bitrix.Config{ArticleCodes: []string{"NONE"}}).Products, "", productKey)
	if products["1001"].SKU != "" {
		t.Errorf("without such a property the SKU is %q", products["1001"].SKU)
	}
}

func TestADirectoryThatWasDroppedLeavesItsCodes(t *testing.T) {
	t.Parallel()
	b := setup(t, sale19, asItIs, "b_")
	b.run("DROP TABLE b_hlbd_grind")
	products, _ := all(t, b.shop(bitrix.Config{}).Products, "", productKey)
	if got := products["1002"].Variants[0].Name; got != "250 g, whole-bean" {
		t.Errorf("the offer is called %q", got)
	}
}

func TestASwitchedOffProductIsNotVisible(t *testing.T) {
	t.Parallel()
	b := setup(t, sale14, asItIs, "b_")
	b.run("UPDATE b_iblock_element SET ACTIVE = 'N' WHERE ID = 1001")
	b.run("UPDATE b_iblock_element SET ACTIVE_FROM = ? WHERE ID = 1006", local(b.now.Add(time.Minute)))
	visible := func() [3]bool {
		rows, _ := all(t, b.shop(bitrix.Config{}).Products, "", productKey)
		return [3]bool{rows["1001"].Visible, rows["1002"].Visible, rows["1006"].Visible}
	}
	if got := visible(); got != [3]bool{false, true, false} {
		t.Errorf("visible: %v", got)
	}
	b.now = b.now.Add(2 * time.Minute)
	if got := visible(); got != [3]bool{false, true, true} {
		t.Errorf("visible when the time has come: %v", got)
	}
}

func TestAProfilesHistoryTellsOfAChangeAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t, sale20, asItIs, "b_")
	shop := b.shop(bitrix.Config{})
	b.run("INSERT INTO b_user (ID, LOGIN, PASSWORD, DATE_REGISTER) VALUES (50000, 'late', '-', ?)", local(b.now)) // the others are no longer among the newest
	_, next := all(t, shop.Customers, "", customerKey)
	b.now = b.now.Add(10 * time.Minute)
	_, next = all(t, shop.Customers, next, customerKey)
	b.change(adaptertest.Change{CustomerID: 101, LastName: "Kos"})
	b.now = b.now.Add(5 * time.Second)
	rows, _ := all(t, shop.Customers, next, customerKey)
	if rows["101"].LastName != "Kos" {
		t.Errorf("not in the next poll: %v", rows)
	}
}

func TestAPhoneThatWasConfirmedIsTheAccounts(t *testing.T) {
	t.Parallel()
	b := setup(t, sale19, asItIs, "b_")
	b.run("INSERT INTO b_user_phone_auth (USER_ID, PHONE_NUMBER) VALUES (101, '+38640000000'), (102, '+38640111111')")
	customers, _ := all(t, b.shop(bitrix.Config{}).Customers, "", customerKey)
	if customers["101"].Phone != "041 123 456" || customers["102"].Phone != "+38640111111" {
		t.Errorf("%q, %q", customers["101"].Phone, customers["102"].Phone)
	}
}

// The newest 1,000 accounts are followed by time; this one is far behind them.
func TestAnOldAccountsChangeIsSwept(t *testing.T) {
	t.Parallel()
	b := setup(t, sale14, asItIs, "b_")
	b.run("INSERT INTO b_user (ID, LOGIN, PASSWORD, DATE_REGISTER) VALUES (50000, 'late', '-', ?)", local(b.now))
	shop := b.shop(bitrix.Config{})
	_, next := all(t, shop.Customers, "", customerKey)
	b.now = b.now.Add(10 * time.Minute)
	_, next = all(t, shop.Customers, next, customerKey)
	b.change(adaptertest.Change{CustomerID: 101, LastName: "Kos"})
	for range 30 {
		b.now = b.now.Add(5 * time.Second)
		var rows map[string]adapters.Customer
		if rows, next = all(t, shop.Customers, next, customerKey); rows["101"].LastName == "Kos" {
			return
		}
	}
	t.Error("not swept up")
}

func TestAnIndexOnATimeOfChangeIsAdvisedUntilThereIsOneAndThenFollowed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		v      version
		tables []string
	}{{sale14, []string{"b_user", "b_subscription"}}, {sale20, []string{"b_user", "b_sender_contact"}}} {
		b := setup(t, tt.v, asItIs, "b_")
		b.run("INSERT INTO b_user (ID, LOGIN, PASSWORD, DATE_REGISTER) VALUES (50000, 'late', '-', ?)", local(b.now)) // the others are no longer among the newest
		shop := b.shop(bitrix.Config{})
		list, err := shop.Advise(t.Context())
		if err != nil || len(list) != len(tt.tables) {
			t.Fatalf("%s: %+v, %v", tt.v.schema, list, err)
		}
		for i, a := range list {
			if !strings.Contains(a.Finding, "table "+tt.tables[i]+" has no index") {
				t.Errorf("%s: %s", tt.v.schema, a.Finding)
			}
			_, statement, _ := strings.Cut(a.Next, ": ")
			b.run(statement)
		}
		if list, err := shop.Advise(t.Context()); err != nil || len(list) > 0 {
			t.Errorf("%s: with the indexes: %+v, %v", tt.v.schema, list, err)
		}
		_, next := all(t, shop.Customers, "", customerKey)
		_, answers := all(t, shop.Subscribers, "", subscriberKey)
		b.now = b.now.Add(10 * time.Minute)
		_, next = all(t, shop.Customers, next, customerKey)
		b.run("UPDATE b_user SET LAST_NAME = 'Kos', TIMESTAMP_X = FROM_UNIXTIME(?) WHERE ID = 101", b.now.Unix())
		b.run("UPDATE "+tt.tables[1]+" SET DATE_UPDATE = ? WHERE ID = 1", local(b.now))
		b.now = b.now.Add(5 * time.Second)
		if rows, _ := all(t, shop.Customers, next, customerKey); rows["101"].LastName != "Kos" {
			t.Errorf("%s: a change is not in the next poll", tt.v.schema)
		}
		if rows, _ := all(t, shop.Subscribers, answers, subscriberKey); rows["1"].Key != "1" {
			t.Errorf("%s: an answer is not in the next poll: %v", tt.v.schema, rows)
		}
	}
}

func TestSubscribersAreFollowedInTheirModule(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		v      version
		module bitrix.Newsletter
		change string
		list   string
	}{
		{sale19, "", "UPDATE b_subscription SET ACTIVE = 'N', DATE_UPDATE = ? WHERE EMAIL = 'Reader@example.com'", "News, Sales"},
		{sale20, "", "INSERT INTO b_sender_mailing_subscription (MAILING_ID, CONTACT_ID, DATE_INSERT, IS_UNSUB) SELECT 1, ID, ?, 'Y' FROM b_sender_contact WHERE CODE = 'reader@example.com'", "News"},
	} {
		b := setup(t, tt.v, asItIs, "b_")
		shop := b.shop(bitrix.Config{Newsletter: tt.module})
		rows, next := all(t, shop.Subscribers, "", subscriberKey)
		if got := rows["3"]; got.Consent != adapters.Subscribed || got.List != tt.list {
			t.Errorf("%s: %+v", tt.v.schema, got)
		}
		if tt.v == sale20 && rows["902"].Consent != adapters.NotSubscribed {
			t.Errorf("who was never asked is %q", rows["902"].Consent)
		}
		b.now = b.now.Add(10 * time.Minute)
		_, next = all(t, shop.Subscribers, next, subscriberKey)
		b.run(tt.change, local(b.now))
		consent := adapters.Subscribed
		for range 15 { // a minute to the next sweep
			b.now = b.now.Add(5 * time.Second)
			if rows, next = all(t, shop.Subscribers, next, subscriberKey); rows["3"].Key != "" {
				consent = rows["3"].Consent
			}
		}
		if consent != adapters.Unsubscribed {
			t.Errorf("%s: a withdrawal was not found within a minute: %s", tt.v.schema, consent)
		}
	}
	b := setup(t, sale20, asItIs, "b_")
	b.run("INSERT INTO b_subscription (DATE_INSERT, EMAIL, CONFIRMED, DATE_CONFIRM) VALUES (?, 'set@example.com', 'Y', ?)", local(b.now), local(b.now))
	rows, _ := all(t, b.shop(bitrix.Config{Newsletter: bitrix.Subscribe}).Subscribers, "", subscriberKey)
	if len(rows) != 1 {
		t.Errorf("the module that was set is not read: %v", rows)
	}
}

func TestAShopWithoutAModuleForSubscribersHasNone(t *testing.T) {
	t.Parallel()
	b := setup(t, sale14, asItIs, "b_")
	b.run("RENAME TABLE b_subscription TO gone")
	rows, next := all(t, b.shop(bitrix.Config{}).Subscribers, "", subscriberKey)
	if len(rows) > 0 {
		t.Errorf("subscribers: %v", rows)
	}
	b.run("RENAME TABLE gone TO b_subscription")
	if _, err := b.shop(bitrix.Config{}).Subscribers(t.Context(), next, 1); !errors.Is(err, adapters.ErrCursor) {
		t.Errorf("with the module the old place is none: %v", err)
	}
}

func TestADigestTellsOfWhatBelongsToOffersAndOfAccountsThatWent(t *testing.T) {
	t.Parallel()
	for _, v := range []version{sale19, sale20} {
		b := setup(t, v, asItIs, "b_")
		b.run("UPDATE b_iblock_property SET MULTIPLE = 'Y' WHERE ID = 31") // so that iblock 4 keeps it in rows, in whichever table
		shop := b.shop(bitrix.Config{})
		sum := func(stream adapters.Stream, key int64) uint64 {
			t.Helper()
			digests, err := shop.Digests(t.Context(), stream, key, key, 1)
			if err != nil || len(digests) != 1 || digests[0].Rows != 1 {
				t.Fatalf("%s %d: %v, %v", stream, key, digests, err)
			}
			return digests[0].Sum
		}
		for _, tt := range []struct {
			what      string
			stream    adapters.Stream
			key       int64
			rows      string // in shops that keep the offers' properties in rows
			statement string
		}{
			{"an offer's article number", adapters.StreamProducts, 1002, "UPDATE b_iblock_element_property SET VALUE = 'NEW' WHERE IBLOCK_PROPERTY_ID = 34 AND IBLOCK_ELEMENT_ID = 1103",
				"UPDATE b_iblock_element_prop_s5 SET PROPERTY_34 = 'NEW' WHERE IBLOCK_ELEMENT_ID = 1103"},
			{"an offer's grind", adapters.StreamProducts, 1002, "UPDATE b_iblock_element_property SET VALUE = 'ground' WHERE IBLOCK_PROPERTY_ID = 36 AND IBLOCK_ELEMENT_ID = 1103",
				"UPDATE b_iblock_element_prop_s5 SET PROPERTY_36 = 'ground' WHERE IBLOCK_ELEMENT_ID = 1103"},
			{"an offer's price", adapters.StreamProducts, 1002, "", "UPDATE b_catalog_price SET PRICE = 1 WHERE PRODUCT_ID = 1103"},
			{"an account that went", adapters.StreamOrders, 2001, "", "DELETE FROM b_user WHERE ID = 101"},
		} {
			before, other := sum(tt.stream, tt.key), sum(tt.stream, tt.key+1)
			if b.seeder.offers == 1 && tt.rows != "" {
				b.run(tt.rows)
			} else {
				b.run(tt.statement)
			}
			if sum(tt.stream, tt.key) == before || sum(tt.stream, tt.key+1) != other {
				t.Errorf("%s: %s is not told, or told of another row too", v.schema, tt.what)
			}
		}
	}
}

// Older shops keep Cyrillic text in one byte a letter.
func TestACp1251ShopIsReadAsUnicode(t *testing.T) {
	t.Parallel()
	b := setup(t, sale14, cp1251, "b_")
	b.run("UPDATE b_user SET PERSONAL_CITY = 'Рязань' WHERE ID = 103")
	shop := b.shop(bitrix.Config{})
	customers, _ := all(t, shop.Customers, "", customerKey)
	orders, _ := all(t, shop.Orders, "", orderKey)
	got := []string{customers["103"].FirstName, customers["103"].Company, customers["103"].Address.City, orders["2003"].LastName, orders["2003"].Email, orders["2001"].Address.Country}
	if diff := cmp.Diff([]string{"Иван", "Чай & Ко", "Рязань", "О'Брайен", "ivan@пример.example", "SI"}, got); diff != "" {
		t.Error(diff)
	}
	first, last, err := shop.Span(t.Context(), adapters.StreamOrders)
	if err != nil {
		t.Fatal(err)
	}
	if sums, err := shop.Digests(t.Context(), adapters.StreamOrders, first, last, 1000); err != nil || len(sums) == 0 {
		t.Errorf("digests: %v, %v", sums, err)
	}
}

func TestTimesAreInTheServersZoneWhateverTheyAreShownIn(t *testing.T) {
	t.Parallel()
	b := setup(t, sale19, asItIs, "b_")
	b.run("UPDATE b_option SET VALUE = 'Asia/Yekaterinburg' WHERE NAME = 'default_time_zone'")
	placed := func(cfg bitrix.Config) (zone, at string) {
		info, err := b.shop(cfg).Describe(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		orders, _ := all(t, b.shop(cfg).Orders, "", orderKey)
		return info.Zone, orders["2001"].PlacedAt.Format(time.RFC3339)
	}
	// Elements and their prices were saved one hour ahead of UTC, most of them in winter.
	if zone, at := placed(bitrix.Config{}); zone != "UTC+01:00" || at != "2023-03-11T09:30:00Z" {
		t.Errorf("by the evidence: %s, %s", zone, at)
	}
	if zone, at := placed(bitrix.Config{Zone: "Asia/Yekaterinburg"}); zone != "Asia/Yekaterinburg" || at != "2023-03-11T05:30:00Z" {
		t.Errorf("set: %s, %s", zone, at)
	}
	if _, err := b.shop(bitrix.Config{Zone: "Nowhere/Town"}).Orders(t.Context(), "", 1); err == nil || !strings.Contains(err.Error(), "Nowhere/Town") {
		t.Errorf("a zone that is none: %v", err)
	}
}

func TestAPageCostsTheSameNumberOfStatementsHoweverManyRowsItHas(t *testing.T) {
	t.Parallel()
	for _, v := range []version{sale14, sale19, sale20} {
		b := setup(t, v, asItIs, "b_")
		shop := b.shop(bitrix.Config{})
		status := func(name string) (n int) {
			if err := b.reader.QueryRow("SHOW SESSION STATUS LIKE '"+name+"'").Scan(&name, &n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		statements := func(name string, read func() error) (n int) {
			onDisk, before := status("Created_tmp_disk_tables"), status("Questions")
			if err := read(); err != nil {
				t.Fatal(err)
			}
			n = status("Questions") - before - 1
			const columns = 1 // the server's own list of columns, in MariaDB
			if more := status("Created_tmp_disk_tables") - onDisk; more > columns {
				t.Errorf("%s, %s: a page made the server write %d temporary tables to its disk", v.schema, name, more)
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
			statements(name, func() error { return read(t.Context(), 1) }) // the prefix and the zone are found out
			few := statements(name, func() error { return read(t.Context(), 2) })
			many := statements(name, func() error { return read(t.Context(), 13) })
			most := 24 // sites, settings, catalogues, the watermark, ids, and one for each kind of thing that belongs to them
			if name == "orders" {
				most += 8 // and the same of what is in the archive
			}
			if many > few+4 || many > most {
				t.Errorf("%s, %s: %d statements for 2 rows, %d for 13", v.schema, name, few, many)
			}
		}
	}
}
