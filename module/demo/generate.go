package demo

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	_ "time/tzdata" // the shop's zone must be there on machines without a zone database

	"github.com/go-sql-driver/mysql"
	"golang.org/x/sync/errgroup"
)

// Config says what Generate writes. The zero value is a shop of 2,000 profiles as of the wall clock.
type Config struct {
	// Seed decides everything that is drawn. Default 0, a seed like any other.
	Seed uint64
	// Profiles is the number of people, with an account or as guests. Default 2000.
	Profiles int
	// Orders is the number of orders of all statuses, refunds not counted. Default 3 per profile.
	Orders int
	// Now is the end of the shop's three years. Default time.Now, cut to the second.
	Now time.Time
	// URL is the shop's public address without a slash at the end. Default http://localhost:8091.
	URL string
	// Prefix stands before each table name. Default "wp_".
	Prefix string
	// Progress, when set, is told now and then how many rows of about how many are written; it may be called from
	// another goroutine, one call at a time.
	Progress func(done, total int64)
}

// ErrOccupied is returned by Generate when the tables are there already and were not begun by Generate.
var ErrOccupied = errors.New("demo: the database already holds a shop")

// Zone is the name of the shop's time zone.
const Zone = "Europe/Ljubljana"

// Password opens every generated account in the storefront.
const Password = "skodelica"

// passwordHash is Password hashed as WordPress 6.8 does; the same for everybody, for hashing a million takes days.
const passwordHash = "$wp$2y$10$0cOixJa3nYzT3YktFMn0RObw6ey.0DXqwNCePtznRWbqXcImgOkuW"

// markerOption says in the options table that the shop is ours: its value is "writing", then "ready".
const markerOption = "skodelica_demo"

//go:embed schema/tables.sql
var tablesSQL string

//go:embed schema/indexes.sql
var indexesSQL string

var prefixPattern = regexp.MustCompile(`^[A-Za-z0-9_]{0,40}$`)

func (cfg Config) withDefaults() (Config, error) {
	if cfg.Profiles == 0 {
		cfg.Profiles = 2000
	}
	if cfg.Orders == 0 {
		cfg.Orders = 3 * cfg.Profiles
	}
	if cfg.Now.IsZero() {
		cfg.Now = time.Now()
	}
	cfg.Now = cfg.Now.UTC().Truncate(time.Second)
	if cfg.URL == "" {
		cfg.URL = "http://localhost:8091"
	}
	cfg.URL = strings.TrimRight(cfg.URL, "/")
	if cfg.Prefix == "" {
		cfg.Prefix = "wp_"
	}
	if !prefixPattern.MatchString(cfg.Prefix) {
		return cfg, fmt.Errorf("demo: prefix %q: only letters, digits and _ can stand in a table prefix", cfg.Prefix)
	}
	if cfg.Profiles < 1 || cfg.Profiles > 20_000_000 {
		return cfg, fmt.Errorf("demo: %d profiles: give a number from 1 to 20,000,000", cfg.Profiles)
	}
	if cfg.Orders < 0 {
		return cfg, fmt.Errorf("demo: %d orders: give a number from 1, or 0 for three per profile", cfg.Orders)
	}
	return cfg, nil
}

// Exists tells whether the database of the connection holds a demo shop that was written to its end, with any prefix.
func Exists(ctx context.Context, db *sql.DB) (bool, error) {
	prefix, state, err := find(ctx, db)
	return prefix != "" && state == "ready", err
}

// Move tells the shop that Generate wrote, with any prefix, that its public address is url now, as a WordPress that moves
// is told. It does nothing when that is so already.
func Move(ctx context.Context, db *sql.DB, url string) error {
	prefix, _, err := find(ctx, db)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "UPDATE `"+prefix+"options` SET option_value = ? WHERE option_name IN ('home', 'siteurl')", strings.TrimRight(url, "/"))
	if err != nil {
		return fmt.Errorf("demo: move the shop to its new address: %w", err)
	}
	return nil
}

