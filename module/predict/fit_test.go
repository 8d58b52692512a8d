package predict_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/kupec/kupec/module/predict"
)

func TestAFitFindsWhatMadeTheData(t *testing.T) {
	t.Parallel()
	made, worth := predict.BG{R: .6, Alpha: 8, A: .8, B: 2.5}, predict.GammaGamma{P: 5, Q: 4, V: 20}
	people := simulate(40_000, made, worth, 1)
	found, err := predict.Fit(predict.KindBG, people, predict.FitOptions{})
	if err != nil || found.Degenerate != nil {
		t.Fatalf("%v, %+v", err, found)
	}
	for i, p := range found.Model.Params() {
		near(t, p.Name, p.Value, made.Params()[i].Value, .1) // several orders of a day count as one, which shifts it a little
	}
	value, err := predict.FitValue(people, predict.FitOptions{})
	if err != nil || value.Degenerate != nil {
		t.Fatalf("%v, %+v", err, value)
	}
	for i, p := range value.Worth.Params() {
		near(t, p.Name, p.Value, worth.Params()[i].Value, .1)
	}
}

func TestWhereNobodyLeavesOrAllAreAlikeTheFitSaysSo(t *testing.T) {
	t.Parallel()
	stay := simulate(3_000, predict.BG{R: .7, Alpha: 9, A: 1e-3, B: 1e3}, gamma, 6)
	for _, kind := range predict.Kinds[:3] {
		found, err := predict.Fit(kind, stay, predict.FitOptions{})
		if diff := cmp.Diff(&predict.Degenerate{Reason: predict.NoDropout, Instead: "nbd"}, found.Degenerate); err != nil || diff != "" || found.Model.Kind() != predict.KindNBD {
			t.Errorf("%s: %v, %+v\n%s", kind, err, found.Model, diff)
		}
	}
	alike := simulate(3_000, predict.BG{R: .7, Alpha: 9, A: 1e5, B: 3e5}, gamma, 7)
	found, err := predict.Fit(predict.KindBG, alike, predict.FitOptions{})
	if diff := cmp.Diff(&predict.Degenerate{Reason: predict.Diverged, Instead: predict.Limit}, found.Degenerate); err != nil || diff != "" {
		t.Errorf("%v, %+v\n%s", err, found.Model, diff)
	}
	m := found.Model.(predict.BG)
	near(t, "the chance to leave", m.A/(m.A+m.B), .25, .1)
}

