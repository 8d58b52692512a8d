package woocommerce

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/adapters"
)

func TestSerialisedPHPIsReadInItsOrder(t *testing.T) {
	t.Parallel()
	got, err := parsePHP(`a:4:{s:12:"product_base";s:5:"/čaj";i:3;b:1;s:1:"n";N;s:1:"a";a:1:{i:0;d:0.5;}}`)
	if err != nil {
		t.Fatal(err)
	}
	want := value{entries: []entry{
		{"product_base", value{text: "/čaj"}}, {"3", value{text: "1"}}, {"n", value{}},
		{"a", value{entries: []entry{{"0", value{text: "0.5"}}}}},
	}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(value{}, entry{})); diff != "" {
		t.Error(diff)
	}
}

func TestBrokenSerialisedPHPIsRefused(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"", "x", "i:1", "i:;", "b:2;", "s:5:\"abc\";", "s:2:\"abc\";", "s:-1:\"\";", "a:1:{i:0;}", "a:99999999999:{}", "a:1:{a:0:{}i:1;}",
		"i:1;i:2;", `O:8:"stdClass":0:{}`, strings.Repeat("a:1:{i:0;", 5000), "a:2:{i:0;i:1;}",
	} {
		if v, err := parsePHP(s); !errors.Is(err, errPHP) {
			t.Errorf("%q was read as %+v, %v", cut(s), v, err)
		}
	}
}

func FuzzSerialisedPHP(f *testing.F) {
	f.Add(`a:2:{s:12:"product_base";s:8:"/izdelek";i:0;a:0:{}}`)
	f.Add(`s:3:"č.";`)
	f.Add(`a:1:{s:1:"a";O:8:"stdClass":0:{}}`)
	f.Fuzz(func(t *testing.T, s string) {
		v, err := parsePHP(s)
		if err != nil {
			return
		}
		if size := v.size(); size > len(s) {
			t.Errorf("%d bytes of text out of %d", size, len(s))
		}
	})
}

func (v value) size() int {
	n := len(v.text)
	for _, e := range v.entries {
		n += len(e.key) + e.value.size()
	}
	return n
}

func TestNumbersAreReadAsShopsWriteThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "0", "19.90000000": "19.9", " 7 ": "7", "-3.5": "-3.5", ".5": "0.5", "5.": "5", "1.0E-5": "0.00001", "2e2": "200", "-0.00": "0",
		"123456789012345678.12345678": "123456789012345678.12345678",
	} {
		got, err := parseDecimal(text)
		if err != nil || got.String() != want {
			t.Errorf("%q: %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"12,50", "1.2.3", "€5", "1 000", "NaN", "Inf", "0x10", "-", ".", "e5", "1e999999999", strings.Repeat("9", 100), "٣"} {
		if got, err := parseDecimal(text); err == nil {
			t.Errorf("%q was read as %s", cut(text), got)
		}
	}
}

func FuzzNumber(f *testing.F) {
	for _, s := range []string{"19.90", "1e-5", "12,50", "-.5", "1e99"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := parseDecimal(s)
		if err != nil {
			return
		}
		text := d.String()
		if len(text) > 200 {
			t.Fatalf("%q became %d digits", s, len(text))
		}
		if again, err := parseDecimal(text); len(text) < 24 && (err != nil || !again.Equal(d)) {
			t.Errorf("%q became %q, which reads as %s, %v", s, text, again, err)
		}
	})
}

func TestCursorsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	const large = 1<<63 - 1
	for _, want := range []place{
		{source: 'h'},
		{source: 'l', stage: stageRoll, id: 5, pos: mark{1, 2}, head: mark{3, 4}, tail: mark{5, 6}, seen: 7, sweep: 8, cycle: 9, since: 10, roll: 11, rolled: 12},
		{source: 'p', stage: stageSweep, id: large, pos: mark{large, large}, head: mark{large, large}, tail: mark{large, large}, seen: large,
			sweep: large, cycle: large, since: large, roll: large, rolled: large},
	} {
		c := want.cursor()
		got, err := parseCursor(c)
		if err != nil || got != want || len(c) > 255 {
			t.Errorf("%q (%d bytes): %+v, %v; want %+v", c, len(c), got, err, want)
		}
	}
}

