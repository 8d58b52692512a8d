package sheet

import (
	"embed"
	"sync"

	"github.com/kupec/kupec/module/locale"
)

// Locales are the sentences that the package's errors say, for catalogues.
//
//go:embed locales
var Locales embed.FS

// Error says what is wrong with a file, in a sentence with what to do. Key and Args name the sentence in [Locales], so that
// a screen can say it in the reader's language; Error says it in English.
type Error struct {
	Line int    `json:"line"` // 0: the file as a whole
	Key  string `json:"key"`  // "sheet.empty"
	Args []any  `json:"args"` // name, value pairs for the catalogue
	Err  error  `json:"-"`    // the library's own, or nil
}

func (e *Error) Error() string {
	s := e.Say(english())
	if e.Err != nil {
		s += " (" + e.Err.Error() + ")"
	}
	return s
}

// Unwrap gives the library's own error.
func (e *Error) Unwrap() error { return e.Err }

// Say says it in a reader's language, by a printer whose catalogue has [Locales].
func (e *Error) Say(p *locale.Printer) string {
	s := p.T(e.Key, e.Args...)
	if e.Line > 0 {
		s = p.T("sheet.line", "line", e.Line, "problem", s)
	}
	return s
}

// fault is an error with its library's, if there is one.
func fault(err error, key string, args ...any) *Error { return &Error{Key: key, Args: args, Err: err} }

func (e *Error) at(line int) *Error {
	e.Line = line
	return e
}

var english = sync.OnceValue(func() *locale.Printer {
	catalogue, err := locale.Load(Locales)
	if err != nil {
		panic(err) // the sentences are compiled in
	}
	return catalogue.Printer(locale.Reference, nil)
})
