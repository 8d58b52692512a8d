package recommend

import (
	"cmp"
	"context"
	"slices"

	"golang.org/x/sync/errgroup"
)

// history is who bought what, in compressed rows: person u's products, newest first and each once, are
// items[start[u]:start[u+1]]. Products are dense numbers.
type history struct {
	start    []int
	items    []uint32
	buyers   []int64 // by product
	recent   []int64 // by product: buyers of the last 90 days
	eligible []bool  // by product: may be recommended
}

func newHistory(products int) *history {
	return &history{start: []int{0}, buyers: make([]int64, products), recent: make([]int64, products), eligible: make([]bool, products)}
}

// bought is one product of one person, with the day it was bought last.
type bought struct {
	item uint32
	day  int32
}

// add appends one person's purchases; a product may stand in them several times.
func (h *history) add(all []bought, recentFrom int32) {
	slices.SortFunc(all, func(a, b bought) int {
		return cmp.Or(cmp.Compare(a.item, b.item), cmp.Compare(b.day, a.day))
	})
	all = slices.CompactFunc(all, func(a, b bought) bool { return a.item == b.item })
	slices.SortFunc(all, func(a, b bought) int {
		return cmp.Or(cmp.Compare(b.day, a.day), cmp.Compare(a.item, b.item))
	})
	for _, one := range all {
		h.items = append(h.items, one.item)
		h.buyers[one.item]++
		if one.day >= recentFrom {
			h.recent[one.item]++
		}
	}
	h.start = append(h.start, len(h.items))
}

func (h *history) people() int { return len(h.start) - 1 }

func (h *history) of(person int) []uint32 { return h.items[h.start[person]:h.start[person+1]] }

// newest is what pairs are collected from.
func (h *history) newest(person int) []uint32 {
	items := h.of(person)
	return items[:min(len(items), newestPerPerson)]
}

func (h *history) tie(first, second uint32, both int64) tie {
	return tie{both: both, first: h.buyers[first], second: h.buyers[second], recent: h.recent[second], people: int64(h.people())}
}

// neighbour is a product kept for another one.
type neighbour struct {
	item  uint32
	both  int64
	score float64
	llr   float64
}

// transposed is, for each product, the people among whose newest products it is.
func (h *history) transposed() (start []int, people []uint32) {
	start = make([]int, len(h.buyers)+1)
	for p := range h.people() {
		for _, item := range h.newest(p) {
			start[item+1]++
		}
	}
	for i := range h.buyers {
		start[i+1] += start[i]
	}
	people = make([]uint32, start[len(h.buyers)])
	next := slices.Clone(start)
	for p := range h.people() {
		for _, item := range h.newest(p) {
			people[next[item]] = uint32(p)
			next[item]++
		}
	}
	return start, people
}

// neighbours gives the kept neighbours of every product, best first. It is a sparse matrix product row by row
// (Gustavson), one dense row of counters per worker, so that memory does not grow with the number of pairs.
func (h *history) neighbours(ctx context.Context, workers int, progress func(done int)) ([][]neighbour, error) {
	start, people := h.transposed()
	kept := make([][]neighbour, len(h.buyers))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	const stretch = 512
	for from := 0; from < len(h.buyers); from += stretch {
		group.Go(func() error {
			counts := make([]int32, len(h.buyers))
			var touched []uint32
			for i := from; i < min(from+stretch, len(h.buyers)); i++ {
				if err := ctx.Err(); err != nil {
					return err
				}
				touched = touched[:0]
				for _, p := range people[start[i]:start[i+1]] {
					for _, other := range h.newest(int(p)) {
						if counts[other] == 0 {
							touched = append(touched, other)
						}
						counts[other]++
					}
				}
				kept[i] = h.best(uint32(i), touched, counts)
				for _, other := range touched {
					counts[other] = 0
				}
			}
			return nil
		})
		if progress != nil {
			progress(from)
		}
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return kept, nil
}

func (h *history) best(item uint32, others []uint32, counts []int32) []neighbour {
	var found []neighbour
	for _, other := range others {
		if other == item || !h.eligible[other] {
			continue
		}
		if t := h.tie(item, other, int64(counts[other])); t.real() {
			found = append(found, neighbour{item: other, both: t.both, score: t.score(), llr: t.likelihood()})
		}
	}
	rank(found)
	return slices.Clone(found[:min(len(found), keptPerProduct)])
}

// recount counts the kept pairs again over everything that people bought, and ranks them by that.
func (h *history) recount(kept [][]neighbour) {
	for i := range kept {
		for k := range kept[i] {
			kept[i][k].both = 0
		}
	}
	seen := make([]int, len(h.buyers)) // person + 1 who was seen with the product last
	for p := range h.people() {
		items := h.of(p)
		for _, item := range items {
			seen[item] = p + 1
		}
		for _, item := range items {
			for k := range kept[item] {
				if seen[kept[item][k].item] == p+1 {
					kept[item][k].both++
				}
			}
		}
	}
	for i := range kept {
		for k := range kept[i] {
			n := &kept[i][k]
			t := h.tie(uint32(i), n.item, n.both)
			n.score, n.llr = t.score(), t.likelihood()
		}
		rank(kept[i])
	}
}

func rank(all []neighbour) {
	slices.SortFunc(all, func(a, b neighbour) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.item, b.item))
	})
}
