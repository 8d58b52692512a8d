package opencart

import (
	"context"
	"fmt"

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

var _ adapters.Adviser = (*Shop)(nil)

// Advise implements [adapters.Adviser].
func (s *Shop) Advise(ctx context.Context) ([]adapters.Advice, error) {
	r, err := s.open(ctx)
	if err != nil || r.columns[historyIndex] {
		return nil, err
	}
	return []adapters.Advice{{
		Finding: fmt.Sprintf("table %sorder_history has no index on order_id, so it is not read when orders were paid, completed and refunded", r.prefix),
		Next:    fmt.Sprintf("It can stay so. An index would help the shop's own pages of orders as well: ALTER TABLE `%sorder_history` ADD INDEX (`order_id`)", r.prefix),
	}}, nil
}
