package contact_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/kupec/kupec/module/contact"
)

func TestTwoSpellingsOfANameHaveOneKey(t *testing.T) {
	t.Parallel()
	for _, same := range [][]contact.Name{
		{{First: "Maja", Last: "Kovačič"}, {First: "MAJA", Last: "Kovacic"}, {First: "Kovačič", Last: "Maja"}, {First: "Maja Kovačič"}, {First: "maja", Last: "Kovac\u030cic\u030c"}},
		{{First: "Jürgen", Last: "Weiß"}, {First: "Jurgen", Last: "Weiss"}},
		{{First: "Seán", Last: "O'Brien"}, {First: "Sean", Last: "O’Brien"}},
		{{First: "Мария", Last: "Иванова"}, {First: "ИВАНОВА", Last: "мария"}},
	} {
		for _, n := range same {
			if n.Key() != same[0].Key() || n.Key() == "" {
				t.Errorf("%v has the key %q, %v has %q", n, n.Key(), same[0], same[0].Key())
			}
		}
	}
	if (contact.Name{First: "Maja", Last: "Kovač"}).Key() == (contact.Name{First: "Maja", Last: "Kovačič"}).Key() {
		t.Error("two names have one key")
	}
	if key := (contact.Name{Last: "Kovač"}).Key(); key != "" {
		t.Errorf("half a name has the key %q", key)
	}
}

func TestTwoSpellingsOfAnAddressHaveOneKey(t *testing.T) {
	t.Parallel()
	for _, same := range [][]contact.Address{
		{{Line1: "Slovenska cesta 5", Postcode: "1000", City: "Ljubljana", Country: "SI"}, {Line1: "slovenska  CESTA 5.", Postcode: "1000", City: "LJ", Country: "SI"}},
		{{Line1: "Hauptstraße 12", Postcode: "10115", Country: "DE"}, {Line1: "Hauptstr. 12", Postcode: "10115", Country: "DE"}, {Line1: "HAUPTSTRASSE 12", Postcode: "10 115", Country: "DE"}, {Line1: "Hauptstraße", Line2: "12", Postcode: "10115", Country: "DE"}},
		{{Line1: "Ulica talcev 3", City: "Celje", Country: "SI"}, {Line1: "ul. talcev 3", City: "CELJE", Country: "SI"}},
	} {
		for _, a := range same {
			if a.Key() != same[0].Key() || a.Key() == "" {
				t.Errorf("%v has the key %q, %v has %q", a, a.Key(), same[0], same[0].Key())
			}
		}
	}
	for _, half := range []contact.Address{{}, {City: "Celje", Country: "SI"}, {Line1: "Glavni trg", City: "Celje"}, {Line1: "Glavni trg 5", Country: "SI"}} {
		if key := half.Key(); key != "" {
			t.Errorf("half an address, %v, has the key %q", half, key)
		}
	}
	if (contact.Address{Line1: "Glavni trg 5", Postcode: "1000", Country: "SI"}).Key() == (contact.Address{Line1: "Glavni trg 6", Postcode: "1000", Country: "SI"}).Key() {
		t.Error("two houses have one key")
	}
}

func TestAnAddressOneSlipAwayIsTold(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b contact.Email
		want bool
	}{
		{"maja.kovac@siol.net", "maja.kovc@siol.net", true},
		{"maja@siol.net", "mjaa@siol.net", true},
		{"maja@siol.net", "maya@siol.net", true},
		{"majaa@siol.net", "maja@siol.net", true},
		{"maja@gmail.com", "maja@gmial.com", true},
		{"maja@gmail.com", "maja@gmail.con", true},
		{"maja@gmail.com", "maja@gmai.com", true},
		{"maja@siol.net", "maja@siol.net", false},
		{"maja@siol.net", "mija2@siol.net", false},
		{"maja1@siol.net", "maja2@siol.net", false},
		{"maja1@siol.net", "maja12@siol.net", false},
		{"maja@siol.net", "maja1@siol.net", false},
		{"maja@siol.net", "ajma@siol.net", false},
		{"maja@gmail.com", "maja@mail.com", true},
		{"maja@mail.ru", "maja@bail.ru", true},
		{"maja@shop-a.si", "maja@shop-b.si", false},
		{"maja@gmail.com", "ana@gmial.com", false},
		{"maja@gmx.de", "maja@gmx.net", false},
	} {
		for _, pair := range [][2]contact.Email{{tt.a, tt.b}, {tt.b, tt.a}} {
			if got := contact.EmailTypo(pair[0], pair[1]); got != tt.want {
				t.Errorf("%s and %s: %t", pair[0], pair[1], got)
			}
		}
	}
}

func FuzzOneTypoAgreesWithTheDistance(f *testing.F) {
	for _, pair := range [][2]string{{"maja", "mjaa"}, {"", "a"}, {"ab", "ba"}, {"abc", "abc"}, {"čž", "žč"}, {"aab", "aba"}} {
		f.Add(pair[0], pair[1])
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if len(a) > 40 || len(b) > 40 || !utf8.ValidString(a) || !utf8.ValidString(b) {
			return
		}
		if got, want := contact.OneTypo(a, b), distance([]rune(a), []rune(b)) == 1; got != want {
			t.Errorf("%q and %q: %t, want %t", a, b, got, want)
		}
	})
}

// distance is Damerau-Levenshtein by its definition (optimal string alignment).
func distance(a, b []rune) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range b {
		d[0][j+1] = j + 1
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

func FuzzKeysOfForeignTextAreFoldedOnce(f *testing.F) {
	for _, s := range []string{"Ana Novak", "Hauptstr. 5", "ß", "\xff", "İ", "ﬁ", strings.Repeat("a ", 100)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if once, twice := contact.Fold(s), contact.Fold(contact.Fold(s)); once != twice {
			t.Errorf("%q folds to %q and then to %q", s, once, twice)
		}
		_ = contact.Address{Line1: s, Line2: s, Postcode: s, City: s}.Key()
	})
}
