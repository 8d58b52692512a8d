package adaptertest

import (
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kupec/kupec/adapters"
)

// auditor gives the shop as one, or skips the test where the platform declares that it is none.
func (b *bench) auditor(t *testing.T) adapters.Auditor {
	t.Helper()
	if why, ok := b.p.Lacks[Audits]; ok {
		t.Skip(why)
	}
	a, ok := b.shop.(adapters.Auditor)
	if !ok {
		t.Fatal("the shop is no adapters.Auditor, and the platform does not declare that it lacks audits")
	}
	return a
}

func ranges(t *testing.T, b *bench) {
	a := b.auditor(t)
	checkRanges(t, b, a, adapters.StreamCustomers, customers)
	checkRanges(t, b, a, adapters.StreamProducts, products)
	checkRanges(t, b, a, adapters.StreamOrders, orders)
}

func checkRanges[T any](t *testing.T, b *bench, a adapters.Auditor, name adapters.Stream, s stream[T]) {
	t.Helper()
	whole, _ := s.follow(t, b.fresh, "", 1000)
	var keys []int64
	for _, key := range append(whole.keys, sortedKeys(whole.bad)...) {
		n, err := strconv.ParseInt(key, 10, 64)
		if err != nil {
			t.Fatalf("%s: the key %q is no integer, as an auditor's are", name, key)
		}
		keys = append(keys, n)
	}
	slices.Sort(keys)
	first, last, err := a.Span(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if first > keys[0] || last < keys[len(keys)-1] {
		t.Errorf("%s: the span is %d to %d, the keys go from %d to %d", name, first, last, keys[0], keys[len(keys)-1])
	}
	for _, within := range [][2]int64{{first, last}, {keys[1], keys[len(keys)-2]}, {keys[1], keys[1]}, {last + 1, last + 50}} {
		for _, limit := range []int{1, 1000} {
			got, _ := s.follow(t, b.fresh, a.Range(name, within[0], within[1]), limit)
			want := map[string]T{}
			for key, row := range whole.rows {
				if n, _ := strconv.ParseInt(key, 10, 64); n >= within[0] && n <= within[1] {
					want[key] = row
				}
			}
			if diff := cmp.Diff(want, got.rows, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s: keys %d to %d, limit %d (-want +got):\n%s", name, within[0], within[1], limit, diff)
			}
		}
	}
	for _, step := range []int64{1, 7, 1000} {
		sums, err := a.Digests(t.Context(), name, first, last, step)
		if err != nil {
			t.Fatal(err)
		}
		again, err := a.Digests(t.Context(), name, first, last, step)
		if diff := cmp.Diff(sums, again); diff != "" || err != nil {
			t.Errorf("%s: two digests of the same rows differ: %v\n%s", name, err, diff)
		}
		want, got, at := map[int64]int64{}, map[int64]int64{}, int64(-1)
		for _, key := range keys {
			want[key-key%step]++
		}
		for _, d := range sums {
			if got[d.First] = d.Rows; d.First <= at {
				t.Errorf("%s: range %d comes after %d", name, d.First, at)
			}
			at = d.First
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: rows in ranges of %d (-want +got):\n%s", name, step, diff)
		}
	}
}

func digests(t *testing.T, b *bench) {
	a := b.auditor(t)
	sums := func(name adapters.Stream) map[int64]adapters.Digest {
		t.Helper()
		first, last, err := a.Span(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		list, err := a.Digests(t.Context(), name, first, last, 1)
		if err != nil {
			t.Fatal(err)
		}
		all := map[int64]adapters.Digest{}
		for _, d := range list {
			all[d.First] = d
		}
		return all
	}
	for _, tt := range []struct {
		what   string
		needs  Feature
		stream adapters.Stream
		key    int64
		change Change
	}{
		{"a status", "", adapters.StreamOrders, 2002, Change{OrderID: 2002, Status: adapters.StatusCompleted}},
		{"a refund", "Orders.Refunds", adapters.StreamOrders, 2011, Change{OrderID: 2011, Refund: &Refund{ID: 3511, Amount: "2.5", Reason: "late", At: b.clock.now()}}},
		{"a line", "", adapters.StreamOrders, 2006, Change{OrderID: 2006, Line: &Line{ID: 30060, ProductID: 1001, Name: "Ethiopia", Quantity: "1", Net: "1", Tax: "0"}}},
		{"a phone, silently", "", adapters.StreamOrders, 2014, Change{OrderID: 2014, Phone: "0800 1"}},
		{"a price", "", adapters.StreamProducts, 1001, Change{ProductID: 1001, Price: "8.8"}},
		{"a name", "", adapters.StreamCustomers, 101, Change{CustomerID: 101, LastName: "Kos"}},
		{"a deletion", Deletions, adapters.StreamOrders, 2005, Change{OrderID: 2005, Delete: true}},
	} {
		if why, ok := b.p.Lacks[tt.needs]; ok {
			t.Logf("%s: %s", tt.what, why)
			continue
		}
		before := sums(tt.stream)
		if _, ok := before[tt.key]; !ok {
			t.Errorf("%s: there is no %d to begin with", tt.what, tt.key)
		}
		b.change(t, tt.change)
		after := sums(tt.stream)
		for key := range before {
			if changed := before[key] != after[key]; changed != (key == tt.key) {
				t.Errorf("%s of %d: the digest of %d changed: %v", tt.what, tt.key, key, changed)
			}
		}
		if _, ok := after[tt.key]; ok == tt.change.Delete {
			t.Errorf("%s: %d is there: %v", tt.what, tt.key, ok)
		}
	}
}
