package insight_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/insight"
	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/purchase"
	"github.com/kupec/kupec/module/store"
	"github.com/kupec/kupec/module/store/storetest"
)

type bundle struct {
	db    *bun.DB
	book  *purchase.Book
	facts *insight.Facts
	now   *time.Time
	keys  int
}

const shop = 5

func setup(t *testing.T) *bundle {
	t.Helper()
	db := storetest.DB(t)
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	b := &bundle{db: db, book: purchase.New(db, purchase.Config{}), now: &now}
	b.facts = insight.New(db, insight.Config{Clock: func() time.Time { return *b.now }})
	b.exec(t, "INSERT INTO crm_shops (id, name, platform, currency, created_at) VALUES (?, 'shop', 'x', 'EUR', NOW(6))", shop)
	return b
}

func (b *bundle) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	if _, err := b.db.NewRaw(query, args...).Exec(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func (b *bundle) profiles(t *testing.T, ids ...int64) {
	t.Helper()
	for _, id := range ids {
		b.exec(t, "INSERT INTO crm_profiles (id, shop_id, created_at, updated_at) VALUES (?, ?, NOW(6), NOW(6))", id, shop)
	}
}

// order makes an order some days ago, not applied yet.
func (b *bundle) order(profile int64, daysAgo int, total, currency string, status adapters.Status) purchase.Order {
	b.keys++
	return purchase.Order{ProfileID: profile, IdentityID: profile, Key: strconv.Itoa(b.keys), Number: strconv.Itoa(b.keys), Status: status,
		Total: money.New(decimal.RequireFromString(total), currency), PlacedAt: b.now.AddDate(0, 0, -daysAgo)}
}

func (b *bundle) apply(t *testing.T, orders ...purchase.Order) {
	t.Helper()
	touched, err := b.book.Apply(context.Background(), b.db, shop, orders)
	if err != nil {
		t.Fatal(err)
	}
	if err := insight.MarkStale(context.Background(), b.db, touched); err != nil {
		t.Fatal(err)
	}
}

func (b *bundle) refresh(t *testing.T) int {
	t.Helper()
	n, err := b.facts.Refresh(context.Background(), 1_000_000)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (b *bundle) of(t *testing.T, id int64) insight.Fact {
	t.Helper()
	f, err := b.facts.Of(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFactsAreWhatTheOrdersSay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.profiles(t, 1, 2)
	refunded := b.order(1, 30, "20", "EUR", adapters.StatusRefunded)
	refunded.Refunds = []purchase.Refund{{Key: "1", Amount: money.New(decimal.RequireFromString("5.50"), "EUR")}}
	binned := b.order(1, 1, "99", "EUR", adapters.StatusPaid)
	b.apply(t, refunded, b.order(1, 20, "10", "EUR", adapters.StatusPaid), b.order(1, 20, "0.01", "CHF", adapters.StatusCompleted),
		b.order(1, 10, "7", "EUR", adapters.StatusFailed), binned)
	binned.Deleted = true
	b.apply(t, binned)
	if n := b.refresh(t); n != 1 {
		t.Errorf("%d refreshed", n)
	}
	f := b.of(t, 1)
	if f.Orders != 3 || f.Net.String() != "24.50 EUR" || f.Refunded.String() != "5.50 EUR" || f.Average.String() != "12.25 EUR" || f.Currency != "EUR" ||
		!f.FirstOrderAt.Equal(refunded.PlacedAt) || !f.LastOrderAt.Equal(b.now.AddDate(0, 0, -20)) || f.GapDays == nil || *f.GapDays != 10 {
		t.Errorf("got %+v", f)
	}
	if len(f.Revenue) != 2 || f.Revenue[0].Currency != "EUR" || f.Revenue[0].Orders != 2 || f.Revenue[0].Gross.String() != "30" || f.Revenue[1].Net.String() != "0.01" {
		t.Errorf("got %+v", f.Revenue)
	}
	b.profiles(t, 3)
	b.apply(t, b.order(3, 5, "70", "EUR", adapters.StatusPaid), b.order(3, 4, "3", "CHF", adapters.StatusPaid), b.order(3, 3, "4", "CHF", adapters.StatusPaid))
	b.refresh(t)
	if f := b.of(t, 3); f.Net.String() != "7.00 CHF" || f.Average.String() != "3.50 CHF" {
		t.Errorf("most orders are in CHF: %+v", f)
	}
	if f := b.of(t, 2); f.Orders != 0 || f.Stage != insight.StageLead || f.GapDays != nil {
		t.Errorf("somebody without orders, never marked: %+v", f)
	}
	if _, err := b.facts.Of(context.Background(), 99); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("nobody: %v", err)
	}
	if n := b.refresh(t); n != 0 {
		t.Errorf("%d are still stale", n)
	}
}

func TestStagesFollowFromOrdersAndTime(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		daysAgo []int
		want    insight.Stage
	}{
		{"never", nil, insight.StageLead},
		{"once, lately", []int{5}, insight.StageNew},
		{"once, at twice the usual gap", []int{60}, insight.StageNew},
		{"once, a day later", []int{61}, insight.StageSlipping},
		{"once, long ago", []int{121}, insight.StageLost},
		{"twice", []int{40, 10}, insight.StageActive},
		{"four times", []int{100, 70, 40, 10}, insight.StageLoyal},
		{"weekly, three weeks ago", []int{49, 42, 35, 28, 21}, insight.StageLoyal}, // expected (7·4+30)/5 = 11.6
		{"weekly, four weeks ago", []int{56, 49, 42, 35, 28}, insight.StageSlipping},
		{"weekly, seven weeks ago", []int{77, 70, 63, 56, 49}, insight.StageLost},
		{"yearly, well over a year ago", []int{1230, 865, 500}, insight.StageActive}, // expected (365·2+30)/3 = 253
		{"many on one day", []int{3, 3, 3, 3}, insight.StageLoyal},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.profiles(t, 1)
			for _, d := range tt.daysAgo {
				b.apply(t, b.order(1, d, "10", "EUR", adapters.StatusPaid))
			}
			b.refresh(t)
			if got := b.of(t, 1).Stage; got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestStagesMoveWithTimeAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.profiles(t, 1)
	b.apply(t, b.order(1, 1, "10", "EUR", adapters.StatusPaid))
	b.refresh(t)
	for _, tt := range []struct {
		days int
		want insight.Stage
	}{{50, insight.StageNew}, {20, insight.StageSlipping}, {100, insight.StageLost}} {
		*b.now = b.now.AddDate(0, 0, tt.days)
		var last [2]int64
		if err := b.facts.RefreshAll(context.Background(), func(done, total int64) { last = [2]int64{done, total} }); err != nil {
			t.Fatal(err)
		}
		if got := b.of(t, 1).Stage; got != tt.want || last != [2]int64{1, 1} {
			t.Errorf("after %d more days: got %s, want %s; progress %v", tt.days, got, tt.want, last)
		}
	}
}

func TestTheShopsOwnPaceDecidesOnceItIsKnown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var orders []purchase.Order
	for id := int64(1); id <= 40; id++ { // a shop where people return after 100 days
		b.profiles(t, id)
		orders = append(orders, b.order(id, 110, "10", "EUR", adapters.StatusPaid), b.order(id, 10, "10", "EUR", adapters.StatusPaid))
	}
	b.profiles(t, 100)
	b.apply(t, append(orders, b.order(100, 130, "10", "EUR", adapters.StatusPaid))...)
	b.refresh(t)
	if got := b.of(t, 100).Stage; got != insight.StageLost {
		t.Errorf("before the pace is known: %s", got)
	}
	*b.now = b.now.Add(16 * time.Minute)
	b.refresh(t)
	if got := b.of(t, 100).Stage; got != insight.StageNew {
		t.Errorf("130 days ago in a shop of 100 days' gap: %s", got)
	}
	stages, err := b.facts.Stages(context.Background())
	want := map[insight.Stage]int64{insight.StageLead: 0, insight.StageNew: 1, insight.StageActive: 40, insight.StageLoyal: 0, insight.StageWonBack: 0, insight.StageSlipping: 0, insight.StageLost: 0}
	if err != nil || !cmp.Equal(stages, want) {
		t.Errorf("got %v, %v", stages, err)
	}
}

func TestMergedAndErasedProfilesHaveNoFacts(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := context.Background()
	b.profiles(t, 1, 2, 3)
	b.apply(t, b.order(1, 5, "10", "EUR", adapters.StatusPaid), b.order(2, 5, "10", "EUR", adapters.StatusPaid), b.order(3, 5, "1", "EUR", adapters.StatusPaid))
	b.refresh(t)
	b.exec(t, "UPDATE crm_profiles SET merged_into = 2 WHERE id = 1")
	b.exec(t, "UPDATE crm_profiles SET erased_at = NOW(6) WHERE id = 3")
	if err := b.book.Reassign(ctx, b.db, []int64{1}, 2); err != nil {
		t.Fatal(err)
	}
	if err := insight.MarkStale(ctx, b.db, []int64{3, 2, 1, 2}); err != nil {
		t.Fatal(err)
	}
	b.refresh(t)
	for _, id := range []int64{1, 3} {
		if _, err := b.facts.Of(ctx, id); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("profile %d: %v", id, err)
		}
	}
	if f := b.of(t, 2); f.Orders != 2 || f.Net.String() != "20.00 EUR" {
		t.Errorf("got %+v", f)
	}
	if n := b.rows(t, "crm_fact_revenue"); n != 2 { // the erased one's orders are the shop's books; its sum stays until they go
		t.Errorf("%d sums", n)
	}
}

