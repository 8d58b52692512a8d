package predict

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/optimize"
)

// Least data for a fit. Fewer customers than this cannot tell four parameters.
const (
	LeastCustomers = 50
	LeastRepeaters = 20
)

// FitOptions bounds a fit. The zero value is sensible.
type FitOptions struct {
	Sample int    // customers at most that the parameters are fitted on; default 50,000
	Seed   uint64 // of the sample
}

const defaultSample = 50_000

// Fitted is a model with how it was found.
type Fitted struct {
	Model         Model
	LogLikelihood float64 // of all customers
	Customers     int
	Repeaters     int
	Sample        int         // customers that the parameters were fitted on
	Degenerate    *Degenerate // why Model is not of the kind that was asked for; nil: it is
}

// group is equal histories.
type group struct {
	History
	count int
}

// family is how a kind of model is fitted.
type family struct {
	slope func(rows []group, theta, slope []float64) float64
	make  func(p []float64) Model
	start func(age float64) [][]float64 // the parameters to begin with, for a mean age
}

func families(kind Kind) (family, error) {
	switch kind {
	case KindBG, KindMBG:
		modified := kind == KindMBG
		return family{
			func(rows []group, theta, slope []float64) float64 { return bgSlope(rows, modified, theta, slope) },
			func(p []float64) Model { return BG{p[0], p[1], p[2], p[3], modified} },
			func(age float64) [][]float64 {
				return [][]float64{{0.5, age / 4, 1, 2}, {1, age, 0.3, 3}, {0.2, age / 10, 2, 1}}
			},
		}, nil
	case KindPareto:
		return family{
			paretoSlope,
			func(p []float64) Model { return Pareto{p[0], p[1], p[2], p[3]} },
			func(age float64) [][]float64 {
				return [][]float64{{0.5, age / 3, 0.5, age / 3}, {1, age, 1, age * 2}, {0.3, age / 10, 0.3, age / 10}}
			},
		}, nil
	case KindNBD:
		return family{
			nbdSlope,
			func(p []float64) Model { return NBD{p[0], p[1]} },
			func(age float64) [][]float64 { return [][]float64{{0.5, age / 2}, {1, age * 2}} },
		}, nil
	}
	return family{}, fmt.Errorf("%q is not a model that can be fitted: take %s, %s, %s or %s", kind, KindBG, KindMBG, KindPareto, KindNBD)
}

// Limit stands in for a model whose likelihood grows as customers become alike in something: it is the model at the bound,
// as near to its limit as it is told from it.
const Limit = "limit"

// Fit finds the parameters under which what customers did is likeliest. Where the likelihood is no better than that of the
// model in which nobody leaves, it gives that one, an NBD; where it has no maximum, the model at its [Limit]. It says so.
// Errors are *TooFewError and *HistoryError.
func Fit(kind Kind, people []History, opt FitOptions) (Fitted, error) {
	f, err := families(kind)
	if err != nil {
		return Fitted{}, err
	}
	found := Fitted{Customers: len(people)}
	for i, h := range people {
		if err := h.check(); err != nil {
			return Fitted{}, &HistoryError{i, err}
		}
	}
	found.Repeaters = repeaters(people)
	if err := enough(people, FewCustomers, FewRepeaters); err != nil {
		return Fitted{}, err
	}
	sample := some(people, cmp.Or(opt.Sample, defaultSample), opt.Seed)
	found.Sample = len(sample)
	rows, few := gather(sample), gather(sample[:min(len(sample), firstSample)])
	theta := climb(f, rows, few, meanAge(rows))
	found.Model = f.make(exps(theta))
	if kind != KindNBD {
		nbd, err := families(KindNBD)
		if err != nil {
			return Fitted{}, err
		}
		stay := climb(nbd, rows, few, meanAge(rows))
		if f.slope(rows, theta, nil) < nbd.slope(rows, stay, nil)+worthwhile {
			found.Degenerate = &Degenerate{NoDropout, string(KindNBD)}
			f, theta, found.Model = nbd, stay, nbd.make(exps(stay))
		}
	}
	if found.Degenerate == nil && outside(theta) {
		found.Degenerate = &Degenerate{Diverged, Limit}
	}
	if found.Sample < found.Customers {
		rows = gather(people)
	}
	found.LogLikelihood = f.slope(rows, theta, nil)
	return found, nil
}

// enough says what is too little for a fit, by the names that the caller has for it.
func enough(people []History, customers, again Lack) error {
	switch n := repeaters(people); {
	case len(people) < LeastCustomers:
		return &TooFewError{customers, len(people), LeastCustomers}
	case n < LeastRepeaters:
		return &TooFewError{again, n, LeastRepeaters}
	}
	return nil
}

func repeaters(people []History) int {
	n := 0
	for _, h := range people {
		if h.Repeats > 0 {
			n++
		}
	}
	return n
}

// worthwhile is by how much two parameters more must raise the log-likelihood (H. Akaike, 1974).
const worthwhile = 2

