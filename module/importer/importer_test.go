package importer_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/importer"
	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/purchase"
	"github.com/kupec/kupec/module/sheet"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store/storetest"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

const shop = 1

type bundle struct {
	db       *bun.DB
	people   *customer.Registry
	consents *consent.Ledger
	importer *importer.Importer
	touched  map[int64]bool
}

func setup(t testing.TB) *bundle {
	t.Helper()
	clock := func() time.Time { return now }
	b := &bundle{db: storetest.DB(t), touched: map[int64]bool{}}
	b.consents = consent.New(b.db, consent.Config{Clock: clock})
	b.people = customer.New(b.db, purchase.New(b.db, purchase.Config{Clock: clock}), b.consents, customer.Config{Clock: clock})
	var mu sync.Mutex
	b.importer = importer.New(b.db, b.people, b.consents, importer.Config{Clock: clock, OnChange: func(_ context.Context, _ bun.IDB, ids []int64) error {
		mu.Lock()
		defer mu.Unlock()
		for _, id := range ids {
			b.touched[id] = true
		}
		return nil
	}})
	return b
}

func owner() context.Context {
	return staff.WithActor(context.Background(), staff.Account{ID: 7, Name: "Olga", Role: staff.RoleOwner}, "127.0.0.1")
}

func file(t testing.TB, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "people.csv")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// stage brings content in, with settings as guessed and then changed.
func (b *bundle) stage(t testing.TB, content string, change func(*importer.Settings)) importer.Import {
	t.Helper()
	im, err := b.importer.Stage(owner(), shop, file(t, content), "people.csv", sheet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&im.Settings)
		if err := b.importer.Configure(owner(), im.ID, im.Settings); err != nil {
			t.Fatal(err)
		}
	}
	return im
}

func (b *bundle) do(t testing.TB, id int64, steps ...importer.Step) importer.Import {
	t.Helper()
	for _, step := range steps {
		if err := b.importer.Do(owner(), id, step, nil); err != nil {
			t.Fatalf("%s: %v", step, err)
		}
	}
	im, err := b.importer.Get(owner(), id)
	if err != nil {
		t.Fatal(err)
	}
	return im
}

// dump is all that is known of people, apart from times of our own.
func (b *bundle) dump(t testing.TB) []string {
	t.Helper()
	var lines []string
	for _, query := range []string{
		`SELECT CONCAT_WS('|', p.email, p.first_name, p.last_name, p.company, p.phone, p.line1, p.city, p.postcode, p.country, p.language)
			FROM crm_profiles p WHERE merged_into IS NULL AND erased_at IS NULL ORDER BY p.email`,
		"SELECT CONCAT_WS('|', kind, value, evidence) FROM crm_identities ORDER BY kind, value",
		"SELECT CONCAT_WS('|', p.email, s.topic, s.state) FROM crm_consent_states s JOIN crm_profiles p ON p.id = s.profile_id ORDER BY p.email, s.topic",
	} {
		var part []string
		if err := b.db.NewRaw(query).Scan(context.Background(), &part); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, part...)
	}
	return lines
}

func (b *bundle) link(t testing.TB, people ...customer.Person) []customer.Linked {
	t.Helper()
	linked, err := b.people.Link(context.Background(), b.db, shop, people)
	if err != nil {
		t.Fatal(err)
	}
	return linked
}

func TestColumnsAreGuessedInManyLanguages(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		head string
		want []importer.Field
	}{
		{"E-mail,First Name,Last Name,Mobile,ZIP,Notes", []importer.Field{importer.Email, importer.FirstName, importer.LastName, importer.Phone, importer.Postcode, importer.Ignore}},
		{"E-pošta,Ime,Priimek,Telefon,Poštna številka,Kraj,Država", []importer.Field{importer.Email, importer.FirstName, importer.LastName, importer.Phone, importer.Postcode, importer.City, importer.Country}},
		{"Почта,ФИО,Телефон,Город", []importer.Field{importer.Email, importer.FullName, importer.Phone, importer.City}},
		{"Vorname,Nachname,E-Mail-Adresse,Straße,PLZ,Ort", []importer.Field{importer.FirstName, importer.LastName, importer.Email, importer.Line1, importer.Postcode, importer.City}},
		{"ime,email", []importer.Field{importer.FullName, importer.Email}},
		{"billing_email,billing_phone,email", []importer.Field{importer.Ignore, importer.Phone, importer.Email}},
		{"who knows,x", []importer.Field{importer.Email, importer.Ignore}},
	} {
		some := [][]string{{"ana@example.com", "1"}, {"", "2"}, {"bor@example.com", "3"}}
		if diff := cmp.Diff(tt.want, importer.Guess(strings.Split(tt.head, ","), some)); diff != "" {
			t.Errorf("%s: %s", tt.head, diff)
		}
	}
}

