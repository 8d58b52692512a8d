package woocommerce_test

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/adaptertest"
	"github.com/kupec/kupec/adapters/woocommerce"
)

// seeder writes what WooCommerce writes, as far as it is read.
type seeder struct {
	prefix string
	tables bool                   // orders are in wc_orders
	copies bool                   // and in posts as well (sync); or, without tables, stale ones are in wc_orders
	asked  woocommerce.Newsletter // the plugin that keeps who wants the newsletter
}

const zeroDate = "0000-00-00 00:00:00"

func when(t time.Time) string {
	if t.IsZero() {
		return zeroDate
	}
	return t.Format("2006-01-02 15:04:05")
}

// local is the time in the story's shop.
func local(t time.Time) string {
	zone, err := time.LoadLocation("Europe/Ljubljana")
	if err != nil {
		panic(err)
	}
	return when(t.In(zone))
}

func orNull(s string) any {
	if s == "" || s == zeroDate {
		return nil
	}
	return s
}

// batch is one with the shapes that WordPress's tables share.
type batch struct{ adaptertest.Batch }

func (s seeder) batch() *batch {
	return &batch{adaptertest.Batch{Prefix: s.prefix, Columns: columns}}
}

// meta adds key, value pairs; empty values are left out, as most plugins do.
func (b *batch) meta(table string, id int64, pairs ...string) {
	for pair := range slices.Chunk(pairs, 2) {
		if pair[1] != "" {
			b.Add(table, id, pair[0], pair[1])
		}
	}
}

var columns = map[string]string{
	"options":                    "option_name, option_value",
	"users":                      "ID, user_login, user_email, user_registered, display_name",
	"usermeta":                   "user_id, meta_key, meta_value",
	"posts":                      "ID, post_type, post_status, post_title, post_name, post_password, post_parent, menu_order, post_date, post_date_gmt, post_modified_gmt, post_content, post_excerpt, to_ping, pinged, post_content_filtered",
	"postmeta":                   "post_id, meta_key, meta_value",
	"terms":                      "term_id, name, slug",
	"term_taxonomy":              "term_taxonomy_id, term_id, taxonomy, description, parent",
	"term_relationships":         "object_id, term_taxonomy_id",
	"woocommerce_order_items":    "order_item_id, order_item_name, order_item_type, order_id",
	"woocommerce_order_itemmeta": "order_item_id, meta_key, meta_value",
	"wc_orders":                  "id, status, currency, type, tax_amount, total_amount, customer_id, billing_email, date_created_gmt, date_updated_gmt, parent_order_id",
	"wc_order_addresses":         "order_id, address_type, first_name, last_name, company, address_1, address_2, city, state, postcode, country, email, phone",
	"wc_order_operational_data":  "order_id, date_paid_gmt, date_completed_gmt, shipping_tax_amount, shipping_total_amount, discount_total_amount",
	"wc_orders_meta":             "order_id, meta_key, meta_value",
	"woocommerce_sessions":       "session_id, session_key, session_value, session_expiry",
	"mailpoet_subscribers":       "id, wp_user_id, email, status, subscribed_ip, confirmed_ip, confirmed_at, created_at, updated_at, deleted_at",
	"newsletter":                 "id, email, status, created, updated, wp_user_id, ip",
}

func (b *batch) post(id int64, kind, status, title, slug string, parent int64, order int, created, changed time.Time, excerpt string) {
	b.Add("posts", id, kind, status, title, slug, "", parent, order, local(created), when(created), when(changed), "", excerpt, "", "", "")
}

func (s seeder) Seed(ctx context.Context, db adaptertest.DB, story adaptertest.Story) error {
	b := s.batch()
	if story.Site.Name != "" {
		s.site(b, story)
	}
	for _, c := range story.Categories {
		b.Add("terms", c.ID, c.Name, c.Slug)
		b.Add("term_taxonomy", termTaxonomy(c.ID), c.ID, "product_cat", "", c.Parent)
	}
	for _, p := range story.Products {
		s.product(b, p)
	}
	for _, c := range story.Customers {
		if c.Deleted { // WordPress keeps nothing of it
			continue
		}
		s.customer(b, c)
	}
	for _, o := range story.Orders {
		s.order(b, o)
	}
	for _, c := range story.Carts {
		s.session(b, c)
	}
	for i, a := range story.Answers {
		s.answer(b, int64(i+1), a)
	}
	return b.Write(ctx, db)
}

