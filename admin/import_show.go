package admin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/importer"
	"github.com/kupec/kupec/module/job"
	"github.com/kupec/kupec/module/store"
)

// importPage is what a check found of a file, the step that is at work on it, and what it did.
type importPage struct {
	frame
	Path      string
	Mark      badge
	Steps     []stepView
	CreatedAt time.Time
	Work      *jobProgress // nil: nothing is being done just now
	Wait      bool         // the work has not begun yet
	Broken    string       // why the last step stopped
	Done      string       // what was done, in a sentence
	DoneAt    time.Time
	Figures   []reportFigure
	Changes   []countRow
	Claim     string // what is recorded of consents

	CanApply   bool
	CanGoOn    bool // it stopped in the middle
	CanUndo    bool
	CanChange  bool
	CanDiscard bool
	Takes      int
	AskApply   string
	AskUndo    string
	Rest       int // rows that are not taken in

	Outcomes []tab
	Rows     []judgedRow
	Pager    *pager
}

// judgedRow is a row of the file with what becomes of it.
type judgedRow struct {
	Line        int
	Name, Email string
	Href        string // of the person that it is, or looks like
	Mark        badge
	Changes     []changeRow
	Reason      string
	Warnings    []string
}

// changeRow is a part of a person that becomes another.
type changeRow struct{ Label, Before, After string }

var outcomeTones = map[importer.Outcome]string{
	importer.Stranger: "good", importer.Update: "info", importer.Doubtful: "warn", importer.Bad: "bad",
}

// outcomes in the order in which they are shown.
var outcomes = []importer.Outcome{importer.Stranger, importer.Update, importer.Doubtful, importer.Bad, importer.Repeated, importer.Same}

func (a *Admin) importShow(v *visit) error {
	im, work, err := v.importAtWork()
	if err != nil {
		return err
	}
	page, err := v.importPage(im, work)
	if err != nil {
		return err
	}
	if page.Work == nil && (im.State == importer.Receiving || im.State == importer.Staging || im.State == importer.Draft) {
		return a.importColumns(v)
	}
	if len(im.Report.Rows) > 0 && page.Work == nil {
		if err := v.fillJudged(page, im); err != nil {
			return err
		}
	}
	return v.render("import_show", page)
}

// importProgress is the page's moving part. It says when there is nothing more to wait for.
func (a *Admin) importProgress(v *visit) error {
	im, work, err := v.importAtWork()
	if err != nil {
		return err
	}
	page, err := v.importPage(im, work)
	if err != nil {
		return err
	}
	if page.Work == nil {
		v.c.Set("X-Reload", "1")
	}
	return v.fragment("import_show", "progress", page)
}

// importAtWork is the import that the address names, and the step that is at work on it or waits to be; nil where none is.
// The step is asked for first: where it has ended, the import says how. The other way round an import could be seen in the
// middle of a step, and nobody at it.
func (v *visit) importAtWork() (importer.Import, *job.Job, error) {
	id, err := v.id("id")
	if err != nil {
		return importer.Import{}, nil, err
	}
	var at *job.Job
	switch work, err := v.a.rooms.Imports.Work(v.ctx, v.a.rooms.Jobs, id); {
	case err == nil:
		at = &work
	case !errors.Is(err, store.ErrNotFound):
		return importer.Import{}, nil, err
	}
	im, err := v.a.rooms.Imports.Get(v.ctx, id)
	return im, at, err
}

func (v *visit) importPage(im importer.Import, work *job.Job) (*importPage, error) {
	page := &importPage{frame: v.frame("settings", im.Name), Path: importPath(im.ID), Mark: v.importBadge(im), CreatedAt: im.CreatedAt, Broken: v.stopped(im), Takes: im.Takes()}
	page.Back = &backLink{v.t("imports.title"), v.a.link("/settings/imports")}
	if work != nil {
		v.fillWork(page, im, *work)
	}
	rows := im.Report.Rows
	page.Rest = rows[importer.Bad] + rows[importer.Repeated]
	if im.Settings.Doubtful != importer.TakeIn {
		page.Rest += rows[importer.Doubtful]
	}
	page.Steps = v.importSteps(2)
	idle := page.Work == nil
	switch im.State {
	case importer.Checked:
		page.CanApply, page.CanChange, page.CanDiscard = idle && page.Takes > 0, idle, idle
	case importer.Applying:
		page.CanGoOn, page.CanUndo = idle, idle
	case importer.Undoing:
		page.CanUndo = idle
	case importer.Done:
		page.CanUndo, page.DoneAt, page.Done = idle, im.AppliedAt, v.t("imports.done", "count", page.Takes)
	case importer.Undone:
		page.CanDiscard, page.DoneAt, page.Done = idle, im.UndoneAt, v.t("imports.undone")
	}
	if im.State != importer.Draft && im.State != importer.Checked {
		page.Steps = v.importSteps(3)
	} else {
		page.Steps[1].Href = v.a.link(page.Path + "/columns")
	}
	return page, v.importFigures(page, im)
}

// fillWork shows the step that is at work, or waits to be.
func (v *visit) fillWork(page *importPage, im importer.Import, work job.Job) {
	progress := v.jobProgress(work)
	progress.Name = v.t("imports.work." + string(im.State))
	page.Work, page.Wait, page.Broken = &progress, work.State == job.Queued, ""
	im.Stopped = nil // it is begun anew
	if page.Mark = v.importBadge(im); im.State == importer.Draft {
		page.Mark = badge{v.t("imports.state.checking"), "info"}
	}
}

