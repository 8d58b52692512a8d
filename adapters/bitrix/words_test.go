package bitrix

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/foreign"
)

func TestABuyersOneNameIsTakenApartAsBitrixDoes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text, given, family string
		givenFirst          bool
	}{
		{"Иванов Иван Иванович", "Иван", "Иванов", false},
		{"Петрова Анна Сергеевна", "Анна", "Петрова", false},
		{"О&#039;Брайен Иван", "Иван", "О'Брайен", false},
		{"<i>Smith</i> Tom &amp; Ann", "Tom & Ann", "Smith", false},
		{"  Иван ", "Иван", "", false},
		{"", "", "", false},
		{"Ana Maria Novak", "Ana Maria", "Novak", true},
		{"Ana", "Ana", "", true},
	} {
		r := &reader{cfg: Config{GivenNameFirst: tt.givenFirst}}
		if given, family := r.names(tt.text); given != tt.given || family != tt.family {
			t.Errorf("%q: %q, %q", tt.text, given, family)
		}
	}
}

func TestAZoneIsTheOneThatTheMomentsAgreeWith(t *testing.T) {
	t.Parallel()
	winter, summer := time.Date(2024, 1, 10, 12, 0, 0, 0, time.UTC).Unix(), time.Date(2024, 7, 10, 12, 0, 0, 0, time.UTC).Unix()
	ahead := func(at int64, hours int64, n int) (list []moment) {
		for i := range int64(n) {
			list = append(list, moment{at + i*600 + hours*3600 + i%3, at + i*600})
		}
		return list
	}
	for _, tt := range []struct {
		name    string
		names   []string
		moments []moment
		want    string
	}{
		{"nothing known", nil, nil, "UTC"},
		{"the setting, without evidence", []string{"Europe/Moscow", "SYSTEM", "UTC"}, nil, "Europe/Moscow"},
		{"the server's, without a setting", []string{"", "SYSTEM", "MSK"}, nil, "Europe/Moscow"},
		{"the setting agrees", []string{"Europe/Ljubljana", "+01:00", ""}, append(ahead(winter, 1, 5), ahead(summer, 2, 5)...), "Europe/Ljubljana"},
		{"the server's agrees", []string{"Asia/Yekaterinburg", "SYSTEM", "MSK"}, ahead(summer, 3, 3), "Europe/Moscow"},
		{"none agrees", []string{"Asia/Yekaterinburg", "SYSTEM", "UTC"}, ahead(summer, 3, 5), "UTC+03:00"},
		{"too few to overrule", []string{"Asia/Yekaterinburg", "SYSTEM", "UTC"}, ahead(summer, 3, 4), "Asia/Yekaterinburg"},
		{"times that are not of one moment", []string{"Europe/Moscow"}, []moment{{winter + 777, winter}, {winter + 90*3600, winter}}, "Europe/Moscow"},
		{"west of Greenwich", []string{"", "SYSTEM", ""}, ahead(winter, -5, 6), "UTC-05:00"},
	} {
		if zone, got := chooseZone(tt.names, tt.moments); got != tt.want || zone == nil {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestAddressesAreFilledInAsTheirTemplatesSay(t *testing.T) {
	t.Parallel()
	r := &reader{options: map[string]string{}, main: site{id: "s1", dir: "/", server: "shop.example"},
		sites: map[string]site{"s2": {id: "s2", dir: "/de/", server: "shop.example"}}}
	e := element{id: 7, section: 12, code: "čaj", xml: "guid/1", sectionCode: "tea"}
	paths := map[int64]string{12: "drinks/tea"}
	for _, tt := range []struct{ site, template, want string }{
		{"s1", "#SITE_DIR#/catalog/#SECTION_CODE_PATH#/#ELEMENT_CODE#/", "https://shop.example/catalog/drinks/tea/%C4%8Daj/"},
		{"s2", "#SITE_DIR#catalog/#SECTION_CODE#/#CODE#.html", "https://shop.example/de/catalog/tea/%C4%8Daj.html"},
		{"s1", "http://#SERVER_NAME##SITE_DIR#?id=#ID#&s=#SECTION_ID#", "https://shop.example/?id=7&s=12"},
		{"s1", "/#IBLOCK_CODE#/#IBLOCK_ID#/#EXTERNAL_ID#/#NO_SUCH_MARK#/", "https://shop.example/goods/4/guid%2F1/"},
		{"s1", "", ""},
	} {
		if got := r.address(catalog{id: 4, code: "goods", site: tt.site}, tt.template, addressOf(e, paths)); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.template, got, tt.want)
		}
	}
	r.options["main.mail_link_protocol"], r.options["main.server_name"], r.main.server = "http", "other.example", ""
	if got := r.home(r.main); got != "http://other.example" {
		t.Errorf("a site without a name of its own: %s", got)
	}
}

func TestSectionsThatAreEachOthersParentsComeOnceAndAtTheTop(t *testing.T) {
	t.Parallel()
	r := &reader{options: map[string]string{}, sites: map[string]site{}}
	got := r.tree([]section{{id: 1, parent: 2}, {id: 2, parent: 1}, {id: 3, parent: 3}, {id: 4}, {id: 5, parent: 4}})
	var order []string
	for _, c := range got {
		order = append(order, c.ParentKey+">"+c.Key)
	}
	if diff := cmp.Diff([]string{">4", "4>5", ">1", "1>2", ">3"}, order); diff != "" {
		t.Error(diff)
	}
}

func TestADeletedOffersProductIsToldByXMLIDsThatAreNumbers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		xml         string
		offer, want int64
	}{
		{"1098#1199", 1199, 1098}, {"1098#1200", 1199, 0}, {"guid-a#guid-b", 1199, 0}, {"1099", 1099, 0}, {"#1199", 1199, 0}, {"x#1199", 1199, 0}, {"", 0, 0}, {"5#0", 0, 0},
	} {
		if got := parentByXML(tt.xml, tt.offer); got != tt.want {
			t.Errorf("%q of %d: %d", tt.xml, tt.offer, got)
		}
	}
}

