package intake_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/intake"
	"github.com/kupec/kupec/module/purchase"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store/storetest"
)

type bundle struct {
	db    *bun.DB
	rooms intake.Rooms
	site  *site
	in    *intake.Intake
}

func setup(t testing.TB, s *site, cfg intake.Config) bundle {
	t.Helper()
	return attach(t, storetest.DB(t), s, cfg)
}

func attach(t testing.TB, db *bun.DB, s *site, cfg intake.Config) bundle {
	t.Helper()
	if cfg.OnChange == nil {
		cfg.OnChange = markStale
	}
	orders := purchase.New(db, purchase.Config{})
	consents := consent.New(db, consent.Config{})
	rooms := intake.Rooms{Catalog: catalog.New(db, catalog.Config{}), Orders: orders, Consents: consents, People: customer.New(db, orders, consents, customer.Config{})}
	in, err := intake.New(db, rooms, []intake.Source{{Name: "shop", Shop: s}}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return bundle{db, rooms, s, in}
}

func markStale(ctx context.Context, db bun.IDB, ids []int64) error {
	rows := make([]string, len(ids))
	for i, id := range ids {
		rows[i] = fmt.Sprintf("(%d, NOW(6))", id)
	}
	_, err := db.ExecContext(ctx, "INSERT INTO crm_stale_profiles (profile_id, since) VALUES "+strings.Join(rows, ",")+" ON DUPLICATE KEY UPDATE since = since")
	return err
}

func (b bundle) once(t testing.TB) {
	t.Helper()
	if err := b.in.Once(context.Background(), nil); err != nil {
		t.Fatal(err)
	}
}

// mirror is everything copied, by the shop's keys instead of our ids, so that two databases compare. A profile is named
// by the least of its identities.
func mirror(t testing.TB, db *bun.DB) map[string][]string {
	t.Helper()
	dump := map[string][]string{}
	who := `(SELECT MIN(CONCAT(i.kind, ':', i.value)) FROM crm_identities i WHERE i.profile_id = %s)`
	for name, query := range map[string]string{
		"categories": "SELECT CONCAT_WS('|', shop_key, parent_key, name, url, position, deleted_at IS NULL) FROM crm_categories ORDER BY shop_key",
		"products": `SELECT CONCAT_WS('|', p.shop_key, sku, name, url, price, stock, visible, deleted_at IS NULL, fingerprint > 0,
			(SELECT GROUP_CONCAT(c.shop_key ORDER BY c.shop_key) FROM crm_product_categories s JOIN crm_categories c ON c.id = s.category_id WHERE s.product_id = p.id)) FROM crm_products p ORDER BY p.shop_key`,
		"variants":   "SELECT CONCAT_WS('|', p.shop_key, v.shop_key, v.name, v.price, v.stock) FROM crm_variants v JOIN crm_products p ON p.id = v.product_id ORDER BY p.shop_key, v.shop_key",
		"identities": "SELECT CONCAT_WS('|', kind, value, evidence, " + fmt.Sprintf(who, "x.profile_id") + ") FROM crm_identities x ORDER BY 1",
		"profiles": "SELECT CONCAT_WS('|', " + fmt.Sprintf(who, "p.id") + `, first_name, last_name, COALESCE(email, '-'), phone, line1, city, country, has_account,
			COALESCE(registered_at, '-'), COALESCE(first_seen_at, '-')) FROM crm_profiles p WHERE merged_into IS NULL ORDER BY 1`,
		"orders": `SELECT CONCAT_WS('|', o.shop_key, number, status, currency, total, tax, shipping, discount, refunded, account_key, email, phone, line1, placed_at, deleted_at IS NULL, fingerprint,
			i.kind, i.value, i.profile_id = o.profile_id, ` + fmt.Sprintf(who, "o.profile_id") + `) FROM crm_orders o JOIN crm_identities i ON i.id = o.identity_id ORDER BY o.shop_key`,
		"lines": `SELECT CONCAT_WS('|', o.shop_key, l.position, l.shop_key, COALESCE(p.shop_key, '-'), l.product_key, l.name, l.quantity, l.total, l.tax)
			FROM crm_order_lines l JOIN crm_orders o ON o.id = l.order_id LEFT JOIN crm_products p ON p.id = l.product_id ORDER BY o.shop_key, l.position`,
		"refunds":    "SELECT CONCAT_WS('|', o.shop_key, r.shop_key, amount, reason, refunded_at) FROM crm_refunds r JOIN crm_orders o ON o.id = r.order_id ORDER BY o.shop_key, r.shop_key",
		"stale":      "SELECT DISTINCT " + fmt.Sprintf(who, "s.profile_id") + " FROM crm_stale_profiles s JOIN crm_profiles p ON p.id = s.profile_id WHERE p.merged_into IS NULL ORDER BY 1",
		"quarantine": "SELECT CONCAT_WS('|', stream, shop_key, reason) FROM crm_quarantine ORDER BY 1",
	} {
		var rows []string
		if err := db.NewRaw(query).Scan(context.Background(), &rows); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		dump[name] = rows
	}
	return dump
}

// raw is every row of every copied table, ids and all.
func raw(t *testing.T, db *bun.DB) map[string][]map[string]any {
	t.Helper()
	dump := map[string][]map[string]any{}
	for _, table := range []string{"crm_categories", "crm_products", "crm_variants", "crm_product_categories", "crm_orders", "crm_order_lines", "crm_refunds",
		"crm_profiles", "crm_identities", "crm_quarantine", "crm_shops"} {
		var rows []map[string]any
		if err := db.NewRaw("SELECT * FROM ? ORDER BY 1, 2", bun.Ident(table)).Scan(context.Background(), &rows); err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			delete(row, "described_at")
			delete(row, "last_seen_at")
		}
		dump[table] = rows
	}
	return dump
}

