package demo

import (
	"strconv"
	"time"
)

// Version is the WooCommerce version that the demo shop says it runs.
const Version = "11.0.1"

// A taxRate is a row of woocommerce_tax_rates; the id is its place in taxRates, from 1.
type taxRate struct {
	country string
	points  int64 // basis points
	reduced bool
	name    string
}

// taxRates are the EU countries the shop sells to. Britain and Russia are exports, without VAT.
func taxRates() []taxRate {
	return []taxRate{
		{"SI", 2200, false, "DDV"}, {"SI", 950, true, "DDV"},
		{"DE", 1900, false, "MwSt."}, {"DE", 700, true, "MwSt."},
		{"AT", 2000, false, "USt."}, {"AT", 1000, true, "USt."},
		{"HR", 2500, false, "PDV"}, {"HR", 1300, true, "PDV"},
		{"IT", 2200, false, "IVA"}, {"IT", 1000, true, "IVA"},
	}
}

// taxFor returns the rate's id and basis points; 0, 0 for an export.
func taxFor(country string, reduced bool) (id int64, points int64) {
	for i, r := range taxRates() {
		if r.country == country && r.reduced == reduced {
			return int64(i) + 1, r.points
		}
	}
	return 0, 0
}

// within is the tax that a gross amount contains, rounded to the cent.
func within(gross, points int64) int64 {
	den := 10000 + points
	return (gross*points + den/2) / den
}

// A line of an order. Amounts are in cents of the order's currency; gross is with tax.
type line struct {
	item     uint64 // order_item_id
	product  *product
	variant  int // -1: none
	qty      int64
	subtotal int64 // gross, before the coupon
	gross    int64 // after it
	subTax   int64
	tax      int64
	rate     int64
	stored   *storedLine // set instead of product on a line read back from the tables
}

// A storedLine is what a line in the tables says of its product, which may be gone.
type storedLine struct {
	name               string
	product, variation uint64
}

func (l *line) ids() (product, variation uint64) {
	if l.stored != nil {
		return l.stored.product, l.stored.variation
	}
	if l.variant >= 0 {
		variation = l.product.variants[l.variant].id
	}
	return l.product.id, variation
}

func (l *line) name() string {
	if l.stored != nil {
		return l.stored.name
	}
	if l.variant >= 0 {
		return l.product.variants[l.variant].name
	}
	return l.product.name
}

// A coupon and what it took off. rate is in basis points; a fixed coupon has an amount in cents instead.
type coupon struct {
	code   string
	rate   int64
	amount int64
}

// An order as it is written to the tables. Times are Unix seconds.
type order struct {
	id          uint64
	customer    uint64 // WordPress user id, 0 for a guest
	who         *person
	email       string // as typed at the checkout
	key         string
	currency    string
	created     int64
	fate        fate
	via         string
	method      string
	methodTitle string
	transaction string
	note        string
	lines       []line
	shipping    int64 // gross
	shippingTax int64
	shipRate    int64
	coupon      *coupon
	source      string // utm_source; empty for a direct visit
	medium      string
	campaign    string
	shipItem    uint64
	taxItems    []taxItem
	couponItem  uint64
}

type taxItem struct {
	item     uint64
	rate     int64
	cart     int64
	shipping int64
}

