package evaluate_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/module/affinity"
	"github.com/kupec/kupec/module/evaluate"
	"github.com/kupec/kupec/module/insight"
	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/predict"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (run the test with -update if that is meant):\n%s", path, diff)
	}
}

func reported(t testing.TB, o *evaluate.Orders) evaluate.Report {
	t.Helper()
	r, err := o.Report(t.Context(), evaluate.Reporting{Name: "orders.csv", Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func asJSON(t testing.TB, r evaluate.Report) string {
	t.Helper()
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text) + "\n"
}

// A file of eight lines bears sums and says of everything else what is missing for it.
func TestASmallExportIsToldToTheCent(t *testing.T) {
	t.Parallel()
	o, err := evaluate.Read(t.Context(), filepath.Join("testdata", "orders.csv"), evaluate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "report.json", asJSON(t, reported(t, o)))
}

// comingShop is an export in which 400 customers come at rates of their own, buy pairs, and leave at some time.
func comingShop() string {
	random := rand.New(rand.NewPCG(1, 2))
	var lines strings.Builder
	lines.WriteString("order,customer,date,sku,quantity,price,currency\n")
	order := 0
	for c := range 400 {
		gap, leave := 20/(.2+random.ExpFloat64()), .3*random.Float64()
		for at := 100 * random.Float64(); at < 330; at += 1 + gap*random.ExpFloat64() {
			order++
			date, pair := evaluate.Date(19723+int32(at)).Format("2006-01-02"), random.IntN(9)
			fmt.Fprintf(&lines, "%d,%d,%s,A%d,%d,%d.25,EUR\n", order, c, date, pair, 1+order%3, 5+c%20)
			if random.IntN(3) > 0 {
				fmt.Fprintf(&lines, "%d,%d,%s,B%d,1,2.10,EUR\n", order, c, date, pair)
			}
			if random.Float64() < leave {
				break
			}
		}
	}
	return lines.String()
}

// shape lists the keys of JSON by their paths, those of named things and of all elements of a list as one.
func shape(path string, v any, named []string, into map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for key, part := range v {
			if slices.Contains(named, path) {
				key = "*"
			}
			shape(path+"."+key, part, named, into)
		}
	case []any:
		for _, part := range v {
			shape(path+"[]", part, named, into)
		}
	default:
		into[fmt.Sprintf("%s %T", path, v)] = true
	}
}

func TestTheKeysOfAReportStay(t *testing.T) {
	t.Parallel()
	var got any
	if err := json.Unmarshal([]byte(asJSON(t, reported(t, read(t, comingShop(), evaluate.Options{})))), &got); err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{}
	shape("", got, []string{".file.left_out", ".file.columns", ".outlook.params", ".outlook.worth.params", ".recommendations.cutoffs[].all.rankings", ".recommendations.cutoffs[].new.rankings"}, keys)
	var lines []string
	for key := range keys {
		lines = append(lines, key)
	}
	slices.Sort(lines)
	golden(t, "report_keys.txt", strings.Join(lines, "\n")+"\n")
}

// Whatever way customers and their money are cut, the parts are the whole, and that is what the lines add up to.
func TestThePartsOfAReportAddUpToTheFile(t *testing.T) {
	t.Parallel()
	o := read(t, comingShop(), evaluate.Options{})
	r := reported(t, o)
	var spent evaluate.Amount
	for _, amount := range o.Lines.Amount {
		spent += evaluate.Amount(amount)
	}
	people, money, orders := map[string]int{}, map[string]evaluate.Amount{}, 0
	for _, m := range r.Sales.Months {
		people["months"], money["months"] = people["months"]+m.New, money["months"]+*m.Revenue
		orders += m.Orders
	}
	for _, c := range r.RFM.Cells {
		people["cells"], money["cells"] = people["cells"]+c.Customers, money["cells"]+*c.Spent
	}
	for _, g := range r.RFM.Groups {
		people["groups"] += g.Customers
		if g.Spent != nil {
			money["groups"] += *g.Spent
		}
	}
	for _, c := range r.Cohorts.Months {
		people["cohorts"], money["cohorts"] = people["cohorts"]+c.Customers, money["cohorts"]+c.Revenue[len(c.Revenue)-1]
	}
	for name, n := range people {
		if n != 400 || money[name] != spent {
			t.Errorf("%s: %d customers, %d, want 400, %d", name, n, money[name], spent)
		}
	}
	if len(people) != 4 || orders != o.Count || r.Sales.Orders != o.Count || *r.Sales.Revenue != spent || r.File.Rows != o.Lines.Len() {
		t.Errorf("%d ways, %+v", len(people), r.Sales)
	}
}

// The report says what the modes say: nothing is worked out twice.
func TestAReportAgreesWithTheModes(t *testing.T) {
	t.Parallel()
	o := read(t, comingShop(), evaluate.Options{})
	r := reported(t, o)
	_, last := o.Span()
	choice, err := predict.Choose(o.Visits(), last, predict.Days, predict.FitOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Outlook.Model != string(choice.Fitted.Model.Kind()) || len(r.Outlook.Candidates) != len(predict.Kinds) || r.Outlook.Candidates[choice.Best].Deviance != choice.Candidates[choice.Best].Score.Deviance {
		t.Errorf("%+v", r.Outlook)
	}
	ranking, err := o.Rank(last, "independent")
	if err != nil {
		t.Fatal(err)
	}
	cells := map[string]int{}
	for cell, n := range ranking.Cells {
		cells[cell[:2]] += n
	}
	for _, c := range r.RFM.Cells {
		if name := fmt.Sprintf("%d%d", c.Recency, c.Frequency); cells[name] != c.Customers {
			t.Errorf("%s has %d, want %d", name, c.Customers, cells[name])
		}
	}
	if len(r.Recommendations.Cutoffs) != 4 || r.Recommendations.Mean[0].New.NDCG < r.Recommendations.Mean[1].New.NDCG {
		t.Errorf("%+v", r.Recommendations)
	}
}

// A key that no catalogue knows is said as it is, and so is a name that nobody fills in: none may be.
func TestEverySentenceOfThePageIsKnown(t *testing.T) {
	t.Parallel()
	words, err := locale.Load(evaluate.Locales)
	if err != nil {
		t.Fatal(err)
	}
	r := reported(t, read(t, comingShop(), evaluate.Options{}))
	for language, title := range map[string]string{"en": "Value and churn", "sl": "Vrednost in odhajanje"} {
		var page strings.Builder
		if err := r.WriteHTML(&page, words.Printer(language, nil)); err != nil {
			t.Fatal(err)
		}
		_, body, _ := strings.Cut(page.String(), "</style>")
		if !strings.Contains(body, title) || strings.Contains(body, "{") || strings.Contains(body, "evaluate.") {
			t.Errorf("%s: a sentence is not known, or not filled in:\n%s", language, body)
		}
	}
}

func TestWhateverAReportCanSayHasWords(t *testing.T) {
	t.Parallel()
	words, err := locale.Load(evaluate.Locales)
	if err != nil {
		t.Fatal(err)
	}
	said := map[string][]string{
		"lack":       {"customers", "repeaters", "early", "returned", "values", "days", "gaps", "rhythms", "visits", "returns", "pairs", "column"},
		"left":       {"no_customer", "returned", "free", "other_product", "other_currency", "unreadable"},
		"model":      evaluate.Models,
		"degenerate": {string(predict.NoDropout), string(predict.Diverged)},
		"instead":    {string(predict.KindNBD), predict.Limit, predict.Winsorised, predict.Shrunken},
		"worth":      {evaluate.GammaGamma, predict.Winsorised, predict.Shrunken},
		"ranking":    {evaluate.Chosen, affinity.Popular30, affinity.Popular90, affinity.PopularAll, affinity.Frequent},
	}
	for _, k := range predict.Kinds {
		said["model"] = append(said["model"], string(k))
	}
	for _, g := range insight.Groups {
		said["group"] = append(said["group"], string(g), string(g)+".about")
	}
	for _, f := range evaluate.Fields {
		said["field"] = append(said["field"], string(f))
	}
	for kind, names := range said {
		for _, name := range names {
			if key := "evaluate." + kind + "." + name; !words.Has(key) {
				t.Errorf("no catalogue has %s", key)
			}
		}
	}
}

// What is counted by hand here is told of a pair, and it is told once.
func TestAPairIsToldWithItsNumbers(t *testing.T) {
	t.Parallel()
	var lines strings.Builder
	lines.WriteString("customer,order,date,product,name\n")
	for i := range 40 {
		fmt.Fprintf(&lines, "%d,%d,2024-03-01,A,Tea\n", i, i)
		if i < 30 {
			fmt.Fprintf(&lines, "%d,%d,2024-03-01,B,Pot\n", i, i)
		}
	}
	for i := 40; i < 100; i++ {
		fmt.Fprintf(&lines, "%d,%d,2024-03-02,C,\n", i, i)
	}
	got := reported(t, read(t, lines.String(), evaluate.Options{})).Pairs
	if got.Orders != 100 || len(got.Pairs) != 1 || got.Missing != nil {
		t.Fatalf("%+v", got)
	}
	p := got.Pairs[0]
	if p.LLR < 10.83 {
		t.Errorf("%+v", p)
	}
	p.LLR = 0
	if diff := cmp.Diff(evaluate.Pair{First: "B", FirstName: "Pot", Second: "A", SecondName: "Tea", Both: 30, Firsts: 30, Seconds: 40, Confidence: 1, Lift: 2.5}, p); diff != "" {
		t.Error(diff)
	}
}

func TestAReportThatIsCalledOffStops(t *testing.T) {
	t.Parallel()
	o := read(t, comingShop(), evaluate.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	var steps []evaluate.Step
	_, err := o.Report(ctx, evaluate.Reporting{Workers: 1, Progress: func(s evaluate.Step, _ float64) {
		if steps = append(steps, s); s == evaluate.StepPairing {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || steps[0] != evaluate.StepCounting || steps[len(steps)-1] == evaluate.StepTrying {
		t.Errorf("%v after %v", err, steps)
	}
}

func TestOnlineRetailIsReported(t *testing.T) {
	t.Parallel()
	r := reported(t, onlineRetail(t))
	near(t, "revenue", r.Sales.Revenue.Decimal().InexactFloat64(), 8_761_066.65, .005)
	if diff := cmp.Diff([]int{541_909, 396_337, 4_334, 18_402}, []int{r.File.Rows, r.File.Lines, r.Sales.Customers, r.Sales.Orders}); diff != "" {
		t.Error(diff)
	}
	if d := r.Outlook.Candidates[0].Degenerate; r.Outlook.Model != "nbd" || d == nil || d.Reason != predict.NoDropout || r.Outlook.Lost.Customers != 0 {
		t.Errorf("nobody is seen to leave this shop, and BG/NBD is told: %+v", r.Outlook)
	}
	if mae := r.NextOrders.Backtest.MAE; mae.Conditional >= mae.PersonalWaited || mae.Conditional >= mae.GlobalMedian {
		t.Errorf("next orders: %+v", mae)
	}
	if p := r.Pairs.Pairs[0]; len(r.Pairs.Pairs) != 20 || p.Both < 500 || p.Confidence < .7 {
		t.Errorf("pairs: %+v", r.Pairs)
	}
	by := map[string]float64{}
	for _, m := range r.Recommendations.Mean {
		by[m.Ranking] = m.New.NDCG
	}
	t.Logf("what is new to people: chosen %.4f, best sellers of 30 days %.4f", by["chosen"], by["popular_30d"])
	if by["chosen"] < 1.3*by["popular_30d"] {
		t.Errorf("%v", by)
	}
}
