package recommend

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/purchase"
	"github.com/kupec/kupec/module/store"
)

// Locales is the package's catalogue, English and Slovene, for [locale.Load].
//
//go:embed locales
var Locales embed.FS

// CrossSell suggests what goes with what somebody has. It is the only kind so far, and what an empty kind means.
const CrossSell = "cross_sell"

// Options narrow [Engine.For].
type Options struct {
	Kind    string  // default [CrossSell]
	Exclude []int64 // products not to suggest, because they stand in the same mail already
}

// Suggestion is a product for one person, and why.
type Suggestion struct {
	Product  catalog.Product
	Because  *catalog.Product // what the person has that it goes with; nil for a Fallback
	Both     int64            // people who bought both
	Buyers   int64            // people who bought Because
	Fallback bool             // a best seller of the last 30 days, for want of a better reason
	Popular  int64            // for a Fallback: people who bought it in the last 30 days
}

// Reason says why, in the printer's language.
func (s Suggestion) Reason(p *locale.Printer) string {
	switch {
	case s.Because == nil && s.Popular == 0:
		return p.T("recommend.unsold")
	case s.Because == nil:
		return p.T("recommend.fallback", "count", s.Popular)
	}
	return p.T("recommend.reason", "both", s.Both, "count", s.Buyers, "product", s.Because.Name)
}

const (
	fallbackDays = 30
	halfLifeDays = 180  // a purchase counts half as much after so many days
	oldestDays   = 3650 // older ones, and those of unknown age, count as much as this
)

// MaxPeople is how many profiles one call of [Engine.For] takes.
const MaxPeople = 10_000

// For suggests at most n products of the shop to each of the profiles (at most [MaxPeople]), best first, in a number of
// statements (at most ten or so, for few profiles as for many) that does not grow with them. Everything suggested can be sold now, is not in
// opt.Exclude, and was never bought by the person, not even to be returned; no product stands twice. Who has no history,
// or too short a one, gets the best sellers of the last 30 days, marked Fallback. There are fewer than n only for somebody
// who has bought nearly everything the shop can sell.
func (e *Engine) For(ctx context.Context, shopID int64, profileIDs []int64, n int, opt Options) (map[int64][]Suggestion, error) {
	if opt.Kind != "" && opt.Kind != CrossSell {
		return nil, fmt.Errorf("there is no kind of recommendation %q: use %q", opt.Kind, CrossSell)
	}
	if len(profileIDs) > MaxPeople {
		return nil, fmt.Errorf("%d profiles at once are too many: ask for at most %d", len(profileIDs), MaxPeople)
	}
	if len(profileIDs) == 0 || n <= 0 {
		return map[int64][]Suggestion{}, nil
	}
	owned, err := e.owned(ctx, shopID, profileIDs)
	if err != nil {
		return nil, err
	}
	run, err := e.runInUse(ctx, shopID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	ties, err := e.ties(ctx, shopID, run, owned)
	if err != nil {
		return nil, err
	}
	refused, err := e.unsellable(ctx, others(ties))
	if err != nil {
		return nil, err
	}
	for _, id := range opt.Exclude {
		refused[id] = true
	}
	picks := make(map[int64][]pick, len(profileIDs))
	for _, id := range profileIDs {
		picks[id] = choose(owned[id], ties, refused, n)
	}
	if err := e.fillUp(ctx, shopID, run, picks, owned, opt.Exclude, n); err != nil {
		return nil, err
	}
	return e.suggestions(ctx, picks)
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

// link is an affinity as it is weighed for people.
type link struct {
	ProductID, OtherID        int64
	Score                     float64
	BothBuyers, ProductBuyers int64
}

// ties gives the affinities of everything anybody has, also to products that cannot be sold.
func (e *Engine) ties(ctx context.Context, shopID, run int64, owned map[int64]map[int64]holding) (map[int64][]link, error) {
	has := map[int64]bool{}
	for _, theirs := range owned {
		for id, h := range theirs {
			if h.kept {
				has[id] = true
			}
		}
	}
	if len(has) == 0 || run == 0 {
		return nil, nil
	}
	ties, missing := e.tied.get(shopID, run, slices.Sorted(maps.Keys(has)))
	if len(missing) == 0 {
		return ties, nil
	}
	var rows []link
	err := e.db.NewRaw(`SELECT product_id, other_id, score, both_buyers, product_buyers FROM crm_affinities
		WHERE run_id = ? AND product_id IN (?)`, run, bun.List(missing)).Scan(ctx, &rows)
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
	e.tied.put(shopID, run, read)
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

// unsellable leaves those products that cannot be sold now. It is asked anew each time: what has sold out since the last
// batch of a mailing is not in the next.
func (e *Engine) unsellable(ctx context.Context, out map[int64]bool) (map[int64]bool, error) {
	if len(out) == 0 {
		return out, nil
	}
	var can []int64
	err := e.db.NewRaw("SELECT p.id FROM crm_products AS p WHERE p.id IN (?) AND "+sellable, bun.List(slices.Sorted(maps.Keys(out))), sellableStock).Scan(ctx, &can)
	if err != nil {
		return nil, fmt.Errorf("asking which products can be sold: %w", err)
	}
	for _, id := range can {
		delete(out, id)
	}
	return out, nil
}
