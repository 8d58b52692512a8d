package admin

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kupec/kupec/module/importer"
	"github.com/kupec/kupec/module/sheet"
	"github.com/kupec/kupec/module/staff"
)

// importColumnsPage says how a file is read, what its columns tell and what is to become of its people, with its first
// rows as they will be.
type importColumnsPage struct {
	frame
	Path   string
	Name   string
	Steps  []stepView
	Unread bool   // there are no rows yet: the file did not come whole, or Fault says what is wrong with it
	Fault  string // "" none
	Broken string // why the last check stopped

	Format     string // "csv" or "xlsx"; "" not known yet
	Encodings  []choiceView
	Delimiters []choiceView
	Sheets     []choiceView

	People    int
	Headless  bool
	Columns   []importColumn
	Countries []countryChoice
	Dates     string
	Overwrite bool
	TakeIn    bool

	CanClaim bool // may record consents at all
	Claim    bool
	Topics   []choiceView
	Source   string
	Given    string // a day
	All      bool

	Preview []previewRow
}

// stepView is a place on the way of an import.
type stepView struct {
	Label      string
	Href       string // "" cannot be gone to
	Here, Past bool
}

// importSteps is the way of an import: 0 its file, 1 its columns, 2 its report, 3 its result.
func (v *visit) importSteps(here int) []stepView {
	var steps []stepView
	for i, name := range []string{"file", "columns", "report", "result"} {
		steps = append(steps, stepView{Label: v.t("imports.step." + name), Here: i == here, Past: i < here})
	}
	return steps
}

type importColumn struct {
	Name   string // of the field in the form
	Head   string
	Values string // the first of them
	Fields []choiceView
}

// previewRow is a row as it will be.
type previewRow struct {
	Line                        int
	Name, Email, Phone, Address string
	More                        string // company and language
	Consent                     string
	Problem                     string
	Warnings                    []string
}

const (
	previewRows  = 8
	sampleValues = 3
)

func (a *Admin) importColumns(v *visit) error {
	im, err := v.anImport()
	if err != nil {
		return err
	}
	page, err := v.importColumns(im, im.Settings)
	if err != nil {
		return err
	}
	return v.render("import_columns", page)
}

// importColumns shows an import with settings that may not be kept yet.
func (v *visit) importColumns(im importer.Import, s importer.Settings) (*importColumnsPage, error) {
	page := &importColumnsPage{frame: v.frame("settings", v.t("imports.columns.title")), Path: importPath(im.ID), Name: im.Name, Broken: v.stopped(im),
		Unread: im.State == importer.Receiving || im.State == importer.Staging, People: im.People()}
	page.Back, page.Intro = &backLink{v.t("imports.title"), v.a.link("/settings/imports")}, im.Name
	page.Scripts = []string{"import.js"}
	v.fillReading(page, im)
	if page.Unread {
		page.Title, page.Intro = im.Name, ""
		page.Steps, page.Broken = v.importSteps(0), ""
		if im.Fault != nil {
			page.Fault = v.fault(im.Fault)
		}
		return page, nil
	}
	page.Steps = v.importSteps(1)
	page.Headless, page.Dates, page.Overwrite, page.TakeIn = s.Headless, string(s.Dates), s.Overwrite, s.Doubtful == importer.TakeIn
	page.Countries = v.countries(s.Country)
	if err := v.fillClaim(page, s); err != nil {
		return nil, err
	}
	return page, v.fillRows(page, im, s)
}

// fillReading is the choices of how a file is read, as far as it is known which they are.
func (v *visit) fillReading(page *importColumnsPage, im importer.Import) {
	page.Format = im.Form.Format
	for _, name := range sheet.Encodings {
		page.Encodings = append(page.Encodings, choiceView{name, name, name == im.Form.Encoding})
	}
	for _, name := range []string{"semicolon", "comma", "tab", "bar"} {
		page.Delimiters = append(page.Delimiters, choiceView{name, v.t("imports.delimiter." + name), delimiters[name] == string(im.Form.Delimiter)})
	}
	for _, name := range im.Form.Sheets {
		page.Sheets = append(page.Sheets, choiceView{name, name, name == im.Form.Sheet})
	}
}

// fillClaim is the part about consents, for those who may record them.
func (v *visit) fillClaim(page *importColumnsPage, s importer.Settings) error {
	page.CanClaim = v.may(staff.ManageMail)
	if !page.CanClaim {
		return nil
	}
	topics, err := v.a.rooms.Consents.Topics(v.ctx)
	if err != nil {
		return err
	}
	claim := s.Claim
	if page.Claim = claim != nil; claim == nil {
		claim = &importer.Claim{}
	}
	for _, t := range topics {
		page.Topics = append(page.Topics, choiceView{t.Topic, t.Name, t.Topic == claim.Topic})
	}
	page.Source, page.All = claim.Source, claim.All
	if !claim.At.IsZero() {
		page.Given = claim.At.In(v.p.Zone()).Format(time.DateOnly)
	}
	return nil
}

