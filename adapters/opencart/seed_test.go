package opencart_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/adaptertest"
)

// seeder writes what OpenCart writes, as far as it is read.
type seeder struct {
	version    string // "3.0", "4.0", "4.1"
	prefix     string
	backorders bool // what is not there can be ordered
	zoneless   bool // the settings have no config_timezone, as in a shop set up before there was one
}

func (s seeder) four() bool { return s.version != "3.0" }

const zeroDate = "0000-00-00 00:00:00"

// wall is a time on the clock of the story's shop: OpenCart knows no other.
func wall(t time.Time) string {
	if t.IsZero() {
		return zeroDate
	}
	zone, err := time.LoadLocation("Europe/Ljubljana")
	if err != nil {
		panic(err)
	}
	return t.In(zone).Format(time.DateTime)
}

const (
	shopURL                    = "https://zrno.example/"
	english, slovene, russian  = 1, 2, 3
	removed                    = 99 // a language that is gone
	slovenia, britain, germany = 190, 222, 81
	region                     = 3001 // SI-061
	group, wholesalers         = 1, 2
	vat                        = 9
)

var (
	languages = map[string]int{"en_GB": english, "sl_SI": slovene, "ru_RU": russian}
	countries = map[string]int{"SI": slovenia, "GB": britain, "DE": germany}
	rates     = map[string]string{"EUR": "1.00000000", "GBP": "0.86000000"}
	statuses  = map[adapters.Status]int{adapters.StatusPending: 1, adapters.StatusPaid: 2, adapters.StatusCompleted: 5, adapters.StatusCancelled: 7,
		adapters.StatusFailed: 10, adapters.StatusRefunded: 11, adapters.StatusOther: 17}
)

func num(s string) decimal.Decimal {
	if s == "" {
		return decimal.Zero
	}
	return decimal.RequireFromString(s)
}

// net takes the story's 22 % off a price.
func net(price string) string { return num(price).DivRound(num("1.22"), 4).StringFixed(4) }

func (s seeder) batch() *adaptertest.Batch {
	columns := map[string]string{
		"setting":                    "store_id, code, `key`, `value`, serialized",
		"language":                   "language_id, name, code",
		"currency":                   "code, decimal_place, `value`",
		"store":                      "store_id, name, url",
		"country":                    "country_id, iso_code_2",
		"zone":                       "zone_id, country_id, code",
		"zone_to_geo_zone":           "country_id, zone_id, geo_zone_id",
		"tax_rate":                   "tax_rate_id, geo_zone_id, name, rate, type",
		"tax_rate_to_customer_group": "tax_rate_id, customer_group_id",
		"tax_rule":                   "tax_class_id, tax_rate_id, based, priority",
		"order_status":               "order_status_id, language_id, name",
		"category":                   "category_id, parent_id, status",
		"category_description":       "category_id, language_id, name",
		"seo_url":                    "store_id, language_id, query, keyword",
		"product":                    "product_id, model, sku, quantity, image, price, tax_class_id, date_available, subtract, status, date_added, date_modified",
		"product_description":        "product_id, language_id, name, description",
		"product_to_store":           "product_id, store_id",
		"product_to_category":        "product_id, category_id",
		"product_discount":           "product_id, customer_group_id, quantity, priority, price, date_start, date_end",
		"product_special":            "product_id, customer_group_id, priority, price, date_start, date_end",
		"product_option":             "product_option_id, product_id, option_id, `value`, required",
		"product_option_value":       "product_option_value_id, product_option_id, product_id, option_id, option_value_id, quantity, subtract, price, price_prefix",
		"option":                     "option_id, type, sort_order",
		"option_value":               "option_value_id, option_id, sort_order",
		"option_value_description":   "option_value_id, language_id, option_id, name",
		"customer":                   "customer_id, customer_group_id, language_id, firstname, lastname, email, telephone, newsletter, status, ip, date_added",
		"address":                    "address_id, customer_id, firstname, lastname, company, address_1, address_2, city, postcode, country_id, zone_id",
		"order_product":              "order_product_id, order_id, product_id, name, model, quantity, price, total, tax",
		"order_option":               "order_id, order_product_id, product_option_id, product_option_value_id, name, `value`, type",
		"order_total":                "order_id, code, title, `value`, sort_order",
		"order_history":              "order_id, order_status_id, notify, comment, date_added",
		"order":                      orderColumns,
		"cart":                       "cart_id, customer_id, session_id, product_id, `option`, quantity, date_added",
		"session":                    "session_id, data, expire",
		"customer_wishlist":          "customer_id, product_id, date_added",
		"return":                     "order_id, product_id, product, quantity, return_status_id, return_action_id, comment, date_added, date_modified",
	}
	if s.four() {
		columns["seo_url"] = "store_id, language_id, `key`, `value`, keyword"
		columns["product"] += ", master_id, variant"
		columns["address"] += ", `default`"
		columns["order_product"] += ", master_id"
		columns["order"] += ", language_code"
	} else {
		columns["customer"] += ", address_id"
	}
	if s.version == "4.1" {
		columns["product"] = strings.Replace(columns["product"], "sku, ", "", 1)
		columns["product_code"] = "product_id, code, `value`"
		columns["product_discount"] += ", type, special"
	} else {
		columns["cart"] += ", api_id"
	}
	return &adaptertest.Batch{Prefix: s.prefix, Columns: columns}
}

