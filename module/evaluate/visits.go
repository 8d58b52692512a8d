package evaluate

import "github.com/kupec/kupec/module/predict"

// Visits are each customer's purchase days, by the customers' numbers, in ascending order and each once.
func (o *Orders) Visits() [][]predict.Visit {
	start, lines := o.ByCustomer()
	visits := make([][]predict.Visit, len(o.Customers))
	for c := range visits {
		var theirs []predict.Visit
		spent := int64(0)
		for _, i := range lines[start[c]:start[c+1]] {
			day := o.Lines.Day(int(i))
			if n := len(theirs); n == 0 || theirs[n-1].Day != day {
				theirs, spent = append(theirs, predict.Visit{Day: day}), 0
			}
			spent += o.Lines.Amount[i]
			theirs[len(theirs)-1].Spent = float64(spent) / Unit
		}
		visits[c] = theirs
	}
	return visits
}
