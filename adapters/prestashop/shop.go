package prestashop

import (
	"context"
	"database/sql"
	"strings"
	"sync"
	"time"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// Config says how to read the shop. The zero value is good.
type Config struct {
	// Prefix of the shop's tables. Default: "ps_", or where there is no such shop in the database, the only prefix
	// there is.
	Prefix string
	// Zone is the IANA name of the one that the shop's times are in. Default: its setting PS_TIMEZONE.
	Zone string
	// Shop is the id of one shop of an installation with several: its own accounts (or its group's, where a group shares
	// them), orders, carts and products are read. Default: those of all, with the default shop's names and prices.
	Shop int64
	// CartAge is for how long a cart is open after it was last touched: PrestaShop keeps all there ever were. Default 60 days.
	CartAge time.Duration
	// Now is the clock by which changes settle, sweeps are spread and reductions begin and end. Default time.Now.
	Now func() time.Time
}

// Shop reads one PrestaShop.
type Shop struct {
	follow.Auditor
	db     *sql.DB
	cfg    Config
	prefix *follow.Prefix

	mu      sync.Mutex // guards what was found out, and is held while it is looked for
	shape   shape      // what the tables have in this version
	shapeOf string     // that version
	module  string     // the table of the newsletter's module, once it is known
}

var (
	_ adapters.Shop             = (*Shop)(nil)
	_ adapters.CategoryReader   = (*Shop)(nil)
	_ adapters.Counter          = (*Shop)(nil)
	_ adapters.CartReader       = (*Shop)(nil)
	_ adapters.SubscriberReader = (*Shop)(nil)
)

// New makes a shop of a pool, which should come from [adapters.Open]. Nothing is read yet.
func New(db *sql.DB, cfg Config) *Shop {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.CartAge <= 0 {
		cfg.CartAge = 60 * 24 * time.Hour
	}
	s := &Shop{db: db, cfg: cfg, prefix: follow.NewPrefix(db, naming, cfg.Prefix)}
	s.Auditor = follow.NewAuditor(s.audited, letters)
	return s
}

// tables are those that every version has and that are read.
var tables = []string{
	"address", "attribute", "attribute_group", "attribute_lang", "cart", "cart_product", "cart_rule", "category", "category_lang", "category_product",
	"country", "currency", "customer", "group", "guest", "image_shop", "lang", "order_cart_rule", "order_detail", "order_history", "order_slip",
	"order_state", "order_state_lang", "orders", "product", "product_attribute", "product_attribute_combination", "product_attribute_shop",
	"product_lang", "product_shop", "shop_group", "shop_url", "specific_price", "state", "stock_available", "tax", "tax_rule",
}

// Describe reads the settings and looks into each table that will be read, so that a missing one, or a missing right, is
// told now and not in the middle of the night.
func (s *Shop) Describe(ctx context.Context) (adapters.Info, error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Info{}, err
	}
	if err := r.Reach(ctx, tables...); err != nil {
		return adapters.Info{}, err
	}
	var currency, locale string
	err = r.One(ctx, "currency and language", `SELECT COALESCE((SELECT iso_code FROM {currency} WHERE id_currency = ?), ''), COALESCE((SELECT language_code FROM {lang} WHERE id_lang = ?), '')`,
		[]any{r.id("PS_CURRENCY_DEFAULT"), r.lang()}, &currency, &locale)
	if err != nil {
		return adapters.Info{}, err
	}
	taxed, err := r.taxed(ctx)
	if err != nil {
		return adapters.Info{}, err
	}
	return adapters.Info{
		Platform: platform, Version: r.version(), Mode: r.shape.mode(),
		Name: foreign.Plain(r.settings["PS_SHOP_NAME"]), URL: r.home, Currency: strings.ToUpper(currency),
		Zone: r.zone.String(), Locale: foreign.Language(locale), PricesWithTax: taxed,
	}, nil
}

// Count counts exactly. Orders include those that were never finished, and accounts the deleted ones, which are delivered
// too.
func (s *Shop) Count(ctx context.Context) (adapters.Counts, error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Counts{}, err
	}
	return r.Count(ctx, "{customer} t WHERE "+r.customersSource().Own, "{product} t WHERE "+r.productsSource().Own, "{orders} t WHERE "+r.ordersSource().Own)
}
