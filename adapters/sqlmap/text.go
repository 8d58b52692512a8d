package sqlmap

import (
	"net/url"
	"strings"

	"github.com/shopspring/decimal"
)

// address makes an address of the shop's window of a path; one that is whole stays. What was typed into a file's name,
// such as a space, is escaped.
func (s site) address(path string) string {
	switch {
	case path == "":
		return ""
	case strings.HasPrefix(path, "https://"), strings.HasPrefix(path, "http://"):
		return path
	}
	path, query, asked := strings.Cut(path, "?")
	parts := strings.Split(strings.TrimLeft(path, "/"), "/")
	for i, part := range parts {
		if plain, err := url.PathUnescape(part); err == nil {
			part = plain
		}
		parts[i] = url.PathEscape(part)
	}
	full := s.url + "/" + strings.Join(parts, "/")
	if asked {
		full += "?" + query
	}
	return full
}

// less compares two numbers; an empty one is none.
func less(a, b string) bool {
	x, errX := decimal.NewFromString(a)
	y, errY := decimal.NewFromString(b)
	return errX == nil && errY == nil && x.LessThan(y)
}
