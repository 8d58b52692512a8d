package bitrix_test

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

// seeder writes what Bitrix writes, as far as it is read, and what else is in the same tables of shops that have lived.
type seeder struct {
	prefix           string
	payments         bool // orders have payments of their own (16 and later)
	entities         bool // a property may be a shipment's (20 and later)
	products, offers int  // how properties of the two iblocks are stored: 1 or 2
	sender           bool // subscribers are kept by the module sender, else by subscribe
	history          bool // the history of profiles is switched on
}

const (
	zeroDate = "0000-00-00 00:00:00"

	goods, forms, news = 4, 5, 6 // iblocks

	anonymous, chat = 90, 91 // users who are no accounts
)

func when(t time.Time) string {
	if t.IsZero() {
		return zeroDate
	}
	return t.Format("2006-01-02 15:04:05")
}

var ljubljana = func() *time.Location {
	zone, err := time.LoadLocation("Europe/Ljubljana")
	if err != nil {
		panic(err)
	}
	return zone
}()

// local is the time in the story's shop, where DATETIMEs are meant.
func local(t time.Time) string {
	if t.IsZero() {
		return zeroDate
	}
	return when(t.In(ljubljana))
}

func orNull(s string) any {
	if s == "" || s == zeroDate {
		return nil
	}
	return s
}

func number(s string) decimal.Decimal {
	if s == "" {
		return decimal.Zero
	}
	return decimal.RequireFromString(s)
}

// batch is one that can also do what no INSERT of values can, when all rows are there: TIMESTAMPs are converted from the
// zone of the connection, and FROM_UNIXTIME is not.
type batch struct {
	adaptertest.Batch
	stamps []stamp
}

type stamp struct {
	table, where string
	id           int64
	at           time.Time
}

func (s seeder) batch() *batch {
	b := &batch{Batch: adaptertest.Batch{Prefix: s.prefix, Columns: map[string]string{}}}
	for table, names := range columns {
		b.Columns[table] = names
	}
	if s.payments {
		for table, names := range newerColumns {
			b.Columns[table] += ", " + names
		}
	}
	if s.entities {
		b.Columns["sale_order_props"] += ", ENTITY_TYPE"
		b.Columns["sale_order_props_value"] += ", ENTITY_ID, ENTITY_TYPE"
	}
	return b
}

// add adds a row whose last values are of columns that only newer versions have.
func (s seeder) add(b *batch, table string, row []any, newer ...any) {
	if s.payments {
		row = append(row, newer...)
	}
	b.Add(table, row...)
}

func (b *batch) write(ctx context.Context, db adaptertest.DB) error {
	if err := b.Write(ctx, db); err != nil {
		return err
	}
	for _, s := range b.stamps {
		if _, err := db.ExecContext(ctx, "UPDATE `"+b.Prefix+s.table+"` SET TIMESTAMP_X = FROM_UNIXTIME(?) WHERE "+s.where+" = ?", s.at.Unix(), s.id); err != nil {
			return fmt.Errorf("stamping %s: %w", s.table, err)
		}
	}
	return nil
}

