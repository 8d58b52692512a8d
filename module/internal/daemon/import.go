package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/kupec/kupec/module/importer"
	"github.com/kupec/kupec/module/sheet"
)

type importCommand struct {
	File      string            `arg:"" optional:"" help:"The .xlsx or .csv file."`
	Shop      string            `help:"For which shop, where there are several."`
	Map       map[string]string `placeholder:"COLUMN=FIELD" help:"What a column tells, by its head: email, first_name, last_name, name, company, phone, line1, line2, postcode, city, region, country, language, consent, consent_at, ignore. Default: guessed."`
	Country   string            `placeholder:"SI" help:"Whose phone numbers are meant where none is said."`
	Dates     string            `default:"dmy" enum:"dmy,mdy" help:"Which comes first in dates with slashes: dmy, mdy."`
	Encoding  string            `help:"Of a .csv file. Default: found out."`
	Delimiter string            `help:"Of a .csv file. Default: found out."`
	Sheet     string            `help:"Of an .xlsx file. Default: the first."`
	Overwrite bool              `help:"Replace what is known, where it is not the shop account's own word."`
	Doubtful  string            `default:"skip" enum:"skip,new" help:"Rows that only look like somebody: skip, new."`
	Topic     string            `placeholder:"TOPIC" help:"Record consent to this topic; needs --source and a date."`
	Source    string            `help:"Where and how consent was given, in a sentence."`
	Given     string            `placeholder:"DATE" help:"When consent was given, for rows that do not say."`
	Everybody bool              `help:"Everybody in the file gave consent. Default: a column says who."`
	Yes       bool              `short:"y" help:"Apply it. Default: only check, and say what would be done."`
	Rest      string            `placeholder:"FILE" help:"Write the rows that are not taken in to this file, .csv or .xlsx, with the reason beside each."`
	Apply     int64             `placeholder:"ID" help:"Apply an import that was checked before."`
	Undo      int64             `placeholder:"ID" help:"Take an import back."`
	JSON      bool              `name:"json" help:"Print JSON."`
}

// importResult is what `kupec import --json` prints.
type importResult struct {
	Import   int64                    `json:"import"`
	State    importer.State           `json:"state"`
	Rows     map[importer.Outcome]int `json:"rows"`
	Changes  map[importer.Field]int   `json:"changes"`
	Consents int                      `json:"consents"`
	Warnings int                      `json:"warnings"`
}

// Run brings a file in, or goes on with an import that is there.
func (c *importCommand) Run(ctx context.Context, s *Settings, t *terminal) error {
	given := 0
	for _, one := range []bool{c.File != "", c.Apply != 0, c.Undo != 0} {
		if one {
			given++
		}
	}
	if given != 1 {
		return errors.New("say one of: a file to bring in, --apply ID, --undo ID")
	}
	if c.Rest != "" {
		if _, err := sheet.FormatOf(c.Rest); err != nil {
			return fmt.Errorf("--rest: %w", err)
		}
	}
	w, err := s.open(ctx, t, false)
	if err != nil {
		return err
	}
	defer w.close()
	ctx = asCLI(ctx)
	id, steps := c.Apply, []importer.Step{importer.StepApply}
	switch {
	case c.Undo != 0:
		id, steps = c.Undo, []importer.Step{importer.StepUndo}
	case c.File != "":
		if id, err = c.stage(ctx, w); err != nil {
			return err
		}
		if steps = []importer.Step{importer.StepCheck}; c.Yes {
			steps = append(steps, importer.StepApply)
		}
	}
	for _, step := range steps {
		if err := c.do(ctx, t, w, id, step); err != nil {
			return fmt.Errorf("import %d: %w", id, err)
		}
	}
	if err := c.rest(ctx, w, id); err != nil {
		return err
	}
	return c.tell(ctx, t, w, id)
}

