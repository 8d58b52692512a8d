package opencart

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

const platform = "opencart"

// reader is one call's view of the shop. What it holds is read anew by every call, in three small statements, so that an
// upgraded shop, or one with other settings, is followed without a restart.
type reader struct {
	follow.DB
	cfg      Config
	now      time.Time
	prefix   string
	columns  map[string]bool // those of telling that are there: "order.payment_code"
	settings map[string]string
	zone     *time.Location
	codes    map[int64]string // of languages
	language int64            // the shop window's own
}

// telling are the columns by which versions differ. The first one of a table also tells whether there is such a table.
var telling = map[string][]string{
	"cart":             {"api_id"},             // up to 4.0: carts that staff fill while they edit an order have one
	"customer":         {"address_id"},         // 3.0: the main address; later, address.default
	"order":            {"language_code"},      // from 4.0
	"order_voucher":    {"order_voucher_id"},   // up to 4.0: gift vouchers are sold
	"product":          {"master_id", "sku"},   // from 4.0: variants are products; up to 4.0: a product has its SKU itself
	"product_code":     {"value"},              // from 4.1: SKU, EAN and others
	"product_discount": {"special", "type"},    // from 4.1: reductions are rows of discounts
	"product_special":  {"product_special_id"}, // up to 4.0
	"seo_url":          {"query"},              // 3.0
}

func (r *reader) has(name string) bool {
	if !strings.Contains(name, ".") {
		name += "." + telling[name][0]
	}
	return r.columns[name]
}

// historyIndex stands among columns for an index that OpenCart does not make, but owners and their helpers do.
const historyIndex = "order_history.order_id (indexed)"

var settingNames = follow.Quoted("config_name", "config_url", "config_language", "config_language_catalog", "config_currency", "config_timezone",
	"config_tax", "config_tax_default", "config_country_id", "config_zone_id", "config_customer_group_id", "config_seo_url", "config_stock_checkout",
	"config_complete_status", "config_processing_status", "config_failed_status_id", "config_void_status_id")

// naming: of its tables, only OpenCart has this one.
var naming = follow.Naming{Platform: platform, Tables: "OpenCart tables", Usual: "oc_", Proof: []string{"product_to_store"}, Needed: "setting",
	Where: "it is in the shop's config.php as DB_PREFIX"}

// open reads the settings, and finds the prefix out where it was not given.
func (s *Shop) open(ctx context.Context) (*reader, error) {
	return follow.Open(ctx, s.prefix, func(prefix string) (*reader, error) {
		r := s.reader(prefix)
		return r, r.load(ctx)
	})
}

func (s *Shop) reader(prefix string) *reader {
	return &reader{
		DB:  follow.DB{SQL: s.db, Platform: platform, Table: func(name string) string { return prefix + name }},
		cfg: s.cfg, now: s.cfg.Now().UTC(), prefix: prefix, columns: map[string]bool{}, settings: map[string]string{}, zone: time.UTC, codes: map[int64]string{},
	}
}

func (r *reader) load(ctx context.Context) error {
	// Store 0 is the shop itself; the settings of further stores are in the same table.
	err := r.Each(ctx, "settings", "SELECT `key`, `value` FROM {setting} WHERE store_id = 0 AND `key` IN ("+settingNames+")", nil,
		func(scan func(...any) error) error {
			var name, text string
			err := scan(follow.Text(&name), follow.Text(&text))
			r.settings[name] = text
			return err
		})
	if err != nil {
		return err
	}
	if r.zone, err = zone(r.cfg.Zone, r.settings["config_timezone"]); err != nil {
		return err
	}
	if err := r.loadColumns(ctx); err != nil {
		return err
	}
	return r.loadLanguages(ctx)
}

func (r *reader) loadColumns(ctx context.Context) error {
	var conditions []string
	var args []any
	for table, columns := range telling {
		conditions = append(conditions, "(table_name = ? AND column_name IN ("+follow.Quoted(columns...)+"))")
		args = append(args, r.prefix+table)
	}
	statement := "SELECT table_name, LOWER(column_name) FROM information_schema.columns WHERE table_schema = DATABASE() AND (" + strings.Join(conditions, " OR ") +
		") UNION ALL SELECT '', '' FROM information_schema.statistics WHERE table_schema = DATABASE() AND table_name = ? AND column_name = 'order_id' AND seq_in_index = 1"
	return r.Each(ctx, "the list of columns", statement, append(args, r.prefix+"order_history"), func(scan func(...any) error) error {
		var table, column string
		err := scan(&table, &column)
		if table == "" {
			r.columns[historyIndex] = true
		} else {
			r.columns[strings.TrimPrefix(table, r.prefix)+"."+column] = true
		}
		return err
	})
}

// loadLanguages finds the languages, and which one texts are read in: that of the shop window or, where it was removed since,
// the first.
func (r *reader) loadLanguages(ctx context.Context) error {
	return r.Each(ctx, "languages", "SELECT language_id, code FROM {language} ORDER BY language_id", nil, func(scan func(...any) error) error {
		var id int64
		var code string
		err := scan(&id, follow.Text(&code))
		r.codes[id] = code
		if r.language == 0 || strings.EqualFold(code, r.locale()) {
			r.language = id
		}
		return err
	})
}

