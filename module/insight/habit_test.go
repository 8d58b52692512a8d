package insight_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/insight"
	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/purchase"
)

// goods makes products of the shop by their ids, each with the categories it is in.
func (b *bundle) goods(t *testing.T, products map[int64][]int64) {
	t.Helper()
	for id, categories := range products {
		b.exec(t, `INSERT INTO crm_products (id, shop_id, shop_key, name, currency, stock, visible, fingerprint) VALUES (?, ?, ?, ?, 'EUR', 'in', 1, 0)`,
			id, shop, fmt.Sprint(id), fmt.Sprintf("Product %d", id))
		for _, c := range categories {
			b.exec(t, "INSERT INTO crm_product_categories (product_id, category_id) VALUES (?, ?)", id, c)
		}
	}
}

// with gives an order lines of products; 0 is one that the shop no longer has.
func with(o purchase.Order, products ...int64) purchase.Order {
	for i, id := range products {
		l := purchase.Line{Key: fmt.Sprint(i), ProductID: id, ProductKey: fmt.Sprint(id), Name: "x", Quantity: decimal.NewFromInt(1),
			Total: money.New(decimal.NewFromInt(1), o.Total.Currency()), Tax: money.New(decimal.Zero, o.Total.Currency())}
		o.Lines = append(o.Lines, l)
	}
	return o
}

func TestFactsTellWhatAndHowSomebodyBuys(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.profiles(t, 1, 2)
	b.exec(t, "UPDATE crm_profiles SET country = 'SI', language = 'sl' WHERE id = 1")
	b.goods(t, map[int64][]int64{11: {1, 2}, 12: {2}, 13: {}})
	bargain, voucher := with(b.order(1, 30, "20", "EUR", adapters.StatusPaid), 11, 11, 12), with(b.order(1, 20, "20", "EUR", adapters.StatusPaid), 12, 13)
	bargain.Discount = money.New(decimal.NewFromInt(2), "EUR")
	voucher.Coupons = []string{"AUTUMN"}
	back := with(b.order(1, 8, "20", "EUR", adapters.StatusRefunded), 0)
	for k := range 2 {
		back.Refunds = append(back.Refunds, purchase.Refund{Key: fmt.Sprint(k), Amount: money.New(decimal.NewFromInt(3), "EUR")})
	}
	b.apply(t, bargain, voucher, back, b.order(1, 8, "5", "EUR", adapters.StatusPaid), with(b.order(1, 2, "9", "EUR", adapters.StatusFailed), 13))
	b.refresh(t)
	f := b.of(t, 1)
	if f.Products != 4 || f.Categories != 2 || f.Discounted == nil || *f.Discounted != .5 || f.Refunds != 2 || f.OrderDays != 3 || f.LastGapDays == nil || *f.LastGapDays != 12 {
		t.Errorf("%+v", f)
	}
	if f.Weekday != nil || f.Hour != nil {
		t.Errorf("four orders tell a habit: %v, %v", f.Weekday, f.Hour)
	}
	if f.Country != "SI" || f.Language != "sl" {
		t.Errorf("at home in %q, %q", f.Country, f.Language)
	}
	if f := b.of(t, 2); f.Products != 0 || f.Discounted != nil || f.LastGapDays != nil {
		t.Errorf("who never bought: %+v", f)
	}
}

