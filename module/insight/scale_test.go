package insight_test

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"
)

// The night's run over many profiles with some three orders each. KUPEC_SCALE=200000 says how many.
func TestTheNightsRunGoesThroughManyProfiles(t *testing.T) {
	people, err := strconv.Atoi(os.Getenv("KUPEC_SCALE"))
	if err != nil || people < 1_000 {
		t.Skip("takes minutes: set KUPEC_SCALE=200000")
	}
	b := setup(t)
	for from := 0; from < people; from += 100_000 {
		numbers := fmt.Sprintf("(SELECT seq AS n FROM seq_%d_to_%d) s", from+1, min(people, from+100_000))
		b.exec(t, "INSERT INTO crm_profiles (id, shop_id, created_at, updated_at) SELECT n, 5, NOW(6), NOW(6) FROM "+numbers)
		for k := range 8 { // fewer and fewer come again
			b.exec(t, fmt.Sprintf(`INSERT INTO crm_orders (shop_id, shop_key, number, identity_id, profile_id, status, currency, total, tax, shipping, discount, refunded, placed_at, fingerprint)
				SELECT 5, CONCAT(n, '-%[1]d'), n, n, n, 'paid', 'EUR', 5 + MOD(CRC32(n), 4000) / 100 + MOD(CRC32(n + %[1]d), 1000) / 100, 0, 0, 0, 0,
				'2024-07-01' + INTERVAL MOD(CRC32(n), 400) + %[1]d * (5 + MOD(CRC32(n DIV 3), 45)) + MOD(CRC32(n * 7 + %[1]d), 9) DAY, 0 FROM %[2]s WHERE MOD(CRC32(n + 99), 100) < 100 * POW(.7, %[1]d)`, k, numbers))
		}
	}
	begun := time.Now()
	if err := b.facts.RefreshAll(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d orders, facts in %v", b.count(t, "SELECT COUNT(*) FROM crm_orders"), time.Since(begun).Round(time.Millisecond))
	for _, what := range []string{"first", "second"} {
		begun = time.Now()
		b.forecast(t)
		var memory runtime.MemStats
		runtime.ReadMemStats(&memory)
		t.Logf("the %s run took %v, with %d MB from the system", what, time.Since(begun).Round(time.Millisecond), memory.Sys>>20)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM crm_predictions WHERE orders_90 IS NOT NULL"); n != people {
		t.Errorf("%d of %d have an outlook", n, people)
	}
}
