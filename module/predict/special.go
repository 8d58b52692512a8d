package predict

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

func lgamma(x float64) float64 {
	v, _ := math.Lgamma(x)
	return v
}

// shrunk is (1 − q^(k)) / k for q = e^(−logQ), and −log q where k is 0: the mean number of purchases before death and the like.
func shrunk(k, minusLogQ float64) float64 {
	if k == 0 {
		return minusLogQ
	}
	return -math.Expm1(-k*minusLogQ) / k
}

// softplus is log(1 + e^x).
func softplus(x float64) float64 {
	if x > 0 {
		return x + math.Log1p(math.Exp(-x))
	}
	return math.Log1p(math.Exp(x))
}

// table keeps lnΓ(p+n) and ψ(p+n) for the whole numbers n that a fit meets; most customers share few of them.
type table struct{ log, slope []float64 }

func tabulate(p float64, to int) table {
	t := table{make([]float64, to+1), make([]float64, to+1)}
	for n := range t.log {
		t.log[n], t.slope[n] = lgamma(p+float64(n)), mathext.Digamma(p+float64(n))
	}
	return t
}

// hyper is Gauss' ₂F₁(a, b; c; z) for 0 ≤ z ≤ 0.9 by its series.
func hyper(a, b, c, z float64) float64 {
	sum, term := 1.0, 1.0
	for n := range 2000 {
		i := float64(n)
		term *= (a + i) * (b + i) / ((c + i) * (i + 1)) * z
		sum += term
		if math.Abs(term) <= 1e-16*math.Abs(sum) {
			break
		}
	}
	return sum
}

// tanhSinh integrates f over 0 to 1; f gets a point and its distance to 1, so that it may be steep at both ends
// (H. Takahasi, M. Mori, Double exponential formulas for numerical integration, 1974). At a step of 1/16 it knows some 15
// digits of what is smooth; what has a narrow peak needs a lesser one.
func tanhSinh(step float64, f func(p, q float64) float64) float64 {
	const most = 6.0
	sum := 0.0
	for i := range int(2*most/step) + 1 {
		t := -most + float64(i)*step
		s := math.Pi * math.Sinh(t) // p = 1/(1+e^−s)
		p, q := 1/(1+math.Exp(-s)), 1/(1+math.Exp(s))
		weight := math.Pi * math.Cosh(t) * p * q
		if p == 0 || q == 0 || weight == 0 {
			continue
		}
		if v := f(p, q) * weight; !math.IsNaN(v) && !math.IsInf(v, 0) {
			sum += v
		}
	}
	return sum * step
}

// rule is Gauss and Legendre's: where to look between −1 and 1, and what it weighs.
type rule struct{ nodes, weights []float64 }

// points is how many the finer rule has.
const points = 24

// The finer rule is exact to some 14 digits for what falls by e^37 on its way, the coarser one for what falls by e^6.
var finer, coarser = legendre(points), legendre(points / 2)

func legendre(n int) rule {
	r := rule{make([]float64, n), make([]float64, n)}
	for i := range n {
		x := math.Cos(math.Pi * (float64(i) + 0.75) / (float64(n) + 0.5))
		slope := 0.0
		for range 100 {
			before, now := 1.0, x
			for k := 2; k <= n; k++ {
				before, now = now, ((2*float64(k)-1)*x*now-(float64(k)-1)*before)/float64(k)
			}
			slope = float64(n) * (x*now - before) / (x*x - 1)
			step := now / slope
			if x -= step; math.Abs(step) < 1e-15 {
				break
			}
		}
		r.nodes[i], r.weights[i] = x, 2/((1-x*x)*slope*slope)
	}
	return r
}
