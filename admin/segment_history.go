package admin

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/staff"
)

// segmentHistoryArea is what became of segments: who is in them and came and went, how they overlap, what they would have
// brought. It stands before segmentArea, whose /segments/:id would take /segments/compare.
func segmentHistoryArea() area {
	return area{
		pages: []page{{"segment_history", &segmentHistoryPage{}}, {"segment_people", &segmentPeoplePage{}}, {"segment_compare", &segmentComparePage{}}, {"segment_backtest", &segmentBacktestPage{}}},
		routes: func(a *Admin, r router) {
			r.get("/segments/compare", staff.SeeSales, a.segmentCompare)
			r.get("/segments/compare/people", staff.SeePeople, a.segmentPart)
			r.get("/segments/compare/people.csv", staff.ExportPeople, a.segmentPartExport)
			r.get("/segments/compare/people.xlsx", staff.ExportPeople, a.segmentPartExport)
			r.get("/segments/:id/history", staff.SeeSales, a.segmentHistory)
			r.get("/segments/:id/people", staff.SeePeople, a.segmentPeople)
			r.get("/segments/:id/moves", staff.SeePeople, a.segmentMoves)
			r.get("/segments/:id/moves.csv", staff.ExportPeople, a.segmentMovesExport)
			r.get("/segments/:id/moves.xlsx", staff.ExportPeople, a.segmentMovesExport)
			r.post("/segments/:id/copy", staff.WriteSegments, a.segmentCopy)
			r.get("/segments/:id/backtest", staff.SeeSales, a.segmentBacktest)
			r.get("/segments/:id/backtest/progress", staff.SeeSales, a.segmentBacktestProgress)
			r.post("/segments/:id/backtest", staff.WriteSegments, a.segmentBacktestStart)
		},
	}
}

// segmentHistoryPage is a saved segment over time.
type segmentHistoryPage struct {
	frame
	ID       int64
	Archived bool
	CanWrite bool
	CanSee   bool
	Tabs     []tab
	Problem  string // it cannot be asked any more
	Figures  []reportFigure
	Ranges   []tab
	Chart    *chart
	Followed string
	Editions []string
	Entered  []memberMove
	Left     []memberMove
	Export   *exportLinks // nil for those who may not
}

type memberMove struct {
	Href, Name, Initials string
	At                   time.Time
}

// movesShown is how many people the page names of those who came and of those who went; movesDays is what "of late" means.
const (
	movesShown = 8
	movesDays  = 30
)

// sizeRanges are the lengths of the chart, in days.
var sizeRanges = [...]int{30, 90, 365}

// segmentTabs lead between the pages of a saved segment.
func (v *visit) segmentTabs(id int64, here string) []tab {
	path := fmt.Sprintf("/segments/%d", id)
	var tabs []tab
	for _, one := range []struct{ name, path string }{
		{"conditions", path}, {"history", path + "/history"}, {"backtest", path + "/backtest"}, {"compare", fmt.Sprintf("/segments/compare?s=%d", id)},
	} {
		tabs = append(tabs, tab{Label: v.t("segments.tab." + one.name), Href: v.a.link(one.path), Here: one.name == here})
	}
	return tabs
}

// savedSegment gives the segment of the path and its sentence.
func (v *visit) savedSegment() (segment.Segment, string, error) {
	id, err := v.id("id")
	if err != nil {
		return segment.Segment{}, "", err
	}
	saved, err := v.a.rooms.Segments.Get(v.ctx, id)
	if err != nil {
		return segment.Segment{}, "", err
	}
	names, err := v.a.rooms.Segments.Names(v.ctx, saved.Tree)
	if err != nil {
		return segment.Segment{}, "", err
	}
	return saved, v.a.rooms.Segments.Sentence(v.p, saved.Tree, names), nil
}

