package follow

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/go-sql-driver/mysql"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/foreign"
)

// Naming is how a platform names its tables: as it always does, behind a prefix that each shop has for itself.
type Naming struct {
	Platform string   // in errors: "woocommerce"
	Tables   string   // what errors call the tables: "WooCommerce tables"
	Usual    string   // the prefix that goes before others where there are several: "wp_"; may be none
	Proof    []string // the tables by which a shop is known, all of them together: extensions have some that end alike
	Needed   string   // the table that errors name where there is no shop: "options"
	Where    string   // where people find the prefix, after a semicolon: "it is in the shop's wp-config.php as $table_prefix"
}

// Prefix is what a shop's tables begin with: the one that was set, or else the usual one where that is there, or else the
// only one there is. It is looked for once.
type Prefix struct {
	Naming
	db  DB
	set string

	mu    sync.Mutex // guards found, and is held while it is looked for
	found *string    // nil: not known yet; it may be empty
}

// NewPrefix takes the prefix that was set; an empty one is to be found out.
func NewPrefix(db *sql.DB, naming Naming, set string) *Prefix {
	return &Prefix{Naming: naming, set: set, db: DB{SQL: db, Platform: naming.Platform}}
}

// Open gives what load makes of the prefix. Where load misses a table, the prefix is taken to be wrong, and the error, an
// [*adapters.SchemaError], says which ones there are.
func Open[R any](ctx context.Context, p *Prefix, load func(prefix string) (R, error)) (R, error) {
	var none R
	prefix, err := p.get(ctx)
	if err != nil {
		return none, err
	}
	r, err := load(prefix)
	if NoTable(err) {
		err = p.wrong(ctx, prefix, err)
	}
	if err != nil {
		return none, err
	}
	return r, nil
}

// NoTable says whether a statement failed because a table is not there.
func NoTable(err error) bool {
	var said *mysql.MySQLError
	return errors.As(err, &said) && said.Number == 1146
}

func (p *Prefix) get(ctx context.Context) (string, error) {
	if p.set != "" {
		if !p.fits(p.set) {
			return "", &adapters.SchemaError{Platform: p.Platform, Missing: fmt.Sprintf("any table with the prefix %q", foreign.Cut(p.set)),
				Next: "A table prefix has only letters, digits, _, - and $; " + p.Where + "."}
		}
		return p.set, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return *p.found, nil
	}
	all, database, err := p.all(ctx)
	if err != nil {
		return "", err
	}
	switch {
	case slices.Contains(all, p.Usual):
		p.found = &p.Usual
	case len(all) == 1:
		p.found = &all[0]
	default:
		return "", p.missing(p.Usual, all, database, nil)
	}
	return *p.found, nil
}

// fits says whether tables can begin so. A name has at most 64 characters.
func (p *Prefix) fits(prefix string) bool {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_$-"
	return len(prefix)+len(p.Proof[0]) <= 64 && strings.Trim(prefix, letters) == ""
}

// all finds the shops in the database. There may be one without a prefix.
func (p *Prefix) all(ctx context.Context) (prefixes []string, database string, err error) {
	if err := p.db.One(ctx, "the list of tables", "SELECT COALESCE(DATABASE(), '')", nil, &database); err != nil {
		return nil, "", err
	}
	var endings []string
	var args []any
	for _, own := range p.Proof {
		endings = append(endings, "table_name LIKE ?")
		args = append(args, "%"+strings.ReplaceAll(own, "_", `\_`))
	}
	seen := map[string]int{}
	err = p.db.Each(ctx, "the list of tables", "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND ("+strings.Join(endings, " OR ")+")", args,
		func(scan func(...any) error) error {
			var name string
			if err := scan(&name); err != nil {
				return err
			}
			for _, own := range p.Proof {
				if prefix, ok := strings.CutSuffix(name, own); ok && p.fits(prefix) {
					seen[prefix]++
				}
			}
			return nil
		})
	for prefix, tables := range seen {
		if tables == len(p.Proof) {
			prefixes = append(prefixes, prefix)
		}
	}
	slices.Sort(prefixes)
	return prefixes, database, err
}

func (p *Prefix) wrong(ctx context.Context, prefix string, cause error) error {
	all, database, err := p.all(ctx)
	if err != nil {
		return err
	}
	return p.missing(prefix, all, database, cause)
}

func (p *Prefix) missing(prefix string, all []string, database string, cause error) error {
	e := &adapters.SchemaError{Platform: p.Platform, Missing: "table " + prefix + p.Needed, Err: cause}
	switch {
	case len(all) == 0:
		e.Next = fmt.Sprintf("No %s can be seen in database %q: check its name, and that the user may SELECT there.", p.Tables, database)
	case len(all) > 1:
		if all[0] == "" {
			all[0] = "(none)"
		}
		e.Next = fmt.Sprintf("Database %q has shops with the prefixes %s: set the prefix (KUPEC_SHOP_PREFIX) to one of them.", database, strings.Join(all, ", "))
	case all[0] == "":
		e.Next = fmt.Sprintf("The tables in database %q have no prefix: leave the prefix (KUPEC_SHOP_PREFIX) empty.", database)
	default:
		e.Next = fmt.Sprintf("The tables in database %q begin with %s: set the prefix (KUPEC_SHOP_PREFIX) to %s.", database, all[0], all[0])
	}
	return e
}
