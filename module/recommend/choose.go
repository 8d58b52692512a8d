package recommend

import (
	"cmp"
	"context"
	"iter"
	"maps"
	"slices"
)

// pick is a suggestion by ids.
type pick struct {
	product int64
	kind    Kind    // empty: a best seller for want of anything else
	why     link    // of CrossSell and Upgrade
	score   float64 // likewise: the sum of its ties
	buyers  int64   // of a best seller
	last    int32   // of Again: the day of the last purchase
	lasts   int     // of Again: days that it usually lasts
}

// choose ranks what goes with a person's products by the sum of the ties, each weighed by how lately the product was
// bought; the largest part of the sum is the reason.
func (q *question) choose(person int64, kind Kind, ties map[int64][]link, refused map[int64]bool) []pick {
	type candidate struct {
		pick
		largest float64
	}
	has, found := q.owned[person], map[int64]*candidate{}
	for _, id := range slices.Sorted(maps.Keys(has)) { // in order: the reason among equals is always the same
		h := has[id]
		if !h.kept {
			continue
		}
		weight := h.weight()
		for _, l := range ties[id] {
			part := l.Score * weight
			if why := q.refusal(person, has, l.OtherID, refused); why != "" {
				q.trace.note(l.OtherID, why, l, part)
				continue
			}
			c := found[l.OtherID]
			if c == nil {
				c = &candidate{pick: pick{product: l.OtherID, kind: kind}}
				found[l.OtherID] = c
			}
			if c.score += part; part > c.largest {
				c.largest, c.why = part, l
			}
		}
	}
	ranked := slices.SortedFunc(maps.Values(found), func(a, b *candidate) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.product, b.product))
	})
	return q.take(make([]pick, 0, q.n), func(yield func(pick) bool) {
		for _, c := range ranked {
			if !yield(c.pick) {
				return
			}
		}
	})
}

// refusal says why somebody who has some products is not offered another; empty: nothing speaks against it.
func (q *question) refusal(person int64, has map[int64]holding, product int64, refused map[int64]bool) Why {
	switch h, owns := has[product]; {
	case owns && h.kept:
		return Owned
	case owns:
		return Returned
	}
	return q.barred(person, product, refused)
}

// barred is [question.refusal] whatever somebody has.
func (q *question) barred(person, product int64, refused map[int64]bool) Why {
	switch {
	case q.rules.forbids(product):
		return Forbidden
	case q.exclude[product] || q.offered[person][product]:
		return Shown
	case refused[product]:
		return Unsellable
	}
	return ""
}

// take adds the first of a ranking to picks until there are as many as wanted. Those of a category of which there are enough
// stand back for others of the same ranking, however far down: all of it is worth offering, and a list of one category is none.
func (q *question) take(picks []pick, ranking iter.Seq[pick]) []pick {
	var leaves [8]int64 // of picks, as far as they are known
	taken := leaves[:0]
	for _, p := range picks {
		taken = append(taken, q.shelves.leaves[p.product])
	}
	var back []pick
	for p := range ranking {
		if len(picks) >= q.n {
			break
		}
		leaf := q.shelves.leaves[p.product]
		if q.isCrowded(taken, leaf) {
			back = append(back, p)
			continue
		}
		picks, taken = append(picks, p), append(taken, leaf)
	}
	for _, p := range back {
		if len(picks) < q.n {
			picks = append(picks, p)
		} else {
			q.trace.note(p.product, Crowded, p.why, p.score)
		}
	}
	return picks
}

// isCrowded says whether there are enough products of a category in a list. Those of none are never enough.
func (q *question) isCrowded(taken []int64, leaf int64) bool {
	if leaf == 0 || q.perCategory < 0 {
		return false
	}
	same := 0
	for _, other := range taken {
		if other == leaf {
			same++
		}
	}
	return same >= q.perCategory
}

func (e *Engine) suggestions(ctx context.Context, picks map[int64][]pick) (map[int64][]Suggestion, error) {
	wanted := map[int64]bool{}
	for _, theirs := range picks {
		for _, p := range theirs {
			wanted[p.product] = true
			if p.why.ProductID != 0 {
				wanted[p.why.ProductID] = true
			}
		}
	}
	products, err := e.products.Products(ctx, slices.Sorted(maps.Keys(wanted)))
	if err != nil {
		return nil, err
	}
	out := make(map[int64][]Suggestion, len(picks))
	for id, theirs := range picks {
		for _, p := range theirs {
			product, ok := products[p.product]
			if !ok {
				continue
			}
			s := Suggestion{Product: product, Kind: p.kind, Fallback: p.kind == "", Popular: p.buyers, Score: p.score}
			if s.Because = because(products, p.why); s.Because != nil {
				s.Both, s.Buyers, s.Placed = p.why.BothBuyers, p.why.ProductBuyers, p.why.Staff
			}
			if p.kind == Again {
				s.Last, s.Lasts = dateOf(p.last), p.lasts
			}
			out[id] = append(out[id], s)
		}
	}
	return out, nil
}
