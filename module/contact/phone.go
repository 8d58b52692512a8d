package contact

import (
	"slices"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Phone is a number in E.164: "+38641555012". Made by [ParsePhone].
type Phone string

// ParsePhone reads a number in any usual notation. One without a country code belongs to country, an ISO 3166-1 alpha-2
// code; with neither it is refused. The error is an [*InvalidError].
func ParsePhone(text, country string) (Phone, error) {
	trimmed := strings.TrimSpace(text)
	if trimmed == "" {
		return "", invalid("phone", "contact.phone.empty", text)
	}
	if len(trimmed) > 64 {
		return "", invalid("phone", "contact.phone.invalid", text)
	}
	number, err := phonenumbers.Parse(trimmed, strings.ToUpper(country))
	if err != nil || !phonenumbers.IsPossibleNumber(number) {
		return "", invalid("phone", "contact.phone.invalid", text)
	}
	return Phone(phonenumbers.Format(number, phonenumbers.E164)), nil
}

// International is the number as a person reads it: "+386 41 555 012".
func (p Phone) International() string {
	number, err := phonenumbers.Parse(string(p), "")
	if err != nil {
		return string(p)
	}
	return phonenumbers.Format(number, phonenumbers.INTERNATIONAL)
}

// PhonePrefixes gives the beginnings in E.164 that a number typed so far may have: with its country code, with the one of
// country, or with both readings where the text leaves it open. It gives none for fewer than four digits or for a text
// that is not the beginning of a number.
func PhonePrefixes(text, country string) []string {
	if len(text) > 64 || strings.Trim(text, "0123456789+ ()/.-\u00a0") != "" {
		return nil
	}
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
	if len(digits) < 4 {
		return nil
	}
	if strings.HasPrefix(strings.TrimSpace(text), "+") {
		if whole, err := ParsePhone(text, ""); err == nil {
			return []string{string(whole)} // drops the (0) that people write after the country code
		}
		return []string{"+" + digits}
	}
	if abroad, ok := strings.CutPrefix(digits, "00"); ok {
		return []string{"+" + abroad}
	}
	prefixes := []string{"+" + digits}
	if whole, err := ParsePhone(text, country); err == nil {
		prefixes = append(prefixes, string(whole))
	}
	if code := phonenumbers.GetCountryCodeForRegion(strings.ToUpper(country)); code != 0 {
		prefixes = append(prefixes, "+"+strconv.Itoa(code)+strings.TrimPrefix(digits, "0"))
	}
	slices.Sort(prefixes)
	return slices.Compact(prefixes)
}
