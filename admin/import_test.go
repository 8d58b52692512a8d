package admin_test

import (
	"archive/zip"
	"bytes"
	"context"
	"database/sql/driver"
	"encoding/csv"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/importer"
	"github.com/kupec/kupec/module/staff"
)

// upload sends a file by the form as it stands.
func (v *visitor) upload(name string, content []byte) answer {
	v.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if err := form.WriteField("_csrf", v.token); err != nil {
		v.t.Fatal(err)
	}
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		v.t.Fatal(err)
	}
	if _, err := part.Write(content); err != nil {
		v.t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		v.t.Fatal(err)
	}
	req, err := http.NewRequest("POST", v.p.URL+"/settings/imports", &body)
	if err != nil {
		v.t.Fatal(err)
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	return v.do(req)
}

// part sends a part of a file as the script does.
func (v *visitor) part(path string, raw []byte, header ...string) answer {
	v.t.Helper()
	req, err := http.NewRequest("POST", v.p.URL+path, bytes.NewReader(raw))
	if err != nil {
		v.t.Fatal(err)
	}
	req.Header.Set("X-CSRF-Token", v.token)
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	return v.do(req)
}

const people = "E-mail;First name;Last name;Phone;Newsletter;Signed on;Country\n" +
	"ziva@example.si;Živa;Novak;041 555 012;yes;1. 2. 2025;Slovenija\n" +
	"bor@example.si;<b>Bor</b>;Kos;12;no;;\n" +
	"=cmd()@@example.si;Nobody;At all;;;;\n" +
	"ziva@example.si;Twice;Over;;;;\n"

// columns is the form of that file, as a browser sends it.
var columns = []string{"column-0", "email", "column-1", "first_name", "column-2", "last_name", "column-3", "phone", "column-4", "consent", "column-5", "consent_at", "column-6", "country",
	"country", "SI", "dates", "dmy"}

// do has a step done that the panel put into the queue, as a worker would.
func (p *panel) do(t *testing.T, step importer.Step) {
	t.Helper()
	var id int64
	if err := p.DB.NewRaw("SELECT MAX(id) FROM crm_imports").Scan(t.Context(), &id); err != nil {
		t.Fatal(err)
	}
	work, err := p.Imports.Work(t.Context(), p.Jobs, id)
	if err != nil {
		t.Fatalf("no job was put into the queue: %v", err)
	}
	if err := p.Imports.Do(staff.WithSystem(t.Context(), "test"), id, step, nil); err != nil {
		t.Fatal(err)
	}
	if err := p.Jobs.Cancel(staff.WithSystem(t.Context(), "test"), work.ID); err != nil {
		t.Fatal(err)
	}
}

