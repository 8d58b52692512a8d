package sqlmap_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/adaptertest"
	"github.com/kupec/kupec/adapters/sqlmap"
)

// lines are those of an error's text.
func lines(err error) []string {
	if err == nil {
		return nil
	}
	return strings.Split(err.Error(), "\n")
}

func TestAMistakeInTheFileIsToldWithItsPlace(t *testing.T) {
	t.Parallel()
	valid := minimal("UTC", plainOrders)
	edit := func(old, with string) string {
		if !strings.Contains(valid, old) {
			t.Fatalf("there is no %q in the file", old)
		}
		return strings.Replace(valid, old, with, 1)
	}
	for _, tt := range []struct {
		name, text string
		want       string // how a line of the error begins; empty: nothing is wrong
	}{
		{"empty", "", "shop.yaml:1:1: The file is empty."},
		{"not YAML", "kupec: 1\n\t- x: [", "shop.yaml:2: This is not YAML"},
		{"a list", "- a", "shop.yaml:1:1: Here stands a mapping"},
		{"two documents", valid + "---\nx: 1\n", "shop.yaml:1:1: The file holds more than one document"},
		{"an alias", edit("o.total", "&a o.total"), "shop.yaml:11:19: Anchors and aliases"},
		{"no form", strings.Replace(valid, "kupec: 1\n", "", 1), "shop.yaml:2:1: The first line says"},
		{"an unknown key", edit("  key:", "  kee:"), `shop.yaml:9:3: orders.kee is "kee": There is no such key here. The nearest names: key, feeds, where.`},
		{"a key twice", valid + "  key: o.id\n", `shop.yaml:13:3: orders.key is "key": This key is here twice.`},
		{"an unknown field", edit("total: o.total", "totall: o.total"), `shop.yaml:11:12: orders.fields.totall is "totall": There is no such key here. The nearest names: total,`},
		{"a field that is missing", edit("total: o.total, ", ""), `shop.yaml:11:11: orders.fields: The field total is missing.`},
		{"an unknown alias", edit("o.total", "oo.total"), `shop.yaml:11:19: orders.fields.total is "oo.total": No table goes by the word oo here. The nearest names: o.`},
		{"no column's name", edit("o.total", `"SUM(o.total)"`), `shop.yaml:11:19: orders.fields.total is "SUM(o.total)": Here stands a column`},
		{"no table's name", edit("orders o", "orders` o"), "shop.yaml:8:10: orders.table is \"orders` o\": \"orders`\" is not a name"},
		{"another database", edit("orders o", "mysql.user o"), `shop.yaml:8:10: orders.table is "mysql.user o": "mysql.user" is not a name`},
		{"an unknown status", edit("new: pending", "new: payed"), `shop.yaml:10:40: orders.status.words.new is "payed": A status is one of pending, paid,`},
		{"an unknown operator", edit("o.total", "{cents: o.total}"), `shop.yaml:11:19: orders.fields.total: A value that is no column has one of the words`},
		{"an operator's unknown neighbour", edit("o.total", "{minor: o.total, digit: 2}"), `shop.yaml:11:36: orders.fields.total.digit is "digit": There is no such key here. The nearest names: digits, minor.`},
		{"too many digits", edit("o.total", "{minor: o.total, digits: 9}"), `shop.yaml:11:44: orders.fields.total.digits is "9": Here stands a whole number from 0 to 8.`},
		{"an unknown zone", edit("zone: {text: UTC}", "zone: {time: x, zone: Mars}"), `shop.yaml:6:`},
		{"a lookup of nothing", edit("o.total", "{sum: l.total, table: lines l}"), `shop.yaml:11:19: orders.fields.total: The key of is missing`},
		{"a flag in where", valid + "  where: [o.total]\n", `shop.yaml:13:11: orders.where[0] is "o.total": Where needs is, not or null`},
		{"a text in where", valid + "  where: {value: {first: [o.total]}, is: 1}\n", `shop.yaml:13:10: orders.where: Where compares a column`},
		{"a join without on", valid + "  joins: {table: x}\n", `shop.yaml:13:10: orders.joins: The key on is missing`},
		{"a join from its other side", valid + "  joins: {table: x, on: {o.id: x.id}}\n", `shop.yaml:13:26: orders.joins.on.o.id is "o.id": On the left stands a column of the table itself`},
		{"an alias twice", valid + "  joins: {table: x o, on: {o.id: o.id}}\n", `shop.yaml:13:18: orders.joins.table is "x o": The word o already stands for the table orders`},
		{"an inner join", valid + "  joins: {table: x, on: {x.id: o.id}}\n", ""},
		{"another table's key", strings.Replace(valid+"  joins: {table: x, on: {x.id: o.id}}\n", "key: o.id", "key: x.id", 1), `shop.yaml:9:8: orders.key is "x.id": This must be a column of the table itself, orders.`},
		{"four feeds", valid + "  feeds: [{table: a, key: id, row: o}, {table: b, key: id, row: o}, {table: c, key: id, row: o}, {table: d, key: id, row: o}]\n", `shop.yaml:13:10: orders.feeds: There can be 3 feeds.`},
		{"deep", edit("o.total", strings.Repeat("{minor: ", 12)+"o.total"+strings.Repeat("}", 12)), `shop.yaml:11:`},
		{"large", valid + strings.Repeat("#", 300<<10), "shop.yaml:1:1: The file has more than 256 KiB"},
	} {
		_, err := sqlmap.New(nil, []byte(tt.text), sqlmap.Config{})
		if tt.want == "" {
			if err != nil {
				t.Errorf("%s: %v", tt.name, err)
			}
			continue
		}
		var at *sqlmap.FileError
		if !errors.As(err, &at) || !slices.ContainsFunc(lines(err), func(line string) bool { return strings.HasPrefix(line, tt.want) }) {
			t.Errorf("%s:\n got %v\nwant %s…", tt.name, err, tt.want)
		}
	}
}

