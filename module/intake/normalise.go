package intake

import (
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/purchase"
)

// What the tables hold, in characters.
const (
	keyMax      = 64
	skuMax      = 100
	nameMost    = 255
	personMax   = 120
	companyMax  = 160
	lineMax     = 255
	postcodeMax = 32
	phoneMax    = 32
	emailMax    = 254
	languageMax = 16
	urlMax      = 768
	couponsMax  = 512
	reasonMax   = 512
	linesMost   = 65_535 // also of refunds
)

// normaliser turns one shop's rows into the CRM's own. It belongs to one goroutine at a time.
type normaliser struct {
	currency string                     // the shop's, for products
	country  string                     // the shop's, for phones
	statuses map[string]adapters.Status // that stand for the shop's own words, in lower case

	phones map[[2]string]contact.Phone // parsed already; "" is not a number
}

// phonesKept bounds the memory of parsed numbers. Parsing one takes longer than all else about an order, and people
// order again.
const phonesKept = 1 << 16

// inspection collects what is wrong with a row.
type inspection struct{ problems []string }

// problemsTold bounds the length of a reason.
const problemsTold = 5

func (in *inspection) wrong(f field, format string, args ...any) {
	if len(in.problems) < problemsTold {
		in.problems = append(in.problems, f.String()+": "+fmt.Sprintf(format, args...))
	}
}

// field is where in a row something is wrong: "total", or "line 3, quantity". It is put into words only when it is told.
type field struct {
	name  string
	part  string // "line"; empty: the row itself
	place int    // which one, from 1
}

func (f field) String() string {
	if f.part == "" {
		return f.name
	}
	return fmt.Sprintf("%s %d, %s", f.part, f.place, f.name)
}

func own(name string) field { return field{name: name} }

// err is nil, or one sentence that names the fields.
func (in *inspection) err() error {
	if len(in.problems) == 0 {
		return nil
	}
	return &rowError{strings.Join(in.problems, "; ")}
}

// rowError says why a row is set aside.
type rowError struct{ reason string }

func (e *rowError) Error() string { return e.reason }

// exact takes a text that identifies something and must not be cut.
func (in *inspection) exact(f field, s string, max int) string {
	switch {
	case len(s) <= max && plain(s):
		return s
	case !utf8.ValidString(s):
		in.wrong(f, "is not valid UTF-8")
	case utf8.RuneCountInString(s) > max:
		in.wrong(f, "is longer than %d characters", max)
	case strings.TrimSpace(s) != s || contact.CleanText(s, max) != strings.Join(strings.Fields(s), " "):
		in.wrong(f, "has blanks around it or control characters in it")
	default:
		return s
	}
	return ""
}

// plain says whether s is of visible ASCII alone, as nearly all keys are.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// key takes a shop's key, which must be there.
func (in *inspection) key(f field, s string) string {
	if s == "" {
		in.wrong(f, "is empty")
	}
	return in.exact(f, s, keyMax)
}

// number takes a decimal text that must be there.
func (in *inspection) number(f field, s string) decimal.Decimal {
	d, err := money.ParseAmount(s)
	if err != nil {
		in.wrong(f, "%s", err)
	}
	return d
}

// optional takes a decimal text; none is 0.
func (in *inspection) optional(f field, s string) decimal.Decimal {
	if strings.TrimSpace(s) == "" {
		return decimal.Decimal{}
	}
	return in.number(f, s)
}

func (in *inspection) currency(f field, code string) string {
	code = strings.ToUpper(strings.TrimSpace(code))
	if !money.ValidCurrency(code) {
		in.wrong(f, "%q is not a currency code of ISO 4217", cut(code, 20))
	}
	return code
}

// time takes a moment that DATETIME can hold.
func (in *inspection) time(f field, t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	t = t.UTC().Truncate(time.Microsecond)
	if t.Year() < 1000 || t.Year() > 9999 {
		in.wrong(f, "the year %d cannot be", t.Year())
		return time.Time{}
	}
	return t
}

// cut takes a text that only people read.
func cut(s string, max int) string { return contact.CleanText(s, max) }

// languageOf takes a BCP 47 tag; what is longer than any in use is none.
func languageOf(s string) string {
	if s = cut(s, languageMax+1); len(s) > languageMax {
		return ""
	}
	return s
}

// countryOf takes an ISO 3166-1 alpha-2 code; anything else is none.
func countryOf(s string) string {
	s = strings.ToUpper(strings.TrimSpace(s))
	if len(s) != 2 || s[0] < 'A' || s[0] > 'Z' || s[1] < 'A' || s[1] > 'Z' {
		return ""
	}
	return s
}

