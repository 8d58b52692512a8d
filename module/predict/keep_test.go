package predict

import (
	"math"
	"testing"
)

func TestAKeptRhythmTellsTheSame(t *testing.T) {
	t.Parallel()
	var days [][]int32
	for p := range int32(400) {
		days = append(days, []int32{p % 7, p%7 + 20 + p%11, p%7 + 45 + p%23, p%7 + 80 + p%5})
	}
	r, err := LearnRhythm(days)
	if err != nil {
		t.Fatal(err)
	}
	kept := NewRhythm(r.Mean, r.Median, r.Ratios(200))
	if n := len(r.Ratios(200)); n != 200 {
		t.Errorf("%d ratios are kept", n)
	}
	for until := int32(40); until < 90; until += 7 {
		want, err1 := r.Next([]int32{0, 15, 40}, until)
		got, err2 := kept.Next([]int32{0, 15, 40}, until)
		if err1 != nil || err2 != nil || math.Abs(got.Day-want.Day) > 1 || math.Abs(got.High-want.High) > 1 {
			t.Errorf("waited until %d: %+v, want %+v (%v, %v)", until, got, want, err1, err2)
		}
	}
}
