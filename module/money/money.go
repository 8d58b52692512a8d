// Package money holds amounts with their currency. Amounts are exact decimals; a sum over several currencies is kept
// apart per currency and never converted, for the shop knows no rate.
//
// It owns no table. Every room that touches a price uses it; SQL keeps an amount as DECIMAL(19,4) beside its currency.
package money

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
	"golang.org/x/text/currency"
)

// Money is an amount in a currency. The zero value is nothing, of no currency yet.
type Money struct {
	amount   decimal.Decimal
	currency string
}

// Bounds of what DECIMAL(19,4) holds, and of what a shop may send us.
const (
	maxIntegerDigits = 15
	maxText          = 64
)

// InvalidError says why a text is not an amount or not a currency. Key names the sentence in a catalogue.
type InvalidError struct {
	Field string // "amount" or "currency"
	Key   string // "money.amount.not_a_number"
	Value string
}

func (e *InvalidError) Error() string {
	switch e.Key {
	case "money.currency.unknown":
		return fmt.Sprintf("%q is not a currency code of ISO 4217", e.Value)
	case "money.amount.too_large":
		return fmt.Sprintf("the amount %q has more than %d digits before the point", e.Value, maxIntegerDigits)
	default:
		return fmt.Sprintf("%q is not an amount: want digits with a point, as in 12.90", e.Value)
	}
}

// New gives amount in the currency, an ISO 4217 code that the caller knows to be valid.
func New(amount decimal.Decimal, currency string) Money { return Money{amount, currency} }

// Zero gives 0 in the currency.
func Zero(currency string) Money { return Money{currency: currency} }

// Parse reads decimal text with a point, as shops keep it, and a code of ISO 4217 in any case. The error is an
// [*InvalidError]. Amounts are rounded, half even, to the four places that are stored.
func Parse(amount, code string) (Money, error) {
	d, err := ParseAmount(amount)
	if err != nil {
		return Money{}, err
	}
	code = strings.ToUpper(strings.TrimSpace(code))
	if !ValidCurrency(code) {
		return Money{}, &InvalidError{Field: "currency", Key: "money.currency.unknown", Value: clip(code)}
	}
	return Money{d, code}, nil
}

// ParseAmount reads decimal text with a point, rounded half even to four places. It refuses exponents, for "1e9999" is a
// short way to make a program work long. The error is an [*InvalidError].
func ParseAmount(text string) (decimal.Decimal, error) {
	text = strings.TrimSpace(text)
	digits := strings.TrimLeft(text, "+-")
	if text == "" || len(text) > maxText || len(text)-len(digits) > 1 || strings.Trim(digits, "0123456789.") != "" {
		return decimal.Decimal{}, &InvalidError{Field: "amount", Key: "money.amount.not_a_number", Value: clip(text)}
	}
	d, err := decimal.NewFromString(text)
	if err != nil {
		return decimal.Decimal{}, &InvalidError{Field: "amount", Key: "money.amount.not_a_number", Value: clip(text)}
	}
	d = d.RoundBank(4)
	if d.Abs().GreaterThanOrEqual(decimal.New(1, maxIntegerDigits)) {
		return decimal.Decimal{}, &InvalidError{Field: "amount", Key: "money.amount.too_large", Value: clip(text)}
	}
	return d, nil
}

func clip(s string) string {
	if len(s) > maxText {
		return strings.ToValidUTF8(s[:maxText], "") + "…"
	}
	return s
}

// ValidCurrency says whether code is three capital letters that ISO 4217 has given to a currency, past ones included.
func ValidCurrency(code string) bool {
	if len(code) != 3 || strings.ToUpper(code) != code {
		return false
	}
	unit, err := currency.ParseISO(code)
	return err == nil && unit.String() == code && code != "XXX"
}

// Digits is how many places the currency's minor unit has: 2 for EUR, 0 for JPY. Unknown ones have 2.
func Digits(code string) int32 {
	unit, err := currency.ParseISO(code)
	if err != nil {
		return 2
	}
	scale, _ := currency.Standard.Rounding(unit)
	return int32(scale)
}

// Amount is the exact amount.
func (m Money) Amount() decimal.Decimal { return m.amount }

// Currency is the ISO 4217 code, or "" for the zero value.
func (m Money) Currency() string { return m.currency }

// IsZero says whether the amount is 0, in whatever currency.
func (m Money) IsZero() bool { return m.amount.IsZero() }

// Add gives m + n. Adding different currencies is a mistake in the program and panics; [Sums] keeps them apart.
func (m Money) Add(n Money) Money { return Money{m.amount.Add(n.amount), m.same(n)} }

// Sub gives m - n, under the rule of [Money.Add].
func (m Money) Sub(n Money) Money { return Money{m.amount.Sub(n.amount), m.same(n)} }

// Cmp compares the amounts, -1, 0 or 1, under the rule of [Money.Add].
func (m Money) Cmp(n Money) int {
	m.same(n)
	return m.amount.Cmp(n.amount)
}

// Mul gives m times a factor.
func (m Money) Mul(factor decimal.Decimal) Money { return Money{m.amount.Mul(factor), m.currency} }

// Neg gives -m.
func (m Money) Neg() Money { return Money{m.amount.Neg(), m.currency} }

// Rounded is m to the currency's minor unit, half even.
func (m Money) Rounded() Money { return Money{m.amount.RoundBank(Digits(m.currency)), m.currency} }

func (m Money) same(n Money) string {
	switch {
	case m.currency == n.currency, n.currency == "" && n.amount.IsZero():
		return m.currency
	case m.currency == "" && m.amount.IsZero():
		return n.currency
	}
	panic(fmt.Sprintf("money: %s and %s in one sum", m.currency, n.currency))
}

// Text is the amount alone, rounded to the minor unit: "12.90".
func (m Money) Text() string { return m.amount.StringFixedBank(Digits(m.currency)) }

// String is for logs and machines: "12.90 EUR". People read locale.Printer's form.
func (m Money) String() string { return strings.TrimSpace(m.Text() + " " + m.currency) }

// MarshalJSON writes {"amount":"12.90","currency":"EUR"}.
func (m Money) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Amount   string `json:"amount"`
		Currency string `json:"currency"`
	}{m.Text(), m.currency})
}

// Sums adds up amounts, each currency for itself. Make one with make(Sums).
type Sums map[string]decimal.Decimal

// Add adds m to its currency's sum.
func (s Sums) Add(m Money) { s[m.currency] = s[m.currency].Add(m.amount) }

// Sorted gives the sums, largest number first, then by code.
func (s Sums) Sorted() []Money {
	all := make([]Money, 0, len(s))
	for _, code := range slices.Sorted(maps.Keys(s)) {
		all = append(all, Money{s[code], code})
	}
	slices.SortStableFunc(all, func(a, b Money) int { return b.amount.Cmp(a.amount) })
	return all
}
