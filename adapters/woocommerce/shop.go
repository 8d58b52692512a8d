package woocommerce

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// Config says how to read the shop. The zero value is good.
type Config struct {
	// Prefix of the shop's tables. Default: "wp_", or where there is no such shop in the database, the only prefix
	// there is.
	Prefix string
	// Newsletter is the plugin that keeps who wants the shop's newsletter. Default: MailPoet where its tables are there,
	// else the Newsletter plugin, else Mailchimp's flag with the accounts.
	Newsletter Newsletter
	// Now is the clock by which changes settle and sweeps are spread. Default time.Now.
	Now func() time.Time
}

// Shop reads one WooCommerce site.
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

// New makes a shop of a pool, which should come from [adapters.Open]. Nothing is read yet.
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
	mode := r.mode()
	if err := r.Reach(ctx, tables(mode)...); err != nil {
		return adapters.Info{}, err
	}
	version := r.options["woocommerce_version"]
	if version == "" {
		return adapters.Info{}, &adapters.SchemaError{Platform: platform, Missing: "the setting woocommerce_version in table " + r.prefix + "options",
			Next: "WordPress is here, but WooCommerce is not set up under this prefix."}
	}
	_, zoneName := zone(r.options)
	locale := foreign.Language(r.options["WPLANG"])
	if locale == "" {
		locale = "en-US" // what WordPress means by an empty WPLANG
	}
	return adapters.Info{
		Platform: platform, Version: version, Mode: mode,
		Name: foreign.Plain(r.options["blogname"]), URL: r.home(), Currency: strings.ToUpper(r.options["woocommerce_currency"]),
		Zone: zoneName, Locale: locale, PricesWithTax: r.options["woocommerce_prices_include_tax"] == "yes",
	}, nil
}

func tables(mode string) []string {
	names := []string{"users", "usermeta", "posts", "postmeta", "terms", "term_taxonomy", "term_relationships",
		"woocommerce_order_items", "woocommerce_order_itemmeta"}
	if mode != "posts" {
		names = append(names, "wc_orders", "wc_order_addresses", "wc_order_operational_data", "wc_orders_meta")
	}
	return names
}

// Count counts in indexes, exactly. Orders include the binned ones and drafts, which are delivered too.
func (s *Shop) Count(ctx context.Context) (adapters.Counts, error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Counts{}, err
	}
	return r.Count(ctx, "{users}", "{posts} WHERE post_type = 'product'", orderSource(r.mode()).Count)
}
