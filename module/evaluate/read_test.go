package evaluate_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/module/evaluate"
	"github.com/kupec/kupec/module/sheet"
)

func write(t testing.TB, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "orders.csv")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t testing.TB, content string, opt evaluate.Options) *evaluate.Orders {
	t.Helper()
	o, err := evaluate.Read(t.Context(), write(t, content), opt)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

const shop = `Order ID;Customer ID;Order date;SKU;Product name;Category;Qty;Unit price;Currency
7;100;2024-03-01 23:30:00;b-2;Filters;Coffee;2;3,50;EUR
7;100;2024-03-01 23:30:00;A-1;Beans;Coffee;1;12.00;EUR
7;20;2024-03-02 00:10:00;a-1;;;1;12.00;EUR
8;20;2024-03-02 09:00:00;C-3;Cup;;-1;5.00;EUR
9;NA;2024-03-02 09:00:00;C-3;Cup;;1;5.00;EUR
10;100;2024-02-01;A-1;Beans;Coffee;1;0;EUR
`

func TestAnExportIsReadWithoutBeingToldItsColumns(t *testing.T) {
	t.Parallel()
	got := read(t, shop, evaluate.Options{})
	midnight := func(d int) int64 { return time.Date(2024, 3, d, 0, 0, 0, 0, time.UTC).Unix() }
	want := &evaluate.Orders{
		Customers: []string{"20", "100"}, Products: []string{"A-1", "B-2"}, Categories: []string{"Coffee"},
		Names: []string{"Beans", "Filters"}, CategoryOf: []uint32{0, 0}, Count: 3, Currency: "EUR",
		Lines: evaluate.Lines{
			Customer: []uint32{1, 1, 0, 1}, Order: []uint32{0, 0, 1, 2}, Product: []uint32{1, 0, 0, 0},
			At:       []int64{midnight(2) - 1800, midnight(2) - 1800, midnight(2) + 600, time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC).Unix()},
			Quantity: []float32{2, 1, 1, 1}, Price: []int64{35_000, 120_000, 120_000, 0}, Amount: []int64{70_000, 120_000, 120_000, 0},
		},
		Columns: map[evaluate.Field]string{evaluate.Order: "Order ID", evaluate.Customer: "Customer ID", evaluate.Day: "Order date", evaluate.Product: "SKU",
			evaluate.Name: "Product name", evaluate.Category: "Category", evaluate.Quantity: "Qty", evaluate.Price: "Unit price", evaluate.Currency: "Currency"},
		Left: map[evaluate.Reason]int{evaluate.Returned: 1, evaluate.NoCustomer: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	start, lines := got.ByCustomer()
	if diff := cmp.Diff([]uint32{0, 1, 4}, start); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]uint32{2, 3, 0, 1}, lines); diff != "" {
		t.Errorf("a customer's lines are not the oldest first:\n%s", diff)
	}
	first, last := got.Span()
	if evaluate.Date(first).Format(time.DateOnly) != "2024-02-01" || last != evaluate.DayOf(time.Date(2024, 3, 2, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("from %v to %v", evaluate.Date(first), evaluate.Date(last))
	}
}

func TestAnExportMayBePacked(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := w.Write([]byte(shop))
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(read(t, shop, evaluate.Options{}), read(t, packed.String(), evaluate.Options{})); diff != "" {
		t.Error(diff)
	}
	broken := packed.Bytes()[:packed.Len()-12]
	if _, err := evaluate.Read(t.Context(), write(t, string(broken)), evaluate.Options{}); err == nil {
		t.Error("a packed file that is cut off is taken for whole")
	}
}

func TestTheCallerSaysWhatIsTakenAndLearnsWhatIsNot(t *testing.T) {
	t.Parallel()
	got := read(t, shop, evaluate.Options{Paid: true, Products: regexp.MustCompile(`^A`)})
	if diff := cmp.Diff(map[evaluate.Reason]int{evaluate.NoCustomer: 1, evaluate.OtherProduct: 2, evaluate.Free: 1}, got.Left); diff != "" || got.Lines.Len() != 2 {
		t.Errorf("%d lines\n%s", got.Lines.Len(), diff)
	}
}

func TestColumnsCanBeSaidAndTheClockIsTheShops(t *testing.T) {
	t.Parallel()
	ljubljana, err := time.LoadLocation("Europe/Ljubljana")
	if err != nil {
		t.Fatal(err)
	}
	got := read(t, "who,when,what,EUR paid\nana@Example.si,2024-03-01T23:30:00Z,x,5\nbor@example.si,03/02/2024,x,\"1,234.50\"\n", evaluate.Options{
		Columns: map[string]evaluate.Field{"who": evaluate.Email, "when": evaluate.Day, "what": evaluate.Product, "EUR paid": evaluate.Price},
		Zone:    ljubljana, Dates: sheet.MonthFirst,
	})
	if diff := cmp.Diff([]string{"ana@example.si", "bor@example.si"}, got.Customers); diff != "" {
		t.Error(diff)
	}
	for i := range 2 {
		if day := evaluate.Date(got.Lines.Day(i)); day.Day() != 2 {
			t.Errorf("line %d lies on %v", i, day)
		}
	}
	if got.Lines.Amount[1] != 12_345_000 || got.Count != 2 {
		t.Errorf("%d, %d orders", got.Lines.Amount[1], got.Count)
	}
}

func TestWhatIsWrongIsNamedWithItsLineAndColumn(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		content, want string
		opt           evaluate.Options
	}{
		"no date":          {"customer,price\n1,2\n", `no column tells the date; say which one does: --map COLUMN=date. The file has "customer", "price"`, evaluate.Options{}},
		"no such column":   {"customer,date\n1,2024-01-01\n", `there is no column "when"`, evaluate.Options{Columns: map[string]evaluate.Field{"when": evaluate.Day}}},
		"no such field":    {"customer,date\n1,2024-01-01\n", `column "date" is said to tell "moment"; it can tell customer, order`, evaluate.Options{Columns: map[string]evaluate.Field{"date": "moment"}}},
		"a day of none":    {"customer,date\n1,2024-01-01\n1,2024-02-30\n", `line 3, column "date": "2024-02-30" is not a date`, evaluate.Options{}},
		"an early day":     {"customer,date\n1,1024-02-10\n", `line 2, column "date": "1024-02-10" is not within`, evaluate.Options{}},
		"a word for price": {"customer,date,price\n1,2024-01-01,free\n", `line 2, column "price": "free" is not a number`, evaluate.Options{}},
		"a doubtful price": {"customer;date;price\n1;2024-01-01;1,234\n", `line 2, column "price": "1,234" can be`, evaluate.Options{}},
		"infinite":         {"customer,date,qty\n1,2024-01-01,Inf\n", `line 2, column "qty": "Inf" is not a number`, evaluate.Options{}},
		"huge":             {"customer,date,price\n1,2024-01-01,999999999999999\n", `line 2, column "price": "999999999999999" is too large`, evaluate.Options{}},
		"huge together":    {"customer,date,price,qty\n1,2024-01-01,99999999,999999\n", `line 2, column "price": the line costs too much`, evaluate.Options{}},
		"a long customer":  {"customer,date\n" + strings.Repeat("x", 201) + ",2024-01-01\n", `line 2, column "customer": "xxxx`, evaluate.Options{}},
		"two currencies":   {"customer,date,currency\n1,2024-01-01,EUR\n1,2024-01-01,USD\n", `line 3: the file has amounts in EUR and in USD; choose one with --currency`, evaluate.Options{}},
		"no currency":      {"customer,date,currency\n1,2024-01-01,euro\n", `line 2, column "currency": "EURO" is not a currency`, evaluate.Options{}},
		"empty":            {"", `the file is empty`, evaluate.Options{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := evaluate.Read(t.Context(), write(t, tt.content), tt.opt)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v\nwant %s", err, tt.want)
			}
		})
	}
}

