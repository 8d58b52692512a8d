package affinity

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// Tie is a product that goes with another one.
type Tie struct {
	Product uint32
	Both    uint32 // people who bought both, or orders with both
	Score   float32
}

// Ties are, by product, those that go with it, best first: at most 50 each, and none that may be chance. Both is at least
// 3, and the log-likelihood ratio at least 10.83.
type Ties [][]Tie

// Options say how to work out a model.
type Options struct {
	Today    int32  // what was bought before this day counts
	Eligible []bool // by product: may be offered; nil: all
	Workers  int    // default 1
	Progress func(share float64)
}

// Model is what goes with what.
type Model struct {
	Ties   Ties
	Buyers []uint32 // by product: people who bought it, or orders it was in
	All    int      // people who bought anything, or orders
}

// LLR is the log-likelihood ratio of a tie of the product.
func (m *Model) LLR(product uint32, t Tie) float64 {
	return tie{both: int64(t.Both), first: int64(m.Buyers[product]), second: int64(m.Buyers[t.Product]), all: int64(m.All)}.likelihood()
}

// People works out what goes with what for the same person, by a method. Both and Buyers are of people, and exact.
func (t *Trade) People(ctx context.Context, method Method, opt Options) (*Model, error) {
	c, err := count(ctx, t.people(opt.Today), opt.workers(), opt.part(0, .6))
	if err != nil {
		return nil, err
	}
	ties, err := c.weigh(ctx, method.Kind, opt)
	if err != nil {
		return nil, err
	}
	if method.Recency {
		c.refresh(ties)
	}
	return c.model(ties), nil
}

// Orders works out what is bought in the same order. Both and Buyers are of orders, and exact.
func (t *Trade) Orders(ctx context.Context, opt Options) (*Model, error) {
	c, err := count(ctx, t.orders(opt.Today), opt.workers(), opt.part(0, .9))
	if err != nil {
		return nil, err
	}
	ties, err := c.each(ctx, opt, tie.together)
	if err != nil {
		return nil, err
	}
	return c.model(ties), nil
}

func (c *counts) model(ties Ties) *Model {
	c.recount(ties)
	return &Model{Ties: ties, Buyers: c.buyers, All: c.rows()}
}

func (o Options) workers() int { return max(1, o.Workers) }

func (o Options) part(from, to float64) func(float64) {
	if o.Progress == nil {
		return nil
	}
	return func(share float64) { o.Progress(from + share*(to-from)) }
}

func (o Options) eligible(item uint32) bool { return o.Eligible == nil || o.Eligible[item] }

// weigh ranks by a kind.
func (c *counts) weigh(ctx context.Context, kind Kind, opt Options) (Ties, error) {
	switch kind {
	case LLR:
		return c.each(ctx, opt, tie.likelihood)
	case BM25:
		mean := c.meanBuyers()
		return c.each(ctx, opt, func(t tie) float64 { return t.bm25(mean) })
	case Ridge:
		return c.regress(ctx, opt)
	case LLRRidge:
		roots, err := c.each(ctx, opt, func(t tie) float64 { return math.Sqrt(t.likelihood()) })
		if err != nil {
			return nil, err
		}
		weights, err := c.regress(ctx, opt)
		if err != nil {
			return nil, err
		}
		return add(roots, weights), nil
	}
	return c.each(ctx, opt, tie.cosine)
}

// each scores every pair that is more than chance.
func (c *counts) each(ctx context.Context, opt Options, score func(tie) float64) (Ties, error) {
	out := make(Ties, c.products())
	err := inStretches(ctx, c.products(), opt.workers(), nil, func() func(int) {
		var found []Tie
		return func(item int) {
			found = found[:0]
			for _, p := range c.pairs[item] {
				if p.both < leastBoth || !opt.eligible(p.item) {
					continue
				}
				if t := c.tie(uint32(item), p.item, p.both); t.real() {
					found = append(found, Tie{p.item, p.both, float32(score(t))})
				}
			}
			out[item] = best(found)
		}
	})
	return out, err
}