func outside(theta []float64) bool {
	return slices.ContainsFunc(theta, func(t float64) bool { return math.Abs(t) > bound })
}

const (
	firstSample = 2_000
	bound       = 13 // of a parameter's logarithm: e^13 is 440,000
)

// climb maximises the likelihood: from several starts on few rows, and from the best of their ends on all.
func climb(f family, rows, few []group, age float64) []float64 {
	var best []float64
	most := math.Inf(-1)
	for _, start := range f.start(age) {
		end := ascend(f, few, logs(start), 1e-6)
		if height := f.slope(few, end, nil); height > most || best == nil {
			best, most = end, height
		}
	}
	return ascend(f, rows, best, 1e-9)
}

// ascend goes up from a start by L-BFGS. What it reaches is used whatever it says of having arrived: the caller judges by the
// likelihood and by the parameters. It ends when some steps together gain less than least, of a customer's log-likelihood.
func ascend(f family, rows []group, start []float64, least float64) []float64 {
	customers := 0.0
	for _, g := range rows {
		customers += float64(g.count)
	}
	// The climber asks for height and slope of a place one after the other; they are worked out together.
	at, height, slope := []float64(nil), 0.0, make([]float64, len(start))
	look := func(theta []float64) {
		if at == nil || !slices.Equal(at, theta) {
			at = slices.Clone(theta)
			height = f.slope(rows, within(theta), slope) / customers
		}
	}
	problem := optimize.Problem{
		Func: func(theta []float64) float64 {
			look(theta)
			return finite(fence(theta, nil) - height)
		},
		Grad: func(grad, theta []float64) {
			look(theta)
			for i := range grad {
				grad[i] = -slope[i] / customers
				if math.Abs(theta[i]) > wall {
					grad[i] = 0 // the function is flat there but for the fence
				}
			}
			fence(theta, grad)
		},
	}
	settings := &optimize.Settings{GradientThreshold: 1e-8, MajorIterations: 150, Converger: &optimize.FunctionConverge{Absolute: least, Iterations: 8}}
	result, err := optimize.Minimize(problem, start, settings, &optimize.LBFGS{})
	if result == nil || err != nil && result.X == nil {
		return within(start)
	}
	return within(result.X)
}

// wall is where a parameter's logarithm ends; fence turns the climber back before it.
const wall = 20

func within(theta []float64) []float64 {
	inside := make([]float64, len(theta))
	for i, t := range theta {
		inside[i] = min(wall, max(-wall, t))
	}
	return inside
}

// fence is a cost that grows beyond the bound, and its slope added to grad.
func fence(theta, grad []float64) float64 {
	cost := 0.0
	for i, t := range theta {
		over := math.Abs(t) - bound - 1
		if over <= 0 {
			continue
		}
		cost += over * over
		if grad != nil {
			grad[i] += 2 * math.Copysign(over, t)
		}
	}
	return cost
}

func finite(x float64) float64 {
	if math.IsNaN(x) {
		return math.Inf(1)
	}
	return x
}

// some draws a sample by its seed; all where they are few. People are not moved.
func some(people []History, most int, seed uint64) []History {
	if len(people) <= most {
		return people
	}
	random := rand.New(rand.NewPCG(seed, 0x6b75706563))
	drawn := make([]History, most)
	copy(drawn, people)
	for i := most; i < len(people); i++ { // Vitter's algorithm R
		if j := random.IntN(i + 1); j < most {
			drawn[j] = people[i]
		}
	}
	random.Shuffle(most, func(i, j int) { drawn[i], drawn[j] = drawn[j], drawn[i] })
	return drawn
}

// gather groups equal histories, in an order that only they decide.
func gather(people []History) []group {
	sorted := make([]History, len(people))
	for i, h := range people {
		h.Value = 0
		sorted[i] = h
	}
	slices.SortFunc(sorted, func(a, b History) int {
		return cmp.Or(cmp.Compare(a.Repeats, b.Repeats), cmp.Compare(a.Age, b.Age), cmp.Compare(a.Last, b.Last))
	})
	var rows []group
	for _, h := range sorted {
		if n := len(rows); n > 0 && rows[n-1].History == h {
			rows[n-1].count++
			continue
		}
		rows = append(rows, group{h, 1})
	}
	return rows
}

func mostRepeats(rows []group) int {
	most := 0.0
	for _, g := range rows {
		most = max(most, g.Repeats)
	}
	return int(most)
}

func meanAge(rows []group) float64 {
	sum, count := 0.0, 0.0
	for _, g := range rows {
		sum += g.Age * float64(g.count)
		count += float64(g.count)
	}
	return max(sum/count, 0.1)
}

func logs(p []float64) []float64 {
	theta := make([]float64, len(p))
	for i := range p {
		theta[i] = math.Log(p[i])
	}
	return theta
}

func exps(theta []float64) []float64 {
	p := make([]float64, len(theta))
	for i := range theta {
		p[i] = math.Exp(theta[i])
	}
	return p
}
