package importer

import (
	"errors"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/sheet"
)

// Settings is what staff say of a file.
type Settings struct {
	Columns   []Field     `json:"columns"`   // what each column tells
	Headless  bool        `json:"headless"`  // the first row is a person, and no head
	Country   string      `json:"country"`   // ISO 3166-1 alpha-2: whose phone numbers are meant where none is said
	Dates     sheet.Order `json:"dates"`     // of dates with slashes; default the day first
	Zone      string      `json:"zone"`      // IANA name: of times that name none; default UTC
	Overwrite bool        `json:"overwrite"` // known people's details are replaced, and not only filled in
	Doubtful  Doubt       `json:"doubtful"`  // default LeaveOut
	Claim     *Claim      `json:"claim"`     // nil: consent is not imported
}

// Doubt says what becomes of rows that only look like somebody.
type Doubt string

// What can.
const (
	LeaveOut Doubt = "skip"
	TakeIn   Doubt = "new" // as people of their own
)

// Claim is the word of who imports for a consent.
type Claim struct {
	Topic  string    `json:"topic"`
	Source string    `json:"source"` // where and how it was given, in a sentence: it stands in the ledger as the wording
	At     time.Time `json:"at"`     // when, for rows whose column does not say
	All    bool      `json:"all"`    // everybody on the list gave it; else a column says who
}

// SettingsError says which setting cannot be, and what to do. Key and Args name the sentence in [Locales].
type SettingsError struct {
	Field string // "columns", "country", "claim.source"
	Key   string
	Args  []any
}

func (e *SettingsError) Error() string { return e.Field + ": " + e.Say(english()) }

// Say says it in a reader's language.
func (e *SettingsError) Say(p *locale.Printer) string { return p.T(e.Key, inWords(p, e.Args)...) }

// inWords names fields as people call them. Arguments that were stored have become texts.
func inWords(p *locale.Printer, args []any) []any {
	args = slices.Clone(args)
	for i, arg := range args {
		f, ok := arg.(Field)
		if text, stored := arg.(string); stored && i%2 == 1 && args[i-1] == "field" {
			f, ok = Field(text), slices.Contains(Fields, Field(text))
		}
		if ok {
			args[i] = p.T(f.Key())
		}
	}
	return args
}

const sourceMax = 1000

// check holds settings against a file of so many columns.
func (s Settings) check(columns int, now time.Time) error {
	fail := func(field, key string, args ...any) error {
		return &SettingsError{field, "importer.settings." + key, args}
	}
	if len(s.Columns) != columns {
		return fail("columns", "columns", "columns", columns, "described", len(s.Columns))
	}
	seen := map[Field]bool{}
	for i, f := range s.Columns {
		switch {
		case f == Ignore:
		case !slices.Contains(Fields, f):
			return fail("columns", "column", "column", i+1, "field", string(f))
		case seen[f]:
			return fail("columns", "twice", "field", f)
		}
		seen[f] = true
	}
	if !seen[Email] {
		return fail("columns", "no_email")
	}
	if s.Country != "" {
		if region, err := language.ParseRegion(s.Country); err != nil || !region.IsCountry() || region.String() != s.Country {
			return fail("country", "country", "country", s.Country)
		}
	}
	if _, err := time.LoadLocation(s.Zone); err != nil {
		return fail("zone", "zone", "zone", s.Zone)
	}
	if s.Dates != "" && s.Dates != sheet.DayFirst && s.Dates != sheet.MonthFirst {
		return fail("dates", "dates", "dates", string(s.Dates))
	}
	if s.Doubtful != "" && s.Doubtful != LeaveOut && s.Doubtful != TakeIn {
		return fail("doubtful", "doubtful", "doubtful", string(s.Doubtful))
	}
	return s.Claim.check(fail, seen, now)
}

func (c *Claim) check(fail func(field, key string, args ...any) error, seen map[Field]bool, now time.Time) error {
	switch {
	case c == nil:
		return nil
	case c.Topic == "":
		return fail("claim.topic", "topic")
	case strings.TrimSpace(c.Source) == "":
		return fail("claim.source", "source")
	case len(c.Source) > sourceMax:
		return fail("claim.source", "long_source", "most", sourceMax)
	case !c.All && !seen[Consent]:
		return fail("claim", "who")
	case c.At.IsZero() && !seen[ConsentAt]:
		return fail("claim.at", "when")
	case c.At.After(now.Add(24 * time.Hour)):
		return fail("claim.at", "future")
	}
	return nil
}

// ErrState is what a step fails with that an import's state does not allow.
var ErrState = errors.New("the import is not in the state for that")

// ErrBusy is what fails while another step of the same import is at work.
var ErrBusy = errors.New("the import is being worked on just now")

// ErrNoFile is what reading a file fails with that did not come whole, or is kept no longer.
var ErrNoFile = errors.New("the file is not kept whole")
