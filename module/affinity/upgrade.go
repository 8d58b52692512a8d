package affinity

import (
	"context"
	"slices"
)

// A dearer product is an upgrade while it costs more than this many times the other, and no more than that many: beyond, it is
// something else.
const (
	UpgradeFrom = 1.1
	UpgradeTo   = 1.6
)

// upgradePrior is how many more buyers of the cheaper product are reckoned with who go on to the dearer one as often as
// anybody buys that.
const upgradePrior = 5

// Upgrades finds, for each product, dearer ones of its category that its buyers went on to buy on a later day. Both is those
// buyers, at least 3 of them, who are more than half as many again as by chance; Score is their share, drawn to the share of
// all people where there are few buyers. price is by product; 0 is not known.
func (t *Trade) Upgrades(ctx context.Context, price []float64, opt Options) (*Model, error) {
	h := t.people(opt.Today)
	m := &Model{Ties: make(Ties, t.products), Buyers: h.buyers, All: h.rows()}
	if t.category == nil {
		return m, nil
	}
	start, rows := h.transposed()
	err := inStretches(ctx, t.products, opt.workers(), opt.Progress, func() func(int) {
		counts := newRow(t.products)
		seen := make([]uint32, t.products)
		visit := uint32(0)
		return func(item int) {
			if price[item] <= 0 || t.category[item] == None {
				return
			}
			for _, r := range rows[start[item]:start[item+1]] {
				visit++
				t.later(int(h.owners[r]), uint32(item), opt.Today, func(other uint32, later bool) {
					if seen[other] == visit {
						return
					}
					seen[other] = visit
					if later && t.category[other] == t.category[item] && price[other] > UpgradeFrom*price[item] && price[other] <= UpgradeTo*price[item] && opt.eligible(other) {
						counts.add(other)
					}
				})
			}
			m.Ties[item] = m.upgrades(uint32(item), counts.take(uint32(item), t.products))
		}
	})
	return m, err
}

func (m *Model) upgrades(item uint32, pairs []pair) []Tie {
	var found []Tie
	for _, p := range pairs {
		base := float64(m.Buyers[p.item]) / float64(m.All)
		buyers := float64(m.Buyers[item])
		if p.both >= leastBoth && float64(p.both) > 1.5*base*buyers {
			found = append(found, Tie{p.item, p.both, float32((float64(p.both) + upgradePrior*base) / (buyers + upgradePrior))})
		}
	}
	return best(found)
}

// later tells, in order, what a customer bought, and whether after the day on which they first bought an item.
func (t *Trade) later(customer int, item uint32, today int32, tell func(other uint32, later bool)) {
	from, at, _ := t.split(customer, today)
	theirs, days := t.items[from:at], t.days[from:at]
	day := days[slices.Index(theirs, item)]
	for i, other := range theirs {
		tell(other, days[i] > day)
	}
}
