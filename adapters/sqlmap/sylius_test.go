package sqlmap_test

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/adaptertest"
)

// sylius writes what Sylius writes, as far as it is read.
type sylius struct{}

const zeroDate = "0000-00-00 00:00:00"

// local is a time as PHP writes it in the story's shop.
func local(t time.Time) string {
	if t.IsZero() {
		return zeroDate
	}
	return t.In(ljubljana).Format(time.DateTime)
}

var ljubljana = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Ljubljana")
	if err != nil {
		panic(err)
	}
	return zone
}()

func orNull(s string) any {
	if s == "" || s == zeroDate {
		return nil
	}
	return s
}

// cents is an amount in Sylius: a whole number, rounded.
func cents(amount string) int64 {
	if amount == "" {
		return 0
	}
	return decimal.RequireFromString(amount).Shift(2).Round(0).IntPart()
}

var syliusColumns = map[string]string{
	"channel":                     "id, code, name, hostname, base_currency_id, default_locale_id, enabled",
	"currency":                    "id, code",
	"locale":                      "id, code",
	"customer":                    "id, email, email_canonical, first_name, last_name, phone_number, default_address_id, subscribed_to_newsletter, created_at, updated_at",
	"shop_user":                   "customer_id, username, enabled, created_at",
	"address":                     "id, customer_id, first_name, last_name, phone_number, street, company, city, postcode, country_code, province_code, created_at",
	"product":                     "id, code, main_taxon_id, enabled, created_at, updated_at",
	"product_translation":         "translatable_id, locale, name, slug",
	"product_image":               "owner_id, type, path",
	"product_channels":            "product_id, channel_id",
	"product_taxon":               "product_id, taxon_id, position",
	"product_variant":             "id, product_id, code, position, enabled, tracked, on_hand, on_hold, created_at",
	"product_variant_translation": "translatable_id, locale, name",
	"channel_pricing":             "product_variant_id, channel_code, price, original_price",
	"taxon":                       "id, parent_id, code, enabled, created_at",
	"taxon_translation":           "translatable_id, locale, name, slug",
	"order":                       "id, number, state, checkout_state, payment_state, shipping_state, customer_id, created_by_guest, billing_address_id, shipping_address_id, promotion_coupon_id, currency_code, locale_code, items_total, adjustments_total, total, checkout_completed_at, created_at, updated_at",
	"order_item":                  "id, order_id, variant_id, quantity, unit_price, total, product_name, variant_name",
	"order_item_unit":             "id, order_item_id, created_at",
	"adjustment":                  "order_id, order_item_id, order_item_unit_id, shipment_id, type, amount, is_neutral, created_at",
	"promotion_coupon":            "id, code",
	"payment":                     "order_id, currency_code, amount, state, created_at, updated_at",
	"shipment":                    "id, order_id, state, shipped_at, created_at",
}

// told is a story being written.
type told struct {
	adaptertest.Batch
	ctx    context.Context
	db     adaptertest.DB
	people map[string]int64 // rows of customers that this story writes, by canonical address
	wants  map[string]bool  // who wants the newsletter
}

func (sylius) batch(ctx context.Context, db adaptertest.DB) *told {
	return &told{adaptertest.Batch{Prefix: "sylius_", Columns: syliusColumns}, ctx, db, map[string]int64{}, map[string]bool{}}
}

