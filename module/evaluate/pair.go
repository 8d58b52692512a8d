package evaluate

import (
	"cmp"
	"context"
	"slices"

	"github.com/kupec/kupec/module/affinity"
)

// Pairs are products that are bought in the same order, the surest first.
type Pairs struct {
	Missing *Missing `json:"missing,omitempty"`
	Orders  int      `json:"orders,omitempty"` // with a product that is told
	Pairs   []Pair   `json:"pairs,omitempty"`
}

// Pair is two products. First is the one whose orders hold the other more often.
type Pair struct {
	First      string  `json:"first"`
	FirstName  string  `json:"first_name,omitempty"`
	Second     string  `json:"second"`
	SecondName string  `json:"second_name,omitempty"`
	Both       int     `json:"orders_with_both"`
	Firsts     int     `json:"orders_with_first"`
	Seconds    int     `json:"orders_with_second"`
	Confidence float64 `json:"confidence"` // the share of orders with the first that hold the second
	Lift       float64 `json:"lift"`       // how many times as often as by chance
	LLR        float64 `json:"llr"`        // Dunning's log-likelihood ratio: how sure it is that this is no chance
}

const pairsTold = 20

func (o *Orders) pairs(ctx context.Context, last int32, workers int, progress func(share float64)) (Pairs, error) {
	if o.Columns[Product] == "" {
		return Pairs{Missing: &Missing{What: MissingColumn, Field: Product}}, nil
	}
	model, err := o.trade().Orders(ctx, affinity.Options{Today: last + 1, Workers: workers, Progress: progress})
	if err != nil {
		return Pairs{}, err
	}
	p := Pairs{Orders: model.All}
	for product, ties := range model.Ties {
		for _, t := range ties {
			first, second := uint32(product), t.Product
			if theirs, others := model.Buyers[first], model.Buyers[second]; theirs > others || theirs == others && first > second {
				if slices.ContainsFunc(model.Ties[second], func(back affinity.Tie) bool { return back.Product == first }) {
					continue // it is told the other way round
				}
				first, second = second, first
			}
			p.Pairs = append(p.Pairs, o.pair(model, first, second, t.Both, model.LLR(uint32(product), t)))
		}
		if len(p.Pairs) > 1000*pairsTold {
			p.best()
		}
	}
	if p.best(); len(p.Pairs) == 0 {
		p.Missing = &Missing{What: MissingPairs}
	}
	return p, nil
}

// best keeps the surest.
func (p *Pairs) best() {
	slices.SortFunc(p.Pairs, func(a, b Pair) int {
		return cmp.Or(cmp.Compare(b.LLR, a.LLR), cmp.Compare(a.First, b.First), cmp.Compare(a.Second, b.Second))
	})
	p.Pairs = p.Pairs[:min(pairsTold, len(p.Pairs))]
}

func (o *Orders) pair(m *affinity.Model, first, second, both uint32, llr float64) Pair {
	confidence := float64(both) / float64(m.Buyers[first])
	return Pair{
		First: o.Products[first], FirstName: o.Names[first], Second: o.Products[second], SecondName: o.Names[second],
		Both: int(both), Firsts: int(m.Buyers[first]), Seconds: int(m.Buyers[second]),
		Confidence: confidence, Lift: confidence * float64(m.All) / float64(m.Buyers[second]), LLR: llr,
	}
}
