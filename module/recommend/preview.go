package recommend

import (
	"context"
	"fmt"

	"github.com/kupec/kupec/module/catalog"
)

// Preview is a list as it would be sent now, and what is not on it.
type Preview struct {
	Offered []Suggestion
	Left    []LeftOut     // what would have stood highest first, at most leftShown
	Count   map[Why]int64 // of all that was left out
}

// LeftOut is a product that was in question and is not offered.
type LeftOut struct {
	Suggestion     // Kind, Because and the numbers, as far as they are known
	Why        Why // see [LeftOut.Lacks] for what Unsellable is
}

// Lack is what a product lacks to be offered.
type Lack string

// The lacks.
const (
	LacksShelf   Lack = "hidden"
	LacksPrice   Lack = "price"
	LacksStock   Lack = "stock"
	LacksPicture Lack = "picture"
)

// Lacks says what makes a product unsellable.
func (l LeftOut) Lacks() Lack {
	switch p := l.Product; {
	case p.Deleted || !p.Visible:
		return LacksShelf
	case !p.HasPrice || p.Price.IsZero():
		return LacksPrice
	case !p.Sellable():
		return LacksStock
	}
	return LacksPicture
}

// leftShown is how many products that were left out are told of.
const leftShown = 20

// Preview answers as [Engine.For] does for one person, and says what was left out and why. The two cannot differ: it is the
// same question, with somebody who takes notes.
func (e *Engine) Preview(ctx context.Context, shopID, profileID int64, n int, opt Options) (Preview, error) {
	kind, err := opt.kind()
	if err != nil {
		return Preview{}, err
	}
	q, err := e.ask(ctx, shopID, []int64{profileID}, n, opt)
	if err != nil {
		return Preview{}, err
	}
	q.trace = &trace{}
	offered, err := e.answer(ctx, q, kind)
	if err != nil {
		return Preview{}, err
	}
	out := Preview{Offered: offered[profileID]}
	for _, s := range out.Offered {
		delete(q.trace.left, s.Product.ID) // a forbidden pair, or a category that is full, is not the last word
	}
	return out, e.leftOut(ctx, &out, q.trace, kind)
}

// PreviewWith answers as [Engine.GoesWith] does, likewise.
func (e *Engine) PreviewWith(ctx context.Context, productID int64, n int) (Preview, error) {
	t := &trace{}
	some, err := e.goesWith(ctx, productID, n, t)
	if err != nil {
		return Preview{}, err
	}
	of, err := e.products.Product(ctx, productID)
	if err != nil {
		return Preview{}, err
	}
	var out Preview
	for _, a := range some {
		out.Offered = append(out.Offered, Suggestion{Product: a.Product, Kind: CrossSell, Because: &of, Both: a.Both, Buyers: a.Orders, Score: a.Score, Placed: a.Pinned})
	}
	return out, e.leftOut(ctx, &out, t, CrossSell)
}

func (e *Engine) leftOut(ctx context.Context, out *Preview, t *trace, kind Kind) error {
	ranked := t.ranked()
	out.Count = map[Why]int64{}
	for _, l := range ranked {
		out.Count[l.why]++
	}
	ranked = ranked[:min(leftShown, len(ranked))]
	var ids []int64
	for _, l := range ranked {
		ids = append(ids, l.product, l.link.ProductID)
	}
	products, err := e.products.Products(ctx, ids)
	if err != nil {
		return fmt.Errorf("reading what is not offered: %w", err)
	}
	for _, l := range ranked {
		if p, ok := products[l.product]; ok {
			out.Left = append(out.Left, LeftOut{Suggestion{Product: p, Kind: kind, Because: because(products, l.link), Both: l.link.BothBuyers,
				Buyers: l.link.ProductBuyers, Score: l.score}, l.why})
		}
	}
	return nil
}

// because is the product that a link is of, where there is one.
func because(products map[int64]catalog.Product, l link) *catalog.Product {
	if p, ok := products[l.ProductID]; ok {
		return &p
	}
	return nil
}
