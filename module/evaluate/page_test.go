package evaluate

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jba/templatecheck"
	"golang.org/x/net/html"

	"github.com/kupec/kupec/module/locale"
)

func catalogue(t *testing.T) *locale.Catalogue {
	t.Helper()
	words, err := locale.Load(Locales)
	if err != nil {
		t.Fatal(err)
	}
	return words
}

// written is the page of an export, as text and as a tree.
func written(t *testing.T, export, name, language string) (string, *html.Node) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "orders.csv")
	if err := os.WriteFile(path, []byte(export), 0o600); err != nil {
		t.Fatal(err)
	}
	o, err := Read(t.Context(), path, Options{SkipBad: true})
	if err != nil {
		t.Fatal(err)
	}
	r, err := o.Report(t.Context(), Reporting{Name: name, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	var page bytes.Buffer
	if err := r.WriteHTML(&page, catalogue(t).Printer(language, nil)); err != nil {
		t.Fatal(err)
	}
	tree, err := html.Parse(bytes.NewReader(page.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	return page.String(), tree
}

func TestThePageFitsItsType(t *testing.T) {
	t.Parallel()
	if err := templatecheck.CheckHTML(pageTemplate, page{}); err != nil {
		t.Error(err)
	}
}

func TestSlovenesReadAllThatEnglishReadersDo(t *testing.T) {
	t.Parallel()
	words := catalogue(t)
	if missing := words.Missing("sl"); len(missing) > 0 {
		t.Errorf("missing in Slovene: %v", missing)
	}
	for _, key := range words.Keys("sl") {
		if diff := cmp.Diff(words.Placeholders("en", key), words.Placeholders("sl", key)); diff != "" {
			t.Errorf("%s names other things than in English:\n%s", key, diff)
		}
	}
}

// allowed are the elements of a page that runs nothing and loads nothing.
var allowed = strings.Fields("html head meta title style body main header h1 h2 h3 p nav a section div dl dt dd figure svg g line text rect path circle details summary table thead tbody tr th td small span footer")

// harmless finds whatever could run, load or send something.
func harmless(t *testing.T, n *html.Node) {
	t.Helper()
	if n.Type == html.ElementNode {
		if !slices.Contains(allowed, n.Data) {
			t.Errorf("the page has a <%s>", n.Data)
		}
		for _, a := range n.Attr {
			link := a.Key == "href" && n.Data == "a" && strings.HasPrefix(a.Val, "#")
			if strings.HasPrefix(a.Key, "on") || a.Key == "src" || a.Key == "style" || strings.Contains(a.Key, "href") && !link {
				t.Errorf("<%s> has %s=%q", n.Data, a.Key, a.Val)
			}
		}
	}
	for child := range n.ChildNodes() {
		harmless(t, child)
	}
}

func TestNothingThatAFileSaysRunsInThePage(t *testing.T) {
	t.Parallel()
	const evil = `<script>alert(1)</script><img src=x onerror=alert(1)>' onload=x </style>`
	var export strings.Builder
	export.WriteString("customer;order;date;<s>ku;product name;category\n") // its letters make a head that is known
	for i := range 60 {
		for month := 1; month <= 6; month++ {
			fmt.Fprintf(&export, "%d;%d-%d;2024-%02d-%02d;%s;</title>%s;{{.}}\n", i, i, month, month, 1+i%28, fmt.Sprint(i%3)+evil, evil)
			fmt.Fprintf(&export, "%d;%d-%d;2024-%02d-%02d;%s;</title>%s;{{.}}\n", i, i, month, month, 1+i%28, fmt.Sprint(i%3+3)+evil, evil)
		}
	}
	fmt.Fprintf(&export, "1;1;%s;a;b;c\n", evil)
	page, tree := written(t, export.String(), `"><script>`, "en")
	harmless(t, tree)
	if n := strings.Count(page, "&lt;script&gt;alert(1)"); n < 3 {
		t.Errorf("the names are told %d times: the test shows nothing", n)
	}
}

func TestThinDataAreToldWhatTheyLack(t *testing.T) {
	t.Parallel()
	const thin = "customer,date\n1,2024-01-01\n2,2024-01-02\n1,2024-02-01\n"
	for language, want := range map[string][]string{
		"en": {"Missing: days of history. The file has 32, and at least 112 are needed", "Missing: purchases after an earlier one. The file has 1, and at least 30 are needed", "Missing: a column that tells the price", "--map COLUMN=product", "2 customers and 3 orders, 1 Jan 2024 to 1 Feb 2024"},
		"sl": {"Manjka: dnevi zgodovine. V datoteki: 32", "Manjka stolpec, ki pove: cena", "2 stranki, naročil: 3"},
	} {
		page, tree := written(t, thin, "thin.csv", language)
		harmless(t, tree)
		for _, sentence := range want {
			if !strings.Contains(page, sentence) {
				t.Errorf("%s: the page does not say %q", language, sentence)
			}
		}
	}
}

// The lines of a chart that has one place, or nothing but noughts, stay within it.
func TestAChartOfLittleIsDrawn(t *testing.T) {
	t.Parallel()
	plain := func(f float64) string { return fmt.Sprint(f) }
	for _, values := range [][]float64{{0}, {7}, {0, 0}, {1e-9, 3e12}} {
		p := plot{Places: make([]string, len(values)), Series: []series{{Values: values}}, Value: plain, Tick: plain}
		for _, c := range []*chart{p.bars(), p.lines()} {
			if len(c.Ticks) < 2 || len(c.Ticks) > 7 || len(c.Table.Rows) != len(values) {
				t.Errorf("%v: %+v", values, c)
			}
			for _, l := range c.Lines {
				if strings.Contains(l.Path, "NaN") || strings.Contains(l.Path, "-") {
					t.Errorf("%v: %s", values, l.Path)
				}
			}
		}
	}
}

// Nobody is half a customer: an axis of counts has whole numbers only.
func TestAnAxisOfCountsHasWholeNumbers(t *testing.T) {
	t.Parallel()
	plain := func(f float64) string { return fmt.Sprint(f) }
	c := plot{Places: []string{""}, Series: []series{{Values: []float64{2}}}, Value: plain, Tick: plain, Whole: true}.bars()
	var got []string
	for _, tick := range c.Ticks {
		got = append(got, tick.Text)
	}
	if diff := cmp.Diff([]string{"0", "1", "2"}, got); diff != "" {
		t.Error(diff)
	}
}
