package recommend

import (
	"cmp"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// purchase is a line of a public data set.
type purchaseLine struct {
	customer, item string
	at             time.Time
}

// onlineRetail reads UCI's "Online Retail" as the literature cleans it: known customers, no returns, no postage. The test
// is skipped where the file is not.
func onlineRetail(t *testing.T) []purchaseLine {
	t.Helper()
	dir := os.Getenv("KUPEC_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data") // a sibling of the repository
	}
	file, err := os.Open(filepath.Join(dir, "online_retail_uci352.csv.gz"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("skipped: no Online Retail data at %s (set KUPEC_DATA to a directory that has it)", dir)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(unzipped)
	header, err := r.Read()
	if err != nil {
		t.Fatal(err)
	}
	column := func(name string) int {
		i := slices.IndexFunc(header, func(h string) bool { return strings.EqualFold(h, name) })
		if i < 0 {
			t.Fatalf("no column %s in %v", name, header)
		}
		return i
	}
	invoice, code, quantity, date, price, customer := column("InvoiceNo"), column("StockCode"), column("Quantity"), column("InvoiceDate"), column("UnitPrice"), column("CustomerID")
	article := regexp.MustCompile(`^\d{5}[A-Za-z]*$`)
	var lines []purchaseLine
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return lines
		}
		if err != nil {
			t.Fatal(err)
		}
		if row[customer] == "" || row[customer] == "NA" || strings.HasPrefix(row[invoice], "C") || strings.HasPrefix(row[quantity], "-") || row[quantity] == "0" ||
			strings.Trim(row[price], "0.") == "" || strings.HasPrefix(row[price], "-") || !article.MatchString(row[code]) {
			continue
		}
		at, err := time.Parse(dateLayout(row[date]), row[date])
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, purchaseLine{row[customer], strings.ToUpper(row[code]), at})
	}
}

func dateLayout(sample string) string {
	switch {
	case strings.Contains(sample, "T"):
		return "2006-01-02T15:04:05Z07:00"
	case strings.Count(sample, ":") == 2:
		return "2006-01-02 15:04:05"
	}
	return "2006-01-02 15:04"
}

// What people had not bought before and bought in the next 30 days must be found better than by listing what sells best,
// the baseline that is hardest to beat.
func TestOnRealTradeCrossSellBeatsBestSellers(t *testing.T) {
	t.Parallel()
	lines := onlineRetail(t)
	for _, cut := range []time.Time{time.Date(2011, 6, 1, 0, 0, 0, 0, time.UTC), time.Date(2011, 8, 1, 0, 0, 0, 0, time.UTC), time.Date(2011, 10, 1, 0, 0, 0, 0, time.UTC)} {
		ours, best, people := crossSellNDCG(t, lines, cut)
		t.Logf("Online Retail, %s: NDCG@10 of new products %.4f, best sellers of 30 days %.4f, %.2f times as good (%d customers)",
			cut.Format("2006-01"), ours, best, ours/best, people)
		if ours < 1.35*best {
			t.Errorf("%s: %.4f is not clearly above %.4f", cut.Format("2006-01"), ours, best)
		}
	}
}

func crossSellNDCG(t *testing.T, lines []purchaseLine, cut time.Time) (ours, best float64, people int) {
	t.Helper()
	items := map[string]uint32{}
	number := func(code string) uint32 {
		if _, ok := items[code]; !ok {
			items[code] = uint32(len(items))
		}
		return items[code]
	}
	before, after := map[string][]bought{}, map[string]map[int64]bool{}
	for _, l := range lines {
		item := number(l.item)
		switch {
		case l.at.Before(cut):
			before[l.customer] = append(before[l.customer], bought{item, dayNumber(l.at)})
		case l.at.Before(cut.AddDate(0, 0, 30)):
			if after[l.customer] == nil {
				after[l.customer] = map[int64]bool{}
			}
			after[l.customer][int64(item)] = true
		}
	}
	h := newHistory(len(items))
	lately := make([]map[string]bool, len(items))
	for i := range h.eligible {
		h.eligible[i], lately[i] = true, map[string]bool{}
	}
	today := dayNumber(cut)
	for customer, theirs := range before {
		for _, b := range theirs {
			if b.day >= today-fallbackDays {
				lately[b.item][customer] = true
			}
		}
		h.add(slices.Clone(theirs), today-recentDays)
	}
	kept, err := h.neighbours(t.Context(), 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	h.recount(kept)
	ties := map[int64][]link{}
	for i, some := range kept {
		for _, n := range some {
			ties[int64(i)] = append(ties[int64(i)], link{ProductID: int64(i), OtherID: int64(n.item), Score: n.score})
		}
	}
	var popular []sellerRow
	for i, buyers := range lately {
		popular = append(popular, sellerRow{ID: int64(i), Buyers: int64(len(buyers))})
	}
	slices.SortFunc(popular, func(a, b sellerRow) int { return cmp.Or(cmp.Compare(b.Buyers, a.Buyers), cmp.Compare(a.ID, b.ID)) })
	for customer, theirs := range before {
		has := map[int64]holding{}
		for _, b := range theirs {
			if old, ok := has[int64(b.item)]; !ok || int(today-b.day) < old.age {
				has[int64(b.item)] = holding{age: int(today - b.day), kept: true}
			}
		}
		target := map[int64]bool{}
		for id := range after[customer] {
			if _, owns := has[id]; !owns {
				target[id] = true
			}
		}
		if len(target) == 0 {
			continue
		}
		people++
		ours += ndcg(fillUp(choose(has, ties, nil, 10), has, popular, nil, 10), target)
		best += ndcg(fillUp(nil, has, popular, nil, 10), target)
	}
	return ours / float64(people), best / float64(people), people
}

func ndcg(picks []pick, target map[int64]bool) float64 {
	var gain, ideal float64
	for i, p := range picks {
		if target[p.product] {
			gain += 1 / math.Log2(float64(i)+2)
		}
	}
	for i := range min(10, len(target)) {
		ideal += 1 / math.Log2(float64(i)+2)
	}
	return gain / ideal
}
