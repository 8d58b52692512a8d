package sheet

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// Order says which of day and month comes first in dates with slashes, which do not tell.
type Order string

// The two orders.
const (
	DayFirst   Order = "dmy"
	MonthFirst Order = "mdy"
)

var dateForm = regexp.MustCompile(`^(\d{1,4})\s*([-./])\s*(\d{1,2})\s*[-./]\s*(\d{2,4})\.?(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[-+]\d\d:?\d\d)?)?$`)

// ParseTime reads a moment as people and programs write them: "2024-03-01", "2024-03-01 10:30", "1. 3. 2024",
// "01/03/2024" in the given order, with a zone or else in that of zone, and a spreadsheet's number of days.
func ParseTime(cell string, order Order, zone *time.Location) (time.Time, error) {
	fail := func() (time.Time, error) {
		return time.Time{}, fmt.Errorf("%q is not a date like 2024-03-01", short(cell))
	}
	cell = strings.TrimSpace(cell)
	if days, err := strconv.ParseFloat(cell, 64); err == nil {
		if !(days >= 10_000 && days <= 80_000) { // 1927 to 2119
			return fail()
		}
		t, err := excelize.ExcelDateToTime(days, false)
		if err != nil {
			return fail()
		}
		return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, zone).UTC(), nil
	}
	m := dateForm.FindStringSubmatch(cell)
	if m == nil {
		return fail()
	}
	n := make([]int, len(m))
	for i, text := range m {
		n[i], _ = strconv.Atoi(text) // what is no number is 0
	}
	year, month, day := n[1], n[3], n[4]
	if len(m[1]) < 3 {
		day, year = n[1], n[4]
		if m[2] == "/" && order == MonthFirst {
			month, day = n[1], n[3]
		}
		if len(m[4]) == 2 {
			year += 2000
		}
	}
	if m[8] != "" && m[8] != "Z" {
		offset, err := time.Parse("-0700", strings.ReplaceAll(m[8], ":", ""))
		if err != nil {
			return fail()
		}
		zone = offset.Location()
	} else if m[8] == "Z" {
		zone = time.UTC
	}
	t := time.Date(year, time.Month(month), day, n[5], n[6], n[7], 0, zone)
	if t.Year() != year || int(t.Month()) != month || t.Day() != day || n[5] > 23 || n[6] > 59 || n[7] > 60 {
		return fail()
	}
	return t.UTC(), nil
}

func short(cell string) string {
	if r := []rune(cell); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return cell
}
