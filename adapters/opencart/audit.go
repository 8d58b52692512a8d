package opencart

import (
	"context"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
)

// Span implements [adapters.Auditor].
func (s *Shop) Span(ctx context.Context, stream adapters.Stream) (first, last int64, err error) {
	r, err := s.open(ctx)
	if err != nil {
		return 0, 0, err
	}
	return r.source(stream).Span(ctx, r.DB)
}

// Digests implements [adapters.Auditor].
func (s *Shop) Digests(ctx context.Context, stream adapters.Stream, first, last, step int64) ([]adapters.Digest, error) {
	r, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	return r.source(stream).Digests(ctx, r.DB, first, last, step)
}

// Range implements [adapters.Auditor]. It needs nothing of the shop: all versions keep a stream's rows in the same place.
func (s *Shop) Range(stream adapters.Stream, first, last int64) adapters.Cursor {
	return s.reader("").source(stream).Range(first, last)
}

func (r *reader) source(stream adapters.Stream) follow.Source {
	switch stream {
	case adapters.StreamCustomers:
		return r.customersSource()
	case adapters.StreamProducts:
		return r.productsSource()
	}
	return r.ordersSource()
}
