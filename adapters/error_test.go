package adapters_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"

	"github.com/kupec/kupec/adapters"
)

func TestWhatADatabaseSaysBecomesSomethingToDo(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err       error
		say       string
		schema    bool
		temporary bool
	}{
		{&mysql.MySQLError{Number: 1146, Message: "Table 'shop.wp_options' doesn't exist"}, "table shop.wp_options", true, false},
		{&mysql.MySQLError{Number: 1054, Message: "Unknown column 'o.total' in 'SELECT'"}, "column o.total", true, false},
		{&mysql.MySQLError{Number: 1142, Message: "SELECT command denied"}, "GRANT SELECT", false, false},
		{&mysql.MySQLError{Number: 1969, Message: "max_statement_time exceeded"}, "too busy", false, true},
		{&mysql.MySQLError{Number: 1040, Message: "Too many connections"}, "reading orders", false, true},
		{fmt.Errorf(`sql: Scan error on column index 2, name "total_amount": %w`, strconv.ErrSyntax), "column total_amount", true, false},
		{mysql.ErrInvalidConn, "reading orders", false, true},
		{errors.New("something else"), "reading orders", false, false},
		{context.Canceled, "reading orders", false, false},
	} {
		err := adapters.QueryError("woocommerce", "orders", tt.err)
		var schema *adapters.SchemaError
		if !errors.Is(err, tt.err) || !strings.Contains(err.Error(), tt.say) || errors.As(err, &schema) != tt.schema {
			t.Errorf("%v became %v", tt.err, err)
		}
		if got := adapters.IsTemporary(err); got != tt.temporary {
			t.Errorf("%v: temporary %v", tt.err, got)
		}
	}
	if err := adapters.QueryError("woocommerce", "orders", nil); err != nil {
		t.Errorf("no error became %v", err)
	}
}

func TestAServerThatIsNotThereIsTemporary(t *testing.T) {
	t.Parallel()
	db, err := adapters.Open("shop@tcp(127.0.0.1:1)/shop", adapters.OpenConfig{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.PingContext(t.Context()); !adapters.IsTemporary(err) {
		t.Errorf("got %v", err)
	}
}
