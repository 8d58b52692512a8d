package evaluate

import "github.com/kupec/kupec/module/predict"

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