// priced works out the lines of an order: prices, coupon, taxes, shipping. factor turns euros into the order's currency.
func (o *order) priced(picks []pick) {
	factor := int64(100)
	if o.currency == "GBP" {
		factor = 86
	}
	var goods int64
	o.lines = o.lines[:0]
	for _, p := range picks {
		price := p.product.price
		if p.variant >= 0 {
			price = p.product.variants[p.variant].price
		}
		l := line{product: p.product, variant: p.variant, qty: int64(p.qty), subtotal: (price*factor + 50) / 100 * int64(p.qty)}
		goods += l.subtotal
		o.lines = append(o.lines, l)
	}
	after := int64(0)
	for i := range o.lines {
		l := &o.lines[i]
		l.gross = l.subtotal
		if c := o.coupon; c != nil {
			if c.rate > 0 {
				l.gross -= (l.subtotal*c.rate + 5000) / 10000
			} else {
				l.gross -= min(c.amount*l.subtotal/goods, l.subtotal)
			}
		}
		var points int64
		l.rate, points = taxFor(o.who.country, l.product.reduced)
		l.subTax, l.tax = within(l.subtotal, points), within(l.gross, points)
		after += l.gross
	}
	o.shipping = 390
	switch o.who.country {
	case "SI":
		if after >= 4000 {
			o.shipping = 0
		}
	case "AT", "DE", "HR", "IT":
		o.shipping = 890
		if after >= 8000 {
			o.shipping = 0
		}
	case "RU":
		o.shipping = 2400
	default:
		o.shipping = 1250
	}
	rate, points := taxFor(o.who.country, false)
	o.shipRate, o.shippingTax = rate, within(o.shipping, points)
	o.taxItems = o.taxItems[:0]
	for _, l := range o.lines {
		o.tax(l.rate, l.tax, 0)
	}
	if o.shippingTax > 0 {
		o.tax(o.shipRate, 0, o.shippingTax)
	}
}

func (o *order) tax(rate, cart, shipping int64) {
	if rate == 0 {
		return
	}
	for i := range o.taxItems {
		if o.taxItems[i].rate == rate {
			o.taxItems[i].cart += cart
			o.taxItems[i].shipping += shipping
			return
		}
	}
	o.taxItems = append(o.taxItems, taxItem{rate: rate, cart: cart, shipping: shipping})
}

// total is what the customer pays.
func (o *order) total() int64 {
	sum := o.shipping
	for _, l := range o.lines {
		sum += l.gross
	}
	return sum
}

func (o *order) cartTax() int64 {
	var sum int64
	for _, l := range o.lines {
		sum += l.tax
	}
	return sum
}

// discount is what the coupon took off, without and of tax.
func (o *order) discount() (net, tax int64) {
	for _, l := range o.lines {
		tax += l.subTax - l.tax
		net += l.subtotal - l.gross - (l.subTax - l.tax)
	}
	return net, tax
}

// counters give keys in bulk; zero counters leave them to the database.
type counters struct {
	item, itemMeta, address, operational, orderMeta uint64
	bulk                                            bool
}

func (c *counters) next(n *uint64) uint64 {
	if !c.bulk {
		return 0
	}
	*n++
	return *n
}

// numberItems gives every item of the order its key, in the order WooCommerce creates them.
func (o *order) numberItems(next func(name, kind string) (uint64, error)) error {
	var err error
	for i := range o.lines {
		if o.lines[i].item, err = next(o.lines[i].name(), "line_item"); err != nil {
			return err
		}
	}
	if o.shipItem, err = next("Delivery", "shipping"); err != nil {
		return err
	}
	for i := range o.taxItems {
		rate := taxRates()[o.taxItems[i].rate-1]
		if o.taxItems[i].item, err = next(rate.country+"-"+rate.name+"-"+strconv.FormatInt(o.taxItems[i].rate, 10), "tax"); err != nil {
			return err
		}
	}
	if o.coupon != nil {
		o.couponItem, err = next(o.coupon.code, "coupon")
	}
	return err
}

// stub writes the placeholder that an order leaves in posts when orders have tables of their own.
func stub(w *writer, id uint64, created int64, zone *time.Location, title string) {
	t := time.Unix(created, 0)
	b := w.row(tPosts).id(id).num(1).clock(t.In(zone)).clock(t.UTC()).str("").str(title).str("").str("draft").str("closed").str("closed").
		str("").str("").str("").clock(t.In(zone)).clock(t.UTC()).str("").num(0).str("").num(0).str("shop_order_placehold").str("")
	w.end(b)
}

