package adapters

import (
	"context"
	"errors"
	"time"
)

// Shop reads one e-commerce site. It only ever SELECTs. The package comment is its contract.
type Shop interface {
	// Describe finds out what is attached. It fails with a [*SchemaError] when the database is not this platform's,
	// naming what was looked for and what to do.
	Describe(ctx context.Context) (Info, error)
	// Customers reads shop accounts; guests are known only by their orders.
	Customers(ctx context.Context, after Cursor, limit int) (Page[Customer], error)
	// Products reads products with their variants.
	Products(ctx context.Context, after Cursor, limit int) (Page[Product], error)
	// Orders reads orders with their lines and refunds. A refund made later delivers its order again.
	Orders(ctx context.Context, after Cursor, limit int) (Page[Order], error)
}

// CategoryReader is a Shop with categories. There are few: all come at once, parents before children.
type CategoryReader interface {
	Categories(ctx context.Context) ([]Category, error)
}

// Counter is a Shop that can say how much there is, for progress. The figures may be estimates.
type Counter interface {
	Count(ctx context.Context) (Counts, error)
}

// CartReader is a Shop that shows what people have put into carts and not ordered yet.
type CartReader interface {
	// Carts reads the carts that are open now and hold something: no wish lists, no carts that became orders. A cart that
	// was ordered, emptied or thrown away is delivered no more; who mirrors carts reads them from the beginning now and then.
	Carts(ctx context.Context, after Cursor, limit int) (Page[Cart], error)
}

// SubscriberReader is a Shop that keeps who agreed to its newsletter.
type SubscriberReader interface {
	// Subscribers reads all who ever subscribed, those who withdrew too, as far as the shop remembers them.
	Subscribers(ctx context.Context, after Cursor, limit int) (Page[Subscriber], error)
}

// Auditor is a Shop whose keys are integers, and whose rows can be compared with a mirror and read again range by range.
// All four streams may be asked for that the Shop has; an empty answer means that the stream cannot be audited.
type Auditor interface {
	// Span gives the lowest and the highest key that a stream has now; 0, 0 where it has none.
	Span(ctx context.Context, stream Stream) (first, last int64, err error)
	// Digests sums up what the stream would deliver of the keys from first to last, in ranges of step keys that begin at
	// multiples of step, ascending; a range without rows is left out. As long as the shop's rows are the same, so are
	// their digests; when anything changes that the stream delivers, also what belongs to a row, its range's differs.
	Digests(ctx context.Context, stream Stream, first, last, step int64) ([]Digest, error)
	// Range gives the cursor from which the stream's method delivers the rows with keys from first to last, ascending, and
	// nothing else; at their end More is false.
	Range(stream Stream, first, last int64) Cursor
}

// Adviser is a Shop that knows what would make reading it cheaper. It changes nothing; kupec doctor prints it.
type Adviser interface {
	Advise(ctx context.Context) ([]Advice, error)
}

// Advice is one thing that the shop's owner might do.
type Advice struct {
	Finding string // a sentence without its full stop: what is so, and what follows
	Next    string // what to do, as a statement of SQL where it is one
}

// Stream names one kind of rows.
type Stream string

// The streams that can be audited.
const (
	StreamProducts  Stream = "products"
	StreamCustomers Stream = "customers"
	StreamOrders    Stream = "orders"
)

// Digest sums up the rows of a range of keys.
type Digest struct {
	First int64  // the range's first key, a multiple of the step
	Rows  int64  // how many rows the range has, those that would be delivered as Deleted and bad ones included
	Sum   uint64 // over all that is delivered of them
}

// ErrCursor is what a method fails with that is given a cursor which it cannot read: one of another stream, or of another
// version of the adapter. Whoever kept it begins again with the empty one.
var ErrCursor = errors.New("the place in the stream cannot be used")

// Cursor is a place in a stream of rows: opaque text of at most 255 bytes that only its adapter understands.
type Cursor string

// Page is one portion of a stream.
type Page[T any] struct {
	Rows []T
	Bad  []BadRow
	Next Cursor // where the following page begins; never empty
	More bool   // false: nothing further at this moment
}

// BadRow is a row of the shop that could not be read.
type BadRow struct {
	Key    string            // the shop's key, as far as it is known
	Reason string            // one sentence for a person: what is wrong with which field
	Raw    map[string]string // the values as found
}

// Info describes the attached site.
type Info struct {
	Platform      string // "woocommerce"
	Version       string // the platform's own
	Mode          string // how it keeps its orders, in the adapter's words: "hpos", "hpos-sync", "posts"
	Name          string // as the site calls itself
	URL           string // the shop window, without a slash at the end
	Currency      string // ISO 4217, the shop's main one
	Zone          string // IANA name, or "UTC+02:00" where the shop has only an offset
	Locale        string // BCP 47, the site's own language; may be empty
	PricesWithTax bool   // whether Product.Price includes tax
}

// Counts is how many rows a full read will deliver, about.
type Counts struct {
	Customers, Products, Orders int64
}

