package prestashop

import (
	"context"
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// detail is a row of order_detail. A pack is one row there; what it is made of is none.
type detail struct {
	id, product, combination        int64
	sku, name, quantity, gross, net string
}

func (r *reader) lines(ctx context.Context, ids []int64) (map[int64][]detail, error) {
	all := map[int64][]detail{}
	err := r.Each(ctx, "order lines", `SELECT d.id_order, d.id_order_detail, d.product_id, COALESCE(d.product_attribute_id, 0), d.product_reference, d.product_name, d.product_quantity,
			d.total_price_tax_incl, d.total_price_tax_excl
		FROM {order_detail} d WHERE d.id_order `+follow.In(ids)+" ORDER BY d.id_order, d.id_order_detail", nil, func(scan func(...any) error) error {
		var order int64
		var d detail
		err := scan(&order, &d.id, &d.product, &d.combination, follow.Text(&d.sku), &d.name, &d.quantity, &d.gross, &d.net)
		all[order] = append(all[order], d)
		return err
	})
	return all, err
}

// orderLines are an order's positions, after vouchers. PrestaShop keeps a line's price before them and does not tell which
// lines a voucher was for, so it is taken off all in proportion, as PrestaShop itself does to find the taxes. What pays for
// the shipping is no reduction of the goods.
func orderLines(details []detail, o order, vouchers []voucher, errs *foreign.Check) []adapters.Line {
	gross, net := make([]decimal.Decimal, len(details)), make([]decimal.Decimal, len(details))
	for i, d := range details {
		field := func(name string) string { return fmt.Sprintf("line %d, %s", d.id, name) }
		gross[i], net[i] = errs.Number(field("total_price_tax_incl"), d.gross), errs.Number(field("total_price_tax_excl"), d.net)
	}
	off, offNet := errs.Number("total_discounts_tax_incl", o.discount), errs.Number("total_discounts_tax_excl", o.discountNet)
	for _, v := range vouchers {
		if v.freeShipping {
			off = off.Sub(errs.Number("total_shipping_tax_incl", o.shipping))
			offNet = offNet.Sub(errs.Number("total_shipping_tax_excl", o.shippingNet))
			break
		}
	}
	gross, net = reduced(gross, off), reduced(net, offNet)
	var lines []adapters.Line
	for i, d := range details {
		lines = append(lines, adapters.Line{
			Key: foreign.Str(d.id), ProductKey: foreign.Key(d.product), VariantKey: foreign.Key(d.combination), SKU: foreign.Plain(d.sku), Name: foreign.Plain(d.name),
			Quantity: errs.Number(fmt.Sprintf("line %d, product_quantity", d.id), d.quantity).String(), Total: gross[i].String(), Tax: gross[i].Sub(net[i]).String(),
		})
	}
	return lines
}

// shareDigits is how exact a line's share of a voucher is: more is noise, prices are kept with six decimals.
const shareDigits = 4

// reduced takes off from all amounts in proportion. What rounding leaves over is the largest's, so that the sum is exact.
func reduced(amounts []decimal.Decimal, off decimal.Decimal) []decimal.Decimal {
	sum := decimal.Zero
	for _, a := range amounts {
		sum = sum.Add(a)
	}
	if !off.IsPositive() || !sum.IsPositive() {
		return amounts
	}
	rest := sum.Sub(decimal.Min(off, sum))
	shares, largest, left := make([]decimal.Decimal, len(amounts)), 0, rest
	for i, a := range amounts {
		shares[i] = a.Mul(rest).DivRound(sum, shareDigits)
		left = left.Sub(shares[i])
		if a.GreaterThan(amounts[largest]) {
			largest = i
		}
	}
	shares[largest] = shares[largest].Add(left)
	return shares
}
