package opencart

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// line is a row of order_product, or a gift voucher that was sold.
type line struct {
	id, product      int64
	form             int64  // the product that was chosen as a variant of product
	options          string // the key of the variant that was chosen by options
	voucher          bool
	sku, name, model string
	quantity         int64
	net, tax         string // net: for all of the quantity; tax: for one
}

// lines reads the positions of orders.
func (r *reader) lines(ctx context.Context, of []int64, totals map[int64][]total) (map[int64][]line, error) {
	all := map[int64][]line{}
	err := r.Each(ctx, "order lines", "SELECT p.order_id, p.order_product_id, COALESCE(p.product_id, 0), "+r.master("p")+`, p.name, p.model, COALESCE(p.quantity, 0), p.total, p.tax
		FROM {order_product} p WHERE p.order_id `+follow.In(of)+" ORDER BY p.order_product_id", nil, func(scan func(...any) error) error {
		var order, master int64
		var l line
		if err := scan(&order, &l.id, &l.product, &master, follow.Text(&l.name), follow.Text(&l.model), &l.quantity, follow.Text(&l.net), follow.Text(&l.tax)); err != nil {
			return err
		}
		if master > 0 {
			l.product, l.form = master, l.product
		}
		all[order] = append(all[order], l)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := r.choose(ctx, all); err != nil {
		return nil, err
	}
	if err := r.lineCodes(ctx, all); err != nil {
		return nil, err
	}
	return all, r.vouchers(ctx, all, totals)
}

// lineCodes looks the codes of sold products up as they are today. A line keeps only the model, which stands in for a code.
func (r *reader) lineCodes(ctx context.Context, all map[int64][]line) error {
	var sold []int64
	for _, lines := range all {
		for _, l := range lines {
			sold = append(sold, l.product, l.form)
		}
	}
	if sold = ids(sold...); len(sold) == 0 {
		return nil
	}
	codes, err := r.productCodes(ctx, sold)
	if err != nil {
		return err
	}
	if r.has("product.sku") {
		err = r.Each(ctx, "SKUs", "SELECT t.product_id, t.sku FROM {product} t WHERE t.product_id "+follow.In(sold), nil, func(scan func(...any) error) error {
			var id int64
			var sku string
			err := scan(&id, follow.Text(&sku))
			codes[id] = foreign.First(codes[id], foreign.Plain(sku))
			return err
		})
	}
	for _, lines := range all {
		for i, l := range lines {
			lines[i].sku = foreign.First(codes[l.form], codes[l.product], foreign.Plain(l.model))
		}
	}
	return err
}

// vouchers adds the gift vouchers that were sold with orders. Their table has no index on the order, but is a small one, and is
// only read when the sum before taxes and discounts says that something was sold beside the products.
func (r *reader) vouchers(ctx context.Context, all map[int64][]line, totals map[int64][]total) error {
	if !r.has("order_voucher") {
		return nil
	}
	var of []int64
	cent := decimal.New(1, -2)
	for order, list := range totals {
		sold := decimal.Zero
		for _, l := range all[order] {
			d, _ := foreign.Decimal(l.net) // what is no number is told where the line is read
			sold = sold.Add(d)
		}
		for _, t := range list {
			if d, err := foreign.Decimal(t.value); t.code == "sub_total" && err == nil && d.Sub(sold).GreaterThanOrEqual(cent) {
				of = append(of, order)
			}
		}
	}
	if of = ids(of...); len(of) == 0 {
		return nil
	}
	return r.Each(ctx, "gift vouchers", "SELECT v.order_id, v.order_voucher_id, v.description, v.amount FROM {order_voucher} v WHERE v.order_id "+follow.In(of)+" ORDER BY v.order_voucher_id", nil,
		func(scan func(...any) error) error {
			var order int64
			l := line{voucher: true, quantity: 1}
			err := scan(&order, &l.id, follow.Text(&l.name), follow.Text(&l.net))
			all[order] = append(all[order], l)
			return err
		})
}

// total is a row of order_total.
type total struct{ code, title, value string }

func (r *reader) totals(ctx context.Context, of []int64) (map[int64][]total, error) {
	all := map[int64][]total{}
	err := r.Each(ctx, "order totals", "SELECT t.order_id, t.code, t.title, t.value FROM {order_total} t WHERE t.order_id "+follow.In(of)+" ORDER BY t.order_total_id", nil,
		func(scan func(...any) error) error {
			var order int64
			var t total
			err := scan(&order, follow.Text(&t.code), follow.Text(&t.title), follow.Text(&t.value))
			all[order] = append(all[order], t)
			return err
		})
	return all, err
}

// sums are what an order's totals come to.
type sums struct {
	tax, shipping, discount decimal.Decimal
	coupons                 []string
}

// sum adds an order's totals up by what they are. Extensions have totals of their own: those below zero are discounts.
func sum(totals []total, errs *foreign.Check) sums {
	var s sums
	for _, t := range totals {
		d := errs.Number("total "+foreign.Cut(t.code), t.value)
		switch t.code {
		case "tax":
			s.tax = s.tax.Add(d) // one row for each rate
		case "shipping":
			s.shipping = s.shipping.Add(d)
		case "sub_total", "total", "voucher", "credit":
		default:
			if d.IsNegative() {
				s.discount = s.discount.Sub(d)
			}
		}
		if t.code == "coupon" {
			s.coupons = append(s.coupons, couponCode(t.title))
		}
	}
	return s
}

// couponCode is the code in "Coupon (SPRING)", where OpenCart itself looks for it when the order is placed.
func couponCode(title string) string {
	from, to := strings.Index(title, "("), strings.LastIndex(title, ")")
	if from < 0 || to <= from {
		return foreign.Plain(title)
	}
	return foreign.Plain(title[from+1 : to])
}

// orderLines takes the discount off the products in proportion, and turns amounts into the order's currency.
func orderLines(list []line, discount decimal.Decimal, m exchange, errs *foreign.Check) []adapters.Line {
	nets, goods := make([]decimal.Decimal, len(list)), decimal.Zero
	for i, l := range list {
		if nets[i] = errs.Number(fmt.Sprintf("line %d, total", l.id), l.net); !l.voucher {
			goods = goods.Add(nets[i])
		}
	}
	left := decimal.NewFromInt(1)
	if goods.IsPositive() {
		left = left.Sub(decimal.Min(discount, goods).DivRound(goods, 16))
	}
	var rows []adapters.Line
	for i, l := range list {
		tax := errs.Number(fmt.Sprintf("line %d, tax", l.id), l.tax).Mul(decimal.NewFromInt(l.quantity))
		row := adapters.Line{Key: foreign.Str(l.id), ProductKey: foreign.Key(l.product), VariantKey: cmp.Or(foreign.Key(l.form), l.options), SKU: l.sku,
			Name: foreign.Plain(l.name), Quantity: foreign.Str(l.quantity)}
		net := nets[i]
		if l.voucher {
			row.Key = "voucher-" + row.Key // numbered apart from products
		} else {
			net, tax = net.Mul(left), tax.Mul(left)
		}
		paid := m.exact(tax)
		row.Total, row.Tax = m.exact(net).Add(paid).String(), paid.String()
		rows = append(rows, row)
	}
	return rows
}
