package admin

import (
	"slices"
	"time"

	"github.com/kupec/kupec/module/report"
)

// span is a frame that can be chosen: its name in the address, and its first day.
type span struct {
	key  string
	from time.Time
}

// spans are the frames that can be chosen, and the usual one. Those of months begin with a month; all time has no first day.
func (r *reporting) spans() (all []span, usual string) {
	month := time.Date(r.today.Year(), r.today.Month(), 1, 0, 0, 0, 0, time.UTC)
	if r.kind.months {
		return []span{{"6m", month.AddDate(0, -5, 0)}, {"12m", month.AddDate(0, -11, 0)}, {"24m", month.AddDate(0, -23, 0)}, {"all", time.Time{}}}, "12m"
	}
	year := time.Date(r.today.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
	return []span{{"7", r.today.AddDate(0, 0, -6)}, {"30", r.today.AddDate(0, 0, -29)}, {"90", r.today.AddDate(0, 0, -89)}, {"12m", month.AddDate(0, -11, 0)}, {"year", year}, {"all", time.Time{}}}, "30"
}

// frames fills in the frame: a number of days, months, this year, all time, or two dates.
func (r *reporting) frames() {
	all, usual := r.spans()
	chosen := r.query("in")
	if !slices.ContainsFunc(all, func(f span) bool { return f.key == chosen }) {
		chosen = usual
	}
	from, to, custom := r.dates()
	for _, f := range all {
		t := tab{Label: r.t("reports.in." + f.key), Href: r.a.link(r.here("in", f.key, "from", "", "to", "")), Here: f.key == chosen && !custom}
		r.page.Ranges = append(r.page.Ranges, t)
		if !t.Here {
			continue
		}
		r.page.Range = t.Label
		if f.key != "all" {
			r.q.Frame = report.Frame{From: f.from, To: r.today}
		}
	}
	if custom {
		r.q.Frame = report.Frame{From: from, To: to}
		r.page.Range = r.t("reports.from_to", "from", r.date(from), "to", r.date(to))
	}
	if !r.q.Frame.All() {
		r.page.From, r.page.To = r.q.Frame.From.Format(time.DateOnly), r.q.Frame.To.Format(time.DateOnly)
	}
}

// longest is how many years two dates may lie apart.
const longest = 50

// dates are the address's own, where there are two that make sense; otherwise the page says what is wrong.
func (r *reporting) dates() (from, to time.Time, ok bool) {
	if r.query("from") == "" && r.query("to") == "" {
		return from, to, false
	}
	from, err1 := time.Parse(time.DateOnly, r.query("from"))
	to, err2 := time.Parse(time.DateOnly, r.query("to"))
	switch {
	case err1 != nil || err2 != nil:
		r.page.Problem = r.t("reports.dates.unreadable")
	case to.Before(from):
		r.page.Problem = r.t("reports.dates.order")
	case from.Year() < 1990 || to.After(from.AddDate(longest, 0, 0)):
		r.page.Problem = r.t("reports.dates.long")
	default:
		return from, to, true
	}
	return from, to, false
}

// steps chooses days, weeks or months: what is asked for, or what makes few enough points to see.
func (r *reporting) steps() {
	if !r.kind.steps {
		return
	}
	days := r.q.Frame.Days()
	allowed := []report.Step{report.ByWeek, report.ByMonth}
	if days > 0 && days <= 400 {
		allowed = report.Steps
	}
	switch r.step = report.Step(r.query("by")); {
	case slices.Contains(allowed, r.step):
	case days > 0 && days <= 45:
		r.step = report.ByDay
	case days > 0 && days <= 190:
		r.step = report.ByWeek
	default:
		r.step = report.ByMonth
	}
	for _, s := range allowed {
		r.page.Steps = append(r.page.Steps, tab{Label: r.t("reports.by." + string(s)), Href: r.a.link(r.here("by", string(s))), Here: s == r.step})
	}
}

// date is a calendar day in words. Days have no zone; noon in the shop's keeps the printer, which has it, on the same day.
func (v *visit) date(day time.Time) string { return v.p.Date(v.noon(day)) }

func (v *visit) noon(day time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), 12, 0, 0, 0, v.p.Zone())
}

// period is what one is called: its day, its week's first day, its month.
func (r *reporting) period(p report.Period) string {
	switch {
	case p.From.IsZero():
		return r.t("reports.undated")
	case r.step == report.ByMonth:
		return r.p.Month(r.noon(p.From))
	case r.q.Frame.Days() > 0 && r.q.Frame.From.Year() == r.q.Frame.To.Year():
		return r.p.DateShort(r.noon(p.From))
	}
	return r.date(p.From)
}
