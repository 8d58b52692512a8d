package sheet

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/wlynxg/chardet"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
)

// Encodings are the names that can be said in [Options], those of the WHATWG's Encoding Standard.
var Encodings = []string{"utf-8", "utf-16le", "utf-16be", "windows-1250", "windows-1251", "windows-1252", "windows-1253", "windows-1254",
	"windows-1257", "koi8-r", "ibm866", "iso-8859-2", "macintosh"}

func encodingOf(name string) (encoding.Encoding, error) {
	switch name {
	case "utf-16le":
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), nil
	case "utf-16be":
		return unicode.UTF16(unicode.BigEndian, unicode.UseBOM), nil
	case "utf-8":
		return unicode.UTF8BOM, nil
	}
	return htmlindex.Get(name)
}

// guessEncoding finds out how the beginning of a file is encoded. language is one that its people probably speak: eight-bit
// texts of Western and of Central Europe cannot always be told apart.
func guessEncoding(head []byte, whole bool, language string) string {
	switch {
	case bytes.HasPrefix(head, []byte{0xEF, 0xBB, 0xBF}):
		return "utf-8"
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}):
		return "utf-16le"
	case bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		return "utf-16be"
	}
	if order := wide(head); order != "" {
		return order
	}
	if validUTF8(head, whole) {
		return "utf-8"
	}
	switch found := chardet.Detect(head); strings.ToLower(found.Encoding) {
	case "windows-1251", "maccyrillic", "iso-8859-5", "x-mac-cyrillic":
		return "windows-1251"
	case "koi8-r":
		return "koi8-r"
	case "ibm866", "ibm855":
		return "ibm866"
	case "windows-1253", "iso-8859-7":
		return "windows-1253"
	}
	return latin(head, language)
}

// wide tells UTF-16 without a mark at its beginning by where the zeros of its Latin letters, digits and separators are.
func wide(head []byte) string {
	var even, odd int
	for i, b := range head {
		if b == 0 && i%2 == 0 {
			even++
		} else if b == 0 {
			odd++
		}
	}
	switch half := len(head) / 2; {
	case half > 4 && odd > half/2 && even < half/10:
		return "utf-16le"
	case half > 4 && even > half/2 && odd < half/10:
		return "utf-16be"
	}
	return ""
}

// validUTF8 forgives a character that the end of the head cuts in two.
func validUTF8(head []byte, whole bool) bool {
	if utf8.Valid(head) {
		return true
	}
	for cut := 1; !whole && cut < utf8.UTFMax && cut < len(head); cut++ {
		if utf8.Valid(head[:len(head)-cut]) {
			return true
		}
	}
	return false
}

// centralEurope are the languages whose people have windows-1250.
var centralEurope = []string{"sl", "hr", "bs", "cs", "sk", "pl", "hu", "ro", "sq"}

// latin tells windows-1250 from windows-1252. Most accented letters have the same place in both. What speaks for the one
// are letters that are signs in the other (ł ą ż đ for ³ ¹ ¿ ð), and š or ž beside a č; for the other, à ñ å.
func latin(head []byte, language string) string {
	count := func(set ...byte) (n int) {
		for _, b := range head {
			if slices.Contains(set, b) {
				n++
			}
		}
		return n
	}
	central := count(0xB3, 0xB9, 0xBF, 0xF0, 0x9D, 0x8D, 0xD0, 0xA3, 0xAF) // ł ą ż đ ť Ť Đ Ł Ż
	if count(0x8A, 0x9A, 0x8E, 0x9E) > 0 {                                 // Š š Ž ž: in both, and common only with č, ř
		central += count(0xE8, 0xC8, 0xF8, 0xD8, 0xEC, 0xCC, 0xE6, 0xC6) // č Č ř Ř ě Ě ć Ć
	}
	western := count(0xE0, 0xC0, 0xF1, 0xD1, 0xE5, 0xC5, 0xFB, 0xF2) // à À ñ Ñ å Å û ò
	base, _, _ := strings.Cut(strings.ToLower(language), "-")
	switch {
	case central > western:
		return "windows-1250"
	case western > central:
		return "windows-1252"
	case slices.Contains(centralEurope, base):
		return "windows-1250"
	}
	return "windows-1252"
}
