package evaluate

import (
	"math"

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

// RankedGroup is the customers of a named group.
type RankedGroup struct {
	Group     Group   `json:"group"`
	Customers int     `json:"customers"`
	Spent     *Amount `json:"spent,omitempty"`
}

// GroupBounds are what groups go by: scores fall with each number of days that is passed, and rise with each number of
// purchase days that is reached.
type GroupBounds struct {
	Recency   [4]float64 `json:"recency_days"`
	Frequency [4]float64 `json:"purchase_days"`
}

// Group names people alike in how lately and how often they bought. It goes by fixed thresholds, not by fifths: where most
// bought once, fifths part equals.
type Group string

// The groups. Recency and frequency are scores, 5 the best.
const (
	Champions   Group = "champions"   // recency 4 or 5, frequency 4 or 5
	Faithful    Group = "faithful"    // recency 4 or 5, frequency 3; recency 3, frequency 4 or 5
	Promising   Group = "promising"   // recency 4 or 5, frequency 2
	Newcomers   Group = "newcomers"   // recency 4 or 5, frequency 1
	Wavering    Group = "wavering"    // recency 3, frequency 2 or 3
	Fading      Group = "fading"      // recency 3, frequency 1
	AtRisk      Group = "at_risk"     // recency 2, frequency 3 to 5
	Hibernating Group = "hibernating" // recency 2, frequency 1 or 2
	Missed      Group = "missed"      // recency 1, frequency 4 or 5
	Gone        Group = "gone"        // recency 1, frequency 1 to 3
)

// Groups are all of them, the best first.
var Groups = []Group{Champions, Faithful, Promising, Newcomers, Wavering, Fading, AtRisk, Hibernating, Missed, Gone}

// groupAt is by recency and frequency, from 1 on.
var groupAt = [5][5]Group{
	{Gone, Gone, Gone, Missed, Missed},
	{Hibernating, Hibernating, AtRisk, AtRisk, AtRisk},
	{Fading, Wavering, Wavering, Faithful, Faithful},
	{Newcomers, Promising, Faithful, Champions, Champions},
	{Newcomers, Promising, Faithful, Champions, Champions},
}

// rfm ranks everybody as of the end of a day.
func (o *Orders) rfm(visits [][]predict.Visit, at int32) (RFM, error) {
	people, _ := o.Standings(at)
	var r RFM
	var cells [5][5]RankedCell
	for i, c := range predict.Independent(people) {
		cell := &cells[c.R-1][c.F-1]
		cell.Recency, cell.Frequency = int(c.R), int(c.F)
		cell.Customers++
		o.spend(&cell.Spent, people[i])
	}
	for row := 4; row >= 0; row-- {
		for column := 4; column >= 0; column-- {
			if cells[row][column].Customers > 0 {
				r.Cells = append(r.Cells, cells[row][column])
			}
		}
	}
	rhythm, err := predict.LearnRhythm(daysOf(visits))
	if err != nil {
		r.Missing, err = lacking(err)
		return r, err
	}
	b := boundsOf(rhythm.Mean)
	r.Bounds = &b
	byGroup := map[Group]*RankedGroup{}
	for _, g := range Groups {
		r.Groups = append(r.Groups, RankedGroup{Group: g})
	}
	for i := range r.Groups {
		byGroup[r.Groups[i].Group] = &r.Groups[i]
	}
	thresholds := predict.Thresholds{Recency: b.Recency, Frequency: b.Frequency}
	for _, p := range people {
		c := thresholds.Cell(p)
		group := byGroup[groupAt[c.R-1][c.F-1]]
		group.Customers++
		o.spend(&group.Spent, p)
	}
	return r, nil
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