// Address is a postal address as typed in. Country is ISO 3166-1 alpha-2, or empty.
type Address struct {
	Line1, Line2, City, Postcode, Region, Country string
}

// Customer is a shop account.
type Customer struct {
	Key                 string
	Email               string // the account's own address
	FirstName, LastName string
	Company             string
	Phone               string // as typed
	Address             Address
	Language            string // BCP 47, or empty
	RegisteredAt        time.Time
	ChangedAt           time.Time // zero where the shop keeps no such time
	Deleted             bool
}

// Stock says whether a product can be had.
type Stock string

// The three answers a shop gives.
const (
	InStock     Stock = "in"
	OutOfStock  Stock = "out"
	OnBackorder Stock = "backorder"
)

// Product is what the shop sells, with the variants it is sold in.
type Product struct {
	Key           string
	SKU           string
	Name          string
	URL           string
	ImageURL      string // empty: none
	Price         string // what a buyer pays now, the lowest of the variants; empty: not for sale
	RegularPrice  string // before a reduction; empty: none
	Stock         Stock
	StockQuantity string // decimal text; empty: not counted
	Visible       bool   // published, and shown in the shop window
	CategoryKeys  []string
	Variants      []Variant
	CreatedAt     time.Time
	ChangedAt     time.Time
	Deleted       bool
}

// Variant is one form of a product.
type Variant struct {
	Key           string
	SKU           string
	Name          string // what sets it apart: "1 kg, whole bean"
	Price         string
	Stock         Stock
	StockQuantity string
}

// Category is a shelf of the shop.
type Category struct {
	Key       string
	ParentKey string // empty: top
	Name      string
	URL       string
}

// Status is where an order stands.
type Status string

// The states that every shop's own are mapped to.
const (
	StatusPending   Status = "pending"   // placed, not paid
	StatusPaid      Status = "paid"      // paid, not yet delivered
	StatusCompleted Status = "completed" // paid and delivered
	StatusCancelled Status = "cancelled" // called off before it was paid for
	StatusRefunded  Status = "refunded"  // paid and wholly given back
	StatusFailed    Status = "failed"    // payment was tried and refused
	StatusOther     Status = "other"     // a state that only this shop knows
)

// Statuses is all of them, in the order of an order's life.
var Statuses = []Status{StatusPending, StatusPaid, StatusCompleted, StatusCancelled, StatusRefunded, StatusFailed, StatusOther}

// Order is one purchase, or the attempt at one.
type Order struct {
	Key                 string
	Number              string // as the customer was told
	Status              Status
	RawStatus           string
	Currency            string
	Total               string
	Tax                 string
	Shipping            string // without tax
	Discount            string // positive
	CustomerKey         string // empty: a guest
	Email               string
	FirstName, LastName string
	Company             string
	Phone               string
	Address             Address // billing
	Language            string  // BCP 47, or empty
	Coupons             []string
	PlacedAt            time.Time
	PaidAt              time.Time
	CompletedAt         time.Time
	ChangedAt           time.Time
	Lines               []Line
	Refunds             []Refund
	Deleted             bool
}

// Line is one position of an order. Its product may have been deleted since; the key and the name remain.
type Line struct {
	Key        string
	ProductKey string // empty: not a product of the catalogue
	VariantKey string // empty: no variant
	SKU        string
	Name       string // at the time of purchase
	Quantity   string
	Total      string
	Tax        string // the part of Total that is tax
}

// Refund is money given back on an order.
type Refund struct {
	Key        string
	Amount     string
	Reason     string
	RefundedAt time.Time
}

// Cart is what somebody has put together and not ordered yet. Of who has an account, only that and the address are told.
type Cart struct {
	Key                 string
	CustomerKey         string // empty: a guest
	Email               string // as typed into the checkout, or the account's; empty: not known
	Phone               string // a guest's, as typed
	FirstName, LastName string // a guest's
	Currency            string
	CreatedAt           time.Time
	ChangedAt           time.Time
	Lines               []CartLine
}

// CartLine is a position of a cart.
type CartLine struct {
	ProductKey string
	VariantKey string // empty: no variant
	Quantity   string
	Total      string // for all of Quantity, with tax; empty: the shop keeps no price with it
}

// Consent is what a shop remembers of somebody's wish to get its newsletter.
type Consent string

// The answers.
const (
	Subscribed   Consent = "subscribed"
	Unconfirmed  Consent = "unconfirmed" // asked for, and the address not confirmed yet
	Unsubscribed Consent = "unsubscribed"
	// NotSubscribed is that a mere flag is off: the person never asked for it, or has withdrawn.
	NotSubscribed Consent = "none"
)

// Subscriber is an address that the shop's newsletter goes to, or does not.
type Subscriber struct {
	Key                 string
	Email               string
	CustomerKey         string // empty: not one who has an account
	FirstName, LastName string // of one who has none
	Consent             Consent
	List                string    // which of the shop's newsletters, in its words; empty: the one it has
	Source              string    // the table or setting that says so: "newsletter_subscriber", "mailpoet"
	IP                  string    // from where it was given; empty: not known
	At                  time.Time // when the answer was given; zero: not known
	Deleted             bool
}
