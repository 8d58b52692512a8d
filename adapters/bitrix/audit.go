package bitrix

import (
	"context"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
)

var _ adapters.Auditor = (*Shop)(nil)

// letters are those of the sources.
var letters = map[adapters.Stream]byte{adapters.StreamCustomers: 'u', adapters.StreamProducts: 'p', adapters.StreamOrders: 'o'}

// audited opens the shop and gives the source of a stream.
func (s *Shop) audited(ctx context.Context, stream adapters.Stream) (follow.DB, follow.Source, error) {
	r, err := s.open(ctx)
	if err != nil {
		return follow.DB{}, follow.Source{}, err
	}
	if err := r.loadCatalogs(ctx); err != nil {
		return follow.DB{}, follow.Source{}, err
	}
	switch stream {
	case adapters.StreamCustomers:
		return r.DB, r.usersSource(), nil
	case adapters.StreamProducts:
		return r.DB, r.productsSource(), nil
	}
	return r.DB, r.ordersSource(), nil
}
