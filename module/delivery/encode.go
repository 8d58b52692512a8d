package delivery

import (
	"mime"
	"net/mail"
	"strings"
	"unicode"
)

const (
	lineMax = 76 // of quoted-printable (RFC 2045, 6.7) and of a folded header (RFC 5322, 2.1.1)
	hexes   = "0123456789ABCDEF"
)

// appendQuoted appends text in quoted-printable with CRLF line ends (RFC 2045, 6.7). A full stop that begins a line is
// encoded as well, so that what it writes needs no dot-stuffing (RFC 5321, 4.5.2); this, and its cost, is why
// mime/quotedprintable is not used. Line ends may come as LF, CRLF or CR.
func appendQuoted(dst []byte, text string) []byte {
	const most = lineMax - 1 // the last column is for the "=" of a soft line break
	for i, col := 0, 0; i < len(text); {
		c := text[i]
		if isLineEnd(c) {
			if c == '\r' && i+1 < len(text) && text[i+1] == '\n' {
				i++
			}
			dst = append(dst, '\r', '\n')
			i, col = i+1, 0
			continue
		}
		if col >= most {
			dst = append(dst, '=', '\r', '\n')
			col = 0
		}
		if run := plainRun(text[i:min(len(text), i+most-col+1)], most-col); run > 0 && !(c == '.' && col == 0) {
			dst = append(dst, text[i:i+run]...)
			i, col = i+run, col+run
			continue
		}
		if col+3 > most {
			dst = append(dst, '=', '\r', '\n')
			col = 0
		}
		dst = append(dst, '=', hexes[c>>4], hexes[c&15])
		i, col = i+1, col+3
	}
	return dst
}

// plainRun counts the bytes, at most most, that text begins with and that need no encoding. text shows one byte more
// where there is one: a blank before a line's end must be encoded.
func plainRun(text string, most int) int {
	n := 0
	for n < len(text) && n < most && plainByte[text[n]] {
		n++
	}
	if n > 0 && isBlank(text[n-1]) && (n == len(text) || isLineEnd(text[n])) {
		n--
	}
	return n
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

func isLineEnd(c byte) bool { return c == '\r' || c == '\n' }

// plainByte is what quoted-printable leaves as it is; an array, for it is asked for each byte sent.
var plainByte = func() (plain [256]bool) {
	for c := ' '; c <= '~'; c++ {
		plain[c] = c != '='
	}
	plain['\t'] = true
	return plain
}()

// oneLine makes text fit for a header: no control characters, in particular no line break, which would begin a header
// of somebody else's making, and no invalid UTF-8.
func oneLine(text string) string {
	clean := true
	for i := 0; i < len(text) && clean; i++ {
		clean = text[i] >= ' ' && text[i] < 0x7f
	}
	if clean {
		return strings.TrimSpace(text)
	}
	text = strings.ToValidUTF8(text, "\ufffd")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text))
}

// appendHeader appends an unstructured header, encoded where it must be (RFC 2047) and folded.
func appendHeader(dst []byte, name, value string) []byte {
	return appendFolded(dst, name, mime.QEncoding.Encode("utf-8", oneLine(value)))
}

// appendMailbox appends an address header.
func appendMailbox(dst []byte, name string, box Mailbox) []byte {
	a := mail.Address{Name: oneLine(box.Name), Address: string(box.Email)}
	return appendFolded(dst, name, a.String())
}

// appendFolded appends a header, going on in the next line at blanks. Encoded words never hold one, so that they are
// not torn; a word that is too long for a line stays whole.
func appendFolded(dst []byte, name, value string) []byte {
	dst = append(dst, name...)
	dst = append(dst, ':')
	col := len(name) + 1
	for word := range strings.SplitSeq(value, " ") {
		if col > len(name)+1 && col+1+len(word) > lineMax && word != "" {
			dst = append(dst, '\r', '\n')
			col = 0
		}
		dst = append(dst, ' ')
		dst = append(dst, word...)
		col += 1 + len(word)
	}
	return append(dst, '\r', '\n')
}

// appendPlain appends a header as it is, on one line: for short values of our own making which some receivers only
// read unfolded, such as List-Unsubscribe.
func appendPlain(dst []byte, name, value string) []byte {
	dst = append(dst, name...)
	dst = append(dst, ": "...)
	dst = append(dst, oneLine(value)...)
	return append(dst, '\r', '\n')
}