// write puts the order's rows into the writer, all but the stub and the items.
func (o *order) write(w *writer, c *counters) {
	address := func(kind string) {
		b := w.row(tAddresses).id(c.next(&c.address)).id(o.id).str(kind).str(o.who.first).str(o.who.last).str(o.who.company).str(o.who.street).
			str(o.who.city).str(o.who.postcode).str(o.who.country)
		if kind == "billing" {
			b.str(o.email).str(o.who.phone)
		} else {
			b.null().null()
		}
		w.end(b)
	}
	ip := "203.0.113." + strconv.FormatUint(1+o.who.number%254, 10)
	b := w.row(tOrders).id(o.id).str(o.fate.status).str(o.currency).str("shop_order").cents(o.cartTax()).cents(o.total())
	w.end(b.num(int64(o.customer)).str(o.email).at(o.created).at(max(o.fate.updatedAt, o.created)).num(0).str(o.method).str(o.methodTitle).
		str(o.transaction).str(ip).str("Mozilla/5.0").str(o.note))
	address("billing")
	address("shipping")
	discount, discountTax := o.discount()
	paid := int64(0)
	if o.fate.paidAt > 0 {
		paid = 1
	}
	b = w.row(tOperational).id(c.next(&c.operational)).id(o.id).str(o.via).str(Version).num(1).num(paid).num(paid).str("").num(paid).str(o.key).num(paid)
	w.end(b.at(o.fate.paidAt).at(o.fate.completedAt).cents(o.shippingTax).cents(o.shipping - o.shippingTax).cents(discountTax).cents(discount).num(paid))
	o.writeMeta(w, c)
	o.writeItemMeta(w, c)
}

func (o *order) writeMeta(w *writer, c *counters) {
	meta := func(key, value string) {
		w.end(w.row(tOrderMeta).id(c.next(&c.orderMeta)).id(o.id).str(key).str(value))
	}
	meta("is_vat_exempt", "no")
	if o.customer == 0 && o.who.subscribe != "" {
		meta("mailchimp_woocommerce_is_subscribed", o.who.subscribe)
	}
	if o.fate.status == statusTrash {
		meta("_wp_trash_meta_status", statusCompleted)
		meta("_wp_trash_meta_time", strconv.FormatInt(o.fate.updatedAt, 10))
	}
	if o.source != "" {
		meta("_wc_order_attribution_source_type", "utm")
		meta("_wc_order_attribution_utm_source", o.source)
		if o.medium != "" {
			meta("_wc_order_attribution_utm_medium", o.medium)
		}
		if o.campaign != "" {
			meta("_wc_order_attribution_utm_campaign", o.campaign)
		}
	}
}

func (o *order) writeItemMeta(w *writer, c *counters) {
	var item uint64
	meta := func(key, value string) {
		w.end(w.row(tItemMeta).id(c.next(&c.itemMeta)).id(item).str(key).str(value))
	}
	for i := range o.lines {
		l := &o.lines[i]
		item = l.item
		product, variation := l.ids()
		meta("_product_id", strconv.FormatUint(product, 10))
		meta("_variation_id", strconv.FormatUint(variation, 10))
		meta("_qty", strconv.FormatInt(l.qty, 10))
		class := ""
		if l.product.reduced {
			class = "reduced-rate"
		}
		meta("_tax_class", class)
		l.writeAmounts(meta, 1)
		if l.variant >= 0 {
			v := l.product.variants[l.variant]
			meta("pa_weight", v.weight)
			if v.grind != "" {
				meta("pa_grind", v.grind)
			}
		}
	}
	item = o.shipItem
	meta("method_id", "flat_rate")
	meta("instance_id", "1")
	meta("cost", centsText(o.shipping-o.shippingTax))
	meta("total_tax", centsText(o.shippingTax))
	taxes := &phpArray{}
	if o.shippingTax > 0 {
		taxes.index(o.shipRate).str(centsText(o.shippingTax))
	}
	meta("taxes", (&phpArray{}).key("total").sub(taxes).String())
	for _, t := range o.taxItems {
		item = t.item
		rate := taxRates()[t.rate-1]
		meta("rate_id", strconv.FormatInt(t.rate, 10))
		meta("label", rate.name)
		meta("compound", "")
		meta("tax_amount", centsText(t.cart))
		meta("shipping_tax_amount", centsText(t.shipping))
		meta("rate_percent", strconv.FormatFloat(float64(rate.points)/100, 'f', -1, 64))
	}
	if o.coupon != nil {
		item = o.couponItem
		net, tax := o.discount()
		meta("discount_amount", centsText(net))
		meta("discount_amount_tax", centsText(tax))
	}
}

