package sqlmap

import (
	"database/sql"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/kupec/kupec/adapters/foreign"
)

// wide is a table with a column of each kind that a test wants.
func wide() *schema {
	columns := map[string]string{"id": "int", "a": "varchar", "b": "varchar", "n": "decimal", "m": "decimal", "at": "datetime", "stamp": "timestamp", "made": "int", "flag": "bit"}
	t := &liveTable{indexes: []index{{name: "PRIMARY", unique: true, columns: []string{"id"}}}}
	for name, kind := range columns {
		t.columns = append(t.columns, liveColumn{name: name, kind: kind, full: kind})
	}
	return &schema{tables: map[string]*liveTable{"x": t}}
}

func fileOf(fields string) string {
	return "kupec: 1\nplatform: p\nversion: v\nshop: {fields: {name: {text: n}, url: {text: u}, currency: {text: EUR}, zone: {text: UTC}}}\n" +
		"orders: {table: x, key: id, status: {word: a}, fields: {total: n, placed_at: at}}\ncustomers:\n  table: x\n  key: id\n  fields:\n    email: a\n" + fields
}

func TestValuesAreWorkedOutFromWhatTheColumnsHold(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("Europe/Ljubljana")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		field, expr string
		row         map[string]any // of columns; what is not in it is NULL
		want        string         // of times, in UTC; "!": the row is set aside
	}{
		{"phone", "a", map[string]any{"a": " 041 "}, "041"},
		{"phone", "a", map[string]any{"a": "<b>Tom</b> &amp; Ann"}, "Tom & Ann"},
		{"phone", "{text: fixed}", nil, "fixed"},
		{"phone", "{first: [a, b]}", map[string]any{"a": " ", "b": "2"}, "2"},
		{"phone", "{first: [a, b]}", nil, ""},
		{"phone", "{concat: [a, b], with: -}", map[string]any{"a": "1", "b": "2"}, "1-2"},
		{"phone", "{concat: [a, b], with: -}", map[string]any{"b": "2"}, "2"},
		{"phone", "{concat: [a, b], all: yes}", map[string]any{"b": "2"}, ""},
		{"phone", "{concat: [a, b], all: yes}", map[string]any{"a": "1", "b": "2"}, "12"},
		{"phone", `{map: n, to: {"1": one, "2": two}, else: b}`, map[string]any{"n": "2"}, "two"},
		{"phone", `{map: a, to: {Da: "yes"}, else: {text: other}}`, map[string]any{"a": "DA "}, "yes"},
		{"phone", `{map: a, to: {Da: "yes"}, else: {text: other}}`, map[string]any{"a": "ne"}, "other"},
		{"phone", `{map: a, to: {Da: "yes"}}`, map[string]any{"a": "ne"}, ""},
		{"phone", `{map: a, to: {"": nobody}}`, nil, "nobody"},
		{"phone", "{blank: a, if: ['-', '0']}", map[string]any{"a": "-"}, ""},
		{"phone", "{blank: a, if: ['-', '0']}", map[string]any{"a": "0.00"}, ""},
		{"phone", "{blank: a, if: '-'}", map[string]any{"a": "1"}, "1"},
		{"phone", "{minor: n}", map[string]any{"n": "1050"}, "10.5"},
		{"phone", "{minor: n, digits: 3}", map[string]any{"n": "-1050"}, "-1.05"},
		{"phone", "{minor: n}", nil, ""},
		{"phone", "{minor: a}", map[string]any{"a": "many"}, "!"},
		{"phone", "{add: [n, m]}", map[string]any{"n": "0.1", "m": "0.2"}, "0.3"},
		{"phone", "{add: [n, m]}", map[string]any{"m": "0.2"}, "0.2"},
		{"phone", "{add: [n, m]}", nil, ""},
		{"phone", "{subtract: [n, m]}", map[string]any{"n": "1", "m": "0.9"}, "0.1"},
		{"phone", "{subtract: [n, m]}", map[string]any{"m": "0.9"}, "-0.9"},
		{"phone", "{times: [n, m]}", map[string]any{"n": "1.1", "m": "3"}, "3.3"},
		{"phone", "{times: [n, m]}", map[string]any{"n": "1.1"}, ""},
		{"phone", "{when: n, then: a, else: b}", map[string]any{"n": "0", "a": "1", "b": "2"}, "2"},
		{"phone", "{when: at, then: a, else: b}", map[string]any{"at": "0000-00-00 00:00:00", "a": "1", "b": "2"}, "2"},
		{"phone", "{when: at, then: a, else: b}", map[string]any{"at": "2024-01-01 00:00:00", "a": "1", "b": "2"}, "1"},
		{"phone", "{when: {value: a, is: [x, y]}, then: b}", map[string]any{"a": "Y", "b": "2"}, "2"},
		{"phone", "{when: {value: n, is: 1}, then: b}", map[string]any{"n": "1.00", "b": "2"}, "2"},
		{"phone", "{when: {value: a, not: x}, then: b}", map[string]any{"b": "2"}, "2"},
		{"phone", "{when: {value: a, not: x}, then: b}", map[string]any{"a": "x", "b": "2"}, ""},
		{"phone", "{when: {value: a, null: yes}, then: b}", map[string]any{"b": "2"}, "2"},
		{"phone", "{when: {value: a, null: no, not: x}, then: b}", map[string]any{"b": "2"}, ""},
		{"phone", "{when: [n, {value: a, is: x}], then: b}", map[string]any{"n": "1", "a": "y", "b": "2"}, ""},
		{"phone", "{when: [n, {value: a, is: x}], then: b}", map[string]any{"n": "1", "a": "x", "b": "2"}, "2"},
		{"registered_at", "at", map[string]any{"at": "2024-01-01 10:00:00"}, "2024-01-01 09:00:00"},
		{"registered_at", "at", map[string]any{"at": "0000-00-00 00:00:00"}, ""},
		{"registered_at", "at", map[string]any{"at": "2024-02-31 10:00:00"}, "!"},
		{"registered_at", "stamp", map[string]any{"stamp": "2024-01-01 10:00:00"}, "2024-01-01 10:00:00"},
		{"registered_at", "{time: at, zone: America/New_York}", map[string]any{"at": "2024-01-01 10:00:00"}, "2024-01-01 15:00:00"},
		{"registered_at", "{time: stamp, zone: America/New_York}", map[string]any{"stamp": "2024-01-01 10:00:00"}, "2024-01-01 10:00:00"},
		{"registered_at", "{unix: made}", map[string]any{"made": "1704103200"}, "2024-01-01 10:00:00"},
		{"registered_at", "{unix: made}", map[string]any{"made": "0"}, ""},
		{"registered_at", "{first: [at, {unix: made}]}", map[string]any{"at": "0000-00-00 00:00:00", "made": "1704103200"}, "2024-01-01 10:00:00"},
		{"registered_at", "{blank: at, if: '1970-01-01 00:00:00'}", map[string]any{"at": "1970-01-01 00:00:00"}, ""},
		{"registered_at", "{concat: [a, b], with: ' '}", map[string]any{"a": "2024-01-01", "b": "10:00:00"}, "2024-01-01 09:00:00"},
		{"registered_at", "{when: flag, then: at, else: {unix: made}}", map[string]any{"flag": "0", "made": "1704103200"}, "2024-01-01 10:00:00"},
		{"registered_at", "{map: a, to: {old: 2001-01-01}, else: at}", map[string]any{"a": "old"}, "2000-12-31 23:00:00"},
	} {
		f, err := parse([]byte(fileOf("    "+tt.field+": "+tt.expr+"\n")), "f")
		if err != nil {
			t.Errorf("%s: %v", tt.expr, err)
			continue
		}
		p := &problems{}
		pl := f.plan(p, wide())["customers"]
		if err := p.err(); err != nil {
			t.Errorf("%s: %v", tt.expr, err)
			continue
		}
		rec := record{pl: pl, r: &row{zone: zone, check: foreign.NewCheck(map[string]string{})}}
		for _, slot := range pl.slots {
			name := strings.TrimSuffix(strings.Trim(strings.TrimPrefix(slot, "t."), "`"), "`+0")
			text, known := tt.row[name].(string)
			rec.r.texts = append(rec.r.texts, sql.NullString{String: text, Valid: known})
		}
		got := rec.text(tt.field)
		if tt.field == "registered_at" {
			if got = ""; !rec.time(tt.field).IsZero() {
				got = rec.time(tt.field).Format(time.DateTime)
			}
		}
		if rec.r.check.Failed() {
			got = "!"
		}
		if got != tt.want {
			t.Errorf("%s of %v is %q, want %q", tt.expr, tt.row, got, tt.want)
		}
	}
}