const orderColumns = "order_id, invoice_prefix, invoice_no, store_id, store_name, store_url, customer_id, firstname, lastname, email, telephone, " +
	"payment_firstname, payment_company, payment_address_1, payment_address_2, payment_city, payment_postcode, payment_zone, payment_zone_id, payment_country, payment_country_id, payment_method, " +
	"shipping_firstname, shipping_company, shipping_address_1, shipping_address_2, shipping_city, shipping_postcode, shipping_zone, shipping_zone_id, shipping_country, shipping_country_id, " +
	"total, order_status_id, language_id, currency_code, currency_value, date_added, date_modified"

func (s seeder) Seed(ctx context.Context, db adaptertest.DB, story adaptertest.Story) error {
	b := s.batch()
	if story.Site.Name != "" {
		s.site(b, story)
	}
	for _, c := range story.Categories {
		b.Add("category", c.ID, c.Parent, boolean(c.ID != 13)) // one is switched off, and still a shelf
		b.Add("category_description", c.ID, english, "In English: "+c.Name)
		b.Add("category_description", c.ID, slovene, c.Name)
		s.friendly(b, "category_id", c.ID, c.Slug)
	}
	for _, p := range story.Products {
		if p.Visibility != adaptertest.Binned { // OpenCart has no bin for products
			s.product(b, p)
		}
	}
	wants := map[int64]bool{}
	for _, a := range story.Answers {
		wants[a.CustomerID] = a.Consent == adapters.Subscribed // all else that was said leaves the flag off, or nothing
	}
	for _, c := range story.Customers {
		if !c.Deleted { // nor does it keep anything of a deleted account
			s.customer(b, c, wants[c.ID])
		}
	}
	for _, o := range story.Orders {
		s.order(b, o)
	}
	for _, c := range story.Carts {
		s.cart(b, c)
	}
	return b.Write(ctx, db)
}

func boolean(on bool) int {
	if on {
		return 1
	}
	return 0
}

func (s seeder) friendly(b *adaptertest.Batch, key string, id int64, slug string) {
	if slug == "" {
		return
	}
	for _, language := range []int{english, slovene} {
		keyword := fmt.Sprintf("%s-%d", slug, language)
		if s.four() {
			b.Add("seo_url", 0, language, key, fmt.Sprint(id), keyword)
		} else {
			b.Add("seo_url", 0, language, fmt.Sprintf("%s=%d", key, id), keyword)
		}
	}
}

