package bitrix

import (
	"context"
	"database/sql"
	"sync"
	"time"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// Config says how to read the shop. The zero value is good.
type Config struct {
	// Prefix of the shop's tables. Default: "b_", which is what Bitrix gives them, or where there is no such shop in the
	// database, the only prefix there is.
	Prefix string
	// Zone is the IANA name of the zone that the shop's server keeps its times in. Default: the shop's setting
	// default_time_zone, or else its database server's zone, whichever agrees with moments that the shop keeps both ways.
	Zone string
	// Statuses says what the shop's own order statuses mean, by their codes. Default: N (accepted) is pending and F
	// (finished) is completed; entries are added to these. That an order is paid, called off or given back is not told by
	// its status, and needs no entry.
	Statuses map[string]adapters.Status
	// ArticleCodes are the codes of the property that holds a product's article number, the best first.
	// Default: CML2_ARTICLE, ARTNUMBER, ARTICLE.
	ArticleCodes []string
	// GivenNameFirst says that buyers write their given name first into the one field for it. Default: as Bitrix itself
	// takes it apart when it registers a buyer, family name first.
	GivenNameFirst bool
	// Newsletter says which module's subscribers are read. Default: Sender where that has any, else Subscribe.
	Newsletter Newsletter
	// Now is the clock by which changes settle and sweeps are spread. Default time.Now.
	Now func() time.Time
}

func (c Config) withDefaults() Config {
	statuses := map[string]adapters.Status{"N": adapters.StatusPending, "F": adapters.StatusCompleted}
	for code, status := range c.Statuses {
		statuses[code] = status
	}
	c.Statuses = statuses
	if len(c.ArticleCodes) == 0 {
		c.ArticleCodes = []string{"CML2_ARTICLE", "ARTNUMBER", "ARTICLE"}
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// Shop reads one Bitrix installation, with all its sites.
type Shop struct {
	follow.Auditor
	db     *sql.DB
	cfg    Config
	prefix *follow.Prefix

	mu    sync.Mutex // guards zones, and is held while it is looked for
	zones foundZone  // the zone, once it is known
}

var (
	_ adapters.Shop           = (*Shop)(nil)
	_ adapters.CategoryReader = (*Shop)(nil)
	_ adapters.Counter        = (*Shop)(nil)
)

// New makes a shop of a pool, which should come from [adapters.Open]: times that the server keeps as TIMESTAMP come in the
// zone of the connection, and its connections are in UTC. Nothing is read yet.
func New(db *sql.DB, cfg Config) *Shop {
	s := &Shop{db: db, cfg: cfg.withDefaults(), prefix: follow.NewPrefix(db, naming, cfg.Prefix)}
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
	if err := r.loadCatalogs(ctx); err != nil {
		return adapters.Info{}, err
	}
	if err := r.Reach(ctx, r.tables()...); err != nil {
		return adapters.Info{}, err
	}
	return adapters.Info{
		Platform: platform, Version: r.version(), Mode: r.mode(),
		Name: foreign.Plain(foreign.First(r.main.name, r.options["main.site_name"])), URL: r.home(r.main), Currency: r.currency(),
		Zone: r.zoneName, Locale: foreign.Language(r.main.language), PricesWithTax: r.options["catalog.default_product_vat_included"] == "Y",
	}, nil
}

// tables are those that reading needs in any case, and those that this version has beside them.
func (r *reader) tables() []string {
	names := []string{"user", "file", "iblock_element", "iblock_element_property", "iblock_section", "iblock_section_element", "iblock_property_enum",
		"catalog_product", "catalog_price", "catalog_group", "catalog_currency", "sale_order_props", "sale_order_props_value", "sale_order_change",
		"sale_status_lang", "sale_basket", "sale_fuser", "sale_user_transact", "sale_location"}
	for _, t := range optionalTables {
		if r.hasTable(t) {
			names = append(names, t)
		}
	}
	for _, c := range r.catalogs {
		if c.version == 2 {
			names = append(names, c.single(), c.multiple())
		}
	}
	return names
}

// Count counts in indexes, exactly. Orders include those that were never finished, which are delivered too.
func (s *Shop) Count(ctx context.Context) (adapters.Counts, error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Counts{}, err
	}
	if err := r.loadCatalogs(ctx); err != nil {
		return adapters.Counts{}, err
	}
	c, err := r.Count(ctx, "{user} WHERE "+r.accounts(""), "{iblock_element} WHERE "+r.productsSource().Own, "{sale_order}")
	if err != nil || !r.archives() {
		return c, err
	}
	var archived int64
	err = r.One(ctx, "the number of archived orders", "SELECT COUNT(*) FROM {sale_order_archive}", nil, &archived)
	c.Orders += archived
	return c, err
}
