package recommend_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/insight"
	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/recommend"
	"github.com/kupec/kupec/module/store/storetest"
)

// The goods of larder.
const (
	coffee  = 1 // bought again and again
	grinder = 10
	better  = 11 // than the grinder, and within reach
	best    = 12 // far dearer
	kettle  = 13 // of another category, at the better grinder's price
	fresh   = 20 // came two days ago
	old     = 21
	filters = 30 // nobody has them with anything, but coffee's drinkers buy from their category
)

// larder is a shop of coffee and what goes with it. People 1 to 60 buy coffee each month, the last time 29 days ago; 61 to 100
// likewise, but two days ago; 101 stopped half a year ago; 102 gave it back each time. People 201 to 260 have the grinder, and
// every second of them went on to the better one, the best one and the kettle. 300 has only what came lately of no category.
func larder(t *testing.T) bundle {
	t.Helper()
	b := bundle{db: storetest.DB(t)}
	b.engine = recommend.New(b.db, catalog.New(b.db, catalog.Config{}), recommend.Config{Clock: func() time.Time { return now }, Workers: 2})
	b.insert(t, "crm_categories", "id,shop_id,shop_key,parent_key,name", []string{"(1,1,'a','','Coffee')", "(2,1,'b','c','Grinders')", "(3,1,'c','','Devices')", "(4,1,'d','c','Kettles')"})
	var products, shelves []string
	product := func(id int, price, created string, categories ...int) {
		products = append(products, fmt.Sprintf("(%d,1,'k%d','S%d','Thing %d','EUR',%s,'in',1,%s,1)", id, id, id, id, price, created))
		for _, c := range categories {
			shelves = append(shelves, fmt.Sprintf("(%d,%d)", id, c))
		}
	}
	product(coffee, "8", "'2020-01-01'", 1)
	product(grinder, "100", "'2020-01-01'", 2, 3)
	product(better, "140", "'2020-01-01'", 3, 2)
	product(best, "300", "'2020-01-01'", 2)
	product(kettle, "140", "'2020-01-01'", 4)
	product(fresh, "8", "'"+now.AddDate(0, 0, -2).Format(time.DateTime)+"'", 1)
	product(old, "9", "NULL", 1)
	product(filters, "3", "'2021-01-01'", 1)
	b.insert(t, "crm_products", "id,shop_id,shop_key,sku,name,currency,price,stock,visible,created_at,fingerprint", products)
	b.insert(t, "crm_product_categories", "product_id,category_id", shelves)
	var book ledger
	order := func(profile, daysAgo int, refunded float64, items ...int) {
		book.add(1, profile, "completed", refunded, daysAgo, items...)
	}
	for person := 1; person <= 102; person++ {
		last, refunded := 29, 0.0
		switch {
		case person == 102:
			refunded = 100
		case person == 101:
			last = 180
		case person > 60:
			last = 2
		}
		for k := range 4 {
			order(person, last+k*30+(person*k)%5, refunded, coffee)
		}
	}
	for person := 201; person <= 260; person++ {
		order(person, 300, 0, grinder)
		if person%2 == 0 {
			order(person, 200, 0, better, best, kettle)
		}
	}
	for person := 400; person < 420; person++ {
		order(person, 5, 0, filters)
	}
	book.save(t, b)
	b.rebuild(t)
	var people []string
	for _, some := range [][2]int{{1, 102}, {201, 260}, {400, 419}} {
		for id := some[0]; id <= some[1]; id++ {
			people = append(people, fmt.Sprintf("(%d,1,NOW(6),NOW(6))", id))
		}
	}
	b.insert(t, "crm_profiles", "id,shop_id,created_at,updated_at", people)
	b.night(t)
	return b
}

