package woocommerce

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// WordPress keeps lists in PHP's serialised form: a:1:{s:4:"base";s:8:"/product";}. The text is foreign, so the parser
// is bounded in depth and never allocates more than the text is long. Objects are refused: nothing that is read here
// holds any.
const maxDepth = 16

var errPHP = errors.New("not serialised PHP")

// value is one PHP value: a scalar's text, or an array's entries in their order.
type value struct {
	text    string
	entries []entry
}

type entry struct {
	key   string
	value value
}

// get finds an entry by its key; nothing is an empty value.
func (v value) get(key string) value {
	for _, e := range v.entries {
		if e.key == key {
			return e.value
		}
	}
	return value{}
}

// parsePHP reads the whole of s as one value. Booleans become "1" and "", as PHP prints them; null becomes "".
func parsePHP(s string) (value, error) {
	p := &parser{rest: s}
	v, err := p.value(0)
	if err != nil {
		return value{}, err
	}
	if p.rest != "" {
		return value{}, fmt.Errorf("%w: %d bytes too many", errPHP, len(p.rest))
	}
	return v, nil
}

type parser struct{ rest string }

func (p *parser) value(depth int) (value, error) {
	if depth > maxDepth {
		return value{}, fmt.Errorf("%w: nested deeper than %d", errPHP, maxDepth)
	}
	if strings.HasPrefix(p.rest, "N;") {
		p.rest = p.rest[2:]
		return value{}, nil
	}
	if len(p.rest) < 2 || p.rest[1] != ':' {
		return value{}, fmt.Errorf("%w: a value was expected", errPHP)
	}
	kind := p.rest[0]
	p.rest = p.rest[2:]
	switch kind {
	case 'i':
		return p.scalar(func(s string) error { _, err := strconv.ParseInt(s, 10, 64); return err })
	case 'd':
		return p.scalar(func(s string) error { _, err := strconv.ParseFloat(s, 64); return err })
	case 'b':
		v, err := p.scalar(func(s string) error {
			if s != "0" && s != "1" {
				return errPHP
			}
			return nil
		})
		if v.text == "0" {
			v.text = ""
		}
		return v, err
	case 's':
		text, err := p.str()
		return value{text: text}, err
	case 'a':
		return p.array(depth)
	}
	return value{}, fmt.Errorf("%w: kind %q is not read", errPHP, kind)
}

func (p *parser) scalar(check func(string) error) (value, error) {
	text, rest, ok := strings.Cut(p.rest, ";")
	if !ok || check(text) != nil {
		return value{}, fmt.Errorf("%w: a number was expected", errPHP)
	}
	p.rest = rest
	return value{text: text}, nil
}

// count reads "12:".
func (p *parser) count() (int, error) {
	digits, rest, ok := strings.Cut(p.rest, ":")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 0 || n > len(rest) {
		return 0, fmt.Errorf("%w: a length was expected", errPHP)
	}
	p.rest = rest
	return n, nil
}

// str reads 4:"base"; where the length is in bytes.
func (p *parser) str() (string, error) {
	n, err := p.count()
	if err != nil {
		return "", err
	}
	if len(p.rest) < n+3 || p.rest[0] != '"' || p.rest[n+1:n+3] != `";` {
		return "", fmt.Errorf("%w: a string is shorter or longer than it says", errPHP)
	}
	text := p.rest[1 : n+1]
	p.rest = p.rest[n+3:]
	return text, nil
}

// array reads 2:{key value key value}.
func (p *parser) array(depth int) (value, error) {
	n, err := p.count()
	if err != nil {
		return value{}, err
	}
	if !strings.HasPrefix(p.rest, "{") {
		return value{}, fmt.Errorf("%w: an array does not open", errPHP)
	}
	p.rest = p.rest[1:]
	var v value
	for range n {
		if !strings.HasPrefix(p.rest, "i:") && !strings.HasPrefix(p.rest, "s:") {
			return value{}, fmt.Errorf("%w: a key is no number and no text", errPHP)
		}
		key, err := p.value(depth + 1)
		if err != nil {
			return value{}, err
		}
		item, err := p.value(depth + 1)
		if err != nil {
			return value{}, err
		}
		v.entries = append(v.entries, entry{key.text, item})
	}
	if !strings.HasPrefix(p.rest, "}") {
		return value{}, fmt.Errorf("%w: an array does not close", errPHP)
	}
	p.rest = p.rest[1:]
	return v, nil
}