func TestWhatWentBackAndPaidTheOrderAgainIsNoRefund(t *testing.T) {
	t.Parallel()
	r := &reader{cfg: Config{}.withDefaults(), zone: time.UTC}
	back := payments{back: []payment{{id: 1, sum: "10", returnAt: "2020-01-02 00:00:00"}}}
	for _, tt := range []struct {
		name    string
		o       order
		p       payments
		want    adapters.Status
		refunds int
		paidAt  string
	}{
		{"given back", order{status: "F", payed: "N", datePayed: "2020-01-02 00:00:00"}, back, adapters.StatusRefunded, 1, "0001-01-01"},
		{"given back and called off", order{status: "N", payed: "N", canceled: "Y"}, back, adapters.StatusRefunded, 1, "0001-01-01"},
		{"paid again", order{status: "N", payed: "Y", datePayed: "2020-01-03 00:00:00"}, back, adapters.StatusPaid, 0, "2020-01-03"},
		{"paid in two, one of them given back", order{status: "N", payed: "N"}, payments{rows: []payment{
			{id: 1, paid: "Y", sum: "4", returned: "N", at: "2020-01-01 00:00:00"}, {id: 2, paid: "N", sum: "6", returned: "P", at: "2020-01-02 00:00:00", returnDate: "2020-02-01"}}},
			adapters.StatusPaid, 1, "2020-01-02"},
		{"a part was paid and given back", order{status: "N", payed: "N"}, payments{rows: []payment{
			{id: 1, paid: "N", sum: "4", returned: "N"}, {id: 2, paid: "N", sum: "6", returned: "Y", at: "2020-01-02 00:00:00"}}}, adapters.StatusPending, 1, "0001-01-01"},
		{"paid and undone", order{status: "N", payed: "N"}, payments{rows: []payment{{id: 1, paid: "N", sum: "10", returned: "N", at: "2020-01-01 00:00:00"}}},
			adapters.StatusPending, 0, "0001-01-01"},
		{"refused once and then paid", order{status: "N", payed: "Y"}, payments{rows: []payment{{id: 1, paid: "N", sum: "10", returned: "N", failed: "N"},
			{id: 2, paid: "Y", sum: "10", returned: "N", at: "2020-01-02 00:00:00"}}}, adapters.StatusPaid, 0, "2020-01-02"},
	} {
		errs := foreign.NewCheck(map[string]string{})
		got := r.payment(tt.o, decimal.NewFromInt(10), tt.p, errs)
		if got.status != tt.want || len(got.refunds) != tt.refunds || got.at.Format("2006-01-02") != tt.paidAt || errs.Failed() {
			t.Errorf("%s: %s, %d refunds, paid at %v", tt.name, got.status, len(got.refunds), got.at)
		}
	}
}

