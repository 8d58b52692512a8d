package predict

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// BG is the BG/NBD model, or the MBG/NBD one where customers can leave after their first purchase too. Purchase rates are
// gamma distributed (shape R, rate Alpha); after a purchase a customer leaves with a probability that is beta distributed (A, B).
type BG struct {
	R, Alpha, A, B float64
	Modified       bool // MBG/NBD
}

var _ Model = BG{}

// Kind is KindBG or KindMBG.
func (m BG) Kind() Kind {
	if m.Modified {
		return KindMBG
	}
	return KindBG
}

// Params are the parameters by their names in the literature.
func (m BG) Params() []Param {
	return []Param{{"r", m.R}, {"alpha", m.Alpha}, {"a", m.A}, {"b", m.B}}
}

// chances is how often a customer could have left.
func (m BG) chances(repeats float64) float64 {
	if m.Modified {
		return repeats + 1
	}
	return repeats
}

// gone is the odds that a customer has left.
func (m BG) gone(h History) float64 {
	k := m.chances(h.Repeats)
	if k == 0 {
		return 0
	}
	return math.Exp(math.Log(m.A) - math.Log(m.B+k-1) + (m.R+h.Repeats)*math.Log1p((h.Age-h.Last)/(m.Alpha+h.Last)))
}

// Alive is the probability that a customer has not left. BG/NBD's is 1 for everybody who bought once.
func (m BG) Alive(h History) float64 { return 1 / (1 + m.gone(h)) }

// Expected is the mean number of purchases within the time after the history's end.
func (m BG) Expected(h History, time float64) float64 {
	return m.ifAlive(h.Repeats, h.Age, time) * m.Alive(h)
}

// seriesTo is the largest z at which the series ends after a few hundred terms.
const seriesTo = 0.9

// Chance is the probability that a new customer buys again on n days within the time.
func (m BG) Chance(n int, time float64) float64 {
	x, share := float64(n), time/(m.Alpha+time)
	k := m.chances(x)
	log := mathext.Lbeta(m.A, m.B+k) + lgamma(m.R+x) - lgamma(m.R) - lgamma(x+1) + m.R*math.Log1p(-share) + x*math.Log(share)
	chance := math.Exp(log - mathext.Lbeta(m.A, m.B))
	if k > 0 {
		reached := 1.0 // the chance of n purchases or more, if nobody left
		if n > 0 {
			reached = mathext.RegIncBeta(x, m.R, share)
		}
		chance += reached * math.Exp(mathext.Lbeta(m.A+1, m.B+k-1)-mathext.Lbeta(m.A, m.B))
	}
	return chance
}

// ifAlive is Expected for a customer who has not left; it does not depend on when the last purchase was. The textbook's form
// overflows from some 500 purchases on; this is its Euler transform.
func (m BG) ifAlive(repeats, age, time float64) float64 {
	if time <= 0 {
		return 0
	}
	k := m.chances(repeats)
	z := time / (m.Alpha + age + time)
	c := m.A + m.B + k - 1
	first := c - m.R - repeats
	if z > seriesTo || c < 1 || first < -20 || math.Abs(m.A-1) < 1e-3 || m.A > 200 || m.B > 1e4 {
		return m.integrated(m.R+repeats, m.B+k, time/(m.Alpha+age))
	}
	return max(0, c/(m.A-1)*(1-math.Exp((m.A-1)*math.Log1p(-z))*hyper(first, m.A-1, c, z))) // rounding may leave a hair below 0
}

// narrow is the width of the distribution of p, in its log-odds, below which its mean and its variance tell all.
const narrow = 0.03

// integrated is the same as an integral over the probability p of leaving, for parameters at which the series is slow or
// loses digits: the mean of (1 − (1+pc)^−shape) / p. Its values at both ends are taken out, so that what is left is flat there.
func (m BG) integrated(shape, b, c float64) float64 {
	mean := func(p float64) float64 {
		if p*c*shape < 1e-12 {
			return shape * c
		}
		return -math.Expm1(-shape*math.Log1p(p*c)) / p
	}
	middle, width := m.A/(m.A+b), math.Sqrt(1/m.A+1/b)
	if width < narrow {
		d := math.Sqrt(middle * (1 - middle) / (m.A + b + 1))
		return (mean(middle-d) + mean(middle+d)) / 2
	}
	at0, at1 := shape*c, mean(1)
	norm := mathext.Lbeta(m.A, b)
	step := min(1./16, 0.8*width/math.Hypot(math.Pi, math.Log(m.A/b))) // at the peak the log-odds go π·cosh as fast
	rest := tanhSinh(step, func(p, q float64) float64 {
		return (mean(p) - at0 - p*(at1-at0)) * math.Exp((m.A-1)*math.Log(p)+(b-1)*math.Log(q)-norm)
	})
	return max(0, at0+(at1-at0)*middle+rest)
}

// bgSlope adds up the log-likelihood of grouped histories and its slope by the logarithms of r, α, a, b.
func bgSlope(rows []group, modified bool, theta, slope []float64) float64 {
	m := BG{math.Exp(theta[0]), math.Exp(theta[1]), math.Exp(theta[2]), math.Exp(theta[3]), modified}
	most := mostRepeats(rows)
	byR, byB, byAB := tabulate(m.R, most), tabulate(m.B, most+1), tabulate(m.A+m.B, most+1)
	logAlpha, logA := theta[1], theta[2]
	var sum, dr, dalpha, da, db float64
	for _, g := range rows {
		x, k := int(g.Repeats), int(m.chances(g.Repeats))
		n := m.R + g.Repeats
		logAge := math.Log(m.Alpha + g.Age)
		stay, left := 1.0, 0.0
		whole := -n * logAge
		logLast := 0.0
		if k > 0 {
			logLast = math.Log(m.Alpha + g.Last)
			odds := math.Exp(logA - math.Log(m.B+float64(k)-1) + n*(logAge-logLast))
			stay = 1 / (1 + odds)
			left = 1 - stay
			if math.IsInf(odds, 1) {
				whole = logA - math.Log(m.B+float64(k)-1) - n*logLast
			} else {
				whole += math.Log1p(odds)
			}
		}
		w := float64(g.count)
		sum += w * (byR.log[x] - byR.log[0] + m.R*logAlpha + byAB.log[0] + byB.log[k] - byB.log[0] - byAB.log[k] + whole)
		if slope == nil {
			continue
		}
		dr += w * (byR.slope[x] - byR.slope[0] + logAlpha - stay*logAge - left*logLast)
		dalpha += w * (m.R/m.Alpha - n*(stay/(m.Alpha+g.Age)+left/(m.Alpha+g.Last)))
		da += w * (byAB.slope[0] - byAB.slope[k] + left/m.A)
		db += w * (byAB.slope[0] - byAB.slope[k] + byB.slope[k] - byB.slope[0])
		if k > 0 {
			db -= w * left / (m.B + float64(k) - 1)
		}
	}
	if slope != nil {
		slope[0], slope[1], slope[2], slope[3] = dr*m.R, dalpha*m.Alpha, da*m.A, db*m.B
	}
	return sum
}