func TestReadingTwiceGivesTheSameRows(t *testing.T) {
	t.Parallel()
	b := setup(t, newSite(300), intake.Config{PageSize: 200})
	b.site.orders[7].Total = "broken"
	b.once(t)
	first := raw(t, b.db)
	if len(first["crm_orders"]) != 899 || len(first["crm_products"]) != 125 {
		t.Errorf("%d orders, %d products", len(first["crm_orders"]), len(first["crm_products"]))
	}
	b.once(t)
	if diff := cmp.Diff(first, raw(t, b.db)); diff != "" {
		t.Errorf("a second pass changed rows:\n%s", diff)
	}
	if _, err := b.db.ExecContext(context.Background(), "UPDATE crm_streams SET place = ''"); err != nil {
		t.Fatal(err)
	}
	b.once(t)
	if diff := cmp.Diff(first, raw(t, b.db)); diff != "" {
		t.Errorf("reading all again changed rows:\n%s", diff)
	}
}

func TestTotalsEqualTheShopsOwnToTheCent(t *testing.T) {
	t.Parallel()
	b := setup(t, newSite(300), intake.Config{})
	b.once(t)
	dice := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		b.site.edit(dice)
	}
	b.once(t)
	type sums struct{ Gross, Refunded string }
	want := map[string]sums{}
	gross, refunded, statuses := map[string]decimal.Decimal{}, map[string]decimal.Decimal{}, map[adapters.Status]int64{}
	for _, o := range b.site.final() {
		if o.Deleted {
			continue
		}
		statuses[o.Status]++
		if o.Status != adapters.StatusPaid && o.Status != adapters.StatusCompleted && o.Status != adapters.StatusRefunded {
			continue
		}
		gross[o.Currency] = gross[o.Currency].Add(decimal.RequireFromString(o.Total))
		for _, r := range o.Refunds {
			refunded[o.Currency] = refunded[o.Currency].Add(decimal.RequireFromString(r.Amount))
		}
		want[o.Currency] = sums{gross[o.Currency].StringFixed(4), refunded[o.Currency].StringFixed(4)}
	}
	totals, err := b.rooms.Orders.Totals(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]sums{}
	for _, r := range totals.Revenue {
		got[r.Currency] = sums{r.Gross.StringFixed(4), r.Refunded.StringFixed(4)}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("revenue (-shop +crm):\n%s", diff)
	}
	if diff := cmp.Diff(statuses, totals.ByStatus); diff != "" {
		t.Errorf("by status (-shop +crm):\n%s", diff)
	}
}

