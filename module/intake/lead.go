package intake

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/kupec/kupec/module/store"
)

// serve works on a shop for ever, whenever no other process does.
func (i *Intake) serve(ctx context.Context, source Source) {
	log := i.cfg.Logger.With("shop", source.Name)
	for failures := 0; ctx.Err() == nil; {
		err := guarded(func() error {
			return i.lead(ctx, source, func(_ shopRow, name string) (*store.Lease, error) { return store.TakeLease(ctx, i.db, name) }, func(ctx context.Context, w *worker) error {
				failures = 0
				for ctx.Err() == nil {
					started := i.now()
					again, err := w.round(ctx)
					if err != nil {
						return err
					}
					if more, err := w.audit(ctx); err != nil {
						return err
					} else if more && !w.auditRests() {
						again = true
					}
					if !again {
						rest(ctx, i.cfg.Every-i.now().Sub(started))
					}
				}
				return ctx.Err()
			})
		})
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, store.ErrLeaseHeld):
			rest(ctx, max(i.cfg.Every, store.LeaseTime/3))
		default:
			failures++
			log.ErrorContext(ctx, "copying the shop was interrupted", "err", err)
			rest(ctx, min(i.cfg.Every<<min(failures, 16), longestPause))
		}
	}
}

// Once copies all shops to their end, makes one further pass for what changed meanwhile, and returns. progress, which may
// be nil, is called after each batch. A stream that fails is tried four times, unless the shop's database is not what the
// adapter expects; the others are finished, and the error, which names shops and streams, is returned.
//
// A shop that another process works on is waited for, a minute at most: until that one is done, or, as a server never is,
// until it has itself made the pass that Once would make.
func (i *Intake) Once(ctx context.Context, progress func(Progress)) error {
	var errs []error
	for _, source := range i.sources {
		err := guarded(func() error {
			return i.lead(ctx, source, func(shop shopRow, name string) (*store.Lease, error) {
				return i.await(ctx, shop, streamsOf(source.Shop), name)
			}, func(ctx context.Context, w *worker) error {
				w.progress = progress
				w.pause = func(failures int) time.Duration { return oncePause << failures }
				return errors.Join(w.once(ctx), w.auditAll(ctx))
			})
		})
		switch {
		case errors.Is(err, errFollowed):
			err = nil
		case errors.Is(err, store.ErrLeaseHeld):
			err = errors.New("another process is copying it: wait for that one, or stop it")
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("shop %q: %w", source.Name, err))
		}
	}
	return errors.Join(errs...)
}

// errFollowed says that the process which holds the lease has made our pass meanwhile.
var errFollowed = errors.New("another process has followed the shop to its end")

// await takes the lease called name for Once. It fails with errFollowed when its holder came to each stream's end twice
// while we looked: the first time may end a pass that began before us. Categories, which are read whole and seldom, need
// only have been copied. Times are compared with each other alone, so the two clocks need not agree.
func (i *Intake) await(ctx context.Context, shop shopRow, streams []string, name string) (*store.Lease, error) {
	seen, ends := map[string]time.Time{}, map[string]int{}
	for until := time.Now().Add(leasePatience); ; {
		lease, err := store.WaitLease(ctx, i.db, name, time.Second)
		if !errors.Is(err, store.ErrLeaseHeld) {
			return lease, err
		}
		followed := true
		for _, stream := range streams {
			at, err := i.loadStream(ctx, shop.ID, stream)
			if err != nil {
				return nil, err
			}
			if before, known := seen[stream]; known && !at.CaughtUpAt.Equal(before) {
				ends[stream]++
			}
			seen[stream] = at.CaughtUpAt
			followed = followed && !at.BackfilledAt.IsZero() && (ends[stream] >= 2 || stream == StreamCategories)
		}
		switch {
		case followed:
			return nil, errFollowed
		case time.Now().After(until):
			return nil, err
		}
	}
}

// lead runs work as the only process that works on the shop. work's context ends when the lease is lost.
func (i *Intake) lead(ctx context.Context, source Source, take func(shop shopRow, name string) (*store.Lease, error), work func(context.Context, *worker) error) error {
	shop, err := i.enrol(ctx, source)
	if err != nil {
		return err
	}
	lease, err := take(shop, "intake."+strconv.FormatInt(shop.ID, 10))
	if err != nil {
		return err
	}
	defer lease.Release(context.WithoutCancel(ctx))
	ctx, cancel := context.WithCancelCause(ctx)
	var keeper sync.WaitGroup
	defer keeper.Wait()
	defer cancel(nil)
	keeper.Go(func() {
		for rest(ctx, store.LeaseTime/3) {
			if err := lease.Keep(ctx); err != nil {
				cancel(err)
				return
			}
		}
	})
	err = work(ctx, i.worker(source, shop))
	if lost := context.Cause(ctx); lost != nil && errors.Is(err, context.Canceled) {
		return lost
	}
	return err
}

// rest waits, and says whether ctx still holds.
func rest(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
