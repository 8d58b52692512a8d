package follow

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/foreign"
)

// A stream is read in stages. The history comes once; the others are walked in this order by every round, where a round
// is what happens between two answers without More.
const (
	stageHistory = iota // all rows by their id
	stageFresh          // ids that were not there before
	stageChanged        // rows by the time of their change, back to the overlap
	stageSettled        // once more, what has become older than the overlap
	stageFeeds          // rows added to tables that tell of changes
	stageSweep          // changes that no index finds, a step at a time
	stageRoll           // changes that leave no time behind: a few rows again, whatever they are
	stageRange          // a range of ids, and nothing else: see Source.Range
	stages
)

// mark is a place among rows ordered by time of change and id. Time alone would not do: tools stamp thousands of rows
// with one second.
type mark struct {
	at int64 // unix seconds, by the clock that the column is kept by
	id int64
}

func (m mark) before(n mark) bool { return m.at < n.at || m.at == n.at && m.id < n.id }

// Place is what a cursor says. Times are unix seconds.
type Place struct {
	source byte // which rows: see Source.Letter
	stage  int
	id     int64 // the highest id that was looked at
	pos    mark  // in stageChanged: where the next page begins; in stageFeeds: the feed's number, and the place in it
	head   mark  // the newest change handed out
	tail   mark  // up to here everything has settled
	seen   int64 // our own clock when head last moved: data alone cannot tell a quiet shop from a stopped clock
	sweep  int64 // the last id of the sweep's step; 0: no sweep is under way
	cycle  int64 // our own clock when the sweep began
	since  int64 // and when the one before it did
	roll   int64 // the last id that was rolled over
	rolled int64 // our own clock at that time
	heard  int64 // our own clock when a feed last had something
	feeds  [feedsMost]int64
}

// feedsMost is how many feeds a source can have.
const feedsMost = 3

// Highest is the highest id that was looked at.
func (p Place) Highest() int64 { return p.id }

// Swept is the id up to which the sweep under way has looked; 0 at its beginning.
func (p Place) Swept() int64 { return p.sweep }

// Rolled is the id up to which the newest rows were rolled over; 0 at the beginning.
func (p Place) Rolled() int64 { return p.roll }

// ChangedSince is what a sweep looks for, in unix seconds: as the sweep before this one began, less the overlap.
func (p Place) ChangedSince() int64 { return max(0, p.since-seconds(overlap)) }

const cursorVersion = "k1"

func (p *Place) numbers() []*int64 {
	return []*int64{&p.id, &p.pos.at, &p.pos.id, &p.head.at, &p.head.id, &p.tail.at, &p.tail.id, &p.seen,
		&p.sweep, &p.cycle, &p.since, &p.roll, &p.rolled, &p.heard, &p.feeds[0], &p.feeds[1], &p.feeds[2]}
}

// cursor writes the place down: "k1.h.2.3f.…", numbers to the base of 36. At most 13 digits each, so it stays within 255
// bytes.
func (p Place) cursor() adapters.Cursor {
	var b strings.Builder
	b.WriteString(cursorVersion + "." + string(rune(p.source)) + "." + strconv.Itoa(p.stage))
	for _, n := range p.numbers() {
		b.WriteByte('.')
		b.WriteString(strconv.FormatInt(*n, 36))
	}
	return adapters.Cursor(b.String())
}

func parseCursor(c adapters.Cursor) (Place, error) {
	fail := func(why string) (Place, error) {
		return Place{}, fmt.Errorf("the cursor %q cannot be used (%s); begin again with an empty one", foreign.Cut(string(c)), why)
	}
	var p Place
	numbers := p.numbers()
	parts := strings.Split(string(c), ".")
	if parts[0] != cursorVersion || len(parts) != 3+len(numbers) {
		return fail("it is not one of this adapter")
	}
	if len(parts[1]) != 1 || parts[1][0] < 'a' || parts[1][0] > 'z' {
		return fail("its source is not known")
	}
	p.source = parts[1][0]
	stage, err := strconv.Atoi(parts[2])
	if err != nil || stage < 0 || stage >= stages || strconv.Itoa(stage) != parts[2] {
		return fail("its stage is not known")
	}
	p.stage = stage
	for i, n := range numbers {
		v, err := strconv.ParseUint(parts[3+i], 36, 64)
		if err != nil || v > math.MaxInt64 {
			return fail(fmt.Sprintf("number %d is not one", i+1))
		}
		*n = int64(v)
	}
	return p, nil
}
