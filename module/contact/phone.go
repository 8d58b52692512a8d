package contact

import (
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
