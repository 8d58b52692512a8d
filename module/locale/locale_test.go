package locale_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/money"
)

func load(t *testing.T, files map[string]string) *locale.Catalogue {
	t.Helper()
	tree := fstest.MapFS{}
	for name, text := range files {
		tree["locales/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	c, err := locale.Load(tree)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTChoosesThePluralFormOfTheLanguage(t *testing.T) {
	t.Parallel()
	c := load(t, map[string]string{
		"en/a.json": `{"people":{"one":"{count} person","other":"{count} people"},"only.en":"Hello {name}"}`,
		"sl/a.json": `{"people":{"one":"{count} oseba","two":"{count} osebi","few":"{count} osebe","other":"{count} oseb"}}`,
		"ru/a.json": `{"people":{"one":"{count} человек","few":"{count} человека","many":"{count} человек","other":"{count} человека"}}`,
	})
	for _, tt := range []struct {
		lang string
		n    any
		want string
	}{
		{"en", 0, "0 people"}, {"en", 1, "1 person"}, {"en", int64(4182), "4,182 people"},
		{"sl", 1, "1 oseba"}, {"sl", 2, "2 osebi"}, {"sl", 3, "3 osebe"}, {"sl", 5, "5 oseb"}, {"sl", 101, "101 oseba"}, {"sl", 1002, "1.002 osebi"}, {"sl", 10000002, "10.000.002 osebi"},
		{"ru", 1, "1 человек"}, {"ru", 3, "3 человека"}, {"ru", 11, "11 человек"}, {"ru", 21, "21 человек"},
		{"xx", 2, "2 people"},
	} {
		if got := c.Printer(tt.lang, nil).T("people", "count", tt.n); got != tt.want {
			t.Errorf("%s %v: got %q, want %q", tt.lang, tt.n, got, tt.want)
		}
	}
	if got := c.Printer("sl", nil).T("only.en", "name", "Maja {count}"); got != "Hello Maja {count}" {
		t.Errorf("fallback: got %q", got)
	}
	if got := c.Printer("en", nil).T("no.such.key"); got != "no.such.key" {
		t.Errorf("unknown key: got %q", got)
	}
	if diff := cmp.Diff([]string{"only.en"}, c.Missing("sl")); diff != "" {
		t.Error(diff)
	}
}

func TestNumbersAndTimesHaveTheLanguagesForm(t *testing.T) {
	t.Parallel()
	c := load(t, nil)
	zone, err := time.LoadLocation("Europe/Ljubljana")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 9, 9, 4, 0, 0, time.UTC)
	now := at.Add(14*24*time.Hour + time.Minute)
	eur, _ := money.Parse("-48214.6", "EUR")
	yen, _ := money.Parse("1200", "JPY")
	for _, tt := range []struct{ lang, want string }{
		{"en", "−€48,214.60|¥1,200|11.8%|1,234.5|9 Nov 2026, 10:04|9 November 2026|9 Nov|November 2026|14 days ago|Slovenia|Slovenian"},
		{"sl", "−48.214,60 €|1.200 ¥|11,8 %|1.234,5|9. nov. 2026 ob 10:04|9. november 2026|9. nov.|november 2026|pred 14 dnevi|Slovenija|slovenščina"},
		{"de", "−48.214,60 €|1.200 ¥|11,8 %|1.234,5|9. Nov. 2026, 10:04|9. November 2026|9. Nov.|November 2026|vor 14 Tagen|Slowenien|Slowenisch"},
		{"ru", "−48 214,60 €|1 200 ¥|11,8 %|1 234,5|9 нояб. 2026 г., 10:04|9 ноября 2026 г.|9 нояб.|ноябрь 2026 г.|14 дней назад|Словения|словенский"},
	} {
		p := c.Printer(tt.lang, zone)
		got := strings.Join([]string{p.Money(eur), p.Money(yen), p.Percent(0.118, 1), p.Number(1234.5), p.DateTime(at), p.DateLong(at),
			p.DateShort(at), p.Month(at), p.Ago(at, now), p.Country("SI"), p.Language("sl")}, "|")
		got = strings.ReplaceAll(got, "\u00a0", " ")
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.lang, diff)
		}
		if p.Date(time.Time{}) != "" || p.Ago(time.Time{}, now) != "" {
			t.Errorf("%s: a time that is not known was shown", tt.lang)
		}
	}
}

func TestLoadNamesTheMistake(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"broken JSON", map[string]string{"en/a.json": "{"}, "en/a.json"},
		{"a key twice", map[string]string{"en/a.json": `{"k":"1"}`, "en/b.json": `{"k":"2"}`}, `"k" stands in another file`},
		{"a plural form missing", map[string]string{"sl/a.json": `{"k":{"one":"1","other":"2"}}`}, `"k" has the plural forms`},
		{"a language without rules", map[string]string{"tlh/a.json": `{}`}, "tlh"},
		{"a number", map[string]string{"en/a.json": `{"k":7}`}, `"k" is neither`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tree := fstest.MapFS{}
			for name, text := range tt.files {
				tree["locales/"+name] = &fstest.MapFile{Data: []byte(text)}
			}
			if _, err := locale.Load(tree); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestMatchTakesTheBestLanguage(t *testing.T) {
	t.Parallel()
	c := load(t, nil)
	for wanted, want := range map[string]string{"sl-SI,sl;q=0.9,en;q=0.5": "sl", "de-AT": "de", "fr": "en", "": "en", "*": "en", strings.Repeat("x", 5000): "en"} {
		if got := c.Match(wanted); got != want {
			t.Errorf("%.20q: got %q, want %q", wanted, got, want)
		}
	}
}

func TestTheBaseIsCompleteInEveryLanguage(t *testing.T) {
	t.Parallel()
	c := load(t, nil)
	if diff := cmp.Diff([]string{"en", "de", "ru", "sl"}, c.Complete()); diff != "" {
		t.Error(diff)
	}
}
