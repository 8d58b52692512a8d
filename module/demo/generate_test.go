package demo_test

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

	"github.com/kupec/kupec/adapters/woocommerce"
	"github.com/kupec/kupec/module/demo"
	"github.com/kupec/kupec/module/store/storetest"
)

var databases atomic.Int64

// now is the instant at which the test shops' history ends.
func now() time.Time { return time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC) }

// emptyDatabase gives a new database that is dropped when the test ends.
func emptyDatabase(t testing.TB) *sql.DB {
	t.Helper()
	server, err := sql.Open("mysql", storetest.Server(t))
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("kupec_demo_%d_%d", os.Getpid(), databases.Add(1))
	if _, err := server.Exec("CREATE DATABASE " + name + " CHARACTER SET utf8mb4"); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("mysql", storetest.WithDatabase(t, storetest.Server(t), name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		db.Close()
		if _, err := server.Exec("DROP DATABASE " + name); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	return db
}

func generated(t testing.TB, cfg demo.Config) *sql.DB {
	t.Helper()
	db := emptyDatabase(t)
	if cfg.Now.IsZero() {
		cfg.Now = now()
	}
	if err := demo.Generate(t.Context(), db, cfg); err != nil {
		t.Fatal(err)
	}
	return db
}

func number(t testing.TB, db *sql.DB, query string, args ...any) float64 {
	t.Helper()
	var n sql.NullFloat64
	if err := db.QueryRow(query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n.Float64
}

func checksums(t *testing.T, db *sql.DB) map[string]string {
	t.Helper()
	rows, err := db.Query("SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	sums := map[string]string{}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		sums[name] = ""
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for name := range sums {
		var full, sum sql.NullString
		if err := db.QueryRow("CHECKSUM TABLE `"+name+"`").Scan(&full, &sum); err != nil {
			t.Fatal(err)
		}
		sums[name] = sum.String
	}
	return sums
}

func TestSameSeedGivesSameRows(t *testing.T) {
	t.Parallel()
	first := checksums(t, generated(t, demo.Config{Seed: 7, Profiles: 150}))
	second := checksums(t, generated(t, demo.Config{Seed: 7, Profiles: 150}))
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("two shops of one seed differ (-first +second):\n%s", diff)
	}
	other := checksums(t, generated(t, demo.Config{Seed: 8, Profiles: 150}))
	if first["wp_wc_orders"] == other["wp_wc_orders"] {
		t.Error("another seed gave the same orders")
	}
}

func TestShopHoldsWhatWasAsked(t *testing.T) {
	t.Parallel()
	db := generated(t, demo.Config{Seed: 1})
	for _, c := range []struct {
		rule, query string
		low, high   float64
	}{
		{"2,000 people with and without an account", "SELECT COUNT(*) FROM wp_wc_customer_lookup", 2000, 2000},
		{"6,000 orders", "SELECT COUNT(*) FROM wp_wc_orders WHERE type = 'shop_order'", 6000, 6000},
		{"120 products", "SELECT COUNT(*) FROM wp_posts WHERE post_type = 'product'", 120, 120},
		{"14 categories", "SELECT COUNT(*) FROM wp_term_taxonomy WHERE taxonomy = 'product_cat'", 14, 14},
		{"every product is in a category that exists", `SELECT COUNT(*) FROM wp_posts p WHERE p.post_type = 'product' AND NOT EXISTS (SELECT 1 FROM wp_term_relationships r
			JOIN wp_term_taxonomy t ON t.term_taxonomy_id = r.term_taxonomy_id WHERE r.object_id = p.ID AND t.taxonomy = 'product_cat')`, 0, 0},
		{"every product has a picture", `SELECT COUNT(*) FROM wp_posts p JOIN wp_postmeta t ON t.post_id = p.ID AND t.meta_key = '_thumbnail_id'
			JOIN wp_postmeta f ON f.post_id = t.meta_value AND f.meta_key = '_wp_attached_file' WHERE p.post_type = 'product'`, 120, 120},
		{"drafts", "SELECT COUNT(*) FROM wp_posts WHERE post_type = 'product' AND post_status = 'draft'", 2, 6},
		{"sold out", "SELECT COUNT(DISTINCT post_id) FROM wp_postmeta JOIN wp_posts ON ID = post_id WHERE post_type = 'product' AND meta_key = '_stock_status' AND meta_value = 'outofstock'", 4, 10},
		{"hidden", "SELECT COUNT(*) FROM wp_term_relationships WHERE term_taxonomy_id = 14", 2, 6},
		{"lines of products that are gone", `SELECT COUNT(*) FROM wp_woocommerce_order_itemmeta m WHERE m.meta_key = '_product_id'
			AND NOT EXISTS (SELECT 1 FROM wp_posts p WHERE p.ID = m.meta_value)`, 20, 2000},
		{"guests whose address belongs to an account", `SELECT COUNT(DISTINCT u.ID) FROM wp_wc_orders o JOIN wp_users u ON u.user_email = o.billing_email
			WHERE o.type = 'shop_order' AND o.customer_id = 0`, 100, 1500},
		{"some of them in other letters", `SELECT COUNT(*) FROM wp_wc_orders o JOIN wp_users u ON u.user_email = o.billing_email
			WHERE o.type = 'shop_order' AND o.customer_id = 0 AND BINARY u.user_email <> BINARY o.billing_email`, 20, 1500},
		{"whole refunds", "SELECT COUNT(*) FROM wp_wc_orders WHERE status = 'wc-refunded'", 30, 300},
		{"refunds in part", `SELECT COUNT(*) FROM wp_wc_orders r JOIN wp_wc_orders o ON o.id = r.parent_order_id
			WHERE r.type = 'shop_order_refund' AND o.status = 'wc-completed'`, 60, 400},
		{"a status no core knows", "SELECT COUNT(*) FROM wp_wc_orders WHERE status = 'wc-awaiting-pickup'", 10, 200},
		{"every status", "SELECT COUNT(DISTINCT status) FROM wp_wc_orders WHERE type = 'shop_order'", 9, 10},
		{"two currencies", "SELECT COUNT(DISTINCT currency) FROM wp_wc_orders", 2, 2},
		{"pounds for Britain only", `SELECT COUNT(*) FROM wp_wc_orders o JOIN wp_wc_order_addresses a ON a.order_id = o.id AND a.address_type = 'billing'
			WHERE (o.currency = 'GBP') <> (a.country = 'GB')`, 0, 0},
		{"coupons", "SELECT COUNT(*) FROM wp_woocommerce_order_items WHERE order_item_type = 'coupon'", 100, 1500},
		{"Cyrillic names", "SELECT COUNT(*) FROM wp_wc_customer_lookup WHERE first_name REGEXP '[А-Яа-я]'", 80, 400},
		{"an open basket", "SELECT COUNT(*) FROM wp_woocommerce_sessions", 12, 40},
		{"only reserved domains", `SELECT COUNT(*) FROM wp_wc_customer_lookup WHERE NOT (LOWER(email) LIKE '%.example' OR LOWER(email) REGEXP '@example\\.(com|net|org)$')`, 0, 0},
		{"nothing after now", "SELECT COUNT(*) FROM wp_wc_orders WHERE date_created_gmt > '2026-11-24 09:30:00' OR date_updated_gmt > '2026-11-24 09:30:00'", 0, 0},
		{"ids grow with time", "SELECT COUNT(*) FROM wp_wc_orders a JOIN wp_wc_orders b ON b.id = a.id + 1 WHERE b.date_created_gmt < a.date_created_gmt", 0, 0},
		{"each order left a stub in posts", "SELECT COUNT(*) FROM wp_wc_orders o LEFT JOIN wp_posts p ON p.ID = o.id AND p.post_type = 'shop_order_placehold' WHERE p.ID IS NULL", 0, 0},
		{"two and a half lines an order", "SELECT COUNT(*) / 6000 FROM wp_woocommerce_order_items WHERE order_item_type = 'line_item'", 2.3, 2.9},
	} {
		if n := number(t, db, c.query); n < c.low || n > c.high {
			t.Errorf("%s: %v, want %v to %v", c.rule, n, c.low, c.high)
		}
	}
	t.Run("Totals", func(t *testing.T) { totalsAddUp(t, db) })
	t.Run("Refunds", func(t *testing.T) { refundsNeverExceed(t, db) })
	t.Run("Companions", func(t *testing.T) { companionsAreBoughtTogether(t, db) })
	t.Run("Rhythm", func(t *testing.T) { beansComeBackInThreeToSixWeeks(t, db) })
	t.Run("Seasons", func(t *testing.T) { christmasIsBusyAndSummerQuiet(t, db) })
}

// Amounts of an order, summed from its items: lines and shipping, without tax and of tax.
const itemSums = `SELECT i.order_id,
	SUM(CASE WHEN m.meta_key IN ('_line_total', '_line_tax') THEN CAST(m.meta_value AS DECIMAL(20,4))
		WHEN i.order_item_type = 'shipping' AND m.meta_key IN ('cost', 'total_tax') THEN CAST(m.meta_value AS DECIMAL(20,4)) ELSE 0 END) total,
	SUM(CASE WHEN m.meta_key = '_line_tax' THEN CAST(m.meta_value AS DECIMAL(20,4)) ELSE 0 END) tax,
	SUM(CASE WHEN i.order_item_type = 'tax' AND m.meta_key = 'tax_amount' THEN CAST(m.meta_value AS DECIMAL(20,4)) ELSE 0 END) taxLines,
	SUM(CASE WHEN m.meta_key = '_line_subtotal' THEN CAST(m.meta_value AS DECIMAL(20,4)) WHEN m.meta_key = '_line_total' THEN -CAST(m.meta_value AS DECIMAL(20,4)) ELSE 0 END) discount
	FROM wp_woocommerce_order_items i JOIN wp_woocommerce_order_itemmeta m ON m.order_item_id = i.order_item_id GROUP BY i.order_id`

func totalsAddUp(t *testing.T, db *sql.DB) {
	for rule, where := range map[string]string{
		"order total = lines + shipping + taxes": "o.type = 'shop_order' AND o.total_amount <> s.total",
		"order tax = taxes of the lines":         "o.type = 'shop_order' AND (o.tax_amount <> s.tax OR o.tax_amount <> s.taxLines)",
		"discount = subtotals - totals":          "o.type = 'shop_order' AND d.discount_total_amount <> s.discount",
		"refund = its lines, where it has some":  "o.type = 'shop_order_refund' AND o.total_amount <> s.total",
	} {
		n := number(t, db, "SELECT COUNT(*) FROM wp_wc_orders o JOIN wp_wc_order_operational_data d ON d.order_id = o.id JOIN ("+itemSums+") s ON s.order_id = o.id WHERE "+where)
		if n != 0 {
			t.Errorf("%s does not hold for %v orders", rule, n)
		}
	}
	if n := number(t, db, "SELECT COUNT(*) FROM wp_wc_orders WHERE type = 'shop_order' AND total_amount <= 0"); n != 0 {
		t.Errorf("%v orders cost nothing", n)
	}
}

func refundsNeverExceed(t *testing.T, db *sql.DB) {
	for rule, query := range map[string]string{
		"refunds exceed their order": `SELECT COUNT(*) FROM wp_wc_orders o JOIN (SELECT parent_order_id, -SUM(total_amount) back FROM wp_wc_orders
			WHERE type = 'shop_order_refund' GROUP BY parent_order_id) r ON r.parent_order_id = o.id WHERE r.back > o.total_amount OR r.back <= 0`,
		"a refunded order is not refunded whole": `SELECT COUNT(*) FROM wp_wc_orders o JOIN (SELECT parent_order_id, -SUM(total_amount) back FROM wp_wc_orders
			WHERE type = 'shop_order_refund' GROUP BY parent_order_id) r ON r.parent_order_id = o.id WHERE o.status = 'wc-refunded' AND r.back <> o.total_amount`,
		"a refund has no order, or came before it": `SELECT COUNT(*) FROM wp_wc_orders r LEFT JOIN wp_wc_orders o ON o.id = r.parent_order_id
			WHERE r.type = 'shop_order_refund' AND (o.id IS NULL OR o.date_created_gmt > r.date_created_gmt OR o.currency <> r.currency)`,
		"a whole refund has items": `SELECT COUNT(*) FROM wp_wc_orders_meta m JOIN wp_woocommerce_order_items i ON i.order_id = m.order_id
			WHERE m.meta_key = '_refund_type' AND m.meta_value = 'full'`,
	} {
		if n := number(t, db, query); n != 0 {
			t.Errorf("%s: %v", rule, n)
		}
	}
}

// companionsAreBoughtTogether checks the lift of pairs that belong together: how much likelier the second product is in an
// order with the first than in any.
func companionsAreBoughtTogether(t *testing.T, db *sql.DB) {
	mustExec(t, db, `CREATE TABLE bought (order_id BIGINT, slug VARCHAR(200), PRIMARY KEY (order_id, slug)) SELECT DISTINCT i.order_id, p.post_name slug
		FROM wp_woocommerce_order_items i JOIN wp_wc_orders o ON o.id = i.order_id AND o.type = 'shop_order'
		JOIN wp_woocommerce_order_itemmeta m ON m.order_item_id = i.order_item_id AND m.meta_key = '_product_id' JOIN wp_posts p ON p.ID = m.meta_value`)
	for _, pair := range [][2]string{
		{"stozec-dripper-02", "paper-filters-02-100-pieces"},
		{"val-flat-dripper", "flat-filters-val-100-pieces"},
		{"lipa-uno-espresso-machine", "descaler-liquid-500-ml"},
		{"tea-pot-lipica-800-ml", "tea-filters-paper-100-pieces"},
		{"vrtinec-64-flat-burr", "grinder-brush-tablets"},
	} {
		with := func(slugs ...string) float64 {
			q := "SELECT COUNT(*) FROM bought a WHERE a.slug = ?"
			args := []any{slugs[0]}
			if len(slugs) == 2 {
				q += " AND EXISTS (SELECT 1 FROM bought b WHERE b.order_id = a.order_id AND b.slug = ?)"
				args = append(args, slugs[1])
			}
			return number(t, db, q, args...)
		}
		both, a, b := with(pair[0], pair[1]), with(pair[0]), with(pair[1])
		if lift := both * 6000 / (a * b); lift < 3 || both < 10 {
			t.Errorf("%s with %s: %v times together, lift %.1f; want at least 10 and 3", pair[0], pair[1], both, lift)
		}
	}
}

func mustExec(t testing.TB, db *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.Exec(query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func beansComeBackInThreeToSixWeeks(t *testing.T, db *sql.DB) {
	days := number(t, db, `SELECT AVG(gap) FROM (SELECT gap, ROW_NUMBER() OVER (ORDER BY gap) r, COUNT(*) OVER () n FROM (
		SELECT DATEDIFF(o.date_created_gmt, LAG(o.date_created_gmt) OVER (PARTITION BY LOWER(o.billing_email) ORDER BY o.id)) gap
		FROM wp_wc_orders o JOIN wp_wc_orders_meta m ON m.order_id = o.id AND m.meta_key = 'is_vat_exempt'
		WHERE o.type = 'shop_order' AND EXISTS (SELECT 1 FROM wp_woocommerce_order_items i JOIN wp_woocommerce_order_itemmeta g
			ON g.order_item_id = i.order_item_id AND g.meta_key = 'pa_grind' WHERE i.order_id = o.id)) g WHERE gap IS NOT NULL) x WHERE r IN (FLOOR((n+1)/2), FLOOR((n+2)/2))`)
	if days < 21 || days > 42 {
		t.Errorf("the median time between two orders of beans is %.0f days, want 21 to 42", days)
	}
}

func christmasIsBusyAndSummerQuiet(t *testing.T, db *sql.DB) {
	month := func(year, m int) float64 {
		return number(t, db, "SELECT COUNT(*) FROM wp_wc_orders WHERE type = 'shop_order' AND YEAR(date_created_gmt) = ? AND MONTH(date_created_gmt) = ?", year, m)
	}
	year := number(t, db, "SELECT COUNT(*) / 12 FROM wp_wc_orders WHERE type = 'shop_order' AND YEAR(date_created_gmt) = 2025")
	if december := month(2025, 12); december < year*1.25 {
		t.Errorf("December 2025 had %.0f orders, an average month %.0f; want a quarter more", december, year)
	}
	if july := month(2025, 7); july > year*.8 {
		t.Errorf("July 2025 had %.0f orders, an average month %.0f; want a fifth less", july, year)
	}
	if before, after := month(2024, 10), month(2026, 10); after < before*1.3 {
		t.Errorf("October went from %.0f to %.0f in two years; want growth", before, after)
	}
	if sunday, saturday := number(t, db, "SELECT COUNT(*) FROM wp_wc_orders WHERE DAYOFWEEK(date_created_gmt) = 1"),
		number(t, db, "SELECT COUNT(*) FROM wp_wc_orders WHERE DAYOFWEEK(date_created_gmt) = 7"); sunday < saturday*1.2 {
		t.Errorf("%.0f orders on Sundays, %.0f on Saturdays; want Sundays busier", sunday, saturday)
	}
}

func TestShopIsFoundAgainAndNeverOverwritten(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db := emptyDatabase(t)
	exists := func() bool {
		t.Helper()
		ok, err := demo.Exists(ctx, db)
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	if exists() {
		t.Error("an empty database holds a demo shop")
	}
	cfg := demo.Config{Profiles: 20, Now: now(), Prefix: "sk_"}
	stopped, stop := context.WithCancel(ctx)
	stop()
	if err := demo.Generate(stopped, db, cfg); !errors.Is(err, context.Canceled) {
		t.Fatalf("a cancelled Generate: %v", err)
	}
	if exists() {
		t.Error("a shop that was never finished is taken for one")
	}
	if err := demo.Generate(ctx, db, cfg); err != nil {
		t.Fatal(err)
	}
	if !exists() {
		t.Error("the shop is not found")
	}
	if err := demo.Generate(ctx, db, cfg); !errors.Is(err, demo.ErrOccupied) {
		t.Errorf("Generate over a shop: %v, want ErrOccupied", err)
	}
	// A database with half-written tables is written anew, and nobody else's tables are touched.
	mustExec(t, db, "UPDATE sk_options SET option_value = 'writing' WHERE option_name = 'skodelica_demo'")
	mustExec(t, db, "CREATE TABLE other_options (x INT)")
	if err := demo.Generate(ctx, db, cfg); err != nil {
		t.Errorf("after an interrupted run: %v", err)
	}
	if n := number(t, db, "SELECT COUNT(*) FROM other_options"); n != 0 || !exists() {
		t.Error("another table was touched, or the shop is not found")
	}
}

func TestGenerateOverAnotherShopChangesNothing(t *testing.T) {
	t.Parallel()
	db := emptyDatabase(t)
	mustExec(t, db, "CREATE TABLE wp_options (option_id BIGINT PRIMARY KEY, option_name VARCHAR(191), option_value LONGTEXT, autoload VARCHAR(20))")
	if err := demo.Generate(t.Context(), db, demo.Config{Profiles: 10, Now: now()}); !errors.Is(err, demo.ErrOccupied) {
		t.Fatalf("got %v, want ErrOccupied", err)
	}
	if n := number(t, db, "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()"); n != 1 {
		t.Errorf("there are %v tables, want 1", n)
	}
}

func TestImpossibleConfigNamesTheField(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cfg  demo.Config
		want string
	}{
		{demo.Config{Prefix: "wp`; DROP"}, "prefix"},
		{demo.Config{Profiles: -1}, "profiles"},
		{demo.Config{Orders: -1}, "orders"},
		{demo.Config{Profiles: 3, Orders: 100_000}, "too many"},
	} {
		err := demo.Generate(t.Context(), nil, c.cfg)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want an error with %q", c.cfg, err, c.want)
		}
	}
}

func BenchmarkGenerate(b *testing.B) {
	rows := int64(0)
	for b.Loop() {
		db := emptyDatabase(b)
		err := demo.Generate(b.Context(), db, demo.Config{Profiles: 5000, Now: now(), Progress: func(done, _ int64) { rows = done }})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

func TestAShopMovesToItsNewAddress(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db := generated(t, demo.Config{Profiles: 20, Now: now(), Prefix: "sh_"})
	if err := demo.Move(ctx, db, "http://localhost:9999/"); err != nil {
		t.Fatal(err)
	}
	info, err := woocommerce.New(db, woocommerce.Config{}).Describe(ctx)
	if err != nil || info.URL != "http://localhost:9999" {
		t.Errorf("got %q, %v", info.URL, err)
	}
}
