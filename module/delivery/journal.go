package delivery

import (
	"context"
	"log/slog"
	"time"
)

// journal writes what the connections report into the ledger. Connections that wait at the same time share one
// statement and one commit, so that a state committed for each message costs little more than one for each batch.
type journal struct {
	ledger  ledger
	clock   func() time.Time
	log     *slog.Logger
	entries chan entry
}

// entry is a connection's report: what became of messages, and which one it wants to begin.
type entry struct {
	mailingID int64
	sent      []int64
	settled   []outcome
	begin     int64 // 0: none
	done      chan bool
}

const (
	entriesMax = 128
	againFirst = 50 * time.Millisecond
	againMost  = 2 * time.Second
)

// record hands an entry over and waits until it is committed. It gives whether the message to begin may go out; it may
// not when the row is no longer ours, or ctx ended.
func (j *journal) record(ctx context.Context, e entry) bool {
	if len(e.sent) == 0 && len(e.settled) == 0 && e.begin == 0 {
		return false
	}
	e.done = make(chan bool, 1)
	select {
	case j.entries <- e:
	case <-ctx.Done():
		return false
	}
	select {
	case granted := <-e.done:
		return granted
	case <-ctx.Done():
		return false
	}
}

// run works until ctx ends.
func (j *journal) run(ctx context.Context) {
	for {
		var batch []entry
		select {
		case <-ctx.Done():
			return
		case e := <-j.entries:
			batch = append(batch, e)
		}
	collect:
		for len(batch) < entriesMax {
			select {
			case e := <-j.entries:
				batch = append(batch, e)
			default:
				break collect
			}
		}
		j.write(ctx, batch)
	}
}

func (j *journal) write(ctx context.Context, batch []entry) {
	type move struct{ sent, begin []int64 }
	moves := map[int64]*move{}
	for _, e := range batch {
		m := moves[e.mailingID]
		if m == nil {
			m = &move{}
			moves[e.mailingID] = m
		}
		m.sent = append(m.sent, e.sent...)
		if e.begin != 0 {
			m.begin = append(m.begin, e.begin)
		}
		for _, o := range e.settled {
			j.insist(ctx, func() error { return j.ledger.settle(ctx, o, j.clock()) })
		}
	}
	granted := map[int64]map[int64]bool{}
	for id, m := range moves {
		if len(m.sent)+len(m.begin) == 0 {
			continue
		}
		j.insist(ctx, func() (err error) {
			granted[id], err = j.ledger.advance(ctx, id, m.sent, m.begin, j.clock())
			return err
		})
	}
	for _, e := range batch {
		e.done <- e.begin != 0 && granted[e.mailingID][e.begin]
	}
}

// insist repeats fn until it succeeds or ctx ends: while the database is away nothing may go out, and nothing that is
// known may be forgotten.
func (j *journal) insist(ctx context.Context, fn func() error) {
	wait := againFirst
	for {
		err := fn()
		if err == nil || ctx.Err() != nil {
			return
		}
		j.log.Error("the delivery ledger cannot be written, trying again", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, againMost)
	}
}
