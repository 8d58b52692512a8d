package newsletter

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/kupec/kupec/module/locale"
)

// Locales holds the sentences of this package: locales/<language>/mail.json, what stands in the mails themselves
// (English, Slovene, German, Russian), and problems.json, what staff are told (English, Slovene).
//
//go:embed locales
var Locales embed.FS

// Severity says whether a problem stops a newsletter from being sent.
type Severity string

// The two severities.
const (
	Blocking Severity = "error" // nothing is sent until it is mended
	Warning  Severity = "warning"
)

// Problem is something about a newsletter that should be looked at before it goes out.
type Problem struct {
	Severity Severity
	Block    int    // 1 is the first block; 0: not in a block
	BlockID  string // of that block
	Field    string // "subject", "preheader", "text", "url", "alt", "link", "audience", "brand"; may be empty
	Line     int    // in the field, from 1; 0: not known
	Key      string // of the sentence in the catalogue, as "newsletter.problem.no_subject"
	Args     []any  // names and values for the sentence
}

// Sentence says in the printer's language what is wrong and what to do.
func (p Problem) Sentence(pr *locale.Printer) string {
	return pr.T(p.Key, p.Args...)
}

// String is the English sentence with its place: "block 2, line 3: …".
func (p Problem) String() string {
	var place []string
	if p.Block > 0 {
		place = append(place, fmt.Sprintf("block %d", p.Block))
	}
	if p.Field != "" {
		place = append(place, p.Field)
	}
	if p.Line > 0 {
		place = append(place, fmt.Sprintf("line %d", p.Line))
	}
	if len(place) == 0 {
		return p.Sentence(english())
	}
	return strings.Join(place, ", ") + ": " + p.Sentence(english())
}

// Blocked says whether one of the problems is [Blocking].
func Blocked(problems []Problem) bool {
	return slices.ContainsFunc(problems, func(p Problem) bool { return p.Severity == Blocking })
}

// InvalidError says what in a newsletter's form cannot be kept at all: an unknown block, a field that is not there.
type InvalidError struct {
	Path string // "blocks[2].text"; "" for the whole
	Problem
}

func (e *InvalidError) Error() string {
	place := e.Path
	switch {
	case place == "" && e.Line == 0:
		return e.Problem.Sentence(english())
	case place == "":
		place = fmt.Sprintf("line %d", e.Line)
	case e.Line > 0:
		place += fmt.Sprintf(" (line %d)", e.Line)
	}
	return place + ": " + e.Problem.Sentence(english())
}

// NotReadyError says why a newsletter was not sent: at least one of its problems is [Blocking].
type NotReadyError struct {
	Problems []Problem // all of them, the blocking ones first
}

func (e *NotReadyError) Error() string {
	var lines []string
	for _, p := range e.Problems {
		if p.Severity == Blocking {
			lines = append(lines, p.String())
		}
	}
	return "the newsletter cannot go out yet: " + strings.Join(lines, "; ")
}

// Sentinels of this package.
var (
	// ErrConflict says that somebody else has changed the newsletter since it was read. Read it again.
	ErrConflict = errors.New("somebody else has changed this newsletter in the meantime: load it again")
	// ErrState says that the newsletter's state does not allow the act.
	ErrState = errors.New("the newsletter's state does not allow this")
)

func invalid(path, key string, args ...any) *InvalidError {
	field := path
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		field = path[i+1:]
	}
	return &InvalidError{Path: path, Problem: Problem{Severity: Blocking, Field: field, Key: key, Args: args}}
}

// invalidJSON turns what encoding/json says into a place and a sentence.
func invalidJSON(path string, data []byte, err error) *InvalidError {
	e := invalid(path, "newsletter.problem.json", "detail", err.Error())
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		e.Line = lineOf(data, syntax.Offset)
	case errors.As(err, &kind):
		e.Line = lineOf(data, kind.Offset)
		e.Args = []any{"detail", "expected " + jsonKind(kind.Type.Kind().String()) + ", found " + kind.Value}
	}
	return e
}

func jsonKind(goKind string) string {
	switch goKind {
	case "slice", "array":
		return "a list"
	case "map", "struct":
		return "an object"
	case "string":
		return "text"
	case "bool":
		return "true or false"
	}
	return "a number"
}

func lineOf(data []byte, offset int64) int {
	return 1 + bytes.Count(data[:min(max(offset, 0), int64(len(data)))], []byte("\n"))
}

// english prints errors: logs and the command line speak English, screens translate the key.
var english = sync.OnceValue(func() *locale.Printer {
	c, err := locale.Load(Locales)
	if err != nil {
		panic(fmt.Sprintf("newsletter: own sentences: %v", err)) // a test loads them: cannot happen in a release
	}
	return c.Printer("en", nil)
})
