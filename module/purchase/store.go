package purchase

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/store"
)

// Rows of one statement. Lists in IN stay below 1,000, where MariaDB starts to turn them into joins.
const (
	inMax     = 500
	insertMax = 1000
)

type orderRow struct {
	bun.BaseModel `bun:"table:crm_orders,alias:o"`

	ID          int64           `bun:"id,pk,autoincrement"`
	ShopID      int64           `bun:"shop_id"`
	ShopKey     string          `bun:"shop_key"`
	Number      string          `bun:"number"`
	IdentityID  int64           `bun:"identity_id"`
	ProfileID   int64           `bun:"profile_id"`
	Status      string          `bun:"status"`
	RawStatus   string          `bun:"raw_status"`
	Currency    string          `bun:"currency"`
	Total       decimal.Decimal `bun:"total"`
	Tax         decimal.Decimal `bun:"tax"`
	Shipping    decimal.Decimal `bun:"shipping"`
	Discount    decimal.Decimal `bun:"discount"`
	Refunded    decimal.Decimal `bun:"refunded"`
	AccountKey  string          `bun:"account_key"`
	Email       string          `bun:"email"`
	Phone       string          `bun:"phone"`
	FirstName   string          `bun:"first_name"`
	LastName    string          `bun:"last_name"`
	Company     string          `bun:"company"`
	Line1       string          `bun:"line1"`
	Line2       string          `bun:"line2"`
	City        string          `bun:"city"`
	Postcode    string          `bun:"postcode"`
	Region      string          `bun:"region"`
	Country     string          `bun:"country"`
	Language    string          `bun:"language"`
	Coupons     string          `bun:"coupons"`
	LineCount   int             `bun:"line_count"`
	Pieces      decimal.Decimal `bun:"pieces"`
	RefundCount int             `bun:"refund_count"`
	PlacedAt    time.Time       `bun:"placed_at,nullzero"`
	PaidAt      time.Time       `bun:"paid_at,nullzero"`
	CompletedAt time.Time       `bun:"completed_at,nullzero"`
	ChangedAt   time.Time       `bun:"changed_at,nullzero"`
	DeletedAt   time.Time       `bun:"deleted_at,nullzero"`
	Fingerprint uint64          `bun:"fingerprint"`
}

// orderColumns is what a row of the mirror shows; the fingerprint stays inside.
var orderColumns = []string{"id", "shop_id", "shop_key", "number", "identity_id", "profile_id", "status", "raw_status",
	"currency", "total", "tax", "shipping", "discount", "refunded", "account_key", "email", "phone", "first_name", "last_name",
	"company", "line1", "line2", "city", "postcode", "region", "country", "language", "coupons", "line_count", "pieces", "refund_count", "placed_at", "paid_at",
	"completed_at", "changed_at", "deleted_at"}

// orderUpdate is the columns that a changed order writes over. deleted_at keeps the day on which it was first seen.
var orderUpdate = func() string {
	var sets []string
	for _, c := range append(slices.Clone(orderColumns[3:len(orderColumns)-1]), "fingerprint") {
		sets = append(sets, c+" = VALUES("+c+")")
	}
	return strings.Join(append(sets, "deleted_at = IF(VALUES(deleted_at) IS NULL, NULL, COALESCE(deleted_at, VALUES(deleted_at)))"), ", ")
}()

type lineRow struct {
	bun.BaseModel `bun:"table:crm_order_lines,alias:l"`

	OrderID    int64           `bun:"order_id,pk"`
	Position   int             `bun:"position,pk"`
	ShopKey    string          `bun:"shop_key"`
	ProductID  int64           `bun:"product_id,nullzero"`
	ProductKey string          `bun:"product_key"`
	VariantKey string          `bun:"variant_key"`
	SKU        string          `bun:"sku"`
	Name       string          `bun:"name"`
	Quantity   decimal.Decimal `bun:"quantity"`
	Total      decimal.Decimal `bun:"total"`
	Tax        decimal.Decimal `bun:"tax"`
}

type refundRow struct {
	bun.BaseModel `bun:"table:crm_refunds,alias:r"`

	OrderID    int64           `bun:"order_id,pk"`
	ShopKey    string          `bun:"shop_key,pk"`
	Amount     decimal.Decimal `bun:"amount"`
	Reason     string          `bun:"reason"`
	RefundedAt time.Time       `bun:"refunded_at,nullzero"`
}

// byTime is the index that holds all that lists and sums ask for. It is named in the queries: with few shops and states
// the optimizer takes an index on those, and then reads each row.
const byTime = "crm_orders_placed"

const couponSeparator = "\n"