func (s seeder) site(b *adaptertest.Batch, story adaptertest.Story) {
	site := story.Site
	code := strings.ToLower(strings.ReplaceAll(site.Locale, "_", "-"))
	settings := map[string]string{
		"config_name": site.Name, "config_currency": site.Currency, "config_language": code, "config_timezone": site.Zone, "config_tax": fmt.Sprint(boolean(site.PricesWithTax)),
		"config_tax_default": "shipping", "config_country_id": fmt.Sprint(slovenia), "config_zone_id": "0", "config_customer_group_id": fmt.Sprint(group), "config_seo_url": "1",
		"config_stock_checkout": fmt.Sprint(boolean(s.backorders)),
		// As installed: Pending and Reversed count as processing. Lists of text, not of numbers.
		"config_processing_status": `["5","1","2","12","3"]`, "config_complete_status": `["5","3"]`,
	}
	if s.zoneless {
		delete(settings, "config_timezone")
	}
	if s.version == "4.1" {
		settings["config_language_catalog"], settings["config_language"] = code, "en-gb"
	}
	for name, text := range settings {
		b.Add("setting", 0, "config", name, text, boolean(strings.HasPrefix(text, "[")))
	}
	// A second store has settings in the same table.
	b.Add("store", 1, "Other", "https://other.example/")
	for name, text := range map[string]string{"config_name": "Other", "config_url": "https://other.example/", "config_currency": "USD", "config_timezone": "Asia/Tokyo", "config_complete_status": `["1"]`} {
		b.Add("setting", 1, "config", name, text, 0)
	}
	b.Add("language", english, "English", "en-gb")
	b.Add("language", slovene, "Slovenščina", "sl-si")
	b.Add("language", russian, "Русский", "ru-ru")
	for code, rate := range rates {
		b.Add("currency", code, "2", rate)
	}
	b.Add("country", slovenia, "SI")
	b.Add("country", britain, "GB")
	b.Add("country", germany, "DE")
	b.Add("zone", region, slovenia, "SI-061")
	s.taxes(b)
	// A card that may be added to a product is no form of it, and costs nothing who does not want it.
	b.Add("option", optionCard, "select", 1)
	b.Add("option_value", 70, optionCard, 1)
	for i, product := range []int{1001, 1002} {
		b.Add("product_option", card+i, product, optionCard, "", 0)
		b.Add("product_option_value", 777+i, card+i, product, optionCard, 70, 0, 1, "-1.0000", "-")
	}
	for id, name := range map[int]string{1: "Pending", 2: "Processing", 3: "Shipped", 5: "Complete", 7: "Canceled", 10: "Failed", 11: "Refunded", 12: "Reversed", 17: "packing"} {
		b.Add("order_status", id, english, name)
		if id == 17 {
			b.Add("order_status", id, slovene, name)
		} else {
			b.Add("order_status", id, slovene, "po slovensko: "+name)
		}
	}
	s.staffCarts(b)
}

// taxes is 22 % in Slovenia, by two rules that are one tax, beside what a guest there does not pay.
func (s seeder) taxes(b *adaptertest.Batch) {
	const domestic, british = 3, 4
	b.Add("zone_to_geo_zone", slovenia, 0, domestic)
	b.Add("zone_to_geo_zone", britain, 0, british)
	for _, r := range []struct {
		id, zone, group int
		rate, kind      string
	}{{86, domestic, group, "22.0000", "P"}, {87, british, group, "20.0000", "P"}, {88, domestic, wholesalers, "2.0000", "F"}} {
		b.Add("tax_rate", r.id, r.zone, "DDV", r.rate, r.kind)
		b.Add("tax_rate_to_customer_group", r.id, r.group)
		b.Add("tax_rule", vat, r.id, "shipping", 1)
		b.Add("tax_rule", vat, r.id, "store", 2)
	}
	b.Add("tax_rate", 89, domestic, "Only where the bill goes to", "9.5000", "P")
	b.Add("tax_rate_to_customer_group", 89, group)
	b.Add("tax_rule", vat, 89, "payment", 1)
}

const (
	optionSize, optionGrind, optionCard = 41, 42, 43
	// of product 1002
	size, grind, form, card = 2101, 2102, 2103, 2104
)

func (s seeder) product(b *adaptertest.Batch, p adaptertest.Product) {
	master := []any{0, ""}
	price := p.Price
	if len(p.Variants) > 0 {
		price = cmp.Or(p.Variants[0].Regular, p.Variants[0].Price)
	}
	s.productRow(b, p.ID, p.SKU, price, p.Regular, p.Quantity, p.Stock, p, master)
	names := map[int]string{english: "In English: " + p.Name, slovene: p.Name}
	if p.ID == 1003 {
		names = map[int]string{english: p.Name} // not translated yet
	}
	for language, name := range names {
		b.Add("product_description", p.ID, language, name, "")
	}
	for _, c := range p.Categories {
		b.Add("product_to_category", p.ID, c)
	}
	s.friendly(b, "product_id", p.ID, p.Slug)
	switch {
	case len(p.Variants) == 0:
	case s.four():
		s.variants(b, p)
	default:
		s.options(b, p)
	}
}

