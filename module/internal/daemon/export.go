package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/sheet"
)

type exportCommand struct {
	File      string `arg:"" optional:"" help:"The .xlsx or .csv file to write people to."`
	Segment   string `placeholder:"FILE" help:"Only those whom this condition tree selects; - for standard input. Default: everybody."`
	SegmentID int64  `name:"segment-id" placeholder:"ID" help:"Only those of a segment saved in the panel."`
	JSON      bool   `name:"json" help:"Print JSON."`

	Profile  string `placeholder:"EMAIL" help:"Instead: everything that is known of one person."`
	HTML     bool   `name:"html" help:"Of a person: write a page to read instead of JSON."`
	Language string `placeholder:"CODE" help:"Of a person: the page's language. Default: the person's own, else English."`
	Out      string `placeholder:"FILE" help:"Of a person: write to this file. Default: standard output."`
}

// Run writes a table of people, or everything that is known of one.
func (c *exportCommand) Run(ctx context.Context, s *Settings, t *terminal) error {
	switch {
	case (c.File == "") == (c.Profile == ""):
		return errors.New("say one of: a file to write people to, --profile EMAIL")
	case c.Segment != "" && c.SegmentID != 0:
		return errors.New("say one of: --segment, --segment-id")
	case c.File != "":
		if _, err := sheet.FormatOf(c.File); err != nil {
			return err
		}
	}
	w, err := s.open(ctx, t, false)
	if err != nil {
		return err
	}
	defer w.close()
	ctx = asCLI(ctx)
	if c.Profile != "" {
		return c.dossier(ctx, t, w)
	}
	return c.people(ctx, t, w)
}

// people writes the table. A file that is there is not written over, and one that could not be written whole is taken away.
func (c *exportCommand) people(ctx context.Context, t *terminal, w *world) error {
	filter, err := c.filter(ctx, w)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(c.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("writing to %s: %w", c.File, err)
	}
	people, err := writePeople(ctx, w, filter, file)
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(c.File))
	}
	if c.JSON {
		return t.json(struct {
			File   string `json:"file"`
			People int64  `json:"people"`
		}{c.File, people})
	}
	t.printf("%d people are in %s.\n", people, c.File)
	return nil
}

// filter is whom the flags choose.
func (c *exportCommand) filter(ctx context.Context, w *world) (customer.ListFilter, error) {
	var people segment.Query
	var err error
	switch {
	case c.SegmentID != 0:
		people, err = w.Segments.Export(ctx, c.SegmentID, 0)
	case c.Segment != "":
		raw, reading := readFile(c.Segment, 1<<20)
		if reading != nil {
			return customer.ListFilter{}, reading
		}
		var tree segment.Tree
		if tree, err = w.Segments.Parse(raw); err == nil {
			people, err = w.Segments.Compile(ctx, tree, segment.Scope{})
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", c.Segment, err)
		}
	}
	return customer.ListFilter{Where: customer.Condition(people)}, err
}

// peopleHead names the columns as `kupec import` knows them again.
var peopleHead = []string{"email", "first_name", "last_name", "company", "phone", "address1", "address2", "postcode", "city", "region", "country", "language",
	"stage", "newsletter", "orders", "net_spent", "currency", "last_order"}

func writePeople(ctx context.Context, w *world, f customer.ListFilter, file *os.File) (people int64, err error) {
	format, err := sheet.FormatOf(file.Name())
	if err != nil {
		return 0, err
	}
	out, err := sheet.NewWriter(file, format, peopleHead)
	if err != nil {
		return 0, err
	}
	err = w.People.Export(ctx, f, func(r customer.Row) error {
		people++
		p, a := r.Profile, r.Profile.Address
		return out.Write([]any{string(p.Email), p.Name.First, p.Name.Last, p.Company, string(p.Phone), a.Line1, a.Line2, a.Postcode, a.City, a.Region, a.Country, p.Language,
			r.Stage, string(r.Consent), r.Orders, r.Net.Amount(), r.Net.Currency(), r.LastOrderAt})
	})
	if err != nil {
		return 0, err
	}
	return people, out.Close()
}

// dossier writes everything that is known of somebody.
func (c *exportCommand) dossier(ctx context.Context, t *terminal, w *world) error {
	person, err := w.byEmail(ctx, c.Profile)
	if err != nil {
		return err
	}
	dossier, err := w.People.Access(ctx, person.ID)
	if err != nil {
		return err
	}
	to := t
	if c.Out != "" {
		file, err := os.OpenFile(c.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // it is a person's, and nobody else's
		if err != nil {
			return fmt.Errorf("writing to %s: %w", c.Out, err)
		}
		defer file.Close()
		to = &terminal{out: file, err: t.err}
	}
	if !c.HTML {
		return to.json(dossier)
	}
	words, err := locale.Load(customer.Locales)
	if err != nil {
		return err
	}
	language := c.Language
	if language == "" {
		language = person.Language
	}
	return dossier.WriteHTML(to.out, words.Printer(words.Match(language), nil))
}
