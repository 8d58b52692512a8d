package predict

import (
	"math"
	"math/rand/v2"
	"testing"
)

func simple(n int) []group {
	random := rand.New(rand.NewPCG(7, 7))
	var people []History
	for range n {
		h := History{Age: 1 + math.Floor(random.Float64()*80)}
		if h.Repeats = math.Floor(random.ExpFloat64() * 3); h.Repeats > 0 {
			h.Last = math.Ceil(random.Float64() * h.Age)
		}
		people = append(people, h)
	}
	return gather(people)
}

func TestSlopesAreThoseOfTheLikelihood(t *testing.T) {
	t.Parallel()
	rows := simple(200)
	random := rand.New(rand.NewPCG(8, 8))
	for _, kind := range []Kind{KindBG, KindMBG, KindPareto, KindNBD} {
		f, err := families(kind)
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			theta := logs(f.start(20)[0])
			for i := range theta {
				theta[i] += random.NormFloat64()
			}
			slope := make([]float64, len(theta))
			f.slope(rows, theta, slope)
			for i := range theta {
				const step = 1e-5
				up, down := append([]float64(nil), theta...), append([]float64(nil), theta...)
				up[i] += step
				down[i] -= step
				numeric := (f.slope(rows, up, nil) - f.slope(rows, down, nil)) / (2 * step)
				if math.Abs(numeric-slope[i]) > 1e-4*max(1, math.Abs(numeric)) {
					t.Errorf("%s at %v, parameter %d: %g, by differences %g", kind, theta, i, slope[i], numeric)
				}
			}
		}
	}
}

func TestTheSeriesAndTheIntegralAgree(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(9, 9))
	for range 500 {
		m := BG{math.Exp(random.NormFloat64()), math.Exp(random.NormFloat64() + 1), .05 + 2*random.Float64(), 1 + math.Exp(random.NormFloat64()), random.IntN(2) == 0}
		x, age := math.Floor(random.ExpFloat64()*10), 50*random.Float64()
		time := (m.Alpha + age) * 8 * random.Float64() // z below seriesTo
		series, integral := m.ifAlive(x, age, time), m.integrated(m.R+x, m.B+m.chances(x), time/(m.Alpha+age))
		if math.Abs(series-integral) > 1e-8*integral {
			t.Errorf("%+v, %g purchases, age %g, time %g: %.12g by the series, %.12g by the integral", m, x, age, time, series, integral)
		}
	}
}

// Whichever way a mean is worked out, it must go on smoothly from where another one ends.
func TestAMeanDoesNotJumpBetweenItsWays(t *testing.T) {
	t.Parallel()
	h := History{Repeats: 3, Last: 20, Age: 30}
	for _, at := range []struct{ a, b float64 }{{200, 800}, {200, 20_000}, {1 / narrow / narrow, 1e7}, {2 / narrow / narrow, 2 / narrow / narrow}, {.5, 1e4}, {1.001, 3}, {.999, 3}} {
		for _, time := range []float64{10, 100, 311.9, 312.1, 3000} {
			below := BG{.5, 4, at.a * (1 - 1e-7), at.b * (1 - 1e-7), false}.Expected(h, time)
			above := BG{.5, 4, at.a * (1 + 1e-7), at.b * (1 + 1e-7), false}.Expected(h, time)
			if math.Abs(above-below) > 2e-6*above {
				t.Errorf("a %g, b %g, time %g: %.10g and %.10g", at.a, at.b, time, below, above)
			}
		}
	}
	// As all customers become alike, the probability of leaving is a number: the mean is (1 − (1+pc)^−n) / p.
	alike := BG{.5, 4, 1e6, 3e6, true}
	want := -math.Expm1(-3.5*math.Log1p(.25*100./34)) / .25 * alike.Alive(h)
	if got := alike.Expected(h, 100); math.Abs(got-want) > 1e-5*want {
		t.Errorf("%g, want %g", got, want)
	}
}

