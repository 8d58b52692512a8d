package adaptertest

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kupec/kupec/adapters"
)

var update = flag.Bool("update", false, "rewrite the golden story")

// Run checks one platform's adapter.
func Run(t *testing.T, p Platform) {
	for feature, why := range p.Lacks {
		t.Run("lacks "+string(feature), func(t *testing.T) { t.Skip(why) })
	}
	for _, check := range []struct {
		name string
		run  func(*testing.T, *bench)
	}{
		{"tells the golden story", golden},
		{"pages of any size tell the same", paging},
		{"a page can be read again and by another process", again},
		{"only SELECT is needed", selectOnly},
		{"many may read at once", concurrent},
		{"an ended context ends a read", cancelled},
		{"a cursor of something else is refused", foreignCursor},
		{"what is new comes with the next poll", newRows},
		{"what has changed comes again", changes},
		{"what changes while the history is read comes again", changeInHistory},
		{"what is committed late is not missed", lateCommit},
		{"what is still being written comes again", halfWritten},
		{"a poll without news costs little", quiet},
		{"a range of keys is read by itself", ranges},
		{"a digest tells which range has changed", digests},
	} {
		t.Run(check.name, func(t *testing.T) {
			t.Parallel()
			check.run(t, p.bench(t))
		})
	}
}

func paging(t *testing.T, b *bench) {
	want := b.snapshot(t, 1000)
	for _, limit := range []int{1, 2, 3} {
		if diff := cmp.Diff(want, b.snapshot(t, limit), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("pages of %d tell it differently:\n%s", limit, diff)
		}
	}
}

func again(t *testing.T, b *bench) {
	first, err := b.shop.Orders(t.Context(), "", 3)
	if err != nil {
		t.Fatal(err)
	}
	one, err := b.shop.Orders(t.Context(), first.Next, 3)
	if err != nil {
		t.Fatal(err)
	}
	two, err := b.fresh().Orders(t.Context(), first.Next, 3)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(one, two); diff != "" {
		t.Errorf("the same cursor gave another page:\n%s", diff)
	}
	whole, _ := orders.follow(t, func() adapters.Shop { return b.shop }, "", 3)
	pieces, _ := orders.follow(t, b.fresh, "", 3)
	if diff := cmp.Diff(whole.rows, pieces.rows); diff != "" {
		t.Errorf("a new adapter for each page told it differently:\n%s", diff)
	}
}

func selectOnly(t *testing.T, b *bench) {
	grants, err := adapters.Privileges(t.Context(), b.reader)
	if err != nil {
		t.Fatal(err)
	}
	if grants.CanWrite() {
		t.Skipf("the server let us make no user with fewer rights than %v", grants.Writes)
	}
	if !grants.Select {
		t.Errorf("rights %+v do not cover the shop", grants)
	}
	b.snapshot(t, 100)
	if adviser, ok := b.shop.(adapters.Adviser); ok {
		list, err := adviser.Advise(t.Context())
		if err != nil {
			t.Errorf("asked what would help, it fails: %v", err)
		}
		for _, advice := range list {
			if advice.Finding == "" || advice.Next == "" {
				t.Errorf("advice without its finding or what to do: %+v", advice)
			}
		}
	}
}

