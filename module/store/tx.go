package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/uptrace/bun"
)

const (
	attempts  = 8
	firstWait = 5 * time.Millisecond
	longWait  = 400 * time.Millisecond
)

// InTx runs fn in one transaction and commits. When the server ends it for a deadlock or a lock that was waited for too
// long, fn is run again from its beginning, up to eight times with growing, jittered pauses: fn must not leave anything
// behind but what it wrote through tx. Any other error rolls back and is returned as it is.
func InTx(ctx context.Context, db *bun.DB, fn func(ctx context.Context, tx bun.Tx) error) error {
	return Retry(ctx, func() error { return db.RunInTx(ctx, nil, fn) })
}

// Retry runs a single statement, which is its own transaction, under the same rule as [InTx].
func Retry(ctx context.Context, fn func() error) error {
	wait := firstWait
	for try := 1; ; try++ {
		err := fn()
		if err == nil || !IsRetryable(err) {
			return err
		}
		if try == attempts {
			return fmt.Errorf("given up after %d tries: %w", attempts, err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait/2 + rand.N(wait)):
		}
		wait = min(2*wait, longWait)
	}
}

// Within runs fn in the caller's transaction when db is one, else, when db is the pool, in one of its own under the rules
// of [InTx].
func Within(ctx context.Context, db bun.IDB, fn func(ctx context.Context, tx bun.IDB) error) error {
	pool, ok := db.(*bun.DB)
	if !ok {
		return fn(ctx, db)
	}
	return InTx(ctx, pool, func(ctx context.Context, tx bun.Tx) error { return fn(ctx, tx) })
}
