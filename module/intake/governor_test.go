package intake

import (
	"context"
	"strings"
	"testing"
	"time"
)

func TestABusyServerIsSparedAndLeftToItselfAgain(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	running := 10
	looks := 0
	g := newGovernor(Load{}, func(context.Context) (int, error) { looks++; return running, nil }, func() time.Time { return now })
	page := func(took time.Duration) {
		g.look(t.Context())
		now = now.Add(took)
		g.took("orders", 500, took)
	}
	for range 100 {
		page(100 * time.Millisecond)
	}
	if g.pause() != 0 || g.rows(500) != 500 || g.says() != "" {
		t.Errorf("a quiet server is spared: %s, %d rows, %q", g.pause(), g.rows(500), g.says())
	}
	if looks > 11 {
		t.Errorf("it was looked at %d times in 10 s", looks)
	}

	running = 40
	for range 35 {
		page(100 * time.Millisecond)
	}
	if g.pause() < 200*time.Millisecond || g.rows(500) > 125 || !strings.Contains(g.says(), "38 threads") {
		t.Errorf("while many threads run: %s, %d rows, %q", g.pause(), g.rows(500), g.says())
	}
	for range 1000 {
		page(100 * time.Millisecond)
	}
	if g.pause() != 5*time.Second || g.rows(500) < 1 {
		t.Errorf("after long: %s, %d rows", g.pause(), g.rows(500))
	}

	running = 3
	for range 100 {
		page(100 * time.Millisecond)
	}
	if g.pause() != 0 || g.says() != "" {
		t.Errorf("afterwards: %s, %q", g.pause(), g.says())
	}

	for range 3 {
		page(2 * time.Second)
	}
	if g.pause() == 0 || !strings.Contains(g.says(), "times as long as usual") {
		t.Errorf("while it answers slowly: %s, %q", g.pause(), g.says())
	}
	for range 100 {
		page(2 * time.Second)
	}
	if g.pause() != 0 {
		t.Errorf("what has been slow for long is usual: %s, %q", g.pause(), g.says())
	}
}
