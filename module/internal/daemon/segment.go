package daemon

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/kupec/kupec/module/consent"
)

type segmentCommand struct {
	Count    segmentCountCommand    `cmd:"" help:"How many people a segment file selects, and how many of them may be mailed."`
	History  segmentHistoryCommand  `cmd:"" help:"How a saved segment grew, and how many entered and left."`
	Compare  segmentCompareCommand  `cmd:"" help:"How two or three saved segments overlap."`
	Backtest segmentBacktestCommand `cmd:"" help:"Who would have been in a saved segment on the first of each month, and what they bought in the 30 days after."`
}

type segmentCountCommand struct {
	File string `arg:"" help:"The condition tree as JSON; - for standard input."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// Run counts.
func (c *segmentCountCommand) Run(ctx context.Context, s *Settings, t *terminal) error {
	raw, err := readFile(c.File, 1<<20)
	if err != nil {
		return err
	}
	w, err := s.open(ctx, t, false)
	if err != nil {
		return err
	}
	defer w.close()
	tree, err := w.Segments.Parse(raw)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	count, err := w.Segments.Count(asCLI(ctx), tree, 0, consent.DefaultTopic)
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	if c.JSON {
		return t.json(count)
	}
	t.printf("%d people, %d of them may be mailed (counted in %d ms)\n", count.Profiles, count.Mailable, count.Millis)
	return nil
}

// readFile reads a file of at most limit bytes; "-" is standard input.
func readFile(name string, limit int64) ([]byte, error) {
	in := os.Stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	raw, err := io.ReadAll(io.LimitReader(in, limit+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if int64(len(raw)) > limit {
		return nil, fmt.Errorf("%s is larger than %d bytes", name, limit)
	}
	return raw, nil
}
