package insight

import (
	"time"

	"github.com/kupec/kupec/module/predict"
)

// rank gives everybody's place by recency, frequency and money, by each method. Recency and frequency are ranked among all
// buyers of the shop, money among those who pay in the same currency; where they must stand in one order, and against
// thresholds, money of another currency is measured by what an order in it is worth on average.
func (o *outlooks) rank() {
	worth, main := o.orderWorth(), o.bounds.Currency
	all := make([]predict.Standing, len(o.rows))
	purses := map[string][]int{}
	for i, visits := range o.visits {
		c := o.currencies[i]
		all[i] = o.standing(visits)
		if c != main && worth[c] > 0 {
			all[i].Money *= worth[main] / worth[c]
		}
		purses[c] = append(purses[c], i)
	}
	o.ranks = make([]rankRow, len(o.rows))
	nested, thresholds := predict.Nested(all), o.bounds.thresholds()
	for i, c := range predict.Independent(all) {
		o.rows[i].Recency, o.rows[i].Frequency, o.rows[i].Money = c.R, c.F, c.M
		fixed := thresholds.Cell(all[i])
		o.ranks[i] = rankRow{ProfileID: o.ids[i], ShopID: o.run.ShopID, Nested: number(nested[i]), Fixed: number(fixed), Group: GroupOf(fixed)}
	}
	for _, members := range purses {
		some := make([]predict.Standing, len(members))
		for k, i := range members {
			some[k] = all[i]
		}
		if len(purses) > 1 {
			for k, c := range predict.Independent(some) {
				o.rows[members[k]].Money = c.M
			}
		}
	}
	for i, r := range o.rows {
		o.ranks[i].Independent = number(predict.Cell{R: r.Recency, F: r.Frequency, M: r.Money})
	}
}

func (o *outlooks) standing(visits []predict.Visit) predict.Standing {
	s := predict.Standing{Recency: float64(o.until - visits[len(visits)-1].Day), Frequency: float64(len(visits))}
	for _, v := range visits {
		s.Money += v.Spent
	}
	return s
}

// number is a cell as it is kept: 543 is recency 5, frequency 4, money 3.
func number(c predict.Cell) int { return 100*int(c.R) + 10*int(c.F) + int(c.M) }

// movesKept is how many months, this one among them, movement is told of.
const movesKept = 12

// movement is a way from a group into one, or into the same, in a month. From nowhere comes who first bought in it.
type movement struct {
	month    time.Time // its first day
	from, to Group
}

// move tells how people went from group to group. It goes by the thresholds of today throughout, so that a month's movement
// is what people did and not what became of the thresholds.
func (o *outlooks) move() {
	now := dateOf(o.until)
	months := make([]time.Time, movesKept)
	for k := range months {
		months[k] = time.Date(now.Year(), now.Month()+time.Month(k-movesKept+1), 1, 0, 0, 0, 0, time.UTC)
	}
	thresholds := o.bounds.thresholds()
	o.moves = map[movement]int{}
	for i, visits := range o.visits {
		var at [movesKept + 1]Group // when each month began, and now
		n := 0
		for k := range at {
			last := o.until
			if k < movesKept {
				last = dayOf(months[k]) - 1
			}
			for n < len(visits) && visits[n].Day <= last {
				n++
			}
			if n > 0 { // money has no part in groups
				at[k] = GroupOf(thresholds.Cell(predict.Standing{Recency: float64(last - visits[n-1].Day), Frequency: float64(n)}))
			}
			if k > 0 && at[k] != "" {
				o.moves[movement{months[k-1], at[k-1], at[k]}]++
			}
		}
		o.ranks[i].Before = at[movesKept-1]
	}
}
