package storefront_test

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/newsletter"
	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/storefront"
)

var confirmLink = regexp.MustCompile(`https://crm\.example/kupec/s(/confirm/[A-Za-z0-9_-]+)`)

// read gives the subject and the decoded parts of a mail.
func read(t *testing.T, content string) (subject string, parts []string) {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	if subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := r.NextRawPart()
		if err == io.EOF {
			return subject, parts
		}
		if err != nil {
			t.Fatal(err)
		}
		var body io.Reader = part
		if part.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
			body = quotedprintable.NewReader(part)
		}
		raw, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, string(raw))
	}
}

func TestSubscribingTakesTheFormTheMailAndTheButton(t *testing.T) {
	t.Parallel()
	b := setup(t)
	form := url.Values{"email": {" Maja@Example.COM "}, "first_name": {"EVIL <b>words</b>"}, "last_name": {"Kovač"}, "topic": {"newsletter"}, "lang": {"sl"}, "website": {""}}
	asked := b.do("POST", "/subscribe", form)
	if asked.StatusCode != 200 || !strings.Contains(asked.body, "Poglejte v svoj nabiralnik") {
		t.Fatalf("%d %s", asked.StatusCode, asked.body)
	}
	got := b.mails.next(t)
	subject, parts := read(t, got.content)
	if got.to != "maja@example.com" || subject != "Skodelica: potrdite prijavo" || len(parts) != 2 {
		t.Fatalf("%s, %q, %d parts", got.to, subject, len(parts))
	}
	var path string
	for _, part := range parts {
		if strings.Contains(part, "EVIL") || strings.Contains(part, "Kova") {
			t.Errorf("the mail repeats what a visitor typed:\n%s", part)
		}
		found := confirmLink.FindStringSubmatch(part)
		if found == nil {
			t.Fatalf("no link in\n%s", part)
		}
		path = found[1]
	}
	for range 3 { // a scanner
		if page := b.do("GET", path, nil); page.StatusCode != 200 || !strings.Contains(page.body, `method="post"`) || !strings.Contains(page.body, "maja@example.com") {
			t.Fatalf("%d %s", page.StatusCode, page.body)
		}
		b.do("HEAD", path, nil)
	}
	if n := b.count("SELECT COUNT(*) FROM crm_profiles"); n != 0 {
		t.Fatalf("a GET made %d profiles", n)
	}
	for range 2 {
		if page := b.do("POST", path, url.Values{"lang": {"sl"}}, "X-Forwarded-For", "198.51.100.9"); page.StatusCode != 200 || !strings.Contains(page.body, "Prijava je potrjena") {
			t.Fatalf("%d %s", page.StatusCode, page.body)
		}
	}
	p, err := b.people.ByEmail(b.ctx, "maja@example.com")
	if err != nil || p.Language != "sl" || p.Name.Last != "Kovač" || p.HasAccount || p.RegisteredAt.IsZero() {
		t.Errorf("got %+v, %v", p, err)
	}
	history, err := b.consents.History(b.ctx, p.ID)
	if err != nil || len(history) != 1 {
		t.Fatalf("%+v, %v", history, err)
	}
	if e := history[0]; e.State != consent.Granted || e.Source != consent.SourceForm || e.IP != "198.51.100.9" || e.UserAgent != human || e.IdentityID == 0 ||
		!strings.Contains(e.Wording, "Skodelica mi sme pošiljati e-pošto") {
		t.Errorf("got %+v", e)
	}
}

func TestTheAnswerIsTheSameWhateverIsKnownOfAnAddress(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.subscriber("known@example.com")
	if err := b.consents.Suppress(b.ctx, b.db, "bounced@example.com", consent.SuppressBounce, ""); err != nil {
		t.Fatal(err)
	}
	want := b.do("POST", "/subscribe", url.Values{"email": {"new@example.com"}})
	for what, form := range map[string]url.Values{
		"known":      {"email": {"known@example.com"}},
		"suppressed": {"email": {"bounced@example.com"}},
		"once more":  {"email": {"new@example.com"}},
		"a program":  {"email": {"bot@example.com"}, "website": {"https://spam.example"}},
	} {
		if got := b.do("POST", "/subscribe", form); got.StatusCode != want.StatusCode || got.body != want.body {
			t.Errorf("%s: %d %s", what, got.StatusCode, got.body)
		}
	}
	to := []string{b.mails.next(t).to, b.mails.next(t).to}
	slices.Sort(to)
	if !slices.Equal(to, []string{"known@example.com", "new@example.com"}) {
		t.Errorf("mailed %v", to)
	}
	if n := b.count("SELECT COUNT(*) FROM crm_jobs"); n != 2 {
		t.Errorf("%d mails for two addresses that may get one", n)
	}
}

