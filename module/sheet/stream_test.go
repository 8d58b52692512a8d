package sheet_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/module/sheet"
)

func stream(t testing.TB, r io.Reader, opt sheet.Options) ([]line, error) {
	t.Helper()
	table, err := sheet.Read(r, opt)
	if err != nil {
		return nil, err
	}
	var lines []line
	for {
		row, n, err := table.Next()
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if err != nil {
			return lines, err
		}
		lines = append(lines, line{n, row})
	}
}

func TestAStreamIsReadLikeAFile(t *testing.T) {
	t.Parallel()
	text := "kunde;stück\nMüller;3\n\nGröß;4\n"
	want, _, err := read(t, file(t, "a.csv", []byte(text)), sheet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := stream(t, strings.NewReader(text), sheet.Options{})
	if err != nil || !cmp.Equal(want, got) {
		t.Errorf("%v\n%s", err, cmp.Diff(want, got))
	}
}

func TestAStreamMayHaveMoreRowsOrFewerThanAFile(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("a,b\n", 1_000_010)
	got, err := stream(t, strings.NewReader(text), sheet.Options{Rows: 1_100_000})
	if err != nil || len(got) != 1_000_010 {
		t.Errorf("%d rows, %v", len(got), err)
	}
	var fault *sheet.Error
	if _, err = stream(t, strings.NewReader(text), sheet.Options{Rows: 2}); !errors.As(err, &fault) || fault.Key != "sheet.rows" || fault.Line != 3 {
		t.Errorf("the third row gives %v", err)
	}
}

func TestAQuotationMarkThatIsNeverClosedDoesNotDrawInTheWholeStream(t *testing.T) {
	t.Parallel()
	endless := io.MultiReader(strings.NewReader("a,b\nx,y\nx,\"y"), letters{})
	_, err := stream(t, endless, sheet.Options{})
	var fault *sheet.Error
	if !errors.As(err, &fault) || fault.Key != "sheet.long_row" || fault.Line != 3 {
		t.Errorf("%v", err)
	}
}

// letters never ends.
type letters struct{}

func (letters) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'y'
	}
	return len(p), nil
}