// termTaxonomy differs from the term's own id, as it does in shops that have lived.
func termTaxonomy(term int64) int64 { return term + 500 }

const hiddenFromCatalog, hiddenFromSearch = 71, 72

func (s seeder) site(b *batch, story adaptertest.Story) {
	yes := func(on bool) string {
		if on {
			return "yes"
		}
		return "no"
	}
	site := story.Site
	for name, text := range map[string]string{
		"blogname": site.Name, "home": site.URL, "siteurl": site.URL, "timezone_string": site.Zone, "gmt_offset": "", "WPLANG": site.Locale,
		"woocommerce_currency": site.Currency, "woocommerce_prices_include_tax": yes(site.PricesWithTax), "woocommerce_version": "11.0.1",
		"woocommerce_custom_orders_table_enabled": yes(s.tables), "woocommerce_custom_orders_table_data_sync_enabled": yes(s.tables && s.copies),
		"permalink_structure": "/%postname%/", "upload_path": "", "upload_url_path": "",
		"woocommerce_permalinks": `a:2:{s:12:"product_base";s:8:"/izdelek";s:13:"category_base";s:10:"kategorija";}`,
	} {
		b.Add("options", name, text)
	}
	b.Add("terms", hiddenFromCatalog, "exclude-from-catalog", "exclude-from-catalog")
	b.Add("terms", hiddenFromSearch, "exclude-from-search", "exclude-from-search")
	b.Add("term_taxonomy", termTaxonomy(hiddenFromCatalog), hiddenFromCatalog, "product_visibility", "", 0)
	b.Add("term_taxonomy", termTaxonomy(hiddenFromSearch), hiddenFromSearch, "product_visibility", "", 0)
	// A term that has the number of a category's term_taxonomy_id must not be taken for it.
	b.Add("terms", termTaxonomy(12), "Wrong", "wrong")
	b.Add("term_taxonomy", 12, termTaxonomy(12), "post_tag", "", 0)
	// Every shop has other posts between.
	b.post(900, "page", "publish", "About us", "about", 0, 0, adaptertest.Now(), adaptertest.Now(), "")
}

func stockStatus(s adapters.Stock) string {
	return map[adapters.Stock]string{adapters.InStock: "instock", adapters.OutOfStock: "outofstock", adapters.OnBackorder: "onbackorder"}[s]
}

// pa is an attribute's taxonomy; the first is shared by the shop's products, the others belong to the product alone.
func pa(i int, a adaptertest.Attribute) string {
	if i == 0 {
		return "pa_" + a.Name
	}
	return a.Name
}

