package intake_test

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/kupec/kupec/adapters"
)

// audited is a site that can also sum its rows up.
type audited struct {
	*site
	onDigest func(stream adapters.Stream, first, last int64) error
}

var _ adapters.Auditor = (*audited)(nil)

func (a *audited) Customers(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Customer], error) {
	if first, last, ok := isRange(after); ok {
		return ranged(a.site, "customers", a.customers, func(c adapters.Customer) string { return c.Key }, first, last, limit)
	}
	return a.site.Customers(ctx, after, limit)
}

func (a *audited) Products(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Product], error) {
	if first, last, ok := isRange(after); ok {
		return ranged(a.site, "products", a.products, func(p adapters.Product) string { return p.Key }, first, last, limit)
	}
	return a.site.Products(ctx, after, limit)
}

func (a *audited) Orders(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Order], error) {
	if first, last, ok := isRange(after); ok {
		return ranged(a.site, "orders", a.orders, func(o adapters.Order) string { return o.Key }, first, last, limit)
	}
	return a.site.Orders(ctx, after, limit)
}

func (a *audited) Span(_ context.Context, stream adapters.Stream) (first, last int64, err error) {
	keys := slices.Sorted(maps.Keys(a.rows(stream)))
	if len(keys) == 0 {
		return 0, 0, nil
	}
	return keys[0], keys[len(keys)-1], nil
}

func (a *audited) Digests(_ context.Context, stream adapters.Stream, first, last, step int64) ([]adapters.Digest, error) {
	if a.onDigest != nil {
		if err := a.onDigest(stream, first, last); err != nil {
			return nil, err
		}
	}
	sums := map[int64]*adapters.Digest{}
	for key, content := range a.rows(stream) {
		if key < first || key > last {
			continue
		}
		bucket := key - key%step
		if sums[bucket] == nil {
			sums[bucket] = &adapters.Digest{First: bucket}
		}
		h := fnv.New64a()
		_, _ = h.Write(content)
		sums[bucket].Rows++
		sums[bucket].Sum += h.Sum64()
	}
	var all []adapters.Digest
	for _, bucket := range slices.Sorted(maps.Keys(sums)) {
		all = append(all, *sums[bucket])
	}
	return all, nil
}

func (a *audited) Range(_ adapters.Stream, first, last int64) adapters.Cursor {
	return adapters.Cursor(fmt.Sprintf("r.%d.%d", first, last))
}

// rows is the content of a stream's rows as they stand, by key.
func (a *audited) rows(stream adapters.Stream) map[int64][]byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	rows := map[int64][]byte{}
	add := func(key string, row any) {
		number, err := strconv.ParseInt(key, 10, 64)
		if err != nil || a.gone[string(stream)+key] {
			return
		}
		content, err := json.Marshal([]any{row, a.bad[string(stream)+key]})
		if err != nil {
			panic(err)
		}
		rows[number] = content
	}
	switch stream {
	case adapters.StreamProducts:
		for _, p := range a.products {
			add(p.Key, p)
		}
	case adapters.StreamCustomers:
		for _, c := range a.customers {
			add(c.Key, c)
		}
	case adapters.StreamOrders:
		for _, o := range a.orders {
			add(o.Key, o)
		}
	}
	return rows
}

func isRange(c adapters.Cursor) (first, last int64, ok bool) {
	rest, ok := strings.CutPrefix(string(c), "r.")
	if ok {
		_, err := fmt.Sscanf(rest, "%d.%d", &first, &last)
		ok = err == nil
	}
	return first, last, ok
}

func ranged[T any](s *site, stream string, journal []T, key func(T) string, first, last int64, limit int) (adapters.Page[T], error) {
	if s.onRead != nil {
		if err := s.onRead(stream, adapters.Cursor(fmt.Sprintf("r.%d.%d", first, last))); err != nil {
			return adapters.Page[T]{}, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at := map[int64]T{}
	for _, row := range journal {
		if n, err := strconv.ParseInt(key(row), 10, 64); err == nil && n >= first && n <= last && !s.gone[stream+key(row)] {
			at[n] = row
		}
	}
	p := adapters.Page[T]{Next: adapters.Cursor(fmt.Sprintf("r.%d.%d", last+1, last))}
	for _, n := range slices.Sorted(maps.Keys(at)) {
		if len(p.Rows)+len(p.Bad) == limit {
			p.Next, p.More = adapters.Cursor(fmt.Sprintf("r.%d.%d", n, last)), true
			break
		}
		if bad, ok := s.bad[stream+key(at[n])]; ok {
			p.Bad = append(p.Bad, bad)
			continue
		}
		p.Rows = append(p.Rows, at[n])
	}
	return p, nil
}
