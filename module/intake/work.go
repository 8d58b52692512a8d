package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/purchase"
	"github.com/kupec/kupec/module/store"
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

// round gives each stream a turn. again says that some stream has more at once. An error is the CRM's own database's or
// the end of ctx; what goes wrong with the shop stays with its stream.
func (w *worker) round(ctx context.Context) (again bool, err error) {
	if err := w.prepare(ctx); err != nil {
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

// categories reads the whole tree, for there is little of it.
func (w *worker) categories(ctx context.Context) error {
	reader, ok := w.source.Shop.(adapters.CategoryReader)
	if ok && !w.shelves.IsZero() && w.now().Sub(w.shelves) < categoriesEvery {
		return w.stand(ctx, StreamCategories)
	}
	if !ok {
		return w.stand(ctx, StreamCategories)
	}
	found, err := reader.Categories(ctx)
	if err != nil {
		return err
	}
	err = store.InTx(ctx, w.db, func(ctx context.Context, tx bun.Tx) error { return w.writeCategories(ctx, tx, found) })
	if err == nil {
		w.shelves = w.now()
		w.tell(ctx, StreamCategories)
	}
	return err
}

func (w *worker) writeCategories(ctx context.Context, tx bun.IDB, found []adapters.Category) error {
	var all []adapters.Category
	var bad []badRow
	for _, c := range found {
		row, err := categoryOf(c)
		if err != nil {
			bad = append(bad, badRow{c.Key, err.Error(), fields(c)})
			continue
		}
		all = append(all, row)
	}
	at, err := w.loadStream(ctx, w.shop.ID, StreamCategories)
	if err != nil {
		return err
	}
	changed, err := w.rooms.Catalog.ApplyCategories(ctx, tx, w.shop.ID, all)
	if err != nil {
		return err
	}
	if err := w.release(ctx, tx, w.shop.ID, StreamCategories, bad); err != nil { // all came: who is not bad now is well or gone
		return err
	}
	if err := w.setAside(ctx, tx, w.shop.ID, StreamCategories, bad); err != nil {
		return err
	}
	place := adapters.Cursor(at.Place)
	return w.advance(ctx, tx, at, place, step{next: place, read: int64(len(found)), changed: int64(changed), caughtUp: true})
}

// stand notes that a stream is known to have nothing further, without asking the shop.
func (w *worker) stand(ctx context.Context, stream string) error {
	at, err := w.loadStream(ctx, w.shop.ID, stream)
	if err != nil {
		return err
	}
	return w.advance(ctx, w.db, at, adapters.Cursor(at.Place), step{next: adapters.Cursor(at.Place), caughtUp: true})
}

func (w *worker) writeProducts(ctx context.Context, tx bun.IDB, rows []product) (effect, error) {
	keys := map[string]bool{}
	for _, p := range rows {
		for _, k := range p.categories {
			keys[k] = true
		}
	}
	ids, err := w.shelfIDs(ctx, tx, slices.Sorted(maps.Keys(keys)))
	if err != nil {
		return effect{}, err
	}
	products := make([]catalog.Product, len(rows))
	for i, p := range rows {
		products[i] = p.Product
		for _, k := range p.categories {
			if id, ok := ids[k]; ok { // else the shop itself does not know the category any more
				products[i].Categories = append(products[i].Categories, id)
			}
		}
	}
	changed, err := w.rooms.Catalog.Apply(ctx, tx, w.shop.ID, products)
	return effect{changed: int64(changed)}, err
}

// shelfIDs finds categories, and reads the tree again when products stand on one that was not there at the last look.
func (w *worker) shelfIDs(ctx context.Context, tx bun.IDB, keys []string) (map[string]int64, error) {
	ids, err := w.rooms.Catalog.CategoryIDs(ctx, tx, w.shop.ID, keys)
	reader, ok := w.source.Shop.(adapters.CategoryReader)
	if err != nil || len(ids) == len(keys) || !ok || w.now().Sub(w.shelves) < w.cfg.Every {
		return ids, err
	}
	found, err := reader.Categories(ctx)
	if err != nil {
		return nil, err
	}
	if err := w.writeCategories(ctx, tx, found); err != nil {
		return nil, err
	}
	w.shelves = w.now()
	return w.rooms.Catalog.CategoryIDs(ctx, tx, w.shop.ID, keys)
}

// writeOrders compares first: orders that did not change are neither linked nor written.
func (w *worker) writeOrders(ctx context.Context, tx bun.IDB, rows []sale) (effect, error) {
	linked, write, err := w.linkOrders(ctx, tx, rows)
	if err != nil {
		return effect{}, err
	}
	written, err := write(ctx, tx)
	written.profiles = union(written.profiles, linked.profiles)
	return written, err
}

// linkOrders is the first half of writing orders: whose they are, and what products they name.
func (w *worker) linkOrders(ctx context.Context, tx bun.IDB, rows []sale) (effect, second, error) {
	orders := make([]purchase.Order, len(rows))
	shown := make(map[string]sale, len(rows))
	for i, s := range rows {
		orders[i], shown[s.Key] = s.Order, s
	}
	delta, err := w.rooms.Orders.Compare(ctx, tx, w.shop.ID, orders)
	if err != nil {
		return effect{}, nil, err
	}
	if len(delta.Orders) == 0 {
		return effect{}, func(context.Context, bun.IDB) (effect, error) { return effect{}, nil }, nil
	}
	people := make([]customer.Person, len(delta.Orders))
	named := map[string]catalog.Mention{}
	for i, o := range delta.Orders {
		s := shown[o.Key]
		people[i] = customer.Person{Evidence: customer.EvidenceOrder, Ref: o.Number, AccountKey: o.AccountKey, OrderKey: o.Key,
			Email: s.email, Phone: s.phone, Name: o.Name, Company: o.Company, Address: o.Address, Language: o.Language,
			At: cmp.Or(o.PlacedAt, o.PaidAt, o.ChangedAt)}
		for _, l := range o.Lines {
			if l.ProductKey == "" {
				continue
			}
			if _, ok := named[l.ProductKey]; !ok {
				named[l.ProductKey] = catalog.Mention{Key: l.ProductKey, SKU: l.SKU, Name: l.Name}
			}
		}
	}
	linked, err := w.rooms.People.Link(ctx, tx, w.shop.ID, people)
	if err != nil {
		return effect{}, nil, err
	}
	products, err := w.rooms.Catalog.Mention(ctx, tx, w.shop.ID, w.shop.Currency, slices.Collect(maps.Values(named)))
	if err != nil {
		return effect{}, nil, err
	}
	for i := range delta.Orders {
		o := &delta.Orders[i]
		o.IdentityID, o.ProfileID = linked[i].IdentityID, linked[i].ProfileID
		switch {
		case linked[i].Erased: // compared as the shop has it, so that it is not written at each look
			o.Forget()
		case linked[i].NoEmail:
			o.Email = ""
		}
		for j := range o.Lines {
			if key := o.Lines[j].ProductKey; key != "" {
				o.Lines[j].ProductID = products[key]
			}
		}
	}
	return effect{profiles: movedIn(linked)}, func(ctx context.Context, tx bun.IDB) (effect, error) { return w.storeOrders(ctx, tx, delta) }, nil
}

// storeOrders is the second half. Whom an identity belongs to is asked here, and held: somebody who was linked may have
// been joined to another since, later in the batch or in the next one.
func (w *worker) storeOrders(ctx context.Context, tx bun.IDB, delta *purchase.Delta) (effect, error) {
	owners, err := w.owners(ctx, tx, delta.Orders)
	if err != nil {
		return effect{}, err
	}
	for i := range delta.Orders {
		o := &delta.Orders[i]
		o.ProfileID = cmp.Or(owners[o.IdentityID], o.ProfileID) // nobody's identity: an order of somebody who was erased
	}
	result, err := w.rooms.Orders.Write(ctx, tx, delta)
	return effect{changed: result.Orders, profiles: result.Profiles}, err
}

// movedIn is the profiles that linking joined others to, with those others, ascending.
func movedIn(linked []customer.Linked) []int64 {
	var joined []customer.Linked
	for _, l := range linked {
		if len(l.Touched) > 0 {
			joined = append(joined, l)
		}
	}
	return profilesOf(joined)
}

func union(a, b []int64) []int64 {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// owners gives the profiles that the orders' identities belong to, and holds them there until the transaction ends.
func (w *worker) owners(ctx context.Context, tx bun.IDB, orders []purchase.Order) (map[int64]int64, error) {
	owners := make(map[int64]int64, len(orders))
	for _, o := range orders {
		owners[o.IdentityID] = 0
	}
	for part := range slices.Chunk(slices.Sorted(maps.Keys(owners)), inMax) {
		var rows []struct{ ID, ProfileID int64 }
		// MariaDB does not know FOR SHARE.
		err := tx.NewRaw("SELECT id, profile_id FROM crm_identities WHERE id IN (?) LOCK IN SHARE MODE", bun.List(part)).Scan(ctx, &rows)
		if err != nil {
			return nil, fmt.Errorf("looking up whose identities they are: %w", err)
		}
		for _, row := range rows {
			owners[row.ID] = row.ProfileID
		}
	}
	return owners, nil
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
