package daemon

import (
	"context"
	"errors"
	"fmt"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/store"
)

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