func TestABackfillKilledAnywhereResumesToTheSameMirror(t *testing.T) {
	t.Parallel()
	want := setup(t, newSite(250), intake.Config{PageSize: 100})
	want.once(t)

	b := setup(t, newSite(250), intake.Config{PageSize: 100})
	dice := rand.New(rand.NewPCG(5, 6))
	kills := 0
	for {
		ctx, cancel := context.WithCancel(context.Background())
		var reads atomic.Int64
		last := 1 + dice.Int64N(12)
		b.site.onRead = func(string, adapters.Cursor) error {
			if reads.Add(1) == last {
				go func() { // somewhere in a read or in a transaction
					time.Sleep(time.Duration(rand.Int64N(int64(15 * time.Millisecond))))
					cancel()
				}()
			}
			return nil
		}
		err := b.in.Once(ctx, nil)
		ended := ctx.Err() != nil
		cancel()
		if err == nil {
			break
		}
		if !ended {
			t.Fatal(err)
		}
		if kills++; kills > 500 {
			t.Fatal("it does not come to an end")
		}
	}
	if kills < 3 {
		t.Errorf("killed only %d times", kills)
	}
	b.site.onRead = nil
	b.once(t)
	if diff := cmp.Diff(mirror(t, want.db), mirror(t, b.db)); diff != "" {
		t.Errorf("after %d kills (-undisturbed +resumed):\n%s", kills, diff)
	}
}

func TestHowABackfillIsDividedIntoBatchesDoesNotShow(t *testing.T) {
	t.Parallel()
	dump := func(size int) map[string][]string {
		s := newSite(400)
		for n := 30; n < len(s.orders); n += 40 { // guests whom later orders show to be somebody with an account
			o, account := &s.orders[n], s.orders[n-15]
			o.CustomerKey, o.Email = fmt.Sprint("9", n), account.Email
		}
		b := setup(t, s, intake.Config{PageSize: size})
		b.once(t)
		all := mirror(t, b.db)
		var evidence []string
		if err := b.db.NewRaw("SELECT CONCAT_WS('|', kind, value, evidence, evidence_ref, linked_by) FROM crm_identities ORDER BY 1").Scan(context.Background(), &evidence); err != nil {
			t.Fatal(err)
		}
		all["evidence"] = evidence
		return all
	}
	if diff := cmp.Diff(dump(10_000), dump(37)); diff != "" { // the one is a single transaction, so nothing runs beside it
		t.Errorf("(-whole +in halves of batches, side by side):\n%s", diff)
	}
}

func TestEditsDuringTheBackfillAreFollowed(t *testing.T) {
	t.Parallel()
	b := setup(t, newSite(250), intake.Config{PageSize: 100})
	dice := rand.New(rand.NewPCG(8, 9))
	edits := 300
	b.site.onRead = func(stream string, _ adapters.Cursor) error {
		for n := 0; stream == "orders" && n < 40 && edits > 0; n++ {
			b.site.edit(dice)
			edits--
		}
		return nil
	}
	b.once(t)
	for _, o := range b.site.final() {
		var got struct {
			Status, Email string
			Lines         int
			Refunded      decimal.Decimal
			Deleted       bool
		}
		err := b.db.NewRaw(`SELECT status, email, refunded, deleted_at IS NOT NULL AS deleted, (SELECT COUNT(*) FROM crm_order_lines l WHERE l.order_id = o.id) AS ?
			FROM crm_orders o WHERE shop_key = ?`, bun.Ident("lines"), o.Key).Scan(context.Background(), &got)
		if err != nil {
			if o.Deleted {
				continue // deleted before it was ever read
			}
			t.Fatalf("order %s: %v", o.Key, err)
		}
		refunded := decimal.Zero
		for _, r := range o.Refunds {
			refunded = refunded.Add(decimal.RequireFromString(r.Amount))
		}
		if got.Status != string(o.Status) || got.Lines != len(o.Lines) || !got.Refunded.Equal(refunded) || got.Deleted != o.Deleted || !strings.EqualFold(got.Email, o.Email) {
			t.Errorf("order %s is %+v, in the shop %+v", o.Key, got, o)
		}
	}
}

// until waits for something that another goroutine brings about.
func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if holds() {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("after 20 s still not: %s", what)
		}
	}
}