func TestAMistakeInTheFormNamesTheFieldInTheVisitorsLanguage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, tt := range []struct {
		name, lang, accept string
		form               url.Values
		status             int
		want               string
	}{
		{"two ats", "sl", "", url.Values{"email": {"a@@b.si"}}, 422, "V e-poštnem naslovu sta dva znaka @."},
		{"empty", "", "", url.Values{}, 422, "Fill in your e-mail address."},
		{"unknown topic", "en", "", url.Values{"email": {"a@b.si"}, "topic": {"nonsense"}}, 422, "There is no such topic any more."},
		{"as JSON", "sl", "application/json", url.Values{"email": {"a"}}, 422, `"errors":{"email":"V e-poštnem naslovu ni znaka @."}`},
		{"typed text comes back harmless", "", "", url.Values{"email": {`"><script>x`}}, 422, `value="&#34;&gt;&lt;script&gt;x"`},
		{"the rest is kept", "", "", url.Values{"email": {"a"}, "first_name": {"Živa"}}, 422, `value="Živa"`},
		{"far too much", "", "", url.Values{"email": {strings.Repeat("a", 20000)}}, 413, "Shorten it."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.form.Set("lang", tt.lang)
			got := b.do("POST", "/subscribe", tt.form, "Accept", tt.accept)
			if got.StatusCode != tt.status || !strings.Contains(got.body, tt.want) {
				t.Errorf("%d %s", got.StatusCode, got.body)
			}
		})
	}
	if got := b.do("POST", "/subscribe", url.Values{"email": {"a@b.si"}}, "Content-Type", "text/plain"); got.StatusCode != 415 {
		t.Errorf("text/plain: %d", got.StatusCode)
	}
	if n := b.count("SELECT COUNT(*) FROM crm_opt_ins"); n != 0 {
		t.Errorf("%d requests were kept", n)
	}
}

// forged changes the middle of a link's seal. Its last character may stand for bits that do not count.
func forged(link string) string {
	at := len(link) - 10
	other := "A"
	if link[at] == 'A' {
		other = "B"
	}
	return link[:at] + other + link[at+1:]
}

func TestAnOldConfirmationSaysWhatToDo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ask := func() string {
		b.do("POST", "/subscribe", url.Values{"email": {"maja@example.com"}})
		_, parts := read(t, b.mails.next(t).content)
		return confirmLink.FindStringSubmatch(parts[0])[1]
	}
	first := ask()
	b.pass(time.Hour)
	second := ask()
	if got := b.do("POST", first, nil); got.StatusCode != 410 || !strings.Contains(got.body, "There is a newer mail") {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
	b.pass(15 * 24 * time.Hour)
	if got := b.do("POST", second, nil); got.StatusCode != 410 || !strings.Contains(got.body, "This link is too old") {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
	if got := b.do("POST", forged(second), nil); got.StatusCode != 404 || !strings.Contains(got.body, "This link does not work") {
		t.Errorf("%d %s", got.StatusCode, got.body)
	}
}

func TestOneClickWithdrawsAndGetChangesNothing(t *testing.T) {
	t.Parallel()
	for name, send := range map[string]func(b *bundle, path string) reply{
		"a mailbox provider": func(b *bundle, path string) reply {
			return b.do("POST", path, url.Values{"List-Unsubscribe": {"One-Click"}}, "User-Agent", "")
		},
		"a provider with multipart": func(b *bundle, path string) reply {
			return b.do("POST", path, nil, "Content-Type", "multipart/form-data; boundary=x")
		},
		"the button": func(b *bundle, path string) reply { return b.do("POST", path, url.Values{"lang": {"en"}}) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			profile, mailing := b.subscriber("maja@example.com")
			path := "/unsubscribe/" + b.signer.Sign(newsletter.PurposeUnsubscribe, time.Time{}, mailing, profile)
			for _, method := range []string{"GET", "HEAD", "GET"} {
				page := b.do(method, path, nil)
				if page.StatusCode != 200 || method == "GET" && (!strings.Contains(page.body, "<button") || !strings.Contains(page.body, "m…@example.com")) {
					t.Fatalf("%s: %d %s", method, page.StatusCode, page.body)
				}
			}
			if got := b.state(profile); got != consent.Granted {
				t.Fatalf("a GET left %q", got)
			}
			for range 3 {
				got := send(b, path)
				if got.StatusCode != 200 || len(got.Cookies()) != 0 || !strings.Contains(got.body, "You are unsubscribed") {
					t.Fatalf("%d %s", got.StatusCode, got.body)
				}
			}
			if got := b.state(profile); got != consent.Withdrawn {
				t.Errorf("the POST left %q", got)
			}
			if n := b.count("SELECT COUNT(*) FROM crm_consents WHERE state = 'withdrawn' AND mailing_id = ? AND identity_id <> 0", mailing); n != 1 {
				t.Errorf("%d withdrawals in the ledger", n)
			}
		})
	}
}

