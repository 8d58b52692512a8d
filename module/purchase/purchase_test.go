package purchase_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/purchase"
	"github.com/kupec/kupec/module/store"
	"github.com/kupec/kupec/module/store/storetest"
)

const shop = 1

type bundle struct {
	db   *bun.DB
	book *purchase.Book
}

func setup(t *testing.T) bundle {
	t.Helper()
	db := storetest.DB(t)
	return bundle{db, purchase.New(db, purchase.Config{Clock: func() time.Time { return time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC) }})}
}

func (b bundle) apply(t *testing.T, orders ...purchase.Order) []int64 {
	t.Helper()
	changed, err := b.book.Apply(context.Background(), b.db, shop, orders)
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

func (b bundle) only(t *testing.T, profileID int64) purchase.Order {
	t.Helper()
	orders, next, err := b.book.ByProfile(context.Background(), profileID, "", 10)
	if err != nil || len(orders) != 1 || next != "" {
		t.Fatalf("got %d orders, %q, %v", len(orders), next, err)
	}
	return orders[0]
}

func eur(amount string) money.Money { return money.New(decimal.RequireFromString(amount), "EUR") }

func at(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 30, 0, 123456000, time.UTC) }

// sale is an order with everything in it.
func sale() purchase.Order {
	return purchase.Order{
		ProfileID: 7, IdentityID: 70, Key: "1001", Number: "K-1001", Status: adapters.StatusCompleted, RawStatus: "completed",
		Total: eur("49.90"), Tax: eur("9"), Shipping: eur("4.10"), Discount: eur("0.05"), Refunded: eur("12.45"),
		AccountKey: "5", Email: "maja@example.com", Phone: "+38641555012", Name: contact.Name{First: "Maja", Last: "Kovač"}, Company: "Kava d.o.o.",
		Address: contact.Address{Line1: "Trg 1", City: "Ljubljana", Postcode: "1000", Country: "SI"}, Language: "sl", Coupons: []string{"SPRING", "TWO"},
		PlacedAt: at(1, 10), PaidAt: at(1, 11), CompletedAt: at(2, 9), ChangedAt: at(3, 9),
		Lines: []purchase.Line{
			{Key: "1", ProductID: 3, ProductKey: "10", VariantKey: "11", SKU: "B", Name: "Beans", Quantity: decimal.RequireFromString("1.5"), Total: eur("40"), Tax: eur("8")},
			{Key: "2", Name: "Gift wrap", Quantity: decimal.NewFromInt(1), Total: eur("5.80"), Tax: eur("1")},
		},
		Refunds: []purchase.Refund{{Key: "1", Amount: eur("2.45"), Reason: "late", RefundedAt: at(4, 9)}, {Key: "2", Amount: eur("10")}},
	}
}

var comparing = []cmp.Option{
	cmp.Comparer(func(a, b money.Money) bool { return a.Amount().Equal(b.Amount()) && a.Currency() == b.Currency() }),
	cmp.Comparer(func(a, b decimal.Decimal) bool { return a.Equal(b) }),
	cmpopts.IgnoreFields(purchase.Order{}, "ID", "ShopID", "LineCount"),
}

func TestAnOrderIsReadBackAsItWasApplied(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if changed := b.apply(t, sale()); !cmp.Equal(changed, []int64{7}) {
		t.Errorf("touched %v", changed)
	}
	byProfile := b.only(t, 7)
	byID, err := b.book.Order(context.Background(), byProfile.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range []purchase.Order{byProfile, byID} {
		if diff := cmp.Diff(sale(), got, comparing...); diff != "" {
			t.Errorf("(-applied +read):\n%s", diff)
		}
	}
	if byID.LineCount != 2 {
		t.Errorf("%d lines", byID.LineCount)
	}
	if n, err := b.book.Counts(context.Background(), shop); err != nil || n != (purchase.Counts{Orders: 1, Lines: 2, Refunds: 2}) {
		t.Errorf("counted %+v, %v", n, err)
	}
	if got := byID.Net().String(); got != "37.45 EUR" {
		t.Errorf("net %s", got)
	}
	if _, err := b.book.Order(context.Background(), 999); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an order that is not there: %v", err)
	}
}