func (c *counts) meanBuyers() float64 {
	sum, n := 0.0, 0.0
	for _, b := range c.buyers {
		if b > 0 {
			sum, n = sum+float64(b), n+1
		}
	}
	return sum / max(1, n)
}

// regress works out the ridge's weights, which come by the product they speak for, and turns them round to the products
// that they are weights of. Only those that speak for a product, and are more than chance, are kept.
func (c *counts) regress(ctx context.Context, opt Options) (Ties, error) {
	weights := make(Ties, c.products())
	err := inStretches(ctx, c.products(), opt.workers(), nil, func() func(int) {
		r := newRidge(c)
		var kept []Tie
		return func(item int) {
			if !opt.eligible(uint32(item)) {
				return
			}
			kept = kept[:0]
			for _, n := range r.weights(uint32(item)) {
				if n.Score > 0 && c.tie(n.Product, uint32(item), n.Both).real() {
					kept = append(kept, n)
				}
			}
			weights[item] = slices.Clone(kept)
		}
	})
	if err != nil {
		return nil, err
	}
	many := make([]int, c.products())
	for _, some := range weights {
		for _, n := range some {
			many[n.Product]++
		}
	}
	out := make(Ties, c.products())
	for i, n := range many {
		out[i] = make([]Tie, 0, n)
	}
	for item, some := range weights {
		for _, n := range some {
			out[n.Product] = append(out[n.Product], Tie{uint32(item), n.Both, n.Score})
		}
		weights[item] = nil
	}
	for i, some := range out {
		out[i] = best(some)
	}
	return out, nil
}

const keptPerProduct = 50

// best ranks, and keeps the first.
func best(found []Tie) []Tie {
	rank(found)
	return slices.Clone(found[:min(len(found), keptPerProduct)])
}

func rank(found []Tie) {
	slices.SortFunc(found, func(a, b Tie) int { return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Product, b.Product)) })
}

// add sums two rankings, each measured by its mean strongest tie, into the first.
func add(a, b Ties) Ties {
	unitA, unitB := a.unit(), b.unit()
	at := map[uint32]int{}
	var some []Tie
	for i := range a {
		clear(at)
		some = some[:0]
		for _, n := range a[i] {
			n.Score /= unitA
			at[n.Product] = len(some)
			some = append(some, n)
		}
		for _, n := range b[i] {
			n.Score /= unitB
			if k, ok := at[n.Product]; ok {
				some[k].Score += n.Score
			} else {
				some = append(some, n)
			}
		}
		a[i] = best(some)
	}
	return a
}

func (t Ties) unit() float32 {
	sum, n := 0.0, 0.0
	for _, some := range t {
		if len(some) > 0 {
			sum, n = sum+float64(some[0].Score), n+1
		}
	}
	if sum == 0 {
		return 1
	}
	return float32(sum / n)
}

// refresh multiplies by the recency factor and ranks anew.
func (h *history) refresh(t Ties) {
	for i, some := range t {
		for k := range some {
			some[k].Score *= float32(h.tie(uint32(i), some[k].Product, some[k].Both).lately())
		}
		rank(some)
	}
}

// recount adds to the pairs' counts what lies beyond the newest products of a row, so that they are true of everything.
func (h *history) recount(t Ties) {
	type seen struct {
		row   uint32 // + 1, that was seen with the product last
		newer bool   // whether among its newest
	}
	last := make([]seen, h.products())
	for r := range h.rows() {
		items := h.of(r)
		if len(items) <= newest {
			continue
		}
		for i, item := range items {
			last[item] = seen{uint32(r) + 1, i < newest}
		}
		for i, item := range items {
			for k := range t[item] {
				other := last[t[item][k].Product]
				if other.row == uint32(r)+1 && (i >= newest || !other.newer) {
					t[item][k].Both++
				}
			}
		}
	}
}
