package demo

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/elliotchance/phpserialize"
)

// sessionValue is a WooCommerce session: a serialised array whose values are serialised once more.
func sessionValue(picks []pick, who *person, email string) string {
	cart, total := &phpArray{}, int64(0)
	for _, p := range picks {
		var variation uint64
		price := p.product.price
		attributes := &phpArray{}
		if p.variant >= 0 {
			v := p.product.variants[p.variant]
			variation, price = v.id, v.price
			attributes.key("attribute_pa_weight").str(v.weight)
			if v.grind != "" {
				attributes.key("attribute_pa_grind").str(v.grind)
			}
		}
		sum := md5.Sum(fmt.Appendf(nil, "%d_%d", p.product.id, variation)) // WooCommerce's cart item keys are MD5 sums; nothing secret
		key := hex.EncodeToString(sum[:])
		amount := price * int64(p.qty)
		total += amount
		cart.key(key).sub((&phpArray{}).key("key").str(key).key("product_id").num(int64(p.product.id)).key("variation_id").num(int64(variation)).
			key("variation").sub(attributes).key("quantity").num(int64(p.qty)).key("line_subtotal").str(centsText(amount)).key("line_total").str(centsText(amount)))
	}
	customer := &phpArray{}
	for _, f := range [][2]string{{"id", "0"}, {"first_name", who.first}, {"last_name", who.last}, {"email", email},
		{"phone", who.phone}, {"address_1", who.street}, {"city", who.city}, {"postcode", who.postcode}, {"country", who.country}} {
		if email == "" && f[0] != "country" && f[0] != "id" {
			f[1] = ""
		}
		customer.key(f[0]).str(f[1])
	}
	totals := (&phpArray{}).key("total").str(centsText(total))
	return (&phpArray{}).key("cart").str(cart.String()).key("cart_totals").str(totals.String()).key("customer").str(customer.String()).String()
}

// readCart reads the picks back out of a session. What is no longer sold is left out.
func readCart(goods *assortment, value string) ([]pick, error) {
	outer, err := phpserialize.UnmarshalAssociativeArray([]byte(value))
	if err != nil {
		return nil, fmt.Errorf("demo: read a cart's session: %w", err)
	}
	text, _ := outer["cart"].(string)
	if text == "" {
		return nil, nil
	}
	items, err := phpserialize.UnmarshalAssociativeArray([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("demo: read a cart: %w", err)
	}
	var picks []pick
	for _, i := range items {
		fields, _ := i.(map[any]any)
		product, _ := strconv.ParseUint(fmt.Sprint(fields["product_id"]), 10, 64)
		variation, _ := strconv.ParseUint(fmt.Sprint(fields["variation_id"]), 10, 64)
		qty, _ := strconv.Atoi(fmt.Sprint(fields["quantity"]))
		if p, variant, ok := goods.lookUp(product, variation); ok && qty > 0 {
			picks = append(picks, pick{p, variant, qty})
		}
	}
	return sortPicks(picks), nil
}
