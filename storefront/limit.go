package storefront

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/kupec/kupec/module/consent"
)

// limiter lets each network do so much an hour, a quarter of it at once. It forgets networks that have been quiet for an
// hour, and when very many come at once it forgets all: a flood from everywhere is the proxy's to stop.
type limiter struct {
	perHour int
	clock   func() time.Time

	mu      sync.Mutex
	buckets map[string]*rate.Limiter
	swept   time.Time
}

const maxBuckets = 100_000

func newLimiter(perHour int, clock func() time.Time) *limiter {
	return &limiter{perHour: perHour, clock: clock, buckets: map[string]*rate.Limiter{}}
}

func (l *limiter) allow(ip string) bool {
	now := l.clock()
	network := consent.Network(ip)
	burst := max(1, l.perHour/4)
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.swept) > time.Hour || len(l.buckets) >= maxBuckets {
		for network, b := range l.buckets {
			if b.TokensAt(now) >= float64(burst) || len(l.buckets) >= maxBuckets {
				delete(l.buckets, network)
			}
		}
		l.swept = now
	}
	b := l.buckets[network]
	if b == nil {
		b = rate.NewLimiter(rate.Limit(float64(l.perHour)/3600), burst)
		l.buckets[network] = b
	}
	return b.AllowN(now, 1)
}