func TestTenThousandOneClicksAtOnceLeaveOneWithdrawal(t *testing.T) {
	t.Parallel()
	b := setup(t)
	profile, mailing := b.subscriber("maja@example.com")
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = b.app.Listener(ln) }()
	t.Cleanup(func() { _ = b.app.ShutdownWithTimeout(5 * time.Second) }) // a connection that was opened and never used would keep it
	address := "http://" + ln.Addr().String() + "/kupec/s/unsubscribe/" + b.signer.Sign(newsletter.PurposeUnsubscribe, time.Time{}, mailing, profile)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	total := 10_000
	if testing.Short() {
		total = 500
	}
	work := make(chan int)
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			for range work {
				res, err := client.Post(address, "application/x-www-form-urlencoded", strings.NewReader("List-Unsubscribe=One-Click"))
				if err != nil {
					t.Error(err)
					continue
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
				if res.StatusCode != 200 {
					t.Errorf("status %d", res.StatusCode)
				}
			}
		})
	}
	for i := range total {
		work <- i
	}
	close(work)
	all.Wait()
	if n := b.count("SELECT COUNT(*) FROM crm_consents WHERE state = 'withdrawn'"); n != 1 || b.state(profile) != consent.Withdrawn {
		t.Errorf("%d withdrawals, state %q", n, b.state(profile))
	}
}

func TestPreferencesShowSaveAndEndEverything(t *testing.T) {
	t.Parallel()
	b := setup(t)
	profile, mailing := b.subscriber("maja@example.com")
	b.exec("INSERT INTO crm_topics (topic, name, description, position, created_at) VALUES ('newsletter', 'Newsletter', '', 0, NOW(6)), ('tea', 'Tea', 'New harvests', 1, NOW(6)) ON DUPLICATE KEY UPDATE name = VALUES(name)")
	path := "/preferences/" + b.signer.Sign(newsletter.PurposePreferences, time.Time{}, profile, mailing)
	page := b.do("GET", path, nil)
	if page.StatusCode != 200 || !strings.Contains(page.body, `value="newsletter" checked`) || !strings.Contains(page.body, `value="tea">`) {
		t.Fatalf("%d %s", page.StatusCode, page.body)
	}
	saved := b.do("POST", path, url.Values{"topic": {"tea", "no such"}, "language": {"sl"}})
	if saved.StatusCode != 200 || !strings.Contains(saved.body, "Shranjeno") || !strings.Contains(saved.body, `value="tea" checked`) {
		t.Fatalf("%d %s", saved.StatusCode, saved.body)
	}
	if b.state(profile) != consent.Withdrawn || b.count("SELECT COUNT(*) FROM crm_consent_states WHERE topic = 'tea' AND state = 'granted'") != 1 {
		t.Error("the choice was not kept")
	}
	entries := b.count("SELECT COUNT(*) FROM crm_consents")
	b.do("POST", path, url.Values{"topic": {"tea"}, "language": {"sl"}})
	if n := b.count("SELECT COUNT(*) FROM crm_consents"); n != entries {
		t.Errorf("saving the same again wrote %d entries", n-entries)
	}
	p, err := b.people.Profile(b.ctx, profile)
	if err != nil || p.Language != "sl" {
		t.Errorf("language %q, %v", p.Language, err)
	}
	if end := b.do("POST", path, url.Values{"everything": {"1"}, "topic": {"tea"}}); end.StatusCode != 200 || strings.Contains(end.body, " checked") {
		t.Errorf("%d %s", end.StatusCode, end.body)
	}
	if n := b.count("SELECT COUNT(*) FROM crm_consent_states WHERE state = 'granted'"); n != 0 {
		t.Errorf("%d consents are left", n)
	}
}

func TestALinkOfATestMailChangesNobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for purpose, path := range map[string]string{newsletter.PurposePreferences: "/preferences/", newsletter.PurposeUnsubscribe: "/unsubscribe/"} {
		path += b.signer.Sign(purpose, time.Time{}, 0, 0)
		for _, method := range []string{"GET", "POST"} {
			if got := b.do(method, path, url.Values{"topic": {"newsletter"}}); got.StatusCode != 200 || !strings.Contains(got.body, "changes nothing") {
				t.Errorf("%s %s: %d %s", method, purpose, got.StatusCode, got.body)
			}
		}
	}
	if n := b.count("SELECT COUNT(*) FROM crm_consents"); n != 0 {
		t.Errorf("%d entries", n)
	}
}

func TestAMergedPersonsLinksStillSpeakForThem(t *testing.T) {
	t.Parallel()
	b := setup(t)
	guest, mailing := b.subscriber("guest@example.com")
	member, _ := b.subscriber("member@example.com")
	path := "/unsubscribe/" + b.signer.Sign(newsletter.PurposeUnsubscribe, time.Time{}, mailing, guest)
	b.exec("UPDATE crm_identities SET profile_id = ? WHERE profile_id = ?", member, guest)
	b.exec("UPDATE crm_profiles SET merged_into = ? WHERE id = ?", member, guest)
	if got := b.do("POST", path, nil); got.StatusCode != 200 || b.state(member) != consent.Withdrawn {
		t.Errorf("%d, %q", got.StatusCode, b.state(member))
	}
}

func TestALinkLeadsOnlyWhereTheMailSaid(t *testing.T) {
	t.Parallel()
	b := setup(t)
	profile, mailing := b.subscriber("maja@example.com")
	const target = "https://skodelica.example/p/1?a=1&b=%C5%BE"
	ids, err := b.clicks.LinkIDs(b.ctx, mailing, []string{target})
	if err != nil {
		t.Fatal(err)
	}
	path := strings.TrimPrefix(b.clicks.ClickURL(mailing, profile, ids[target]), base+"/s")
	if got := b.do("HEAD", path, nil); got.StatusCode != 302 || b.count("SELECT COUNT(*) FROM crm_touches") != 0 {
		t.Errorf("HEAD: %d, %d touches", got.StatusCode, b.count("SELECT COUNT(*) FROM crm_touches"))
	}
	got := b.do("GET", path+"?url=https://evil.example&next=//evil.example", nil)
	if got.StatusCode != 302 || got.Header.Get("Location") != target || got.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d to %q", got.StatusCode, got.Header.Get("Location"))
	}
	if n := b.count("SELECT COUNT(*) FROM crm_touches WHERE kind = 'click' AND profile_id = ?", profile); n != 1 {
		t.Errorf("%d clicks", n)
	}
	for what, bad := range map[string]string{
		"changed":               forged(path),
		"cut":                   path[:len(path)-5],
		"an address":            "/c/" + url.PathEscape("https://evil.example"),
		"for something else":    "/c/" + b.signer.Sign(newsletter.PurposeUnsubscribe, time.Time{}, mailing, profile, ids[target]),
		"a link that never was": strings.TrimPrefix(b.clicks.ClickURL(mailing, profile, 999999), base+"/s"),
	} {
		got := b.do("GET", bad, nil)
		if got.StatusCode != 404 && got.StatusCode != 410 || got.Header.Get("Location") != "" || !strings.Contains(got.body, "<h1>") {
			t.Errorf("%s: %d, %q", what, got.StatusCode, got.Header.Get("Location"))
		}
	}
}

