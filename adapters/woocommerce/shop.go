package woocommerce

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/kupec/kupec/adapters"
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
	db  *sql.DB
	cfg Config

	mu    sync.Mutex // guards found, and is held while it is looked for
	found string     // the prefix, once it is known
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
	return &Shop{db: db, cfg: cfg}
}

// Describe reads the settings and looks into each table that will be read, so that a missing one, or a missing right, is
// told now and not in the middle of the night.
func (s *Shop) Describe(ctx context.Context) (adapters.Info, error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Info{}, err
	}
	mode := r.mode()
	for _, t := range tables(mode) {
		var n int
		if err := r.One(ctx, "table "+r.prefix+t, "SELECT COUNT(*) FROM (SELECT 1 FROM {"+t+"} LIMIT 1) t", nil, &n); err != nil {
			return adapters.Info{}, err
		}
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
	var c adapters.Counts
	for _, q := range []struct {
		what, text string
		into       *int64
	}{
		{"customers", "SELECT COUNT(*) FROM {users}", &c.Customers},
		{"products", "SELECT COUNT(*) FROM {posts} WHERE post_type = 'product'", &c.Products},
		{"orders", fmt.Sprintf("SELECT COUNT(*) FROM %s", orderSource(r.mode()).Count), &c.Orders},
	} {
		if err := r.One(ctx, "the number of "+q.what, q.text, nil, q.into); err != nil {
			return adapters.Counts{}, err
		}
	}
	return c, nil
}
