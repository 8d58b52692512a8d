package adaptertest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kupec/kupec/adapters"
)

// snapshot is a whole shop as an adapter tells it.
type snapshot struct {
	Info        adapters.Info
	Categories  []adapters.Category
	Customers   []adapters.Customer
	Products    []adapters.Product
	Orders      []adapters.Order
	Carts       []adapters.Cart
	Subscribers []adapters.Subscriber
	Bad         []string // stream and key
}

func (b *bench) snapshot(t *testing.T, limit int) snapshot {
	t.Helper()
	var s snapshot
	var err error
	if s.Info, err = b.shop.Describe(t.Context()); err != nil {
		t.Fatalf("describing the shop: %v", err)
	}
	if reader, ok := b.shop.(adapters.CategoryReader); ok {
		if s.Categories, err = reader.Categories(t.Context()); err != nil {
			t.Fatalf("categories: %v", err)
		}
	}
	s.Customers = collect(t, b, customers, limit, &s.Bad)
	s.Products = collect(t, b, products, limit, &s.Bad)
	s.Orders = collect(t, b, orders, limit, &s.Bad)
	if _, ok := b.shop.(adapters.CartReader); ok {
		s.Carts = collect(t, b, carts, limit, &s.Bad)
	}
	if _, ok := b.shop.(adapters.SubscriberReader); ok {
		s.Subscribers = collect(t, b, subscribers, limit, &s.Bad)
	}
	return s
}

func collect[T any](t *testing.T, b *bench, s stream[T], limit int, bad *[]string) []T {
	t.Helper()
	m, _ := s.follow(t, func() adapters.Shop { return b.shop }, "", limit)
	rows := make([]T, 0, len(m.keys))
	last := int64(0)
	for _, key := range m.keys {
		if n, err := strconv.ParseInt(key, 10, 64); err == nil {
			if n < last {
				t.Errorf("%s: %s comes after %d", s.name, key, last)
			}
			last = n
		}
		rows = append(rows, m.rows[key])
	}
	for _, key := range sortedKeys(m.bad) {
		row := m.bad[key]
		if row.Reason == "" || len(row.Raw) == 0 {
			t.Errorf("%s: the bad row %s has no reason or no values: %+v", s.name, key, row)
		}
		*bad = append(*bad, s.name+" "+key)
	}
	return rows
}

func sortedKeys[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// neutral takes out what differs between platforms by nature, after looking whether it is there at all.
func (b *bench) neutral(t *testing.T, s snapshot) snapshot {
	t.Helper()
	if s.Info.Platform == "" || s.Info.Version == "" || s.Info.Mode != b.p.Mode {
		t.Errorf("platform %q, version %q, mode %q; want mode %q", s.Info.Platform, s.Info.Version, s.Info.Mode, b.p.Mode)
	}
	home := s.Info.URL
	s.Info.Platform, s.Info.Version, s.Info.Mode = "", "", ""
	at := func(what string, url *string, must bool) {
		switch {
		case *url == "" && !must:
		case !strings.HasPrefix(*url, home+"/"):
			t.Errorf("%s has the address %q, not one of %s", what, *url, home)
		default:
			*url = "(address)"
		}
	}
	for i := range s.Categories {
		at("category "+s.Categories[i].Key, &s.Categories[i].URL, true)
	}
	for i := range s.Products {
		at("product "+s.Products[i].Key, &s.Products[i].URL, true)
		at("the picture of product "+s.Products[i].Key, &s.Products[i].ImageURL, false)
	}
	for i := range s.Orders {
		o := &s.Orders[i]
		if o.Number == "" {
			t.Errorf("order %s has no number", o.Key)
		}
		if o.Key != "2014" { // the only one that has a number of its own in the story
			o.Number = ""
		}
		if o.RawStatus == "" {
			t.Errorf("order %s has no status of the shop's own", o.Key)
		}
		if o.Status != adapters.StatusOther || o.Deleted {
			o.RawStatus = ""
		}
		if o.Deleted {
			o.Status = "" // what is left of it is the platform's affair
		}
	}
	for i := range s.Carts {
		s.Carts[i].Key = s.Carts[i].Email // a cart is its owner's
	}
	slices.SortFunc(s.Carts, func(a, b adapters.Cart) int { return strings.Compare(a.Key, b.Key) })
	s.Subscribers = slices.DeleteFunc(s.Subscribers, func(x adapters.Subscriber) bool { return x.Consent == adapters.NotSubscribed })
	for i := range s.Subscribers {
		x := &s.Subscribers[i]
		if x.Source == "" {
			t.Errorf("subscriber %s has no source", x.Key)
		}
		x.Key, x.Source, x.List = strings.ToLower(x.Email), "", ""
	}
	slices.SortFunc(s.Subscribers, func(a, b adapters.Subscriber) int { return strings.Compare(a.Key, b.Key) })
	return s
}

// without takes out of a snapshot what a platform lacks, so that the rest can be compared.
func (b *bench) without(t *testing.T, s snapshot) snapshot {
	t.Helper()
	for feature := range b.p.Lacks {
		if path := string(feature); strings.ToUpper(path[:1]) == path[:1] && !blank(reflect.ValueOf(&s).Elem(), path) {
			t.Errorf("nothing in a snapshot is called %q", path)
		}
	}
	return s
}

// blank sets what a path leads to, to nothing: "Orders.PaidAt", "Orders[2010]", "Orders[2003].Lines.Quantity". It says
// whether there is such a field.
func blank(v reflect.Value, path string) bool {
	end := strings.IndexAny(path, ".[")
	if end < 0 {
		end = len(path)
	}
	field := v.FieldByName(path[:end])
	if !field.IsValid() {
		return false
	}
	rest, key, one := path[end:], "", false
	if strings.HasPrefix(rest, "[") {
		key, rest, one = strings.Cut(rest[1:], "]")
	}
	rest, deeper := strings.CutPrefix(rest, ".")
	switch {
	case !deeper && !one:
		field.SetZero()
		return true
	case field.Kind() == reflect.Struct:
		return blank(field, rest)
	case field.Kind() != reflect.Slice:
		return false
	}
	kept := reflect.MakeSlice(field.Type(), 0, field.Len())
	for i := range field.Len() {
		item := field.Index(i)
		switch {
		case one && keyOf(item) != key:
		case !deeper:
			continue
		case !blank(item, rest):
			return false
		}
		kept = reflect.Append(kept, item)
	}
	field.Set(kept)
	return true
}

func keyOf(item reflect.Value) string {
	if item.Kind() == reflect.String {
		return item.String()
	}
	return item.FieldByName("Key").String()
}

func golden(t *testing.T, b *bench) {
	got := b.neutral(t, b.snapshot(t, 1000))
	file := filepath.Join(here(), "testdata", "story.json")
	if *update {
		raw, err := json.MarshalIndent(got, "", "\t")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, append(raw, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var want snapshot
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(b.without(t, want), b.without(t, got), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("the story is told differently (-want +got):\n%s", diff)
	}
	bad := func(stream string) (n int64) {
		for _, key := range got.Bad {
			if strings.HasPrefix(key, stream) {
				n++
			}
		}
		return n
	}
	if counter, ok := b.shop.(adapters.Counter); ok {
		counts, err := counter.Count(t.Context())
		want := adapters.Counts{Customers: int64(len(got.Customers)), Products: int64(len(got.Products)) + bad("products "), Orders: int64(len(got.Orders)) + bad("orders ")}
		if err != nil || counts != want {
			t.Errorf("counted %+v (%v), want %+v", counts, err, want)
		}
	}
}

// here is the directory of this package, wherever the test that calls runs.
func here() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(file)
}
