package intake

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/store"
)

// lane is the writing end of a pipe. Where a batch can be written in two halves, the second half of one is written by a
// goroutine of its own while the first half of the next is: first halves follow each other in order, and second halves
// too, so that the outcome is that of writing batch after batch.
type lane[R, T any] struct {
	pipe   pipe[R, T]
	w      *worker
	settle settle

	writing chan error      // gives the outcome of the second half under way; nil: none is
	keys    map[string]bool // of the batch under way
}

// batch takes a batch. It may return before the second half is written, and then its error comes with the next call.
func (l *lane[R, T]) batch(ctx context.Context, b batch[R, T]) error {
	if l.pipe.halves == nil || len(b.rows) == 0 || l.meets(b) {
		if err := l.end(); err != nil {
			return err
		}
		err := l.pipe.commit(ctx, l.w, b, l.settle)
		l.w.tell(ctx, l.pipe.stream)
		return err
	}
	write, err := l.first(ctx, b)
	if waited := l.end(); waited != nil {
		return waited
	}
	if err != nil {
		if !blamesRow(err) {
			return err
		}
		return l.pipe.commit(ctx, l.w, b, l.settle) // which finds the guilty row
	}
	l.writing, l.keys = make(chan error, 1), make(map[string]bool, len(b.rows))
	for _, key := range b.keys() {
		l.keys[key] = true
	}
	go func() { l.writing <- guarded(func() error { return l.second(ctx, b, write) }) }()
	l.w.tell(ctx, l.pipe.stream)
	return nil
}

// end waits for what is under way.
func (l *lane[R, T]) end() error {
	if l.writing == nil {
		return nil
	}
	err := <-l.writing
	l.writing, l.keys = nil, nil
	return err
}

// meets says whether a row of the batch under way comes again: it is compared with what is written of it.
func (l *lane[R, T]) meets(b batch[R, T]) bool {
	for _, row := range b.rows {
		if l.keys[row.key] {
			return true
		}
	}
	return false
}

// first writes the first half.
func (l *lane[R, T]) first(ctx context.Context, b batch[R, T]) (write second, err error) {
	rows := make([]T, len(b.rows))
	for i, r := range b.rows {
		rows[i] = r.row
	}
	err = store.InTx(ctx, l.w.db, func(ctx context.Context, tx bun.Tx) error {
		return guarded(func() error {
			e, next, err := l.pipe.halves(ctx, tx, rows)
			if err != nil {
				return err
			}
			write = next
			return l.w.changed(ctx, tx, e)
		})
	})
	return write, err
}

// second writes the second half, with the quarantine and the new place. Where it cannot be stored, the batch is gone over
// row by row.
func (l *lane[R, T]) second(ctx context.Context, b batch[R, T], write second) error {
	err := l.pipe.through(ctx, l.w, b, l.settle, func(ctx context.Context, tx bun.IDB, _ []T) (effect, error) { return write(ctx, tx) })
	if blamesRow(err) {
		return l.pipe.commit(ctx, l.w, b, l.settle)
	}
	return err
}
