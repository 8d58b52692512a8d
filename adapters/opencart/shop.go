package opencart

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// Config says how to read the shop. The zero value is good for most.
type Config struct {
	// Prefix of the shop's tables. Default: "oc_", or where there is no such shop in the database, the only prefix there is.
	Prefix string
	// Zone is the IANA name of the zone that the shop's times are in. Default: the shop's setting config_timezone or,
	// where it has none, UTC, which is what OpenCart means then.
	Zone string
	// URL of the shop window. Default: what the shop's newest orders say; OpenCart itself has it in a file.
	URL string
	// Statuses says what the shop's own names of order statuses mean, in the shop window's language. Default: see status.go.
	Statuses map[string]adapters.Status
	// Now is the clock by which changes settle, sweeps are spread and reductions begin. Default time.Now.
	Now func() time.Time
}

// Shop reads one OpenCart installation, with all its stores.
type Shop struct {
	follow.Auditor
	db     *sql.DB
	cfg    Config
	prefix *follow.Prefix
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
	home, err := r.home(ctx)
	if err != nil {
		return adapters.Info{}, err
	}
	return adapters.Info{
		Platform: platform, Version: r.version(), Mode: r.mode(),
		Name: foreign.Plain(r.settings["config_name"]), URL: home, Currency: r.currency(),
		Zone: r.zone.String(), Locale: foreign.Language(r.locale()), PricesWithTax: r.settings["config_tax"] == "1",
	}, nil
}

// tables is all that is read, in the version that the shop has.
func (r *reader) tables() []string {
	names := []string{"address", "cart", "category", "category_description", "country", "currency", "customer", "customer_activity", "language",
		"option", "option_value", "option_value_description", "order", "order_history", "order_option", "order_product", "order_status", "order_total",
		"product", "product_description", "product_discount", "product_option", "product_option_value", "product_to_category", "product_to_store",
		"seo_url", "session", "setting", "tax_rate", "tax_rate_to_customer_group", "tax_rule", "zone", "zone_to_geo_zone"}
	if r.has("order_voucher") {
		names = append(names, "order_voucher")
	}
	if r.has("product_special") {
		names = append(names, "product_special")
	}
	if r.has("product_code") {
		names = append(names, "product_code")
	}
	return names
}

// countedAtMost is how many rows are counted one by one. InnoDB reads a table to count it, and OpenCart's have no small index
// to read instead; beyond this, the server's own estimate has to do.
const countedAtMost = 200_000

// Count counts exactly in a shop of ordinary size. Orders include those that were never placed, which are delivered too.
func (s *Shop) Count(ctx context.Context) (adapters.Counts, error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Counts{}, err
	}
	var c adapters.Counts
	for _, q := range []struct {
		table, where string
		into         *int64
	}{{"customer", "TRUE", &c.Customers}, {"product", r.masters(), &c.Products}, {"order", "TRUE", &c.Orders}} {
		what := "the number of rows in " + r.prefix + q.table
		err := r.One(ctx, what, "SELECT COALESCE(MAX(table_rows), 0) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?",
			[]any{r.prefix + q.table}, q.into)
		if err == nil && *q.into <= countedAtMost {
			err = r.One(ctx, what, fmt.Sprintf("SELECT COUNT(*) FROM {%s} t WHERE %s", q.table, q.where), nil, q.into)
		}
		if err != nil {
			return adapters.Counts{}, err
		}
	}
	return c, nil
}
