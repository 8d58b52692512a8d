package follow

import (
	"strings"
	"testing"

	"github.com/kupec/kupec/adapters"
)

func TestCursorsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	const large = 1<<63 - 1
	for _, want := range []Place{
		{source: 'h'},
		{source: 'l', stage: stageRoll, id: 5, pos: mark{1, 2}, head: mark{3, 4}, tail: mark{5, 6}, seen: 7, sweep: 8, cycle: 9, since: 10, roll: 11, rolled: 12, heard: 13, feeds: [feedsMost]int64{14, 15, 16}},
		{source: 'p', stage: stageSweep, id: large, pos: mark{large, large}, head: mark{large, large}, tail: mark{large, large}, seen: large,
			sweep: large, cycle: large, since: large, roll: large, rolled: large, heard: large, feeds: [feedsMost]int64{large, large, large}},
	} {
		c := want.cursor()
		got, err := parseCursor(c)
		if err != nil || got != want || len(c) > 255 {
			t.Errorf("%q (%d bytes): %+v, %v; want %+v", c, len(c), got, err, want)
		}
	}
}

func FuzzCursor(f *testing.F) {
	f.Add(string(Place{source: 'h', stage: stageChanged, id: 77, head: mark{1700000000, 5}}.cursor()))
	f.Add("k1.h.9.0")
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := parseCursor(adapters.Cursor(s))
		if err != nil {
			return
		}
		again, err := parseCursor(p.cursor())
		if err != nil || again != p {
			t.Errorf("%q became %+v, and %+v (%v) when written and read again", s, p, again, err)
		}
	})
}

func TestATimeThatIsNoneSortsBehindItself(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"2024-00-15 10:00:00", "2024-02-31 10:00:00", "0000-00-00 00:00:00", "", "99999999-1-1"} {
		if at := unix(text); at < 0 || strings.HasPrefix(text, "2024") && moment(at) < text {
			t.Errorf("%q sorts as %s, before itself", text, moment(at))
		}
	}
}
