package adapters

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// SchemaError says that a database is not what an adapter expected.
type SchemaError struct {
	Platform string
	Missing  string // "table wp_woocommerce_order_items"
	Next     string // what to do, one sentence
	Err      error  // the database's own words; may be nil
}

func (e *SchemaError) Error() string {
	s := fmt.Sprintf("this is not the database of a %s shop: %s is missing. %s", e.Platform, e.Missing, e.Next)
	if e.Err != nil {
		s += " (" + e.Err.Error() + ")"
	}
	return s
}

// Unwrap gives the database's own error.
func (e *SchemaError) Unwrap() error { return e.Err }

// QueryError turns what a database said to a statement of an adapter into an error that people can act on: a missing
// table or column becomes a [*SchemaError], a missing right names the GRANT. what says what was being read: "orders".
// A nil err stays nil.
func QueryError(platform, what string, err error) error {
	var said *mysql.MySQLError
	if !errors.As(err, &said) {
		if err == nil {
			return nil
		}
		return fmt.Errorf("reading %s of the %s shop: %w", what, platform, err)
	}
	switch said.Number {
	case 1146: // ER_NO_SUCH_TABLE: Table 'shop.wp_options' doesn't exist
		return &SchemaError{Platform: platform, Missing: "table " + quoted(said.Message),
			Next: "Check the database and the table prefix; kupec doctor shows what it finds.", Err: err}
	case 1054: // ER_BAD_FIELD_ERROR: Unknown column 'o.total' in 'field list'
		return &SchemaError{Platform: platform, Missing: "column " + quoted(said.Message),
			Next: "This version of the shop's software may be too old or too new for this adapter.", Err: err}
	case 1044, 1142, 1143: // access denied to a database, table or column
		return fmt.Errorf("reading %s of the %s shop: the user may not read it; run GRANT SELECT on the shop's database for this user: %w", what, platform, err)
	case 1205, 1969, 3024: // lock wait timeout; MariaDB's and MySQL's statement time limit
		return fmt.Errorf("reading %s of the %s shop: the shop's database is too busy, this is tried again later: %w", what, platform, err)
	}
	return fmt.Errorf("reading %s of the %s shop: %w", what, platform, err)
}

// quoted is the first name between quotes in a server's message.
func quoted(message string) string {
	if _, rest, ok := strings.Cut(message, "'"); ok {
		if name, _, ok := strings.Cut(rest, "'"); ok {
			return name
		}
	}
	return message
}