func TestDeliveryHasTheTaxThatLinesLeave(t *testing.T) {
	t.Parallel()
	d := decimal.RequireFromString
	for _, tt := range []struct{ delivery, tax, lines, want string }{
		{"4.27", "6.3", "5.53", "0.77"}, {"4.27", "5.53", "5.53", "0"}, {"4.27", "6.3", "0", "0"}, {"0.5", "6.3", "5.53", "0"}, {"0", "0", "0", "0"},
	} {
		if got := deliveryTax(d(tt.delivery), d(tt.tax), d(tt.lines)); !got.Equal(d(tt.want)) {
			t.Errorf("%+v: %s", tt, got)
		}
	}
}

func TestPricesAreInTheShopsCurrency(t *testing.T) {
	t.Parallel()
	r := &reader{main: site{currency: "EUR"}, options: map[string]string{}}
	rates := map[string]string{"EUR": "90", "USD": "81", "XXX": ""}
	for _, tt := range []struct {
		list []price
		want string
	}{
		{nil, ""}, {[]price{{"9.90", "EUR"}}, "9.9"}, {[]price{{"10", "USD"}}, "9"}, {[]price{{"10", "USD"}, {"8.5", "eur"}}, "8.5"}, {[]price{{"10", "XXX"}}, ""}, {[]price{{"10", "GBP"}}, ""},
	} {
		errs := foreign.NewCheck(map[string]string{})
		if got := r.price(tt.list, rates, errs); got != tt.want || errs.Failed() {
			t.Errorf("%v: %q, want %q", tt.list, got, tt.want)
		}
	}
}

func TestCountriesAreKnownByNumberAndByName(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]string{"1": "RU", "119": "SI", "236": "ME", "57": "", "0": "", "237": "", "-1": "", "si": "SI", "": "", "Russia": ""} {
		if got := countryNumber(number); got != want {
			t.Errorf("number %q: %q, want %q", number, got, want)
		}
	}
	for name, want := range map[string]string{"Россия": "RU", "germany": "DE", "Deutschland": "DE", "Беларусь": "BY", "United States": "US", "Nowhere": "", "": ""} {
		if got := countryNamed("", name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

func TestOfSeveralValuesTheFirstIsTaken(t *testing.T) {
	t.Parallel()
	several := definition{multiple: "Y"}
	for text, want := range map[string]string{`a:2:{i:0;s:0:"";i:1;s:3:"112";}`: "112", "plain": "plain", `s:3:"one";`: "one", `a:0:{}`: ""} {
		if got := several.first(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
	if got := (definition{multiple: "N"}).first(`a:0:{}`); got != `a:0:{}` {
		t.Errorf("a single value that looks like a list: %q", got)
	}
}

// The name of a directory's table goes into a statement.
func FuzzDirectory(f *testing.F) {
	f.Add(`a:1:{s:10:"TABLE_NAME";s:12:"b_hlbd_grind";}`)
	f.Add("a:1:{s:10:\"TABLE_NAME\";s:5:\"a`; -\";}")
	f.Fuzz(func(t *testing.T, settings string) {
		if name := directory(settings); strings.ContainsAny(name, "`'\";\\ \x00.") || len(name) > 64 {
			t.Errorf("%q names the table %q", settings, name)
		}
	})
}

func FuzzZone(f *testing.F) {
	f.Add("+03:00")
	f.Add("Europe/Moscow")
	f.Add("../../etc/passwd")
	f.Fuzz(func(t *testing.T, name string) {
		if zone, text := zoneOf(name); zone != nil {
			if _, off := time.Unix(1_700_000_000, 0).In(zone).Zone(); text == "" || off < -16*3600 || off > 16*3600 {
				t.Errorf("%q is %q, %d s ahead", name, text, off)
			}
		}
	})
}
