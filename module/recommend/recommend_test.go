package recommend_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/affinity"
	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/recommend"
	"github.com/kupec/kupec/module/store"
	"github.com/kupec/kupec/module/store/storetest"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

const shop = 1

type bundle struct {
	db     *bun.DB
	engine *recommend.Engine
}

// setup makes a shop whose products hang together by tens: people buy mostly within one of four tens. Product 39 is sold
// out, 38 hidden, 37 deleted, 36 has no price, 35 costs nothing, and 34 has no picture. Person 1 has bought everything that can be sold, and more than the newest
// fifty that pairs are collected from.
func setup(t *testing.T) bundle {
	t.Helper()
	b := bundle{db: storetest.DB(t)}
	b.engine = recommend.New(b.db, catalog.New(b.db, catalog.Config{}), recommend.Config{Clock: func() time.Time { return now }, Workers: 2})
	r := rand.New(rand.NewPCG(4, 2))
	var products []string
	for p := 1; p <= 70; p++ {
		stock, visible, deleted, price, picture := "in", 1, "NULL", "12.50", "https://shop.example/p.jpg"
		switch p {
		case 34:
			picture = ""
		case 35:
			price = "0"
		case 36:
			price = "NULL"
		case 37:
			deleted = "'2026-01-01'"
		case 38:
			visible = 0
		case 39:
			stock = "out"
		}
		if p > 40 {
			visible = 0 // only person 1 has these
		}
		products = append(products, fmt.Sprintf("(%d,%d,'k%d','S%d','Thing %d','%s','EUR',%s,'%s',%d,%s,1)", p, shop, p, p, p, picture, price, stock, visible, deleted))
	}
	b.insert(t, "crm_products", "id,shop_id,shop_key,sku,name,image_url,currency,price,stock,visible,deleted_at,fingerprint", products)
	var book ledger
	order := func(profile int, status string, refunded float64, daysAgo int, items ...int) {
		book.add(shop, profile, status, refunded, daysAgo, items...)
	}
	for person := 2; person <= 300; person++ {
		ten := person % 4 * 10
		for range 1 + r.IntN(4) {
			status, refunded := "completed", 0.0
			switch r.IntN(12) {
			case 0:
				status = "cancelled"
			case 1:
				status, refunded = "refunded", 100
			case 2:
				refunded = 100
			case 3:
				refunded = 40
			}
			item := func() int {
				if r.IntN(5) == 0 {
					return 1 + r.IntN(40)
				}
				return ten + 1 + r.IntN(10)
			}
			first := item()
			second := item()
			if r.IntN(2) == 0 {
				second = first - 1 + first%2*2 // 1 and 2, 3 and 4, … are often bought together
			}
			order(person, status, refunded, r.IntN(400), first, second)
		}
	}
	for p := 1; p <= 70; p++ {
		order(1, "completed", 0, 100+p, p)
	}
	order(400, "refunded", 100, 5, 1) // has returned the one thing they bought
	book.save(t, b)
	return b
}

func (b bundle) insert(t *testing.T, table, columns string, rows []string) {
	t.Helper()
	if _, err := b.db.ExecContext(context.Background(), "INSERT INTO "+table+" ("+columns+") VALUES "+strings.Join(rows, ",")); err != nil {
		t.Fatalf("filling %s: %v", table, err)
	}
}