func (v *visit) fillRows(page *importColumnsPage, im importer.Import, s importer.Settings) error {
	rows, err := v.a.rooms.Imports.Preview(v.ctx, im.ID, s, previewRows)
	if err != nil {
		return err
	}
	for _, row := range rows {
		page.Preview = append(page.Preview, v.previewRow(row))
	}
	im.Settings = s
	for i := range im.Head {
		column := importColumn{Name: "column-" + strconv.Itoa(i), Head: im.Heading(i)}
		var values []string
		for _, row := range rows {
			if i < len(row.Cells) && row.Cells[i] != "" && len(values) < sampleValues {
				if value := clipped(row.Cells[i], 40); !slices.Contains(values, value) {
					values = append(values, value)
				}
			}
		}
		column.Values = strings.Join(values, " · ")
		for _, f := range append([]importer.Field{importer.Ignore}, importer.Fields...) {
			column.Fields = append(column.Fields, choiceView{string(f), v.t(f.Key()), i < len(s.Columns) && s.Columns[i] == f})
		}
		page.Columns = append(page.Columns, column)
	}
	return nil
}

// clipped is a text of at most so many letters.
func clipped(s string, most int) string {
	if letters := []rune(s); len(letters) > most {
		return string(letters[:most-1]) + "…"
	}
	return s
}

func (v *visit) previewRow(row importer.Row) previewRow {
	p := row.Person
	address := slices.DeleteFunc([]string{p.Address.Line1, p.Address.Line2, strings.TrimSpace(p.Address.Postcode + " " + p.Address.City), p.Address.Region, v.countryName(p.Address.Country)},
		func(s string) bool { return s == "" })
	shown := previewRow{Line: row.Line, Name: p.Name.Display(""), Phone: p.Phone.International(), Address: strings.Join(address, ", ")}
	if p.Email != "" {
		shown.Email = p.Email.Unicode()
	}
	if shown.Name == "" {
		shown.Name = v.t("imports.nameless")
	}
	more := []string{p.Company}
	if p.Language != "" {
		more = append(more, v.p.Language(p.Language))
	}
	shown.More = strings.Join(slices.DeleteFunc(more, func(s string) bool { return s == "" }), ", ")
	if row.Consented && !row.ConsentAt.IsZero() {
		shown.Consent = v.t("imports.consented", "date", v.p.Date(row.ConsentAt))
	}
	if problem := row.Problem.Say(v.p); problem != "" {
		shown.Problem = capital(problem)
		shown.Name = v.t("imports.nobody")
	}
	for _, w := range row.Warnings {
		shown.Warnings = append(shown.Warnings, capital(w.Say(v.p)))
	}
	return shown
}

func (v *visit) countryName(code string) string {
	if code == "" {
		return ""
	}
	return v.p.Country(code)
}

// importConfigure takes the form as it stands: it shows the rows anew, or keeps it and has the file checked.
func (a *Admin) importConfigure(v *visit) error {
	im, err := v.anImport()
	if err != nil {
		return err
	}
	if im.State != importer.Draft && im.State != importer.Checked {
		return v.refused(importPath(im.ID), v.t("imports.error.moved"))
	}
	s, given := v.importForm(im)
	var wrong *importer.SettingsError
	if given != nil || v.form("do") == "preview" {
		err = given
	} else if err = a.rooms.Imports.Configure(v.ctx, im.ID, s); err == nil {
		if err = a.rooms.Imports.Enqueue(v.ctx, a.rooms.Jobs, im.ID, importer.StepCheck); err == nil {
			return v.redirect(importPath(im.ID))
		}
	}
	if errors.Is(err, importer.ErrState) || errors.Is(err, importer.ErrBusy) {
		return v.refused(importPath(im.ID), v.t("imports.error.moved"))
	}
	if err != nil && !errors.As(err, &wrong) {
		return err
	}
	page, rendering := v.importColumns(im, s)
	if rendering != nil {
		return rendering
	}
	switch {
	case v.form("part") == "preview":
		return v.fragment("import_columns", "preview", page)
	case wrong != nil:
		page.Errors.add(importFields[wrong.Field], sentence(wrong.Say(v.p)))
		return v.renderInvalid("import_columns", page)
	}
	return v.render("import_columns", page)
}

// importFields are the form's names of settings that can be wrong.
var importFields = map[string]string{
	"columns": "columns", "country": "country", "dates": "dates", "zone": "dates", "doubtful": "doubtful",
	"claim": "all", "claim.topic": "topic", "claim.source": "source", "claim.at": "given",
}

// importForm is the settings as the form has them. The error is a [*importer.SettingsError].
func (v *visit) importForm(im importer.Import) (importer.Settings, error) {
	s := importer.Settings{Zone: im.Settings.Zone, Headless: v.form("headless") != "", Country: v.form("country"), Dates: sheet.Order(v.form("dates")),
		Overwrite: v.form("overwrite") != "", Doubtful: importer.LeaveOut}
	if v.form("doubtful") != "" {
		s.Doubtful = importer.TakeIn
	}
	for i := range im.Head {
		s.Columns = append(s.Columns, importer.Field(v.form(fmt.Sprintf("column-%d", i))))
	}
	if v.form("claim") == "" {
		return s, nil
	}
	s.Claim = &importer.Claim{Topic: v.form("topic"), Source: v.form("source"), All: v.form("all") == "1"}
	if given := v.form("given"); given != "" {
		at, err := time.ParseInLocation(time.DateOnly, given, v.p.Zone())
		if err != nil {
			return s, &importer.SettingsError{Field: "claim.at", Key: "importer.settings.when"}
		}
		s.Claim.At = at
	}
	return s, nil
}