func (s seeder) productRow(b *adaptertest.Batch, id int64, sku, price, regular, quantity string, stock adapters.Stock, p adaptertest.Product, master []any) {
	class, added, model := vat, wall(p.Created), fmt.Sprintf("M-%d", p.ID)
	kept := net
	if id == 1006 { // bears no tax
		class, kept = 0, func(price string) string { return price }
	}
	if p.Broken {
		added = "2023-00-15 10:00:00"
	}
	if sku == "" {
		model = "" // of an import; OpenCart's own form asks for it
	}
	counted, pieces := boolean(quantity != ""), num(quantity).IntPart() // whole pieces only
	if quantity == "" && stock == adapters.InStock {
		pieces = 100
	}
	image := p.Image
	if image != "" {
		image = "catalog/" + image
	}
	row := []any{id, model}
	if s.version == "4.1" {
		b.Add("product_code", id, "ean", "0000000000000")
		if sku != "" {
			b.Add("product_code", id, "sku", sku)
		}
	} else {
		row = append(row, sku)
	}
	row = append(row, pieces, image, kept(cmp.Or(regular, price)), class, "2020-01-01", counted, boolean(p.Visibility != adaptertest.Draft), added, wall(p.Changed))
	if s.four() {
		row = append(row, master...)
	}
	b.Add("product", row...)
	store := 0
	if p.Visibility == adaptertest.Hidden {
		store = 1 // for sale, but not in the shop's own store
	}
	b.Add("product_to_store", id, store)
	if regular != "" {
		s.reductions(b, id, price, regular)
	}
}

// reductions is a special for one who buys a piece, between those that are over, not yet, for others, or less preferred.
func (s seeder) reductions(b *adaptertest.Batch, id int64, price, regular string) {
	add := func(group, priority int, price, from, to string) {
		if s.version == "4.1" {
			b.Add("product_discount", id, group, 1, priority, price, from, to, "F", 1)
		} else {
			b.Add("product_special", id, group, priority, price, from, to)
		}
	}
	const open = "0000-00-00"
	add(group, 0, "0.0100", open, "2026-03-02") // over: its last day has begun
	add(group, 0, "0.0200", "2026-03-03", open)
	add(wholesalers, 0, "0.0300", open, open)
	add(group, 2, "0.0400", open, open)
	if s.version == "4.1" && id == 1001 { // a part of the price, from 4.1 on
		b.Add("product_discount", id, group, 1, 1, "20.8000", open, "2099-01-01", "P", 1)
	} else {
		add(group, 1, net(price), "2020-01-01", open)
	}
	discount := []any{id, group, 10, 1, "0.0500", open, open} // from the tenth piece on
	if s.version == "4.1" {
		discount = append(discount, "F", 0)
	}
	b.Add("product_discount", discount...)
}

func values(p adaptertest.Product, v adaptertest.Variant) []string {
	var names []string
	for i, slug := range v.Values {
		for _, value := range p.Attributes[i].Values {
			if value.Slug == slug {
				names = append(names, value.Name)
			}
		}
	}
	return names
}

// options is how a 3.0 shop sells a product in forms that are not all combinations: one option that must be chosen, with
// surcharges.
func (s seeder) options(b *adaptertest.Batch, p adaptertest.Product) {
	b.Add("option", optionSize, "select", 2)
	b.Add("product_option", form, p.ID, optionSize, "", 1)
	base := p.Variants[0]
	s.reductions(b, p.ID, base.Price, base.Regular)
	for i, v := range p.Variants {
		id := 60 + i
		b.Add("option_value", id, optionSize, i)
		b.Add("option_value_description", id, english, optionSize, "In English")
		b.Add("option_value_description", id, slovene, optionSize, strings.Join(values(p, v), ", "))
		pieces, counted := num(v.Quantity).IntPart(), boolean(v.Quantity != "")
		surcharge := num(net(v.Price)).Sub(num(net(base.Price))).StringFixed(4)
		b.Add("product_option_value", v.ID, form, p.ID, optionSize, id, pieces, counted, surcharge, "+")
	}
}

