package magento

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// prefix is the configured one, or none where there is a shop without one, or else the only one there is. It is looked
// for once.
func (s *Shop) prefix(ctx context.Context) (string, error) {
	if s.cfg.Prefix != "" {
		if !prefixForm.MatchString(s.cfg.Prefix) {
			return "", &adapters.SchemaError{Platform: platform, Missing: fmt.Sprintf("any table with the prefix %q", foreign.Cut(s.cfg.Prefix)),
				Next: "A table prefix has only letters, digits, _, - and $; it is in the shop's app/etc/env.php as table_prefix. Set KUPEC_SHOP_PREFIX to it."}
		}
		return s.cfg.Prefix, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.found != nil {
		return *s.found, nil
	}
	prefixes, database, err := s.prefixes(ctx)
	if err != nil {
		return "", err
	}
	switch {
	case slices.Contains(prefixes, ""):
		s.found = new(string)
	case len(prefixes) == 1:
		s.found = &prefixes[0]
	default:
		return "", missing("", prefixes, database, nil)
	}
	return *s.found, nil
}

var prefixForm = regexp.MustCompile(`^[A-Za-z0-9_$-]{1,32}$`)

// proof are the tables by which a shop is known. Only all together are: Magento 1 has the first two and others than the
// third, and extensions have tables whose names end like one of them.
var proof = []string{"core_config_data", "eav_entity_type", "sales_order_item"}

// prefixes finds the shops in the database. There may be one without a prefix.
func (s *Shop) prefixes(ctx context.Context) (prefixes []string, database string, err error) {
	db := follow.DB{SQL: s.db, Platform: platform, Table: func(name string) string { return name }}
	if err := db.One(ctx, "the list of tables", "SELECT COALESCE(DATABASE(), '')", nil, &database); err != nil {
		return nil, "", err
	}
	seen := map[string]int{}
	err = db.Each(ctx, "the list of tables", `SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()
		AND (table_name LIKE '%core\_config\_data' OR table_name LIKE '%eav\_entity\_type' OR table_name LIKE '%sales\_order\_item')`, nil,
		func(scan func(...any) error) error {
			var name string
			if err := scan(&name); err != nil {
				return err
			}
			for _, own := range proof {
				if prefix, ok := strings.CutSuffix(name, own); ok && (prefix == "" || prefixForm.MatchString(prefix)) {
					seen[prefix]++
				}
			}
			return nil
		})
	for prefix, tables := range seen {
		if tables == len(proof) {
			prefixes = append(prefixes, prefix)
		}
	}
	slices.Sort(prefixes)
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
	e := &adapters.SchemaError{Platform: platform, Missing: "table " + prefix + proof[2], Err: cause}
	named := make([]string, 0, len(prefixes))
	for _, p := range prefixes {
		if p == "" {
			p = "(none)"
		}
		named = append(named, p)
	}
	switch len(prefixes) {
	case 0:
		e.Next = fmt.Sprintf("No Magento 2 tables can be seen in database %q: check its name, and that the user may SELECT there; KUPEC_SHOP_PREFIX sets a prefix.", database)
	case 1:
		e.Next = fmt.Sprintf("The shop in database %q has the table prefix %s: set the prefix (KUPEC_SHOP_PREFIX) to it, or leave it empty to have it found.", database, named[0])
	default:
		e.Next = fmt.Sprintf("Database %q has shops with the prefixes %s: set the prefix (KUPEC_SHOP_PREFIX) to one of them.", database, strings.Join(named, ", "))
	}
	return e
}
