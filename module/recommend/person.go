package recommend

import (
	"cmp"
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
	ties, err := e.ties(ctx, shopID, owned)
	if err != nil {
		return nil, err
	}
	refused, err := e.unsellable(ctx, ties)
	if err != nil {
		return nil, err
	}
	excluded := make(map[int64]bool, len(opt.Exclude))
	for _, id := range opt.Exclude {
		excluded[id], refused[id] = true, true
	}
	picks := make(map[int64][]pick, len(profileIDs))
	short, most := false, 0
	for _, id := range profileIDs {
		picks[id] = choose(owned[id], ties, refused, n)
		short, most = short || len(picks[id]) < n, max(most, len(owned[id]))
	}
	if short { // the best sellers cost more than all the rest: they are read only for somebody's sake
		popular, err := e.sellers(ctx, shopID, fallbackDays, n+most+len(excluded))
		if err != nil {
			return nil, err
		}
		for _, id := range profileIDs {
			picks[id] = fillUp(picks[id], owned[id], popular, excluded, n)
		}
	}
	return e.suggestions(ctx, picks)
}

// holding is a product somebody bought.
type holding struct {
	age  int  // days since the last purchase
	kept bool // not wholly returned: may be a reason
}

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
func (e *Engine) ties(ctx context.Context, shopID int64, owned map[int64]map[int64]holding) (map[int64][]link, error) {
	has := map[int64]bool{}
	for _, theirs := range owned {
		for id, h := range theirs {
			if h.kept {
				has[id] = true
			}
		}
	}
	if len(has) == 0 {
		return nil, nil
	}
	run, err := e.LastRun(ctx, shopID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	ties, missing := e.tied.get(shopID, run.ID, slices.Sorted(maps.Keys(has)))
	if len(missing) == 0 {
		return ties, nil
	}
	var rows []link
	err = e.db.NewRaw(`SELECT product_id, other_id, score, both_buyers, product_buyers FROM crm_affinities
		WHERE run_id = ? AND product_id IN (?)`, run.ID, bun.List(missing)).Scan(ctx, &rows)
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
	e.tied.put(shopID, run.ID, read)
	maps.Copy(ties, read)
	return ties, nil
}

// unsellable gives those products at the other end of the ties that cannot be sold now. It is asked anew each time: what
// has sold out since the last batch of a mailing is not in the next.
func (e *Engine) unsellable(ctx context.Context, ties map[int64][]link) (map[int64]bool, error) {
	out := map[int64]bool{}
	for _, links := range ties {
		for _, l := range links {
			out[l.OtherID] = true
		}
	}
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

// pick is a suggestion by ids.
type pick struct {
	product int64
	why     link  // zero: a best seller
	buyers  int64 // of a best seller
}

// choose ranks what goes with a person's products by the sum of the ties, each weighed by how lately the product was
// bought; the largest part of the sum is the reason.
func choose(has map[int64]holding, ties map[int64][]link, excluded map[int64]bool, n int) []pick {
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
		weight := math.Exp2(-float64(h.age) / halfLifeDays)
		for _, l := range ties[id] {
			if _, owns := has[l.OtherID]; owns || excluded[l.OtherID] {
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

// fillUp adds best sellers until there are n.
func fillUp(picks []pick, has map[int64]holding, popular []sellerRow, excluded map[int64]bool, n int) []pick {
	for _, s := range popular {
		if len(picks) >= n {
			break
		}
		_, owns := has[s.ID]
		if !owns && !excluded[s.ID] && !slices.ContainsFunc(picks, func(p pick) bool { return p.product == s.ID }) {
			picks = append(picks, pick{product: s.ID, buyers: s.Buyers})
		}
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
			s := Suggestion{Product: product, Fallback: p.why.ProductID == 0, Popular: p.buyers}
			if because, ok := products[p.why.ProductID]; ok {
				s.Because, s.Both, s.Buyers = &because, p.why.BothBuyers, p.why.ProductBuyers
			}
			out[id] = append(out[id], s)
		}
	}
	return out, nil
}
