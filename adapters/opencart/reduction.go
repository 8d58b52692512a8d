package opencart

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// offer is what a product costs without tax: what it does now, and what it would without a reduction.
type offer struct {
	regular, now decimal.Decimal
	taxClass     int64
}

func (o offer) plus(d decimal.Decimal) offer {
	o.regular, o.now = o.regular.Add(d), o.now.Add(d)
	return o
}

// reduction is a price for a while, for one group of customers. Up to 4.0 specials have a table of their own, and discounts
// hold a price; from 4.1 on specials are discounts, and both may hold a part of the price instead.
type reduction struct {
	special    bool
	kind       string // "P": percent to take off; "S": an amount to take off; else the price
	price      decimal.Decimal
	start, end string // DATE; zero or NULL: open
}

func (d reduction) of(price decimal.Decimal) decimal.Decimal {
	switch d.kind {
	case "P":
		return price.Sub(price.Mul(d.price).Shift(-2))
	case "S":
		return price.Sub(d.price)
	}
	return d.price
}

// running says whether the shop gives it at a time on its clock. It ends when its last day begins.
func (d reduction) running(now string) bool {
	const midnight, zero = " 00:00:00", "0000-00-00"
	return d.start+midnight < now && (d.end == "" || d.end == zero || d.end+midnight > now)
}

// offers works out what products cost a guest who buys one. A discount from the first piece on is the price itself; only a
// special is shown as a reduction.
func (r *reader) offers(ctx context.Context, products map[int64]product) (map[int64]offer, error) {
	reductions, err := r.reductions(ctx, slices.Collect(maps.Keys(products)))
	if err != nil {
		return nil, err
	}
	now := r.wall(r.now)
	all := map[int64]offer{}
	for id, p := range products {
		price, err := foreign.Decimal(p.price)
		if err != nil {
			return nil, fmt.Errorf("the price of product %d: %w", id, err)
		}
		o := offer{regular: price, taxClass: p.taxClass}
		var special *reduction
		for _, d := range reductions[id] { // in the order in which the shop prefers them
			if !d.running(now) {
				continue
			}
			if !d.special && o.regular.Equal(price) {
				o.regular = d.of(price)
			}
			if d.special && special == nil {
				special = &d
			}
		}
		if o.now = o.regular; special != nil {
			o.now = special.of(price)
		}
		all[id] = o
	}
	return all, nil
}

func (r *reader) reductions(ctx context.Context, of []int64) (map[int64][]reduction, error) {
	statement := "SELECT d.product_id, d.priority, d.price, d.date_start, d.date_end, 'F', 0 AS special FROM {product_discount} d WHERE d.quantity = 1 AND "
	if r.has("product_discount.special") {
		statement = "SELECT d.product_id, d.priority, d.price, d.date_start, d.date_end, d.type, d.special FROM {product_discount} d WHERE d.quantity = 1 AND "
	}
	condition := "d.customer_group_id = ? AND d.product_id " + follow.In(of)
	args := []any{r.number("config_customer_group_id")}
	statement += condition
	if r.has("product_special") {
		statement += " UNION ALL SELECT d.product_id, d.priority, d.price, d.date_start, d.date_end, 'F', 1 FROM {product_special} d WHERE " + condition
		args = append(args, args[0])
	}
	all := map[int64][]reduction{}
	err := r.Each(ctx, "reductions", statement+" ORDER BY 1, 2, 3", args, func(scan func(...any) error) error {
		var id int64
		var priority, price string
		var d reduction
		if err := scan(&id, follow.Text(&priority), follow.Text(&price), follow.Text(&d.start), follow.Text(&d.end), follow.Text(&d.kind), &d.special); err != nil {
			return err
		}
		var err error
		d.price, err = foreign.Decimal(price)
		all[id] = append(all[id], d)
		return err
	})
	return all, err
}
