package adaptertest

import (
	"time"

	"github.com/kupec/kupec/adapters"
)

// Story is what a shop holds, as its owner would tell it. Ids are used as the shop's own keys; over products, variants,
// orders and refunds together they are used once, for platforms which number these together. Texts are as they are
// stored, entities included. A zero time is stored as the platform stores a time that is not known.
type Story struct {
	Site       Site
	Categories []Category
	Products   []Product
	Customers  []Customer
	Orders     []Order
	Carts      []Cart
	Answers    []Answer
}

// Site is the shop's settings. A Story with an empty Name adds to a shop that has them already.
type Site struct {
	Name, URL, Currency, Zone, Locale string
	PricesWithTax                     bool
}

// Category is a shelf; Parent 0 is the top.
type Category struct {
	ID, Parent int64
	Name, Slug string
}

// Visibility says who sees a product.
type Visibility string

// What can be the matter with a product.
const (
	Shown  Visibility = "shown"
	Hidden Visibility = "hidden" // for sale, but in no list and no search
	Draft  Visibility = "draft"
	Binned Visibility = "binned"
)

// Product is one, with its variants; a product with variants has no price of its own.
type Product struct {
	ID               int64
	Name, Slug, SKU  string
	Price, Regular   string
	Stock            adapters.Stock
	Quantity         string // empty: not counted
	Visibility       Visibility
	Categories       []int64
	Image            string // path of the file below the shop's pictures
	Attributes       []Attribute
	Variants         []Variant
	Created, Changed time.Time
	Broken           bool // it must be stored so that it cannot be read
}

// Attribute is one that a product's variants differ in, with its values.
type Attribute struct {
	Name   string
	Values []Value
}

// Value is a shared value of an attribute: what is stored with the variant, and what people call it.
type Value struct{ Slug, Name string }

// Variant takes one value of each of its product's attributes.
type Variant struct {
	ID             int64
	SKU            string
	Values         []string // slugs, in the order of the product's attributes
	Price, Regular string
	Stock          adapters.Stock
	Quantity       string
}

// Customer is an account.
type Customer struct {
	ID                  int64
	Email, FirstName    string
	LastName, Company   string
	Phone               string
	Address             adapters.Address
	Locale              string // as WordPress and most others write it: "sl_SI"
	Registered, Changed time.Time
	Deleted             bool // the shop keeps the row and marks it; where a platform removes it, there is nothing to write
}

// Order is a purchase, with what was refunded later.
type Order struct {
	ID                               int64
	Number                           string // empty: the platform's own
	Status                           adapters.Status
	RawStatus                        string // for adapters.StatusOther: the shop's word
	Binned, Draft                    bool   // Draft: a checkout that was begun
	Currency, Total                  string
	LineTax, Shipping, ShippingTax   string // Total has all of them in it
	Discount                         string
	CustomerID                       int64 // 0: a guest
	FormerID                         int64 // of a guest: the account it was placed with, which was deleted since
	Email, FirstName, LastName       string
	Company, Phone                   string
	Address                          adapters.Address
	Locale                           string
	Coupons                          []string
	Placed, Paid, Completed, Changed time.Time
	Lines                            []Line
	Refunds                          []Refund
	Broken                           bool // it must be stored so that it cannot be read
}

// Line is a position; Net and Tax add up to what was paid for it.
type Line struct {
	ID, ProductID, VariantID int64
	Name, Quantity           string
	Net, Tax                 string
	Parts                    []Line // what a set is made of; some platforms keep them as rows of their own, which are no positions
}

// Refund is money given back.
type Refund struct {
	ID             int64
	Amount, Reason string
	At             time.Time
}

// Cart is what somebody has put together. An Empty, Ordered or WishList one is no open cart.
type Cart struct {
	ID                       int64
	CustomerID               int64  // 0: a guest
	Email                    string // a guest's, typed into the checkout
	Currency                 string
	Created, Changed         time.Time
	Lines                    []Line
	Empty, Ordered, WishList bool
}

// Answer is what somebody said to the shop's newsletter.
type Answer struct {
	Email      string
	CustomerID int64 // 0: not by an account
	Consent    adapters.Consent
	IP         string
	At         time.Time
}

// Change is one thing that happens later; which, is said by the fields that are set.
type Change struct {
	At         time.Time
	OrderID    int64
	Status     adapters.Status // the order's new one
	Refund     *Refund         // on part of the order
	Bin        bool            // the order is binned
	Delete     bool            // the order is deleted for good, with all that belongs to it
	Line       *Line           // of the order, written a moment after its own row without moving its time
	Phone      string          // the order's, edited so that no time of change moves; see SilentEdits
	ProductID  int64
	Price      string // the product's new one
	CustomerID int64
	LastName   string // the customer's new one
}

