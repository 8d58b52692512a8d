package catalog

import (
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/store"
)

// Rows of one statement. Lists in IN stay below 1,000, where MariaDB starts to turn them into joins.
const (
	inMax     = 500
	insertMax = 1000
)

type productRow struct {
	bun.BaseModel `bun:"table:crm_products,alias:p"`

	ID            int64               `bun:"id,pk,autoincrement"`
	ShopID        int64               `bun:"shop_id"`
	ShopKey       string              `bun:"shop_key"`
	SKU           string              `bun:"sku"`
	Name          string              `bun:"name"`
	URL           string              `bun:"url"`
	ImageURL      string              `bun:"image_url"`
	Currency      string              `bun:"currency"`
	Price         decimal.NullDecimal `bun:"price"`
	RegularPrice  decimal.NullDecimal `bun:"regular_price"`
	Stock         string              `bun:"stock"`
	StockQuantity decimal.NullDecimal `bun:"stock_quantity"`
	Visible       bool                `bun:"visible"`
	CreatedAt     time.Time           `bun:"created_at,nullzero"`
	ChangedAt     time.Time           `bun:"changed_at,nullzero"`
	DeletedAt     time.Time           `bun:"deleted_at,nullzero"`
	Fingerprint   uint64              `bun:"fingerprint"`
}

// productColumns is what a row of the mirror shows; the fingerprint stays inside.
var productColumns = []string{"id", "shop_id", "shop_key", "sku", "name", "url", "image_url", "currency", "price", "regular_price",
	"stock", "stock_quantity", "visible", "created_at", "changed_at", "deleted_at"}

// productUpdate writes a changed product over. deleted_at keeps the day on which it was first seen.
const productUpdate = `DUPLICATE KEY UPDATE sku = VALUES(sku), name = VALUES(name), url = VALUES(url), image_url = VALUES(image_url),
	currency = VALUES(currency), price = VALUES(price), regular_price = VALUES(regular_price), stock = VALUES(stock),
	stock_quantity = VALUES(stock_quantity), visible = VALUES(visible), created_at = VALUES(created_at), changed_at = VALUES(changed_at),
	fingerprint = VALUES(fingerprint), deleted_at = IF(VALUES(deleted_at) IS NULL, NULL, COALESCE(deleted_at, VALUES(deleted_at)))`

type variantRow struct {
	bun.BaseModel `bun:"table:crm_variants,alias:v"`

	ID            int64               `bun:"id,pk,autoincrement"`
	ProductID     int64               `bun:"product_id"`
	ShopKey       string              `bun:"shop_key"`
	SKU           string              `bun:"sku"`
	Name          string              `bun:"name"`
	Price         decimal.NullDecimal `bun:"price"`
	Stock         string              `bun:"stock"`
	StockQuantity decimal.NullDecimal `bun:"stock_quantity"`
}

const variantUpdate = `DUPLICATE KEY UPDATE sku = VALUES(sku), name = VALUES(name), price = VALUES(price), stock = VALUES(stock),
	stock_quantity = VALUES(stock_quantity)`

type shelfRow struct {
	bun.BaseModel `bun:"table:crm_product_categories,alias:s"`

	ProductID  int64 `bun:"product_id,pk"`
	CategoryID int64 `bun:"category_id,pk"`
}

func rowOf(p Product, fingerprint uint64, now time.Time) productRow {
	row := productRow{
		ShopID: p.ShopID, ShopKey: p.Key, SKU: p.SKU, Name: p.Name, URL: p.URL, ImageURL: p.ImageURL, Currency: p.Price.Currency(),
		Price: known(p.Price, p.HasPrice), RegularPrice: known(p.RegularPrice, !p.RegularPrice.IsZero()),
		Stock: string(p.Stock), StockQuantity: quantity(p.StockQuantity), Visible: p.Visible,
		CreatedAt: p.CreatedAt, ChangedAt: p.ChangedAt, Fingerprint: fingerprint,
	}
	if p.Deleted {
		row.DeletedAt = now
	}
	return row
}

func (r productRow) product() Product {
	return Product{
		ID: r.ID, ShopID: r.ShopID, Key: r.ShopKey, SKU: r.SKU, Name: r.Name, URL: r.URL, ImageURL: r.ImageURL,
		Price: money.New(r.Price.Decimal, r.Currency), HasPrice: r.Price.Valid, RegularPrice: money.New(r.RegularPrice.Decimal, r.Currency),
		Stock: adapters.Stock(r.Stock), StockQuantity: pointer(r.StockQuantity), Visible: r.Visible, Deleted: !r.DeletedAt.IsZero(),
		CreatedAt: r.CreatedAt, ChangedAt: r.ChangedAt,
	}
}

func rowOfVariant(productID int64, v Variant) variantRow {
	return variantRow{ProductID: productID, ShopKey: v.Key, SKU: v.SKU, Name: v.Name, Price: known(v.Price, v.HasPrice),
		Stock: string(v.Stock), StockQuantity: quantity(v.StockQuantity)}
}

func (r variantRow) variant(currency string) Variant {
	return Variant{ID: r.ID, Key: r.ShopKey, SKU: r.SKU, Name: r.Name, Price: money.New(r.Price.Decimal, currency), HasPrice: r.Price.Valid,
		Stock: adapters.Stock(r.Stock), StockQuantity: pointer(r.StockQuantity)}
}

func known(m money.Money, is bool) decimal.NullDecimal {
	return decimal.NullDecimal{Decimal: m.Amount(), Valid: is}
}

func quantity(d *decimal.Decimal) decimal.NullDecimal {
	if d == nil {
		return decimal.NullDecimal{}
	}
	return decimal.NewNullDecimal(*d)
}

func pointer(d decimal.NullDecimal) *decimal.Decimal {
	if !d.Valid {
		return nil
	}
	return &d.Decimal
}

// fingerprint is the digest of a product with its variants and shelves, which must be in order.
func fingerprint(p Product) uint64 {
	f := store.NewFingerprint().Text(p.SKU).Text(p.Name).Text(p.URL).Text(p.ImageURL).Text(p.Price.Currency()).
		Bool(p.HasPrice).Decimal(p.Price.Amount()).Decimal(p.RegularPrice.Amount())
	f = counted(f, p.Stock, p.StockQuantity).Bool(p.Visible).Bool(p.Deleted).Time(p.CreatedAt).Time(p.ChangedAt).Int(int64(len(p.Variants)))
	for _, v := range p.Variants {
		f = v.addTo(f)
	}
	for _, id := range p.Categories {
		f = f.Int(id)
	}
	return f.Sum()
}

func (v Variant) addTo(f store.Fingerprint) store.Fingerprint {
	return counted(f.Text(v.Key).Text(v.SKU).Text(v.Name).Bool(v.HasPrice).Decimal(v.Price.Amount()), v.Stock, v.StockQuantity)
}

func counted(f store.Fingerprint, stock adapters.Stock, quantity *decimal.Decimal) store.Fingerprint {
	f = f.Text(string(stock)).Bool(quantity != nil)
	if quantity != nil {
		f = f.Decimal(*quantity)
	}
	return f
}