func FuzzCursor(f *testing.F) {
	f.Add(string(place{source: 'h', stage: stageChanged, id: 77, head: mark{1700000000, 5}}.cursor()))
	f.Add("w1.h.9.0")
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := parseCursor(adapters.Cursor(s))
		if err != nil {
			return
		}
		again, err := parseCursor(p.cursor())
		if err != nil || again != p {
			t.Errorf("%q became %+v, and %+v (%v) when written and read again", s, p, again, err)
		}
	})
}

func TestTextIsWhatAPersonWouldRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Caf&eacute; &amp; <b>Milk</b>": "Café & Milk", "Tea <100 g": "Tea <100 g", "&lt;b&gt;": "<b>", "a&nbsp;b\n c": "a b c", "R\xff": "R�",
		"<script>x</script>y": "xy", "5 > 3": "5 > 3", "&amp;amp;": "&amp;",
	} {
		if got := plain(text); got != want {
			t.Errorf("%q reads %q, want %q", text, got, want)
		}
	}
}

func TestTimesThatAreNoneAreToldFromTimesThatAreNotKnown(t *testing.T) {
	t.Parallel()
	ljubljana, err := time.LoadLocation("Europe/Ljubljana")
	if err != nil {
		t.Skip(err)
	}
	for _, tt := range []struct {
		text string
		zone *time.Location
		want time.Time
		bad  bool
	}{
		{"", time.UTC, time.Time{}, false},
		{"0000-00-00 00:00:00", time.UTC, time.Time{}, false},
		{"2024-07-01 12:00:00", time.UTC, time.Date(2024, 7, 1, 12, 0, 0, 0, time.UTC), false},
		{"2024-07-01 12:00:00", ljubljana, time.Date(2024, 7, 1, 10, 0, 0, 0, time.UTC), false},
		{"2024-07-01T12:00:00Z", ljubljana, time.Date(2024, 7, 1, 12, 0, 0, 0, time.UTC), false}, // a pool that parses times
		{"2024-02-31 00:00:00", time.UTC, time.Time{}, true},
		{"2024-00-15 00:00:00", time.UTC, time.Time{}, true},
		{"yesterday", time.UTC, time.Time{}, true},
	} {
		got, err := parseTime(tt.text, tt.zone)
		if !got.Equal(tt.want) || (err != nil) != tt.bad {
			t.Errorf("%q: %v, %v", tt.text, got, err)
		}
	}
	for _, text := range []string{"2024-00-15 10:00:00", "2024-02-31 10:00:00", "0000-00-00 00:00:00", "", "99999999-1-1"} {
		if at := unix(text); at < 0 || strings.HasPrefix(text, "2024") && moment(at) < text {
			t.Errorf("%q sorts as %s, before itself", text, moment(at))
		}
	}
}

func TestZonesHaveANameOrADistance(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, offset, want string }{
		{"Europe/Ljubljana", "", "Europe/Ljubljana"}, {"", "5.5", "UTC+05:30"}, {"", "-3", "UTC-03:00"}, {"", "0", "UTC"}, {"", "", "UTC"},
		{"Nowhere/Town", "2", "UTC+02:00"}, {"", "99", "UTC"},
	} {
		loc, got := zone(map[string]string{"timezone_string": tt.name, "gmt_offset": tt.offset})
		if got != tt.want || loc == nil {
			t.Errorf("%q, %q: %q, want %q", tt.name, tt.offset, got, tt.want)
		}
	}
}

