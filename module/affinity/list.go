package affinity

import (
	"cmp"
	"math"
	"slices"
)

// Weights of a person's lists.
const (
	halfLifeDays = 180  // a purchase counts half as much after so many days
	oldestDays   = 3650 // older ones, and those of unknown age, count as much as this
	crossShare   = .4   // of what goes with one's things, beside what one buys again, which is 1 at most
	popularShare = .3   // of what sells to everybody, likewise
)

// shelf is what lists are made from, as of a day.
type shelf struct {
	trade   *Trade
	history *history
	popular []uint32 // of the last 30 days, by buyers
	most    float64  // buyers of the first of them
	ordered []uint32 // ever, by orders
	back    *Backoff // nil: no category is known
}

// lister makes lists for one person after the other. It is a worker's; not safe for concurrent use.
type lister struct {
	*shelf
	score   []float64 // by product
	touched []uint32
	owned   []uint32 // by product: row + 1 of the last person who had it
	listed  []uint32 // by product: number of the last list that had it
	lists   uint32
}

func (s *shelf) lister() *lister {
	n := s.history.products()
	return &lister{shelf: s, score: make([]float64, n), owned: make([]uint32, n), listed: make([]uint32, n)}
}

// visit is a product of a person, with how much it weighs.
type visit struct {
	item   uint32
	weight float64
}

// own marks what a person has, and gives it weighed by how lately it was bought, newest first.
func (l *lister) own(row int) []visit {
	var out []visit
	from, to := l.bought(row)
	for i := to - 1; i >= from; i-- {
		if item := l.trade.items[i]; l.owned[item] != uint32(row)+1 {
			l.owned[item] = uint32(row) + 1
			out = append(out, visit{item, faded(l.history.today - l.trade.days[i])})
		}
	}
	return out
}

// bought is the stretch of the trade that a person had bought by the day.
func (l *lister) bought(row int) (from, to int) {
	from, to, _ = l.trade.split(int(l.history.owners[row]), l.history.today)
	return from, to
}

// faded is how much a purchase of so many days ago still counts: always something.
func faded(days int32) float64 {
	return math.Exp2(-float64(min(max(0, days), oldestDays)) / halfLifeDays)
}

func (l *lister) put(item uint32, score float64) {
	if l.score[item] == 0 {
		l.touched = append(l.touched, item)
	}
	l.score[item] += score
}

// cross scores what goes with what a person has, and gives the latter.
func (l *lister) cross(row int, ties Ties) []visit {
	own := l.own(row)
	for _, v := range own {
		for _, t := range ties[v.item] {
			l.put(t.Product, v.weight*float64(t.Score))
		}
	}
	return own
}

// personal is how often, and how lately, a person bought each product; the most is 1.
func (l *lister) personal(row int) map[uint32]float64 {
	score, most := map[uint32]float64{}, 0.0
	from, to := l.bought(row)
	for i := from; i < to; i++ {
		item := l.trade.items[i]
		score[item] += faded(l.history.today - l.trade.days[i])
		most = max(most, score[item])
	}
	for item := range score {
		score[item] /= most
	}
	return score
}

// scale makes the highest score a given one.
func (l *lister) scale(to float64) {
	highest := 0.0
	for _, item := range l.touched {
		highest = max(highest, l.score[item])
	}
	for _, item := range l.touched {
		l.score[item] *= to / highest
	}
}

// take gives the products of highest score, then of lowest number, and forgets all scores.
func (l *lister) take(n int, may func(item uint32) bool) []uint32 {
	var found []visit
	for _, item := range l.touched {
		if may == nil || may(item) {
			found = append(found, visit{item, l.score[item]})
		}
		l.score[item] = 0
	}
	l.touched = l.touched[:0]
	slices.SortFunc(found, func(a, b visit) int { return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.item, b.item)) })
	list := make([]uint32, 0, n)
	for _, f := range found[:min(n, len(found))] {
		list = append(list, f.item)
	}
	return list
}

// fill appends the first of more that are not in the list yet, until there are n.
func (l *lister) fill(list []uint32, n int, may func(item uint32) bool, more []uint32) []uint32 {
	l.lists++
	for _, item := range list {
		l.listed[item] = l.lists
	}
	for _, item := range more {
		if len(list) >= n {
			break
		}
		if l.listed[item] != l.lists && (may == nil || may(item)) {
			l.listed[item] = l.lists
			list = append(list, item)
		}
	}
	return list
}

// new lists n products that a person has never had: what goes with theirs, then what the back-off knows, then best sellers.
func (l *lister) new(row int, ties Ties, n int) []uint32 {
	own := l.cross(row, ties)
	unowned := l.without(row)
	list := l.take(n, unowned)
	if len(list) < n && l.back != nil {
		list = l.fill(list, n, unowned, l.fallback(own))
	}
	return l.fill(list, n, unowned, l.popular)
}

// without says of products whether the person of a row, whom own has seen, never had them.
func (l *lister) without(row int) func(item uint32) bool {
	return func(item uint32) bool { return l.owned[item] != uint32(row)+1 }
}

// unowned lists the first n of a ranking that a person has never had.
func (l *lister) unowned(row, n int, ranking []uint32) []uint32 {
	l.own(row)
	return l.fill(nil, n, l.without(row), ranking)
}

func (l *lister) fallback(own []visit) []uint32 {
	weights := map[int64]float64{}
	for _, v := range own {
		if c := l.trade.category[v.item]; c != None {
			weights[int64(c)] += v.weight
		}
	}
	var list []uint32
	for _, leader := range l.back.List(weights) {
		list = append(list, uint32(leader.Product))
	}
	return list
}

// all lists n products, also such as the person has: those bought again, with what goes with them, then best sellers.
func (l *lister) all(row int, ties Ties, n int) []uint32 {
	l.cross(row, ties)
	l.scale(crossShare)
	for item, score := range l.personal(row) {
		l.put(item, score)
	}
	for _, item := range l.touched {
		l.score[item] += popularShare * float64(l.history.popular[item]) / l.most
	}
	return l.fill(l.take(n, nil), n, nil, l.popular)
}

// Order says what comes first of products that somebody bought equally often.
type Order int

// The orders.
const (
	Latest   Order = iota // the one bought last
	Favoured              // the one that is in most orders
)

// frequent lists n products that a person bought most often, then those that are in most orders.
func (l *lister) frequent(row int, order Order, n int) []uint32 {
	type often struct {
		item, times uint32
		last        int32
	}
	var own []often
	at := map[uint32]int{}
	from, to := l.bought(row)
	for i := to - 1; i >= from; i-- {
		item := l.trade.items[i]
		if _, known := at[item]; !known {
			at[item] = len(own)
			own = append(own, often{item: item, last: l.trade.days[i]})
		}
		own[at[item]].times++
	}
	slices.SortFunc(own, func(a, b often) int {
		first := cmp.Compare(b.last, a.last)
		if order == Favoured {
			first = cmp.Compare(l.history.orders[b.item], l.history.orders[a.item])
		}
		return cmp.Or(cmp.Compare(b.times, a.times), first, cmp.Compare(a.item, b.item))
	})
	var list []uint32
	for _, h := range own[:min(n, len(own))] {
		list = append(list, h.item)
	}
	return l.fill(list, n, nil, l.ordered)
}
