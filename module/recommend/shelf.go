package recommend

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/kupec/kupec/module/affinity"
)

// shelves is what is offered whatever somebody has: best sellers and what is new, by category and of the whole shop, and how
// products stand in categories. It is as of the run, or of when it was first asked for; no reader sees it change.
type shelves struct {
	*tree
	run      int64
	pictured bool                        // see [offerable]
	back     affinity.Backoff            // by ids
	shop     []affinity.Leader           // best sellers
	newest   map[int64][]affinity.Leader // by category, or wholeShop
	rests    map[int64]int               // by product: days for which nobody bought it, of those in stock

	mu    sync.Mutex
	goods map[int64][]int64 // by category, see [shelves.bestOf]
}

// stock holds the shelves of the run in use of each shop; some megabytes in a shop of 100,000 products. It is safe for
// concurrent use.
type stock struct {
	mu   sync.Mutex
	held map[int64]*shelves // by shop
}

// shelves reads those of the run in use, or gives those that are held.
func (e *Engine) shelves(ctx context.Context, shopID, run int64) (*shelves, error) {
	e.stock.mu.Lock()
	held := e.stock.held[shopID]
	e.stock.mu.Unlock()
	if held != nil && held.run == run {
		return held, nil
	}
	s, err := e.readShelves(ctx, shopID, run)
	if err != nil {
		return nil, err
	}
	e.stock.mu.Lock()
	e.stock.held[shopID] = s
	e.stock.mu.Unlock()
	return s, nil
}

func (e *Engine) readShelves(ctx context.Context, shopID, run int64) (*shelves, error) {
	s := &shelves{run: run, back: affinity.Backoff{Leaders: map[int64][]affinity.Leader{}, Linked: map[int64][]affinity.Linked{}},
		newest: map[int64][]affinity.Leader{}, goods: map[int64][]int64{}}
	var err error
	if s.pictured, err = e.hasPictures(ctx, shopID); err != nil {
		return nil, err
	}
	if s.tree, err = e.readTree(ctx, shopID, s.pictured); err != nil {
		return nil, err
	}
	if s.rests, err = e.rests(ctx, run); err != nil {
		return nil, err
	}
	var leaders []leaderRow
	err = e.db.NewSelect().Model(&leaders).Where("run_id = ?", run).OrderExpr("list, category_id, position").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading best sellers: %w", err)
	}
	for _, l := range leaders {
		leader := affinity.Leader{Product: l.ProductID, Buyers: l.Buyers}
		switch {
		case l.List == listNewest:
			s.newest[l.CategoryID] = append(s.newest[l.CategoryID], leader)
		case l.CategoryID == wholeShop:
			s.shop = append(s.shop, leader)
		default:
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
	return s, nil
}

// goodsKept is how many products stand for a category as accessories.
const goodsKept = leadersOfShelf

// bestOf are the products in a category and below it that sell best, then the newest: what a rule of categories offers.
func (s *shelves) bestOf(category int64) []int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.goods[category]; ok {
		return known
	}
	buyers := map[int64]int64{}
	for _, some := range s.back.Leaders {
		for _, l := range some {
			buyers[l.Product] = l.Buyers
		}
	}
	var goods []int64
	for _, m := range s.members {
		if m.Offerable && s.inside(m.CategoryID, category) {
			goods = append(goods, m.ProductID)
		}
	}
	goods = slices.Compact(goods) // members are by product
	slices.SortFunc(goods, func(a, b int64) int { return cmp.Or(cmp.Compare(buyers[b], buyers[a]), cmp.Compare(b, a)) })
	goods = slices.Clone(goods[:min(goodsKept, len(goods))])
	s.goods[category] = goods
	return goods
}

// weights is how much somebody has of each category.
func (s *shelves) weights(has map[int64]holding) map[int64]float64 {
	weights := map[int64]float64{}
	for _, id := range slices.Sorted(maps.Keys(has)) { // in order: sums are always the same
		if leaf, ok := s.leaves[id]; ok && has[id].kept {
			weights[leaf] += has[id].weight()
		}
	}
	return weights
}

