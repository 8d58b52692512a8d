package predict

import "math"

// Pareto is the Pareto/NBD model: purchase rates are gamma distributed (shape R, rate Alpha), lifetimes are exponential with
// rates that are gamma distributed (shape S, rate Beta).
type Pareto struct{ R, Alpha, S, Beta float64 }

var _ Model = Pareto{}

// Kind is KindPareto.
func (m Pareto) Kind() Kind { return KindPareto }

// Params are the parameters by their names in the literature.
func (m Pareto) Params() []Param {
	return []Param{{"r", m.R}, {"alpha", m.Alpha}, {"s", m.S}, {"beta", m.Beta}}
}

// Alive is the probability that a customer has not left.
func (m Pareto) Alive(h History) float64 {
	odds, _ := m.gone(h, false)
	return 1 / (1 + math.Exp(odds))
}

// Expected is the mean number of purchases within the time after the history's end.
func (m Pareto) Expected(h History, time float64) float64 {
	if time <= 0 {
		return 0
	}
	rate := (m.R + h.Repeats) / (m.Alpha + h.Age)
	return m.Alive(h) * rate * (m.Beta + h.Age) * shrunk(m.S-1, math.Log1p(time/(m.Beta+h.Age)))
}

// Discounted is the expected number of purchases over all time to come, each discounted continuously at the rate per unit of
// time (DERT: P. Fader, B. Hardie, K. L. Lee, RFM and CLV, J. of Marketing Research 42, 2005).
func (m Pareto) Discounted(h History, rate float64) float64 {
	b := m.Beta + h.Age
	// ∫ (1+t/b)^−s e^(−rate·t) dt, with 1+t/b = e^u, up to where the discount leaves nothing.
	c := rate * b
	const panels = 16
	end := math.Log1p(40 / c)
	sum := 0.0
	for p := range panels {
		mid, half := end*(float64(p)+0.5)/panels, end/(2*panels)
		for i, x := range finer.nodes {
			u := mid + half*x
			sum += half * finer.weights[i] * math.Exp(u*(1-m.S)-c*math.Expm1(u))
		}
	}
	return m.Alive(h) * (m.R + h.Repeats) / (m.Alpha + h.Age) * b * sum
}

// means are what the slope of the likelihood needs of those who have left: the means, over the moment τ of leaving, of
// ln(α+τ), 1/(α+τ), ln(β+τ), 1/(β+τ).
type means struct{ logA, overA, logB, overB float64 }

// gone is the logarithm of the odds that a customer has left: the integral over the moment of leaving,
//
//	∫ s (α+τ)^−(r+x) (β+τ)^−(s+1) dτ from t_x to T, over (α+T)^−(r+x) (β+T)^−s.
//
// All of it is positive, so that nothing cancels out, as it does between the two ₂F₁ of the textbook. With the lesser of α+τ
// and β+τ as e^u it is smooth; where it falls fast, the end that adds nothing is cut off.
func (m Pareto) gone(h History, slope bool) (float64, means) {
	end := m.cut(h)
	if end <= h.Last {
		return math.Inf(-1), means{}
	}
	n, low := m.R+h.Repeats, min(m.Alpha, m.Beta)
	dA, dB := m.Alpha-low, m.Beta-low
	from, to := math.Log(low+h.Last), math.Log(low+end)
	mid, half := (from+to)/2, (to-from)/2
	by := coarser
	if half > 0.5 || (n+m.S+1)*2*half > 6 {
		by = finer
	}
	var f, logA, logB, e [points]float64
	most := math.Inf(-1)
	for i, x := range by.nodes {
		u := mid + half*x
		e[i], logA[i], logB[i] = math.Exp(u), u, u
		if dA > 0 {
			logA[i] = math.Log(dA + e[i])
		}
		if dB > 0 {
			logB[i] = math.Log(dB + e[i])
		}
		f[i] = u - n*logA[i] - (m.S+1)*logB[i]
		most = max(most, f[i])
	}
	sum := 0.0
	var left means
	for i, w := range by.weights {
		f[i] = w * math.Exp(f[i]-most)
		sum += f[i]
		if slope {
			left.logA += f[i] * logA[i]
			left.overA += f[i] / (dA + e[i])
			left.logB += f[i] * logB[i]
			left.overB += f[i] / (dB + e[i])
		}
	}
	left = means{left.logA / sum, left.overA / sum, left.logB / sum, left.overB / sum}
	return math.Log(m.S*half*sum) + most + n*math.Log(m.Alpha+h.Age) + m.S*math.Log(m.Beta+h.Age), left
}

// cut is the moment from which on the integral adds less than a double can tell, or the history's end.
func (m Pareto) cut(h History) float64 {
	const digits = 37
	end := h.Age
	n := m.R + h.Repeats
	if m.Alpha <= m.Beta {
		n--
	} else if s := digits / m.S; s < 700 {
		end = min(end, (m.Beta+h.Last)*math.Exp(s)-m.Beta)
	}
	if n > 0 && digits/n < 700 {
		end = min(end, (m.Alpha+h.Last)*math.Exp(digits/n)-m.Alpha)
	}
	return end
}

func paretoSlope(rows []group, theta, slope []float64) float64 {
	m := Pareto{math.Exp(theta[0]), math.Exp(theta[1]), math.Exp(theta[2]), math.Exp(theta[3])}
	byR := tabulate(m.R, mostRepeats(rows))
	var sum, dr, dalpha, ds, dbeta float64
	for _, g := range rows {
		x, n, w := int(g.Repeats), m.R+g.Repeats, float64(g.count)
		logA, logB := math.Log(m.Alpha+g.Age), math.Log(m.Beta+g.Age)
		odds, left := m.gone(g.History, slope != nil)
		sum += w * (byR.log[x] - byR.log[0] + m.R*theta[1] + m.S*theta[3] - n*logA - m.S*logB + softplus(odds))
		if slope == nil {
			continue
		}
		p := 1 / (1 + math.Exp(odds))
		q := 1 - p
		dr += w * (byR.slope[x] - byR.slope[0] + theta[1] - p*logA - q*left.logA)
		dalpha += w * (m.R/m.Alpha - n*(p/(m.Alpha+g.Age)+q*left.overA))
		ds += w * (theta[3] - p*logB + q*(1/m.S-left.logB))
		dbeta += w * (m.S/m.Beta - p*m.S/(m.Beta+g.Age) - q*(m.S+1)*left.overB)
	}
	if slope != nil {
		slope[0], slope[1], slope[2], slope[3] = dr*m.R, dalpha*m.Alpha, ds*m.S, dbeta*m.Beta
	}
	return sum
}
