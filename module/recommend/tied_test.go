package recommend

import (
	"sync"
	"testing"
)

func TestANewerRunReplacesTheTiesHeld(t *testing.T) {
	t.Parallel()
	c := newTied(10)
	c.get(1, 5, nil)
	c.get(2, 6, nil)
	c.put(1, 5, map[int64][]link{1: {{OtherID: 2}}, 3: nil})
	c.put(2, 6, map[int64][]link{1: {{OtherID: 9}}})
	if found, missing := c.get(1, 5, []int64{1, 3, 4}); len(found[1]) != 1 || found[1][0].OtherID != 2 || len(missing) != 1 || missing[0] != 4 {
		t.Errorf("held %v, missing %v", found, missing)
	}
	if found, missing := c.get(1, 7, []int64{1}); len(found) != 0 || len(missing) != 1 {
		t.Errorf("of a newer run: %v, missing %v", found, missing)
	}
	c.put(1, 5, map[int64][]link{1: {{OtherID: 2}}}) // read before the newer run was seen
	if found, _ := c.get(1, 7, []int64{1}); len(found) != 0 {
		t.Errorf("an older run's ties are given for a newer one: %v", found)
	}
	if found, _ := c.get(2, 6, []int64{1}); len(found[1]) != 1 {
		t.Errorf("another shop lost its ties: %v", found)
	}
}

func TestNoMoreTiesAreHeldThanTheLimit(t *testing.T) {
	t.Parallel()
	c := newTied(10)
	c.get(1, 1, nil)
	var all sync.WaitGroup
	for worker := range int64(4) {
		all.Go(func() {
			for i := range int64(100) {
				c.put(1, 1, map[int64][]link{worker*100 + i: nil})
				c.get(1, 1, []int64{i})
			}
		})
	}
	all.Wait()
	if len(c.held) != 10 {
		t.Errorf("%d products are held", len(c.held))
	}
}
