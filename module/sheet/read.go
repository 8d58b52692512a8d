package sheet

import (
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/transform"
)

// Limits of a file that is read.
const (
	MaxBytes   = 200 << 20 // of the file
	MaxRows    = 1_000_000
	MaxColumns = 200
	MaxCell    = 4_000     // bytes of a cell; what is longer is cut
	unzipMost  = 2 << 30   // of an .xlsx file, unpacked; large sheets and texts lie in files meanwhile
	unzipLarge = 32 << 20  // what is larger does
	unzipHeld  = 256 << 20 // of all the rest, which is held in memory
	headBytes  = 64 << 10  // by which encoding and delimiter are guessed
)

// Options is what the caller knows of a file. The zero value is: find it out.
type Options struct {
	Encoding  string // of a .csv file, one of Encodings
	Delimiter rune   // of a .csv file
	Sheet     string // of an .xlsx file, by its name; default the first
	Language  string // BCP 47: which one the file's people probably speak
	Rows      int    // how many rows are read at most; default MaxRows
}

// Info is how a file is read.
type Info struct {
	Format    string   // "xlsx" or "csv"
	Encoding  string   // of a .csv file
	Delimiter rune     // of a .csv file
	Sheet     string   // of an .xlsx file
	Sheets    []string // all of them
}

// Reader gives a table row by row.
type Reader struct {
	Info  Info
	next  func() ([]string, int, error)
	close []func() error
	rows  int
	most  int // rows
	line  int // of the last row of a stream
}

// Open opens the file at path. What it is, is told by its content and not by its name. Errors are of type [*Error] where
// the file is to blame.
func Open(path string, opt Options) (*Reader, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening a table: %w", err)
	}
	info, err := file.Stat()
	if err == nil && info.Size() > MaxBytes {
		err = fault(nil, "sheet.too_large", "size", info.Size()>>20, "most", MaxBytes>>20)
	}
	head := make([]byte, headBytes)
	n := 0
	if err == nil {
		n, err = io.ReadFull(file, head)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = nil
		}
	}
	if err == nil {
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	head = head[:n]
	var r *Reader
	switch {
	case len(bytes.TrimSpace(head)) == 0:
		err = fault(nil, "sheet.empty")
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		r, err = openXLSX(file, opt)
	case bytes.HasPrefix(head, []byte{0xD0, 0xCF, 0x11, 0xE0}):
		err = fault(nil, "sheet.old_xls")
	default:
		r, err = openCSV(file, head, n < headBytes, opt)
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	r.close = append(r.close, file.Close)
	r.most = cmp.Or(opt.Rows, MaxRows)
	return r, nil
}

// Close closes the file.
func (r *Reader) Close() error {
	var errs []error
	for _, f := range r.close {
		errs = append(errs, f())
	}
	return errors.Join(errs...)
}

// Next gives the next row that is not blank, and its line in the file, from 1. At the end it gives [io.EOF]. Cells are
// trimmed; the apostrophe by which [NewWriter] keeps a cell from being a formula is taken off.
func (r *Reader) Next() ([]string, int, error) {
	for {
		row, line, err := r.next()
		if err != nil {
			return nil, line, err
		}
		if len(row) > MaxColumns {
			return nil, line, fault(nil, "sheet.columns", "columns", len(row), "most", MaxColumns).at(line)
		}
		blank := true
		for i, cell := range row {
			row[i] = clean(cell)
			blank = blank && row[i] == ""
		}
		if blank {
			continue
		}
		if r.rows++; r.rows > r.most {
			return nil, line, fault(nil, "sheet.rows", "most", r.most).at(line)
		}
		return row, line, nil
	}
}

func clean(cell string) string {
	cell = strings.ToValidUTF8(cell, "\uFFFD")
	cell = strings.ReplaceAll(cell, "\x00", "")
	if len(cell) > MaxCell {
		for cell = cell[:MaxCell]; !utf8.ValidString(cell); {
			cell = cell[:len(cell)-1]
		}
	}
	cell = strings.TrimSpace(strings.ReplaceAll(cell, "\u00A0", " "))
	if rest, ok := strings.CutPrefix(cell, "'"); ok && risky(rest) {
		return rest
	}
	return cell
}

func openXLSX(file *os.File, opt Options) (*Reader, error) {
	if err := unpacks(file); err != nil {
		return nil, err
	}
	book, err := excelize.OpenReader(file, excelize.Options{UnzipSizeLimit: unzipMost, UnzipXMLSizeLimit: unzipLarge})
	if err != nil {
		return nil, fault(err, "sheet.unopened")
	}
	r := &Reader{Info: Info{Format: "xlsx", Sheets: book.GetSheetList()}, close: []func() error{book.Close}}
	switch {
	case len(r.Info.Sheets) == 0:
		_ = book.Close()
		return nil, fault(nil, "sheet.no_sheet")
	case opt.Sheet == "":
		r.Info.Sheet = r.Info.Sheets[0]
	default:
		r.Info.Sheet = opt.Sheet
	}
	rows, err := book.Rows(r.Info.Sheet)
	if err != nil {
		_ = book.Close()
		return nil, fault(err, "sheet.which_sheet", "sheet", opt.Sheet, "sheets", strings.Join(r.Info.Sheets, ", "))
	}
	r.close = []func() error{rows.Close, book.Close}
	line := 0
	r.next = func() ([]string, int, error) {
		if line++; !rows.Next() {
			if err := rows.Error(); err != nil {
				return nil, line, fault(err, "sheet.breaks_off").at(line)
			}
			return nil, line, io.EOF
		}
		// Raw, because a cell's own form may hide half of what is in it: "Mar-24" of a date, "3.86E+10" of a phone number.
		row, err := rows.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, line, fault(err, "sheet.row").at(line)
		}
		for i, cell := range row {
			if exponent.MatchString(cell) {
				if d, err := decimal.NewFromString(cell); err == nil {
					row[i] = d.String()
				}
			}
		}
		return row, line, nil
	}
	return r, nil
}

