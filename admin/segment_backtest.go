package admin

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// segmentBacktestPage is who would have been in a segment, and what they then bought.
type segmentBacktestPage struct {
	frame
	ID       int64
	Path     string
	CanWrite bool
	Tabs     []tab
	Unknown  []string // conditions that only the present knows
	Making   *jobProgress
	Edited   bool
	MadeAt   time.Time
	Chart    *chart
	Rows     []backtestMonth
}

type backtestMonth struct {
	Day                              time.Time
	People, Ordered, Share, Revenue  string
	AllPeople, AllShare, AllRevenues string
}

func (v *visit) backtestPage() (*segmentBacktestPage, segment.Segment, error) {
	saved, sentence, err := v.savedSegment()
	if err != nil {
		return nil, saved, err
	}
	page := &segmentBacktestPage{frame: v.frame("segments", saved.Name), ID: saved.ID, Path: fmt.Sprintf("/segments/%d/backtest", saved.ID),
		CanWrite: v.may(staff.WriteSegments), Tabs: v.segmentTabs(saved.ID, "backtest")}
	page.Intro = sentence
	page.Back = &backLink{v.t("segments.title"), v.a.link("/segments")}
	return page, saved, v.backtestRunning(page)
}

func (v *visit) backtestRunning(page *segmentBacktestPage) error {
	pending, err := v.a.rooms.Segments.PendingBacktest(v.ctx, v.a.rooms.Jobs, page.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	progress := v.jobProgress(pending)
	page.Making = &progress
	return err
}

func (a *Admin) segmentBacktest(v *visit) error {
	page, saved, err := v.backtestPage()
	if err != nil {
		return err
	}
	_, err = a.rooms.Segments.Vocabulary().AsOf(saved.Tree, v.today())
	var past *segment.PastError
	switch {
	case errors.As(err, &past):
		names, err := a.rooms.Segments.Names(v.ctx, saved.Tree)
		if err != nil {
			return err
		}
		for _, c := range past.Conditions {
			page.Unknown = append(page.Unknown, a.rooms.Segments.Sentence(v.p, segment.Tree{Root: segment.Node{Is: c}}, names))
		}
	case err != nil:
		return err
	}
	kept, err := a.rooms.Segments.LastBacktest(v.ctx, saved.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if err == nil && len(page.Unknown) == 0 {
		v.fillBacktest(page, kept)
	}
	return v.render("segment_backtest", page)
}

// segmentBacktestProgress is the page's moving part. It says when there is nothing more to wait for.
func (a *Admin) segmentBacktestProgress(v *visit) error {
	page, _, err := v.backtestPage()
	if err != nil {
		return err
	}
	if page.Making == nil {
		v.c.Set("X-Reload", "1")
	}
	return v.fragment("segment_backtest", "progress", page)
}

func (a *Admin) segmentBacktestStart(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	path := fmt.Sprintf("/segments/%d/backtest", id)
	err = a.rooms.Segments.StartBacktest(v.ctx, a.rooms.Jobs, id, segment.MaxMonths)
	var past *segment.PastError
	if errors.As(err, &past) {
		return v.redirect(path) // which says what cannot be asked
	}
	if err != nil {
		return err
	}
	return v.redirect(path)
}

func (v *visit) fillBacktest(page *segmentBacktestPage, kept segment.Backtest) {
	page.MadeAt, page.Edited = kept.MadeAt, kept.Edited
	ours := series{Name: v.t("segments.backtest.people"), Class: "c-1", Area: true}
	all := series{Name: v.t("segments.backtest.all"), Class: "c-0", Dash: true}
	p := plot{Label: v.t("segments.backtest.chart"), PlaceName: v.t("segments.backtest.day"), Value: func(f float64) string { return v.p.Percent(f, 1) }, Tick: func(f float64) string { return v.p.Percent(f, 0) }}
	for _, m := range kept.Months {
		day, err := time.ParseInLocation(time.DateOnly, m.Day, v.p.Zone())
		if err != nil {
			continue // nobody but a backtest writes it
		}
		p.Places, p.Heads = append(p.Places, v.p.Month(day)), append(p.Heads, v.p.Date(day))
		ours.Values, all.Values = append(ours.Values, m.Segment.Share()), append(all.Values, m.All.Share())
		page.Rows = append(page.Rows, backtestMonth{
			Day: day, People: v.p.Number(m.Segment.People), Ordered: v.p.Number(m.Segment.Ordered), Share: v.p.Percent(m.Segment.Share(), 1), Revenue: v.cohortRevenue(m.Segment),
			AllPeople: v.p.Number(m.All.People), AllShare: v.p.Percent(m.All.Share(), 1), AllRevenues: v.cohortRevenue(m.All),
		})
	}
	p.Series = []series{ours, all}
	if len(page.Rows) > 1 {
		page.Chart = lineChart(p)
	}
}

func (v *visit) cohortRevenue(c segment.Cohort) string {
	if len(c.Revenue) == 0 {
		return v.p.MoneyRound(v.shop.zero())
	}
	parts := make([]string, len(c.Revenue))
	for i, r := range c.Revenue {
		parts[i] = v.p.MoneyRound(money.New(r.Net, r.Currency))
	}
	return strings.Join(parts, " + ")
}
