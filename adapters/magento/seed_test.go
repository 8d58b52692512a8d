package magento_test

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/adaptertest"
)

// seeder writes what Magento writes, as far as it is read, and beside it what must not be mistaken for it.
type seeder struct {
	prefix  string
	sources bool // stock is kept by source
	staged  bool // Commerce: products and categories have a row for each version
	records bool // each change of an order's status is recorded
}

const zeroDate = "0000-00-00 00:00:00"

func when(t time.Time) string {
	if t.IsZero() {
		return zeroDate
	}
	return t.Format("2006-01-02 15:04:05")
}

func orNull(s string) any {
	if s == "" || s == zeroDate {
		return nil
	}
	return s
}

func dec(s string) decimal.Decimal {
	if s == "" {
		return decimal.Zero
	}
	return decimal.RequireFromString(s)
}

// The numbers of attributes, which every shop has others of.
const (
	nameOf, imageOf, urlKeyOf, statusOf, visibilityOf       = 173, 187, 221, 197, 199
	priceOf, specialOf, specialFromOf, specialToOf, labelOf = 177, 178, 179, 180, 145
	axisOf                                                  = 301 // and the following ones
)

// Store views: ours, the one in Russian, and that of another website.
const ours, russian, outlet = 1, 2, 3

func (s seeder) columns() map[string]string {
	link, entity := "entity_id", "entity_id"
	if s.staged {
		link, entity = "row_id", "entity_id, row_id, created_in, updated_in"
	}
	columns := map[string]string{
		"core_config_data": "scope, scope_id, path, value", "store_website": "website_id, code, name, default_group_id, is_default",
		"store_group": "group_id, website_id, name, root_category_id, default_store_id, code", "store": "store_id, code, website_id, group_id, name, is_active",
		"eav_entity_type": "entity_type_id, entity_type_code, entity_model", "eav_attribute": "attribute_id, entity_type_id, attribute_code, backend_type",
		"catalog_eav_attribute": "attribute_id, is_global", "eav_attribute_option": "option_id, attribute_id", "eav_attribute_option_value": "option_id, store_id, value",
		"customer_entity":         "entity_id, website_id, email, store_id, created_at, updated_at, firstname, lastname, default_billing",
		"customer_address_entity": "entity_id, parent_id, created_at, updated_at, city, company, country_id, firstname, lastname, postcode, region, street, telephone",
		"newsletter_subscriber":   "subscriber_id, store_id, change_status_at, customer_id, subscriber_email, subscriber_status",
		"sales_order": "entity_id, state, status, hold_before_state, coupon_code, is_virtual, store_id, customer_id, customer_is_guest, discount_amount, grand_total, base_grand_total, shipping_amount, tax_amount, " +
			"total_refunded, billing_address_id, increment_id, base_currency_code, order_currency_code, customer_email, customer_firstname, customer_lastname, created_at, updated_at",
		"sales_order_grid":    "entity_id, status, store_id, customer_id, base_grand_total, grand_total, increment_id, order_currency_code",
		"sales_order_address": "entity_id, parent_id, region, postcode, lastname, street, city, email, telephone, country_id, firstname, address_type, company",
		"sales_order_item": "item_id, order_id, parent_item_id, product_id, product_type, sku, name, qty_ordered, price, base_row_total, row_total, row_total_incl_tax, discount_amount, tax_amount, " +
			"discount_tax_compensation_amount, weee_tax_applied_row_amount, created_at, updated_at",
		"sales_order_status_state": "status, state, is_default", "sales_order_status_history": "parent_id, comment, status, created_at, entity_name",
		"sales_order_status_change_history": "order_id, status, created_at", "sales_invoice": "entity_id, order_id, state, base_grand_total, grand_total, created_at, updated_at",
		"sales_shipment":   "entity_id, order_id, created_at, updated_at",
		"sales_creditmemo": "entity_id, order_id, state, grand_total, base_grand_total, customer_note, created_at, updated_at", "sales_creditmemo_comment": "parent_id, comment, created_at",
		"quote":                    "entity_id, store_id, created_at, updated_at, is_active, items_count, quote_currency_code, base_currency_code, customer_id, customer_email, customer_is_guest, reserved_order_id",
		"quote_item":               "item_id, quote_id, parent_item_id, product_id, product_type, sku, name, qty, row_total, tax_amount, discount_amount, discount_tax_compensation_amount, created_at, updated_at",
		"quote_address":            "address_id, quote_id, address_type, email, created_at, updated_at",
		"catalog_category_entity":  entity + ", parent_id, path, position, level, children_count",
		"catalog_product_entity":   entity + ", type_id, sku, created_at, updated_at",
		"catalog_category_product": "category_id, product_id", "catalog_product_website": "product_id, website_id",
		"catalog_product_super_link": "product_id, parent_id", "catalog_product_super_attribute": "product_id, attribute_id, position",
		"cataloginventory_stock_item": "product_id, stock_id, qty, is_in_stock, use_config_manage_stock, manage_stock, use_config_backorders, backorders",
		"inventory_source":            "source_code, name, enabled, country_id, postcode", "inventory_source_item": "source_code, sku, quantity, status",
		"inventory_source_stock_link": "stock_id, source_code, priority", "inventory_stock_sales_channel": "type, code, stock_id", "inventory_reservation": "stock_id, sku, quantity",
		"url_rewrite": "entity_type, entity_id, request_path, redirect_type, store_id, metadata", "sequence_product": "sequence_value",
	}
	for _, table := range []string{"catalog_category_entity_varchar", "catalog_product_entity_varchar", "catalog_product_entity_int", "catalog_product_entity_decimal", "catalog_product_entity_datetime"} {
		columns[table] = link + ", attribute_id, store_id, value"
	}
	return columns
}

