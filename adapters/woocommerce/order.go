package woocommerce

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
)

// Orders reads orders from wherever the shop keeps them; source and load are the only differences.
func (s *Shop) Orders(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Order], error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Page[adapters.Order]{}, err
	}
	fetch := r.tableOrders
	if r.mode() == "posts" {
		fetch = r.postOrders
	}
	return read(ctx, s, r, orderSource(r.mode()), after, limit, func(ctx context.Context, ids []int64) ([]adapters.Order, []adapters.BadRow, error) {
		found, refunds, err := fetch(ctx, ids)
		if err != nil {
			return nil, nil, err
		}
		return r.assemble(ctx, ids, found, refunds)
	})
}

func orderSource(mode string) source {
	if mode == "posts" {
		return postOrdersSource()
	}
	return tableOrdersSource()
}

// order is one as either store has it, in text, before anything is believed.
type order struct {
	id                                        int64
	status, currency, total                   string
	cartTax, shippingTax, shipping, discount  string
	customer                                  int64
	email, firstName, lastName, company       string
	phone                                     string
	line1, line2, city, postcode, state, land string
	created, updated, paid, completed         string // UTC
	createdLocal, paidLocal, completedLocal   string // in the shop's zone; posts only, used where the UTC one is missing
	paidUnix, completedUnix                   string // posts only
	meta                                      meta
}

// refund is a child order.
type refund struct {
	id, parent                           int64
	total, amount, created, createdLocal string
	reason                               string
}

// item is a position of an order or a coupon on it.
type item struct {
	id         int64
	kind, name string
	meta       meta
}

// Keys of order metadata that are read in both stores. The number is a numbering plugin's, the languages are WPML's and
// TranslatePress's: WooCommerce itself has none.
var orderKeys = []string{"_order_number", "wpml_language", "trp_language"}

