package evaluate_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/module/predict"
)

// In Online Retail nobody is seen to leave: BG/NBD's likelihood grows for ever as the probability of leaving goes to nothing.
func TestAShopThatNobodyLeavesGetsTheModelInWhichNobodyDoes(t *testing.T) {
	t.Parallel()
	people, actual := predict.HoldOut(onlineRetail(t).Visits(), day(t, "2011-08-31"), day(t, "2011-11-30"), predict.Weeks)
	for _, kind := range []predict.Kind{predict.KindBG, predict.KindMBG, predict.KindPareto} {
		begun := time.Now()
		found, err := predict.Fit(kind, people, predict.FitOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begun); took > 5*time.Second {
			t.Errorf("%s took %v", kind, took)
		}
		t.Logf("%s: %+v, log-likelihood %.3f, %+v", kind, found.Model, found.LogLikelihood, found.Degenerate)
		if kind != predict.KindBG {
			continue
		}
		if diff := cmp.Diff(&predict.Degenerate{Reason: predict.NoDropout, Instead: "nbd"}, found.Degenerate); diff != "" {
			t.Error(diff)
		}
		near(t, "log-likelihood", found.LogLikelihood, -21_657.024, .01)
		nbd := found.Model.(predict.NBD)
		near(t, "r", nbd.R, .72198, .005*.72198)
		near(t, "alpha", nbd.Alpha, 9.47416, .005*9.47416)
		score := predict.Judge(people, predict.Expect(nbd, people, 13), actual)
		near(t, "AUC", score.AUC, .7319, 5e-4)
	}
}

// Fitted in the currency's own unit, August's two giant orders send a climber without slopes off to where a customer's days do
// not vary at all (p of some millions). There the log-likelihood comes to -13,316.4 at best.
func TestGiantOrdersDoNotMakeWorthRunAway(t *testing.T) {
	t.Parallel()
	visits := onlineRetail(t).Visits()
	begun := time.Now()
	people, _ := predict.HoldOut(visits, day(t, "2011-06-30"), day(t, "2011-06-30"), predict.Weeks)
	found, err := predict.FitValue(people, predict.FitOptions{})
	if err != nil || found.Degenerate != nil {
		t.Fatalf("%v, %+v", err, found)
	}
	for i, p := range found.Worth.Params() {
		want := []float64{2.963, 3.224, 307.7}[i]
		near(t, p.Name, p.Value, want, .005*want)
	}
	people, _ = predict.HoldOut(visits, day(t, "2011-08-31"), day(t, "2011-08-31"), predict.Weeks)
	found, err = predict.FitValue(people, predict.FitOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("in August: %+v, log-likelihood %.1f", found.Worth, found.LogLikelihood)
	if found.Degenerate != nil || found.LogLikelihood < -12_861.5 {
		t.Errorf("%+v, log-likelihood %.1f", found.Degenerate, found.LogLikelihood)
	}
	for _, h := range people {
		if mean := found.Worth.Mean(h); !(mean > 0) || math.IsInf(mean, 0) {
			t.Fatalf("%+v is worth %g", h, mean)
		}
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
}

// The shop's own last months decide, and the choice must not be worse there than what it was chosen from.
func TestTheModelIsChosenByTheLastMonths(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		visits [][]predict.Visit
		until  int32
	}{
		"CDNOW":         {cdnow(t).Visits(), day(t, "1998-06-30")},
		"Online Retail": {onlineRetail(t).Visits(), day(t, "2011-11-30")},
	} {
		choice, err := predict.Choose(tt.visits, tt.until, predict.Weeks, predict.FitOptions{})
		if err != nil {
			t.Fatal(err)
		}
		best := choice.Candidates[choice.Best].Score
		for _, c := range choice.Candidates {
			t.Logf("%s: %-9s %+v total %.0f of %.0f, MAE %.4f, AUC %.4f, deviance %.4f", name, c.Fitted.Model.Kind(), c.Fitted.Degenerate, c.Score.Expected, c.Score.Actual, c.Score.MAE, c.Score.AUC, c.Score.Deviance)
			if c.Score.Deviance < best.Deviance {
				t.Errorf("%s: %s would have been better", name, c.Fitted.Model.Kind())
			}
		}
		naive := choice.Candidates[len(choice.Candidates)-1].Score
		if best.Miss() > naive.Miss() || choice.Fitted.Customers < len(tt.visits)*9/10 {
			t.Errorf("%s: wrong by %.2f, the naive guess by %.2f, %d customers", name, best.Miss(), naive.Miss(), choice.Fitted.Customers)
		}
	}
}

// The range of a customer is to hold what came for at least 80 of 100; it is a range of whole days, so more may lie in it.
func TestRangesHoldWhatCame(t *testing.T) {
	t.Parallel()
	_, people, actual := watched(t)
	found, err := predict.Fit(predict.KindPareto, people, predict.FitOptions{})
	if err != nil {
		t.Fatal(err)
	}
	within, regulars := 0.0, 0.0
	for i, h := range people {
		if h.Repeats < 3 {
			continue
		}
		regulars++
		if low, high := predict.Range(found.Model, h, 39); actual[i] >= low && actual[i] <= high {
			within++
		}
	}
	t.Logf("%.3f of %g regular customers lie within their range", within/regulars, regulars)
	if within/regulars < .78 {
		t.Errorf("only %.3f of regular customers lie within their range", within/regulars)
	}
	mean, low, high := predict.Total(found.Model, people, 39, .1)
	if !(low < mean && mean < high) || low > 1_882 || high < 1_882 {
		t.Errorf("the total is %g, %g to %g; 1882 came", mean, low, high)
	}
}