type batch struct {
	adaptertest.Batch
	seeder
}

func (s seeder) batch() *batch {
	return &batch{adaptertest.Batch{Prefix: s.prefix, Columns: s.columns()}, s}
}

// utc gives a session as Magento's own are: in UTC, because its times are of type TIMESTAMP, and with 0 for a key.
func utc(ctx context.Context, db adaptertest.DB) (adaptertest.DB, func(), error) {
	release := func() {}
	if pool, ok := db.(*sql.DB); ok {
		conn, err := pool.Conn(ctx)
		if err != nil {
			return nil, release, err
		}
		db, release = conn, func() { _ = conn.Close() }
	}
	_, err := db.ExecContext(ctx, "SET SESSION time_zone = '+00:00', sql_mode = 'NO_AUTO_VALUE_ON_ZERO'")
	return db, release, err
}

func (s seeder) Seed(ctx context.Context, db adaptertest.DB, story adaptertest.Story) error {
	db, release, err := utc(ctx, db)
	defer release()
	if err != nil {
		return err
	}
	b := s.batch()
	if story.Site.Name != "" {
		b.site(story)
	}
	for _, c := range story.Categories {
		b.category(c)
	}
	for _, p := range story.Products {
		if p.Visibility != adaptertest.Binned { // Magento keeps nothing of a deleted product
			b.product(p)
		}
	}
	for _, c := range story.Customers {
		if !c.Deleted { // nor of a deleted account
			b.customer(c)
		}
	}
	for _, o := range story.Orders {
		if !o.Binned && !o.Draft { // a checkout that was begun is a quote; orders have no bin
			b.order(o)
		}
	}
	for _, c := range story.Carts {
		b.cart(c)
	}
	for i, a := range story.Answers {
		b.answer(int64(i+1), a)
	}
	return b.Write(ctx, db)
}

func (b *batch) setting(scope string, id int, path string, value any) {
	b.Add("core_config_data", scope, id, path, value)
}

func (b *batch) site(story adaptertest.Story) {
	site := story.Site
	b.Add("store_website", 0, "admin", "Admin", 0, 0)
	b.Add("store_website", 1, "base", "Main Website", 1, 1)
	b.Add("store_website", 2, "outlet", "Outlet", 2, 0)
	b.Add("store_group", 1, 1, "Main Website Store", 2, ours, "main")
	b.Add("store_group", 2, 2, "Outlet Store", 2, outlet, "outlet")
	b.Add("store_group", 0, 0, "Default", 0, 0, "default")
	b.Add("store", 0, "admin", 0, 0, "Admin", 1)
	b.Add("store", ours, "default", 1, 1, "Slovenski", 1)
	b.Add("store", russian, "ru", 1, 1, "По-русски", 1)
	b.Add("store", outlet, "outlet", 2, 2, "Outlet", 1)

	b.setting("default", 0, "general/store_information/name", site.Name)
	b.setting("default", 0, "web/unsecure/base_url", "http://"+strings.TrimPrefix(site.URL, "https://")+"/")
	b.setting("default", 0, "web/secure/base_url", site.URL+"/")
	b.setting("default", 0, "web/secure/use_in_frontend", "1")
	b.setting("default", 0, "web/seo/use_rewrites", "1")
	b.setting("default", 0, "currency/options/base", site.Currency)
	b.setting("websites", 1, "currency/options/base", "CHF") // left over from when prices were each website's own
	b.setting("default", 0, "general/locale/code", site.Locale)
	b.setting("stores", russian, "general/locale/code", "ru_RU")
	b.setting("stores", outlet, "general/locale/code", "de_AT") // another website's
	b.setting("default", 0, "general/locale/timezone", "America/New_York")
	b.setting("websites", 1, "general/locale/timezone", site.Zone) // a website's own goes before
	if site.PricesWithTax {
		b.setting("websites", 1, "tax/calculation/price_includes_tax", "1")
	}
	// No row for catalog/price/scope, catalog/seo/product_url_suffix, cataloginventory/item_options/…: Magento's own hold.

	b.Add("eav_entity_type", 1, "customer", "Customer")
	b.Add("eav_entity_type", 3, "catalog_category", "Category")
	b.Add("eav_entity_type", 4, "catalog_product", "Product")
	const global, website, view = 1, 2, 0
	for _, a := range []struct {
		id, entity int
		code, kind string
		scope      int
	}{
		{labelOf, 3, "name", "varchar", view}, {nameOf, 4, "name", "varchar", view}, {imageOf, 4, "image", "varchar", view}, {urlKeyOf, 4, "url_key", "varchar", view},
		{statusOf, 4, "status", "int", website}, {visibilityOf, 4, "visibility", "int", view}, {priceOf, 4, "price", "decimal", global}, {specialOf, 4, "special_price", "decimal", website},
		{specialFromOf, 4, "special_from_date", "datetime", website}, {specialToOf, 4, "special_to_date", "datetime", website},
		{45, 1, "name", "varchar", view}, // a customer's attribute of the same code
	} {
		b.Add("eav_attribute", a.id, a.entity, a.code, a.kind)
		b.Add("catalog_eav_attribute", a.id, a.scope)
	}
	for status, state := range map[string]string{"pending": "new", "pending_payment": "pending_payment", "processing": "processing", "picking": "processing", "fraud": "processing",
		"complete": "complete", "delivered": "complete", "closed": "closed", "canceled": "canceled", "holded": "holded", "packing": "packing"} {
		b.Add("sales_order_status_state", status, state, status == state)
	}
	b.Add("sales_order_status_state", "fraud", "payment_review", 0)
	for id, name := range map[int64]string{1: "Root Catalog", 2: "Default Category"} { // the roots are no shelves
		b.categoryRow(id, id-1, strings.TrimSuffix("1/2", "/2"), int(id-1))
		b.value("catalog_category_entity_varchar", b.row(id), labelOf, 0, name)
	}
	b.stocks()
}

