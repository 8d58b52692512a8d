package admin

import (
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/report"
	"github.com/kupec/kupec/module/staff"
)

// reportTable is a report's rows, for the page and for export.
type reportTable struct {
	Title   string
	Text    string
	Columns []column
	Rows    [][]cell
	Foot    []cell
}

// cell is a place in a report's table. Value is what an export holds.
type cell struct {
	Text, Href, Small, Image string
	Num, Head, Short         bool // Short: is not broken over lines
	Value                    any
}

// heat is a table whose cells are coloured by their value.
type heat struct {
	Label, Corner, Size string
	Heads               []string
	Rows                []heatRow
	Foot                []heatCell
	FootName            string
}

type heatRow struct {
	Name, Href, Size string
	Cells            []heatCell
}

type heatCell struct{ Text, Class, Href string }

func (r *reporting) cash(amount decimal.Decimal) string {
	return r.p.Money(money.New(amount, r.q.Currency))
}

// tick is money on an axis.
func (r *reporting) tick(f float64) string {
	if f == 0 {
		return "0"
	}
	return r.p.MoneyRound(money.New(decimal.NewFromFloat(f), r.q.Currency))
}

// roomy gives a chart the room that its axis needs.
func roomy(c *chart) *chart {
	if c != nil && slices.ContainsFunc(c.Ticks, func(t chartTick) bool { return utf8.RuneCountInString(t.Text) > 8 }) {
		c.Class += " chart--wide"
	}
	return c
}

func (r *reporting) drawn(f float64) string { return r.cash(decimal.NewFromFloat(f)) }

// each is an amount per piece.
func (r *reporting) each(amount decimal.Decimal, pieces int64) decimal.Decimal {
	return average(money.New(amount, r.q.Currency), pieces).Amount()
}

// share is a part of a whole in words, a dash where there is no whole.
func (v *visit) share(part, whole int64) string {
	if whole == 0 {
		return "–"
	}
	return v.p.Percent(float64(part)/float64(whole), 1)
}

// timeCell names a row by its period; an export gets the first day.
func (r *reporting) timeCell(p report.Period) cell {
	c := cell{Text: r.period(p), Head: true, Short: true}
	if !p.From.IsZero() {
		c.Value = p.From.Format(time.DateOnly)
	}
	return c
}

func headCell(text, href string, value any) cell {
	return cell{Text: text, Href: href, Head: true, Value: value}
}

func (r *reporting) countCell(n int64, href string) cell {
	if n == 0 {
		href = ""
	}
	return cell{Text: r.p.Number(n), Href: href, Num: true, Value: n}
}

func (r *reporting) cashCell(amount decimal.Decimal) cell {
	return cell{Text: r.cash(amount), Num: true, Value: amount}
}

func (r *reporting) shareCell(part, whole int64) cell {
	c := cell{Text: r.share(part, whole), Num: true}
	if whole > 0 {
		c.Value = decimal.NewFromInt(part).DivRound(decimal.NewFromInt(whole), 4)
	}
	return c
}

// heads are columns of numbers after a first one of names.
func (r *reporting) heads(keys ...string) (columns []column) {
	for i, key := range keys {
		c := column{Name: r.t("reports.col." + key)}
		if i > 0 {
			c.Class = "num"
		}
		columns = append(columns, c)
	}
	return columns
}

// whom is the address of the list of the people behind a figure; "" for those who may not see people, and for nobody.
func (r *reporting) whom(p report.People) string {
	if !r.may(staff.SeePeople) || p.Of == "" {
		return ""
	}
	values := p.Values()
	if r.segment != 0 {
		values.Set("segment", strconv.FormatInt(r.segment, 10))
	}
	return r.a.link("/customers?" + values.Encode())
}

// within is everybody whose first order, or any order, was in a period; of orders without a time it is nobody.
func within(of string, p report.Period) report.People {
	if p.From.IsZero() {
		return report.People{}
	}
	return report.NewPeople(of, report.Frame{From: p.From, To: p.To})
}
