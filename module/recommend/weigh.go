package recommend

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
)

// Nobody buys everything each month: what was not bought for restFrom days begins to count as long in stock, and wholly after
// restFull.
const (
	restFrom = 30
	restFull = 365
)

type restRow struct {
	bun.BaseModel `bun:"table:crm_rests"`

	RunID     int64
	ProductID int64
	Days      int
}

// writeRests writes for how long nobody bought what could be offered, where it is long. What was never bought rests since it
// came; of what it is not known when that was, nothing is.
func (e *Engine) writeRests(ctx context.Context, runID int64, h *history) error {
	w := writer[restRow]{db: e.db}
	today := dayNumber(e.now())
	for i, id := range h.products {
		since := h.sold[i]
		if !h.created[i].IsZero() {
			since = max(since, dayNumber(h.created[i]))
		}
		if days := int(today - since); h.eligible[i] && since != 0 && days > restFrom {
			if err := w.add(ctx, restRow{RunID: runID, ProductID: id, Days: days}); err != nil {
				return err
			}
		}
	}
	return w.flush(ctx)
}

func (e *Engine) rests(ctx context.Context, run int64) (map[int64]int, error) {
	var rows []restRow
	if err := e.db.NewSelect().Model(&rows).Column("product_id", "days").Where("run_id = ?", run).Scan(ctx); err != nil {
		return nil, fmt.Errorf("reading what is long in stock: %w", err)
	}
	rests := make(map[int64]int, len(rows))
	for _, r := range rows {
		rests[r.ProductID] = r.Days
	}
	return rests, nil
}

// weights is what a shop earns by its products and would like to be rid of. They make scores larger by a bounded part; where
// nobody wants a product there is no score to make larger.
type weights struct {
	shelves              *shelves
	products, categories map[int64]float64 // margins
	margin, idle         float64           // how much each counts; 0: not at all
}

func newWeights(rules []Rule, s *shelves) weights {
	w := weights{shelves: s, products: map[int64]float64{}, categories: map[int64]float64{}}
	for _, r := range rules {
		switch {
		case r.Act == FavourMargin:
			w.margin = r.Factor
		case r.Act == FavourIdle:
			w.idle = r.Factor
		case r.Act == Margin && r.OtherID != 0:
			w.products[r.OtherID] = r.Factor
		case r.Act == Margin:
			w.categories[r.OtherCategoryID] = r.Factor
		}
	}
	return w
}

// of is how many times a product's ties count, from 1 to (1+MaxFavour)².
func (w weights) of(product int64) float64 {
	factor := 1.0
	if w.margin > 0 {
		factor *= 1 + w.margin*w.marginOf(product)
	}
	if days := w.shelves.rests[product]; w.idle > 0 && days > restFrom {
		factor *= 1 + w.idle*min(1, float64(days-restFrom)/(restFull-restFrom))
	}
	return factor
}

// marginOf is the product's own margin, or that of the nearest category it is in; where nobody gave one, none.
func (w weights) marginOf(product int64) float64 {
	if own, ok := w.products[product]; ok {
		return own
	}
	if len(w.categories) > 0 {
		for _, category := range w.shelves.shelvesOf(product) {
			if margin, ok := w.categories[category]; ok {
				return margin
			}
		}
	}
	return 0
}
