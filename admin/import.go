package admin

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/text/language"

	"github.com/kupec/kupec/module/importer"
	"github.com/kupec/kupec/module/sheet"
	"github.com/kupec/kupec/module/staff"
)

func importArea() area {
	return area{
		pages: []page{{"import_list", &importsPage{}}, {"import_columns", &importColumnsPage{}}, {"import_show", &importPage{}}},
		routes: func(a *Admin, r router) {
			r.get("/settings/imports", staff.EditPeople, a.imports)
			r.post("/settings/imports", staff.EditPeople, a.importUpload)
			r.post("/settings/imports/begin", staff.EditPeople, a.importBegin)
			r.post("/settings/imports/:id/parts/:part", staff.EditPeople, a.importPart)
			r.post("/settings/imports/:id/read", staff.EditPeople, a.importRead)
			r.get("/settings/imports/:id", staff.EditPeople, a.importShow)
			r.get("/settings/imports/:id/columns", staff.EditPeople, a.importColumns)
			r.post("/settings/imports/:id/columns", staff.EditPeople, a.importConfigure)
			r.get("/settings/imports/:id/progress", staff.EditPeople, a.importProgress)
			r.post("/settings/imports/:id/step", staff.EditPeople, a.importStep)
			r.post("/settings/imports/:id/discard", staff.EditPeople, a.importDiscard)
			r.get("/settings/imports/:id/rest.csv", staff.EditPeople, a.importRest)
			r.get("/settings/imports/:id/rest.xlsx", staff.EditPeople, a.importRest)
		},
	}
}

// importsPage is the imports there were, and the place to bring a new file.
type importsPage struct {
	frame
	Tabs    []tab
	Shop    string // "": none is attached, so that there is nobody's shop to bring people to
	Imports []importRow
	Part    int64 // bytes that the script sends at once
	Most    int64 // bytes of a file by the script
	MostMB  int64
	PlainMB int64 // MB of a file without it
}

type importRow struct {
	Name, Href string
	Mark       badge
	Sentence   string
	CreatedAt  time.Time
}

// importTones colour an import's state.
var importTones = map[importer.State]string{
	importer.Receiving: "warn", importer.Staging: "warn", importer.Checked: "info", importer.Applying: "info", importer.Done: "good", importer.Undoing: "info",
}

func (v *visit) importBadge(im importer.Import) badge {
	if im.Stopped != nil && (im.State == importer.Applying || im.State == importer.Undoing) {
		return badge{v.t("imports.state.stopped"), "warn"}
	}
	return badge{v.t("imports.state." + string(im.State)), importTones[im.State]}
}

// importSentence says in short what an import would do or did.
func (v *visit) importSentence(im importer.Import) string {
	if im.Fault != nil {
		return v.fault(im.Fault)
	}
	if im.State == importer.Receiving || im.State == importer.Staging {
		return v.t("imports.partly.short")
	}
	if len(im.Report.Rows) == 0 {
		return v.t("imports.rows", "count", im.People())
	}
	said := v.importTakes(im)
	if n := im.Report.Rows[importer.Bad]; n > 0 {
		said += ", " + v.t("imports.some.bad", "count", n)
	}
	return said
}

// importTakes is what the rows are that are taken in: "4,101 new, 28 updated".
func (v *visit) importTakes(im importer.Import) string {
	rows := im.Report.Rows
	parts := []string{v.t("imports.some.new", "count", rows[importer.Stranger]), v.t("imports.some.update", "count", rows[importer.Update])}
	if n := rows[importer.Same]; n > 0 && im.Settings.Claim != nil {
		parts = append(parts, v.t("imports.some.same", "count", n))
	}
	if n := rows[importer.Doubtful]; n > 0 && im.Settings.Doubtful == importer.TakeIn {
		parts = append(parts, v.t("imports.some.doubtful", "count", n))
	}
	return strings.Join(parts, ", ")
}

func (v *visit) importsPage() (*importsPage, error) {
	page := &importsPage{frame: v.frame("settings", v.t("settings.title")), Tabs: v.settingsTabs("imports"), Shop: v.shop.Name}
	page.Scripts = []string{"import.js"}
	app := v.c.App().Config()
	page.Part = min(importer.MaxPart, int64(app.BodyLimit)/2)
	page.Most = page.Part * importer.MaxUpload / importer.MaxPart
	page.MostMB, page.PlainMB = page.Most>>20, int64(app.BodyLimit)>>20
	if app.StreamRequestBody {
		page.PlainMB = importer.MaxUpload >> 20
	}
	list, err := v.a.rooms.Imports.List(v.ctx, 100)
	if err != nil {
		return nil, err
	}
	for _, im := range list {
		page.Imports = append(page.Imports, importRow{Name: im.Name, Href: v.a.link(importPath(im.ID)), Mark: v.importBadge(im), Sentence: v.importSentence(im), CreatedAt: im.CreatedAt})
	}
	return page, nil
}

func importPath(id int64) string { return "/settings/imports/" + strconv.FormatInt(id, 10) }

func (a *Admin) imports(v *visit) error {
	page, err := v.importsPage()
	if err != nil {
		return err
	}
	return v.render("import_list", page)
}

