package foreign

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSerialisedPHPIsReadInItsOrder(t *testing.T) {
	t.Parallel()
	got, err := ParsePHP(`a:4:{s:12:"product_base";s:5:"/čaj";i:3;b:1;s:1:"n";N;s:1:"a";a:1:{i:0;d:0.5;}}`)
	if err != nil {
		t.Fatal(err)
	}
	want := Value{Entries: []Entry{
		{"product_base", Value{Text: "/čaj"}}, {"3", Value{Text: "1"}}, {"n", Value{}},
		{"a", Value{Entries: []Entry{{"0", Value{Text: "0.5"}}}}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestOfASerialisedObjectTheFieldsAreRead(t *testing.T) {
	t.Parallel()
	got, err := ParsePHP("a:1:{s:2:\"at\";O:4:\"Date\":2:{s:8:\"\x00*\x00value\";s:10:\"2024-07-01\";s:10:\"\x00Date\x00zone\";N;}}")
	if err != nil {
		t.Fatal(err)
	}
	want := Value{Entries: []Entry{{"at", Value{Entries: []Entry{{"value", Value{Text: "2024-07-01"}}, {"zone", Value{}}}}}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestBrokenSerialisedPHPIsRefused(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"", "x", "i:1", "i:;", "b:2;", "s:5:\"abc\";", "s:2:\"abc\";", "s:-1:\"\";", "a:1:{i:0;}", "a:99999999999:{}", "a:1:{a:0:{}i:1;}",
		"i:1;i:2;", `O:9:"stdClass":0:{}`, `O:8:"stdClass";`, `C:1:"X":0:{}`, strings.Repeat("O:1:\"X\":1:{i:0;", 5000), strings.Repeat("a:1:{i:0;", 5000), "a:2:{i:0;i:1;}",
	} {
		if v, err := ParsePHP(s); !errors.Is(err, ErrPHP) {
			t.Errorf("%q was read as %+v, %v", Cut(s), v, err)
		}
	}
}

func FuzzSerialisedPHP(f *testing.F) {
	f.Add(`a:2:{s:12:"product_base";s:8:"/izdelek";i:0;a:0:{}}`)
	f.Add(`s:3:"č.";`)
	f.Add(`a:1:{s:1:"a";O:8:"stdClass":0:{}}`)
	f.Fuzz(func(t *testing.T, s string) {
		v, err := ParsePHP(s)
		if err != nil {
			return
		}
		if size := v.size(); size > len(s) {
			t.Errorf("%d bytes of text out of %d", size, len(s))
		}
	})
}

func (v Value) size() int {
	n := len(v.Text)
	for _, e := range v.Entries {
		n += len(e.Key) + e.Value.size()
	}
	return n
}

func TestNumbersAreReadAsShopsWriteThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "0", "19.90000000": "19.9", " 7 ": "7", "-3.5": "-3.5", ".5": "0.5", "5.": "5", "1.0E-5": "0.00001", "2e2": "200", "-0.00": "0",
		"123456789012345678.12345678": "123456789012345678.12345678",
	} {
		got, err := Decimal(text)
		if err != nil || got.String() != want {
			t.Errorf("%q: %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"12,50", "1.2.3", "€5", "1 000", "NaN", "Inf", "0x10", "-", ".", "e5", "1e999999999", strings.Repeat("9", 100), "٣"} {
		if got, err := Decimal(text); err == nil {
			t.Errorf("%q was read as %s", Cut(text), got)
		}
	}
}

func FuzzNumber(f *testing.F) {
	for _, s := range []string{"19.90", "1e-5", "12,50", "-.5", "1e99"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := Decimal(s)
		if err != nil {
			return
		}
		text := d.String()
		if len(text) > 200 {
			t.Fatalf("%q became %d digits", s, len(text))
		}
		if again, err := Decimal(text); len(text) < 24 && (err != nil || !again.Equal(d)) {
			t.Errorf("%q became %q, which reads as %s, %v", s, text, again, err)
		}
	})
}

func TestTextIsWhatAPersonWouldRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Caf&eacute; &amp; <b>Milk</b>": "Café & Milk", "Tea <100 g": "Tea <100 g", "&lt;b&gt;": "<b>", "a&nbsp;b\n c": "a b c", "R\xff": "R�",
		"<script>x</script>y": "xy", "5 > 3": "5 > 3", "&amp;amp;": "&amp;",
	} {
		if got := Plain(text); got != want {
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
		got, err := Time(tt.text, tt.zone)
		if !got.Equal(tt.want) || (err != nil) != tt.bad {
			t.Errorf("%q: %v, %v", tt.text, got, err)
		}
	}
}
