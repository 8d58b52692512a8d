package predict

import (
	"fmt"
	"math"
	"slices"
)

// History is what the models know of a customer. Times are in the unit of whoever calls, a day or a week.
type History struct {
	Repeats float64 // purchase days after the first; whole
	Last    float64 // from the first purchase day to the last one; 0 where there is one
	Age     float64 // from the first purchase day to now; Last or more
	Value   float64 // mean worth of a purchase day after the first; 0 where there is none
}

// Unit is how many days a unit of time has.
type Unit float64

// The units.
const (
	Days  Unit = 1
	Weeks Unit = 7
)

// Visit is a purchase day with what was spent on it.
type Visit struct {
	Day   int32 // days since any fixed day
	Spent float64
}

// Summarize makes a history of somebody's purchases up to and with the day until; several on a day count as one. Nobody who
// has not bought by then has a history.
func Summarize(visits []Visit, until int32, unit Unit) (History, bool) {
	visits = slices.Clone(visits)
	slices.SortStableFunc(visits, func(a, b Visit) int { return int(a.Day) - int(b.Day) })
	if len(visits) == 0 || visits[0].Day > until {
		return History{}, false
	}
	first, last := visits[0].Day, visits[0].Day
	repeats, spent := 0, 0.0
	for _, v := range visits {
		if v.Day > until {
			break
		}
		if v.Day > last {
			last = v.Day
			repeats++
		}
		if v.Day > first {
			spent += v.Spent
		}
	}
	h := History{Repeats: float64(repeats), Last: float64(last-first) / float64(unit), Age: float64(until-first) / float64(unit)}
	if repeats > 0 {
		h.Value = spent / float64(repeats)
	}
	return h, true
}

// check finds what no customer can have.
func (h History) check() error {
	switch {
	case !(h.Repeats >= 0 && h.Repeats <= 1e6) || h.Repeats != math.Trunc(h.Repeats):
		return fmt.Errorf("repeats are %g, not a whole number from 0 to a million", h.Repeats)
	case !(h.Last >= 0 && h.Last <= h.Age && h.Age <= 1e6):
		return fmt.Errorf("the last purchase is at %g of an age of %g; it must lie between 0 and the age, and the age below a million", h.Last, h.Age)
	case h.Repeats == 0 && h.Last > 0, h.Repeats > 0 && h.Last == 0:
		return fmt.Errorf("%g repeats with the last at %g do not go together", h.Repeats, h.Last)
	case !(h.Value >= 0 && h.Value <= 1e12):
		return fmt.Errorf("a purchase is worth %g, not 0 to a million millions", h.Value)
	}
	return nil
}
