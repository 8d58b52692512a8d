package newsletter_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/attribution"
	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/delivery"
	"github.com/kupec/kupec/module/internal/catcher"
	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/newsletter"
	"github.com/kupec/kupec/module/recommend"
	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
	"github.com/kupec/kupec/module/store/storetest"
	"github.com/kupec/kupec/module/token"
)

var secret = []byte(strings.Repeat("a secret for tests, long enough.", 2))

type bundle struct {
	t       testing.TB
	ctx     context.Context // somebody who may do everything
	db      *bun.DB
	desk    *newsletter.Desk
	post    *delivery.Post
	catcher *catcher.Catcher
	queries *counter
	mu      sync.Mutex
	now     time.Time
}

// counter counts statements.
type counter struct {
	mu sync.Mutex
	n  int
}

func (c *counter) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }
func (c *counter) AfterQuery(context.Context, *bun.QueryEvent) {
	c.mu.Lock()
	c.n++
	c.mu.Unlock()
}

func (c *counter) take() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := c.n
	c.n = 0
	return n
}

func (b *bundle) clock() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *bundle) pass(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.now = b.now.Add(d)
}

func setup(t testing.TB) *bundle {
	t.Helper()
	b := &bundle{t: t, queries: &counter{}, now: time.Now().UTC().Truncate(time.Second)}
	b.db = storetest.DB(t).WithQueryHook(b.queries)
	b.ctx = staff.WithActor(t.Context(), staff.Account{ID: 1, Name: "Nina", Role: staff.RoleOwner}, "127.0.0.1")
	b.catcher = catcher.New(catcher.Config{})
	if err := b.catcher.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.catcher.Stop(context.Background()) })
	transport, err := delivery.ParseTransport("smtp://" + b.catcher.SMTPAddr())
	if err != nil {
		t.Fatal(err)
	}
	b.post, err = delivery.New(b.db, consent.New(b.db, consent.Config{}), transport, delivery.Config{})
	if err != nil {
		t.Fatal(err)
	}
	links, err := attribution.New(b.db, attribution.Config{Secret: secret, BaseURL: "https://crm.example"})
	if err != nil {
		t.Fatal(err)
	}
	words, err := locale.Load(newsletter.Locales)
	if err != nil {
		t.Fatal(err)
	}
	segments, err := segment.New(b.db, segment.Config{})
	if err != nil {
		t.Fatal(err)
	}
	products := catalog.New(b.db, catalog.Config{})
	b.desk, err = newsletter.New(b.db, newsletter.Rooms{
		Catalog: products, Recommend: recommend.New(b.db, products, recommend.Config{}), Segments: segments, Post: b.post, Links: links,
	}, newsletter.Config{BaseURL: "https://crm.example", Secret: secret, Catalogue: words, Clock: b.clock,
		DefaultFrom: delivery.Mailbox{Name: "Skodelica", Email: "novice@skodelica.example"}})
	if err != nil {
		t.Fatal(err)
	}
	b.post.Register(newsletter.MailingKind, b.desk)

	b.exec("INSERT INTO crm_shops (id, name, title, platform, url, currency, zone, locale, created_at) VALUES (1, 'main', 'Skodelica', 'woocommerce', 'https://skodelica.example', 'EUR', 'Europe/Ljubljana', 'en-GB', NOW(6))")
	b.exec("INSERT INTO crm_brands (shop_id, postal_address, updated_at) VALUES (1, 'Trubarjeva 12, Ljubljana', NOW(6))")
	for i, name := range []string{"V60 dripper", "Paper filters", "Guji beans", "Cup No. 4"} {
		b.exec(`INSERT INTO crm_products (id, shop_id, shop_key, sku, name, url, image_url, currency, price, stock, visible, fingerprint)
			VALUES (?, 1, ?, ?, ?, ?, 'https://skodelica.example/i.png', 'EUR', 12.9, 'in', TRUE, 0)`, i+1, fmt.Sprint(i+1), fmt.Sprintf("SKU-%d", i+1), name, fmt.Sprintf("https://skodelica.example/p/%d", i+1))
	}
	return b
}

