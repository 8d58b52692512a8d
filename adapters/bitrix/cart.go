package bitrix

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

var _ adapters.CartReader = (*Shop)(nil)

// inCart is the condition for a row of b_sale_basket to be in a cart. One that was put aside is a wish list's, one to be told
// of when it is there again is nobody's to buy.
const inCart = "b.ORDER_ID IS NULL AND b.DELAY = 'N' AND b.SUBSCRIBE = 'N'"

// cartsSource reads visitors (b_sale_fuser) who have something in their cart. What is put in shows as a new row of
// b_sale_basket, at once; a changed number shows by that row's time, which has no index, so the rows without an order are
// swept, 5,000 a poll.
func (r *reader) cartsSource() follow.Source {
	return follow.Source{
		Letter: 'c', What: "carts", Table: "{sale_fuser}", ID: "ID", Window: 20_000,
		Own:   "EXISTS (SELECT 1 FROM {sale_basket} b WHERE b.FUSER_ID = t.ID AND " + inCart + ")",
		Feeds: []follow.Feed{{Table: "{sale_basket}", ID: "ID", Target: "f.FUSER_ID", Where: "f.ORDER_ID IS NULL"}},
		Sweep: r.sweepCarts,
	}
}

const cartStep = 5_000

func (r *reader) sweepCarts(ctx context.Context, db follow.DB, p follow.Place, limit int) (follow.Stride, error) {
	var step follow.Stride
	looked := 0
	err := db.Each(ctx, "carts", "SELECT b.ID, b.FUSER_ID, b.DATE_UPDATE >= ? FROM {sale_basket} b WHERE b.ORDER_ID IS NULL AND b.ID > ? ORDER BY b.ID LIMIT ?",
		[]any{r.local(p.ChangedSince()), p.Swept(), cartStep}, func(scan func(...any) error) error {
			var h follow.Hit
			var changed *bool
			if err := scan(&h.ID, &h.Target, &changed); err != nil {
				return err
			}
			looked++
			if len(step.Hits) < limit {
				if step.End = h.ID; changed != nil && *changed {
					step.Hits = append(step.Hits, h)
				}
			}
			return nil
		})
	step.Last = looked < cartStep && len(step.Hits) < limit
	return step, err
}

// Carts reads the carts that are open. Of a visitor without an account Bitrix knows a cookie, and no address.
func (s *Shop) Carts(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Cart], error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Page[adapters.Cart]{}, err
	}
	if err := r.loadCatalogs(ctx); err != nil {
		return adapters.Page[adapters.Cart]{}, err
	}
	return follow.Read(ctx, r.DB, s.cfg.Now(), r.cartsSource(), after, limit, r.carts)
}

func (r *reader) carts(ctx context.Context, ids []int64) ([]adapters.Cart, []adapters.BadRow, error) {
	items, err := r.items(ctx, "b.FUSER_ID "+follow.In(ids)+" AND "+inCart)
	if err != nil {
		return nil, nil, err
	}
	var rows []adapters.Cart
	var bad []adapters.BadRow
	err = r.Each(ctx, "carts", "SELECT v.ID, COALESCE(u.ID, 0), u.EMAIL FROM {sale_fuser} v LEFT JOIN {user} u ON u.ID = v.USER_ID AND "+r.accounts("u")+
		" WHERE v.ID "+follow.In(ids)+" ORDER BY v.ID", nil, func(scan func(...any) error) error {
		var id, account int64
		var email string
		if err := scan(&id, &account, follow.Text(&email)); err != nil {
			return err
		}
		if len(items[id]) == 0 {
			return nil // emptied or ordered since it was found
		}
		errs := foreign.NewCheck(map[string]string{"USER_ID": foreign.Key(account)})
		cart := adapters.Cart{Key: foreign.Str(id), CustomerKey: foreign.Key(account), Email: strings.TrimSpace(email)}
		r.fillCart(&cart, items[id], errs)
		if errs.Failed() {
			bad = append(bad, errs.Row(cart.Key))
		} else {
			rows = append(rows, cart)
		}
		return nil
	})
	return rows, bad, err
}

// fillCart takes the currency of what was put in last; what was put in at another site of the shop may have another one,
// and is told without its price.
func (r *reader) fillCart(cart *adapters.Cart, items []item, errs *foreign.Check) {
	cart.Currency = errs.Currency("CURRENCY", items[len(items)-1].currency)
	var first, last time.Time
	for _, i := range items {
		field := func(name string) string { return fmt.Sprintf("position %d, %s", i.id, name) }
		quantity := errs.Number(field("QUANTITY"), i.quantity)
		total, _ := i.total(quantity, field, errs)
		line := adapters.CartLine{Quantity: quantity.String(), Total: total.String()}
		line.ProductKey, line.VariantKey = i.keys()
		if !strings.EqualFold(i.currency, cart.Currency) {
			line.Total = ""
		}
		cart.Lines = append(cart.Lines, line)
		if at := errs.Time(field("DATE_INSERT"), i.inserted, r.zone); first.IsZero() || at.Before(first) {
			first = at
		}
		if at := errs.Time(field("DATE_UPDATE"), i.updated, r.zone); at.After(last) {
			last = at
		}
	}
	cart.CreatedAt, cart.ChangedAt = first, last
}