const list = "E-mail;First name;Last name;Phone;Company;Country;Postcode\n" +
	"new@example.com;Nova;Oseba;041 555 012;;Slovenija;1000\n" + // 2
	"Known@Example.com;Other;Name;+386 41 555 013;Kavarna;SI;\n" + // 3
	"account@example.com;Wrong;Wrong;;Firma;;\n" + // 4
	"new@example.com;Twice;;;;;\n" + // 5
	"not an address;X;Y;;;;\n" + // 6
	";No;Address;;;;\n" + // 7
	"else@example.com;Tone;Phone;031 777 888;;;\n" + // 8: somebody with that number has another address
	"phoneless@example.com;Fona;Les;12;;Nowhere;\n" // 9

func (b *bundle) world(t testing.TB) {
	t.Helper()
	b.link(t,
		customer.Person{Evidence: customer.EvidenceOrder, Ref: "1", OrderKey: "1", Email: "known@example.com", Name: contact.Name{First: "Known", Last: "Person"}, At: now.AddDate(-1, 0, 0)},
		customer.Person{Evidence: customer.EvidenceAccount, Ref: "2", AccountKey: "2", Email: "account@example.com", Name: contact.Name{First: "Acc", Last: "Ount"}, At: now.AddDate(-1, 0, 0)},
		customer.Person{Evidence: customer.EvidenceAccount, Ref: "3", AccountKey: "3", Email: "tone@example.com", Name: contact.Name{First: "Tone", Last: "P"}, Phone: "+38631777888", At: now.AddDate(-1, 0, 0)},
	)
}

func TestACheckTellsWhatWouldBecomeOfEachRowAndWritesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world(t)
	before := b.dump(t)
	im := b.stage(t, list, func(s *importer.Settings) { s.Country, s.Overwrite = "SI", true })
	im = b.do(t, im.ID, importer.StepCheck)
	want := importer.Report{
		Rows:    map[importer.Outcome]int{importer.Stranger: 2, importer.Update: 2, importer.Repeated: 1, importer.Bad: 2, importer.Doubtful: 1},
		Changes: map[importer.Field]int{importer.FullName: 1, importer.Phone: 1, importer.Company: 2, importer.Line1: 1}, Warnings: 1,
	}
	if diff := cmp.Diff(want, im.Report); diff != "" || im.State != importer.Checked {
		t.Errorf("%s: %s", im.State, diff)
	}
	if diff := cmp.Diff(before, b.dump(t)); diff != "" {
		t.Errorf("the check wrote: %s", diff)
	}
	rows, err := b.importer.Rows(owner(), im.ID, "", 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		switch row.Line {
		case 3:
			want := []importer.Change{{Field: importer.FullName, Before: "Known Person", After: "Other Name"}, {Field: importer.Company, After: "Kavarna"},
				{Field: importer.Phone, After: "+38641555013"}, {Field: importer.Line1, After: "SI"}}
			if diff := cmp.Diff(want, row.Changes); diff != "" {
				t.Error(diff)
			}
		case 4: // what the account says of itself stays
			if diff := cmp.Diff([]importer.Change{{Field: importer.Company, After: "Firma"}}, row.Changes); diff != "" {
				t.Error(diff)
			}
		case 5:
			if row.Reason.String() != "the same address is on line 2" {
				t.Errorf("line 5: %s", row.Reason)
			}
		case 6:
			if !strings.Contains(row.Reason.String(), "not an address") {
				t.Errorf("line 6: %s", row.Reason)
			}
		case 9:
			if len(row.Warnings) != 2 || row.Outcome != importer.Stranger {
				t.Errorf("line 9: %+v", row)
			}
		}
	}
}

func TestTheReportCountsConsentsOnlyOfRowsThatAreTakenIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world(t)
	for doubtful, want := range map[importer.Doubt]int{importer.LeaveOut: 4, importer.TakeIn: 5} {
		im := b.stage(t, list, func(s *importer.Settings) {
			s.Country, s.Doubtful = "SI", doubtful
			s.Claim = &importer.Claim{Topic: consent.DefaultTopic, Source: "A fair", At: now.AddDate(0, -1, 0), All: true}
		})
		if im = b.do(t, im.ID, importer.StepCheck); im.Report.Consents != want {
			t.Errorf("%s: %d consents of %d rows, want %d", doubtful, im.Report.Consents, im.Takes(), want)
		}
	}
}

