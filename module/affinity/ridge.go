package affinity

import "math"

const (
	shrinkage    = 10
	ridgePeers   = 50
	ridgeBuyers  = 2  // people who must have bought a peer and the product
	ridgePenalty = 50 // on the weights, in people
)

// ridge works out how much each of a product's nearest peers says about the product, given all the others: the regression
// of "bought it" on "bought the peer" over all people, with a penalty on the square of the weights. It is a worker's; not
// safe for concurrent use.
type ridge struct {
	*counts
	peers []Tie
	place []int32 // by product: 1 + place among the peers, or 0
	gram  []float64
	want  []float64
}

func newRidge(c *counts) *ridge {
	return &ridge{counts: c, place: make([]int32, c.products()), gram: make([]float64, ridgePeers*ridgePeers), want: make([]float64, ridgePeers)}
}

// weights gives the peers of a product with what each weighs, in no order.
func (r *ridge) weights(item uint32) []Tie {
	r.nearest(item)
	n := len(r.peers)
	if n == 0 {
		return nil
	}
	for i, p := range r.peers {
		r.place[p.Product] = int32(i) + 1
		r.want[i] = float64(p.Both)
	}
	gram := r.gram[:n*n]
	clear(gram)
	for i, p := range r.peers {
		gram[i*n+i] = float64(r.own[p.Product]) + ridgePenalty
		for _, other := range r.pairs[p.Product] {
			if at := r.place[other.item]; at > 0 { // kept on one side or on both
				k := int(at) - 1
				gram[i*n+k], gram[k*n+i] = float64(other.both), float64(other.both)
			}
		}
	}
	for _, p := range r.peers {
		r.place[p.Product] = 0
	}
	solve(gram, r.want[:n], ridgePenalty)
	for i := range r.peers {
		r.peers[i].Score = float32(r.want[i])
	}
	return r.peers
}

// nearest finds the peers: those of highest cosine.
func (r *ridge) nearest(item uint32) {
	r.peers = r.peers[:0]
	for _, p := range r.pairs[item] {
		if p.both >= ridgeBuyers {
			r.peers = append(r.peers, Tie{p.item, p.both, float32(r.tie(item, p.item, p.both).cosine())})
		}
	}
	rank(r.peers)
	r.peers = r.peers[:min(len(r.peers), ridgePeers)]
}

// solve replaces b by the x of Ax = b, and A by its Cholesky factor. A is symmetric, in rows, and has no eigenvalue below
// least; no pivot is below it either, so one that seems to be comes from rounding, or from a pair that was not kept.
func solve(a, b []float64, least float64) {
	n := len(b)
	for j := range n {
		row := a[j*n : j*n+j+1]
		sum := row[j]
		for k := range j {
			sum -= row[k] * row[k]
		}
		root := math.Sqrt(max(sum, least))
		row[j] = root
		for i := j + 1; i < n; i++ {
			lower := a[i*n : i*n+j+1]
			sum := lower[j]
			for k := range j {
				sum -= lower[k] * row[k]
			}
			lower[j] = sum / root
		}
	}
	for i := range n {
		for k := range i {
			b[i] -= a[i*n+k] * b[k]
		}
		b[i] /= a[i*n+i]
	}
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			b[i] -= a[k*n+i] * b[k]
		}
		b[i] /= a[i*n+i]
	}
}