// Tell is the story, beginning in 2023. What the tests add happens after Now.
func Tell() Story {
	day := func(n int) time.Time { return time.Date(2023, 3, 1, 9, 30, 0, 0, time.UTC).AddDate(0, 0, n) }
	ljubljana := adapters.Address{Line1: "Trubarjeva 12", Line2: "2. nadstropje", City: "Ljubljana", Postcode: "1000", Region: "SI-061", Country: "SI"}
	whole, ground := Value{"whole-bean", "Whole bean"}, Value{"ground", "Ground"}
	small, large := Value{"250-g", "250 g"}, Value{"1-kg", "1 kg"}
	return Story{
		Site: Site{Name: "Zrno &amp; List", URL: "https://zrno.example", Currency: "EUR", Zone: "Europe/Ljubljana", Locale: "sl_SI", PricesWithTax: true},
		Categories: []Category{
			{11, 12, "Beans", "beans"}, // older than its parent
			{12, 0, "Coffee", "coffee"},
			{13, 0, "Tea", "tea"},
			{14, 99, "Caf&#233; gifts &amp; more", "gifts"}, // its parent was deleted
			{15, 11, "Single origin", "single-origin"},
		},
		Products: []Product{
			{ID: 1001, Name: "Ethiopia &amp; Guji <b>250&nbsp;g</b>", Slug: "ethiopia-guji", SKU: "ETH-250", Price: "9.90", Regular: "12.50",
				Stock: adapters.InStock, Quantity: "12", Visibility: Shown, Categories: []int64{11, 15}, Image: "2024/03/ethiopia guji.jpg", Created: day(0), Changed: day(40)},
			{ID: 1002, Name: "Brazil", Slug: "brazil", SKU: "BRA", Stock: adapters.InStock, Visibility: Shown, Categories: []int64{12}, Created: day(0), Changed: day(1),
				Attributes: []Attribute{{"size", []Value{small, large}}, {"grind", []Value{whole, ground}}},
				Variants: []Variant{
					{ID: 1102, SKU: "BRA-250-W", Values: []string{"250-g", "whole-bean"}, Price: "7.50", Regular: "8", Stock: adapters.InStock, Quantity: "30"},
					{ID: 1103, SKU: "BRA-1000-W", Values: []string{"1-kg", "whole-bean"}, Price: "24", Stock: adapters.OutOfStock, Quantity: "0"},
					{ID: 1104, SKU: "BRA-1000-G", Values: []string{"1-kg", "ground"}, Price: "24.5", Stock: adapters.OnBackorder},
				}},
			{ID: 1003, Name: "Wholesale sack", Slug: "sack", SKU: "SACK", Price: "310", Stock: adapters.InStock, Visibility: Hidden, Created: day(1), Changed: day(1)},
			{ID: 1004, Name: "Not yet", Slug: "", SKU: "", Stock: adapters.OutOfStock, Visibility: Draft, Changed: day(2)},
			{ID: 1005, Name: "No longer", Slug: "no-longer", SKU: "OLD", Price: "3", Stock: adapters.InStock, Visibility: Binned, Created: day(1), Changed: day(3)},
			{ID: 1006, Name: "Čaj „Črni zmaj“", Slug: "crni-zmaj", SKU: "TEA-1", Price: "0.0125", Stock: adapters.OnBackorder, Quantity: "-2.5", Visibility: Shown, Categories: []int64{13}, Created: day(1), Changed: day(3)},
			{ID: 1007, Name: "Misprint", Slug: "misprint", SKU: "BAD", Price: "5", Stock: adapters.InStock, Visibility: Shown, Created: day(1), Changed: day(3), Broken: true},
		},
		Customers: []Customer{
			{ID: 101, Email: "Ana.Novak@example.si", FirstName: "Ana", LastName: "Novak", Phone: "041 123 456", Address: ljubljana, Locale: "sl_SI", Registered: day(1), Changed: day(30)},
			{ID: 102, Email: "quiet@example.com"},
			{ID: 103, Email: "ivan@пример.example", FirstName: "Иван", LastName: "О&#039;Брайен", Company: "Чай &amp; Ко", Locale: "ru_RU", Registered: day(5)},
			{ID: 108, Email: "left@example.com", FirstName: "Left", Registered: day(6), Changed: day(8), Deleted: true},
		},
		Orders: []Order{
			{ID: 2001, Status: adapters.StatusCompleted, Currency: "EUR", Total: "34.90", LineTax: "5.53", Shipping: "3.50", ShippingTax: "0.77", Discount: "2.00",
				CustomerID: 101, Email: "ana.novak@example.si", FirstName: "Ana", LastName: "Novak", Phone: "041 123 456", Address: ljubljana, Locale: "sl_SI",
				Coupons: []string{"SPRING&amp;TEA"}, Placed: day(10), Paid: day(10).Add(time.Minute), Completed: day(12), Changed: day(12),
				Lines: []Line{
					{ID: 30001, ProductID: 1001, VariantID: 0, Name: "Ethiopia &amp; Guji <b>250 g</b>", Quantity: "1", Net: "8.1148", Tax: "1.7852"},
					{ID: 30002, ProductID: 1002, VariantID: 1104, Name: "Brazil - 1 kg, ground", Quantity: "1", Net: "16.99", Tax: "3.74"},
				}},
			{ID: 2002, Status: adapters.StatusPaid, Currency: "GBP", Total: "19.80", Email: "ANA.NOVAK@Example.SI", FirstName: "A.", LastName: "Novak", Phone: "+386 41 123456",
				Address: adapters.Address{Line1: "1 High St", City: "London", Postcode: "N1", Country: "GB"}, Placed: day(20), Paid: day(20), Changed: day(20),
				Lines: []Line{{ID: 30003, ProductID: 1001, VariantID: 0, Name: "Ethiopia", Quantity: "2", Net: "19.8", Tax: "0"}}},
			{ID: 2003, Status: adapters.StatusCompleted, Currency: "EUR", Total: "24.4", LineTax: "4.4", CustomerID: 103, Email: "ivan@пример.example", FirstName: "Иван", LastName: "О&#039;Брайен",
				Company: "Чай &amp; Ко", Placed: day(21), Paid: day(21), Completed: day(22), Changed: day(25),
				Lines:   []Line{{ID: 30004, ProductID: 1002, VariantID: 1102, Name: "Brazil - 250 g", Quantity: "2.5", Net: "20", Tax: "4.4"}},
				Refunds: []Refund{{2503, "9.76", "One bag was torn &amp; spilt", day(25)}}},
			{ID: 2004, Status: adapters.StatusRefunded, Currency: "EUR", Total: "12.2", LineTax: "2.2", CustomerID: 101, Email: "ana.novak@example.si", Placed: day(26), Paid: day(26), Changed: day(28),
				Lines:   []Line{{ID: 30005, ProductID: 1001, VariantID: 0, Name: "Ethiopia", Quantity: "1", Net: "10", Tax: "2.2"}},
				Refunds: []Refund{{2504, "6.1", "", day(27)}, {2505, "6.1", "rest", day(28)}}},
			{ID: 2005, Status: adapters.StatusCancelled, Currency: "EUR", Total: "7.5", Email: "guest@example.com", Placed: day(29), Changed: day(30),
				Lines: []Line{{ID: 30006, ProductID: 1002, VariantID: 1102, Name: "Brazil", Quantity: "1", Net: "7.5", Tax: "0"}}},
			{ID: 2006, Status: adapters.StatusFailed, Currency: "EUR", Total: "7.5", Email: "guest@example.com", Placed: day(31), Changed: day(31)},
			{ID: 2007, Status: adapters.StatusOther, RawStatus: "packing", Currency: "EUR", Total: "3", Email: "guest@example.com", Placed: day(32), Paid: day(32), Changed: day(32)},
			{ID: 2008, Status: adapters.StatusPending, Currency: "EUR", Total: "0", CustomerID: 102, Email: "quiet@example.com", Placed: day(33), Changed: day(33)},
			{ID: 2009, Status: adapters.StatusCompleted, Binned: true, Currency: "EUR", Total: "99", Email: "test@example.com", Placed: day(34), Changed: day(35)},
			{ID: 2010, Status: adapters.StatusPending, Draft: true, Currency: "EUR", Total: "5", Placed: day(34), Changed: day(34)},
			{ID: 2011, Status: adapters.StatusCompleted, Currency: "EUR", Total: "15", Email: "guest@example.com", Placed: day(35), Paid: day(35), Completed: day(36), Changed: day(36),
				Lines: []Line{{ID: 30007, ProductID: 1098, VariantID: 1199, Name: "A tin that is gone", Quantity: "1", Net: "10", Tax: "0"}, {ID: 30008, ProductID: 0, VariantID: 0, Name: "Gift wrapping", Quantity: "1", Net: "5", Tax: "0"}}},
			{ID: 2012, Status: adapters.StatusCompleted, Currency: "EUR", Total: "8", Email: "old@example.com", Changed: day(36)}, // nobody knows when it was placed
			{ID: 2013, Status: adapters.StatusPaid, Currency: "EUR", Total: "12", Email: "broken@example.com", Placed: day(37), Paid: day(37), Changed: day(37), Broken: true,
				Lines: []Line{{ID: 30009, ProductID: 1001, VariantID: 0, Name: "Ethiopia", Quantity: "1", Net: "12", Tax: "0"}}},
			{ID: 2014, Number: "2023/0014", Status: adapters.StatusPaid, Currency: "EUR", Total: "4.1", Email: "tom@example.com", FirstName: "Tom &amp; Ann", LastName: "<i>Smith</i>", Phone: "030 555",
				Address: adapters.Address{Line1: "5 &lt;Rear&gt; Rd", City: "D&uuml;sseldorf", Country: "DE"}, Placed: day(38), Paid: day(38), Changed: day(38)},
			{ID: 2015, Status: adapters.StatusCompleted, Currency: "EUR", Total: "6", FormerID: 109, Email: "former@example.com", FirstName: "Fora", LastName: "Mer", Placed: day(39), Paid: day(39), Completed: day(39), Changed: day(39),
				Lines: []Line{{ID: 30010, ProductID: 1006, Name: "Čaj", Quantity: "1", Net: "6", Tax: "0"}}},
			{ID: 2016, Status: adapters.StatusPaid, Currency: "EUR", Total: "20", Email: "guest@example.com", Placed: day(40), Paid: day(40), Changed: day(40),
				Lines: []Line{{ID: 30011, ProductID: 1001, Name: "A set of two", Quantity: "1", Net: "20", Tax: "0", Parts: []Line{
					{ID: 30012, ProductID: 1002, VariantID: 1102, Name: "Brazil, of the set", Quantity: "1", Net: "7.5", Tax: "0"},
					{ID: 30013, ProductID: 1006, Name: "Čaj, of the set", Quantity: "1", Net: "12.5", Tax: "0"},
				}}}},
		},
		Carts: []Cart{
			{ID: 6001, CustomerID: 101, Currency: "EUR", Created: Now().Add(-3 * time.Hour), Changed: Now().Add(-2 * time.Hour), Lines: []Line{
				{ID: 60011, ProductID: 1001, Quantity: "2", Net: "16.2295", Tax: "3.5705"},
				{ID: 60012, ProductID: 1002, VariantID: 1104, Quantity: "1", Net: "20.082", Tax: "4.418"},
			}},
			{ID: 6002, Email: "undecided@example.com", Currency: "EUR", Created: Now().Add(-2 * time.Hour), Changed: Now().Add(-time.Hour), Lines: []Line{
				{ID: 60021, ProductID: 1006, Quantity: "3", Net: "0.0375", Tax: "0"}}},
			{ID: 6003, CustomerID: 102, Currency: "EUR", Created: Now().Add(-2 * time.Hour), Changed: Now().Add(-time.Hour), Empty: true},
			{ID: 6004, CustomerID: 103, Currency: "EUR", Created: Now().Add(-5 * time.Hour), Changed: Now().Add(-4 * time.Hour), Ordered: true, Lines: []Line{
				{ID: 60041, ProductID: 1001, Quantity: "1", Net: "9.9", Tax: "0"}}},
			{ID: 6005, CustomerID: 103, Currency: "EUR", Created: Now().Add(-5 * time.Hour), Changed: Now().Add(-4 * time.Hour), WishList: true, Lines: []Line{
				{ID: 60051, ProductID: 1003, Quantity: "1", Net: "310", Tax: "0"}}},
		},
		Answers: []Answer{
			{Email: "Ana.Novak@example.si", CustomerID: 101, Consent: adapters.Subscribed, At: day(2)},
			{Email: "ivan@пример.example", CustomerID: 103, Consent: adapters.Unsubscribed, At: day(9)},
			{Email: "Reader@example.com", Consent: adapters.Subscribed, IP: "203.0.113.9", At: day(6)},
			{Email: "gone@example.com", Consent: adapters.Unsubscribed, At: day(7)},
			{Email: "unsure@example.com", Consent: adapters.Unconfirmed, At: day(8)},
		},
	}
}

// Now is when the tests begin to add to the story.
func Now() time.Time { return time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC) }
