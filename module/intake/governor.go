package intake

import (
	"context"
	"fmt"
	"time"
)

// Load says when a shop's server counts as busy. The zero value is good for a shop on a small machine.
type Load struct {
	Threads  int           // running at once, ours not counted; default 16; -1: they are not looked at
	Slower   float64       // how many times longer than usual a row may take to be read; default 5
	Longest  time.Duration // the longest pause before a page; default 5 s
	LookEach time.Duration // from one look at the server to the next; default 1 s
}

func (l Load) withDefaults() Load {
	if l.Threads == 0 {
		l.Threads = 16
	}
	if l.Slower == 0 {
		l.Slower = 5
	}
	if l.Longest == 0 {
		l.Longest = 5 * time.Second
	}
	if l.LookEach == 0 {
		l.LookEach = time.Second
	}
	return l
}

// governor spares a shop's server while it is busy: each sign of that halves the pages and doubles the pauses between
// them, and with each second without such a sign one step is taken back. It belongs to one goroutine at a time.
type governor struct {
	load    Load
	threads func(ctx context.Context) (int, error) // nil: they cannot be looked at
	now     func() time.Time

	level  int
	why    string
	looked time.Time          // at the server
	busy   bool               // so the last look
	moved  time.Time          // when level last changed
	usual  map[string]float64 // seconds a row, by stream, while the server is not busy
}

const (
	firstPause  = 50 * time.Millisecond
	mostLevels  = 7
	ownThreads  = 2                      // the one that looks, and one of ours that may still run
	noticeable  = 200 * time.Millisecond // a shorter answer is no load, however unusual
	usualWeight = 0.1
)

func newGovernor(load Load, threads func(context.Context) (int, error), now func() time.Time) *governor {
	return &governor{load: load.withDefaults(), threads: threads, now: now, usual: map[string]float64{}}
}

// pause is how long to wait before the next page.
func (g *governor) pause() time.Duration {
	if g.level == 0 {
		return 0
	}
	return min(firstPause<<g.level, g.load.Longest)
}

// rows makes a page smaller while the server is busy.
func (g *governor) rows(limit int) int { return max(1, limit>>g.level) }

// look asks the server how busy it is, unless it was asked lately.
func (g *governor) look(ctx context.Context) {
	if g.threads == nil || g.load.Threads < 0 || g.now().Sub(g.looked) < g.load.LookEach {
		return
	}
	g.looked = g.now()
	n, err := g.threads(ctx)
	if err != nil { // the user may not look, or nobody answers, which the next page will tell
		return
	}
	n -= ownThreads
	if g.busy = n > g.load.Threads; g.busy {
		g.slow(fmt.Sprintf("%d threads run on the shop's server", n))
	}
}

// took tells how long a page of a stream took.
func (g *governor) took(stream string, rows int, d time.Duration) {
	if rows == 0 {
		return
	}
	each := d.Seconds() / float64(rows)
	usual, known := g.usual[stream]
	if known && d > noticeable && each > g.load.Slower*usual {
		g.slow(fmt.Sprintf("the shop's server takes %.0f times as long as usual", each/usual))
		// What stays slow is usual in the end: it is then the shop that has grown, or its machine that is small.
		g.usual[stream] = usual * (1 + usualWeight)
		return
	}
	if !known {
		usual = each
	}
	g.usual[stream] = usual + usualWeight*(each-usual)
	if g.level > 0 && !g.busy && g.now().Sub(g.moved) >= g.load.LookEach {
		g.level, g.moved = g.level-1, g.now()
	}
	if g.level == 0 {
		g.why = ""
	}
}

func (g *governor) slow(why string) {
	g.level, g.why, g.moved = min(g.level+1, mostLevels), why, g.now()
}

// says puts into words that the server is spared; empty: it is not.
func (g *governor) says() string {
	if g.level == 0 {
		return ""
	}
	return fmt.Sprintf("%s: it is asked for smaller pages, with pauses of %s", g.why, g.pause())
}
