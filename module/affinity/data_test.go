package affinity

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// data opens a public data set. The test is skipped where it is not.
func data(t *testing.T, name string) io.Reader {
	t.Helper()
	dir := os.Getenv("KUPEC_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data") // a sibling of the repository
	}
	file, err := os.Open(filepath.Join(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("skipped: no %s in %s (set KUPEC_DATA to a directory that has it)", name, dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	return unzipped
}

// line is a line of an order.
type line struct {
	customer, order, item string
	at                    time.Time
}

// onlineRetail is UCI's "Online Retail" as the literature cleans it: known customers, no returns, no postage.
func onlineRetail(t *testing.T) *Trade {
	t.Helper()
	r := csv.NewReader(data(t, "online_retail_uci352.csv.gz"))
	header, err := r.Read()
	if err != nil {
		t.Fatal(err)
	}
	column := func(name string) int {
		i := slices.Index(header, name)
		if i < 0 {
			t.Fatalf("no column %s in %v", name, header)
		}
		return i
	}
	invoice, code, quantity, at, price, customer := column("InvoiceNo"), column("StockCode"), column("Quantity"), column("InvoiceDate"), column("UnitPrice"), column("CustomerID")
	article := regexp.MustCompile(`^\d{5}[A-Za-z]*$`)
	var lines []line
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return trade(lines)
		}
		if err != nil {
			t.Fatal(err)
		}
		if row[customer] == "" || row[customer] == "NA" || strings.HasPrefix(row[invoice], "C") || strings.HasPrefix(row[quantity], "-") || row[quantity] == "0" ||
			strings.Trim(row[price], "0.") == "" || strings.HasPrefix(row[price], "-") || !article.MatchString(row[code]) {
			continue
		}
		when, err := time.Parse(time.DateTime, row[at])
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line{row[customer], row[invoice], strings.ToUpper(row[code]), when})
	}
}

// trade numbers customers and products by the order of their names.
func trade(lines []line) *Trade {
	items, orders, by := map[string]uint32{}, map[string]int64{}, map[string][]Purchase{}
	for _, l := range lines {
		items[l.item] = 0
	}
	for i, code := range slices.Sorted(maps.Keys(items)) {
		items[code] = uint32(i)
	}
	for _, l := range lines {
		if _, known := orders[l.order]; !known {
			orders[l.order] = int64(len(orders))
		}
		by[l.customer] = append(by[l.customer], Purchase{items[l.item], dayOf(l.at), orders[l.order]})
	}
	t := NewTrade(len(items), nil)
	for _, customer := range slices.Sorted(maps.Keys(by)) {
		t.Add(by[customer])
	}
	return t
}
