package bitrix

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/kupec/kupec/adapters"
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

// open reads the settings, and finds the prefix out where it was not given.
func (s *Shop) open(ctx context.Context) (*reader, error) {
	prefix, err := s.prefix(ctx)
	if err != nil {
		return nil, err
	}
	r := s.reader(prefix)
	if err := r.load(ctx); err != nil {
		var said *mysql.MySQLError
		if errors.As(err, &said) && said.Number == 1146 {
			return nil, s.wrongPrefix(ctx, prefix, err)
		}
		return nil, err
	}
	r.zone, r.zoneName, err = s.zone(ctx, r)
	return r, err
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
	return r.Each(ctx, "the columns of tables", `SELECT table_name, LOWER(column_name) FROM information_schema.columns
		WHERE table_schema = DATABASE() AND table_name IN (`+follow.Quoted(names...)+")", nil, func(scan func(...any) error) error {
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

// prefix is the configured one, or else "b_" where that is there, or else the only one there is. It is looked for once.
func (s *Shop) prefix(ctx context.Context) (string, error) {
	if s.cfg.Prefix != "" {
		if !prefixForm.MatchString(s.cfg.Prefix) {
			return "", &adapters.SchemaError{Platform: platform, Missing: fmt.Sprintf("any table with the prefix %q", foreign.Cut(s.cfg.Prefix)),
				Next: "A table prefix has only letters, digits, _, - and $; Bitrix's own is b_."}
		}
		return s.cfg.Prefix, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.found != "" {
		return s.found, nil
	}
	prefixes, database, err := s.prefixes(ctx)
	if err != nil {
		return "", err
	}
	switch {
	case slices.Contains(prefixes, defaultPrefix):
		s.found = defaultPrefix
	case len(prefixes) == 1:
		s.found = prefixes[0]
	default:
		return "", missing(defaultPrefix, prefixes, database, nil)
	}
	return s.found, nil
}

const defaultPrefix = "b_"

var prefixForm = regexp.MustCompile(`^[A-Za-z0-9_$-]{1,40}$`)

// prefixes finds the shops in the database by a table that only Bitrix's module for sales has.
func (s *Shop) prefixes(ctx context.Context) (prefixes []string, database string, err error) {
	const own = "sale_fuser"
	r := s.reader("")
	if err := r.One(ctx, "the list of tables", "SELECT COALESCE(DATABASE(), '')", nil, &database); err != nil {
		return nil, "", err
	}
	err = r.Each(ctx, "the list of tables", `SELECT table_name FROM information_schema.tables
		WHERE table_schema = DATABASE() AND table_name LIKE '%sale\_fuser' ORDER BY table_name`, nil,
		func(scan func(...any) error) error {
			var name string
			if err := scan(&name); err != nil {
				return err
			}
			if prefix := strings.TrimSuffix(name, own); prefixForm.MatchString(prefix) {
				prefixes = append(prefixes, prefix)
			}
			return nil
		})
	return prefixes, database, err
}

func (s *Shop) wrongPrefix(ctx context.Context, prefix string, cause error) error {
	prefixes, database, err := s.prefixes(ctx)
	if err != nil {
		return err
	}
	return missing(prefix, prefixes, database, cause)
}

func missing(prefix string, prefixes []string, database string, cause error) error {
	e := &adapters.SchemaError{Platform: platform, Missing: "table " + prefix + "sale_lang", Err: cause}
	switch len(prefixes) {
	case 0:
		e.Next = fmt.Sprintf("No tables of Bitrix's module sale can be seen in database %q: check its name, and that the user may SELECT there.", database)
	case 1:
		e.Next = fmt.Sprintf("The tables in database %q begin with %s: set the prefix (KUPEC_SHOP_PREFIX) to %s.", database, prefixes[0], prefixes[0])
	default:
		e.Next = fmt.Sprintf("Database %q has shops with the prefixes %s: set the prefix (KUPEC_SHOP_PREFIX) to one of them.",
			database, strings.Join(prefixes, ", "))
	}
	return e
}
