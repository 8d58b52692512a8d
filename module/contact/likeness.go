package contact

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// letters that Unicode does not take apart, as people write them who lack the key.
var letters = strings.NewReplacer("ß", "ss", "đ", "d", "ð", "d", "ł", "l", "ø", "o", "æ", "ae", "œ", "oe", "þ", "th", "ı", "i")

// Fold takes from a text all that people leave out when they are in a hurry: case, accents, punctuation. What is left are
// its words, of letters and digits, between single blanks.
func Fold(text string) string {
	text = letters.Replace(strings.ToLower(norm.NFKC.String(text)))
	var b strings.Builder
	blank := false
	for _, r := range norm.NFD.String(text) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if blank && b.Len() > 0 {
				b.WriteByte(' ')
			}
			blank = false
			b.WriteRune(r)
		case unicode.IsMark(r), r == '\'', r == '’':
		default:
			blank = true
		}
	}
	return b.String()
}

// Key is the same for two spellings of one whole name, whichever part was typed first. It is empty for less than two words:
// that is nobody's whole name.
func (n Name) Key() string {
	words := strings.Fields(Fold(n.First + " " + n.Last))
	if len(words) < 2 {
		return ""
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}

// streets are words for streets as they are cut short, in the languages of the shops there are. A word may also be the end
// of another, as in Hauptstraße.
var streets = map[string]string{
	"strasse": "st", "str": "st", "street": "st", "ulica": "st", "ul": "st", "улица": "st", "ул": "st", "via": "st", "rue": "st",
	"cesta": "c", "avenue": "av", "ave": "av", "road": "rd", "trg": "sq", "platz": "sq", "square": "sq", "проспект": "av", "пр": "av", "дом": "", "д": "",
}

// Key is the same for two spellings of one postal address: street and number, postcode or else town, and country. It is
// empty where one of them is missing, for half an address is many people's.
func (a Address) Key() string {
	words := strings.Fields(Fold(a.Line1))
	place := strings.ReplaceAll(Fold(a.Postcode), " ", "")
	if place == "" {
		place = Fold(a.City)
	}
	if place == "" || !strings.ContainsFunc(a.Line1+a.Line2, unicode.IsDigit) {
		return ""
	}
	if !strings.ContainsFunc(a.Line1, unicode.IsDigit) { // the number has a line of its own
		words = append(words, strings.Fields(Fold(a.Line2))...)
	}
	var street strings.Builder
	for _, w := range words {
		short, known := streets[w]
		for _, end := range []string{"strasse", "str"} {
			if stem, ok := strings.CutSuffix(w, end); ok && !known && len(stem) > 2 {
				short, known = stem+"st", true
			}
		}
		if !known {
			short = w
		}
		street.WriteString(short)
	}
	return a.Country + "|" + place + "|" + street.String()
}

// OneTypo says whether one slip of the finger lies between two texts: a letter left out, put in, another one, or two that
// follow each other changed round (Damerau-Levenshtein distance 1).
func OneTypo(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(y)-len(x) > 1 {
		return false
	}
	start := 0
	for start < len(x) && x[start] == y[start] {
		start++
	}
	end := 0
	for end < len(x)-start && x[len(x)-1-end] == y[len(y)-1-end] {
		end++
	}
	x, y = x[start:len(x)-end], y[start:len(y)-end]
	switch {
	case len(x) == 0:
		return len(y) == 1
	case len(x) == 1:
		return len(y) == 1
	}
	return len(x) == 2 && len(y) == 2 && x[0] == y[1] && x[1] == y[0]
}

// providers are domains at which very many people have a mailbox, so that one which is nearly the same is a slip.
var providers = []string{
	"gmail.com", "googlemail.com", "yahoo.com", "hotmail.com", "outlook.com", "live.com", "icloud.com", "msn.com", "aol.com", "proton.me", "protonmail.com",
	"siol.net", "telemach.net", "amis.net", "t-2.net", "gmx.de", "gmx.at", "gmx.net", "web.de", "t-online.de", "freenet.de", "a1.net", "chello.at",
	"mail.ru", "yandex.ru", "bk.ru", "list.ru", "inbox.ru", "rambler.ru", "libero.it", "orange.fr", "free.fr", "wp.pl", "seznam.cz", "freemail.hu",
}

// EmailTypo says whether two addresses look like one that was typed wrong once: their local parts lie one slip apart at the
// same domain, or they have the same local part and only one of the domains is a great provider's, and the other one slip
// away. A digit is no slip: numbered mailboxes are different people's.
func EmailTypo(a, b Email) bool {
	if a.Domain() == b.Domain() {
		x, y := a.Local(), b.Local()
		return OneTypo(x, y) && withoutDigits(x) != withoutDigits(y)
	}
	if a.Local() != b.Local() || !OneTypo(a.Domain(), b.Domain()) {
		return false
	}
	return slices.Contains(providers, a.Domain()) != slices.Contains(providers, b.Domain())
}

func withoutDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, s)
}