var columns = map[string]string{
	"option":                      "MODULE_ID, NAME, VALUE, SITE_ID",
	"lang":                        "LID, DEF, NAME, DIR, LANGUAGE_ID, SERVER_NAME, SITE_NAME",
	"sale_lang":                   "LID, CURRENCY",
	"iblock":                      "ID, IBLOCK_TYPE_ID, LID, CODE, NAME, DETAIL_PAGE_URL, SECTION_PAGE_URL, VERSION",
	"catalog_iblock":              "IBLOCK_ID, PRODUCT_IBLOCK_ID, SKU_PROPERTY_ID",
	"iblock_property":             "ID, IBLOCK_ID, NAME, SORT, CODE, PROPERTY_TYPE, MULTIPLE, VERSION, USER_TYPE, USER_TYPE_SETTINGS",
	"iblock_property_feature":     "PROPERTY_ID, MODULE_ID, FEATURE_ID, IS_ENABLED",
	"iblock_property_enum":        "ID, PROPERTY_ID, VALUE, XML_ID",
	"hlbd_grind":                  "UF_NAME, UF_XML_ID",
	"iblock_section":              "ID, IBLOCK_ID, IBLOCK_SECTION_ID, NAME, CODE",
	"iblock_element":              "ID, IBLOCK_ID, IBLOCK_SECTION_ID, NAME, CODE, XML_ID, ACTIVE, ACTIVE_TO, SORT, DETAIL_PICTURE, WF_STATUS_ID, WF_PARENT_ELEMENT_ID, DATE_CREATE, TIMESTAMP_X",
	"iblock_element_property":     "IBLOCK_PROPERTY_ID, IBLOCK_ELEMENT_ID, VALUE, VALUE_ENUM, VALUE_NUM",
	"iblock_element_prop_s4":      "IBLOCK_ELEMENT_ID, PROPERTY_31",
	"iblock_element_prop_s5":      "IBLOCK_ELEMENT_ID, PROPERTY_33, PROPERTY_34, PROPERTY_35, PROPERTY_36",
	"iblock_section_element":      "IBLOCK_SECTION_ID, IBLOCK_ELEMENT_ID, ADDITIONAL_PROPERTY_ID",
	"file":                        "ID, SUBDIR, FILE_NAME, HANDLER_ID",
	"catalog_group":               "ID, NAME, BASE",
	"catalog_currency":            "CURRENCY, AMOUNT_CNT, AMOUNT, DATE_UPDATE, BASE, CURRENT_BASE_RATE",
	"catalog_product":             "ID, QUANTITY, QUANTITY_TRACE, CAN_BUY_ZERO, TYPE",
	"catalog_price":               "PRODUCT_ID, CATALOG_GROUP_ID, PRICE, CURRENCY, QUANTITY_FROM, QUANTITY_TO",
	"user":                        "ID, LOGIN, PASSWORD, ACTIVE, NAME, LAST_NAME, EMAIL, DATE_REGISTER, LID, EXTERNAL_AUTH_ID, WORK_COMPANY, PERSONAL_PHONE, PERSONAL_MOBILE, PERSONAL_STREET, PERSONAL_CITY, PERSONAL_ZIP, PERSONAL_STATE, PERSONAL_COUNTRY",
	"user_profile_history":        "USER_ID, EVENT_TYPE, DATE_INSERT",
	"sale_order":                  "ID, LID, PERSON_TYPE_ID, PAYED, DATE_PAYED, CANCELED, STATUS_ID, DATE_STATUS, PRICE_DELIVERY, PRICE, CURRENCY, DISCOUNT_VALUE, USER_ID, DATE_INSERT, DATE_UPDATE, TAX_VALUE, ACCOUNT_NUMBER, PS_STATUS",
	"sale_order_payment":          "ID, ORDER_ID, PAID, DATE_PAID, PAY_SYSTEM_ID, PS_STATUS, SUM, CURRENCY, PAY_SYSTEM_NAME, PAY_RETURN_DATE, PAY_RETURN_COMMENT, IS_RETURN",
	"sale_order_coupons":          "ORDER_ID, ORDER_DISCOUNT_ID, COUPON, TYPE, COUPON_ID",
	"sale_order_delivery":         "ORDER_ID, DATE_INSERT, STATUS_ID, PRICE_DELIVERY, DELIVERY_ID, `SYSTEM`",
	"sale_order_change":           "ORDER_ID, TYPE, DATA, DATE_CREATE, DATE_MODIFY, USER_ID",
	"sale_order_props":            "ID, PERSON_TYPE_ID, NAME, TYPE, PROPS_GROUP_ID, CODE, IS_EMAIL, IS_PHONE, IS_PAYER, IS_PROFILE_NAME, IS_ZIP, IS_LOCATION, MULTIPLE",
	"sale_order_props_value":      "ORDER_ID, ORDER_PROPS_ID, NAME, VALUE, CODE",
	"sale_status":                 "ID, SORT",
	"sale_status_lang":            "STATUS_ID, LID, NAME",
	"sale_basket":                 "ID, FUSER_ID, ORDER_ID, PRODUCT_ID, PRICE, CURRENCY, DATE_INSERT, DATE_UPDATE, QUANTITY, LID, DELAY, SUBSCRIBE, NAME, MODULE, DISCOUNT_PRICE, PRODUCT_XML_ID, DISCOUNT_COUPON, VAT_RATE, TYPE, SET_PARENT_ID",
	"sale_fuser":                  "ID, DATE_INSERT, DATE_UPDATE, USER_ID, CODE",
	"sale_user_transact":          "ID, USER_ID, TRANSACT_DATE, AMOUNT, CURRENCY, DEBIT, ORDER_ID, DESCRIPTION, NOTES",
	"sale_location":               "ID, COUNTRY_ID, REGION_ID, CITY_ID",
	"sale_loc_type":               "ID, CODE",
	"sale_loc_name":               "LOCATION_ID, LANGUAGE_ID, NAME, NAME_UPPER",
	"sale_location_country_lang":  "COUNTRY_ID, LID, NAME",
	"sale_location_region_lang":   "REGION_ID, LID, NAME",
	"sale_location_city_lang":     "CITY_ID, LID, NAME",
	"subscription":                "ID, DATE_INSERT, DATE_UPDATE, USER_ID, ACTIVE, EMAIL, CONFIRMED, DATE_CONFIRM",
	"subscription_rubric":         "SUBSCRIPTION_ID, LIST_RUBRIC_ID",
	"list_rubric":                 "ID, LID, NAME, SORT",
	"sender_contact":              "ID, TYPE_ID, CODE, DATE_INSERT, DATE_UPDATE, USER_ID, BLACKLISTED, IP",
	"sender_mailing":              "ID, NAME, SITE_ID",
	"sender_mailing_subscription": "MAILING_ID, CONTACT_ID, DATE_INSERT, IS_UNSUB",
}

// newerColumns are those that tables have since orders have payments of their own.
var newerColumns = map[string]string{
	"user":               "LANGUAGE_ID",
	"sale_order":         "RUNNING",
	"sale_order_props":   "IS_ADDRESS",
	"sale_status":        "TYPE",
	"sale_basket":        "VAT_INCLUDED",
	"sale_user_transact": "PAYMENT_ID",
	"sale_location":      "CODE, PARENT_ID, TYPE_ID",
}