// stocks are two, because ours sells from one that is not the default.
func (b *batch) stocks() {
	if !b.sources {
		return
	}
	for source, on := range map[string]int{"default": 1, "east": 1, "west": 1, "north": 1, "closed": 0} {
		b.Add("inventory_source", source, source, on, "SI", "1000")
	}
	b.Add("inventory_source_stock_link", 1, "default", 1)
	for i, source := range []string{"east", "west", "north", "closed"} {
		b.Add("inventory_source_stock_link", 2, source, i+1)
	}
	b.Add("inventory_stock_sales_channel", "website", "base", 2)
	b.Add("inventory_stock_sales_channel", "website", "outlet", 1)
}

// row is what values belong to: in Commerce the row of a product's or category's version of today.
func (b *batch) row(id int64) int64 {
	if b.staged {
		return id + 1_000_000
	}
	return id
}

func (b *batch) value(table string, row int64, attribute, store int, value any) {
	b.Add(table, row, attribute, store, value)
}

// A version has begun in 2020, and the next one begins in 2030.
const begun, next, forever = 1_577_836_800, 1_893_456_000, 2_147_483_647

func (b *batch) categoryRow(id, parent int64, path string, level int) {
	key := []any{id}
	if b.staged {
		key = append(key, b.row(id), begun, next)
		// A version that is over, and one that is to come.
		b.Add("catalog_category_entity", id, id+2_000_000, 1, begun, 1, "1", 1, 2, 0)
		b.Add("catalog_category_entity", id, id+3_000_000, next, forever, 1, "1", 1, 2, 0)
		b.value("catalog_category_entity_varchar", id+2_000_000, labelOf, 0, "As it was")
		b.value("catalog_category_entity_varchar", id+3_000_000, labelOf, 0, "As it will be")
	}
	b.Add("catalog_category_entity", append(key, parent, path, 1, level, 0)...)
}

func (b *batch) category(c adaptertest.Category) {
	parent, path, level := cmp.Or(c.Parent, 2), fmt.Sprintf("1/2/%d", c.ID), 2
	if c.Parent > 0 {
		path, level = fmt.Sprintf("1/2/%d/%d", c.Parent, c.ID), 3
	}
	b.categoryRow(c.ID, parent, path, level)
	b.value("catalog_category_entity_varchar", b.row(c.ID), labelOf, 0, c.Name)
	if c.ID%2 == 0 { // a store view that uses the default has NULL, or no row
		b.value("catalog_category_entity_varchar", b.row(c.ID), labelOf, ours, nil)
	}
	b.value("catalog_category_entity_varchar", b.row(c.ID), labelOf, russian, "По-русски")
	if c.ID == 14 { // one that has no address of its own
		return
	}
	b.Add("url_rewrite", "category", c.ID, "old-"+c.Slug+".html", 301, ours, nil)
	b.Add("url_rewrite", "category", c.ID, c.Slug+".html", 0, ours, nil)
	b.Add("url_rewrite", "category", c.ID, c.Slug+".html", 0, outlet, nil)
}

