package prestashop

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

const platform = "prestashop"

// reader is one call's view of the shop: its tables and settings. Settings are read anew by every call (two statements by
// a key), so that a state which gets another meaning is followed without a restart.
type reader struct {
	follow.DB
	prefix   string
	settings map[string]string
	zone     *time.Location
	shape    shape
	now      time.Time
	cartAge  time.Duration

	shop, group  int64 // whose names, prices and settings are read
	alone        bool  // only this shop's rows are read: it is the only one, or was asked for
	wanted       bool  // it was asked for
	sharesPeople bool  // the group's shops have their accounts in common
	sharesStock  bool  // and their stock
	home         string
}

// shape is what differs between the tables of the versions.
type shape struct {
	drafts    bool // products that were begun and not saved are there, with a state: since 1.7.0
	dropped   bool // a voucher that was taken off an order stays there, marked: since 1.7.7
	precision bool // a currency tells how many decimals it has: since 1.7.6
}

func (s shape) mode() string {
	switch {
	case !s.drafts:
		return "1.6"
	case !s.dropped:
		return "1.7"
	}
	return "1.7.7 and later"
}

// Settings that name a state of orders, each with what it means. The flags of a state say the rest; see status.go.
const (
	stateCancelled = "PS_OS_CANCELED"
	stateRefunded  = "PS_OS_REFUND"
	stateFailed    = "PS_OS_ERROR"
)

var statesAwaiting = []string{"PS_OS_CHEQUE", "PS_OS_BANKWIRE", "PS_OS_COD_VALIDATION", "PS_OS_OUTOFSTOCK", "PS_OS_OUTOFSTOCK_UNPAID", "PS_OS_PAYPAL"}

var settingNames = slices.Concat(statesAwaiting, []string{
	stateCancelled, stateRefunded, stateFailed,
	"PS_VERSION_DB", "PS_INSTALL_VERSION", "PS_SHOP_NAME", "PS_SHOP_DEFAULT", "PS_TIMEZONE", "PS_CURRENCY_DEFAULT", "PS_LANG_DEFAULT", "PS_COUNTRY_DEFAULT",
	"PS_SSL_ENABLED", "PS_REWRITING_SETTINGS", "PS_ROUTE_product_rule", "PS_ROUTE_category_rule",
	"PS_TAX", "PS_UNIDENTIFIED_GROUP", "PS_PRICE_DISPLAY_PRECISION", "PS_SPECIFIC_PRICE_FEATURE_ACTIVE", "PS_SPECIFIC_PRICE_PRIORITIES",
	"PS_STOCK_MANAGEMENT", "PS_ORDER_OUT_OF_STOCK", "NW_VERIFICATION_EMAIL",
})

// naming: of its tables, only PrestaShop has this one.
var naming = follow.Naming{Platform: platform, Tables: "PrestaShop tables", Usual: "ps_", Proof: []string{"product_attribute_combination"}, Needed: "configuration",
	Where: "it is in the shop's app/config/parameters.php as database_prefix, or before 1.7 in config/settings.inc.php as _DB_PREFIX_"}

// open reads the settings, and finds the prefix out where it was not given.
func (s *Shop) open(ctx context.Context) (*reader, error) {
	return follow.Open(ctx, s.prefix, func(prefix string) (*reader, error) {
		r := s.reader(prefix)
		return r, s.load(ctx, r)
	})
}

func (s *Shop) reader(prefix string) *reader {
	return &reader{prefix: prefix, settings: map[string]string{}, zone: time.UTC, now: s.cfg.Now(), cartAge: s.cfg.CartAge, wanted: s.cfg.Shop > 0,
		DB: follow.DB{SQL: s.db, Platform: platform, Table: func(name string) string { return prefix + name }}}
}

