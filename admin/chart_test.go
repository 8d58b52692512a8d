package admin

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/module/intake"
)

func TestAScaleEndsAtRoundNumbersWithAtMostSixTicks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		low, high float64
		want      []float64
	}{
		{0, 2633.32, []float64{0, 1000, 2000, 3000}},
		{0, 40, []float64{0, 10, 20, 30, 40}},
		{0, 0, []float64{0, 0.5, 1}},
		{-18, 52, []float64{-20, 0, 20, 40, 60}},
		{-3, 0, []float64{-3, -2, -1, 0}},
	} {
		got := newScale(tt.low, tt.high).ticks()
		if len(got) > 6 || got[0] > tt.low || got[len(got)-1] < tt.high {
			t.Errorf("%v to %v: %v does not hold it", tt.low, tt.high, got)
		}
		if tt.want != nil && tt.high != 0 {
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%v to %v (-want +got):\n%s", tt.low, tt.high, diff)
			}
		}
	}
}

func TestALineChartSaysEveryValueTwice(t *testing.T) {
	t.Parallel()
	c := lineChart(plot{
		Label: "Revenue", Places: []string{"Mon", "Tue", "Wed"}, PlaceName: "Day", Value: func(f float64) string { return fmt.Sprintf("€%.0f", f) },
		Series: []series{{Name: "Now", Class: "c-1", Values: []float64{10, 0, 40}, Area: true}, {Name: "Before", Class: "c-0", Values: []float64{5, 5, 5}, Dash: true}},
	})
	if got, want := c.Lines[1].Path, "M0 75L50 100L100 0"; got != want {
		t.Errorf("path: got %s, want %s", got, want)
	}
	if got, want := c.Points[2].Tip, "Wed: €40 · Before: €5"; got != want {
		t.Errorf("tip: got %s, want %s", got, want)
	}
	if diff := cmp.Diff([][]string{{"Mon", "€10", "€5"}, {"Tue", "€0", "€5"}, {"Wed", "€40", "€5"}}, c.Table.Rows); diff != "" {
		t.Error(diff)
	}
	if !c.Points[2].Last || c.Points[0].Last {
		t.Error("only the last point belongs into the tab order")
	}
}

func TestALagsLineBreaksWhereNothingLooked(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	at := func(minutes int, seconds float64) intake.Lag {
		return intake.Lag{At: now.Add(-24*time.Hour + time.Duration(minutes)*time.Minute), Seconds: seconds}
	}
	got := lagLines([]intake.Lag{at(0, 10), at(10, 40), at(720, 0)}, 40, now)
	want := []lagLine{{Path: "M0 75L0.69 0", Area: "M0 75L0.69 0L0.69 100L0 100Z"}, {Path: "M50 100h.7"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestBarsBelowZeroHangFromIt(t *testing.T) {
	t.Parallel()
	c := barChart(plot{Places: []string{"1"}, Value: func(f float64) string { return fmt.Sprint(f) },
		Series: []series{{Name: "Joined", Class: "c-2", Values: []float64{30}}, {Name: "Left", Class: "c-0", Values: []float64{-10}}}})
	if diff := cmp.Diff([]chartBar{{"c-2", "19", "62", "0", "75"}, {"c-0", "19", "62", "75", "25"}}, c.Points[0].Bars); diff != "" {
		t.Error(diff)
	}
}

func TestAChartOfNothingIsNone(t *testing.T) {
	t.Parallel()
	if lineChart(plot{}) != nil || barChart(plot{}) != nil || stripChart("", nil, time.Now(), nil, chartTable{}) != nil {
		t.Error("a chart was drawn")
	}
}