var (
	// what is a name or a literal in a statement
	names    = regexp.MustCompile("`[\\pL\\pN_$-]+`")
	literals = regexp.MustCompile(`'-?[0-9]*'|_utf8mb4 x'[0-9a-f]*'`)
	// and what is left is of the program
	program = regexp.MustCompile(`^(SELECT|FROM|LEFT|JOIN|ON|WHERE|AND|OR|NOT|IN|IS|NULL|TRUE|COUNT|SUM|MIN|MAX|COALESCE|ORDER|BY|DESC|LIMIT|CAST|AS|BINARY|[tcf]|[0-9]+|[(),.=>*+\s])*$`)
)

// everything is a schema that has all that a file names: what is found to be missing is put into it.
func everything(f *file) *schema {
	s := &schema{tables: map[string]*liveTable{}}
	for _, name := range f.tables {
		s.tables[name] = &liveTable{}
	}
	for range 2 { // a column of a lookup may be looked for only when those before it are there
		p := &problems{}
		f.plan(p, s)
		for _, e := range p.list {
			words, ok := strings.CutPrefix(e.missing, "column ")
			if !ok {
				continue
			}
			name, table, _ := strings.Cut(words, " of table ")
			t := s.tables[table]
			if _, there := t.column(name); there {
				continue
			}
			kind := "varchar" // which can be a number, a date and a text
			if strings.Contains(name, "id") {
				kind = "int"
			}
			t.columns = append(t.columns, liveColumn{name: name, kind: kind, full: kind, nullable: true})
			t.indexes = append(t.indexes, index{name: name, unique: true, columns: []string{name}})
		}
	}
	return s
}