// find looks for our marker in the options tables of the database.
func find(ctx context.Context, db *sql.DB) (prefix, state string, err error) {
	rows, err := db.QueryContext(ctx, `SELECT table_name FROM information_schema.tables
WHERE table_schema = DATABASE() AND table_name LIKE '%options' ORDER BY table_name`)
	if err != nil {
		return "", "", fmt.Errorf("demo: look for the shop's tables: %w", err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return "", "", fmt.Errorf("demo: look for the shop's tables: %w", err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		return "", "", fmt.Errorf("demo: look for the shop's tables: %w", err)
	}
	for _, name := range names {
		p := strings.TrimSuffix(name, "options")
		if !prefixPattern.MatchString(p) {
			continue
		}
		switch state, err := option(ctx, db, p, markerOption); {
		case err == nil:
			return p, state, nil
		case !errors.Is(err, sql.ErrNoRows) && !noSuchColumn(err):
			return "", "", err
		}
	}
	return "", "", nil
}

// noSuchColumn is true for a table that only happens to be called options.
func noSuchColumn(err error) bool {
	var my *mysql.MySQLError
	return errors.As(err, &my) && my.Number == 1054
}

func option(ctx context.Context, db *sql.DB, prefix, name string) (string, error) {
	var v string
	err := db.QueryRowContext(ctx, "SELECT option_value FROM `"+prefix+"options` WHERE option_name = ?", name).Scan(&v)
	if err != nil {
		return "", fmt.Errorf("demo: read the option %s: %w", name, err)
	}
	return v, nil
}

// Generate writes a WooCommerce database with high-performance order storage: its tables, its settings and three years of
// trade. The same Config gives the same rows. Tables that an interrupted Generate left behind are written anew; any other
// shop makes it fail with ErrOccupied and leaves everything as it was. When it fails half-way, call it again.
func Generate(ctx context.Context, db *sql.DB, cfg Config) error {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return err
	}
	zone, err := time.LoadLocation(Zone)
	if err != nil {
		return fmt.Errorf("demo: time zone: %w", err)
	}
	people := newCensus()
	p, err := makePlan(people, cfg, zone)
	if err != nil {
		return err
	}
	if err := createTables(ctx, db, cfg.Prefix); err != nil {
		return err
	}
	var written atomic.Int64
	stop := report(&written, estimate(cfg), cfg.Progress)
	defer stop()
	g := &generator{cfg: cfg, zone: zone, people: people, plan: p, goods: newAssortment(), d: newDice(),
		users: make([]uint32, cfg.Profiles), sold: map[uint64]int64{}, ids: counters{bulk: true}}
	if err := load(ctx, db, cfg.Prefix, &written, g.everything); err != nil {
		return err
	}
	if err := addIndexes(ctx, db, cfg.Prefix); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "UPDATE `"+cfg.Prefix+"options` SET option_value = 'ready' WHERE option_name = ?", markerOption)
	if err != nil {
		return fmt.Errorf("demo: mark the shop as ready: %w", err)
	}
	return nil
}

// estimate is about how many rows there will be, for progress only.
func estimate(cfg Config) int64 { return int64(cfg.Orders)*51 + int64(cfg.Profiles)*17 + 3000 }

// report tells progress a few times a second until the returned function is called.
func report(written *atomic.Int64, total int64, progress func(done, total int64)) func() {
	if progress == nil {
		return func() {}
	}
	quit, gone := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		t := time.NewTicker(250 * time.Millisecond)
		defer t.Stop()
		for {
			select {
			case <-t.C:
				progress(min(written.Load(), total), total)
			case <-quit:
				progress(written.Load(), written.Load())
				return
			}
		}
	}()
	return func() { close(quit); <-gone }
}

func statements(text, prefix string) []string {
	var out []string
	for s := range strings.SplitSeq(text, ";\n") {
		var b strings.Builder
		for l := range strings.Lines(s) {
			if !strings.HasPrefix(l, "--") {
				b.WriteString(l)
			}
		}
		if q := strings.TrimSpace(b.String()); q != "" {
			out = append(out, strings.ReplaceAll(q, "{prefix}", prefix))
		}
	}
	return out
}

var tableName = regexp.MustCompile("CREATE TABLE `([^`]+)`")

