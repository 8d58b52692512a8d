package admin_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pquerna/otp/totp"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/job"
	"github.com/kupec/kupec/module/staff"
)

func TestWhoeverIsNotSignedInSeesTheDoorAndComesBackToThePage(t *testing.T) {
	t.Parallel()
	p := open(t, "/crm", 0)
	v := p.visitor(t)
	door := v.get("/settings/staff?x=1")
	if !strings.HasPrefix(door.Path, "/signin?next=") || !strings.Contains(door.Body, `name="password"`) {
		t.Fatalf("got %s", door.Path)
	}
	next := strings.TrimPrefix(door.Path, "/signin?next=")
	got := v.post("/signin", "email", "owner@example.com", "password", password, "next", next)
	if got.Path != "/settings/staff?x=1" || got.Status != 200 {
		t.Errorf("came to %d %s", got.Status, got.Path)
	}
	if v.get("/signin").Path != "" {
		t.Error("the door is shown to somebody inside")
	}
	if got := v.post("/signout"); got.Path != "/signin" {
		t.Errorf("signing out came to %s", got.Path)
	}
	if got := v.get("/account"); !strings.HasPrefix(got.Path, "/signin") {
		t.Error("the session outlived the sign-out")
	}
}

func TestTheNextPageIsNeverAnotherSite(t *testing.T) {
	t.Parallel()
	p := open(t, "", 0)
	for _, next := range []string{"Ly9ldmlsLmV4YW1wbGU" /* //evil.example */, "aHR0cHM6Ly9ldmlsLmV4YW1wbGU" /* https://evil.example */, "L1xldmlsLmV4YW1wbGU" /* /\evil.example */, "%%%"} {
		v := p.visitor(t)
		v.get("/signin")
		if got := v.post("/signin", "email", "owner@example.com", "password", password, "next", next); got.Path != "" {
			t.Errorf("%s led to %s", next, got.Path)
		}
	}
}

func TestAFormWithoutTheSessionsTokenChangesNothing(t *testing.T) {
	t.Parallel()
	p := open(t, "", 0)
	v := p.visitor(t).as(staff.RoleOwner)
	other := p.visitor(t).as(staff.RoleOwner)
	other.get("/account")
	for name, token := range map[string]string{"none": "", "another session's": other.token, "garbage": "x"} {
		v.get("/account")
		v.token = token
		if got := v.post("/account", "theme", "dark"); got.Status != http.StatusForbidden || !strings.Contains(got.Body, "This form is too old") {
			t.Errorf("%s: got %d", name, got.Status)
		}
	}
	v.get("/account")
	req, err := http.NewRequest("POST", p.URL+"/account", strings.NewReader("theme=dark&_csrf="+v.token))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	if got := v.do(req); got.Status != http.StatusForbidden {
		t.Errorf("from another site: got %d", got.Status)
	}
	if strings.Contains(v.get("/account").Body, `data-theme="dark"`) {
		t.Error("the theme was changed")
	}
}

func TestARoleIsRefusedWhatItMayNot(t *testing.T) {
	t.Parallel()
	p := open(t, "", 0)
	visitors := map[staff.Role]*visitor{}
	for _, tt := range []struct {
		role staff.Role
		path string
		want int
	}{
		{staff.RoleReader, "/settings/staff", 403}, {staff.RoleReader, "/settings/audit", 403}, {staff.RoleReader, "/customers.csv", 403}, {staff.RoleReader, "/customers", 200},
		{staff.RoleSupport, "/settings/mail", 403}, {staff.RoleSupport, "/customers.csv", 403}, {staff.RoleMarketer, "/customers.csv", 200},
		{staff.RoleMarketer, "/settings/staff", 403}, {staff.RoleOwner, "/settings/staff", 200}, {staff.RoleOwner, "/customers/99", 404}, {staff.RoleOwner, "/customers/x", 404},
		{staff.RoleOwner, "/nothing/here", 404}, {staff.RoleOwner, "/customers?after=%21", 400},
	} {
		if visitors[tt.role] == nil {
			visitors[tt.role] = p.visitor(t).as(tt.role)
		}
		if got := visitors[tt.role].get(tt.path); got.Status != tt.want {
			t.Errorf("%s %s: got %d, want %d", tt.role, tt.path, got.Status, tt.want)
		}
	}
	support := visitors[staff.RoleSupport]
	support.get("/account")
	if got := support.post("/settings/staff", "email", "x@example.com", "name", "X", "role", "owner", "password", password); got.Status != 403 {
		t.Errorf("support made an owner: %d", got.Status)
	}
}