// assemble gives rows in the order of ids. It costs three statements, however many orders there are.
func (r *reader) assemble(ctx context.Context, ids []int64, found map[int64]order, refunds map[int64][]refund) ([]adapters.Order, []adapters.BadRow, error) {
	items, err := r.items(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	skus, err := r.skus(ctx, items)
	if err != nil {
		return nil, nil, err
	}
	var rows []adapters.Order
	var bad []adapters.BadRow
	for _, id := range ids {
		o, ok := found[id]
		if !ok {
			continue // a refund whose order is gone, or an order deleted since it was found
		}
		errs := newCheck(o.raw())
		row := r.order(o, errs)
		for _, i := range items[id] {
			switch i.kind {
			case "coupon":
				row.Coupons = append(row.Coupons, plain(i.name))
			case "line_item":
				row.Lines = append(row.Lines, line(i, skus, errs))
			}
		}
		for _, f := range refunds[id] {
			row.Refunds = append(row.Refunds, r.refund(f, errs))
		}
		if errs.failed() {
			bad = append(bad, errs.row(row.Key))
		} else {
			rows = append(rows, row)
		}
	}
	return rows, bad, nil
}

func (o order) raw() map[string]string {
	return map[string]string{
		"status": o.status, "currency": o.currency, "total": o.total, "billing_email": o.email,
		"date_created": cmp.Or(o.created, o.createdLocal), "date_updated": o.updated,
	}
}

func (r *reader) order(o order, errs *check) adapters.Order {
	status, raw, gone := orderStatus(o.status)
	return adapters.Order{
		Key: str(o.id), Number: cmp.Or(plain(o.meta.get("_order_number")), str(o.id)),
		Status: status, RawStatus: raw, Deleted: gone,
		// An order of before WooCommerce kept a currency for each is in the shop's.
		Currency:    errs.currency("currency", cmp.Or(o.currency, r.options["woocommerce_currency"])),
		Total:       errs.number("total", o.total).String(),
		Tax:         errs.number("tax", o.cartTax).Add(errs.number("shipping tax", o.shippingTax)).String(),
		Shipping:    errs.number("shipping", o.shipping).String(),
		Discount:    errs.number("discount", o.discount).Abs().String(),
		CustomerKey: key(o.customer), Email: strings.TrimSpace(o.email),
		FirstName: plain(o.firstName), LastName: plain(o.lastName), Company: plain(o.company), Phone: plain(o.phone),
		Address: adapters.Address{
			Line1: plain(o.line1), Line2: plain(o.line2), City: plain(o.city), Postcode: plain(o.postcode),
			Region: plain(o.state), Country: country(o.land),
		},
		Language:    language(first(o.meta.get("wpml_language"), o.meta.get("trp_language"))),
		PlacedAt:    either(errs.time("date_created", o.created, nil), errs.time("date_created (local)", o.createdLocal, r.zone)),
		PaidAt:      either(errs.time("date_paid", o.paid, nil), errs.unix("date_paid", o.paidUnix), errs.time("paid_date", o.paidLocal, r.zone)),
		CompletedAt: either(errs.time("date_completed", o.completed, nil), errs.unix("date_completed", o.completedUnix), errs.time("completed_date", o.completedLocal, r.zone)),
		ChangedAt:   errs.time("date_updated", o.updated, nil),
	}
}

// either is the first time that is known.
func either(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// refund takes the amount that staff typed in, and else what the child order took away.
func (r *reader) refund(f refund, errs *check) adapters.Refund {
	amount := errs.number(fmt.Sprintf("refund %d", f.id), cmp.Or(f.amount, f.total)).Abs()
	return adapters.Refund{
		Key: str(f.id), Amount: amount.String(), Reason: plain(f.reason),
		RefundedAt: either(errs.time("refund date", f.created, nil), errs.time("refund date (local)", f.createdLocal, r.zone)),
	}
}

func line(i item, skus map[int64]string, errs *check) adapters.Line {
	field := func(name string) string { return fmt.Sprintf("line %d, %s", i.id, name) }
	product, variation := itemIDs(i)
	total, tax := errs.number(field("_line_total"), i.meta.get("_line_total")), errs.number(field("_line_tax"), i.meta.get("_line_tax"))
	quantity := decimal.NewFromInt(1) // WooCommerce's own default
	if text := i.meta.get("_qty"); text != "" {
		quantity = errs.number(field("_qty"), text)
	}
	return adapters.Line{
		Key: str(i.id), ProductKey: key(product), VariantKey: key(variation), SKU: cmp.Or(skus[variation], skus[product]),
		Name: plain(i.name), Quantity: quantity.String(), Total: total.Add(tax).String(), Tax: tax.String(),
	}
}

// itemIDs are the product, which is always the parent, and the variation that was sold, or 0. They dangle when the
// product was deleted.
func itemIDs(i item) (product, variation int64) {
	return parseID(i.meta.get("_product_id")), parseID(i.meta.get("_variation_id"))
}

// items reads lines and coupons. Shipping, fees and taxes are in the order's totals.
func (r *reader) items(ctx context.Context, ids []int64) (map[int64][]item, error) {
	of := "i.order_id " + in(ids) + " AND i.order_item_type IN ('line_item','coupon')"
	metas, err := r.metadata(ctx, "order lines", `SELECT m.order_item_id, m.meta_id, m.meta_key, m.meta_value
		FROM {woocommerce_order_items} i JOIN {woocommerce_order_itemmeta} m ON m.order_item_id = i.order_item_id
		WHERE `+of+` AND m.meta_key IN ('_product_id','_variation_id','_qty','_line_total','_line_tax')`)
	if err != nil {
		return nil, err
	}
	all := map[int64][]item{}
	err = r.each(ctx, "order lines", `SELECT i.order_id, i.order_item_id, i.order_item_type, i.order_item_name
		FROM {woocommerce_order_items} i WHERE `+of+` ORDER BY i.order_item_id`, nil,
		func(scan func(...any) error) error {
			var order int64
			var i item
			if err := scan(&order, &i.id, &i.kind, &i.name); err != nil {
				return err
			}
			i.meta = metas[i.id]
			all[order] = append(all[order], i)
			return nil
		})
	return all, err
}

// skus looks the codes of sold products up as they are today: a line does not keep one.
func (r *reader) skus(ctx context.Context, items map[int64][]item) (map[int64]string, error) {
	var ids []int64
	for _, list := range items {
		for _, i := range list {
			product, variation := itemIDs(i)
			ids = append(ids, product, variation)
		}
	}
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(id int64) bool { return id <= 0 })
	skus := map[int64]string{}
	if len(ids) == 0 {
		return skus, nil
	}
	metas, err := r.metadata(ctx, "SKUs", "SELECT post_id, meta_id, meta_key, meta_value FROM {postmeta} WHERE post_id "+in(ids)+
		" AND meta_key = '_sku'")
	for id, m := range metas {
		skus[id] = plain(m.get("_sku"))
	}
	return skus, err
}
