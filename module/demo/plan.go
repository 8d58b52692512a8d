package demo

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

// The span of the shop's history.
const historyYears = 3

const day = 24 * 60 * 60

// An event is an order, or the refund of one. Sixteen bytes, the only thing kept for each order.
type event struct {
	at      uint32 // Unix seconds
	profile uint32
	nth     uint16 // which order of the profile, 0-based
	refund  bool
}

// A plan says who comes when.
type plan struct {
	seed       uint64
	start, now int64
	zone       *time.Location
	events     []event  // by time
	registered []uint32 // by profile; 0 for guests, and for those who never came
	last       []uint32 // by profile: the last order
}

// season is how busy the shop is on a day: Christmas, the summer dip, and the days of the week.
func season(t time.Time) float64 {
	w := 1.0
	switch t.Month() {
	case time.November:
		w = 1.35
		if t.Day() >= 23 { // Black Friday's week
			w = 1.6
		}
	case time.December:
		w = 1.95
		if t.Day() > 21 {
			w = .7
		}
	case time.January, time.February, time.October:
		w = 1.1
	case time.July:
		w = .62
	case time.August:
		w = .55
	case time.June:
		w = .8
	}
	return w * [...]float64{1.12, 1.2, 1.1, 1.02, 1, .86, .7}[t.Weekday()] // from Sunday
}

const busiest = 1.95 * 1.2

// hour is when in the day people order: at noon a little, in the evening most.
func hour(d *dice) int64 {
	h := d.weighted(4, 2, 1, 1, 1, 2, 6, 14, 22, 28, 32, 34, 38, 34, 30, 28, 28, 30, 36, 46, 54, 52, 36, 16)
	return int64(h)*3600 + int64(d.IntN(3600))
}

// seasonal moves a time to the next day that the season agrees with, and to an hour at which people order.
func (p *plan) seasonal(d *dice, t int64) int64 {
	local := time.Unix(t, 0).In(p.zone)
	for range 5 {
		if d.Float64()*busiest < season(local)*1.4 {
			break
		}
		local = local.AddDate(0, 0, 1)
	}
	midnight := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, p.zone).Unix()
	return midnight + hour(d)
}

// life draws when a person registered, and when they would order if they never lapsed. keys grow from order to order: the
// orders with the smallest keys in the whole shop are the ones that happen, so that everybody's history ends once, early
// for most and late for the loyal, and the shop's total is exact.
func (p *plan) life(d *dice, who *person, t *traits, times []int64, keys []float32) (int64, []int64, []float32) {
	d.set(p.seed, who.number, 0, streamLife)
	times, keys = times[:0], keys[:0]
	span := float64(p.now - p.start)
	var arrival int64
	for { // later arrivals are more likely, the shop grows; and the season counts
		arrival = p.start + int64(span*math.Pow(d.Float64(), .72))
		if d.chance(.8) {
			if d.Float64()*busiest > season(time.Unix(arrival, 0).In(p.zone)) {
				continue
			}
		}
		break
	}
	arrival = min(p.seasonal(d, arrival), p.now-60)
	registered := int64(0)
	first := arrival
	if who.account {
		registered = arrival
		switch d.weighted(68, 22, 10) {
		case 1: // first looks around
			first += int64(d.ExpFloat64() * 9 * day)
		case 2: // was a guest first
			registered = min(arrival+int64(float64(d.between(5, 40))*day), p.now-30)
		}
	}
	key := float32(0)
	if who.account { // guests exist by their order
		key = float32(d.ExpFloat64() * .25)
	}
	for at := first; at < p.now; {
		times, keys = append(times, at), append(keys, key)
		if len(times) == 400 {
			break
		}
		gap := t.rhythm * (1 + .17*d.NormFloat64())
		gap = max(gap, 4)
		at = p.seasonal(d, at+int64(p.mood(d, t, at, gap)*day))
		key += float32(d.ExpFloat64() / t.loyalty)
	}
	return registered, times, keys
}

// mood bends the days until the next order to the time of the year: presents come before Christmas, and in the summer
// people are away.
func (p *plan) mood(d *dice, t *traits, at int64, gap float64) float64 {
	here, then := time.Unix(at, 0).In(p.zone), time.Unix(at+int64(gap*day), 0).In(p.zone)
	if t.taste == tasteGift && d.chance(.65) {
		christmas := time.Date(then.Year(), time.November, 24+d.IntN(26), 0, 0, 0, 0, p.zone)
		if days := christmas.Sub(here).Hours() / 24; days > 20 {
			return days
		}
	}
	switch late := here.Month()*100 + time.Month(here.Day()); {
	case late >= 1105 && late <= 1210 && d.chance(.6):
		return gap * .5
	case (then.Month() == time.July || then.Month() == time.August) && d.chance(.4):
		return gap * 1.9
	}
	return gap
}

// The histogram of keys: fine enough that one cell holds few orders.
const (
	keyCells = 1 << 20
	keyMax   = 128
)

func cell(key float32) int { return min(int(float64(key)*(keyCells/keyMax)), keyCells-1) }

// makePlan draws everybody's life twice, once to find which orders happen and once to note them; that costs less than
// remembering the ones that do not.
func makePlan(c *census, cfg Config, zone *time.Location) (*plan, error) {
	p := &plan{seed: cfg.Seed, now: cfg.Now.Unix(), start: cfg.Now.AddDate(-historyYears, 0, 0).Unix(), zone: zone,
		events: make([]event, 0, cfg.Orders+cfg.Orders/12), registered: make([]uint32, cfg.Profiles), last: make([]uint32, cfg.Profiles)}
	d := newDice()
	var times []int64
	var keys []float32
	lives := func(visit func(i int, who *person, registered int64)) {
		for i := range cfg.Profiles {
			who := c.person(d, cfg.Seed, uint64(i))
			t := drawTraits(d, cfg.Seed, uint64(i))
			var registered int64
			registered, times, keys = p.life(d, &who, &t, times, keys)
			visit(i, &who, registered)
		}
	}
	cells := make([]int32, keyCells)
	total := 0
	lives(func(int, *person, int64) {
		total += len(keys)
		for _, k := range keys {
			cells[cell(k)]++
		}
	})
	if total < cfg.Orders {
		return nil, fmt.Errorf("demo: %d orders are too many for %d profiles in %d years; ask for %d at most, or for more profiles", cfg.Orders, cfg.Profiles, historyYears, total)
	}
	edge, left := 0, cfg.Orders
	for left >= int(cells[edge]) && edge < keyCells-1 {
		left -= int(cells[edge])
		edge++
	}
	lives(func(i int, who *person, registered int64) {
		p.registered[i] = uint32(registered)
		for n, k := range keys {
			if c := cell(k); c > edge {
				break
			} else if c == edge {
				if left == 0 {
					break
				}
				left--
			}
			e := event{at: uint32(times[n]), profile: uint32(i), nth: uint16(n)}
			p.events = append(p.events, e)
			p.last[i] = e.at
			if f := drawFate(d, p.seed, who, e, p.now); f.refund != notRefunded {
				p.events = append(p.events, event{at: uint32(f.refundedAt), profile: e.profile, nth: e.nth, refund: true})
			}
		}
	})
	slices.SortFunc(p.events, func(a, b event) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.profile, b.profile), cmp.Compare(a.nth, b.nth), cmp.Compare(refundLast(a), refundLast(b)))
	})
	return p, nil
}

func refundLast(e event) int {
	if e.refund {
		return 1
	}
	return 0
}
