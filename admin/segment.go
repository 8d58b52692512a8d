package admin

import (
	"errors"
	"strconv"
	"time"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/recommend"
	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

func segmentArea() area {
	return area{
		pages: []page{{"segment_list", &segmentListPage{}}, {"segment_edit", &segmentEditPage{}}},
		routes: func(a *Admin, r router) {
			r.get("/segments", staff.SeeSales, a.segmentList)
			r.get("/segments/new", staff.SeeSales, a.segmentNew)
			r.post("/segments/build", staff.SeeSales, a.segmentBuild)
			r.post("/segments/save", staff.WriteSegments, a.segmentSave)
			r.get("/segments/:id", staff.SeeSales, a.segmentShow)
			r.get("/segments/:id/people.csv", staff.ExportPeople, a.segmentExport)
			r.get("/segments/:id/people.xlsx", staff.ExportPeople, a.segmentExport)
			r.post("/segments/:id/archive", staff.WriteSegments, a.segmentArchive)
		},
	}
}

type segmentListPage struct {
	frame
	Tabs     []tab
	Archived bool
	CanWrite bool
	Query    string
	Segments []segmentRow
	Presets  []presetRow
}

type segmentRow struct {
	ID               int64
	Name, Sentence   string
	People, Mailable string // "" where never counted
	CountedAt        time.Time
	Broken           bool
}

type presetRow struct{ Title, Why, Href string }

func (v *visit) presetRows(presets []segment.Preset) (rows []presetRow) {
	for _, p := range presets {
		rows = append(rows, presetRow{v.t("segment.preset." + p.Key), v.t("segment.preset." + p.Key + ".why"), v.a.link("/segments/new?preset=" + p.Key)})
	}
	return rows
}

// presets are the ready questions, filled in for the shop.
func (v *visit) presets() ([]segment.Preset, error) {
	pair, err := v.a.pairs.get(v.shop.ID, func() (recommend.Pair, error) {
		pair, err := v.a.rooms.Recommend.ClosestPair(v.ctx, v.shop.ID)
		if errors.Is(err, store.ErrNotFound) {
			return recommend.Pair{}, nil
		}
		return pair, err
	})
	if err != nil {
		return nil, err
	}
	about := segment.About{Currency: v.shop.Currency, Product: pair.ProductID, Companion: pair.OtherID}
	return v.a.rooms.Segments.Vocabulary().Presets(about), nil
}

// patience is how long the list waits for counts that nobody has made yet; the rest is counted by the next look.
const patience = time.Second

func (a *Admin) segmentList(v *visit) error {
	presets, err := v.presets()
	if err != nil {
		return err
	}
	page := &segmentListPage{frame: v.frame("segments", v.t("segments.title")), CanWrite: v.may(staff.WriteSegments),
		Archived: v.query("view") == "archived", Query: v.query("find"), Presets: v.presetRows(presets)}
	list, err := a.rooms.Segments.List(v.ctx, segment.ListFilter{Query: page.Query, Archived: page.Archived})
	if err != nil {
		return err
	}
	trees := make([]segment.Tree, len(list))
	for i, s := range list {
		trees[i] = s.Tree
	}
	names, err := a.rooms.Segments.Names(v.ctx, trees...)
	if err != nil {
		return err
	}
	began := time.Now()
	for _, s := range list {
		if s.People == nil && s.Problem == nil && time.Since(began) < patience { // those made without the panel
			if s, err = v.recount(s); err != nil {
				return err
			}
		}
		row := segmentRow{ID: s.ID, Name: s.Name, CountedAt: s.CountedAt, Broken: s.Problem != nil}
		if s.People != nil && s.Mailable != nil {
			row.People, row.Mailable = v.p.Number(*s.People), v.p.Number(*s.Mailable)
		}
		if !row.Broken {
			row.Sentence = a.rooms.Segments.Sentence(v.p, s.Tree, names)
		}
		page.Segments = append(page.Segments, row)
	}
	page.Tabs = []tab{
		{Label: v.t("segments.live"), Href: a.link("/segments"), Here: !page.Archived},
		{Label: v.t("segments.archived"), Href: a.link("/segments?view=archived"), Here: page.Archived},
	}
	return v.render("segment_list", page)
}

// recount counts a saved segment. One that names a product or a category that is gone stays uncounted: its page says why.
func (v *visit) recount(s segment.Segment) (segment.Segment, error) {
	count, err := v.a.rooms.Segments.Recount(v.ctx, s.ID, v.shop.ID, consent.DefaultTopic)
	var gone *segment.InvalidError
	if errors.As(err, &gone) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	s.People, s.Mailable, s.CountedAt = &count.Profiles, &count.Mailable, v.now()
	return s, nil
}

// segmentEditPage is the builder. Everything that depends on the conditions hangs on Root.
type segmentEditPage struct {
	frame
	ID       int64
	Seen     string // the version that is edited, for the check that nobody else saved
	Name     string
	Sentence string
	Changed  bool
	Archived bool
	CanWrite bool
	CanMail  bool
	presets  []segment.Preset
	Presets  []presetRow
	Root     *groupView
	Problem  string // what is wrong with the whole
	Count    *countView
	People   []sampleView
	Seed     int64
	Export   *exportLinks // of the saved segment; nil for those who may not
	Tabs     []tab        // of the saved segment
}

type countView struct {
	segment.Count
	Share string // of everybody, for people
	Part  string // per cent, for the drawing
	All   int64
	Took  string
}

type sampleView struct {
	ID                   int64
	Name, Initials, More string
	Net                  string
}

// seenLayout keeps the microseconds of a version.
const seenLayout = "20060102150405.000000"

func (v *visit) segmentPage(title string) (*segmentEditPage, error) {
	presets, err := v.presets()
	if err != nil {
		return nil, err
	}
	page := &segmentEditPage{frame: v.frame("segments", title), CanWrite: v.may(staff.WriteSegments), CanMail: v.may(staff.WriteNewsletters),
		presets: presets, Presets: v.presetRows(presets), Seed: 1}
	page.Back = &backLink{v.t("segments.title"), v.a.link("/segments")}
	page.Scripts = []string{"segment.js"}
	return page, nil
}

func (a *Admin) segmentNew(v *visit) error {
	page, err := v.segmentPage(v.t("segments.new"))
	if err != nil {
		return err
	}
	tree := segment.Tree{Root: segment.All()}
	for _, p := range page.presets {
		if p.Key == v.query("preset") {
			tree, page.Name, page.Changed = p.Tree, v.t("segment.preset."+p.Key), true
		}
	}
	if err := v.fillBuilder(page, draftOf(a.rooms.Segments.Vocabulary(), tree), true); err != nil {
		return err
	}
	return v.render("segment_edit", page)
}

func (a *Admin) segmentShow(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	saved, err := a.rooms.Segments.Get(v.ctx, id)
	if err != nil {
		return err
	}
	page, err := v.segmentPage(saved.Name)
	if err != nil {
		return err
	}
	if v.may(staff.ExportPeople) {
		page.Export = v.exportLinks("/segments/" + strconv.FormatInt(id, 10) + "/people")
	}
	page.Tabs = v.segmentTabs(id, "conditions")
	page.ID, page.Name, page.Seen, page.Archived = saved.ID, saved.Name, saved.UpdatedAt.Format(seenLayout), saved.Archived
	if err := v.fillBuilder(page, draftOf(a.rooms.Segments.Vocabulary(), saved.Tree), true); err != nil {
		return err
	}
	return v.render("segment_edit", page)
}

// segmentBuild takes the form as it stands, does what its button says, and shows it again. A script asks for the form
// alone, and for the figures after it.
func (a *Admin) segmentBuild(v *visit) error {
	page, root, err := v.builderForm()
	if err != nil {
		return err
	}
	root.apply(v.form("do"), a.rooms.Segments.Vocabulary())
	if v.form("do") == "others" {
		page.Seed++
	}
	part := v.form("part")
	if err := v.fillBuilder(page, root, part != "form"); err != nil {
		return err
	}
	if part != "" {
		return v.fragment("segment_edit", "builder", page)
	}
	return v.render("segment_edit", page)
}

// builderForm reads the posted form.
func (v *visit) builderForm() (*segmentEditPage, *draft, error) {
	title := v.t("segments.new")
	if v.form("name") != "" {
		title = v.form("name")
	}
	page, err := v.segmentPage(title)
	if err != nil {
		return nil, nil, err
	}
	page.Name, page.Seen, page.Changed = v.form("name"), v.form("seen"), true
	page.ID, _ = strconv.ParseInt(v.form("id"), 10, 64) // 0: not saved yet
	if page.ID > 0 {
		page.Tabs = v.segmentTabs(page.ID, "conditions")
	}
	page.Seed, _ = strconv.ParseInt(v.form("seed"), 10, 64) // any number draws a sample
	return page, draftFrom(v.forms, v.a.rooms.Segments.Vocabulary()), nil
}

func (a *Admin) segmentSave(v *visit) error {
	page, root, err := v.builderForm()
	if err != nil {
		return err
	}
	root.insist()
	tree, whole := root.tree(v, a.rooms.Segments.Vocabulary())
	if whole {
		var saved segment.Segment
		if saved, err = v.saveSegment(page, tree); err == nil {
			if _, err := v.recount(saved); err != nil {
				return err
			}
			if v.form("do") == "write" {
				return v.startNewsletter(saved.Name, saved.ID)
			}
			return v.done("/segments/"+strconv.FormatInt(saved.ID, 10), "segments.saved", "name", saved.Name)
		}
	}
	var invalid *segment.InvalidError
	switch {
	case err == nil: // a condition is not filled in: its row says what is missing
	case errors.Is(err, segment.ErrChanged):
		page.Problem = v.t("segments.error.changed")
	case errors.As(err, &invalid) && invalid.Path == "name":
		page.Errors.add("name", v.t(invalid.Key, invalid.Args...))
	case errors.As(err, &invalid):
		page.Problem = v.t(invalid.Key, invalid.Args...)
	default:
		return err
	}
	if err := v.fillBuilder(page, root, true); err != nil {
		return err
	}
	return v.renderInvalid("segment_edit", page)
}

func (v *visit) saveSegment(page *segmentEditPage, tree segment.Tree) (segment.Segment, error) {
	if page.ID == 0 {
		return v.a.rooms.Segments.Create(v.ctx, page.Name, tree)
	}
	seen, err := time.Parse(seenLayout, page.Seen)
	if err != nil {
		return segment.Segment{}, segment.ErrChanged // nobody can say which version this was
	}
	return v.a.rooms.Segments.Update(v.ctx, page.ID, page.Name, tree, seen)
}

func (a *Admin) segmentArchive(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	archive := v.form("archived") == "1"
	if err := a.rooms.Segments.Archive(v.ctx, id, archive); err != nil {
		return err
	}
	if archive {
		return v.done("/segments", "segments.put_away")
	}
	return v.done("/segments/"+strconv.FormatInt(id, 10), "segments.put_back")
}

// fillBuilder makes the builder's view of a draft, with figures when they are wanted and every condition is filled in.
func (v *visit) fillBuilder(page *segmentEditPage, root *draft, figures bool) error {
	segments := v.a.rooms.Segments
	tree, whole := root.tree(v, segments.Vocabulary())
	choices, err := v.builderChoices()
	if err != nil {
		return err
	}
	page.Root = root.view(v, choices, segments.Vocabulary(), "0", 1)
	if !whole {
		return nil
	}
	if _, err := segments.Vocabulary().Check(tree); err != nil {
		var invalid *segment.InvalidError
		if errors.As(err, &invalid) {
			page.Problem = v.t(invalid.Key, invalid.Args...)
			return nil
		}
		return err
	}
	names, err := segments.Names(v.ctx, tree)
	if err != nil {
		return err
	}
	page.Sentence = segments.Sentence(v.p, tree, names)
	if !figures {
		return nil
	}
	return v.fillFigures(page, root, tree)
}

func (v *visit) fillFigures(page *segmentEditPage, root *draft, tree segment.Tree) error {
	segments := v.a.rooms.Segments
	count, err := segments.Count(v.ctx, tree, v.shop.ID, consent.DefaultTopic)
	var invalid *segment.InvalidError
	if errors.As(err, &invalid) { // a product or a category that is gone
		page.Problem = v.t(invalid.Key, invalid.Args...)
		return nil
	}
	if err != nil {
		return err
	}
	everybody, err := v.a.rooms.People.Counts(v.ctx)
	if err != nil {
		return err
	}
	page.Count = &countView{Count: count, All: everybody.Profiles, Took: v.p.Number(max(0.01, float64(count.Millis)/1000))}
	if everybody.Profiles > 0 {
		share := min(1, float64(count.Profiles)/float64(everybody.Profiles))
		page.Count.Share, page.Count.Part = v.p.Percent(share, 1), strconv.FormatFloat(100*share, 'f', 1, 64)
	}
	hits, err := segments.CountEach(v.ctx, tree, v.shop.ID)
	if err != nil {
		return err
	}
	for path, c := range tree.Conditions() {
		if row := root.rowOf(c); row != nil {
			row.Hits = v.t("segments.people", "count", hits[path])
		}
	}
	people, err := segments.Sample(v.ctx, tree, v.shop.ID, 5, page.Seed)
	if err != nil {
		return err
	}
	for _, p := range people {
		row := sampleView{ID: p.ID, Name: p.Name.Display(string(p.Email)), More: v.t("segments.sample.never")}
		if row.Name == "" {
			row.Name = v.t("segments.sample.nameless")
		}
		row.Initials = initials(row.Name)
		if p.Orders > 0 {
			row.More = v.t("segments.sample.orders", "count", p.Orders, "ago", v.p.Ago(p.LastOrderAt, v.now()))
			row.Net = v.p.Money(p.Net)
		}
		page.People = append(page.People, row)
	}
	return nil
}

// segmentExport writes the people of a saved segment, as the list of customers shows people.
func (a *Admin) segmentExport(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	saved, err := a.rooms.Segments.Get(v.ctx, id)
	if err != nil {
		return err
	}
	people, err := a.rooms.Segments.Export(v.ctx, id, v.shop.ID)
	var invalid *segment.InvalidError
	if errors.As(err, &invalid) { // a product or a category that is gone
		return v.refused("/segments/"+strconv.FormatInt(id, 10), v.t(invalid.Key, invalid.Args...))
	}
	if err != nil {
		return err
	}
	return v.exportPeople(v.t("export.segment", "name", saved.Name, "date", v.today()), customer.ListFilter{Where: customer.Condition(people)})
}
