package sqlmap

import (
	"context"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/foreign"
)

// Customers reads accounts.
func (s *Shop) Customers(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Customer], error) {
	return stream(ctx, s, "customers", after, limit, func(_ *attached, rec record, _ map[string][]record) (adapters.Customer, bool) {
		return adapters.Customer{
			Key: foreign.Str(rec.id), Email: rec.word("email"), FirstName: rec.text("first_name"), LastName: rec.text("last_name"),
			Company: rec.text("company"), Phone: rec.text("phone"), Address: rec.address(), Language: foreign.Language(rec.word("language")),
			RegisteredAt: rec.time("registered_at"), ChangedAt: rec.time("changed_at"), Deleted: rec.flag("deleted", false),
		}, true
	})
}

func (rec record) address() adapters.Address {
	return adapters.Address{
		Line1: rec.text("line1"), Line2: rec.text("line2"), City: rec.text("city"), Postcode: rec.text("postcode"),
		Region: rec.text("region"), Country: foreign.Country(rec.word("country")),
	}
}
