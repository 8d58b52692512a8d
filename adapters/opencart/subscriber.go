package opencart

import (
	"context"
	"strings"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// subscribersSource follows the flag that accounts have for the newsletter. It changes without a trace, so all accounts are
// walked over.
func subscribersSource() follow.Source {
	src := follow.Source{Letter: 'n', What: "subscribers", Table: "{customer}", ID: "customer_id"}
	src.Sweep = everyRow(src)
	return src
}

// Subscribers reads the flag of each account: whether it wants the newsletter, without when or where that was said. Guests
// cannot ask for it.
func (s *Shop) Subscribers(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Subscriber], error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Page[adapters.Subscriber]{}, err
	}
	return follow.Read(ctx, r.DB, s.cfg.Now(), subscribersSource(), after, limit, r.subscribers)
}

func (r *reader) subscribers(ctx context.Context, of []int64) (rows []adapters.Subscriber, bad []adapters.BadRow, err error) {
	err = r.Each(ctx, "subscribers", "SELECT c.customer_id, c.email, COALESCE(c.newsletter, 0) FROM {customer} c WHERE c.customer_id "+follow.In(of)+" ORDER BY c.customer_id", nil,
		func(scan func(...any) error) error {
			var id int64
			var email string
			var wants bool
			if err := scan(&id, follow.Text(&email), &wants); err != nil {
				return err
			}
			row := adapters.Subscriber{Key: foreign.Str(id), Email: strings.TrimSpace(email), CustomerKey: foreign.Str(id), Consent: adapters.NotSubscribed, Source: "customer.newsletter"}
			if wants {
				row.Consent = adapters.Subscribed
			}
			rows = append(rows, row)
			return nil
		})
	return rows, nil, err
}