func TestAllMistakesOfAFileAreToldAtOnceInItsOrder(t *testing.T) {
	t.Parallel()
	text := strings.NewReplacer("key: o.id", "key: p.id", "new: pending", "new: waiting", "o.total", "x.total", "o.changed}", "y.changed}").Replace(minimal("UTC", plainOrders))
	_, err := sqlmap.New(nil, []byte(text), sqlmap.Config{File: "my.yaml"})
	var paths []string
	for _, line := range lines(err) {
		place, rest, _ := strings.Cut(line, ": ")
		path, _, _ := strings.Cut(rest, " is ")
		paths = append(paths, place+" "+path)
	}
	want := []string{"my.yaml:9:8 orders.key", "my.yaml:10:40 orders.status.words.new", "my.yaml:11:19 orders.fields.total", "my.yaml:11:61 orders.fields.changed_at"}
	if strings.Join(paths, "\n") != strings.Join(want, "\n") {
		t.Errorf("got %q\nwant %q", paths, want)
	}
}

const tables = `CREATE TABLE orders (id int PRIMARY KEY, ref binary(16), code int UNIQUE, state varchar(20), total decimal(10,2), placed datetime, made int, changed datetime, day date);
CREATE TABLE order_lines (id int PRIMARY KEY, order_id int, parent int, total decimal(10,2), KEY (parent));
CREATE TABLE addresses (id int PRIMARY KEY, order_id int, town varchar(20), KEY (order_id));
CREATE TABLE uuids (id binary(16) PRIMARY KEY, total decimal(10,2));
`