// unpacks refuses an archive that would take more memory than it should. The library reserves what the archive's directory
// says of a part before it reads it, so that is what counts; archive/zip holds the content to it.
func unpacks(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("opening a table: %w", err)
	}
	archive, err := zip.NewReader(file, info.Size())
	if err != nil {
		return fault(err, "sheet.unopened")
	}
	var all, held uint64
	for _, part := range archive.File {
		size, name := part.UncompressedSize64, strings.ToLower(part.Name)
		large := size > unzipLarge && (name == "xl/sharedstrings.xml" || strings.HasPrefix(name, "xl/worksheets/sheet"))
		if size > unzipMost {
			return fault(nil, "sheet.unpacks", "most", unzipMost>>20)
		}
		if all += size; !large {
			held += size
		}
		if all > unzipMost || held > unzipHeld {
			return fault(nil, "sheet.unpacks", "most", unzipHeld>>20)
		}
	}
	return nil
}

var exponent = regexp.MustCompile(`^-?\d(\.\d{1,17})?E[-+]?\d{1,2}$`)

func openCSV(file io.Reader, head []byte, whole bool, opt Options) (*Reader, error) {
	r := &Reader{Info: Info{Format: "csv", Encoding: opt.Encoding, Delimiter: opt.Delimiter}}
	if r.Info.Encoding == "" {
		r.Info.Encoding = guessEncoding(head, whole, opt.Language)
	}
	enc, err := encodingOf(r.Info.Encoding)
	if err != nil {
		return nil, fault(nil, "sheet.encoding", "encoding", opt.Encoding, "encodings", strings.Join(Encodings, ", "))
	}
	text, _, err := transform.Bytes(enc.NewDecoder(), head)
	if err != nil && whole {
		return nil, fault(err, "sheet.other_encoding", "encoding", r.Info.Encoding)
	}
	if binary(text) {
		return nil, fault(nil, "sheet.binary")
	}
	if r.Info.Delimiter == 0 {
		r.Info.Delimiter = guessDelimiter(text, whole)
	}
	if !between(r.Info.Delimiter) {
		return nil, fault(nil, "sheet.delimiter", "delimiter", string(opt.Delimiter))
	}
	lines := csv.NewReader(bufio.NewReaderSize(transform.NewReader(file, enc.NewDecoder()), 256<<10))
	lines.Comma = r.Info.Delimiter
	lines.LazyQuotes = true
	lines.FieldsPerRecord = -1
	open := 0 // the line of a row whose last cell ends in a line break: at the end of the file its quotation mark was never closed
	r.next = func() ([]string, int, error) {
		row, err := lines.Read()
		if open > 0 && errors.Is(err, io.EOF) {
			return nil, open, unclosed(open, nil)
		}
		line := 0
		open = 0
		if len(row) > 0 {
			line, _ = lines.FieldPos(0)
			if last := len(row) - 1; strings.HasSuffix(row[last], "\n") {
				open, _ = lines.FieldPos(last)
			}
		}
		var parse *csv.ParseError
		if errors.As(err, &parse) {
			return nil, parse.StartLine, unclosed(parse.StartLine, parse.Err)
		}
		return row, line, err
	}
	return r, nil
}

// between says whether a character can stand between cells: letters and digits are in them, the rest encoding/csv refuses.
func between(r rune) bool {
	return r == '\t' || r > ' ' && r != '"' && r != utf8.RuneError && utf8.ValidRune(r) && !unicode.IsLetter(r) && !unicode.IsDigit(r)
}

func unclosed(line int, err error) error {
	return fault(err, "sheet.unclosed").at(line)
}

// binary says whether text holds control characters that no table has.
func binary(text []byte) bool {
	n := 0
	for _, b := range text {
		if b < 0x20 && b != '\n' && b != '\r' && b != '\t' && b != '\f' {
			n++
		}
	}
	return n > len(text)/200
}

// guessDelimiter takes the character that cuts the first lines into the same number of cells most often.
func guessDelimiter(text []byte, whole bool) rune {
	if !whole { // the last line may be cut off
		if end := bytes.LastIndexByte(text, '\n'); end > 0 {
			text = text[:end]
		}
	}
	best, most := ',', 0
	for _, delimiter := range []rune{',', ';', '\t', '|'} {
		lines := csv.NewReader(bytes.NewReader(text))
		lines.Comma, lines.LazyQuotes, lines.FieldsPerRecord, lines.ReuseRecord = delimiter, true, -1, true
		counts := map[int]int{}
		for range 100 {
			row, err := lines.Read()
			if err != nil {
				break
			}
			counts[len(row)]++
		}
		for cells, times := range counts {
			if score := times * min(cells, 12); cells > 1 && score > most {
				best, most = delimiter, score
			}
		}
	}
	return best
}

// FormatOf tells the format that a file name asks for: "xlsx" or "csv".
func FormatOf(name string) (string, error) {
	switch ext := strings.ToLower(filepath.Ext(name)); ext {
	case ".xlsx", ".csv":
		return ext[1:], nil
	default:
		return "", fault(nil, "sheet.name", "name", name)
	}
}