func (b *bundle) exec(query string, args ...any) {
	b.t.Helper()
	if _, err := b.db.NewRaw(query, args...).Exec(b.ctx); err != nil {
		b.t.Fatalf("%s: %v", query, err)
	}
}

// people makes profiles 1 to n who agreed to get mail, and one more who did not.
func (b *bundle) people(n int) {
	b.t.Helper()
	for id := 1; id <= n+1; id++ {
		b.exec("INSERT INTO crm_profiles (id, shop_id, first_name, last_name, email, created_at, updated_at) VALUES (?, 1, ?, 'Novak', ?, NOW(6), NOW(6))",
			id, fmt.Sprintf("Ana%d", id), address(id))
		if id <= n {
			b.exec("INSERT INTO crm_consent_states (profile_id, topic, shop_id, state, consent_id, changed_at) VALUES (?, 'newsletter', 1, 'granted', 1, NOW(6))", id)
		}
	}
}

func address(id int) string { return fmt.Sprintf("p%d@example.com", id) }

var everybody = segment.Tree{}

func draft() newsletter.Newsletter {
	return newsletter.Newsletter{
		ShopID: 1, Name: "Advent", Subject: `{{ profile.first_name | default: "friend" }}, your box`, Preheader: "Three roasts", Audience: &everybody,
		Blocks: []newsletter.Block{
			{Kind: newsletter.KindHeading, Text: "Quiet mornings"},
			{Kind: newsletter.KindText, Text: "Dear {{ profile.first_name | default: \"friend\" }}, [look](https://skodelica.example/advent)."},
			{Kind: newsletter.KindProduct, ProductID: 1},
			{Kind: newsletter.KindRecommendations, Text: "For you", Count: 2, Pick: newsletter.PickCrossSell, Reason: true},
		},
	}
}

func (b *bundle) create(change func(*newsletter.Newsletter)) newsletter.Newsletter {
	b.t.Helper()
	n := draft()
	if change != nil {
		change(&n)
	}
	made, err := b.desk.Create(b.ctx, n)
	if err != nil {
		b.t.Fatal(err)
	}
	return made
}

