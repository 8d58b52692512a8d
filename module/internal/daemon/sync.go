package daemon

import (
	"context"
	"fmt"
)

type syncCommand struct {
	Once bool `help:"Exit when the history is copied and the changes since were followed once."`
	JSON bool `name:"json" help:"Print the status as JSON at the end; needs --once."`
}

// Run copies the shop's history, with progress, and then follows it until it is stopped, or just once.
func (c *syncCommand) Run(ctx context.Context, s *Settings, t *terminal) error {
	if c.JSON && !c.Once {
		return fmt.Errorf("--json prints at the end, so it needs --once")
	}
	w, err := s.openMigrated(ctx, t, true)
	if err != nil {
		return err
	}
	defer w.close()
	ctx = asCLI(ctx)
	bar := t.progress()
	if err = w.Catchup(ctx, bar.show); err == nil && c.Once {
		err = w.Predict(ctx, func(done, total int64) { bar.show("predictions", done, total) })
	}
	bar.end()
	if err != nil {
		return err
	}
	if c.Once {
		st, err := readStatus(ctx, w.CRM)
		if err != nil {
			return err
		}
		if c.JSON {
			return t.json(st)
		}
		st.print(t)
		return nil
	}
	t.printf("The history is copied. Following changes; Ctrl-C stops.\n")
	if err := w.Intake.Start(ctx); err != nil {
		return err
	}
	<-ctx.Done()
	return w.Intake.Stop(context.WithoutCancel(ctx))
}