// createTables makes the tables, first dropping those of an interrupted Generate.
func createTables(ctx context.Context, db *sql.DB, prefix string) error {
	found, state, err := find(ctx, db)
	if err != nil {
		return err
	}
	conn, err := session(ctx, db)
	if err != nil {
		return err
	}
	defer release(context.WithoutCancel(ctx), conn)
	create := statements(tablesSQL, prefix)
	if found == prefix && state != "" && state != "ready" {
		for _, q := range create[1:] { // options last: they hold the mark
			if _, err := conn.ExecContext(ctx, "DROP TABLE IF EXISTS `"+tableName.FindStringSubmatch(q)[1]+"`"); err != nil {
				return fmt.Errorf("demo: clear what an interrupted run left: %w", err)
			}
		}
		if _, err := conn.ExecContext(ctx, "DROP TABLE IF EXISTS `"+prefix+"options`"); err != nil {
			return fmt.Errorf("demo: clear what an interrupted run left: %w", err)
		}
	}
	for i, q := range create {
		if _, err := conn.ExecContext(ctx, q); err != nil {
			var my *mysql.MySQLError
			if errors.As(err, &my) && my.Number == 1050 {
				return fmt.Errorf("%w: table %s is there; give an empty database or another prefix", ErrOccupied, tableName.FindStringSubmatch(q)[1])
			}
			return fmt.Errorf("demo: create tables: %w", err)
		}
		if i == 0 {
			if _, err := conn.ExecContext(ctx, "INSERT INTO `"+prefix+"options` (option_id, option_name, option_value, autoload) VALUES (1, ?, 'writing', 'off')", markerOption); err != nil {
				return fmt.Errorf("demo: mark the shop as begun: %w", err)
			}
		}
	}
	return nil
}

// addIndexes builds the secondary indexes, two tables at a time.
func addIndexes(ctx context.Context, db *sql.DB, prefix string) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(2)
	for _, q := range statements(indexesSQL, prefix) {
		g.Go(func() error {
			conn, err := session(ctx, db)
			if err != nil {
				return err
			}
			defer release(context.WithoutCancel(ctx), conn)
			if _, err := conn.ExecContext(ctx, q); err != nil {
				return fmt.Errorf("demo: add indexes: %w", err)
			}
			return nil
		})
	}
	return g.Wait()
}

// A generator holds what one run needs while rows are streamed.
type generator struct {
	cfg      Config
	zone     *time.Location
	people   *census
	plan     *plan
	goods    *assortment
	d        *dice
	users    []uint32         // WordPress user id by profile, 0 for guests
	sold     map[uint64]int64 // units by product or variation id
	ids      counters
	userMeta uint64
	postMeta uint64
	rowID    uint64 // keys of the small tables
}

func (g *generator) everything(ctx context.Context, w *writer) error {
	g.options(w)
	g.terms(w)
	g.taxes(w)
	g.writeUsers(w)
	if err := g.orders(ctx, w); err != nil {
		return err
	}
	g.products(w)
	g.carts(w)
	return w.err
}

func (g *generator) options(w *writer) {
	permalinks := (&phpArray{}).key("product_base").str("/product").key("category_base").str("product-category").
		key("tag_base").str("product-tag").key("attribute_base").str("").key("use_verbose_page_rules").yes().String()
	excluded := (&phpArray{}).index(0).str("pending").index(1).str("failed").index(2).str("cancelled").String()
	roles := &phpArray{}
	for _, r := range []string{"administrator", "customer", "shop_manager", "subscriber"} {
		roles.key(r).sub((&phpArray{}).key("name").str(strings.ToUpper(r[:1]) + strings.ReplaceAll(r[1:], "_", " ")).key("capabilities").sub((&phpArray{}).key("read").yes()))
	}
	id := uint64(1)
	for _, o := range [][2]string{
		{"siteurl", g.cfg.URL}, {"home", g.cfg.URL}, {"blogname", "Skodelica"}, {"blogdescription", "Coffee and tea from Ljubljana"},
		{"admin_email", "shop@skodelica.example"}, {"blog_charset", "UTF-8"}, {"db_version", "60421"}, {"WPLANG", "sl_SI"},
		{"permalink_structure", "/%postname%/"}, {"timezone_string", Zone}, {"gmt_offset", ""}, {"date_format", "j. n. Y"},
		{"upload_path", ""}, {"upload_url_path", ""}, {"uploads_use_yearmonth_folders", "1"}, {g.cfg.Prefix + "user_roles", roles.String()},
		{"woocommerce_version", Version}, {"woocommerce_db_version", Version}, {"woocommerce_custom_orders_table_enabled", "yes"},
		{"woocommerce_custom_orders_table_data_sync_enabled", "no"}, {"woocommerce_currency", "EUR"}, {"woocommerce_currency_pos", "right_space"},
		{"woocommerce_price_decimal_sep", ","}, {"woocommerce_price_thousand_sep", "."}, {"woocommerce_price_num_decimals", "2"},
		{"woocommerce_prices_include_tax", "yes"}, {"woocommerce_calc_taxes", "yes"}, {"woocommerce_tax_based_on", "shipping"},
		{"woocommerce_tax_round_at_subtotal", "no"}, {"woocommerce_default_country", "SI"}, {"woocommerce_store_address", "Skodelična ulica 7"},
		{"woocommerce_store_city", "Ljubljana"}, {"woocommerce_store_postcode", "1000"}, {"woocommerce_enable_guest_checkout", "yes"},
		{"woocommerce_manage_stock", "yes"}, {"woocommerce_weight_unit", "kg"}, {"woocommerce_permalinks", permalinks},
		{"woocommerce_excluded_report_order_statuses", excluded}, {"woocommerce_default_category", strconv.Itoa(firstTermID)},
	} {
		id++
		w.end(w.row(tOptions).id(id).str(o[0]).str(o[1]).str("on"))
	}
}