// stage copies the file in and settles how it is read.
func (c *importCommand) stage(ctx context.Context, w *world) (int64, error) {
	shop, err := chooseShop(ctx, w, c.Shop)
	if err != nil {
		return 0, err
	}
	opt := sheet.Options{Encoding: c.Encoding, Sheet: c.Sheet, Language: shop.Locale}
	if c.Delimiter != "" {
		opt.Delimiter = []rune(strings.ReplaceAll(c.Delimiter, `\t`, "\t"))[0]
	}
	im, err := w.Imports.Stage(ctx, shop.ID, c.File, filepath.Base(c.File), opt)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", c.File, err)
	}
	settings, err := c.settings(im, shop.Zone)
	if err == nil {
		err = w.Imports.Configure(ctx, im.ID, settings)
	}
	if err != nil {
		return 0, fmt.Errorf("%s: %w", c.File, errors.Join(err, w.Imports.Discard(ctx, im.ID)))
	}
	return im.ID, nil
}

func (c *importCommand) settings(im importer.Import, zone string) (importer.Settings, error) {
	set := im.Settings
	set.Country, set.Dates, set.Overwrite, set.Doubtful = c.Country, sheet.Order(c.Dates), c.Overwrite, importer.Doubt(c.Doubtful)
	if location, err := time.LoadLocation(zone); err == nil {
		set.Zone = location.String()
	}
	for column, field := range c.Map {
		at := slices.Index(im.Head, column)
		if at < 0 {
			return set, fmt.Errorf("--map: there is no column %q; the file has %q", column, im.Head)
		}
		f := importer.Field(field)
		if field == "ignore" {
			f = importer.Ignore
		}
		for i := range set.Columns { // what is said takes the place of what was guessed
			if f != importer.Ignore && set.Columns[i] == f {
				set.Columns[i] = importer.Ignore
			}
		}
		set.Columns[at] = f
	}
	if c.Topic == "" {
		return set, nil
	}
	set.Claim = &importer.Claim{Topic: c.Topic, Source: c.Source, All: c.Everybody}
	if c.Given != "" {
		at, err := sheet.ParseTime(c.Given, set.Dates, time.UTC)
		if err != nil {
			return set, fmt.Errorf("--given: %w", err)
		}
		set.Claim.At = at
	}
	return set, nil
}

func (c *importCommand) do(ctx context.Context, t *terminal, w *world, id int64, step importer.Step) error {
	if err := w.Imports.Begin(ctx, id, step); err != nil {
		return err
	}
	bar := t.progress()
	defer bar.end()
	return w.Imports.Do(ctx, id, step, func(_ context.Context, done, total int) error {
		bar.show(string(step), int64(done), int64(total))
		return nil
	})
}

func (c *importCommand) rest(ctx context.Context, w *world, id int64) error {
	if c.Rest == "" {
		return nil
	}
	format, err := sheet.FormatOf(c.Rest)
	if err != nil {
		return err
	}
	out, err := os.OpenFile(c.Rest, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(w.Imports.Rest(ctx, id, format, nil, out), out.Close())
}

func (c *importCommand) tell(ctx context.Context, t *terminal, w *world, id int64) error {
	im, err := w.Imports.Get(ctx, id)
	if err != nil {
		return err
	}
	if c.JSON {
		return t.json(importResult{im.ID, im.State, im.Report.Rows, im.Report.Changes, im.Report.Consents, im.Report.Warnings})
	}
	t.printf("Import %d of %s is %s.\n", im.ID, im.Name, im.State)
	for _, o := range []importer.Outcome{importer.Stranger, importer.Update, importer.Same, importer.Doubtful, importer.Repeated, importer.Bad} {
		if n := im.Report.Rows[o]; n > 0 {
			t.printf("  %-9s %d\n", o, n)
		}
	}
	if im.Settings.Claim != nil {
		t.printf("  %d rows say that consent to %s was given\n", im.Report.Consents, im.Settings.Claim.Topic)
	}
	switch im.State {
	case importer.Checked:
		t.printf("Nothing is written yet. To apply it: kupec import --apply %d\n", im.ID)
	case importer.Done:
		t.printf("To take it back: kupec import --undo %d\n", im.ID)
	}
	return nil
}
