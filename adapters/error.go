package adapters

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
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
		if column, ok := strings.CutPrefix(err.Error(), "sql: Scan error on column "); ok { // database/sql has no type for it
			return &SchemaError{Platform: platform, Missing: "the expected type of column " + quotedBy(column, '"'),
				Next: "This version of the shop's software may be too old or too new for this adapter.", Err: err}
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
	case 1205, 1969, 3024:
		return fmt.Errorf("reading %s of the %s shop: the shop's database is too busy, this is tried again later: %w", what, platform, err)
	}
	return fmt.Errorf("reading %s of the %s shop: %w", what, platform, err)
}

// busy are the codes by which a server says "not now": too many connections (1040, 1203, 1226), a lock not given in time or
// a deadlock (1205, 1213), shutting down (1053), our statement ended by somebody (1317) or by its time limit (1969 on
// MariaDB, 3024 on MySQL).
var busy = []uint16{1040, 1053, 1203, 1205, 1213, 1226, 1317, 1969, 3024}

// IsTemporary says whether the same call may work later without anybody doing something: the server is busy, restarting
// or out of reach. A caller should leave the shop alone for a while, longer each time.
func IsTemporary(err error) bool {
	var said *mysql.MySQLError
	if errors.As(err, &said) {
		return slices.Contains(busy, said.Number)
	}
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// quoted is the first name between quotes in a server's message.
func quoted(message string) string { return quotedBy(message, '\'') }

func quotedBy(message string, mark byte) string {
	if _, rest, ok := strings.Cut(message, string(mark)); ok {
		if name, _, ok := strings.Cut(rest, string(mark)); ok {
			return name
		}
	}
	return message
}