func (b bundle) count(t *testing.T, query string, args ...any) (n int) {
	t.Helper()
	if err := b.db.NewRaw(query, args...).Scan(context.Background(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNewOrdersAndRegistrationsAreFollowedWhileItRuns(t *testing.T) {
	t.Parallel()
	b := setup(t, newSite(50), intake.Config{Every: 20 * time.Millisecond})
	ctx := context.Background()
	if err := b.in.Start(ctx); err != nil {
		t.Fatal(err)
	}
	if err := b.in.Start(ctx); err == nil {
		t.Error("it was started twice")
	}
	until(t, "the back-fill is done", func() bool {
		return b.count(t, "SELECT COUNT(*) FROM crm_streams WHERE backfilled_at IS NOT NULL") == 4
	})
	b.site.mu.Lock()
	b.site.customers = append(b.site.customers, adapters.Customer{Key: "9001", Email: "New@Example.com", RegisteredAt: start})
	o := b.site.orders[0]
	o.Key, o.Number, o.CustomerKey, o.Email = "9002", "N-9002", "9001", "new@example.com"
	b.site.orders = append(b.site.orders, o)
	b.site.categories = append(b.site.categories, adapters.Category{Key: "77", Name: "New shelf"})
	p := b.site.products[0]
	p.Key, p.CategoryKeys = "9003", []string{"77"}
	b.site.products = append(b.site.products, p)
	b.site.mu.Unlock()
	until(t, "the order has come with its person", func() bool {
		return b.count(t, `SELECT COUNT(*) FROM crm_orders o JOIN crm_identities i ON i.id = o.identity_id
			WHERE o.number = 'N-9002' AND i.kind = 'account' AND i.value = '9001' AND i.evidence = 'account'`) == 1
	})
	until(t, "the product stands on the new shelf", func() bool {
		return b.count(t, `SELECT COUNT(*) FROM crm_product_categories s JOIN crm_products p ON p.id = s.product_id WHERE p.shop_key = '9003'`) == 1
	})
	if err := b.in.Stop(ctx); err != nil {
		t.Fatal(err)
	}
	health, err := b.in.Health(ctx)
	if err != nil || len(health) != 1 {
		t.Fatal(health, err)
	}
	h := health[0]
	if h.LagSeconds > 10 || len(h.Streams) != 4 || h.Rows["orders"] != 151 || h.Rows["customers"] != 31 || h.Rows["products"] != 121 || h.Rows["categories"] != 4 {
		t.Errorf("got %+v", h)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM crm_leases WHERE name LIKE 'intake%'"); n != 0 {
		t.Error("the lease was not given back")
	}
}

func TestABadRowIsSetAsideWithItsReasonAndComesBackWhenItIsWell(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	b := setup(t, newSite(40), intake.Config{PageSize: 30})
	long := strings.Repeat("x", 65)
	breaks := []struct {
		want string
		edit func(o *adapters.Order)
	}{
		{`total: "12,90" is not an amount`, func(o *adapters.Order) { o.Total = "12,90" }},
		{`total: "" is not an amount`, func(o *adapters.Order) { o.Total = "" }},
		{`tax: "1e9" is not an amount`, func(o *adapters.Order) { o.Tax = "1e9" }},
		{`line 1, quantity: the amount "9999999999999999" has more than 15 digits`, func(o *adapters.Order) { o.Lines[0].Quantity = "9999999999999999" }},
		{`line 1, total: "NaN" is not an amount`, func(o *adapters.Order) { o.Lines[0].Total = "NaN" }},
		{`currency: "EURO" is not a currency code`, func(o *adapters.Order) { o.Currency = "euro" }},
		{`currency: "" is not a currency code`, func(o *adapters.Order) { o.Currency = "" }},
		{`number: is longer than 64 characters`, func(o *adapters.Order) { o.Number = long }},
		{`line 1, product key: is longer than 64`, func(o *adapters.Order) { o.Lines[0].ProductKey = long }},
		{`customer key: is not valid UTF-8`, func(o *adapters.Order) { o.CustomerKey = "\xff" }},
		{`status: "strange" is none of Kupec's`, func(o *adapters.Order) { o.Status = "strange" }},
		{`placed at: the year 12345 cannot be`, func(o *adapters.Order) { o.PlacedAt = time.Date(12345, 1, 1, 0, 0, 0, 0, time.UTC) }},
		{`refund 1, amount: -5 is negative`, func(o *adapters.Order) { o.Refunds = []adapters.Refund{{Key: "1", Amount: "-5"}} }},
		{`refund 2, key: "1" is empty or comes twice`, func(o *adapters.Order) {
			o.Refunds = []adapters.Refund{{Key: "1", Amount: "5"}, {Key: "1", Amount: "5"}}
		}},
	}
	well := map[int]adapters.Order{}
	for i, tt := range breaks {
		o := b.site.orders[5*i]
		well[5*i] = o
		o.Lines = append([]adapters.Line(nil), o.Lines...)
		tt.edit(&o)
		b.site.orders[5*i] = o
	}
	b.site.bad["orders4"] = adapters.BadRow{Key: "4", Reason: "the date is \"yesterday\"", Raw: map[string]string{"date": "yesterday"}}
	b.site.products[3].Price = "cheap"
	b.site.products[4].Variants = []adapters.Variant{{Key: "1", Stock: "some"}}
	b.site.customers[3].RegisteredAt = time.Date(99999, 1, 1, 0, 0, 0, 0, time.UTC)
	b.site.categories = append(b.site.categories, adapters.Category{Key: long, Name: "Too long"})
	b.once(t)

	reasons := map[string]string{}
	after := ""
	for {
		rows, next, err := b.in.Quarantine(ctx, 0, after, 4)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			reasons[r.Stream+" "+r.Key] = r.Reason
			if len(r.Raw) == 0 {
				t.Errorf("%s %s has no raw values", r.Stream, r.Key)
			}
		}
		if after = next; next == "" {
			break
		}
	}
	want := map[string]string{"orders 4": `the date is "yesterday"`, "products 4": `price: "cheap"`, "products 5": `variant 1, stock: "some"`,
		"customers " + b.site.customers[3].Key: "registered at: the year 99999", "categories " + long[:64]: "key: is longer than 64"}
	for i, tt := range breaks {
		want["orders "+b.site.orders[5*i].Key] = tt.want
	}
	for key, reason := range want {
		if !strings.HasPrefix(reasons[key], reason) {
			t.Errorf("%s: got %q, want %q", key, reasons[key], reason)
		}
	}
	if len(reasons) != len(want) {
		t.Errorf("%d rows set aside, want %d: %v", len(reasons), len(want), reasons)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM crm_orders"); n != 120-len(breaks)-1 {
		t.Errorf("%d orders: the bad ones have held up others", n)
	}

	// Some get well by an edit, which the shop delivers; the rest silently, and are found when all is read again.
	b.site.mu.Lock()
	b.site.orders = append(b.site.orders, well[0])
	for i, o := range well {
		b.site.orders[i] = o
	}
	delete(b.site.bad, "orders4")
	b.site.products[3].Price, b.site.products[4].Variants = "1", nil
	b.site.customers[3].RegisteredAt = start
	b.site.categories = b.site.categories[:3]
	b.site.mu.Unlock()
	b.once(t)
	if n := b.count(t, "SELECT COUNT(*) FROM crm_quarantine WHERE stream = 'orders'"); n != len(breaks) {
		t.Errorf("%d orders still set aside, want the one that was delivered again to be out", n)
	}
	if err := b.in.Retry(ctx, 1); err == nil {
		t.Error("somebody without a permission had the shop read again")
	}
	var shopID int64
	if err := b.db.NewRaw("SELECT id FROM crm_shops").Scan(ctx, &shopID); err != nil {
		t.Fatal(err)
	}
	if err := b.in.Retry(staff.WithSystem(ctx, "test"), shopID); err != nil {
		t.Fatal(err)
	}
	b.once(t)
	if n := b.count(t, "SELECT COUNT(*) FROM crm_quarantine"); n != 0 {
		t.Errorf("%d rows are still set aside", n)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM crm_orders"); n != 120 {
		t.Errorf("%d orders", n)
	}
}

func TestAnOrderWithoutAUsableAddressIsKeptAndLinkedByWhatItHas(t *testing.T) {
	t.Parallel()
	s := newSite(10)
	o := s.orders[0]
	o.CustomerKey, o.Email, o.Phone = "", "maja at example", "call me"
	guest, account := o, o
	guest.Key, guest.Number = "801", "G"
	account.Key, account.Number, account.CustomerKey = "802", "A", "4711"
	s.orders = []adapters.Order{guest, account}
	b := setup(t, s, intake.Config{})
	b.once(t)
	for number, want := range map[string]string{"G": "order 801", "A": "account 4711"} {
		var got struct{ Identity, Email, Phone string }
		err := b.db.NewRaw("SELECT CONCAT(i.kind, ' ', i.value) AS identity, o.email, o.phone FROM crm_orders o JOIN crm_identities i ON i.id = o.identity_id WHERE o.number = ?", number).
			Scan(context.Background(), &got)
		if err != nil || got.Identity != want || got.Email != "maja at example" || got.Phone != "call me" {
			t.Errorf("%s: got %+v, %v", number, got, err)
		}
	}
}

func TestARowThatCannotBeStoredIsFoundAndTheOthersAreStored(t *testing.T) {
	t.Parallel()
	s := newSite(60)
	s.orders[41].Email = "poison@example.com"
	s.orders[41].CustomerKey = ""
	b := setup(t, s, intake.Config{PageSize: 100, OnChange: func(ctx context.Context, db bun.IDB, ids []int64) error {
		var n int
		if err := db.NewRaw("SELECT COUNT(*) FROM crm_identities WHERE value = 'poison@example.com' AND profile_id IN (?)", bun.List(ids)).Scan(ctx, &n); err != nil {
			return err
		}
		if n > 0 {
			panic("poison")
		}
		return nil
	}})
	b.once(t)
	rows, _, err := b.in.Quarantine(context.Background(), 0, "", 10)
	if err != nil || len(rows) != 1 || rows[0].Key != "42" || !strings.Contains(rows[0].Reason, "poison") || rows[0].Raw["Number"] != "10041" {
		t.Errorf("got %+v, %v", rows, err)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM crm_orders"); n != 179 {
		t.Errorf("%d orders", n)
	}
}

func TestAFailingStreamDoesNotStopTheOthersAndSaysWhy(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	b := setup(t, newSite(40), intake.Config{Every: 10 * time.Millisecond})
	var broken atomic.Bool
	broken.Store(true)
	b.site.onRead = func(stream string, _ adapters.Cursor) error {
		if broken.Load() && stream == "customers" {
			return errors.New("the customers are at lunch")
		}
		if broken.Load() && stream == "products" {
			panic("a mistake in an adapter")
		}
		return nil
	}
	err := b.in.Once(ctx, nil)
	if err == nil || !strings.Contains(err.Error(), "at lunch") || !strings.Contains(err.Error(), `shop "shop"`) || !strings.Contains(err.Error(), "a mistake in an adapter") {
		t.Errorf("got %v", err)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM crm_orders"); n != 120 {
		t.Errorf("%d orders: they waited for the customers", n)
	}
	health, err := b.in.Health(ctx)
	if err != nil || health[0].Streams[2].Error != "the customers are at lunch" || health[0].Streams[3].Error != "" || health[0].Streams[2].FailedAt.IsZero() {
		t.Errorf("got %+v, %v", health, err)
	}
	broken.Store(false)
	b.once(t)
	health, err = b.in.Health(ctx)
	if err != nil || health[0].Streams[2].Error != "" || !health[0].Streams[2].Backfilled {
		t.Errorf("got %+v, %v", health, err)
	}
	other := setup(t, newSite(40), intake.Config{})
	other.once(t)
	want, got := mirror(t, other.db), mirror(t, b.db)
	for _, m := range []map[string][]string{want, got} {
		delete(m, "identities") // the evidence differs: orders showed the accounts first
		delete(m, "stale")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-accounts first +orders first):\n%s", diff)
	}
}

func TestOnceBesideAServerEndsWithTheServersOwnPass(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	server := setup(t, newSite(10), intake.Config{Every: 50 * time.Millisecond})
	if err := server.in.Start(ctx); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := server.in.Stop(ctx); err != nil {
			t.Error(err)
		}
	}()
	for end := time.Now().Add(20 * time.Second); server.count(t, "SELECT COUNT(*) FROM crm_leases WHERE name LIKE 'intake.%' AND expires_at > UTC_TIMESTAMP(6)") == 0; {
		if time.Now().After(end) {
			t.Fatal("the server does not begin")
		}
		time.Sleep(10 * time.Millisecond)
	}
	command := attach(t, server.db, newSite(10), intake.Config{})
	command.site.onRead = func(string, adapters.Cursor) error { return errors.New("the shop is the server's to read") }
	began := time.Now()
	if err := command.in.Once(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
	if n := server.count(t, "SELECT COUNT(*) FROM crm_streams WHERE backfilled_at IS NULL"); n != 0 {
		t.Errorf("%d streams are not at their end", n)
	}
}

func TestAShopThatWasNeverReachedSaysWhy(t *testing.T) {
	t.Parallel()
	b := setup(t, newSite(5), intake.Config{})
	b.site.onRead = func(string, adapters.Cursor) error { return errors.New("no such table: wp_options") }
	if err := b.in.Once(context.Background(), nil); err == nil || !strings.Contains(err.Error(), "wp_options") {
		t.Errorf("got %v", err)
	}
	health, err := b.in.Health(context.Background())
	if err != nil || len(health) != 1 || health[0].Streams[0].Error == "" {
		t.Errorf("got %+v, %v", health, err)
	}
}

func TestSeveralProcessesShareTheWork(t *testing.T) {
	t.Parallel()
	s := newSite(200)
	var busy, most atomic.Int64
	s.onRead = func(string, adapters.Cursor) error {
		most.Store(max(most.Load(), busy.Add(1)))
		time.Sleep(time.Millisecond)
		busy.Add(-1)
		return nil
	}
	db := storetest.DB(t)
	var all sync.WaitGroup
	for range 3 {
		b := attach(t, db, s, intake.Config{PageSize: 50})
		all.Go(func() {
			if err := b.in.Once(context.Background(), nil); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if most.Load() > 1 {
		t.Errorf("%d processes read the shop at once", most.Load())
	}
	s.onRead = nil
	alone := setup(t, newSite(200), intake.Config{})
	alone.once(t)
	if diff := cmp.Diff(mirror(t, alone.db), mirror(t, db)); diff != "" {
		t.Errorf("(-alone +shared):\n%s", diff)
	}
}

func TestAWorkerWhoseStreamWasMovedByAnotherCannotCommit(t *testing.T) {
	t.Parallel()
	b := setup(t, newSite(100), intake.Config{PageSize: 50})
	var moved atomic.Int64
	b.site.onRead = func(stream string, after adapters.Cursor) error {
		if stream == "orders" && after == "250" && moved.Add(1) == 1 {
			_, err := b.db.ExecContext(context.Background(), "UPDATE crm_streams SET place = '' WHERE stream = 'orders'")
			return err
		}
		return nil
	}
	b.once(t)
	if moved.Load() < 2 {
		t.Error("the stream was not read again from where the other one put it")
	}
	b.site.onRead = nil
	undisturbed := setup(t, newSite(100), intake.Config{})
	undisturbed.once(t)
	if diff := cmp.Diff(mirror(t, undisturbed.db), mirror(t, b.db)); diff != "" {
		t.Errorf("(-undisturbed +disturbed):\n%s", diff)
	}
}

func TestProgressRisesToTheWhole(t *testing.T) {
	t.Parallel()
	b := setup(t, newSite(100), intake.Config{PageSize: 50})
	last := map[string]intake.Progress{}
	err := b.in.Once(context.Background(), func(p intake.Progress) {
		if p.Done < last[p.Stream].Done || p.Shop != "shop" {
			t.Errorf("from %+v to %+v", last[p.Stream], p)
		}
		last[p.Stream] = p
	})
	if err != nil {
		t.Fatal(err)
	}
	for stream, want := range map[string]int64{"products": 120, "customers": 60, "orders": 300} {
		if p := last[stream]; p.Done != want || p.Total != want {
			t.Errorf("%s: %+v, want %d", stream, p, want)
		}
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	t.Parallel()
	b := setup(t, newSite(1), intake.Config{})
	for name, shops := range map[string][]intake.Source{
		"no name":     {{Shop: b.site}},
		"no adapter":  {{Name: "x"}},
		"same name":   {{Name: "x", Shop: b.site}, {Name: "x", Shop: b.site}},
		"a long name": {{Name: strings.Repeat("x", 121), Shop: b.site}},
	} {
		if _, err := intake.New(b.db, b.rooms, shops, intake.Config{}); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	if _, err := intake.New(b.db, intake.Rooms{}, nil, intake.Config{}); err == nil {
		t.Error("no rooms were accepted")
	}
}