func TestOnlyWhatChangedIsWrittenAndFormerOwnersAreTold(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.apply(t, sale())
	id := b.only(t, 7).ID
	if changed := b.apply(t, sale()); len(changed) != 0 {
		t.Errorf("the same again touched %v", changed)
	}
	mixed := sale()
	mixed.Refunds[0], mixed.Refunds[1] = mixed.Refunds[1], mixed.Refunds[0]
	mixed.Refunded = money.Money{}
	if changed := b.apply(t, mixed); len(changed) != 0 {
		t.Errorf("refunds in another order touched %v", changed)
	}

	edits := map[string]func(*purchase.Order){
		"status":      func(o *purchase.Order) { o.Status = adapters.StatusRefunded },
		"fewer lines": func(o *purchase.Order) { o.Lines = o.Lines[:1] },
		"quantity":    func(o *purchase.Order) { o.Lines[0].Quantity = decimal.NewFromInt(2) },
		"no refunds":  func(o *purchase.Order) { o.Refunds, o.Refunded = nil, eur("0") },
		"coupon":      func(o *purchase.Order) { o.Coupons = o.Coupons[:1] },
		"paid never":  func(o *purchase.Order) { o.PaidAt = time.Time{} },
		"currency": func(o *purchase.Order) {
			usd := func(m *money.Money) { *m = money.New(m.Amount(), "USD") }
			for _, m := range []*money.Money{&o.Total, &o.Tax, &o.Shipping, &o.Discount, &o.Refunded, &o.Lines[0].Total, &o.Lines[0].Tax, &o.Lines[1].Total, &o.Lines[1].Tax, &o.Refunds[0].Amount, &o.Refunds[1].Amount} {
				usd(m)
			}
		},
	}
	for name, edit := range edits {
		next := sale()
		edit(&next)
		if changed := b.apply(t, next); !cmp.Equal(changed, []int64{7}) {
			t.Errorf("%s: touched %v", name, changed)
		}
		got := b.only(t, 7)
		if diff := cmp.Diff(next, got, append(comparing, cmpopts.EquateEmpty())...); diff != "" || got.ID != id {
			t.Errorf("%s (-applied +read):\n%s", name, diff)
		}
	}

	moved := sale()
	moved.Email, moved.IdentityID, moved.ProfileID = "other@example.com", 80, 8
	if changed := b.apply(t, moved); !cmp.Equal(changed, []int64{7, 8}) {
		t.Errorf("touched %v, want the former owner too", changed)
	}
	if err := b.book.Reassign(context.Background(), b.db, []int64{80}, 9); err != nil {
		t.Fatal(err)
	}
	if got := b.only(t, 9); got.IdentityID != 80 {
		t.Errorf("the order follows identity %d", got.IdentityID)
	}
}

func TestAnOrderOfNobodyIsRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	o := sale()
	o.ProfileID = 0
	if _, err := b.book.Apply(context.Background(), b.db, shop, []purchase.Order{o}); err == nil {
		t.Error("it was stored")
	}
	if err := b.book.Reassign(context.Background(), b.db, []int64{1}, 0); err == nil {
		t.Error("orders were given to nobody")
	}
}

func TestDeletedOrdersCountNowhereAndComeBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := context.Background()
	binned := sale()
	binned.Deleted = true
	if changed := b.apply(t, binned); len(changed) != 0 {
		t.Errorf("an order that was deleted before it was mirrored touched %v", changed)
	}
	b.apply(t, sale())
	if changed := b.apply(t, binned); !cmp.Equal(changed, []int64{7}) {
		t.Errorf("touched %v", changed)
	}
	orders, _, err := b.book.ByProfile(ctx, 7, "", 10)
	if err != nil || len(orders) != 0 {
		t.Errorf("a deleted order is listed: %v, %v", orders, err)
	}
	totals, err := b.book.Totals(ctx, shop)
	if err != nil || len(totals.Revenue) != 0 || totals.ByStatus[adapters.StatusCompleted] != 0 {
		t.Errorf("a deleted order counts: %+v, %v", totals, err)
	}
	b.apply(t, sale())
	if got := b.only(t, 7); got.Deleted || len(got.Lines) != 2 {
		t.Errorf("got %+v", got)
	}
}

