package bitrix

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

// Advise implements [adapters.Adviser]. Orders have an index on the time of their change, and no index helps with products,
// whose stock and prices have times of their own.
func (s *Shop) Advise(ctx context.Context) ([]adapters.Advice, error) {
	r, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	sources := []follow.Source{r.usersSource()}
	module, err := r.newsletter(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case !r.hasTable(module.table()):
	case module == Sender:
		sources = append(sources, r.contactsSource())
	default:
		sources = append(sources, r.subscriptionsSource())
	}
	return follow.Advise(ctx, r.DB, sources...)
}
