package magento

import (
	"context"
	"database/sql"
	"time"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// Config says how to read the shop. The zero value is good.
type Config struct {
	// Prefix of the shop's tables. Default: none, or where there is no such shop in the database, the only prefix there is.
	Prefix string
	// Store is the code of the store view whose names, prices and addresses products and categories have. Default: the
	// default one of the default website. Accounts, orders and carts are read of all.
	Store string
	// URL is the shop window, for a shop that keeps its address in env.php and not in the database. Default: the setting
	// web/secure/base_url or web/unsecure/base_url.
	URL string
	// Zone is the IANA name of the shop's time zone, in which prices begin and end. Default: the setting
	// general/locale/timezone.
	Zone string
	// Now is the clock by which changes settle and sweeps are spread. Default time.Now.
	Now func() time.Time
}

// Shop reads one Magento installation.
type Shop struct {
	follow.Auditor
	db     *sql.DB
	cfg    Config
	prefix *follow.Prefix
}

var (
	_ adapters.Shop           = (*Shop)(nil)
	_ adapters.CategoryReader = (*Shop)(nil)
	_ adapters.Counter        = (*Shop)(nil)
)

// New makes a shop of a pool, which should come from [adapters.Open]: it is needed that sessions are in UTC, because
// Magento's times are of type TIMESTAMP. Nothing is read yet.
func New(db *sql.DB, cfg Config) *Shop {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	s := &Shop{db: db, cfg: cfg, prefix: follow.NewPrefix(db, naming, cfg.Prefix)}
	s.Auditor = follow.NewAuditor(s.audited, letters)
	return s
}

// Describe reads the settings and looks into each table that will be read, so that a missing one, or a missing right, is
// told now and not in the middle of the night.
func (s *Shop) Describe(ctx context.Context) (adapters.Info, error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Info{}, err
	}
	if err := r.Reach(ctx, r.tables()...); err != nil {
		return adapters.Info{}, err
	}
	return adapters.Info{
		Platform: platform, Version: r.layout.version(), Mode: r.layout.mode(),
		Name: foreign.Plain(foreign.First(r.setting("general/store_information/name"), r.view.websiteName)), URL: r.home(), Currency: r.currency(),
		Zone: r.zone.String(), Locale: foreign.Language(r.setting("general/locale/code")), PricesWithTax: r.on("tax/calculation/price_includes_tax"),
	}, nil
}

func (r *reader) tables() []string {
	names := []string{
		"catalog_eav_attribute", "eav_attribute", "eav_attribute_option_value", "eav_entity_type",
		"customer_entity", "customer_address_entity", "newsletter_subscriber", "quote", "quote_item", "quote_address",
		"sales_order", "sales_order_address", "sales_order_item", "sales_order_status_state", "sales_order_status_history",
		"sales_invoice", "sales_shipment", "sales_creditmemo", "sales_creditmemo_comment",
		"catalog_category_entity", "catalog_category_entity_varchar", "catalog_category_product",
		"catalog_product_entity", "catalog_product_entity_varchar", "catalog_product_entity_int", "catalog_product_entity_decimal", "catalog_product_entity_datetime",
		"catalog_product_super_link", "catalog_product_super_attribute", "catalog_product_website", "catalog_product_index_price",
		"cataloginventory_stock_item", "url_rewrite",
	}
	if r.layout.staged {
		names = append(names, "sequence_product")
	}
	return names
}

// Count counts in indexes, exactly.
func (s *Shop) Count(ctx context.Context) (adapters.Counts, error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Counts{}, err
	}
	products, err := r.productsSource(ctx)
	if err != nil {
		return adapters.Counts{}, err
	}
	return r.Count(ctx, "{customer_entity}", products.Table+" t WHERE "+products.Own, "{sales_order}")
}