// many applies n orders of random content, over several batches, and gives them as they should be in the end.
func many(t *testing.T, b bundle, n int) []purchase.Order {
	t.Helper()
	dice := rand.New(rand.NewPCG(1, 2))
	final := make([]purchase.Order, n)
	for round := range 2 {
		for i := range n {
			if round == 1 && dice.IntN(3) > 0 {
				continue
			}
			currency := []string{"EUR", "CHF"}[dice.IntN(2)]
			cents := func(max int64) money.Money { return money.New(decimal.New(dice.Int64N(max), -2), currency) }
			o := purchase.Order{
				ProfileID: int64(1 + i%17), IdentityID: int64(100 + i%17), Key: fmt.Sprint(i), Number: fmt.Sprint(5000 + i),
				Status: adapters.Statuses[dice.IntN(len(adapters.Statuses))], Total: cents(100_000), Tax: cents(100), Shipping: cents(100), Discount: cents(100),
				PlacedAt: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(dice.IntN(60*24*60)) * time.Minute), Deleted: round == 1 && dice.IntN(10) == 0,
			}
			if dice.IntN(20) == 0 {
				o.PlacedAt = time.Time{}
			}
			o.Refunded = money.Zero(currency)
			for r := range dice.IntN(3) {
				f := purchase.Refund{Key: fmt.Sprint(r), Amount: cents(1000)}
				o.Refunds = append(o.Refunds, f)
				o.Refunded = o.Refunded.Add(f.Amount)
			}
			final[i] = o
		}
		b.apply(t, final...)
	}
	return final
}

func TestTotalsEqualTheSumOfTheOrdersToTheCent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	all := many(t, b, 1500)
	want := map[string]purchase.Revenue{}
	statuses := map[adapters.Status]int64{}
	for _, o := range all {
		if o.Deleted {
			continue
		}
		statuses[o.Status]++
		if !o.Counts() {
			continue
		}
		w := want[o.Total.Currency()]
		w.Currency = o.Total.Currency()
		w.Gross, w.Refunded = w.Gross.Add(o.Total.Amount()), w.Refunded.Add(o.Refunded.Amount())
		w.Net = w.Gross.Sub(w.Refunded)
		w.Orders++
		want[w.Currency] = w
	}
	got, err := b.book.Totals(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(statuses, got.ByStatus); diff != "" {
		t.Errorf("by status (-want +got):\n%s", diff)
	}
	if len(got.Revenue) != 2 || got.Revenue[0].Net.LessThan(got.Revenue[1].Net) {
		t.Errorf("not by size: %+v", got.Revenue)
	}
	for _, r := range got.Revenue {
		if diff := cmp.Diff(want[r.Currency], r, comparing...); diff != "" {
			t.Errorf("%s (-want +got):\n%s", r.Currency, diff)
		}
	}
	if other, err := b.book.Totals(context.Background(), 2); err != nil || len(other.Revenue) != 0 {
		t.Errorf("another shop has %+v, %v", other, err)
	}
}

