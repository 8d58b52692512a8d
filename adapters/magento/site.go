package magento

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

const platform = "magento"

// reader is one call's view of the shop: its tables, store views and settings. They are read anew by every call, each
// with one statement by a key.
type reader struct {
	follow.DB
	cfg    Config
	now    time.Time
	layout layout
	views  map[int64]view
	view   view             // whose names, prices and addresses the catalogue is read in
	rows   map[place]string // rows of core_config_data
	zone   *time.Location

	attribute map[string]attribute // of products; see loadCatalog
	stockID   int64                // that our website sells from, where there are several
}

// view is a store view: one language of one store of one website.
type view struct {
	id, website       int64
	code, websiteCode string
	websiteName       string
}

// place is where a setting is kept: (scope, scope id, path).
type place struct {
	scope string
	id    int64
	path  string
}

// naming: Magento 1 has the last two tables and others than the first, and extensions have tables whose names end like one of them.
var naming = follow.Naming{Platform: platform, Tables: "Magento 2 tables", Proof: []string{"sales_order_item", "core_config_data", "eav_entity_type"}, Needed: "sales_order_item",
	Where: "it is in the shop's app/etc/env.php as table_prefix. Set KUPEC_SHOP_PREFIX to it"}

// open reads the settings, and finds the prefix out where it was not given.
func (s *Shop) open(ctx context.Context) (*reader, error) {
	return follow.Open(ctx, s.prefix, func(prefix string) (*reader, error) {
		r := &reader{cfg: s.cfg, now: s.cfg.Now().UTC()}
		r.DB = follow.DB{SQL: s.db, Platform: platform, Table: func(name string) string { return prefix + name }}
		return r, r.load(ctx)
	})
}

func (r *reader) load(ctx context.Context) error {
	if err := r.loadViews(ctx); err != nil {
		return err
	}
	if err := r.loadSettings(ctx); err != nil {
		return err
	}
	if err := r.loadLayout(ctx); err != nil {
		return err
	}
	name := r.cfg.Zone
	if name == "" {
		name = foreign.First(r.setting("general/locale/timezone"), defaults["general/locale/timezone"])
	}
	var err error
	if r.zone, err = time.LoadLocation(name); err != nil {
		return fmt.Errorf("the %s shop's time zone %q is not known: set KUPEC_SHOP_ZONE to an IANA name such as Europe/Ljubljana (%w)", platform, foreign.Cut(name), err)
	}
	return nil
}

