package opencart

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/foreign"
)

func TestWhatAStatusMeansIsAskedOfTheShopFirst(t *testing.T) {
	t.Parallel()
	r := &reader{
		cfg: Config{Statuses: map[string]adapters.Status{"Zapakirano": adapters.StatusPaid, "zaključeno": adapters.StatusOther}},
		settings: map[string]string{"config_complete_status": `["5","3",22]`, "config_processing_status": `["5","1","2","12","3","23"]`,
			"config_failed_status_id": "24", "config_void_status_id": "25"},
	}
	complete, processing := r.statusIDs("config_complete_status"), r.statusIDs("config_processing_status")
	for _, tt := range []struct {
		what    string
		id      int64
		english string
		want    adapters.Status
	}{
		{"set, a status of the shop's own", 21, "Packed", adapters.StatusPaid},
		{"set, against the setting", 5, "complete", adapters.StatusOther},
		{"complete by the setting", 3, "shipped", adapters.StatusCompleted},
		{"complete by the setting, one of the shop's own", 22, "gone", adapters.StatusCompleted},
		{"pending, though it is in the list of processing", 1, "pending", adapters.StatusPending},
		{"reversed, though it is in that list", 12, "reversed", adapters.StatusRefunded},
		{"no English: by the installer's id", 12, "", adapters.StatusRefunded},
		{"processing by the setting", 2, "processing", adapters.StatusPaid},
		{"processing by the setting, one of the shop's own", 23, "being roasted", adapters.StatusPaid},
		{"failed by the setting", 24, "no luck", adapters.StatusFailed},
		{"void by the setting", 25, "never mind", adapters.StatusCancelled},
		{"by its name, under another id", 40, "cancelled", adapters.StatusCancelled},
		{"renamed", 10, "waiting for the courier", adapters.StatusOther},
		{"denied", 8, "denied", adapters.StatusFailed},
		{"an authorisation that ran out", 14, "expired", adapters.StatusCancelled},
		{"the money came back after a dispute", 9, "canceled reversal", adapters.StatusPaid},
		{"unknown", 41, "packing", adapters.StatusOther},
		{"unknown, without English", 41, "", adapters.StatusOther},
	} {
		name := map[int64]string{5: "Zaključeno", 21: "zapakirano"}[tt.id]
		if got := r.meaning(tt.id, name, tt.english, complete[tt.id], processing[tt.id]); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.what, got, tt.want)
		}
	}
	if got := stateOf(nil, 0); got.name != unplaced || got.status != adapters.StatusOther {
		t.Errorf("an order that was never placed is %+v", got)
	}
	if got := stateOf(nil, 77); got.name != "77" || got.status != adapters.StatusOther {
		t.Errorf("a status that was deleted is %+v", got)
	}
}

func TestAZoneIsTheOneSetOrTheShopsOwn(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ set, own, want string }{
		{"", "Europe/Ljubljana", "Europe/Ljubljana"}, {"America/New_York", "Europe/Ljubljana", "America/New_York"}, {"", "", "UTC"}, {"", "Nowhere/Town", "UTC"},
	} {
		if loc, err := zone(tt.set, tt.own); err != nil || loc.String() != tt.want {
			t.Errorf("%q, %q: %v, %v; want %q", tt.set, tt.own, loc, err, tt.want)
		}
	}
	if _, err := zone("Nowhere/Town", "Europe/Ljubljana"); err == nil {
		t.Error("a zone that was set and is none is taken")
	}
}

