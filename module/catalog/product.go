package catalog

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/money"
)

// Product is what a shop sells. Prices are in the shop's main currency, with or without tax as the shop keeps them.
type Product struct {
	ID            int64
	ShopID        int64
	Key           string // the shop's own key
	SKU           string
	Name          string
	URL           string
	ImageURL      string      // empty: none
	Price         money.Money // what a buyer pays now, the lowest of the variants; see HasPrice
	RegularPrice  money.Money // before a reduction; zero amount: none
	HasPrice      bool        // false: not for sale
	Stock         adapters.Stock
	StockQuantity *decimal.Decimal // nil: not counted
	Visible       bool
	Deleted       bool
	Variants      []Variant // by key; filled by Product, Products and for Apply, not by List
	Categories    []int64   // ids, ascending; filled as Variants are
	CreatedAt     time.Time // zero: the shop does not know
	ChangedAt     time.Time
}

// Variant is one form of a product, in its product's currency.
type Variant struct {
	ID            int64
	Key           string
	SKU           string
	Name          string
	Price         money.Money
	HasPrice      bool
	Stock         adapters.Stock
	StockQuantity *decimal.Decimal
}

// Sellable says whether a shopper can have it now: shown, not deleted, priced, and in stock or orderable without it.
func (p Product) Sellable() bool {
	return p.Visible && !p.Deleted && p.HasPrice && (p.Stock == adapters.InStock || p.Stock == adapters.OnBackorder)
}

// Mention is a product as an order line names it.
type Mention struct {
	Key  string
	SKU  string
	Name string // at the time of purchase
}