func (b bundle) rebuild(t *testing.T) recommend.Run {
	t.Helper()
	run, err := b.engine.Rebuild(context.Background(), shop, nil)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// bought are the (person, product) pairs that count, by plain SQL.
const bought = `SELECT DISTINCT o.profile_id, l.product_id FROM crm_orders o JOIN crm_order_lines l ON l.order_id = o.id
	WHERE o.status IN ('paid','completed') AND o.refunded < o.total`

func TestTheNumbersOfEveryAffinityAreTrueOfTheData(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.rebuild(t)
	var wrong []struct {
		ProductID, OtherID, BothBuyers, TrueBoth, ProductBuyers, TrueBuyers, OtherBuyers, TrueOthers int64
	}
	err := b.db.NewRaw(`WITH b AS (`+bought+`),
		n AS (SELECT product_id, COUNT(*) AS n FROM b GROUP BY product_id),
		x AS (SELECT b1.product_id AS i, b2.product_id AS j, COUNT(*) AS n FROM b b1 JOIN b b2 ON b1.profile_id = b2.profile_id GROUP BY b1.product_id, b2.product_id)
		SELECT a.product_id, a.other_id, a.both_buyers, x.n AS true_both, a.product_buyers, n1.n AS true_buyers, a.other_buyers, n2.n AS true_others
		FROM crm_affinities a JOIN n n1 ON n1.product_id = a.product_id JOIN n n2 ON n2.product_id = a.other_id
		LEFT JOIN x ON x.i = a.product_id AND x.j = a.other_id
		WHERE a.run_id = ? AND (a.both_buyers <> x.n OR x.n IS NULL OR a.product_buyers <> n1.n OR a.other_buyers <> n2.n)`, run.ID).Scan(context.Background(), &wrong)
	if err != nil {
		t.Fatal(err)
	}
	if len(wrong) > 0 {
		t.Errorf("%d affinities are wrong, the first: %+v", len(wrong), wrong[0])
	}
	var n struct{ Pairs, Weak, Rare, Hidden, Buyers int64 }
	err = b.db.NewRaw(`SELECT COUNT(*) AS pairs, SUM(llr < 10.83) AS weak, SUM(both_buyers < 3) AS rare, SUM(other_id >= 34 AND other_id < 40 OR other_id > 40) AS hidden,
		(SELECT COUNT(DISTINCT profile_id) FROM (`+bought+`) AS x) AS buyers FROM crm_affinities WHERE run_id = ?`, run.ID).Scan(context.Background(), &n)
	if err != nil {
		t.Fatal(err)
	}
	if n.Pairs < 50 || n.Pairs != run.Pairs || n.Weak+n.Rare+n.Hidden != 0 || n.Buyers != run.Buyers {
		t.Errorf("%+v, run %+v", n, run)
	}
}

func TestSuggestionsKeepTheirPromises(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.rebuild(t)
	var people []int64
	for id := int64(1); id <= 400; id++ {
		people = append(people, id)
	}
	exclude := []int64{2, 12}
	got, err := b.engine.For(context.Background(), shop, people, 4, recommend.Options{Exclude: exclude})
	if err != nil {
		t.Fatal(err)
	}
	owned := map[string]bool{}
	var rows []struct {
		ProfileID, ProductID int64
		Kept                 bool
	}
	err = b.db.NewRaw(`SELECT o.profile_id, l.product_id, MAX(o.status <> 'refunded' AND o.refunded < o.total) AS kept FROM crm_orders o JOIN crm_order_lines l ON l.order_id = o.id
		WHERE o.status <> 'cancelled' GROUP BY o.profile_id, l.product_id`).Scan(context.Background(), &rows)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		owned[fmt.Sprint(r.ProfileID, r.ProductID)] = r.Kept
	}
	reasons := 0
	for _, person := range people {
		if n := len(got[person]); n != 4 && person != 1 {
			t.Errorf("person %d gets %d suggestions", person, n)
		}
		seen := map[int64]bool{}
		for _, s := range got[person] {
			if _, has := owned[fmt.Sprint(person, s.Product.ID)]; has || seen[s.Product.ID] || !s.Product.Sellable() || s.Product.ID == 2 || s.Product.ID == 12 {
				t.Errorf("person %d is offered product %d", person, s.Product.ID)
			}
			seen[s.Product.ID] = true
			if s.Fallback != (s.Because == nil) || s.Fallback != (s.Both == 0) {
				t.Errorf("person %d, product %d: %+v", person, s.Product.ID, s)
			}
			if s.Because == nil {
				continue
			}
			reasons++
			if !owned[fmt.Sprint(person, s.Because.ID)] {
				t.Errorf("person %d: because of %d, which they do not have or gave back", person, s.Because.ID)
			}
			if s.Both < 3 || s.Both > s.Buyers {
				t.Errorf("person %d: %d of %d", person, s.Both, s.Buyers)
			}
		}
	}
	if reasons < 300 {
		t.Errorf("only %d suggestions have a reason", reasons)
	}
	if len(got[1]) != 0 {
		t.Errorf("who has everything is offered %v", got[1])
	}
	if s := got[400]; len(s) == 0 || !s[0].Fallback {
		t.Errorf("who gave back the one thing they bought gets a reason: %+v", s)
	}
	if _, err := b.engine.For(context.Background(), shop, people[:1], 4, recommend.Options{Kind: "magic"}); err == nil {
		t.Error("an unknown kind is accepted")
	}
}

