package money_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/module/money"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, amount, currency, want, key string }{
		{"plain", "12.9", "EUR", "12.90 EUR", ""},
		{"a shop's long decimals", "12.34567890", "EUR", "12.35 EUR", ""},
		{"half even to the cent", "0.125", "EUR", "0.12 EUR", ""},
		{"no minor unit", "1200.4", "JPY", "1200 JPY", ""},
		{"lower case and blanks", " 5 ", " usd ", "5.00 USD", ""},
		{"negative", "-3.10", "EUR", "-3.10 EUR", ""},
		{"empty", "", "EUR", "", "money.amount.not_a_number"},
		{"comma", "12,90", "EUR", "", "money.amount.not_a_number"},
		{"exponent", "1e9999999", "EUR", "", "money.amount.not_a_number"},
		{"not a number", "NaN", "EUR", "", "money.amount.not_a_number"},
		{"two signs", "--1", "EUR", "", "money.amount.not_a_number"},
		{"more than is stored", "1000000000000000", "EUR", "", "money.amount.too_large"},
		{"no currency", "1", "", "", "money.currency.unknown"},
		{"not a currency", "1", "ZZZ", "", "money.currency.unknown"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := money.Parse(tt.amount, tt.currency)
			if tt.key != "" {
				var invalid *money.InvalidError
				if !errors.As(err, &invalid) || invalid.Key != tt.key {
					t.Fatalf("got %v, %v; want %s", got, err, tt.key)
				}
				return
			}
			if err != nil || got.String() != tt.want {
				t.Errorf("got %v, %v; want %s", got, err, tt.want)
			}
		})
	}
}

func TestSumsKeepCurrenciesApart(t *testing.T) {
	t.Parallel()
	sums := make(money.Sums)
	for _, m := range [][2]string{{"0.10", "EUR"}, {"0.20", "EUR"}, {"5", "GBP"}} {
		parsed, err := money.Parse(m[0], m[1])
		if err != nil {
			t.Fatal(err)
		}
		sums.Add(parsed)
	}
	raw, err := json.Marshal(sums.Sorted())
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"amount":"5.00","currency":"GBP"},{"amount":"0.30","currency":"EUR"}]`
	if diff := cmp.Diff(want, string(raw)); diff != "" {
		t.Error(diff)
	}
}

func TestAddingTwoCurrenciesPanicsAndAddingNothingDoesNot(t *testing.T) {
	t.Parallel()
	one, _ := money.Parse("1", "EUR")
	if got := (money.Money{}).Add(one).Add(money.Money{}); got.String() != "1.00 EUR" {
		t.Errorf("got %v", got)
	}
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	one.Add(money.Zero("GBP"))
}

func FuzzParseAmountTakesAnyTextQuickly(f *testing.F) {
	for _, s := range []string{"1", "-0.0001", "1e5", ".", "9.99999999", "٣", strings.Repeat("9", 80)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := money.ParseAmount(s)
		if err == nil && (d.Exponent() < -4 || len(d.StringFixed(4)) > 21) {
			t.Errorf("%q became %s, which DECIMAL(19,4) cannot hold", s, d)
		}
	})
}