func (s sylius) Seed(ctx context.Context, db adaptertest.DB, story adaptertest.Story) error {
	b := s.batch(ctx, db)
	for _, a := range story.Answers {
		b.wants[strings.ToLower(a.Email)] = a.Consent == adapters.Subscribed
	}
	if story.Site.Name != "" {
		b.site(story.Site)
	}
	for _, c := range story.Categories {
		parent := any(c.Parent)
		if c.Parent == 0 || c.Parent == 99 { // the database lets no taxon point to one that is gone
			parent = nil
		}
		b.Add("taxon", c.ID, parent, c.Slug, 1, local(adaptertest.Now()))
		b.Add("taxon_translation", c.ID, "en_US", "In English: "+c.Name, "en-"+c.Slug) // of another language
		b.Add("taxon_translation", c.ID, "sl_SI", c.Name, c.Slug)
	}
	for _, p := range story.Products {
		if p.Visibility != adaptertest.Binned { // there is no bin
			b.product(p)
		}
	}
	for _, c := range story.Customers {
		b.account(c)
	}
	for _, o := range story.Orders {
		if o.Binned {
			continue
		}
		if err := b.order(o); err != nil {
			return err
		}
	}
	for _, c := range story.Carts {
		if c.Ordered || c.WishList { // a cart that was ordered is the order; Sylius has no wish lists
			continue
		}
		if err := b.cart(c); err != nil {
			return err
		}
	}
	for i, a := range story.Answers { // who has no account is a guest's row, as a sign-up form makes it
		if _, err := b.person(a.Email, "", 40_000+int64(i)); err != nil {
			return err
		}
	}
	return b.Write(ctx, db)
}

func (b *told) site(site adaptertest.Site) {
	b.Add("currency", 3, "GBP")
	b.Add("currency", 4, site.Currency)
	b.Add("locale", 5, "en_US")
	b.Add("locale", 6, site.Locale)
	b.Add("channel", 1, "default", site.Name, strings.TrimPrefix(site.URL, "https://"), 4, 6, 1)
	b.Add("channel", 2, "wholesale", "For resellers", "b2b.example", 3, 5, 1) // another channel of the same shop
	// A product with orders cannot be deleted, so it is switched off.
	b.Add("product", 1098, "TIN", nil, 0, local(adaptertest.Now()), nil)
	b.Add("product_translation", 1098, "sl_SI", "A tin", "tin")
	for _, id := range []int64{1198, 1199} {
		b.Add("product_variant", id, 1098, fmt.Sprintf("TIN-%d", id), 0, 1, 0, 0, 0, local(adaptertest.Now()))
	}
}

// simple is the only variant of a product without options.
func simple(product int64) int64 { return product + 5_000 }

func (b *told) product(p adaptertest.Product) {
	created := local(p.Created)
	if p.Broken {
		created = "2023-00-15 10:00:00" // whole numbers cannot be broken, dates can
	}
	enabled := 1
	if p.Visibility == adaptertest.Draft {
		enabled = 0
	}
	var main any
	if len(p.Categories) > 0 {
		main = p.Categories[0]
	}
	b.Add("product", p.ID, cmp.Or(p.SKU, "not-yet"), main, enabled, created, orNull(local(p.Changed)))
	b.Add("product_translation", p.ID, "en_US", "In English: "+p.Name, "en-"+p.Slug)
	b.Add("product_translation", p.ID, "sl_SI", p.Name, p.Slug)
	if p.Visibility != adaptertest.Hidden { // hidden is what no channel shows
		b.Add("product_channels", p.ID, 1)
		b.Add("product_channels", p.ID, 2)
	}
	for i, c := range p.Categories {
		if p.ID != 1006 { // the main taxon need not be among the others
			b.Add("product_taxon", p.ID, c, i)
		}
	}
	if p.Image != "" {
		b.Add("product_image", p.ID, "main", p.Image)
		b.Add("product_image", p.ID, "thumbnail", "2024/03/another.jpg")
	}
	for i, v := range p.Variants {
		var names []string
		for n, slug := range v.Values {
			values := p.Attributes[n].Values
			names = append(names, values[slices.IndexFunc(values, func(v adaptertest.Value) bool { return v.Slug == slug })].Name)
		}
		b.variant(p, v, i, strings.Join(names, ", "))
	}
	if len(p.Variants) == 0 {
		b.variant(p, adaptertest.Variant{ID: simple(p.ID), SKU: cmp.Or(p.SKU, "not-yet"), Price: p.Price, Regular: p.Regular, Stock: p.Stock, Quantity: p.Quantity}, 0, "")
		// A variant that was switched off makes no product with a choice.
		b.Add("product_variant", simple(p.ID)+1_000, p.ID, fmt.Sprintf("off-%d", p.ID), 1, 0, 0, 0, 0, created)
	}
}

