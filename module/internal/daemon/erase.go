package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/store"
)

type exportCommand struct {
	Profile  string `required:"" placeholder:"EMAIL" help:"Of whom everything that is known is given out."`
	HTML     bool   `name:"html" help:"Write a page to read instead of JSON."`
	Language string `placeholder:"CODE" help:"The page's language. Default: the person's own, else English."`
	Out      string `placeholder:"FILE" help:"Write to this file. Default: standard output."`
}

type eraseCommand struct {
	Profile string `required:"" placeholder:"EMAIL" help:"Who is forgotten. It cannot be undone."`
	DryRun  bool   `help:"Only say what would go."`
	JSON    bool   `name:"json" help:"Print JSON."`
}

// byEmail finds somebody, or says what to do.
func (w *world) byEmail(ctx context.Context, address string) (customer.Profile, error) {
	email, err := contact.ParseEmail(address)
	if err != nil {
		return customer.Profile{}, fmt.Errorf("%s: %w", address, err)
	}
	person, err := w.People.ByEmail(ctx, email)
	if errors.Is(err, store.ErrNotFound) {
		return customer.Profile{}, fmt.Errorf("nobody has the address %s: `kupec sync --once` copies what is new in the shop", email)
	}
	return person, err
}

// Run writes everything that is known of somebody.
func (c *exportCommand) Run(ctx context.Context, s *Settings, t *terminal) error {
	w, err := s.open(ctx, t, false)
	if err != nil {
		return err
	}
	defer w.close()
	ctx = asCLI(ctx)
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

// Run forgets somebody.
func (c *eraseCommand) Run(ctx context.Context, s *Settings, t *terminal) error {
	w, err := s.open(ctx, t, false)
	if err != nil {
		return err
	}
	defer w.close()
	ctx = asCLI(ctx)
	person, err := w.byEmail(ctx, c.Profile)
	if err != nil {
		return err
	}
	act := w.People.Erase
	if c.DryRun {
		act = w.People.PreviewErase
	}
	gone, err := act(ctx, person.ID)
	if err != nil {
		return err
	}
	if c.JSON {
		return t.json(struct {
			Profile    int64 `json:"profile"`
			Identities int64 `json:"identities"`
			Events     int64 `json:"events"`
			Orders     int64 `json:"orders"`
			Erased     bool  `json:"erased"`
		}{person.ID, gone.Identities, gone.Events, gone.Orders, !c.DryRun})
	}
	verb := "went"
	if c.DryRun {
		verb = "would go"
	}
	t.printf("Profile %d, %d identities and %d events %s for good. %d orders stay in the sums, without a name.\n", person.ID, gone.Identities, gone.Events, verb, gone.Orders)
	return nil
}
