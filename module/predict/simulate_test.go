package predict_test

import (
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/kupec/kupec/module/predict"
)

// simulate makes customers who behave as BG/NBD and Gamma-Gamma have it, watched for up to two years, by the week; ages,
// and with them everything, lie on days, as they do in a shop.
func simulate(n int, m predict.BG, w predict.GammaGamma, seed uint64) []predict.History {
	source := rand.NewPCG(seed, 1)
	random := rand.New(source)
	people := make([]predict.History, n)
	for i := range people {
		age := math.Ceil(random.Float64()*728) / 7
		rate := distuv.Gamma{Alpha: m.R, Beta: m.Alpha, Src: source}.Rand()
		leave := distuv.Beta{Alpha: m.A, Beta: m.B, Src: source}.Rand()
		h := predict.History{Age: age}
		for at := 0.0; ; {
			at += random.ExpFloat64() / rate
			day := math.Ceil(at*7) / 7
			if day > age {
				break
			}
			if day > h.Last {
				h.Repeats, h.Last = h.Repeats+1, day
			}
			if random.Float64() < leave {
				break
			}
		}
		if h.Repeats > 0 {
			scale := distuv.Gamma{Alpha: w.Q, Beta: w.V, Src: source}.Rand()
			h.Value = distuv.Gamma{Alpha: w.P * h.Repeats, Beta: scale * h.Repeats, Src: source}.Rand()
		}
		people[i] = h
	}
	return people
}
