package daemon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/kupec/kupec/module/evaluate"
	"github.com/kupec/kupec/module/locale"
)

type evaluateReportCommand struct {
	exportFlags
	Output   string `placeholder:"FILE" help:"The page to write. Default: the export's name with .html, here; with --json none is written unless this is said."`
	Force    bool   `help:"Write over a page that is there."`
	Language string `default:"en" help:"Of the page: en, sl."`
}

// Run writes a page on everything that the export tells, or prints its numbers.
func (c *evaluateReportCommand) Run(ctx context.Context, t *terminal) error {
	words, err := locale.Load(evaluate.Locales)
	if err != nil {
		return err
	}
	speaks := words.Complete()
	if !slices.Contains(speaks, c.Language) {
		return fmt.Errorf("--language: %q is not one of %s", c.Language, strings.Join(speaks, ", "))
	}
	path := c.path()
	if path != "" {
		if err := c.free(path); err != nil {
			return err
		}
	}
	orders, err := c.read(ctx, t)
	if err != nil {
		return err
	}
	bar := t.progress()
	report, err := orders.Report(ctx, evaluate.Reporting{Name: filepath.Base(c.File), Workers: runtime.GOMAXPROCS(0),
		Progress: func(s evaluate.Step, share float64) { bar.show(string(s), int64(1000*share), 1000) }})
	bar.end()
	if err != nil {
		return fmt.Errorf("%s: %w", c.File, err)
	}
	if path != "" {
		if err := c.write(path, report, words.Printer(c.Language, nil)); err != nil {
			return fmt.Errorf("writing the report to %s: %w", path, err)
		}
	}
	if c.JSON {
		return t.json(report)
	}
	t.printf("%d customers, %d orders. The report is in %s.\n", report.Sales.Customers, report.Sales.Orders, path)
	return nil
}

// path is where the page goes; "" for nowhere.
func (c *evaluateReportCommand) path() string {
	if c.Output != "" || c.JSON {
		return c.Output
	}
	name := filepath.Base(c.File)
	for _, ending := range []string{".gz", ".csv", ".txt", ".tsv", ".xlsx"} {
		name = strings.TrimSuffix(name, ending)
	}
	return name + ".html"
}

// free says, before any work is done, that a page is there.
func (c *evaluateReportCommand) free(path string) error {
	_, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && c.Force:
		return nil
	case err == nil:
		return fmt.Errorf("%s is there already; choose another name with --output, or write over it with --force", path)
	}
	return err
}

// write writes to a file beside the page, and gives it the page's name when it is whole.
func (c *evaluateReportCommand) write(path string, r evaluate.Report, p *locale.Printer) error {
	file, err := os.CreateTemp(filepath.Dir(path), ".kupec-*.html")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) // what was renamed is there no more
	if err := errors.Join(r.WriteHTML(file, p), file.Close()); err != nil {
		return err
	}
	if c.Force {
		return os.Rename(file.Name(), path)
	}
	err = os.Link(file.Name(), path) // unlike a renaming, it takes the place of nothing that came meanwhile
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := c.free(path); err != nil { // a file system without links
		return err
	}
	return os.Rename(file.Name(), path)
}