func rowOf(o Order, fingerprint uint64, now time.Time) orderRow {
	row := orderRow{
		ID: o.ID, ShopID: o.ShopID, ShopKey: o.Key, Number: o.Number, IdentityID: o.IdentityID, ProfileID: o.ProfileID,
		Status: string(o.Status), RawStatus: o.RawStatus, Currency: o.Total.Currency(),
		Total: o.Total.Amount(), Tax: o.Tax.Amount(), Shipping: o.Shipping.Amount(), Discount: o.Discount.Amount(), Refunded: o.Refunded.Amount(),
		AccountKey: o.AccountKey, Email: o.Email, Phone: o.Phone, FirstName: o.Name.First, LastName: o.Name.Last, Company: o.Company,
		Line1: o.Address.Line1, Line2: o.Address.Line2, City: o.Address.City, Postcode: o.Address.Postcode, Region: o.Address.Region, Country: o.Address.Country,
		Language: o.Language, Coupons: strings.Join(o.Coupons, couponSeparator),
		LineCount: len(o.Lines), RefundCount: len(o.Refunds),
		PlacedAt: o.PlacedAt, PaidAt: o.PaidAt, CompletedAt: o.CompletedAt, ChangedAt: o.ChangedAt, Fingerprint: fingerprint,
	}
	for _, l := range o.Lines {
		row.Pieces = row.Pieces.Add(l.Quantity)
	}
	if o.Deleted {
		row.DeletedAt = now
	}
	return row
}

func (r orderRow) order() Order {
	in := func(d decimal.Decimal) money.Money { return money.New(d, r.Currency) }
	o := Order{
		ID: r.ID, ShopID: r.ShopID, ProfileID: r.ProfileID, IdentityID: r.IdentityID, Key: r.ShopKey, Number: r.Number,
		Status: adapters.Status(r.Status), RawStatus: r.RawStatus,
		Total: in(r.Total), Tax: in(r.Tax), Shipping: in(r.Shipping), Discount: in(r.Discount), Refunded: in(r.Refunded),
		AccountKey: r.AccountKey, Email: r.Email, Phone: r.Phone, Name: contact.Name{First: r.FirstName, Last: r.LastName}, Company: r.Company,
		Address:  contact.Address{Line1: r.Line1, Line2: r.Line2, City: r.City, Postcode: r.Postcode, Region: r.Region, Country: r.Country},
		Language: r.Language, LineCount: r.LineCount, PlacedAt: r.PlacedAt, PaidAt: r.PaidAt, CompletedAt: r.CompletedAt, ChangedAt: r.ChangedAt, Deleted: !r.DeletedAt.IsZero(),
	}
	if r.Coupons != "" {
		o.Coupons = strings.Split(r.Coupons, couponSeparator)
	}
	return o
}

// fingerprint is the digest of what the shop says about an order. Whom it is linked to is not part of it.
func fingerprint(o Order) uint64 {
	f := store.NewFingerprint().Text(o.Number).Text(string(o.Status)).Text(o.RawStatus).Text(o.Total.Currency()).
		Decimal(o.Total.Amount()).Decimal(o.Tax.Amount()).Decimal(o.Shipping.Amount()).Decimal(o.Discount.Amount()).
		Text(o.AccountKey).Text(o.Email).Text(o.Phone).Text(o.Name.First).Text(o.Name.Last).Text(o.Company).
		Text(o.Address.Line1).Text(o.Address.Line2).Text(o.Address.City).Text(o.Address.Postcode).Text(o.Address.Region).Text(o.Address.Country).
		Text(o.Language).Int(int64(len(o.Coupons)))
	for _, c := range o.Coupons {
		f = f.Text(c)
	}
	f = f.Time(o.PlacedAt).Time(o.PaidAt).Time(o.CompletedAt).Time(o.ChangedAt).Bool(o.Deleted).Int(int64(len(o.Lines)))
	for _, l := range o.Lines {
		f = f.Text(l.Key).Text(l.ProductKey).Text(l.VariantKey).Text(l.SKU).Text(l.Name).
			Decimal(l.Quantity).Decimal(l.Total.Amount()).Decimal(l.Tax.Amount())
	}
	for _, r := range o.Refunds {
		f = f.Text(r.Key).Decimal(r.Amount.Amount()).Text(r.Reason).Time(r.RefundedAt)
	}
	return f.Sum()
}

// fill reads the lines and refunds of all orders: two statements for each 500 of them.
func (b *Book) fill(ctx context.Context, orders []Order) error {
	at := make(map[int64]*Order, len(orders))
	ids := make([]int64, len(orders))
	for i := range orders {
		at[orders[i].ID] = &orders[i]
		ids[i] = orders[i].ID
	}
	for part := range slices.Chunk(ids, inMax) {
		var lines []lineRow
		err := b.db.NewSelect().Model(&lines).Where("l.order_id IN (?)", bun.List(part)).Order("l.order_id", "l.position").Scan(ctx)
		if err != nil {
			return fmt.Errorf("reading order lines: %w", err)
		}
		for _, l := range lines {
			o := at[l.OrderID]
			o.Lines = append(o.Lines, Line{Key: l.ShopKey, ProductID: l.ProductID, ProductKey: l.ProductKey, VariantKey: l.VariantKey, SKU: l.SKU, Name: l.Name,
				Quantity: l.Quantity, Total: money.New(l.Total, o.Total.Currency()), Tax: money.New(l.Tax, o.Total.Currency())})
		}
		var refunds []refundRow
		err = b.db.NewSelect().Model(&refunds).Where("r.order_id IN (?)", bun.List(part)).Order("r.order_id", "r.shop_key").Scan(ctx)
		if err != nil {
			return fmt.Errorf("reading refunds: %w", err)
		}
		for _, r := range refunds {
			o := at[r.OrderID]
			o.Refunds = append(o.Refunds, Refund{Key: r.ShopKey, Amount: money.New(r.Amount, o.Total.Currency()), Reason: r.Reason, RefundedAt: r.RefundedAt})
		}
	}
	return nil
}
