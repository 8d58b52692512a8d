package sqlmap

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

const platform = "sqlmap"

// Config says how to read the shop. The zero value is good.
type Config struct {
	// File is how errors call the file. Default "shop.yaml".
	File string
	// Now is the clock by which changes settle and sweeps are spread. Default time.Now.
	Now func() time.Time
}

// Shop reads one shop by what a file says of its tables.
type Shop struct {
	db   *sql.DB
	cfg  Config
	file *file

	mu       sync.Mutex // guards attached, and is held while the database is looked at
	attached *attached  // nil: not looked at yet
}

var (
	_ adapters.Shop             = (*Shop)(nil)
	_ adapters.CategoryReader   = (*Shop)(nil)
	_ adapters.CartReader       = (*Shop)(nil)
	_ adapters.SubscriberReader = (*Shop)(nil)
	_ adapters.Counter          = (*Shop)(nil)
)

// New makes a shop of a pool, which should come from [adapters.Open], and the text of a file. Nothing is read from the
// database yet. What is wrong with the file is told all at once, as [*FileError] values joined.
func New(db *sql.DB, text []byte, cfg Config) (*Shop, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.File == "" {
		cfg.File = "shop.yaml"
	}
	f, err := parse(text, cfg.File)
	if err != nil {
		return nil, err
	}
	return &Shop{db: db, cfg: cfg, file: f}, nil
}

// attached is the file after it was compared with the database.
type attached struct {
	follow.DB
	plans map[string]*plan
	site  site
}

// attach compares the file with the database, once: tables do not change while a shop is open. Where they did all the
// same, a read fails, and the next one looks again.
func (s *Shop) attach(ctx context.Context) (*attached, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.attached == nil {
		a, err := s.compare(ctx)
		if err != nil {
			return nil, err
		}
		s.attached = a
	}
	return s.attached, nil
}

// forget has the database looked at again, after an error that says it is not as it was.
func (s *Shop) forget(err error) {
	if schema := (*adapters.SchemaError)(nil); errors.As(err, &schema) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.attached = nil
	}
}

func (s *Shop) compare(ctx context.Context) (*attached, error) {
	live, err := load(ctx, s.db, s.file.tables)
	if err != nil {
		return nil, err
	}
	p := &problems{file: s.cfg.File}
	a := &attached{DB: follow.DB{SQL: s.db, Platform: platform}, plans: s.file.plan(p, live)}
	if err := p.schemaErr(); err != nil {
		return nil, err
	}
	a.site, err = s.site(ctx, a)
	return a, err
}

func (f *file) plan(p *problems, live *schema) map[string]*plan {
	plans := map[string]*plan{"shop": f.shop.plan(p, live)}
	for _, name := range slices.Sorted(maps.Keys(f.streams)) {
		plans[name] = f.streams[name].plan(p, live)
	}
	return plans
}

// Describe compares the file with the database anew, and runs each statement on no rows, so that a missing table, column,
// index or right is told now, with its place in the file, and not in the middle of the night.
func (s *Shop) Describe(ctx context.Context) (adapters.Info, error) {
	a, err := s.compare(ctx)
	if err != nil {
		return adapters.Info{}, err
	}
	for _, name := range slices.Sorted(maps.Keys(s.file.streams)) {
		if err := a.try(ctx, a.plans[name]); err != nil {
			return adapters.Info{}, err
		}
	}
	s.mu.Lock()
	s.attached = a
	s.mu.Unlock()
	return adapters.Info{
		Platform: platform, Version: s.file.version, Mode: s.file.platform, Name: a.site.name, URL: a.site.url, Currency: a.site.currency,
		Zone: a.site.zoneName, Locale: a.site.locale, PricesWithTax: a.site.withTax,
	}, nil
}

