package insight_test

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"
)

// The night's run over many profiles with some three orders each, of one to four lines. KUPEC_SCALE=200000 says how many.
func TestTheNightsRunGoesThroughManyProfiles(t *testing.T) {
	people, err := strconv.Atoi(os.Getenv("KUPEC_SCALE"))
	if err != nil || people < 1_000 {
		t.Skip("takes minutes: set KUPEC_SCALE=200000")
	}
	b := setup(t)
	b.exec(t, "UPDATE crm_shops SET zone = 'Europe/Ljubljana'")
	b.exec(t, `INSERT INTO crm_products (id, shop_id, shop_key, name, currency, stock, visible, fingerprint) SELECT seq, 5, seq, seq, 'EUR', 'in', 1, 0 FROM seq_1_to_2000`)
	b.exec(t, "INSERT INTO crm_product_categories (product_id, category_id) SELECT id, 1 + MOD(id, 40) FROM crm_products")
	for from := 0; from < people; from += 100_000 {
		numbers := fmt.Sprintf("(SELECT seq AS n FROM seq_%d_to_%d) s", from+1, min(people, from+100_000))
		b.exec(t, "INSERT INTO crm_profiles (id, shop_id, created_at, updated_at) SELECT n, 5, NOW(6), NOW(6) FROM "+numbers)
		for k := range 8 { // fewer and fewer come again
			b.exec(t, fmt.Sprintf(`INSERT INTO crm_orders (shop_id, shop_key, number, identity_id, profile_id, status, currency, total, tax, shipping, discount, refunded, placed_at, fingerprint)
				SELECT 5, CONCAT(n, '-%[1]d'), n, n, n, 'paid', 'EUR', 5 + MOD(CRC32(n), 4000) / 100 + MOD(CRC32(n + %[1]d), 1000) / 100, 0, 0, 0, 0,
				'2024-07-01' + INTERVAL MOD(CRC32(n), 400) + %[1]d * (5 + MOD(CRC32(n DIV 3), 45)) + MOD(CRC32(n * 7 + %[1]d), 9) DAY, 0 FROM %[2]s WHERE MOD(CRC32(n + 99), 100) < 100 * POW(.7, %[1]d)`, k, numbers))
		}
	}
	for k := range 4 { // people keep to a few things
		b.exec(t, fmt.Sprintf(`INSERT INTO crm_order_lines (order_id, position, shop_key, product_id, product_key, name, quantity, total, tax)
			SELECT id, %[1]d, %[1]d, pid, pid, pid, 1, 5, 0 FROM (SELECT id, 1 + MOD(CRC32(profile_id * 10 + MOD(CRC32(id + %[1]d), 3 + %[1]d)), 2000) AS pid FROM crm_orders WHERE MOD(CRC32(id + 7), 4) >= %[1]d) t`, k))
	}
	b.exec(t, "ANALYZE TABLE crm_profiles, crm_orders, crm_order_lines, crm_products, crm_product_categories")
	t.Logf("%d orders, %d lines", b.count(t, "SELECT COUNT(*) FROM crm_orders"), b.count(t, "SELECT COUNT(*) FROM crm_order_lines"))
	timed := func(what string, run func()) {
		begun := time.Now()
		run()
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		t.Logf("%s took %v, with %d MB from the system", what, time.Since(begun).Round(time.Millisecond), memory.Sys>>20)
	}
	for _, what := range []string{"first", "second"} {
		timed("the "+what+" night's facts", func() {
			if err := b.facts.RefreshAll(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
		})
	}
	for _, what := range []string{"first", "second"} {
		timed("the "+what+" night's outlooks", func() { b.forecast(t) })
	}
	if n := b.count(t, "SELECT COUNT(*) FROM crm_predictions WHERE orders_90 IS NOT NULL"); n != people {
		t.Errorf("%d of %d have an outlook", n, people)
	}
}
