package sqlmap

import (
	"context"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/foreign"
)

var consents = map[string]adapters.Consent{
	string(adapters.Subscribed): adapters.Subscribed, string(adapters.Unconfirmed): adapters.Unconfirmed,
	string(adapters.Unsubscribed): adapters.Unsubscribed,
}

// Subscribers reads the answers to the shop's newsletter. A word that the file does not map is no leave to write.
func (s *Shop) Subscribers(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Subscriber], error) {
	return stream(ctx, s, "subscribers", after, limit, func(_ *attached, rec record, _ map[string][]record) (adapters.Subscriber, bool) {
		row := adapters.Subscriber{
			Key: foreign.Str(rec.id), Email: rec.word("email"), CustomerKey: rec.ref("customer"), Consent: adapters.NotSubscribed, List: rec.text("list"),
			Source: rec.pl.sec.from.name, IP: rec.word("ip"), At: rec.time("at"), Deleted: rec.flag("deleted", false),
		}
		if consent, ok := consents[fold(rec.word("consent"))]; ok {
			row.Consent = consent
		}
		if row.CustomerKey == "" {
			row.FirstName, row.LastName = rec.text("first_name"), rec.text("last_name")
		}
		return row, true
	})
}