// Without the product that is named as the reason, the suggestion must stand lower or go.
func TestTheReasonIsWhatCarriesTheSuggestion(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.rebuild(t)
	checked := 0
	for person := int64(2); person <= 120; person++ {
		before, err := b.engine.For(context.Background(), shop, []int64{person}, 3, recommend.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(before[person]) == 0 || before[person][0].Because == nil {
			continue
		}
		first := before[person][0]
		_, err = b.db.NewRaw(`UPDATE crm_orders o JOIN crm_order_lines l ON l.order_id = o.id SET l.product_id = NULL WHERE o.profile_id = ? AND l.product_id = ?`,
			person, first.Because.ID).Exec(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		after, err := b.engine.For(context.Background(), shop, []int64{person}, 3, recommend.Options{Exclude: []int64{first.Because.ID}})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range after[person] {
			if s.Product.ID == first.Product.ID && s.Because != nil && s.Because.ID == first.Because.ID {
				t.Errorf("person %d: %d is still suggested because of what they do not have", person, s.Product.ID)
			}
		}
		checked++
	}
	if checked < 20 {
		t.Errorf("only %d people checked", checked)
	}
}

type counter struct{ n atomic.Int64 }

func (c *counter) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }
func (c *counter) AfterQuery(context.Context, *bun.QueryEvent)                        { c.n.Add(1) }

func TestManyPeopleCostAsManyStatementsAsFew(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.rebuild(t)
	hook := &counter{}
	db := b.db.WithQueryHook(hook)
	engine := recommend.New(db, catalog.New(db, catalog.Config{}), recommend.Config{Clock: func() time.Time { return now }})
	cost := func(people ...int64) int64 {
		hook.n.Store(0)
		if _, err := engine.For(context.Background(), shop, people, 4, recommend.Options{}); err != nil {
			t.Fatal(err)
		}
		return hook.n.Load()
	}
	var all []int64
	for id := int64(1); id <= 10_000; id++ {
		all = append(all, id)
	}
	cost(all...)                                                              // what is held of a run is read once
	if few, many := cost(1, 2, 400), cost(all...); few != many || many > 10 { // 1 has all that sold lately, 400 has nothing, as some of the many
		t.Errorf("%d statements for two, %d for ten thousand", few, many)
	}
	if _, err := engine.For(context.Background(), shop, append(all, 10_001), 4, recommend.Options{}); err == nil {
		t.Error("more than ten thousand are accepted")
	}
}

func TestWhatSoldOutBetweenTwoBatchesIsNotSuggested(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.rebuild(t)
	ask := func(engine *recommend.Engine) map[int64][]recommend.Suggestion {
		t.Helper()
		got, err := engine.For(context.Background(), shop, []int64{2, 3, 4, 5, 6, 7}, 3, recommend.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	first := ask(b.engine)[2][0]
	if first.Because == nil {
		t.Fatalf("the first suggestion has no reason: %+v", first)
	}
	if _, err := b.db.NewRaw("UPDATE crm_products SET stock = 'out' WHERE id = ?", first.Product.ID).Exec(context.Background()); err != nil {
		t.Fatal(err)
	}
	for person, some := range ask(b.engine) {
		for _, s := range some {
			if s.Product.ID == first.Product.ID {
				t.Errorf("person %d is offered what has sold out", person)
			}
		}
	}
	// Another process rebuilds after half of the orders are gone: what was held must not be read any more.
	if _, err := b.db.ExecContext(context.Background(), "DELETE FROM crm_orders WHERE id % 2 = 0 AND profile_id > 7"); err != nil {
		t.Fatal(err)
	}
	other := recommend.New(b.db, catalog.New(b.db, catalog.Config{}), recommend.Config{Clock: func() time.Time { return now }})
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 5 {
				if _, err := b.engine.For(context.Background(), shop, []int64{2, 3, 4}, 3, recommend.Options{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	if _, err := other.Rebuild(context.Background(), shop, nil); err != nil {
		t.Fatal(err)
	}
	all.Wait()
	if diff := cmp.Diff(ask(other), ask(b.engine), cmp.Comparer(func(a, b catalog.Product) bool { return a.ID == b.ID })); diff != "" {
		t.Errorf("not as of the newer run (-want +got):\n%s", diff)
	}
}

func TestAFailedRunLeavesTheLastGoodOneInUse(t *testing.T) {
	t.Parallel()
	b := setup(t)
	good := b.rebuild(t)
	ctx, cancel := context.WithCancel(context.Background())
	_, err := b.engine.Rebuild(ctx, shop, func(done, _ int64) {
		if done >= 60 {
			cancel() // after reading, before writing is done
		}
	})
	if err == nil {
		t.Fatal("a run that was called off counts as done")
	}
	if last, err := b.engine.LastRun(context.Background(), shop); err != nil || last.ID != good.ID {
		t.Errorf("%+v, %v: want run %d still in use", last, err, good.ID)
	}
	var state string
	if err := b.db.NewRaw("SELECT state FROM crm_model_runs ORDER BY id DESC LIMIT 1").Scan(context.Background(), &state); err != nil || state != "failed" {
		t.Errorf("the run is %q, %v", state, err)
	}
	if some, err := b.engine.GoesWith(context.Background(), 1, 5); err != nil || len(some) == 0 {
		t.Errorf("nothing to read any more: %v, %v", some, err)
	}
	next := b.rebuild(t)
	var runs []int64
	if err := b.db.NewRaw("SELECT DISTINCT run_id FROM crm_affinities").Scan(context.Background(), &runs); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{next.ID}, runs); diff != "" {
		t.Errorf("affinities of other runs are left: %s", diff)
	}
	if next.Pairs != good.Pairs {
		t.Errorf("the same data give %d pairs, then %d", good.Pairs, next.Pairs)
	}
}

func TestARunWhoseScoresAreNoNumbersFails(t *testing.T) {
	t.Parallel()
	b := setup(t)
	good := b.rebuild(t)
	for _, wrong := range []float64{math.NaN(), math.Inf(1)} {
		b.engine.Misjudge(func(trial *affinity.Trial) { trial.Scores[0].NDCG = wrong })
		failed, err := b.engine.Rebuild(context.Background(), shop, nil)
		if err == nil || failed.State != recommend.Failed || !strings.Contains(failed.Error, "scores") {
			t.Errorf("%v: %+v, %v", wrong, failed, err)
		}
		last, err := b.engine.LastRun(context.Background(), shop)
		if err != nil || last.ID != good.ID || len(last.Scores) != len(good.Scores) || len(good.Scores) == 0 {
			t.Errorf("%v: in use is %+v, %v: want run %d", wrong, last, err, good.ID)
		}
		if some, err := b.engine.GoesWith(context.Background(), 1, 5); err != nil || len(some) == 0 {
			t.Errorf("nothing to read any more: %v, %v", some, err)
		}
	}
}

func TestAShopWithoutSalesStillHasSomethingToOffer(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, err := b.db.ExecContext(context.Background(), "DELETE FROM crm_orders"); err != nil {
		t.Fatal(err)
	}
	if run := b.rebuild(t); run.Pairs != 0 || run.Buyers != 0 {
		t.Errorf("%+v", run)
	}
	got, err := b.engine.For(context.Background(), shop, []int64{5}, 3, recommend.Options{})
	if err != nil || len(got[5]) != 3 || !got[5][0].Fallback {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := b.engine.LastRun(context.Background(), 2); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another shop's run: %v", err)
	}
}

func TestBestSellersAreCountedInPeople(t *testing.T) {
	t.Parallel()
	b := setup(t)
	got, err := b.engine.BestSellers(context.Background(), shop, 30, 200)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range got {
		var buyers sql.NullInt64
		err := b.db.NewRaw(`SELECT COUNT(DISTINCT o.profile_id) FROM crm_orders o JOIN crm_order_lines l ON l.order_id = o.id
			WHERE l.product_id = ? AND o.status = 'completed' AND o.refunded < o.total AND o.placed_at >= ?`, s.Product.ID, now.AddDate(0, 0, -30)).Scan(context.Background(), &buyers)
		sold, soldErr := b.engine.Sold(context.Background(), s.Product.ID)
		if soldErr != nil || sold.RecentBuyers != s.Buyers || sold.RecentOrders != s.Orders || sold.Buyers < sold.RecentBuyers {
			t.Errorf("place %d: %+v, but sold %+v, %v", i, s, sold, soldErr)
		}
		if err != nil || buyers.Int64 != s.Buyers || !s.Product.Sellable() || i > 0 && s.Buyers > got[i-1].Buyers {
			t.Errorf("place %d: %+v, want %d buyers, %v", i, s, buyers.Int64, err)
		}
	}
	if len(got) != 34 {
		t.Errorf("%d products can be offered, want 34", len(got))
	}
}

func TestReasonsReadLikeSpeech(t *testing.T) {
	t.Parallel()
	catalogue, err := locale.Load(recommend.Locales)
	if err != nil {
		t.Fatal(err)
	}
	if missing := catalogue.Missing("sl"); len(missing) > 0 {
		t.Errorf("Slovene lacks %v", missing)
	}
	s := recommend.Suggestion{Because: &catalog.Product{Name: "V60"}, Both: 38, Buyers: 412}
	if got := s.Reason(catalogue.Printer("en", time.UTC)); got != "38 of 412 buyers of V60 also bought it" {
		t.Error(got)
	}
}
