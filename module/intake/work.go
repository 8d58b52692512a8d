package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/customer"
)

// worker works on one shop while it holds its lease. It belongs to one goroutine.
type worker struct {
	*Intake
	source   Source
	shop     shopRow
	turn     time.Duration // how long one stream is moved on before the next has its turn
	pause    func(failures int) time.Duration
	progress func(Progress)

	normal    normaliser
	limits    map[string]*limit
	state     map[string]*turns
	described time.Time
	shelves   time.Time // when the categories were read last
	audited   *audit    // nil: no comparison is under way here
	prepared  bool
	governor  *governor
	copying   bool      // the history of the stream in hand
	spared    string    // as it was noted last
	replica   time.Time // not tried again before
	streams   []string  // that the shop has
	swept     time.Time // when the carts were begun to be read as a whole
	lagNoted  time.Time // the ten minutes that the lag was noted for last
}

// turns is what a worker remembers of a stream.
type turns struct {
	failures int
	until    time.Time // not tried again before
	lastErr  error
	passes   int // how often there was nothing further
}

// hopeless says whether the stream fails in a way that trying again soon cannot mend.
func (t turns) hopeless() bool {
	var schema *adapters.SchemaError
	return errors.As(t.lastErr, &schema)
}

const (
	describeEvery   = time.Hour
	categoriesEvery = time.Minute
	longestPause    = 5 * time.Minute
	driftPause      = 10 * time.Minute // somebody must do something first
	leasePatience   = time.Minute
	onceFailures    = 4 // in a row, until Once gives a stream up
	oncePause       = 250 * time.Millisecond
)

func (i *Intake) worker(source Source, shop shopRow) *worker {
	w := &worker{Intake: i, source: source, shop: shop, streams: streamsOf(source.Shop), turn: i.cfg.Every, limits: map[string]*limit{}, state: map[string]*turns{}}
	for _, s := range w.streams {
		w.limits[s], w.state[s] = &limit{}, &turns{}
	}
	w.normal.statuses = lowered(source.Statuses)
	w.spared = shop.Spared
	w.governor = newGovernor(i.cfg.Load, threadsOf(source.Server), i.now)
	w.pause = func(failures int) time.Duration {
		return min(i.cfg.Every<<min(failures, 16), longestPause)
	}
	return w
}

// round gives each stream a turn. again says that some stream has more at once. An error is the CRM's own database's or
// the end of ctx; what goes wrong with the shop stays with its stream.
func (w *worker) round(ctx context.Context) (again bool, err error) {
	if err := w.prepare(ctx); err != nil {
		return false, err
	}
	if err := w.noteLag(ctx); err != nil {
		return false, err
	}
	if err := w.introduce(ctx); err != nil {
		return false, err
	}
	if w.shop.Platform == "" {
		return false, nil // never reached: there is nothing to go by
	}
	behind := false // a stream ahead is still in its back-fill
	for _, stream := range w.streams {
		st := w.state[stream]
		if st.until.After(w.now()) {
			continue
		}
		at, err := w.loadStream(ctx, w.shop.ID, stream)
		if err != nil {
			return false, err
		}
		if behind && at.BackfilledAt.IsZero() {
			continue
		}
		if err := w.sumUp(ctx, at); err != nil {
			return false, err
		}
		w.copying = at.BackfilledAt.IsZero()
		more, err := w.turnOf(ctx, stream)
		w.copying = false
		switch {
		case err == nil:
			if st.failures, st.lastErr = 0, nil; more {
				again = true
				behind = behind || at.BackfilledAt.IsZero()
			} else {
				st.passes++
			}
		case ctx.Err() != nil:
			return false, ctx.Err()
		case errors.Is(err, errMoved):
			again = true
		case errors.Is(err, adapters.ErrCursor) && at.Place != "":
			w.report(ctx, stream, err)
			if err := w.restart(ctx, w.shop.ID, stream); err != nil {
				return false, err
			}
			again = true
		default:
			st.failures++
			st.lastErr, st.until = err, w.now().Add(w.pause(st.failures))
			if st.hopeless() {
				st.until = w.now().Add(driftPause)
			}
			w.report(ctx, stream, err)
			if err := w.fail(ctx, w.shop.ID, stream, err); err != nil {
				return false, err
			}
		}
	}
	more, err := w.readAgain(ctx)
	return again || more, err
}

// introduce asks the shop what it is, at first and then every hour. While it cannot say, what it said last holds.
func (w *worker) introduce(ctx context.Context) error {
	if !w.described.IsZero() && w.now().Sub(w.described) < describeEvery {
		return nil
	}
	st := w.state[StreamCategories] // stands for the whole shop: nothing is read before it is known
	if w.shop.Platform == "" && st.until.After(w.now()) {
		return nil
	}
	err := guarded(func() error {
		if err := w.Intake.describe(ctx, &w.shop, w.source.Shop); err != nil {
			return err
		}
		return w.expect(ctx, w.shop.ID, w.source.Shop)
	})
	w.lookAtClock(ctx)
	w.normal.currency, w.normal.country = w.shop.Currency, country(w.shop.Locale)
	switch {
	case err == nil:
		w.described = w.now()
	case ctx.Err() != nil:
		return ctx.Err()
	case w.shop.Platform != "":
		w.described = w.now().Add(w.pause(0) - describeEvery) // soon again
		w.report(ctx, "", err)
	default:
		st.failures++
		st.lastErr, st.until = err, w.now().Add(w.pause(st.failures))
		w.report(ctx, "", err)
		for _, stream := range w.streams {
			if err := w.fail(ctx, w.shop.ID, stream, err); err != nil {
				return err
			}
		}
	}
	return nil
}