// productRow writes the row of a product or a variant, with its price.
func (b *batch) productRow(id int64, kind, sku string, created, changed time.Time, usual, now string) {
	key := []any{id}
	if b.staged {
		b.Add("sequence_product", id)
		key = append(key, b.row(id), begun, next)
		former := id + 2_000_000
		if id == 1001 {
			former = 1003 // the number of a row is another product's
		}
		b.Add("catalog_product_entity", id, former, 1, begun, kind, sku, when(created), when(created))
		b.Add("catalog_product_entity", id, id+3_000_000, next, forever, kind, sku, when(created), when(created))
		for _, other := range []int64{former, id + 3_000_000} {
			b.value("catalog_product_entity_varchar", other, nameOf, 0, "Another version")
			b.value("catalog_product_entity_decimal", other, priceOf, 0, "0.5")
			b.value("catalog_product_entity_int", other, statusOf, 0, 1)
		}
	}
	b.Add("catalog_product_entity", append(key, kind, sku, when(created), when(changed))...)
	b.Add("catalog_product_website", id, 1)
	if usual == "" {
		usual = now
	}
	b.value("catalog_product_entity_decimal", b.row(id), priceOf, 0, orNull(usual))
	if usual != now {
		b.value("catalog_product_entity_decimal", b.row(id), specialOf, 0, now)
		b.value("catalog_product_entity_datetime", b.row(id), specialFromOf, 0, "2023-01-01 00:00:00")
	}
}

func (b *batch) product(p adaptertest.Product) {
	kind := "simple"
	if len(p.Variants) > 0 {
		kind = "configurable"
	}
	b.productRow(p.ID, kind, p.SKU, p.Created, p.Changed, p.Regular, p.Price)
	row := b.row(p.ID)
	name := p.Name
	if p.ID == 1001 { // a store view's own name goes before the default
		b.value("catalog_product_entity_varchar", row, nameOf, ours, name)
		name = "Name for all store views"
		// A store view's price is left over where prices are the same in all.
		b.value("catalog_product_entity_decimal", row, priceOf, ours, "999")
	} else if p.ID == 1002 { // NULL uses the default
		b.value("catalog_product_entity_varchar", row, nameOf, ours, nil)
	}
	b.value("catalog_product_entity_varchar", row, nameOf, 0, name)
	b.value("catalog_product_entity_varchar", row, nameOf, russian, "По-русски")
	status, visibility := 1, 4
	switch p.Visibility {
	case adaptertest.Draft:
		status = 2
	case adaptertest.Hidden:
		visibility = 1
	case adaptertest.Shown, adaptertest.Binned:
	}
	b.value("catalog_product_entity_int", row, statusOf, 0, status)
	b.value("catalog_product_entity_int", row, visibilityOf, 0, visibility)
	b.value("catalog_product_entity_varchar", row, imageOf, 0, "no_selection") // Magento's word for none
	if p.Image != "" {
		b.value("catalog_product_entity_varchar", row, imageOf, ours, "/"+p.Image)
	}
	switch {
	case p.Broken: // a date that an import wrote, and a lax server took
		b.value("catalog_product_entity_decimal", row, specialOf, 0, "4")
		b.value("catalog_product_entity_datetime", row, specialFromOf, 0, "2023-00-15 00:00:00")
	case p.ID == 1003: // a reduction that is over
		b.value("catalog_product_entity_decimal", row, specialOf, 0, "1")
		b.value("catalog_product_entity_datetime", row, specialToOf, 0, "2024-12-31 00:00:00")
	case p.ID == 1006: // and one that has not begun
		b.value("catalog_product_entity_decimal", row, specialOf, 0, "0.001")
		b.value("catalog_product_entity_datetime", row, specialFromOf, 0, "2030-01-01 00:00:00")
	}
	b.productPlaces(p, row)
	b.stock(p.ID, p.SKU, p.Stock, p.Quantity, kind)
	b.variants(p)
}

// productPlaces are where a product is found: its shelves and its addresses.
func (b *batch) productPlaces(p adaptertest.Product, row int64) {
	for _, c := range p.Categories {
		b.Add("catalog_category_product", c, p.ID)
	}
	b.Add("catalog_category_product", 2, p.ID) // a root is no shelf
	b.value("catalog_product_entity_varchar", row, urlKeyOf, 0, orNull(p.Slug))
	if p.ID == 1001 || p.ID == 1002 { // the others' rows are not written yet, or not kept
		b.Add("url_rewrite", "product", p.ID, "coffee/"+p.Slug+".html", 0, ours, `{"category_id":"12"}`)
		b.Add("url_rewrite", "product", p.ID, p.Slug+".html", 0, ours, nil)
		b.Add("url_rewrite", "product", p.ID, "old-"+p.Slug+".html", 301, ours, nil)
		b.Add("url_rewrite", "product", p.ID, p.Slug+"-ru.html", 0, russian, nil)
		b.Add("url_rewrite", "cms-page", p.ID, "page-"+p.Slug, 0, ours, nil) // another kind of thing has the same number
	}
}

