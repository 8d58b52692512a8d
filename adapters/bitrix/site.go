package bitrix

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

const platform = "bitrix"

// reader is one call's view of the shop: its tables, sites and settings. All are read anew by every call, so that an update
// of the shop's software is followed without a restart.
type reader struct {
	follow.DB
	cfg      Config
	prefix   string
	columns  map[string]map[string]bool // by table, in lower case
	options  map[string]string          // "main.server_name"
	sites    map[string]site            // by LID
	main     site
	zone     *time.Location
	zoneName string
	catalogs []catalog // see loadCatalogs
}

// site is a row of b_lang. An installation may have several, with one catalogue and one set of accounts.
type site struct {
	id, dir, server, name, language, currency string
}

var optionNames = []string{"server_name", "site_name", "default_time_zone", "mail_link_protocol", "upload_dir", "anonymous_user_id", "default_currency",
	"value_precision", "default_product_vat_included", "default_quantity_trace", "default_can_buy_zero"}

// naming: only Bitrix's module for sales has this table.
var naming = follow.Naming{Platform: platform, Tables: "tables of Bitrix's module sale", Usual: "b_", Proof: []string{"sale_fuser"}, Needed: "sale_lang",
	Where: "Bitrix's own is b_"}

// open reads the settings, and finds the prefix out where it was not given.
func (s *Shop) open(ctx context.Context) (*reader, error) {
	return follow.Open(ctx, s.prefix, func(prefix string) (*reader, error) {
		r := s.reader(prefix)
		err := r.load(ctx)
		if err == nil {
			r.zone, r.zoneName, err = s.zone(ctx, r)
		}
		return r, err
	})
}

func (s *Shop) reader(prefix string) *reader {
	return &reader{
		DB:  follow.DB{SQL: s.db, Platform: platform, Table: func(name string) string { return prefix + name }},
		cfg: s.cfg, prefix: prefix, columns: map[string]map[string]bool{}, options: map[string]string{}, sites: map[string]site{}, zone: time.UTC,
	}
}

func (r *reader) load(ctx context.Context) error {
	if err := r.loadSites(ctx); err != nil {
		return err
	}
	if err := r.loadColumns(ctx); err != nil {
		return err
	}
	return r.loadOptions(ctx)
}

func (r *reader) loadSites(ctx context.Context) error {
	return r.Each(ctx, "sites", `SELECT l.LID, l.DIR, l.SERVER_NAME, l.SITE_NAME, l.LANGUAGE_ID, s.CURRENCY
		FROM {lang} l LEFT JOIN {sale_lang} s ON s.LID = l.LID ORDER BY l.DEF DESC, l.ACTIVE DESC, l.SORT, l.LID`, nil, func(scan func(...any) error) error {
		var s site
		if err := scan(&s.id, follow.Text(&s.dir), follow.Text(&s.server), follow.Text(&s.name), follow.Text(&s.language), follow.Text(&s.currency)); err != nil {
			return err
		}
		if len(r.sites) == 0 {
			r.main = s
		}
		r.sites[s.id] = s
		return nil
	})
}

func (r *reader) loadColumns(ctx context.Context) error {
	names := make([]string, len(versioned))
	for i, t := range versioned {
		names[i] = r.prefix + t
	}
	tables := " WHERE table_schema = DATABASE() AND table_name IN (" + follow.Quoted(names...) + ")"
	return r.Each(ctx, "the columns of tables", "SELECT table_name, LOWER(column_name) FROM information_schema.columns"+tables+
		" UNION ALL SELECT table_name, CONCAT(LOWER(column_name), '"+indexed+"') FROM information_schema.statistics"+tables+
		" AND seq_in_index = 1 AND column_name IN ('TIMESTAMP_X', 'DATE_UPDATE')", nil, func(scan func(...any) error) error {
		var table, column string
		if err := scan(&table, &column); err != nil {
			return err
		}
		table = strings.TrimPrefix(table, r.prefix)
		if r.columns[table] == nil {
			r.columns[table] = map[string]bool{}
		}
		r.columns[table][column] = true
		return nil
	})
}

// loadOptions takes the main site's own value of a setting where there is one. Before 16, such values are in b_option too.
func (r *reader) loadOptions(ctx context.Context) error {
	return r.Each(ctx, "settings", "SELECT COALESCE(MODULE_ID, ''), NAME, VALUE, COALESCE(SITE_ID, '') FROM {option} WHERE NAME IN ("+follow.Quoted(optionNames...)+")", nil,
		func(scan func(...any) error) error {
			var module, name, text, site string
			if err := scan(&module, &name, follow.Text(&text), &site); err != nil {
				return err
			}
			key := module + "." + name
			if _, general := r.options[key]; site == r.main.id || site == "" && !general {
				r.options[key] = strings.TrimSpace(text)
			}
			return nil
		})
}

// home is where a site's pages begin, without its directory and without a slash at the end. Which protocol that is, the
// shop tells only where it has set one for links in mails.
func (r *reader) home(s site) string {
	server := foreign.First(s.server, r.options["main.server_name"])
	server = strings.Trim(strings.TrimSpace(server), "/")
	if server == "" {
		return ""
	}
	if strings.Contains(server, "://") {
		return server
	}
	protocol := "https"
	if r.options["main.mail_link_protocol"] == "http" {
		protocol = "http"
	}
	return protocol + "://" + server
}

// currency is the main site's, or else what the shop counts in.
func (r *reader) currency() string {
	return strings.ToUpper(strings.TrimSpace(foreign.First(r.main.currency, r.options["sale.default_currency"], "RUB")))
}

// image is where a file of b_file is served from. One kept in a cloud has its address from a module that is not asked.
func (r *reader) image(subdir, file, handler string) string {
	if file == "" || handler != "" || r.home(r.main) == "" {
		return ""
	}
	parts := strings.Split(strings.Trim(foreign.First(r.options["main.upload_dir"], "upload")+"/"+subdir, "/")+"/"+file, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return r.home(r.main) + "/" + strings.Join(parts, "/")
}
