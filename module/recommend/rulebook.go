package recommend

import (
	"cmp"
	"slices"
)

// rulebook is a shop's rules, to be asked. It is for one question.
type rulebook struct {
	pair        map[[2]int64]Rule
	pins        map[int64][]int64 // by product, the oldest first
	accessories map[int64][]int64 // likewise, categories by category
	weights     weights
	shelves     *shelves
	isEmpty     bool // there is nothing to follow
}

func newRulebook(rules []Rule, s *shelves) *rulebook {
	b := &rulebook{pair: make(map[[2]int64]Rule, len(rules)), pins: map[int64][]int64{}, accessories: map[int64][]int64{}, shelves: s,
		weights: newWeights(rules, s), isEmpty: len(rules) == 0}
	for _, r := range rules {
		switch r.Act {
		case Accessory:
			b.accessories[r.CategoryID] = append(b.accessories[r.CategoryID], r.OtherCategoryID)
		case Pin:
			b.pins[r.ProductID] = append(b.pins[r.ProductID], r.OtherID)
			b.pair[[2]int64{r.ProductID, r.OtherID}] = r
		case Forbid, Boost:
			b.pair[[2]int64{r.ProductID, r.OtherID}] = r
		}
	}
	return b
}

// forbids says whether a product is never offered.
func (b *rulebook) forbids(other int64) bool { return b.pair[[2]int64{0, other}].Act == Forbid }

// forbidsPair says whether it is not offered because of another one.
func (b *rulebook) forbidsPair(product, other int64) bool {
	return b.forbids(other) || b.pair[[2]int64{product, other}].Act == Forbid
}

// factor is how many times a tie that is allowed counts.
func (b *rulebook) factor(product, other int64) float64 {
	factor := b.weights.of(other)
	for _, r := range []Rule{b.pair[[2]int64{0, other}], b.pair[[2]int64{product, other}]} {
		if r.Act == Boost {
			factor *= r.Factor
		}
	}
	return factor
}

// Scores of what staff say stand above any that is counted: a pin's also where the reason is ten years old.
const (
	pinned    = 1e12
	accessory = 1e5
)

// apply makes what is counted for a product follow the rules: links that are forbidden go, those that are pinned stand first,
// then accessories, and both come also where nothing was counted.
func (b *rulebook) apply(product int64, links []link, pins bool, t *trace) []link {
	list := linkList{of: product, links: make([]link, 0, len(links)), at: map[int64]int{}}
	for _, l := range links {
		if b.forbidsPair(product, l.OtherID) {
			t.note(l.OtherID, Forbidden, l, l.Score)
			continue
		}
		l.Score *= b.factor(product, l.OtherID)
		list.add(l)
	}
	if pins {
		for _, other := range b.accessoriesOf(product) {
			if other != product && !b.forbidsPair(product, other) {
				l := list.find(other)
				l.Score, l.Staff = l.Score+accessory*b.factor(product, other), true
			}
		}
		for i, other := range b.pins[product] {
			if !b.forbids(other) {
				l := list.find(other)
				l.Score, l.Staff = pinned*float64(len(b.pins[product])-i), true
			}
		}
	}
	slices.SortStableFunc(list.links, func(a, b link) int { return cmp.Compare(b.Score, a.Score) })
	return list.links
}

// accessoriesOf are the products that a rule of categories puts with one, each once, the best sellers of each category first.
func (b *rulebook) accessoriesOf(product int64) []int64 {
	if len(b.accessories) == 0 {
		return nil
	}
	var found []int64
	seen := map[int64]bool{}
	for _, category := range b.shelves.shelvesOf(product) {
		for _, other := range b.accessories[category] {
			for _, id := range b.shelves.bestOf(other) {
				if !seen[id] {
					seen[id] = true
					found = append(found, id)
				}
			}
		}
	}
	return found
}

// linkList is links with where each product is.
type linkList struct {
	of    int64
	links []link
	at    map[int64]int
}

func (l *linkList) add(one link) {
	l.at[one.OtherID] = len(l.links)
	l.links = append(l.links, one)
}

// find is the link to a product, until the next is added; one that was not counted comes in.
func (l *linkList) find(other int64) *link {
	if _, counted := l.at[other]; !counted {
		l.add(link{ProductID: l.of, OtherID: other})
	}
	return &l.links[l.at[other]]
}