func (s seeder) product(b *batch, p adaptertest.Product) {
	status := map[adaptertest.Visibility]string{adaptertest.Draft: "draft", adaptertest.Binned: "trash"}[p.Visibility]
	b.post(p.ID, "product", cmp.Or(status, "publish"), p.Name, p.Slug, 0, 0, p.Created, p.Changed, "")
	priceOf := p.Price
	if p.Broken {
		priceOf = "5 or so"
	}
	b.meta("postmeta", p.ID, "_sku", p.SKU, "_price", priceOf, "_regular_price", p.Regular, "_stock_status", stockStatus(p.Stock))
	if p.Quantity != "" {
		b.meta("postmeta", p.ID, "_manage_stock", "yes", "_stock", p.Quantity)
	} else {
		b.meta("postmeta", p.ID, "_manage_stock", "no", "_stock", "77") // left over from when it was counted
	}
	for _, c := range p.Categories {
		b.Add("term_relationships", p.ID, termTaxonomy(c))
	}
	if p.Visibility == adaptertest.Hidden {
		b.Add("term_relationships", p.ID, termTaxonomy(hiddenFromCatalog))
		b.Add("term_relationships", p.ID, termTaxonomy(hiddenFromSearch))
	}
	if p.Image != "" {
		b.post(p.ID+800, "attachment", "inherit", "", "", p.ID, 0, p.Created, p.Created, "")
		b.meta("postmeta", p.ID+800, "_wp_attached_file", p.Image)
		b.meta("postmeta", p.ID, "_thumbnail_id", strconv.FormatInt(p.ID+800, 10))
	}
	var attributes strings.Builder
	for i, a := range slices.Backward(p.Attributes) { // positions, not the array's order, count
		fmt.Fprintf(&attributes, `s:%d:"%s";a:2:{s:4:"name";s:1:"x";s:8:"position";i:%d;}`, len(pa(i, a)), pa(i, a), i)
		for n, v := range a.Values {
			if i == 0 {
				b.Add("terms", p.ID+100*int64(n)+600, v.Name, v.Slug)
				b.Add("term_taxonomy", p.ID+100*int64(n)+6000, p.ID+100*int64(n)+600, pa(i, a), "", 0)
			}
		}
	}
	if len(p.Attributes) > 0 {
		b.meta("postmeta", p.ID, "_product_attributes", fmt.Sprintf("a:%d:{%s}", len(p.Attributes), attributes.String()))
	}
	for n, v := range p.Variants {
		b.post(v.ID, "product_variation", "publish", p.Name, "", p.ID, n, p.Created, p.Changed, "")
		b.meta("postmeta", v.ID, "_sku", v.SKU, "_price", v.Price, "_regular_price", cmp.Or(v.Regular, v.Price), "_stock_status", stockStatus(v.Stock))
		if v.Quantity != "" {
			b.meta("postmeta", v.ID, "_manage_stock", "yes", "_stock", v.Quantity)
		}
		for i, slug := range v.Values {
			value := slug
			if a := p.Attributes[i]; i > 0 { // a product's own attribute holds the words themselves
				value = a.Values[slices.IndexFunc(a.Values, func(v adaptertest.Value) bool { return v.Slug == slug })].Name
			}
			b.meta("postmeta", v.ID, "attribute_"+pa(i, p.Attributes[i]), value)
		}
		b.meta("postmeta", p.ID, "_price", v.Price)
	}
}

func (s seeder) customer(b *batch, c adaptertest.Customer) {
	b.Add("users", c.ID, fmt.Sprintf("user%d", c.ID), c.Email, when(c.Registered), c.FirstName)
	changed := ""
	if !c.Changed.IsZero() {
		changed = strconv.FormatInt(c.Changed.Unix(), 10)
	}
	b.meta("usermeta", c.ID, "first_name", c.FirstName, "billing_last_name", c.LastName, "billing_company", c.Company, "billing_phone", c.Phone,
		"billing_address_1", c.Address.Line1, "billing_address_2", c.Address.Line2, "billing_city", c.Address.City, "billing_postcode", c.Address.Postcode,
		"billing_state", c.Address.Region, "billing_country", c.Address.Country, "locale", c.Locale, "last_update", changed,
		b.Prefix+"capabilities", `a:1:{s:8:"customer";b:1;}`)
}

func orderStatus(o adaptertest.Order) string {
	switch {
	case o.Binned:
		return "trash"
	case o.Draft:
		return "wc-checkout-draft"
	case o.Status == adapters.StatusOther:
		return "wc-" + o.RawStatus
	}
	return statusOf(o.Status)
}

func statusOf(s adapters.Status) string {
	if s == adapters.StatusPaid {
		return "wc-processing"
	}
	return "wc-" + string(s)
}

func (s seeder) order(b *batch, o adaptertest.Order) {
	for i, code := range o.Coupons {
		b.Add("woocommerce_order_items", 90_000+10*o.ID+int64(i), code, "coupon", o.ID)
	}
	b.Add("woocommerce_order_items", 900_000+o.ID, "Flat rate", "shipping", o.ID)
	b.meta("woocommerce_order_itemmeta", 900_000+o.ID, "cost", o.Shipping)
	for _, l := range o.Lines {
		if o.Broken {
			l.Net = "12,00 EUR"
		}
		s.line(b, o.ID, l)
	}
	s.orderRows(b, o)
}

