package importer

import (
	"embed"
	"encoding/json"
	"strconv"
	"sync"

	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/sheet"
)

// Locales are the sentences of the package, for catalogues: what there is to say of rows and settings.
//
//go:embed locales
var Locales embed.FS

// Remark is what there is to say of a row. Key and Args name the sentence in [Locales]; the zero value says nothing.
type Remark struct {
	Key  string   `json:"key"`
	Args []string `json:"args,omitempty"` // name, value pairs
}

func remark(key string, args ...string) Remark { return Remark{key, args} }

func (r Remark) zero() bool { return r.Key == "" }

// Say says it in a reader's language.
func (r Remark) Say(p *locale.Printer) string {
	if r.zero() {
		return ""
	}
	args := make([]any, len(r.Args))
	for i, arg := range r.Args {
		args[i] = arg
		if i%2 == 0 {
			continue
		}
		switch n, err := strconv.Atoi(arg); {
		case r.Args[i-1] == "country":
			args[i] = p.Country(arg)
		case r.Args[i-1] == "count" && err == nil: // a word's plural goes by it
			args[i] = n
		}
	}
	return p.T(r.Key, args...)
}

// String says it in English.
func (r Remark) String() string { return r.Say(english()) }

// store is the remark as a row keeps it.
func (r Remark) store() string {
	if r.zero() {
		return ""
	}
	raw, err := json.Marshal(r)
	if err != nil {
		panic(err) // texts only
	}
	return string(raw)
}

var english = sync.OnceValue(func() *locale.Printer {
	catalogue, err := locale.Load(Locales, sheet.Locales)
	if err != nil {
		panic(err) // the sentences are compiled in
	}
	return catalogue.Printer(locale.Reference, nil)
})
