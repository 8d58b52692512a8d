package intake

import (
	"errors"
	"math/big"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/kupec/kupec/adapters"
)

func well() adapters.Order {
	return adapters.Order{Key: "1", Number: "1", Status: adapters.StatusPaid, Currency: "EUR", Total: "1", PlacedAt: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		Lines: []adapters.Line{{Key: "1", Name: "x", Quantity: "1", Total: "1"}}}
}

// FuzzAnAmountIsTakenExactlyOrTheRowIsSetAside compares with arithmetic on fractions: what is taken differs from what the
// text says by half a ten-thousandth at most, and fits DECIMAL(19,4).
func FuzzAnAmountIsTakenExactlyOrTheRowIsSetAside(f *testing.F) {
	for _, s := range []string{"12.90", "-0.00005", "00012.9", "999999999999999.9999", "999999999999999.99995", "1e9", "1,5", "", " 7 ", "+3.", ".5", "0x10", "١٢", "1_000", "--1", "Inf", strings.Repeat("9", 64)} {
		f.Add(s)
	}
	half, limit := big.NewRat(1, 20_000), new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(15), nil))
	f.Fuzz(func(t *testing.T, text string) {
		o := well()
		o.Total, o.Lines[0].Quantity = text, text
		var n normaliser
		s, err := n.order(o)
		if err != nil {
			var row *rowError
			if !errors.As(err, &row) || !strings.Contains(err.Error(), "total: ") || !strings.Contains(err.Error(), "line 1, quantity: ") {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		want, ok := new(big.Rat).SetString(strings.TrimSpace(text))
		if !ok {
			t.Fatalf("%q was taken as %s", text, s.Total)
		}
		for _, got := range []*big.Rat{s.Total.Amount().Rat(), s.Lines[0].Quantity.Rat()} {
			off := new(big.Rat).Sub(got, want)
			if off.Abs(off).Cmp(half) > 0 || new(big.Rat).Abs(got).Cmp(limit) >= 0 {
				t.Errorf("%q was taken as %s", text, got)
			}
			if places := new(big.Rat).Mul(got, big.NewRat(10_000, 1)); !places.IsInt() {
				t.Errorf("%q was taken with more than four places: %s", text, got)
			}
		}
	})
}

// FuzzForeignTextFitsTheTables throws text at every field: what is taken fits its column and is fit to be shown.
func FuzzForeignTextFitsTheTables(f *testing.F) {
	for _, s := range []string{"", "Maja", strings.Repeat("ž", 300), "\xff\xfe", "a\x00b", "javascript:alert(1)", "https://shop.example/p", " x ", "\u202eabc", "SI", "+386 41 555 012", "maja@example.com"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		o := well()
		o.Number, o.CustomerKey, o.Email, o.Phone, o.FirstName, o.LastName, o.Company, o.Language, o.RawStatus = s, s, s, s, s, s, s, s, s
		o.Address, o.Coupons = adapters.Address{Line1: s, Line2: s, City: s, Postcode: s, Region: s, Country: s}, []string{s, s, s}
		o.Lines[0].Name, o.Lines[0].SKU, o.Lines[0].ProductKey = s, s, s
		n := normaliser{country: "SI", currency: "EUR"}
		if got, err := n.order(o); err == nil {
			for max, texts := range map[int][]string{64: {got.Number, got.AccountKey, got.RawStatus, got.Lines[0].ProductKey}, 254: {got.Email}, 32: {got.Phone, got.Address.Postcode},
				120: {got.Name.First, got.Name.Last, got.Address.City, got.Address.Region}, 160: {got.Company}, 255: {got.Address.Line1, got.Address.Line2, got.Lines[0].Name},
				16: {got.Language}, 2: {got.Address.Country}, 100: {got.Lines[0].SKU}, 512: {strings.Join(got.Coupons, "\n")}} {
				for _, text := range texts {
					if !utf8.ValidString(text) || utf8.RuneCountInString(text) > max || strings.ContainsAny(strings.Join(strings.Split(text, "\n"), ""), "\x00\r\u202e") {
						t.Errorf("%q became %q", s, text)
					}
				}
			}
		}
		p, err := n.product(adapters.Product{Key: "1", SKU: s, Name: s, URL: s, ImageURL: s, Stock: adapters.InStock})
		if err == nil && p.URL != "" && !strings.HasPrefix(strings.ToLower(p.URL), "http") {
			t.Errorf("%q became a link", p.URL)
		}
	})
}

func TestThePhonesCountryIsTheRowsElseTheShops(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ locale, country, phone, want string }{
		{"sl-SI", "", "041 555 012", "+38641555012"},
		{"sl", "", "041 555 012", "+38641555012"},
		{"sl-SI", "DE", "0176 12345678", "+4917612345678"},
		{"", "", "041 555 012", "041 555 012"},
		{"xx-nonsense-too-long", "", "041 555 012", "041 555 012"},
	} {
		n := normaliser{country: country(tt.locale)}
		o := well()
		o.Phone, o.Address.Country = tt.phone, tt.country
		s, err := n.order(o)
		if err != nil || s.Phone != tt.want {
			t.Errorf("%s in %q, %q: got %q, %v", tt.phone, tt.country, tt.locale, s.Phone, err)
		}
	}
}

func TestTheMemoryOfPhonesIsBounded(t *testing.T) {
	t.Parallel()
	n := normaliser{country: "SI"}
	for i := range phonesKept + 10 {
		n.phone(strings.Repeat("9", 1+i%40)+strings.Repeat("x", i/40%60)+string(rune('a'+i%26))+string(rune(0x4e00+i%20000)), "")
	}
	if len(n.phones) > phonesKept {
		t.Errorf("%d are kept", len(n.phones))
	}
}
