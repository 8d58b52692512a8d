package evaluate

import "github.com/kupec/kupec/module/predict"

// NextReport is how well the dates of next orders are told, and what they are now.
type NextReport struct {
	Missing  *Missing    `json:"missing,omitempty"`
	Backtest *NextOrders `json:"backtest,omitempty"`
	Due      *DueNow     `json:"due,omitempty"`
}

// DueNow is who is expected, as of the file's last day. Only who bought on three days is told of.
type DueNow struct {
	Customers int     `json:"customers"`
	Soon      int     `json:"within_30_days"`
	Overdue   int     `json:"overdue"` // waiting longer than anybody who came back
	Median    float64 `json:"median_gap_days"`
}

// The days that are held out are those that predict.Choose holds out: the last quarter of the history, half a year at most.
const (
	leastSpan  = 112 // days
	mostHeld   = 182
	heldOutOf  = 4
	soonWithin = 30
)

func (o *Orders) nextReport(visits [][]predict.Visit, first, last int32) (n NextReport, err error) {
	days := daysOf(visits)
	rhythm, err := predict.LearnRhythm(days)
	if err != nil {
		n.Missing, err = lacking(err)
		return n, err
	}
	n.Due = due(rhythm, days, last)
	span := last - first + 1
	if span < leastSpan {
		n.Missing = &Missing{What: string(predict.FewDays), Has: int(span), Needs: leastSpan}
		return n, nil
	}
	told, err := o.NextOrders(last-min(mostHeld, span/heldOutOf), last)
	if err != nil {
		n.Missing, err = lacking(err)
		return n, err
	}
	n.Backtest = &told
	return n, nil
}

func due(rhythm *predict.Rhythm, days [][]int32, last int32) *DueNow {
	d := DueNow{Median: rhythm.Median}
	for _, theirs := range days {
		next, err := rhythm.Next(theirs, last)
		if err != nil {
			continue // fewer than three purchase days: nothing is told
		}
		d.Customers++
		switch {
		case next.Overdue:
			d.Overdue++
		case next.Day <= float64(last+soonWithin):
			d.Soon++
		}
	}
	return &d
}
