package admin

import (
	"sync"
	"time"
)

// memo keeps what is dear to count for a while: the longer it took, the longer, up to a minute. What comes at once is never
// kept, so that a small shop's numbers move with every order, and a large one's pages do not wait for them.
type memo[K comparable, V any] struct {
	clock func() time.Time
	mu    sync.Mutex
	kept  map[K]kept[V]
}

type kept[V any] struct {
	value V
	until time.Time
}

const (
	memoFactor  = 50 // counting takes at most this part of the time
	memoLongest = time.Minute
	memoCheap   = 20 * time.Millisecond
)

func newMemo[K comparable, V any](clock func() time.Time) *memo[K, V] {
	return &memo[K, V]{clock: clock, kept: map[K]kept[V]{}}
}

// get gives the kept value or loads it. Several readers may load at once; errors are not kept.
func (m *memo[K, V]) get(key K, load func() (V, error)) (V, error) {
	start := m.clock()
	m.mu.Lock()
	k, ok := m.kept[key]
	m.mu.Unlock()
	if ok && start.Before(k.until) {
		return k.value, nil
	}
	value, err := load()
	if err != nil {
		return value, err
	}
	now := m.clock()
	m.mu.Lock()
	defer m.mu.Unlock()
	if took := now.Sub(start); took >= memoCheap {
		m.kept[key] = kept[V]{value, now.Add(min(memoLongest, took*memoFactor))}
	} else {
		delete(m.kept, key)
	}
	return value, nil
}