// webAddress takes an absolute http or https address. Anything else, also one too long to be kept whole, is none: the
// panel and mails make links of it.
func webAddress(s string, max int) string {
	s = strings.TrimSpace(s)
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || utf8.RuneCountInString(s) > max || !utf8.ValidString(s) {
		return ""
	}
	return s
}

func addressOf(a adapters.Address) contact.Address {
	return contact.Address{Line1: cut(a.Line1, lineMax), Line2: cut(a.Line2, lineMax), City: cut(a.City, personMax),
		Postcode: cut(a.Postcode, postcodeMax), Region: cut(a.Region, personMax), Country: countryOf(a.Country)}
}

// phone parses a number as typed, of the row's country or else of the shop's. "" is not a number.
func (n *normaliser) phone(typed, country string) contact.Phone {
	if typed == "" {
		return ""
	}
	if country == "" {
		country = n.country
	}
	k := [2]string{country, typed}
	if p, ok := n.phones[k]; ok {
		return p
	}
	p, err := contact.ParsePhone(typed, country)
	if err != nil {
		p = ""
	}
	if n.phones == nil || len(n.phones) >= phonesKept {
		n.phones = make(map[[2]string]contact.Phone)
	}
	n.phones[k] = p
	return p
}

func email(typed string) contact.Email {
	e, err := contact.ParseEmail(typed)
	if err != nil {
		return ""
	}
	return e
}

// customer reads a shop account. An address or number that is none is left out: the account itself is the identity.
func (n *normaliser) customer(c adapters.Customer) (customer.Person, error) {
	var in inspection
	p := customer.Person{
		Evidence: customer.EvidenceAccount, Ref: c.Key, AccountKey: in.key(own("key"), c.Key), Email: email(c.Email),
		Name: contact.CleanName(c.FirstName, c.LastName, personMax), Company: cut(c.Company, companyMax),
		Address: addressOf(c.Address), Language: languageOf(c.Language), At: in.time(own("registered at"), c.RegisteredAt), Deleted: c.Deleted,
	}
	p.Phone = n.phone(c.Phone, p.Address.Country)
	return p, in.err()
}

// product is a catalogue row with the keys of its shelves, which get ids when it is written.
type product struct {
	catalog.Product
	categories []string
}

func (n *normaliser) product(p adapters.Product) (product, error) {
	var in inspection
	currency := in.currency(own("the shop's currency"), n.currency)
	row := product{Product: catalog.Product{
		Key: in.key(own("key"), p.Key), SKU: in.exact(own("SKU"), strings.TrimSpace(p.SKU), skuMax), Name: cut(p.Name, nameMost),
		URL: webAddress(p.URL, urlMax), ImageURL: webAddress(p.ImageURL, urlMax),
		Price: money.New(in.optional(own("price"), p.Price), currency), HasPrice: strings.TrimSpace(p.Price) != "",
		RegularPrice: money.New(in.optional(own("regular price"), p.RegularPrice), currency),
		Stock:        in.stock(own("stock"), p.Stock), StockQuantity: in.quantity(own("stock quantity"), p.StockQuantity), Visible: p.Visible, Deleted: p.Deleted,
		CreatedAt: in.time(own("created at"), p.CreatedAt), ChangedAt: in.time(own("changed at"), p.ChangedAt),
	}}
	for _, k := range p.CategoryKeys {
		row.categories = append(row.categories, in.key(own("category key"), k))
	}
	for i, v := range p.Variants {
		of := func(name string) field { return field{name, "variant", i + 1} }
		row.Variants = append(row.Variants, catalog.Variant{
			Key: in.key(of("key"), v.Key), SKU: in.exact(of("SKU"), strings.TrimSpace(v.SKU), skuMax), Name: cut(v.Name, nameMost),
			Price: money.New(in.optional(of("price"), v.Price), currency), HasPrice: strings.TrimSpace(v.Price) != "",
			Stock: in.stock(of("stock"), v.Stock), StockQuantity: in.quantity(of("stock quantity"), v.StockQuantity),
		})
	}
	return row, in.err()
}

func (in *inspection) stock(f field, s adapters.Stock) adapters.Stock {
	if s != adapters.InStock && s != adapters.OutOfStock && s != adapters.OnBackorder {
		in.wrong(f, "%q is none of in, out, backorder", cut(string(s), 20))
	}
	return s
}

func (in *inspection) quantity(f field, s string) *decimal.Decimal {
	if strings.TrimSpace(s) == "" {
		return nil
	}
	d := in.number(f, s)
	return &d
}

// sale is an order, and what it shows of the person who placed it.
type sale struct {
	purchase.Order
	email contact.Email // "" where Order.Email is not an address
	phone contact.Phone
}