func TestTheOpeningPictureIsAPictureWhateverItsToken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	profile, mailing := b.subscriber("maja@example.com")
	path := strings.TrimPrefix(b.clicks.OpenURL(mailing, profile), base+"/s")
	for _, p := range []string{path, "/o/nonsense.gif"} {
		got := b.do("GET", p, nil)
		if got.StatusCode != 200 || got.Header.Get("Content-Type") != "image/gif" || !strings.HasPrefix(got.body, "GIF89a") || got.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %v", p, got.StatusCode, got.Header)
		}
	}
	b.do("HEAD", path, nil)
	if n := b.count("SELECT COUNT(*) FROM crm_touches WHERE kind = 'open'"); n != 1 {
		t.Errorf("%d openings", n)
	}
}

func TestAMailInTheBrowserCanShowAndNotRun(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := staff.WithSystem(b.ctx, "test")
	n, err := b.desk.Create(ctx, newsletter.Newsletter{ShopID: 1, Name: "Advent", Subject: "Your box", Audience: &segment.Tree{},
		Blocks: []newsletter.Block{{Kind: newsletter.KindHeading, Text: "Quiet mornings"}}})
	if err != nil {
		t.Fatal(err)
	}
	path := func(mailing int64) string {
		return "/m/" + b.signer.Sign(newsletter.PurposeBrowser, time.Time{}, mailing, 0)
	}
	got := b.do("GET", path(-n.ID), nil)
	csp := got.Header.Get("Content-Security-Policy")
	if got.StatusCode != 200 || !strings.Contains(got.body, "Quiet mornings") || !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "script-src") || !strings.Contains(csp, "sandbox") {
		t.Errorf("%d %s\n%s", got.StatusCode, csp, got.body)
	}
	if got := b.do("GET", path(999999), nil); got.StatusCode != 410 || !strings.Contains(got.body, "This is gone") {
		t.Errorf("a mailing that is gone: %d %s", got.StatusCode, got.body)
	}
	if got := b.do("GET", path(-n.ID)+"x", nil); got.StatusCode != 404 {
		t.Errorf("a damaged link: %d", got.StatusCode)
	}
}

func TestPagesAreHardToMisuse(t *testing.T) {
	t.Parallel()
	b := setup(t)
	profile, mailing := b.subscriber("maja@example.com")
	for _, path := range []string{"/form", "/preferences/" + b.signer.Sign(newsletter.PurposePreferences, time.Time{}, profile, mailing), "/nothing/here"} {
		got := b.do("GET", path, nil)
		h := got.Header
		framed := path == "/form"
		if !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'; style-src 'self'") || strings.Contains(h.Get("Content-Security-Policy"), "unsafe") ||
			h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" || (h.Get("X-Frame-Options") == "DENY") == framed || len(got.Cookies()) != 0 {
			t.Errorf("%s: %v", path, h)
		}
		if strings.Contains(got.body, "style=") || strings.Contains(got.body, "<script") || !strings.Contains(got.body, `lang="en"`) {
			t.Errorf("%s:\n%s", path, got.body)
		}
		css := regexp.MustCompile(`href="(/kupec/s/static/style\.[0-9a-f]+\.css)"`).FindStringSubmatch(got.body)
		if css == nil {
			t.Fatalf("%s names no style sheet", path)
		}
		if style := b.do("GET", strings.TrimPrefix(css[1], "/kupec/s"), nil); style.StatusCode != 200 || !strings.Contains(style.Header.Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d", css[1], style.StatusCode)
		}
	}
	if strings.Contains(b.log.String(), "maja") {
		t.Error("the log names people")
	}
}

func TestTheEmbeddedFormIsSmallAndSpeaksEveryLanguage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	got := b.do("GET", "/embed.js", nil)
	if got.StatusCode != 200 || len(got.body) >= 6*1024 || !strings.Contains(got.body, "Prijavi me") || !strings.Contains(got.body, `"https://crm.example/kupec/s/subscribe"`) ||
		strings.Contains(got.body, "__") {
		t.Errorf("%d, %d bytes\n%s", got.StatusCode, len(got.body), got.body)
	}
	if again := b.do("GET", "/embed.js", nil, "If-None-Match", got.Header.Get("ETag")); again.StatusCode != 304 {
		t.Errorf("unchanged: %d", again.StatusCode)
	}
	reply := b.do("POST", "/subscribe", url.Values{"email": {"a@b.si"}, "lang": {"sl"}}, "Accept", "application/json", "Origin", "https://skodelica.example")
	var told struct {
		OK    bool
		Title string
	}
	if err := json.Unmarshal([]byte(reply.body), &told); err != nil || !told.OK || told.Title != "Poglejte v svoj nabiralnik" || reply.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("%v %s", err, reply.body)
	}
	script, plain := b.front.Snippet("sl", `ma"in`, "Skodelica")
	for _, want := range []string{`data-shop="ma&#34;in"`, `src="https://crm.example/kupec/s/embed.js"`} {
		if !strings.Contains(script, want) {
			t.Errorf("no %s in %s", want, script)
		}
	}
	if !strings.Contains(plain, `action="https://crm.example/kupec/s/subscribe"`) || !strings.Contains(plain, "Prijavi me") {
		t.Error(plain)
	}
}

