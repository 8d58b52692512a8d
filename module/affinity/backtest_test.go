package affinity

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAListIsJudgedByWhatWasBought(t *testing.T) {
	t.Parallel()
	target := map[uint32]bool{1: true, 2: true, 3: true}
	second, third := 1/math.Log2(3), 1/math.Log2(4)
	for name, c := range map[string]struct {
		list  []uint32
		depth int
		whole bool
		want  found
	}{
		"nothing found":              {[]uint32{8, 9}, 2, false, found{}},
		"first and third":            {[]uint32{2, 9, 1}, 3, false, found{2. / 3, (1 + third) / (1 + second + third), 1, 2. / 3}},
		"as good as so few can be":   {[]uint32{3, 1}, 2, false, found{2. / 3, 1, 1, 1}},
		"the same against the whole": {[]uint32{3, 1}, 2, true, found{2. / 3, (1 + second) / (1 + second + third), 1, 1}},
	} {
		got := judge(c.list, target, c.depth, c.whole)
		for _, d := range []float64{got.recall - c.want.recall, got.ndcg - c.want.ndcg, got.hit - c.want.hit, got.precision - c.want.precision} {
			if math.Abs(d) > 1e-12 {
				t.Errorf("%s: %+v, want %+v", name, got, c.want)
			}
		}
	}
}

// What comes after a cut-off is the answer and nothing else: with other answers the lists are the same.
func TestNoListKnowsWhatCameLater(t *testing.T) {
	t.Parallel()
	trade, other := someTrade(8, 500), someTrade(8, 500)
	const cut = 250
	for i, day := range other.days {
		if day >= cut {
			other.items[i] = 79 - other.items[i]
		}
	}
	for _, method := range Methods {
		a, b := lists(t, trade, method, cut), lists(t, other, method, cut)
		if diff := cmp.Diff(a, b); diff != "" {
			t.Errorf("%s:\n%s", method, diff)
		}
	}
}

// lists are everybody's lists of new and of all products.
func lists(t *testing.T, trade *Trade, method Method, cut int32) (out [][]uint32) {
	t.Helper()
	h := trade.people(cut)
	model, err := trade.People(t.Context(), method, Options{Today: cut})
	if err != nil {
		t.Fatal(err)
	}
	s := trade.shelf(h)
	if s.back, _, err = trade.backoff(t.Context(), h, Options{Today: cut}); err != nil {
		t.Fatal(err)
	}
	l := s.lister()
	for row := range h.rows() {
		out = append(out, l.new(row, model.Ties, 10), l.all(row, model.Ties, 10))
	}
	return out
}

func TestAListIsFullAndOfferedOnceAndNewToThePerson(t *testing.T) {
	t.Parallel()
	trade := someTrade(9, 500)
	const cut = 250
	h := trade.people(cut)
	all := lists(t, trade, Methods[1], cut)
	for row := range h.rows() {
		has := map[uint32]bool{}
		for _, item := range h.of(row) {
			has[item] = true
		}
		for k, list := range all[2*row : 2*row+2] {
			seen := map[uint32]bool{}
			for _, item := range list {
				if seen[item] || k == 0 && has[item] {
					t.Errorf("row %d, list %d: %v", row, k, list)
				}
				seen[item] = true
			}
			if room := len(byBuyers(h.popular)) - len(has); len(list) < min(10, room) {
				t.Errorf("row %d, list %d is only %v", row, k, list)
			}
		}
	}
}

// A shop may not know when something was bought; it says the year 0 then.
func TestAPurchaseOfUnknownAgeCountsALittle(t *testing.T) {
	t.Parallel()
	trade := someTrade(13, 400)
	trade.Add([]Purchase{{0, -700_000, 1}, {1, -700_000, 2}})
	h := trade.people(250)
	model, err := trade.People(t.Context(), Methods[0], Options{Today: 250})
	if err != nil {
		t.Fatal(err)
	}
	l := trade.shelf(h).lister()
	last := h.rows() - 1
	l.cross(last, model.Ties)
	seen := map[uint32]bool{}
	for _, item := range l.touched {
		if seen[item] || l.score[item] <= 0 {
			t.Errorf("product %d counts %v, for the second time: %v", item, l.score[item], seen[item])
		}
		seen[item] = true
	}
	if len(seen) < 5 {
		t.Errorf("only %d products go with theirs", len(seen))
	}
}

func TestTheBestMethodIsChosenWhereThereIsEnoughToChooseBy(t *testing.T) {
	t.Parallel()
	trial, err := Backtest(t.Context(), someTrade(10, 2000), Plan{})
	if err != nil {
		t.Fatal(err)
	}
	if !trial.Decided {
		t.Fatal("not decided")
	}
	mean := map[string]float64{}
	cuts := map[int32]bool{}
	for _, s := range trial.Scores {
		cuts[s.Cutoff] = true
		if s.List == New {
			mean[s.Ranking] += s.NDCG
		}
	}
	for _, m := range Methods {
		if mean[m.String()] > mean[trial.Method.String()] {
			t.Errorf("%s was chosen, %s is better: %v", trial.Method, m, mean)
		}
	}
	if len(cuts) != leastCutoffs || len(mean) != len(Methods)+4 {
		t.Errorf("%d cut-offs, %d rankings", len(cuts), len(mean))
	}
	if mean[trial.Method.String()] < 1.2*mean[Popular30] {
		t.Errorf("people who buy within tens get %v, best sellers %v", mean[trial.Method.String()], mean[Popular30])
	}
}

func TestTooLittleTradeLeavesTheFirstMethod(t *testing.T) {
	t.Parallel()
	for name, trade := range map[string]*Trade{"none": NewTrade(5, nil), "few people": someTrade(11, 20), "two months": shortTrade()} {
		trial, err := Backtest(t.Context(), trade, Plan{})
		if err != nil {
			t.Fatal(err)
		}
		if trial.Decided || trial.Method != Methods[0] {
			t.Errorf("%s: %s, decided: %v", name, trial.Method, trial.Decided)
		}
	}
}

func shortTrade() *Trade {
	t := NewTrade(2, nil)
	for c := range 900 {
		t.Add([]Purchase{{0, int32(c % 60), 1}, {1, int32(c % 50), 2}})
	}
	return t
}

func TestASampleIsOfWholeCustomers(t *testing.T) {
	t.Parallel()
	trade := someTrade(12, 1000)
	few := trade.sample((trade.Purchases() + 3) / 4)
	if few.Customers() < 200 || few.Customers() > 260 {
		t.Errorf("%d customers of 1000", few.Customers())
	}
	from, to := few.start[1], few.start[2]
	of, end := trade.start[4], trade.start[5]
	if diff := cmp.Diff(trade.items[of:end], few.items[from:to]); diff != "" {
		t.Error(diff)
	}
	if trade.sample(trade.Purchases()) != trade {
		t.Error("a sample of all is another trade")
	}
}
