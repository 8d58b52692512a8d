package sheet

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"io"
)

// maxRow is how many bytes a row of a stream may take. Without it a quotation mark that nobody closes would draw all that
// follows into one cell.
const maxRow = 8 << 20

// Read reads a .csv file that comes as a stream, an unpacked one for instance. The stream may be longer than [MaxBytes]; who
// calls bounds it by Options.Rows. Closing the reader leaves the stream open.
func Read(stream io.Reader, opt Options) (*Reader, error) {
	held := bufio.NewReaderSize(stream, headBytes)
	head, err := held.Peek(headBytes)
	whole := errors.Is(err, io.EOF)
	if err != nil && !whole {
		return nil, err
	}
	if len(bytes.TrimSpace(head)) == 0 {
		return nil, fault(nil, "sheet.empty")
	}
	row := &rowReader{stream: held, left: maxRow}
	r, err := openCSV(row, head, whole, opt)
	if err != nil {
		return nil, err
	}
	next := r.next
	r.next = func() ([]string, int, error) {
		row.left = maxRow
		cells, line, err := next()
		if errors.Is(err, errLongRow) {
			err = fault(nil, "sheet.long_row", "most", maxRow>>20).at(r.line + 1)
		}
		r.line = max(r.line, line)
		return cells, line, err
	}
	r.most = cmp.Or(opt.Rows, MaxRows)
	return r, nil
}

var errLongRow = errors.New("sheet: a row is too long")

// rowReader lets a row have so many bytes and no more.
type rowReader struct {
	stream io.Reader
	left   int
}

func (r *rowReader) Read(p []byte) (int, error) {
	if r.left <= 0 {
		return 0, errLongRow
	}
	n, err := r.stream.Read(p)
	r.left -= n
	return n, err
}