func (s seeder) line(b *batch, order int64, l adaptertest.Line) {
	b.Add("woocommerce_order_items", l.ID, l.Name, "line_item", order)
	b.meta("woocommerce_order_itemmeta", l.ID, "_product_id", fmt.Sprint(l.ProductID), "_variation_id", fmt.Sprint(l.VariantID), "_qty", l.Quantity,
		"_line_subtotal", "999", "_line_total", l.Net, "_line_tax", l.Tax, "_line_tax_data", `a:2:{s:5:"total";a:0:{}s:8:"subtotal";a:0:{}}`, "pa_size", "1-kg")
}

func (s seeder) orderRows(b *batch, o adaptertest.Order) {
	switch {
	case s.tables && s.copies:
		s.orderTable(b, o)
		s.orderPost(b, o)
	case s.tables:
		s.orderTable(b, o)
		b.post(o.ID, "shop_order_placehold", "draft", "", "", 0, 0, time.Time{}, time.Time{}, "")
	default:
		s.orderPost(b, o)
		if s.copies { // as they were before the shop went back to posts
			stale := o
			stale.Status, stale.Total, stale.Binned, stale.Draft, stale.Refunds = adapters.StatusCompleted, "1000", false, false, nil
			s.orderTable(b, stale)
		}
	}
	for _, r := range o.Refunds {
		s.refund(b, o, r)
	}
}

func (s seeder) orderTable(b *batch, o adaptertest.Order) {
	var customer any
	if o.CustomerID > 0 {
		customer = o.CustomerID
	} else if o.ID%2 == 0 {
		customer = 0 // guests are 0 or NULL
	}
	b.Add("wc_orders", o.ID, orderStatus(o), o.Currency, "shop_order", orNull(o.LineTax), o.Total, customer, o.Email, orNull(when(o.Placed)), when(o.Changed), 0)
	a := o.Address
	for _, kind := range []string{"billing", "shipping"} {
		first := o.FirstName
		if kind == "shipping" {
			first = "Somebody else"
		}
		b.Add("wc_order_addresses", o.ID, kind, first, o.LastName, o.Company, a.Line1, a.Line2, a.City, a.Region, a.Postcode, a.Country, o.Email, o.Phone)
	}
	b.Add("wc_order_operational_data", o.ID, orNull(when(o.Paid)), orNull(when(o.Completed)), orNull(o.ShippingTax), orNull(o.Shipping), orNull(o.Discount))
	b.meta("wc_orders_meta", o.ID, "_order_number", o.Number, "wpml_language", o.Locale, "_wc_order_attribution_source_type", "typein")
}

func unixText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return strconv.FormatInt(t.Unix(), 10)
}

func (s seeder) orderPost(b *batch, o adaptertest.Order) {
	b.post(o.ID, "shop_order", orderStatus(o), "Order", "order", 0, 0, o.Placed, o.Changed, "")
	a := o.Address
	b.meta("postmeta", o.ID, "_order_currency", o.Currency, "_order_total", o.Total, "_order_tax", o.LineTax, "_order_shipping", o.Shipping,
		"_order_shipping_tax", o.ShippingTax, "_cart_discount", o.Discount, "_customer_user", strconv.FormatInt(o.CustomerID, 10),
		"_billing_email", o.Email, "_billing_first_name", o.FirstName, "_billing_last_name", o.LastName, "_billing_company", o.Company,
		"_billing_phone", o.Phone, "_billing_address_1", a.Line1, "_billing_address_2", a.Line2, "_billing_city", a.City,
		"_billing_postcode", a.Postcode, "_billing_state", a.Region, "_billing_country", a.Country, "_shipping_first_name", "Somebody else",
		"_order_number", o.Number, "wpml_language", o.Locale)
	if o.ID%2 == 1 { // as WooCommerce 3 and later keep them
		b.meta("postmeta", o.ID, "_date_paid", unixText(o.Paid), "_date_completed", unixText(o.Completed))
		return
	}
	if !o.Paid.IsZero() {
		b.meta("postmeta", o.ID, "_paid_date", local(o.Paid))
	}
	if !o.Completed.IsZero() {
		b.meta("postmeta", o.ID, "_completed_date", local(o.Completed))
	}
}