// In Ljubljana the clock went from 3:00 back to 2:00 on 25 October 2026, at 1:00 UTC.
func TestAClockThatIsPutBackHidesNoChange(t *testing.T) {
	t.Parallel()
	loc, err := time.LoadLocation("Europe/Ljubljana")
	if err != nil {
		t.Fatal(err)
	}
	at := func(hour, minute int) time.Time { return time.Date(2026, 10, 25, hour, minute, 0, 0, time.UTC) }
	for _, tt := range []struct {
		since, now time.Time
		want       string
	}{
		{at(0, 50), at(0, 55), "2026-10-25 02:50:00"},
		{at(0, 50), at(1, 1), "2026-10-25 01:50:00"}, // what changes now is stamped 02:01, earlier than 02:50
		{at(1, 50), at(2, 1), "2026-10-25 02:50:00"},
	} {
		r := &reader{zone: loc, now: tt.now}
		if got := r.wallSince(tt.since); got != tt.want {
			t.Errorf("since %s, at %s: %s, want %s", tt.since, tt.now, got, tt.want)
		}
	}
}

func TestAReductionRunsFromItsFirstDayToTheBeginningOfItsLast(t *testing.T) {
	t.Parallel()
	const now = "2026-03-02 10:00:00"
	for _, tt := range []struct {
		start, end string
		want       bool
	}{
		{"0000-00-00", "0000-00-00", true}, {"", "", true}, {"2026-03-02", "2026-03-03", true}, {"2026-03-03", "", false}, {"", "2026-03-02", false}, {"2020-01-01", "0000-00-00", true},
	} {
		if got := (reduction{start: tt.start, end: tt.end}).running(now); got != tt.want {
			t.Errorf("from %q to %q: %v", tt.start, tt.end, got)
		}
	}
}

func TestAReductionIsAPriceOrAPartOfIt(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{"F": "20", "P": "200", "S": "230", "": "20"} {
		if got := (reduction{kind: kind, price: decimal.NewFromInt(20)}).of(decimal.NewFromInt(250)).String(); got != want {
			t.Errorf("%q: %s, want %s", kind, got, want)
		}
	}
}

func TestTaxesAreAddedToTheBarePriceAndRoundedAsShown(t *testing.T) {
	t.Parallel()
	percent := func(s string) rate { return rate{percent: true, value: decimal.RequireFromString(s)} }
	till := till{places: 2, taxes: map[int64][]rate{9: {percent("22")}, 10: {percent("20"), {value: decimal.RequireFromString("2")}}}}
	for _, tt := range []struct {
		net   string
		class int64
		want  string
	}{{"8.1148", 9, "9.9"}, {"100", 10, "122"}, {"0.0125", 0, "0.0125"}, {"0.0125", 77, "0.0125"}} {
		if got := till.shown(decimal.RequireFromString(tt.net), tt.class).String(); got != tt.want {
			t.Errorf("%s of class %d: %s, want %s", tt.net, tt.class, got, tt.want)
		}
	}
}

func TestAmountsAreRoundedToThePlacesOfTheOrdersCurrency(t *testing.T) {
	t.Parallel()
	l := ledger{places: map[string]int32{"EUR": 2, "JPY": 0}}
	for _, tt := range []struct{ currency, rate, amount, shown, exact string }{
		{"EUR", "1.00000000", "34.9012", "34.9", "34.9012"},
		{"JPY", "163.12345678", "10.0000", "1631", "1631.2346"},
		{"XAU", "0.50000000", "10.1234", "5.0617", "5.0617"}, // removed from the shop since
		{"EUR", "0.00000000", "5.0000", "5", "5"},            // an import
	} {
		errs := foreign.NewCheck(map[string]string{})
		m := l.exchange(order{currency: tt.currency, rate: tt.rate}, errs)
		d := decimal.RequireFromString(tt.amount)
		if errs.Failed() || m.shown(d).String() != tt.shown || m.exact(d).String() != tt.exact {
			t.Errorf("%s %s at %s: %s and %s", tt.amount, tt.currency, tt.rate, m.shown(d), m.exact(d))
		}
	}
}