func (b *told) variant(p adaptertest.Product, v adaptertest.Variant, position int, name string) {
	const held = 2 // by orders that are not sent yet
	tracked, hand := 0, int64(0)
	if v.Quantity != "" || v.Stock == adapters.OutOfStock {
		tracked, hand = 1, held+max(0, cents(v.Quantity)/100)
	}
	b.Add("product_variant", v.ID, p.ID, v.SKU, position, 1, tracked, hand, held, local(p.Created))
	b.Add("product_variant_translation", v.ID, "en_US", "In English: "+name)
	b.Add("product_variant_translation", v.ID, "sl_SI", orNull(name))
	var price, original any // a variant may have no price in a channel
	if v.Price != "" {
		price = cents(v.Price)
	}
	if v.Regular != "" {
		original = cents(v.Regular)
	}
	b.Add("channel_pricing", v.ID, "default", price, original)
	b.Add("channel_pricing", v.ID, "wholesale", 1, 2)
}

// account is a customer with a login. Deleting an account takes the login away, and leaves the customer as a guest.
func (b *told) account(c adaptertest.Customer) {
	first := c.Registered
	if !first.IsZero() {
		first = first.AddDate(0, -1, 0) // as a guest, before there was an account
	}
	var home any
	if c.Company != "" || c.Address != (adapters.Address{}) {
		home = 1_000_000 + c.ID
		b.address(1_000_000+c.ID, c.ID, c.FirstName, c.LastName, c.Company, "", c.Address)
	}
	canonical := strings.ToLower(c.Email)
	b.people[canonical] = c.ID
	b.Add("customer", c.ID, c.Email, canonical, orNull(c.FirstName), orNull(c.LastName), orNull(c.Phone), home, b.wants[canonical], local(first), orNull(local(c.Changed)))
	if !c.Deleted {
		b.Add("shop_user", c.ID, canonical, 1, local(c.Registered))
	}
}

func (b *told) address(id int64, customer any, first, last, company, phone string, a adapters.Address) {
	b.Add("address", id, customer, first, last, orNull(phone), a.Line1, orNull(company), a.City, a.Postcode, a.Country, orNull(a.Region), local(adaptertest.Now()))
}

// person is the row of customers with an address, which is made where there is none: one address, one row.
func (b *told) person(email, first string, id int64) (int64, error) {
	canonical := strings.ToLower(email)
	if known, ok := b.people[canonical]; ok {
		return known, nil
	}
	var there int64
	err := b.db.QueryRowContext(b.ctx, "SELECT id FROM sylius_customer WHERE email_canonical = ?", canonical).Scan(&there)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		there = id
		b.Add("customer", id, email, canonical, orNull(first), nil, nil, nil, b.wants[canonical], local(adaptertest.Now()), nil)
	case err != nil:
		return 0, err
	}
	b.people[canonical] = there
	return there, nil
}

// states are those of an order, its payment and its shipping.
func states(o adaptertest.Order) (order, payment, shipping string) {
	switch o.Status {
	case adapters.StatusCompleted:
		return "fulfilled", "paid", "shipped"
	case adapters.StatusPaid:
		return "new", "paid", "ready"
	case adapters.StatusCancelled:
		return "cancelled", "cancelled", "cancelled"
	case adapters.StatusRefunded:
		return "fulfilled", "refunded", "shipped"
	case adapters.StatusOther: // a state that the shop added to the machine
		return o.RawStatus, "paid", "ready"
	}
	if cents(o.Total) == 0 { // what costs nothing is paid at once
		return "new", "paid", "ready"
	}
	return "new", "awaiting_payment", "ready" // also after a payment has failed
}

