package affinity

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// pair is another product, and how many rows have both among their newest.
type pair struct{ item, both uint32 }

// pairsKept is how many pairs all products keep together: 320 MB. In a shop of 6,000 products that is all there are, in one
// of 100,000 the 400 commonest of each, from where on nothing measurable is gained. With 100 of each the ridge, which takes
// a pair that is not kept for one that nobody bought, is worse than plain counting.
const pairsKept = 40_000_000

// counts is how often products are bought by the same people, or in the same orders.
type counts struct {
	*history
	own   []uint32 // by product: rows that have it among their newest
	pairs [][]pair // by product: the commonest, in no order
}

// count counts pairs. It is a sparse matrix product row by row (Gustavson), one dense row of counters per worker, so that
// memory does not grow with the number of pairs.
func count(ctx context.Context, h *history, workers int, progress func(share float64)) (*counts, error) {
	runtime.GC() // what an earlier part left would otherwise add up with what this one takes, several hundred MB each
	start, rows := h.transposed()
	c := &counts{history: h, own: make([]uint32, h.products()), pairs: make([][]pair, h.products())}
	limit := max(1, pairsKept/max(1, h.products()))
	err := inStretches(ctx, h.products(), workers, progress, func() func(item int) {
		row := newRow(h.products())
		return func(item int) {
			theirs := rows[start[item]:start[item+1]]
			c.own[item] = uint32(len(theirs))
			for _, p := range theirs {
				for _, other := range h.newest(int(p)) {
					row.add(other)
				}
			}
			c.pairs[item] = row.take(uint32(item), limit)
		}
	})
	return c, err
}

// row is a dense row of counters.
type row struct {
	counts  []uint32
	touched []uint32
	by      []int // how many counters stand at each number, up to a highest
	pairs   []pair
}

func newRow(products int) *row { return &row{counts: make([]uint32, products), by: make([]int, 4096)} }

func (r *row) add(item uint32) {
	if r.counts[item] == 0 {
		r.touched = append(r.touched, item)
	}
	r.counts[item]++
}

// take gives the largest counters, of equal ones those counted first, and clears the row.
func (r *row) take(self uint32, limit int) []pair {
	clear(r.by)
	for _, item := range r.touched {
		r.by[min(r.counts[item], uint32(len(r.by)-1))]++
	}
	least, over := uint32(len(r.by)-1), 0 // all counters above least are taken
	for ; least > 0 && over+r.by[least] <= limit; least-- {
		over += r.by[least]
	}
	room := limit - over
	r.pairs = r.pairs[:0]
	for _, item := range r.touched {
		n := r.counts[item]
		r.counts[item] = 0
		switch {
		case item == self || n < least:
			continue
		case n == least || n >= uint32(len(r.by)-1) && least == uint32(len(r.by)-1):
			if room == 0 {
				continue
			}
			room--
		}
		r.pairs = append(r.pairs, pair{item, n})
	}
	r.touched = r.touched[:0]
	return slices.Clone(r.pairs)
}

// inStretches does something for each number below n, by several workers; with makes what each of them does it with. progress
// may be nil.
func inStretches(ctx context.Context, n, workers int, progress func(share float64), with func() func(i int)) error {
	const stretch = 256
	group, ctx := errgroup.WithContext(ctx)
	var next atomic.Int64
	var telling sync.Mutex
	for range workers {
		group.Go(func() error {
			do := with()
			for {
				from := int(next.Add(stretch)) - stretch
				if from >= n {
					return nil
				}
				if err := ctx.Err(); err != nil {
					return err
				}
				for i := from; i < min(from+stretch, n); i++ {
					do(i)
				}
				if progress != nil {
					telling.Lock()
					progress(float64(min(from+stretch, n)) / float64(n))
					telling.Unlock()
				}
			}
		})
	}
	return group.Wait()
}