func (s *Shop) load(ctx context.Context, r *reader) error {
	rows, err := r.configuration(ctx)
	if err != nil {
		return err
	}
	r.shop = s.cfg.Shop
	if r.shop == 0 {
		r.shop = max(1, foreign.ID(narrowest(rows, "PS_SHOP_DEFAULT", 0, 0)))
	}
	address, err := r.site(ctx)
	if err != nil {
		return err
	}
	for _, name := range settingNames {
		r.settings[name] = narrowest(rows, name, r.shop, r.group)
	}
	r.home = address.home(r.on("PS_SSL_ENABLED"))
	if r.version() == "" {
		return &adapters.SchemaError{Platform: platform, Missing: "the setting PS_VERSION_DB in table " + r.prefix + "configuration",
			Next: "The tables are there, but PrestaShop is not set up under this prefix: set the prefix (KUPEC_SHOP_PREFIX) to another one."}
	}
	if r.zone, err = zone(s.cfg.Zone, r.settings["PS_TIMEZONE"]); err != nil {
		return err
	}
	r.shape, err = s.shapeOfTables(ctx, r)
	return err
}

// setting is a row of configuration. One for a shop goes before one for its group, and that before one for all.
type setting struct {
	name, value string
	group, shop int64
}

func (r *reader) configuration(ctx context.Context) (rows []setting, err error) {
	err = r.Each(ctx, "settings", "SELECT name, value, COALESCE(id_shop_group, 0), COALESCE(id_shop, 0) FROM {configuration} WHERE name IN ("+follow.Quoted(settingNames...)+")", nil,
		func(scan func(...any) error) error {
			var c setting
			err := scan(&c.name, follow.Text(&c.value), &c.group, &c.shop)
			rows = append(rows, c)
			return err
		})
	return rows, err
}

// narrowest is a setting as a shop sees it.
func narrowest(rows []setting, name string, shop, group int64) string {
	value, best := "", -1
	for _, c := range rows {
		rank := -1
		switch {
		case c.name != name:
		case c.shop > 0 && c.shop == shop:
			rank = 2
		case c.shop == 0 && c.group > 0 && c.group == group:
			rank = 1
		case c.shop == 0 && c.group == 0:
			rank = 0
		}
		if rank > best {
			value, best = c.value, rank
		}
	}
	return value
}

// webAddress is where a shop is on the web.
type webAddress struct{ domain, secure, path, virtual string }

func (a webAddress) home(secure bool) string {
	home := "http://" + a.domain
	if secure && a.secure != "" {
		home = "https://" + a.secure
	}
	for _, part := range []string{a.path, a.virtual} {
		if part = strings.Trim(part, "/"); part != "" {
			home += "/" + part
		}
	}
	return home
}

// site reads which group the shop is of, what it shares with that, and where it is on the web.
func (r *reader) site(ctx context.Context) (a webAddress, err error) {
	found := false
	err = r.Each(ctx, "shops", `SELECT s.id_shop_group, g.share_customer, g.share_stock, (SELECT COUNT(*) FROM {shop}) = 1,
			COALESCE(u.domain, ''), COALESCE(u.domain_ssl, ''), COALESCE(u.physical_uri, ''), COALESCE(u.virtual_uri, '')
		FROM {shop} s JOIN {shop_group} g ON g.id_shop_group = s.id_shop_group LEFT JOIN {shop_url} u ON u.id_shop = s.id_shop AND u.active = 1
		WHERE s.id_shop = ? ORDER BY u.main DESC, u.id_shop_url LIMIT 1`, []any{r.shop}, func(scan func(...any) error) error {
		found = true
		return scan(&r.group, &r.sharesPeople, &r.sharesStock, &r.alone, &a.domain, &a.secure, &a.path, &a.virtual)
	})
	if err == nil && !found {
		err = &adapters.SchemaError{Platform: platform, Missing: fmt.Sprintf("shop %d in table %sshop", r.shop, r.prefix),
			Next: "Its ids are in the control panel under Advanced parameters, Multistore."}
	}
	r.alone = r.alone || r.wanted
	return a, err
}

// shapeOfTables is looked for once for each version that the shop has had.
func (s *Shop) shapeOfTables(ctx context.Context, r *reader) (shape, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shapeOf == r.version() {
		return s.shape, nil
	}
	var found shape
	for _, q := range []struct {
		table, column string
		into          *bool
	}{{"product", "state", &found.drafts}, {"order_cart_rule", "deleted", &found.dropped}, {"currency", "precision", &found.precision}} {
		columns, err := r.Columns(ctx, q.table)
		if err != nil {
			return shape{}, err
		}
		*q.into = columns[q.column]
	}
	s.shape, s.shapeOf = found, r.version()
	return found, nil
}

