package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/kupec/kupec/module/internal/bench"
	"github.com/kupec/kupec/module/internal/mariadb"
)

type benchCommand struct {
	Profiles int      `default:"100000" help:"How many people the measured shop has; each has three orders on average."`
	Messages int      `default:"20000" help:"How many messages each side sends."`
	Conns    int      `default:"8" help:"Connections to the mail server, for each side."`
	Only     []string `placeholder:"PART" help:"What to measure: backfill, models, segments, freeze, mail, panel. Default: all."`
	Keep     bool     `help:"Leave the databases there, to look at."`
	JSON     bool     `name:"json" help:"Print JSON."`
	Sink     bool     `hidden:"" help:"Be the mail server that a measuring kupec sends to."`
}

// benchBufferM is the buffer pool of the server that is measured on, in MiB: what a small machine of its own would have.
const benchBufferM = 1024

// Run measures on the server of KUPEC_DSN, or on one made for this and cleared away.
func (c *benchCommand) Run(ctx context.Context, s *Settings, t *terminal) error {
	if c.Sink {
		// The measuring process ends it through its standard input: a Ctrl-C that reaches both must not end it first.
		return bench.Sink(context.WithoutCancel(ctx), os.Stdin, t.out)
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding the program itself: %w", err)
	}
	var opened closers
	defer opened.close()
	dsn, err := c.server(ctx, s, t, &opened)
	if err != nil {
		return err
	}
	bar := t.progress()
	report, err := bench.Run(ctx, bench.Config{DSN: dsn, Profiles: c.Profiles, Messages: c.Messages, Conns: c.Conns, Only: c.Only,
		Sink: []string{self, "bench", "--sink"}, Keep: c.Keep, Progress: bar.show, Logger: t.log})
	bar.end()
	if len(report.Measures) == 0 && err != nil {
		return err
	}
	if c.JSON {
		return errors.Join(err, t.json(report))
	}
	return errors.Join(err, report.Print(t.out))
}

// server gives the address of the server to measure on.
func (c *benchCommand) server(ctx context.Context, s *Settings, t *terminal, opened *closers) (string, error) {
	if s.DSN != "" {
		return s.DSN, nil
	}
	if err := os.MkdirAll(s.Data, 0o700); err != nil {
		return "", fmt.Errorf("making the data folder: %w", err)
	}
	dir, err := os.MkdirTemp(s.Data, "bench-")
	if err != nil {
		return "", fmt.Errorf("making a folder to measure in: %w", err)
	}
	if c.Keep {
		opened.add(func() { t.printf("The server's data are kept in %s\n", filepath.Join(dir, "data")) })
	} else {
		opened.add(func() { _ = os.RemoveAll(dir) })
	}
	server, err := mariadb.Start(ctx, mariadb.Config{Dir: dir, BufferM: benchBufferM})
	if err != nil {
		return "", err
	}
	opened.add(func() { stopWithin(30*time.Second, server.Stop) })
	return server.DSN(""), nil
}
