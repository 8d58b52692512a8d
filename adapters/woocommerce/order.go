package woocommerce

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
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
	return follow.Read(ctx, r.DB, s.cfg.Now(), orderSource(r.mode()), after, limit, func(ctx context.Context, ids []int64) ([]adapters.Order, []adapters.BadRow, error) {
		found, refunds, err := fetch(ctx, ids)
		if err != nil {
			return nil, nil, err
		}
		return r.assemble(ctx, ids, found, refunds)
	})
}

func orderSource(mode string) follow.Source {
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
		errs := foreign.NewCheck(o.raw())
		row := r.order(o, errs)
		for _, i := range items[id] {
			switch i.kind {
			case "coupon":
				row.Coupons = append(row.Coupons, foreign.Plain(i.name))
			case "line_item":
				row.Lines = append(row.Lines, line(i, skus, errs))
			}
		}
		for _, f := range refunds[id] {
			row.Refunds = append(row.Refunds, r.refund(f, errs))
		}
		if errs.Failed() {
			bad = append(bad, errs.Row(row.Key))
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

func (r *reader) order(o order, errs *foreign.Check) adapters.Order {
	status, raw, gone := orderStatus(o.status)
	return adapters.Order{
		Key: foreign.Str(o.id), Number: cmp.Or(foreign.Plain(o.meta.get("_order_number")), foreign.Str(o.id)),
		Status: status, RawStatus: raw, Deleted: gone,
		// An order of before WooCommerce kept a currency for each is in the shop's.
		Currency:    errs.Currency("currency", cmp.Or(o.currency, r.options["woocommerce_currency"])),
		Total:       errs.Number("total", o.total).String(),
		Tax:         errs.Number("tax", o.cartTax).Add(errs.Number("shipping tax", o.shippingTax)).String(),
		Shipping:    errs.Number("shipping", o.shipping).String(),
		Discount:    errs.Number("discount", o.discount).Abs().String(),
		CustomerKey: foreign.Key(o.customer), Email: strings.TrimSpace(o.email),
		FirstName: foreign.Plain(o.firstName), LastName: foreign.Plain(o.lastName), Company: foreign.Plain(o.company), Phone: foreign.Plain(o.phone),
		Address: adapters.Address{
			Line1: foreign.Plain(o.line1), Line2: foreign.Plain(o.line2), City: foreign.Plain(o.city), Postcode: foreign.Plain(o.postcode),
			Region: foreign.Plain(o.state), Country: foreign.Country(o.land),
		},
		Language:    foreign.Language(foreign.First(o.meta.get("wpml_language"), o.meta.get("trp_language"))),
		PlacedAt:    foreign.Known(errs.Time("date_created", o.created, nil), errs.Time("date_created (local)", o.createdLocal, r.zone)),
		PaidAt:      foreign.Known(errs.Time("date_paid", o.paid, nil), errs.Unix("date_paid", o.paidUnix), errs.Time("paid_date", o.paidLocal, r.zone)),
		CompletedAt: foreign.Known(errs.Time("date_completed", o.completed, nil), errs.Unix("date_completed", o.completedUnix), errs.Time("completed_date", o.completedLocal, r.zone)),
		ChangedAt:   errs.Time("date_updated", o.updated, nil),
	}
}

// refund takes the amount that staff typed in, and else what the child order took away.
func (r *reader) refund(f refund, errs *foreign.Check) adapters.Refund {
	amount := errs.Number(fmt.Sprintf("refund %d", f.id), cmp.Or(f.amount, f.total)).Abs()
	return adapters.Refund{
		Key: foreign.Str(f.id), Amount: amount.String(), Reason: foreign.Plain(f.reason),
		RefundedAt: foreign.Known(errs.Time("refund date", f.created, nil), errs.Time("refund date (local)", f.createdLocal, r.zone)),
	}
}

func line(i item, skus map[int64]string, errs *foreign.Check) adapters.Line {
	field := func(name string) string { return fmt.Sprintf("line %d, %s", i.id, name) }
	product, variation := itemIDs(i)
	total, tax := errs.Number(field("_line_total"), i.meta.get("_line_total")), errs.Number(field("_line_tax"), i.meta.get("_line_tax"))
	quantity := decimal.NewFromInt(1) // WooCommerce's own default
	if text := i.meta.get("_qty"); text != "" {
		quantity = errs.Number(field("_qty"), text)
	}
	return adapters.Line{
		Key: foreign.Str(i.id), ProductKey: foreign.Key(product), VariantKey: foreign.Key(variation), SKU: cmp.Or(skus[variation], skus[product]),
		Name: foreign.Plain(i.name), Quantity: quantity.String(), Total: total.Add(tax).String(), Tax: tax.String(),
	}
}

// itemIDs are the product, which is always the parent, and the variation that was sold, or 0. They dangle when the
// product was deleted.
func itemIDs(i item) (product, variation int64) {
	return foreign.ID(i.meta.get("_product_id")), foreign.ID(i.meta.get("_variation_id"))
}

var lineKeys = follow.Quoted("_product_id", "_variation_id", "_qty", "_line_total", "_line_tax")

// items reads lines and coupons. Shipping, fees and taxes are in the order's totals. What is said of the items is asked by
// their numbers: joined to them, it takes the server half as long again.
func (r *reader) items(ctx context.Context, ids []int64) (map[int64][]item, error) {
	type row struct {
		order int64
		item
	}
	var found []row
	var items []int64
	err := r.Each(ctx, "order lines", `SELECT i.order_id, i.order_item_id, i.order_item_type, i.order_item_name FROM {woocommerce_order_items} i
		WHERE i.order_id `+follow.In(ids)+` AND i.order_item_type IN ('line_item','coupon') ORDER BY i.order_item_id`, nil,
		func(scan func(...any) error) error {
			var i row
			err := scan(&i.order, &i.id, &i.kind, &i.name)
			found, items = append(found, i), append(items, i.id)
			return err
		})
	if err != nil || len(items) == 0 {
		return nil, err
	}
	metas, err := r.metadata(ctx, "order lines", "SELECT order_item_id, meta_id, meta_key, meta_value FROM {woocommerce_order_itemmeta} WHERE order_item_id "+
		follow.In(items)+" AND meta_key IN ("+lineKeys+")")
	if err != nil {
		return nil, err
	}
	all := make(map[int64][]item, len(ids))
	for _, i := range found {
		i.meta = metas[i.id]
		all[i.order] = append(all[i.order], i.item)
	}
	return all, nil
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
	metas, err := r.metadata(ctx, "SKUs", "SELECT post_id, meta_id, meta_key, meta_value FROM {postmeta} WHERE post_id "+follow.In(ids)+
		" AND meta_key = '_sku'")
	for id, m := range metas {
		skus[id] = foreign.Plain(m.get("_sku"))
	}
	return skus, err
}
