package recommend

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/kupec/kupec/module/affinity"
)

// shelves is what is offered to people whose things have no ties: the best sellers of a run, by category and of the whole
// shop. It is not changed after it was read.
type shelves struct {
	run    int64
	back   affinity.Backoff // by ids
	leaves map[int64]int64  // category by product
	shop   []affinity.Leader
}

// shelved holds the shelves of the run in use of each shop; some megabytes in a shop of 100,000 products. It is safe for
// concurrent use.
type shelved struct {
	mu   sync.Mutex
	held map[int64]*shelves // by shop
}

// shelves reads those of a run, or gives those that are held.
func (e *Engine) shelves(ctx context.Context, shopID, run int64) (*shelves, error) {
	e.shelved.mu.Lock()
	held := e.shelved.held[shopID]
	e.shelved.mu.Unlock()
	if held != nil && held.run == run {
		return held, nil
	}
	s := &shelves{run: run, back: affinity.Backoff{Leaders: map[int64][]affinity.Leader{}, Linked: map[int64][]affinity.Linked{}}}
	var err error
	if s.leaves, err = e.leaves(ctx, shopID); err != nil {
		return nil, err
	}
	var leaders []leaderRow
	err = e.db.NewSelect().Model(&leaders).Where("run_id = ?", run).OrderExpr("category_id, position").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading best sellers: %w", err)
	}
	for _, l := range leaders {
		leader := affinity.Leader{Product: l.ProductID, Buyers: l.Buyers}
		if l.CategoryID == wholeShop {
			s.shop = append(s.shop, leader)
		} else {
			s.back.Leaders[l.CategoryID] = append(s.back.Leaders[l.CategoryID], leader)
		}
	}
	var links []categoryAffinityRow
	err = e.db.NewSelect().Model(&links).Where("run_id = ?", run).OrderExpr("category_id, position").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading which categories go together: %w", err)
	}
	for _, l := range links {
		s.back.Linked[l.CategoryID] = append(s.back.Linked[l.CategoryID], affinity.Linked{Category: l.OtherID, Score: l.Score})
	}
	e.shelved.mu.Lock()
	e.shelved.held[shopID] = s
	e.shelved.mu.Unlock()
	return s, nil
}

// leaders are the best sellers for somebody, first those of the categories that go with theirs, then those of their own, then
// those of the shop.
func (s *shelves) leaders(has map[int64]holding) []affinity.Leader {
	weights := map[int64]float64{}
	for _, id := range slices.Sorted(maps.Keys(has)) { // in order: sums are always the same
		if leaf, ok := s.leaves[id]; ok && has[id].kept {
			weights[leaf] += has[id].weight()
		}
	}
	return append(s.back.List(weights), s.shop...)
}

// fillUp adds best sellers to the picks of those who have fewer than n: of categories and of the shop as the run found them,
// and where these do not suffice, of all that the shop sells.
func (e *Engine) fillUp(ctx context.Context, shopID, run int64, picks map[int64][]pick, owned map[int64]map[int64]holding, exclude []int64, n int) error {
	short := shortOf(picks, n)
	if len(short) == 0 {
		return nil
	}
	if run != 0 {
		if err := e.fillFromShelves(ctx, shopID, run, short, picks, owned, exclude, n); err != nil {
			return err
		}
		if short = shortOf(picks, n); len(short) == 0 {
			return nil
		}
	}
	most := 0
	for _, id := range short {
		most = max(most, len(owned[id]))
	}
	sellers, err := e.sellers(ctx, shopID, fallbackDays, n+most+len(exclude)) // this costs more than all the rest
	if err != nil {
		return err
	}
	var leaders []affinity.Leader
	for _, s := range sellers {
		leaders = append(leaders, affinity.Leader{Product: s.ID, Buyers: s.Buyers})
	}
	refused := map[int64]bool{}
	for _, id := range exclude {
		refused[id] = true
	}
	for _, id := range short {
		picks[id] = append(picks[id], fill(picks[id], owned[id], leaders, refused, n)...)
	}
	return nil
}

func (e *Engine) fillFromShelves(ctx context.Context, shopID, run int64, short []int64, picks map[int64][]pick, owned map[int64]map[int64]holding, exclude []int64, n int) error {
	s, err := e.shelves(ctx, shopID, run)
	if err != nil {
		return err
	}
	leaders := make(map[int64][]affinity.Leader, len(short))
	offered := map[int64]bool{}
	for _, l := range s.shop {
		offered[l.Product] = true
	}
	for _, id := range short {
		leaders[id] = s.leaders(owned[id])
		for _, l := range leaders[id] {
			offered[l.Product] = true
		}
	}
	refused, err := e.unsellable(ctx, offered)
	if err != nil {
		return err
	}
	for _, id := range exclude {
		refused[id] = true
	}
	for _, id := range short {
		picks[id] = append(picks[id], fill(picks[id], owned[id], leaders[id], refused, n)...)
	}
	return nil
}

func shortOf(picks map[int64][]pick, n int) (short []int64) {
	for id, theirs := range picks {
		if len(theirs) < n {
			short = append(short, id)
		}
	}
	return short
}

// fill gives the first best sellers that somebody neither has nor is offered yet, for what lacks to n.
func fill(picks []pick, has map[int64]holding, leaders []affinity.Leader, refused map[int64]bool, n int) (more []pick) {
	seen := map[int64]bool{}
	for _, p := range picks {
		seen[p.product] = true
	}
	for _, l := range leaders {
		if len(picks)+len(more) >= n {
			break
		}
		if _, owns := has[l.Product]; !owns && !refused[l.Product] && !seen[l.Product] {
			seen[l.Product] = true
			more = append(more, pick{product: l.Product, buyers: l.Buyers})
		}
	}
	return more
}