func concurrent(t *testing.T, b *bench) {
	want := b.snapshot(t, 1000)
	var group sync.WaitGroup
	for limit := range 6 {
		group.Go(func() {
			m, _ := orders.follow(t, func() adapters.Shop { return b.shop }, "", limit+2)
			if len(m.rows) != len(want.Orders) {
				t.Errorf("%d orders, want %d", len(m.rows), len(want.Orders))
			}
			if _, err := b.shop.Products(t.Context(), "", 2); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

func cancelled(t *testing.T, b *bench) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, errDescribe := b.shop.Describe(ctx)
	_, errCustomers := b.shop.Customers(ctx, "", 10)
	_, errProducts := b.shop.Products(ctx, "", 10)
	_, errOrders := b.shop.Orders(ctx, "", 10)
	for _, err := range []error{errDescribe, errCustomers, errProducts, errOrders} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("want the context's own error, got %v", err)
		}
	}
}

func foreignCursor(t *testing.T, b *bench) {
	page, err := b.shop.Customers(t.Context(), "", 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, cursor := range []adapters.Cursor{page.Next, "x", "1", "2023-03-01", adapters.Cursor(strings.Repeat("9.", 100)), "\xff\x00"} {
		if page, err := b.shop.Orders(t.Context(), cursor, 10); !errors.Is(err, adapters.ErrCursor) {
			t.Errorf("%q was taken for a cursor: %d rows", cursor, len(page.Rows))
		}
	}
}

// caughtUp reads all there is, long after it was written.
func caughtUp[T any](t *testing.T, b *bench, s stream[T]) adapters.Cursor {
	t.Helper()
	_, next := s.follow(t, b.fresh, "", 100)
	b.clock.advance(10 * time.Minute)
	_, next = s.follow(t, b.fresh, next, 100)
	return next
}

func (b *bench) newOrder(id int64) Order {
	return Order{ID: id, Status: adapters.StatusPending, Currency: "EUR", Total: "10", Email: fmt.Sprintf("n%d@example.com", id),
		Placed: b.clock.now(), Changed: b.clock.now(), Lines: []Line{{ID: 30000 + id, ProductID: 1001, Name: "Ethiopia", Quantity: "1", Net: "10", Tax: "0"}}}
}

func newRows(t *testing.T, b *bench) {
	nextOrders, nextCustomers := caughtUp(t, b, orders), caughtUp(t, b, customers)
	for i := range int64(5) {
		b.clock.advance(5 * time.Second)
		order, customer := b.newOrder(3000+i), Customer{ID: 300 + i, Email: fmt.Sprintf("c%d@example.com", i), LastName: "New", Registered: b.clock.now(), Changed: b.clock.now()}
		b.seed(t, b.owner, Story{Orders: []Order{order}, Customers: []Customer{customer}})
		placed, next := orders.follow(t, b.fresh, nextOrders, 100)
		if got, ok := placed.rows[strconv.FormatInt(order.ID, 10)]; !ok || len(got.Lines) != 1 {
			t.Errorf("order %d is not in the next poll: %v", order.ID, placed.keys)
		}
		nextOrders = next
		registered, next := customers.follow(t, b.fresh, nextCustomers, 100)
		if _, ok := registered.rows[strconv.FormatInt(customer.ID, 10)]; !ok {
			t.Errorf("customer %d is not in the next poll: %v", customer.ID, registered.keys)
		}
		nextCustomers = next
	}
	// An import brings an order with a time of long ago.
	old := b.newOrder(3900)
	old.Placed, old.Changed = Now().AddDate(-2, 0, 0), Now().AddDate(-2, 0, 0)
	b.seed(t, b.owner, Story{Orders: []Order{old}})
	if imported, _ := orders.follow(t, b.fresh, nextOrders, 100); imported.rows["3900"].Key == "" {
		t.Errorf("an imported order is not in the next poll: %v", imported.keys)
	}
}

// until polls every five seconds for so long, and gives the last of each row.
func until[T any](t *testing.T, b *bench, s stream[T], next adapters.Cursor, polls int, done func(map[string]T) bool) bool {
	t.Helper()
	rows := map[string]T{}
	for range polls {
		b.clock.advance(5 * time.Second)
		var m mirror[T]
		m, next = s.follow(t, b.fresh, next, 100)
		for key, row := range m.rows {
			rows[key] = row
		}
		if done(rows) {
			return true
		}
	}
	return false
}

func changes(t *testing.T, b *bench) {
	const soon, minutes = 1, 40 // polls
	for _, tt := range []struct {
		name   string
		needs  Feature
		change Change
		polls  int
		done   func(map[string]adapters.Order) bool
	}{
		{"status", "", Change{OrderID: 2002, Status: adapters.StatusCompleted}, soon,
			func(o map[string]adapters.Order) bool { return o["2002"].Status == adapters.StatusCompleted }},
		{"partial refund", PromptRefunds, Change{OrderID: 2011, Refund: &Refund{ID: 3511, Amount: "2.5", Reason: "late", At: b.clock.now()}}, soon,
			func(o map[string]adapters.Order) bool {
				return len(o["2011"].Refunds) == 1 && o["2011"].Refunds[0].Amount == "2.5" && o["2011"].Total == "15"
			}},
		{"binned", "Orders[2009]", Change{OrderID: 2006, Bin: true}, soon, // who has no binned order has no bin
			func(o map[string]adapters.Order) bool { return o["2006"].Deleted }},
		{"silent edit", SilentEdits, Change{OrderID: 2014, Phone: "0800 1"}, minutes,
			func(o map[string]adapters.Order) bool { return o["2014"].Phone == "0800 1" }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if why, ok := b.p.Lacks[tt.needs]; ok {
				t.Skip(why)
			}
			next := caughtUp(t, b, orders)
			b.change(t, tt.change)
			if !until(t, b, orders, next, tt.polls, tt.done) {
				t.Errorf("not delivered in %d polls", tt.polls)
			}
		})
	}
	t.Run("price", func(t *testing.T) {
		next := caughtUp(t, b, products)
		b.change(t, Change{ProductID: 1001, Price: "8.8"})
		if !until(t, b, products, next, minutes, func(p map[string]adapters.Product) bool { return p["1001"].Price == "8.8" }) {
			t.Error("not delivered within minutes")
		}
	})
	t.Run("customer", func(t *testing.T) {
		next := caughtUp(t, b, customers)
		b.change(t, Change{CustomerID: 101, LastName: "Kos"})
		if !until(t, b, customers, next, minutes, func(c map[string]adapters.Customer) bool { return c["101"].LastName == "Kos" }) {
			t.Error("not delivered within minutes")
		}
	})
}

func changeInHistory(t *testing.T, b *bench) {
	page, err := b.shop.Orders(t.Context(), "", 5)
	if err != nil || len(page.Rows) == 0 {
		t.Fatalf("the first page: %d rows, %v", len(page.Rows), err)
	}
	b.clock.advance(time.Hour) // a long history
	b.change(t, Change{OrderID: 2002, Status: adapters.StatusCompleted})
	rest, _ := orders.follow(t, b.fresh, page.Next, 5)
	if got := rest.rows["2002"].Status; got != adapters.StatusCompleted {
		t.Errorf("order 2002 is %q after all was read, want completed", got)
	}
}

func lateCommit(t *testing.T, b *bench) {
	next := caughtUp(t, b, orders)
	late := b.newOrder(4001)
	tx, err := b.owner.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	b.seed(t, tx, Story{Orders: []Order{late}})
	b.clock.advance(3 * time.Second)
	b.seed(t, b.owner, Story{Orders: []Order{b.newOrder(4002)}})
	seen, next := orders.follow(t, b.fresh, next, 100)
	if _, ok := seen.rows["4001"]; ok || seen.rows["4002"].Key == "" {
		t.Fatalf("the poll between saw %v", seen.keys)
	}
	b.clock.advance(5 * time.Second)
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	seen, next = orders.follow(t, b.fresh, next, 100)
	if seen.rows["4001"].Key == "" {
		t.Errorf("an order committed 8 s late is not in the next poll: %v", seen.keys)
	}
	// The same behind a crowd: a tool stamps many orders with one second while a transaction is open.
	late = b.newOrder(4100)
	slow, err := b.owner.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = slow.Rollback() }()
	b.seed(t, slow, Story{Orders: []Order{late}})
	b.clock.advance(time.Second)
	crowd := make([]Order, 250)
	for i := range crowd {
		crowd[i] = b.newOrder(4200 + int64(i))
	}
	b.seed(t, b.owner, Story{Orders: crowd})
	_, next = orders.follow(t, b.fresh, next, 100)
	if err := slow.Commit(); err != nil {
		t.Fatal(err)
	}
	if !until(t, b, orders, next, 90, func(o map[string]adapters.Order) bool { return o["4100"].Key != "" }) {
		t.Error("an order committed late behind many others was never delivered")
	}
}

