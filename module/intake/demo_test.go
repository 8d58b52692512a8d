package intake_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/woocommerce"
	"github.com/kupec/kupec/module/demo"
	"github.com/kupec/kupec/module/intake"
	"github.com/kupec/kupec/module/store/storetest"
)

// demoShop makes a WooCommerce database of its own on the test server.
func demoShop(t *testing.T, profiles int) (*sql.DB, string) {
	t.Helper()
	server, err := sql.Open("mysql", storetest.Server(t))
	if err != nil {
		t.Fatal(err)
	}
	name := "kupec_intake_" + strings.ToLower(rand.Text()[:10])
	if _, err := server.Exec("CREATE DATABASE " + name + " CHARACTER SET utf8mb4"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := server.Exec("DROP DATABASE " + name); err != nil {
			t.Error(err)
		}
		_ = server.Close()
	})
	dsn := storetest.WithDatabase(t, storetest.Server(t), name)
	db, err := sql.Open("mysql", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	if err := demo.Generate(context.Background(), db, demo.Config{Profiles: profiles, Now: time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)}); err != nil {
		t.Fatal(err)
	}
	return db, dsn
}

func TestTheDemoShopIsMirroredToTheCentByTheShopsOwnSQL(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	shop, dsn := demoShop(t, 400)
	pool, err := adapters.Open(dsn, adapters.OpenConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	b := setup(t, newSite(1), intake.Config{})
	in, err := intake.New(b.db, b.rooms, []intake.Source{{Name: "demo", Shop: woocommerce.New(pool, woocommerce.Config{})}}, intake.Config{OnChange: markStale})
	if err != nil {
		t.Fatal(err)
	}
	if err := in.Once(ctx, nil); err != nil {
		t.Fatal(err)
	}

	type sum struct {
		Gross, Refunded string
		Orders          int64
	}
	want := map[string]sum{}
	const counting = "o.type = 'shop_order' AND o.status IN ('wc-processing', 'wc-completed', 'wc-refunded')"
	rows, err := shop.QueryContext(ctx, `SELECT o.currency, COUNT(*), SUM(o.total_amount),
		(SELECT COALESCE(-SUM(r.total_amount), 0) FROM wp_wc_orders r JOIN wp_wc_orders p ON p.id = r.parent_order_id
			WHERE r.type = 'shop_order_refund' AND p.currency = o.currency AND `+strings.ReplaceAll(counting, "o.", "p.")+`)
		FROM wp_wc_orders o WHERE `+counting+" GROUP BY o.currency")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var currency string
		var gross, refunded decimal.Decimal
		var s sum
		if err := rows.Scan(&currency, &s.Orders, &gross, &refunded); err != nil {
			t.Fatal(err)
		}
		s.Gross, s.Refunded = gross.StringFixed(4), refunded.StringFixed(4)
		want[currency] = s
	}
	if err := rows.Err(); err != nil || len(want) < 2 {
		t.Fatalf("the demo shop has %v, %v", want, err)
	}
	totals, err := b.rooms.Orders.Totals(ctx, 0)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]sum{}
	for _, r := range totals.Revenue {
		got[r.Currency] = sum{r.Gross.StringFixed(4), r.Refunded.StringFixed(4), r.Orders}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("revenue (-shop +crm):\n%s", diff)
	}

	health, err := in.Health(ctx)
	if err != nil {
		t.Fatal(err)
	}
	h := health[0]
	for what, query := range map[string]string{
		"customers":  "SELECT COUNT(*) FROM wp_users",
		"products":   "SELECT COUNT(*) FROM wp_posts WHERE post_type = 'product' AND post_status IN ('publish', 'private', 'pending', 'draft', 'future')",
		"categories": "SELECT COUNT(*) FROM wp_term_taxonomy WHERE taxonomy = 'product_cat'",
		"orders":     "SELECT COUNT(*) FROM wp_wc_orders WHERE type = 'shop_order' AND status NOT IN ('trash', 'auto-draft', 'wc-checkout-draft')",
		"lines": `SELECT COUNT(*) FROM wp_woocommerce_order_items i JOIN wp_wc_orders o ON o.id = i.order_id
			WHERE i.order_item_type = 'line_item' AND o.type = 'shop_order' AND o.status NOT IN ('trash', 'auto-draft', 'wc-checkout-draft')`,
		"refunds": `SELECT COUNT(*) FROM wp_wc_orders r JOIN wp_wc_orders o ON o.id = r.parent_order_id
			WHERE r.type = 'shop_order_refund' AND o.status NOT IN ('trash', 'auto-draft', 'wc-checkout-draft')`,
	} {
		var n int64
		if err := shop.QueryRowContext(ctx, query).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if h.Rows[what] != n {
			t.Errorf("%d %s are mirrored, the shop has %d", h.Rows[what], what, n)
		}
	}
	if h.Quarantined != 0 || h.Shop.Platform != "woocommerce" || h.LagSeconds > 60 {
		t.Errorf("got %+v", h)
	}
}
