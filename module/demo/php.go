package demo

import "strconv"

// phpArray builds a serialised PHP array with its keys in the given order, as WordPress stores options and sessions.
type phpArray struct {
	body []byte
	n    int
}

func appendPHPString(b []byte, s string) []byte {
	b = append(b, "s:"...)
	b = strconv.AppendInt(b, int64(len(s)), 10)
	b = append(b, ':', '"')
	b = append(b, s...)
	return append(b, '"', ';')
}

func (a *phpArray) key(k string) *phpArray {
	a.n++
	a.body = appendPHPString(a.body, k)
	return a
}

func (a *phpArray) index(i int64) *phpArray {
	a.n++
	a.body = append(strconv.AppendInt(append(a.body, "i:"...), i, 10), ';')
	return a
}

func (a *phpArray) str(s string) *phpArray { a.body = appendPHPString(a.body, s); return a }

func (a *phpArray) num(n int64) *phpArray {
	a.body = append(strconv.AppendInt(append(a.body, "i:"...), n, 10), ';')
	return a
}

func (a *phpArray) yes() *phpArray { a.body = append(a.body, "b:1;"...); return a }

func (a *phpArray) sub(inner *phpArray) *phpArray {
	a.body = append(a.body, inner.String()...)
	return a
}

func (a *phpArray) String() string {
	return "a:" + strconv.Itoa(a.n) + ":{" + string(a.body) + "}"
}
