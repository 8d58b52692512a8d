package affinity

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// someTrade is of people who buy mostly within one of four tens of forty products, some of them more than the newest
// products that pairs are counted from. Category c holds product p where p/10 = c; product 39 is in none.
func someTrade(seed uint64, people int) *Trade {
	r := rand.New(rand.NewPCG(seed, 5))
	category := make([]uint32, 80)
	for p := range category {
		category[p] = uint32(p / 10)
	}
	category[39] = None
	t := NewTrade(80, category)
	for c := range people {
		var theirs []Purchase
		if c%50 == 0 {
			for p := range 80 {
				theirs = append(theirs, Purchase{uint32(p), int32(r.IntN(300)), int64(p)})
			}
		}
		for order := range 1 + r.IntN(6) {
			day := int32(r.IntN(365))
			for range 1 + r.IntN(3) {
				p := c%4*10 + r.IntN(10)
				if r.IntN(6) == 0 {
					p = r.IntN(40)
				}
				theirs = append(theirs, Purchase{uint32(p), day, int64(order)})
			}
		}
		t.Add(theirs)
	}
	return t
}

// both counts people, or orders, who have both products, one by one.
func both(rows [][]uint32, a, b uint32) (n uint32) {
	for _, row := range rows {
		if slices.Contains(row, a) && slices.Contains(row, b) {
			n++
		}
	}
	return n
}

func TestEveryTiesNumbersAreTrueOfAllThatWasBought(t *testing.T) {
	t.Parallel()
	trade := someTrade(1, 900)
	people := make([][]uint32, trade.Customers())
	for c := range people {
		from, at, _ := trade.split(c, 300)
		people[c] = trade.items[from:at]
	}
	for _, method := range Methods {
		model, err := trade.People(t.Context(), method, Options{Today: 300, Workers: 2})
		if err != nil {
			t.Fatal(err)
		}
		checkTies(t, method.String(), model, people)
	}
	model, err := trade.Orders(t.Context(), Options{Today: 300})
	if err != nil {
		t.Fatal(err)
	}
	checkTies(t, "orders", model, ordersBetween(trade, math.MinInt32, 300))
}

func checkTies(t *testing.T, name string, model *Model, rows [][]uint32) {
	t.Helper()
	n := 0
	for item, some := range model.Ties {
		if want := both(rows, uint32(item), uint32(item)); model.Buyers[item] != want {
			t.Errorf("%s: product %d has %d buyers, want %d", name, item, model.Buyers[item], want)
		}
		for i, tie := range some {
			n++
			if want := both(rows, uint32(item), tie.Product); tie.Both != want {
				t.Errorf("%s: %d have both %d and %d, want %d", name, tie.Both, item, tie.Product, want)
			}
			if model.LLR(uint32(item), tie) < likelihoodFloor || tie.Both < leastBoth || i > 0 && tie.Score > some[i-1].Score || tie.Product == uint32(item) {
				t.Errorf("%s: product %d, place %d: %+v", name, item, i, tie)
			}
		}
	}
	if n < 100 {
		t.Errorf("%s: only %d ties", name, n)
	}
}

func TestModelsAreTheSameWithAnyNumberOfWorkers(t *testing.T) {
	t.Parallel()
	trade := someTrade(2, 900)
	for _, method := range Methods {
		one, err := trade.People(t.Context(), method, Options{Today: 300, Workers: 1})
		if err != nil {
			t.Fatal(err)
		}
		four, err := trade.People(t.Context(), method, Options{Today: 300, Workers: 4})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(one, four); diff != "" {
			t.Errorf("%s (-one worker +four):\n%s", method, diff)
		}
	}
}

func TestOnlyWhatMayBeOfferedIsTied(t *testing.T) {
	t.Parallel()
	trade := someTrade(3, 600)
	eligible := make([]bool, trade.Products())
	for p := range eligible {
		eligible[p] = p%3 != 0
	}
	for _, method := range Methods {
		model, err := trade.People(t.Context(), method, Options{Today: 300, Eligible: eligible})
		if err != nil {
			t.Fatal(err)
		}
		from := 0
		for item, some := range model.Ties {
			for _, tie := range some {
				if !eligible[tie.Product] {
					t.Errorf("%s: %d goes with %d", method, tie.Product, item)
				}
				if item%3 == 0 {
					from++
				}
			}
		}
		if from == 0 {
			t.Errorf("%s: nothing goes with products that may not be offered, though people have them", method)
		}
	}
}

// What is kept of a row are its largest counters.
func TestTheCommonestPairsAreKept(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		row := newRow(60)
		want := map[uint32]uint32{}
		for range r.IntN(400) {
			item := uint32(r.IntN(1 + r.IntN(60)))
			row.add(item)
			want[item]++
		}
		limit := 1 + r.IntN(30)
		kept := row.take(7, limit)
		delete(want, 7)
		least := ^uint32(0)
		for _, p := range kept {
			if want[p.item] != p.both {
				t.Fatalf("%+v, want %d", p, want[p.item])
			}
			delete(want, p.item)
			least = min(least, p.both)
		}
		for item, n := range want {
			if n > least {
				t.Fatalf("%d with %d is left out, one with %d is not", item, n, least)
			}
		}
		if len(kept) > limit || len(kept) < limit-1 && len(want) > 0 {
			t.Fatalf("%d of at most %d are kept, %d are left out", len(kept), limit, len(want))
		}
		if again := row.take(7, limit); len(again) != 0 {
			t.Fatalf("%v is left in the row", again)
		}
	}
}

func TestWorkStopsWhenItIsCalledOff(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	trade := someTrade(4, 100)
	if _, err := trade.People(ctx, Methods[0], Options{Today: 300}); !errors.Is(err, context.Canceled) {
		t.Errorf("a model: %v", err)
	}
	if _, err := Backtest(ctx, trade, Plan{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a backtest: %v", err)
	}
}
