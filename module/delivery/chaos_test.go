package delivery_test

import (
	"context"
	"hash/fnv"
	"testing"
	"time"

	"github.com/kupec/kupec/module/delivery"
)

// misfortune deals out faults by address, the same at each run.
func misfortune(to string, try int) fault {
	h := fnv.New32a()
	_, _ = h.Write([]byte(to))
	if try > 0 {
		return fault{}
	}
	switch n := h.Sum32() % 100; {
	case n < 20:
		return fault{at: delivery.StepRcpt, answer: "451 4.7.1 greylisted"}
	case n < 23:
		return fault{at: delivery.StepContent, answer: "421 4.3.2 closing"}
	case n < 26:
		return fault{at: delivery.StepRcpt}
	case n < 28:
		return fault{at: delivery.StepData}
	case n < 30:
		return fault{at: delivery.StepContent}
	case n < 32:
		return fault{at: delivery.StepContent, answer: "452 4.2.2 full"}
	}
	return fault{}
}

func TestTheLedgerEqualsWhatTheServerGotWhateverHappens(t *testing.T) {
	t.Parallel()
	const people = 2000
	s := newSink(t, faulty(misfortune))
	cfg := quick
	cfg.Batch = 25
	b := setup(t, s, "conns=4", cfg, letter{})
	b.people(people)
	b.start(b.newPost("conns=4", cfg, letter{}))
	m := b.launch()
	for range 3 { // the database loses all connections, this test's own among them
		b.until(m.ID, "under way", func(delivery.Progress) bool { return true })
		b.loseConnections()
		<-time.After(150 * time.Millisecond)
	}
	p := b.done(m.ID)
	sent, uncertain := p.States[delivery.Sent], p.States[delivery.Uncertain]
	received := int64(s.noneTwice())
	if sent+uncertain != people || received < sent || received > sent+uncertain || uncertain == 0 {
		t.Errorf("received %d, ledger %v", received, p.States)
	}
	b.everySentWasReceived(m.ID)
}

// loseConnections ends every connection to the test's database but the one it says so on.
func (b *bundle) loseConnections() {
	b.t.Helper()
	ctx := context.Background()
	conn, err := b.db.Conn(ctx)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	var ids []int64
	err = conn.NewRaw("SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()").Scan(ctx, &ids)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, id := range ids {
		_, _ = conn.ExecContext(ctx, "KILL ?", id) // it may be gone by itself
	}
}
