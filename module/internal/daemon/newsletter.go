package daemon

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/kupec/kupec/module/delivery"
	"github.com/kupec/kupec/module/intake"
	"github.com/kupec/kupec/module/newsletter"
)

type newsletterCommand struct {
	Send newsletterSendCommand `cmd:"" help:"Send the newsletter that a file describes, and wait until it is sent."`
}

type newsletterSendCommand struct {
	File string `arg:"" help:"Subject, blocks and segment as JSON; - for standard input."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// sendResult is what `kupec newsletter send --json` prints. Its keys are relied on by others.
type sendResult struct {
	Newsletter int64            `json:"newsletter"`
	Mailing    int64            `json:"mailing"`
	Deliveries map[string]int64 `json:"deliveries"`
	Skipped    map[string]int64 `json:"skipped"`
}

// deliveryStates is printed whole, so that a reader need not ask whether a key is there.
var deliveryStates = []delivery.State{delivery.Queued, delivery.Leased, delivery.Sending, delivery.Sent, delivery.Deferred, delivery.Bounced, delivery.Skipped, delivery.Uncertain}

// Run makes the newsletter, freezes its audience, and sends until nothing can be sent any more: what the mail server
// defers stays deferred, for a running `kupec serve` to send later.
func (c *newsletterSendCommand) Run(ctx context.Context, s *Settings, t *terminal) error {
	raw, err := readFile(c.File, newsletter.MaxFile)
	if err != nil {
		return err
	}
	w, err := s.open(ctx, t, false)
	if err != nil {
		return err
	}
	defer w.close()
	file, err := newsletter.ParseFile(raw, w.Segments.Vocabulary())
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	if s.SMTPURL == "" {
		return errors.New("KUPEC_SMTP_URL is not set: say which mail server shall send, smtp://user:password@host:587")
	}
	ctx = asCLI(ctx)
	if err := w.Post.Check(ctx); err != nil {
		return err
	}
	shop, err := chooseShop(ctx, w, file.Shop)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	draft, err := w.Newsletters.Import(ctx, shop.ID, file)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	sent, err := w.Newsletters.Send(ctx, draft.ID)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, errors.Join(err, w.Newsletters.Delete(ctx, draft.ID)))
	}
	result, err := c.deliver(ctx, t, w, sent)
	if err != nil {
		return err
	}
	if c.JSON {
		return t.json(result)
	}
	t.printf("Newsletter %d, mailing %d\n", result.Newsletter, result.Mailing)
	for _, state := range deliveryStates {
		if n := result.Deliveries[string(state)]; n > 0 {
			t.printf("  %-10s %d\n", state, n)
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(result.Skipped)) {
		t.printf("    %-20s %d\n", reason, result.Skipped[reason])
	}
	return nil
}

func (c *newsletterSendCommand) deliver(ctx context.Context, t *terminal, w *world, n newsletter.Newsletter) (sendResult, error) {
	if err := w.Post.Start(ctx); err != nil {
		return sendResult{}, err
	}
	defer stopWithin(patience, w.Post.Stop)
	bar := t.progress()
	defer bar.end()
	for {
		p, err := w.Post.Progress(ctx, n.MailingID)
		if err != nil {
			return sendResult{}, err
		}
		bar.show("sending", p.Total-p.Open(), p.Total)
		busy := p.States[delivery.Queued] + p.States[delivery.Leased] + p.States[delivery.Sending]
		switch {
		case p.Mailing.State == delivery.MailingPaused:
			return sendResult{}, fmt.Errorf("the mailing was stopped: %s; mend it and resume newsletter %d in the panel", p.Mailing.Alarm, n.ID)
		case busy == 0:
			r := sendResult{Newsletter: n.ID, Mailing: n.MailingID, Deliveries: map[string]int64{}, Skipped: map[string]int64{}}
			for _, state := range deliveryStates {
				r.Deliveries[string(state)] = p.States[state]
			}
			maps.Copy(r.Skipped, p.Skipped)
			return r, nil
		}
		select {
		case <-ctx.Done():
			return sendResult{}, fmt.Errorf("stopped; what is left goes out when `kupec serve` runs: %w", ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// chooseShop gives the mirrored shop of the name, or the only one when the name is empty.
func chooseShop(ctx context.Context, w *world, name string) (intake.Shop, error) {
	shops, err := w.Intake.Shops(ctx)
	if err != nil {
		return intake.Shop{}, err
	}
	var names []string
	for _, shop := range shops {
		if shop.Name == name || name == "" && len(shops) == 1 {
			return shop, nil
		}
		names = append(names, shop.Name)
	}
	switch {
	case len(shops) == 0:
		return intake.Shop{}, errors.New("no shop is mirrored yet: run `kupec sync --once` first")
	case name == "":
		return intake.Shop{}, fmt.Errorf("say which shop it is for, \"shop\": one of %q", names)
	}
	return intake.Shop{}, fmt.Errorf("there is no shop %q; the mirrored ones are %q", name, names)
}
