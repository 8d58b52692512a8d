package recommend_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/recommend"
	"github.com/kupec/kupec/module/store/storetest"
)

// In a shop of many people with four orders each, one person is answered in under 5 ms and ten thousand in one batch in under
// 5 s, whatever kind they are asked about. KUPEC_SCALE=200000 says how many people.
func TestManyPeopleAreAnsweredInTime(t *testing.T) {
	people, err := strconv.Atoi(os.Getenv("KUPEC_SCALE"))
	if err != nil || people < 20_000 {
		t.Skip("takes minutes: set KUPEC_SCALE=200000")
	}
	b := bundle{db: storetest.DB(t)}
	b.engine = recommend.New(b.db, catalog.New(b.db, catalog.Config{}), recommend.Config{Clock: func() time.Time { return now }, Workers: 2})
	b.grow(t, people, 20_000)
	begun := time.Now()
	run := b.rebuild(t)
	t.Logf("%d buyers, %d affinities of %d products by %s, rebuilt in %v", run.Buyers, run.Pairs, run.Products, run.Method, time.Since(begun).Round(time.Millisecond))
	if _, err := b.db.ExecContext(t.Context(), fmt.Sprintf("INSERT INTO crm_profiles (id, shop_id, created_at, updated_at) SELECT seq, 1, NOW(6), NOW(6) FROM seq_1_to_%d", people)); err != nil {
		t.Fatal(err)
	}
	b.night(t)
	for _, kind := range recommend.Kinds {
		b.ask(t, kind, 4, 1) // what is held of a run is read once
		var single []time.Duration
		for i := range 101 {
			begun := time.Now()
			b.ask(t, kind, 4, int64(1+i*people/101))
			single = append(single, time.Since(begun))
		}
		slices.Sort(single)
		var all []int64
		for id := range int64(10_000) {
			all = append(all, 5_000+id)
		}
		begun := time.Now()
		got := b.ask(t, kind, 4, all...)
		batch := time.Since(begun)
		own := 0
		for _, some := range got {
			for _, s := range some {
				if !s.Fallback {
					own++
				}
			}
		}
		t.Logf("%s: one person in %v, at most %v; ten thousand in %v, with %d offers of the kind", kind, single[50], single[100], batch.Round(time.Millisecond), own)
		if single[50] > 5*time.Millisecond || batch > 5*time.Second {
			t.Errorf("%s takes too long", kind)
		}
	}
}

// grow makes a shop in which everybody buys mostly from one of a hundred categories.
func (b bundle) grow(t *testing.T, people, products int) {
	t.Helper()
	exec := func(query string) {
		t.Helper()
		if _, err := b.db.ExecContext(t.Context(), query); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	exec("INSERT INTO crm_categories (id,shop_id,shop_key,name) SELECT seq, 1, seq, seq FROM seq_1_to_100")
	exec(fmt.Sprintf(`INSERT INTO crm_products (id,shop_id,shop_key,sku,name,currency,price,stock,visible,created_at,fingerprint)
		SELECT seq, 1, seq, seq, CONCAT('Thing ', seq), 'EUR', 5 + MOD(seq, 97), 'in', 1, '2020-01-01' + INTERVAL seq HOUR, 1 FROM seq_1_to_%d`, products))
	exec(fmt.Sprintf("INSERT INTO crm_product_categories (product_id, category_id) SELECT seq, 1 + MOD(seq, 100) FROM seq_1_to_%d", products))
	each := products / 100 // of a category; a person takes the first of one most often
	for k := range 4 {
		exec(fmt.Sprintf(`INSERT INTO crm_orders (id,shop_id,shop_key,number,identity_id,profile_id,status,currency,total,tax,shipping,discount,refunded,placed_at,fingerprint)
			SELECT seq + %[1]d, 1, seq + %[1]d, seq, seq, seq, 'completed', 'EUR', 30, 0, 0, 0, 0, '%[3]s' - INTERVAL MOD(CRC32(CONCAT(seq, 'd%[2]d')), 700) DAY, 1 FROM seq_1_to_%[4]d`,
			k*people, k, now.Format(time.DateTime), people))
		for line := range 3 {
			exec(fmt.Sprintf(`INSERT INTO crm_order_lines (order_id,position,shop_key,product_id,name,quantity,total,tax)
				SELECT seq + %[1]d, %[2]d, %[2]d, 1 + MOD(MOD(seq, 100) + 100 * FLOOR(%[5]d * POW(MOD(CRC32(CONCAT(seq, 'p%[3]d', %[2]d)), 10000) / 10000, 3)), %[6]d), 'x', 1, 10, 0 FROM seq_1_to_%[4]d`,
				k*people, line, k, people, each, products))
		}
	}
	exec("ANALYZE TABLE crm_orders, crm_order_lines, crm_products")
}
