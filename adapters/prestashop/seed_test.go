package prestashop_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/adaptertest"
)

// seeder writes what PrestaShop writes, as far as it is read, and beside it what must not be read.
type seeder struct {
	version     string
	prefix      string
	shops       int   // 2: the second sells the same products at other prices, under other names
	sharedStock bool  // the two have one stock
	states      int64 // the ids of the states of orders begin behind this one: they are not the same in every shop
}

func (s seeder) since(version string) bool { return s.version >= version }

const zeroDate = "0000-00-00 00:00:00"

// when is a time as the database server writes it.
func when(t time.Time) string {
	if t.IsZero() {
		return zeroDate
	}
	return t.UTC().Format("2006-01-02 15:04:05")
}

// local is a time as PHP writes it, in the shop's zone.
func local(t time.Time) string {
	if t.IsZero() {
		return zeroDate
	}
	zone, err := time.LoadLocation("Europe/Ljubljana")
	if err != nil {
		panic(err)
	}
	return t.In(zone).Format("2006-01-02 15:04:05")
}

var columns = map[string]string{
	"configuration":                 "name, value, id_shop_group, id_shop",
	"shop_group":                    "id_shop_group, name, share_customer, share_order, share_stock, active",
	"shop":                          "id_shop, id_shop_group, name, id_category, active",
	"shop_url":                      "id_shop_url, id_shop, domain, domain_ssl, physical_uri, virtual_uri, main, active",
	"lang":                          "id_lang, name, active, iso_code, language_code",
	"currency":                      "id_currency, name, iso_code, conversion_rate, deleted, active",
	"country":                       "id_country, iso_code, active",
	"state":                         "id_state, id_country, name, iso_code",
	"group":                         "id_group, price_display_method",
	"tax":                           "id_tax, rate, active",
	"tax_rule":                      "id_tax_rules_group, id_country, id_state, zipcode_from, zipcode_to, id_tax",
	"order_state":                   "id_order_state, module_name, logable, shipped, paid, hidden, deleted",
	"order_state_lang":              "id_order_state, id_lang, name",
	"category":                      "id_category, id_parent, is_root_category, active, nleft, nright, level_depth",
	"category_lang":                 "id_category, id_shop, id_lang, name, link_rewrite",
	"category_product":              "id_category, id_product",
	"product":                       "id_product, reference, price, active, visibility, available_for_order, id_tax_rules_group, date_add, date_upd",
	"product_shop":                  "id_product, id_shop, price, active, visibility, available_for_order, show_price, id_tax_rules_group, date_add, date_upd",
	"product_lang":                  "id_product, id_shop, id_lang, name, link_rewrite",
	"product_attribute":             "id_product_attribute, id_product, reference, price, default_on",
	"product_attribute_shop":        "id_product, id_product_attribute, id_shop, price, default_on",
	"product_attribute_combination": "id_attribute, id_product_attribute",
	"attribute_group":               "id_attribute_group, group_type, position",
	"attribute":                     "id_attribute, id_attribute_group, position",
	"attribute_lang":                "id_attribute, id_lang, name",
	"stock_available":               "id_product, id_product_attribute, id_shop, id_shop_group, quantity, out_of_stock",
	"specific_price":                "id_product, id_product_attribute, id_shop, id_currency, id_country, id_group, id_customer, price, from_quantity, reduction, reduction_tax, reduction_type, `from`, `to`",
	"image":                         "id_image, id_product, cover",
	"image_shop":                    "id_product, id_image, id_shop, cover",
	"customer":                      "id_customer, id_shop, id_lang, company, firstname, lastname, email, newsletter, newsletter_date_add, ip_registration_newsletter, active, is_guest, deleted, date_add, date_upd, optin",
	"address":                       "id_address, id_customer, id_country, id_state, company, firstname, lastname, address1, address2, postcode, city, phone, phone_mobile, date_add, date_upd, deleted",
	"orders": "id_order, reference, id_shop, id_lang, id_customer, id_cart, id_currency, id_address_delivery, id_address_invoice, current_state, conversion_rate, valid," +
		"total_paid, total_paid_tax_incl, total_paid_tax_excl, total_paid_real, total_shipping_tax_incl, total_shipping_tax_excl, total_discounts_tax_incl, total_discounts_tax_excl, invoice_date, delivery_date, date_add, date_upd",
	"order_detail":      "id_order_detail, id_order, id_shop, product_id, product_attribute_id, product_reference, product_name, product_quantity, product_quantity_refunded, total_price_tax_incl, total_price_tax_excl",
	"order_return":      "id_order_return, id_order, state, question, date_add, date_upd",
	"order_history":     "id_order, id_order_state, date_add",
	"order_payment":     "order_reference, id_currency, amount, payment_method, date_add",
	"order_cart_rule":   "id_order, id_cart_rule, name, value, free_shipping",
	"cart_rule":         "id_cart_rule, code, date_from, date_to",
	"order_slip":        "id_order_slip, id_order, id_customer, total_products_tax_incl, total_products_tax_excl, total_shipping_tax_incl, total_shipping_tax_excl, amount, shipping_cost_amount, order_slip_type, partial, date_add, date_upd",
	"cart":              "id_cart, id_shop, id_lang, id_currency, id_customer, id_guest, date_add, date_upd",
	"cart_product":      "id_cart, id_product, id_product_attribute, id_address_delivery, quantity, date_add",
	"guest":             "id_guest, id_customer",
	"emailsubscription": "id, id_shop, email, newsletter_date_add, ip_registration_newsletter, active",
	"newsletter":        "id, id_shop, email, newsletter_date_add, ip_registration_newsletter, active",
	"wishlist":          "id_wishlist, id_customer, name, date_add, date_upd",
	"wishlist_product":  "id_wishlist, id_product, id_product_attribute, quantity",
}

