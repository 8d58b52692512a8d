package predict_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/module/predict"
)

// Twelve customers who are all alike: the ids alone decide, and the lowest fifths have one more.
func TestTiesAreBrokenByIDAndTheLowestFifthsHaveWhatIsLeft(t *testing.T) {
	t.Parallel()
	cells := predict.Independent(make([]predict.Standing, 12))
	var got []uint8
	for _, c := range cells {
		if c.R != c.F || c.F != c.M {
			t.Errorf("%v", c)
		}
		got = append(got, c.R)
	}
	if diff := cmp.Diff([]uint8{1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 5}, got); diff != "" {
		t.Error(diff)
	}
	if cells := predict.Nested(make([]predict.Standing, 3)); cells[2] != (predict.Cell{R: 3, F: 1, M: 1}) {
		t.Errorf("three people: %v", cells)
	}
	if len(predict.Independent(nil)) != 0 {
		t.Error("nobody has a cell")
	}
}

func TestTheBestAreThoseWhoCameLately(t *testing.T) {
	t.Parallel()
	people := []predict.Standing{{100, 1, 5}, {2, 9, 1}, {50, 2, 4}, {30, 3, 3}, {10, 4, 2}}
	want := []predict.Cell{{1, 1, 5}, {5, 5, 1}, {2, 2, 4}, {3, 3, 3}, {4, 4, 2}}
	if diff := cmp.Diff(want, predict.Independent(people)); diff != "" {
		t.Error(diff)
	}
	fixed := predict.Thresholds{Recency: [4]float64{7, 30, 90, 365}, Frequency: [4]float64{2, 3, 5, 10}, Money: [4]float64{50, 100, 200, 500}}
	for s, want := range map[predict.Standing]predict.Cell{
		{7, 10, 500}:    {5, 5, 5},
		{8, 2, 50}:      {4, 2, 2},
		{366, 1, 49.99}: {1, 1, 1},
		{90, 4, 199}:    {3, 3, 3},
	} {
		if got := fixed.Cell(s); got != want {
			t.Errorf("%v is %v, want %v", s, got, want)
		}
	}
}
