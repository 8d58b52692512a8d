package foreign

import (
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

var (
	tags   = regexp.MustCompile(`<[a-zA-Z/!][^<>]*>`)
	number = regexp.MustCompile(`^-?[0-9]{0,24}(\.[0-9]{0,24})?([eE][-+]?[0-9]{1,2})?$`)
)

// Plain is s as a person reads it: tags go first, so that an escaped "<" stays; entities are decoded once.
func Plain(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if strings.ContainsRune(s, '<') {
		s = tags.ReplaceAllString(s, "")
	}
	if strings.ContainsRune(s, '&') {
		s = html.UnescapeString(s)
	}
	return strings.Join(strings.Fields(s), " ") // no-break spaces included
}

// Decimal reads a number as DECIMAL columns and text fields of shops hold it, and as PHP prints small floats:
// "19.90000000", ".5", "1.0E-5". Empty is zero, as it is to PHP.
func Decimal(s string) (decimal.Decimal, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return decimal.Zero, nil
	}
	if !number.MatchString(s) || !strings.ContainsAny(s, "0123456789") {
		return decimal.Zero, fmt.Errorf("%q is not a number", Cut(s))
	}
	d, err := decimal.NewFromString(s)
	if err != nil {
		return decimal.Zero, fmt.Errorf("%q is not a number", Cut(s))
	}
	return d, nil
}

// Time reads a DATETIME as text; zone is the one it is meant in. A zero date is the zero time. The form with a T is
// what a pool gives that parses times by itself.
func Time(s string, zone *time.Location) (time.Time, error) {
	if s == "" || strings.HasPrefix(s, "0000-00-00") || strings.HasPrefix(s, "0001-01-01") {
		return time.Time{}, nil
	}
	for _, layout := range []string{"2006-01-02 15:04:05", time.RFC3339Nano, "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a date", Cut(s))
}

// Unix reads seconds since 1970.
func Unix(s string) (time.Time, error) {
	if s = strings.TrimSpace(s); s == "" || s == "0" {
		return time.Time{}, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > 1<<35 {
		return time.Time{}, fmt.Errorf("%q is not a time in seconds since 1970", Cut(s))
	}
	return time.Unix(n, 0).UTC(), nil
}

// Language makes BCP 47 of "sl_SI" and "de_DE_formal".
func Language(s string) string {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '_' || r == '-' })
	switch {
	case len(parts) == 0 || len(parts[0]) < 2 || len(parts[0]) > 3:
		return ""
	case len(parts) > 1 && len(parts[1]) == 2:
		return strings.ToLower(parts[0]) + "-" + strings.ToUpper(parts[1])
	}
	return strings.ToLower(parts[0])
}

// Cut keeps a foreign value short enough for a message.
func Cut(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// Country leaves out what is not a code: old shops, and some imports, have names there.
func Country(s string) string {
	s = strings.ToUpper(strings.TrimSpace(s))
	if len(s) != 2 || s[0] < 'A' || s[0] > 'Z' || s[1] < 'A' || s[1] > 'Z' {
		return ""
	}
	return s
}

// First is the first text that is not blank.
func First(texts ...string) string {
	for _, t := range texts {
		if strings.TrimSpace(t) != "" {
			return t
		}
	}
	return ""
}

// Known is the first time that is known, in the order given.
func Known(times ...time.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// ID reads a reference kept as text; 0 is none, and so is what is no number.
func ID(s string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// Str is an id as a key.
func Str(id int64) string { return strconv.FormatInt(id, 10) }

// Key is an id as the contract wants a reference: empty for none.
func Key(id int64) string {
	if id <= 0 {
		return ""
	}
	return Str(id)
}