func TestStatusesAreMappedAndUnknownOnesKept(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text string
		want adapters.Status
		raw  string
		gone bool
	}{
		{"wc-pending", adapters.StatusPending, "pending", false}, {"wc-on-hold", adapters.StatusPending, "on-hold", false},
		{"wc-processing", adapters.StatusPaid, "processing", false}, {"wc-completed", adapters.StatusCompleted, "completed", false},
		{"completed", adapters.StatusCompleted, "completed", false}, {"wc-cancelled", adapters.StatusCancelled, "cancelled", false},
		{"wc-refunded", adapters.StatusRefunded, "refunded", false}, {"wc-failed", adapters.StatusFailed, "failed", false},
		{"wc-awaiting-pickup", adapters.StatusOther, "awaiting-pickup", false}, {"trash", adapters.StatusOther, "trash", true},
		{"auto-draft", adapters.StatusOther, "auto-draft", true}, {"wc-checkout-draft", adapters.StatusOther, "checkout-draft", true},
	} {
		status, raw, gone := orderStatus(tt.text)
		if status != tt.want || raw != tt.raw || gone != tt.gone {
			t.Errorf("%q: %s, %q, gone %v", tt.text, status, raw, gone)
		}
	}
}

func TestAddressesFollowThePermalinkSettings(t *testing.T) {
	t.Parallel()
	shop := func(options map[string]string) *reader {
		all := map[string]string{"home": "https://shop.example/", "siteurl": "https://shop.example/wp", "permalink_structure": "/%postname%/"}
		for name, text := range options {
			all[name] = text
		}
		return &reader{options: all}
	}
	p := post{id: 7, name: "blue-tea"}
	for _, tt := range []struct {
		name              string
		options           map[string]string
		product, category string
		image             string
	}{
		{"never set", nil, "https://shop.example/product/blue-tea/", "https://shop.example/product-category/tea/blue/", "https://shop.example/wp/wp-content/uploads/2024/a%20b.jpg"},
		{"set", map[string]string{"woocommerce_permalinks": `a:2:{s:12:"product_base";s:6:"/shop/";s:13:"category_base";s:4:"kind";}`, "upload_path": "files"},
			"https://shop.example/shop/blue-tea/", "https://shop.example/kind/tea/blue/", "https://shop.example/wp/files/2024/a%20b.jpg"},
		{"with the category in it", map[string]string{"woocommerce_permalinks": `a:1:{s:12:"product_base";s:19:"/shop/%product_cat%";}`, "upload_url_path": "https://cdn.example/"},
			"https://shop.example/?p=7", "https://shop.example/product-category/tea/blue/", "https://cdn.example/2024/a%20b.jpg"},
		{"plain", map[string]string{"permalink_structure": ""}, "https://shop.example/?p=7", "https://shop.example/?product_cat=blue", "https://shop.example/wp/wp-content/uploads/2024/a%20b.jpg"},
	} {
		r := shop(tt.options)
		if got := r.productURL(p); got != tt.product {
			t.Errorf("%s: product %s, want %s", tt.name, got, tt.product)
		}
		if got := r.categoryURL([]string{"tea", "blue"}); got != tt.category {
			t.Errorf("%s: category %s, want %s", tt.name, got, tt.category)
		}
		if got := r.image("2024/a b.jpg"); got != tt.image {
			t.Errorf("%s: image %s, want %s", tt.name, got, tt.image)
		}
	}
}

func TestCategoriesThatAreEachOthersParentsComeOnceAndAtTheTop(t *testing.T) {
	t.Parallel()
	r := &reader{options: map[string]string{"home": "https://shop.example"}}
	got := r.tree([]category{{1, 2, "A", "a"}, {2, 1, "B", "b"}, {3, 3, "C", "c"}, {4, 0, "D", "d"}, {5, 4, "E", "e"}})
	var order []string
	for _, c := range got {
		order = append(order, c.ParentKey+">"+c.Key)
	}
	if diff := cmp.Diff([]string{">4", "4>5", ">1", "1>2", ">3"}, order); diff != "" {
		t.Error(diff)
	}
}
