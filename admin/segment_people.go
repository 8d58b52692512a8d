package admin

import (
	"errors"
	"fmt"
	"time"

	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/staff"
)

// segmentPeoplePage is a list of people behind a figure of a segment.
type segmentPeoplePage struct {
	frame
	Tabs   []tab
	Rows   []customerRow
	Pager  *pager
	Export *exportLinks // nil for those who may not
}

// peopleOf shows the people that a question selects. export is their export's path without the format.
func (v *visit) peopleOf(page *segmentPeoplePage, q segment.Query, export string) error {
	rows, next, err := v.a.rooms.People.List(v.ctx, customer.ListFilter{Where: customer.Condition(q), After: v.query("after")})
	if err != nil {
		return err
	}
	for _, r := range rows {
		page.Rows = append(page.Rows, v.customerRow(r))
	}
	page.Pager = v.pager(v.t("customers.shown", "count", int64(len(rows))), next)
	if v.may(staff.ExportPeople) && len(rows) > 0 {
		page.Export = v.exportLinks(export)
	}
	return v.render("segment_people", page)
}

// goneBack leads back with a sentence where a segment names a product or a category that is gone.
func (v *visit) goneBack(path string, err error) error {
	var gone *segment.InvalidError
	if errors.As(err, &gone) {
		return v.refused(path, v.t(gone.Key, gone.Args...))
	}
	return err
}

func (a *Admin) segmentPeople(v *visit) error {
	saved, sentence, err := v.savedSegment()
	if err != nil {
		return err
	}
	q, err := a.rooms.Segments.Compile(v.ctx, saved.Tree, segment.Scope{ShopID: v.shop.ID})
	if err != nil {
		return v.goneBack(fmt.Sprintf("/segments/%d", saved.ID), err)
	}
	page := &segmentPeoplePage{frame: v.frame("segments", saved.Name)}
	page.Intro, page.Back = sentence, v.backToHistory(saved)
	return v.peopleOf(page, q, fmt.Sprintf("/segments/%d/people", saved.ID))
}

func (v *visit) backToHistory(saved segment.Segment) *backLink {
	return &backLink{saved.Name, v.a.link(fmt.Sprintf("/segments/%d/history", saved.ID))}
}

// moves reads which moves are asked for: who entered, unless the address says left, in the last days.
func (v *visit) moves() (entered bool, since time.Time) {
	return v.query("way") != "left", v.now().AddDate(0, 0, -movesDays)
}

func (a *Admin) segmentMoves(v *visit) error {
	saved, sentence, err := v.savedSegment()
	if err != nil {
		return err
	}
	entered, since := v.moves()
	page := &segmentPeoplePage{frame: v.frame("segments", v.movesTitle(saved, entered))}
	page.Intro, page.Back = sentence, v.backToHistory(saved)
	for _, way := range []string{"entered", "left"} {
		page.Tabs = append(page.Tabs, tab{Label: v.t("segments.history." + way), Href: a.link(v.here("way", way)), Here: (way == "entered") == entered})
	}
	return v.peopleOf(page, a.rooms.Segments.Moved(saved.ID, entered, since), fmt.Sprintf("/segments/%d/moves", saved.ID))
}

func (v *visit) movesTitle(saved segment.Segment, entered bool) string {
	if entered {
		return v.t("segments.moves.entered", "name", saved.Name, "count", movesDays)
	}
	return v.t("segments.moves.left", "name", saved.Name, "count", movesDays)
}

func (a *Admin) segmentMovesExport(v *visit) error {
	saved, _, err := v.savedSegment()
	if err != nil {
		return err
	}
	entered, since := v.moves()
	q, err := a.rooms.Segments.ExportMoved(v.ctx, saved.ID, entered, since)
	if err != nil {
		return err
	}
	return v.exportPeople(v.t("export.segment", "name", v.movesTitle(saved, entered), "date", v.today()), customer.ListFilter{Where: customer.Condition(q)})
}