func (s seeder) refund(b *batch, o adaptertest.Order, r adaptertest.Refund) {
	negative := "-" + r.Amount
	if s.tables {
		b.Add("wc_orders", r.ID, "wc-completed", o.Currency, "shop_order_refund", nil, negative, nil, nil, when(r.At), when(r.At), o.ID)
		b.meta("wc_orders_meta", r.ID, "_refund_amount", r.Amount, "_refund_reason", r.Reason)
	}
	if !s.tables || s.copies {
		b.post(r.ID, "shop_order_refund", "wc-completed", "Refund", "", o.ID, 0, r.At, r.At, r.Reason)
		b.meta("postmeta", r.ID, "_refund_amount", r.Amount, "_order_total", negative)
	}
	// What went back is a line of the child, and none of the order.
	b.Add("woocommerce_order_items", 700_000+r.ID, "Refunded", "line_item", r.ID)
	b.meta("woocommerce_order_itemmeta", 700_000+r.ID, "_qty", "-1", "_line_total", negative)
}

// Change leaves the traces that were seen on running shops: a partial refund and an edited address bump wc_orders, and
// leave post_modified_gmt as it is.
func (s seeder) Change(ctx context.Context, db adaptertest.DB, c adaptertest.Change) error {
	run := func(statement string, args ...any) error {
		_, err := db.ExecContext(ctx, strings.ReplaceAll(statement, "~", s.prefix), args...)
		return err
	}
	at := when(c.At)
	b := s.batch()
	switch {
	case c.Line != nil:
		s.line(b, c.OrderID, *c.Line)
		return b.Write(ctx, db)
	case c.Refund != nil:
		s.refund(b, adaptertest.Order{ID: c.OrderID, Currency: "EUR"}, *c.Refund)
		if s.tables {
			if err := run("UPDATE ~wc_orders SET date_updated_gmt = ? WHERE id = ?", at, c.OrderID); err != nil {
				return err
			}
		}
		return b.Write(ctx, db)
	case c.OrderID > 0 && (c.Status != "" || c.Bin):
		status := statusOf(c.Status)
		if c.Bin {
			status = "trash"
		}
		if s.tables {
			if err := run("UPDATE ~wc_orders SET status = ?, date_updated_gmt = ? WHERE id = ?", status, at, c.OrderID); err != nil {
				return err
			}
		}
		return run("UPDATE ~posts SET post_status = ?, post_modified_gmt = ? WHERE ID = ? AND post_type = 'shop_order'", status, at, c.OrderID)
	case c.Delete:
		for _, statement := range []string{
			"DELETE m FROM ~woocommerce_order_itemmeta m JOIN ~woocommerce_order_items i ON i.order_item_id = m.order_item_id WHERE i.order_id = ?",
			"DELETE FROM ~woocommerce_order_items WHERE order_id = ?",
			"DELETE FROM ~postmeta WHERE post_id = ?", "DELETE FROM ~posts WHERE ID = ?",
		} {
			if err := run(statement, c.OrderID); err != nil {
				return err
			}
		}
		if s.tables {
			return run("DELETE FROM ~wc_orders WHERE id = ?", c.OrderID)
		}
		return nil
	case c.Phone != "" && s.tables:
		return run("UPDATE ~wc_order_addresses SET phone = ? WHERE order_id = ? AND address_type = 'billing'", c.Phone, c.OrderID)
	case c.Phone != "":
		return run("UPDATE ~postmeta SET meta_value = ? WHERE post_id = ? AND meta_key = '_billing_phone'", c.Phone, c.OrderID)
	case c.ProductID > 0:
		if err := run("UPDATE ~postmeta SET meta_value = ? WHERE post_id = ? AND meta_key = '_price'", c.Price, c.ProductID); err != nil {
			return err
		}
		return run("UPDATE ~posts SET post_modified_gmt = ? WHERE ID = ?", at, c.ProductID)
	case c.CustomerID > 0:
		if err := run("UPDATE ~usermeta SET meta_value = ? WHERE user_id = ? AND meta_key = 'billing_last_name'", c.LastName, c.CustomerID); err != nil {
			return err
		}
		return run("UPDATE ~usermeta SET meta_value = ? WHERE user_id = ? AND meta_key = 'last_update'", strconv.FormatInt(c.At.Unix(), 10), c.CustomerID)
	}
	return fmt.Errorf("nothing to change in %+v", c)
}