// variants is how a 4.x shop does: products of their own, with the values of the master's options that they stand for.
func (s seeder) variants(b *adaptertest.Batch, p adaptertest.Product) {
	for i, a := range p.Attributes {
		option, of := []int{optionSize, optionGrind}[i], []int{size, grind}[i]
		b.Add("option", option, "select", i)
		b.Add("product_option", of, p.ID, option, "", 1)
		for n, v := range a.Values {
			id := 10*option + n
			b.Add("option_value", id, option, n)
			b.Add("option_value_description", id, slovene, option, v.Name)
			b.Add("product_option_value", valueID(of, n), of, p.ID, option, id, 100, 0, "0.0000", "+")
		}
	}
	for _, v := range p.Variants {
		s.productRow(b, v.ID, v.SKU, v.Price, v.Regular, v.Quantity, v.Stock, adaptertest.Product{ID: p.ID, Created: p.Created, Changed: p.Changed}, []any{p.ID, chosen(p, v)})
		b.Add("product_description", v.ID, slovene, p.Name, "")
	}
	// One that is switched off is for sale no more.
	s.productRow(b, 1105, "BRA-OFF", "0.10", "", "5", adapters.InStock, adaptertest.Product{ID: p.ID, Visibility: adaptertest.Draft}, []any{p.ID, `{"2101":"21010","2102":"21021"}`})
}

func valueID(option, n int) int { return 10*option + n }

// chosen is the JSON of a variant's values, the options in no order.
func chosen(p adaptertest.Product, v adaptertest.Variant) string {
	var parts []string
	for i, slug := range slices.Backward(v.Values) {
		n := slices.IndexFunc(p.Attributes[i].Values, func(v adaptertest.Value) bool { return v.Slug == slug })
		of := []int{size, grind}[i]
		parts = append(parts, fmt.Sprintf(`"%d":"%d"`, of, valueID(of, n)))
	}
	return "{" + strings.Join(parts, ",") + "}"
}

func (s seeder) customer(b *adaptertest.Batch, c adaptertest.Customer, wants bool) {
	language, ok := languages[c.Locale]
	if !ok {
		language = removed
	}
	main := 0
	a := c.Address
	if a.Line1 != "" || c.Company != "" {
		main = int(c.ID) + 5000
		add := func(id int, company, line1 string, isMain bool) {
			row := []any{id, c.ID, c.FirstName, c.LastName, company, line1, a.Line2, a.City, a.Postcode, countries[a.Country], regionOf(a)}
			if s.four() {
				row = append(row, boolean(isMain))
			}
			b.Add("address", row...)
		}
		add(int(c.ID)+4000, "Somebody else", "Elsewhere 1", false) // an older one that is not the main one
		add(main, c.Company, a.Line1, true)
	}
	row := []any{c.ID, group, language, c.FirstName, c.LastName, c.Email, c.Phone, boolean(wants), boolean(c.ID != 102), "198.51.100.7", wall(c.Registered)}
	if !s.four() {
		row = append(row, main)
	}
	b.Add("customer", row...)
}

func regionOf(a adapters.Address) int {
	if a.Region == "" {
		return 0
	}
	return region
}

func orderStatus(o adaptertest.Order) int {
	if o.Binned || o.Draft { // voided, or never placed
		return 0
	}
	return statuses[o.Status]
}