// try runs a section's statements on no rows.
func (a *attached) try(ctx context.Context, pl *plan) error {
	if _, err := pl.read(ctx, a.DB, a.site.zone, nil); err != nil {
		return err
	}
	for _, part := range pl.parts {
		if err := a.try(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

// Count counts exactly, in one statement for each of the three.
func (s *Shop) Count(ctx context.Context) (adapters.Counts, error) {
	a, err := s.attach(ctx)
	if err != nil {
		return adapters.Counts{}, err
	}
	var c adapters.Counts
	for name, into := range map[string]*int64{"customers": &c.Customers, "products": &c.Products, "orders": &c.Orders} {
		pl, ok := a.plans[name]
		if !ok {
			continue
		}
		where := pl.source.Own
		if where == "" {
			where = "TRUE"
		}
		if err := a.One(ctx, "the number of "+name, "SELECT COUNT(*) FROM "+pl.source.Table+" t WHERE "+where, nil, into); err != nil {
			return adapters.Counts{}, err
		}
	}
	return c, nil
}

// none is the place in a stream that the file does not have.
const none adapters.Cursor = "none"

// stream reads a page of a section, which the file may not have. build makes a row of a record and what belongs to it.
func stream[T any](ctx context.Context, s *Shop, name string, after adapters.Cursor, limit int, build func(a *attached, rec record, parts map[string][]record) (T, bool)) (adapters.Page[T], error) {
	sec, ok := s.file.streams[name]
	if !ok {
		if after != "" && after != none {
			return adapters.Page[T]{}, fmt.Errorf("%s: %w: the file says nothing of %s", platform, adapters.ErrCursor, name)
		}
		return adapters.Page[T]{Next: none}, nil
	}
	at, err := sec.open(after)
	if err != nil {
		return adapters.Page[T]{}, err
	}
	a, err := s.attach(ctx)
	if err != nil {
		return adapters.Page[T]{}, err
	}
	page, err := readPage(ctx, a, a.plans[name], s.cfg.Now(), at, limit, build)
	if err != nil {
		s.forget(err)
		return adapters.Page[T]{}, err
	}
	page.Next = sec.seal(page.Next)
	return page, nil
}

func readPage[T any](ctx context.Context, a *attached, pl *plan, now time.Time, at adapters.Cursor, limit int, build func(*attached, record, map[string][]record) (T, bool)) (adapters.Page[T], error) {
	src, err := pl.now(ctx, a.DB, a.site.zone)
	if err != nil {
		return adapters.Page[T]{}, err
	}
	return follow.Read(ctx, a.DB, now, src, at, limit, func(ctx context.Context, ids []int64) ([]T, []adapters.BadRow, error) {
		found, parts, err := a.fetch(ctx, pl, ids)
		if err != nil {
			return nil, nil, err
		}
		var rows []T
		var bad []adapters.BadRow
		for _, id := range ids {
			rec, ok := found[id]
			if !ok {
				continue // it was deleted since it was found
			}
			rec.r.check = foreign.NewCheck(map[string]string{})
			of := map[string][]record{}
			for name, byKey := range parts {
				for i := range byKey[id] {
					byKey[id][i].r.check = rec.r.check
				}
				of[name] = byKey[id]
			}
			one, wanted := build(a, rec, of)
			switch {
			case rec.r.check.Failed():
				bad = append(bad, rec.bad())
			case wanted:
				rows = append(rows, one)
			}
		}
		return rows, bad, nil
	})
}

// fetch reads rows and what belongs to them: a statement for each section.
func (a *attached) fetch(ctx context.Context, pl *plan, ids []int64) (map[int64]record, map[string]map[int64][]record, error) {
	list, err := pl.read(ctx, a.DB, a.site.zone, ids)
	if err != nil {
		return nil, nil, err
	}
	found := map[int64]record{}
	for _, rec := range list {
		found[rec.id] = rec
	}
	parts := map[string]map[int64][]record{}
	for name := range pl.parts {
		if parts[name], err = pl.partsOf(ctx, a.DB, a.site.zone, name, ids); err != nil {
			return nil, nil, err
		}
	}
	return found, parts, nil
}
