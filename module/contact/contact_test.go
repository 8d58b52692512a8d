package contact_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/kupec/kupec/module/contact"
)

func TestParseEmail(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want, key string }{
		{"plain", "maja@example.com", "maja@example.com", ""},
		{"case and blanks", "  Maja.Kovac@Example.COM\t", "maja.kovac@example.com", ""},
		{"display name", `"Kovač, Maja" <MAJA@example.com>`, "maja@example.com", ""},
		{"mailto", "mailto:maja@example.com", "maja@example.com", ""},
		{"plus tag kept", "maja+shop@example.com", "maja+shop@example.com", ""},
		{"international domain", "info@Čebela.example", "info@xn--ebela-gya.example", ""},
		{"international local part", "мария@example.com", "мария@example.com", ""},
		{"decomposed letters", "ine\u0301s@example.com", "inés@example.com", ""},
		{"trailing dot of the root", "a@example.com.", "a@example.com", ""},
		{"zero-width blank pasted along", "\u200bmaja@example.com", "maja@example.com", ""},
		{"empty", "  ", "", "contact.email.empty"},
		{"no at", "maja.example.com", "", "contact.email.no_at"},
		{"two ats", "maja@@example.com", "", "contact.email.two_ats"},
		{"nothing before", "@example.com", "", "contact.email.local"},
		{"blank inside", "ma ja@example.com", "", "contact.email.local"},
		{"header injection", "maja@example.com\r\nBcc: x", "", "contact.email.domain"},
		{"quoted local part", `"a b"@example.com`, "", "contact.email.local"},
		{"two dots", "a..b@example.com", "", "contact.email.local"},
		{"no dot in the domain", "maja@localhost", "", "contact.email.domain"},
		{"an IP address", "maja@127.0.0.1", "", "contact.email.domain"},
		{"underscore in the domain", "maja@ex_ample.com", "", "contact.email.domain"},
		{"too long", "a@" + strings.Repeat("abcdefghi.", 26) + "com", "", "contact.email.domain"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := contact.ParseEmail(tt.in)
			if tt.key != "" {
				var invalid *contact.InvalidError
				if !errors.As(err, &invalid) || invalid.Key != tt.key {
					t.Errorf("got %q, %v; want %s", got, err, tt.key)
				}
				return
			}
			if err != nil || string(got) != tt.want {
				t.Errorf("got %q, %v; want %q", got, err, tt.want)
			}
		})
	}
}

func FuzzParseEmailIsStable(f *testing.F) {
	for _, s := range []string{"a@b.co", "A <a@b.co>", "ß@straße.example", "a@xn--", "\xff@b.co"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once, err := contact.ParseEmail(s)
		if err != nil {
			return
		}
		if twice, err := contact.ParseEmail(string(once)); err != nil || twice != once {
			t.Errorf("%q became %q, then %q, %v", s, once, twice, err)
		}
		if strings.ContainsAny(string(once), "\r\n<>\" ,") || !utf8.ValidString(string(once)) {
			t.Errorf("%q became %q", s, once)
		}
	})
}

func TestParsePhone(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, country, want string }{
		{"national", "041 555 012", "SI", "+38641555012"},
		{"international", "+386 (0)41 555-012", "DE", "+38641555012"},
		{"with 00", "00386 41 555 012", "SI", "+38641555012"},
		{"German", "0176/12345678", "de", "+4917612345678"},
		{"Russian with 8", "8 (912) 345-67-89", "RU", "+79123456789"},
		{"no country to go by", "041 555 012", "", ""},
		{"letters", "call me", "SI", ""},
		{"empty", "", "SI", ""},
		{"far too long", strings.Repeat("1", 500), "SI", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := contact.ParsePhone(tt.in, tt.country)
			if string(got) != tt.want || (err == nil) != (tt.want != "") {
				t.Errorf("got %q, %v; want %q", got, err, tt.want)
			}
		})
	}
	if got := contact.Phone("+38641555012").International(); got != "+386 41 555 012" {
		t.Errorf("got %q", got)
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	n := contact.CleanName("  Živa\u202e\n", "\x00Kovačič  Novak ", 8)
	if n.First != "Živa" || n.Last != "Kovačič" {
		t.Errorf("got %+v", n)
	}
	if n.Initials() != "ŽK" || n.Display("x") != "Živa Kovačič" || (contact.Name{}).Display("x") != "x" {
		t.Errorf("got %q, %q", n.Initials(), n.Display("x"))
	}
}

func TestPhonePrefixesReadANumberHalfTyped(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, country, want string }{
		{"whole, national", "041 555 012", "SI", "+041555012 +38641555012"},
		{"begun, national", "041 555", "SI", "+041555 +38641555"},
		{"with its country code", "+386 41 5", "DE", "+386415"},
		{"with a nought in brackets", "+386 (0)41 555 012", "", "+38641555012"},
		{"with 00", "00386 41 5", "SI", "+386415"},
		{"no country", "041 555", "", "+041555"},
		{"too little", "041", "SI", ""},
		{"not a number", "041 555 x", "SI", ""},
		{"a hostile length", strings.Repeat("1", 500), "SI", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(contact.PhonePrefixes(tt.in, tt.country), " "); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
