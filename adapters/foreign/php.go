package foreign

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// PHP shops keep lists in PHP's serialised form: a:1:{s:4:"base";s:8:"/product";}. The text is foreign, so the parser
// is bounded in depth and never allocates more than the text is long. Of an object, its fields are read like an array's
// entries, and nothing is made of its class.
const maxDepth = 16

// ErrPHP is what [ParsePHP] fails with.
var ErrPHP = errors.New("not serialised PHP")

// Value is one PHP value: a scalar's text, or an array's entries or an object's fields, in their order.
type Value struct {
	Text    string
	Entries []Entry
}

// Entry is one of an array.
type Entry struct {
	Key   string
	Value Value
}

// Get finds an entry by its key; nothing is an empty value.
func (v Value) Get(key string) Value {
	for _, e := range v.Entries {
		if e.Key == key {
			return e.Value
		}
	}
	return Value{}
}

// ParsePHP reads the whole of s as one value. Booleans become "1" and "", as PHP prints them; null becomes "".
func ParsePHP(s string) (Value, error) {
	p := &parser{rest: s}
	v, err := p.value(0)
	if err != nil {
		return Value{}, err
	}
	if p.rest != "" {
		return Value{}, fmt.Errorf("%w: %d bytes too many", ErrPHP, len(p.rest))
	}
	return v, nil
}

type parser struct{ rest string }

func (p *parser) value(depth int) (Value, error) {
	if depth > maxDepth {
		return Value{}, fmt.Errorf("%w: nested deeper than %d", ErrPHP, maxDepth)
	}
	if strings.HasPrefix(p.rest, "N;") {
		p.rest = p.rest[2:]
		return Value{}, nil
	}
	if len(p.rest) < 2 || p.rest[1] != ':' {
		return Value{}, fmt.Errorf("%w: a value was expected", ErrPHP)
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
				return ErrPHP
			}
			return nil
		})
		if v.Text == "0" {
			v.Text = ""
		}
		return v, err
	case 's':
		text, err := p.str()
		return Value{Text: text}, err
	case 'a':
		return p.array(depth)
	case 'O':
		return p.object(depth)
	}
	return Value{}, fmt.Errorf("%w: kind %q is not read", ErrPHP, kind)
}

func (p *parser) scalar(check func(string) error) (Value, error) {
	text, rest, ok := strings.Cut(p.rest, ";")
	if !ok || check(text) != nil {
		return Value{}, fmt.Errorf("%w: a number was expected", ErrPHP)
	}
	p.rest = rest
	return Value{Text: text}, nil
}

// count reads "12:".
func (p *parser) count() (int, error) {
	digits, rest, ok := strings.Cut(p.rest, ":")
	n, err := strconv.Atoi(digits)
	if !ok || err != nil || n < 0 || n > len(rest) {
		return 0, fmt.Errorf("%w: a length was expected", ErrPHP)
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
		return "", fmt.Errorf("%w: a string is shorter or longer than it says", ErrPHP)
	}
	text := p.rest[1 : n+1]
	p.rest = p.rest[n+3:]
	return text, nil
}

// array reads 2:{key value key value}.
func (p *parser) array(depth int) (Value, error) {
	n, err := p.count()
	if err != nil {
		return Value{}, err
	}
	if !strings.HasPrefix(p.rest, "{") {
		return Value{}, fmt.Errorf("%w: an array does not open", ErrPHP)
	}
	p.rest = p.rest[1:]
	var v Value
	for range n {
		if !strings.HasPrefix(p.rest, "i:") && !strings.HasPrefix(p.rest, "s:") {
			return Value{}, fmt.Errorf("%w: a key is no number and no text", ErrPHP)
		}
		key, err := p.value(depth + 1)
		if err != nil {
			return Value{}, err
		}
		item, err := p.value(depth + 1)
		if err != nil {
			return Value{}, err
		}
		v.Entries = append(v.Entries, Entry{key.Text, item})
	}
	if !strings.HasPrefix(p.rest, "}") {
		return Value{}, fmt.Errorf("%w: an array does not close", ErrPHP)
	}
	p.rest = p.rest[1:]
	return v, nil
}

// object reads 4:"Date":1:{field value}. Before the name of a field that is not public stands who may see it, in NUL bytes.
func (p *parser) object(depth int) (Value, error) {
	n, err := p.count()
	if err != nil {
		return Value{}, err
	}
	if len(p.rest) < n+3 || p.rest[0] != '"' || p.rest[n+1:n+3] != `":` {
		return Value{}, fmt.Errorf("%w: the name of a class is shorter or longer than it says", ErrPHP)
	}
	p.rest = p.rest[n+3:]
	v, err := p.array(depth)
	for i, e := range v.Entries {
		v.Entries[i].Key = e.Key[strings.LastIndexByte(e.Key, 0)+1:]
	}
	return v, err
}
