package evaluate_test

import (
	"math"
	"testing"
	"time"

	"github.com/kupec/kupec/module/evaluate"
	"github.com/kupec/kupec/module/predict"
)

func day(t testing.TB, date string) int32 {
	t.Helper()
	at, err := time.Parse(time.DateOnly, date)
	if err != nil {
		t.Fatal(err)
	}
	return evaluate.DayOf(at)
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: %.9g, want %.9g", what, got, want)
	}
}

// watched are the CDNOW sample's customers as the literature watches them: 39 weeks, and then as many more.
func watched(t *testing.T) (visits [][]predict.Visit, people []predict.History, actual []float64) {
	t.Helper()
	visits = cdnow(t).Visits()
	people, actual = predict.HoldOut(visits, day(t, "1997-09-30"), day(t, "1998-06-30"), predict.Weeks)
	return visits, people, actual
}

func TestTheCDNowLogIsSummarisedAsInTheLiterature(t *testing.T) {
	t.Parallel()
	_, people, actual := watched(t)
	var repeats, bought, once float64
	for i, h := range people {
		repeats += h.Repeats
		bought += actual[i]
		if h.Repeats == 0 {
			once++
		}
	}
	if len(people) != 2_357 || repeats != 2_457 || once != 1_411 || bought != 1_882 {
		t.Errorf("%d customers, %g repeats, %g bought once, %g purchase days to come", len(people), repeats, once, bought)
	}
	h := people[0]
	if h.Repeats != 2 {
		t.Errorf("customer 1: %+v", h)
	}
	near(t, "customer 1's last", h.Last, 30.429, 5e-4)
	near(t, "customer 1's age", h.Age, 38.857, 5e-4)
	near(t, "customer 1's worth", h.Value, 22.345, 1e-9)
	h = people[1515]
	if h.Repeats != 26 || h.Age != 31 {
		t.Errorf("customer 1516: %+v", h)
	}
	near(t, "customer 1516's last", h.Last, 30.857, 5e-4)
}

func TestModelsAreFittedToThePublishedParameters(t *testing.T) {
	t.Parallel()
	_, people, _ := watched(t)
	for kind, want := range map[predict.Kind]struct {
		params []float64
		height float64
	}{
		predict.KindBG:     {[]float64{.24259, 4.41360, .79292, 2.42591}, -9_582.429},
		predict.KindMBG:    {[]float64{.52484, 6.18299, .89136, 1.61400}, -9_582.132},
		predict.KindPareto: {[]float64{.55328, 10.57768, .60624, 11.66873}, -9_594.976},
		predict.KindNBD:    {[]float64{.38477, 12.07209}, -9_763.660},
	} {
		found, err := predict.Fit(kind, people, predict.FitOptions{})
		if err != nil || found.Degenerate != nil || found.Repeaters != 946 {
			t.Errorf("%s: %v, %+v", kind, err, found)
			continue
		}
		near(t, string(kind), found.LogLikelihood, want.height, .01)
		for i, p := range found.Model.Params() {
			near(t, string(kind)+" "+p.Name, p.Value, want.params[i], .005*want.params[i])
		}
	}
	worth, err := predict.FitValue(people, predict.FitOptions{})
	if err != nil || worth.Degenerate != nil || worth.Repeaters != 946 {
		t.Fatalf("%v, %+v", err, worth)
	}
	near(t, "Gamma-Gamma", worth.LogLikelihood, -4_055.918, .01)
	for i, p := range worth.Worth.Params() {
		want := []float64{6.2496, 3.7442, 15.4435}[i]
		near(t, "Gamma-Gamma "+p.Name, p.Value, want, .005*want)
	}
	near(t, "mean worth", worth.Worth.Mean(predict.History{}), 35.17, .01)
}

func TestParetoIsFittedToThePublishedParametersOverAllWeeks(t *testing.T) {
	t.Parallel()
	people, _ := predict.HoldOut(cdnow(t).Visits(), day(t, "1998-06-30"), day(t, "1998-06-30"), predict.Weeks)
	found, err := predict.Fit(predict.KindPareto, people, predict.FitOptions{})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "log-likelihood", found.LogLikelihood, -17_135.836, .01)
	for i, p := range found.Model.Params() {
		want := []float64{.56300, 12.55917, .40811, 10.51454}[i]
		near(t, p.Name, p.Value, want, .005*want)
	}
}

func TestTheHoldOutIsPredictedAsPublished(t *testing.T) {
	t.Parallel()
	_, people, actual := watched(t)
	for kind, want := range map[predict.Kind]struct {
		total, mae float64
		buckets    [8]float64
	}{
		predict.KindBG:     {1_653.4, .7855, [8]float64{.2251, .5231, 1.0441, 1.5203, 2.1638, 2.6538, 3.5040, 6.1570}},
		predict.KindPareto: {1_665.5, .7545, [8]float64{.1384, .5995, 1.1958, 1.7138, 2.3983, 2.9072, 3.8186, 6.4031}},
	} {
		found, err := predict.Fit(kind, people, predict.FitOptions{})
		if err != nil {
			t.Fatal(err)
		}
		score := predict.Judge(people, predict.Expect(found.Model, people, 39), actual)
		near(t, string(kind)+" total", score.Expected, want.total, want.total*1e-3)
		near(t, string(kind)+" MAE", score.MAE, want.mae, 1e-3)
		count := [8]int{1411, 439, 214, 100, 62, 38, 29, 64}
		came := [8]float64{.2367, .6970, 1.3925, 1.5600, 2.5323, 2.9474, 3.8621, 6.3594}
		for i, b := range score.Calibration {
			if b.Customers != count[i] {
				t.Errorf("%d customers with %d repeats, want %d", b.Customers, i, count[i])
			}
			near(t, "came", b.Actual, came[i], 5e-5)
			near(t, string(kind)+" bucket", b.Expected, want.buckets[i], 1e-3*want.buckets[i])
		}
	}
	naive := predict.Judge(people, predict.Expect(predict.Naive{}, people, 39), actual)
	if over := naive.Expected/naive.Actual - 1; over < .3 {
		t.Errorf("the naive guess expects %.0f of %.0f; it is known to expect far too much", naive.Expected, naive.Actual)
	} else {
		t.Logf("the naive guess expects %.0f %% too much", 100*over)
	}
}

func TestWeeklyTrackingIsAsPublished(t *testing.T) {
	t.Parallel()
	visits, people, _ := watched(t)
	found, err := predict.Fit(predict.KindBG, people, predict.FitOptions{})
	if err != nil {
		t.Fatal(err)
	}
	actual := []float64{1359, 1414, 1484, 1517, 1573, 1672}
	expected := []float64{1312.458, 1387.346, 1460.392, 1531.713, 1601.418, 1669.600}
	for i := range actual {
		end := day(t, "1996-12-31") + int32(7*(20+i))
		came, mean := 0.0, 0.0
		for c, theirs := range visits {
			if h, known := predict.Summarize(theirs, end, predict.Weeks); known {
				came += h.Repeats
			}
			mean += found.Model.Expected(predict.History{}, float64(20+i)-(272./7-people[c].Age)) // since the first customer's first day
		}
		near(t, "came", came, actual[i], 0)
		near(t, "expected", mean, expected[i], 1e-3*expected[i])
	}
}