// variants are products of their own, which a configurable one links to.
func (b *batch) variants(p adaptertest.Product) {
	option := func(axis, value int) int64 { return p.ID*100 + int64(axis*10+value) }
	for i, a := range p.Attributes {
		b.Add("eav_attribute", axisOf+i, 4, a.Name, "int")
		b.Add("catalog_eav_attribute", axisOf+i, 1)
		for n, v := range a.Values {
			b.Add("eav_attribute_option", option(i, n), axisOf+i)
			if i == 0 { // staff's word for it, and the shoppers'
				b.Add("eav_attribute_option_value", option(i, n), 0, v.Slug)
				b.Add("eav_attribute_option_value", option(i, n), ours, v.Name)
			} else {
				b.Add("eav_attribute_option_value", option(i, n), 0, v.Name)
				b.Add("eav_attribute_option_value", option(i, n), russian, "По-русски")
			}
		}
	}
	for i := len(p.Attributes) - 1; i >= 0; i-- { // positions, not the rows' order, count
		b.Add("catalog_product_super_attribute", b.row(p.ID), axisOf+i, i)
	}
	for _, v := range p.Variants {
		b.productRow(v.ID, "simple", v.SKU, p.Created, p.Changed, v.Regular, v.Price)
		b.value("catalog_product_entity_varchar", b.row(v.ID), nameOf, 0, p.Name+" "+v.SKU)
		b.value("catalog_product_entity_int", b.row(v.ID), statusOf, 0, 1)
		b.value("catalog_product_entity_int", b.row(v.ID), visibilityOf, 0, 1)
		for i, slug := range v.Values {
			n := slices.IndexFunc(p.Attributes[i].Values, func(x adaptertest.Value) bool { return x.Slug == slug })
			b.value("catalog_product_entity_int", b.row(v.ID), axisOf+i, 0, option(i, n))
		}
		b.Add("catalog_product_super_link", v.ID, b.row(p.ID))
		b.stock(v.ID, v.SKU, v.Stock, v.Quantity, "simple")
	}
	if len(p.Variants) > 0 { // one that is switched off
		const off = 1190
		b.productRow(off, "simple", "BRA-OFF", p.Created, p.Changed, "", "0.01")
		b.value("catalog_product_entity_int", b.row(off), statusOf, 0, 2)
		b.value("catalog_product_entity_int", b.row(off), visibilityOf, 0, 1)
		b.Add("catalog_product_super_link", off, b.row(p.ID))
	}
}

func (b *batch) stock(id int64, sku string, state adapters.Stock, quantity, kind string) {
	if state == adapters.OutOfStock && quantity == "" {
		return // it was never taken in
	}
	useSetting, managed, backorders, inStock, qty := 1, 0, 0, 1, orNull(quantity)
	switch {
	case kind == "configurable": // nobody keeps its number
		qty = "0"
	case state == adapters.OnBackorder:
		backorders = 1
	case state == adapters.OutOfStock:
		inStock = 0
	case quantity == "": // left over from when it was counted
		useSetting, qty = 0, "77"
	}
	if b.sources && quantity != "" {
		qty = "500" // what the old table has is not looked at
		b.sourceItems(sku, dec(quantity))
	}
	useOrders := 1 - backorders
	b.Add("cataloginventory_stock_item", id, 1, qty, inStock, useSetting, managed, useOrders, backorders)
}

func (b *batch) sourceItems(sku string, quantity decimal.Decimal) {
	reserve := func(n decimal.Decimal) { b.Add("inventory_reservation", 2, sku, n.String()) }
	switch {
	case quantity.IsPositive(): // in two sources, and some of it is sold already
		b.Add("inventory_source_item", "east", sku, quantity.String(), 1)
		b.Add("inventory_source_item", "west", sku, "5", 1)
		reserve(decimal.NewFromInt(-7))
		reserve(decimal.NewFromInt(2)) // a cancelled order gave it back
	case quantity.IsNegative(): // sold before it came
		b.Add("inventory_source_item", "east", sku, "0", 1)
		reserve(quantity)
	default:
		b.Add("inventory_source_item", "east", sku, "0", 0)
	}
	b.Add("inventory_source_item", "north", sku, "40", 0)   // marked as out of stock there
	b.Add("inventory_source_item", "closed", sku, "100", 1) // of a source that is switched off
	b.Add("inventory_source_item", "default", sku, "50", 1) // of another website's stock
	b.Add("inventory_reservation", 1, sku, "-99")
}

func (b *batch) customer(c adaptertest.Customer) {
	store := map[string]int{"sl_SI": ours, "ru_RU": russian}[c.Locale] // 0: made by staff
	var billing any
	if c.Company != "" || c.Phone != "" {
		if c.ID == 101 { // the oldest is not the one that mail goes to
			b.Add("customer_address_entity", 10*c.ID, c.ID, when(c.Registered), when(c.Registered), "Elsewhere", "Nobody", "AT", "Not", "Hers", "1", "", "Old street", "0")
			billing = 10*c.ID + 1
		}
		a := c.Address
		b.Add("customer_address_entity", 10*c.ID+1, c.ID, when(c.Registered), when(c.Registered), a.City, orNull(c.Company), a.Country, c.FirstName, c.LastName, a.Postcode, a.Region,
			street(a), c.Phone)
	}
	b.Add("customer_entity", c.ID, 1, c.Email, store, when(c.Registered), when(c.Changed), c.FirstName, c.LastName, billing)
}

