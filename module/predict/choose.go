package predict

import (
	"cmp"
	"fmt"
	"math"
)

// Bounds of a hold-out: a quarter of the history, so that the models see three times what they are asked for.
const (
	leastHoldout = 28  // days
	mostHoldout  = 182 // days
	holdoutPart  = 4
	trialSample  = 20_000 // customers that models are fitted on to be tried
)

// Candidate is a model and how it did in the hold-out.
type Candidate struct {
	Fitted Fitted // on what came before the hold-out
	Score  Score
}

// Choice is the model that a shop's own last months speak for.
type Choice struct {
	Unit       Unit
	Cut        int32       // the last day before the hold-out
	Until      int32       // its last day
	Candidates []Candidate // in the order of Kinds, the naive guess last
	Best       int         // among Candidates: the least deviance
	Fitted     Fitted      // the best one, fitted anew on the whole history
}

// Kinds are the candidates.
var Kinds = []Kind{KindBG, KindMBG, KindPareto, KindNBD, KindNaive}

// Choose fits every model on what came before the last quarter of the history (28 to 182 days of it), looks which one told
// that quarter best, and fits it anew on all. Visits are by customer; until is the last day that the data cover. Errors are
// *TooFewError and *HistoryError. While they are tried, models are fitted on fewer customers than the chosen one in the end:
// they differ by far more than that does.
func Choose(visits [][]Visit, until int32, unit Unit, opt FitOptions) (Choice, error) {
	first := until
	for _, theirs := range visits {
		for _, v := range theirs {
			first = min(first, v.Day)
		}
	}
	span := int(until-first) + 1
	if span < leastHoldout*holdoutPart {
		return Choice{}, &TooFewError{FewDays, span, leastHoldout * holdoutPart}
	}
	length := min(mostHoldout, span/holdoutPart)
	c := Choice{Unit: unit, Cut: until - int32(length), Until: until, Best: -1}
	people, _ := HoldOut(visits, until, until, unit)
	if err := enough(people, FewCustomers, FewRepeaters); err != nil {
		return Choice{}, err
	}
	people, actual := HoldOut(visits, c.Cut, until, unit)
	if err := enough(people, FewEarly, FewReturned); err != nil {
		return Choice{}, err
	}
	trial := opt
	trial.Sample = min(cmp.Or(opt.Sample, defaultSample), trialSample)
	for _, kind := range Kinds {
		fitted, err := fitAny(kind, people, trial)
		if err != nil {
			return Choice{}, fmt.Errorf("fitting %s on what came before day %d: %w", kind, c.Cut, err)
		}
		score := Judge(people, Expect(fitted.Model, people, float64(length)/float64(unit)), actual)
		c.Candidates = append(c.Candidates, Candidate{fitted, score})
		if c.Best < 0 || score.Deviance < c.Candidates[c.Best].Score.Deviance {
			c.Best = len(c.Candidates) - 1
		}
	}
	people, _ = HoldOut(visits, until, until, unit)
	var err error
	if c.Fitted, err = fitAny(c.Candidates[c.Best].Fitted.Model.Kind(), people, opt); err != nil {
		return Choice{}, fmt.Errorf("fitting %s on the whole history: %w", c.Candidates[c.Best].Fitted.Model.Kind(), err)
	}
	return c, nil
}

func fitAny(kind Kind, people []History, opt FitOptions) (Fitted, error) {
	if kind != KindNaive {
		return Fit(kind, people, opt)
	}
	return Fitted{Model: Naive{}, Customers: len(people), Repeaters: repeaters(people)}, nil
}

// HoldOut summarises what customers did up to the day cut, and counts on how many days each bought after it, up to until. Who
// first bought after it is left out.
func HoldOut(visits [][]Visit, cut, until int32, unit Unit) (people []History, actual []float64) {
	for _, theirs := range visits {
		h, known := Summarize(theirs, cut, unit)
		if !known {
			continue
		}
		days := map[int32]bool{}
		for _, v := range theirs {
			if v.Day > cut && v.Day <= until {
				days[v.Day] = true
			}
		}
		people, actual = append(people, h), append(actual, float64(len(days)))
	}
	return people, actual
}

// Range is the bounds of purchase days to come between which 80 of 100 customers like this one end up, at least: the 10th
// and the 90th percentile. A customer who has left buys nothing; who has not buys by a negative binomial distribution with
// the model's mean and the shape of what is known of the customer. That a customer may leave within the time is in the mean
// only, and that the parameters are estimates is not in it: over a long time the true range is somewhat wider.
func Range(m Model, h History, time float64) (low, high float64) {
	alive, mean := m.Alive(h), m.Expected(h, time)
	if !(alive > 0) || !(mean > 0) {
		return 0, 0
	}
	shape := shapeOf(m, h)
	mean /= alive
	return quantile(0.1, alive, mean, shape), quantile(0.9, alive, mean, shape)
}

// shapeOf is how much is known of a customer's rate: the more, the closer to a Poisson distribution.
func shapeOf(m Model, h History) float64 {
	switch m := m.(type) {
	case BG:
		return m.R + h.Repeats
	case Pareto:
		return m.R + h.Repeats
	case NBD:
		return m.R + h.Repeats
	}
	return h.Repeats + 1
}

func quantile(share, alive, mean, shape float64) float64 {
	left := 1 - alive
	if share <= left {
		return 0
	}
	logP := -shape * math.Log1p(mean/shape)
	if logP < -600 || mean > 10_000 { // far from 0, where the distribution is a normal one
		z := math.Sqrt2 * math.Erfinv(2*(share-left)/alive-1)
		return math.Floor(max(0, mean+z*math.Sqrt(mean+mean*mean/shape)))
	}
	p := math.Exp(logP)
	sum, n := left+alive*p, 0.0
	for sum < share && n < 1e6 {
		p *= (shape + n) / (n + 1) * mean / (mean + shape)
		sum += alive * p
		n++
	}
	return n
}

// Total is the purchase days to come of all customers together with the range in which 80 of 100 such totals lie. Customers
// are taken to act apart from one another; miss, the share by which the model's total was wrong in the hold-out
// ([Score.Miss]), says how far that is not so, and widens the range.
func Total(m Model, people []History, time, miss float64) (mean, low, high float64) {
	const z = 1.2815515655446004 // the 90th percentile
	variance := 0.0
	for i, e := range Expect(m, people, time) {
		mean += e
		if alive := m.Alive(people[i]); alive > 0 {
			own := e / alive
			variance += alive*(own+own*own*(1+1/shapeOf(m, people[i]))) - e*e
		}
	}
	sd := math.Sqrt(max(0, variance) + miss*miss*mean*mean)
	return mean, max(0, mean-z*sd), mean + z*sd
}

// Miss is by which share of the actual total the expected one was wrong.
func (s Score) Miss() float64 {
	if s.Actual == 0 {
		return 1
	}
	return math.Abs(s.Expected/s.Actual - 1)
}
