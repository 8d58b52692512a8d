package intake

import (
	"context"
	"database/sql"
	"time"

	"github.com/kupec/kupec/adapters"
)

// threadsOf gives how to ask a server how many threads it runs; nil where there is none to ask.
func threadsOf(server *sql.DB) func(context.Context) (int, error) {
	if server == nil {
		return nil
	}
	return func(ctx context.Context) (n int, err error) {
		var name string
		err = server.QueryRowContext(ctx, "SHOW GLOBAL STATUS LIKE 'Threads_running'").Scan(&name, &n)
		return n, err
	}
}

// spare waits before a page as long as the shop's server needs, and notes when that changes.
func (w *worker) spare(ctx context.Context) error {
	w.governor.look(ctx)
	if says := cut(w.governor.says(), sparedMax); says != w.spared {
		if err := w.note(ctx, "spared", says); err != nil {
			return err
		}
		w.spared = says
	}
	if !rest(ctx, w.governor.pause()) {
		return ctx.Err()
	}
	return nil
}

const (
	sparedMax    = 255
	replicaPause = time.Minute // after it failed
)

// reader is a method that reads pages.
type reader[R any] func(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[R], error)

// history reads from the replica while a stream's history is copied, and from the shop itself afterwards, and while the
// replica fails. A replica that is behind is no harm: what it does not have yet is followed on the shop itself, from the
// newest change that the replica had.
func history[R any](w *worker, own reader[R], of func(adapters.Shop, context.Context, adapters.Cursor, int) (adapters.Page[R], error)) reader[R] {
	replica := w.source.Replica
	if replica == nil {
		return own
	}
	return func(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[R], error) {
		if !w.copying || w.replica.After(w.now()) {
			return own(ctx, after, limit)
		}
		page, err := of(replica, ctx, after, limit)
		if err == nil || ctx.Err() != nil {
			return page, err
		}
		w.replica = w.now().Add(replicaPause)
		w.cfg.Logger.WarnContext(ctx, "the replica cannot be read, the shop itself is", "shop", w.source.Name, "err", err)
		return own(ctx, after, limit)
	}
}
