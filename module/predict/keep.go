package predict

import "slices"

// Ratios are what a rhythm keeps of how gaps vary, measured by the personal mean: n of them, evenly picked, ascending. With
// Mean and Median they are enough for [NewRhythm].
func (r *Rhythm) Ratios(n int) []float64 {
	if len(r.ratios) <= n {
		return slices.Clone(r.ratios)
	}
	out := make([]float64, n)
	for i := range out {
		out[i] = r.ratios[i*(len(r.ratios)-1)/(n-1)]
	}
	return out
}

// NewRhythm is a rhythm of what was kept of one. The mean and the median may be of one product, with ratios of all.
func NewRhythm(mean, median float64, ratios []float64) *Rhythm {
	return &Rhythm{Mean: mean, Median: median, ratios: ratios}
}