func (s seeder) order(b *adaptertest.Batch, o adaptertest.Order) {
	rate := num(cmp.Or(rates[o.Currency], "1"))
	base := func(amount string) string { return num(amount).DivRound(rate, 4).StringFixed(4) } // the shop's main currency
	store, storeURL := 0, shopURL
	if o.ID == 2016 {
		store, storeURL = 1, "https://other.example/" // the newest order is not of the shop's own store
	}
	currency, language := o.Currency, removed
	if o.Broken {
		currency = ""
	}
	if id, ok := languages[o.Locale]; ok {
		language = id
	}
	prefix, invoice := "INV-2026-00", 0
	if o.Number != "" {
		prefix, invoice = "2023/", 14 // staff made an invoice; the customer was told the order's own number
	}
	changed := o.Changed
	if s.version == "4.1" && !o.Placed.IsZero() {
		changed = o.Placed // a status moves it no more
	}
	customer := cmp.Or(o.CustomerID, o.FormerID) // a deleted account's number stays
	row := []any{o.ID, prefix, invoice, store, "Zrno", storeURL, customer, o.FirstName, o.LastName, o.Email, o.Phone}
	row = append(row, s.postals(o)...)
	row = append(row, base(o.Total), orderStatus(o), language, currency, rate.StringFixed(8), wall(o.Placed), wall(changed))
	if s.four() {
		row = append(row, "")
	}
	b.Add("order", row...)
	s.lines(b, o, base)
	for _, e := range history(o) {
		b.Add("order_history", o.ID, e.status, 0, e.comment, wall(e.at))
	}
}

// postals are the columns of the bill's and the goods' address. From 4.0 on the former are empty unless the shop asks for them.
func (s seeder) postals(o adaptertest.Order) []any {
	a := o.Address
	method := "Bank Transfer"
	if s.four() {
		method = `{"code":"bank_transfer.bank_transfer","name":"Bank Transfer"}`
	}
	blank := []any{"", "", "", "", "", "", "", 0, "", 0}
	own := []any{o.FirstName, o.Company, a.Line1, a.Line2, a.City, a.Postcode, "Ljubljana", regionOf(a), "Land", countries[a.Country]}
	if regionOf(a) == 0 {
		own[6] = ""
	}
	other := []any{"Somebody else", "", "Elsewhere 1", "", "Elsewhere", "1", "", 0, "Germany", germany}
	if a == (adapters.Address{}) {
		other = blank
	}
	switch {
	case s.four() && o.ID != 2014:
		return append(append(slices.Clone(blank), method), own...)
	case s.four(): // nothing to send
		return append(append(own, method), blank...)
	}
	return append(append(own, method), other...)
}

func (s seeder) lines(b *adaptertest.Batch, o adaptertest.Order, base func(string) string) {
	nets := decimal.Zero
	for _, l := range o.Lines {
		nets = nets.Add(num(l.Net))
	}
	before := decimal.NewFromInt(1) // what lines were before the coupon
	if discount := num(o.Discount); discount.IsPositive() {
		before = nets.Add(discount).DivRound(nets, 12)
	}
	total := func(code, title, value string, order int) {
		if num(value).IsZero() && code != "total" && code != "sub_total" {
			return
		}
		b.Add("order_total", o.ID, code, title, base(value), order)
	}
	for _, l := range o.Lines {
		s.line(b, o.ID, l, before, base)
	}
	total("sub_total", "Vmesna vsota", nets.Mul(before).StringFixed(4), 1)
	total("shipping", "Dostava", o.Shipping, 3)
	for _, code := range o.Coupons {
		total("coupon", "Kupon ("+code+")", "-"+o.Discount, 4)
	}
	total("tax", "DDV 22 %", o.LineTax, 5) // a row for each rate
	total("tax", "DDV dostave", o.ShippingTax, 5)
	if o.ID == 2011 { // a fee, and what was paid from the account's credit: no discounts
		total("handling", "Pakiranje", "3", 6)
		total("credit", "Dobroimetje", "-3", 7)
	}
	total("total", "Skupaj", o.Total, 9)
}

