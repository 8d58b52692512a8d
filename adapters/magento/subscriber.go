package magento

import (
	"context"
	"strings"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

var _ adapters.SubscriberReader = (*Shop)(nil)

// subscribersSource follows answers to the newsletter. change_status_at has no index, old versions left it empty, and
// programs that mail in the shop's name may change a status without it. So it is looked at in the 5,000 newest rows by
// each poll, and all rows are walked over again and again, 300 a poll: 10,000 are through in three minutes.
func subscribersSource() follow.Source {
	return follow.Source{Letter: 'n', What: "subscribers", Table: "{newsletter_subscriber}", ID: "subscriber_id", Time: "change_status_at", Region: 5_000, Sweep: everySubscriber}
}

const subscriberStep = 300

func everySubscriber(ctx context.Context, db follow.DB, p follow.Place, limit int) (follow.Stride, error) {
	few := min(limit, subscriberStep)
	var step follow.Stride
	err := db.Each(ctx, "subscribers", "SELECT subscriber_id FROM {newsletter_subscriber} FORCE INDEX (PRIMARY) WHERE subscriber_id > ? ORDER BY subscriber_id LIMIT ?", []any{p.Swept(), few},
		func(scan func(...any) error) error {
			var h follow.Hit
			err := scan(&h.ID)
			h.Target = h.ID
			step.Hits, step.End = append(step.Hits, h), h.ID
			return err
		})
	step.Last = len(step.Hits) < few
	return step, err
}

// consents are Magento's statuses: an address is not active (2) until it is confirmed, and a subscriber with an account is
// unconfirmed (4) until the account is. A number nobody knows is no leave to write.
var consents = map[int]adapters.Consent{1: adapters.Subscribed, 2: adapters.Unconfirmed, 3: adapters.Unsubscribed, 4: adapters.Unconfirmed}

// Subscribers reads newsletter_subscriber. The same address may have answered each website.
func (s *Shop) Subscribers(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Subscriber], error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Page[adapters.Subscriber]{}, err
	}
	return follow.Read(ctx, r.DB, r.now, subscribersSource(), after, limit, r.subscribers)
}

func (r *reader) subscribers(ctx context.Context, ids []int64) ([]adapters.Subscriber, []adapters.BadRow, error) {
	var rows []adapters.Subscriber
	var bad []adapters.BadRow
	err := r.Each(ctx, "subscribers", `SELECT t.subscriber_id, COALESCE(t.store_id, 0), t.subscriber_email, t.subscriber_status, t.change_status_at, COALESCE(c.entity_id, 0)
		FROM {newsletter_subscriber} t LEFT JOIN {customer_entity} c ON c.entity_id = t.customer_id WHERE t.subscriber_id `+follow.In(ids)+" ORDER BY t.subscriber_id", nil,
		func(scan func(...any) error) error {
			var id, store, customer int64
			var status int
			var email, at string
			if err := scan(&id, &store, follow.Text(&email), &status, follow.Text(&at), &customer); err != nil {
				return err
			}
			errs := foreign.NewCheck(map[string]string{"subscriber_email": email, "change_status_at": at})
			consent, known := consents[status]
			if !known {
				consent = adapters.NotSubscribed
			}
			row := adapters.Subscriber{Key: foreign.Str(id), Email: strings.TrimSpace(email), CustomerKey: foreign.Key(customer), Consent: consent, List: r.list(store),
				Source: "newsletter_subscriber", At: errs.Time("change_status_at", at, nil)}
			if errs.Failed() {
				bad = append(bad, errs.Row(row.Key))
			} else {
				rows = append(rows, row)
			}
			return nil
		})
	return rows, bad, err
}

// list is the website whose newsletter it is, where there are several.
func (r *reader) list(store int64) string {
	for _, v := range r.views {
		if v.website != r.view.website {
			return r.views[store].websiteCode
		}
	}
	return ""
}
