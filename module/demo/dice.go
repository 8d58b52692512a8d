package demo

import "math/rand/v2"

// dice is the one source of chance: a generator that can be set to any (seed, who, which, stream), so that one profile's
// or one order's rows can be made again at any time without remembering them.
type dice struct {
	pcg *rand.PCG
	*rand.Rand
}

// The streams: one for each thing that is drawn, so that a change in one leaves the others as they were.
const (
	streamPerson = iota + 1
	streamTraits
	streamLife
	streamFate
	streamBasket
	streamCart
	streamLive
)

func newDice() *dice {
	pcg := rand.NewPCG(0, 0)
	return &dice{pcg: pcg, Rand: rand.New(pcg)}
}

func (d *dice) set(seed uint64, who, which, stream uint64) *dice {
	d.pcg.Seed(mix(seed^mix(stream)), mix(who<<20^which))
	return d
}

// mix is the finaliser of SplitMix64: neighbouring numbers come out unrelated.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// chance is true with probability p.
func (d *dice) chance(p float64) bool { return d.Float64() < p }

// between returns a number in [low, high].
func (d *dice) between(low, high int) int { return low + d.IntN(high-low+1) }

// weighted returns an index, each as likely as its weight.
func (d *dice) weighted(weights ...int) int {
	sum := 0
	for _, w := range weights {
		sum += w
	}
	n := d.IntN(sum)
	for i, w := range weights {
		if n -= w; n < 0 {
			return i
		}
	}
	return len(weights) - 1
}

// oneOf returns one of the given things.
func oneOf[T any](d *dice, all ...T) T { return all[d.IntN(len(all))] }

// popular returns an index below n; the first are several times likelier than the last, as on a real shelf.
func (d *dice) popular(n int) int {
	u := d.Float64()
	return int(u * u * float64(n))
}
