package sqlmap

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kupec/kupec/adapters"
)

// FileError says what is wrong at one place of a file. Several are joined in the order of the file; errors.As finds the
// first.
type FileError struct {
	File         string   // as [Config.File] calls it
	Line, Column int      // from 1; Column 0: only the line is known
	Path         string   // the key's path: "orders.fields.total"; empty: the whole file
	Found        string   // what stands there, cut short; empty: a list or a mapping
	Problem      string   // one sentence
	Near         []string // names that exist and look like the one found, the nearest first

	missing string // what the database lacks, for [adapters.SchemaError]; empty: the file alone is wrong
}

func (e *FileError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d", e.File, e.Line)
	if e.Column > 0 {
		fmt.Fprintf(&b, ":%d", e.Column)
	}
	b.WriteString(": ")
	if e.Path != "" {
		b.WriteString(e.Path)
		if e.Found != "" {
			fmt.Fprintf(&b, " is %q", e.Found)
		}
		b.WriteString(": ")
	}
	b.WriteString(e.Problem)
	if len(e.Near) > 0 {
		b.WriteString(" The nearest names: " + strings.Join(e.Near, ", ") + ".")
	}
	return b.String()
}

// problems collects all that is wrong, so that a file is corrected in one go.
type problems struct {
	file string
	list []*FileError
}

// mostProblems are told at once; one mistake in an alias can make a hundred.
const mostProblems = 20

func (p *problems) add(at place, problem string, near ...string) *FileError {
	e := &FileError{File: p.file, Line: at.line, Column: at.column, Path: at.path, Found: at.found, Problem: problem, Near: near}
	p.list = append(p.list, e)
	return e
}

// err is nil where nothing was wrong.
func (p *problems) err() error {
	slices.SortStableFunc(p.list, func(a, b *FileError) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	var errs []error
	for i, e := range p.list {
		if i == mostProblems {
			break
		}
		errs = append(errs, e)
	}
	return errors.Join(errs...)
}

// schemaErr is what is wrong with the database, as the contract wants it.
func (p *problems) schemaErr() error {
	err := p.err()
	if err == nil {
		return nil
	}
	missing := p.list[0].missing
	return &adapters.SchemaError{Platform: platform, Missing: missing, Next: "Correct the file, or the address of the database (KUPEC_SHOP_DSN).", Err: err}
}