func TestAnImportIsWalkedWithoutScript(t *testing.T) {
	t.Parallel()
	p := open(t, "/crm", 40)
	v := p.visitor(t).as(staff.RoleOwner)
	if page := v.get("/settings/imports"); !strings.Contains(page.Body, "No list was brought in yet") {
		t.Error("the empty list does not say what it is for")
	}
	page := v.upload("Seznam strank.csv", []byte(people))
	path := page.Path
	for _, want := range []string{"What the columns mean", "ziva@example.si", "386 41 555 012", "Slovenia", "is not one", "is not a number of", `value="consent" selected`, "&lt;b&gt;Bor"} {
		if !strings.Contains(page.Body, want) {
			t.Errorf("the columns do not say %q", want)
		}
	}
	bad := append([]string{"do", "check", "claim", "1", "topic", consent.DefaultTopic}, columns...)
	if got := v.post(path+"/columns", bad...); got.Status != 422 || !strings.Contains(got.Body, `aria-describedby="source-error"`) || !strings.Contains(got.Body, "Say where and how the consent was given") {
		t.Errorf("a claim without a source: %d", got.Status)
	}
	if got := v.post(path+"/columns", append([]string{"do", "check"}, append(columns, "column-0", "")...)...); got.Status != 422 || !strings.Contains(got.Body, "No column is the e-mail address") {
		t.Errorf("no address: %d", got.Status)
	}
	if got := v.post(path+"/columns", append(bad, "do", "preview", "source", "A fair", "part", "preview")...); got.Status != 200 || strings.Contains(got.Body, "<html") || !strings.Contains(got.Body, "Agreed on 1 Feb 2025") {
		t.Errorf("the preview alone: %d %s", got.Status, got.Body)
	}
	waiting := v.post(path+"/columns", append(bad, "source", "A fair")...)
	if !strings.Contains(waiting.Body, "It begins in a moment") {
		t.Errorf("the check is not put into the queue: %d at %s", waiting.Status, waiting.Path)
	}
	p.do(t, importer.StepCheck)
	report := v.get(path)
	for _, want := range []string{"Take in 2 people…", "2 new, 0 updated", "The same address is on line 2", "New people", "1 row says that consent"} {
		if !strings.Contains(report.Body, want) {
			t.Errorf("the report does not say %q", want)
		}
	}
	if only := v.get(path + "?outcome=bad"); strings.Contains(only.Body, "bor@example.si") || !strings.Contains(only.Body, "is not one") {
		t.Error("the bad rows are not shown alone")
	}
	v.post(path+"/step", "do", "apply")
	p.do(t, importer.StepApply)
	if got := v.get(path); !strings.Contains(got.Body, "2 people were taken in") || !strings.Contains(got.Body, "Undo…") {
		t.Error("the result is not said")
	}
	if body := v.get("/customers?q=ziva@example.si").Body; !strings.Contains(body, "Živa Novak") || !strings.Contains(body, "Agreed") {
		t.Error("she is not among the customers")
	}
	for _, format := range []string{"csv", "xlsx"} {
		got := v.get(path + "/rest." + format)
		if !strings.Contains(got.Header.Get("Content-Disposition"), "Seznam%20strank%2C%20left%20out."+format) {
			t.Errorf("%s is called %s", format, got.Header.Get("Content-Disposition"))
		}
		if format == "csv" {
			rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(got.Body, "\ufeff"))).ReadAll()
			if err != nil || len(rows) != 3 || rows[1][3] != "'=cmd()@@example.si" {
				t.Errorf("what was left out: %q, %v", rows, err)
			}
		} else if !strings.HasPrefix(got.Body, "PK") {
			t.Error("no .xlsx file came")
		}
	}
	v.post(path+"/step", "do", "undo")
	p.do(t, importer.StepUndo)
	if got := v.get(path); !strings.Contains(got.Body, "Taken back") {
		t.Error("it is not taken back")
	}
	log := v.get("/settings/audit").Body
	for _, act := range []string{"Had a list of people taken in: import", "Took an import back: import"} {
		if !strings.Contains(log, act) {
			t.Errorf("the audit log does not say %q", act)
		}
	}
	if got := v.post(path + "/discard"); got.Path != "/settings/imports" || strings.Contains(got.Body, path) {
		t.Errorf("it is not forgotten: %s", got.Path)
	}
	if p.Log.Len() > 0 {
		t.Errorf("the log has errors:\n%s", p.Log)
	}
}

func TestALargeFileComesInParts(t *testing.T) {
	t.Parallel()
	p := open(t, "", 40)
	v := p.visitor(t).as(staff.RoleOwner)
	v.get("/settings/imports")
	var content bytes.Buffer
	content.WriteString("email,name\n")
	for n := 0; content.Len() < 5<<20; n++ { // more than Fiber takes at once
		fmt.Fprintf(&content, "person%d@example.com,Somebody called %d\n", n, n)
	}
	begun := v.post("/settings/imports/begin", "name", "large.csv")
	m := regexp.MustCompile(`"path":"/admin(/settings/imports/\d+)"`).FindStringSubmatch(begun.Body)
	if m == nil {
		t.Fatalf("beginning: %d %s", begun.Status, begun.Body)
	}
	path, token := m[1], v.token
	v.token = "x"
	if got := v.part(path+"/parts/0", []byte("email\n")); got.Status != 403 {
		t.Errorf("a part without the session's token: %d", got.Status)
	}
	v.token = token
	if got := v.part(path+"/parts/64", []byte("x")); got.Status != 413 || !strings.Contains(got.Body, "64 at most") {
		t.Errorf("a part too many: %d %s", got.Status, got.Body)
	}
	if got := v.part(path+"/parts/0", make([]byte, importer.MaxPart+1)); got.Status != 413 {
		t.Errorf("a part too large: %d", got.Status)
	}
	raw := content.Bytes()
	for n := 0; n*importer.MaxPart < len(raw); n++ {
		if got := v.part(fmt.Sprintf("%s/parts/%d", path, n), raw[n*importer.MaxPart:min(len(raw), (n+1)*importer.MaxPart)]); got.Status != 204 {
			t.Fatalf("part %d: %d", n, got.Status)
		}
	}
	page := v.post(path + "/read")
	if rows := bytes.Count(raw, []byte("\n")) - 1; !strings.Contains(strings.ReplaceAll(page.Body, ",", ""), fmt.Sprintf("Check %d rows", rows)) {
		t.Errorf("not all of %d rows came", rows)
	}
	if got := v.part(path+"/parts/0", []byte("email\n")); got.Status != 409 {
		t.Errorf("a part after the file was read: %d", got.Status)
	}
}

