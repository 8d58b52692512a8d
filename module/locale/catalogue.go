package locale

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

//go:embed locales
var base embed.FS

// Reference is the language that has every key.
const Reference = "en"

// sentence is a text by plural category; a plain text has only "other".
type sentence map[string]string

// Catalogue is every sentence in every language. It does not change after [Load] and is safe for concurrent use.
type Catalogue struct {
	languages []string // Reference first, then by name
	sentences map[string]map[string]sentence
	matcher   language.Matcher
}

// categories is which plural forms a language needs for whole numbers (CLDR).
var categories = map[string][]string{
	"en": {"one", "other"},
	"sl": {"one", "two", "few", "other"},
	"de": {"one", "other"},
	"ru": {"one", "few", "many", "other"},
}

// Load reads locales/<language>/*.json of each tree, after this package's own. It fails, naming file and key, on broken
// JSON, on a key given twice, on a plural form that is missing or unknown, and on an unknown language.
func Load(trees ...fs.FS) (*Catalogue, error) {
	c := &Catalogue{sentences: map[string]map[string]sentence{}}
	for _, tree := range append([]fs.FS{base}, trees...) {
		files, err := fs.Glob(tree, "locales/*/*.json")
		if err != nil {
			return nil, fmt.Errorf("looking for catalogues: %w", err)
		}
		for _, file := range files {
			if err := c.read(tree, file); err != nil {
				return nil, err
			}
		}
	}
	c.languages = slices.Sorted(maps.Keys(c.sentences))
	slices.SortStableFunc(c.languages, func(a, b string) int {
		switch {
		case a == b:
			return 0
		case a == Reference:
			return -1
		case b == Reference:
			return 1
		}
		return 0
	})
	var tags []language.Tag
	for _, lang := range c.languages {
		tags = append(tags, language.Make(lang))
	}
	c.matcher = language.NewMatcher(tags)
	return c, nil
}

func (c *Catalogue) read(tree fs.FS, file string) error {
	lang := path.Base(path.Dir(file))
	forms, known := categories[lang]
	if !known {
		return fmt.Errorf("%s: no plural rules for language %q: add them to package locale", file, lang)
	}
	raw, err := fs.ReadFile(tree, file)
	if err != nil {
		return fmt.Errorf("reading a catalogue: %w", err)
	}
	var entries map[string]json.RawMessage
	if err := json.Unmarshal(raw, &entries); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if c.sentences[lang] == nil {
		c.sentences[lang] = map[string]sentence{}
	}
	for key, value := range entries {
		if _, twice := c.sentences[lang][key]; twice {
			return fmt.Errorf("%s: the key %q stands in another file too", file, key)
		}
		s := sentence{}
		var plain string
		if json.Unmarshal(value, &plain) == nil {
			s["other"] = plain
		} else if err := json.Unmarshal(value, &s); err != nil {
			return fmt.Errorf("%s: %q is neither a text nor texts by plural form: %w", file, key, err)
		} else if got := slices.Sorted(maps.Keys(s)); !slices.Equal(got, slices.Sorted(slices.Values(forms))) {
			return fmt.Errorf("%s: %q has the plural forms %v, %s needs %v", file, key, got, lang, forms)
		}
		c.sentences[lang][key] = s
	}
	return nil
}

// Languages is every language that has a sentence, the reference first.
func (c *Catalogue) Languages() []string { return slices.Clone(c.languages) }

// Complete is the languages that lack nothing: those a person may be offered.
func (c *Catalogue) Complete() []string {
	return slices.DeleteFunc(c.Languages(), func(lang string) bool { return len(c.Missing(lang)) > 0 })
}

// Missing is the reference's keys that lang lacks, sorted.
func (c *Catalogue) Missing(lang string) []string {
	var missing []string
	for key := range c.sentences[Reference] {
		if _, ok := c.sentences[lang][key]; !ok {
			missing = append(missing, key)
		}
	}
	slices.Sort(missing)
	return missing
}

// Keys is lang's keys, sorted.
func (c *Catalogue) Keys(lang string) []string { return slices.Sorted(maps.Keys(c.sentences[lang])) }

// Has says whether the reference knows the key.
func (c *Catalogue) Has(key string) bool {
	_, ok := c.sentences[Reference][key]
	return ok
}

// Placeholders is the {names} in lang's sentence of the key, sorted, for tests that compare languages.
func (c *Catalogue) Placeholders(lang, key string) []string {
	found := map[string]bool{}
	for _, text := range c.sentences[lang][key] {
		for rest := text; ; {
			_, after, ok := strings.Cut(rest, "{")
			if !ok {
				break
			}
			name, tail, ok := strings.Cut(after, "}")
			if !ok {
				break
			}
			found[name] = true
			rest = tail
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// Match gives the language of the catalogue that fits a browser's Accept-Language header, or any BCP 47 tag, best.
func (c *Catalogue) Match(wanted string) string {
	if len(wanted) > 200 {
		wanted = wanted[:200]
	}
	tags, _, err := language.ParseAcceptLanguage(wanted)
	if err != nil || len(tags) == 0 {
		return Reference
	}
	_, i, confidence := c.matcher.Match(tags...)
	if confidence == language.No {
		return Reference
	}
	return c.languages[i]
}

// Printer speaks lang, or the reference where that is not known, and shows times in zone (nil: UTC).
func (c *Catalogue) Printer(lang string, zone *time.Location) *Printer {
	if _, ok := c.sentences[lang]; !ok {
		lang = Reference
	}
	if zone == nil {
		zone = time.UTC
	}
	return newPrinter(c, lang, zone)
}

// form picks the plural category of a whole number or a number with decimals, given as plain digits ("2", "1.50").
func form(tag language.Tag, digits string) string {
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(digits, "-"), ".")
	// Plural rules look at the last digits only; seven of them keep int small and say everything.
	last := func(s string) (n int) {
		for _, r := range s[max(0, len(s)-7):] {
			n = n*10 + int(r-'0')
		}
		return n
	}
	i := last(whole)
	if len(whole) > 7 {
		i += 10_000_000 // not one of the small numbers that have rules of their own
	}
	trimmed := strings.TrimRight(fraction, "0")
	switch plural.Cardinal.MatchPlural(tag, i, len(fraction), len(trimmed), last(fraction), last(trimmed)) {
	case plural.Zero:
		return "zero"
	case plural.One:
		return "one"
	case plural.Two:
		return "two"
	case plural.Few:
		return "few"
	case plural.Many:
		return "many"
	}
	return "other"
}