func (a *Admin) segmentHistory(v *visit) error {
	saved, sentence, err := v.savedSegment()
	if err != nil {
		return err
	}
	page := &segmentHistoryPage{frame: v.frame("segments", saved.Name), ID: saved.ID, Archived: saved.Archived, CanWrite: v.may(staff.WriteSegments),
		CanSee: v.may(staff.SeePeople), Tabs: v.segmentTabs(saved.ID, "history")}
	page.Intro = sentence
	page.Back = &backLink{v.t("segments.title"), a.link("/segments")}
	if v.may(staff.ExportPeople) {
		page.Export = v.exportLinks(fmt.Sprintf("/segments/%d/people", saved.ID))
	}
	days := sizeRanges[1]
	for _, n := range sizeRanges {
		if v.query("days") == strconv.Itoa(n) {
			days = n
		}
	}
	for _, n := range sizeRanges {
		page.Ranges = append(page.Ranges, tab{Label: v.t("home.range", "count", n), Href: a.link(v.here("days", strconv.Itoa(n))), Here: n == days})
	}
	history, err := a.rooms.Segments.History(v.ctx, saved.ID, sizeRanges[len(sizeRanges)-1])
	if err != nil {
		return err
	}
	if err := v.historyFigures(page, saved, history); err != nil {
		return err
	}
	page.Chart = v.sizeChart(history.Sizes, days)
	page.Followed = v.t("segments.history.never")
	if !history.LookedAt.IsZero() {
		page.Followed = v.t("segments.history.looked", "when", v.p.DateTime(history.LookedAt))
	}
	for _, e := range history.Editions {
		if e.Before != nil {
			page.Editions = append(page.Editions, v.t("segments.history.edited", "when", v.p.DateTime(e.BeganAt), "count", *e.Before))
		}
	}
	if page.CanSee {
		if page.Entered, err = v.moveRows(saved.ID, true); err != nil {
			return err
		}
		if page.Left, err = v.moveRows(saved.ID, false); err != nil {
			return err
		}
	}
	return v.render("segment_history", page)
}

func (v *visit) historyFigures(page *segmentHistoryPage, saved segment.Segment, history segment.History) error {
	count, err := v.a.rooms.Segments.Count(v.ctx, saved.Tree, v.shop.ID, consent.DefaultTopic)
	var gone *segment.InvalidError
	if errors.As(err, &gone) {
		page.Problem = v.t(gone.Key, gone.Args...)
		return nil
	}
	if err != nil {
		return err
	}
	share := ""
	if count.Profiles > 0 {
		share = v.p.Percent(float64(count.Mailable)/float64(count.Profiles), 0)
	}
	entered, left := int64(0), int64(0)
	since := v.now().In(v.p.Zone()).AddDate(0, 0, -movesDays).Format(time.DateOnly)
	for _, s := range history.Sizes {
		if s.Day > since {
			entered, left = entered+s.Entered, left+s.Left
		}
	}
	page.Figures = []reportFigure{
		{v.t("segments.now"), v.p.Number(count.Profiles), ""},
		{v.t("segments.count.mailable"), v.p.Number(count.Mailable), share},
		{v.t("segments.history.entered"), v.p.Number(entered), v.t("home.range", "count", movesDays)},
		{v.t("segments.history.left"), v.p.Number(left), v.t("home.range", "count", movesDays)},
	}
	return nil
}

// sizeChart draws the sizes of the last days; a day without a look keeps the size of the one before. One day makes no line.
func (v *visit) sizeChart(sizes []segment.Size, days int) *chart {
	byDay := map[string]int64{}
	for _, s := range sizes {
		byDay[s.Day] = s.People
	}
	today := v.now().In(v.p.Zone())
	line := series{Name: v.t("segments.history.size"), Class: "c-1", Area: true}
	p := plot{Label: v.t("segments.history.chart"), PlaceName: v.t("home.chart.day"), Value: func(f float64) string { return v.p.Number(f) }}
	last, known := int64(0), false
	for _, s := range sizes { // the size with which the chart begins
		if s.Day < today.AddDate(0, 0, 1-days).Format(time.DateOnly) {
			last, known = s.People, true
		}
	}
	for back := days - 1; back >= 0; back-- {
		day := today.AddDate(0, 0, -back)
		if people, ok := byDay[day.Format(time.DateOnly)]; ok {
			last, known = people, true
		}
		if known {
			p.Places, p.Heads = append(p.Places, v.p.DateShort(day)), append(p.Heads, v.p.Date(day))
			line.Values = append(line.Values, float64(last))
		}
	}
	if len(line.Values) < 2 {
		return nil
	}
	p.Series = []series{line}
	return lineChart(p)
}

func (v *visit) moveRows(id int64, entered bool) (rows []memberMove, err error) {
	moves, err := v.a.rooms.Segments.Moves(v.ctx, id, entered, movesShown)
	for _, m := range moves {
		name := m.Person.Name.Display(m.Person.Email.Unicode())
		if name == "" {
			name = v.t("segments.sample.nameless")
		}
		rows = append(rows, memberMove{v.a.link(fmt.Sprintf("/customers/%d", m.Person.ID)), name, initials(name), m.At})
	}
	return rows, err
}

// segmentCopy begins a segment with the conditions of another.
func (a *Admin) segmentCopy(v *visit) error {
	saved, _, err := v.savedSegment()
	if err != nil {
		return err
	}
	name := []rune(v.t("segments.copy.name", "name", saved.Name))
	twin, err := a.rooms.Segments.Create(v.ctx, strings.TrimSpace(string(name[:min(len(name), segment.MaxNameRunes)])), saved.Tree)
	if err != nil {
		return err
	}
	return v.done(fmt.Sprintf("/segments/%d", twin.ID), "segments.copied", "name", saved.Name)
}
