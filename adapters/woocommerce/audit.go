package woocommerce

import (
	"context"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
)

var _ adapters.Auditor = (*Shop)(nil)

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

// Range implements [adapters.Auditor]. Where the shop keeps its orders does not matter: whoever reads with the cursor looks.
func (s *Shop) Range(stream adapters.Stream, first, last int64) adapters.Cursor {
	switch stream {
	case adapters.StreamCustomers:
		return usersSource().Range(first, last)
	case adapters.StreamProducts:
		return productsSource().Range(first, last)
	}
	return tableOrdersSource().Range(first, last)
}

func (r *reader) source(stream adapters.Stream) follow.Source {
	switch stream {
	case adapters.StreamCustomers:
		return usersSource()
	case adapters.StreamProducts:
		return productsSource()
	}
	return orderSource(r.mode())
}

// orderItems is what belongs to orders in both stores.
var orderItems = follow.Part{
	Table: "{woocommerce_order_items} i LEFT JOIN {woocommerce_order_itemmeta} m ON m.order_item_id = i.order_item_id AND m.meta_key IN (" + lineKeys + ")",
	Key:   "i.order_id", Columns: []string{"i.order_item_id", "i.order_item_name", "m.meta_id", "m.meta_value"},
	Where: "i.order_item_type IN ('line_item','coupon')",
}

var _ adapters.Adviser = (*Shop)(nil)

// Advise implements [adapters.Adviser].
func (s *Shop) Advise(ctx context.Context) ([]adapters.Advice, error) {
	r, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	return follow.Advise(ctx, r.DB, orderSource(r.mode()))
}