func (b *told) order(o adaptertest.Order) error {
	state, payment, shipping := states(o)
	checkout, guest := "completed", 1
	var customer any
	switch {
	case o.CustomerID > 0:
		customer, guest = o.CustomerID, 0
	case o.FormerID > 0: // the order of an account: the row lost its login since
		guest = 0
		fallthrough
	case o.Email != "":
		id := 20_000 + o.ID
		if o.FormerID > 0 {
			id = o.FormerID
		}
		id, err := b.person(o.Email, o.FirstName, id)
		if err != nil {
			return err
		}
		customer = id
	}
	if o.Draft { // a checkout that was begun: a cart
		state, payment, shipping, checkout = "cart", "cart", "cart", "addressed"
	}
	began := o.Placed
	if !began.IsZero() {
		began = began.AddDate(0, 0, -1) // the cart was
	}
	currency, number := o.Currency, any(cmp.Or(o.Number, fmt.Sprintf("%09d", o.ID)))
	if o.Broken {
		currency = "??"
	}
	placed := orNull(local(o.Placed))
	if o.Draft {
		number, placed = nil, nil
	}
	var billing any
	if o.FirstName+o.LastName+o.Phone != "" || o.Address != (adapters.Address{}) {
		billing = 10 * o.ID
		b.address(10*o.ID, nil, o.FirstName, o.LastName, o.Company, o.Phone, o.Address)
	}
	b.address(10*o.ID+1, nil, "Somebody", "Else", "", "000", adapters.Address{City: "Elsewhere", Country: "AT"}) // where it is sent
	var coupon any
	for i, code := range o.Coupons {
		coupon = 10*o.ID + int64(i)
		b.Add("promotion_coupon", coupon, code)
	}
	b.charges(o)
	b.Add("order", o.ID, number, state, checkout, payment, shipping, customer, guest, billing, 10*o.ID+1, coupon, currency, cmp.Or(o.Locale, "en_US"),
		cents(o.Total)-cents(o.Shipping)-cents(o.ShippingTax), cents(o.Shipping)+cents(o.ShippingTax), cents(o.Total), placed, local(began), orNull(local(o.Changed)))
	b.payments(o, payment)
	shipped := any(nil)
	if o.Status == adapters.StatusCompleted {
		shipped = orNull(local(o.Completed))
	}
	if o.Status == adapters.StatusRefunded {
		shipped = nil
	}
	b.Add("shipment", o.ID, o.ID, shipping, shipped, local(o.Placed))
	return nil
}

// charges writes the lines and what is laid on the order, its lines and its pieces. Prices include tax here, so taxes are
// neutral; shipping's belong to the shipment and the order.
func (b *told) charges(o adaptertest.Order) {
	at := local(o.Placed)
	if o.Shipping != "" {
		b.Add("adjustment", o.ID, nil, nil, o.ID, "shipping", cents(o.Shipping)+cents(o.ShippingTax), 0, at)
		b.Add("adjustment", o.ID, nil, nil, o.ID, "tax", cents(o.ShippingTax), 1, at)
	}
	for i, l := range o.Lines {
		if l.ProductID == 0 { // what is no product is laid on the order
			b.Add("adjustment", o.ID, nil, nil, nil, "wrapping", cents(l.Net), 0, at)
			continue
		}
		b.line(o.ID, l, at)
		if i == 0 && o.Discount != "" { // a discount on the order is laid on pieces
			b.Add("adjustment", nil, nil, 10*l.ID, nil, "order_promotion", -cents(o.Discount)+50, 0, at)
			b.Add("adjustment", nil, l.ID, nil, nil, "order_item_promotion", -50, 0, at)
		}
	}
}

func variantOf(l adaptertest.Line) int64 {
	if l.VariantID == 0 {
		return simple(l.ProductID)
	}
	return l.VariantID
}

func gross(l adaptertest.Line) int64 {
	return decimal.RequireFromString(l.Net).Add(decimal.RequireFromString(l.Tax)).Shift(2).Round(0).IntPart()
}

func (b *told) line(order int64, l adaptertest.Line, at string) {
	pieces := max(1, cents(l.Quantity)/100) // whole ones
	total, tax := gross(l), cents(l.Tax)
	product, variant, _ := strings.Cut(l.Name, ", ") // the names of both are copied
	b.Add("order_item", l.ID, order, variantOf(l), pieces, total/pieces, total, product, orNull(variant))
	for i := range pieces {
		b.Add("order_item_unit", 10*l.ID+i, l.ID, at)
		amount := tax / pieces
		if i == 0 {
			amount += tax % pieces
		}
		if tax > 0 {
			b.Add("adjustment", nil, nil, 10*l.ID+i, nil, "tax", amount, 1, at)
		}
	}
}

