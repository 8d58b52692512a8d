package evaluate

import (
	"math"
	"time"

	"github.com/kupec/kupec/module/predict"
)

// NextOrders is how well the date of the next order was told, for the customers who had bought on three days and did buy
// again. Its keys are relied on by others.
type NextOrders struct {
	Until     string  `json:"until"`
	To        string  `json:"to"`
	Customers int     `json:"customers"`
	MAE       NextMAE `json:"mae"`      // days
	Coverage  float64 `json:"coverage"` // of the interval that is to hold half of them
}

// NextMAE is the mean absolute error in days of each way to tell the next order.
type NextMAE struct {
	GlobalMedian   float64 `json:"global_median"`   // everybody comes after the median of all gaps
	PersonalMean   float64 `json:"personal_mean"`   // everybody comes after the mean of one's own gaps
	PersonalWaited float64 `json:"personal_waited"` // likewise, but not before the day after --until
	Conditional    float64 `json:"conditional"`     // predict.Rhythm
}

// NextOrders tells the next order of everybody as of the day until, and compares it with what came up to the day to. Errors
// are *DateError and *predict.TooFewError.
func (o *Orders) NextOrders(until, to int32) (NextOrders, error) {
	first, last := o.Span()
	switch {
	case until < first || until >= last:
		return NextOrders{}, &DateError{"--until", "must lie before the file's last day", first, last}
	case to <= until:
		return NextOrders{}, &DateError{"--to", "must lie after --until", first, last}
	}
	before, next := o.split(until, to)
	rhythm, err := predict.LearnRhythm(before)
	if err != nil {
		return NextOrders{}, err
	}
	n := NextOrders{Until: Date(until).Format(time.DateOnly), To: Date(to).Format(time.DateOnly)}
	for c, days := range before {
		if next[c] == 0 {
			continue
		}
		due, err := rhythm.Next(days, until)
		if err != nil {
			continue // fewer than three purchase days: nothing is told
		}
		came, latest := float64(next[c]), float64(days[len(days)-1])
		mean := (latest - float64(days[0])) / float64(len(days)-1)
		n.Customers++
		n.MAE.GlobalMedian += math.Abs(latest + rhythm.Median - came)
		n.MAE.PersonalMean += math.Abs(latest + mean - came)
		n.MAE.PersonalWaited += math.Abs(max(latest+mean, float64(until)+1) - came)
		n.MAE.Conditional += math.Abs(due.Day - came)
		if due.Low <= came && came <= due.High {
			n.Coverage++
		}
	}
	if n.Customers == 0 {
		return NextOrders{}, &predict.TooFewError{Lack: predict.FewReturns, Needs: 1}
	}
	for _, sum := range []*float64{&n.MAE.GlobalMedian, &n.MAE.PersonalMean, &n.MAE.PersonalWaited, &n.MAE.Conditional, &n.Coverage} {
		*sum /= float64(n.Customers)
	}
	return n, nil
}

// split gives everybody's purchase days up to until, and the first one after it up to to; 0 where there is none.
func (o *Orders) split(until, to int32) (before [][]int32, next []int32) {
	visits := o.Visits()
	before, next = make([][]int32, len(visits)), make([]int32, len(visits))
	for c, theirs := range visits {
		for _, v := range theirs {
			switch {
			case v.Day <= until:
				before[c] = append(before[c], v.Day)
			case v.Day <= to && next[c] == 0:
				next[c] = v.Day
			}
		}
	}
	return before, next
}