type batch struct{ adaptertest.Batch }

func (s seeder) batch() *batch { return &batch{adaptertest.Batch{Prefix: s.prefix, Columns: columns}} }

// Ids that the story does not have. The main language and currency are not the first ones, as in a shop that has lived.
const (
	english, slovene, russian = 1, 2, 3
	pound, euro               = 1, 3
	visitors, wholesale       = 1, 4 // groups of customers
	vat                       = 5    // a group of tax rules
	slovenia                  = 193
	guestsAt                  = 50_000 // guests' rows, by the order they came with
	cartGuestsAt              = 60_000
	addressesAt               = 100_000 // addresses, by their order
	homesAt                   = 90_000  // by their account
)

var countries = map[string]int64{"SI": slovenia, "GB": 17, "DE": 4}

func (s seeder) Seed(ctx context.Context, db adaptertest.DB, story adaptertest.Story) error {
	b := s.batch()
	if story.Site.Name != "" {
		s.site(b, story.Site)
		s.noise(b)
	}
	for _, c := range story.Categories {
		s.category(b, c)
	}
	for _, p := range story.Products {
		s.product(b, p)
	}
	answers := map[int64]adaptertest.Answer{}
	for _, a := range story.Answers {
		answers[a.CustomerID] = a
	}
	for _, c := range story.Customers {
		s.customer(b, c, answers[c.ID])
	}
	for _, o := range story.Orders {
		s.order(b, o)
	}
	for _, c := range story.Carts {
		s.cart(b, c)
	}
	for i, a := range story.Answers {
		s.answer(b, int64(i+1), a)
	}
	if err := b.Write(ctx, db); err != nil {
		return err
	}
	if story.Site.Name == "" {
		return nil
	}
	return s.later(ctx, db)
}

// later writes rows with columns that only newer versions have.
func (s seeder) later(ctx context.Context, db adaptertest.DB) error {
	var statements []string
	if s.since("1.7.7") {
		statements = append(statements,
			// A voucher that staff took off the order again stays there, marked.
			"INSERT INTO ~order_cart_rule (id_order, id_cart_rule, name, value, free_shipping, deleted) VALUES (2001, 903, 'Taken off', 5, 1, 1)",
			// In 8 a currency tells how many decimals it has, and not all have two.
			"UPDATE ~currency SET `precision` = IF(iso_code = 'EUR', 2, 3)")
	}
	if s.since("1.7") {
		statements = append(statements,
			// A product that staff have begun and never saved.
			"INSERT INTO ~product (id_product, reference, active, state, date_add, date_upd) VALUES (1090, '', 0, 0, NOW(), NOW())",
			"INSERT INTO ~product_shop (id_product, id_shop, active, date_add, date_upd) VALUES (1090, 1, 0, NOW(), NOW())")
	}
	return s.run(ctx, db, statements...)
}