// The reference is the same integral by many small steps.
func TestParetosIntegralIsExactWhereverItIsSteep(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(10, 10))
	for range 200 {
		m := Pareto{math.Exp(random.NormFloat64()), math.Exp(3 * random.NormFloat64()), math.Exp(random.NormFloat64() - .5), math.Exp(3 * random.NormFloat64())}
		h := History{Repeats: math.Floor(math.Exp(6 * random.Float64())), Age: 1 + 200*random.Float64()}
		h.Last = h.Age * random.Float64()
		got, _ := m.gone(h, false)
		want := byHand(m, h)
		step := (h.Repeats + m.R) * math.Log((m.Alpha+h.Age)/(m.Alpha+h.Last)) / steps // the reference's own error goes by its square
		if math.Abs(got-want) > 1e-9+step*step/10 {
			t.Errorf("%+v %+v: log odds %.12g, want %.12g", m, h, got, want)
		}
	}
}

const steps = 200_000

func byHand(m Pareto, h History) float64 {
	n, low := m.R+h.Repeats, min(m.Alpha, m.Beta)
	from, to := math.Log(low+h.Last), math.Log(low+h.Age)
	sum, first := 0.0, 0.0
	for i := range steps {
		u := from + (to-from)*(float64(i)+.5)/steps
		tau := math.Exp(u) - low
		f := u - n*math.Log(m.Alpha+tau) - (m.S+1)*math.Log(m.Beta+tau)
		if i == 0 {
			first = f
		}
		sum += math.Exp(f - first)
	}
	return math.Log(m.S*sum*(to-from)/steps) + first + n*math.Log(m.Alpha+h.Age) + m.S*math.Log(m.Beta+h.Age)
}

func FuzzNothingIsEverInfinite(f *testing.F) {
	f.Add(.24, 4.4, .79, 2.4, 2.0, .8, 38.86, 52.0)
	f.Add(1e-6, 1e6, 1.0, 1e-6, 5000.0, 1.0, 500.0, 1e6)
	f.Add(1e6, 1e-6, 1e6, 1e6, 1e6, .5, 1e6, 1e-6)
	f.Add(1e6, 1e-6, 1e-6, 1e-6, 0.0, 0.0, 0.0, 1e6)
	f.Fuzz(func(t *testing.T, p1, p2, p3, p4, repeats, last, age, time float64) {
		parameter := func(p float64) float64 { return math.Exp(math.Mod(wellFormed(p), bound+2)) }
		a, b, c, d := parameter(p1), parameter(p2), parameter(p3), parameter(p4)
		h := History{Repeats: math.Floor(math.Mod(math.Abs(wellFormed(repeats)), 1e4)), Age: math.Mod(math.Abs(wellFormed(age)), 1e6)}
		if h.Repeats > 0 {
			h.Last = max(1e-3, h.Age*math.Mod(math.Abs(wellFormed(last)), 1))
			h.Age = max(h.Age, h.Last)
		}
		time = math.Mod(math.Abs(wellFormed(time)), 1e6)
		ask := func(what string, v float64, least float64) {
			if !(v >= least) || math.IsInf(v, 0) {
				t.Errorf("%s is %g for %g %g %g %g, %+v, %g", what, v, a, b, c, d, h, time)
			}
		}
		for _, m := range []Model{BG{a, b, c, d, false}, BG{a, b, c, d, true}, Pareto{a, b, c, d}, NBD{a, b}, Naive{}} {
			ask("alive", m.Alive(h), 0)
			ask("expected", m.Expected(h, time), 0)
			low, high := Range(m, h, time)
			ask("low", low, 0)
			ask("high", high, low)
			if m.Kind() == KindNaive {
				continue
			}
			family, err := families(m.Kind())
			if err != nil {
				t.Fatal(err)
			}
			theta := []float64{math.Log(a), math.Log(b), math.Log(c), math.Log(d)}[:len(m.Params())]
			slope := make([]float64, len(theta))
			ask("likelihood", family.slope(gather([]History{h}), theta, slope), -1e12)
			for _, s := range slope {
				ask("slope", s, -1e12)
			}
		}
		ask("discounted", Pareto{a, b, c, d}.Discounted(h, 1e-4+time/1e6), 0)
		h.Value = a
		ask("worth", GammaGamma{a, 1.01 + b, c, 0}.Mean(h), 0)
		if h.Repeats > 0 {
			ask("worth's likelihood", newSpending([]History{h}, 0).slope([]float64{math.Log(a), math.Log(b), math.Log(c)}, make([]float64, 3)), -1e12)
		}
	})
}

func wellFormed(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 1
	}
	return x
}
