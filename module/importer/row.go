package importer

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/sheet"
)

// Row is a line of the file as it is understood.
type Row struct {
	Line      int
	Cells     []string
	Person    customer.Person
	Consented bool
	ConsentAt time.Time
	Warnings  []Remark // what was left out: a phone number that is none
	Problem   Remark   // why the row is bad; zero: it is good
}

// reader understands rows of one file.
type reader struct {
	settings Settings
	ref      string // the evidence: "import 12"
	zone     *time.Location
	now      time.Time
	at       map[Field]int
}

func newReader(s Settings, id int64, zone *time.Location, now time.Time) *reader {
	r := &reader{settings: s, ref: "import " + strconv.FormatInt(id, 10), zone: zone, now: now, at: map[Field]int{}}
	for i, f := range s.Columns {
		if f != Ignore {
			r.at[f] = i
		}
	}
	return r
}

func (r *reader) row(line int, cells []string) Row {
	row := Row{Line: line, Cells: cells}
	cell := func(f Field) string {
		if i, ok := r.at[f]; ok && i < len(cells) {
			return cells[i]
		}
		return ""
	}
	email, err := contact.ParseEmail(cell(Email))
	switch {
	case cell(Email) == "":
		row.Problem = remark("importer.no_email")
		return row
	case err != nil:
		row.Problem = remark("importer.bad_email", "text", short(cell(Email)))
		return row
	}
	p := customer.Person{Evidence: customer.EvidenceImport, Ref: r.ref, Email: email, Company: cell(Company), Name: r.name(cell)}
	p.Address = contact.Address{Line1: cell(Line1), Line2: cell(Line2), City: cell(City), Postcode: cell(Postcode), Region: cell(Region)}
	if text := cell(Country); text != "" {
		if p.Address.Country = country(text); p.Address.Country == "" {
			row.Warnings = append(row.Warnings, remark("importer.bad_country", "text", short(text)))
		}
	}
	if text := cell(Language); text != "" {
		if tag, err := language.Parse(strings.ReplaceAll(text, "_", "-")); err == nil {
			p.Language = tag.String()
		} else {
			row.Warnings = append(row.Warnings, remark("importer.bad_language", "text", short(text)))
		}
	}
	if text := cell(Phone); text != "" {
		home := r.settings.Country
		if p.Address.Country != "" {
			home = p.Address.Country
		}
		if p.Phone, err = contact.ParsePhone(text, home); err != nil {
			row.Warnings = append(row.Warnings, badPhone(text, home))
		}
	}
	row.Person = p
	r.consent(&row, cell)
	return row
}

func badPhone(text, country string) Remark {
	if country == "" {
		return remark("importer.whose_phone", "text", short(text))
	}
	return remark("importer.bad_phone", "text", short(text), "country", country)
}

func (r *reader) name(cell func(Field) string) contact.Name {
	first, last := cell(FirstName), cell(LastName)
	if whole := cell(FullName); first == "" && last == "" && whole != "" {
		if before, after, ok := strings.Cut(whole, ","); ok { // Novak, Ana
			first, last = strings.TrimSpace(after), strings.TrimSpace(before)
		} else if at := strings.LastIndexByte(whole, ' '); at > 0 {
			first, last = whole[:at], whole[at+1:]
		} else {
			first = whole
		}
	}
	return contact.CleanName(first, last, 120)
}

// yes are the words for it, folded.
var yes = []string{"yes", "y", "1", "true", "x", "ok", "subscribed", "subscribe", "active", "confirmed", "granted", "optin", "da", "ja", "j", "да", "подписан", "naročen", "narocen", "✓"}

// consent reads who agreed and when. A date that cannot be read makes the row bad: a consent without its time is none.
func (r *reader) consent(row *Row, cell func(Field) string) {
	claim := r.settings.Claim
	if claim == nil {
		return
	}
	row.Consented = claim.All || slices.Contains(yes, foldYes(cell(Consent)))
	if !row.Consented {
		return
	}
	row.ConsentAt = claim.At
	if text := cell(ConsentAt); text != "" {
		at, err := sheet.ParseTime(text, r.settings.Dates, r.zone)
		switch {
		case err != nil:
			row.Problem = remark("importer.bad_date", "text", short(text))
		case at.After(r.now.Add(24 * time.Hour)):
			row.Problem = remark("importer.future", "text", short(text))
		}
		row.ConsentAt = at
	}
	if row.Problem.zero() && row.ConsentAt.IsZero() {
		row.Problem = remark("importer.no_date")
	}
}

func foldYes(s string) string {
	if s == "✓" {
		return s
	}
	return fold(s)
}

// country is the code of a country that is written as a code or by its name in a language of the panel.
func country(text string) string {
	code := strings.ToUpper(strings.TrimSpace(text))
	if len(code) == 2 || len(code) == 3 {
		if region, err := language.ParseRegion(code); err == nil && region.IsCountry() {
			return region.String()
		}
	}
	return countries()[fold(text)]
}

func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}

// names of countries in the languages that files come in.
func namesOfCountries() map[string]string {
	names := map[string]string{}
	for _, in := range []language.Tag{language.English, language.Slovenian, language.German, language.Russian, language.Croatian, language.Italian} {
		namer := display.Regions(in)
		for a := 'A'; a <= 'Z'; a++ {
			for b := 'A'; b <= 'Z'; b++ {
				if region, err := language.ParseRegion(string(a) + string(b)); err == nil && region.IsCountry() {
					if name := namer.Name(region); name != "" {
						names[fold(name)] = region.String()
					}
				}
			}
		}
	}
	return names
}

var countries = sync.OnceValue(namesOfCountries)
