package segment_test

import (
	"context"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/store/storetest"
)

// readyWorld has somebody for each ready question, and somebody for none.
func readyWorld() *world {
	ago := func(days int) time.Time { return now.AddDate(0, 0, -days) }
	w := &world{categories: map[int64][]int64{}, below: map[int64][]int64{}}
	bought := func(days ...int) (orders []order) {
		for _, d := range days {
			orders = append(orders, order{counts: true, currency: "EUR", net: decimal.NewFromInt(90), placedAt: ago(d), products: []int64{3}, pieces: 1})
		}
		return orders
	}
	add := func(p person) {
		p.id, p.shop, p.account = int64(len(w.people)+1), 1, p.account || len(p.orders) == 0
		if p.stage == "" {
			p.stage = "active"
		}
		for i := range p.orders {
			p.orders[i].id = p.id*10 + int64(i)
		}
		w.people = append(w.people, p)
	}
	add(person{orders: bought(10)})
	add(person{orders: bought(45)})
	add(person{orders: bought(250, 150, 80, 20), phone: "+38640111222", account: true, prediction: &prediction{currency: "EUR", recency: 5, frequency: 5, money: 4,
		worth: 90, nextOn: now.AddDate(0, 0, 6).Format(time.DateOnly), orders: map[string]float64{"30": 1, "90": 1, "365": 3},
		low: map[string]int64{"30": 0, "90": 0, "365": 1}, high: map[string]int64{"30": 0, "90": 0, "365": 5}}})
	add(person{orders: bought(300, 100), stage: "slipping"})
	add(person{orders: bought(500), stage: "lost"})
	add(person{orders: bought(700, 12), stage: "won_back", habits: &habits{discounted: 0.6, hour: -1}, refills: map[int64]string{1: now.AddDate(0, 0, 8).Format(time.DateOnly)}})
	add(person{orders: bought(300, 200), habits: &habits{hour: -1}})
	add(person{orders: bought(900, 400), account: true})
	add(person{orders: bought(200)})
	add(person{orders: bought(365)})
	coupons := bought(40, 20)
	for i := range coupons {
		coupons[i].coupons, coupons[i].products, coupons[i].pieces = []string{"WELCOME10"}, []int64{1}, 8
	}
	coupons[1].refunds = []time.Time{ago(5)}
	add(person{orders: coupons})
	add(person{registeredAt: ago(3), consents: map[string]string{"newsletter/1": "granted"}, email: "new@example.com"})
	add(person{registeredAt: ago(90), carts: []time.Time{ago(2)}})
	add(person{})
	return w
}

func TestThereAreTwentyReadyQuestionsAndEachFindsSomebody(t *testing.T) {
	t.Parallel()
	db := storetest.DB(t)
	segments, err := segment.New(db, segment.Config{Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	b := bundle{db: db, segments: segments, world: readyWorld()}
	b.world.save(t, db)
	catalogue := sentences(t)
	presets := segments.Vocabulary().Presets(segment.About{Currency: "EUR", Product: 1, Companion: 2})
	if len(presets) < 20 {
		t.Errorf("only %d ready questions", len(presets))
	}
	seen := map[string]bool{}
	for _, preset := range presets {
		if seen[preset.Key] {
			t.Errorf("%s is there twice", preset.Key)
		}
		seen[preset.Key] = true
		checkAgainstReference(t, b, preset.Tree, 1)
		count, err := segments.Count(context.Background(), preset.Tree, 1, "")
		if err != nil || count.Profiles == 0 || count.Profiles == int64(len(b.world.people)) {
			t.Errorf("%s: %d people, %v", preset.Key, count.Profiles, err)
		}
		for _, key := range []string{"segment.preset." + preset.Key, "segment.preset." + preset.Key + ".why"} {
			for _, lang := range []string{"en", "sl"} {
				if catalogue.Printer(lang, time.UTC).T(key) == key {
					t.Errorf("%s: no sentence for %s", lang, key)
				}
			}
		}
	}
}

func TestReadyQuestionsThatLackSomethingAreLeftOut(t *testing.T) {
	t.Parallel()
	keys := func(v *segment.Vocabulary, about segment.About) map[string]bool {
		found := map[string]bool{}
		for _, p := range v.Presets(about) {
			found[p.Key] = true
		}
		return found
	}
	bare := keys(segment.Standard(), segment.About{})
	for _, key := range []string{"big_spenders", "promising", "companion", "clickers", "deaf"} {
		if bare[key] {
			t.Errorf("%s is offered without a currency, a pair of products or its kinds", key)
		}
	}
	if full := keys(segment.Standard(), segment.About{Currency: "EUR", Product: 1, Companion: 2}); !full["big_spenders"] || !full["companion"] || full["clickers"] {
		t.Errorf("offered: %v", full)
	}
}
