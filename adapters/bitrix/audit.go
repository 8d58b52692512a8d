package bitrix

import (
	"context"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
)

var _ adapters.Auditor = (*Shop)(nil)

// Span implements [adapters.Auditor].
func (s *Shop) Span(ctx context.Context, stream adapters.Stream) (first, last int64, err error) {
	r, src, err := s.source(ctx, stream)
	if err != nil {
		return 0, 0, err
	}
	return src.Span(ctx, r.DB)
}

// Digests implements [adapters.Auditor].
func (s *Shop) Digests(ctx context.Context, stream adapters.Stream, first, last, step int64) ([]adapters.Digest, error) {
	r, src, err := s.source(ctx, stream)
	if err != nil {
		return nil, err
	}
	return src.Digests(ctx, r.DB, first, last, step)
}

// Range implements [adapters.Auditor].
func (s *Shop) Range(stream adapters.Stream, first, last int64) adapters.Cursor {
	r := s.reader("")
	return r.source(stream).Range(first, last)
}

func (s *Shop) source(ctx context.Context, stream adapters.Stream) (*reader, follow.Source, error) {
	r, err := s.open(ctx)
	if err != nil {
		return nil, follow.Source{}, err
	}
	if err := r.loadCatalogs(ctx); err != nil {
		return nil, follow.Source{}, err
	}
	return r, r.source(stream), nil
}

func (r *reader) source(stream adapters.Stream) follow.Source {
	switch stream {
	case adapters.StreamCustomers:
		return r.usersSource()
	case adapters.StreamProducts:
		return r.productsSource()
	}
	return r.ordersSource()
}