// street has its lines in one column.
func street(a adapters.Address) string {
	return strings.TrimSuffix(a.Line1+"\n"+a.Line2, "\n")
}

// orderState is Magento's own word, and the shop's, which need not be the same.
func orderState(o adaptertest.Order) (state any, status string, before any) {
	switch {
	case o.Status == adapters.StatusOther: // a state that an extension has made
		return o.RawStatus, o.RawStatus, nil
	case o.ID == 2001: // a word of the shop's own
		return "complete", "delivered", nil
	case o.ID == 2002: // and one more
		return "processing", "picking", nil
	case o.ID == 2008: // a state that was never written
		return nil, "pending", nil
	case o.ID == 2014: // staff look into it
		return "holded", "holded", "processing"
	}
	word, status := words(o.Status)
	return word, status, nil
}

func words(s adapters.Status) (state, status string) {
	switch s {
	case adapters.StatusPaid:
		return "processing", "processing"
	case adapters.StatusCompleted:
		return "complete", "complete"
	case adapters.StatusRefunded:
		return "closed", "closed"
	case adapters.StatusCancelled, adapters.StatusFailed: // a refused payment cancels the order
		return "canceled", "canceled"
	case adapters.StatusPending, adapters.StatusOther:
	}
	return "new", "pending"
}

func (b *batch) order(o adaptertest.Order) {
	state, status, before := orderState(o)
	var store, customer, first, last, refunded any
	guest := o.CustomerID == 0 && o.FormerID == 0
	if o.Locale != "" {
		store = ours // else the store view is deleted
	}
	if o.CustomerID > 0 {
		customer, first, last = o.CustomerID, orNull(o.FirstName), orNull(o.LastName)
	}
	if o.FormerID > 0 && !b.sources { // deleted past the foreign keys: the number dangles. Else NULL, and no guest
		customer = o.FormerID
	}
	email, billing, currency := orNull(o.Email), any(10*o.ID+1), o.Currency
	if o.ID == 2011 { // the address alone has it
		email = nil
	}
	if o.ID == 2014 { // an import that did not link it
		billing = nil
	}
	if o.Broken {
		currency = "€"
	}
	var total decimal.Decimal
	for _, r := range o.Refunds {
		total = total.Add(dec(r.Amount))
		refunded = total.String()
	}
	number := cmp.Or(o.Number, fmt.Sprintf("%09d", o.ID))
	tax, base := dec(o.LineTax).Add(dec(o.ShippingTax)), dec(o.Total).Mul(decimal.NewFromInt(2)) // amounts in the base currency are others
	b.Add("sales_order", o.ID, state, status, before, orNull(strings.Join(o.Coupons, "")), o.ID == 2015, store, customer, guest, dec(o.Discount).Neg().String(), o.Total, base.String(),
		orNull(o.Shipping), tax.String(), refunded, billing, number, "CHF", currency, email, first, last, when(o.Placed), when(o.Changed))
	b.Add("sales_order_grid", o.ID, "pending", store, 4711, "1", "1", number, "USD") // it lags behind
	// The one that goods go to is older, and somebody else's.
	if o.ID != 2015 { // where there is nothing to send, there is no such address
		b.Add("sales_order_address", 10*o.ID, o.ID, "Elsewhere", "9999", "Aunt", "Gift lane 1", "Elsewhere", "aunt@example.com", "000", "AT", "My", "shipping", "Aunts Ltd")
	}
	a := o.Address
	b.Add("sales_order_address", 10*o.ID+1, o.ID, orNull(a.Region), a.Postcode, orNull(o.LastName), street(a), a.City, orNull(o.Email), o.Phone, orNull(a.Country), orNull(o.FirstName), "billing", orNull(o.Company))
	for i, l := range o.Lines {
		discount := decimal.Zero
		if i == 0 {
			discount = dec(o.Discount)
		}
		b.line(o.ID, l, discount)
	}
	b.documents(o)
	for _, r := range o.Refunds {
		b.refund(o.ID, r)
	}
}

// skuOf is what the catalogue calls a product or a variant.
func skuOf(id int64) string {
	for _, p := range adaptertest.Tell().Products {
		if p.ID == id {
			return p.SKU
		}
		for _, v := range p.Variants {
			if v.ID == id {
				return v.SKU
			}
		}
	}
	return ""
}