// deliver lets the post work until nothing is left to send.
func (b *bundle) deliver(id int64) newsletter.Report {
	b.t.Helper()
	if err := b.post.Start(b.ctx); err != nil {
		b.t.Fatal(err)
	}
	defer func() {
		if err := b.post.Stop(context.WithoutCancel(b.ctx)); err != nil {
			b.t.Error(err)
		}
	}()
	deadline := time.Now().Add(30 * time.Second)
	for {
		r, err := b.desk.Report(b.ctx, id)
		if err != nil {
			b.t.Fatal(err)
		}
		if r.Newsletter.State == newsletter.Sent {
			return r
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("still %s: %+v", r.Newsletter.State, r.Delivery)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func TestANewsletterGoesOnceToEverybodyWhoAgreed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(3)
	n := b.create(nil)
	if _, err := b.desk.Send(b.ctx, n.ID); err != nil {
		t.Fatal(err)
	}
	r := b.deliver(n.ID)
	if r.Gone() != 3 || r.Delivery.Skipped[delivery.ReasonNoConsent] != 1 {
		t.Errorf("sent %d, skipped %v; want 3 and one without consent", r.Gone(), r.Delivery.Skipped)
	}
	for id := 1; id <= 3; id++ {
		mails := b.catcher.Messages(address(id))
		if len(mails) != 1 {
			t.Fatalf("%d mails to person %d", len(mails), id)
		}
		m, err := b.catcher.Message(mails[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("Ana%d, your box", id); m.Subject != want {
			t.Errorf("subject %q, want %q", m.Subject, want)
		}
		for _, want := range []string{"V60 dripper", "€12.90", "For you"} {
			if !strings.Contains(m.HTML, want) || !strings.Contains(m.Text, want) {
				t.Errorf("no %q in HTML or text", want)
			}
		}
		for _, link := range m.Links {
			if !strings.HasPrefix(link, "https://crm.example/s/") {
				t.Errorf("%s is not counted", link)
			}
		}
		if !strings.HasPrefix(m.Header("List-Unsubscribe"), "<https://crm.example/s/unsubscribe/") || m.Header("List-Unsubscribe-Post") == "" {
			t.Errorf("List-Unsubscribe is %q, %q", m.Header("List-Unsubscribe"), m.Header("List-Unsubscribe-Post"))
		}
	}
	people, _, err := b.desk.Recipients(b.ctx, n.ID, delivery.Filter{State: delivery.Sent}, "", 2)
	if err != nil || len(people) != 2 || people[0].Name.First != "Ana1" {
		t.Errorf("recipients: %+v, %v", people, err)
	}
	given := 0
	if err := b.desk.Export(b.ctx, n.ID, delivery.Filter{}, func(newsletter.Recipient) error { given++; return nil }); err != nil || given != 4 {
		t.Errorf("%d of 4 recipients were given out: %v", given, err)
	}
	var denied *staff.DeniedError
	support := staff.WithActor(t.Context(), staff.Account{ID: 2, Role: staff.RoleSupport}, "")
	if err := b.desk.Export(support, n.ID, delivery.Filter{}, func(newsletter.Recipient) error { return nil }); !errors.As(err, &denied) {
		t.Errorf("support was given recipients: %v", err)
	}
	sums, err := b.desk.Sums(b.ctx, []int64{r.Newsletter.MailingID})
	if err != nil || sums[r.Newsletter.MailingID] != (newsletter.Sum{Sent: 3, Skipped: 1}) {
		t.Errorf("sums: %+v, %v", sums, err)
	}
}

func TestPressingSendManyTimesSendsOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(2)
	n := b.create(nil)
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() { _, errs[i] = b.desk.Send(b.ctx, n.ID) })
	}
	wg.Wait()
	sent := 0
	for _, err := range errs {
		switch {
		case err == nil:
			sent++
		case !errors.Is(err, newsletter.ErrState) && !errors.Is(err, newsletter.ErrConflict):
			t.Error(err)
		}
	}
	var mailings int
	if err := b.db.NewRaw("SELECT COUNT(*) FROM crm_mailings").Scan(b.ctx, &mailings); err != nil {
		t.Fatal(err)
	}
	if sent != 1 || mailings != 1 {
		t.Errorf("%d of 8 sent, %d mailings; want 1 and 1", sent, mailings)
	}
}

func TestTwoEditorsDoNotOverwriteEachOther(t *testing.T) {
	t.Parallel()
	b := setup(t)
	n := b.create(nil)
	mine, theirs := n, n
	mine.Subject, theirs.Subject = "Mine", "Theirs"
	got, err := b.desk.Update(b.ctx, mine)
	if err != nil || got.Version != n.Version+1 || got.Subject != "Mine" {
		t.Fatalf("%+v, %v", got, err)
	}
	if _, err := b.desk.Update(b.ctx, theirs); !errors.Is(err, newsletter.ErrConflict) {
		t.Errorf("got %v, want ErrConflict", err)
	}
	now, err := b.desk.Get(b.ctx, n.ID)
	if err != nil || now.Subject != "Mine" {
		t.Errorf("%+v, %v", now, err)
	}
	other := n
	other.ID = 4711
	if _, err := b.desk.Update(b.ctx, other); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v, want not found", err)
	}
}

