package predict_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/module/predict"
)

// steady people come every 30 days or so, each with a beat of their own.
func steady(n int) [][]int32 {
	random := rand.New(rand.NewPCG(11, 11))
	people := make([][]int32, n)
	for i := range people {
		beat := 20 + 20*random.Float64()
		for at := 100 * random.Float64(); at < 400; at += beat * (.8 + .4*random.Float64()) {
			people[i] = append(people[i], int32(at))
		}
	}
	return people
}

func TestTheNextOrderIsDueByOnesOwnBeatAndWhatHasPassed(t *testing.T) {
	t.Parallel()
	r, err := predict.LearnRhythm(steady(500))
	if err != nil {
		t.Fatal(err)
	}
	near(t, "mean gap", r.Mean, 30, .1)
	days := []int32{0, 24, 49, 74, 98}
	soon, err := r.Next(days, 100)
	if err != nil || math.Abs(soon.Day-123) > 3 || !(soon.Low < soon.Day && soon.Day < soon.High) || soon.Overdue {
		t.Errorf("%v, %+v, want about 123", err, soon)
	}
	late, err := r.Next(days, 126)
	if err != nil || late.Low <= 126 || late.Day <= soon.Day || late.Overdue {
		t.Errorf("%v, %+v: after 28 days of a beat of 25 it must be later than %g", err, late, soon.Day)
	}
	never, err := r.Next(days, 400)
	if diff := cmp.Diff(predict.Due{Day: 401, Low: 401, High: 401, Overdue: true}, never); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestANextOrderIsNotToldOfTwoPurchases(t *testing.T) {
	t.Parallel()
	r, err := predict.LearnRhythm(steady(100))
	if err != nil {
		t.Fatal(err)
	}
	var few *predict.TooFewError
	if _, err = r.Next([]int32{0, 30}, 40); !errors.As(err, &few) || few.Has != 2 || few.Needs != 3 {
		t.Errorf("%v", err)
	}
	if _, err = predict.LearnRhythm(steady(2)); !errors.As(err, &few) || few.Lack != predict.FewGaps {
		t.Errorf("%v", err)
	}
	pairs := make([][]int32, 100)
	for i := range pairs {
		pairs[i] = []int32{0, 30}
	}
	if _, err = predict.LearnRhythm(pairs); !errors.As(err, &few) || few.Has != 0 {
		t.Errorf("%v", err)
	}
}

func TestARefillIsToldOfEvenBuyersAndOfProductsThatAreBoughtAgain(t *testing.T) {
	t.Parallel()
	r, err := predict.LearnRhythm(steady(100))
	if err != nil {
		t.Fatal(err)
	}
	even, uneven := []int32{0, 30, 61, 90}, []int32{0, 2, 90, 93}
	for name, tt := range map[string]struct {
		days  []int32
		share float64
		told  bool
	}{
		"even, seldom bought again":   {even, .01, true},
		"uneven, seldom bought again": {uneven, .01, false},
		"uneven, often bought again":  {uneven, .15, true},
		"once, often bought again":    {even[:1], .2, true},
		"once, seldom bought again":   {even[:1], .149, false},
		"never":                       {nil, .9, false},
	} {
		due, err := r.Refill(tt.days, tt.share, 95)
		var not *predict.NotRegularError
		if tt.told != (err == nil) || !tt.told && !errors.As(err, &not) {
			t.Errorf("%s: %+v, %v", name, due, err)
		}
	}
	if share := predict.Again([][]int32{{1}, {1, 2}, nil, {4, 5, 6}, {9}}); share != .5 {
		t.Errorf("two of four bought again: %g", share)
	}
}
