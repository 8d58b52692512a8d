package evaluate_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/module/evaluate"
)

// data is the place of a public data set. The test is skipped where it is not.
func data(t testing.TB, name string) string {
	t.Helper()
	dir := os.Getenv("KUPEC_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data") // a sibling of the repository
	}
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("skipped: no %s in %s (set KUPEC_DATA to a directory that has it)", name, dir)
	}
	return path
}

// articles are Online Retail's goods: no postage, no fees, no gift vouchers.
var articles = regexp.MustCompile(`^\d{5}[A-Z]*$`)

func onlineRetail(t testing.TB) *evaluate.Orders {
	t.Helper()
	o, err := evaluate.Read(t.Context(), data(t, "online_retail_uci352.csv.gz"), evaluate.Options{Products: articles, Paid: true})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func cdnow(t testing.TB) *evaluate.Orders {
	t.Helper()
	o, err := evaluate.Read(t.Context(), data(t, "cdnow_sample.csv.gz"), evaluate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// The counts are those of the literature after its cleaning: known customers, no returns, goods only.
func TestOnlineRetailIsReadAsTheLiteratureCleansIt(t *testing.T) {
	t.Parallel()
	begun := time.Now()
	o := onlineRetail(t)
	t.Logf("read in %v, left out: %v", time.Since(begun).Round(time.Millisecond), o.Left)
	var revenue int64
	for _, amount := range o.Lines.Amount {
		revenue += amount
	}
	got := []int{o.Lines.Len(), len(o.Customers), len(o.Products), o.Count, int(revenue / (evaluate.Unit / 100))}
	if diff := cmp.Diff([]int{396_337, 4_334, 3_659, 18_402, 876_106_665}, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheCDNowLogIsRead(t *testing.T) {
	t.Parallel()
	o := cdnow(t)
	if o.Lines.Len() != 6_919 || len(o.Customers) != 2_357 || o.Columns[evaluate.Price] != "dollars" || o.Columns[evaluate.Customer] != "sample_id" {
		t.Errorf("%d lines, %d customers, %v", o.Lines.Len(), len(o.Customers), o.Columns)
	}
}
