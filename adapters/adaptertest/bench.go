package adaptertest

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/store/storetest"
)

// bench is one shop with its story, read by a user who may SELECT only.
type bench struct {
	p      Platform
	owner  *sql.DB // may do all in the shop's database
	reader *sql.DB // what the adapter gets
	clock  *clock
	shop   adapters.Shop
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// benches numbers databases and users, which the whole server shares.
var benches atomic.Int64

const password = "Kupec-test-1" // long and mixed enough for servers with password rules

func (p Platform) bench(t *testing.T) *bench {
	t.Helper()
	ctx := t.Context()
	name := fmt.Sprintf("kupec_shop_%d_%d", os.Getpid(), benches.Add(1))
	dsn := storetest.Server(t)
	server, err := sql.Open("mysql", dsn)
	if err != nil {
		t.Fatalf("opening the test server: %v", err)
	}
	b := &bench{p: p, clock: &clock{at: Now()}}
	t.Cleanup(func() {
		if _, err := server.Exec("DROP DATABASE IF EXISTS " + name); err != nil {
			t.Errorf("dropping the shop: %v", err)
		}
		_ = server.Close()
	})
	if _, err := server.ExecContext(ctx, "CREATE DATABASE "+name+" CHARACTER SET utf8mb4"); err != nil {
		t.Fatalf("creating a shop: %v", err)
	}
	b.owner = b.open(t, storetest.WithDatabase(t, dsn, name))
	for _, statement := range strings.Split(p.Schema, ";\n") {
		if statement = strings.TrimSpace(statement); statement == "" {
			continue
		}
		if _, err := b.owner.ExecContext(ctx, statement); err != nil {
			t.Fatalf("creating the shop's tables: %v\n%s", err, statement)
		}
	}
	b.seed(t, b.owner, Tell())

	readerDSN := storetest.WithDatabase(t, dsn, name)
	if err := storetest.MakeUser(t, server, name, password, "SELECT ON "+name+".*"); err != nil {
		t.Logf("this server lets us make no user, so the shop is read as one who may write: %v", err)
	} else {
		readerDSN = name + ":" + password + readerDSN[strings.LastIndex(readerDSN, "@"):]
	}
	b.reader, err = adapters.Open(readerDSN, adapters.OpenConfig{MaxConns: 8})
	if err != nil {
		t.Fatalf("opening the shop: %v", err)
	}
	t.Cleanup(func() { _ = b.reader.Close() })
	b.shop = b.fresh()
	return b
}

// open makes a pool without a strict mode, as shops have it: their schemas have zero dates for defaults.
func (b *bench) open(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	joint := "?"
	if strings.Contains(dsn, "?") {
		joint = "&"
	}
	db, err := sql.Open("mysql", dsn+joint+"sql_mode=''&interpolateParams=true&multiStatements=false")
	if err != nil {
		t.Fatalf("opening the shop's database: %v", err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// fresh is an adapter that knows nothing of what another one has read.
func (b *bench) fresh() adapters.Shop { return b.p.Open(b.reader, b.clock.now) }

func (b *bench) seed(t *testing.T, db DB, s Story) {
	t.Helper()
	if err := b.p.Seeder.Seed(context.Background(), db, s); err != nil {
		t.Fatalf("telling the story: %v", err)
	}
}

func (b *bench) change(t *testing.T, c Change) {
	t.Helper()
	c.At = b.clock.now()
	if err := b.p.Seeder.Change(context.Background(), b.owner, c); err != nil {
		t.Fatalf("changing the shop: %v", err)
	}
}

// stream is one of the three, for checks that hold for each.
type stream[T any] struct {
	name string
	read func(adapters.Shop) func(context.Context, adapters.Cursor, int) (adapters.Page[T], error)
	key  func(T) string
}

var (
	customers = stream[adapters.Customer]{"customers", func(s adapters.Shop) func(context.Context, adapters.Cursor, int) (adapters.Page[adapters.Customer], error) {
		return s.Customers
	}, func(c adapters.Customer) string { return c.Key }}
	products = stream[adapters.Product]{"products", func(s adapters.Shop) func(context.Context, adapters.Cursor, int) (adapters.Page[adapters.Product], error) {
		return s.Products
	}, func(p adapters.Product) string { return p.Key }}
	orders = stream[adapters.Order]{"orders", func(s adapters.Shop) func(context.Context, adapters.Cursor, int) (adapters.Page[adapters.Order], error) {
		return s.Orders
	}, func(o adapters.Order) string { return o.Key }}
	carts = stream[adapters.Cart]{"carts", func(s adapters.Shop) func(context.Context, adapters.Cursor, int) (adapters.Page[adapters.Cart], error) {
		return s.(adapters.CartReader).Carts
	}, func(c adapters.Cart) string { return c.Key }}
	subscribers = stream[adapters.Subscriber]{"subscribers", func(s adapters.Shop) func(context.Context, adapters.Cursor, int) (adapters.Page[adapters.Subscriber], error) {
		return s.(adapters.SubscriberReader).Subscribers
	}, func(x adapters.Subscriber) string { return x.Key }}
)

// mirror is what a caller who keeps the last of each row would hold.
type mirror[T any] struct {
	keys      []string // in the order of the first delivery
	rows      map[string]T
	bad       map[string]adapters.BadRow
	delivered int
	pages     int
}

// follow reads until there is no more, checking what holds for every page.
func (s stream[T]) follow(t *testing.T, shop func() adapters.Shop, after adapters.Cursor, limit int) (mirror[T], adapters.Cursor) {
	t.Helper()
	m := mirror[T]{rows: map[string]T{}, bad: map[string]adapters.BadRow{}}
	for m.pages < 20_000 {
		page, err := s.read(shop())(t.Context(), after, limit)
		if err != nil {
			t.Fatalf("%s after %q: %v", s.name, after, err)
		}
		m.pages++
		if n := len(page.Rows) + len(page.Bad); n > limit {
			t.Fatalf("%s: a page of %d rows, with a limit of %d", s.name, n, limit)
		}
		if page.Next == "" || len(page.Next) > 255 {
			t.Fatalf("%s: unfit cursor %q", s.name, page.Next)
		}
		for _, row := range page.Rows {
			key := s.key(row)
			if _, ok := m.rows[key]; !ok {
				m.keys = append(m.keys, key)
			}
			m.rows[key] = row
			m.delivered++
		}
		for _, row := range page.Bad {
			m.bad[row.Key] = row
		}
		if !page.More {
			return m, page.Next
		}
		if page.Next == after {
			t.Fatalf("%s: stands still at %q", s.name, after)
		}
		after = page.Next
	}
	t.Fatalf("%s: no end after %d pages", s.name, m.pages)
	return m, after
}