func (s seeder) line(b *adaptertest.Batch, order int64, l adaptertest.Line, before decimal.Decimal, base func(string) string) {
	pieces := max(num(l.Quantity).IntPart(), 1) // whole pieces only
	total, tax := num(l.Net).Mul(before), num(l.Tax).Mul(before).DivRound(decimal.NewFromInt(pieces), 6)
	product, master, model := l.ProductID, int64(0), fmt.Sprintf("M-%d", l.ProductID)
	if l.ProductID == 0 || l.ProductID == 1098 {
		model = "" // an extension's position, and an import's
	}
	byOptions := l.VariantID > 0 && (!s.four() || l.ID == 30002) // the shop window puts the master into the cart, staff the variant
	if l.VariantID > 0 && !byOptions {
		product, master = l.VariantID, l.ProductID
	}
	row := []any{l.ID, order, product, l.Name, model, pieces, base(total.DivRound(decimal.NewFromInt(pieces), 4).String()), base(total.String()), base(tax.String())}
	if s.four() {
		row = append(row, master)
	}
	b.Add("order_product", row...)
	// What was ticked, written, or added without need is no variant.
	b.Add("order_option", order, l.ID, card, 777, "Card", "yes", "select")
	b.Add("order_option", order, l.ID, 2199, 778, "Wrapping", "gold", "checkbox")
	b.Add("order_option", order, l.ID, 2198, 0, "For", "Mama", "text")
	for _, part := range l.Parts { // OpenCart knows no sets: a shop writes down what is in one
		b.Add("order_option", order, l.ID, 2197, 0, "Part", part.Name, "text")
	}
	switch {
	case byOptions && s.four():
		b.Add("order_option", order, l.ID, size, valueID(size, 1), "size", "1 kg", "select")
		b.Add("order_option", order, l.ID, grind, valueID(grind, 1), "grind", "Ground", "radio")
	case byOptions:
		b.Add("order_option", order, l.ID, form, l.VariantID, "form", "as chosen", "select")
	}
}

type event struct {
	status  int
	at      time.Time
	comment string
}

// history is a row for each status, the last one's again with a note where something was said later.
func history(o adaptertest.Order) []event {
	if o.Draft {
		return nil // never placed
	}
	var all []event
	if o.Paid.IsZero() || o.Placed.Before(o.Paid) {
		first := statuses[adapters.StatusPending]
		if o.Status == adapters.StatusFailed {
			first = statuses[o.Status]
		}
		if !o.Placed.IsZero() {
			all = append(all, event{first, o.Placed, ""})
		}
	}
	if !o.Paid.IsZero() {
		all = append(all, event{statuses[adapters.StatusPaid], o.Paid, ""})
	}
	if o.ID == 2002 { // the buyer went back to the checkout and confirmed once more, as 4.0 allows
		all = append(all, all[len(all)-1])
	}
	if !o.Completed.IsZero() {
		all = append(all, event{statuses[adapters.StatusCompleted], o.Completed, ""})
	}
	last := orderStatus(o)
	if o.Placed.IsZero() {
		return append(all, event{last, time.Time{}, ""}, event{last, o.Changed, "imported"})
	}
	if all[len(all)-1].status != last || o.Changed.After(all[len(all)-1].at) {
		all = append(all, event{last, o.Changed, "Opomba &amp; hvala"})
	}
	return all
}

func sessionName(id int64) string { return fmt.Sprintf("%032d", id) }

func (s seeder) cart(b *adaptertest.Batch, c adaptertest.Cart) {
	if c.WishList {
		for _, l := range c.Lines {
			b.Add("customer_wishlist", c.CustomerID, l.ProductID, wall(c.Created))
		}
		return
	}
	for i, l := range c.Lines {
		at := c.Changed // a position keeps when it was put in, and not when its number changed
		if i < len(c.Lines)-1 {
			at = c.Created
		}
		options := "[]" // how PHP writes a map without entries
		switch {
		case l.VariantID > 0 && s.four():
			options = fmt.Sprintf(`{"%d":"%d","%d":%d,"2199":["778"]}`, size, valueID(size, 1), grind, valueID(grind, 1))
		case l.VariantID > 0:
			options = fmt.Sprintf(`{"%d":"%d","2198":"Mama","2199":["778","779"]}`, form, l.VariantID)
		}
		s.position(b, l.ID, c.CustomerID, sessionName(c.ID), l.ProductID, options, l.Quantity, at, 0)
	}
	session := `{"language":"sl-si","currency":"EUR","user_id":"1"}`
	switch {
	case c.Ordered: // the buyer paid and never saw the page that says thanks: the rows stayed
		session = `{"language":"sl-si","order_id":2003}`
	case c.CustomerID == 0 && s.four(): // the checkout was begun: its order is there, and was never placed
		session = fmt.Sprintf(`{"order_id":2010,"customer":{"customer_id":0,"firstname":"","lastname":"","email":"%s","telephone":""},"shipping_address":[]}`, c.Email)
	case c.CustomerID == 0:
		session = fmt.Sprintf(`{"order_id":"2010","customer":[],"guest":{"customer_group_id":"1","firstname":"","lastname":"","email":"%s","telephone":""}}`, c.Email)
	}
	b.Add("session", sessionName(c.ID), session, wall(adaptertest.Now().Add(time.Hour)))
}

