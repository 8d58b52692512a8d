package sqlmap

import (
	"context"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/foreign"
)

// Carts reads the carts that hold something.
func (s *Shop) Carts(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Cart], error) {
	return stream(ctx, s, "carts", after, limit, func(a *attached, rec record, parts map[string][]record) (adapters.Cart, bool) {
		row := adapters.Cart{
			Key: foreign.Str(rec.id), CustomerKey: rec.ref("customer"), Email: rec.word("email"), CreatedAt: rec.time("created_at"), ChangedAt: rec.time("changed_at"),
			Currency: rec.r.check.Currency("currency", first(rec.word("currency"), a.site.currency)),
		}
		if row.CustomerKey == "" { // who has an account is known by it
			row.FirstName, row.LastName, row.Phone = rec.text("first_name"), rec.text("last_name"), rec.text("phone")
		}
		for _, l := range parts["lines"] {
			quantity := first(l.number("quantity"), "1")
			if less("0", quantity) {
				row.Lines = append(row.Lines, adapters.CartLine{ProductKey: l.ref("product"), VariantKey: l.ref("variant"), Quantity: quantity, Total: l.number("total")})
			}
		}
		return row, len(row.Lines) > 0
	})
}
