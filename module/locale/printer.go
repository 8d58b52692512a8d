package locale

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/shopspring/decimal"
	"golang.org/x/text/currency"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"github.com/kupec/kupec/module/money"
)

// Printer speaks one language and shows times in one zone. It is safe for concurrent use.
type Printer struct {
	catalogue      *Catalogue
	lang           string
	tag            language.Tag
	zone           *time.Location
	group, decimal string
	message        *message.Printer
}

func newPrinter(c *Catalogue, lang string, zone *time.Location) *Printer {
	tag := language.Make(lang)
	p := &Printer{catalogue: c, lang: lang, tag: tag, zone: zone, message: message.NewPrinter(tag)}
	// x/text formats floats only; the separators are taken from a sample, so that exact decimals need no float.
	marks := strings.FieldsFunc(p.message.Sprint(number.Decimal(1234567.5)), unicode.IsDigit)
	p.group, p.decimal = marks[0], marks[len(marks)-1]
	return p
}

// Lang is the language spoken.
func (p *Printer) Lang() string { return p.lang }

// Zone is where times are shown.
func (p *Printer) Zone() *time.Location { return p.zone }

// T says the sentence of a key, with its {names} filled from the pairs of name and value that follow. Numbers, money and
// times are shown in the language's form. The value called count chooses the plural form. A key that no language knows
// is said as it is, so that a mistake shows.
func (p *Printer) T(key string, args ...any) string {
	lang := p.lang
	s, ok := p.catalogue.sentences[lang][key]
	if !ok {
		lang = Reference
		if s, ok = p.catalogue.sentences[lang][key]; !ok {
			return key
		}
	}
	text := s["other"]
	for i := 0; len(s) > 1 && i+1 < len(args); i += 2 {
		if args[i] == "count" {
			if digits, ok := plain(args[i+1]); ok {
				text = s[form(language.Make(lang), digits)]
			}
		}
	}
	if !strings.Contains(text, "{") {
		return text
	}
	pairs := make([]string, 0, len(args))
	for i := 0; i+1 < len(args); i += 2 {
		name, _ := args[i].(string)
		pairs = append(pairs, "{"+name+"}", p.show(args[i+1]))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

func (p *Printer) show(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case money.Money:
		return p.Money(v)
	case time.Time:
		return p.Date(v)
	}
	if _, ok := plain(v); ok {
		return p.Number(v)
	}
	return fmt.Sprint(v)
}

// plain gives a number as digits with a point.
func plain(v any) (string, bool) {
	switch v := v.(type) {
	case int:
		return strconv.Itoa(v), true
	case int32:
		return strconv.FormatInt(int64(v), 10), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case uint64:
		return strconv.FormatUint(v, 10), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case decimal.Decimal:
		return v.String(), true
	}
	return "", false
}

// Number shows an integer, float64 or decimal with the language's separators: "4,182". Floats keep at most two places.
func (p *Printer) Number(v any) string {
	if f, ok := v.(float64); ok {
		v = decimal.NewFromFloat(f).Round(2)
	}
	digits, ok := plain(v)
	if !ok {
		return fmt.Sprint(v)
	}
	return p.separate(digits)
}

func (p *Printer) separate(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "\u2212", digits[1:] // a true minus
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	var b strings.Builder
	b.WriteString(sign)
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(p.group)
		}
		b.WriteRune(r)
	}
	if fraction != "" {
		b.WriteString(p.decimal)
		b.WriteString(fraction)
	}
	return b.String()
}

// Percent shows a ratio, 0.118 as "11.8%", with the given number of places.
func (p *Printer) Percent(ratio float64, places int) string {
	text := p.separate(decimal.NewFromFloat(ratio).Shift(2).StringFixed(int32(places)))
	return p.T("number.percent", "number", text)
}

// Money shows an amount with its currency's sign and minor unit: "€48,214.60".
func (p *Printer) Money(m money.Money) string {
	return p.sign(m.Amount().StringFixedBank(money.Digits(m.Currency())), m.Currency())
}

// MoneyRound shows an amount without its minor unit, for axes: "€3,000".
func (p *Printer) MoneyRound(m money.Money) string {
	return p.sign(m.Amount().StringFixedBank(0), m.Currency())
}

func (p *Printer) sign(digits, code string) string {
	text := p.separate(digits)
	if code == "" {
		return text
	}
	symbol := code
	if unit, err := currency.ParseISO(code); err == nil {
		symbol = p.message.Sprint(currency.NarrowSymbol(unit))
	}
	if minus, rest, ok := strings.Cut(text, "\u2212"); ok && minus == "" {
		return "\u2212" + p.T("number.money", "number", rest, "symbol", symbol)
	}
	return p.T("number.money", "number", text, "symbol", symbol)
}

// Country is the name of an ISO 3166-1 alpha-2 code, or the code itself where it is not one.
func (p *Printer) Country(code string) string {
	region, err := language.ParseRegion(code)
	if err != nil || code == "" {
		return code
	}
	return display.Regions(p.tag).Name(region)
}

// Language is the name of a BCP 47 language in the spoken one: "Slovenian".
func (p *Printer) Language(code string) string {
	tag, err := language.Parse(code)
	if err != nil || code == "" {
		return code
	}
	return display.Languages(p.tag).Name(tag)
}