// leaders are what to offer for want of anything else: best sellers of the categories that go with somebody's, of their own,
// and of the shop.
func (s *shelves) leaders(has map[int64]holding) []affinity.Leader {
	return append(s.back.List(s.weights(has)), s.shop...)
}

// list is what a kind offers to somebody.
func (s *shelves) list(kind Kind, has map[int64]holding) []affinity.Leader {
	weights := s.weights(has)
	if kind == BestSellers {
		return append(s.back.Own(weights), s.shop...)
	}
	var list []affinity.Leader
	mostFirst := slices.SortedFunc(maps.Keys(weights), func(a, b int64) int {
		return cmp.Or(cmp.Compare(weights[b], weights[a]), cmp.Compare(a, b))
	})
	for _, category := range mostFirst {
		list = append(list, s.newest[category]...)
	}
	return append(list, s.newest[wholeShop]...)
}

// shelved picks best sellers, or what is new.
func (e *Engine) shelved(ctx context.Context, q *question, kind Kind) (map[int64][]pick, error) {
	picks := e.nothing(q)
	lists := func(id int64) []affinity.Leader { return q.shelves.list(kind, q.owned[id]) }
	return picks, e.fillFrom(ctx, q, picks, q.people, kind, lists)
}

// fillUp adds best sellers to the picks of those who have fewer than wanted: those that the run found, and where these do not
// suffice, of all that the shop sells.
func (e *Engine) fillUp(ctx context.Context, q *question, picks map[int64][]pick) error {
	short := q.short(picks)
	if len(short) > 0 && q.run != 0 {
		lists := func(id int64) []affinity.Leader { return q.shelves.leaders(q.owned[id]) }
		if err := e.fillFrom(ctx, q, picks, short, "", lists); err != nil {
			return err
		}
		short = q.short(picks)
	}
	if len(short) == 0 {
		return nil
	}
	most := 0
	for _, id := range short {
		most = max(most, len(q.owned[id])+len(q.offered[id]))
	}
	sellers, err := e.sellers(ctx, q.shop, fallbackDays, q.n+most+len(q.exclude)+leadersOfShelf, q.shelves.pictured) // this costs more than all the rest
	if err != nil {
		return err
	}
	var leaders []affinity.Leader
	for _, s := range sellers {
		leaders = append(leaders, affinity.Leader{Product: s.ID, Buyers: s.Buyers})
	}
	for _, id := range short {
		picks[id] = q.fill(picks[id], id, "", leaders, nil)
	}
	return nil
}

// fillFrom fills up from lists, by profile, of which some can no longer be sold.
func (e *Engine) fillFrom(ctx context.Context, q *question, picks map[int64][]pick, people []int64, kind Kind, lists func(id int64) []affinity.Leader) error {
	theirs := make(map[int64][]affinity.Leader, len(people))
	offered := map[int64]bool{}
	for _, id := range people {
		theirs[id] = lists(id)
		for _, l := range theirs[id] {
			offered[l.Product] = true
		}
	}
	refused, err := e.refused(ctx, q.shelves.pictured, offered)
	if err != nil {
		return err
	}
	for _, id := range people {
		picks[id] = q.fill(picks[id], id, kind, theirs[id], refused)
	}
	return nil
}

// short are the people who have fewer picks than wanted, in the order in which they were asked for.
func (q *question) short(picks map[int64][]pick) (short []int64) {
	for _, id := range q.people {
		if len(picks[id]) < q.n {
			short = append(short, id)
		}
	}
	return short
}

// fill adds the first of a list that somebody neither has nor is offered yet.
func (q *question) fill(picks []pick, person int64, kind Kind, list []affinity.Leader, refused map[int64]bool) []pick {
	seen := map[int64]bool{}
	for _, p := range picks {
		seen[p.product] = true
	}
	return q.take(picks, func(yield func(pick) bool) {
		for _, l := range list {
			if seen[l.Product] {
				continue
			}
			seen[l.Product] = true
			if why := q.refusal(person, q.owned[person], l.Product, refused); why != "" {
				q.trace.note(l.Product, why, link{}, 0)
				continue
			}
			if !yield(pick{product: l.Product, kind: kind, buyers: l.Buyers}) {
				return
			}
		}
	})
}