func TestHabitsAreToldOnTheShopsClockAcrossSummerTime(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.exec(t, "UPDATE crm_shops SET zone = 'Europe/Ljubljana'")
	b.profiles(t, 1, 2, 3)
	for i, at := range []string{
		"2026-01-07 23:30", "2026-05-06 22:30", // Thursdays half past midnight, in winter and in summer
		"2026-01-14 23:10", "2026-05-13 22:59", "2025-03-30 22:05", // and a Monday
	} {
		placed, err := time.Parse("2006-01-02 15:04", at)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range []int64{1, 2} {
			if id == 2 && i == 0 {
				continue // one order less
			}
			o := b.order(id, 0, "10", "EUR", adapters.StatusPaid)
			o.PlacedAt = placed
			b.apply(t, o)
		}
		o := b.order(3, 0, "10", "EUR", adapters.StatusPaid) // on the same days, the time is not known
		o.PlacedAt = time.Date(placed.Year(), placed.Month(), placed.Day(), 22, 0, 0, 0, time.UTC)
		if placed.Month() == time.January {
			o.PlacedAt = o.PlacedAt.Add(time.Hour)
		}
		b.apply(t, o)
	}
	b.refresh(t)
	thursday, midnight := time.Thursday, 0
	if f := b.of(t, 1); f.Weekday == nil || *f.Weekday != thursday || f.Hour == nil || *f.Hour != midnight {
		t.Errorf("%v, %v", f.Weekday, f.Hour)
	}
	if f := b.of(t, 2); f.Weekday != nil || f.Hour != nil {
		t.Errorf("four orders tell a habit: %v, %v", f.Weekday, f.Hour)
	}
	if f := b.of(t, 3); f.Weekday == nil || f.Hour != nil {
		t.Errorf("orders at midnight to the second: %v, %v", f.Weekday, f.Hour)
	}
	if err := b.facts.RefreshAll(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if f := b.of(t, 1); f.Weekday == nil || *f.Weekday != thursday {
		t.Errorf("after the night: %v", f.Weekday)
	}
}

func TestWhoComesBackAfterBeingLostIsWonBackUntilTheNextOrder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.profiles(t, 1, 2)
	b.apply(t, b.order(1, 400, "10", "EUR", adapters.StatusPaid), b.order(1, 370, "10", "EUR", adapters.StatusPaid), b.order(1, 10, "10", "EUR", adapters.StatusPaid),
		b.order(2, 129, "10", "EUR", adapters.StatusPaid), b.order(2, 10, "10", "EUR", adapters.StatusPaid)) // 119 days: not yet lost
	b.refresh(t)
	if one, other := b.of(t, 1).Stage, b.of(t, 2).Stage; one != insight.StageWonBack || other != insight.StageActive {
		t.Errorf("%s, %s", one, other)
	}
	b.apply(t, b.order(1, 1, "10", "EUR", adapters.StatusPaid))
	b.refresh(t)
	if got := b.of(t, 1).Stage; got != insight.StageLoyal {
		t.Errorf("after the next order: %s", got)
	}
}

func TestAllStagesFollowChangedRulesAtTheNextRefresh(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.profiles(t, 1, 2)
	b.apply(t, b.order(1, 40, "10", "EUR", adapters.StatusPaid), b.order(2, 30, "10", "EUR", adapters.StatusPaid), b.order(2, 5, "10", "EUR", adapters.StatusPaid))
	b.refresh(t)
	stages := func() [2]insight.Stage { return [2]insight.Stage{b.of(t, 1).Stage, b.of(t, 2).Stage} }
	if diff := cmp.Diff([2]insight.Stage{insight.StageNew, insight.StageActive}, stages()); diff != "" {
		t.Error(diff)
	}
	if err := b.facts.SaveStageRules(owner(t), insight.StageRules{ShopID: shop, GapDays: 12, SlippingAfter: 1.5, LostAfter: 3, LoyalFrom: 2}); err != nil {
		t.Fatal(err)
	}
	b.refresh(t)
	if diff := cmp.Diff([2]insight.Stage{insight.StageLost, insight.StageLoyal}, stages()); diff != "" {
		t.Error(diff)
	}
	p, err := b.facts.Pace(t.Context(), shop)
	if slipping, lost := p.Days(); err != nil || p.Gap != 12 || p.Measured != 0 || slipping != 18 || lost != 36 {
		t.Errorf("%v, %+v: %g, %g", err, p, slipping, lost)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM crm_audit WHERE action = 'insight.stage_rules' AND object_id = ? AND detail LIKE '%\"loyal_from\":2%'", shop); n != 1 {
		t.Errorf("%d entries in the audit log", n)
	}
}
