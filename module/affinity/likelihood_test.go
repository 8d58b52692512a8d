package affinity

import (
	"math"
	"testing"
)

// The values Apache Mahout tests its own implementation with.
func TestLikelihoodRatioEqualsTheReference(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		both, first, second, neither int64
		want                         float64
	}{
		{1, 0, 0, 1, 2.772589}, {10, 0, 0, 10, 27.725887}, {5, 1995, 0, 100000, 39.330522},
		{1000, 1995, 1000, 100000, 4730.736813}, {1000, 1000, 1000, 100000, 5734.342525}, {1000, 1000, 1000, 99000, 5714.932397},
	} {
		if got := likelihoodRatio(c.both, c.first, c.second, c.neither); math.Abs(got-c.want) > 1e-5 {
			t.Errorf("%+v: %f", c, got)
		}
	}
}

func TestATieOfChanceOrOfAversionIsNotReal(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		tie  tie
		real bool
	}{
		"together":       {tie{both: 38, first: 412, second: 300, all: 10_000}, true},
		"as by chance":   {tie{both: 12, first: 412, second: 300, all: 10_000}, false},
		"less than that": {tie{both: 3, first: 5000, second: 5000, all: 10_000}, false},
		"two people":     {tie{both: 2, first: 2, second: 2, all: 10_000}, false},
		"everybody both": {tie{both: 50, first: 50, second: 50, all: 50}, false},
	} {
		if got := c.tie.real(); got != c.real {
			t.Errorf("%s: %v, likelihood %f", name, got, c.tie.likelihood())
		}
	}
}