func number(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

func (b *batch) line(order int64, l adaptertest.Line, discount decimal.Decimal) {
	item := func(id, parent, product int64, kind, sku, name, quantity string, row, off, tax, added, fee decimal.Decimal) {
		b.Add("sales_order_item", id, order, number(parent), number(product), kind, orNull(sku), name, quantity, row.String(), row.Mul(decimal.NewFromInt(2)).String(), row.String(), "777",
			off.String(), tax.String(), added.String(), fee.String(), when(adaptertest.Now()), when(adaptertest.Now()))
	}
	zero, one := decimal.Zero, decimal.NewFromInt(1)
	net, tax := dec(l.Net), dec(l.Tax)
	switch {
	case len(l.Parts) > 0:
		// A set whose parts have prices: they have the discounts too, and the set's row has the sum before those. Its
		// code is made of its parts'.
		item(l.ID, 0, l.ProductID, "bundle", skuOf(l.ProductID)+"-BRA-250-W-TEA-1", l.Name, l.Quantity, net.Add(decimal.NewFromInt(int64(len(l.Parts)))), zero, tax, zero, zero)
		for _, p := range l.Parts {
			item(p.ID, l.ID, cmp.Or(p.VariantID, p.ProductID), "simple", skuOf(cmp.Or(p.VariantID, p.ProductID)), p.Name, p.Quantity, dec(p.Net).Add(one), one, dec(p.Tax), zero, zero)
		}
	case l.VariantID > 0: // a configurable product has the price and the variant's code; the variant has neither price nor tax
		fee := zero
		if order == 2011 { // a fixed product tax
			fee = decimal.NewFromInt(2)
		}
		item(l.ID, 0, l.ProductID, "configurable", skuOf(l.VariantID), l.Name, l.Quantity, net.Add(discount).Sub(fee), discount, tax, zero, fee)
		item(l.ID+500_000, l.ID, l.VariantID, "simple", skuOf(l.VariantID), l.Name, l.Quantity, zero, zero, zero, zero, zero)
	default: // with prices that include tax, the discount's tax is taken out of the row, and kept beside it
		added := discount.Mul(dec("0.18"))
		item(l.ID, 0, l.ProductID, "simple", skuOf(l.ProductID), l.Name, l.Quantity, net.Add(discount).Sub(added), discount, tax, added, zero)
	}
}

// documents are invoices, shipments and what is written down of an order's way.
func (b *batch) documents(o adaptertest.Order) {
	day := 24 * time.Hour
	if !o.Paid.IsZero() {
		b.Add("sales_invoice", o.ID, o.ID, 2, "1", o.Total, when(o.Paid), when(o.Paid))
	}
	switch o.ID {
	case 2001:
		b.Add("sales_invoice", 90_001, o.ID, 3, "1", "1", when(o.Placed.Add(-day)), when(o.Placed))             // called off
		b.Add("sales_creditmemo", 90_002, o.ID, 3, "5", "5", "called off", when(o.Changed), when(o.Changed))    // called off
		b.Add("sales_creditmemo", 90_003, o.ID, 1, "6", "6", "not yet given", when(o.Changed), when(o.Changed)) // open
	case 2005: // not captured before it was called off
		b.Add("sales_invoice", 90_004, o.ID, 1, "1", o.Total, when(o.Placed), when(o.Placed))
	}
	if o.Completed.IsZero() {
		return
	}
	history := func(status, comment string, at time.Time) {
		b.Add("sales_order_status_history", o.ID, orNull(comment), status, when(at), "order")
	}
	if b.records {
		b.Add("sales_order_status_change_history", o.ID, "processing", when(o.Completed.Add(-day)))
		b.Add("sales_order_status_change_history", o.ID, "delivered", when(o.Completed))
		b.Add("sales_order_status_change_history", o.ID, "complete", when(o.Completed.Add(day)))
	}
	switch {
	case o.ID == 2003: // an office's program completed it; later somebody commented
		history("complete", "", o.Completed)
		history("complete", "Money back for a bag", o.Completed.Add(3*day))
	case o.ID == 2015: // nothing to send
	default: // sent in two parcels, and thanked for on another day
		b.Add("sales_shipment", o.ID, o.ID, when(o.Completed.Add(-time.Hour)), when(o.Completed))
		b.Add("sales_shipment", o.ID+1_000_000, o.ID, when(o.Completed), when(o.Completed))
		history("delivered", "Thank you!", o.Completed.Add(2*day))
	}
}

func (b *batch) refund(order int64, r adaptertest.Refund) {
	note := orNull(r.Reason)
	if r.ID%2 == 1 { // older versions keep only comments, an empty one too
		note = nil
		b.Add("sales_creditmemo_comment", r.ID, "", when(r.At))
		b.Add("sales_creditmemo_comment", r.ID, r.Reason, when(r.At))
		b.Add("sales_creditmemo_comment", r.ID, "and that is all", when(r.At))
	}
	if r.Reason == "" {
		note = nil
	}
	b.Add("sales_creditmemo", r.ID, order, 2, r.Amount, "1", note, when(r.At), when(r.At))
}

func (b *batch) cart(c adaptertest.Cart) {
	if c.WishList { // wish lists are no quotes
		return
	}
	var email, reserved any
	if c.CustomerID > 0 {
		email = "as-it-was-then@example.com" // the account's is another since
	}
	if c.Ordered {
		reserved = fmt.Sprintf("%09d", c.ID)
	}
	changed := c.Changed
	if c.Empty { // never touched again, by an old version
		changed = time.Time{}
	}
	b.Add("quote", c.ID, ours, when(c.Created), when(changed), !c.Ordered, len(c.Lines), c.Currency, "CHF", number(c.CustomerID), email, c.CustomerID == 0, reserved)
	b.Add("quote_address", 10*c.ID, c.ID, "billing", orNull(c.Email), when(c.Created), when(c.Created))
	b.Add("quote_address", 10*c.ID+1, c.ID, "shipping", nil, when(c.Created), when(c.Created))
	for _, l := range c.Lines {
		kind, sku := "simple", skuOf(l.ProductID)
		if l.VariantID > 0 {
			kind, sku = "configurable", skuOf(l.VariantID)
			b.Add("quote_item", l.ID+500_000, c.ID, l.ID, l.VariantID, "simple", sku, l.Name, "1", "0", "0", "0", "0", when(c.Created), when(c.Created))
		}
		b.Add("quote_item", l.ID, c.ID, nil, l.ProductID, kind, sku, l.Name, l.Quantity, dec(l.Net).Add(dec("0.5")).String(), l.Tax, "0.6", "0.1", when(c.Created), when(c.Created))
	}
	if c.ID == 6001 { // one whose products are all deleted
		b.Add("quote", c.ID+900, ours, when(c.Created), when(c.Changed), 1, 1, c.Currency, "CHF", nil, "stale@example.com", 1, nil)
	}
}

func (b *batch) answer(id int64, a adaptertest.Answer) {
	status := map[adapters.Consent]int{adapters.Subscribed: 1, adapters.Unconfirmed: 2, adapters.Unsubscribed: 3}[a.Consent]
	b.Add("newsletter_subscriber", id, ours, when(a.At), a.CustomerID, a.Email, status)
	if id == 1 { // of an old version: no time, and a number that is no answer
		b.Add("newsletter_subscriber", 900, outlet, nil, 0, "ANA.NOVAK@example.si", 0)
	}
}

// Change leaves the traces that Magento does: the order's own row moves with its status and its refunds, and not with its
// address; a product's moves when it is saved.
func (s seeder) Change(ctx context.Context, db adaptertest.DB, c adaptertest.Change) error {
	db, release, err := utc(ctx, db)
	defer release()
	if err != nil {
		return err
	}
	run := func(statement string, args ...any) error {
		_, err := db.ExecContext(ctx, strings.ReplaceAll(statement, "~", s.prefix), args...)
		return err
	}
	at := when(c.At)
	b := s.batch()
	switch {
	case c.Line != nil:
		b.line(c.OrderID, *c.Line, decimal.Zero)
		return b.Write(ctx, db)
	case c.Refund != nil:
		b.refund(c.OrderID, *c.Refund)
		if err := b.Write(ctx, db); err != nil {
			return err
		}
		return run("UPDATE ~sales_order SET total_refunded = ?, updated_at = ? WHERE entity_id = ?", c.Refund.Amount, at, c.OrderID)
	case c.OrderID > 0 && c.Status != "":
		state, status := words(c.Status)
		b.Add("sales_order_status_history", c.OrderID, nil, status, at, "order")
		if err := b.Write(ctx, db); err != nil {
			return err
		}
		return run("UPDATE ~sales_order SET state = ?, status = ?, updated_at = ? WHERE entity_id = ?", state, status, at, c.OrderID)
	case c.Delete:
		for _, table := range []string{"sales_order_item WHERE order_id", "sales_order_address WHERE parent_id", "sales_invoice WHERE order_id", "sales_order_grid WHERE entity_id", "sales_order WHERE entity_id"} {
			if err := run("DELETE FROM ~"+table+" = ?", c.OrderID); err != nil {
				return err
			}
		}
		return nil
	case c.Phone != "":
		return run("UPDATE ~sales_order_address SET telephone = ? WHERE parent_id = ? AND address_type = 'billing'", c.Phone, c.OrderID)
	case c.ProductID > 0:
		link := "entity_id"
		if s.staged {
			link = "row_id"
		}
		if err := run("UPDATE ~catalog_product_entity_decimal v JOIN ~catalog_product_entity e ON e."+link+" = v."+link+" SET v.value = ? WHERE e.entity_id = ? AND v.attribute_id = ? AND v.store_id = 0",
			c.Price, c.ProductID, specialOf); err != nil {
			return err
		}
		return run("UPDATE ~catalog_product_entity SET updated_at = ? WHERE entity_id = ?", at, c.ProductID)
	case c.CustomerID > 0:
		return run("UPDATE ~customer_entity SET lastname = ?, updated_at = ? WHERE entity_id = ?", c.LastName, at, c.CustomerID)
	}
	return fmt.Errorf("nothing to change in %+v", c)
}
