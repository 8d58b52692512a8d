package evaluate

import (
	"fmt"
	"time"

	"github.com/kupec/kupec/module/predict"
)

// Standings are what customers are ranked by at the end of a day, in the order of their numbers: days since the last
// purchase day, how many there were, and what was spent. Who had not bought by then is left out; who gives the numbers.
func (o *Orders) Standings(at int32) (standings []predict.Standing, who []uint32) {
	sums := make([]int64, len(o.Customers))
	for i, c := range o.Lines.Customer {
		if o.Lines.Day(i) <= at {
			sums[c] += o.Lines.Amount[i]
		}
	}
	for c, visits := range o.Visits() {
		var s predict.Standing
		for _, v := range visits {
			if v.Day <= at {
				s.Frequency++
				s.Recency = float64(at - v.Day)
			}
		}
		if s.Frequency == 0 {
			continue
		}
		s.Money = float64(sums[c]) / Unit // exact, so that equal sums are equal
		standings, who = append(standings, s), append(who, uint32(c))
	}
	return standings, who
}

// Ranking is how many customers each cell of recency, frequency and money has. Its keys are relied on by others.
type Ranking struct {
	At        string         `json:"at"`
	Method    string         `json:"method"`
	Customers int            `json:"customers"`
	Cells     map[string]int `json:"cells"` // by R, F and M: "555" is the best, "111" the last
}

// Methods are the ways of ranking: fifths of all customers by each, or fifths within fifths.
var Methods = map[string]func([]predict.Standing) []predict.Cell{"independent": predict.Independent, "nested": predict.Nested}

// Rank counts customers by cell at the end of a day. Errors are *DateError and *NeedError.
func (o *Orders) Rank(at int32, method string) (Ranking, error) {
	if _, priced := o.Columns[Price]; !priced {
		return Ranking{}, &NeedError{Price, "what customers spent"}
	}
	first, last := o.Span()
	if at < first {
		return Ranking{}, &DateError{"--at", "lies before the first order", first, last}
	}
	people, _ := o.Standings(at)
	r := Ranking{Date(at).Format(time.DateOnly), method, len(people), map[string]int{}}
	for _, c := range Methods[method](people) {
		r.Cells[fmt.Sprintf("%d%d%d", c.R, c.F, c.M)]++
	}
	return r, nil
}
