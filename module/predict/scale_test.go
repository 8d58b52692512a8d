package predict_test

import (
	"os"
	"testing"
	"time"

	"github.com/kupec/kupec/module/predict"
)

// A million customers by the day: any model is fitted in under 10 s, and all of them are scored, for three horizons with
// their ranges and their worth, in under 60. KUPEC_SCALE=1 runs it.
func TestAMillionCustomersAreFittedAndScoredInTime(t *testing.T) {
	if os.Getenv("KUPEC_SCALE") == "" {
		t.Skip("takes a minute: set KUPEC_SCALE=1")
	}
	people := simulate(1_000_000, predict.BG{R: .6, Alpha: 8, A: .8, B: 2.5}, predict.GammaGamma{P: 5, Q: 4, V: 20}, 1)
	for i := range people { // by the day
		people[i].Last *= 7
		people[i].Age *= 7
	}
	begun := time.Now()
	worth, err := predict.FitValue(people, predict.FitOptions{})
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(begun)
	t.Logf("Gamma-Gamma: %d of %d repeaters, %v", worth.Sample, worth.Repeaters, took)
	if took > 10*time.Second {
		t.Errorf("Gamma-Gamma took %v", took)
	}
	for _, kind := range predict.Kinds[:4] {
		begun := time.Now()
		found, err := predict.Fit(kind, people, predict.FitOptions{})
		if err != nil {
			t.Fatal(err)
		}
		fit := time.Since(begun)
		begun = time.Now()
		sum := 0.0
		for _, horizon := range []float64{30, 90, 365} {
			for i, e := range predict.Expect(found.Model, people, horizon) {
				low, high := predict.Range(found.Model, people[i], horizon)
				sum += e*worth.Worth.Mean(people[i]) + low - high
			}
		}
		score := time.Since(begun)
		t.Logf("%s: %+v, fitted in %v, scored in %v (%.0f)", kind, found.Model, fit.Round(time.Millisecond), score.Round(time.Millisecond), sum)
		if fit > 10*time.Second || score > 60*time.Second {
			t.Errorf("%s took %v to fit and %v to score", kind, fit, score)
		}
	}
	standings := make([]predict.Standing, len(people))
	for i, h := range people {
		standings[i] = predict.Standing{Recency: h.Age - h.Last, Frequency: h.Repeats, Money: h.Value * h.Repeats}
	}
	begun = time.Now()
	cells := len(predict.Independent(standings)) + len(predict.Nested(standings))
	t.Logf("%d cells of both kinds in %v", cells, time.Since(begun).Round(time.Millisecond))
}
