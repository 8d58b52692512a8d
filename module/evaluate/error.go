package evaluate

import (
	"fmt"
	"strings"
)

// ColumnError says that a column is not there, or that nothing tells a field.
type ColumnError struct {
	Column string   // asked for; "" where a field has none
	Field  Field    // that needs a column, or that is not known
	Has    []string // the file's head
}

func (e *ColumnError) Error() string {
	has := strings.Join(quoted(e.Has), ", ")
	switch {
	case e.Column == "":
		return fmt.Sprintf("no column tells the %s; say which one does: --map COLUMN=%s. The file has %s", e.Field, e.Field, has)
	case e.Field == "":
		return fmt.Sprintf("there is no column %q; the file has %s", e.Column, has)
	}
	var all []string
	for _, f := range Fields {
		all = append(all, string(f))
	}
	return fmt.Sprintf("column %q is said to tell %q; it can tell %s", e.Column, e.Field, strings.Join(all, ", "))
}

func quoted(heads []string) []string {
	const most = 30
	var all []string
	for i, h := range heads {
		if i == most {
			return append(all, "…")
		}
		all = append(all, fmt.Sprintf("%q", short(h)))
	}
	return all
}

// CellError says what is wrong with a cell.
type CellError struct {
	Line    int
	Column  string
	Problem string
}

func (e *CellError) Error() string {
	return fmt.Sprintf("line %d, column %q: %s", e.Line, short(e.Column), e.Problem)
}

// SizeError says that a file tells more than can be held.
type SizeError struct {
	Line int
	What string
	Most int
}

func (e *SizeError) Error() string {
	return fmt.Sprintf("line %d: the file tells more than can be held, %d %s; split it by time", e.Line, e.Most, e.What)
}

// CurrencyError says that amounts in several currencies cannot be summed up.
type CurrencyError struct {
	Line       int
	Has, Other string
}

func (e *CurrencyError) Error() string {
	return fmt.Sprintf("line %d: the file has amounts in %s and in %s; choose one with --currency, lines in others are left out", e.Line, e.Has, e.Other)
}

func short(cell string) string {
	if r := []rune(cell); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return cell
}

// NeedError says that a question needs a column that the file has not, or that was not found.
type NeedError struct {
	Field Field
	What  string // the question
}

func (e *NeedError) Error() string {
	return fmt.Sprintf("no column tells the %s, without which %s cannot be told; say which one does: --map COLUMN=%s", e.Field, e.What, e.Field)
}
