package purchase

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/money"
)

// Counting is the states in which an order is money earned, less its refunds.
var Counting = []adapters.Status{adapters.StatusPaid, adapters.StatusCompleted, adapters.StatusRefunded}

// Order is one purchase, or the attempt at one. All its amounts are in one currency.
type Order struct {
	ID          int64
	ShopID      int64
	ProfileID   int64
	IdentityID  int64
	Key         string // the shop's own key
	Number      string // as the customer was told
	Status      adapters.Status
	RawStatus   string      // the shop's own word
	Total       money.Money // with tax and shipping, before refunds
	Tax         money.Money
	Shipping    money.Money
	Discount    money.Money // positive
	Refunded    money.Money // sum of Refunds, positive
	AccountKey  string      // empty: a guest's order
	Email       string      // normalised; as typed where it is not an address, so that staff can read it
	Phone       string      // E.164; as typed where it is not a number
	Name        contact.Name
	Company     string
	Address     contact.Address
	Language    string
	Coupons     []string
	PlacedAt    time.Time // zero times: not known, or not yet
	PaidAt      time.Time
	CompletedAt time.Time
	ChangedAt   time.Time
	Deleted     bool
	LineCount   int      // as stored; also where Lines is not filled
	Lines       []Line   // in the shop's order
	Refunds     []Refund // by key
}

// Net is the order's total less what was given back.
func (o Order) Net() money.Money { return o.Total.Sub(o.Refunded) }

// Counts says whether the order is revenue: not deleted, and in one of the states of [Counting].
func (o Order) Counts() bool {
	if o.Deleted {
		return false
	}
	for _, s := range Counting {
		if o.Status == s {
			return true
		}
	}
	return false
}

// Line is one position of an order. Name and SKU are those at the time of purchase.
type Line struct {
	Key        string
	ProductID  int64  // 0: not a product of the catalogue
	ProductKey string // empty: not a product of the catalogue
	VariantKey string
	SKU        string
	Name       string
	Quantity   decimal.Decimal
	Total      money.Money // after discounts, with tax
	Tax        money.Money // the part of Total that is tax
}

// Refund is money given back on an order.
type Refund struct {
	Key        string
	Amount     money.Money // positive
	Reason     string
	RefundedAt time.Time
}