func (n *normaliser) order(o adapters.Order) (sale, error) {
	var in inspection
	currency := in.currency(own("currency"), o.Currency)
	amount := func(d decimal.Decimal) money.Money { return money.New(d, currency) }
	s := sale{Order: purchase.Order{
		Key: in.key(own("key"), o.Key), Number: in.exact(own("number"), o.Number, keyMax), Status: o.Status, RawStatus: cut(o.RawStatus, keyMax),
		Total: amount(in.number(own("total"), o.Total)), Tax: amount(in.optional(own("tax"), o.Tax)),
		Shipping: amount(in.optional(own("shipping"), o.Shipping)), Discount: amount(in.optional(own("discount"), o.Discount)),
		AccountKey: in.exact(own("customer key"), o.CustomerKey, keyMax),
		Name:       contact.CleanName(o.FirstName, o.LastName, personMax), Company: cut(o.Company, companyMax), Address: addressOf(o.Address),
		Language: languageOf(o.Language), Coupons: coupons(o.Coupons),
		PlacedAt: in.time(own("placed at"), o.PlacedAt), PaidAt: in.time(own("paid at"), o.PaidAt),
		CompletedAt: in.time(own("completed at"), o.CompletedAt), ChangedAt: in.time(own("changed at"), o.ChangedAt), Deleted: o.Deleted,
	}}
	if s.Number == "" {
		s.Number = s.Key
	}
	if override, ok := n.statuses[strings.ToLower(s.RawStatus)]; ok {
		s.Status = override
	}
	if !known(s.Status) {
		in.wrong(own("status"), "%q is none of Kupec's", cut(string(o.Status), 20))
	}
	if s.email = email(o.Email); s.email != "" {
		s.Email = string(s.email)
	} else {
		s.Email = cut(o.Email, emailMax)
	}
	if s.phone = n.phone(o.Phone, s.Address.Country); s.phone != "" {
		s.Phone = string(s.phone)
	} else {
		s.Phone = cut(o.Phone, phoneMax)
	}
	if most := max(len(o.Lines), len(o.Refunds)); most > linesMost {
		in.wrong(own("lines and refunds"), "there are %d, more than %d", most, linesMost)
		return s, in.err()
	}
	if len(o.Lines) > 0 {
		s.Lines = make([]purchase.Line, len(o.Lines))
	}
	for i, l := range o.Lines {
		of := func(name string) field { return field{name, "line", i + 1} }
		s.Lines[i] = purchase.Line{
			Key: in.exact(of("key"), l.Key, keyMax), ProductKey: in.exact(of("product key"), l.ProductKey, keyMax),
			VariantKey: in.exact(of("variant key"), l.VariantKey, keyMax), SKU: cut(l.SKU, skuMax), Name: cut(l.Name, nameMost),
			Quantity: in.number(of("quantity"), l.Quantity), Total: amount(in.number(of("total"), l.Total)), Tax: amount(in.optional(of("tax"), l.Tax)),
		}
	}
	seen := make(map[string]bool, len(o.Refunds))
	for i, r := range o.Refunds {
		of := func(name string) field { return field{name, "refund", i + 1} }
		given := in.number(of("amount"), r.Amount)
		if given.IsNegative() {
			in.wrong(of("amount"), "%s is negative", given)
		}
		if r.Key == "" || seen[r.Key] {
			in.wrong(of("key"), "%q is empty or comes twice", cut(r.Key, keyMax))
		}
		seen[r.Key] = true
		s.Refunds = append(s.Refunds, purchase.Refund{Key: in.exact(of("key"), r.Key, keyMax), Amount: amount(given), Reason: cut(r.Reason, reasonMax),
			RefundedAt: in.time(of("refunded at"), r.RefundedAt)})
	}
	return s, in.err()
}

func known(s adapters.Status) bool {
	for _, one := range adapters.Statuses {
		if s == one {
			return true
		}
	}
	return false
}

// coupons keeps as many codes as fit.
func coupons(codes []string) []string {
	var kept []string
	size := 0
	for _, code := range codes {
		code = cut(code, couponsMax)
		if n := utf8.RuneCountInString(code) + 1; code != "" && size+n <= couponsMax {
			kept, size = append(kept, code), size+n
		}
	}
	return kept
}

func categoryOf(c adapters.Category) (adapters.Category, error) {
	var in inspection
	return adapters.Category{Key: in.key(own("key"), c.Key), ParentKey: in.exact(own("parent key"), c.ParentKey, keyMax), Name: cut(c.Name, nameMost), URL: webAddress(c.URL, urlMax)}, in.err()
}
