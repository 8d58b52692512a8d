package affinity

import (
	"cmp"
	"context"
	"maps"
	"slices"
)

// Leader is a product that sold best lately.
type Leader struct {
	Product int64
	Buyers  int64 // people who bought it in the last 30 days
}

// Linked is a category whose buyers are also those of another one.
type Linked struct {
	Category int64
	Score    float64
}

// Backoff offers something to people whose things have no ties yet, by the categories of their things. Categories and
// products go by any numbers. It is not changed after it was made.
type Backoff struct {
	Leaders map[int64][]Leader // by category, best first
	Linked  map[int64][]Linked // by category, best first
}

// leadersKept is how many best sellers of a category are kept.
const leadersKept = 20

// List gives best sellers of the categories that go with somebody's, then those of their own. weights says how much
// somebody has of each category.
func (b *Backoff) List(weights map[int64]float64) []Leader {
	linked := map[int64]float64{}
	for _, of := range slices.Sorted(maps.Keys(weights)) {
		for _, l := range b.Linked[of] {
			if weights[l.Category] == 0 {
				linked[l.Category] += weights[of] * l.Score
			}
		}
	}
	return append(b.Own(linked), b.Own(weights)...)
}

// Own gives best sellers of somebody's own categories.
func (b *Backoff) Own(weights map[int64]float64) []Leader {
	score := map[int64]float64{}
	var found []Leader
	for category, weight := range weights {
		for _, l := range b.Leaders[category] {
			if score[l.Product] == 0 {
				found = append(found, l)
			}
			score[l.Product] = max(score[l.Product], weight*float64(l.Buyers))
		}
	}
	slices.SortFunc(found, func(a, b Leader) int {
		return cmp.Or(cmp.Compare(score[b.Product], score[a.Product]), cmp.Compare(a.Product, b.Product))
	})
	return found
}

// Backoff works out which categories go together, by the people who buy from them, and what sells best in each and in all.
// There is none where no category is known.
func (t *Trade) Backoff(ctx context.Context, opt Options) (*Backoff, []Leader, error) {
	return t.backoff(ctx, t.people(opt.Today), opt)
}

func (t *Trade) backoff(ctx context.Context, h *history, opt Options) (*Backoff, []Leader, error) {
	b := &Backoff{Leaders: map[int64][]Leader{}, Linked: map[int64][]Linked{}}
	var all []Leader
	for _, item := range byBuyers(h.popular) {
		if !opt.eligible(item) {
			continue
		}
		leader := Leader{int64(item), int64(h.popular[item])}
		all = append(all, leader)
		if t.category == nil || t.category[item] == None {
			continue
		}
		if c := int64(t.category[item]); len(b.Leaders[c]) < leadersKept {
			b.Leaders[c] = append(b.Leaders[c], leader)
		}
	}
	if t.category == nil {
		return b, all, nil
	}
	categories, err := t.categories().People(ctx, Method{Cosine, true}, Options{Today: opt.Today, Workers: opt.Workers})
	if err != nil {
		return nil, nil, err
	}
	for c, some := range categories.Ties {
		for _, l := range some {
			b.Linked[int64(c)] = append(b.Linked[int64(c)], Linked{int64(l.Product), float64(l.Score)})
		}
	}
	return b, all, nil
}