// loadViews finds the store views, and the one to read the catalogue in. The admin's own view, 0, is none.
func (r *reader) loadViews(ctx context.Context) error {
	r.views = map[int64]view{}
	err := r.Each(ctx, "store views", `SELECT s.store_id, s.code, s.website_id, w.code, COALESCE(NULLIF(w.name, ''), w.code),
			COALESCE(w.is_default = 1 AND g.group_id = w.default_group_id AND g.default_store_id = s.store_id, 0)
		FROM {store} s JOIN {store_website} w ON w.website_id = s.website_id LEFT JOIN {store_group} g ON g.group_id = s.group_id
		WHERE s.store_id > 0 ORDER BY s.store_id`, nil, func(scan func(...any) error) error {
		var v view
		var main bool
		if err := scan(&v.id, follow.Text(&v.code), &v.website, follow.Text(&v.websiteCode), follow.Text(&v.websiteName), &main); err != nil {
			return err
		}
		r.views[v.id] = v
		if main && r.cfg.Store == "" || r.cfg.Store != "" && v.code == r.cfg.Store {
			r.view = v
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case r.view.id == 0 && r.cfg.Store != "":
		return &adapters.SchemaError{Platform: platform, Missing: fmt.Sprintf("the store view %q in table %s", foreign.Cut(r.cfg.Store), r.Table("store")),
			Next: "Set KUPEC_SHOP_STORE to the code of one that is there, or leave it empty for the default one."}
	case r.view.id == 0:
		return &adapters.SchemaError{Platform: platform, Missing: "a default store view in table " + r.Table("store"),
			Next: "Magento is here, but not set up under this prefix; KUPEC_SHOP_PREFIX sets another, or KUPEC_SHOP_STORE a store view by its code."}
	}
	return nil
}

// defaults are what Magento means where core_config_data has no row: they are in its modules' config.xml.
var defaults = map[string]string{
	"general/store_information/name":             "",
	"general/locale/code":                        "en_US",
	"general/locale/timezone":                    "America/Los_Angeles",
	"currency/options/base":                      "USD",
	"catalog/price/scope":                        "0",
	"catalog/seo/product_url_suffix":             ".html",
	"tax/calculation/price_includes_tax":         "0",
	"web/unsecure/base_url":                      "",
	"web/unsecure/base_media_url":                "",
	"web/secure/base_url":                        unsecureURL,
	"web/secure/base_media_url":                  "",
	"web/secure/use_in_frontend":                 "0",
	"web/seo/use_rewrites":                       "0",
	"web/url/use_store":                          "0",
	"cataloginventory/item_options/manage_stock": "1",
	"cataloginventory/item_options/backorders":   "0",
	"cataloginventory/item_options/min_qty":      "0",
}

const (
	unsecureURL = "{{unsecure_base_url}}"
	secureURL   = "{{secure_base_url}}"
)

// loadSettings names the scopes, so that the index on (scope, scope_id, path) is of use.
func (r *reader) loadSettings(ctx context.Context) error {
	var views, websites []int64
	for _, v := range r.views {
		views, websites = append(views, v.id), append(websites, v.website)
	}
	paths := slices.Sorted(maps.Keys(defaults))
	r.rows = map[place]string{}
	return r.Each(ctx, "settings", "SELECT scope, scope_id, path, value FROM {core_config_data} WHERE path IN ("+follow.Quoted(paths...)+") AND (scope = 'default' AND scope_id = 0"+
		" OR scope = 'websites' AND scope_id "+follow.In(websites)+" OR scope = 'stores' AND scope_id "+follow.In(views)+")", nil,
		func(scan func(...any) error) error {
			var p place
			var text string
			err := scan(&p.scope, &p.id, &p.path, follow.Text(&text))
			r.rows[p] = text
			return err
		})
}

// settingOf goes from the store view to its website, to all, to Magento's own. A row with NULL is one, and says nothing.
func (r *reader) settingOf(v view, path string) string {
	for _, p := range []place{{"stores", v.id, path}, {"websites", v.website, path}, {"default", 0, path}} {
		if text, ok := r.rows[p]; ok {
			return strings.TrimSpace(text)
		}
	}
	return defaults[path]
}

func (r *reader) setting(path string) string { return r.settingOf(r.view, path) }

func (r *reader) on(path string) bool { return r.setting(path) == "1" }

// currency is what prices in the catalogue are in: the base currency, which websites have of their own only where the
// setting says that prices are theirs.
func (r *reader) currency() string {
	code := r.setting("currency/options/base")
	if r.setting("catalog/price/scope") != "1" {
		code = r.settingOf(view{}, "currency/options/base")
	}
	return strings.ToUpper(foreign.First(code, defaults["currency/options/base"]))
}

// language is the one of a store view. Rows of a view that was deleted have none, and so have those made in the admin's.
func (r *reader) language(store int64) string {
	v, ok := r.views[store]
	if !ok {
		return ""
	}
	return foreign.Language(r.settingOf(v, "general/locale/code"))
}

// home is the shop window without a slash at its end, or nothing where the database does not know it.
func (r *reader) home() string {
	if r.cfg.URL != "" {
		return strings.TrimRight(r.cfg.URL, "/")
	}
	plain := r.setting("web/unsecure/base_url")
	base := plain
	if r.on("web/secure/use_in_frontend") {
		base = strings.ReplaceAll(r.setting("web/secure/base_url"), unsecureURL, plain)
	}
	if strings.Contains(base, "{{") { // to be made of the request
		return ""
	}
	return strings.TrimRight(base, "/")
}

// address is a page of the shop window.
func (r *reader) address(path string) string {
	home := r.home()
	if home == "" {
		return ""
	}
	if !r.on("web/seo/use_rewrites") {
		home += "/index.php"
	}
	if r.on("web/url/use_store") {
		home += "/" + url.PathEscape(r.view.code)
	}
	return home + "/" + escaped(path)
}

// picture is where a product's file is served from.
func (r *reader) picture(file string) string {
	if file = strings.Trim(file, "/"); file == "" || file == "no_selection" {
		return ""
	}
	media := r.setting("web/unsecure/base_media_url")
	if r.on("web/secure/use_in_frontend") {
		media = foreign.First(r.setting("web/secure/base_media_url"), media)
	}
	media = strings.NewReplacer(unsecureURL, r.home()+"/", secureURL, r.home()+"/").Replace(media)
	if media == "" {
		media = r.home() + "/media"
	}
	if !strings.HasPrefix(media, "http") {
		return ""
	}
	return strings.TrimRight(media, "/") + "/catalog/product/" + escaped(file)
}

func escaped(path string) string {
	parts := strings.Split(path, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return strings.Join(parts, "/")
}
