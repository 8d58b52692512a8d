package daemon

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/bitrix"
	"github.com/kupec/kupec/adapters/magento"
	"github.com/kupec/kupec/adapters/opencart"
	"github.com/kupec/kupec/adapters/prestashop"
	"github.com/kupec/kupec/adapters/sqlmap"
	"github.com/kupec/kupec/adapters/woocommerce"
	crm "github.com/kupec/kupec/module"
)

// attachment is one shop as the settings, or the file that lists several, describe it.
type attachment struct {
	Name       string            `yaml:"name"`       // what it is called here, for ever
	Platform   string            `yaml:"platform"`   // one of platforms
	DSN        string            `yaml:"dsn"`        // ${NAME} is taken from the environment
	Replica    string            `yaml:"replica"`    // the same of a copy of the database, from which the history is read
	Prefix     string            `yaml:"prefix"`     // of its tables
	Zone       string            `yaml:"zone"`       // IANA name: of its times
	URL        string            `yaml:"url"`        // of the shop window
	Store      string            `yaml:"store"`      // which one of several that share tables
	Newsletter string            `yaml:"newsletter"` // which plugin keeps who wants it
	Map        string            `yaml:"map"`        // the file that maps a shop of no known platform
	Statuses   map[string]string `yaml:"statuses"`   // what its own words mean

	from string // where it is described: "shops.yaml, line 3"; empty: by KUPEC_SHOP_… settings
	dir  string // against which file names in it are meant
}

// platforms makes adapters. Settings that a platform has no use for are refused by attach.
var platforms = map[string]struct {
	uses []string
	open func(db *sql.DB, a attachment) (adapters.Shop, error)
}{
	"bitrix": {[]string{"prefix", "zone"}, func(db *sql.DB, a attachment) (adapters.Shop, error) {
		return bitrix.New(db, bitrix.Config{Prefix: a.Prefix, Zone: a.Zone}), nil
	}},
	"magento": {[]string{"prefix", "zone", "url", "store"}, func(db *sql.DB, a attachment) (adapters.Shop, error) {
		return magento.New(db, magento.Config{Prefix: a.Prefix, Zone: a.Zone, URL: a.URL, Store: a.Store}), nil
	}},
	// OpenCart's refunds follow from the status: its adapter must know what the words mean.
	"opencart": {[]string{"prefix", "zone", "url"}, func(db *sql.DB, a attachment) (adapters.Shop, error) {
		return opencart.New(db, opencart.Config{Prefix: a.Prefix, Zone: a.Zone, URL: a.URL, Statuses: a.statuses()}), nil
	}},
	"prestashop": {[]string{"prefix", "zone", "store"}, func(db *sql.DB, a attachment) (adapters.Shop, error) {
		id, err := a.storeID()
		return prestashop.New(db, prestashop.Config{Prefix: a.Prefix, Zone: a.Zone, Shop: id}), err
	}},
	"sqlmap": {[]string{"map"}, func(db *sql.DB, a attachment) (adapters.Shop, error) {
		if a.Map == "" {
			return nil, fmt.Errorf("%s: name the file that says where the shop keeps what; `kupec sqlmap` prints one to begin with", a.setting("map"))
		}
		path := a.Map
		if !filepath.IsAbs(path) {
			path = filepath.Join(a.dir, path)
		}
		raw, err := readFile(path, 1<<20)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.setting("map"), err)
		}
		return sqlmap.New(db, raw, sqlmap.Config{File: filepath.Base(path)})
	}},
	"woocommerce": {[]string{"prefix", "newsletter"}, func(db *sql.DB, a attachment) (adapters.Shop, error) {
		return woocommerce.New(db, woocommerce.Config{Prefix: a.Prefix, Newsletter: woocommerce.Newsletter(a.Newsletter)}), nil
	}},
}

// attached lists the shops that the settings attach. dsn is of the one that KUPEC_SHOP_… describes; with KUPEC_SHOPS it
// must not be described there too.
func (s *Settings) attached(dsn string) ([]attachment, error) {
	if s.Shops == "" {
		if dsn == "" {
			return nil, nil
		}
		return []attachment{{Name: s.ShopName, Platform: s.ShopPlatform, DSN: dsn, Replica: s.ShopReplicaDSN, Prefix: s.ShopPrefix, Zone: s.ShopZone, URL: s.ShopURL, Store: s.ShopStore, Map: s.ShopMap, Statuses: s.ShopStatuses}}, nil
	}
	if s.ShopDSN != "" {
		return nil, errors.New("KUPEC_SHOPS and KUPEC_SHOP_DSN are both set: describe that shop in the file, and unset KUPEC_SHOP_DSN")
	}
	raw, err := readFile(s.Shops, 1<<20)
	if err != nil {
		return nil, fmt.Errorf("KUPEC_SHOPS: %w", err)
	}
	list, err := parseShops(raw, filepath.Base(s.Shops))
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].dir = filepath.Dir(s.Shops)
	}
	return list, nil
}

