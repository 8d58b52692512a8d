package intake

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/purchase"
)

// Rooms are the places where rows go. All are needed.
type Rooms struct {
	Catalog  *catalog.Catalog
	Orders   *purchase.Book
	People   *customer.Registry
	Consents *consent.Ledger
}

// Source is an attached shop under the name that the installation gave it. The name identifies it for ever.
type Source struct {
	Name string
	Shop adapters.Shop
	// Statuses says what words of the shop mean that its adapter takes otherwise, or does not know. Case does not matter.
	// When it changes, the mirrored orders follow. Default: what the adapter says.
	Statuses map[string]adapters.Status
	// Server is the shop's database, for looking at its clock and at how busy it is. Default: they are not looked at.
	Server *sql.DB
	// Replica is the same shop on a copy of its database, from which the history is read. While it fails, Shop is read
	// instead. Default: none.
	Replica adapters.Shop
}

// Config tunes intake. The zero value is good.
type Config struct {
	Every    time.Duration    // between two looks at a shop; default 5 s
	PageSize int              // rows of a batch at most; default 1,800
	Clock    func() time.Time // default time.Now
	Logger   *slog.Logger     // default: discard
	Load     Load             // when a shop's server counts as busy, and is spared
	Version  string           // of the program: after a change of it, rows set aside are read again; default: not known
	// OnChange is called with the profiles that a batch touched, ascending, in the batch's transaction. Default: nothing.
	OnChange func(ctx context.Context, db bun.IDB, profileIDs []int64) error
}

// Intake copies and follows the attached shops.
type Intake struct {
	db      *bun.DB
	rooms   Rooms
	sources []Source
	cfg     Config

	mu   sync.Mutex
	stop context.CancelFunc // nil: not started
	work sync.WaitGroup
}

const (
	defaultEvery    = 5 * time.Second
	defaultPageSize = 1800 // people are linked 900 at a time
	nameMax         = 120
)

// New makes an intake of shops. Names must differ. Nothing is read yet.
func New(db *bun.DB, rooms Rooms, shops []Source, cfg Config) (*Intake, error) {
	if rooms.Catalog == nil || rooms.Orders == nil || rooms.People == nil || rooms.Consents == nil {
		return nil, errors.New("intake needs the catalogue, the orders, the people and their consents")
	}
	seen := map[string]bool{}
	for _, s := range shops {
		switch {
		case s.Name == "" || s.Shop == nil:
			return nil, errors.New("an attached shop needs a name and an adapter")
		case len(s.Name) > nameMax:
			return nil, fmt.Errorf("the name of shop %.20q… is longer than %d bytes: shorten it", s.Name, nameMax)
		case seen[s.Name]:
			return nil, fmt.Errorf("two attached shops are called %q: rename one", s.Name)
		}
		seen[s.Name] = true
		for word, status := range s.Statuses {
			if word == "" || !known(status) {
				return nil, fmt.Errorf("shop %q: the status %q cannot stand for %q: choose one of %v", s.Name, status, word, adapters.Statuses)
			}
		}
	}
	if cfg.Every <= 0 {
		cfg.Every = defaultEvery
	}
	if cfg.PageSize <= 0 {
		cfg.PageSize = defaultPageSize
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Intake{db: db, rooms: rooms, sources: shops, cfg: cfg}, nil
}

func (i *Intake) now() time.Time { return i.cfg.Clock().UTC() }

// Start begins to copy and follow all shops, each in a goroutine of its own, until ctx ends or [Intake.Stop] is called.
// It returns at once; what goes wrong with a shop is logged, shown by [Intake.Health], and tried again.
func (i *Intake) Start(ctx context.Context) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.stop != nil {
		return errors.New("intake runs already")
	}
	ctx, i.stop = context.WithCancel(ctx)
	for _, source := range i.sources {
		i.work.Go(func() { i.serve(ctx, source) })
	}
	return nil
}

// Stop ends what Start began. The batches in hand are given up, which loses nothing. It returns when all is quiet, or
// with ctx's error.
func (i *Intake) Stop(ctx context.Context) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.stop == nil {
		return nil
	}
	i.stop()
	quiet := make(chan struct{})
	go func() {
		i.work.Wait()
		close(quiet)
	}()
	select {
	case <-quiet:
		i.stop = nil
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for intake to stop: %w", ctx.Err())
	}
}

// Progress is how far a back-fill is.
type Progress struct {
	Shop, Stream string
	Done, Total  int64   // Total is an estimate; 0: unknown
	Rate         float64 // rows per second, lately
}

// Left is how long it will still take at that rate; 0: not known.
func (p Progress) Left() time.Duration { return left(p.Done, p.Total, p.Rate) }