func TestADiscountIsTakenOffProductsInProportionAndNotOffGiftVouchers(t *testing.T) {
	t.Parallel()
	errs := foreign.NewCheck(map[string]string{})
	s := sum([]total{{"sub_total", "", "80.0000"}, {"coupon", "Kupon (10 (a) %)", "-3.0000"}, {"reward", "Točke", "-1.0000"}, {"tax", "", "2"}, {"tax", "", "1.5"},
		{"voucher", "Darilni bon (ABC)", "-5"}, {"credit", "", "-7"}, {"shipping", "", "4"}, {"handling", "", "2"}, {"my_discount", "", "-6"}, {"total", "", "1"}}, errs)
	if s.discount.String() != "10" || s.tax.String() != "3.5" || s.shipping.String() != "4" || !slices.Equal(s.coupons, []string{"10 (a) %"}) {
		t.Errorf("%+v", s)
	}
	lines := []line{{id: 1, quantity: 2, net: "30", tax: "3"}, {id: 2, quantity: 1, net: "20", tax: "0"}, {id: 1, quantity: 1, net: "30", voucher: true}}
	got := orderLines(lines, s.discount, exchange{rate: decimal.NewFromInt(1), places: 2}, errs)
	want := [][]string{{"1", "28.8", "4.8"}, {"2", "16", "0"}, {"voucher-1", "30", "0"}}
	for i, l := range got {
		if diff := cmp.Diff(want[i], []string{l.Key, l.Total, l.Tax}); diff != "" {
			t.Error(diff)
		}
	}
	if got := orderLines(lines[:1], decimal.NewFromInt(99), exchange{rate: decimal.NewFromInt(1)}, errs); got[0].Total != "0" || errs.Failed() {
		t.Errorf("more was taken off than there is: %+v", got)
	}
}

func TestACouponsCodeIsInTheTitleOfItsRow(t *testing.T) {
	t.Parallel()
	for title, want := range map[string]string{"Coupon (SPRING)": "SPRING", "Kupon(A&amp;B)": "A&B", "Coupon (A (1))": "A (1)", "SPRING": "SPRING", ") (": ") (", "": ""} {
		if got := couponCode(title); got != want {
			t.Errorf("%q: %q, want %q", title, got, want)
		}
	}
}

func TestVariantsAreTheCombinationsOfWhatMustBeChosen(t *testing.T) {
	t.Parallel()
	value := func(option, id int64, required bool) optionValue {
		return optionValue{option: option, id: id, required: required, name: fmt.Sprint("v", id)}
	}
	keys := func(values ...optionValue) (all []string) {
		for _, set := range combinations(values) {
			all = append(all, variantKey(set)+" "+optionNames(set))
		}
		return all
	}
	// Shown in the order of the shop, called in the order of the options' numbers.
	got := keys(value(5, 52, true), value(5, 51, true), value(7, 71, false), value(3, 31, true), value(3, 32, true))
	if diff := cmp.Diff([]string{"31-52 v52, v31", "32-52 v52, v32", "31-51 v51, v31", "32-51 v51, v32"}, got); diff != "" {
		t.Error(diff)
	}
	if got := keys(value(7, 71, false)); got != nil {
		t.Errorf("an extra makes variants: %v", got)
	}
	var many []optionValue
	for i := range int64(4) {
		for n := range int64(4) {
			many = append(many, value(i, 10*i+n, true))
		}
	}
	if got := keys(many...); got != nil {
		t.Errorf("a thing made to measure has %d variants", len(got))
	}
	if got := keys(many[:12]...); len(got) != 64 {
		t.Errorf("%d variants, want 64", len(got))
	}
}

func TestAVariantIsFoundByWhatWasChosen(t *testing.T) {
	t.Parallel()
	products := map[int64]product{
		1: {variant: `{"10":"101","11":"111"}`}, 2: {variant: `{"10":"102"}`}, 3: {variant: ""}, 4: {variant: "{"}, 5: {variant: `{"10":["103"]}`},
	}
	forms := formsOf([]int64{1, 2, 3, 4, 5, 6}, products)
	for _, tt := range []struct {
		values []optionValue
		want   int64
	}{
		{[]optionValue{{option: 10, id: 101}, {option: 11, id: 111}}, 1},
		{[]optionValue{{option: 10, id: 102}, {option: 11, id: 111}}, 2},
		{[]optionValue{{option: 10, id: 101}}, 0}, {[]optionValue{{option: 10, id: 103}}, 0},
	} {
		if got, options := variantOf(line{product: 9}, tt.values, forms); got != tt.want || options != "" {
			t.Errorf("%+v: %d, %q; want %d", tt.values, got, options, tt.want)
		}
	}
}

