package segment

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/module/money"
)

// Type says what a field holds, in JSON and in Go.
type Type int

// The types of fields.
const (
	Whole    Type = iota // a whole number within Min and Max; int64
	Amount               // decimal text, not negative; decimal.Decimal
	Currency             // a code of ISO 4217; string
	Flag                 // true or false; bool
	Day                  // "2026-11-24"; string
	Span                 // two whole numbers, the smaller first: [21, 45]; [2]int64
	Word                 // one of Options, or a name of lower case letters, digits, _ and -; string
	Words                // one or more of Options; []string, sorted
	Country              // one or more codes of ISO 3166-1: ["SI", "AT"]; []string, sorted
	Product              // a product: its id in Kupec, or its SKU as text; Ref
	Category             // a category: its id in Kupec, or its name as text; Ref
	Texts                // one or more texts of one line and without semicolons, as somebody wrote them: ["Koper"]; []string, sorted
	Language             // one or more codes of ISO 639: ["sl", "de"]; []string, sorted
	ID                   // the id of one of the field's Things; int64
)

// Ref points at a product or a category, by id or, in files written by hand, by its name.
type Ref struct {
	ID   int64
	Name string // a product's SKU, a category's name; read when ID is 0
}

// MarshalJSON writes the number or the name.
func (r Ref) MarshalJSON() ([]byte, error) {
	if r.ID != 0 {
		return json.Marshal(r.ID)
	}
	return json.Marshal(r.Name)
}

func (r Ref) String() string {
	if r.ID != 0 {
		return strconv.FormatInt(r.ID, 10)
	}
	return r.Name
}

const (
	maxWords     = 250
	maxName      = 255
	firstYear    = 1990
	lastYear     = 2199
	dayLayout    = "2006-01-02"
	maxAmount    = 1_000_000_000_000
	wordAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789_-"
)

// Int gives a Whole or an ID.
func (c *Condition) Int(field string) int64 { v, _ := c.Values[field].(int64); return v }

// Text gives a Word, a Currency or a Day.
func (c *Condition) Text(field string) string { v, _ := c.Values[field].(string); return v }

// Flag gives a Flag.
func (c *Condition) Flag(field string) bool { v, _ := c.Values[field].(bool); return v }

// List gives Words, Country, Texts or Language.
func (c *Condition) List(field string) []string { v, _ := c.Values[field].([]string); return v }

// Span gives a Span.
func (c *Condition) Span(field string) (from, to int64) {
	v, _ := c.Values[field].([2]int64)
	return v[0], v[1]
}

// Amount gives an Amount.
func (c *Condition) Amount(field string) decimal.Decimal {
	v, _ := c.Values[field].(decimal.Decimal)
	return v
}

// Ref gives a Product or a Category.
func (c *Condition) Ref(field string) Ref { v, _ := c.Values[field].(Ref); return v }

// Has says whether the field is filled in.
func (c *Condition) Has(field string) bool { _, ok := c.Values[field]; return ok }

func sortedNames(v Values) []string { return slices.Sorted(maps.Keys(v)) }

// FromText reads what a person typed into a form for the field. The error is an [*InvalidError] whose path is the field.
func (f Field) FromText(texts ...string) (any, error) {
	v, p := f.check(f.fromText(texts))
	if p != nil {
		return nil, p.in(f.Name).at("")
	}
	return v, nil
}

func (f Field) fromText(texts []string) any {
	text := ""
	if len(texts) > 0 {
		text = strings.TrimSpace(texts[0])
	}
	switch f.Type {
	case Whole, ID:
		return json.Number(text)
	case Flag:
		if flag, err := strconv.ParseBool(text); err == nil {
			return flag
		}
	case Span, Words, Country, Texts, Language:
		many := make([]any, 0, len(texts))
		for _, t := range texts {
			for part := range strings.FieldsFuncSeq(t, f.parts(t)) {
				if part = strings.TrimSpace(part); part == "" {
					continue
				}
				if f.Type == Span {
					many = append(many, json.Number(part))
				} else {
					many = append(many, part)
				}
			}
		}
		return many
	case Product, Category:
		if id, err := strconv.ParseInt(text, 10, 64); err == nil && id > 0 {
			return Ref{ID: id}
		}
	}
	return text
}

