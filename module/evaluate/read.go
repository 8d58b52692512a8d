package evaluate

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/kupec/kupec/module/sheet"
)

// Bounds of what is held of a file.
const (
	MaxLines  = 30_000_000
	maxKey    = 200       // bytes of a customer, an order or a product
	maxHeld   = 512 << 20 // bytes of all names
	maxSum    = 4e18      // of all amounts, in Unit, so that no sum overflows
	someLines = 1 << 14   // between two looks at the clock
)

// Reason is why a line is left out.
type Reason string

// The reasons.
const (
	NoCustomer    Reason = "no customer"
	Returned      Reason = "returned"       // a quantity or a price below 0, or a quantity of 0
	Free          Reason = "free"           // Options.Paid
	OtherProduct  Reason = "other product"  // Options.Products
	OtherCurrency Reason = "other currency" // Options.Currency
	Unreadable    Reason = "unreadable"     // Options.SkipBad
)

// Options is what the caller knows and wants. The zero value takes every line and guesses the columns.
type Options struct {
	Columns  map[string]Field // by a column's head
	Dates    sheet.Order      // default DayFirst
	Zone     *time.Location   // of the shop's clock; default UTC
	Currency string           // only lines in it; default: all are in one
	Products *regexp.Regexp   // only lines whose product matches, in capitals
	Paid     bool             // only lines with a price
	SkipBad  bool             // leave out lines that cannot be read; default: the first is an error
	Table    sheet.Options
	Progress func(done, total int64) // bytes of the file
}

// Read reads an export. Errors are *ColumnError, *CellError, *SizeError, *CurrencyError, *sheet.Error, or the system's.
func Read(ctx context.Context, path string, opt Options) (*Orders, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening an order export: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("opening an order export: %w", err)
	}
	opt.Table.Rows = MaxLines + 1
	counted := &counter{stream: file}
	table, err := open(path, counted, opt.Table)
	if err != nil {
		return nil, err
	}
	defer table.Close()
	e := &export{opt: opt, customers: newRegister(), orders: newRegister(), products: newRegister(), categories: newRegister()}
	if e.opt.Zone == nil {
		e.opt.Zone = time.UTC
	}
	e.Left = map[Reason]int{}
	if err := e.begin(table); err != nil {
		return nil, err
	}
	for n := 0; ; n++ {
		if n%someLines == 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			if opt.Progress != nil {
				opt.Progress(counted.read, info.Size())
			}
		}
		row, line, err := table.Next()
		if errors.Is(err, io.EOF) {
			return e.finish()
		}
		if err == nil {
			err = e.take(row, line)
		}
		if err != nil {
			return nil, err
		}
	}
}

// open tells by its content what the file is.
func open(path string, file *counter, opt sheet.Options) (*sheet.Reader, error) {
	stream := bufio.NewReaderSize(file, 256<<10)
	magic, err := stream.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("reading an order export: %w", err)
	}
	switch {
	case bytes.HasPrefix(magic, []byte("PK\x03\x04")):
		return sheet.Open(path, opt)
	case bytes.HasPrefix(magic, []byte{0x1f, 0x8b}):
		unzipped, err := gzip.NewReader(stream)
		if err != nil {
			return nil, fmt.Errorf("unpacking an order export: %w", err)
		}
		return sheet.Read(unzipped, opt)
	}
	return sheet.Read(stream, opt)
}

type counter struct {
	stream io.Reader
	read   int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.stream.Read(p)
	c.read += int64(n)
	return n, err
}

func empty(cell string) bool {
	switch strings.ToLower(cell) {
	case "", "na", "n/a", "nan", "null", "none", `\n`:
		return true
	}
	return false
}