func TestLinesFarApartAreLookedForInRangesOfTheirOwn(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff([][2]int64{{1, 900}, {5_000, 5_000}, {9_000, 9_001}}, groups([]int64{1, 2, 900, 5_000, 9_000, 9_001})); diff != "" {
		t.Error(diff)
	}
	var scattered []int64
	for i := range int64(500) {
		scattered = append(scattered, i*i*10_000)
	}
	all := groups(scattered)
	if len(all) > ranges {
		t.Errorf("%d ranges, want %d at most", len(all), ranges)
	}
	for _, n := range scattered {
		if !slices.ContainsFunc(all, func(g [2]int64) bool { return g[0] <= n && n <= g[1] }) {
			t.Errorf("%d is in no range", n)
		}
	}
}

func TestCategoriesThatAreEachOthersParentsComeOnceAndAtTheTop(t *testing.T) {
	t.Parallel()
	var order []string
	walk([]category{{1, 2}, {2, 1}, {3, 3}, {4, 0}, {5, 4}, {6, 99}}, func(c category, path []int64) { order = append(order, fmt.Sprint(c.parent, ">", c.id, path)) })
	if diff := cmp.Diff([]string{"0>4 [4]", "4>5 [4 5]", "0>6 [6]", "0>1 [1]", "1>2 [1 2]", "0>3 [3]"}, order); diff != "" {
		t.Error(diff)
	}
}

func TestWhatPHPWroteAsJSONIsRead(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff([]int64{5, 3, 12}, idList(`["5",3,"x",null,-1,{"a":1},"12"]`)); diff != "" {
		t.Error(diff)
	}
	for _, tt := range []struct {
		text string
		want map[int64]int64
		ok   bool
	}{
		{"", map[int64]int64{}, true}, {"[]", map[int64]int64{}, true}, {`{"227":"18","228":19,"229":["20"],"230":"a text","x":"1"}`, map[int64]int64{227: 18, 228: 19}, true},
		{"{", nil, false}, {"{} {}", nil, false}, {`a:1:{i:227;s:2:"18";}`, nil, false},
	} {
		got, err := choices(tt.text)
		if diff := cmp.Diff(tt.want, got); diff != "" || (err == nil) != tt.ok {
			t.Errorf("%q: %v\n%s", tt.text, err, diff)
		}
	}
	for text, want := range map[string]session{
		`{"order_id":"7","guest":{"email":" a@example.com ","firstname":"A &amp; B","lastname":"C","telephone":"1"}}`: {7, "a@example.com", "A & B", "C", "1"},
		`{"order_id":8,"customer":{"email":"b@example.com"},"guest":[]}`:                                              {order: 8, email: "b@example.com"},
		`{"customer":{"email":["x"]}}`: {}, `[]`: {}, `7`: {}, `{"order_id":{}}`: {}, `O:8:"stdClass":0:{}`: {}, "": {},
	} {
		if got := parseSession(text); got != want {
			t.Errorf("%s: %+v, want %+v", text, got, want)
		}
	}
}

func FuzzJSON(f *testing.F) {
	for _, text := range []string{`["5","3"]`, `{"227":"18","228":["19"]}`, `{"order_id":7,"guest":{"email":"a@example.com"}}`, "[]", "{", "[[[[", `{"1":1e99}`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, id := range idList(text) {
			if id <= 0 {
				t.Errorf("%q has the id %d", text, id)
			}
		}
		chosen, err := choices(text)
		for option, id := range chosen {
			if err != nil || option <= 0 || id <= 0 {
				t.Errorf("%q: %d of option %d, %v", text, id, option, err)
			}
		}
		if s := parseSession(text); s.order < 0 {
			t.Errorf("%q: order %d", text, s.order)
		}
	})
}