// night has insight work out what people have used up.
func (b bundle) night(t *testing.T) {
	t.Helper()
	facts := insight.New(b.db, insight.Config{Clock: func() time.Time { return now }})
	if err := facts.RefreshAll(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := facts.Forecast(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
}

func (b bundle) ask(t *testing.T, kind recommend.Kind, n int, people ...int64) map[int64][]recommend.Suggestion {
	t.Helper()
	got, err := b.engine.For(context.Background(), shop, people, n, recommend.Options{Kind: kind})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestWhatIsUsedUpIsOfferedAgainWhenItIsDue(t *testing.T) {
	t.Parallel()
	b := larder(t)
	got := b.ask(t, recommend.Again, 2, 1, 60, 61, 100, 101, 102, 201)
	for _, person := range []int64{1, 60} {
		first := got[person][0]
		if first.Kind != recommend.Again || first.Product.ID != coffee || first.Fallback || first.Lasts < 25 || first.Lasts > 35 {
			t.Errorf("person %d: %+v", person, first)
		}
		if want := now.AddDate(0, 0, -29).Format(time.DateOnly); first.Last.Format(time.DateOnly) != want {
			t.Errorf("person %d bought it last on %s, not %s", person, want, first.Last)
		}
	}
	for _, person := range []int64{61, 100, 101, 102, 201} { // too early, too late, gave it back, never had any
		if len(got[person]) != 2 {
			t.Errorf("person %d gets only %d", person, len(got[person]))
		}
		for _, s := range got[person] {
			if s.Kind != "" || !s.Fallback || s.Product.ID == coffee && person < 201 {
				t.Errorf("person %d is reminded: %+v", person, s)
			}
		}
	}
}

func TestAnUpgradeIsDearerWithinReachAndOfTheSameCategory(t *testing.T) {
	t.Parallel()
	b := larder(t)
	var truth struct{ Later, Buyers int64 }
	err := b.db.NewRaw(`SELECT COUNT(DISTINCT CASE WHEN l2.product_id = ? AND o2.placed_at > o1.placed_at THEN o1.profile_id END) AS later, COUNT(DISTINCT o1.profile_id) AS buyers
		FROM crm_orders o1 JOIN crm_order_lines l1 ON l1.order_id = o1.id JOIN crm_orders o2 ON o2.profile_id = o1.profile_id JOIN crm_order_lines l2 ON l2.order_id = o2.id
		WHERE l1.product_id = ?`, better, grinder).Scan(context.Background(), &truth)
	if err != nil {
		t.Fatal(err)
	}
	got := b.ask(t, recommend.Upgrade, 2, 201, 202, 1)
	first := got[201][0]
	if first.Kind != recommend.Upgrade || first.Product.ID != better || first.Because == nil || first.Because.ID != grinder || first.Both != truth.Later || first.Buyers != truth.Buyers {
		t.Errorf("%+v, want %+v", first, truth)
	}
	for person, some := range got {
		for _, s := range some {
			if s.Kind == recommend.Upgrade && (s.Product.ID != better || person != 201) {
				t.Errorf("person %d is offered %d as an upgrade", person, s.Product.ID)
			}
		}
	}
	if _, err := b.db.NewRaw("UPDATE crm_products SET price = 200 WHERE id = ?", better).Exec(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, s := range b.ask(t, recommend.Upgrade, 2, 201)[201] {
		if s.Kind == recommend.Upgrade {
			t.Errorf("%d at twice the price is an upgrade", s.Product.ID)
		}
	}
}

func TestWhatIsNewAndWhatSellsBestIsOfOnesOwnCategoriesFirst(t *testing.T) {
	t.Parallel()
	b := larder(t)
	newest := b.ask(t, recommend.Newest, 3, 1)[1]
	if ids := idsOf(newest); !cmp.Equal(ids, []int64{fresh, filters, kettle}) || newest[0].Kind != recommend.Newest {
		t.Errorf("new to a coffee drinker: %v", ids)
	}
	best := b.ask(t, recommend.BestSellers, 2, 201, 1)
	if s := best[1][0]; s.Product.ID != filters || s.Popular != 20 || s.Fallback {
		t.Errorf("best sellers for a coffee drinker: %+v", s)
	}
	if s := best[201][0]; s.Product.ID != coffee || s.Popular == 0 { // nothing of grinders was sold lately
		t.Errorf("best sellers for somebody who has a grinder: %+v", s)
	}
	if _, err := b.engine.For(context.Background(), shop, []int64{1}, 3, recommend.Options{Kind: "magic"}); !errors.As(err, new(*recommend.UnknownKindError)) {
		t.Errorf("an unknown kind: %v", err)
	}
}

func idsOf(some []recommend.Suggestion) (ids []int64) {
	for _, s := range some {
		ids = append(ids, s.Product.ID)
	}
	return ids
}

// Coffee has no ties: nobody has it with anything. Its category's best sellers come before the shop's.
func TestWhoseThingsHaveNoTiesGetsBestSellersOfTheirCategories(t *testing.T) {
	t.Parallel()
	b := larder(t)
	got := b.ask(t, recommend.CrossSell, 3, 1, 999)
	if s := got[1][0]; s.Product.ID != filters || !s.Fallback || s.Popular != 20 {
		t.Errorf("a coffee drinker gets %+v", s)
	}
	if s := got[999][0]; s.Product.ID != coffee {
		t.Errorf("somebody unknown gets %+v", s)
	}
	for person, some := range got {
		if len(some) != 3 {
			t.Errorf("person %d gets only %d", person, len(some))
		}
	}
}

func TestWhatSomebodyWasOfferedAlreadyIsNotOfferedThemTwice(t *testing.T) {
	t.Parallel()
	b := larder(t)
	for _, kind := range recommend.Kinds {
		people := []int64{1, 2, 201, 203}
		first := b.ask(t, kind, 1, people...)
		offered := map[int64][]int64{1: idsOf(first[1]), 201: idsOf(first[201])}
		then, err := b.engine.For(context.Background(), shop, people, 2, recommend.Options{Kind: kind, Offered: offered})
		if err != nil {
			t.Fatal(err)
		}
		for _, person := range people {
			again := slices.Contains(idsOf(then[person]), first[person][0].Product.ID)
			if _, told := offered[person]; told == again {
				t.Errorf("%s: person %d got %v, then %v", kind, person, idsOf(first[person]), idsOf(then[person]))
			}
		}
	}
}

func TestEveryKindHasItsReason(t *testing.T) {
	t.Parallel()
	catalogue, err := locale.Load(recommend.Locales)
	if err != nil {
		t.Fatal(err)
	}
	p := catalogue.Printer("en", time.UTC)
	thing := &catalog.Product{Name: "V60"}
	for want, s := range map[string]recommend.Suggestion{
		"Last bought on 1 Nov 2026, usually lasts 30 days":   {Kind: recommend.Again, Last: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), Lasts: 30},
		"3 of 41 buyers of V60 later bought this dearer one": {Kind: recommend.Upgrade, Because: thing, Both: 3, Buyers: 41},
		"New in the shop since 2 Nov 2026":                   {Kind: recommend.Newest, Product: catalog.Product{CreatedAt: time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)}},
		"20 people bought it in the last 30 days":            {Kind: recommend.BestSellers, Popular: 20},
		"3 of 41 buyers of V60 also bought it":               {Kind: recommend.CrossSell, Because: thing, Both: 3, Buyers: 41},
		"From the shop's range":                              {Fallback: true},
	} {
		if got := s.Reason(p); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// The choice of a method needs four months; what it was, and by which figures, stays with the run.
func TestTheRunKeepsTheTableOfScores(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.rebuild(t)
	last, err := b.engine.LastRun(context.Background(), shop)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(run, last); diff != "" {
		t.Errorf("the run that was told is not the one that is kept (-told +kept):\n%s", diff)
	}
	cutoffs, rankings := map[time.Time]bool{}, map[string]bool{}
	for _, s := range last.Scores {
		cutoffs[s.Cutoff], rankings[s.Ranking] = true, true
	}
	if len(cutoffs) != 4 || !rankings["popular_30d"] || !rankings["personal_frequency"] || !rankings[last.Method] {
		t.Errorf("cut-offs %v, rankings %v, method %q", cutoffs, rankings, last.Method)
	}
	for cutoff := range cutoffs {
		if cutoff.After(now) || cutoff.Before(now.AddDate(0, 0, -130)) {
			t.Errorf("a cut-off on %s", cutoff)
		}
	}
}