// parseShops reads the file that lists shops. Errors name its lines.
func parseShops(raw []byte, name string) ([]attachment, error) {
	var file struct {
		Shops []attachment `yaml:"shops"`
	}
	var places struct { // where each shop stands
		Shops []yaml.Node `yaml:"shops"`
	}
	decoder := yaml.NewDecoder(bytes.NewReader(raw))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %s", name, plainYAML(err))
	}
	if err := yaml.Unmarshal(raw, &places); err != nil {
		return nil, fmt.Errorf("%s: %s", name, plainYAML(err))
	}
	if len(file.Shops) == 0 {
		return nil, fmt.Errorf("%s: it lists no shops; it has the form\nshops:\n  - name: shop\n    platform: woocommerce\n    dsn: user:password@tcp(host:3306)/database", name)
	}
	seen := map[string]int{}
	for i := range file.Shops {
		a, line := &file.Shops[i], places.Shops[i].Line
		a.from = fmt.Sprintf("%s, line %d", name, line)
		for field, value := range map[string]string{"name": a.Name, "platform": a.Platform, "dsn": a.DSN} {
			if value == "" {
				return nil, fmt.Errorf("%s: %s is missing", a.from, field)
			}
		}
		if before, ok := seen[a.Name]; ok {
			return nil, fmt.Errorf("%s: name: the shop on line %d is called %q too", a.from, before, a.Name)
		}
		seen[a.Name] = line
		var err error
		if a.DSN, err = expand(a.DSN); err != nil {
			return nil, fmt.Errorf("%s: dsn: %w", a.from, err)
		}
		if a.Replica, err = expand(a.Replica); err != nil {
			return nil, fmt.Errorf("%s: replica: %w", a.from, err)
		}
	}
	return file.Shops, nil
}

// plainYAML takes the library's own words out of its errors.
func plainYAML(err error) string {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	text = strings.TrimPrefix(text, "unmarshal errors:\n")
	return strings.Join(strings.Fields(inType.ReplaceAllString(text, "")), " ")
}

var inType = regexp.MustCompile(` (in type|into) [^\n]*`)

var variable = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)\}`)

// expand puts environment variables in the places of ${NAME}, so that passwords need not stand in the file.
func expand(text string) (string, error) {
	var missing []string
	text = variable.ReplaceAllStringFunc(text, func(s string) string {
		name := variable.FindStringSubmatch(s)[1]
		value, ok := os.LookupEnv(name)
		if !ok {
			missing = append(missing, name)
		}
		return value
	})
	if len(missing) > 0 {
		return "", fmt.Errorf("the environment has no %s", strings.Join(missing, ", "))
	}
	return text, nil
}

// attach makes the adapter of a shop. Nothing is read yet.
func (a attachment) attach(opened *closers) (adapters.Shop, *sql.DB, error) {
	platform, ok := platforms[a.Platform]
	if !ok {
		return nil, nil, fmt.Errorf("%s %q is not known: it can be %s", a.setting("platform"), a.Platform, strings.Join(slices.Sorted(maps.Keys(platforms)), ", "))
	}
	for field, value := range map[string]string{"prefix": a.Prefix, "zone": a.Zone, "url": a.URL, "store": a.Store, "newsletter": a.Newsletter, "map": a.Map} {
		if value != "" && !slices.Contains(platform.uses, field) {
			return nil, nil, fmt.Errorf("%s %q: %s has no use for it: leave it out", a.setting(field), value, a.Platform)
		}
	}
	db, err := adapters.Open(a.DSN, adapters.OpenConfig{Setting: a.setting("dsn")})
	if err != nil {
		return nil, nil, err
	}
	opened.add(func() { _ = db.Close() })
	shop, err := platform.open(db, a)
	if err != nil {
		return nil, nil, err
	}
	return shop, db, nil
}

// replica makes the adapter of the copy that the history is read from; nil: there is none.
func (a attachment) replica(opened *closers) (adapters.Shop, error) {
	if a.Replica == "" {
		return nil, nil
	}
	if a.from == "" {
		a.from = "KUPEC_SHOP_REPLICA_DSN"
	} else {
		a.from += ", replica"
	}
	a.DSN = a.Replica
	shop, _, err := a.attach(opened)
	return shop, err
}

// storeID is the store where a platform calls it by a number; 0: none is chosen.
func (a attachment) storeID() (int64, error) {
	if a.Store == "" {
		return 0, nil
	}
	id, err := strconv.ParseInt(a.Store, 10, 64)
	if err != nil || id <= 0 {
		return 0, fmt.Errorf("%s: %q is not the number of a store", a.setting("store"), a.Store)
	}
	return id, nil
}

// setting is how errors call a part of the description.
func (a attachment) setting(field string) string {
	if a.from == "" {
		return "KUPEC_SHOP_" + strings.ToUpper(field)
	}
	return a.from + ", " + field
}

// statuses is what words of the shop mean; whether there are such statuses is checked where they are used.
func (a attachment) statuses() map[string]adapters.Status {
	meant := make(map[string]adapters.Status, len(a.Statuses))
	for word, status := range a.Statuses {
		meant[word] = adapters.Status(status)
	}
	return meant
}

// attachAll makes the shops of a CRM. describe makes it an error that one is not what it should be.
func attachAll(ctx context.Context, list []attachment, describe bool, opened *closers) ([]crm.Shop, error) {
	var shops []crm.Shop
	for _, a := range list {
		shop, db, err := a.attach(opened)
		if err != nil {
			return nil, err
		}
		if describe {
			if _, err := shop.Describe(ctx); err != nil {
				return nil, fmt.Errorf("the attached shop %q: %w", a.Name, err)
			}
		}
		replica, err := a.replica(opened)
		if err != nil {
			return nil, err
		}
		shops = append(shops, crm.Shop{Name: a.Name, Shop: shop, Statuses: a.statuses(), Server: db, Replica: replica})
	}
	return shops, nil
}
