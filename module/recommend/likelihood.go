package recommend

import "math"

// Bounds of the measure; the package comment says why.
const (
	likelihoodFloor = 10.83
	leastBoth       = 3
	shrinkage       = 10
	recentDays      = 90
	newestPerPerson = 50
	keptPerProduct  = 50
)

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

// tie is how two products hang together, in people.
type tie struct {
	both, first, second int64 // buyers of both, of the first, of the second
	recent              int64 // buyers of the second in the last 90 days
	people              int64 // buyers of anything
}

// likelihood is the ratio, or 0 where both are bought together no more than chance would have it.
func (t tie) likelihood() float64 {
	if t.both*t.people <= t.first*t.second {
		return 0
	}
	return likelihoodRatio(t.both, t.first-t.both, t.second-t.both, t.people-t.first-t.second+t.both)
}

func (t tie) score() float64 {
	both := float64(t.both)
	cosine := both / math.Sqrt(float64(t.first)*float64(t.second))
	return cosine * both / (both + shrinkage) * (float64(t.recent) + 5) / (float64(t.second) + 20)
}

func (t tie) real() bool { return t.both >= leastBoth && t.likelihood() >= likelihoodFloor }
