// Package contact holds what a person can be reached by, in the one form in which two spellings of the same thing are
// equal: e-mail addresses, phone numbers in E.164, names and postal addresses.
//
// It owns no table. Intake, forms and imports parse foreign text through it, once; everything behind them compares bytes.
package contact

import "fmt"

// InvalidError says why a text is not what its field wants. Key names the sentence in a catalogue, so that a screen can
// say it in the reader's language; Error says it in English.
type InvalidError struct {
	Field string // "email", "phone"
	Key   string // "contact.email.two_ats"
	Value string // what was given, clipped; personal data: not for logs
}

var sentences = map[string]string{
	"contact.email.empty":    "The address is empty.",
	"contact.email.no_at":    "There is no @ in the address.",
	"contact.email.two_ats":  "There are two @ in the address. Take one out.",
	"contact.email.local":    "The part before the @ cannot be right.",
	"contact.email.domain":   "The part after the @ is not a domain, as in example.com.",
	"contact.email.too_long": "The address is longer than 254 characters.",
	"contact.phone.empty":    "The number is empty.",
	"contact.phone.invalid":  "This is not a phone number of that country. Write it with its country code, as in +386 41 555 012.",
}

func (e *InvalidError) Error() string {
	if s, ok := sentences[e.Key]; ok {
		return s
	}
	return fmt.Sprintf("the %s cannot be read", e.Field)
}

func invalid(field, key, value string) error {
	if len(value) > 100 {
		value = value[:100]
	}
	return &InvalidError{Field: field, Key: key, Value: value}
}
