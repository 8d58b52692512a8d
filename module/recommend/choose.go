package recommend

import (
	"cmp"
	"context"
	"maps"
	"slices"
)

// pick is a suggestion by ids.
type pick struct {
	product int64
	kind    Kind  // empty: a best seller for want of anything else
	why     link  // of CrossSell and Upgrade
	buyers  int64 // of a best seller
	last    int32 // of Again: the day of the last purchase
	lasts   int   // of Again: days that it usually lasts
}

// choose ranks what goes with a person's products by the sum of the ties, each weighed by how lately the product was
// bought; the largest part of the sum is the reason.
func choose(has map[int64]holding, ties map[int64][]link, refused func(product int64) bool, n int) []pick {
	type candidate struct {
		pick
		sum, largest float64
	}
	found := map[int64]*candidate{}
	for _, id := range slices.Sorted(maps.Keys(has)) { // in order: the reason among equals is always the same
		h := has[id]
		if !h.kept {
			continue
		}
		weight := h.weight()
		for _, l := range ties[id] {
			if _, owns := has[l.OtherID]; owns || refused(l.OtherID) {
				continue
			}
			c := found[l.OtherID]
			if c == nil {
				c = &candidate{pick: pick{product: l.OtherID}}
				found[l.OtherID] = c
			}
			part := l.Score * weight
			if c.sum += part; part > c.largest {
				c.largest, c.why = part, l
			}
		}
	}
	ranked := slices.SortedFunc(maps.Values(found), func(a, b *candidate) int {
		return cmp.Or(cmp.Compare(b.sum, a.sum), cmp.Compare(a.product, b.product))
	})
	picks := make([]pick, 0, n)
	for _, c := range ranked[:min(n, len(ranked))] {
		picks = append(picks, c.pick)
	}
	return picks
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
			s := Suggestion{Product: product, Kind: p.kind, Fallback: p.kind == "", Popular: p.buyers}
			if because, ok := products[p.why.ProductID]; ok {
				s.Because, s.Both, s.Buyers = &because, p.why.BothBuyers, p.why.ProductBuyers
			}
			if p.kind == Again {
				s.Last, s.Lasts = dateOf(p.last), p.lasts
			}
			out[id] = append(out[id], s)
		}
	}
	return out, nil
}
