package prestashop

import (
	"context"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
)

var (
	_ adapters.Auditor = (*Shop)(nil)
	_ adapters.Adviser = (*Shop)(nil)
)

// letters are those of the sources.
var letters = map[adapters.Stream]byte{adapters.StreamCustomers: 'u', adapters.StreamProducts: 'p', adapters.StreamOrders: 'o'}

// audited opens the shop and gives the source of a stream.
func (s *Shop) audited(ctx context.Context, stream adapters.Stream) (follow.DB, follow.Source, error) {
	r, err := s.open(ctx)
	if err != nil {
		return follow.DB{}, follow.Source{}, err
	}
	switch stream {
	case adapters.StreamCustomers:
		return r.DB, r.customersSource(), nil
	case adapters.StreamProducts:
		return r.DB, r.productsSource(), nil
	}
	return r.DB, r.ordersSource(), nil
}

// Advise implements [adapters.Adviser].
func (s *Shop) Advise(ctx context.Context) ([]adapters.Advice, error) {
	r, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	return follow.Advise(ctx, r.DB, r.customersSource(), r.ordersSource())
}
