package insight_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/insight"
	"github.com/kupec/kupec/module/predict"
	"github.com/kupec/kupec/module/purchase"
	"github.com/kupec/kupec/module/store"
)

// trade makes n profiles who buy for a year at rates of their own, and leave at some time.
func (b *bundle) trade(t *testing.T, n int64) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 3))
	var orders []purchase.Order
	for id := range n {
		b.profiles(t, id+1)
		gap, leave := 20/(.2+random.ExpFloat64()), .4*random.Float64()
		for at := 5 + 300*random.Float64(); at > 0; at -= 1 + gap*random.ExpFloat64() {
			orders = append(orders, b.order(id+1, int(at), []string{"20", "35.50", "12"}[random.IntN(3)], "EUR", adapters.StatusPaid))
			if random.Float64() < leave {
				break
			}
		}
	}
	b.apply(t, orders...)
	b.refresh(t)
}

func (b *bundle) forecast(t *testing.T) {
	t.Helper()
	if err := b.facts.Forecast(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
}

func (b *bundle) count(t *testing.T, query string, args ...any) int {
	t.Helper()
	var n int
	if err := b.db.NewRaw(query, args...).Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWhatIsExpectedOfEveryBuyerIsKeptWithHowItWasFound(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.trade(t, 300)
	b.profiles(t, 900) // never bought
	b.forecast(t)
	if n := b.count(t, "SELECT COUNT(*) FROM crm_predictions WHERE orders_90 IS NOT NULL AND worth > 10 AND recency BETWEEN 1 AND 5 AND money BETWEEN 1 AND 5"); n != 300 {
		t.Errorf("%d buyers have an outlook", n)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM crm_predictions WHERE recency = 5"); n != 60 {
		t.Errorf("%d are in the best fifth of 300", n)
	}
	var busiest int64
	if err := b.db.NewRaw("SELECT profile_id FROM crm_facts WHERE stage = 'loyal' ORDER BY orders DESC, profile_id LIMIT 1").Scan(t.Context(), &busiest); err != nil {
		t.Fatal(err)
	}
	o, err := b.facts.Outlook(t.Context(), busiest)
	if err != nil || len(o.Horizons) != 3 || o.Missing != nil || o.Next == nil || o.Rank.F != 5 {
		t.Fatalf("%v, %+v", err, o)
	}
	for i, h := range o.Horizons {
		if h.Days != []int{30, 90, 365}[i] || h.Value == nil || h.Value.Currency() != "EUR" || !(h.Orders > 0) || h.Low > h.High || i > 0 && h.Orders <= o.Horizons[i-1].Orders {
			t.Errorf("%+v", h)
		}
	}
	if today := b.now.Truncate(24 * 3600e9); !o.Next.At.After(today) || o.Next.From.After(o.Next.At) || o.Next.To.Before(o.Next.At) || !o.AsOf.Equal(today) {
		t.Errorf("as of %v: %+v", o.AsOf, o.Next)
	}
	var kept struct {
		Holdout string
		Model   string
	}
	if err := b.db.NewRaw("SELECT holdout, model FROM crm_forecasts").Scan(t.Context(), &kept); err != nil {
		t.Fatal(err)
	}
	var holdout struct {
		Candidates []struct {
			Model string
			Score predict.Score
		}
		Best int
	}
	if err := json.Unmarshal([]byte(kept.Holdout), &holdout); err != nil || len(holdout.Candidates) != 5 || holdout.Candidates[4].Model != "naive" || !(holdout.Candidates[holdout.Best].Score.AUC > .5) {
		t.Errorf("%v, %s: %+v", err, kept.Model, holdout)
	}
	if _, err := b.facts.Outlook(t.Context(), 900); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("who never bought: %v", err)
	}
}

func TestTheLastMonthsSayHowGoodPredictionsAre(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, err := b.facts.Quality(t.Context(), shop); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("before the first night: %v", err)
	}
	b.trade(t, 300)
	b.forecast(t)
	q, err := b.facts.Quality(t.Context(), shop)
	if err != nil || q.Customers != 300 || len(q.Trials) != len(predict.Kinds) || q.Naive().Model != predict.KindNaive || !q.From.Before(q.Until) {
		t.Fatalf("%v, %+v", err, q)
	}
	came := b.count(t, "SELECT COUNT(DISTINCT profile_id, DATE(placed_at)) FROM crm_orders o WHERE placed_at >= ? AND EXISTS (SELECT 1 FROM crm_orders e WHERE e.profile_id = o.profile_id AND e.placed_at < ?)", q.From, q.From)
	for _, trial := range q.Trials {
		if int(trial.Score.Actual) != came || trial.Score.Deviance < q.Chosen().Score.Deviance {
			t.Errorf("%s: %+v, of %d that came", trial.Model, trial.Score, came)
		}
	}
	b.exec(t, "UPDATE crm_forecasts SET holdout = '{\"from\":\"2026-01-01\",\"until\":\"2026-02-01\",\"best\":7}'")
	if _, err := b.facts.Quality(t.Context(), shop); err == nil {
		t.Error("a run without its models was taken")
	}
}

