package segment_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/kupec/kupec/module/segment"
)

// Following, comparing and looking back over many profiles with three orders each. KUPEC_SCALE=200000 says how many.
func TestManyPeopleAreFollowedComparedAndLookedBackAt(t *testing.T) {
	people, err := strconv.Atoi(os.Getenv("KUPEC_SCALE"))
	if err != nil || people < 1_000 {
		t.Skip("takes minutes: set KUPEC_SCALE=200000")
	}
	v := newVillage(t, 0)
	for from := 0; from < people; from += 100_000 {
		numbers := fmt.Sprintf("(SELECT seq AS n FROM seq_%d_to_%d) s", from+1, min(people, from+100_000))
		v.exec("INSERT INTO crm_profiles (id, shop_id, country, first_seen_at, created_at, updated_at) SELECT n, 1, ELT(1 + MOD(CRC32(n), 3), 'SI', 'AT', 'DE'), '2024-01-01', NOW(6), NOW(6) FROM " + numbers)
		for k := range 3 {
			v.exec(fmt.Sprintf(`INSERT INTO crm_orders (shop_id, shop_key, number, identity_id, profile_id, status, currency, total, tax, shipping, discount, refunded, placed_at, fingerprint)
				SELECT 1, CONCAT(n, '-%[1]d'), n, n, n, 'paid', 'EUR', 5 + MOD(CRC32(n), 4000) / 100, 0, 0, 0, 0, '2024-01-02' + INTERVAL MOD(CRC32(n * 7 + %[1]d), 1050) DAY, 0 FROM %[2]s`, k, numbers))
		}
	}
	v.exec(`INSERT INTO crm_facts (profile_id, orders, first_order_at, last_order_at, stage, refreshed_at)
		SELECT profile_id, COUNT(*), MIN(placed_at), MAX(placed_at), 'new', NOW(6) FROM crm_orders GROUP BY profile_id`)
	for _, table := range []string{"crm_profiles", "crm_orders", "crm_facts"} {
		v.exec("ANALYZE TABLE " + table)
	}
	timed := func(what string, work func()) {
		t.Helper()
		begun := time.Now()
		work()
		t.Logf("%s: %v", what, time.Since(begun).Round(time.Millisecond))
	}
	var ids []int64
	for _, text := range []string{`{"is":"orders","at_least":1}`, `{"is":"last_order","within":180}`, `{"is":"orders","at_least":2,"days":365}`} {
		saved, err := v.segments.Create(v.ctx, text, v.tree(text))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, saved.ID)
	}
	v.id = ids[0]
	timed("the first look keeps everybody", func() { v.wants("look", v.look(), segment.Look{People: int64(people), Fresh: true}) })
	timed("a look at nothing new", func() { v.wants("look", v.look(), segment.Look{People: int64(people)}) })
	v.exec("UPDATE crm_facts SET orders = 0 WHERE MOD(profile_id, 100) = 0")
	timed("a look at one in a hundred gone", func() { v.look() })
	v.exec("UPDATE crm_facts SET orders = 3 WHERE MOD(profile_id, 100) = 0")
	timed("counting the three one by one", func() {
		for _, id := range ids {
			saved, err := v.segments.Get(v.ctx, id)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := v.segments.Count(v.ctx, saved.Tree, 0, ""); err != nil {
				t.Error(err)
			}
		}
	})
	for _, n := range []int{2, 3} {
		timed(fmt.Sprintf("comparing %d", n), func() {
			c, err := v.segments.Compare(v.ctx, ids[:n], 0)
			if err != nil || c.People[0] != int64(people) {
				t.Errorf("%+v, %v", c.People, err)
			}
		})
	}
	q, err := v.segments.Part(v.ctx, ids[:2], 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	timed("a page of one part", func() {
		if page := v.numbers("SELECT p.id FROM crm_profiles AS p FORCE INDEX (PRIMARY) WHERE "+q.SQL+" ORDER BY p.id LIMIT 50", q.Args...); len(page) != 50 {
			t.Errorf("%d people", len(page))
		}
	})
	for _, id := range ids {
		timed("looking back two years", func() {
			if b, err := v.segments.Backtest(v.ctx, id, segment.MaxMonths, nil); err != nil || len(b.Months) != segment.MaxMonths {
				t.Errorf("%d months, %v", len(b.Months), err)
			}
		})
	}
}