func (s seeder) Seed(ctx context.Context, db adaptertest.DB, story adaptertest.Story) error {
	b := s.batch()
	if story.Site.Name != "" {
		s.site(b, story)
		s.definitions(b)
		s.places(b)
		s.noise(b)
	}
	for _, c := range story.Categories {
		b.Add("iblock_section", c.ID, goods, orNull(id(c.Parent)), c.Name, c.Slug)
	}
	for _, p := range story.Products {
		if p.Visibility != adaptertest.Binned { // an element is deleted, and gone
			s.product(b, p)
		}
	}
	for _, c := range story.Customers {
		if !c.Deleted { // nothing is kept of it
			s.customer(b, c)
		}
	}
	for _, o := range story.Orders {
		if !o.Binned && (!o.Draft || s.payments) { // an order is deleted, and gone; before 16 a checkout leaves nothing behind
			s.order(b, o)
		}
	}
	for _, c := range story.Carts {
		s.cart(b, c)
	}
	for i, a := range story.Answers {
		s.answer(b, int64(i+1), a)
	}
	if err := b.write(ctx, db); err != nil || !s.payments {
		return err
	}
	for _, o := range story.Orders {
		if slices.Contains(archived, o.ID) {
			if err := s.archive(ctx, db, o.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

func id(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func yes(on bool) string {
	if on {
		return "Y"
	}
	return "N"
}

func (s seeder) site(b *batch, story adaptertest.Story) {
	site := story.Site
	server := strings.TrimPrefix(site.URL, "https://")
	language := site.Locale[:2]
	// Where a site has no name of a server, the installation's is meant.
	own := any(server)
	if !s.payments {
		own = nil
	}
	b.Add("lang", "s2", "N", "Outlet", "/outlet/", "en", "outlet.example", "Outlet") // a second site, first by its place in the table
	b.Add("lang", "s1", "Y", "Main", "/", language, own, site.Name)
	b.Add("sale_lang", "s1", site.Currency)
	b.Add("sale_lang", "s2", "GBP")
	for _, o := range [][3]string{
		{"main", "server_name", server}, {"main", "default_time_zone", site.Zone}, {"sale", "anonymous_user_id", fmt.Sprint(anonymous)},
		{"catalog", "default_product_vat_included", yes(site.PricesWithTax)}, {"catalog", "default_quantity_trace", "Y"}, {"catalog", "default_can_buy_zero", "N"},
		{"sale", "value_precision", "2"}, {"blog", "upload_dir", "not/ours"}, // an option of the same name, of another module
	} {
		b.Add("option", o[0], o[1], o[2], nil)
	}
	if !s.payments {
		b.Add("option", "main", "server_name", "outlet.example", "s2") // another site's own value
	}
	b.Add("catalog_group", 1, "BASE", "Y")
	b.Add("catalog_group", 2, "Wholesale", "N")
	b.Add("catalog_currency", "EUR", 1, "1", when(adaptertest.Now()), "Y", "1")
	b.Add("catalog_currency", "USD", 1, "0.9091", when(adaptertest.Now()), "N", "0.909090909091")
	for i, status := range s.statuses() {
		kind := "O"
		if strings.HasPrefix(status[0], "D") && len(status[0]) > 1 {
			kind = "D" // a shipment's
		}
		s.add(b, "sale_status", []any{status[0], i}, kind)
		b.Add("sale_status_lang", status[0], language, status[1])
		b.Add("sale_status_lang", status[0], "en", "in English: "+status[1])
	}
}

// packing is the code of a status of the shop's own; before 16 it has one letter.
func (s seeder) packing() string {
	if s.payments {
		return "PK"
	}
	return "K"
}

func (s seeder) statuses() [][2]string {
	list := [][2]string{{"N", "Sprejeto"}, {"P", "V pripravi"}, {"F", "Zaključeno"}, {s.packing(), "packing"}}
	if s.payments {
		list = append(list, [2]string{"DN", "Čaka na obdelavo"})
	}
	return list
}

// definitions are the iblocks, their properties and the orders' properties.
func (s seeder) definitions(b *batch) {
	const detail, list = "#SITE_DIR#/catalog/#SECTION_CODE_PATH#/#ELEMENT_CODE#/", "#SITE_DIR#/catalog/#SECTION_CODE_PATH#/"
	b.Add("iblock", goods, "catalog", "s1", "goods", "Goods", detail, list, s.products)
	b.Add("iblock", forms, "offers", "s1", "forms", "Forms", "#PRODUCT_URL#", "", s.offers)
	b.Add("iblock", news, "news", "s1", "news", "News", "#SITE_DIR#/news/#ID#/", "", 1) // an iblock that nothing is sold from
	b.Add("catalog_iblock", forms, goods, 33)                                           // the products' own iblock need not be a catalogue
	property := func(id, iblock, sort int, code, kind string, version int, user, settings any) {
		b.Add("iblock_property", id, iblock, code, sort, code, kind, "N", version, user, settings)
	}
	property(31, goods, 10, "CML2_ARTICLE", "S", s.products, nil, nil)
	property(33, forms, 10, "CML2_LINK", "E", s.offers, "SKU", nil)
	property(34, forms, 20, "CML2_ARTICLE", "S", s.offers, nil, nil)
	property(35, forms, 30, "SIZE", "L", s.offers, nil, nil)
	if !s.payments {
		property(36, forms, 40, "GRIND", "L", s.offers, nil, nil)
		return
	}
	// A directory keeps codes, and the words for them in a table of its own.
	property(36, forms, 40, "GRIND", "S", s.offers, "directory", `a:2:{s:4:"size";i:1;s:10:"TABLE_NAME";s:12:"b_hlbd_grind";}`)
	b.Add("hlbd_grind", "Whole bean", "whole-bean")
	b.Add("hlbd_grind", "Ground", "ground")
	b.Add("iblock_property_feature", 35, "catalog", "OFFER_TREE", "Y")
	b.Add("iblock_property_feature", 36, "catalog", "OFFER_TREE", "Y")
	if s.offers == 1 { // a list that shoppers do not choose by
		property(37, forms, 5, "ORIGIN", "L", s.offers, nil, nil)
		b.Add("iblock_property_feature", 37, "catalog", "OFFER_TREE", "N")
		b.Add("iblock_property_enum", 370, 37, "not a choice", "o")
		b.Add("iblock_element_property", 37, 1102, "370", 370, 370)
	}
}

// Orders' properties: of a person, of a company, and one of a shipment.
const (
	payer, email, phone, zip, location, street, manager, courier = 1, 2, 3, 4, 5, 6, 7, 8

	company = 10 // added to the number of a person's property

	firm, shipmentPhone = 20, 21
)

func (s seeder) orderProperty(b *batch, id, person int64, code, kind string, flags ...string) {
	is := func(flag string) string { return yes(strings.Contains(" "+strings.Join(flags, " ")+" ", " "+flag+" ")) }
	row := []any{id, person, code, kind, 1, code, is("EMAIL"), is("PHONE"), is("PAYER"), is("PROFILE_NAME"), is("ZIP"), is("LOCATION"), is("MULTIPLE")}
	if s.payments {
		row = append(row, is("ADDRESS"))
	}
	if s.entities {
		row = append(row, cmp.Or(map[bool]string{true: "SHIPMENT"}[is("SHIPMENT") == "Y"], "ORDER"))
	}
	b.Add("sale_order_props", row...)
}

// people defines the properties by their flags; the codes are the shop's own, and some say something else than they hold.
func (s seeder) people(b *batch) {
	s.orderProperty(b, payer, 1, "WHO", "TEXT", "PAYER", "PROFILE_NAME")
	s.orderProperty(b, email, 1, "MAIL", "TEXT", "EMAIL")
	s.orderProperty(b, phone, 1, "TEL", "TEXT", "PHONE")
	s.orderProperty(b, zip, 1, "POST", "TEXT", "ZIP")
	s.orderProperty(b, location, 1, "PLACE", "LOCATION", "LOCATION")
	s.orderProperty(b, street, 1, "ADDRESS", "TEXTAREA", "ADDRESS") // before 16 there is no such flag, and the code has to do
	s.orderProperty(b, manager, 1, "EMAIL", "TEXT")                 // the manager's, whose code is not to be believed
	s.orderProperty(b, courier, 1, "PHONE", "TEXT")
	s.orderProperty(b, company+payer, 2, "CONTACT_PERSON", "TEXT", "PAYER")
	s.orderProperty(b, company+email, 2, "EMAIL", "TEXT", "EMAIL")
	s.orderProperty(b, company+phone, 2, "PHONE", "TEXT", "PHONE", "MULTIPLE") // several numbers, serialised
	s.orderProperty(b, company+zip, 2, "ZIP", "TEXT", "ZIP")
	s.orderProperty(b, company+location, 2, "LOCATION", "LOCATION", "LOCATION")
	s.orderProperty(b, company+street, 2, "ADDRESS", "TEXTAREA", "ADDRESS")
	s.orderProperty(b, firm, 2, "ORGANISATION", "TEXT", "PROFILE_NAME")
	if s.entities {
		s.orderProperty(b, shipmentPhone, 1, "RECEIVER_PHONE", "TEXT", "PHONE", "SHIPMENT")
	}
}

// town is a place of the story: its location, with what it lies in.
type town struct {
	country, region, city                int64
	countryName, own, regionName, called string
}

var towns = map[string]town{
	"Ljubljana":       {1, 2, 3, "Slovenia", "Slovenija", "SI-061", "Ljubljana"},
	"London":          {10, 0, 11, "United Kingdom", "Združeno kraljestvo", "", "London"},
	"D&uuml;sseldorf": {20, 0, 21, "Germany", "Nemčija", "", "D&uuml;sseldorf"},
}

func (s seeder) places(b *batch) {
	s.people(b)
	if s.payments {
		for i, kind := range []string{"COUNTRY", "REGION", "CITY"} {
			b.Add("sale_loc_type", i+1, kind)
		}
	}
	for _, t := range towns {
		if s.payments {
			node := func(id, parent int64, kind int, names ...string) {
				s.add(b, "sale_location", []any{id, nil, nil, nil}, code(id), parent, kind)
				for i, name := range names {
					b.Add("sale_loc_name", id, []string{"sl", "en"}[i], name, strings.ToUpper(name))
				}
			}
			node(t.country, 0, 1, t.own, t.countryName)
			if t.region > 0 {
				node(t.region, t.country, 2, t.regionName)
			}
			node(t.city, cmp.Or(t.region, t.country), 3, t.called)
			continue
		}
		b.Add("sale_location", t.city, t.country, t.region, t.city)
		b.Add("sale_location_country_lang", t.country, "sl", t.own)
		b.Add("sale_location_country_lang", t.country, "en", t.countryName)
		b.Add("sale_location_city_lang", t.city, "sl", t.called)
		if t.region > 0 {
			b.Add("sale_location_region_lang", t.region, "sl", t.regionName)
		}
	}
}

// code is how a location of the tree is named: digits too, which are not its number.
func code(id int64) string { return fmt.Sprintf("%010d", id+500) }

// noise is what every shop has beside, and what must not be taken for more than it is.
func (s seeder) noise(b *batch) {
	at := local(adaptertest.Now().AddDate(-1, 0, 0))
	element := func(id, iblock int64, name, active string, parent any) {
		b.Add("iblock_element", id, iblock, nil, name, "noise", fmt.Sprint(id), active, nil, 500, nil, 1, parent, at, at)
	}
	element(1901, news, "An article", "Y", nil)                           // of an iblock that nothing is sold from
	element(1902, goods, "A copy that is being edited", "Y", 1001)        // of the workflow module
	element(1903, forms, "An offer that waits for its product", "Y", nil) // a free offer
	element(1904, forms, "An offer that was switched off", "N", nil)      // of 1002
	element(1905, forms, "A copy of an offer", "Y", 1102)                 // of the workflow module, of 1002
	b.Add("iblock_section", 77, news, nil, "News", "news")                // no category
	b.Add("iblock_section_element", 13, 1001, 40)                         // of a property that holds sections
	b.Add("catalog_product", 1903, 5, "Y", "N", 5)                        // type 5: free offer
	b.Add("sale_fuser", 6900, at, at, 103, "cookie6900")                  // a visitor who waits for a product to come
	s.basket(b, position{id: 69001, visitor: 6900, product: 1001, price: number("1"), quantity: "1", subscribe: true, at: adaptertest.Now()})
	s.property(b, forms, 1904, []any{1002, "OFF", 0, ""})
	s.property(b, forms, 1905, []any{1002, "COPY", 0, ""})
	b.stamps = append(b.stamps, stamp{"catalog_product", "ID", 1903, adaptertest.Now().AddDate(-1, 0, 0)})
	external := "saleanonymous"
	if !s.payments {
		external = "" // where it was made by hand, the setting alone tells
	}
	for user, kind := range map[int64]string{anonymous: external, chat: "imconnector", 92: "bot", 93: "controller", 94: "replica", 95: "email"} {
		s.add(b, "user", []any{user, fmt.Sprintf("noise%d", user), "-", "Y", "Nobody", "", fmt.Sprintf("noise%d@example.com", user), at, "s1", kind, "", "", "", "", "", "", "", ""}, nil)
	}
	if s.payments {
		b.Add("sale_order_delivery", 2001, at, "DN", "99", 1, "Y") // a technical shipment, of what is in no other
	}
	// The customer's other newsletter: a contact of another kind, and one who was never asked.
	if s.sender {
		b.Add("sender_mailing", 1, "News", "s1")
		b.Add("sender_mailing", 2, "Sales", "s1")
		b.Add("sender_contact", 901, 2, "+38641123456", at, at, nil, "N", nil)
		b.Add("sender_contact", 902, 1, "imported@example.com", at, at, nil, "N", nil)
	} else {
		b.Add("list_rubric", 1, "s1", "News", 10)
		b.Add("list_rubric", 2, "s1", "Sales", 20)
	}
}

// property writes the properties of an element: an article number, or an offer's product, article number, size and grind.
func (s seeder) property(b *batch, iblock, element int64, values []any) {
	ids, version := []int{31}, s.products
	if iblock == forms {
		ids, version = []int{33, 34, 35, 36}, s.offers
	}
	if version == 2 {
		row := []any{element}
		for _, v := range values {
			if v == 0 || v == "" {
				v = nil
			}
			row = append(row, v)
		}
		b.Add(fmt.Sprintf("iblock_element_prop_s%d", iblock), row...)
		return
	}
	for i, v := range values {
		if v == 0 || v == "" {
			continue
		}
		n, isNumber := v.(int)
		if m, ok := v.(int64); ok {
			n, isNumber = int(m), true
		}
		var enum, numeric any
		if isNumber {
			enum, numeric = n, n
		}
		b.Add("iblock_element_property", ids[i], element, fmt.Sprint(v), enum, numeric)
	}
}

func (s seeder) product(b *batch, p adaptertest.Product) {
	var section, until, picture any
	if len(p.Categories) > 0 {
		section = p.Categories[0]
	}
	workflow, changed := 1, orNull(local(p.Changed))
	switch {
	case p.Visibility == adaptertest.Hidden: // shown until a day that is over
		until = local(p.Changed.AddDate(0, 1, 0))
		picture = p.ID + 800 // kept in a cloud, of whose addresses the database knows nothing
		b.Add("file", picture, "iblock/c1", "cloud.jpg", "1")
	case p.Visibility == adaptertest.Draft: // new, and not published by the workflow yet
		workflow = 2
	}
	if p.Image != "" {
		picture = p.ID + 800
		dir, file, _ := strings.Cut(p.Image, "/")
		b.Add("file", picture, "iblock/"+dir, file, nil)
	}
	if p.Broken { // as PHP without a strict mode lets the database keep it
		changed = "2023-00-15 10:00:00"
	}
	b.Add("iblock_element", p.ID, goods, section, p.Name, orNull(p.Slug), fmt.Sprint(p.ID), "Y", until, 500, picture, workflow, nil, orNull(local(p.Created)), changed)
	s.property(b, goods, p.ID, []any{p.SKU})
	for _, c := range p.Categories {
		b.Add("iblock_section_element", c, p.ID, nil)
	}
	kind := 1
	if len(p.Variants) > 0 {
		kind = 3
	}
	if p.Price != "" || len(p.Variants) > 0 {
		s.stock(b, p.ID, kind, p.Stock, p.Quantity, p.Changed)
		s.price(b, p.ID, p.Price, p.Changed)
	}
	sizes := map[string]int{}
	for i, a := range p.Attributes {
		for n, v := range a.Values {
			property := 35 + i
			if enum := property*10 + n; i == 0 || !s.payments {
				b.Add("iblock_property_enum", enum, property, v.Name, v.Slug)
				sizes[v.Slug] = enum
			}
		}
	}
	for n, v := range p.Variants {
		b.Add("iblock_element", v.ID, forms, nil, p.Name, "", fmt.Sprint(v.ID), "Y", nil, 100*(n+1), nil, 1, nil, local(p.Created), local(p.Changed))
		grind := any(v.Values[1])
		if !s.payments {
			grind = sizes[v.Values[1]]
		}
		s.property(b, forms, v.ID, []any{p.ID, v.SKU, sizes[v.Values[0]], grind})
		s.stock(b, v.ID, 4, v.Stock, v.Quantity, p.Changed)
		s.price(b, v.ID, v.Price, p.Changed)
	}
}

func (s seeder) stock(b *batch, id int64, kind int, is adapters.Stock, quantity string, at time.Time) {
	trace, zero := "Y", "N"
	switch {
	case is == adapters.OnBackorder: // what can be had at zero is counted
		zero, quantity = "Y", cmp.Or(quantity, "0")
	case quantity == "":
		trace, quantity = "N", "77" // left over from when it was counted
	case id == 1001:
		trace = "D" // the shop's own default
	}
	b.Add("catalog_product", id, quantity, trace, zero, kind)
	b.stamps = append(b.stamps, stamp{"catalog_product", "ID", id, at})
}

func (s seeder) price(b *batch, id int64, amount string, at time.Time) {
	if amount == "" {
		return
	}
	currency, base := "EUR", number(amount)
	if id == 1003 { // bought, and priced, in another currency than the shop's
		currency, base = "USD", base.Mul(number("1.1"))
	}
	b.Add("catalog_price", id, 1, base.String(), currency, nil, nil)
	b.Add("catalog_price", id, 1, "0.5", currency, 10, nil)   // for ten and more
	b.Add("catalog_price", id, 2, "0.01", currency, nil, nil) // for resellers
	b.stamps = append(b.stamps, stamp{"catalog_price", "PRODUCT_ID", id, at})
}

func (s seeder) customer(b *batch, c adaptertest.Customer) {
	// A checkout registers its buyers as "shop", an exchange as "sale"; both are accounts.
	external := map[int64]string{102: "shop", 103: "sale"}[c.ID]
	home, mobile := c.Phone, ""
	if s.payments {
		home, mobile = "", c.Phone
	}
	country := map[string]string{"SI": "119"}[c.Address.Country] // Bitrix has numbers of its own for countries
	active := yes(c.ID != 102)                                   // whose address waits to be confirmed
	row := []any{c.ID, fmt.Sprintf("user%d", c.ID), "-", active, c.FirstName, c.LastName, c.Email, local(c.Registered), "s1", orNull(external), c.Company, home, mobile,
		strings.TrimSpace(c.Address.Line1 + "\r\n" + c.Address.Line2), c.Address.City, c.Address.Postcode, c.Address.Region, country}
	language := ""
	if c.Locale != "" {
		language = c.Locale[:2]
	}
	s.add(b, "user", row, orNull(language))
	if !c.Changed.IsZero() {
		b.stamps = append(b.stamps, stamp{"user", "ID", c.ID, c.Changed})
	}
	if s.history {
		b.Add("user_profile_history", c.ID, 1, local(c.Registered))
	}
}

// change notes what the software notes of every act.
func (s seeder) note(b *batch, order int64, at time.Time, kinds ...string) {
	for _, kind := range kinds {
		b.Add("sale_order_change", order, kind, `a:0:{}`, local(at), local(at), 1)
	}
}

func (s seeder) order(b *batch, o adaptertest.Order) {
	owner := o.CustomerID
	switch {
	case o.FormerID > 0: // whose account was deleted since
		owner = o.FormerID
	case owner == 0 && o.ID == 2011: // who wrote in a chat
		owner = chat
	case owner == 0: // all guests are one user
		owner = anonymous
	}
	status, canceled, running := s.status(o), "N", "N"
	if o.Status == adapters.StatusCancelled { // whatever the status
		status, canceled = "F", "Y"
	}
	if o.Draft { // the software broke off while it was writing it
		running = "Y"
	}
	site, account := "s1", any(cmp.Or(o.Number, fmt.Sprint(o.ID)))
	if o.Currency == "GBP" {
		site = "s2"
	}
	if o.ID == 2008 { // from before orders had numbers
		account = nil
	}
	currency := o.Currency
	if o.Broken {
		currency = "руб" // as an exchange wrote it
	}
	changed := o.Changed // of the status
	if o.Status == adapters.StatusCompleted {
		changed = o.Completed
	}
	payed, datePayed, failed := s.pay(b, o, owner)
	delivery, tax := number(o.Shipping).Add(number(o.ShippingTax)), number(o.LineTax).Add(number(o.ShippingTax))
	discount := number(o.Discount)
	if discount.IsPositive() {
		discount = discount.Sub(onLine) // the rest is on a line
	}
	s.add(b, "sale_order", []any{o.ID, site, person(o), payed, datePayed, canceled, status, local(changed), delivery.String(), o.Total, currency, discount.String(),
		owner, local(o.Placed), local(o.Changed), tax.String(), account, failed}, running)
	s.contact(b, o)
	for i, l := range o.Lines {
		s.line(b, o, l, i == 0)
	}
	for i, code := range o.Coupons {
		if s.payments {
			b.Add("sale_order_coupons", o.ID, i, code, 1, i)
		}
	}
	s.note(b, o.ID, o.Placed, "ORDER_ADDED", "BASKET_ADDED", "PAYMENT_ADDED", "SHIPMENT_ADDED")
}

var onLine = number("0.5")

func person(o adaptertest.Order) int64 {
	if o.Company != "" || o.ID == 2002 {
		return 2
	}
	return 1
}

func (s seeder) status(o adaptertest.Order) string {
	switch {
	case o.Status == adapters.StatusOther:
		return s.packing()
	case o.Status == adapters.StatusCompleted:
		return "F"
	case o.Status == adapters.StatusPaid && o.ID == 2014:
		return "P" // a status that does not tell of payment
	}
	return "N"
}

// pay writes payments, and tells what the order itself has of them.
func (s seeder) pay(b *batch, o adaptertest.Order, owner int64) (payed string, at, failed any) {
	back := decimal.Zero
	for _, r := range o.Refunds {
		back = back.Add(number(r.Amount))
		s.refund(b, o, r, owner)
	}
	rest := number(o.Total).Sub(back)
	paid := !o.Paid.IsZero() || o.Status == adapters.StatusCompleted
	if o.Status == adapters.StatusFailed {
		failed = "N"
	}
	if s.payments {
		if rest.IsPositive() || back.IsZero() {
			b.Add("sale_order_payment", 800_000+o.ID, o.ID, yes(paid), orNull(local(o.Paid)), 1, failed, rest.String(), o.Currency, "Card", nil, nil, "N")
		}
		failed = nil // the order itself does not know
	}
	if paid && o.ID == 2002 { // in part out of the inner account, into which the money had come first
		s.move(b, nil, owner, o.Paid, "5", o.Currency, "Y", o.ID, "OUT_CHARGE_OFF", "", nil)
		s.move(b, nil, owner, o.Paid, "5", o.Currency, "N", o.ID, "ORDER_PAY_PART", "", nil)
	}
	switch {
	case o.Status == adapters.StatusCancelled: // paid by mistake, and undone: the date is of the last turn of the flag
		return "N", local(o.Changed), nil
	case !paid:
		return "N", nil, failed
	case s.payments && back.IsPositive(): // no longer paid in full
		return "N", local(o.Refunds[len(o.Refunds)-1].At), nil
	case !rest.IsPositive() && back.IsPositive():
		return "N", local(o.Refunds[len(o.Refunds)-1].At), nil
	}
	return "Y", orNull(local(o.Paid)), nil
}

func (s seeder) move(b *batch, id any, owner int64, at time.Time, amount, currency, debit string, order int64, kind, notes string, payment any) {
	s.add(b, "sale_user_transact", []any{id, owner, local(at), amount, currency, debit, order, kind, notes}, payment)
}

// refund is a payment that went back: to the inner account, which notes when, or by the payment system, of which staff note
// the day. Before 16 it is the account alone.
func (s seeder) refund(b *batch, o adaptertest.Order, r adaptertest.Refund, owner int64) {
	if !s.payments {
		s.move(b, r.ID, owner, r.At, r.Amount, o.Currency, "Y", o.ID, "ORDER_CANCEL_PART", r.Reason, nil)
		return
	}
	way := "Y"
	if r.ID == 2505 {
		way = "P"
	} else {
		s.move(b, nil, owner, r.At, r.Amount, o.Currency, "Y", o.ID, "ORDER_PART_RETURN", "", r.ID)
	}
	b.Add("sale_order_payment", r.ID, o.ID, "N", orNull(local(o.Paid)), 1, nil, r.Amount, o.Currency, "Card", r.At.In(ljubljana).Format("2006-01-02"), r.Reason, way)
}

// contact writes what the buyer typed in.
func (s seeder) contact(b *batch, o adaptertest.Order) {
	base := int64(0)
	if person(o) == 2 {
		base = company
	}
	add := func(property int64, code, text string) {
		if text == "" {
			return
		}
		row := []any{o.ID, property, code, text, code}
		if s.entities {
			row = append(row, o.ID, "ORDER")
		}
		b.Add("sale_order_props_value", row...)
	}
	name := strings.TrimSpace(o.LastName + " " + o.FirstName) // in one field, family name first
	if o.ID == 2015 {                                         // whose properties were deleted since; the values keep their codes
		add(91, "FIO", name)
		add(92, "EMAIL", o.Email)
		return
	}
	add(base+payer, "WHO", name)
	add(base+email, "MAIL", o.Email)
	number := o.Phone
	if base > 0 && number != "" {
		number = fmt.Sprintf(`a:2:{i:0;s:%d:"%s";i:1;s:3:"112";}`, len(number), number)
	}
	add(base+phone, "TEL", number)
	add(base+zip, "POST", o.Address.Postcode)
	add(base+street, "ADDRESS", strings.TrimSpace(o.Address.Line1+"\n"+o.Address.Line2))
	if t, ok := towns[o.Address.City]; ok {
		value := fmt.Sprint(t.city)
		if s.payments && o.ID != 2014 { // that one names it by its number still
			value = code(t.city)
		}
		add(base+location, "PLACE", value)
	}
	if o.Company != "" {
		add(firm, "ORGANISATION", o.Company)
	}
	if base == 0 && o.Email != "" {
		add(manager, "EMAIL", "manager@zrno.example")
		add(courier, "PHONE", "000")
	}
	if s.entities && base == 0 {
		b.Add("sale_order_props_value", o.ID, shipmentPhone, "RECEIVER_PHONE", "999", "RECEIVER_PHONE", 500_000+o.ID, "SHIPMENT") // of a shipment
	}
}

// position is a row of b_sale_basket.
type position struct {
	id, visitor, order, product, set int64
	kind                             any
	name, currency, quantity         string
	price, discount                  decimal.Decimal
	rate, xml, coupon                string
	byHand                           bool
	without, delay, subscribe        bool // without: the price has no tax in it
	at, changed                      time.Time
}

func (s seeder) basket(b *batch, p position) {
	var set, order, coupon any
	module := any("catalog")
	if p.byHand {
		module = nil
	}
	if p.set > 0 {
		set = p.set
	}
	if p.order > 0 {
		order = p.order
	}
	if p.coupon != "" {
		coupon = p.coupon
	}
	s.add(b, "sale_basket", []any{p.id, p.visitor, order, p.product, p.price.String(), cmp.Or(p.currency, "EUR"), local(p.at), local(cmp.Or(p.changed, p.at)), p.quantity, "s1", yes(p.delay),
		yes(p.subscribe), p.name, module, p.discount.String(), p.xml, coupon, cmp.Or(p.rate, "0"), p.kind, set}, yes(!p.without))
}

func (s seeder) line(b *batch, o adaptertest.Order, l adaptertest.Line, first bool) {
	total := number(l.Net).Add(number(l.Tax))
	p := position{id: l.ID, visitor: 7000, order: o.ID, product: cmp.Or(l.VariantID, l.ProductID), name: l.Name, currency: o.Currency, quantity: l.Quantity,
		price: total.Div(number(l.Quantity)), xml: fmt.Sprint(l.ProductID), at: o.Placed}
	if l.VariantID > 0 { // elements that were given no XML_ID have their number
		p.xml = fmt.Sprintf("%d#%d", l.ProductID, l.VariantID)
	}
	if l.ProductID == 0 { // typed in by staff
		p.byHand, p.product = true, 1001
	}
	if number(l.Tax).IsPositive() {
		p.rate = "0.22"
	}
	if s.payments && l.ID == 30004 { // a price without its tax
		p.without, p.price = true, number(l.Net).Div(number(l.Quantity))
	}
	if first && o.Discount != "" {
		p.discount = onLine
		if !s.payments && len(o.Coupons) > 0 {
			p.coupon = o.Coupons[0]
		}
	}
	if len(l.Parts) > 0 { // a set is its own parent
		p.kind, p.set = 1, l.ID
	}
	s.basket(b, p)
	for _, part := range l.Parts {
		s.basket(b, position{id: part.ID, visitor: 7000, order: o.ID, product: cmp.Or(part.VariantID, part.ProductID), name: part.Name, currency: o.Currency, quantity: part.Quantity,
			price: number(part.Net), set: l.ID, at: o.Placed})
	}
}

func (s seeder) cart(b *batch, c adaptertest.Cart) {
	var account any
	if c.CustomerID > 0 || !s.payments { // a visitor without an account has none, or 0
		account = c.CustomerID
	}
	b.Add("sale_fuser", c.ID, local(c.Created), local(c.Changed), account, fmt.Sprintf("cookie%d", c.ID))
	for _, l := range c.Lines {
		p := position{id: l.ID, visitor: c.ID, product: cmp.Or(l.VariantID, l.ProductID), name: "In a cart", currency: c.Currency, quantity: l.Quantity,
			price: number(l.Net).Add(number(l.Tax)).Div(number(l.Quantity)), delay: c.WishList, at: c.Created, changed: c.Changed}
		if c.Ordered {
			p.order = 999_001 // an order that was deleted
		}
		s.basket(b, p)
	}
	if c.ID == 6001 { // a part of a set, which has no price of its own
		s.basket(b, position{id: 60019, visitor: c.ID, product: 1006, set: 60011, quantity: "1", price: number("7"), name: "A part", at: c.Created, changed: c.Changed})
	}
}

func (s seeder) answer(b *batch, id int64, a adaptertest.Answer) {
	var account any
	if a.CustomerID > 0 {
		account = a.CustomerID
	}
	earlier := a.At.AddDate(0, 0, -1)
	if s.sender {
		if a.Consent == adapters.Unconfirmed { // nothing is written before an address is confirmed
			return
		}
		blacklisted := a.Email == "gone@example.com" // put on the black list by staff, without an answer
		b.Add("sender_contact", id, 1, strings.ToLower(a.Email), local(earlier), local(a.At), account, yes(blacklisted), orNull(a.IP))
		switch {
		case blacklisted:
		case a.Consent == adapters.Subscribed:
			b.Add("sender_mailing_subscription", 1, id, local(a.At), "N")
			b.Add("sender_mailing_subscription", 2, id, local(earlier), "Y") // wants the one and not the other
		default: // agreed first, and then thought better of it
			b.Add("sender_mailing_subscription", 1, id, local(earlier), "N")
			b.Add("sender_mailing_subscription", 1, id, local(a.At), "Y")
		}
		return
	}
	active, confirmed := yes(a.Consent != adapters.Unsubscribed), yes(a.Consent != adapters.Unconfirmed)
	inserted, confirmedAt := earlier, local(a.At)
	switch {
	case a.Consent == adapters.Unsubscribed:
		confirmedAt = local(earlier)
	case a.Consent == adapters.Unconfirmed, account == nil: // brought in by staff as confirmed, which leaves no date of it
		inserted = a.At
		if a.Consent == adapters.Subscribed {
			confirmedAt = zeroDate
		}
	}
	b.Add("subscription", id, local(inserted), local(a.At), account, active, a.Email, confirmed, confirmedAt)
	b.Add("subscription_rubric", id, 1)
	b.Add("subscription_rubric", id, 2)
}

// remove takes an order away as the software does. What was moved on inner accounts stays.
func (s seeder) remove(run func(statement string, args ...any) error, order int64) error {
	tables := []string{"sale_order_props_value", "sale_basket", "sale_order_change"}
	if s.payments {
		tables = append(tables, "sale_order_payment", "sale_order_coupons")
	}
	for _, table := range tables {
		if err := run("DELETE FROM ~"+table+" WHERE ORDER_ID = ?", order); err != nil {
			return err
		}
	}
	return run("DELETE FROM ~sale_order WHERE ID = ?", order)
}

// Change leaves the traces that the software leaves.
func (s seeder) Change(ctx context.Context, db adaptertest.DB, c adaptertest.Change) error {
	run := func(statement string, args ...any) error {
		_, err := db.ExecContext(ctx, strings.ReplaceAll(statement, "~", s.prefix), args...)
		return err
	}
	at := local(c.At)
	b := s.batch()
	switch {
	case c.Line != nil:
		s.line(b, adaptertest.Order{ID: c.OrderID, Currency: "EUR", Placed: c.At}, *c.Line, false)
		return b.write(ctx, db)
	case c.Refund != nil:
		s.refund(b, adaptertest.Order{ID: c.OrderID, Currency: "EUR", Paid: c.At}, *c.Refund, anonymous)
		s.note(b, c.OrderID, c.At, "PAYMENT_PRICE_UPDATE", "PAYMENT_RETURN")
		if !s.payments {
			return cmp.Or(b.write(ctx, db), run("UPDATE ~sale_order SET DATE_UPDATE = ? WHERE ID = ?", at, c.OrderID))
		}
		// An exchange keeps DATE_UPDATE as it was, and notes what it did.
		return cmp.Or(run("UPDATE ~sale_order_payment SET SUM = SUM - ? WHERE ORDER_ID = ? AND PAID = 'Y'", c.Refund.Amount, c.OrderID), b.write(ctx, db),
			run("UPDATE ~sale_order SET PAYED = 'N', DATE_PAYED = ? WHERE ID = ?", at, c.OrderID))
	case c.OrderID > 0 && c.Status != "":
		s.note(b, c.OrderID, c.At, "ORDER_STATUS_CHANGED")
		return cmp.Or(b.write(ctx, db), run("UPDATE ~sale_order SET STATUS_ID = ?, DATE_STATUS = ?, DATE_UPDATE = ? WHERE ID = ?",
			s.status(adaptertest.Order{Status: c.Status}), at, at, c.OrderID))
	case c.Delete:
		return s.remove(run, c.OrderID)
	case c.Phone != "":
		return run("UPDATE ~sale_order_props_value SET VALUE = ? WHERE ORDER_ID = ? AND ORDER_PROPS_ID = ?", c.Phone, c.OrderID, phone)
	case c.ProductID > 0: // the element itself does not hear of it
		return run("UPDATE ~catalog_price SET PRICE = ?, TIMESTAMP_X = FROM_UNIXTIME(?) WHERE PRODUCT_ID = ? AND CATALOG_GROUP_ID = 1 AND QUANTITY_FROM IS NULL", c.Price, c.At.Unix(), c.ProductID)
	case c.CustomerID > 0:
		if s.history {
			b.Add("user_profile_history", c.CustomerID, 2, at)
		}
		return cmp.Or(b.write(ctx, db), run("UPDATE ~user SET LAST_NAME = ?, TIMESTAMP_X = FROM_UNIXTIME(?) WHERE ID = ?", c.LastName, c.At.Unix(), c.CustomerID))
	}
	return fmt.Errorf("nothing to change in %+v", c)
}