func TestAccountsAreLockedAndTheDoorSlowsDown(t *testing.T) {
	t.Parallel()
	p := open(t, "", 0)
	v := p.visitor(t)
	v.get("/signin")
	said := map[string]bool{}
	for range 12 {
		got := v.post("/signin", "email", "support@example.com", "password", "wrong")
		if got.Status != http.StatusUnprocessableEntity {
			t.Fatalf("got %d", got.Status)
		}
		for _, sentence := range []string{"is not right", "this account rests", "Too many tries"} {
			if strings.Contains(got.Body, sentence) {
				said[sentence] = true
			}
		}
	}
	if diff := cmp.Diff(map[string]bool{"is not right": true, "this account rests": true, "Too many tries": true}, said); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheCodeIsAskedForAfterThePassword(t *testing.T) {
	t.Parallel()
	p := open(t, "", 0)
	v := p.visitor(t).as(staff.RoleOwner)
	v.get("/account")
	setup := v.post("/account/code/begin")
	secret := ""
	if _, after, ok := strings.Cut(setup.Body, "<code>"); ok {
		secret, _, _ = strings.Cut(after, "</code>")
	}
	secret = strings.ReplaceAll(secret, " ", "")
	held, _, _ := strings.Cut(strings.SplitAfter(setup.Body, `name="held" value="`)[1], `"`)
	if again := v.post("/account/code/confirm", "code", "000000", "held", held); again.Status != 422 || !strings.Contains(again.Body, setupSecret(secret)) {
		t.Fatalf("a mistyped code: %d, the same secret must be shown again", again.Status)
	}
	code := func(at time.Time) string {
		c, err := totp.GenerateCode(secret, at)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if got := v.post("/account/code/confirm", "code", code(time.Now()), "held", held); got.Status != 200 || !strings.Contains(got.Body, "From now on you are asked") {
		t.Fatalf("turning it on: %d", got.Status)
	}
	door := p.visitor(t)
	door.get("/signin")
	step := door.post("/signin", "email", "owner@example.com", "password", password)
	if !strings.Contains(step.Body, `name="code"`) || strings.Contains(step.Body, password) {
		t.Fatal("no step for the code, or the password stands in the page")
	}
	held, _, _ = strings.Cut(strings.SplitAfter(step.Body, `name="held" value="`)[1], `"`)
	if got := door.post("/signin", "held", held, "code", "123456"); got.Status != 422 || !strings.Contains(got.Body, "The code is not right") {
		t.Errorf("a wrong code: %d", got.Status)
	}
	if got := door.post("/signin", "held", held+"x", "code", code(time.Now().Add(30*time.Second))); got.Status != 422 {
		t.Errorf("a broken seal: %d", got.Status)
	}
	if got := door.post("/signin", "held", held, "code", code(time.Now().Add(30*time.Second))); got.Path != "" {
		t.Errorf("the next code: %d at %s", got.Status, got.Path)
	}
}

// setupSecret is the secret in groups of four, as the page has it.
func setupSecret(secret string) string {
	var groups []string
	for ; secret != ""; secret = secret[min(4, len(secret)):] {
		groups = append(groups, secret[:min(4, len(secret))])
	}
	return strings.Join(groups, " ")
}

func TestEveryPageCarriesItsPolicyAndIsNotKept(t *testing.T) {
	t.Parallel()
	p := open(t, "", 0)
	v := p.visitor(t).as(staff.RoleOwner)
	for _, path := range []string{"", "/customers", "/settings", "/nothing"} {
		h := v.get(path).Header
		if !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") || strings.Contains(h.Get("Content-Security-Policy"), "unsafe") ||
			h.Get("Cache-Control") != "no-store" || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "same-origin" {
			t.Errorf("%s: %v", path, h)
		}
	}
}

func TestStaticFilesAreKeptForEverUnderTheirHash(t *testing.T) {
	t.Parallel()
	p := open(t, "/crm", 0)
	v := p.visitor(t)
	_, after, _ := strings.Cut(v.get("/signin").Body, `href="/crm/admin/static/`)
	version, _, _ := strings.Cut(after, "/")
	if got := v.get("/static/" + version + "/app.css"); got.Status != 200 || !strings.Contains(got.Header.Get("Cache-Control"), "immutable") || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/css") {
		t.Errorf("%d %v", got.Status, got.Header)
	}
	if got := v.get("/static/old/app.css"); got.Status != 200 || strings.Contains(got.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("an old page's address: %d %s", got.Status, got.Header.Get("Cache-Control"))
	}
	for _, path := range []string{"/static/" + version + "/none.css", "/static/" + version + "/..%2Ftemplates%2Flayout.html"} {
		if got := v.get(path); got.Status != 404 {
			t.Errorf("%s: %d", path, got.Status)
		}
	}
}

func TestTwoPanelsOfOneHostKeepTheirSessionsApart(t *testing.T) {
	t.Parallel()
	one, two := open(t, "/one", 0), open(t, "/two", 0)
	v := one.visitor(t).as(staff.RoleOwner)
	host := one.URL
	one.URL = two.URL // the cookies are of the same host, only the port differs, which cookies do not see
	if got := v.get("/account"); !strings.HasPrefix(got.Path, "/signin") {
		t.Errorf("the other panel let the session in: %s", got.Path)
	}
	one.URL = host
	if got := v.get("/account"); got.Status != 200 || strings.HasPrefix(got.Path, "/signin") {
		t.Errorf("the own panel forgot it: %s", got.Path)
	}
}

func TestLanguageAndThemeGoWithTheAccount(t *testing.T) {
	t.Parallel()
	p := open(t, "", 0)
	v := p.visitor(t).as(staff.RoleReader)
	v.get("/account")
	if got := v.post("/account", "language", "sl", "theme", "dark"); !strings.Contains(got.Body, `<html lang="sl" data-theme="dark">`) || !strings.Contains(got.Body, "Shranjeno") {
		t.Error("the page after saving speaks another language")
	}
	if got := p.visitor(t).as(staff.RoleReader).get("/account"); !strings.Contains(got.Body, "Vaš račun") {
		t.Error("another browser of the same account does not speak Slovene")
	}
	if got := v.post("/account/theme", "theme", "light"); !strings.Contains(got.Body, `data-theme="light"`) {
		t.Error("the sun did not rise")
	}
}

func TestAnOwnerAddsAndShutsOutAColleague(t *testing.T) {
	t.Parallel()
	p := open(t, "", 0)
	v := p.visitor(t).as(staff.RoleOwner)
	v.get("/settings/staff")
	for _, tt := range []struct{ field, value, want string }{
		{"email", "ana@@example.com", "two @"}, {"email", "owner@example.com", "already"}, {"password", "short", "too short"}, {"name", "", "The name is empty"},
	} {
		fields := map[string]string{"email": "ana@example.com", "name": "Ana Zajc", "role": "support", "password": password}
		fields[tt.field] = tt.value
		got := v.post("/settings/staff", "email", fields["email"], "name", fields["name"], "role", fields["role"], "password", fields["password"])
		if got.Status != 422 || !strings.Contains(got.Body, tt.want) || !strings.Contains(got.Body, `aria-describedby="`+tt.field+`-error"`) {
			t.Errorf("%s %q: %d", tt.field, tt.value, got.Status)
		}
	}
	if got := v.post("/settings/staff", "email", "ana@example.com", "name", "Ana Zajc", "role", "support", "password", password); !strings.Contains(got.Body, "Ana Zajc may enter now") {
		t.Fatalf("adding: %d", got.Status)
	}
	people, err := p.Staff.List(staff.WithSystem(t.Context(), "test"))
	if err != nil {
		t.Fatal(err)
	}
	for _, person := range people {
		path := fmt.Sprintf("/settings/staff/%d", person.ID)
		v.get(path)
		switch {
		case person.Name == "Ana Zajc":
			if got := v.post(path + "/disable"); !strings.Contains(got.Body, "cannot enter any more") {
				t.Errorf("shutting out: %d", got.Status)
			}
		case person.Role == staff.RoleOwner:
			if got := v.post(path+"/role", "role", "reader"); got.Status != 422 || !strings.Contains(got.Body, "last owner") {
				t.Errorf("the last owner: %d", got.Status)
			}
		}
	}
	log := v.get("/settings/audit").Body
	for _, act := range []string{"Signed in", "Added to the staff", "Shut out"} {
		if !strings.Contains(log, act) {
			t.Errorf("the audit log does not say %q", act)
		}
	}
}

func TestBackgroundWorkIsListedAndCanBeCancelled(t *testing.T) {
	t.Parallel()
	p := open(t, "", 0)
	id, err := p.Jobs.Enqueue(t.Context(), p.DB, "recommend.rebuild", nil, job.Options{})
	if err != nil {
		t.Fatal(err)
	}
	v := p.visitor(t).as(staff.RoleOwner)
	if page := v.get("/settings/jobs"); !strings.Contains(page.Body, "What goes with what") || !strings.Contains(page.Body, "Waiting") {
		t.Fatal("the job does not stand in the list")
	}
	if got := v.post(fmt.Sprintf("/settings/jobs/%d/cancel", id)); !strings.Contains(got.Body, "The job is cancelled") {
		t.Errorf("cancelling: %d", got.Status)
	}
}

func TestThePanelTellsOfTheShop(t *testing.T) {
	t.Parallel()
	p := open(t, "", 120)
	v := p.visitor(t).as(staff.RoleOwner)

	t.Run("home", func(t *testing.T) {
		v.t = t
		body := v.get("").Body
		for _, want := range []string{"Net revenue", "€", "Show as a table", "Nothing needs you just now"} {
			if !strings.Contains(body, want) {
				t.Errorf("Home does not say %q", want)
			}
		}
	})
	t.Run("an export is what the list shows, and no formula", func(t *testing.T) {
		v.t = t
		if _, err := p.DB.ExecContext(t.Context(), "UPDATE crm_profiles SET first_name = '=HYPERLINK(\"http://evil\")', last_name = 'Aaa' ORDER BY last_name LIMIT 1"); err != nil {
			t.Fatal(err)
		}
		got := v.get("/customers.csv?account=yes&sort=net&desc=1")
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(got.Body, "\ufeff"))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) < 50 || rows[0][0] != "Customer" {
			t.Fatalf("%d rows, head %v", len(rows), rows[0])
		}
		for _, row := range rows {
			for _, cell := range row {
				if cell != "" && strings.ContainsAny(cell[:1], "=+@") {
					t.Errorf("a formula: %q", cell)
				}
			}
		}
		if !strings.Contains(v.get("/settings/audit").Body, "Exported customers") {
			t.Error("the audit log does not say who exported")
		}
	})
	t.Run("a page follows the page", func(t *testing.T) {
		v.t = t
		seen := map[string]bool{}
		path := "/customers"
		for range 10 {
			body := v.get(path).Body
			for _, part := range strings.Split(body, `<a href="/admin/customers/`)[1:] {
				id, _, _ := strings.Cut(part, `"`)
				if seen[id] {
					t.Fatalf("customer %s stands on two pages", id)
				}
				seen[id] = true
			}
			_, after, ok := strings.Cut(body, `<a class="btn btn--small" href="/admin/customers?after=`)
			if !ok {
				break
			}
			cursor, _, _ := strings.Cut(after, `"`)
			path = "/customers?after=" + cursor
		}
		counts, err := p.People.Counts(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if int64(len(seen)) != counts.Profiles {
			t.Errorf("all pages show %d people, there are %d", len(seen), counts.Profiles)
		}
	})
	t.Run("a note stands in the timeline, as text", func(t *testing.T) {
		v.t = t
		_, after, _ := strings.Cut(v.get("/customers").Body, `<a href="/admin/customers/`)
		id, _, _ := strings.Cut(after, `"`)
		v.get("/customers/" + id)
		if got := v.post("/customers/"+id+"/notes", "note", "  "); got.Status != 422 || !strings.Contains(got.Body, "The note is empty") {
			t.Errorf("an empty note: %d", got.Status)
		}
		got := v.post("/customers/"+id+"/notes", "note", "<script>alert(1)</script> likes tea")
		if got.Status != 200 || strings.Contains(got.Body, "<script>alert") || !strings.Contains(got.Body, "likes tea") || !strings.Contains(got.Body, "Note by Nina Kranjc") {
			t.Errorf("the note: %d", got.Status)
		}
	})
	t.Run("support withdraws consent on request, a reader cannot", func(t *testing.T) {
		v := p.visitor(t).as(staff.RoleSupport)
		id := firstCustomer(t, p)
		shops, err := p.Intake.Shops(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		yes := consent.Entry{ShopID: shops[0].ID, Topic: consent.DefaultTopic, State: consent.Granted, Source: consent.SourceForm}
		if err := p.People.Choose(t.Context(), id, []consent.Entry{yes}); err != nil {
			t.Fatal(err)
		}
		path, shop := fmt.Sprintf("/customers/%d", id), strconv.FormatInt(shops[0].ID, 10)
		v.get(path)
		if got := v.post(path+"/withdraw", "topic", yes.Topic, "shop", shop); !strings.Contains(got.Body, "No more mail on “Newsletter”") {
			t.Errorf("support: %d", got.Status)
		}
		states, err := p.Consents.States(t.Context(), id)
		if err != nil || len(states) != 1 || states[0].State != consent.Withdrawn {
			t.Errorf("states: %v, %v", states, err)
		}
		reader := p.visitor(t).as(staff.RoleReader)
		if strings.Contains(reader.get(path).Body, "/withdraw") {
			t.Error("a reader is offered it")
		}
		if got := reader.post(path+"/withdraw", "topic", yes.Topic, "shop", shop); got.Status != 403 {
			t.Errorf("a reader: %d", got.Status)
		}
	})
	t.Run("search finds people and orders", func(t *testing.T) {
		v.t = t
		orders, _, err := p.Orders.ByProfile(t.Context(), firstCustomer(t, p), "", 1)
		if err != nil || len(orders) == 0 {
			t.Fatalf("orders of the best customer: %v, %v", orders, err)
		}
		if body := v.get("/search?q=" + orders[0].Number).Body; !strings.Contains(body, "#"+orders[0].Number) {
			t.Error("the order was not found")
		}
	})
	t.Run("an order's rows add up to its total", func(t *testing.T) {
		v.t = t
		var ids []int64
		err := p.DB.NewRaw("SELECT id FROM crm_orders WHERE shipping > 0 AND discount > 0 AND tax > 0 AND currency = 'EUR' ORDER BY id LIMIT 5").Scan(t.Context(), &ids)
		if err != nil || len(ids) == 0 {
			t.Fatalf("orders with shipping and a discount: %v, %v", ids, err)
		}
		amount := regexp.MustCompile(`<td class="num[^"]*">-?€([0-9.,]+)</td></tr>`)
		for _, id := range ids {
			body := v.get(fmt.Sprintf("/orders/%d", id)).Body
			var cents, total int64
			for _, found := range amount.FindAllStringSubmatch(body, -1) {
				cents += total // the last is the total itself
				total, err = strconv.ParseInt(strings.NewReplacer(".", "", ",", "").Replace(found[1]), 10, 64)
				if err != nil {
					t.Fatal(err)
				}
			}
			if cents != total || total == 0 {
				t.Errorf("order %d: the rows come to %d cents, the total is %d", id, cents, total)
			}
		}
	})
	if p.Log.Len() > 0 {
		t.Errorf("the log has errors:\n%s", p.Log)
	}
}