// importFigures is what the check found, and what pressing the button would do.
func (v *visit) importFigures(page *importPage, im importer.Import) error {
	rows := im.Report.Rows
	if len(rows) == 0 {
		return nil
	}
	for _, o := range []importer.Outcome{importer.Stranger, importer.Update, importer.Same, importer.Doubtful, importer.Repeated, importer.Bad} {
		more := v.t("imports.figure." + string(o) + ".more")
		if o == importer.Doubtful && im.Settings.Doubtful == importer.TakeIn {
			more = v.t("imports.figure.doubtful.taken")
		}
		page.Figures = append(page.Figures, reportFigure{v.t("imports.figure." + string(o)), v.p.Number(rows[o]), more})
	}
	for _, f := range importer.Fields {
		if n := im.Report.Changes[f]; n > 0 {
			page.Changes = append(page.Changes, countRow{v.t("imports.part." + string(f)), int64(n)})
		}
	}
	page.AskApply = sentence(v.importTakes(im))
	page.AskUndo = v.t("imports.undo.text", "new", v.p.Number(rows[importer.Stranger]), "update", v.p.Number(rows[importer.Update]))
	if im.Settings.Claim == nil {
		return nil
	}
	claim := *im.Settings.Claim
	topics, err := v.a.rooms.Consents.Topics(v.ctx)
	for _, topic := range topics {
		if topic.Topic == claim.Topic {
			claim.Topic = topic.Name
		}
	}
	page.Claim = v.t("imports.claim", "count", im.Report.Consents, "topic", claim.Topic, "source", claim.Source)
	return err
}

// judgedPage is how many rows a page of the report shows.
const judgedPage = 50

func (v *visit) fillJudged(page *importPage, im importer.Import) error {
	chosen := importer.Outcome(v.query("outcome"))
	all := 0
	for _, n := range im.Report.Rows {
		all += n
	}
	page.Outcomes = append(page.Outcomes, tab{v.t("imports.everything"), v.a.link(v.here("outcome", "")), v.p.Number(all), chosen == ""})
	for _, o := range outcomes {
		if n := im.Report.Rows[o]; n > 0 || chosen == o {
			page.Outcomes = append(page.Outcomes, tab{v.t("imports.figure." + string(o)), v.a.link(v.here("outcome", string(o))), v.p.Number(n), chosen == o})
		}
	}
	after, err := strconv.Atoi(v.query("after"))
	if err != nil && v.query("after") != "" {
		return store.ErrCursor
	}
	rows, err := v.a.rooms.Imports.Rows(v.ctx, im.ID, chosen, after, judgedPage+1)
	if err != nil {
		return err
	}
	next := ""
	if len(rows) > judgedPage {
		rows = rows[:judgedPage]
		next = strconv.Itoa(rows[judgedPage-1].Line)
	}
	for _, row := range rows {
		page.Rows = append(page.Rows, v.judgedRow(row))
	}
	page.Pager = v.pager(v.t("imports.shown", "count", len(rows)), next)
	return nil
}

func (v *visit) judgedRow(row importer.Judged) judgedRow {
	preview := v.previewRow(row.Row)
	shown := judgedRow{Line: row.Line, Name: preview.Name, Email: preview.Email, Mark: badge{v.t("imports.outcome." + string(row.Outcome)), outcomeTones[row.Outcome]},
		Reason: capital(row.Reason.Say(v.p)), Warnings: preview.Warnings}
	if row.ProfileID != 0 {
		shown.Href = v.a.link(fmt.Sprintf("/customers/%d", row.ProfileID))
	}
	for _, c := range row.Changes {
		shown.Changes = append(shown.Changes, changeRow{v.t("imports.part." + string(c.Field)), v.importValue(c.Field, c.Before), v.importValue(c.Field, c.After)})
	}
	return shown
}

// importValue is a part of a person as people read it.
func (v *visit) importValue(f importer.Field, value string) string {
	switch {
	case value == "":
		return v.t("imports.blank")
	case f == importer.Phone:
		return contact.Phone(value).International()
	case f == importer.Language:
		return v.p.Language(value)
	}
	return value
}

// importStep has a step done in the background.
func (a *Admin) importStep(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	step := importer.Step(v.form("do"))
	switch step {
	case importer.StepCheck, importer.StepApply, importer.StepUndo:
	default:
		return errNoPage
	}
	err = a.rooms.Imports.Enqueue(v.ctx, a.rooms.Jobs, id, step)
	if errors.Is(err, importer.ErrState) {
		return v.refused(importPath(id), v.t("imports.error.moved"))
	}
	if err != nil {
		return err
	}
	return v.redirect(importPath(id))
}

// importRest sends the rows that were not taken in, to be mended and brought again.
func (a *Admin) importRest(v *visit) error {
	im, err := v.anImport()
	if err != nil {
		return err
	}
	name := strings.TrimSuffix(im.Name, path.Ext(im.Name))
	return v.download(v.t("imports.rest.file", "name", name), func(ctx context.Context, format string, w io.Writer) error {
		return a.rooms.Imports.Rest(ctx, im.ID, format, v.p, w)
	})
}
