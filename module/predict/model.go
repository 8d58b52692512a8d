package predict

// Kind names a model.
type Kind string

// The kinds of models that count purchases.
const (
	KindBG     Kind = "bgnbd"
	KindMBG    Kind = "mbgnbd"
	KindPareto Kind = "paretonbd"
	KindNBD    Kind = "nbd"
	KindNaive  Kind = "naive"
)

// Param is a parameter by its name in the literature.
type Param struct {
	Name  string
	Value float64
}

// Model counts purchases to come.
type Model interface {
	Kind() Kind
	Params() []Param
	// Alive is the probability that a customer will ever buy again, as the model sees it.
	Alive(History) float64
	// Expected is the mean number of purchase days within the time after the history's end. For the zero History it is that
	// of somebody who has just bought for the first time.
	Expected(h History, time float64) float64
}

// Expect is Expected for many customers at once, in their order. What they share is worked out once.
func Expect(m Model, people []History, time float64) []float64 {
	expected := make([]float64, len(people))
	bg, shares := m.(BG)
	if !shares {
		for i, h := range people {
			expected[i] = m.Expected(h, time)
		}
		return expected
	}
	type same struct{ repeats, age float64 }
	known := map[same]float64{}
	for i, h := range people {
		key := same{h.Repeats, h.Age}
		value, ok := known[key]
		if !ok {
			value = bg.ifAlive(h.Repeats, h.Age, time)
			known[key] = value
		}
		expected[i] = value * bg.Alive(h)
	}
	return expected
}