// taxonomyID is the term_taxonomy_id of a term: not the term_id, as on most shops that have lived a while.
func taxonomyID(term uint64) uint64 { return term + 7 }

// Terms below firstTermID: the product types and visibilities that WooCommerce installs.
const (
	termSimple = 2 + iota
	termGrouped
	termVariable
	termExternal
	termNotInSearch
	termNotInCatalog
	termFeatured
	termOutOfStock
)

func attributeTerms() []struct{ taxonomy, name, slug string } {
	return []struct{ taxonomy, name, slug string }{
		{"pa_weight", "50 g", "50-g"}, {"pa_weight", "200 g", "200-g"}, {"pa_weight", "250 g", "250-g"}, {"pa_weight", "1 kg", "1-kg"},
		{"pa_grind", "Whole beans", "whole-beans"}, {"pa_grind", "Ground", "ground"},
	}
}

func (g *generator) terms(w *writer) {
	term := func(id uint64, taxonomy, name, slug, about string, parent uint64, count int) {
		w.end(w.row(tTerms).id(id).str(name).str(slug))
		w.end(w.row(tTermTaxonomy).id(taxonomyID(id)).id(id).str(taxonomy).str(about).num(int64(parent)).num(int64(count)))
	}
	term(1, "category", "Uncategorized", "uncategorized", "", 0, 0)
	for i, name := range []string{"simple", "grouped", "variable", "external"} {
		term(termSimple+uint64(i), "product_type", name, name, "", 0, 0)
	}
	for i, name := range []string{"exclude-from-search", "exclude-from-catalog", "featured", "outofstock"} {
		term(termNotInSearch+uint64(i), "product_visibility", name, name, "", 0, 0)
	}
	count := map[int]int{}
	for _, p := range g.goods.products {
		if p.place != deleted {
			count[p.category]++
		}
	}
	for i, c := range categories() {
		parent := uint64(0)
		if c.parent >= 0 {
			parent = firstTermID + uint64(c.parent)
		}
		id := firstTermID + uint64(i)
		term(id, "product_cat", strings.ReplaceAll(c.name, "&", "&amp;"), c.slug, c.about, parent, count[i])
		w.end(w.row(tCategoryLookup).id(id).id(id))
		if parent != 0 {
			w.end(w.row(tCategoryLookup).id(parent).id(id))
		}
	}
	for i, t := range attributeTerms() {
		term(attributeTerm+uint64(i), t.taxonomy, t.name, t.slug, "", 0, 0)
	}
	for i, a := range [][2]string{{"weight", "Weight"}, {"grind", "Grind"}} {
		w.end(w.row(tAttributes).id(uint64(i) + 1).str(a[0]).str(a[1]).str("select").str("menu_order").num(0))
	}
}

func (g *generator) taxes(w *writer) {
	for i, r := range taxRates() {
		class := ""
		if r.reduced {
			class = "reduced-rate"
		}
		w.end(w.row(tTaxRates).id(uint64(i) + 1).str(r.country).str("").str(strconv.FormatFloat(float64(r.points)/100, 'f', 4, 64)).
			str(r.name).num(1).num(0).num(1).num(int64(i)).str(class))
	}
}