func TestAShopThatIsTooYoungSaysWhatItLacks(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.profiles(t, 1, 2)
	b.apply(t, b.order(1, 200, "20", "EUR", adapters.StatusPaid), b.order(1, 20, "20", "EUR", adapters.StatusPaid), b.order(2, 30, "10", "EUR", adapters.StatusPaid))
	b.refresh(t)
	b.forecast(t)
	o, err := b.facts.Outlook(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&predict.TooFewError{Lack: predict.FewCustomers, Has: 2, Needs: predict.LeastCustomers}, o.Missing); diff != "" || o.Horizons != nil || o.Next != nil {
		t.Errorf("%+v\n%s", o, diff)
	}
	if q, err := b.facts.Quality(t.Context(), shop); err != nil || q.Trials != nil || q.Missing == nil || q.Missing.Needs != predict.LeastCustomers {
		t.Errorf("%v, %+v", err, q)
	}
	if o.Rank != (predict.Cell{R: 2, F: 2, M: 2}) {
		t.Errorf("of two buyers the better one ranks %v", o.Rank)
	}
}

func TestAnOutlookGoesWithItsPersonAndItsOrders(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.trade(t, 120)
	b.forecast(t)
	first := b.count(t, "SELECT MAX(run_id) FROM crm_predictions")
	b.exec(t, "UPDATE crm_profiles SET erased_at = NOW(6) WHERE id = 7")
	b.exec(t, "UPDATE crm_orders SET deleted_at = NOW(6) WHERE profile_id = 8")
	if err := insight.MarkStale(t.Context(), b.db, []int64{7, 8}); err != nil {
		t.Fatal(err)
	}
	b.refresh(t)
	b.forecast(t)
	if n := b.count(t, "SELECT COUNT(*) FROM crm_predictions WHERE profile_id IN (7, 8) OR run_id <= ?", first); n != 0 {
		t.Errorf("%d outlooks of people without orders, or of an earlier run", n)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM crm_predictions"); n != 118 {
		t.Errorf("%d outlooks of 118 buyers", n)
	}
	told, err := b.facts.Tell(t.Context(), b.db, customer.Whom{ProfileIDs: []int64{9}})
	if err != nil || len(told) != 2 || told[0].Key != "predictions" || len(told[0].Rows) != 1 {
		t.Errorf("%v, %+v", err, told)
	}
	if err := b.facts.Forget(t.Context(), b.db, customer.Whom{ProfileIDs: []int64{9}}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.facts.Outlook(t.Context(), 9); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("%v", err)
	}
}

func TestMoneyIsRankedAmongThoseWhoPayInTheSameCurrency(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var orders []purchase.Order
	for id := range int64(10) {
		b.profiles(t, id+1)
		currency, total := "EUR", "10"
		if id >= 5 {
			currency, total = "HUF", "4000"
		}
		for k := range id%5 + 1 {
			orders = append(orders, b.order(id+1, int(5+k), total, currency, adapters.StatusPaid))
		}
	}
	b.apply(t, orders...)
	b.refresh(t)
	b.forecast(t)
	for id := range int64(10) {
		if o, err := b.facts.Outlook(t.Context(), id+1); err != nil || int64(o.Rank.M) != id%5+1 {
			t.Errorf("profile %d: %v, %+v", id+1, err, o.Rank)
		}
	}
}
