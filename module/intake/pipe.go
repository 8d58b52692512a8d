package intake

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/store"
)

// pipe is how one kind of rows comes from a shop, R, and goes into the CRM, T. The reading end runs ahead of the writing
// end by at most two batches.
type pipe[R, T any] struct {
	stream    string
	read      func(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[R], error)
	key       func(R) string
	weight    func(T) int // how many rows of the CRM it becomes, about
	normalise func(R) (T, error)
	write     func(ctx context.Context, tx bun.IDB, rows []T) (effect, error)
	// halves, which may be nil, is write in two transactions: the first half of a batch is done while the second half of
	// the one before it is. The first may be done twice.
	halves func(ctx context.Context, tx bun.IDB, rows []T) (effect, second, error)
}

// second is the other half of writing a batch. It can be run again after its transaction was undone.
type second func(ctx context.Context, tx bun.IDB) (effect, error)

// effect is what writing did.
type effect struct {
	changed  int64
	profiles []int64 // touched, ascending
}

// item is a row in both forms. The shop's own is kept for the quarantine, should the database refuse the other.
type item[R, T any] struct {
	key string
	raw R
	row T
}

// batch is what goes into one transaction.
type batch[R, T any] struct {
	from     adapters.Cursor
	next     adapters.Cursor
	rows     []item[R, T]
	bad      []badRow
	read     int64 // of the shop
	rate     float64
	caughtUp bool // there was nothing further behind it
}

// flow is a pipe of whichever kind of rows.
type flow interface {
	// run moves a stream on, until there is nothing further, the turn's time is over, or something fails; what was
	// committed by then stays. more says that there was something further.
	run(ctx context.Context, w *worker) (more bool, err error)
	// renew reads again all that follows a cursor. came is told of the keys of each batch, those of bad rows too, before
	// it is written.
	renew(ctx context.Context, w *worker, from adapters.Cursor, settle settle, came func(keys []string) error) error
}

// settle notes, in the transaction that writes a batch, how far the reading is: at from before it, and what it did. It
// fails when somebody else has moved the place.
type settle func(ctx context.Context, tx bun.IDB, from adapters.Cursor, did step) error

// panicError is a panic that was caught, as an error.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("a mistake in the program: %v", e.value) }

// guarded runs fn and turns a panic into an error.
func guarded(fn func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicError{v, debug.Stack()}
		}
	}()
	return fn()
}

func (p pipe[R, T]) run(ctx context.Context, w *worker) (more bool, err error) {
	at, err := w.loadStream(ctx, w.shop.ID, p.stream)
	if err != nil {
		return false, err
	}
	return p.from(ctx, w, adapters.Cursor(at.Place), func(ctx context.Context, tx bun.IDB, from adapters.Cursor, did step) error {
		return w.advance(ctx, tx, at, from, did)
	})
}

// from reads on from a place.
func (p pipe[R, T]) from(ctx context.Context, w *worker, place adapters.Cursor, settle settle) (more bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	batches := make(chan batch[R, T], 1)
	failed := make(chan error, 1)
	go func() {
		defer close(batches)
		failed <- guarded(func() error { return p.feed(ctx, w, place, batches) })
	}()
	started, done := w.now(), int64(0)
	put := lane[R, T]{pipe: p, w: w, settle: settle}
	for b := range batches {
		if took := w.now().Sub(started).Seconds(); done > 0 && took > 0 {
			b.rate = float64(done) / took
		}
		if err = put.batch(ctx, b); err != nil {
			break
		}
		done += b.read
		more = !b.caughtUp
	}
	if err == nil {
		err = put.end()
	} else {
		cancel()
		err = errors.Join(err, put.end())
	}
	if err != nil {
		cancel()
		for range batches { // the reading end stops at its next row
		}
		return false, err
	}
	return more, <-failed
}