func (b *told) payments(o adaptertest.Order, payment string) {
	add := func(state string, changed time.Time) {
		b.Add("payment", o.ID, o.Currency, cents(o.Total), state, local(o.Placed), orNull(local(changed)))
	}
	switch {
	case payment == "refunded":
		add("refunded", o.Changed)
	case !o.Paid.IsZero():
		add("failed", o.Paid.Add(-time.Minute)) // the first attempt
		add("completed", o.Paid)
	case o.Status == adapters.StatusFailed:
		add("failed", o.Changed)
		add("new", o.Changed)
	case payment == "awaiting_payment":
		add("new", o.Changed)
	}
}

// cart is a row of orders. Its number is one from before the story's orders, as carts are from before they are ordered.
func (b *told) cart(c adaptertest.Cart) error {
	id := c.ID - 5_000
	var customer any
	guest := 1
	switch {
	case c.CustomerID > 0:
		customer, guest = c.CustomerID, 0
	case c.Email != "":
		person, err := b.person(c.Email, "", 50_000+c.ID)
		if err != nil {
			return err
		}
		customer = person
	}
	for _, l := range c.Lines {
		b.Add("order_item", l.ID, id, variantOf(l), cents(l.Quantity)/100, gross(l), gross(l), nil, nil) // names are copied when it is ordered
	}
	b.Add("order", id, nil, "cart", "cart", "cart", "cart", customer, guest, nil, nil, nil, c.Currency, "sl_SI", 0, 0, 0, nil, local(c.Created), orNull(local(c.Changed)))
	return nil
}

// Change leaves the traces that Sylius leaves: a new price moves no time at all, an edited address only its own.
func (s sylius) Change(ctx context.Context, db adaptertest.DB, c adaptertest.Change) error {
	run := func(statement string, args ...any) error {
		_, err := db.ExecContext(ctx, statement, args...)
		return err
	}
	at := local(c.At)
	switch {
	case c.Line != nil:
		b := s.batch(ctx, db)
		b.line(c.OrderID, *c.Line, at)
		return b.Write(ctx, db)
	case c.Status != "":
		state, payment, shipping := states(adaptertest.Order{Status: c.Status, Total: "1"})
		return run("UPDATE sylius_order SET state = ?, payment_state = ?, shipping_state = ?, updated_at = ? WHERE id = ?", state, payment, shipping, at, c.OrderID)
	case c.Delete: // by hand: Sylius itself deletes no order
		for _, statement := range []string{
			"DELETE d FROM sylius_adjustment d JOIN sylius_order_item_unit n ON n.id = d.order_item_unit_id JOIN sylius_order_item i ON i.id = n.order_item_id WHERE i.order_id = ?",
			"DELETE FROM sylius_adjustment WHERE order_id = ?", "DELETE FROM sylius_order_item WHERE order_id = ?",
			"DELETE FROM sylius_payment WHERE order_id = ?", "DELETE FROM sylius_shipment WHERE order_id = ?", "DELETE FROM sylius_order WHERE id = ?",
		} {
			if err := run(statement, c.OrderID); err != nil {
				return err
			}
		}
		return nil
	case c.Phone != "":
		return run("UPDATE sylius_address a JOIN sylius_order o ON o.billing_address_id = a.id SET a.phone_number = ?, a.updated_at = ? WHERE o.id = ?", c.Phone, at, c.OrderID)
	case c.ProductID > 0:
		return run("UPDATE sylius_channel_pricing SET price = ? WHERE product_variant_id = ? AND channel_code = 'default'", cents(c.Price), simple(c.ProductID))
	case c.CustomerID > 0:
		return run("UPDATE sylius_customer SET last_name = ?, updated_at = ? WHERE id = ?", c.LastName, at, c.CustomerID)
	}
	return fmt.Errorf("nothing to change in %+v", c)
}