func TestLinesThatCannotBeReadAreLeftOutOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	got := read(t, "customer,date\n1,2024-01-01\n1,never\n1,2024-01-02\n", evaluate.Options{SkipBad: true})
	var cell *evaluate.CellError
	if got.Lines.Len() != 2 || got.Left[evaluate.Unreadable] != 1 || !errors.As(got.FirstBad, &cell) || cell.Line != 3 {
		t.Errorf("%+v", got)
	}
}

func TestReadingEndsWhenItIsCalledOff(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := evaluate.Read(ctx, write(t, shop), evaluate.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func FuzzAnyFileIsReadOrRefused(f *testing.F) {
	f.Add([]byte(shop))
	f.Add([]byte("customer,date,price\n1,20240101,\"1,5\"\n"))
	f.Add([]byte("email\tcreated at\nx@y.z\t2024-01-01T00:00:00+99:99\n"))
	f.Add([]byte{0x1f, 0x8b, 8, 0, 0, 0})
	f.Fuzz(func(t *testing.T, content []byte) {
		if bytes.HasPrefix(content, []byte("PK")) {
			t.Skip("an .xlsx file is package sheet's")
		}
		path := filepath.Join(t.TempDir(), "orders")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		o, err := evaluate.Read(t.Context(), path, evaluate.Options{SkipBad: true})
		if err != nil {
			return
		}
		l := o.Lines
		for i := range l.Len() {
			if int(l.Customer[i]) >= len(o.Customers) || int(l.Order[i]) >= o.Count || l.Product[i] != evaluate.None && int(l.Product[i]) >= len(o.Products) {
				t.Fatalf("line %d has a number that nothing has", i)
			}
			if l.At[i] < 0 || !(l.Quantity[i] > 0) || l.Price[i] < 0 || l.Amount[i] < 0 {
				t.Fatalf("line %d: %d, %g at %d", i, l.At[i], l.Quantity[i], l.Price[i])
			}
		}
	})
}
