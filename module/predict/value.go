package predict

import (
	"cmp"
	"math"
	"slices"

	"gonum.org/v1/gonum/mathext"
)

// Worth tells what a purchase day of a customer is worth.
type Worth interface {
	// Params are the parameters by their names in the literature.
	Params() []Param
	// Mean is the expected worth of a purchase day to come. Who has not bought again gets the mean of all.
	Mean(History) float64
}

// GammaGamma is the model in which each customer's purchase days vary about a mean of the customer's own (shape P), and the
// means vary from customer to customer (shape Q, scale V).
type GammaGamma struct {
	P, Q, V float64
	Cap     float64 // means above it are taken for it; 0: none is
}

var _ Worth = GammaGamma{}

// Params are the parameters by their names in the literature, and the cap where there is one.
func (m GammaGamma) Params() []Param {
	params := []Param{{"p", m.P}, {"q", m.Q}, {"v", m.V}}
	if m.Cap > 0 {
		params = append(params, Param{"cap", m.Cap})
	}
	return params
}

// Mean is the expected worth of a purchase day to come.
func (m GammaGamma) Mean(h History) float64 {
	value := h.Value
	if m.Cap > 0 {
		value = min(value, m.Cap)
	}
	if value <= 0 {
		return m.P * m.V / (m.Q - 1)
	}
	return m.P * (m.V + h.Repeats*value) / (m.P*h.Repeats + m.Q - 1)
}

// ShrunkenMean is the mean of a customer's purchase days, drawn towards that of all by as much as Weight days weigh.
type ShrunkenMean struct{ All, Weight float64 }

var _ Worth = ShrunkenMean{}

// Params are the mean of all and the weight.
func (m ShrunkenMean) Params() []Param { return []Param{{"mean", m.All}, {"weight", m.Weight}} }

// Mean is the expected worth of a purchase day to come.
func (m ShrunkenMean) Mean(h History) float64 {
	if h.Value <= 0 {
		return m.All
	}
	return (m.All*m.Weight + h.Value*h.Repeats) / (m.Weight + h.Repeats)
}

// FittedWorth is a model of worth with how it was found.
type FittedWorth struct {
	Worth         Worth
	LogLikelihood float64 // of a Gamma-Gamma, else 0
	Customers     int
	Repeaters     int // customers whose purchase days after the first were worth something: the model is fitted on them
	Sample        int
	Degenerate    *Degenerate // what stands in for the model; nil: nothing
}

// What stands in for a Gamma-Gamma.
const (
	Winsorised = "winsorised"    // fitted on means cut at their 99th percentile
	Shrunken   = "shrunken_mean" // a ShrunkenMean
)

const (
	winsorAt  = 0.99
	leastTail = 1.01 // at a Q of 1 the mean of all is infinite
	mostShape = 100  // a P at which a customer's days differ by 10 of 100 only: it grows on, as far as one lets it climb
)

// FitValue fits a Gamma-Gamma. A few giant orders make it diverge; then it is fitted on means that are cut at their 99th
// percentile, and if that does not help, a [ShrunkenMean] stands in. Errors are *TooFewError and *HistoryError.
func FitValue(people []History, opt FitOptions) (FittedWorth, error) {
	found := FittedWorth{Customers: len(people)}
	var buyers []History
	for i, h := range people {
		if err := h.check(); err != nil {
			return FittedWorth{}, &HistoryError{i, err}
		}
		if h.Repeats > 0 && h.Value > 0 {
			buyers = append(buyers, h)
		}
	}
	found.Repeaters = len(buyers)
	if found.Repeaters < LeastRepeaters {
		return FittedWorth{}, &TooFewError{FewValues, found.Repeaters, LeastRepeaters}
	}
	sample := some(buyers, cmp.Or(opt.Sample, defaultSample), opt.Seed)
	found.Sample = len(sample)
	if model, ok := fitGammaGamma(sample, 0); ok {
		found.Worth, found.LogLikelihood = model, ggHeight(buyers, model)
		return found, nil
	}
	values := make([]float64, len(sample))
	for i, h := range sample {
		values[i] = h.Value
	}
	slices.Sort(values)
	top := values[int(winsorAt*float64(len(values)-1))]
	if model, ok := fitGammaGamma(sample, top); ok {
		found.Worth, found.LogLikelihood, found.Degenerate = model, ggHeight(buyers, model), &Degenerate{Diverged, Winsorised}
		return found, nil
	}
	found.Worth, found.Degenerate = shrinkTo(sample, top), &Degenerate{Diverged, Shrunken}
	return found, nil
}