// feed reads pages into batches until there is nothing further or the turn's time is over.
func (p pipe[R, T]) feed(ctx context.Context, w *worker, from adapters.Cursor, out chan<- batch[R, T]) error {
	end := w.now().Add(w.turn)
	b := batch[R, T]{from: from, next: from}
	weight := 0
	send := func() error {
		select {
		case out <- b:
			b, weight = batch[R, T]{from: b.next, next: b.next}, 0
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for {
		page, err := p.page(ctx, w, b.next)
		if err != nil {
			if b.read > 0 { // what was read before is good
				err = errors.Join(err, send())
			}
			return err
		}
		size, became := p.take(ctx, w, &b, page)
		weight += became
		over := !w.now().Before(end)
		if b.caughtUp || over || int(b.read)+size > w.cfg.PageSize || weight >= rowsPerBatchRow*w.cfg.PageSize {
			if err := send(); err != nil {
				return err
			}
		}
		if !page.More || over {
			return nil
		}
	}
}

func (p pipe[R, T]) renew(ctx context.Context, w *worker, from adapters.Cursor, settle settle, came func(keys []string) error) error {
	b := batch[R, T]{from: from, next: from}
	for weight := 0; ; {
		page, err := p.page(ctx, w, b.next)
		if err != nil {
			return err
		}
		_, became := p.take(ctx, w, &b, page)
		weight += became
		if page.More && len(b.rows) < w.cfg.PageSize && weight < rowsPerBatchRow*w.cfg.PageSize {
			continue
		}
		if err := came(b.keys()); err != nil {
			return err
		}
		if err := p.commit(ctx, w, b, settle); err != nil || !page.More {
			return err
		}
		b, weight = batch[R, T]{from: b.next, next: b.next}, 0
	}
}

func (b batch[R, T]) keys() []string {
	keys := make([]string, 0, len(b.rows)+len(b.bad))
	for _, row := range b.rows {
		keys = append(keys, row.key)
	}
	for _, bad := range b.bad {
		keys = append(keys, bad.key)
	}
	return keys
}

// page asks the shop for rows.
func (p pipe[R, T]) page(ctx context.Context, w *worker, after adapters.Cursor) (adapters.Page[R], error) {
	if err := w.spare(ctx); err != nil {
		return adapters.Page[R]{}, err
	}
	limit := w.governor.rows(w.limits[p.stream].rows(w.cfg.PageSize))
	asked := w.now()
	page, err := p.read(ctx, after, limit)
	w.limits[p.stream].took(w.now().Sub(asked), err)
	w.governor.took(p.stream, len(page.Rows)+len(page.Bad), w.now().Sub(asked))
	if err == nil && (page.Next == "" || page.More && page.Next == after && len(page.Rows) == 0) {
		err = fmt.Errorf("the adapter's page of %s after %q leads nowhere: this is a mistake in the adapter", p.stream, after)
	}
	return page, err
}

// take adds a page to a batch, normalised, and gives its size and how many rows of the CRM it becomes, about.
func (p pipe[R, T]) take(ctx context.Context, w *worker, b *batch[R, T], page adapters.Page[R]) (size, weight int) {
	for _, row := range page.Rows {
		key := p.key(row)
		var to T
		err := guarded(func() (err error) { to, err = p.normalise(row); return err })
		if err != nil {
			w.report(ctx, p.stream, err)
			b.bad = append(b.bad, badRow{key, err.Error(), fields(row)})
			continue
		}
		b.rows = append(b.rows, item[R, T]{key, row, to})
		weight += p.weight(to)
	}
	for _, bad := range page.Bad {
		b.bad = append(b.bad, badRow{bad.Key, bad.Reason, bounded(bad.Raw)})
	}
	size = len(page.Rows) + len(page.Bad)
	b.read += int64(size)
	b.next = page.Next
	b.caughtUp = !page.More
	return size, weight
}

// rowsPerBatchRow bounds a batch also by what its rows become: a few orders may have very many lines.
const rowsPerBatchRow = 5

// commit writes a batch. Where the database, or our own code, refuses it for what is in it, the batch is halved until the
// guilty row stands alone, and that one goes into the quarantine.
func (p pipe[R, T]) commit(ctx context.Context, w *worker, b batch[R, T], settle settle) error {
	err := p.try(ctx, w, b, settle)
	if err == nil || !blamesRow(err) || len(b.rows) == 0 {
		return err
	}
	if len(b.rows) == 1 {
		w.report(ctx, p.stream, err)
		bad := b.rows[0]
		b.rows, b.bad = nil, append(b.bad, badRow{bad.key, "the CRM could not store it: " + err.Error(), fields(bad.raw)})
		return p.try(ctx, w, b, settle)
	}
	first, second := b, b
	half := len(b.rows) / 2
	first.rows, second.rows = b.rows[:half], b.rows[half:]
	first.bad, first.read, first.next, first.caughtUp = nil, 0, b.from, false
	if err := p.commit(ctx, w, first, settle); err != nil {
		return err
	}
	return p.commit(ctx, w, second, settle)
}

// try is one transaction: rows, quarantine, what others want to know, and the new place.
func (p pipe[R, T]) try(ctx context.Context, w *worker, b batch[R, T], settle settle) error {
	return p.through(ctx, w, b, settle, p.write)
}

func (p pipe[R, T]) through(ctx context.Context, w *worker, b batch[R, T], settle settle, write func(context.Context, bun.IDB, []T) (effect, error)) error {
	rows := make([]T, len(b.rows))
	keys := make([]string, len(b.rows))
	for i, r := range b.rows {
		rows[i], keys[i] = r.row, r.key
	}
	return store.InTx(ctx, w.db, func(ctx context.Context, tx bun.Tx) error {
		return guarded(func() error {
			did := step{next: b.next, read: b.read, caughtUp: b.caughtUp}
			if len(rows) > 0 {
				e, err := write(ctx, tx, rows)
				if err != nil {
					return err
				}
				if err := w.heal(ctx, tx, w.shop.ID, p.stream, keys); err != nil {
					return err
				}
				if err := w.changed(ctx, tx, e); err != nil {
					return err
				}
				did.changed = e.changed
			}
			if err := w.setAside(ctx, tx, w.shop.ID, p.stream, b.bad); err != nil {
				return err
			}
			if !b.caughtUp {
				did.rate = b.rate
			}
			return settle(ctx, tx, b.from, did)
		})
	})
}

// changed tells others which profiles a write touched.
func (w *worker) changed(ctx context.Context, tx bun.IDB, e effect) error {
	if w.cfg.OnChange == nil || len(e.profiles) == 0 {
		return nil
	}
	if err := w.cfg.OnChange(ctx, tx, e.profiles); err != nil {
		return fmt.Errorf("telling which profiles changed: %w", err)
	}
	return nil
}

// blamesRow says whether an error comes from the content of what is written, so that writing the same again cannot help.
func blamesRow(err error) bool {
	var panicked *panicError
	if errors.As(err, &panicked) {
		return true
	}
	var refused *mysql.MySQLError
	if !errors.As(err, &refused) {
		return false
	}
	switch refused.Number {
	case 1048, // a NULL where there may be none
		1062,       // twice the same key
		1153,       // more than max_allowed_packet
		1264, 1690, // a number out of range
		1265, 1292, 1366, 1406, // a value that is cut off, of the wrong form, or too long
		3819, 4025: // a CHECK of MySQL, of MariaDB
		return true
	}
	return false
}

// limit is how many rows to ask a shop for, found out by how long it takes to answer.
type limit struct{ now int }

const (
	firstLimit  = 500
	lowestLimit = 50
	fastAnswer  = 300 * time.Millisecond
	slowAnswer  = 1500 * time.Millisecond
)

func (l *limit) rows(most int) int {
	if l.now == 0 {
		l.now = firstLimit
	}
	return max(1, min(l.now, most))
}

func (l *limit) took(d time.Duration, err error) {
	switch {
	case err != nil || d > slowAnswer:
		l.now = max(lowestLimit, l.now/2)
	case d < fastAnswer:
		l.now = min(2*l.now, 1<<20)
	}
}
