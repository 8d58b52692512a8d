package sheet_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/htmlindex"

	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/sheet"
)

func file(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

type line struct {
	N     int
	Cells []string
}

func read(t testing.TB, path string, opt sheet.Options) ([]line, sheet.Info, error) {
	t.Helper()
	r, err := sheet.Open(path, opt)
	if err != nil {
		return nil, sheet.Info{}, err
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	var lines []line
	for {
		row, n, err := r.Next()
		if errors.Is(err, io.EOF) {
			return lines, r.Info, nil
		}
		if err != nil {
			return lines, r.Info, err
		}
		lines = append(lines, line{n, append([]string(nil), row...)})
	}
}

func TestEncodingAndDelimiterAreFoundOut(t *testing.T) {
	t.Parallel()
	slovene := "Ime;Priimek;E-pošta\nŽiga;Kovačič;ziga@example.si\nŠpela;Žnidaršič;spela@example.si\n"
	russian := "Имя;Фамилия;Почта\nИван;Петров;ivan@example.ru\nМария;Сидорова;maria@example.ru\n"
	for _, tt := range []struct {
		name, text, encoding, language string
		delimiter                      rune
	}{
		{"Slovene in UTF-8", slovene, "utf-8", "", ';'},
		{"Slovene, eight bits", slovene, "windows-1250", "", ';'},
		{"Slovene in UTF-16", slovene, "utf-16le", "", ';'},
		{"Polish", "imię,nazwisko\nŁukasz,Wąż\nElżbieta,Żak\n", "windows-1250", "", ','},
		{"Czech by its language", "jméno\tpříjmení\nTomáš\tNěmec\n", "windows-1250", "cs-CZ", '\t'},
		{"German", "Vorname;Nachname;Straße\nJürgen;Müller;Hauptstraße 5\nBärbel;Größ;Königsweg\n", "windows-1252", "de-DE", ';'},
		{"French", "prénom|nom\nHélène|Lefèvre\nZoé|Garçon à venir\n", "windows-1252", "fr", '|'},
		{"Russian", russian, "windows-1251", "", ';'},
		{"Russian, Unix", russian, "koi8-r", "", ';'},
		{"Russian, DOS", russian, "ibm866", "", ';'},
		{"commas within quotes", "name;note\n\"Ana; Novak\";\"a, b, c, d\"\nX;\"e, f, g, h\"\n", "utf-8", "", ';'},
		{"one column", "email\na@example.com\n", "utf-8", "", ','},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			enc, err := htmlindex.Get(tt.encoding)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := enc.NewEncoder().Bytes([]byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			lines, info, err := read(t, file(t, "people.txt", raw), sheet.Options{Language: tt.language})
			if err != nil {
				t.Fatal(err)
			}
			if info.Format != "csv" || info.Encoding != tt.encoding || info.Delimiter != tt.delimiter {
				t.Errorf("found %+v", info)
			}
			want := strings.SplitN(tt.text, "\n", 2)[0]
			if got := strings.Join(lines[0].Cells, string(tt.delimiter)); got != want {
				t.Errorf("the head reads %q, want %q", got, want)
			}
		})
	}
}

func TestWhatSomebodySaysOfAFileIsBelieved(t *testing.T) {
	t.Parallel()
	lines, _, err := read(t, file(t, "x.csv", []byte("a;b\n\xE8;2\n")), sheet.Options{Encoding: "windows-1250", Delimiter: ','})
	if diff := cmp.Diff([]line{{1, []string{"a;b"}}, {2, []string{"č;2"}}}, lines); diff != "" || err != nil {
		t.Error(err, diff)
	}
	var bad *sheet.Error
	if _, _, err := read(t, file(t, "x.csv", []byte("a;b\n")), sheet.Options{Delimiter: '"'}); !errors.As(err, &bad) || bad.Key != "sheet.delimiter" {
		t.Errorf("a quotation mark between cells: %v", err)
	}
	if _, _, err := read(t, file(t, "x.csv", []byte("a;b\n")), sheet.Options{Encoding: "ebcdic"}); !errors.As(err, &bad) || !strings.Contains(err.Error(), "windows-1250") {
		t.Errorf("an unknown encoding: %v", err)
	}
}

func TestBlankRowsAreSkippedAndLinesKeepTheirNumber(t *testing.T) {
	t.Parallel()
	lines, _, err := read(t, file(t, "x.csv", []byte("\n a , b\n,\n\"two\nlines\",\u00A0x \n\n'=1+1,'+386 41 1\n")), sheet.Options{})
	want := []line{{2, []string{"a", "b"}}, {4, []string{"two\nlines", "x"}}, {7, []string{"=1+1", "+386 41 1"}}}
	if diff := cmp.Diff(want, lines); diff != "" || err != nil {
		t.Error(err, diff)
	}
}

func TestAFileThatIsNoTableIsRefusedWithWhatToDo(t *testing.T) {
	t.Parallel()
	wide := strings.Repeat("x,", sheet.MaxColumns+5) + "x\n"
	for name, tt := range map[string]struct {
		content, want string
	}{
		"empty":       {" \n\n", "empty"},
		"a picture":   {"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR" + strings.Repeat("\x00\x01\x02", 100), "no table"},
		"old Excel":   {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", ".xlsx"},
		"broken xlsx": {"PK\x03\x04 and nothing else", "save it again"},
		"open quote":  {"a,b\n1,\"2\n3,4\n", "line 2"},
		"too wide":    {wide, "columns"},
	} {
		_, _, err := read(t, file(t, "x", []byte(tt.content)), sheet.Options{})
		var bad *sheet.Error
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnArchiveThatUnpacksToTooMuchIsRefusedBeforeItIs(t *testing.T) {
	t.Parallel()
	var raw bytes.Buffer
	archive := zip.NewWriter(&raw)
	for _, name := range []string{"xl/workbook.xml", "xl/media/image1.png"} {
		part, err := archive.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		zeros := make([]byte, 1<<20)
		for range 150 {
			if _, err := part.Write(zeros); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	path := file(t, "bomb.xlsx", raw.Bytes())
	_, _, err := read(t, path, sheet.Options{})
	var bad *sheet.Error
	if !errors.As(err, &bad) || bad.Key != "sheet.unpacks" {
		t.Errorf("got %v", err)
	}
}

func TestEveryErrorIsSaidInEveryLanguage(t *testing.T) {
	t.Parallel()
	catalogue, err := locale.Load(sheet.Locales)
	if err != nil {
		t.Fatal(err)
	}
	if missing := catalogue.Missing("sl"); len(missing) > 0 {
		t.Errorf("Slovene lacks %v", missing)
	}
	for _, key := range catalogue.Keys("en") {
		if diff := cmp.Diff(catalogue.Placeholders("en", key), catalogue.Placeholders("sl", key)); diff != "" {
			t.Errorf("%s: %s", key, diff)
		}
	}
	var bad *sheet.Error
	_, _, err = read(t, file(t, "x", []byte("a,b\n1,\"2\n3,4\n")), sheet.Options{})
	if !errors.As(err, &bad) {
		t.Fatal(err)
	}
	if said := bad.Say(catalogue.Printer("sl", nil)); said != "vrstica 2: tu se z narekovajem odpre celica, ki se ne zapre" {
		t.Errorf("in Slovene: %s", said)
	}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(sources, "../importer/stage.go") {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"(sheet\.[a-z_]+)"`).FindAllSubmatch(source, -1) {
			if !catalogue.Has(string(m[1])) {
				t.Errorf("%s says %s, which is in no catalogue", name, m[1])
			}
		}
	}
}

func TestASpreadsheetIsReadWithItsDatesAndLongNumbers(t *testing.T) {
	t.Parallel()
	book := excelize.NewFile()
	const name = "Sheet1"
	for cell, value := range map[string]any{"A1": "Name", "B1": "Phone", "C1": "Since", "D1": "Sum", "A3": "Ana", "B3": 38641123456,
		"C3": time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC), "D3": 12.5} {
		if err := book.SetCellValue(name, cell, value); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := book.NewSheet("Other"); err != nil {
		t.Fatal(err)
	}
	var raw bytes.Buffer
	if err := book.Write(&raw); err != nil {
		t.Fatal(err)
	}
	path := file(t, "x.csv", raw.Bytes()) // the name does not matter
	lines, info, err := read(t, path, sheet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if info.Format != "xlsx" || info.Sheet != name || len(info.Sheets) != 2 {
		t.Errorf("found %+v", info)
	}
	if len(lines) != 2 || lines[1].N != 3 || lines[1].Cells[1] != "38641123456" || at(t, lines[1].Cells[2]) != "2024-03-01 00:00" || lines[1].Cells[3] != "12.5" {
		t.Errorf("read %+v", lines)
	}
	if _, _, err := read(t, path, sheet.Options{Sheet: "Nowhere"}); err == nil || !strings.Contains(err.Error(), "Other") {
		t.Errorf("a sheet that is not there: %v", err)
	}
}

func TestWhatIsWrittenCannotBeAFormulaAndReadsBack(t *testing.T) {
	t.Parallel()
	rows := [][]any{
		{"=HYPERLINK(\"http://evil.example\")", "+38641123456", "-5", "@SUM(A1)", "-1+1", "it's \"so\", yes"},
		{int64(7), decimal.RequireFromString("1234.5678"), time.Date(2026, 2, 3, 4, 5, 0, 0, time.FixedZone("", 3600)), true, nil, "č\nд"},
	}
	for _, format := range []string{"csv", "xlsx"} {
		var raw bytes.Buffer
		w, err := sheet.NewWriter(&raw, format, []string{"a", "b", "c", "d", "e", "f"})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			if err := w.Write(row); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if format == "csv" {
			for _, cell := range []string{`"'=HYPERLINK`, "'+38641123456", ",-5,", "'@SUM(A1)", "'-1+1"} {
				if !strings.Contains(raw.String(), cell) {
					t.Errorf("%q is not in\n%s", cell, raw.String())
				}
			}
		}
		lines, _, err := read(t, file(t, "out", raw.Bytes()), sheet.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(lines) != 3 {
			t.Fatalf("%s: %+v", format, lines)
		}
		if diff := cmp.Diff([]string{"=HYPERLINK(\"http://evil.example\")", "+38641123456", "-5", "@SUM(A1)", "-1+1", "it's \"so\", yes"}, lines[1].Cells); diff != "" {
			t.Errorf("%s: %s", format, diff)
		}
		got := lines[2].Cells
		if got[0] != "7" || got[1] != "1234.5678" || at(t, got[2]) != "2026-02-03 04:05" || got[5] != "č\nд" {
			t.Errorf("%s: %q", format, got)
		}
	}
	if _, err := sheet.NewWriter(io.Discard, "ods", nil); err == nil {
		t.Error("an unknown format was taken")
	}
}

func at(t *testing.T, cell string) string {
	t.Helper()
	moment, err := sheet.ParseTime(cell, sheet.DayFirst, time.UTC)
	if err != nil {
		t.Error(err)
	}
	return moment.Format("2006-01-02 15:04")
}

func TestMomentsAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("", 3600)
	for cell, want := range map[string]string{
		"2024-03-01": "2024-02-29T23:00:00Z", "2024-03-01 10:30": "2024-03-01T09:30:00Z", "2024-03-01T10:30:15Z": "2024-03-01T10:30:15Z",
		"2024-03-01T10:30:15+02:00": "2024-03-01T08:30:15Z", "1. 3. 2024": "2024-02-29T23:00:00Z", "1.3.24": "2024-02-29T23:00:00Z",
		"02/03/2024": "2024-03-01T23:00:00Z", "45352": "2024-02-29T23:00:00Z", "45352.5": "2024-03-01T11:00:00Z",
	} {
		if got, err := sheet.ParseTime(cell, sheet.DayFirst, zone); err != nil || got.Format(time.RFC3339) != want {
			t.Errorf("%q: %s, %v; want %s", cell, got, err, want)
		}
	}
	if got, err := sheet.ParseTime("02/03/2024", sheet.MonthFirst, time.UTC); err != nil || got.Month() != time.February {
		t.Errorf("month first: %s, %v", got, err)
	}
	for _, cell := range []string{"", "yesterday", "31.2.2024", "2024-13-01", "5", "2024-03-01 25:00", "99999999", "1/2", "NaN"} {
		if got, err := sheet.ParseTime(cell, sheet.DayFirst, time.UTC); err == nil {
			t.Errorf("%q was read as %s", cell, got)
		}
	}
}

func FuzzParseTime(f *testing.F) {
	f.Add("1. 3. 2024 10:30")
	f.Add("45352.25")
	f.Fuzz(func(t *testing.T, cell string) {
		if got, err := sheet.ParseTime(cell, sheet.DayFirst, time.UTC); err == nil && (got.Year() < 0 || got.Year() > 9999) {
			t.Errorf("%q is in the year %d", cell, got.Year())
		}
	})
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte("a;b\n1;2\n"))
	f.Add([]byte("\xFF\xFEa\x00;\x00b\x00"))
	f.Add([]byte("PK\x03\x04"))
	f.Add([]byte("\"a\nb"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		lines, _, err := read(t, file(t, "x", raw), sheet.Options{})
		var bad *sheet.Error
		if err != nil && !errors.As(err, &bad) {
			t.Errorf("not the file's fault: %v", err)
		}
		for _, l := range lines {
			for _, cell := range l.Cells {
				if len(cell) > sheet.MaxCell {
					t.Errorf("a cell of %d bytes", len(cell))
				}
			}
		}
	})
}