// readTime is the longest that reading a file may take, also when the browser does not wait for it.
const readTime = 5 * time.Minute

// importUpload takes a whole file from the form as it stands, as large as the app's body limit lets it be.
func (a *Admin) importUpload(v *visit) error {
	invalid := func(sentence string) error {
		page, err := v.importsPage()
		if err != nil {
			return err
		}
		page.Errors.add("file", sentence)
		return v.renderInvalid("import_list", page)
	}
	header, err := v.c.FormFile("file")
	if err != nil || header.Size == 0 {
		return invalid(v.t("imports.error.file"))
	}
	if header.Size > importer.MaxUpload {
		return invalid(v.fault(&sheet.Error{Key: "sheet.too_large", Args: []any{"size", header.Size >> 20, "most", importer.MaxUpload >> 20}}))
	}
	file, err := header.Open()
	if err != nil {
		return fmt.Errorf("opening the upload: %w", err)
	}
	defer func() { _ = file.Close() }()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(v.ctx), readTime)
	defer cancel()
	id, err := a.rooms.Imports.Upload(ctx, v.shop.ID, strings.Clone(header.Filename), v.importBasis(), file, sheet.Options{Language: v.shop.Locale})
	return v.importTaken(id, err)
}

// importTaken goes on to the columns, also of a file that could not be read: there it says why.
func (v *visit) importTaken(id int64, err error) error {
	var bad *sheet.Error
	if err != nil && !errors.As(err, &bad) {
		return err
	}
	return v.redirect(importPath(id))
}

// fault is what is wrong with a file as a sentence.
func (v *visit) fault(bad *sheet.Error) string { return sentence(bad.Say(v.p)) }

// stopped is why the last step of an import did not come to its end, as a sentence; "": it did.
func (v *visit) stopped(im importer.Import) string {
	if im.Stopped == nil {
		return ""
	}
	return sentence(im.Stopped.Say(v.p))
}

// sentence makes one of the rooms' clauses a sentence.
func sentence(clause string) string { return capital(clause) + "." }

// importBasis is what is known of a file's people beforehand: they are most likely of the shop's country.
func (v *visit) importBasis() importer.Settings {
	basis := importer.Settings{Zone: v.p.Zone().String()}
	if region, sure := language.Make(v.shop.Locale).Region(); sure != language.No && region.IsCountry() {
		basis.Country = region.String()
	}
	return basis
}

// importBegin, importPart and importRead are the upload by the script, in parts that no body limit refuses.
func (a *Admin) importBegin(v *visit) error {
	id, err := a.rooms.Imports.Receive(v.ctx, v.shop.ID, v.form("name"), v.importBasis())
	if err != nil {
		return err
	}
	return v.c.JSON(fiber.Map{"path": a.link(importPath(id))})
}

func (a *Admin) importPart(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	part, err := strconv.Atoi(v.param("part"))
	if err != nil {
		return errNoPage
	}
	if length := v.c.Request().Header.ContentLength(); length < 0 || length > importer.MaxPart { // a host may stream bodies of any length
		return v.c.SendStatus(fiber.StatusRequestEntityTooLarge)
	}
	err = a.rooms.Imports.Part(v.ctx, id, part, v.c.BodyRaw())
	var bad *sheet.Error
	switch {
	case errors.As(err, &bad):
		return v.c.Status(fiber.StatusRequestEntityTooLarge).SendString(v.fault(bad))
	case errors.Is(err, importer.ErrState):
		return v.c.SendStatus(fiber.StatusConflict)
	case err != nil:
		return err
	}
	return v.c.SendStatus(fiber.StatusNoContent)
}

func (a *Admin) importRead(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	opt := sheet.Options{Encoding: v.form("encoding"), Sheet: v.form("sheet"), Language: v.shop.Locale}
	if delimiter := []rune(delimiters[v.form("delimiter")]); len(delimiter) == 1 {
		opt.Delimiter = delimiter[0]
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(v.ctx), readTime)
	defer cancel()
	_, err = a.rooms.Imports.Read(ctx, id, opt)
	if errors.Is(err, importer.ErrNoFile) {
		return v.refused(importPath(id), v.t("imports.error.gone"))
	}
	if errors.Is(err, importer.ErrState) || errors.Is(err, importer.ErrBusy) {
		return v.refused(importPath(id), v.t("imports.error.moved"))
	}
	return v.importTaken(id, err)
}

// delimiters by the words that forms call them.
var delimiters = map[string]string{"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}

func (a *Admin) importDiscard(v *visit) error {
	im, err := v.anImport()
	if err != nil {
		return err
	}
	err = a.rooms.Imports.Discard(v.ctx, im.ID)
	if errors.Is(err, importer.ErrState) || errors.Is(err, importer.ErrBusy) {
		return v.refused(importPath(im.ID), v.t("imports.error.moved"))
	}
	if err != nil {
		return err
	}
	return v.done("/settings/imports", "imports.discarded", "name", im.Name)
}

// anImport is the one that the address names.
func (v *visit) anImport() (importer.Import, error) {
	id, err := v.id("id")
	if err != nil {
		return importer.Import{}, err
	}
	return v.a.rooms.Imports.Get(v.ctx, id)
}
