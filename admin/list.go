package admin

import "net/url"

// pager leads through a list by keys. Text says what is shown.
type pager struct {
	Text           string
	First, Further string // addresses; "" is none
}

// pager makes the links of a list whose next page begins after a key.
func (v *visit) pager(text, next string) *pager {
	p := &pager{Text: text}
	if v.query("after") != "" {
		p.First = v.a.link(v.here())
	}
	if next != "" {
		p.Further = v.a.link(v.here("after", next))
	}
	return p
}

// pair is a name and a value, for lists of both.
type pair struct{ Name, Value string }

// listPath is a list's path with one value in its query.
func listPath(path, name, value string) string {
	return path + "?" + url.Values{name: {value}}.Encode()
}