func TestWhatIsNotReadyIsNotSent(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*newsletter.Newsletter)
		key    string
	}{
		"no subject":  {func(n *newsletter.Newsletter) { n.Subject = "" }, "newsletter.problem.no_subject"},
		"no blocks":   {func(n *newsletter.Newsletter) { n.Blocks = nil }, "newsletter.problem.no_blocks"},
		"no audience": {func(n *newsletter.Newsletter) { n.Audience = nil }, "newsletter.problem.no_audience"},
		"broken tag":  {func(n *newsletter.Newsletter) { n.Subject = "{{ profile.nick }}" }, "newsletter.problem.unknown_field_tag"},
		"broken button": {func(n *newsletter.Newsletter) {
			n.Blocks = append(n.Blocks, newsletter.Block{Kind: newsletter.KindButton, Text: "x", URL: "x"})
		}, "newsletter.problem.relative_link"},
		"nobody": {func(n *newsletter.Newsletter) {
			tree, err := segment.Parse([]byte(`{"is":"country","in":["AQ"]}`))
			if err != nil {
				panic(err)
			}
			n.Audience = &tree
		}, "newsletter.problem.nobody"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.people(1)
			n := b.create(test.change)
			_, err := b.desk.Send(b.ctx, n.ID)
			var notReady *newsletter.NotReadyError
			if !errors.As(err, &notReady) {
				t.Fatalf("got %v, want a NotReadyError", err)
			}
			if notReady.Problems[0].Key != test.key || notReady.Problems[0].Severity != newsletter.Blocking {
				t.Errorf("got %v first, want %s", notReady.Problems, test.key)
			}
			if now, err := b.desk.Get(b.ctx, n.ID); err != nil || now.State != newsletter.Draft || now.MailingID != 0 {
				t.Errorf("it did not stay a draft: %+v, %v", now, err)
			}
		})
	}
}

func TestSendingNeedsThePermissionToSend(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(1)
	n := b.create(nil)
	for _, role := range []staff.Role{staff.RoleSupport, staff.RoleReader} {
		ctx := staff.WithActor(t.Context(), staff.Account{ID: 2, Role: role}, "")
		for name, act := range map[string]func() error{
			"Send":     func() error { _, err := b.desk.Send(ctx, n.ID); return err },
			"Schedule": func() error { _, err := b.desk.Schedule(ctx, n.ID, b.now.Add(time.Hour)); return err },
			"Create":   func() error { _, err := b.desk.Create(ctx, draft()); return err },
			"Update":   func() error { _, err := b.desk.Update(ctx, n); return err },
			"Delete":   func() error { return b.desk.Delete(ctx, n.ID) },
			"Cancel":   func() error { return b.desk.Cancel(ctx, n.ID) },
			"SendTest": func() error { return b.desk.SendTest(ctx, n.ID, "a@example.com", 0) },
			"Brand":    func() error { return b.desk.SaveBrand(ctx, newsletter.Brand{ShopID: 1}) },
		} {
			if err := act(); !errors.As(err, new(*staff.DeniedError)) {
				t.Errorf("%s by %s: got %v, want a DeniedError", name, role, err)
			}
		}
	}
}

func TestAScheduledNewsletterGoesOutAtItsTime(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(1)
	b.exec(`INSERT INTO crm_segments (id, name, tree, created_at, updated_at) VALUES (7, 'Everybody', '{"all":[]}', NOW(6), NOW(6))`)
	n := b.create(func(n *newsletter.Newsletter) { n.Audience, n.SegmentID = nil, 7 })
	if _, err := b.desk.Schedule(b.ctx, n.ID, b.clock().Add(-time.Second)); !errors.As(err, new(*newsletter.InvalidError)) {
		t.Errorf("scheduled in the past: %v", err)
	}
	n, err := b.desk.Schedule(b.ctx, n.ID, b.clock().Add(time.Hour))
	if err != nil || n.State != newsletter.Scheduled {
		t.Fatalf("%+v, %v", n, err)
	}
	if _, err := b.desk.Update(b.ctx, n); !errors.Is(err, newsletter.ErrState) {
		t.Errorf("a scheduled newsletter was changed: %v", err)
	}
	uses := func(want ...int64) {
		t.Helper()
		if ids, err := b.desk.UsedSegments(b.ctx); err != nil || !slices.Equal(ids, want) {
			t.Errorf("uses segments %v, want %v, %v", ids, want, err)
		}
	}
	uses(7)
	state := func() newsletter.State {
		if err := b.desk.DueTick(b.ctx); err != nil {
			t.Fatal(err)
		}
		now, err := b.desk.Get(b.ctx, n.ID)
		if err != nil {
			t.Fatal(err)
		}
		return now.State
	}
	if got := state(); got != newsletter.Scheduled {
		t.Errorf("before its time it is %s", got)
	}
	b.pass(2 * time.Hour)
	if got := state(); got != newsletter.Sending {
		t.Errorf("after its time it is %s", got)
	}
	uses() // its audience is frozen
	if r := b.deliver(n.ID); r.Gone() != 1 {
		t.Errorf("sent %d", r.Gone())
	}
}