func (b *bundle) rows(t *testing.T, table string) (n int) {
	t.Helper()
	if err := b.db.NewRaw("SELECT COUNT(*) FROM ?", bun.Ident(table)).Scan(context.Background(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// dump is all facts, without their dates.
func (b *bundle) dump(t *testing.T) []string {
	t.Helper()
	var rows []string
	err := b.db.NewRaw(`SELECT CONCAT_WS('|', f.profile_id, f.orders, f.currency, f.net, f.refunded, f.average, COALESCE(first_order_at, '-'), COALESCE(last_order_at, '-'), COALESCE(gap_days, '-'), stage, order_days, COALESCE(last_gap_days, '-'), products, categories, COALESCE(discounted_share, '-'), refunds, COALESCE(weekday, '-'), COALESCE(hour, '-'),
		(SELECT GROUP_CONCAT(CONCAT_WS(' ', r.currency, r.orders, r.gross, r.refunded, r.net) ORDER BY r.currency) FROM crm_fact_revenue r WHERE r.profile_id = f.profile_id))
		FROM crm_facts f ORDER BY f.profile_id`).Scan(context.Background(), &rows)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestRefreshingInPiecesByManyEqualsRefreshingAll(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := context.Background()
	dice := rand.New(rand.NewPCG(1, 2))
	for id := int64(1); id <= 1200; id++ {
		b.profiles(t, id)
	}
	var done sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		done.Go(func() {
			for {
				if _, err := b.facts.Refresh(ctx, 300); err != nil {
					t.Error(err)
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	for range 20 { // orders come, change and vanish while facts are refreshed
		err := store.InTx(ctx, b.db, func(ctx context.Context, tx bun.Tx) error {
			var orders []purchase.Order
			for range 100 {
				o := b.order(1+dice.Int64N(1200), dice.IntN(400), fmt.Sprint(1+dice.IntN(90)), []string{"EUR", "CHF"}[dice.IntN(2)], adapters.Statuses[dice.IntN(7)])
				o.Key = strconv.Itoa(dice.IntN(1500))
				o.Deleted = dice.IntN(10) == 0
				o = with(o, dice.Int64N(4), dice.Int64N(4))
				orders = append(orders, o)
			}
			touched, err := b.book.Apply(ctx, tx, shop, orders)
			if err != nil {
				return err
			}
			return insight.MarkStale(ctx, tx, touched)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	done.Wait()
	b.refresh(t)
	if n := b.rows(t, "crm_stale_profiles"); n != 0 {
		t.Errorf("%d marks are left", n)
	}
	if err := b.facts.RefreshAll(ctx, nil); err != nil {
		t.Fatal(err)
	}
	all := b.dump(t)
	if len(all) != 1200 {
		t.Errorf("%d profiles have facts", len(all))
	}
	b.exec(t, "DELETE FROM crm_facts")
	b.exec(t, "DELETE FROM crm_fact_revenue")
	if err := b.facts.RefreshAll(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b.dump(t), all); diff != "" {
		t.Errorf("(-from nothing +kept up):\n%s", diff)
	}
}