// once makes rounds until every stream had its back-fill and one pass behind it, or is given up.
func (w *worker) once(ctx context.Context) error {
	first := map[string]bool{} // streams that begin with a back-fill
	for _, stream := range w.streams {
		at, err := w.loadStream(ctx, w.shop.ID, stream)
		if err != nil {
			return err
		}
		first[stream] = at.BackfilledAt.IsZero()
	}
	for {
		again, err := w.round(ctx)
		if err != nil {
			return err
		}
		var errs []error
		var wait time.Duration
		done := true
		for _, stream := range w.streams {
			st := w.state[stream]
			needed := 1
			if first[stream] {
				needed = 2
			}
			switch {
			case st.failures >= onceFailures || st.hopeless():
				errs = append(errs, fmt.Errorf("%s: %w", stream, st.lastErr))
				if w.shop.Platform == "" { // it was never reached
					return st.lastErr
				}
			case st.passes < needed:
				done = false
				wait = max(wait, st.until.Sub(w.now()))
			}
		}
		if done && !again {
			return errors.Join(errs...)
		}
		if !rest(ctx, min(wait, oncePause)) {
			return ctx.Err()
		}
	}
}

// turnOf moves one stream on.
func (w *worker) turnOf(ctx context.Context, stream string) (more bool, err error) {
	switch stream {
	case StreamCategories:
		return false, w.categories(ctx)
	case StreamCarts:
		return w.carts(ctx)
	}
	return w.flow(stream).run(ctx, w)
}

// flow is how rows of a stream come.
func (w *worker) flow(stream string) flow {
	shop := w.source.Shop
	switch stream {
	case StreamProducts:
		return pipe[adapters.Product, product]{stream: stream, read: history(w, shop.Products, (adapters.Shop).Products),
			key: func(p adapters.Product) string { return p.Key }, weight: func(p product) int { return 1 + len(p.Variants) + len(p.categories) },
			normalise: w.normal.product, write: w.writeProducts}
	case StreamCustomers:
		return pipe[adapters.Customer, customer.Person]{stream: stream, read: history(w, shop.Customers, (adapters.Shop).Customers),
			key: func(c adapters.Customer) string { return c.Key }, weight: func(customer.Person) int { return 3 },
			normalise: w.normal.customer, write: w.writeCustomers}
	case StreamCarts:
		return pipe[adapters.Cart, basket]{stream: stream, read: shop.(adapters.CartReader).Carts,
			key: func(c adapters.Cart) string { return c.Key }, weight: func(b basket) int { return 1 + len(b.Lines) },
			normalise: w.normal.cart, write: w.writeCarts}
	case StreamSubscribers:
		return pipe[adapters.Subscriber, subscription]{stream: stream, read: shop.(adapters.SubscriberReader).Subscribers,
			key: func(s adapters.Subscriber) string { return s.Key }, weight: func(subscription) int { return 3 },
			normalise: w.normal.subscriber, write: w.writeSubscribers}
	default:
		return pipe[adapters.Order, sale]{stream: stream, read: history(w, shop.Orders, (adapters.Shop).Orders),
			key: func(o adapters.Order) string { return o.Key }, weight: func(s sale) int { return 1 + len(s.Lines) + len(s.Refunds) },
			normalise: w.normal.order, write: w.writeOrders, halves: w.linkOrders}
	}
}

// tell reports progress to whoever waits for it.
func (w *worker) tell(ctx context.Context, stream string) {
	if w.progress == nil {
		return
	}
	at, err := w.loadStream(ctx, w.shop.ID, stream)
	if err != nil {
		return // the next batch will tell, or fail by itself
	}
	w.progress(Progress{Shop: w.source.Name, Stream: stream, Done: at.RowsRead, Total: at.RowsExpected, Rate: at.Rate})
}

// report logs what went wrong, with its stack where there is one.
func (w *worker) report(ctx context.Context, stream string, err error) {
	args := []any{"shop", w.source.Name, "stream", stream, "err", err}
	var panicked *panicError
	var row *rowError
	switch {
	case errors.As(err, &panicked):
		w.cfg.Logger.ErrorContext(ctx, "a mistake was caught while copying the shop", append(args, "stack", string(panicked.stack))...)
	case errors.As(err, &row): // the quarantine shows it; its words may hold personal data
	default:
		w.cfg.Logger.WarnContext(ctx, "copying the shop is held up", args...)
	}
}
