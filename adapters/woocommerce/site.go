package woocommerce

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

const platform = "woocommerce"

// reader is one call's view of the shop: its tables and settings. Settings are read anew by every call (one statement by
// a unique key), so that a shop which moves its orders to other tables is followed without a restart.
type reader struct {
	follow.DB
	prefix  string
	users   string // the prefix of users and usermeta; on a network of sites it is the main site's
	options map[string]string
	zone    *time.Location
}

var optionNames = []string{
	"woocommerce_version", "woocommerce_currency", "woocommerce_prices_include_tax",
	"woocommerce_custom_orders_table_enabled", "woocommerce_custom_orders_table_data_sync_enabled",
	"timezone_string", "gmt_offset", "home", "siteurl", "blogname", "WPLANG", "upload_path", "upload_url_path",
	"permalink_structure", "woocommerce_permalinks",
}

// naming: of its tables, only WooCommerce has this one.
var naming = follow.Naming{Platform: platform, Tables: "WooCommerce tables", Usual: "wp_", Proof: []string{"woocommerce_order_items"}, Needed: "options",
	Where: "it is in the shop's wp-config.php as $table_prefix"}

// open reads the settings, and finds the prefix out where it was not given.
func (s *Shop) open(ctx context.Context) (*reader, error) {
	return follow.Open(ctx, s.prefix, func(prefix string) (*reader, error) {
		r := s.reader(prefix)
		return r, r.load(ctx)
	})
}

// reader is a view in which {users} and {usermeta} may have another prefix than all other tables.
func (s *Shop) reader(prefix string) *reader {
	r := &reader{prefix: prefix, users: prefix, options: map[string]string{}, zone: time.UTC}
	r.DB = follow.DB{SQL: s.db, Platform: platform, Table: func(name string) string {
		if name == "users" || name == "usermeta" {
			return r.users + name
		}
		return r.prefix + name
	}}
	return r
}

func (r *reader) load(ctx context.Context) error {
	list := "'" + strings.Join(optionNames, "','") + "'"
	err := r.Each(ctx, "settings", "SELECT option_name, option_value FROM {options} WHERE option_name IN ("+list+")", nil,
		func(scan func(...any) error) error {
			var name, text string
			if err := scan(&name, &text); err != nil {
				return err
			}
			r.options[name] = text
			return nil
		})
	if err != nil {
		return err
	}
	r.zone, _ = zone(r.options)
	if base := subsite.FindStringSubmatch(r.prefix); base != nil {
		// wp_2_orders belongs to the second site of a network, whose accounts are in wp_users.
		var n int
		err := r.One(ctx, "accounts", "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?",
			[]any{r.prefix + "users"}, &n)
		if err != nil {
			return err
		}
		if n == 0 {
			r.users = base[1]
		}
	}
	return nil
}

var subsite = regexp.MustCompile(`^(.*_)[0-9]+_$`)

// mode is what the shop itself goes by. Tables say nothing: those of the other way may be there, empty or stale.
func (r *reader) mode() string {
	switch {
	case r.options["woocommerce_custom_orders_table_enabled"] != "yes":
		return "posts"
	case r.options["woocommerce_custom_orders_table_data_sync_enabled"] == "yes":
		return "hpos-sync"
	}
	return "hpos"
}

func (r *reader) home() string { return strings.TrimRight(r.options["home"], "/") }

// uploads is where pictures are served from (wp_upload_dir in WordPress).
func (r *reader) uploads() string {
	if u := strings.TrimRight(r.options["upload_url_path"], "/"); u != "" {
		return u
	}
	site := strings.TrimRight(r.options["siteurl"], "/")
	if path := strings.Trim(r.options["upload_path"], "/"); path != "" && !strings.HasPrefix(r.options["upload_path"], "/") {
		return site + "/" + path
	}
	return site + "/wp-content/uploads"
}

// bases are the path before a product's and a category's slug, without slashes around; empty where the shop has plain
// addresses, or ones that are put together from several parts.
func (r *reader) bases() (product, category string) {
	if r.options["permalink_structure"] == "" {
		return "", ""
	}
	product, category = "product", "product-category"
	// A shop that never changed its addresses has no such option, or a broken one, and uses these.
	if links, err := foreign.ParsePHP(r.options["woocommerce_permalinks"]); err == nil {
		if base := strings.Trim(links.Get("product_base").Text, "/"); base != "" {
			product = base
		}
		if base := strings.Trim(links.Get("category_base").Text, "/"); base != "" {
			category = base
		}
	}
	if strings.Contains(product, "%") {
		product = ""
	}
	return product, category
}

// address joins a path of the shop; slugs come percent-encoded from WordPress where they need to be.
func (r *reader) address(parts ...string) string {
	return r.home() + "/" + strings.Join(parts, "/") + "/"
}

func (r *reader) image(file string) string {
	switch {
	case file == "":
		return ""
	case strings.HasPrefix(file, "https://") || strings.HasPrefix(file, "http://"):
		return file
	}
	parts := strings.Split(strings.TrimLeft(file, "/"), "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return r.uploads() + "/" + strings.Join(parts, "/")
}

// zone is the shop's own, by name or, where only that is set, by its distance from UTC in hours.
func zone(options map[string]string) (*time.Location, string) {
	if name := options["timezone_string"]; name != "" {
		if loc, err := time.LoadLocation(name); err == nil {
			return loc, name
		}
	}
	hours, err := strconv.ParseFloat(options["gmt_offset"], 64)
	if err != nil || hours < -15 || hours > 15 || hours == 0 {
		return time.UTC, "UTC"
	}
	minutes := int(hours * 60)
	sign, abs := "+", minutes
	if minutes < 0 {
		sign, abs = "-", -minutes
	}
	name := fmt.Sprintf("UTC%s%02d:%02d", sign, abs/60, abs%60)
	return time.FixedZone(name, minutes*60), name
}
