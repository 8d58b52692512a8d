package evaluate_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/kupec/kupec/module/affinity"
	"github.com/kupec/kupec/module/evaluate"
	"github.com/kupec/kupec/module/predict"
)

// The method that each day's own past chose beats what sold best in the last 30 days at what is new to people, and what they
// bought most often at all that they bought.
func TestWhatIsRecommendedBeatsTheBaselinesOnRealTrade(t *testing.T) {
	t.Parallel()
	got, err := onlineRetail(t).Recommend(t.Context(), evaluate.Picking{Cutoffs: []int32{day(t, "2011-06-01"), day(t, "2011-08-01"), day(t, "2011-09-01")},
		Horizon: 30, Depth: 10, Workers: 2})
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for i, c := range got.Cutoffs {
		chosen, popular := c.New.Rankings[evaluate.Chosen], c.New.Rankings[affinity.Popular30]
		all, frequent := c.All.Rankings[evaluate.Chosen], c.All.Rankings[affinity.Frequent]
		t.Logf("%s, %s: new %.4f, best sellers %.4f (%d customers); all %.4f, most often bought %.4f", c.Cutoff, c.Method, chosen.NDCG, popular.NDCG, c.New.Customers, all.NDCG, frequent.NDCG)
		if !c.Decided || chosen.NDCG < 1.35*popular.NDCG || all.NDCG < frequent.NDCG {
			t.Errorf("%s: %+v", c.Cutoff, c)
		}
		if want := []int{705, 680, 887}[i]; c.New.Customers != want {
			t.Errorf("%s: %d customers, want %d", c.Cutoff, c.New.Customers, want)
		}
		sum += chosen.NDCG / popular.NDCG
	}
	if sum/3 < 1.6 {
		t.Errorf("on average %.2f times the best sellers", sum/3)
	}
}

// pairedShop is a shop in which people buy one half of a pair, and mostly the other half some weeks later.
func pairedShop(customers int) string {
	r := rand.New(rand.NewPCG(4, 4))
	var lines strings.Builder
	lines.WriteString("customer,order,date,product,category\n")
	for c := range customers {
		at := r.IntN(300)
		pair := r.IntN(10)
		fmt.Fprintf(&lines, "%d,%d,%s,A%d,left\n", c, 2*c, evaluate.Date(19723+int32(at)).Format("2006-01-02"), pair)
		if r.IntN(4) > 0 {
			fmt.Fprintf(&lines, "%d,%d,%s,B%d,right\n", c, 2*c+1, evaluate.Date(19723+int32(at+10+r.IntN(60))).Format("2006-01-02"), pair)
		}
	}
	return lines.String()
}

func TestTheOtherHalfIsRecommended(t *testing.T) {
	t.Parallel()
	o := read(t, pairedShop(3000), evaluate.Options{})
	got, err := o.Recommend(t.Context(), evaluate.Picking{Cutoffs: []int32{day(t, "2024-10-01")}, Horizon: 30, Depth: 3, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	c := got.Cutoffs[0]
	if f := c.New.Rankings[evaluate.Chosen]; !c.Decided || f.HitRate < .95 || f.Customers < 100 || f != c.New.Rankings[c.Method] {
		t.Errorf("%+v", c)
	}
	if c.New.Rankings[affinity.Popular30].HitRate > .6 || c.New.Repeats != 0 || len(c.All.Rankings) != len(affinity.Methods)+5 {
		t.Errorf("%+v", c)
	}
}

func TestWhatCannotBeRecommendedSaysWhy(t *testing.T) {
	t.Parallel()
	var need *evaluate.NeedError
	var date *evaluate.DateError
	var few *predict.TooFewError
	ask := func(file, cutoff string) error {
		_, err := read(t, file, evaluate.Options{}).Recommend(t.Context(), evaluate.Picking{Cutoffs: []int32{day(t, cutoff)}, Horizon: 30, Depth: 10})
		return err
	}
	if err := ask("customer,date\n1,2024-01-01\n1,2024-03-01\n", "2024-02-01"); !errors.As(err, &need) || need.Field != evaluate.Product {
		t.Errorf("no products: %v", err)
	}
	const two = "customer,date,product\n1,2024-01-01,a\n2,2024-03-01,b\n"
	if err := ask(two, "2024-01-01"); !errors.As(err, &date) || date.Name != "--cutoff" {
		t.Errorf("before anything: %v", err)
	}
	if err := ask(two, "2024-04-01"); !errors.As(err, &date) {
		t.Errorf("after everything: %v", err)
	}
	if err := ask(two, "2024-02-01"); !errors.As(err, &few) {
		t.Errorf("nobody came again: %v", err)
	}
}
