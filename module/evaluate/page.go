package evaluate

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/money"
)

// Locales is this room's sentences.
//
//go:embed locales
var Locales embed.FS

//go:embed page.html page.css
var pageFiles embed.FS

var pageTemplate = template.Must(template.ParseFS(pageFiles, "page.html"))

// page is a report as it is read. It loads nothing and runs nothing, so that it can be sent on and opened anywhere.
type page struct {
	Lang, Title, Intro, Foot string
	Style                    template.CSS
	ShowTable                string
	Sections                 []section
}

type section struct {
	ID, Title string
	Lead      string // what it tells, and what to do with it
	Blocks    []block
}

// block is a part of a section: any of its fields may be empty.
type block struct {
	Title, Text string
	Lack        string
	Figures     []figure
	Chart       *chart
	Grid        *grid
	Table       *table
}

type figure struct{ Name, Value, More string }

// grid is a matrix whose cells are the darker the more they hold.
type grid struct {
	Label, Corner string
	Head          []string
	Rows          []gridRow
}

type gridRow struct {
	Head, Size string
	Cells      []gridCell
}

type gridCell struct {
	Text, More string
	Level      int
}

// heatLevels is how many shades there are.
const heatLevels = 6

func level(value, most float64) int {
	if !(value > 0) || !(most > 0) {
		return 0
	}
	return max(1, min(heatLevels, int(heatLevels*value/most+.5)))
}

type table struct {
	Label string
	Head  []cell
	Rows  []row
}

type row struct {
	Mark  bool // the one that the table is about
	Cells []cell
}

// cell is text, a number on the right, or a bar of a share in per cent.
type cell struct {
	Text, More string
	Number     bool
	Bar        string
}

// teller says a report in a language.
type teller struct {
	Report
	p *locale.Printer
}

// WriteHTML writes the report as a page of its own. Whatever the file says in it is escaped.
func (r Report) WriteHTML(w io.Writer, p *locale.Printer) error {
	style, err := pageFiles.ReadFile("page.css")
	if err != nil {
		return fmt.Errorf("reading the report's style: %w", err)
	}
	t := teller{r, p}
	page := page{
		Lang: p.Lang(), Title: t.t("title", "file", r.File.Name), Foot: t.t("foot"), ShowTable: t.t("table"), Style: template.CSS(style),
		Intro:    t.t("intro", "count", r.Sales.Customers, "orders", r.Sales.Orders, "first", t.date(r.File.First), "last", t.date(r.File.Last)),
		Sections: []section{t.file(), t.sales(), t.rfm(), t.cohorts(), t.outlook(), t.next(), t.pairs(), t.recommendations()},
	}
	if err := pageTemplate.ExecuteTemplate(w, "page.html", page); err != nil {
		return fmt.Errorf("writing the report: %w", err)
	}
	return nil
}

func (t teller) t(key string, args ...any) string { return t.p.T("evaluate."+key, args...) }

func (t teller) section(id string, blocks ...block) section {
	return section{ID: id, Title: t.t(id), Lead: t.t(id + ".lead"), Blocks: blocks}
}

// date says a day that the report has as text.
func (t teller) date(day string) string {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.p.Date(at)
}

// month says a month that the report has as text: "Mar 2024".
func (t teller) month(month string) string {
	at, err := time.Parse("2006-01", month)
	if err != nil {
		return month
	}
	return t.t("month", "month", t.p.T(fmt.Sprintf("month.short.%d", at.Month())), "year", fmt.Sprint(at.Year()))
}

func (t teller) money(a *Amount) string {
	if a == nil {
		return "–"
	}
	return t.p.Money(money.New(a.Decimal(), t.File.Currency))
}

func (t teller) round(a *Amount) string {
	if a == nil {
		return ""
	}
	return t.p.MoneyRound(money.New(a.Decimal(), t.File.Currency))
}

func (t teller) share(part, all int) string {
	if all == 0 {
		return t.p.Percent(0, 1)
	}
	return t.p.Percent(float64(part)/float64(all), 1)
}

// places shows a number with so many decimals at most.
func (t teller) places(f float64, places int32) string {
	return t.p.Number(decimal.NewFromFloat(f).Round(places))
}

// lack says what is missing for an answer; "" where nothing is.
func (t teller) lack(m *Missing) string {
	switch {
	case m == nil:
		return ""
	case m.What == MissingColumn:
		return t.t("lack.column", "field", t.t("field."+string(m.Field)), "code", string(m.Field))
	case m.What == MissingPairs:
		return t.t("lack.pairs")
	}
	return t.t("lack", "what", t.t("lack."+m.What), "has", m.Has, "needs", m.Needs)
}

func texts(all ...string) (cells []cell) {
	for _, text := range all {
		cells = append(cells, cell{Text: text})
	}
	return cells
}

func figureCell(text string) cell { return cell{Text: text, Number: true} }

// bar is a share as a bar beside its number.
func bar(share float64, text string) cell {
	return cell{Text: text, Number: true, Bar: percent(100 * min(1, max(0, share)))}
}

// head makes a table's head; columns whose key ends in a # hold numbers.
func (t teller) head(keys ...string) (cells []cell) {
	for _, key := range keys {
		name, numeric := strings.CutSuffix(key, "#")
		cells = append(cells, cell{Text: t.t(name), Number: numeric})
	}
	return cells
}
