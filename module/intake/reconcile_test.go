package intake_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/woocommerce"
	"github.com/kupec/kupec/module/intake"
)

// attached is an intake of one more kind of shop over the bundle's database.
func (b bundle) attached(t testing.TB, shop adapters.Shop, cfg intake.Config) *intake.Intake {
	t.Helper()
	if cfg.OnChange == nil {
		cfg.OnChange = markStale
	}
	in, err := intake.New(b.db, b.rooms, []intake.Source{{Name: "shop", Shop: shop}}, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// reconcile compares once and gives what was found, in short: "orders: 2 of 3 ranges read, missed 7, deleted 9 12".
func reconcile(t testing.TB, in *intake.Intake) []string {
	t.Helper()
	all, err := in.Reconcile(context.Background(), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 || all[0].FinishedAt.IsZero() || all[0].StartedAt.IsZero() {
		t.Fatalf("got %+v", all)
	}
	return short(t, all[0])
}

func short(t testing.TB, f intake.Findings) (lines []string) {
	t.Helper()
	for _, s := range f.Streams {
		line := fmt.Sprintf("%s: %d of %d ranges read", s.Stream, s.Reread, s.Compared)
		for _, sort := range []struct {
			name  string
			found intake.Found
		}{{"missed", s.Missed}, {"edited", s.Edited}, {"deleted", s.Deleted}, {"aside", s.Aside}} {
			if sort.found.Rows > 0 {
				line += ", " + sort.name + " " + strings.Join(sort.found.Keys, " ")
			}
			if int(sort.found.Rows) != len(sort.found.Keys) && sort.found.Rows <= 10 {
				t.Errorf("%d rows %s, keys %v", sort.found.Rows, sort.name, sort.found.Keys)
			}
		}
		lines = append(lines, line)
	}
	return lines
}

func TestReconcilingMendsWhatNoFeedShowsAndThenFindsNothing(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	shop, dsn := demoShop(t, 300)
	pool, err := adapters.Open(dsn, adapters.OpenConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	b := setup(t, newSite(1), intake.Config{})
	in := b.attached(t, woocommerce.New(pool, woocommerce.Config{}), intake.Config{})
	if err := in.Once(ctx, nil); err != nil {
		t.Fatal(err)
	}
	quiet := func(when string) {
		t.Helper()
		for _, line := range reconcile(t, in) {
			if !strings.Contains(line, " 0 of ") || strings.HasSuffix(line, " of 0 ranges read") || strings.Contains(line, ",") {
				t.Errorf("%s: %s", when, line)
			}
		}
	}
	first := reconcile(t, in)
	for _, line := range first {
		if strings.Contains(line, ",") {
			t.Errorf("right after the back-fill: %s", line)
		}
	}
	quiet("the second time")

	id := func(query string) (key string) {
		t.Helper()
		if err := shop.QueryRow(query).Scan(&key); err != nil {
			t.Fatal(err)
		}
		return key
	}
	exec := func(statement string, args ...any) {
		t.Helper()
		if _, err := shop.Exec(statement, args...); err != nil {
			t.Fatal(err)
		}
	}
	// Old rows, so that nothing which looks at the newest finds them.
	edited := id("SELECT MIN(id) FROM wp_wc_orders WHERE type = 'shop_order' AND status = 'wc-completed'")
	deleted := id("SELECT MIN(id) FROM wp_wc_orders WHERE type = 'shop_order' AND status = 'wc-completed' AND customer_id > 0 AND id > " + edited)
	lost := id("SELECT MIN(id) FROM wp_wc_orders WHERE type = 'shop_order' AND status = 'wc-completed' AND id > " + deleted)
	account := id("SELECT MIN(ID) FROM wp_users u WHERE EXISTS (SELECT 1 FROM wp_wc_orders o WHERE o.customer_id = u.ID)")
	renamed := id("SELECT MIN(ID) FROM wp_users WHERE ID > " + account)
	product := id("SELECT MIN(ID) FROM wp_posts WHERE post_type = 'product' AND post_status = 'publish'")
	exec("UPDATE wp_wc_orders SET total_amount = total_amount + 100 WHERE id = ?", edited)
	exec("DELETE i, m FROM wp_woocommerce_order_items i LEFT JOIN wp_woocommerce_order_itemmeta m ON m.order_item_id = i.order_item_id WHERE i.order_id = ?", deleted)
	exec("DELETE FROM wp_wc_orders WHERE id = ?", deleted)
	exec("DELETE FROM wp_users WHERE ID = ?", account)
	exec("UPDATE wp_usermeta SET meta_value = 'Silently' WHERE meta_key = 'first_name' AND user_id = ?", renamed)
	exec("DELETE FROM wp_posts WHERE ID = ?", product)
	if _, err := b.db.ExecContext(ctx, "DELETE FROM crm_orders WHERE shop_key = ?", lost); err != nil {
		t.Fatal(err)
	}

	want := map[string]string{"products": ", deleted " + product, "customers": ", edited " + renamed + ", deleted " + account,
		"orders": ", missed " + lost + ", edited " + edited + ", deleted " + deleted}
	for _, line := range reconcile(t, in) {
		stream, _, _ := strings.Cut(line, ":")
		if !strings.HasSuffix(line, " ranges read"+want[stream]) {
			t.Errorf("got %q, want it to end in %q", line, want[stream])
		}
	}
	quiet("after mending")

	var order struct {
		Gone  bool
		Lines int
	}
	err = b.db.NewRaw("SELECT deleted_at IS NOT NULL AS gone, (SELECT COUNT(*) FROM crm_order_lines l WHERE l.order_id = o.id) AS ? FROM crm_orders o WHERE shop_key = ?",
		bun.Ident("lines"), deleted).Scan(ctx, &order)
	if err != nil || !order.Gone || order.Lines == 0 {
		t.Errorf("the deleted order is %+v, %v: it should keep its history", order, err)
	}
	var guest struct{ HasAccount, Gone bool }
	err = b.db.NewRaw("SELECT p.has_account, i.gone_at IS NOT NULL AS gone FROM crm_identities i JOIN crm_profiles p ON p.id = i.profile_id WHERE i.kind = 'account' AND i.value = ?", account).Scan(ctx, &guest)
	if err != nil || guest.HasAccount || !guest.Gone {
		t.Errorf("the person of the deleted account is %+v, %v", guest, err)
	}
	var shopSum, mirrorSum string
	if err := shop.QueryRow("SELECT CAST(SUM(total_amount) AS DECIMAL(19,4)) FROM wp_wc_orders WHERE type = 'shop_order' AND status = 'wc-completed'").Scan(&shopSum); err != nil {
		t.Fatal(err)
	}
	if err := b.db.NewRaw("SELECT CAST(SUM(total) AS DECIMAL(19,4)) FROM crm_orders WHERE status = 'completed' AND deleted_at IS NULL").Scan(ctx, &mirrorSum); err != nil {
		t.Fatal(err)
	}
	if shopSum != mirrorSum {
		t.Errorf("completed orders: %s in the shop, %s mirrored", shopSum, mirrorSum)
	}
	health, err := in.States(ctx)
	if err != nil || health[0].Reconciled.FinishedAt.IsZero() || len(health[0].Reconciled.Streams) != 3 {
		t.Errorf("health shows %+v, %v", health, err)
	}
}

func TestReconcilingKilledAnywhereGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	s := newSite(900)
	b := setup(t, s, intake.Config{})
	shop := &audited{site: s}
	in := b.attached(t, shop, intake.Config{})
	b.once(t)
	for _, line := range reconcile(t, in) {
		if strings.Contains(line, ",") {
			t.Errorf("right after the back-fill: %s", line)
		}
	}
	s.gone["orders17"], s.gone["customers3"], s.gone["products9"] = true, true, true
	s.orders[2500].Total = "999999.99"
	kills := 0
	dice := rand.New(rand.NewPCG(1, 2))
	for {
		ctx, cancel := context.WithCancel(context.Background())
		var reads atomic.Int64
		last := 1 + dice.Int64N(3)
		stop := func() error {
			if reads.Add(1) == last {
				go func() {
					time.Sleep(time.Duration(rand.Int64N(int64(8 * time.Millisecond))))
					cancel()
				}()
			}
			return nil
		}
		s.onRead = func(_ string, after adapters.Cursor) error {
			if strings.HasPrefix(string(after), "r.") {
				return stop()
			}
			return nil
		}
		shop.onDigest = func(adapters.Stream, int64, int64) error { return stop() }
		_, err := in.Reconcile(ctx, "", nil)
		ended := ctx.Err() != nil
		cancel()
		if err == nil {
			break
		}
		if !ended {
			t.Fatal(err)
		}
		if kills++; kills > 300 {
			t.Fatal("it does not come to an end")
		}
	}
	s.onRead, shop.onDigest = nil, nil
	if kills < 2 {
		t.Errorf("killed only %d times", kills)
	}
	want := []string{"products: 0 of 1 ranges read", "customers: 0 of 1 ranges read", "orders: 0 of 3 ranges read"}
	if diff := cmp.Diff(want, reconcile(t, in)); diff != "" {
		t.Errorf("after %d kills (-want +got):\n%s", kills, diff)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM crm_orders WHERE deleted_at IS NOT NULL AND shop_key = '17' OR total = 999999.99"); n != 2 {
		t.Errorf("%d of 2 orders were mended", n)
	}
}

func TestRowsThatGoBadOrWellAreFoundByReconciling(t *testing.T) {
	t.Parallel()
	s := newSite(100)
	b := setup(t, s, intake.Config{})
	in := b.attached(t, &audited{site: s}, intake.Config{})
	s.orders[9].Total = "nonsense"
	s.orders[19].Total = "nonsense"
	b.once(t)
	reconcile(t, in)
	s.orders[9].Total = "10.00"
	s.gone["orders20"] = true
	s.bad["orders31"] = adapters.BadRow{Key: "31", Reason: "the currency is missing", Raw: map[string]string{"currency": ""}}
	want := []string{"products: 0 of 1 ranges read", "customers: 0 of 1 ranges read", "orders: 1 of 1 ranges read, missed 10, aside 31"}
	if diff := cmp.Diff(want, reconcile(t, in)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM crm_orders WHERE shop_key = '31' AND deleted_at IS NULL"); n != 1 {
		t.Error("an order that cannot be read any more was taken for deleted")
	}
}

func TestABusyShopIsAskedForSmallerRangesAndAStreamThatFailsDoesNotHoldUpTheOthers(t *testing.T) {
	t.Parallel()
	s := newSite(3000)
	b := setup(t, s, intake.Config{})
	shop := &audited{site: s}
	in := b.attached(t, shop, intake.Config{})
	b.once(t)
	shop.onDigest = func(stream adapters.Stream, first, last int64) error {
		if stream == adapters.StreamOrders && last-first > 2500 {
			return fmt.Errorf("summing orders up: %w", io.ErrUnexpectedEOF)
		}
		if stream == adapters.StreamCustomers {
			return errors.New("the customers are at lunch")
		}
		return nil
	}
	all, err := in.Reconcile(context.Background(), "shop", nil)
	if err == nil || !strings.Contains(err.Error(), "customers: the customers are at lunch") {
		t.Errorf("got %v", err)
	}
	want := []string{"products: 1 of 1 ranges read", "customers: 0 of 0 ranges read", "orders: 10 of 10 ranges read"}
	if diff := cmp.Diff(want, short(t, all[0])); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := in.Reconcile(context.Background(), "other", nil); err == nil {
		t.Error("a shop that is not attached was compared")
	}
}

func TestAShopThatCannotSumUpIsComparedWhollyOnDemandOnly(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := newSite(200)
	b := setup(t, s, intake.Config{PageSize: 100})
	b.once(t)
	s.gone["orders5"], s.gone["products7"] = true, true
	s.orders[41].Total = "77.77"
	all, err := b.in.ReconcileNightly(ctx, nil)
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	for _, f := range all[0].Streams {
		if f.Skipped == "" || f.Reread != 0 {
			t.Errorf("at night: %+v", f)
		}
	}
	want := []string{"products: 1 of 1 ranges read, deleted 7", "customers: 1 of 1 ranges read", "orders: 1 of 1 ranges read, edited 42, deleted 5"}
	if diff := cmp.Diff(want, reconcile(t, b.in)); diff != "" {
		t.Errorf("on demand (-want +got):\n%s", diff)
	}
}

func TestWhoFollowsTheShopReconcilesItForOthersToo(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := newSite(100)
	b := setup(t, s, intake.Config{})
	shop := &audited{site: s}
	serving := b.attached(t, shop, intake.Config{Every: 20 * time.Millisecond})
	if err := serving.Start(ctx); err != nil {
		t.Fatal(err)
	}
	until(t, "the back-fill is done", func() bool {
		return b.count(t, "SELECT COUNT(*) FROM crm_streams WHERE backfilled_at IS NOT NULL") == 4
	})
	s.mu.Lock()
	s.gone["orders5"] = true
	s.mu.Unlock()
	asking := b.attached(t, shop, intake.Config{})
	want := []string{"products: 1 of 1 ranges read", "customers: 1 of 1 ranges read", "orders: 1 of 1 ranges read, deleted 5"}
	if diff := cmp.Diff(want, reconcile(t, asking)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := serving.Stop(ctx); err != nil {
		t.Fatal(err)
	}
}
