package affinity

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestASystemOfEquationsIsSolved(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 9))
	for n := 1; n <= 50; n++ {
		a, b := make([]float64, n*n), make([]float64, n)
		var rows [80][]float64
		for k := range rows {
			rows[k] = make([]float64, n)
			for i := range n {
				rows[k][i] = r.Float64() - .5
			}
		}
		for i := range n {
			b[i] = r.Float64()
			for j := range n {
				for _, row := range rows {
					a[i*n+j] += row[i] * row[j]
				}
			}
			a[i*n+i] += 2
		}
		full, want := slices.Clone(a), slices.Clone(b)
		solve(a, b, 2)
		for i := range n {
			sum := 0.0
			for j := range n {
				sum += full[i*n+j] * b[j]
			}
			if math.Abs(sum-want[i]) > 1e-9 {
				t.Fatalf("n %d: row %d gives %v, want %v", n, i, sum, want[i])
			}
		}
	}
}

// Two products that nearly everybody has with a third, but whose own pair was not kept, make a matrix that no people can
// have made. Weights stay within reason all the same.
func TestAMatrixThatCannotBeGivesNoWildWeights(t *testing.T) {
	t.Parallel()
	a := []float64{250, 190, 190, 190, 250, 0, 190, 0, 250}
	b := []float64{180, 180, 180}
	solve(a, b, 50)
	for _, w := range b {
		if math.IsNaN(w) || math.Abs(w) > 10 {
			t.Errorf("weights %v", b)
		}
	}
}

// The weights are those of the regression over all people, worked out here one person after the other: the gradient of its
// loss is nothing where the ridge says that it is least.
func TestTheRidgeIsTheRegressionOverAllPeople(t *testing.T) {
	t.Parallel()
	trade := someTrade(6, 400)
	h := trade.people(365)
	c, err := count(t.Context(), h, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := newRidge(c)
	checked := 0
	for item := range uint32(40) {
		weights := slices.Clone(r.weights(item))
		for _, one := range weights {
			gradient := ridgePenalty * float64(one.Score)
			for row := range h.rows() {
				has := h.newest(row)
				if !slices.Contains(has, one.Product) {
					continue
				}
				residual := 0.0
				if slices.Contains(has, item) {
					residual = -1
				}
				for _, w := range weights {
					if slices.Contains(has, w.Product) {
						residual += float64(w.Score)
					}
				}
				gradient += residual
			}
			if checked++; math.Abs(gradient) > 1e-3 {
				t.Errorf("product %d: the weight of %d is %v off", item, one.Product, gradient)
			}
		}
	}
	if checked < 500 {
		t.Errorf("only %d weights checked", checked)
	}
}