func (s seeder) position(b *adaptertest.Batch, id, customer int64, session string, product int64, options, quantity string, at time.Time, api int) {
	row := []any{id, customer, session, product, options, quantity, wall(at)}
	if s.version != "4.1" {
		row = append(row, api)
	}
	b.Add("cart", row...)
}

// staffCarts are what staff put together while they edited orders, once as a guest's and once as a customer's.
func (s seeder) staffCarts(b *adaptertest.Batch) {
	if s.version == "4.1" {
		return // staff work in sessions of their own
	}
	s.position(b, 101, 0, sessionName(1), 1001, "[]", "99", adaptertest.Now(), 1)
	s.position(b, 102, 101, sessionName(6001), 1001, "[]", "99", adaptertest.Now(), 1)
}

// Change leaves the traces that OpenCart leaves: a status is a row of the history, and up to 4.0 moves the order's time; an
// account has no time, nor has what is edited past OpenCart.
func (s seeder) Change(ctx context.Context, db adaptertest.DB, c adaptertest.Change) error {
	run := func(statement string, args ...any) error {
		_, err := db.ExecContext(ctx, strings.ReplaceAll(statement, "~", s.prefix), args...)
		return err
	}
	b := s.batch()
	switch {
	case c.Line != nil:
		s.line(b, c.OrderID, *c.Line, decimal.NewFromInt(1), func(amount string) string { return amount })
		return b.Write(ctx, db)
	case c.Refund != nil: // a return is taken note of, with what is to be done, and without an amount
		b.Add("return", c.OrderID, 1098, "A tin that is gone", 1, 3, 1, c.Refund.Reason, wall(c.At), wall(c.At))
		return b.Write(ctx, db)
	case c.OrderID > 0 && (c.Status != "" || c.Bin): // OpenCart's only bin: the order is voided, the first step of editing or deleting it
		status := 0
		if !c.Bin {
			status = statuses[c.Status]
		}
		statement, args := "UPDATE `~order` SET order_status_id = ?, date_modified = ? WHERE order_id = ?", []any{status, wall(c.At), c.OrderID}
		if s.version == "4.1" {
			statement, args = "UPDATE `~order` SET order_status_id = ? WHERE order_id = ?", []any{status, c.OrderID}
		}
		if err := run(statement, args...); err != nil {
			return err
		}
		b.Add("order_history", c.OrderID, status, 0, "", wall(c.At))
		return b.Write(ctx, db)
	case c.Delete:
		for _, table := range []string{"order", "order_product", "order_option", "order_total", "order_history"} {
			if err := run("DELETE FROM `~"+table+"` WHERE order_id = ?", c.OrderID); err != nil {
				return err
			}
		}
		return nil
	case c.Phone != "":
		return run("UPDATE `~order` SET telephone = ? WHERE order_id = ?", c.Phone, c.OrderID)
	case c.ProductID > 0:
		return s.changePrice(run, c)
	case c.CustomerID > 0:
		return run("UPDATE ~customer SET lastname = ? WHERE customer_id = ?", c.LastName, c.CustomerID)
	}
	return fmt.Errorf("nothing to change in %+v", c)
}

func (s seeder) changePrice(run func(string, ...any) error, c adaptertest.Change) error {
	statement := "UPDATE ~product_special SET price = ? WHERE product_id = ? AND priority = 1"
	if s.version == "4.1" {
		statement = "UPDATE ~product_discount SET price = ?, type = 'F' WHERE product_id = ? AND priority = 1 AND special = 1"
	}
	if err := run(statement, net(c.Price), c.ProductID); err != nil {
		return err
	}
	return run("UPDATE ~product SET date_modified = ? WHERE product_id = ?", wall(c.At), c.ProductID)
}
