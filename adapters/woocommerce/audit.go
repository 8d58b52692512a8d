package woocommerce

import (
	"context"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
)

var (
	_ adapters.Auditor = (*Shop)(nil)
	_ adapters.Adviser = (*Shop)(nil)
)

// letters are those of the sources. Where the shop keeps its orders does not matter: whoever reads with the cursor looks.
var letters = map[adapters.Stream]byte{adapters.StreamCustomers: 'u', adapters.StreamProducts: 'p', adapters.StreamOrders: 'h'}

// audited opens the shop and gives the source of a stream.
func (s *Shop) audited(ctx context.Context, stream adapters.Stream) (follow.DB, follow.Source, error) {
	r, err := s.open(ctx)
	if err != nil {
		return follow.DB{}, follow.Source{}, err
	}
	switch stream {
	case adapters.StreamCustomers:
		return r.DB, usersSource(), nil
	case adapters.StreamProducts:
		return r.DB, productsSource(), nil
	}
	return r.DB, orderSource(r.mode()), nil
}

// orderItems is what belongs to orders in both stores.
var orderItems = follow.Part{
	Table: "{woocommerce_order_items} i LEFT JOIN {woocommerce_order_itemmeta} m ON m.order_item_id = i.order_item_id AND m.meta_key IN (" + lineKeys + ")",
	Key:   "i.order_id", Columns: []string{"i.order_item_id", "i.order_item_name", "m.meta_id", "m.meta_value"},
	Where: "i.order_item_type IN ('line_item','coupon')",
}

// Advise implements [adapters.Adviser].
func (s *Shop) Advise(ctx context.Context) ([]adapters.Advice, error) {
	r, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	return follow.Advise(ctx, r.DB, orderSource(r.mode()))
}
