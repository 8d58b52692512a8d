package bitrix

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// item is a row of b_sale_basket: a position of an order, or of a cart.
type item struct {
	id, owner, product, iblock            int64 // owner: the order, or whose cart it is
	module, name, price, quantity, coupon string
	rate, included, discount, currency    string
	xml                                   string
	inserted, updated                     string
	sku                                   string
	of                                    int64 // the product that product is an offer of; 0: it is none
}

// items reads positions with their products. The parts of a set are rows beside it, which it has the price of already.
func (r *reader) items(ctx context.Context, where string) (map[int64][]item, error) {
	var list []item
	err := r.Each(ctx, "positions", `SELECT b.ID, COALESCE(b.ORDER_ID, b.FUSER_ID), b.PRODUCT_ID, COALESCE(e.IBLOCK_ID, 0), b.MODULE, b.NAME, b.PRICE, b.QUANTITY, b.CURRENCY, b.VAT_RATE,
			`+r.column("b", "sale_basket", "VAT_INCLUDED", "'Y'")+`, b.DISCOUNT_PRICE, b.DISCOUNT_COUPON, b.PRODUCT_XML_ID, b.DATE_INSERT, b.DATE_UPDATE
		FROM {sale_basket} b LEFT JOIN {iblock_element} e ON e.ID = b.PRODUCT_ID
		WHERE `+where+" AND (b.SET_PARENT_ID IS NULL OR b.SET_PARENT_ID IN (0, b.ID)) ORDER BY b.ID", nil, func(scan func(...any) error) error {
		var i item
		err := scan(&i.id, &i.owner, &i.product, &i.iblock, follow.Text(&i.module), &i.name, &i.price, &i.quantity, &i.currency, follow.Text(&i.rate), &i.included, follow.Text(&i.discount),
			follow.Text(&i.coupon), follow.Text(&i.xml), follow.Text(&i.inserted), follow.Text(&i.updated))
		if i.module != "catalog" {
			i.product, i.iblock = 0, 0 // typed in by staff, or another module's
		}
		list = append(list, i)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := r.placeItems(ctx, list); err != nil {
		return nil, err
	}
	all := map[int64][]item{}
	for _, i := range list {
		all[i.owner] = append(all[i.owner], i)
	}
	return all, nil
}

// placeItems finds the products of offers, and the article numbers of today: a position keeps neither.
func (r *reader) placeItems(ctx context.Context, list []item) error {
	elements := map[int64][]int64{}
	for _, i := range list {
		if i.iblock > 0 && i.product > 0 {
			elements[i.iblock] = append(elements[i.iblock], i.product)
		}
	}
	for id := range elements {
		slices.Sort(elements[id])
		elements[id] = slices.Compact(elements[id])
	}
	parents, err := r.parents(ctx, elements)
	if err != nil {
		return err
	}
	articles, err := r.articles(ctx, elements)
	if err != nil {
		return err
	}
	for n := range list {
		i := &list[n]
		i.sku, i.of = articles[i.product], parents[i.product]
		if i.iblock == 0 {
			i.of = parentByXML(i.xml, i.product)
		}
	}
	return nil
}

// parents gives the product of each offer.
func (r *reader) parents(ctx context.Context, elements map[int64][]int64) (map[int64]int64, error) {
	found := map[int64]int64{}
	for _, c := range r.catalogs {
		if !c.offers() || len(elements[c.id]) == 0 {
			continue
		}
		v := values{}
		if err := r.read(ctx, v, c, []property{{id: c.link}}, elements[c.id]); err != nil {
			return nil, err
		}
		for id, texts := range v {
			found[id] = foreign.ID(strings.TrimSuffix(texts[c.link], ".0000"))
		}
	}
	return found, nil
}

// parentByXML tells the product of an offer that was deleted. A position of an offer has "product#offer" of the two XML_IDs,
// and an element that was given none has its own number for it: where that is so for the offer, it is for the product.
func parentByXML(xml string, offer int64) int64 {
	parent, own, ok := strings.Cut(xml, "#")
	if !ok || offer <= 0 || own != strconv.FormatInt(offer, 10) {
		return 0
	}
	return foreign.ID(parent)
}

// keys are the product that shoppers see, and the offer that was sold of it.
func (i item) keys() (product, variant string) {
	if i.of > 0 {
		return foreign.Str(i.of), foreign.Str(i.product)
	}
	return foreign.Key(i.product), ""
}

// orderLines is what the positions of an order come to.
type orderLines struct {
	rows     []adapters.Line
	tax      decimal.Decimal // as the shop sums it up, rounded line by line
	discount decimal.Decimal
}

func (r *reader) lines(items []item, errs *foreign.Check) orderLines {
	var all orderLines
	for _, i := range items {
		field := func(name string) string { return fmt.Sprintf("position %d, %s", i.id, name) }
		quantity := errs.Number(field("QUANTITY"), i.quantity)
		total, tax := i.total(quantity, field, errs)
		product, variant := i.keys()
		all.rows = append(all.rows, adapters.Line{Key: foreign.Str(i.id), ProductKey: product, VariantKey: variant, SKU: i.sku, Name: foreign.Plain(i.name),
			Quantity: quantity.String(), Total: total.String(), Tax: tax.Round(4).String()})
		all.tax = all.tax.Add(tax.Round(r.precision()))
		all.discount = all.discount.Add(errs.Number(field("DISCOUNT_PRICE"), i.discount).Mul(quantity))
	}
	return all
}

// total is a position's price with tax, and the tax in it. A position keeps the rate, and whether the price has it.
func (i item) total(quantity decimal.Decimal, field func(string) string, errs *foreign.Check) (total, tax decimal.Decimal) {
	total, rate := errs.Number(field("PRICE"), i.price).Mul(quantity), errs.Number(field("VAT_RATE"), i.rate)
	if !rate.IsPositive() {
		return total, decimal.Zero
	}
	if i.included == "N" {
		tax = total.Mul(rate)
		return total.Add(tax), tax
	}
	return total, total.Mul(rate).Div(rate.Add(decimal.NewFromInt(1)))
}

// precision is to how many places the shop rounds.
func (r *reader) precision() int32 {
	n, err := strconv.ParseInt(cmp.Or(r.options["sale.value_precision"], "2"), 10, 32)
	if err != nil || n < 0 || n > 4 {
		return 2
	}
	return int32(n)
}
