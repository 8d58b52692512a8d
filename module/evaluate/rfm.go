package evaluate

import (
	"math"
	"slices"

	"github.com/kupec/kupec/module/insight"
	"github.com/kupec/kupec/module/predict"
)

// RFM is how customers rank by their last purchase day, their number of purchase days, and what they spent.
type RFM struct {
	Cells   []RankedCell  `json:"cells"` // by fifths of all customers; those with any, the best first
	Groups  []RankedGroup `json:"groups"`
	Bounds  *GroupBounds  `json:"bounds,omitempty"`
	Missing *Missing      `json:"groups_missing,omitempty"`
}

// RankedCell is the customers of a fifth by recency and one by frequency, 5 the best.
type RankedCell struct {
	Recency   int     `json:"recency"`
	Frequency int     `json:"frequency"`
	Customers int     `json:"customers"`
	Spent     *Amount `json:"spent,omitempty"`
}

// RankedGroup is the customers of a group. Groups go by fixed thresholds, not by fifths: where most bought once, fifths part
// equals.
type RankedGroup struct {
	Group     insight.Group `json:"group"`
	Customers int           `json:"customers"`
	Spent     *Amount       `json:"spent,omitempty"`
}

// GroupBounds are what groups go by: scores fall with each number of days that is passed, and rise with each number of
// purchase days that is reached.
type GroupBounds struct {
	Recency   [4]float64 `json:"recency_days"`
	Frequency [4]float64 `json:"purchase_days"`
}

// rfm ranks everybody as of the end of a day.
func (o *Orders) rfm(visits [][]predict.Visit, at int32) (r RFM, err error) {
	people, _ := o.Standings(at)
	r.Cells, r.Groups = o.cells(people), []RankedGroup{}
	rhythm, err := predict.LearnRhythm(daysOf(visits))
	if err != nil {
		r.Missing, err = lacking(err)
		return r, err
	}
	b := boundsOf(rhythm.Mean)
	r.Bounds, r.Groups = &b, o.groups(people, predict.Thresholds{Recency: b.Recency, Frequency: b.Frequency})
	return r, nil
}

func (o *Orders) cells(people []predict.Standing) (all []RankedCell) {
	var cells [5][5]RankedCell
	for i, c := range predict.Independent(people) {
		cell := &cells[5-c.R][5-c.F]
		cell.Recency, cell.Frequency = int(c.R), int(c.F)
		cell.Customers++
		o.spend(&cell.Spent, people[i])
	}
	for _, line := range cells {
		for _, cell := range line {
			if cell.Customers > 0 {
				all = append(all, cell)
			}
		}
	}
	return all
}

func (o *Orders) groups(people []predict.Standing, by predict.Thresholds) []RankedGroup {
	groups := make([]RankedGroup, len(insight.Groups))
	for i, g := range insight.Groups {
		groups[i].Group = g
	}
	for _, p := range people {
		group := &groups[slices.Index(insight.Groups, insight.GroupOf(by.Cell(p)))]
		group.Customers++
		o.spend(&group.Spent, p)
	}
	return groups
}

// spend adds what somebody spent, where that is known.
func (o *Orders) spend(sum **Amount, s predict.Standing) {
	if !o.priced() {
		return
	}
	if *sum == nil {
		*sum = new(Amount)
	}
	**sum += amountOf(s.Money)
}

// boundsOf follow from the shop's mean gap between purchases: whoever is one gap late scores 4, whoever is four gaps late 1.
func boundsOf(gap float64) GroupBounds {
	b := GroupBounds{Frequency: [4]float64{2, 3, 4, 7}}
	for i := range b.Recency {
		b.Recency[i] = math.Ceil(gap * float64(i+1))
	}
	return b
}

// daysOf leaves out what was spent.
func daysOf(visits [][]predict.Visit) [][]int32 {
	days := make([][]int32, len(visits))
	for c, theirs := range visits {
		for _, v := range theirs {
			days[c] = append(days[c], v.Day)
		}
	}
	return days
}
