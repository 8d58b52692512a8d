package predict_test

import (
	"math"
	"testing"

	"github.com/kupec/kupec/module/predict"
)

// The parameters that the literature finds for the CDNOW sample, and some that it works examples with.
var (
	bg       = predict.BG{R: .24259, Alpha: 4.41360, A: .79292, B: 2.42591}
	paper    = predict.BG{R: .243, Alpha: 4.414, A: .793, B: 2.426}
	mbg      = predict.BG{R: .52484, Alpha: 6.18299, A: .89136, B: 1.61400, Modified: true}
	pareto   = predict.Pareto{R: .55328, Alpha: 10.57768, S: .60624, Beta: 11.66873}
	pareto78 = predict.Pareto{R: .5629966, Alpha: 12.5590370, S: .4081095, Beta: 10.5148048}
	gamma    = predict.GammaGamma{P: 6.25, Q: 3.74, V: 15.44}
	heavy    = predict.History{Repeats: 26, Last: 216. / 7, Age: 31} // customer 1516 of the sample
)

// near fails where got is further from want than a share of it.
func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*math.Abs(want)) {
		t.Errorf("%s: %.9g, want %.9g", what, got, want)
	}
}

// The published figures are those of the BTYD package's walk-through and of Hardie's notes. They were worked out with
// parameters of more digits than are published, hence a tolerance of a thousandth.
func TestExpectationsAreThoseOfTheLiterature(t *testing.T) {
	t.Parallel()
	const published = 1e-3
	for time, want := range map[float64]float64{.1429: .0078, 1: .0532, 3: .1506, 31.8571: 1.0405, 32: 1.0437, 78: 1.858} {
		if got := bg.Expected(predict.History{}, time); math.Abs(got-want) > 5.1e-5*max(1, want*10) {
			t.Errorf("BG/NBD, mean of a new customer in %g weeks: %g, want %g", time, got, want)
		}
	}
	near(t, "BG/NBD, new, a year", bg.Expected(predict.History{}, 52), 1.444004, published)
	near(t, "Pareto/NBD, new, a year", pareto.Expected(predict.History{}, 52), 1.473434, published)
	near(t, "BG/NBD, 1516", bg.Expected(heavy, 52), 25.75659, published)
	near(t, "BG/NBD, 1516 alive", bg.Alive(heavy), .9688523, 1e-5)
	near(t, "Pareto/NBD, 1516", pareto.Expected(heavy, 52), 25.45647, published)
	near(t, "Pareto/NBD, 1516 alive", pareto.Alive(heavy), .997874, 1e-5)
	near(t, "MBG/NBD, 1516", mbg.Expected(heavy, 52), 23.998, published)
	near(t, "MBG/NBD, 1516 alive", mbg.Alive(heavy), .96548, 1e-4)
	near(t, "BG/NBD, the paper's example", bg.Expected(predict.History{Repeats: 2, Last: 30.43, Age: 38.86}, 39), 1.226, published)
	near(t, "BG/NBD, lifetimes' example", paper.Expected(predict.History{Repeats: 10, Last: 35, Age: 39}, 2), .39156921, 1e-6)
	near(t, "BG/NBD, lifetimes' example alive", paper.Alive(predict.History{Repeats: 23, Last: 39, Age: 39}), .96855545, 1e-6)
}

func TestMoreFrequentCustomersWhoStayAwayAreWorthLess(t *testing.T) {
	t.Parallel()
	for i, want := range [][2]float64{{.3474606, .7062289}, {.04283391, .1442396}, {.004158973, .02250658}, {.0003583685, .00309267}} {
		h := predict.History{Repeats: float64(10 + 5*i), Last: 20, Age: 39}
		near(t, "BG/NBD", bg.Expected(h, 52), want[0], 1e-3)
		near(t, "Pareto/NBD", pareto.Expected(h, 52), want[1], 1e-3)
	}
}

