package predict

import "math"

// NBD is the model in which nobody leaves: purchase rates are gamma distributed (shape R, rate Alpha).
type NBD struct{ R, Alpha float64 }

var _ Model = NBD{}

// Kind is KindNBD.
func (m NBD) Kind() Kind { return KindNBD }

// Params are the parameters by their names in the literature.
func (m NBD) Params() []Param { return []Param{{"r", m.R}, {"alpha", m.Alpha}} }

// Alive is 1.
func (m NBD) Alive(History) float64 { return 1 }

// Expected is the mean number of purchases within the time after the history's end.
func (m NBD) Expected(h History, time float64) float64 {
	return (m.R + h.Repeats) / (m.Alpha + h.Age) * max(0, time)
}

func nbdSlope(rows []group, theta, slope []float64) float64 {
	m := NBD{math.Exp(theta[0]), math.Exp(theta[1])}
	byR := tabulate(m.R, mostRepeats(rows))
	var sum, dr, dalpha float64
	for _, g := range rows {
		x, n, w := int(g.Repeats), m.R+g.Repeats, float64(g.count)
		logAge := math.Log(m.Alpha + g.Age)
		sum += w * (byR.log[x] - byR.log[0] + m.R*theta[1] - n*logAge)
		dr += w * (byR.slope[x] - byR.slope[0] + theta[1] - logAge)
		dalpha += w * (m.R/m.Alpha - n/(m.Alpha+g.Age))
	}
	if slope != nil {
		slope[0], slope[1] = dr*m.R, dalpha*m.Alpha
	}
	return sum
}

// Naive is the guess without a model: customers go on at the rate that they had.
type Naive struct{}

var _ Model = Naive{}

// Kind is KindNaive.
func (Naive) Kind() Kind { return KindNaive }

// Params is empty.
func (Naive) Params() []Param { return nil }

// Alive is 1.
func (Naive) Alive(History) float64 { return 1 }

// Expected is repeats per time watched, times the time to come. Who was watched for less than a unit counts as one unit.
func (Naive) Expected(h History, time float64) float64 {
	return h.Repeats / max(h.Age, 1) * max(0, time)
}