func TestAScheduledNewsletterThatCannotGoOutBecomesADraftAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(1)
	n := b.create(nil)
	if _, err := b.desk.Schedule(b.ctx, n.ID, b.clock().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	b.exec("UPDATE crm_brands SET postal_address = ''")
	b.pass(2 * time.Hour)
	if err := b.desk.DueTick(b.ctx); err != nil {
		t.Fatal(err)
	}
	now, err := b.desk.Get(b.ctx, n.ID)
	if err != nil || now.State != newsletter.Draft {
		t.Errorf("%+v, %v", now, err)
	}
	var held int
	if err := b.db.NewRaw("SELECT COUNT(*) FROM crm_audit WHERE action = 'newsletter.held'").Scan(b.ctx, &held); err != nil || held != 1 {
		t.Errorf("%d records why, %v", held, err)
	}
}

func TestWhatWasFrozenBeforeACrashStillGoesOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(1)
	n := b.create(nil)
	n, err := b.desk.Send(b.ctx, n.ID)
	if err != nil {
		t.Fatal(err)
	}
	b.exec("UPDATE crm_mailings SET state = 'frozen', started_at = NULL") // as after a crash between the two steps
	b.pass(2 * time.Minute)
	if err := b.desk.DueTick(b.ctx); err != nil {
		t.Fatal(err)
	}
	if r := b.deliver(n.ID); r.Gone() != 1 {
		t.Errorf("sent %d", r.Gone())
	}
}

func TestPauseResumeAndCancelSteerTheMailing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(2)
	n := b.create(nil)
	if err := b.desk.Pause(b.ctx, n.ID); !errors.Is(err, newsletter.ErrState) {
		t.Errorf("a draft was paused: %v", err)
	}
	if _, err := b.desk.Send(b.ctx, n.ID); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		act  func(context.Context, int64) error
		want newsletter.State
	}{{b.desk.Pause, newsletter.Paused}, {b.desk.Resume, newsletter.Sending}, {b.desk.Pause, newsletter.Paused}, {b.desk.Cancel, newsletter.Cancelled}} {
		if err := step.act(b.ctx, n.ID); err != nil {
			t.Fatal(err)
		}
		if now, err := b.desk.Get(b.ctx, n.ID); err != nil || now.State != step.want {
			t.Fatalf("it is %s, want %s (%v)", now.State, step.want, err)
		}
	}
	if err := b.desk.Resume(b.ctx, n.ID); !errors.Is(err, newsletter.ErrState) {
		t.Errorf("a cancelled one was resumed: %v", err)
	}
	page, _, err := b.desk.List(b.ctx, newsletter.ListFilter{State: newsletter.Cancelled})
	if err != nil || len(page) != 1 {
		t.Errorf("the list of cancelled ones: %v, %v", page, err)
	}
	if err := b.desk.Delete(b.ctx, n.ID); !errors.Is(err, newsletter.ErrState) {
		t.Errorf("a cancelled one was deleted: %v", err)
	}
}

