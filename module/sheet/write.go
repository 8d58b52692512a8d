package sheet

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"
)

// Writer writes a table row by row. Cells are string, int64, decimal.Decimal, time.Time, bool or nil; a time is written in
// the zone that it has.
type Writer struct {
	write func(row []any) error
	end   func() error
}

// MaxSheetRows is how many rows an .xlsx sheet has at most (ECMA-376), its head included.
const MaxSheetRows = 1_048_576

// NewWriter begins a table in format "xlsx" or "csv" with a head of column names. A .csv file is in UTF-8 with a mark that
// spreadsheets know it by, its cells between commas. Text that begins like a formula (=, +, -, @, tab, carriage return) gets
// an apostrophe before it there, as OWASP advises; in .xlsx files text is text.
func NewWriter(w io.Writer, format string, columns []string) (*Writer, error) {
	var out *Writer
	var err error
	switch format {
	case "csv":
		out, err = newCSV(w)
	case "xlsx":
		out, err = newXLSX(w)
	default:
		return nil, fmt.Errorf("a table can be written as xlsx or csv, not as %q", format)
	}
	if err != nil {
		return nil, err
	}
	head := make([]any, len(columns))
	for i, c := range columns {
		head[i] = c
	}
	return out, out.write(head)
}

// Write adds a row.
func (w *Writer) Write(row []any) error { return w.write(row) }

// Close writes what is still held. It does not close the writer below.
func (w *Writer) Close() error { return w.end() }

// risky says whether a spreadsheet would take text for a formula. A number with a sign is none.
func risky(text string) bool {
	if text == "" || !strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return false
	}
	_, err := strconv.ParseFloat(text, 64)
	return err != nil || text[0] == '+'
}

func newCSV(w io.Writer) (*Writer, error) {
	buffer := bufio.NewWriterSize(w, 64<<10)
	if _, err := buffer.WriteString("\uFEFF"); err != nil {
		return nil, err
	}
	lines := csv.NewWriter(buffer)
	lines.UseCRLF = true // RFC 4180
	var cells []string
	return &Writer{
		write: func(row []any) error {
			cells = cells[:0]
			for _, value := range row {
				cells = append(cells, text(value))
			}
			return lines.Write(cells)
		},
		end: func() error {
			lines.Flush()
			if err := lines.Error(); err != nil {
				return err
			}
			return buffer.Flush()
		},
	}, nil
}

func text(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		if v = strings.ReplaceAll(v, "\x00", ""); risky(v) {
			return "'" + v
		}
		return v
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return v.Format("2006-01-02 15:04:05")
	case bool:
		return strconv.FormatBool(v)
	default:
		return fmt.Sprint(v)
	}
}

func newXLSX(w io.Writer) (*Writer, error) {
	book := excelize.NewFile()
	stream, err := book.NewStreamWriter(book.GetSheetName(0))
	if err != nil {
		_ = book.Close()
		return nil, err
	}
	bold, err := book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err == nil {
		err = stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
	}
	moment := "yyyy-mm-dd hh:mm"
	dated, err2 := book.NewStyle(&excelize.Style{CustomNumFmt: &moment})
	if err == nil {
		err = err2
	}
	if err != nil {
		_ = book.Close()
		return nil, err
	}
	line := 0
	var cells []any
	return &Writer{
		write: func(row []any) error {
			if line++; line > MaxSheetRows {
				return fault(nil, "sheet.full", "most", MaxSheetRows)
			}
			cells = cells[:0]
			for _, value := range row {
				cells = append(cells, cell(value, line == 1, bold, dated))
			}
			return stream.SetRow("A"+strconv.Itoa(line), cells)
		},
		end: func() error {
			defer func() { _ = book.Close() }()
			if err := stream.Flush(); err != nil {
				return err
			}
			return book.Write(w)
		},
	}, nil
}

// cell is a value as a spreadsheet keeps it: amounts as numbers, so that they add up, moments as such, and the rest text.
func cell(value any, head bool, bold, dated int) any {
	switch v := value.(type) {
	case decimal.Decimal:
		return v.InexactFloat64() // a spreadsheet has no other numbers
	case time.Time:
		if v.IsZero() {
			return nil
		}
		// A spreadsheet's moments have no zone: the clock's reading is what counts.
		return excelize.Cell{StyleID: dated, Value: time.Date(v.Year(), v.Month(), v.Day(), v.Hour(), v.Minute(), v.Second(), 0, time.UTC)}
	case string:
		if v = strings.ToValidUTF8(v, "\uFFFD"); len(v) > excelize.TotalCellChars {
			v = strings.ToValidUTF8(v[:excelize.TotalCellChars], "")
		}
		if head {
			return excelize.Cell{StyleID: bold, Value: v}
		}
		return v
	}
	return value
}
