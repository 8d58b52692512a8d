package affinity

import "math"

// likelihoodRatio is Dunning's G² of a 2×2 table: both, only the first, only the second, neither. (T. Dunning, Accurate
// Methods for the Statistics of Surprise and Coincidence, 1993.) It is large for a tie in either direction.
func likelihoodRatio(both, first, second, neither int64) float64 {
	rows := entropy(both+first, second+neither)
	columns := entropy(both+second, first+neither)
	matrix := entropy(both, first, second, neither)
	return max(0, 2*(rows+columns-matrix)) // rounding may leave a hair below 0
}

// entropy is N ln N − Σ k ln k, Shannon's entropy times the sum.
func entropy(counts ...int64) float64 {
	var sum int64
	var parts float64
	for _, k := range counts {
		sum += k
		parts += xLogX(k)
	}
	return xLogX(sum) - parts
}

func xLogX(k int64) float64 {
	if k == 0 {
		return 0
	}
	return float64(k) * math.Log(float64(k))
}

// tie is how two products hang together, in people or in orders.
type tie struct {
	both, first, second int64 // buyers of both, of the first, of the second
	recent              int64 // buyers of the second in the last 90 days
	all                 int64 // buyers of anything
}

func (h *history) tie(first, second, both uint32) tie {
	return tie{both: int64(both), first: int64(h.buyers[first]), second: int64(h.buyers[second]), recent: int64(h.recent[second]), all: int64(h.rows())}
}

// Bounds of a tie that is told to people.
const (
	leastBoth       = 3
	likelihoodFloor = 10.83
)

// real says whether a tie is more than chance.
func (t tie) real() bool { return t.both >= leastBoth && t.likelihood() >= likelihoodFloor }

// likelihood is the ratio, or 0 where both are bought together no more than chance would have it.
func (t tie) likelihood() float64 {
	if t.both*t.all <= t.first*t.second {
		return 0
	}
	return likelihoodRatio(t.both, t.first-t.both, t.second-t.both, t.all-t.first-t.second+t.both)
}

// cosine is shrunk towards nothing where few people stand behind it.
func (t tie) cosine() float64 {
	both := float64(t.both)
	return both / math.Sqrt(float64(t.first)*float64(t.second)) * both / (both + shrinkage)
}

// lately is how much of the second product's sales is of the last 90 days, drawn to a quarter where there are few.
func (t tie) lately() float64 { return (float64(t.recent) + 5) / (float64(t.second) + 20) }