func TestATestMailCountsNothingAndCanUnsubscribeNobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(1)
	n := b.create(nil)
	if err := b.desk.SendTest(b.ctx, n.ID, contact.Email("nina@skodelica.example"), 1); err != nil {
		t.Fatal(err)
	}
	mails := b.catcher.Messages("nina@skodelica.example")
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	m, err := b.catcher.Message(mails[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if m.Subject != "Test: Ana1, your box" || m.Header("List-Unsubscribe") != "" || strings.Contains(m.HTML, "/s/o/") {
		t.Errorf("subject %q, List-Unsubscribe %q", m.Subject, m.Header("List-Unsubscribe"))
	}
	signer, err := token.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, link := range m.Links {
		u, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(u.Path, "/s/c/") {
			t.Errorf("%s is counted", link)
		}
		for purpose, path := range map[string]string{newsletter.PurposeUnsubscribe: "/s/unsubscribe/", newsletter.PurposePreferences: "/s/preferences/"} {
			if text, ok := strings.CutPrefix(u.Path, path); ok {
				found++
				if values, err := signer.Verify(purpose, text, b.clock()); err != nil || values[0] != 0 || values[1] != 0 {
					t.Errorf("%s names somebody: %v, %v", link, values, err)
				}
			}
		}
		if text, ok := strings.CutPrefix(u.Path, "/s/m/"); ok {
			values, err := signer.Verify(newsletter.PurposeBrowser, text, b.clock())
			if err != nil {
				t.Fatal(err)
			}
			found++
			if view, err := b.desk.View(t.Context(), values[0], values[1]); err != nil || view.Subject != "Ana1, your box" {
				t.Errorf("in the browser: %q, %v", view.Subject, err)
			}
		}
	}
	if found != 3 {
		t.Errorf("%d own links, want 3", found)
	}
	var touched int
	if err := b.db.NewRaw("SELECT COUNT(*) FROM crm_links").Scan(b.ctx, &touched); err != nil || touched != 0 {
		t.Errorf("%d links were numbered, %v", touched, err)
	}
}

func TestABatchTakesAConstantNumberOfQueries(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(60)
	n := b.create(nil)
	n, err := b.desk.Send(b.ctx, n.ID)
	if err != nil {
		t.Fatal(err)
	}
	m, err := b.post.Mailing(b.ctx, n.MailingID)
	if err != nil {
		t.Fatal(err)
	}
	render := func(from, to int) int {
		var batch []delivery.Recipient
		for id := from; id <= to; id++ {
			batch = append(batch, delivery.Recipient{ProfileID: int64(id), Email: contact.Email(address(id))})
		}
		b.queries.take()
		out, err := b.desk.Render(b.ctx, m, batch)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range out {
			if r.Err != nil || r.Message.HTML == "" {
				t.Fatalf("not rendered: %v", r.Err)
			}
		}
		return b.queries.take()
	}
	render(1, 1) // compiles
	few, many := render(2, 3), render(4, 60)
	if few != many || many > 8 {
		t.Errorf("2 people take %d queries, 57 take %d", few, many)
	}
	out, err := b.desk.Render(b.ctx, m, []delivery.Recipient{{ProfileID: 4711}})
	if err != nil || !errors.As(out[0].Err, new(*delivery.SkipError)) {
		t.Errorf("somebody who is gone: %+v, %v", out, err)
	}
}

func TestASoldOutProductIsLeftOutOfWhatIsStillToGo(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(1)
	n, err := b.desk.Send(b.ctx, b.create(nil).ID)
	if err != nil {
		t.Fatal(err)
	}
	m, err := b.post.Mailing(b.ctx, n.MailingID)
	if err != nil {
		t.Fatal(err)
	}
	shows := func() bool {
		out, err := b.desk.Render(b.ctx, m, []delivery.Recipient{{ProfileID: 1}})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(out[0].Message.HTML, "V60 dripper")
	}
	if !shows() {
		t.Fatal("the product is not shown while it is there")
	}
	b.exec("UPDATE crm_products SET stock = 'out' WHERE id = 1")
	b.pass(2 * time.Minute)
	if shows() {
		t.Error("the product is shown though it is sold out")
	}
}

func TestPreviewShowsWhatAPersonWouldGet(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(1)
	n := draft()
	for id, want := range map[int64]string{0: "friend, your box", 1: "Ana1, your box"} {
		got, err := b.desk.Preview(b.ctx, n, id)
		if err != nil || got.Subject != want || got.Preheader != "Three roasts" || got.Bytes == 0 {
			t.Errorf("as %d: %q, %v", id, got.Subject, err)
		}
		if strings.Contains(got.HTML, "/s/c/") {
			t.Error("a preview counts clicks")
		}
	}
}

func TestABrandIsCheckedAndUsed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for field, brand := range map[string]newsletter.Brand{
		"sender_email": {ShopID: 1, SenderEmail: "a@@b"}, "reply_to": {ShopID: 1, ReplyTo: "x"},
		"accent": {ShopID: 1, Accent: "brown"}, "logo_url": {ShopID: 1, LogoURL: "javascript:x"},
	} {
		var invalid *newsletter.InvalidError
		if err := b.desk.SaveBrand(b.ctx, brand); !errors.As(err, &invalid) || invalid.Field != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
	want := newsletter.Brand{ShopID: 1, SenderName: "Nina", SenderEmail: "nina@skodelica.example", PostalAddress: "Here 1\nThere", LogoURL: "https://skodelica.example/logo.png", Accent: "#006d5b"}
	if err := b.desk.SaveBrand(b.ctx, want); err != nil {
		t.Fatal(err)
	}
	if got, err := b.desk.Brand(b.ctx, 1); err != nil || got != want {
		t.Errorf("got %+v, %v", got, err)
	}
	mail, err := b.desk.Preview(b.ctx, draft(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"#006d5b", "https://skodelica.example/logo.png", "Here 1<br>There"} {
		if !strings.Contains(mail.HTML, part) {
			t.Errorf("the mail does not show %s", part)
		}
	}
}

func TestAFileBecomesANewsletter(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(2)
	raw, err := os.ReadFile("testdata/newsletter.json")
	if err != nil {
		t.Fatal(err)
	}
	f, err := newsletter.ParseFile(raw, segment.Standard())
	if err != nil {
		t.Fatal(err)
	}
	n, err := b.desk.Import(b.ctx, 1, f)
	if err != nil {
		t.Fatal(err)
	}
	problems, err := b.desk.Check(b.ctx, n)
	if err != nil || newsletter.Blocked(problems) {
		t.Errorf("%v, %v", problems, err)
	}
	f.Blocks[len(f.Blocks)-1].SKU = "NOPE"
	var invalid *newsletter.InvalidError
	for i := range f.Blocks {
		if f.Blocks[i].Kind == newsletter.KindProduct {
			f.Blocks[i].SKU = "NOPE"
		}
	}
	if _, err := b.desk.Import(b.ctx, 1, f); !errors.As(err, &invalid) || !strings.Contains(err.Error(), "NOPE") {
		t.Errorf("an unknown SKU: %v", err)
	}
}

func TestACopyIsADraftOfItsOwn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(1)
	n := b.create(nil)
	if _, err := b.desk.Send(b.ctx, n.ID); err != nil {
		t.Fatal(err)
	}
	twin, err := b.desk.Copy(b.ctx, n.ID, "Advent again")
	if err != nil || twin.State != newsletter.Draft || twin.MailingID != 0 || twin.Name != "Advent again" || len(twin.Blocks) != len(n.Blocks) {
		t.Errorf("%+v, %v", twin, err)
	}
	if err := b.desk.Delete(b.ctx, twin.ID); err != nil {
		t.Error(err)
	}
	if _, err := b.desk.Get(b.ctx, twin.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("still there: %v", err)
	}
}

func BenchmarkRenderABatch(b *testing.B) {
	s := setup(b)
	s.people(50)
	n, err := s.desk.Send(s.ctx, s.create(nil).ID)
	if err != nil {
		b.Fatal(err)
	}
	m, err := s.post.Mailing(s.ctx, n.MailingID)
	if err != nil {
		b.Fatal(err)
	}
	var batch []delivery.Recipient
	for id := 1; id <= 50; id++ {
		batch = append(batch, delivery.Recipient{ProfileID: int64(id), Email: contact.Email(address(id))})
	}
	for b.Loop() {
		if _, err := s.desk.Render(s.ctx, m, batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*50/b.Elapsed().Seconds(), "mails/s")
}
