package affinity

import (
	"encoding/csv"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"testing"
	"time"
)

// What people had never bought and bought in the next 30 days is found better than by listing what sold best in the last 30,
// the baseline that is hardest to beat; what they bought at all, better than by what they bought most often, whichever rule
// breaks its ties.
func TestOnRealTradeMethodsBeatTheBaselines(t *testing.T) {
	t.Parallel()
	trade := onlineRetail(t)
	cuts := []int32{date(2011, 6, 1), date(2011, 8, 1), date(2011, 9, 1), date(2011, 10, 1)}
	trial, err := Backtest(t.Context(), trade, Plan{Cutoffs: cuts})
	if err != nil {
		t.Fatal(err)
	}
	favoured, err := Backtest(t.Context(), trade, Plan{Cutoffs: cuts, Methods: []Method{{Cosine, true}}, Ties: Favoured})
	if err != nil {
		t.Fatal(err)
	}
	if !trial.Decided || trial.Method.Kind == BM25 {
		t.Errorf("chose %s, decided: %v", trial.Method, trial.Decided)
	}
	sum := 0.0
	for _, cut := range cuts[:3] {
		fresh, popular := trial.of(t, cut, New, trial.Method.String()), trial.of(t, cut, New, Popular30)
		all, frequent, byPopularity := trial.of(t, cut, All, trial.Method.String()), trial.of(t, cut, All, Frequent), favoured.of(t, cut, All, Frequent)
		ratio := fresh.NDCG / popular.NDCG
		sum += ratio
		t.Logf("%s, %s: new %.4f, best sellers %.4f: %.2f times (%d people); all %.4f, most often bought %.4f and %.4f (%d people)", day(cut), trial.Method,
			fresh.NDCG, popular.NDCG, ratio, fresh.People, all.NDCG, frequent.NDCG, byPopularity.NDCG, all.People)
		if ratio < 1.35 {
			t.Errorf("%s: only %.2f times as good as best sellers", day(cut), ratio)
		}
		if all.NDCG < frequent.NDCG || all.NDCG < byPopularity.NDCG {
			t.Errorf("%s: all products %.4f, most often bought %.4f and %.4f", day(cut), all.NDCG, frequent.NDCG, byPopularity.NDCG)
		}
	}
	if mean := sum / 3; mean < 1.6 {
		t.Errorf("on average only %.2f times as good as best sellers", mean)
	}
	published := []struct {
		cut     int32
		people  int
		popular float64
	}{{cuts[0], 705, .0865}, {cuts[1], 680, .0712}, {cuts[2], 887, .0466}, {cuts[3], 916, .0658}}
	for _, p := range published {
		if got := trial.of(t, p.cut, New, Popular30); got.People != p.people || math.Abs(got.NDCG-p.popular) > .00005 {
			t.Errorf("%s: best sellers %.4f for %d people, want %.4f for %d", day(p.cut), got.NDCG, got.People, p.popular, p.people)
		}
	}
}

func (trial Trial) of(t *testing.T, cut int32, list List, ranking string) Score {
	t.Helper()
	for _, s := range trial.Scores {
		if s.Cutoff == cut && s.List == list && s.Ranking == ranking {
			return s
		}
	}
	t.Fatalf("no score of %s, %s, %s", day(cut), list, ranking)
	return Score{}
}

// Each product of an order is asked about, the rest of the order is what should be found.
func TestOnRealTradeTheRestOfAnOrderIsFound(t *testing.T) {
	t.Parallel()
	trade := onlineRetail(t)
	for _, c := range []struct {
		from, to int32
		least    float64
	}{{date(2011, 8, 1), date(2011, 9, 1), .22}, {date(2011, 10, 1), date(2011, 11, 1), .19}} {
		model, err := trade.Orders(t.Context(), Options{Today: c.from})
		if err != nil {
			t.Fatal(err)
		}
		sum, asked := 0.0, 0
		for _, order := range ordersBetween(trade, c.from, c.to) {
			if len(order) < 2 || len(order) > newest {
				continue
			}
			for _, item := range order {
				target := map[uint32]bool{}
				for _, other := range order {
					target[other] = other != item
				}
				delete(target, item)
				var list []uint32
				for _, tie := range model.Ties[item] {
					list = append(list, tie.Product)
				}
				sum += judge(list[:min(10, len(list))], target, 10, false).ndcg
				asked++
			}
		}
		t.Logf("%s: NDCG@10 %.4f, asked %d times", day(c.from), sum/float64(asked), asked)
		if sum/float64(asked) < c.least {
			t.Errorf("%s: NDCG@10 %.4f, want %.2f", day(c.from), sum/float64(asked), c.least)
		}
	}
}

func ordersBetween(t *Trade, from, to int32) [][]uint32 {
	var out [][]uint32
	for i, item := range t.items {
		switch {
		case t.days[i] < from || t.days[i] >= to:
		case t.begins[i]:
			out = append(out, []uint32{item})
		default:
			out[len(out)-1] = append(out[len(out)-1], item)
		}
	}
	return out
}

// The published figures of personal frequency on TaoBao: each user's last basket is to be told from the earlier ones.
func TestPersonalFrequencyEqualsTheLiteratureOnTaoBao(t *testing.T) {
	t.Parallel()
	trade := taoBao(t)
	for name, c := range map[string]struct {
		order        Order
		recall, ndcg float64
	}{"the latest first": {Latest, .1083, .0796}, "the most favoured first": {Favoured, .1079, .0715}} {
		trial, err := Backtest(t.Context(), trade, Plan{Cutoffs: []int32{0}, Horizon: 1, Methods: []Method{}, Ties: c.order, Whole: true})
		if err != nil {
			t.Fatal(err)
		}
		got := trial.of(t, 0, All, Frequent)
		t.Logf("%s: recall %.4f, NDCG %.4f, %d people", name, got.Recall, got.NDCG, got.People)
		if math.Abs(got.Recall-c.recall) > .0005 || math.Abs(got.NDCG-c.ndcg) > .0005 {
			t.Errorf("%s: recall %.4f, NDCG %.4f, want %.4f, %.4f", name, got.Recall, got.NDCG, c.recall, c.ndcg)
		}
	}
}

// taoBao puts each user's last basket on day 0.
func taoBao(t *testing.T) *Trade {
	t.Helper()
	r := csv.NewReader(data(t, "taobao_dnntsp.csv.gz"))
	header, err := r.Read()
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"user_id", "basket_no", "item_id", "is_last"}; !slices.Equal(header, want) {
		t.Fatalf("columns %v, want %v", header, want)
	}
	var users [][]Purchase
	items := 0
	last := ""
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		basket, err1 := strconv.Atoi(row[1])
		item, err2 := strconv.Atoi(row[2])
		if err1 != nil || err2 != nil {
			t.Fatalf("a row of other than numbers: %v", row)
		}
		if row[0] != last {
			users = append(users, nil)
		}
		last, items = row[0], max(items, item+1)
		users[len(users)-1] = append(users[len(users)-1], Purchase{Product: uint32(item), Day: int32(basket)})
	}
	trade := NewTrade(items, nil)
	for _, theirs := range users {
		newest := slices.MaxFunc(theirs, func(a, b Purchase) int { return int(a.Day - b.Day) }).Day
		for i := range theirs {
			theirs[i].Day -= newest
		}
		trade.Add(theirs)
	}
	return trade
}

func date(year int, month time.Month, day int) int32 {
	return dayOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

func dayOf(at time.Time) int32 { return int32(at.Unix() / 86400) }

func day(n int32) string { return time.Unix(int64(n)*86400, 0).UTC().Format(time.DateOnly) }
