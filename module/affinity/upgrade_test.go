package affinity

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Counted one by one: who bought the cheaper one, and on a later day for the first time the dearer one.
func TestAnUpgradeIsBoughtLaterAndDearerAndOfTheSameCategory(t *testing.T) {
	t.Parallel()
	trade := stairs(1200)
	price := []float64{10, 12, 14, 30, 0, 12, 9}
	model, err := trade.Upgrades(t.Context(), price, Options{Today: 400, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for item, some := range model.Ties {
		for _, u := range some {
			found++
			if u.Product == 5 || price[u.Product] <= UpgradeFrom*price[item] || price[u.Product] > UpgradeTo*price[item] {
				t.Errorf("%d is no upgrade of %d", u.Product, item)
			}
			want := uint32(0)
			for c := range trade.Customers() {
				first := func(p uint32) int { return slices.Index(trade.items[trade.start[c]:trade.start[c+1]], p) }
				a, b := first(uint32(item)), first(u.Product)
				if a >= 0 && b >= 0 && trade.days[trade.start[c]+b] > trade.days[trade.start[c]+a] {
					want++
				}
			}
			if u.Both != want {
				t.Errorf("%d went on from %d to %d, want %d", u.Both, item, u.Product, want)
			}
		}
	}
	if found == 0 || len(model.Ties[0]) == 0 || model.Ties[0][0].Product != 1 {
		t.Errorf("the next step from 0 is not 1: %v", model.Ties)
	}
	if none, err := NewTrade(7, nil).Upgrades(t.Context(), price, Options{Today: 400}); err != nil || len(none.Ties[0]) != 0 {
		t.Errorf("without categories: %v, %v", none.Ties, err)
	}
}

// stairs is of people who start at product 0, and many of whom take 1, then 2. Product 5 is of another category, and as
// often taken.
func stairs(people int) *Trade {
	r := rand.New(rand.NewPCG(2, 2))
	trade := NewTrade(7, []uint32{0, 0, 0, 0, 0, 1, 0})
	for range people {
		theirs := []Purchase{{6, int32(r.IntN(100)), 0}}
		day := int32(r.IntN(100))
		for p := range uint32(6) {
			if r.IntN(3) > 0 {
				break
			}
			theirs = append(theirs, Purchase{p, day, int64(p)})
			if p == 0 && r.IntN(2) == 0 {
				theirs = append(theirs, Purchase{5, day + 20, 9})
			}
			day += int32(r.IntN(30)) // the same day is no step up
		}
		trade.Add(theirs)
	}
	return trade
}
