package insight_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/insight"
	"github.com/kupec/kupec/module/purchase"
)

// drinkers makes n profiles who bought product 11 every 27 to 29 days on six days, the last a few days ago, and product 12 once.
func (b *bundle) drinkers(t *testing.T, n int64) {
	t.Helper()
	b.goods(t, map[int64][]int64{11: {1}, 12: {1}, 13: {1}})
	var orders []purchase.Order
	for id := range n {
		b.profiles(t, id+1)
		for k := range 6 {
			products := []int64{11}
			if k == 2 {
				products = append(products, 12)
			}
			orders = append(orders, with(b.order(id+1, 3+k*28+int(id+int64(k))%2, "10", "EUR", adapters.StatusPaid), products...))
		}
	}
	b.apply(t, orders...)
}

func (b *bundle) refills(t *testing.T, id int64) []insight.Refill {
	t.Helper()
	all, err := b.facts.Refills(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestWhatIsBoughtAgainIsDueWhenItIsUsedUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.drinkers(t, 20)
	b.refresh(t)
	b.forecast(t)
	day := func(d int) time.Time { return time.Date(2026, 5, d, 0, 0, 0, 0, time.UTC) }
	got := b.refills(t, 3) // last on 29 May
	want := []insight.Refill{{ProductID: 11, Last: day(29), Due: day(29 + 29), From: day(29 + 27), To: day(29 + 29), Every: 28, PurchaseDays: 6}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM crm_refill_dates WHERE product_id = 12"); n != 0 {
		t.Errorf("%d people are due for what nobody bought again", n)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM crm_refill_dates WHERE shop_id = ? AND due_on BETWEEN '2026-06-01' AND '2026-06-30'", shop); n != 20 {
		t.Errorf("%d people are due within a month", n)
	}
}

func TestWhatMostBuyAgainIsDueForWhoBoughtItOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.drinkers(t, 20)
	b.profiles(t, 100, 101)
	back := with(b.order(101, 20, "10", "EUR", adapters.StatusPaid), 11)
	back.Refunds = []purchase.Refund{{Key: "1", Amount: back.Total}}
	b.apply(t, with(b.order(100, 20, "10", "EUR", adapters.StatusPaid), 11, 13), back)
	b.refresh(t)
	b.forecast(t)
	got := b.refills(t, 100)
	if len(got) != 1 || got[0].ProductID != 11 || got[0].Every != 28 || got[0].PurchaseDays != 1 || !got[0].Due.Equal(time.Date(2026, 6, 10, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", got)
	}
	if got := b.refills(t, 101); len(got) != 0 {
		t.Errorf("what was given back wholly is due: %+v", got)
	}
}

func TestARefillGoesOnceItIsBoughtGivenUpOrForgotten(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.drinkers(t, 20)
	b.refresh(t)
	b.forecast(t)
	b.apply(t, with(b.order(1, 1, "10", "EUR", adapters.StatusPaid), 11), with(b.order(2, 1, "10", "EUR", adapters.StatusPaid), 13))
	b.refresh(t)
	if got := b.refills(t, 1); len(got) != 0 {
		t.Errorf("just bought, and still due: %+v", got)
	}
	if got := b.refills(t, 2); len(got) != 1 {
		t.Errorf("something else was bought: %+v", got)
	}
	b.exec(t, "INSERT INTO crm_refill_dates (profile_id, product_id, shop_id, last_on, due_on, due_from, due_to, every_days, purchases) VALUES (3, 13, ?, NOW(), NOW(), NOW(), NOW(), 1, 1), (9000, 13, ?, NOW(), NOW(), NOW(), NOW(), 1, 1)", shop, shop)
	b.exec(t, "UPDATE crm_refill_dates SET due_on = '2020-01-01' WHERE profile_id = 4")
	b.forecast(t)
	if got := b.refills(t, 1); len(got) != 1 || !got[0].Last.Equal(time.Date(2026, 5, 31, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("after the night: %+v", got)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM crm_refill_dates WHERE product_id = 13 OR due_on < '2026-06-01'"); n != 0 {
		t.Errorf("%d rows are not what was worked out", n)
	}
	*b.now = b.now.AddDate(0, 0, 57) // 29 days are the third quartile: twice that many have passed
	b.forecast(t)
	if n := b.count(t, "SELECT COUNT(*) FROM crm_refill_dates WHERE last_on < '2026-05-29'"); n != 0 {
		t.Errorf("%d people are reminded for ever", n)
	}
	*b.now = b.now.AddDate(1, 0, 0)
	b.forecast(t)
	if n := b.rows(t, "crm_refill_dates"); n != 0 {
		t.Errorf("%d people are reminded for ever", n)
	}
}