func TestThousandsOfPurchasesDoNotOverflow(t *testing.T) {
	t.Parallel()
	near(t, "BG/NBD", paper.Expected(predict.History{Repeats: 5000, Last: 500, Age: 500}, 10), 98.34434, 1e-7)
}

func TestDiscountedPurchasesAreThoseOfTheLiterature(t *testing.T) {
	t.Parallel()
	near(t, "x=7, t_x=35", pareto78.Discounted(predict.History{Repeats: 7, Last: 35, Age: 77.86}, .0027), 1.864183, 1e-6)
	for i, want := range []float64{2.19916, 2.84353, 2.86713, 2.44541, 1.84050, 1.26242, .80962, .49480, .29202, .16793} {
		near(t, "t_x=30", pareto78.Discounted(predict.History{Repeats: float64(i + 1), Last: 30, Age: 77.86}, .0027), want, 2e-5)
	}
}

func TestTheChanceOfANumberOfPurchasesIsThatOfTheLiterature(t *testing.T) {
	t.Parallel()
	near(t, "10 in 2", paper.Chance(10, 2), 1.07869e-07, 1e-5)
	near(t, "0 in 39", paper.Chance(0, 39), .5737864, 1e-6)
	near(t, "11 in 30", paper.Chance(11, 30), .0019995214, 1e-6)
	near(t, "20 in 30", paper.Chance(20, 30), .0002222260, 1e-6)
	for _, m := range []predict.BG{paper, mbg} {
		sum, mean := 0.0, 0.0
		for n := range 2_000 {
			p := m.Chance(n, 30)
			sum, mean = sum+p, mean+p*float64(n)
		}
		near(t, string(m.Kind())+", all chances together", sum, 1, 1e-9)
		near(t, string(m.Kind())+", their mean", mean, m.Expected(predict.History{}, 30), 1e-9)
	}
}

// The first ten customers of the CDNOW sample, and what Hardie's sheet says of them; it has more digits of the parameters.
func TestWorthIsThatOfTheLiterature(t *testing.T) {
	t.Parallel()
	repeats, value := []float64{2, 1, 0, 0, 0, 7, 1, 0, 2, 0}, []float64{22.35, 11.77, 0, 0, 0, 73.74, 11.77, 0, 25.55, 0}
	for i, want := range []float64{24.66, 18.92, 35.22, 35.22, 35.22, 71.47, 18.92, 35.22, 27.29, 35.22} {
		if got := gamma.Mean(predict.History{Repeats: repeats[i], Value: value[i]}); math.Abs(got-want) > .1 {
			t.Errorf("customer %d: %.4f, want %.2f", i+1, got, want)
		}
	}
}

// Customers of the CDNOW sample by their number, over twelve months of 4.345 weeks at one per cent a month.
func TestLifetimeValueIsThatOfTheReference(t *testing.T) {
	t.Parallel()
	for id, tt := range map[int]struct {
		h    predict.History
		want float64
	}{
		1:    {predict.History{Repeats: 2, Last: 30.43, Age: 38.86, Value: 22.35}, 36.2892},
		2:    {predict.History{Repeats: 1, Last: 1.71, Age: 38.86, Value: 11.77}, 4.6373},
		3:    {predict.History{Age: 38.86}, 8.3690},
		6:    {predict.History{Repeats: 7, Last: 29.43, Age: 38.86, Value: 73.74}, 283.5328},
		100:  {predict.History{Repeats: 1, Last: 23.86, Age: 38.29, Value: 26.22}, 21.8991},
		1516: {predict.History{Repeats: 26, Last: 30.86, Age: 31, Value: 39.97}, 972.1011},
		2357: {predict.History{Age: 27}, 11.0498},
	} {
		got := predict.Lifetime(paper, gamma, tt.h, 12, 4.345, .01)
		if math.Abs(got-tt.want) > 1e-4*tt.want {
			t.Errorf("customer %d: %.4f, want %.4f", id, got, tt.want)
		}
	}
}
