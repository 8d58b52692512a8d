package bench

import (
	"slices"
	"time"
)

// sample is how long each of several runs took.
type sample []time.Duration

// timed adds a run.
func (s *sample) timed(do func() error) error {
	began := time.Now()
	err := do()
	*s = append(*s, time.Since(began))
	return err
}

func (s sample) median() time.Duration { return s.quantile(0.5) }

// quantile is the nearest rank's: a time that was measured, never one between two.
func (s sample) quantile(q float64) time.Duration {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}
