package daemon_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// rhythmicShop writes an export in which 400 customers come at rates of their own, and leave at some time.
func rhythmicShop(t *testing.T) string {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	var lines strings.Builder
	lines.WriteString("Order;Customer;Date;SKU;Quantity;Price\n")
	order := 0
	for c := range 400 {
		gap, leave := 20/(.2+random.ExpFloat64()), .5*random.Float64()*random.Float64()
		for at := 100 * random.Float64(); at < 330; at += gap * random.ExpFloat64() {
			order++
			fmt.Fprintf(&lines, "%d;%d;%s;P%d;%d;%d,50\n", order, 1000+c, dateOf(int(at)), c%17, 1+order%3, 5+c%20)
			if random.Float64() < leave {
				break
			}
		}
	}
	path := filepath.Join(t.TempDir(), "orders.csv")
	if err := os.WriteFile(path, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func dateOf(day int) string {
	return time.Date(2024, 1, 1+day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}

func evaluated(t *testing.T, p *place, args ...string) map[string]any {
	t.Helper()
	out, errs, code := p.run(t, append(append([]string{"evaluate"}, args...), "--json")...)
	if code != 0 {
		t.Fatalf("%v: %d\n%s%s", args, code, out, errs)
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return got
}

func keys(m any) []string { return slices.Sorted(maps.Keys(m.(map[string]any))) }

func TestAnExportIsEvaluatedWithoutAShopOrADatabase(t *testing.T) {
	t.Parallel()
	p, file := newPlace(t), rhythmicShop(t)
	fit := evaluated(t, p, "fit", file, "--model", "mbgnbd", "--until", "2024-09-30", "--unit", "day")
	if diff := cmp.Diff([]string{"customers", "log_likelihood", "model", "params", "repeaters"}, keys(fit)); diff != "" || fit["customers"] != 400. {
		t.Errorf("%v\n%s", fit, diff)
	}
	if diff := cmp.Diff([]string{"a", "alpha", "b", "r"}, keys(fit["params"])); diff != "" {
		t.Error(diff)
	}
	fit = evaluated(t, p, "fit", file, "--model", "nbd", "--until", "2024-09-30", "--predict", "2024-11-30")
	if diff := cmp.Diff([]string{"actual_total", "auc", "customers", "expected_total", "log_likelihood", "mae", "model", "params", "repeaters"}, keys(fit)); diff != "" {
		t.Error(diff)
	}
	rfm := evaluated(t, p, "rfm", file, "--at", "2024-12-28", "--method", "nested")
	sum := 0.0
	for _, n := range rfm["cells"].(map[string]any) {
		sum += n.(float64)
	}
	if sum != 400 || len(keys(rfm["cells"])) != 125 {
		t.Errorf("%v customers in %v", sum, rfm)
	}
	next := evaluated(t, p, "next-order", file, "--until", "2024-06-30", "--to", "2024-12-28")
	if diff := cmp.Diff([]string{"conditional", "global_median", "personal_mean", "personal_waited"}, keys(next["mae"])); diff != "" || next["customers"] == 0. {
		t.Errorf("%v\n%s", next, diff)
	}
}

func TestRecommendationsAreTriedOnAnExport(t *testing.T) {
	t.Parallel()
	p, file := newPlace(t), rhythmicShop(t)
	got := evaluated(t, p, "recommend", file, "--cutoff", "2024-09-01,2024-07-01", "--horizon", "30d")
	if diff := cmp.Diff([]string{"cutoffs", "depth", "horizon_days"}, keys(got)); diff != "" {
		t.Error(diff)
	}
	cutoffs := got["cutoffs"].([]any)
	if len(cutoffs) != 2 || cutoffs[0].(map[string]any)["cutoff"] != "2024-07-01" {
		t.Fatalf("%v", cutoffs)
	}
	for _, c := range cutoffs {
		if diff := cmp.Diff([]string{"all", "cutoff", "decided", "method", "new"}, keys(c)); diff != "" {
			t.Error(diff)
		}
		rankings := c.(map[string]any)["all"].(map[string]any)["rankings"].(map[string]any)
		for _, name := range []string{"chosen", "popular_30d", "popular_90d", "popular_all", "personal_frequency", "cosine*recency", "llr+ridge"} {
			if rankings[name] == nil {
				t.Errorf("no %s among %v", name, keys(rankings))
				continue
			}
			if diff := cmp.Diff([]string{"coverage", "customers", "hit_rate", "ndcg", "precision", "recall"}, keys(rankings[name])); diff != "" {
				t.Error(diff)
			}
		}
	}
	out, errs, code := p.run(t, "evaluate", "recommend", file, "--cutoff", "2024-09-01")
	if code != 0 || !strings.Contains(out, "all that they bought") || !strings.Contains(out, "NDCG@10") {
		t.Errorf("%d %s%s", code, out, errs)
	}
	if _, errs, code := p.run(t, "evaluate", "recommend", file, "--cutoff", "2024-09-01", "--horizon", "a month"); code == 0 || !strings.Contains(errs, "not a number of days like 30d") {
		t.Errorf("%d %s", code, errs)
	}
}

func TestAnExportThatCannotBeEvaluatedSaysWhatToDo(t *testing.T) {
	t.Parallel()
	p, file := newPlace(t), rhythmicShop(t)
	broken := filepath.Join(t.TempDir(), "broken.csv")
	if err := os.WriteFile(broken, []byte("customer,date,price\n1,2024-01-01,5\n1,yesterday,5\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"a day of none":    {[]string{"rfm", file, "--at", "2024-02-30"}, `--at: "2024-02-30" is not a date`},
		"before the shop":  {[]string{"rfm", file, "--at", "2020-02-20"}, "the file goes from 2024-01-01 to"},
		"a bad line":       {[]string{"rfm", broken, "--at", "2024-02-20"}, `broken.csv: line 3, column "date": "yesterday" is not a date`},
		"a wrong map":      {[]string{"rfm", file, "--at", "2024-12-20", "--map", "Kunde=customer"}, `there is no column "Kunde"; the file has "Order", "Customer"`},
		"worth, predicted": {[]string{"fit", file, "--model", "gammagamma", "--until", "2024-06-30", "--predict", "2024-09-30"}, "leave out --predict"},
		"too few":          {[]string{"fit", file, "--model", "bgnbd", "--until", "2024-01-05"}, "and at least 50 are needed"},
		"no expression":    {[]string{"next-order", file, "--until", "2024-06-30", "--to", "2024-07-30", "--products", "("}, "--products: error parsing regexp"},
		"no such file":     {[]string{"rfm", file + "x", "--at", "2024-12-20"}, "no such file"},
	} {
		if out, errs, code := p.run(t, append([]string{"evaluate"}, tt.args...)...); code == 0 || !strings.Contains(errs, tt.want) || out != "" {
			t.Errorf("%s: %d %s%s, want %s", name, code, out, errs, tt.want)
		}
	}
	if out, errs, code := p.run(t, "evaluate", "rfm", broken, "--at", "2024-02-20", "--skip-bad"); code != 0 || !strings.Contains(errs, "left out, unreadable: 1 lines") || !strings.Contains(out, "1 customers in 1 cells") {
		t.Errorf("%d %s%s", code, out, errs)
	}
}

func TestThePublishedFitsComeFromTheCommand(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("KUPEC_DATA")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "..", "shared", "data") // a sibling of the repository
	}
	file, err := filepath.Abs(filepath.Join(dir, "cdnow_sample.csv.gz")) // the command runs in a directory of its own
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		t.Skipf("skipped: no CDNOW data at %s (set KUPEC_DATA to a directory that has it)", file)
	}
	p := newPlace(t)
	fit := evaluated(t, p, "fit", file, "--model", "bgnbd", "--until", "1997-09-30", "--unit", "week", "--predict", "1998-06-30")
	got := fmt.Sprintf("%.2f %.0f %.0f", fit["log_likelihood"], fit["expected_total"], fit["actual_total"])
	if got != "-9582.43 1653 1882" {
		t.Errorf("%s of %v", got, fit)
	}
	cells := evaluated(t, p, "rfm", file, "--at", "1997-09-30")["cells"].(map[string]any)
	if len(cells) != 67 || cells["555"] != 240. || cells["111"] != 147. {
		t.Errorf("%d cells: %v", len(cells), cells)
	}
}
