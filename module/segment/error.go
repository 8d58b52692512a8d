package segment

import (
	"fmt"
	"strconv"
	"strings"
)

// InvalidError says what is wrong in a tree, and where. Key and Args name the sentence in the package's catalogue
// ([Locales]), so that a screen can say it in the reader's language; Error says it in English.
type InvalidError struct {
	Path   string // "all[1].days"; "" for the whole
	Key    string // "segment.invalid.whole"
	Args   []any  // name, value pairs for the catalogue
	Detail string // the same in English, without the path
}

func (e *InvalidError) Error() string {
	if e.Path == "" {
		return "the segment: " + e.Detail
	}
	return e.Path + ": " + e.Detail
}

// problem is an InvalidError without its path, which the reader adds on the way out.
type problem struct {
	field  string // the field it is about; "" for the node itself
	key    string
	args   []any
	detail string
}

func (p *problem) at(path string) *InvalidError {
	return &InvalidError{Path: join(path, p.field), Key: "segment.invalid." + p.key, Args: p.args, Detail: p.detail}
}

func wrong(key, format string, args ...any) *problem {
	return &problem{key: key, detail: fmt.Sprintf(format, args...)}
}

func (p *problem) with(args ...any) *problem {
	p.args = args
	return p
}

func (p *problem) in(field string) *problem {
	p.field = field
	return p
}

func join(path, key string) string {
	if path == "" || key == "" {
		return path + key
	}
	return path + "." + key
}

func item(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// list writes names for a sentence: "a, b or c".
func list(names []string, last string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " " + last + " " + names[len(names)-1]
}

// clip keeps what is quoted back to a person short.
func clip(s string) string {
	const most = 60
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
