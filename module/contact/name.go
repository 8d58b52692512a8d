package contact

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Name is a person's name in the two parts that shops ask for. Either may be empty.
type Name struct {
	First, Last string
}

// CleanName folds blanks and takes out control characters, and cuts each part to max runes.
func CleanName(first, last string, max int) Name {
	return Name{CleanText(first, max), CleanText(last, max)}
}

// CleanText makes foreign text fit for one line: valid UTF-8, no control or invisible direction characters, single blanks, at most max
// runes.
func CleanText(s string, max int) string {
	s = strings.ToValidUTF8(s, "")
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == '\u200b', r == '\ufeff':
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) > max {
		s = strings.TrimRight(string([]rune(s)[:max]), " ")
	}
	return s
}

// Display is the whole name, or fallback when both parts are empty.
func (n Name) Display(fallback string) string {
	if whole := strings.TrimSpace(n.First + " " + n.Last); whole != "" {
		return whole
	}
	return fallback
}

// Initials are the first letters of both parts, in capitals: "MK". Empty for an empty name.
func (n Name) Initials() string {
	var b strings.Builder
	for _, part := range []string{n.First, n.Last} {
		if r, _ := utf8.DecodeRuneInString(part); part != "" {
			b.WriteRune(unicode.ToUpper(r))
		}
	}
	return b.String()
}

// Address is a postal address as typed. Country is ISO 3166-1 alpha-2, or empty.
type Address struct {
	Line1, Line2, City, Postcode, Region, Country string
}

// IsZero says whether nothing is known.
func (a Address) IsZero() bool { return a == Address{} }
