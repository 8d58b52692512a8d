package admin

import (
	"errors"
	"testing"
	"time"
)

func TestOnlyWhatIsDearIsRemembered(t *testing.T) {
	t.Parallel()
	now := testClock()
	m := newMemo[int, int](func() time.Time { return now })
	loads := 0
	load := func(took time.Duration) func() (int, error) {
		return func() (int, error) { loads++; now = now.Add(took); return loads, nil }
	}
	ask := func(took time.Duration, want int) {
		t.Helper()
		if got, err := m.get(1, load(took)); err != nil || got != want {
			t.Errorf("got %d, %v, want %d", got, err, want)
		}
	}
	ask(time.Millisecond, 1)
	ask(time.Millisecond, 2) // cheap: asked anew
	ask(time.Second, 3)
	ask(time.Second, 3) // dear: kept
	now = now.Add(memoLongest - time.Millisecond)
	ask(100*time.Millisecond, 4) // a second times fifty is over
	now = now.Add(6 * time.Second)
	ask(time.Millisecond, 5)
	if _, err := m.get(2, func() (int, error) { now = now.Add(time.Second); return 0, errors.New("away") }); err == nil {
		t.Error("an error was swallowed")
	}
	if _, ok := m.kept[2]; ok {
		t.Error("an error was kept")
	}
}
