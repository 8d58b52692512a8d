package recommend

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/purchase"
	"github.com/kupec/kupec/module/store"
)

// Kind is a way of choosing what to offer.
type Kind string

// The kinds.
const (
	CrossSell   Kind = "cross_sell"   // what goes with what somebody has, and they never bought
	Again       Kind = "again"        // what they bought and is likely to be used up
	Upgrade     Kind = "upgrade"      // dearer ones of the same category as what they have
	BestSellers Kind = "best_sellers" // of the categories they buy from, then of the shop
	Newest      Kind = "newest"       // likewise, the latest first
)

// Kinds are all of them. An empty kind is the first.
var Kinds = []Kind{CrossSell, Again, Upgrade, BestSellers, Newest}

// Options narrow [Engine.For].
type Options struct {
	Kind        Kind              // default [CrossSell]
	Exclude     []int64           // products not to suggest, because they stand in the same mail already
	Offered     map[int64][]int64 // likewise, by profile
	PerCategory int               // at most so many of one category, as long as there are others; default 2, below 0: any number
}

const perCategory = 2

func (opt Options) kind() (Kind, error) {
	if kind := cmp.Or(opt.Kind, CrossSell); slices.Contains(Kinds, kind) {
		return kind, nil
	}
	return "", &UnknownKindError{opt.Kind}
}

// UnknownKindError says that there is no such kind.
type UnknownKindError struct{ Kind Kind }

func (e *UnknownKindError) Error() string {
	return fmt.Sprintf("there is no kind of recommendation %q: use one of %v", string(e.Kind), Kinds)
}

const (
	fallbackDays = 30
	halfLifeDays = 180  // a purchase counts half as much after so many days
	oldestDays   = 3650 // older ones, and those of unknown age, count as much as this
)

// MaxPeople is how many profiles one call of [Engine.For] takes.
const MaxPeople = 10_000

// For suggests at most n products of the shop to each of the profiles (at most [MaxPeople]), best first, in a number of
// statements (at most ten or so, for few profiles as for many) that does not grow with them. Everything suggested can be sold
// now and has a picture, is not in opt.Exclude or opt.Offered, and was, but for what is offered [Again], never bought by the
// person, not even to be returned; no product stands twice. Of one category there are at most opt.PerCategory, unless the
// kind has nothing else for somebody. Where a kind has nothing, or too little, for somebody, there follow best sellers of the
// last 30 days, of categories that go with theirs first, marked Fallback. There are fewer than n only for somebody who has
// bought nearly everything the shop can sell. An unknown kind is a *UnknownKindError.
func (e *Engine) For(ctx context.Context, shopID int64, profileIDs []int64, n int, opt Options) (map[int64][]Suggestion, error) {
	kind, err := opt.kind()
	if err != nil {
		return nil, err
	}
	if len(profileIDs) > MaxPeople {
		return nil, fmt.Errorf("%d profiles at once are too many: ask for at most %d", len(profileIDs), MaxPeople)
	}
	if len(profileIDs) == 0 || n <= 0 {
		return map[int64][]Suggestion{}, nil
	}
	q, err := e.ask(ctx, shopID, profileIDs, n, opt)
	if err != nil {
		return nil, err
	}
	return e.answer(ctx, q, kind)
}

// ask reads what is known of a question: which run is in use, what staff say, and what the people have.
func (e *Engine) ask(ctx context.Context, shopID int64, profileIDs []int64, n int, opt Options) (*question, error) {
	q := &question{shop: shopID, people: profileIDs, n: n, exclude: setOf(opt.Exclude), offered: make(map[int64]map[int64]bool, len(opt.Offered)),
		perCategory: cmp.Or(opt.PerCategory, perCategory)}
	for id, products := range opt.Offered {
		q.offered[id] = setOf(products)
	}
	var err error
	if q.run, err = e.runInUse(ctx, shopID); err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	if q.shelves, err = e.shelves(ctx, shopID, q.run); err != nil {
		return nil, err
	}
	rules, err := e.rulesOf(ctx, shopID)
	if err != nil {
		return nil, err
	}
	q.rules = newRulebook(rules, q.shelves)
	q.owned, err = e.owned(ctx, shopID, profileIDs)
	return q, err
}

func (e *Engine) answer(ctx context.Context, q *question, kind Kind) (map[int64][]Suggestion, error) {
	picks, err := e.picks(ctx, q, kind)
	if err != nil {
		return nil, err
	}
	if err := e.fillUp(ctx, q, picks); err != nil {
		return nil, err
	}
	return e.suggestions(ctx, picks)
}

// question is what For is asked, with what is known of the people.
type question struct {
	shop, run int64 // run 0: there is none yet
	people    []int64
	n         int
	owned     map[int64]map[int64]holding // by profile and product
	exclude   map[int64]bool              // for everybody
	offered   map[int64]map[int64]bool    // by profile
	rules     *rulebook
	shelves   *shelves
	trace     *trace // nil: nobody asks why

	perCategory int // below 0: any number
}

