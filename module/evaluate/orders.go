package evaluate

import (
	"cmp"
	"slices"
	"time"
)

// None is the number of what is not known.
const None = ^uint32(0)

// Unit is the currency's unit in a price or an amount: they are whole ten-thousandths of the currency's unit, exact to sum up.
const Unit = 10_000

// Orders is what an export tells. It is not changed after [Read].
type Orders struct {
	Customers  []string // names by number, ascending: as whole numbers where all are, else as text
	Products   []string // likewise; in capitals, for shops do not tell "85123a" from "85123A"
	Categories []string // likewise
	Names      []string // of products, by number; "" where the file has none
	CategoryOf []uint32 // of products, by number; or None
	Count      int      // orders; a line's is less than this
	Lines      Lines
	Currency   string           // of all amounts; "" where the file does not say
	Columns    map[Field]string // the heads by which each field was read
	Left       map[Reason]int   // lines left out
	FirstBad   error            // the first of those left out as Unreadable
}

// Lines are the lines taken, in the file's order, as columns of equal length.
type Lines struct {
	Customer []uint32
	Order    []uint32  // customer and order number together make an order; customer and moment where there is no number
	At       []int64   // seconds on the shop's clock since 1970: At / 86400 is the shop's day
	Product  []uint32  // or None
	Quantity []float32 // more than 0; 1 where the file does not say
	Price    []int64   // of one piece, in Unit, 0 or more
	Amount   []int64   // Quantity × Price, in Unit
}

// Len is the number of lines.
func (l *Lines) Len() int { return len(l.Customer) }

// Day is the shop's day of a line, in days since 1970.
func (l *Lines) Day(i int) int32 { return int32(l.At[i] / 86400) }

// DayOf is the day of a date, as [Lines.Day] counts.
func DayOf(date time.Time) int32 {
	return int32(time.Date(date.Year(), date.Month(), date.Day(), 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// Date is the date of a day, as [Lines.Day] counts.
func Date(day int32) time.Time { return time.Unix(int64(day)*86400, 0).UTC() }

// Span is the first and the last day on which somebody bought.
func (o *Orders) Span() (first, last int32) {
	for i := range o.Lines.Len() {
		day := o.Lines.Day(i)
		if i == 0 || day < first {
			first = day
		}
		if i == 0 || day > last {
			last = day
		}
	}
	return first, last
}

// ByCustomer groups the lines: those of customer c are lines[start[c]:start[c+1]], the oldest first, and in the file's
// order where moments are equal.
func (o *Orders) ByCustomer() (start, lines []uint32) {
	return o.group(len(o.Customers), o.Lines.Customer)
}

// ByProduct groups the lines likewise by product; lines without one are left out.
func (o *Orders) ByProduct() (start, lines []uint32) {
	return o.group(len(o.Products), o.Lines.Product)
}

func (o *Orders) group(groups int, of []uint32) (start, lines []uint32) {
	start = make([]uint32, groups+1)
	known := 0
	for _, g := range of {
		if g != None {
			start[g+1]++
			known++
		}
	}
	for g := range groups {
		start[g+1] += start[g]
	}
	lines = make([]uint32, known)
	next := slices.Clone(start)
	for i, g := range of {
		if g != None {
			lines[next[g]] = uint32(i)
			next[g]++
		}
	}
	at := o.Lines.At
	for g := range groups {
		slices.SortStableFunc(lines[start[g]:start[g+1]], func(a, b uint32) int { return cmp.Compare(at[a], at[b]) })
	}
	return start, lines
}
