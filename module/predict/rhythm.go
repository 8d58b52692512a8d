package predict

import (
	"math"
	"slices"
)

// Rhythm is how long people wait between purchases, measured by their own mean. It is learnt from a shop for the next order,
// and from a product or a category for its refill.
type Rhythm struct {
	Mean   float64   // days from one purchase to the next, over all gaps
	Median float64   // likewise
	ratios []float64 // gap by personal mean, ascending
}

const (
	leastGaps    = 30
	leastVisits  = 3  // purchase days of somebody whose next order is told
	shrinkDays   = 1  // gaps by which the shop's mean weighs in a personal one
	steadyUpTo   = .6 // coefficient of variation of gaps
	refillShare  = .15
	intervalLow  = .25
	intervalHigh = .75
)

// LearnRhythm learns from purchase days, by person (or by person and product), each in ascending order and once. Who came
// once or twice tells nothing of how one's gaps vary, but counts for the mean.
func LearnRhythm(days [][]int32) (*Rhythm, error) {
	var gaps []float64
	for _, theirs := range days {
		for i := 1; i < len(theirs); i++ {
			gaps = append(gaps, float64(theirs[i]-theirs[i-1]))
		}
	}
	if len(gaps) < leastGaps {
		return nil, &TooFewError{FewGaps, len(gaps), leastGaps}
	}
	r := &Rhythm{}
	for _, g := range gaps {
		r.Mean += g / float64(len(gaps))
	}
	slices.Sort(gaps)
	r.Median = middle(gaps)
	for _, theirs := range days {
		if len(theirs) < leastVisits {
			continue
		}
		own := r.personal(theirs)
		for i := 1; i < len(theirs); i++ {
			r.ratios = append(r.ratios, float64(theirs[i]-theirs[i-1])/own)
		}
	}
	if len(r.ratios) < leastGaps {
		return nil, &TooFewError{FewRhythms, len(r.ratios), leastGaps}
	}
	slices.Sort(r.ratios)
	return r, nil
}

// personal is a person's mean gap, drawn towards the mean of all.
func (r *Rhythm) personal(days []int32) float64 {
	gaps := float64(len(days) - 1)
	return (float64(days[len(days)-1]-days[0]) + shrinkDays*r.Mean) / (gaps + shrinkDays)
}

// Due is when somebody is expected.
type Due struct {
	Day       float64 // days since the day that the purchase days count from
	Low, High float64 // half of such people come between them
	Overdue   bool    // nobody yet came back after waiting so long: Day, Low and High are the day after the last known
}

// Next says when the next purchase is due for somebody with these purchase days, who has not come again up to until. It is
// the median of the gaps of people who had waited at least as long, measured by their own mean. Below three purchase days the
// error is a *TooFewError.
func (r *Rhythm) Next(days []int32, until int32) (Due, error) {
	if len(days) < leastVisits {
		return Due{}, &TooFewError{FewVisits, len(days), leastVisits}
	}
	return r.due(days, until), nil
}

func (r *Rhythm) due(days []int32, until int32) Due {
	last, own := days[len(days)-1], r.personal(days)
	waited := float64(until-last) / own
	from, found := slices.BinarySearch(r.ratios, waited)
	for found && from < len(r.ratios) && r.ratios[from] == waited {
		from++
	}
	rest := r.ratios[from:]
	if len(rest) == 0 {
		day := float64(until) + 1
		return Due{day, day, day, true}
	}
	at := func(share float64) float64 {
		return float64(last) + own*rest[min(len(rest)-1, int(share*float64(len(rest))))]
	}
	return Due{Day: at(.5), Low: at(intervalLow), High: at(intervalHigh)}
}

// NotRegularError says that a product is not bought again in a way that tells when.
type NotRegularError struct {
	Visits    int
	Variation float64 // coefficient of variation of the gaps; 0 where there are fewer than two
	Share     float64 // of the product's buyers who bought it again
}

func (e *NotRegularError) Error() string {
	return "bought too rarely or too unevenly to tell when it is due again"
}

// Refill says when somebody is likely to need a product again. It does so for people who bought it on three days at least in
// even gaps, and for everybody where at least 15 of 100 buyers bought it again; share is how many did. Else the error is a
// *NotRegularError.
func (r *Rhythm) Refill(days []int32, share float64, until int32) (Due, error) {
	variation := variation(days)
	even := len(days) >= leastVisits && variation <= steadyUpTo
	if len(days) == 0 || !even && share < refillShare {
		return Due{}, &NotRegularError{len(days), variation, share}
	}
	return r.due(days, until), nil
}

// Again is the share of people who bought on more than one day.
func Again(days [][]int32) float64 {
	again, all := 0, 0
	for _, theirs := range days {
		if len(theirs) > 0 {
			all++
		}
		if len(theirs) > 1 {
			again++
		}
	}
	if all == 0 {
		return 0
	}
	return float64(again) / float64(all)
}

// variation is the standard deviation of the gaps by their mean, the former with n−1.
func variation(days []int32) float64 {
	n := float64(len(days) - 1)
	if n < 2 {
		return 0
	}
	mean := float64(days[len(days)-1]-days[0]) / n
	sum := 0.0
	for i := 1; i < len(days); i++ {
		d := float64(days[i]-days[i-1]) - mean
		sum += d * d
	}
	return math.Sqrt(sum/(n-1)) / mean
}

// middle is the median of what is sorted.
func middle(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