// statements are all that a section makes the database read.
func (pl *plan) statements() []string {
	list := []string{pl.statement("TRUE"), pl.source.Own, pl.source.Table, pl.source.ID, pl.source.Time}
	for _, feed := range pl.source.Feeds {
		list = append(list, feed.Table, feed.ID, feed.Target, feed.Where)
	}
	for _, part := range pl.source.Parts {
		list = append(list, part.Table, part.Key, part.Where, strings.Join(part.Columns, ","))
	}
	for _, part := range pl.parts {
		list = append(list, part.statements()...)
	}
	return list
}

func FuzzFile(f *testing.F) {
	f.Add(Example())
	f.Add(Sylius())
	f.Add(fileOf("    phone: {map: a, to: {\"'\": \"`\"}, else: {text: '{x}'}}\n  where: [{value: a, is: [\"\\\\'\", 7, -7, ~]}, {value: a, not: x, null: yes}]\n"))
	f.Add(fileOf("    phone: {latest: y.a, table: y, of: {y.id: x.id}, by: y.at, joins: {table: z, on: {z.id: y.id, z.b: {text: \"b'\"}}}}\n"))
	f.Add("a: &a [*a]\n")
	f.Add("? [x]\n: y\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := parse([]byte(text), "f.yaml")
		if err != nil {
			for _, line := range strings.Split(err.Error(), "\n") {
				if line == "" {
					t.Errorf("an error without words: %q", err)
				}
			}
			return
		}
		for name, pl := range file.plan(&problems{}, everything(file)) {
			for _, statement := range pl.statements() {
				if !clean(statement) {
					t.Errorf("%s: the file's words are in a statement: %s", name, statement)
				}
			}
		}
	})
}

// clean says whether a statement is made of names, literals and the program's own words.
func clean(statement string) bool {
	return program.MatchString(literals.ReplaceAllString(names.ReplaceAllString(statement, " "), " "))
}

func TestNothingOfAFileIsInAStatementButNamesAndLiterals(t *testing.T) {
	t.Parallel()
	for _, text := range []string{Example(), Sylius()} {
		file, err := parse([]byte(text), "example.yaml")
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, pl := range file.plan(&problems{}, everything(file)) {
			for _, statement := range pl.statements() {
				if n++; !clean(statement) {
					t.Errorf("not clean: %s", statement)
				}
			}
		}
		if n < 50 {
			t.Errorf("%d statements and pieces of them were looked at", n)
		}
	}
	for _, bad := range []string{"SELECT x", "`a`;", "'x'", "`a``", "SELECT `a` INTO `b`", "_utf8mb4 x'g'"} {
		if clean(bad) {
			t.Errorf("%q is clean", bad)
		}
	}
}