// parts says what stands between the values of a list in a form: commas, semicolons and, where values have none, blanks. A
// text may hold a comma, and then semicolons alone part it from others.
func (f Field) parts(text string) func(rune) bool {
	semicolons := f.Type == Texts && strings.Contains(text, ";")
	return func(r rune) bool {
		return r == ';' || r == ',' && !semicolons || r == ' ' && f.Type != Texts
	}
}

// JoinTexts writes Texts for a form, as [Field.FromText] reads them.
func JoinTexts(texts []string) string {
	if slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(text, ",") }) {
		return strings.Join(texts, "; ") + ";"
	}
	return strings.Join(texts, ", ")
}

// check gives v, decoded JSON or already the type's Go form, in the type's Go form, or says why not.
func (f Field) check(v any) (any, *problem) {
	switch f.Type {
	case Whole:
		return f.whole(v)
	case Amount:
		return amount(v)
	case Currency:
		text, _ := v.(string)
		if code := strings.ToUpper(text); money.ValidCurrency(code) {
			return code, nil
		}
		return nil, wrong("currency", "want a currency code as in \"EUR\", not %s", show(v))
	case Flag:
		if b, ok := v.(bool); ok {
			return b, nil
		}
		return nil, wrong("flag", "want true or false, not %s", show(v))
	case Day:
		return day(v)
	case Span:
		return f.span(v)
	case Word:
		return f.word(v)
	case Words, Country, Texts, Language:
		return f.words(v)
	case ID:
		return Field{Min: 1, Max: math.MaxInt64 - 1}.whole(v)
	case Product, Category:
		return ref(v)
	}
	return nil, wrong("value", "cannot hold %s", show(v))
}

func (f Field) whole(v any) (any, *problem) {
	refuse := wrong("whole", "want a whole number from %d to %d, not %s", f.Min, f.Max, show(v)).with("min", f.Min, "max", f.Max)
	var n int64
	switch t := v.(type) {
	case int:
		n = int64(t)
	case int64:
		n = t
	case json.Number:
		var err error
		if n, err = strconv.ParseInt(t.String(), 10, 64); err != nil {
			return nil, refuse
		}
	default:
		return nil, refuse
	}
	if n < f.Min || n > f.Max {
		return nil, refuse
	}
	return n, nil
}

func (f Field) span(v any) (any, *problem) {
	refuse := wrong("span", "want two whole numbers from %d to %d, the smaller first, as in [21, 45], not %s", f.Min, f.Max, show(v)).
		with("min", f.Min, "max", f.Max)
	var ends []any
	switch t := v.(type) {
	case []any:
		ends = t
	case [2]int64:
		ends = []any{t[0], t[1]}
	}
	if len(ends) != 2 {
		return nil, refuse
	}
	var span [2]int64
	for i, end := range ends {
		n, p := f.whole(end)
		if p != nil {
			return nil, refuse
		}
		span[i] = n.(int64)
	}
	if span[0] > span[1] {
		return nil, refuse
	}
	return span, nil
}

func amount(v any) (any, *problem) {
	refuse := wrong("amount", "want an amount that is not negative, as in \"100.00\", not %s", show(v))
	var d decimal.Decimal
	switch t := v.(type) {
	case decimal.Decimal:
		d = t
	case json.Number, string:
		var err error
		if d, err = money.ParseAmount(fmt.Sprint(t)); err != nil {
			return nil, refuse
		}
	default:
		return nil, refuse
	}
	if d.IsNegative() || d.GreaterThan(decimal.NewFromInt(maxAmount)) {
		return nil, refuse
	}
	return d, nil
}