func setOf(ids []int64) map[int64]bool {
	set := make(map[int64]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}

// picks chooses by a kind; that there is a run is needed for all of them.
func (e *Engine) picks(ctx context.Context, q *question, kind Kind) (map[int64][]pick, error) {
	if q.run == 0 {
		return e.nothing(q), nil
	}
	switch kind {
	case Again:
		return e.again(ctx, q)
	case BestSellers, Newest:
		return e.shelved(ctx, q, kind)
	case Upgrade:
		ties, err := e.upgrades(ctx, q)
		if err != nil {
			return nil, err
		}
		return e.fromTies(ctx, q, ties, Upgrade)
	}
	ties, err := e.ties(ctx, q)
	if err != nil {
		return nil, err
	}
	return e.fromTies(ctx, q, ties, CrossSell)
}

func (e *Engine) nothing(q *question) map[int64][]pick {
	picks := make(map[int64][]pick, len(q.people))
	for _, id := range q.people {
		picks[id] = nil
	}
	return picks
}

func (e *Engine) fromTies(ctx context.Context, q *question, ties map[int64][]link, kind Kind) (map[int64][]pick, error) {
	ties = q.follow(ties, kind == CrossSell)
	refused, err := e.refused(ctx, q.shelves.pictured, others(ties))
	if err != nil {
		return nil, err
	}
	picks := make(map[int64][]pick, len(q.people))
	for _, id := range q.people {
		picks[id] = q.choose(id, kind, ties, refused)
	}
	return picks, nil
}

// holding is a product somebody bought.
type holding struct {
	age  int  // days since the last purchase
	kept bool // not wholly returned: may be a reason
}

// weight is how much it says of what its owner may want.
func (h holding) weight() float64 { return math.Exp2(-float64(h.age) / halfLifeDays) }

func (e *Engine) owned(ctx context.Context, shopID int64, profileIDs []int64) (map[int64]map[int64]holding, error) {
	var rows []struct {
		ProfileID, ProductID int64
		Day                  int32
		Kept                 bool
	}
	err := e.db.NewRaw(`SELECT o.profile_id, l.product_id, MAX(COALESCE(TO_DAYS(o.placed_at), 0)) AS day, MAX(`+kept+`) AS kept
		FROM crm_orders AS o JOIN crm_order_lines AS l ON l.order_id = o.id
		WHERE o.profile_id IN (?) AND o.shop_id = ? AND o.status IN (?) AND o.deleted_at IS NULL AND l.product_id IS NOT NULL
		GROUP BY o.profile_id, l.product_id`, keptStatuses, bun.List(profileIDs), shopID, bun.List(purchase.Counting)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("reading what people have bought: %w", err)
	}
	today := dayNumber(e.now())
	owned := make(map[int64]map[int64]holding, len(profileIDs))
	for _, r := range rows {
		if owned[r.ProfileID] == nil {
			owned[r.ProfileID] = map[int64]holding{}
		}
		owned[r.ProfileID][r.ProductID] = holding{age: min(max(0, int(today-r.Day)), oldestDays), kept: r.Kept}
	}
	return owned, nil
}

// follow makes ties follow the rules. What is held of a run is shared, and left as it is.
func (q *question) follow(ties map[int64][]link, pins bool) map[int64][]link {
	if q.rules.isEmpty {
		return ties
	}
	out := make(map[int64][]link, len(ties))
	for _, product := range q.reasons() {
		if links := q.rules.apply(product, ties[product], pins, q.trace); len(links) > 0 {
			out[product] = links
		}
	}
	return out
}

// reasons are the products that somebody has and kept, ascending.
func (q *question) reasons() []int64 {
	has := map[int64]bool{}
	for _, theirs := range q.owned {
		for id, h := range theirs {
			if h.kept {
				has[id] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(has))
}

// link is an affinity as it is weighed for people.
type link struct {
	ProductID, OtherID        int64
	Score                     float64
	BothBuyers, ProductBuyers int64
	OtherBuyers               int64   // where it is asked for
	LLR                       float64 `bun:"llr"` // likewise
	Staff                     bool    `bun:"-"`   // a rule puts it there, counted or not
}

// ties gives the affinities of everything anybody has, also to products that cannot be sold.
func (e *Engine) ties(ctx context.Context, q *question) (map[int64][]link, error) {
	has := q.reasons()
	if len(has) == 0 {
		return nil, nil
	}
	ties, missing := e.tied.get(q.shop, q.run, has)
	if len(missing) == 0 {
		return ties, nil
	}
	var rows []link
	err := e.db.NewRaw(`SELECT product_id, other_id, score, both_buyers, product_buyers FROM crm_affinities
		WHERE run_id = ? AND product_id IN (?)`, q.run, bun.List(missing)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("reading affinities: %w", err)
	}
	read := make(map[int64][]link, len(missing))
	for _, id := range missing {
		read[id] = nil
	}
	for _, r := range rows {
		read[r.ProductID] = append(read[r.ProductID], r)
	}
	e.tied.put(q.shop, q.run, read)
	maps.Copy(ties, read)
	return ties, nil
}

// others are the products at the other end of the ties.
func others(ties map[int64][]link) map[int64]bool {
	out := map[int64]bool{}
	for _, links := range ties {
		for _, l := range links {
			out[l.OtherID] = true
		}
	}
	return out
}