func TestConsentNeedsItsSourceAndItsTime(t *testing.T) {
	t.Parallel()
	b := setup(t)
	im := b.stage(t, "email,subscribed,consent date\na@example.com,yes,1. 2. 2025\nb@example.com,no,\nc@example.com,Да,\nd@example.com,x,31.2.2025\n", nil)
	for _, tt := range []struct {
		claim importer.Claim
		want  string
	}{
		{importer.Claim{Source: "x"}, "claim.topic"},
		{importer.Claim{Topic: consent.DefaultTopic}, "claim.source"},
		{importer.Claim{Topic: consent.DefaultTopic, Source: "x", At: now.AddDate(1, 0, 0)}, "claim.at"},
	} {
		s := im.Settings
		s.Claim = &tt.claim
		var wrong *importer.SettingsError
		if err := b.importer.Configure(owner(), im.ID, s); !errors.As(err, &wrong) || wrong.Field != tt.want {
			t.Errorf("%+v: %v", tt.claim, err)
		}
	}
	s := im.Settings
	s.Claim, s.Zone = &importer.Claim{Topic: consent.DefaultTopic, Source: "Old program"}, "Europe/Ljubljana"
	if err := b.importer.Configure(owner(), im.ID, s); err != nil {
		t.Fatal(err)
	}
	got := b.do(t, im.ID, importer.StepCheck, importer.StepApply)
	if got.Report.Rows[importer.Bad] != 2 || got.Report.Consents != 1 { // c has no date, d has none that is one
		t.Errorf("%+v", got.Report)
	}
	var at time.Time
	var wording string
	if err := b.db.NewRaw("SELECT at, wording FROM crm_consents").Scan(context.Background(), &at, &wording); err != nil {
		t.Fatal(err)
	}
	if want := time.Date(2025, 1, 31, 23, 0, 0, 0, time.UTC); !at.Equal(want) || wording != "Old program" {
		t.Errorf("%s, %q", at, wording)
	}
	marketer := staff.WithActor(context.Background(), staff.Account{ID: 8, Role: staff.RoleReader}, "")
	var denied *staff.DeniedError
	if err := b.importer.Configure(marketer, im.ID, s); !errors.As(err, &denied) {
		t.Errorf("a reader may import: %v", err)
	}
}