func TestWhatTheDatabaseLacksIsToldWithItsPlaceAndTheNearestNames(t *testing.T) {
	t.Parallel()
	_, db := shops(t, tables, nil)
	valid := minimal("UTC", plainOrders)
	lookup := func(s string) string { return strings.Replace(valid, "total: o.total", "total: "+s, 1) }
	for _, tt := range []struct {
		name, text    string
		missing, want string // in the SchemaError, and the file's line
	}{
		{"a table", strings.Replace(valid, "table: orders o", "table: order o", 1), "table order is missing",
			`shop.yaml:8:10: orders.table is "order o": In the database `},
		{"the nearest tables", strings.Replace(valid, "table: orders o", "table: order o", 1), "", "The nearest names: orders, "},
		{"a column", lookup("o.totl"), "column totl of table orders is missing", `shop.yaml:11:19: orders.fields.total is "o.totl": Table orders has no column totl. The nearest names: total,`},
		{"an integer key", strings.NewReplacer("orders o", "uuids o").Replace(valid), "", `shop.yaml:9:8: orders.key is "o.id": This column is binary(16). Rows are told apart by whole numbers here`},
		{"a primary key", strings.Replace(valid, "key: o.id", "key: o.code", 1), "a primary key code of table orders", `shop.yaml:9:8: orders.key is "o.code": code is not the primary key of table orders`},
		{"a reference by number", lookup("o.total, customer: o.ref"), "a key of whole numbers in column ref of table orders", "needs an adapter of its own"},
		{"a number", lookup("o.placed"), "a number in column placed", `shop.yaml:11:19: orders.fields.total is "o.placed": This column is datetime, which is no number.`},
		{"seconds as a date", strings.Replace(valid, "placed_at: o.placed", "placed_at: o.made", 1), "a date in column made", `{unix: made}`},
		{"money as a date", strings.Replace(valid, "placed_at: o.placed", "placed_at: o.total", 1), "a date in column total", "decimal(10,2)"},
		{"a lookup's index", lookup("{sum: l.total, table: order_lines l, of: {l.order_id: o.id}}"), "an index on order_id of table order_lines", "No index of table order_lines begins with order_id"},
		{"a sum of texts is none", lookup("{sum: a.town, table: addresses a, of: {a.order_id: o.id}, where: {value: a.twn, is: x}}"), "column twn of table addresses", "The nearest names: town"},
		{"a lines' index", valid + "  lines: {table: order_lines l, key: l.id, of: l.order_id, fields: {name: l.id, total: l.total}}\n", "an index on order_id of table order_lines", "shop.yaml:13:"},
		{"a join's unique index", valid + "  joins: {table: addresses a, on: {a.order_id: o.id}, left: yes}\n", "a unique index on order_id of table addresses", "Several rows of addresses may go with one row"},
		{"a time of change", strings.Replace(valid, "changed: o.changed\n", "changed: o.day\n", 1), "a time of change in column day", `shop.yaml:12:12: orders.changed is "o.day": This column is date`},
		{"seconds of change", strings.Replace(valid, "changed: o.changed\n", "changed: {unix: o.changed}\n", 1), "seconds since 1970 in column changed", "whole numbers"},
		{"a feed's key", valid + "  feeds: {table: order_lines l, key: l.parent, row: l.order_id}\n", "a primary key parent", "by which new rows are found"},
	} {
		shop, err := sqlmap.New(db, []byte(tt.text), sqlmap.Config{})
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		_, err = shop.Describe(t.Context())
		var schema *adapters.SchemaError
		var at *sqlmap.FileError
		if !errors.As(err, &schema) || !errors.As(err, &at) || !strings.Contains(err.Error(), tt.missing) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s:\n got %v\nwant %s, %s", tt.name, err, tt.missing, tt.want)
		}
		if _, err := shop.Orders(t.Context(), "", 1); !errors.As(err, &schema) {
			t.Errorf("%s: reading orders fails otherwise: %v", tt.name, err)
		}
	}
}

func TestTheShopsOwnSettingsAreLookedThrough(t *testing.T) {
	t.Parallel()
	owner, db := shops(t, schema(t, "sylius-2.0"), sylius{})
	for _, tt := range []struct{ statement, text, want string }{
		{"", strings.Replace(sqlmap.Sylius(), "Europe/Ljubljana", "Europe/Emona", 1), `shop.zone: "Europe/Emona" is not the name of a time zone`},
		{"UPDATE sylius_currency SET code = '' WHERE id = 4", sqlmap.Sylius(), `shop.currency: "" is not the code of a currency`},
		{"DELETE FROM sylius_channel", sqlmap.Sylius(), "No row of this table fits"},
	} {
		if tt.statement != "" {
			execute(t, owner, tt.statement)
		}
		_, err := attach(t, db, tt.text, adaptertest.Now).Describe(t.Context())
		var at *sqlmap.FileError
		if !errors.As(err, &at) || at.Line < 10 || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v\nwant %s", err, tt.want)
		}
	}
}

func TestAMissingRightIsToldForTheTable(t *testing.T) {
	t.Parallel()
	owner, _ := shops(t, tables, nil)
	var database string
	if err := owner.QueryRow("SELECT DATABASE()").Scan(&database); err != nil {
		t.Fatal(err)
	}
	db := limited(t, owner, database, "addresses")
	shop := attach(t, db, minimal("UTC", plainOrders), adaptertest.Now)
	if _, err := shop.Describe(t.Context()); err == nil || !strings.Contains(err.Error(), "the user can see no table orders") || !strings.Contains(err.Error(), "SELECT") {
		t.Errorf("got %v", err)
	}
}