func (s seeder) run(ctx context.Context, db adaptertest.DB, statements ...string) error {
	for _, statement := range statements {
		if _, err := db.ExecContext(ctx, strings.ReplaceAll(statement, "~", s.prefix)); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}

func (s seeder) site(b *batch, site adaptertest.Site) {
	domain := strings.TrimPrefix(site.URL, "https://")
	setting := func(name, value string) { b.Add("configuration", name, value, nil, nil) }
	for name, value := range map[string]string{
		"PS_VERSION_DB": s.version, "PS_INSTALL_VERSION": "1.5.6.2", "PS_SHOP_NAME": site.Name, "PS_SHOP_DEFAULT": "1", "PS_TIMEZONE": site.Zone,
		"PS_CURRENCY_DEFAULT": fmt.Sprint(euro), "PS_LANG_DEFAULT": fmt.Sprint(slovene), "PS_COUNTRY_DEFAULT": fmt.Sprint(slovenia),
		"PS_SSL_ENABLED": "1", "PS_REWRITING_SETTINGS": "1", "PS_TAX": "1", "PS_UNIDENTIFIED_GROUP": fmt.Sprint(visitors), "PS_PRICE_DISPLAY_PRECISION": "2",
		"PS_SPECIFIC_PRICE_FEATURE_ACTIVE": "1", "PS_SPECIFIC_PRICE_PRIORITIES": "id_shop;id_currency;id_country;id_group",
		"PS_STOCK_MANAGEMENT": "1", "PS_ORDER_OUT_OF_STOCK": "0", "NW_VERIFICATION_EMAIL": "1",
		"PS_OS_CHEQUE": s.state(cheque), "PS_OS_BANKWIRE": s.state(bankwire), "PS_OS_CANCELED": s.state(cancelled), "PS_OS_REFUND": s.state(refunded), "PS_OS_ERROR": s.state(failed),
		"PS_OS_PAYMENT": s.state(accepted), "PS_OS_SHIPPING": s.state(shipped), "PS_OS_DELIVERED": s.state(delivered),
	} {
		setting(name, value)
	}
	// A setting may be another for one shop, or for a group: neither is this shop's.
	b.Add("configuration", "PS_SHOP_NAME", "The other shop", 1, 2)
	b.Add("configuration", "PS_LANG_DEFAULT", fmt.Sprint(english), 9, nil)
	b.Add("shop_group", 1, "Default", 0, 0, s.sharedStock, 1)
	for shop := 1; shop <= s.shops; shop++ {
		b.Add("shop", shop, 1, "Shop", 2, 1)
		host := domain
		if shop > 1 {
			host = "other." + domain
		}
		b.Add("shop_url", shop, shop, host, host, "/", "", 1, 1)
	}
	// An address that the shop had before is none that it goes by.
	b.Add("shop_url", 9, 1, "old."+domain, "old."+domain, "/", "", 0, 1)
	b.Add("lang", english, "English", s.shops > 1, "en", "en-us")
	b.Add("lang", slovene, "Slovenščina", 1, "si", "sl-si")
	b.Add("lang", russian, "Русский", 0, "ru", "ru-ru")
	b.Add("currency", pound, "Pound", "GBP", "0.85", 1, 0) // no longer taken, but orders are in it
	b.Add("currency", euro, "Euro", "EUR", "1", 0, 1)
	for code, id := range countries {
		b.Add("country", id, code, 1)
	}
	b.Add("state", 61, slovenia, "Ljubljana", "SI-061")
	b.Add("group", visitors, 0)
	b.Add("group", wholesale, 1)
	b.Add("tax", 1, "22.000", 1)
	b.Add("tax", 2, "19.000", 1)
	b.Add("tax_rule", vat, slovenia, 0, "0", "0", 1)
	b.Add("tax_rule", vat, countries["DE"], 0, "0", "0", 2) // another country's tax is not the shop's
	s.orderStates(b)
	// The root of all categories and the shop's own are no shelves.
	b.Add("category", 1, 0, 0, 1, 1, 100, 0)
	b.Add("category", 2, 1, 1, 1, 2, 99, 1)
	b.Add("category_lang", 1, 1, slovene, "Root", "root")
	b.Add("category_lang", 2, 1, slovene, "Home", "home")
}

// States of orders by PrestaShop's own numbers; a shop's ids may be others.
const (
	cheque, accepted, preparing, shipped, delivered, cancelled, refunded, failed = 1, 2, 3, 4, 5, 6, 7, 8
	bankwire, packing                                                            = 10, 14
)

func (s seeder) state(n int64) string { return fmt.Sprint(s.states + n) }

func (s seeder) orderStates(b *batch) {
	for _, x := range []struct {
		id                     int64
		logable, shipped, paid int
		name                   string
	}{
		{cheque, 0, 0, 0, "Čakanje na ček"}, {accepted, 1, 0, 1, "Plačilo sprejeto"}, {preparing, 1, 0, 1, "V pripravi"}, {shipped, 1, 1, 1, "Odposlano"},
		{delivered, 1, 1, 1, "Dostavljeno"}, {cancelled, 0, 0, 0, "Preklicano"}, {refunded, 0, 0, 0, "Vrnjeno"}, {failed, 0, 0, 0, "Napaka pri plačilu"},
		{bankwire, 0, 0, 0, "Čakanje na nakazilo"},
		{packing, 0, 0, 0, "packing"}, // a state of the shop's own, without flags
	} {
		b.Add("order_state", s.states+x.id, "", x.logable, x.shipped, x.paid, 0, x.id == cheque)
		b.Add("order_state_lang", s.states+x.id, english, "In English")
		b.Add("order_state_lang", s.states+x.id, slovene, x.name)
	}
}

// noise is rows beside the story's, none of which may show.
func (s seeder) noise(b *batch) {
	now := adaptertest.Now()
	// Whom the module psgdpr gives what forgotten people leave behind.
	b.Add("customer", 40, 1, slovene, nil, "Anonymous", "Anonymous", "anonymous@psgdpr.com", 0, nil, "", 0, 0, 0, local(now), local(now), 0)
	// A guest's row of an address that an account has as well, and that is no account; it never asked for a newsletter.
	b.Add("customer", 41, 1, slovene, nil, "Ana", "Novak", "Ana.Novak@example.si", 0, zeroDate, "", 1, 1, 0, local(now), local(now), 0)
	// An address that the account has deleted, though it is the newest, and one that is of an older move.
	b.Add("address", homesAt+999, 101, slovenia, nil, nil, "Ana", "Stara", "Nowhere 1", nil, "9999", "Nowhere", "000", "", local(now), zeroDate, 1)
	b.Add("address", 7, 101, slovenia, nil, nil, "Ana", "Stara", "Elsewhere 2", nil, "8888", "Elsewhere", "111", "", local(now), zeroDate, 0)
	// A cart of two years ago: PrestaShop throws none away.
	b.Add("cart", 5001, 1, slovene, euro, 103, 0, local(now.AddDate(-2, 0, 0)), local(now.AddDate(-2, 0, 0)))
	b.Add("cart_product", 5001, 1001, 0, 0, 1, local(now.AddDate(-2, 0, 0)))
	b.Add("guest", 5, 0)
	// Goods that were sent back are no money that went back.
	b.Add("order_return", 70, 2001, 5, "Too bitter", local(now), local(now))
	// A credit slip over nothing, as some modules make: no money went back.
	b.Add("order_slip", 2590, 2005, 0, "0", "0", "0", "0", "0", "0", 0, 0, local(now), local(now))
}

func (s seeder) category(b *batch, c adaptertest.Category) {
	parent := c.Parent
	if parent == 0 {
		parent = 2
	}
	b.Add("category", c.ID, parent, 0, 1, 0, 0, 2) // the nested set is stale, as after an import
	for shop := 1; shop <= s.shops; shop++ {
		name := c.Name
		if shop > 1 {
			name = "Of the other shop"
		}
		b.Add("category_lang", c.ID, shop, english, "In English", "english")
		b.Add("category_lang", c.ID, shop, slovene, name, c.Slug)
	}
}

// withoutTax is a price as PrestaShop keeps it, of one that people see.
func withoutTax(price string) string {
	return decimal.RequireFromString(price).Div(decimal.RequireFromString("1.22")).Round(6).String()
}

func minus(a, b string) string {
	return decimal.RequireFromString(a).Sub(decimal.RequireFromString(b)).String()
}

// quantity is one that a shop has which counts: what is in stock without a number has some.
func quantity(s adapters.Stock, text string) any {
	switch {
	case text != "":
		return decimal.RequireFromString(text).Truncate(0).String()
	case s == adapters.InStock:
		return 100
	}
	return 0
}

func (s seeder) product(b *batch, p adaptertest.Product) {
	if p.Visibility == adaptertest.Binned {
		return // there is no bin
	}
	created := local(p.Created)
	if p.Broken {
		created = "2023-00-15 10:00:00" // sql_mode is empty, so such a date is kept
	}
	visibility, active := "both", p.Visibility != adaptertest.Draft
	if p.Visibility == adaptertest.Hidden {
		visibility = "none"
	}
	price, taxes := "0", int64(vat)
	whole := p.Price
	if p.Regular != "" {
		whole = p.Regular
	}
	if len(p.Variants) > 0 {
		whole = cheapest(p)
	}
	switch {
	case whole == "":
	case decimal.RequireFromString(whole).Exponent() < -2: // a price in parts of a cent is one without tax
		price, taxes = whole, 0
	default:
		price = withoutTax(whole)
	}
	b.Add("product", p.ID, p.SKU, price, active, visibility, whole != "", taxes, created, local(p.Changed))
	s.inShops(b, p, price, visibility, active, whole != "", taxes, created)
	for _, c := range append([]int64{2}, p.Categories...) { // all are in the shop's own as well
		b.Add("category_product", c, p.ID)
	}
	b.Add("category_product", 98, p.ID) // a category that was deleted
	if p.Image != "" {
		s.picture(b, p.ID)
	}
	s.reductions(b, p)
	s.combinations(b, p)
	if p.Visibility != adaptertest.Draft { // a product that nobody has counted yet has no row
		s.stock(b, p.ID, 0, p.Stock, p.Quantity)
	}
}

// cheapest is the lowest whole price of a product's variants, which is taken for the product's own.
func cheapest(p adaptertest.Product) string {
	whole := func(v adaptertest.Variant) string {
		if v.Regular != "" {
			return v.Regular
		}
		return v.Price
	}
	lowest := whole(p.Variants[0])
	for _, v := range p.Variants {
		if decimal.RequireFromString(whole(v)).LessThan(decimal.RequireFromString(lowest)) {
			lowest = whole(v)
		}
	}
	return lowest
}

func (s seeder) inShops(b *batch, p adaptertest.Product, price, visibility string, active, forSale bool, taxes int64, created string) {
	for shop := 1; shop <= s.shops; shop++ {
		name, english := p.Name, "In English"
		if p.ID == 1003 { // what nobody has translated is called as in another language
			name, english = "", p.Name
		}
		if shop > 1 {
			name, price, active = "Of the other shop", "999", true
		}
		b.Add("product_shop", p.ID, shop, price, active, visibility, forSale, 1, taxes, created, local(p.Changed))
		b.Add("product_lang", p.ID, shop, 1, english, p.Slug)
		b.Add("product_lang", p.ID, shop, slovene, name, p.Slug)
	}
}

func (s seeder) picture(b *batch, product int64) {
	for i := range int64(2) { // one of the two is the cover; the other has NULL there, not 0
		var cover any
		if i == 1 {
			cover = 1
		}
		b.Add("image", product+800+i, product, cover)
		for shop := 1; shop <= s.shops; shop++ {
			b.Add("image_shop", product, product+800+i, shop, cover)
		}
	}
}

// reductions are those of the story, and others that are not for anybody who buys one piece now.
func (s seeder) reductions(b *batch, p adaptertest.Product) {
	add := func(combination int64, shop, currency, country, group, customer, from int, amount, kind, begins, ends string) {
		b.Add("specific_price", p.ID, combination, shop, currency, country, group, customer, "-1.000000", from, amount, 1, kind, begins, ends)
	}
	if p.Regular != "" {
		add(0, 0, 0, 0, 0, 0, 1, minus(p.Regular, p.Price), "amount", zeroDate, local(adaptertest.Now().AddDate(1, 0, 0)))
	}
	for _, v := range p.Variants {
		if v.Regular != "" {
			off := decimal.NewFromInt(1).Sub(decimal.RequireFromString(v.Price).Div(decimal.RequireFromString(v.Regular)))
			add(v.ID, 0, 0, 0, 0, 0, 1, off.String(), "percentage", zeroDate, zeroDate)
		}
	}
	if p.ID != 1003 {
		return
	}
	now := adaptertest.Now()
	add(0, 0, 0, 0, 0, 0, 10, "0.9", "percentage", zeroDate, zeroDate)                                      // for ten pieces
	add(0, 0, 0, 0, wholesale, 0, 1, "0.9", "percentage", zeroDate, zeroDate)                               // for resellers
	add(0, 0, 0, 0, 0, 101, 1, "0.9", "percentage", zeroDate, zeroDate)                                     // for one account
	add(0, 0, pound, 0, 0, 0, 1, "0.9", "percentage", zeroDate, zeroDate)                                   // in another currency
	add(0, 0, 0, int(countries["DE"]), 0, 0, 1, "0.9", "percentage", zeroDate, zeroDate)                    // in another country
	add(0, 2, 0, 0, 0, 0, 1, "0.9", "percentage", zeroDate, zeroDate)                                       // in another shop
	add(0, 0, 0, 0, 0, 0, 1, "0.9", "percentage", zeroDate, local(now.AddDate(-3, 0, 0)))                   // over
	add(0, 0, 0, 0, 0, 0, 1, "0.9", "percentage", local(now.AddDate(9, 0, 0)), local(now.AddDate(9, 1, 0))) // yet to come
	b.Add("specific_price", 0, 0, 2, 0, 0, 0, 0, "1.000000", 1, "0", 1, "amount", zeroDate, zeroDate)       // for all products of another shop
}

func (s seeder) combinations(b *batch, p adaptertest.Product) {
	attribute := func(group, value int) int64 { return int64(100*group + value + 10) }
	for i, a := range p.Attributes {
		// Positions count, not ids.
		b.Add("attribute_group", 20-i, "select", i)
		for n, v := range a.Values {
			b.Add("attribute", attribute(i, n), 20-i, n)
			b.Add("attribute_lang", attribute(i, n), english, "In English")
			b.Add("attribute_lang", attribute(i, n), slovene, v.Name)
		}
	}
	for i, v := range p.Variants {
		whole := v.Price
		if v.Regular != "" {
			whole = v.Regular
		}
		impact := minus(withoutTax(whole), withoutTax(cheapest(p)))
		var first any
		if i == 0 {
			first = 1
		}
		b.Add("product_attribute", v.ID, p.ID, v.SKU, impact, first)
		for shop := 1; shop <= s.shops; shop++ {
			b.Add("product_attribute_shop", p.ID, v.ID, shop, impact, first)
		}
		for n, slug := range v.Values {
			value := slices.IndexFunc(p.Attributes[n].Values, func(x adaptertest.Value) bool { return x.Slug == slug })
			b.Add("product_attribute_combination", attribute(n, value), v.ID)
		}
		s.stock(b, p.ID, v.ID, v.Stock, v.Quantity)
	}
	if len(p.Variants) > 0 && s.shops > 1 {
		// A form that only the other shop sells.
		b.Add("product_attribute", 1150, p.ID, "OTHER", "0", nil)
		b.Add("product_attribute_shop", p.ID, 1150, 2, "0", nil)
	}
}

func (s seeder) stock(b *batch, product, combination int64, stock adapters.Stock, count string) {
	whenEmpty := 2 // as the shop does, which takes no orders for what it does not have
	if stock == adapters.OnBackorder {
		whenEmpty = 1
	}
	own, group := 1, 0
	if s.sharedStock {
		own, group = 0, 1
	}
	b.Add("stock_available", product, combination, own, group, quantity(stock, count), whenEmpty)
	// What another shop has is not this one's.
	b.Add("stock_available", product, combination, 2, 0, 777, 1)
}

func (s seeder) language(locale string) any {
	switch locale {
	case "sl_SI":
		return slovene
	case "ru_RU":
		return russian
	}
	return 9 // a language that was deleted since
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (s seeder) customer(b *batch, c adaptertest.Customer, a adaptertest.Answer) {
	newsletter, at := 0, any(zeroDate) // who never asked has no date, or zeros
	if s.since("1.7") {
		at = nil
	}
	if a.Consent != "" {
		at = local(a.At)
		if a.Consent == adapters.Subscribed {
			newsletter = 1
		}
	}
	if c.Deleted { // the flag stays on, which is no leave to write
		newsletter, at = 1, local(c.Registered)
	}
	b.Add("customer", c.ID, 1, s.language(c.Locale), orNull(c.Company), c.FirstName, c.LastName, c.Email, newsletter, at, "", !c.Deleted, 0, c.Deleted, local(c.Registered), local(c.Changed),
		c.ID == 102) // optin is for partners' offers, and no newsletter
	if c.Phone != "" || c.Address.Line1 != "" {
		s.address(b, homesAt+c.ID, c.ID, adaptertest.Order{FirstName: c.FirstName, LastName: c.LastName, Phone: c.Phone, Address: c.Address, Placed: c.Registered, Changed: c.Registered}, false)
	}
}

func (s seeder) address(b *batch, id, customer int64, o adaptertest.Order, deleted bool) {
	a := o.Address
	var state any
	if a.Region != "" {
		state = 61
	}
	phone, mobile := o.Phone, ""
	if strings.HasPrefix(phone, "041") { // a mobile number has a column of its own
		phone, mobile = "", phone
	}
	b.Add("address", id, customer, countries[a.Country], state, orNull(o.Company), o.FirstName, o.LastName, a.Line1, orNull(a.Line2), orNull(a.Postcode), a.City, phone, mobile, local(o.Placed), local(o.Changed), deleted)
}

// skus are the story's, for lines: they keep the code of what was sold.
var skus = func() map[int64]string {
	all := map[int64]string{}
	for _, p := range adaptertest.Tell().Products {
		all[p.ID] = p.SKU
		for _, v := range p.Variants {
			all[v.ID] = v.SKU
		}
	}
	return all
}()

// reference is nine letters; the parts of a cart that is sent in two parcels have one in common.
func reference(o adaptertest.Order) string {
	switch {
	case o.Number != "":
		return o.Number
	case o.ID == 2005 || o.ID == 2006:
		return "TWOPARCEL"
	}
	text := ""
	for n := o.ID; len(text) < 9; n /= 26 {
		text += string(rune('A' + n%26))
	}
	return text
}

// states are those that an order went through, and when.
func (s seeder) histories(o adaptertest.Order) (list []struct {
	state int64
	at    time.Time
}) {
	add := func(state int64, at time.Time) {
		list = append(list, struct {
			state int64
			at    time.Time
		}{state, at})
	}
	if o.Draft {
		return nil
	}
	if !o.Paid.Equal(o.Placed) || o.Paid.IsZero() {
		add(bankwire, o.Placed)
	}
	if !o.Paid.IsZero() {
		add(accepted, o.Paid)
	}
	if !o.Completed.IsZero() {
		add(preparing, o.Completed) // paid as well: the first of these counts
		add(shipped, o.Completed)
	}
	switch o.Status {
	case adapters.StatusCompleted:
		add(delivered, o.Changed)
	case adapters.StatusCancelled:
		add(cancelled, o.Changed)
	case adapters.StatusRefunded:
		add(refunded, o.Changed)
	case adapters.StatusFailed:
		add(failed, o.Changed)
	case adapters.StatusOther:
		add(packing, o.Changed)
	}
	return list
}

func (s seeder) order(b *batch, o adaptertest.Order) {
	if o.Binned {
		return // there is no bin
	}
	customer := s.buyer(b, o)
	address := addressesAt + o.ID
	if o.Address == (adapters.Address{}) && o.FirstName+o.LastName+o.Company+o.Phone == "" {
		address = 999_999 // one that was deleted for good
	} else {
		s.address(b, address, customer, o, o.CustomerID > 0) // an account's is marked deleted when it is superseded, and stays for old orders
	}
	currency := map[string]int64{"EUR": euro, "GBP": pound}[o.Currency]
	if o.Broken {
		currency = 77 // there is none
	}
	state, past := int64(0), s.histories(o)
	if len(past) > 0 {
		state = s.states + past[len(past)-1].state
	}
	if !o.Placed.IsZero() { // an order that was imported has no history
		for _, h := range past {
			b.Add("order_history", o.ID, s.states+h.state, local(h.at))
		}
	}
	tax := plus(o.LineTax, o.ShippingTax)
	off, offNet := orZero(o.Discount), "0"
	if o.Discount != "" {
		offNet = decimal.RequireFromString(o.Discount).Div(decimal.RequireFromString("1.22")).Round(6).String()
		s.vouchers(b, o)
	}
	// Each paid state records a payment, so what was "really" paid may be a multiple.
	real := plus(o.Total, o.Total)
	b.Add("order_payment", reference(o), currency, o.Total, "Wire", local(o.Placed))
	b.Add("order_payment", reference(o), currency, o.Total, "Wire", local(o.Placed))
	cart := o.ID + 7000
	if o.ID == 2003 {
		cart = 6004 // the story's ordered cart
	}
	b.Add("orders", o.ID, reference(o), 1, s.language(o.Locale), customer, cart, currency, address, address, state, "0.9", 0,
		o.Total, o.Total, minus(o.Total, tax), real, plus(o.Shipping, o.ShippingTax), orZero(o.Shipping), off, offNet, zeroDate, zeroDate, local(o.Placed), local(o.Changed))
	for _, l := range beforeVouchers(o.Lines, off, offNet) {
		s.line(b, o.ID, l) // a set is one row, its parts are none
	}
	for _, r := range o.Refunds {
		s.slip(b, o.ID, r)
	}
}

// buyer is the account, or a new row for each order of a guest, whose address may be there many times.
func (s seeder) buyer(b *batch, o adaptertest.Order) int64 {
	switch {
	case o.FormerID > 0:
		return o.FormerID // the row is gone, the number stays
	case o.CustomerID > 0:
		return o.CustomerID
	case o.Email == "":
		return 0
	}
	b.Add("customer", guestsAt+o.ID, 1, slovene, nil, o.FirstName, o.LastName, o.Email, 0, nil, "", 1, 1, 0, local(o.Placed), local(o.Placed), 0)
	return guestsAt + o.ID
}

func (s seeder) vouchers(b *batch, o adaptertest.Order) {
	for i, code := range o.Coupons {
		id := 900 + int64(i)
		b.Add("cart_rule", id, code, zeroDate, zeroDate)
		b.Add("order_cart_rule", o.ID, id, "Spring sale", o.Discount, 0) // what it is called is not what people typed in
	}
	// A rule that applies by itself has no code.
	b.Add("cart_rule", 902, "", zeroDate, zeroDate)
	b.Add("order_cart_rule", o.ID, 902, "Everybody's gift", "0", 0)
}

func orZero(s string) string {
	if s == "" {
		return "0"
	}
	return s
}

func plus(a, b string) string {
	return decimal.RequireFromString(orZero(a)).Add(decimal.RequireFromString(orZero(b))).String()
}

// beforeVouchers are lines as PrestaShop keeps them: what vouchers take off is with the order alone.
func beforeVouchers(lines []adaptertest.Line, off, offNet string) []adaptertest.Line {
	if off == "0" || len(lines) == 0 {
		return lines
	}
	raised := func(of func(adaptertest.Line) decimal.Decimal, off string) []decimal.Decimal {
		sum := decimal.Zero
		for _, l := range lines {
			sum = sum.Add(of(l))
		}
		whole := sum.Add(decimal.RequireFromString(off))
		left, all := whole, make([]decimal.Decimal, len(lines))
		for i, l := range lines {
			all[i] = of(l).Mul(whole).DivRound(sum, 6)
			if left = left.Sub(all[i]); i == len(lines)-1 {
				all[i] = all[i].Add(left)
			}
		}
		return all
	}
	gross := raised(func(l adaptertest.Line) decimal.Decimal { return decimal.RequireFromString(plus(l.Net, l.Tax)) }, off)
	net := raised(func(l adaptertest.Line) decimal.Decimal { return decimal.RequireFromString(l.Net) }, offNet)
	raisedLines := slices.Clone(lines)
	for i := range raisedLines {
		raisedLines[i].Net, raisedLines[i].Tax = net[i].String(), gross[i].Sub(net[i]).String()
	}
	return raisedLines
}

func (s seeder) line(b *batch, order int64, l adaptertest.Line) {
	sku := skus[l.ProductID]
	if l.VariantID > 0 {
		sku = skus[l.VariantID]
	}
	b.Add("order_detail", l.ID, order, 1, l.ProductID, l.VariantID, orNull(sku), l.Name, decimal.RequireFromString(l.Quantity).Truncate(0).String(), order == 2003, plus(l.Net, l.Tax), l.Net) // what went back stays in the quantity
}

// slip writes a credit slip in one of the ways in which there are some.
func (s seeder) slip(b *batch, order int64, r adaptertest.Refund) {
	at := local(r.At)
	net := decimal.RequireFromString(r.Amount).Div(decimal.RequireFromString("1.22")).Round(2).String()
	if order == 2011 { // staff chose another amount than the goods' price
		b.Add("order_slip", r.ID, order, 0, "10", "10", "0", "0", r.Amount, "0", 2, 1, at, at)
		return
	}
	switch r.ID % 3 {
	case 2: // as before 1.6: without totals
		b.Add("order_slip", r.ID, order, 0, nil, nil, nil, nil, minus(r.Amount, "0.1"), "0.1", 0, 1, at, at)
	case 0: // with some of the shipping
		b.Add("order_slip", r.ID, order, 0, minus(r.Amount, "0.61"), minus(r.Amount, "1"), "0.61", "0.5", minus(r.Amount, "1"), "0.5", 2, 0, at, at)
	case 1: // the column amount is without tax
		b.Add("order_slip", r.ID, order, 0, r.Amount, net, "0", "0", net, "0", 0, 0, at, at)
	}
}

func (s seeder) cart(b *batch, c adaptertest.Cart) {
	if c.WishList {
		if s.since("8") { // wish lists are a module's, and no carts
			b.Add("wishlist", c.ID, c.CustomerID, "My list", local(c.Created), local(c.Changed))
			for _, l := range c.Lines {
				b.Add("wishlist_product", c.ID, l.ProductID, l.VariantID, l.Quantity)
			}
		}
		return
	}
	customer, visitor := c.CustomerID, int64(5)
	switch {
	case c.Email != "": // a guest's row is made when the address is typed in
		b.Add("customer", cartGuestsAt+c.ID, 1, slovene, nil, "", "", c.Email, 0, nil, "", 1, 1, 0, local(c.Created), local(c.Created), 0)
		customer = cartGuestsAt + c.ID
	case c.ID == 6001: // not logged in now, but with the cookie of somebody who was
		customer, visitor = 0, c.ID
		b.Add("guest", visitor, c.CustomerID)
	}
	b.Add("cart", c.ID, 1, slovene, euro, customer, visitor, local(c.Created), local(c.Changed))
	for i, l := range c.Lines {
		at := local(c.Created.Add(time.Duration(i) * time.Minute))
		if l.Quantity == "2" { // sent to two addresses, one piece each: still one position
			b.Add("cart_product", c.ID, l.ProductID, l.VariantID, 1, 1, at)
			b.Add("cart_product", c.ID, l.ProductID, l.VariantID, 2, 1, at)
			continue
		}
		b.Add("cart_product", c.ID, l.ProductID, l.VariantID, 0, l.Quantity, at)
	}
}

// answer writes those of people without an account: whom the module has an address of, and a guest who once ordered.
func (s seeder) answer(b *batch, id int64, a adaptertest.Answer) {
	if a.CustomerID > 0 {
		return
	}
	if a.Consent == adapters.Unsubscribed { // of the module's table the row would be deleted
		b.Add("customer", guestsAt+id, 1, slovene, nil, "", "", a.Email, 0, local(a.At.AddDate(0, -1, 0)), "", 1, 1, 0, local(a.At), local(a.At), 0)
		return
	}
	table := "newsletter"
	if s.since("1.7") {
		table = "emailsubscription"
	}
	// The module lets the database server tell the time, which is not in the shop's zone.
	b.Add(table, id, 1, a.Email, when(a.At), a.IP, a.Consent == adapters.Subscribed)
}

// Change leaves the traces that were seen on a running shop: a credit slip and an edited address move nothing of the order.
func (s seeder) Change(ctx context.Context, db adaptertest.DB, c adaptertest.Change) error {
	run := func(statement string, args ...any) error {
		_, err := db.ExecContext(ctx, strings.ReplaceAll(statement, "~", s.prefix), args...)
		return err
	}
	at, b := local(c.At), s.batch()
	switch {
	case c.Line != nil:
		s.line(b, c.OrderID, *c.Line)
		return b.Write(ctx, db)
	case c.Refund != nil:
		s.slip(b, c.OrderID, *c.Refund)
		return b.Write(ctx, db)
	case c.Status != "":
		state := s.states + map[adapters.Status]int64{adapters.StatusCompleted: shipped, adapters.StatusPaid: accepted, adapters.StatusCancelled: cancelled, adapters.StatusRefunded: refunded}[c.Status]
		b.Add("order_history", c.OrderID, state, at)
		if err := b.Write(ctx, db); err != nil {
			return err
		}
		return run("UPDATE ~orders SET current_state = ?, valid = 1, date_upd = ? WHERE id_order = ?", state, at, c.OrderID)
	case c.Delete:
		for _, table := range []string{"order_detail", "order_history", "order_slip", "order_cart_rule", "orders"} {
			if err := run("DELETE FROM ~"+table+" WHERE id_order = ?", c.OrderID); err != nil {
				return err
			}
		}
		return nil
	case c.Phone != "":
		return run("UPDATE ~address SET phone = ? WHERE id_address = (SELECT id_address_invoice FROM ~orders WHERE id_order = ?)", c.Phone, c.OrderID)
	case c.ProductID > 0:
		price := c.Price
		for _, p := range adaptertest.Tell().Products {
			if p.ID == c.ProductID && p.Regular != "" { // the reduction stays as it is
				price = plus(price, minus(p.Regular, p.Price))
			}
		}
		if err := run("UPDATE ~product_shop SET price = ?, date_upd = ? WHERE id_product = ? AND id_shop = 1", withoutTax(price), at, c.ProductID); err != nil {
			return err
		}
		return run("UPDATE ~product SET price = ?, date_upd = ? WHERE id_product = ?", withoutTax(price), at, c.ProductID)
	case c.CustomerID > 0:
		return run("UPDATE ~customer SET lastname = ?, date_upd = ? WHERE id_customer = ?", c.LastName, at, c.CustomerID)
	}
	return fmt.Errorf("PrestaShop can do nothing like %+v", c)
}
