package magento

import (
	"context"
	"fmt"
	"strings"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

var _ adapters.CartReader = (*Shop)(nil)

// cartsSource follows quotes. updated_at has no index, or one that begins with the store view (2.4.8), which is of use
// where there is only one. Else it is looked at in the 5,000 newest quotes by each poll, and in the others by a sweep each
// minute, 10,000 a poll.
func (r *reader) cartsSource() follow.Source {
	src := follow.Source{Letter: 'q', What: "carts", Table: "{quote}", ID: "entity_id", Time: "updated_at"}
	if r.layout.dated && len(r.views) == 1 {
		src.Along = "t.store_id = " + foreign.Str(r.view.id)
		return src
	}
	src.Region = 5_000
	src.Sweep = src.SweepByTime(10_000)
	return src
}

// Carts reads active quotes that hold something. Of guests the address is known as soon as the checkout has saved it.
// Wish lists are kept elsewhere.
func (s *Shop) Carts(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Cart], error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Page[adapters.Cart]{}, err
	}
	return follow.Read(ctx, r.DB, r.now, r.cartsSource(), after, limit, r.carts)
}

func (r *reader) carts(ctx context.Context, ids []int64) ([]adapters.Cart, []adapters.BadRow, error) {
	open := "q.entity_id " + follow.In(ids) + " AND q.is_active = 1 AND q.items_count > 0"
	lines, err := r.lines(ctx, "cart lines", "SELECT i.quote_id, "+r.lineColumns("i.qty")+" FROM {quote} q JOIN {quote_item} i ON i.quote_id = q.entity_id"+r.bundles()+
		" WHERE "+open+" ORDER BY i.item_id")
	if err != nil {
		return nil, nil, err
	}
	// The one that mail goes to before the one that goods go to.
	addresses, err := r.addresses(ctx, "carts' addresses", "SELECT a.quote_id, a.address_id, "+addressColumns("a.email")+
		" FROM {quote} q JOIN {quote_address} a ON a.quote_id = q.entity_id WHERE "+open+" ORDER BY a.address_type, a.address_id")
	if err != nil {
		return nil, nil, err
	}
	var rows []adapters.Cart
	var bad []adapters.BadRow
	err = r.Each(ctx, "carts", `SELECT q.entity_id, COALESCE(c.entity_id, 0), COALESCE(c.email, ''), q.customer_email, q.customer_firstname, q.customer_lastname,
			q.quote_currency_code, q.created_at, q.updated_at FROM {quote} q LEFT JOIN {customer_entity} c ON c.entity_id = q.customer_id WHERE `+open+" ORDER BY q.entity_id", nil,
		func(scan func(...any) error) error {
			var id, customer int64
			var email, typed, first, last, currency, created, updated string
			if err := scan(&id, &customer, &email, follow.Text(&typed), follow.Text(&first), follow.Text(&last), follow.Text(&currency), follow.Text(&created), follow.Text(&updated)); err != nil {
				return err
			}
			errs := foreign.NewCheck(map[string]string{"customer_email": typed, "quote_currency_code": currency, "created_at": created, "updated_at": updated})
			cart := adapters.Cart{Key: foreign.Str(id), CustomerKey: foreign.Key(customer), Email: strings.TrimSpace(email), Currency: errs.Currency("quote_currency_code", currency),
				CreatedAt: errs.Time("created_at", created, nil), Lines: cartLines(lines[id], errs)}
			// Before 2.3, a quote that was never touched again had no time of change.
			cart.ChangedAt = foreign.Known(errs.Time("updated_at", updated, nil), cart.CreatedAt)
			if customer == 0 {
				guest(&cart, addresses[id], typed, first, last)
			}
			switch {
			case errs.Failed():
				bad = append(bad, errs.Row(cart.Key))
			case len(cart.Lines) > 0:
				rows = append(rows, cart)
			}
			return nil
		})
	return rows, bad, err
}

// guest takes what the checkout has saved with the quote, or with an address.
func guest(cart *adapters.Cart, addresses []address, email, first, last string) {
	for _, a := range addresses {
		email, first, last = foreign.First(email, a.email), foreign.First(first, a.firstName), foreign.First(last, a.lastName)
		cart.Phone = foreign.First(cart.Phone, foreign.Plain(a.phone))
	}
	cart.Email, cart.FirstName, cart.LastName = strings.TrimSpace(email), foreign.Plain(first), foreign.Plain(last)
}

func cartLines(all []line, errs *foreign.Check) []adapters.CartLine {
	var rows []adapters.CartLine
	list, parts := top(all)
	for _, l := range list {
		quantity := errs.Number(fmt.Sprintf("line %d, qty", l.id), l.quantity)
		if !quantity.IsPositive() {
			continue
		}
		total, _ := l.sum(parts[l.id], errs)
		rows = append(rows, adapters.CartLine{ProductKey: foreign.Key(l.product), VariantKey: foreign.Key(l.variant(parts[l.id])), Quantity: quantity.String(), Total: total.String()})
	}
	return rows
}