// halfWritten is an order of a shop that writes it without a transaction, seen in the middle.
func halfWritten(t *testing.T, b *bench) {
	next := caughtUp(t, b, orders)
	order := b.newOrder(4500)
	lines := order.Lines
	order.Lines = nil
	b.seed(t, b.owner, Story{Orders: []Order{order}})
	seen, next := orders.follow(t, b.fresh, next, 100)
	if got := seen.rows["4500"]; got.Key == "" || len(got.Lines) > 0 {
		t.Fatalf("the poll between saw %+v", got)
	}
	b.change(t, Change{OrderID: 4500, Line: &lines[0]})
	b.clock.advance(5 * time.Second)
	if seen, _ = orders.follow(t, b.fresh, next, 100); len(seen.rows["4500"].Lines) != 1 {
		t.Errorf("its line is not in the next poll: %v", seen.keys)
	}
}

func quiet(t *testing.T, b *bench) {
	const crowd, few = 700, 150
	many := make([]Order, crowd)
	for i := range many {
		many[i] = b.newOrder(5000 + int64(i)) // all of one second
	}
	b.seed(t, b.owner, Story{Orders: many})
	began := b.clock.now()
	for _, limit := range []int{1000, 40} {
		b.clock.advance(began.Sub(b.clock.now()))
		m, next := orders.follow(t, b.fresh, "", limit)
		if len(m.rows) < crowd {
			t.Fatalf("%d orders, want %d and the story's", len(m.rows), crowd)
		}
		for range 3 {
			b.clock.advance(5 * time.Second)
			m, next = orders.follow(t, b.fresh, next, limit)
			if m.delivered > few {
				t.Errorf("limit %d: a poll without news delivered %d rows", limit, m.delivered)
			}
		}
		b.clock.advance(10 * time.Minute)
		_, next = orders.follow(t, b.fresh, next, limit) // all has settled
		b.clock.advance(5 * time.Second)
		if m, _ = orders.follow(t, b.fresh, next, limit); m.delivered > 0 {
			t.Errorf("limit %d: a settled shop delivered %d rows", limit, m.delivered)
		}
	}
}
