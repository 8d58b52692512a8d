package contact

import (
	"crypto/sha256"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// Email is a normalised address: local part and domain in lower case, the domain in ASCII. Made by [ParseEmail].
type Email string

const maxEmail = 254 // RFC 5321, 4.5.3.1.3, less the angle brackets

// ParseEmail normalises an address as people and shops write it: blanks, angle brackets, a display name and mailto: are
// taken off, case is folded, an international domain becomes ASCII (UTS 46). Tags after a plus are kept, for they may
// be different people's. Quoted local parts are refused: nobody has one, and they are a way to smuggle. The error is an
// [*InvalidError].
//
// Folding the local part's case is not what RFC 5321 says, but what every provider does.
func ParseEmail(text string) (Email, error) {
	s := strings.TrimFunc(norm.NFC.String(strings.ToValidUTF8(clip(text), "")), blank)
	if open := strings.LastIndexByte(s, '<'); open >= 0 && strings.HasSuffix(s, ">") {
		s = strings.TrimFunc(s[open+1:len(s)-1], blank)
	}
	if len(s) >= 7 && strings.EqualFold(s[:7], "mailto:") {
		s = s[7:]
	}
	if s == "" {
		return "", invalid("email", "contact.email.empty", text)
	}
	local, domain, ok := strings.Cut(s, "@")
	switch {
	case !ok:
		return "", invalid("email", "contact.email.no_at", text)
	case strings.Contains(domain, "@"):
		return "", invalid("email", "contact.email.two_ats", text)
	case !validLocal(local):
		return "", invalid("email", "contact.email.local", text)
	}
	ascii, err := idna.Lookup.ToASCII(strings.TrimSuffix(domain, "."))
	if err != nil || !validDomain(ascii) {
		return "", invalid("email", "contact.email.domain", text)
	}
	address := strings.ToLower(local) + "@" + strings.ToLower(ascii)
	if len(address) > maxEmail {
		return "", invalid("email", "contact.email.too_long", text)
	}
	return Email(address), nil
}

// clip bounds the work on a hostile text; whatever is cut off is far longer than an address may be.
func clip(s string) string {
	if len(s) > 2048 {
		return s[:2048]
	}
	return s
}

func blank(r rune) bool { return unicode.IsSpace(r) || r == '\u200b' || r == '\ufeff' }

// validLocal takes the dot-atom of RFC 5322 and, beyond ASCII, letters and digits (RFC 6531).
func validLocal(s string) bool {
	if s == "" || len(s) > 64 || s[0] == '.' || s[len(s)-1] == '.' || strings.Contains(s, "..") {
		return false
	}
	for _, r := range s {
		ok := r < utf8.RuneSelf && (r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("!#$%&'*+-/=?^_`{|}~.", r)) ||
			r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
		if !ok {
			return false
		}
	}
	return true
}

func validDomain(s string) bool {
	if s == "" || len(s) > 253 || !strings.Contains(s, ".") {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		if strings.Trim(strings.ToLower(label), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	top := s[strings.LastIndexByte(s, '.')+1:]
	return strings.Trim(top, "0123456789") != "" // not an IP address
}

// Domain is the part after the @, in ASCII.
func (e Email) Domain() string { return string(e[strings.LastIndexByte(string(e), '@')+1:]) }

// Local is the part before the @.
func (e Email) Local() string {
	local, _, _ := strings.Cut(string(e), "@")
	return local
}

// Unicode is the address as a person would read it, with its domain's own letters.
func (e Email) Unicode() string {
	domain, err := idna.Display.ToUnicode(e.Domain())
	if err != nil {
		return string(e)
	}
	return e.Local() + "@" + domain
}

// Hash is SHA-256 of the address: what a suppression keeps when the address itself must be forgotten. SQL has the same
// by UNHEX(SHA2(email, 256)).
func (e Email) Hash() [32]byte { return sha256.Sum256([]byte(e)) }