func TestWhatIsNoListIsRefusedInWords(t *testing.T) {
	t.Parallel()
	p := open(t, "", 40)
	v := p.visitor(t).as(staff.RoleOwner)
	v.get("/settings/imports")
	var bomb bytes.Buffer
	archive := zip.NewWriter(&bomb)
	inside, err := archive.Create("xl/media/zeros.bin")
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 1<<20)
	for range 300 {
		if _, err := inside.Write(zeros); err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	if got := v.upload("nothing.csv", nil); got.Status != 422 || !strings.Contains(got.Body, "No file was chosen") {
		t.Errorf("an empty file: %d", got.Status)
	}
	for name, tt := range map[string]struct {
		content []byte
		want    string
	}{
		"a picture":  {[]byte("\x89PNG\r\n\x1a\n" + strings.Repeat("\x00\x01\x02", 200)), "This is no table"},
		"a bomb":     {bomb.Bytes(), "unpacks to more than 256 MB"},
		"torn":       {[]byte("a,b\n1,\"2\n3,4\n"), "Line 2: a quotation mark opens a cell here"},
		"too wide":   {[]byte(strings.Repeat("x,", 300) + "x\n"), "200 at most can be read"},
		"an old one": {[]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), "save it as .xlsx or .csv"},
	} {
		got := v.upload(name+".csv", tt.content)
		if got.Status != 200 || !strings.Contains(got.Body, "cannot be read like this") || !strings.Contains(got.Body, tt.want) {
			t.Errorf("%s: %d does not say %q", name, got.Status, tt.want)
		}
	}
	// Read in another way, the torn one is a list.
	page := v.upload("torn.csv", []byte("email;note\na@example.com;\"open\nb@example.com;x\n"))
	if again := v.post(page.Path+"/read", "encoding", "utf-8", "delimiter", "bar"); !strings.Contains(again.Body, "cannot be read like this") && !strings.Contains(again.Body, "What the columns mean") {
		t.Errorf("reading anew: %d", again.Status)
	}
	latin := v.upload("latin.csv", []byte("email;ime\nspela@example.si;\x8apela\n"))
	if got := v.post(latin.Path+"/read", "encoding", "windows-1250", "delimiter", "semicolon"); !strings.Contains(got.Body, "Špela") {
		t.Error("the encoding that was chosen is not used")
	}
	if p.Log.Len() > 0 {
		t.Errorf("the log has errors:\n%s", p.Log)
	}
}

func TestOnlyWhoMayEditPeopleImports(t *testing.T) {
	t.Parallel()
	p := open(t, "", 40)
	owner := p.visitor(t).as(staff.RoleOwner)
	owner.get("/settings/imports")
	path := owner.upload("people.csv", []byte(people)).Path
	for role, want := range map[staff.Role]int{staff.RoleReader: 403, staff.RoleMarketer: 403, staff.RoleSupport: 200} {
		v := p.visitor(t).as(role)
		for _, page := range []string{"/settings/imports", path} {
			if got := v.get(page); got.Status != want {
				t.Errorf("%s %s: %d, want %d", role, page, got.Status, want)
			}
		}
	}
	// Support takes people in, but does not speak for their consent.
	support := p.visitor(t).as(staff.RoleSupport)
	if page := support.get(path); strings.Contains(page.Body, `name="claim"`) {
		t.Error("support is offered to claim consents")
	}
	if got := support.post(path+"/columns", append([]string{"do", "check", "claim", "1", "topic", consent.DefaultTopic, "source", "x", "all", "1", "given", "2025-01-01"}, columns...)...); got.Status != 403 {
		t.Errorf("support claimed consents: %d", got.Status)
	}
	support.token = ""
	if got := support.post(path + "/discard"); got.Status != 403 {
		t.Errorf("forgotten without the session's token: %d", got.Status)
	}
	if got := owner.get(path); got.Status != 200 {
		t.Errorf("the import is gone: %d", got.Status)
	}
}

func TestAStepThatStoppedSaysWhyInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	p := open(t, "", 40)
	v := p.visitor(t).as(staff.RoleOwner)
	v.get("/settings/imports")
	path := v.upload("people.csv", []byte(people)).Path
	v.post(path+"/columns", append([]string{"do", "check"}, columns...)...)
	p.do(t, importer.StepCheck)
	v.post(path+"/step", "do", "apply")
	var id int64
	if err := p.DB.NewRaw("SELECT MAX(id) FROM crm_imports").Scan(t.Context(), &id); err != nil {
		t.Fatal(err)
	}
	work, err := p.Imports.Work(t.Context(), p.Jobs, id)
	if err != nil {
		t.Fatal(err)
	}
	system := staff.WithSystem(t.Context(), "test")
	failed := p.Imports.Do(system, id, importer.StepApply, func(context.Context, int, int) error { return driver.ErrBadConn })
	if !errors.Is(failed, driver.ErrBadConn) {
		t.Fatal(failed)
	}
	if got := v.get(path); !strings.Contains(got.Body, "Being taken in") || strings.Contains(got.Body, "It stopped") {
		t.Error("while it is to be tried again, it is told to have stopped")
	}
	if err := p.Jobs.Cancel(system, work.ID); err != nil {
		t.Fatal(err)
	}
	for language, want := range map[string][]string{
		"en": {"Stopped halfway", "It stopped:</b> The database could not be reached: go on when it answers again."},
		"sl": {"Ustavljeno na pol poti", "Ustavilo se je:</b> Zbirka podatkov ni bila dosegljiva: nadaljujte, ko se spet odziva."},
	} {
		v.post("/account", "language", language, "theme", "light")
		got := v.get(path)
		for _, sentence := range want {
			if !strings.Contains(got.Body, sentence) {
				t.Errorf("%s: the page does not say %q", language, sentence)
			}
		}
		if strings.Contains(got.Body, driver.ErrBadConn.Error()) || !strings.Contains(v.get("/settings/imports").Body, want[0]) {
			t.Errorf("%s: the page says it as the driver does, or the list does not say it", language)
		}
	}
}

func TestAnImportIsWalkedInABrowser(t *testing.T) {
	t.Parallel()
	p := open(t, "/crm", 40)
	if err := p.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Stop(context.Background()) })
	path := filepath.Join(t.TempDir(), "Seznam.csv")
	if err := os.WriteFile(path, []byte(people), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, said := chromium(t)
	do := func(steps ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(ctx, steps...); err != nil {
			t.Fatal(err)
		}
	}
	text := func(css string) string {
		t.Helper()
		value, err := chromedp.Run(ctx, chromedp.Evaluate[string](fmt.Sprintf("document.querySelector(%q)?.innerText ?? ''", css)))
		if err != nil {
			t.Fatalf("%s: %v", css, err)
		}
		return value
	}
	wait := func(js string) {
		t.Helper()
		for range 600 {
			value, err := chromedp.Run(ctx, chromedp.Evaluate[any](js))
			if err == nil && value == true { // an error: the page is just being left
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
		t.Fatalf("%s did not come true; the page says:\n%s", js, text("main"))
	}
	// It is walked by keyboard. A click goes to a place on the screen, where on a busy machine something else may be by the
	// time it comes: the page before, as long as it fades, or what was there before a box opened.
	press := func(css, key string) {
		t.Helper()
		wait(fmt.Sprintf("!!document.querySelector(%q)?.checkVisibility()", css))
		do(chromedp.SendKeys(chromedp.CSS(css), key))
	}
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}}}
	if _, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, media); err != nil {
		t.Fatal(err)
	}
	do(chromedp.Navigate(p.URL+"/settings/imports"), chromedp.SendKeys(chromedp.ID("email"), "owner@example.com"),
		chromedp.SendKeys(chromedp.ID("password"), password), chromedp.Submit(chromedp.ID("password")), chromedp.WaitReady(chromedp.ID("upload")))
	do(chromedp.SetUploadFiles(chromedp.ID("file"), []string{path}))
	press("#upload button", kb.Enter)
	do(chromedp.WaitReady(chromedp.ID("columns")))
	if preview := text("#preview"); !strings.Contains(preview, "+386 41 555 012") {
		t.Errorf("the preview says:\n%s", preview)
	}
	// The rows follow the settings without a new page.
	do(chromedp.SetValue(chromedp.CSS("[name=column-5]"), "consent_at"))
	press("[name=claim]", " ")
	wait("document.querySelector('#preview').innerText.includes('Agreed on 1 Feb 2025')")
	press("button[value=check]", kb.Enter)
	do(chromedp.WaitReady(chromedp.ID("source-error")), chromedp.SendKeys(chromedp.ID("source"), "On paper, at the fair"))
	press("button[value=check]", kb.Enter)
	wait("document.querySelector('[popovertarget=apply]')?.innerText.trim() === 'Take in 2 people…'")
	press("[popovertarget=apply]", kb.Enter)
	wait("document.querySelector('#apply').matches(':popover-open')")
	if ask := text("#apply"); !strings.Contains(ask, "2 new, 0 updated.") || !strings.Contains(ask, "On paper, at the fair") {
		t.Errorf("it asks:\n%s", ask)
	}
	press("#apply button", kb.Enter)
	wait("document.querySelector('main h1').innerText.includes('Taken in')")
	press("[popovertarget=undo]", kb.Enter)
	press("#undo button", kb.Enter)
	wait("document.querySelector('main h1').innerText.includes('Taken back')")
	for _, line := range said() {
		if !strings.Contains(line, "422") { // the form without a source, which the browser remarks upon
			t.Error(line)
		}
	}
	if p.Log.Len() > 0 {
		t.Errorf("the log has errors:\n%s", p.Log)
	}
}
