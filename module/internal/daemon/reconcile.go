package daemon

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/kupec/kupec/module/intake"
)

type reconcileCommand struct {
	Shop string `placeholder:"NAME" help:"Only this shop. Default: every attached one."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Run compares the shops with their mirrors, mends what differs, and says what it was.
func (c *reconcileCommand) Run(ctx context.Context, s *Settings, t *terminal) error {
	w, err := s.openMigrated(ctx, t, true)
	if err != nil {
		return err
	}
	defer w.close()
	ctx = asCLI(ctx)
	bar := t.progress()
	found, err := w.Intake.Reconcile(ctx, c.Shop, func(p intake.Progress) { bar.show(p.Shop+" "+p.Stream, p.Done, p.Total) })
	bar.end()
	if c.JSON {
		if found == nil {
			found = []intake.Findings{}
		}
		return errors.Join(err, t.json(struct {
			Shops []intake.Findings `json:"shops"`
		}{found}))
	}
	for _, f := range found {
		printFindings(t, f)
	}
	return err
}

func printFindings(t *terminal, f intake.Findings) {
	t.printf("%s: %d rows put right, in %s\n", f.Shop, f.Repaired(), f.Took().Round(time.Millisecond))
	for _, s := range f.Streams {
		switch {
		case s.Error != "":
			t.printf("  %-10s given up: %s\n", s.Stream, s.Error)
			continue
		case s.Skipped != "":
			t.printf("  %-10s not compared: %s\n", s.Stream, s.Skipped)
			continue
		}
		t.printf("  %-10s %d ranges compared, %d of them read again\n", s.Stream, s.Compared, s.Reread)
		for _, sort := range []struct {
			name  string
			found intake.Found
		}{{"missed", s.Missed}, {"edited", s.Edited}, {"deleted", s.Deleted}, {"set aside", s.Aside}} {
			if sort.found.Rows > 0 {
				t.printf("             %d %s: %s\n", sort.found.Rows, sort.name, some(sort.found))
			}
		}
	}
}

// some names the first keys, and says that there are more.
func some(f intake.Found) string {
	text := strings.Join(f.Keys, ", ")
	if more := f.Rows - int64(len(f.Keys)); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
