package locale

import (
	"strconv"
	"time"
)

// Date is "9 Nov 2026".
func (p *Printer) Date(t time.Time) string { return p.day("date.date", t) }

// DateLong is "9 November 2026".
func (p *Printer) DateLong(t time.Time) string { return p.day("date.long", t) }

// DateShort is "9 Nov", where the year goes without saying.
func (p *Printer) DateShort(t time.Time) string { return p.day("date.short", t) }

// Month is "November 2026".
func (p *Printer) Month(t time.Time) string { return p.day("date.month_year", t) }

// Time is "10:04".
func (p *Printer) Time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(p.zone).Format("15:04")
}

// DateTime is "9 Nov 2026, 10:04".
func (p *Printer) DateTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return p.T("date.at", "date", p.Date(t), "time", p.Time(t))
}

func (p *Printer) day(pattern string, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(p.zone)
	month := strconv.Itoa(int(t.Month()))
	return p.T(pattern, "day", strconv.Itoa(t.Day()), "year", strconv.Itoa(t.Year()),
		"month", p.T("month.full."+month), "month_of", p.T("month.of."+month), "mon", p.T("month.short."+month))
}

// Ago is how long before now t was, in the largest unit that fits: "3 minutes ago", "14 days ago". Times to come are
// said in the same way, "in 2 hours".
func (p *Printer) Ago(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	past, d := "ago.", now.Sub(t)
	if d < 0 {
		past, d = "in.", -d
	}
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		return p.T("ago.now")
	case d < time.Hour:
		return p.T(past+"minutes", "count", int(d/time.Minute))
	case d < day:
		return p.T(past+"hours", "count", int(d/time.Hour))
	case d < 60*day:
		return p.T(past+"days", "count", int(d/day))
	case d < 2*365*day:
		return p.T(past+"months", "count", int(d/(30*day)))
	}
	return p.T(past+"years", "count", int(d/(365*day)))
}
