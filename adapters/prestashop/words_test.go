package prestashop

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/foreign"
)

func number(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func inZone(t *testing.T, name string, now string) *reader {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse(time.RFC3339, now)
	if err != nil {
		t.Fatal(err)
	}
	return &reader{zone: loc, now: at}
}

func TestAStateMeansWhatTheSettingsAndElseItsFlagsSay(t *testing.T) {
	t.Parallel()
	r := &reader{settings: map[string]string{stateCancelled: "26", stateRefunded: "27", stateFailed: "28", "PS_OS_BANKWIRE": "30"}}
	states := map[int64]state{
		22: {paid: true, counts: true, words: words{name: "Plačilo sprejeto"}}, 24: {paid: true, shipped: true, counts: true}, 26: {words: words{name: "Preklicano"}},
		27: {}, 28: {paid: true}, 30: {}, 33: {counts: true}, 34: {shipped: true}, 40: {words: words{name: "packing"}},
	}
	for _, tt := range []struct {
		id   int64
		want adapters.Status
		raw  string
		gone bool
	}{
		{22, adapters.StatusPaid, "Plačilo sprejeto", false}, {24, adapters.StatusCompleted, "24", false}, {26, adapters.StatusCancelled, "Preklicano", false},
		{27, adapters.StatusRefunded, "27", false}, {28, adapters.StatusFailed, "28", false}, {30, adapters.StatusPending, "30", false},
		{33, adapters.StatusPending, "33", false}, {34, adapters.StatusOther, "34", false}, {40, adapters.StatusOther, "packing", false},
		{99, adapters.StatusOther, "99", false}, {0, adapters.StatusOther, "0", true},
	} {
		if status, raw, gone := r.status(tt.id, states); status != tt.want || raw != tt.raw || gone != tt.gone {
			t.Errorf("state %d: %s, %q, gone %v; want %s, %q, %v", tt.id, status, raw, gone, tt.want, tt.raw, tt.gone)
		}
	}
}

func TestAPriceIsAsAVisitorSeesIt(t *testing.T) {
	t.Parallel()
	with, without := map[int64]decimal.Decimal{5: number("22")}, map[int64]decimal.Decimal{}
	none := combination{}
	for _, tt := range []struct {
		name         string
		tariff       tariff
		price        string
		combination  combination
		now, regular string
	}{
		{"with tax", tariff{taxed: true, rates: with, places: 2}, "8.114754", none, "9.9", ""},
		{"the group sees none", tariff{rates: with, places: 2}, "8.114754", none, "8.114754", ""},
		{"no tax there", tariff{taxed: true, rates: without, places: 2}, "0.0125", none, "0.0125", ""},
		{"no decimals", tariff{taxed: true, rates: with, places: 0}, "100.000000", none, "122", ""},
		{"a combination costs more", tariff{taxed: true, rates: with, places: 2}, "10", combination{1, "", "2.5"}, "15.25", ""},
		{"an amount with tax", tariff{taxed: true, rates: with, places: 2, special: map[int64][]special{1: {{price: "-1", reduction: "2.2", withTax: true}}}}, "10", none, "10", "12.2"},
		{"an amount without", tariff{taxed: true, rates: with, places: 2, special: map[int64][]special{1: {{price: "-1", reduction: "1"}}}}, "10", none, "10.98", "12.2"},
		{"an amount with tax, seen without", tariff{rates: with, places: 2, special: map[int64][]special{1: {{price: "-1", reduction: "1", withTax: true}}}}, "10", none, "9", "10"},
		{"percent", tariff{taxed: true, rates: with, places: 2, special: map[int64][]special{1: {{price: "-1", reduction: "0.25", percent: true}}}}, "10", none, "9.15", "12.2"},
		{"more than all", tariff{places: 2, special: map[int64][]special{1: {{price: "-1", reduction: "99"}}}}, "10", none, "0", "10"},
		{"another price", tariff{places: 2, special: map[int64][]special{1: {{price: "7", reduction: "0"}}}}, "10", combination{1, "", "1"}, "8", "11"},
		{"another price of the combination", tariff{places: 2, special: map[int64][]special{1: {{combination: 1, price: "7", reduction: "0"}}}}, "10", combination{1, "", "1"}, "7", "11"},
		{"another combination's", tariff{places: 2, special: map[int64][]special{1: {{combination: 2, price: "7", reduction: "0"}}}}, "10", combination{1, "", "1"}, "11", ""},
		{"the first counts", tariff{places: 2, special: map[int64][]special{1: {{price: "-1", reduction: "2", order: 2}}, 0: {{price: "-1", reduction: "1", order: 1}}}}, "10", none, "9", "10"},
	} {
		p := product{id: 1, price: tt.price, taxGroup: 5, forSale: true}
		errs := foreign.NewCheck(map[string]string{})
		q := tt.tariff.price(p, tt.combination, errs)
		if got, was := q.text(p), q.regularText(p); got != tt.now || was != tt.regular || errs.Failed() {
			t.Errorf("%s: %s, before %q; want %s, before %q", tt.name, got, was, tt.now, tt.regular)
		}
	}
}

func TestWhatVouchersTakeOffIsTakenOffTheLinesToTheCent(t *testing.T) {
	t.Parallel()
	amounts := func(texts ...string) (list []decimal.Decimal) {
		for _, s := range texts {
			list = append(list, number(s))
		}
		return list
	}
	for _, tt := range []struct {
		off           string
		amounts, want []decimal.Decimal
	}{
		{"0", amounts("10", "5.000001"), amounts("10", "5.000001")},
		{"-1", amounts("10"), amounts("10")}, // the vouchers paid for less than the shipping
		{"1", amounts("10", "10", "10"), amounts("9.6666", "9.6667", "9.6667")},
		{"3", amounts("0", "10"), amounts("0", "7")},
		{"40", amounts("10", "5"), amounts("0", "0")}, // more than there is
		{"1", amounts(), amounts()},
	} {
		if diff := cmp.Diff(tt.want, reduced(tt.amounts, number(tt.off)), cmp.Comparer(func(a, b decimal.Decimal) bool { return a.Equal(b) })); diff != "" && len(tt.want) > 0 {
			t.Errorf("%s off %v (-want +got):\n%s", tt.off, tt.amounts, diff)
		}
	}
}

func TestVouchersThatPayForShippingReduceNoLine(t *testing.T) {
	t.Parallel()
	details := []detail{{id: 1, quantity: "1", gross: "12.2", net: "10"}}
	o := order{discount: "6.1", discountNet: "5", shipping: "4.88", shippingNet: "4"}
	lines := orderLines(details, o, []voucher{{freeShipping: true}, {name: "10 %"}}, foreign.NewCheck(map[string]string{}))
	if lines[0].Total != "10.98" || lines[0].Tax != "1.98" {
		t.Errorf("got %+v", lines[0])
	}
}

func TestACouponIsWhatSomebodyTypedIn(t *testing.T) {
	t.Parallel()
	got := codes([]voucher{{name: "Spring sale", code: "SPRING&amp;TEA"}, {name: "Everybody's gift"}, {name: "A sale of long ago", ruleGone: true}})
	if diff := cmp.Diff([]string{"SPRING&TEA", "A sale of long ago"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestACreditSlipIsWorthWhatWentBack(t *testing.T) {
	t.Parallel()
	r := &reader{zone: time.UTC}
	for _, tt := range []struct {
		name string
		slip slip
		want string
	}{
		{"the amount is without tax", slip{goods: "22.68", goodsNet: "18.90", shipping: "0", amount: "18.90"}, "22.68"},
		{"the amount is with tax", slip{goods: "22.68", goodsNet: "18.90", shipping: "0", amount: "22.68"}, "22.68"},
		{"with shipping, whose type is that of a chosen amount", slip{goods: "12.2", goodsNet: "10", shipping: "6.1", amount: "10", shippingAmount: "5", chosen: true}, "18.3"},
		{"a chosen amount", slip{goods: "12.2", goodsNet: "10", shipping: "0", amount: "4", chosen: true}, "4"},
		{"less a voucher", slip{goods: "10.2", goodsNet: "10", shipping: "0", amount: "10"}, "10.2"},
		{"before 1.6", slip{amount: "9.5", shippingAmount: "0.5"}, "10"},
		{"nothing", slip{goods: "0", amount: "0"}, ""},
	} {
		errs := foreign.NewCheck(map[string]string{})
		refund, ok := r.refund(tt.slip, errs)
		if got := refund.Amount; ok != (tt.want != "") || ok && got != tt.want || errs.Failed() {
			t.Errorf("%s: %q (%v), want %q", tt.name, got, ok, tt.want)
		}
	}
}

func TestASettingForTheShopGoesBeforeThoseForMore(t *testing.T) {
	t.Parallel()
	rows := []setting{{"A", "shop", 1, 2}, {"A", "all", 0, 0}, {"A", "group", 1, 0}, {"B", "", 0, 0}, {"A", "another's", 1, 3}}
	for _, tt := range []struct {
		name, want  string
		shop, group int64
	}{{"A", "shop", 2, 1}, {"A", "group", 4, 1}, {"A", "all", 5, 2}, {"B", "", 2, 1}, {"C", "", 2, 1}} {
		if got := narrowest(rows, tt.name, tt.shop, tt.group); got != tt.want {
			t.Errorf("%s of shop %d in group %d: %q, want %q", tt.name, tt.shop, tt.group, got, tt.want)
		}
	}
}

func TestNoChangeIsBehindTheMomentThatASweepLooksFrom(t *testing.T) {
	t.Parallel()
	// In New York the clocks go back at 06:00 UTC on 2025-11-02: 01:59:59 is followed by 01:00:00.
	since := time.Date(2025, 11, 2, 5, 50, 0, 0, time.UTC)
	r := inZone(t, "America/New_York", "2025-11-02T06:10:00Z")
	if from, change := r.wall(since.Unix()), r.now.In(r.zone).Format(dateTime); from > change || !r.repeated() {
		t.Errorf("a sweep from %s misses what was changed at %s", from, change)
	}
	r = inZone(t, "America/New_York", "2025-07-02T12:00:00Z")
	if from := r.wall(r.now.Add(-time.Minute).Unix()); from != "2025-07-02 07:59:00" || r.repeated() {
		t.Errorf("a sweep begins at %s", from)
	}
	// Into summer an hour is left out, and nothing comes twice.
	if r = inZone(t, "Europe/Ljubljana", "2026-03-29T01:10:00Z"); r.repeated() || r.wall(time.Date(2026, 3, 29, 0, 50, 0, 0, time.UTC).Unix()) != "2026-03-29 01:50:00" {
		t.Error("the hour that is left out is taken for one that is repeated")
	}
}

func TestAddressesAreTheShopsOwnOrThoseByID(t *testing.T) {
	t.Parallel()
	r := &reader{home: webAddress{"shop.example", "secure.example", "/store/", ""}.home(true), settings: map[string]string{"PS_REWRITING_SETTINGS": "1"}}
	for _, tt := range []struct{ got, want string }{
		{r.productURL("sl/", 7, "caj"), "https://secure.example/store/sl/7-caj.html"},
		{r.productURL("", 7, ""), "https://secure.example/store/index.php?controller=product&id_product=7"},
		{r.categoryURL("", category{id: 3, words: words{slug: "tea"}}), "https://secure.example/store/3-tea"},
		{r.image(1801), "https://secure.example/store/img/p/1/8/0/1/1801.jpg"},
		{r.image(0), ""},
		{webAddress{"shop.example", "", "/", "second/"}.home(true), "http://shop.example/second"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s, want %s", tt.got, tt.want)
		}
	}
	r.settings["PS_ROUTE_product_rule"] = "{category:/}{rewrite}"
	if got := r.productURL("", 7, "caj"); !strings.Contains(got, "id_product=7") {
		t.Errorf("an address that the shop has thought up itself: %s", got)
	}
}

func TestCategoriesInACircleAreAllThere(t *testing.T) {
	t.Parallel()
	var got []int64
	for _, c := range tree([]category{{id: 3, parent: 4}, {id: 4, parent: 3}, {id: 5, parent: 9}}) {
		got = append(got, c.id)
	}
	if diff := cmp.Diff([]int64{5, 3, 4}, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzPair(f *testing.F) {
	f.Add("1~k1.n.5.0~")
	f.Add("2~k1.n.5.0~k1.e.1.0")
	f.Add("~~")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := parsePair(adapters.Cursor(s))
		if err != nil || s == "" {
			return
		}
		if again, err := parsePair(p.cursor()); err != nil || again != p {
			t.Errorf("%q became %+v, and %+v (%v) when written and read again", s, p, again, err)
		}
	})
}
