package admin

import (
	"errors"
	"net/url"
	"slices"
	"strconv"

	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/staff"
)

// segmentComparePage shows how two or three segments overlap.
type segmentComparePage struct {
	frame
	Choices []compareChoice
	Chosen  []comparedSegment
	Parts   []comparedPart
	Took    string
	Problem string
	CanSee  bool
}

// compareChoice is one of the fields in which a segment is chosen.
type compareChoice struct {
	Place   int
	Options []segmentChoice
}

type segmentChoice struct {
	ID     int64
	Name   string
	Chosen bool
}

type comparedSegment struct {
	Name, Href, People string
}

type comparedPart struct {
	Label, Href, People, Share string
	Percent                    string // of all people in any of them
}

// compareIDs are the segments in the address, empty fields left out.
func (v *visit) compareIDs() (ids []int64) {
	for _, text := range v.queries("s") {
		if id, err := strconv.ParseInt(text, 10, 64); err == nil && id > 0 {
			ids = append(ids, id)
		}
	}
	return ids
}

// comparePath is the address of a comparison, or of what belongs to one, with further names and values.
func comparePath(path string, ids []int64, more ...string) string {
	values := url.Values{}
	for _, id := range ids {
		values.Add("s", strconv.FormatInt(id, 10))
	}
	for i := 0; i+1 < len(more); i += 2 {
		values.Set(more[i], more[i+1])
	}
	return path + "?" + values.Encode()
}

func (a *Admin) segmentCompare(v *visit) error {
	page := &segmentComparePage{frame: v.frame("segments", v.t("segments.compare.title")), CanSee: v.may(staff.SeePeople)}
	page.Intro = v.t("segments.compare.intro")
	page.Back = &backLink{v.t("segments.title"), a.link("/segments")}
	list, err := a.rooms.Segments.List(v.ctx, segment.ListFilter{})
	if err != nil {
		return err
	}
	ids := v.compareIDs()
	for place := range segment.MaxCompared {
		choice := compareChoice{Place: place + 1}
		for _, s := range list {
			choice.Options = append(choice.Options, segmentChoice{s.ID, s.Name, place < len(ids) && ids[place] == s.ID})
		}
		page.Choices = append(page.Choices, choice)
	}
	if len(ids) < 2 {
		return v.render("segment_compare", page)
	}
	c, err := a.rooms.Segments.Compare(v.ctx, ids, v.shop.ID)
	var gone *segment.InvalidError
	switch {
	case errors.Is(err, segment.ErrCompared):
		page.Problem = v.t("segments.compare.different")
		return v.renderInvalid("segment_compare", page)
	case errors.As(err, &gone):
		page.Problem = v.t(gone.Key, gone.Args...)
		return v.renderInvalid("segment_compare", page)
	case err != nil:
		return err
	}
	v.fillComparison(page, c, ids)
	return v.render("segment_compare", page)
}

func (v *visit) fillComparison(page *segmentComparePage, c segment.Comparison, ids []int64) {
	for i, s := range c.Segments {
		page.Chosen = append(page.Chosen, comparedSegment{s.Name, v.a.link("/segments/" + strconv.FormatInt(s.ID, 10) + "/history"), v.p.Number(c.People[i])})
	}
	all := int64(0)
	for _, part := range c.Parts {
		all += part.People
	}
	for _, part := range c.Parts {
		row := comparedPart{Label: v.partLabel(c.Segments, part.In), People: v.p.Number(part.People), Percent: "0"}
		if all > 0 {
			share := float64(part.People) / float64(all)
			row.Share, row.Percent = v.p.Percent(share, 0), percent(100*share)
		}
		if part.People > 0 && page.CanSee {
			row.Href = v.a.link(comparePath("/segments/compare/people", ids, "part", strconv.Itoa(part.Number)))
		}
		page.Parts = append(page.Parts, row)
	}
	page.Took = v.p.Number(max(0.01, float64(c.Millis)/1000))
}

// partLabel says which segments a part's people are in.
func (v *visit) partLabel(all []segment.Segment, in []int) string {
	switch {
	case len(in) == len(all) && len(all) == 2:
		return v.t("segments.compare.both")
	case len(in) == len(all):
		return v.t("segments.compare.all")
	case len(in) == 1:
		return v.t("segments.compare.only", "name", all[in[0]].Name)
	}
	label := v.t("segments.compare.two", "left", all[in[0]].Name, "right", all[in[1]].Name)
	for i, s := range all {
		if !slices.Contains(in, i) {
			label = v.t("segments.compare.not", "part", label, "name", s.Name)
		}
	}
	return label
}

// comparedPartOf reads the part that the address asks for, and its label.
func (v *visit) comparedPartOf(ids []int64) (number int, label string, err error) {
	number, err = strconv.Atoi(v.query("part"))
	if err != nil {
		return 0, "", errNoPage
	}
	var segments []segment.Segment
	var in []int
	for i, id := range ids {
		saved, err := v.a.rooms.Segments.Get(v.ctx, id)
		if err != nil {
			return 0, "", err
		}
		segments = append(segments, saved)
		if number>>i&1 == 1 {
			in = append(in, i)
		}
	}
	if len(in) == 0 || len(ids) < 2 || len(ids) > segment.MaxCompared {
		return 0, "", errNoPage
	}
	return number, v.partLabel(segments, in), nil
}

func (a *Admin) segmentPart(v *visit) error {
	ids := v.compareIDs()
	number, label, err := v.comparedPartOf(ids)
	if err != nil {
		return err
	}
	q, err := a.rooms.Segments.Part(v.ctx, ids, number, v.shop.ID)
	if err != nil {
		return v.noPart(ids, err)
	}
	page := &segmentPeoplePage{frame: v.frame("segments", label)}
	page.Back = &backLink{v.t("segments.compare.title"), a.link(comparePath("/segments/compare", ids))}
	return v.peopleOf(page, q, "/segments/compare/people")
}

func (a *Admin) segmentPartExport(v *visit) error {
	ids := v.compareIDs()
	number, label, err := v.comparedPartOf(ids)
	if err != nil {
		return err
	}
	q, err := a.rooms.Segments.ExportPart(v.ctx, ids, number, v.shop.ID)
	if err != nil {
		return v.noPart(ids, err)
	}
	return v.exportPeople(v.t("export.segment", "name", label, "date", v.today()), customer.ListFilter{Where: customer.Condition(q)})
}

// noPart makes a forged address a page that is not there.
func (v *visit) noPart(ids []int64, err error) error {
	if errors.Is(err, segment.ErrPart) || errors.Is(err, segment.ErrCompared) {
		return errNoPage
	}
	return v.goneBack(comparePath("/segments/compare", ids[:1]), err)
}
