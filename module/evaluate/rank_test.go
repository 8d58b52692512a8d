package evaluate_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/module/evaluate"
	"github.com/kupec/kupec/module/predict"
)

func TestOnlineRetailIsRankedAsInTheReference(t *testing.T) {
	t.Parallel()
	o := onlineRetail(t)
	people, who := o.Standings(day(t, "2011-12-09"))
	independent, nested := predict.Independent(people), predict.Nested(people)
	cells := map[predict.Cell]int{}
	best := 0.0
	for i, c := range independent {
		cells[c]++
		if c == (predict.Cell{R: 5, F: 5, M: 5}) {
			best += people[i].Money
		}
	}
	if diff := cmp.Diff([]int{4_334, 117, 347, 178}, []int{len(people), len(cells), cells[predict.Cell{R: 5, F: 5, M: 5}], cells[predict.Cell{R: 1, F: 1, M: 1}]}); diff != "" {
		t.Error(diff)
	}
	near(t, "spent by the best", best, 3_867_229.87, .005)
	cells = map[predict.Cell]int{}
	for _, c := range nested {
		cells[c]++
	}
	for c, n := range cells {
		if n < 34 || n > 35 {
			t.Errorf("%v has %d customers", c, n)
		}
	}
	if len(cells) != 125 {
		t.Errorf("%d nested cells", len(cells))
	}
	for i, c := range who {
		switch o.Customers[c] {
		case "12347":
			check(t, people[i], independent[i], nested[i], predict.Standing{Recency: 2, Frequency: 7, Money: 4310}, predict.Cell{R: 5, F: 5, M: 5}, predict.Cell{R: 5, F: 3, M: 5})
		case "17850":
			check(t, people[i], independent[i], nested[i], predict.Standing{Recency: 372, Frequency: 2, Money: 5391.21}, predict.Cell{R: 1, F: 3, M: 5}, predict.Cell{R: 1, F: 5, M: 5})
		}
	}
}

func check(t *testing.T, s predict.Standing, independent, nested predict.Cell, wantS predict.Standing, wantI, wantN predict.Cell) {
	t.Helper()
	if s != wantS || independent != wantI || nested != wantN {
		t.Errorf("%+v is %v, nested %v", s, independent, nested)
	}
}

func TestTheCDNowSampleIsRankedAsInTheReference(t *testing.T) {
	t.Parallel()
	o := cdnow(t)
	cut, end := day(t, "1997-09-30"), day(t, "1998-06-30")
	people, who := o.Standings(cut)
	cells := map[predict.Cell]int{}
	var members, response [3][5]float64
	visits := o.Visits()
	for i, c := range predict.Independent(people) {
		cells[c]++
		came := 0.0
		for _, v := range visits[who[i]] {
			if v.Day > cut && v.Day <= end {
				came = 1
			}
		}
		for k, score := range [3]uint8{c.R, c.F, c.M} {
			members[k][score-1]++
			response[k][score-1] += came
		}
	}
	if len(cells) != 67 || cells[predict.Cell{R: 5, F: 5, M: 5}] != 240 || cells[predict.Cell{R: 1, F: 1, M: 1}] != 147 {
		t.Errorf("%d cells, %d, %d", len(cells), cells[predict.Cell{R: 5, F: 5, M: 5}], cells[predict.Cell{R: 1, F: 1, M: 1}])
	}
	want := [3][5]float64{{.1144, .1377, .1783, .3694, .6518}, {.1123, .1271, .1699, .3715, .6709}, {.1250, .1568, .2293, .3482, .5924}}
	for k := range want {
		for q := range want[k] {
			near(t, evaluate.Date(cut).Format("2006")+" response", response[k][q]/members[k][q], want[k][q], 5.1e-5)
		}
	}
}