// serialised is a list of PHP with text keys and values that are serialised already.
func serialised(pairs ...string) string {
	var b strings.Builder
	for pair := range slices.Chunk(pairs, 2) {
		b.WriteString(phpText(pair[0]) + pair[1])
	}
	return fmt.Sprintf("a:%d:{%s}", len(pairs)/2, b.String())
}

func phpText(s string) string { return fmt.Sprintf(`s:%d:"%s";`, len(s), s) }

// session keeps a cart for two days. A cart that was ordered is an empty one; wish lists are other plugins' affair.
func (s seeder) session(b *batch, c adaptertest.Cart) {
	var lines []string
	for _, l := range c.Lines {
		if c.Ordered || c.WishList {
			break
		}
		lines = append(lines, fmt.Sprintf("key%d", l.ID), serialised("product_id", fmt.Sprintf("i:%d;", l.ProductID), "variation_id", fmt.Sprintf("i:%d;", l.VariantID),
			"variation", "a:0:{}", "quantity", "i:"+l.Quantity+";", "line_total", "d:"+l.Net+";", "line_tax", "d:"+l.Tax+";"))
	}
	key := fmt.Sprintf("t_%030d", c.ID)
	if c.CustomerID > 0 {
		key = strconv.FormatInt(c.CustomerID, 10)
	}
	guest := serialised("email", phpText(c.Email), "first_name", phpText(""), "last_name", phpText(""), "phone", phpText(""))
	text := serialised("cart", phpText(serialised(lines...)), "customer", phpText(guest), "wc_notices", "N;")
	if c.WishList {
		key = "t_wish"
	}
	b.Add("woocommerce_sessions", c.ID, key, text, c.Changed.AddDate(0, 0, 2).Unix())
	if c.CustomerID == 101 { // one that is over, which the clean-up has not come to yet
		b.Add("woocommerce_sessions", c.ID+900, "t_over", serialised("cart", phpText(serialised(lines...)), "customer", phpText(guest)), adaptertest.Now().Add(-time.Hour).Unix())
	}
}

func (s seeder) answer(b *batch, id int64, a adaptertest.Answer) {
	var user any
	if a.CustomerID > 0 {
		user = a.CustomerID
	}
	switch s.asked {
	case woocommerce.MailPoet:
		confirmed := any(nil)
		if a.Consent == adapters.Subscribed {
			confirmed = when(a.At)
		}
		b.Add("mailpoet_subscribers", id, user, a.Email, string(a.Consent), orNull(a.IP), nil, confirmed, when(a.At.AddDate(0, -1, 0)), when(a.At), nil)
	case woocommerce.NewsletterPlugin:
		status := map[adapters.Consent]string{adapters.Subscribed: "C", adapters.Unconfirmed: "S", adapters.Unsubscribed: "U"}[a.Consent]
		b.Add("newsletter", id, a.Email, status, when(a.At.AddDate(0, -1, 0)), a.At.Unix(), a.CustomerID, a.IP)
	case woocommerce.Mailchimp:
		if a.CustomerID > 0 {
			flag := "0"
			if a.Consent == adapters.Subscribed {
				flag = "1"
			}
			b.Add("usermeta", a.CustomerID, "mailchimp_woocommerce_is_subscribed", flag)
		}
	}
}