func (r *reader) id(name string) int64 { return foreign.ID(r.settings[name]) }
func (r *reader) on(name string) bool  { return r.id(name) > 0 }
func (r *reader) lang() int64          { return r.id("PS_LANG_DEFAULT") }

func (r *reader) version() string {
	return foreign.First(r.settings["PS_VERSION_DB"], r.settings["PS_INSTALL_VERSION"])
}

// zone is the one that was set, or else the shop's own. PHP writes all times in it.
func zone(set, own string) (*time.Location, error) {
	if set != "" {
		loc, err := time.LoadLocation(set)
		if err != nil {
			return nil, fmt.Errorf("%s: the shop's zone is set to %q, which is not an IANA name such as Europe/Paris: %w", platform, foreign.Cut(set), err)
		}
		return loc, nil
	}
	if loc, err := time.LoadLocation(own); err == nil && own != "" && own != "Local" {
		return loc, nil
	}
	return time.UTC, nil
}

// dateTime is how the shop's columns hold times.
const dateTime = "2006-01-02 15:04:05"

// wall is a moment in unix seconds as the shop's columns hold it or, where the clocks have gone back since, as the second
// of the two that look the same: what is at or behind it has been written since that moment.
func (r *reader) wall(at int64) string {
	then := time.Unix(at, 0).In(r.zone)
	_, before := then.Zone()
	if _, after := r.now.In(r.zone).Zone(); after < before {
		then = then.Add(time.Duration(after-before) * time.Second)
	}
	return then.Format(dateTime)
}

// repeated says whether the clocks went back lately. In the hour that they repeat, the times of new changes are behind
// those that are known, and following them by time finds nothing.
func (r *reader) repeated() bool {
	_, before := r.now.Add(-2 * time.Hour).In(r.zone).Zone()
	_, after := r.now.In(r.zone).Zone()
	return after < before
}

// walk is a sweep over all rows of a table t by their ids, so many rows at a time.
type walk struct {
	what, table, id string
	joins           string // behind the table
	condition       string // of rows that have changed; ? is since when, @below the highest id whose time is not followed
	region, step    int64  // as of the source: so many of the newest are followed by their time, 0: all; rows of a step
}

func (r *reader) sweep(w walk) follow.Sweep {
	return func(ctx context.Context, db follow.DB, p follow.Place, limit int) (follow.Stride, error) {
		s, err := stride(ctx, db, p, w.what, w.table, w.id, w.step)
		if err != nil {
			return s, err
		}
		below := int64(0)
		switch {
		case r.repeated():
			below = p.Highest()
		case w.region > 0:
			below = max(0, p.Highest()-w.region)
		}
		args := []any{p.Swept(), s.End}
		for range strings.Count(w.condition, "?") {
			args = append(args, r.wall(p.ChangedSince()))
		}
		err = db.Each(ctx, w.what, fmt.Sprintf("SELECT t.%[1]s FROM %[2]s t FORCE INDEX (PRIMARY)%[3]s WHERE t.%[1]s > ? AND t.%[1]s <= ? AND (%[4]s) ORDER BY t.%[1]s LIMIT ?",
			w.id, w.table, w.joins, strings.ReplaceAll(w.condition, "@below", foreign.Str(below))), append(args, limit), hits(&s.Hits))
		return s, err
	}
}

// stride is how far a sweep's next rows reach. Ids have gaps, which may be large where shops were merged.
func stride(ctx context.Context, db follow.DB, p follow.Place, what, table, id string, rows int64) (s follow.Stride, err error) {
	err = db.One(ctx, what, fmt.Sprintf("SELECT COALESCE(MAX(k.%[1]s), 0) FROM (SELECT %[1]s FROM %[2]s FORCE INDEX (PRIMARY) WHERE %[1]s > ? ORDER BY %[1]s LIMIT %[3]d) k", id, table, rows),
		[]any{p.Swept()}, &s.End)
	if s.End == 0 || s.End > p.Highest() {
		s.End = p.Highest()
	}
	s.Last = s.End == p.Highest()
	return s, err
}

// hits scans ids of rows that are delivered themselves.
func hits(into *[]follow.Hit) func(scan func(...any) error) error {
	return func(scan func(...any) error) error {
		var h follow.Hit
		err := scan(&h.ID)
		h.Target = h.ID
		*into = append(*into, h)
		return err
	}
}