// writeAmounts writes the money of a line, or with sign -1 of its refund.
func (l *line) writeAmounts(meta func(key, value string), sign int64) {
	meta("_line_subtotal", centsText(sign*(l.subtotal-l.subTax)))
	meta("_line_subtotal_tax", centsText(sign*l.subTax))
	meta("_line_total", centsText(sign*(l.gross-l.tax)))
	meta("_line_tax", centsText(sign*l.tax))
	total, sub := &phpArray{}, &phpArray{}
	if l.rate > 0 {
		total.index(l.rate).str(centsText(sign * l.tax))
		sub.index(l.rate).str(centsText(sign * l.subTax))
	}
	meta("_line_tax_data", (&phpArray{}).key("total").sub(total).key("subtotal").sub(sub).String())
}

// A refund is a child order with negative amounts. Without lines it gives back an amount, as a whole refund does.
type refund struct {
	id       uint64
	parent   uint64
	currency string
	created  int64
	amount   int64 // positive
	tax      int64 // of it
	reason   string
	by       uint64 // the user who did it
	kind     string // "full" or "partial"
	lines    []line // what came back; item is the line of the parent
}

// part returns the refund of qty of a line of which before pieces came back earlier. However a line is divided, its parts
// add up to the line to the cent.
func (l *line) part(before, qty int64) line {
	share := func(n int64) int64 { return n*(before+qty)/l.qty - n*before/l.qty }
	back := *l
	back.qty = qty
	back.subtotal, back.gross = share(l.subtotal), share(l.gross)
	back.subTax, back.tax = share(l.subTax), share(l.tax)
	return back
}

func (r *refund) sum() {
	if len(r.lines) == 0 {
		return
	}
	r.amount, r.tax = 0, 0
	for _, l := range r.lines {
		r.amount += l.gross
		r.tax += l.tax
	}
}

// write puts the refund's rows into the writer. next makes the keys of its items.
func (r *refund) write(w *writer, c *counters, next func(name, kind string) (uint64, error)) error {
	b := w.row(tOrders).id(r.id).str(statusCompleted).str(r.currency).str("shop_order_refund").cents(-r.tax).cents(-r.amount)
	w.end(b.null().null().at(r.created).at(r.created).id(r.parent).null().null().null().null().null().null())
	b = w.row(tOperational).id(c.next(&c.operational)).id(r.id).null().str(Version).num(1).null().null().null().null().null().null()
	w.end(b.null().null().cents(0).cents(0).cents(0).cents(0).null())
	for _, m := range [][2]string{{"_refund_amount", centsText(r.amount)}, {"_refund_reason", r.reason}, {"_refunded_by", strconv.FormatUint(r.by, 10)},
		{"_refunded_payment", "1"}, {"_refund_type", r.kind}} {
		w.end(w.row(tOrderMeta).id(c.next(&c.orderMeta)).id(r.id).str(m[0]).str(m[1]))
	}
	for i := range r.lines {
		l := &r.lines[i]
		item, err := next(l.name(), "line_item")
		if err != nil {
			return err
		}
		meta := func(key, value string) {
			w.end(w.row(tItemMeta).id(c.next(&c.itemMeta)).id(item).str(key).str(value))
		}
		product, variation := l.ids()
		meta("_product_id", strconv.FormatUint(product, 10))
		meta("_variation_id", strconv.FormatUint(variation, 10))
		meta("_qty", strconv.FormatInt(-l.qty, 10))
		l.writeAmounts(meta, -1)
		meta("_refunded_item_id", strconv.FormatUint(l.item, 10))
	}
	return nil
}