func fitGammaGamma(people []History, top float64) (GammaGamma, bool) {
	rows := newSpending(people, top)
	unit := rows.mean // the bounds of parameters do not know what currency the money is of
	for i := range rows.people {
		rows.people[i].Value /= unit
	}
	f := family{
		slope: func(_ []group, theta, slope []float64) float64 { return rows.slope(theta, slope) },
		start: func(float64) [][]float64 { return [][]float64{{3, 3, 1}, {1, 2, 1}, {10, 5, 0.3}} },
	}
	all := []group{{count: len(people)}}
	theta := climb(f, all, all, 1)
	p := exps(theta)
	m := GammaGamma{p[0], p[1], p[2] * unit, top}
	return m, !outside(theta) && m.Q > leastTail && m.P < mostShape
}

// spending is repeaters in order of their repeats.
type spending struct {
	people []History
	mean   float64
}

func newSpending(people []History, top float64) spending {
	s := spending{people: slices.Clone(people)}
	for i, h := range s.people {
		if top > 0 {
			s.people[i].Value = min(h.Value, top)
		}
		s.mean += s.people[i].Value / float64(len(people))
	}
	slices.SortFunc(s.people, func(a, b History) int {
		return cmp.Or(cmp.Compare(a.Repeats, b.Repeats), cmp.Compare(a.Value, b.Value))
	})
	return s
}

// slope is the log-likelihood, and its slope by the logarithms of p, q, v.
func (s spending) slope(theta, slope []float64) float64 {
	p, q, v := math.Exp(theta[0]), math.Exp(theta[1]), math.Exp(theta[2])
	logQ, slopeQ := lgamma(q), mathext.Digamma(q)
	var sum, dp, dq, dv, fixed, byP, byPQ float64
	last := 0.0
	for _, h := range s.people {
		x := h.Repeats
		if x != last {
			last = x
			fixed = lgamma(p*x+q) - lgamma(p*x) - logQ + q*theta[2]
			if slope != nil {
				byP, byPQ = mathext.Digamma(p*x), mathext.Digamma(p*x+q)
			}
		}
		logPart, logAll := math.Log(x*h.Value), math.Log(x*h.Value+v)
		sum += fixed + p*x*logPart - math.Log(h.Value) - (p*x+q)*logAll
		dp += x * (byPQ - byP + logPart - logAll)
		dq += byPQ - slopeQ + theta[2] - logAll
		dv += q/v - (p*x+q)/(x*h.Value+v)
	}
	if slope != nil {
		slope[0], slope[1], slope[2] = dp*p, dq*q, dv*v
	}
	return sum
}

func ggHeight(people []History, m GammaGamma) float64 {
	return newSpending(people, m.Cap).slope([]float64{math.Log(m.P), math.Log(m.Q), math.Log(m.V)}, nil)
}

// shrinkTo finds how far means are to be trusted. The variance of customers' means is that between customers, plus that
// within a customer divided by the purchase days: a line in 1/days, whose two parts are found by least squares.
func shrinkTo(people []History, top float64) ShrunkenMean {
	rows := newSpending(people, top)
	n := float64(len(people))
	var sx, sy, sxx, sxy float64
	for _, h := range rows.people {
		x, d := 1/h.Repeats, h.Value-rows.mean
		sx, sy, sxx, sxy = sx+x, sy+d*d, sxx+x*x, sxy+x*d*d
	}
	weight := 1.0
	if spread := n*sxx - sx*sx; spread > 0 {
		inside := (n*sxy - sx*sy) / spread
		between := (sy - inside*sx) / n
		if inside > 0 && between > 0 {
			weight = inside / between
		}
	}
	return ShrunkenMean{rows.mean, min(100, max(0.1, weight))}
}

// Lifetime is what a customer will bring within steps of time, each discounted at its end by the rate per step. Money is of
// the same currency as the histories' value.
func Lifetime(m Model, w Worth, h History, steps int, step, rate float64) float64 {
	sum, before, discount := 0.0, 0.0, 1.0
	for i := 1; i <= steps; i++ {
		now := m.Expected(h, float64(i)*step)
		discount *= 1 + rate
		sum += (now - before) / discount
		before = now
	}
	return sum * w.Mean(h)
}