func TestANetworkThatAsksTooOftenIsMadeToWaitAndOthersAreNot(t *testing.T) {
	t.Parallel()
	b := setup(t)
	form := func(i int) url.Values {
		return url.Values{"email": {fmt.Sprintf("p%d@example.com", i)}, "website": {"x"}}
	}
	refused := 0
	for i := range 300 {
		if got := b.do("POST", "/subscribe", form(i), "X-Forwarded-For", fmt.Sprintf("198.51.100.%d", i%250)); got.StatusCode == 429 {
			refused++
			if got.Header.Get("Retry-After") == "" || !strings.Contains(got.body, "Too much at once") {
				t.Fatalf("%v %s", got.Header, got.body)
			}
		}
	}
	if refused != 50 {
		t.Errorf("%d of 300 were refused; a quarter of 1000 an hour may come at once", refused)
	}
	if got := b.do("POST", "/subscribe", form(1), "X-Forwarded-For", "2001:db8::1"); got.StatusCode != 200 {
		t.Errorf("another network: %d", got.StatusCode)
	}
	b.pass(time.Hour)
	if got := b.do("POST", "/subscribe", form(1), "X-Forwarded-For", "198.51.100.1"); got.StatusCode != 200 {
		t.Errorf("an hour later: %d", got.StatusCode)
	}
}

func TestEverySentenceIsThereInBothLanguages(t *testing.T) {
	t.Parallel()
	words, err := locale.Load(storefront.Locales())
	if err != nil {
		t.Fatal(err)
	}
	if missing := words.Missing("sl"); len(missing) > 0 {
		t.Errorf("Slovene lacks %v", missing)
	}
	for _, key := range words.Keys("en") {
		if a, b := words.Placeholders("en", key), words.Placeholders("sl", key); !slices.Equal(a, b) {
			t.Errorf("%s: %v and %v", key, a, b)
		}
	}
	for _, text := range []string{"", "a", "a@@b", "@b.si", "a@b", strings.Repeat("a", 65) + "@" + strings.Repeat("abcdefghi.", 18) + "si"} {
		if _, err := contact.ParseEmail(text); err != nil {
			if key := "form." + err.(*contact.InvalidError).Key; !words.Has(key) {
				t.Errorf("%s has no sentence", key)
			}
		}
	}
}

func FuzzForeignFormsAndTokensNeverBreakThePages(f *testing.F) {
	b := setup(f)
	profile, mailing := b.subscriber("maja@example.com")
	f.Add("email=a%40b.si&topic=newsletter", b.signer.Sign(newsletter.PurposeUnsubscribe, time.Time{}, mailing, profile))
	f.Add("email=%ff%00&topic=%zz&lang=\x00&first_name=%e2%80%ae", "AAAA")
	f.Add("&&&=;", "..%2f..")
	f.Fuzz(func(t *testing.T, body, text string) {
		parsed, _ := url.ParseQuery(body)
		if parsed == nil {
			parsed = url.Values{}
		}
		text = url.PathEscape(text)
		for _, ask := range []struct {
			method, path string
		}{{"POST", "/subscribe"}, {"GET", "/confirm/" + text}, {"POST", "/preferences/" + text}, {"GET", "/unsubscribe/" + text}, {"GET", "/c/" + text}, {"GET", "/o/" + text}, {"GET", "/m/" + text}} {
			b.pass(10 * time.Minute)
			if got := b.ask(t, ask.method, ask.path, parsed); got.StatusCode >= 500 || got.StatusCode == 302 {
				t.Errorf("%s %s %q: %d %s", ask.method, ask.path, body, got.StatusCode, b.log)
			}
		}
	})
}