// locale is the code of the shop window's language. The setting has another name from 4.1 on.
func (r *reader) locale() string {
	return foreign.First(r.settings["config_language_catalog"], r.settings["config_language"])
}

func (r *reader) version() string {
	switch {
	case r.has("product_code"):
		return "4.1"
	case r.has("product.master_id"):
		return "4.0"
	}
	return "3.0"
}

// mode is what tells of a changed order: its own time, or nothing but its history.
func (r *reader) mode() string {
	if r.version() == "4.1" {
		return "history"
	}
	return "modified"
}

func (r *reader) currency() string { return strings.ToUpper(r.settings["config_currency"]) }

// zone is the one that was set, the shop's own, or UTC. A shop's name that nobody knows is treated as none: PHP does so too.
func zone(set, own string) (*time.Location, error) {
	if set != "" {
		loc, err := time.LoadLocation(set)
		if err != nil {
			return nil, fmt.Errorf("%s: the zone %q is not known; it must be an IANA name such as Europe/Ljubljana", platform, foreign.Cut(set))
		}
		return loc, nil
	}
	if loc, err := time.LoadLocation(own); err == nil && own != "" {
		return loc, nil
	}
	return time.UTC, nil
}

// wall is a time as the shop's clock showed it, in the form of a DATETIME.
func (r *reader) wall(t time.Time) string { return t.In(r.zone).Format(time.DateTime) }

// wallSince is a time on the shop's clock from which on nothing later than t can have been stamped. When the clock was put
// back between t and now, it shows some times twice, and the earlier reading holds for both.
func (r *reader) wallSince(t time.Time) string {
	_, then := t.In(r.zone).Zone()
	_, now := r.now.In(r.zone).Zone()
	return t.UTC().Add(time.Duration(min(then, now)) * time.Second).Format(time.DateTime)
}

// home is where the shop window is. OpenCart keeps that in a file, but writes it with each order.
func (r *reader) home(ctx context.Context) (string, error) {
	home := foreign.First(r.cfg.URL, r.settings["config_url"])
	if home == "" {
		err := r.Each(ctx, "the shop's address", `SELECT o.store_url FROM {order} o WHERE o.order_id > (SELECT MAX(n.order_id) FROM {order} n) - 1000 AND o.store_id = 0
			ORDER BY o.order_id DESC LIMIT 1`, nil, func(scan func(...any) error) error { return scan(follow.Text(&home)) })
		if err != nil {
			return "", err
		}
	}
	return strings.TrimRight(home, "/"), nil
}

// address is a page of the shop in the form that OpenCart always answers, whatever is set about friendlier ones.
func address(home, route, key, value string) string {
	if home == "" {
		return ""
	}
	return home + "/index.php?route=" + route + "&" + key + "=" + value
}

// friendly is a page by its keywords, where the shop has given them and has switched them on.
func friendly(home string, keywords ...string) string {
	if home == "" || slices.Contains(keywords, "") {
		return ""
	}
	page := home
	for _, keyword := range keywords {
		page += "/" + url.PathEscape(keyword)
	}
	return page
}

// keywords finds the friendly names of queries such as product_id=5. From 4.0 on a friendly address is put together from
// several parts, as the shop's own routes demand, and the plain one is used instead.
func (r *reader) keywords(ctx context.Context, name string, ids []int64) (map[int64]string, error) {
	found := map[int64]string{}
	if r.settings["config_seo_url"] != "1" || !r.has("seo_url.query") || len(ids) == 0 {
		return found, nil
	}
	queries := make([]string, len(ids))
	for i, id := range ids {
		queries[i] = name + "=" + foreign.Str(id)
	}
	err := r.Each(ctx, "friendly addresses", "SELECT query, keyword FROM {seo_url} WHERE store_id = 0 AND language_id = ? AND query IN ("+follow.Quoted(queries...)+") ORDER BY seo_url_id",
		[]any{r.language}, func(scan func(...any) error) error {
			var query, keyword string
			err := scan(&query, &keyword)
			found[foreign.ID(strings.TrimPrefix(query, name+"="))] = foreign.Plain(keyword)
			return err
		})
	return found, err
}

// image is where a picture is served from; paths are below the shop's folder image.
func image(home, path string) string {
	path = strings.Trim(foreign.Plain(path), "/")
	if path == "" || home == "" {
		return ""
	}
	parts := strings.Split(path, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return home + "/image/" + strings.Join(parts, "/")
}

// number is a setting that is an id or a count; 0 where it is none.
func (r *reader) number(name string) int64 { return foreign.ID(r.settings[name]) }

// ids makes a sorted list of those that are some, each once.
func ids(all ...int64) []int64 {
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(id int64) bool { return id <= 0 })
}

// marks makes "?,?,?" for so many values.
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?,", n), ",") }