func day(v any) (any, *problem) {
	text, _ := v.(string)
	t, err := time.Parse(dayLayout, text)
	if err != nil || t.Year() < firstYear || t.Year() > lastYear {
		return nil, wrong("day", "want a date as in \"2026-11-24\", not %s", show(v))
	}
	return text, nil
}

func (f Field) word(v any) (any, *problem) {
	text, ok := v.(string)
	switch {
	case len(f.Options) > 0 && !slices.Contains(f.Options, text):
		allowed := list(quoted(f.Options), "or")
		return nil, wrong("word", "want %s, not %s", allowed, show(v)).with("allowed", allowed)
	case !ok || text == "" || len(text) > 64 || strings.Trim(text, wordAlphabet) != "":
		return nil, wrong("name", "want a name of lower case letters, digits, _ and -, not %s", show(v))
	}
	return text, nil
}

func (f Field) words(v any) (any, *problem) {
	var texts []string
	switch t := v.(type) {
	case []string:
		texts = slices.Clone(t)
	case []any:
		for _, one := range t {
			text, ok := one.(string)
			if !ok {
				return nil, f.badWord(one)
			}
			texts = append(texts, text)
		}
	}
	if len(texts) == 0 || len(texts) > maxWords {
		return nil, wrong("list", "want a list of at least one and at most %d texts, not %s", maxWords, show(v)).with("max", maxWords)
	}
	for i, text := range texts {
		switch {
		case f.Type == Words && slices.Contains(f.Options, text):
		case f.Type == Country && countryCode(strings.ToUpper(text)):
			texts[i] = strings.ToUpper(text)
		case f.Type == Texts && oneLine(text):
			texts[i] = strings.TrimSpace(text)
		case f.Type == Language && languageCode(strings.ToLower(text)):
			texts[i] = strings.ToLower(text)
		default:
			return nil, f.badWord(text)
		}
	}
	slices.Sort(texts)
	return slices.Compact(texts), nil
}

func (f Field) badWord(v any) *problem {
	switch f.Type {
	case Country:
		return wrong("country", "want two-letter country codes as in \"SI\", not %s", show(v))
	case Language:
		return wrong("language", "want language codes as in \"sl\", not %s", show(v))
	case Texts:
		return wrong("text", "want texts of one line, without semicolons and of at most %d bytes, not %s", maxName, show(v)).with("max", maxName)
	}
	allowed := list(quoted(f.Options), "or")
	return wrong("word", "want %s, not %s", allowed, show(v)).with("allowed", allowed)
}

func countryCode(text string) bool {
	return len(text) == 2 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'A' && text[1] <= 'Z'
}

func languageCode(text string) bool {
	return (len(text) == 2 || len(text) == 3) && strings.Trim(text, "abcdefghijklmnopqrstuvwxyz") == ""
}

func oneLine(text string) bool {
	return strings.TrimSpace(text) != "" && len(text) <= maxName && !strings.Contains(text, ";") && !strings.ContainsFunc(text, unicode.IsControl)
}

func ref(v any) (any, *problem) {
	refuse := wrong("ref", "want an id of Kupec's or a name in quotes, not %s", show(v))
	switch t := v.(type) {
	case Ref:
		if t.ID > 0 || t.ID == 0 && t.Name != "" && len(t.Name) <= maxName {
			return t, nil
		}
	case int:
		return ref(Ref{ID: int64(t)})
	case int64:
		return ref(Ref{ID: t})
	case json.Number:
		if id, err := strconv.ParseInt(t.String(), 10, 64); err == nil && id > 0 && id < math.MaxInt64 {
			return Ref{ID: id}, nil
		}
	case string:
		if name := strings.TrimSpace(t); name != "" && len(name) <= maxName {
			return Ref{Name: name}, nil
		}
	}
	return nil, refuse
}

func quoted(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = strconv.Quote(w)
	}
	return out
}

// show quotes a value back, as it would stand in JSON.
func show(v any) string {
	if text, ok := v.(string); ok {
		return strconv.Quote(clip(text))
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Sprintf("%T", v)
	}
	return clip(strings.TrimSpace(b.String()))
}
