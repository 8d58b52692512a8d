package storefront_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/gofiber/fiber/v2"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/attribution"
	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/delivery"
	"github.com/kupec/kupec/module/intake"
	"github.com/kupec/kupec/module/job"
	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/newsletter"
	"github.com/kupec/kupec/module/purchase"
	"github.com/kupec/kupec/module/recommend"
	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/store/storetest"
	"github.com/kupec/kupec/module/token"
	"github.com/kupec/kupec/storefront"
)

const (
	base  = "https://crm.example/kupec"
	human = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
)

var secret = []byte(strings.Repeat("a secret for tests, long enough.", 2))

// bundle is a storefront over real rooms, a real database and a real mail server.
type bundle struct {
	t        testing.TB
	ctx      context.Context
	db       *bun.DB
	app      *fiber.App
	front    *storefront.Storefront
	people   *customer.Registry
	consents *consent.Ledger
	clicks   *attribution.Tracker
	desk     *newsletter.Desk
	signer   *token.Signer
	mails    *mailbox
	log      *bytes.Buffer

	mu  sync.Mutex
	now time.Time
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
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	b := &bundle{t: t, ctx: t.Context(), db: storetest.DB(t), now: time.Now().UTC(), log: &bytes.Buffer{}}
	var err error
	b.signer, err = token.NewSigner(secret)
	must(err)
	b.consents = consent.New(b.db, consent.Config{Clock: b.clock})
	orders, products := purchase.New(b.db, purchase.Config{}), catalog.New(b.db, catalog.Config{})
	b.people = customer.New(b.db, orders, b.consents, customer.Config{Clock: b.clock})
	b.clicks, err = attribution.New(b.db, attribution.Config{Secret: secret, BaseURL: base, Clock: b.clock})
	must(err)
	b.mails = newMailbox(t)
	transport, err := delivery.ParseTransport("smtp://" + b.mails.address)
	must(err)
	post, err := delivery.New(b.db, b.consents, transport, delivery.Config{})
	must(err)
	segments, err := segment.New(b.db, segment.Config{})
	must(err)
	words, err := locale.Load(newsletter.Locales)
	must(err)
	b.desk, err = newsletter.New(b.db, newsletter.Rooms{Catalog: products, Recommend: recommend.New(b.db, products, recommend.Config{}), Segments: segments, Post: post, Links: b.clicks},
		newsletter.Config{BaseURL: base, Secret: secret, Catalogue: words, DefaultFrom: delivery.Mailbox{Name: "Skodelica", Email: "novice@skodelica.example"}})
	must(err)
	b.exec("INSERT INTO crm_shops (id, name, title, platform, url, currency, zone, locale, created_at) VALUES (1, 'main', 'Skodelica', 'woocommerce', 'https://skodelica.example', 'EUR', 'Europe/Ljubljana', 'en-GB', NOW(6))")
	shops, err := intake.New(b.db, intake.Rooms{Catalog: products, Orders: orders, People: b.people, Consents: b.consents}, nil, intake.Config{})
	must(err)
	queue := job.New(b.db, job.Config{Poll: 20 * time.Millisecond})
	b.front, err = storefront.New(storefront.Rooms{DB: b.db, People: b.people, Consents: b.consents, Jobs: queue, Clicks: b.clicks, Letters: b.desk, Mailer: post, Shops: shops},
		storefront.Config{BaseURL: base, Secret: secret, Clock: b.clock, PerHour: 1000, Logger: slog.New(slog.NewTextHandler(b.log, nil))})
	must(err)
	must(queue.Start(b.ctx))
	t.Cleanup(func() { _ = queue.Stop(context.Background()) })

	b.app = fiber.New(fiber.Config{ProxyHeader: fiber.HeaderXForwardedFor, DisableStartupMessage: true})
	b.front.Mount(b.app.Group("/kupec/s"))
	return b
}

func (b *bundle) exec(query string, args ...any) {
	b.t.Helper()
	if _, err := b.db.NewRaw(query, args...).Exec(b.ctx); err != nil {
		b.t.Fatalf("%s: %v", query, err)
	}
}

func (b *bundle) count(query string, args ...any) (n int) {
	b.t.Helper()
	if err := b.db.NewRaw(query, args...).Scan(b.ctx, &n); err != nil {
		b.t.Fatalf("%s: %v", query, err)
	}
	return n
}

// reply is what came back.
type reply struct {
	*http.Response
	body string
}

func (b *bundle) do(method, path string, form url.Values, header ...string) reply {
	b.t.Helper()
	return b.ask(b.t, method, path, form, header...)
}

func (b *bundle) ask(t testing.TB, method, path string, form url.Values, header ...string) reply {
	t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	req := httptest.NewRequest(method, "https://crm.example/kupec/s"+path, body)
	req.Header.Set("User-Agent", human)
	req.Header.Set("X-Forwarded-For", "203.0.113.7")
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := b.app.Test(req, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{res, string(raw)}
}

// subscriber makes a person with an address and a consent to the newsletter, and a mailing that they got.
func (b *bundle) subscriber(email contact.Email) (profileID, mailingID int64) {
	b.t.Helper()
	p, err := b.people.Subscribe(b.ctx, consent.OptIn{ShopID: 1, Email: email, Topics: []string{consent.DefaultTopic}, Language: "en", Wording: "Yes"})
	if err != nil {
		b.t.Fatal(err)
	}
	res, err := b.db.NewRaw("INSERT INTO crm_mailings (kind, ref_id, shop_id, topic, state, content, created_at) VALUES ('newsletter', 1, 1, 'newsletter', 'done', '{}', NOW(6))").Exec(b.ctx)
	if err != nil {
		b.t.Fatal(err)
	}
	if mailingID, err = res.LastInsertId(); err != nil {
		b.t.Fatal(err)
	}
	return p.ID, mailingID
}

func (b *bundle) state(profileID int64) consent.State {
	b.t.Helper()
	states, err := b.consents.States(b.ctx, profileID)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, s := range states {
		if s.Topic == consent.DefaultTopic && s.ShopID == 1 {
			return s.State
		}
	}
	return ""
}

// mailbox is a mail server that keeps what it gets.
type mailbox struct {
	address string
	got     chan letter
}

type letter struct{ to, content string }

func newMailbox(t testing.TB) *mailbox {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := &mailbox{address: ln.Addr().String(), got: make(chan letter, 100)}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &mailSession{box: m}, nil }))
	server.Domain = "sink.example"
	go func() { _ = server.Serve(ln) }()
	t.Cleanup(func() { _ = server.Close() })
	return m
}

// next waits for a mail.
func (m *mailbox) next(t testing.TB) letter {
	t.Helper()
	select {
	case got := <-m.got:
		return got
	case <-time.After(10 * time.Second):
		t.Fatal("no mail came")
		return letter{}
	}
}

type mailSession struct {
	box *mailbox
	to  string
}

func (s *mailSession) Mail(string, *smtp.MailOptions) error { return nil }
func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return nil
}
func (s *mailSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	s.box.got <- letter{s.to, string(raw)}
	return err
}
func (s *mailSession) Reset()        {}
func (s *mailSession) Logout() error { return nil }
