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
}

// Refund is money given back.
type Refund struct {
	ID             int64
	Amount, Reason string
	At             time.Time
}

// Change is one thing that happens later; which, is said by the fields that are set.
type Change struct {
	At         time.Time
	OrderID    int64
	Status     adapters.Status // the order's new one
	Refund     *Refund         // on part of the order
	Bin        bool            // the order is binned
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
			{ID: 1006, Name: "Čaj „Črni zmaj“", Slug: "crni-zmaj", SKU: "TEA-1", Price: "0.0000125", Stock: adapters.OnBackorder, Quantity: "-2.5", Visibility: Shown, Categories: []int64{13}, Created: day(1), Changed: day(3)},
			{ID: 1007, Name: "Misprint", Slug: "misprint", SKU: "BAD", Price: "5", Stock: adapters.InStock, Visibility: Shown, Created: day(1), Changed: day(3), Broken: true},
		},
		Customers: []Customer{
			{ID: 101, Email: "Ana.Novak@example.si", FirstName: "Ana", LastName: "Novak", Phone: "041 123 456", Address: ljubljana, Locale: "sl_SI", Registered: day(1), Changed: day(30)},
			{ID: 102, Email: "quiet@example.com"},
			{ID: 103, Email: "ivan@пример.example", FirstName: "Иван", LastName: "О&#039;Брайен", Company: "Чай &amp; Ко", Locale: "ru_RU", Registered: day(5)},
		},
		Orders: []Order{
			{ID: 2001, Status: adapters.StatusCompleted, Currency: "EUR", Total: "34.90", LineTax: "5.53", Shipping: "3.50", ShippingTax: "0.77", Discount: "2.00",
				CustomerID: 101, Email: "ana.novak@example.si", FirstName: "Ana", LastName: "Novak", Phone: "041 123 456", Address: ljubljana, Locale: "sl_SI",
				Coupons: []string{"SPRING&amp;TEA"}, Placed: day(10), Paid: day(10).Add(time.Minute), Completed: day(12), Changed: day(12),
				Lines: []Line{
					{30001, 1001, 0, "Ethiopia &amp; Guji <b>250 g</b>", "1", "8.11475410", "1.78524590"},
					{30002, 1002, 1104, "Brazil - 1 kg, ground", "1", "16.99", "3.74"},
				}},
			{ID: 2002, Status: adapters.StatusPaid, Currency: "GBP", Total: "19.80", Email: "ANA.NOVAK@Example.SI", FirstName: "A.", LastName: "Novak", Phone: "+386 41 123456",
				Address: adapters.Address{Line1: "1 High St", City: "London", Postcode: "N1", Country: "GB"}, Placed: day(20), Paid: day(20), Changed: day(20),
				Lines: []Line{{30003, 1001, 0, "Ethiopia", "2", "19.8", "0"}}},
			{ID: 2003, Status: adapters.StatusCompleted, Currency: "EUR", Total: "24.4", LineTax: "4.4", CustomerID: 103, Email: "ivan@пример.example", FirstName: "Иван", LastName: "О&#039;Брайен",
				Company: "Чай &amp; Ко", Placed: day(21), Paid: day(21), Completed: day(22), Changed: day(25),
				Lines:   []Line{{30004, 1002, 1102, "Brazil - 250 g", "2.5", "20", "4.4"}},
				Refunds: []Refund{{2503, "9.76", "One bag was torn &amp; spilt", day(25)}}},
			{ID: 2004, Status: adapters.StatusRefunded, Currency: "EUR", Total: "12.2", LineTax: "2.2", CustomerID: 101, Email: "ana.novak@example.si", Placed: day(26), Paid: day(26), Changed: day(28),
				Lines:   []Line{{30005, 1001, 0, "Ethiopia", "1", "10", "2.2"}},
				Refunds: []Refund{{2504, "6.1", "", day(27)}, {2505, "6.1", "rest", day(28)}}},
			{ID: 2005, Status: adapters.StatusCancelled, Currency: "EUR", Total: "7.5", Email: "guest@example.com", Placed: day(29), Changed: day(30),
				Lines: []Line{{30006, 1002, 1102, "Brazil", "1", "7.5", "0"}}},
			{ID: 2006, Status: adapters.StatusFailed, Currency: "EUR", Total: "7.5", Email: "guest@example.com", Placed: day(31), Changed: day(31)},
			{ID: 2007, Status: adapters.StatusOther, RawStatus: "packing", Currency: "EUR", Total: "3", Email: "guest@example.com", Placed: day(32), Paid: day(32), Changed: day(32)},
			{ID: 2008, Status: adapters.StatusPending, Currency: "EUR", Total: "0", CustomerID: 102, Email: "quiet@example.com", Placed: day(33), Changed: day(33)},
			{ID: 2009, Status: adapters.StatusCompleted, Binned: true, Currency: "EUR", Total: "99", Email: "test@example.com", Placed: day(34), Changed: day(35)},
			{ID: 2010, Status: adapters.StatusPending, Draft: true, Currency: "EUR", Total: "5", Placed: day(34), Changed: day(34)},
			{ID: 2011, Status: adapters.StatusCompleted, Currency: "EUR", Total: "15", Email: "guest@example.com", Placed: day(35), Paid: day(35), Completed: day(36), Changed: day(36),
				Lines: []Line{{30007, 1098, 1199, "A tin that is gone", "1", "10", "0"}, {30008, 0, 0, "Gift wrapping", "1", "5", "0"}}},
			{ID: 2012, Status: adapters.StatusCompleted, Currency: "EUR", Total: "8", Email: "old@example.com", Changed: day(36)}, // nobody knows when it was placed
			{ID: 2013, Status: adapters.StatusPaid, Currency: "EUR", Total: "12", Email: "broken@example.com", Placed: day(37), Paid: day(37), Changed: day(37), Broken: true,
				Lines: []Line{{30009, 1001, 0, "Ethiopia", "1", "12", "0"}}},
			{ID: 2014, Number: "2023/0014", Status: adapters.StatusPaid, Currency: "EUR", Total: "4.1", Email: "tom@example.com", FirstName: "Tom &amp; Ann", LastName: "<i>Smith</i>", Phone: "030 555",
				Address: adapters.Address{Line1: "5 &lt;Rear&gt; Rd", City: "D&uuml;sseldorf", Country: "DE"}, Placed: day(38), Paid: day(38), Changed: day(38)},
		},
	}
}

// Now is when the tests begin to add to the story.
func Now() time.Time { return time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC) }
