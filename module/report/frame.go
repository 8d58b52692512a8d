package report

import "time"

// Days are calendar days of the shop's zone, as midnight in UTC.

// Frame is a stretch of days, both ends included. A zero end is open. The zero frame is all time, and the only one that
// holds orders without a time.
type Frame struct{ From, To time.Time }

// undated stands for the day of orders without a time. It lies before any shop.
var undated = time.Date(1000, 1, 1, 0, 0, 0, 0, time.UTC)

// Bounds of an open frame, within what DATE can hold.
var (
	earliest = time.Date(1001, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)
)

// Day is the calendar day of a moment in a zone.
func Day(t time.Time, zone *time.Location) time.Time {
	year, month, day := t.In(zone).Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// All says whether the frame is all time.
func (f Frame) All() bool { return f.From.IsZero() && f.To.IsZero() }

// Days is how many days the frame has; 0 where an end is open.
func (f Frame) Days() int {
	if f.From.IsZero() || f.To.IsZero() {
		return 0
	}
	return int(f.To.Sub(f.From).Hours()/24) + 1
}

// Before is the frame of the same length that ends where f begins; all time where an end is open.
func (f Frame) Before() Frame {
	n := f.Days()
	if n == 0 {
		return Frame{}
	}
	return Frame{f.From.AddDate(0, 0, -n), f.From.AddDate(0, 0, -1)}
}

// bounds are the frame's ends, open ones written out.
func (f Frame) bounds() (from, to time.Time) {
	switch from, to = f.From, f.To; {
	case f.All():
		from = undated
	case from.IsZero():
		from = earliest
	}
	if to.IsZero() {
		to = latest
	}
	return from, to
}

// months are the frame's bounds, widened to whole months.
func (f Frame) months() (from, to time.Time) {
	from, to = f.bounds()
	return monthOf(from), monthOf(to)
}

// monthOf is the first day of a day's month.
func monthOf(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, time.UTC)
}

// Step is by what sales over time are told.
type Step string

// The steps. A week begins on Monday, as ISO 8601 has it.
const (
	ByDay   Step = "day"
	ByWeek  Step = "week"
	ByMonth Step = "month"
)

// Steps is all of them.
var Steps = []Step{ByDay, ByWeek, ByMonth}

// begin is the first day of the step that a day lies in.
func (s Step) begin(day time.Time) time.Time {
	switch s {
	case ByWeek:
		return day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
	case ByMonth:
		return monthOf(day)
	}
	return day
}

// next is the first day of the step after.
func (s Step) next(begin time.Time) time.Time {
	switch s {
	case ByWeek:
		return begin.AddDate(0, 0, 7)
	case ByMonth:
		return begin.AddDate(0, 1, 0)
	}
	return begin.AddDate(0, 0, 1)
}
