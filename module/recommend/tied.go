package recommend

import "sync"

// maxTied is how many products' ties are held at once: with fifty ties of 40 bytes each, about 25 MB.
const maxTied = 10_000

// tied holds the ties of the run in use of each shop, by product, because the same products come up in batch after batch
// of a mailing. A run's ties never change; whether their products can be sold does, and is not held. It is safe for
// concurrent use; the slices it gives are shared and must not be changed.
type tied struct {
	limit int

	mu   sync.Mutex
	runs map[int64]int64 // by shop: the newest run seen
	held map[tiedKey][]link
}

type tiedKey struct{ shop, product int64 }

func newTied(limit int) *tied {
	return &tied{limit: limit, runs: map[int64]int64{}, held: map[tiedKey][]link{}}
}

// get gives what is held of the products and says which are missing. Seeing a newer run drops those of the one before;
// whoever is late with an older one finds nothing.
func (t *tied) get(shop, run int64, products []int64) (found map[int64][]link, missing []int64) {
	found = make(map[int64][]link, len(products))
	t.mu.Lock()
	defer t.mu.Unlock()
	if run > t.runs[shop] {
		for key := range t.held {
			if key.shop == shop {
				delete(t.held, key)
			}
		}
		t.runs[shop] = run
	}
	if run < t.runs[shop] {
		return found, products
	}
	for _, id := range products {
		if links, ok := t.held[tiedKey{shop, id}]; ok {
			found[id] = links
		} else {
			missing = append(missing, id)
		}
	}
	return found, missing
}

// put holds what was read of a run, products without ties too, unless a newer run was seen meanwhile. Where there is no
// more room, any others make way.
func (t *tied) put(shop, run int64, read map[int64][]link) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if run != t.runs[shop] {
		return
	}
	for id, links := range read {
		t.held[tiedKey{shop, id}] = links
	}
	for key := range t.held {
		if len(t.held) <= t.limit {
			break
		}
		delete(t.held, key)
	}
}
