package intake

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/purchase"
)

// cartsEvery is from one reading of all open carts to the next: a cart that is no more is told by nothing else.
const cartsEvery = 10 * time.Minute

// basket is a cart, and what it shows of whose it is.
type basket struct {
	purchase.Cart
	email contact.Email
}

func (n *normaliser) cart(c adapters.Cart) (basket, error) {
	var in inspection
	b := basket{email: email(c.Email), Cart: purchase.Cart{
		Key: in.key(own("key"), c.Key), AccountKey: in.exact(own("customer key"), c.CustomerKey, keyMax), Currency: in.currency(own("currency"), c.Currency),
		Name: contact.CleanName(c.FirstName, c.LastName, personMax), Phone: string(n.phone(c.Phone, "")),
		CreatedAt: in.time(own("created at"), c.CreatedAt), ChangedAt: in.time(own("changed at"), c.ChangedAt)}}
	b.Email = string(b.email)
	if len(c.Lines) > linesMost {
		in.wrong(own("lines"), "there are %d, more than %d", len(c.Lines), linesMost)
		return b, in.err()
	}
	for i, l := range c.Lines {
		of := func(name string) field { return field{name, "line", i + 1} }
		line := purchase.CartLine{ProductKey: in.exact(of("product key"), l.ProductKey, keyMax), VariantKey: in.exact(of("variant key"), l.VariantKey, keyMax),
			Quantity: in.number(of("quantity"), l.Quantity)}
		if l.Total != "" {
			line.Total = decimal.NewNullDecimal(in.number(of("total"), l.Total))
		}
		b.Lines = append(b.Lines, line)
	}
	return b, in.err()
}

// carts moves the carts on. Now and then it reads all of them from the beginning, and forgets those that did not come.
func (w *worker) carts(ctx context.Context) (more bool, err error) {
	at, err := w.loadStream(ctx, w.shop.ID, StreamCarts)
	if err != nil {
		return false, err
	}
	if at.SweptAt.IsZero() || !at.BackfilledAt.IsZero() && w.now().Sub(at.SweptAt) >= cartsEvery {
		at.SweptAt = w.now().Truncate(time.Microsecond)
		_, err := w.db.NewUpdate().Model(&at).WherePK().Set("place = ''").Set("swept_at = ?", at.SweptAt).Exec(ctx)
		if err != nil {
			return false, fmt.Errorf("beginning to read the carts again: %w", err)
		}
	}
	w.swept = at.SweptAt
	if more, err = w.flow(StreamCarts).run(ctx, w); err != nil || more {
		return more, err
	}
	_, err = w.rooms.Orders.DropCarts(ctx, w.db, w.shop.ID, at.SweptAt)
	return false, err
}

func (w *worker) writeCarts(ctx context.Context, tx bun.IDB, rows []basket) (effect, error) {
	rows, err := present(ctx, tx, w, rows, func(b basket) customer.Person { return customer.Person{AccountKey: b.AccountKey, Email: b.email} })
	if err != nil {
		return effect{}, err
	}
	people := make([]customer.Person, len(rows))
	for i, b := range rows {
		people[i] = customer.Person{AccountKey: b.AccountKey, Email: b.email}
	}
	owners, err := w.rooms.People.Find(ctx, tx, w.shop.ID, people)
	if err != nil {
		return effect{}, err
	}
	carts := make([]purchase.Cart, len(rows))
	for i, b := range rows {
		carts[i] = b.Cart
		carts[i].ProfileID = owners[i]
	}
	seen := w.now()
	if seen.Before(w.swept) { // another process's clock began the sweep
		seen = w.swept
	}
	changed, err := w.rooms.Orders.ApplyCarts(ctx, tx, w.shop.ID, carts, seen)
	return effect{changed: changed}, err
}