func TestDaysAreCalendarDaysOfTheZoneAlsoOverAChangeOfClocks(t *testing.T) {
	t.Parallel()
	b := setup(t)
	zone, err := time.LoadLocation("Europe/Ljubljana")
	if err != nil {
		t.Fatal(err)
	}
	all := many(t, b, 1500)
	from, to := time.Date(2026, 3, 20, 0, 0, 0, 0, zone), time.Date(2026, 4, 10, 0, 0, 0, 0, zone) // clocks change on March 29
	want := map[string]purchase.Day{}
	for _, o := range all {
		if o.Deleted || !o.Counts() || o.Total.Currency() != "EUR" || o.PlacedAt.Before(from) || !o.PlacedAt.Before(to) {
			continue
		}
		day := o.PlacedAt.In(zone).Format(time.DateOnly)
		w := want[day]
		w.Orders++
		w.Net = w.Net.Add(o.Net().Amount())
		want[day] = w
	}
	got, err := b.book.Days(context.Background(), shop, "EUR", from, to, zone)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 21 {
		t.Errorf("%d days", len(got))
	}
	for i, day := range got {
		if day.Date.Hour() != 0 || i > 0 && !got[i-1].Date.AddDate(0, 0, 1).Equal(day.Date) {
			t.Errorf("day %d is %s", i, day.Date)
		}
		w := want[day.Date.Format(time.DateOnly)]
		if w.Orders != day.Orders || !w.Net.Equal(day.Net) {
			t.Errorf("%s: got %d orders, %s; want %d, %s", day.Date.Format(time.DateOnly), day.Orders, day.Net, w.Orders, w.Net)
		}
	}
}

func TestABuyerIsReturningWhoBoughtBeforeThePeriod(t *testing.T) {
	t.Parallel()
	b := setup(t)
	order := func(key string, profile int64, day int, status adapters.Status) purchase.Order {
		o := sale()
		o.Key, o.ProfileID, o.PlacedAt, o.Status = key, profile, at(day, 9), status
		return o
	}
	b.apply(t, order("1", 1, 1, adapters.StatusPaid), order("2", 1, 10, adapters.StatusPaid), order("3", 1, 11, adapters.StatusPaid),
		order("4", 2, 1, adapters.StatusFailed), order("5", 2, 10, adapters.StatusPaid), order("6", 3, 12, adapters.StatusCancelled))
	got, err := b.book.NewAndReturning(context.Background(), 0, "EUR", at(5, 0), at(20, 0))
	if err != nil {
		t.Fatal(err)
	}
	want := purchase.Buyers{New: 1, NewOrders: 1, NewNet: decimal.RequireFromString("37.45"), Returning: 1, ReturningOrders: 2, ReturningNet: decimal.RequireFromString("74.90")}
	if diff := cmp.Diff(want, got, comparing...); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestListsPageThroughEveryOrderOnceNewestFirst(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := context.Background()
	all := many(t, b, 300)
	for _, tt := range []struct {
		name   string
		filter purchase.ListFilter
		want   func(purchase.Order) bool
	}{
		{"all", purchase.ListFilter{}, func(purchase.Order) bool { return true }},
		{"status", purchase.ListFilter{Status: adapters.StatusFailed}, func(o purchase.Order) bool { return o.Status == adapters.StatusFailed }},
		{"period", purchase.ListFilter{From: at(10, 0), To: at(20, 0)}, func(o purchase.Order) bool {
			return !o.PlacedAt.Before(at(10, 0)) && o.PlacedAt.Before(at(20, 0))
		}},
		{"number", purchase.ListFilter{NumberPrefix: "51"}, func(o purchase.Order) bool { return o.Number[:2] == "51" }},
		{"another shop", purchase.ListFilter{ShopID: 2}, func(purchase.Order) bool { return false }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := map[string]bool{}
			for _, o := range all {
				if !o.Deleted && tt.want(o) {
					want[o.Key] = true
				}
			}
			f := tt.filter
			f.Limit = 7
			seen := map[string]bool{}
			var last time.Time
			for {
				orders, next, err := b.book.Recent(ctx, f)
				if err != nil {
					t.Fatal(err)
				}
				for _, o := range orders {
					if seen[o.Key] || !last.IsZero() && o.PlacedAt.After(last) {
						t.Fatalf("order %s twice or out of order", o.Key)
					}
					seen[o.Key], last = true, o.PlacedAt
				}
				if f.After = next; next == "" {
					break
				}
			}
			if diff := cmp.Diff(want, seen); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	found, err := b.book.ByNumber(ctx, "50", 3)
	if err != nil || len(found) != 3 || found[0].Number > found[1].Number {
		t.Errorf("by number: %v, %v", found, err)
	}
}
