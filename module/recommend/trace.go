package recommend

import (
	"cmp"
	"maps"
	"slices"
)

// Why says why a product that was in question is not offered.
type Why string

// The reasons why not.
const (
	Owned      Why = "owned"      // the person has it
	Returned   Why = "returned"   // they gave it back
	Forbidden  Why = "forbidden"  // staff do not want it offered, or not because of what they have
	Unsellable Why = "unsellable" // it is sold out, hidden, or lacks a price or a picture
	Crowded    Why = "crowded"    // there are enough of its category
	Shown      Why = "shown"      // it stands in the same mail already
)

// trace remembers what was left out of one person's list. A nil one does not.
type trace struct {
	left map[int64]*leftOut
}

type leftOut struct {
	product int64
	why     Why
	link    link // the strongest; empty: it was in question as a best seller, or as used up
	largest float64
	score   float64
}

func (t *trace) note(product int64, why Why, l link, part float64) {
	if t == nil {
		return
	}
	if t.left == nil {
		t.left = map[int64]*leftOut{}
	}
	known := t.left[product]
	if known == nil {
		known = &leftOut{product: product, why: why}
		t.left[product] = known
	}
	if known.score += part; part > known.largest {
		known.largest, known.link = part, l
	}
}

// ranked is what was left out, what would have stood highest first.
func (t *trace) ranked() []*leftOut {
	return slices.SortedFunc(maps.Values(t.left), func(a, b *leftOut) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.product, b.product))
	})
}