func TestASampleDependsOnItsSeedAlone(t *testing.T) {
	t.Parallel()
	people := simulate(5_000, paper, gamma, 2)
	fit := func(seed uint64) predict.Fitted {
		found, err := predict.Fit(predict.KindMBG, people, predict.FitOptions{Sample: 2_000, Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	one := fit(1)
	if one.Sample != 2_000 || one.Customers != 5_000 {
		t.Errorf("%+v", one)
	}
	if diff := cmp.Diff(one, fit(1)); diff != "" {
		t.Error(diff)
	}
	if cmp.Equal(one.Model, fit(2).Model) {
		t.Error("another seed draws the same sample")
	}
}

func TestWhatIsMissingIsNamed(t *testing.T) {
	t.Parallel()
	people := make([]predict.History, 60)
	for i := range people {
		people[i].Age = 10
	}
	var few *predict.TooFewError
	if _, err := predict.Fit(predict.KindNBD, people[:20], predict.FitOptions{}); !errors.As(err, &few) || few.Has != 20 || few.Needs != predict.LeastCustomers {
		t.Errorf("%v", err)
	}
	if _, err := predict.Fit(predict.KindNBD, people, predict.FitOptions{}); !errors.As(err, &few) || err.Error() != "there are 0 customers who bought again, and at least 20 are needed" {
		t.Errorf("%v", err)
	}
	if _, err := predict.FitValue(people, predict.FitOptions{}); !errors.As(err, &few) || few.Has != 0 {
		t.Errorf("%v", err)
	}
	if _, err := predict.Choose([][]predict.Visit{{{Day: 10}}}, 30, predict.Days, predict.FitOptions{}); !errors.As(err, &few) || few.Lack != predict.FewDays || few.Has != 21 {
		t.Errorf("%v", err)
	}
	if _, err := predict.Fit("guess", people, predict.FitOptions{}); err == nil || !strings.Contains(err.Error(), "take bgnbd") {
		t.Errorf("%v", err)
	}
}

func TestAHistoryThatCannotBeIsRefused(t *testing.T) {
	t.Parallel()
	people := simulate(100, paper, gamma, 3)
	for name, h := range map[string]predict.History{
		"last after the end":      {Repeats: 1, Last: 11, Age: 10},
		"half a purchase":         {Repeats: .5, Last: 1, Age: 10},
		"repeats at the start":    {Repeats: 2, Age: 10},
		"a last without a repeat": {Last: 2, Age: 10},
		"no number":               {Age: math.NaN()},
		"without end":             {Age: math.Inf(1)},
		"a debt":                  {Repeats: 1, Last: 1, Age: 2, Value: -1},
	} {
		var wrong *predict.HistoryError
		if _, err := predict.Fit(predict.KindPareto, append(people[:99:99], h), predict.FitOptions{}); !errors.As(err, &wrong) || wrong.Index != 99 {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := predict.FitValue(append(people[:99:99], h), predict.FitOptions{}); !errors.As(err, &wrong) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Where each customer's purchase days are all worth the same, the more of them do not tell more, and p grows for ever.
func TestWorthThatDoesNotVaryIsToldByAMean(t *testing.T) {
	t.Parallel()
	scale := distuv.Gamma{Alpha: 3, Beta: 40, Src: rand.NewPCG(1, 1)}
	var people []predict.History
	for i := range 2_000 {
		x := float64(1 + i%30)
		people = append(people, predict.History{Repeats: x, Last: 5, Age: 10, Value: 1 / scale.Rand()})
	}
	found, err := predict.FitValue(people, predict.FitOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&predict.Degenerate{Reason: predict.Diverged, Instead: predict.Shrunken}, found.Degenerate); diff != "" {
		t.Errorf("%+v\n%s", found, diff)
	}
	mean := found.Worth.Mean(predict.History{})
	if got := found.Worth.Mean(predict.History{Repeats: 30, Last: 5, Age: 10, Value: 10 * mean}); !(got > 5*mean && got < 10*mean) {
		t.Errorf("thirty days at %g, where the mean is %g, come to %g", 10*mean, mean, got)
	}
}

// With a tail of giant orders the mean of all is anything that the next one makes it.
func TestATailWithoutAMeanIsCut(t *testing.T) {
	t.Parallel()
	people := simulate(20_000, paper, gamma, 4)
	for i := range people {
		if i%150 == 0 {
			people[i].Value *= math.Pow(10, float64(3+i/150%7))
		}
	}
	found, err := predict.FitValue(people, predict.FitOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&predict.Degenerate{Reason: predict.Diverged, Instead: predict.Winsorised}, found.Degenerate); diff != "" {
		t.Fatalf("%+v\n%s", found, diff)
	}
	if limit := found.Worth.(predict.GammaGamma).Cap; found.Worth.Mean(predict.History{Repeats: 1, Last: 1, Age: 2, Value: 1e9}) > 2*limit {
		t.Error("a giant order is believed")
	}
}

func TestWorthDoesNotDependOnTheCurrencysUnit(t *testing.T) {
	t.Parallel()
	people := simulate(3_000, paper, gamma, 5)
	euros, err := predict.FitValue(people, predict.FitOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range people {
		people[i].Value *= 1e6
	}
	rupiah, err := predict.FitValue(people, predict.FitOptions{})
	if err != nil || rupiah.Degenerate != nil {
		t.Fatalf("%v, %+v", err, rupiah)
	}
	near(t, "mean", rupiah.Worth.Mean(predict.History{}), 1e6*euros.Worth.Mean(predict.History{}), 1e-3)
}

func TestRangesAreThoseOfThePoissonDistributionWhereNothingElseIsKnown(t *testing.T) {
	t.Parallel()
	certain := predict.NBD{R: 1e9, Alpha: 1e9} // everybody comes once a unit
	low, high := predict.Range(certain, predict.History{}, 10)
	if low != 6 || high != 14 {
		t.Errorf("%g to %g, want the Poisson distribution's 6 to 14 about 10", low, high)
	}
	if low, high = predict.Range(certain, predict.History{}, 1e5); math.Abs(low-(1e5-1.2816*math.Sqrt(1e5))) > 2 || math.Abs(high-(1e5+1.2816*math.Sqrt(1e5))) > 2 {
		t.Errorf("%g to %g about 100,000", low, high)
	}
	if low, high = predict.Range(paper, predict.History{Repeats: 20, Last: 10, Age: 100}, 52); low != 0 || high != 0 {
		t.Errorf("who has surely left buys %g to %g", low, high)
	}
}
