package daemon_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAnExportAloneIsTurnedIntoAPage(t *testing.T) {
	t.Parallel()
	p, file := newPlace(t), rhythmicShop(t)
	out, errs, code := p.run(t, "evaluate", file)
	if code != 0 || !strings.Contains(out, "400 customers") || !strings.Contains(out, "The report is in orders.html.") {
		t.Fatalf("%d %s%s", code, out, errs)
	}
	path := filepath.Join(p.dir, "orders.html")
	page, err := os.ReadFile(path)
	if err != nil || !strings.HasPrefix(string(page), "<!doctype html>\n<html lang=\"en\">") || !strings.HasSuffix(string(page), "</html>\n") {
		t.Fatalf("%v: %.200s", err, page)
	}

	out, errs, code = p.run(t, "evaluate", file, "--language", "sl")
	if again, err := os.ReadFile(path); code == 0 || err != nil || string(again) != string(page) || !strings.Contains(errs, "orders.html is there already; choose another name with --output, or write over it with --force") {
		t.Errorf("%d %v %s%s", code, err, out, errs)
	}
	out, errs, code = p.run(t, "evaluate", "report", file, "--language", "sl", "--force")
	if again, err := os.ReadFile(path); code != 0 || err != nil || !strings.Contains(string(again), `<html lang="sl">`) || !strings.Contains(string(again), "Naslednja naročila") {
		t.Errorf("%d %v %s%s", code, err, out, errs)
	}
	onlyIn(t, p.dir, "orders.html")
}

// onlyIn says what else is in a directory, hidden files too.
func onlyIn(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if diff := cmp.Diff(names, got); diff != "" {
		t.Error(diff)
	}
}

func TestAReportsNumbersArePrinted(t *testing.T) {
	t.Parallel()
	p, file := newPlace(t), rhythmicShop(t)
	report := evaluated(t, p, file)
	if diff := cmp.Diff([]string{"cohorts", "file", "next_orders", "outlook", "pairs", "recommendations", "rfm", "sales"}, keys(report)); diff != "" {
		t.Error(diff)
	}
	onlyIn(t, p.dir)
	evaluated(t, p, file, "--output", "both.html")
	onlyIn(t, p.dir, "both.html")
}

func TestAReportThatCannotBeMadeLeavesNothing(t *testing.T) {
	t.Parallel()
	p, file := newPlace(t), rhythmicShop(t)
	two := filepath.Join(t.TempDir(), "two.csv")
	if err := os.WriteFile(two, []byte("customer,date,price,currency\n1,2024-01-01,5,EUR\n1,2024-02-01,5,USD\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"no such language":   {[]string{file, "--language", "tlh"}, `--language: "tlh" is not one of en, sl`},
		"no such directory":  {[]string{file, "--output", "nowhere/report.html"}, "nowhere/report.html: "},
		"several currencies": {[]string{two}, "choose one with --currency"},
		"no such file":       {[]string{file + "x"}, "no such file"},
	} {
		if out, errs, code := p.run(t, append([]string{"evaluate"}, tt.args...)...); code == 0 || !strings.Contains(errs, tt.want) || out != "" {
			t.Errorf("%s: %d %s%s, want %s", name, code, out, errs, tt.want)
		}
	}
	onlyIn(t, p.dir)
	out, errs, code := p.run(t, "evaluate", two, "--currency", "usd", "--json")
	var report struct {
		File struct{ Currency string }
	}
	if err := json.Unmarshal([]byte(out), &report); code != 0 || err != nil || report.File.Currency != "USD" {
		t.Errorf("%d %v %s%s", code, err, out, errs)
	}
}