func TestSettingsThatCannotBeAreRefusedByName(t *testing.T) {
	t.Parallel()
	b := setup(t)
	im := b.stage(t, "email,name\na@example.com,Ana\n", nil)
	for want, change := range map[string]func(*importer.Settings){
		"columns":  func(s *importer.Settings) { s.Columns = []importer.Field{importer.FullName, importer.Phone} },
		"country":  func(s *importer.Settings) { s.Country = "Slovenia" },
		"dates":    func(s *importer.Settings) { s.Dates = "ymd" },
		"zone":     func(s *importer.Settings) { s.Zone = "Here" },
		"doubtful": func(s *importer.Settings) { s.Doubtful = "maybe" },
	} {
		s := im.Settings
		change(&s)
		var wrong *importer.SettingsError
		if err := b.importer.Configure(owner(), im.ID, s); !errors.As(err, &wrong) || wrong.Field != want {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestAFileComesInPartsAndIsReadAnotherWay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	raw := []byte("e-mail;ime\n\x9aiga@example.si;\x8eiga\nspela@example.si;\x8apela\n") // windows-1250
	id, err := b.importer.Receive(owner(), shop, "people.csv", importer.Settings{Country: "SI", Zone: "Europe/Ljubljana"})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.importer.Part(owner(), id, 1, raw[20:]); err != nil {
		t.Fatal(err)
	}
	if _, err := b.importer.Read(owner(), id, sheet.Options{}); !errors.Is(err, importer.ErrNoFile) {
		t.Errorf("read with a part missing: %v", err)
	}
	again, err := b.importer.Receive(owner(), shop, "people.csv", importer.Settings{Country: "SI", Zone: "Europe/Ljubljana"})
	if err != nil {
		t.Fatal(err)
	}
	for n, part := range [][]byte{raw[:20], raw[20:], raw[20:]} { // the last one comes twice
		if err := b.importer.Part(owner(), again, min(n, 1), part); err != nil {
			t.Fatal(err)
		}
	}
	im, err := b.importer.Read(owner(), again, sheet.Options{Encoding: "windows-1251"})
	if err != nil || im.State != importer.Draft || im.Total != 3 || im.Settings.Country != "SI" || im.Settings.Columns[0] != importer.Email {
		t.Fatalf("%+v, %v", im, err)
	}
	var bad *sheet.Error
	if _, err := b.importer.Read(owner(), again, sheet.Options{Encoding: "ebcdic"}); !errors.As(err, &bad) {
		t.Fatalf("an unknown encoding: %v", err)
	}
	if im, err = b.importer.Get(owner(), again); err != nil || im.State != importer.Staging || im.Fault == nil || im.Fault.Key != bad.Key {
		t.Errorf("after a reading that failed it is %+v, %v", im, err)
	}
	if _, err := b.importer.Read(owner(), again, sheet.Options{Encoding: "windows-1250"}); err != nil {
		t.Fatal(err)
	}
	rows, err := b.importer.Preview(owner(), again, im.Settings, 5)
	if err != nil || len(rows) != 2 || rows[1].Person.Name.First != "Špela" {
		t.Errorf("%+v, %v", rows, err)
	}
	b.do(t, again, importer.StepCheck, importer.StepApply)
	var parts int
	if err := b.db.NewRaw("SELECT COUNT(*) FROM crm_import_parts WHERE import_id = ?", again).Scan(context.Background(), &parts); err != nil || parts != 0 {
		t.Errorf("%d parts of an applied import are kept, %v", parts, err)
	}
	if _, err := b.importer.Read(owner(), again, sheet.Options{}); !errors.Is(err, importer.ErrNoFile) {
		t.Errorf("an applied import was read anew: %v", err)
	}
}

func TestAnUploadIsBounded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id, err := b.importer.Receive(owner(), shop, "people.csv", importer.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	for part, size := range map[int]int{importer.MaxUpload / importer.MaxPart: 1, -1: 1, 0: importer.MaxPart + 1} {
		var bad *sheet.Error
		if err := b.importer.Part(owner(), id, part, make([]byte, size)); !errors.As(err, &bad) || bad.Key != "sheet.too_large" {
			t.Errorf("part %d of %d bytes: %v", part, size, err)
		}
	}
	endless := io.MultiReader(strings.NewReader("email\n"), zeros{})
	var bad *sheet.Error
	if _, err := b.importer.Upload(owner(), shop, "x", importer.Settings{}, endless, sheet.Options{}); !errors.As(err, &bad) || bad.Key != "sheet.too_large" {
		t.Errorf("an endless file: %v", err)
	}
	var imports, parts int
	if err := b.db.NewRaw("SELECT (SELECT COUNT(*) FROM crm_imports), (SELECT COUNT(*) FROM crm_import_parts)").Scan(context.Background(), &imports, &parts); err != nil || imports != 1 || parts != 0 {
		t.Errorf("%d imports and %d parts are left, %v", imports, parts, err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestImportsThatNobodyAppliesAreForgotten(t *testing.T) {
	t.Parallel()
	b := setup(t)
	old, fresh, used := b.stage(t, list, nil), b.stage(t, list, nil), b.stage(t, list, nil)
	b.do(t, used.ID, importer.StepCheck, importer.StepApply)
	if _, err := b.db.NewRaw("UPDATE crm_imports SET created_at = ? WHERE id IN (?, ?)", now.AddDate(0, -2, 0), old.ID, used.ID).Exec(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := b.importer.Tidy(context.Background()); err != nil {
		t.Fatal(err)
	}
	left, err := b.importer.List(owner(), 10)
	if err != nil || len(left) != 2 || left[0].ID != fresh.ID || left[1].ID != used.ID {
		t.Errorf("%+v, %v", left, err)
	}
}

func TestOneStepAtATimeWorksOnAnImport(t *testing.T) {
	t.Parallel()
	b := setup(t)
	im := b.stage(t, list, nil)
	err := b.importer.Do(owner(), im.ID, importer.StepCheck, func(ctx context.Context, _, _ int) error {
		for name, err := range map[string]error{"settings": b.importer.Configure(owner(), im.ID, im.Settings), "forgetting": b.importer.Discard(owner(), im.ID)} {
			if !errors.Is(err, importer.ErrBusy) {
				t.Errorf("%s during a check: %v", name, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.importer.Begin(owner(), im.ID, importer.StepUndo); !errors.Is(err, importer.ErrState) {
		t.Errorf("undone before it was done: %v", err)
	}
}

func TestBadRowsComeBackWithTheirReason(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.world(t)
	im := b.stage(t, list, func(s *importer.Settings) { s.Country = "SI" })
	b.do(t, im.ID, importer.StepCheck, importer.StepApply)
	var raw bytes.Buffer
	if err := b.importer.Rest(owner(), im.ID, "csv", nil, &raw); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"Line,Outcome,Reason,E-mail,First name", "5,repeated,the same address is on line 2,new@example.com,Twice", "6,bad,", "7,bad,there is no e-mail address,,No,Address",
		"8,doubtful,somebody with the same phone number is known by another address,else@example.com",
	} {
		if !strings.Contains(raw.String(), line) {
			t.Errorf("%q is not in\n%s", line, raw.String())
		}
	}
	if n := strings.Count(raw.String(), "\n"); n != 5 {
		t.Errorf("%d lines:\n%s", n, raw.String())
	}
}

func TestWhatThereIsToSayIsSaidInEveryLanguage(t *testing.T) {
	t.Parallel()
	catalogue, err := locale.Load(importer.Locales, sheet.Locales)
	if err != nil {
		t.Fatal(err)
	}
	if missing := catalogue.Missing("sl"); len(missing) > 0 {
		t.Errorf("Slovene lacks %v", missing)
	}
	for _, key := range catalogue.Keys("en") {
		if diff := cmp.Diff(catalogue.Placeholders("en", key), catalogue.Placeholders("sl", key)); diff != "" {
			t.Errorf("%s: %s", key, diff)
		}
	}
	for _, field := range append([]importer.Field{importer.Ignore}, importer.Fields...) {
		if !catalogue.Has(field.Key()) {
			t.Errorf("the field %q has no name", field)
		}
	}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range sources {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?:remark\("|StopError\{"|key := "|"|fail\("[a-z.]+", ")(importer\.[a-z_.]+[a-z]|[a-z_]+)"`).FindAllStringSubmatch(string(source), -1) {
			key := m[1]
			if strings.HasPrefix(m[0], "fail(") {
				key = "importer.settings." + key
			}
			if strings.HasPrefix(key, "importer.") && !catalogue.Has(key) {
				t.Errorf("%s says %s, which is in no catalogue", name, key)
			}
		}
	}
	slovene := catalogue.Printer("sl", nil)
	b := setup(t)
	b.world(t)
	im := b.stage(t, list, func(s *importer.Settings) { s.Country = "SI" })
	b.do(t, im.ID, importer.StepCheck)
	rows, err := b.importer.Rows(owner(), im.ID, importer.Doubtful, 0, 1)
	if err != nil || len(rows) != 1 {
		t.Fatalf("%v, %v", rows, err)
	}
	if said := rows[0].Reason.Say(slovene); said != "1 oseba z isto telefonsko številko je znana z drugim naslovom" {
		t.Errorf("in Slovene: %s", said)
	}
	var wrong *importer.SettingsError
	s := im.Settings
	s.Columns = []importer.Field{importer.Email, importer.Phone, importer.Phone, "", "", "", ""}
	if err := b.importer.Configure(owner(), im.ID, s); !errors.As(err, &wrong) || wrong.Say(slovene) != "dva stolpca sta »Telefon«: enega izpustite" {
		t.Errorf("%v", err)
	}
}

func TestAFileThatBreaksOffLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.importer.Stage(owner(), shop, file(t, "email,name\na@example.com,\"Ana\nb@example.com,Bor\n"), "x.csv", sheet.Options{})
	var bad *sheet.Error
	if !errors.As(err, &bad) || bad.Line != 2 {
		t.Errorf("got %v", err)
	}
	for _, table := range []string{"crm_imports", "crm_import_rows"} {
		var n int
		if err := b.db.NewRaw("SELECT COUNT(*) FROM "+table).Scan(context.Background(), &n); err != nil || n != 0 {
			t.Errorf("%s: %d rows, %v", table, n, err)
		}
	}
}

func FuzzImport(f *testing.F) {
	f.Add("email,name\na@example.com,Ana\n")
	f.Add("x;\x00;=1\n")
	f.Fuzz(func(t *testing.T, content string) {
		b := setup(t)
		im, err := b.importer.Stage(owner(), shop, file(t, content), "x", sheet.Options{})
		var bad *sheet.Error
		if errors.As(err, &bad) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		var wrong *importer.SettingsError
		if err := b.importer.Do(owner(), im.ID, importer.StepCheck, nil); err != nil && !errors.As(err, &wrong) {
			t.Fatal(err)
		}
	})
}
