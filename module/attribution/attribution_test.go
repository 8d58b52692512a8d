package attribution_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/attribution"
	"github.com/kupec/kupec/module/store"
	"github.com/kupec/kupec/module/store/storetest"
	"github.com/kupec/kupec/module/token"
)

const browser = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

var noon = time.Date(2026, 11, 10, 12, 0, 0, 0, time.UTC)

type bundle struct {
	t       *testing.T
	ctx     context.Context
	db      *bun.DB
	tracker *attribution.Tracker

	mu  sync.Mutex
	now time.Time
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{t: t, ctx: t.Context(), db: storetest.DB(t), now: noon}
	b.tracker = b.another([]byte(strings.Repeat("s", token.MinSecret)))
	return b
}

func (b *bundle) another(secret []byte) *attribution.Tracker {
	b.t.Helper()
	tr, err := attribution.New(b.db, attribution.Config{Secret: secret, BaseURL: "https://crm.example/kupec/", Clock: func() time.Time {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.now
	}})
	if err != nil {
		b.t.Fatal(err)
	}
	return tr
}

func (b *bundle) at(t time.Time) {
	b.mu.Lock()
	b.now = t
	b.mu.Unlock()
}

func (b *bundle) exec(query string, args ...any) {
	b.t.Helper()
	if _, err := b.db.NewRaw(query, args...).Exec(b.ctx); err != nil {
		b.t.Fatalf("%s: %v", query, err)
	}
}

func (b *bundle) profile(ids ...int64) {
	b.t.Helper()
	for _, id := range ids {
		b.exec("INSERT INTO crm_profiles (id, shop_id, created_at, updated_at) VALUES (?, 1, NOW(6), NOW(6))", id)
	}
}

func (b *bundle) order(id, profileID int64, status, total string, placed time.Time) {
	b.t.Helper()
	b.exec(`INSERT INTO crm_orders (id, shop_id, shop_key, number, identity_id, profile_id, status, currency, total, tax, shipping, discount, refunded, placed_at, fingerprint)
		VALUES (?, 1, ?, ?, 1, ?, ?, 'EUR', ?, 0, 0, 0, 0, ?, 0)`, id, id, id, profileID, status, total, placed)
}

func (b *bundle) click(mailingID, profileID int64, at time.Time, url string) {
	b.t.Helper()
	b.at(at)
	ids, err := b.tracker.LinkIDs(b.ctx, mailingID, []string{url})
	if err != nil {
		b.t.Fatal(err)
	}
	c := attribution.Click{MailingID: mailingID, ProfileID: profileID, LinkID: ids[url], URL: url}
	if err := b.tracker.RecordClick(b.ctx, c, attribution.Visit{IP: "192.0.2.7", UserAgent: browser, Method: http.MethodGet}); err != nil {
		b.t.Fatal(err)
	}
}

// refresh brings credits up to date as of a time and gives them, mailings by order.
func (b *bundle) refresh(at time.Time) map[int64]int64 {
	b.t.Helper()
	b.at(at)
	if _, err := b.tracker.Refresh(b.ctx); err != nil {
		b.t.Fatal(err)
	}
	if n, err := b.tracker.Refresh(b.ctx); err != nil || n != 0 {
		b.t.Errorf("a second time changed %d (%v)", n, err)
	}
	return b.credits()
}

func (b *bundle) credits() map[int64]int64 {
	b.t.Helper()
	var rows []struct{ OrderID, MailingID int64 }
	if err := b.db.NewRaw("SELECT order_id, mailing_id FROM crm_credits").Scan(b.ctx, &rows); err != nil {
		b.t.Fatal(err)
	}
	got := map[int64]int64{}
	for _, r := range rows {
		got[r.OrderID] = r.MailingID
	}
	return got
}

func TestAnOrderIsCreditedToTheLatestHumanClickWithinFiveDays(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	type click struct {
		mailing int64
		at      time.Duration // from noon
		machine bool
	}
	type order struct {
		at     time.Duration
		status string
		gone   bool
	}
	for _, tt := range []struct {
		name   string
		clicks []click
		order  order
		want   int64 // mailing; 0: none
	}{
		{"the day after", []click{{1, 0, false}}, order{day, "paid", false}, 1},
		{"at the same moment", []click{{1, 0, false}}, order{0, "paid", false}, 1},
		{"five days after, to the second", []click{{1, 0, false}}, order{5 * day, "completed", false}, 1},
		{"a second more", []click{{1, 0, false}}, order{5*day + time.Second, "completed", false}, 0},
		{"before the click", []click{{1, 0, false}}, order{-time.Second, "paid", false}, 0},
		{"the later of two mailings", []click{{1, 0, false}, {2, day, false}}, order{2 * day, "paid", false}, 2},
		{"a click on the other after the order", []click{{1, 0, false}, {2, 3 * day, false}}, order{2 * day, "paid", false}, 1},
		{"an old click and a new one on the same", []click{{1, -5 * day, false}, {1, 0, false}}, order{day, "paid", false}, 1},
		{"a machine's click", []click{{1, 0, true}}, order{day, "paid", false}, 0},
		{"a machine after a person", []click{{1, 0, false}, {2, day, true}}, order{2 * day, "paid", false}, 1},
		{"refunded", []click{{1, 0, false}}, order{day, "refunded", false}, 1},
		{"not paid", []click{{1, 0, false}}, order{day, "pending", false}, 0},
		{"cancelled", []click{{1, 0, false}}, order{day, "cancelled", false}, 0},
		{"deleted", []click{{1, 0, false}}, order{day, "paid", true}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.profile(1, 2)
			for _, c := range tt.clicks {
				b.click(c.mailing, 1, noon.Add(c.at), "https://shop.example/a")
				if c.machine {
					b.exec("UPDATE crm_touches SET verdict = 'machine' ORDER BY id DESC LIMIT 1")
				}
			}
			b.order(10, 1, tt.order.status, "20", noon.Add(tt.order.at))
			b.order(11, 2, "paid", "20", noon.Add(tt.order.at)) // somebody else's
			if tt.order.gone {
				b.exec("UPDATE crm_orders SET deleted_at = NOW(6)")
			}
			want := map[int64]int64{}
			if tt.want != 0 {
				want[10] = tt.want
			}
			if diff := cmp.Diff(want, b.refresh(noon.Add(6*day))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			b.exec("DELETE FROM crm_credits")
			if _, err := b.tracker.RefreshAll(b.ctx); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, b.credits()); diff != "" {
				t.Errorf("all over again (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCreditsFollowWhatBecomesOfOrdersAndProfiles(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.profile(1, 2, 3)
	b.click(5, 1, noon, "https://shop.example/a")
	later := noon.Add(time.Hour)
	b.order(10, 2, "paid", "20", later)
	if got := b.refresh(later); len(got) != 0 {
		t.Errorf("a stranger's order: %v", got)
	}
	b.exec("UPDATE crm_profiles SET merged_into = 2 WHERE id = 1")
	if diff := cmp.Diff(map[int64]int64{10: 5}, b.refresh(later)); diff != "" {
		t.Errorf("after the merge (-want +got):\n%s", diff)
	}
	b.click(6, 2, noon.Add(30*time.Minute), "https://shop.example/b")
	if diff := cmp.Diff(map[int64]int64{10: 6}, b.refresh(later)); diff != "" {
		t.Errorf("a later click, recorded late (-want +got):\n%s", diff)
	}
	b.exec("UPDATE crm_orders SET profile_id = 3") // the link was undone
	if got := b.refresh(later); len(got) != 0 {
		t.Errorf("after the order went to somebody else: %v", got)
	}
	b.exec("UPDATE crm_orders SET profile_id = 2")
	b.refresh(later)
	b.exec("UPDATE crm_orders SET status = 'cancelled'")
	if got := b.refresh(later); len(got) != 0 {
		t.Errorf("after cancelling: %v", got)
	}
}

func TestResultsAreNetOfRefundsAlsoLaterOnes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.profile(1, 2, 3)
	b.click(5, 1, noon, "https://shop.example/a")
	b.click(5, 1, noon.Add(time.Minute), "https://shop.example/a")
	b.click(5, 2, noon, "https://shop.example/b")
	if _, err := b.tracker.LinkIDs(b.ctx, 5, []string{"https://shop.example/never"}); err != nil {
		t.Fatal(err)
	}
	if err := b.tracker.RecordOpen(b.ctx, attribution.Opening{MailingID: 5, ProfileID: 3}, attribution.Visit{}); err != nil {
		t.Fatal(err)
	}
	b.order(10, 1, "paid", "20.50", noon.Add(time.Hour))
	b.order(11, 1, "completed", "10", noon.Add(2*time.Hour))
	b.order(12, 2, "paid", "7", noon.Add(time.Hour))
	b.exec("UPDATE crm_orders SET currency = 'CHF' WHERE id = 12")
	b.refresh(noon.Add(3 * time.Hour))

	text := func() (revenue []string, links []string, r attribution.Results) {
		t.Helper()
		r, err := b.tracker.Results(b.ctx, 5)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range r.Revenue {
			revenue = append(revenue, x.Net.String()+" "+x.Currency)
		}
		for _, l := range r.Links {
			links = append(links, l.URL)
		}
		return revenue, links, r
	}
	revenue, links, r := text()
	if diff := cmp.Diff([]string{"30.5 EUR", "7 CHF"}, revenue); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"https://shop.example/a", "https://shop.example/b", "https://shop.example/never"}, links); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if r.Clicks != 3 || r.Clickers != 2 || r.Openers != 1 || r.Orders != 3 || r.MachineClicks != 0 || r.Links[0].Clicks != 2 || r.Links[0].Clickers != 1 {
		t.Errorf("got %+v", r)
	}
	b.exec("UPDATE crm_orders SET refunded = 20.50, status = 'refunded' WHERE id = 10")
	if revenue, _, r := text(); revenue[0] != "10 EUR" || r.Orders != 3 {
		t.Errorf("after a refund: %v, %d orders", revenue, r.Orders)
	}
	b.exec("UPDATE crm_orders SET deleted_at = NOW(6) WHERE id = 11")
	if revenue, _, r := text(); r.Orders != 2 || len(revenue) != 2 {
		t.Errorf("after a deletion, before the next refresh: %v, %d orders", revenue, r.Orders)
	}

	var numbers []string
	for after := ""; ; {
		page, next, err := b.tracker.OrdersOf(b.ctx, 5, after, 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range page {
			numbers = append(numbers, o.Number+" "+o.Net.String()+" "+o.URL)
		}
		if after = next; next == "" {
			break
		}
	}
	if diff := cmp.Diff([]string{"12 7.00 CHF https://shop.example/b", "10 0.00 EUR https://shop.example/a"}, numbers); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	net, n, err := b.tracker.Influenced(b.ctx, 1, "CHF", noon, noon.Add(24*time.Hour))
	if err != nil || n != 1 || net.String() != "7.00 CHF" {
		t.Errorf("influenced %s by %d (%v)", net, n, err)
	}
	if _, n, err := b.tracker.Influenced(b.ctx, 2, "CHF", noon, noon.Add(24*time.Hour)); err != nil || n != 0 {
		t.Errorf("another shop: %d (%v)", n, err)
	}
	moments, err := b.tracker.Timeline(b.ctx, 1, time.Time{}, 10)
	if err != nil || len(moments) != 2 || moments[0].Args["url"] != "https://shop.example/a" || !moments[0].At.After(moments[1].At) {
		t.Errorf("timeline %v (%v)", moments, err)
	}
}

func TestClicksOfMachinesAreToldApart(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.exec(`INSERT INTO crm_deliveries (mailing_id, profile_id, email, state, settled_at) VALUES (1, 1, 'a@example.com', 'sent', ?), (1, 2, 'b@example.com', 'sending', NULL)`, noon)
	type press struct {
		profile, link int64
		after         time.Duration
		method, agent string
	}
	for _, tt := range []struct {
		name    string
		presses []press
		want    []string // verdict and rule of what was kept
	}{
		{"a person", []press{{1, 1, time.Minute, "GET", browser}}, []string{"human "}},
		{"HEAD", []press{{1, 1, time.Minute, "HEAD", browser}}, nil},
		{"a scanner", []press{{1, 1, time.Minute, "GET", "Barracuda Sentinel (EE)"}}, []string{"machine agent"}},
		{"a bot", []press{{1, 1, time.Minute, "GET", "Mozilla/5.0 (compatible; bingbot/2.0)"}}, []string{"machine agent"}},
		{"a telephone called Cubot", []press{{1, 1, time.Minute, "GET", "Mozilla/5.0 (Linux; Android 14; CUBOT P80)"}}, []string{"human "}},
		{"no name", []press{{1, 1, time.Minute, "GET", " "}}, []string{"machine agent"}},
		{"4 s after sending", []press{{1, 1, 4 * time.Second, "GET", browser}}, []string{"machine early"}},
		{"6 s after sending", []press{{1, 1, 6 * time.Second, "GET", browser}}, []string{"human "}},
		{"while sending", []press{{2, 1, time.Minute, "GET", browser}}, []string{"machine early"}},
		{"never sent in a ledger", []press{{9, 1, 0, "GET", browser}}, []string{"human "}},
		{"three links in three seconds", []press{{1, 1, time.Minute, "GET", browser}, {1, 2, time.Minute + time.Second, "GET", browser}, {1, 3, time.Minute + 3*time.Second, "GET", browser}},
			[]string{"machine burst", "machine burst", "machine burst"}},
		{"three links in four seconds", []press{{1, 1, time.Minute, "GET", browser}, {1, 2, time.Minute + time.Second, "GET", browser}, {1, 3, time.Minute + 4*time.Second, "GET", browser}},
			[]string{"human ", "human ", "human "}},
		{"one link thrice", []press{{1, 1, time.Minute, "GET", browser}, {1, 1, time.Minute, "GET", browser}, {1, 1, time.Minute, "GET", browser}}, []string{"human ", "human ", "human "}},
		{"three people at once", []press{{1, 1, time.Minute, "GET", browser}, {3, 2, time.Minute, "GET", browser}, {4, 3, time.Minute, "GET", browser}}, []string{"human ", "human ", "human "}},
	} {
		t.Run(tt.name, func(t *testing.T) { // one after another: they share the mailing
			b.exec("DELETE FROM crm_touches")
			for _, p := range tt.presses {
				b.at(noon.Add(p.after))
				c := attribution.Click{MailingID: 1, ProfileID: p.profile, LinkID: p.link}
				if err := b.tracker.RecordClick(b.ctx, c, attribution.Visit{IP: "192.0.2.1", UserAgent: p.agent, Method: p.method}); err != nil {
					t.Fatal(err)
				}
			}
			var got []string
			if err := b.db.NewRaw("SELECT CONCAT(verdict, ' ', rule) FROM crm_touches ORDER BY id").Scan(b.ctx, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestABurstIsFoundAlsoWhenItsClicksAreRecordedAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var all sync.WaitGroup
	for link := range int64(8) {
		all.Go(func() {
			c := attribution.Click{MailingID: 1, ProfileID: 1, LinkID: link + 1}
			if err := b.tracker.RecordClick(b.ctx, c, attribution.Visit{UserAgent: browser, Method: "GET"}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	var human int
	if err := b.db.NewRaw("SELECT COUNT(*) FROM crm_touches WHERE verdict = 'human'").Scan(b.ctx, &human); err != nil || human != 0 {
		t.Errorf("%d are still taken for a person's (%v)", human, err)
	}
}

func TestALinkLeadsOnlyWhereItsMessageSaid(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const target = "https://shop.example/kava?x=1&y=č"
	ids, err := b.tracker.LinkIDs(b.ctx, 1, []string{target, target, "http://shop.example/"})
	if err != nil || len(ids) != 2 || ids[target] == 0 {
		t.Fatal(ids, err)
	}
	fresh := b.another([]byte(strings.Repeat("s", token.MinSecret))) // another process, nothing remembered
	again, err := fresh.LinkIDs(b.ctx, 1, []string{target})
	if err != nil || again[target] != ids[target] {
		t.Errorf("another process made another link: %v (%v)", again, err)
	}
	address := b.tracker.ClickURL(1, 42, ids[target])
	text, ok := strings.CutPrefix(address, "https://crm.example/kupec/s/c/")
	if !ok || len(address) > 120 {
		t.Fatalf("the address is %s", address)
	}
	for _, tr := range []*attribution.Tracker{b.tracker, fresh} {
		got, err := tr.ResolveClick(b.ctx, text)
		want := attribution.Click{MailingID: 1, ProfileID: 42, LinkID: ids[target], URL: target}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	}
	open, _ := strings.CutPrefix(b.tracker.OpenURL(1, 42), "https://crm.example/kupec/s/o/")
	if got, err := b.tracker.ResolveOpen(strings.TrimSuffix(open, ".gif")); err != nil || got != (attribution.Opening{MailingID: 1, ProfileID: 42}) {
		t.Errorf("got %v (%v)", got, err)
	}
	stranger := b.another(bytes.Repeat([]byte("x"), 40))
	foreign, _ := strings.CutPrefix(stranger.ClickURL(1, 42, ids[target]), "https://crm.example/kupec/s/c/")
	mixed, _ := strings.CutPrefix(b.tracker.ClickURL(2, 42, ids[target]), "https://crm.example/kupec/s/c/")
	for name, bad := range map[string]string{"empty": "", "an address": "https://evil.example/", "changed": text[:len(text)-2] + "AA", "cut": text[:10],
		"an opening's": strings.TrimSuffix(open, ".gif"), "another secret's": foreign, "another mailing's link": mixed} {
		var wrong *attribution.TokenError
		if got, err := b.tracker.ResolveClick(b.ctx, bad); !errors.As(err, &wrong) || got.URL != "" {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	b.exec("DELETE FROM crm_links")
	gone := b.another([]byte(strings.Repeat("s", token.MinSecret)))
	if _, err := gone.ResolveClick(b.ctx, text); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a link that is gone: %v", err)
	}
}

func TestOnlyWebAddressesCanBeLinks(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for _, bad := range []string{"", "/relative", "javascript:alert(1)", "ftp://shop.example/", "https://", "data:text/html,x", "https://shop.example/" + strings.Repeat("x", 2100)} {
		var wrong *attribution.LinkError
		if _, err := b.tracker.LinkIDs(b.ctx, 1, []string{"https://shop.example/", bad}); !errors.As(err, &wrong) {
			t.Errorf("%.40q: %v", bad, err)
		}
	}
}

func TestNewNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	for want, cfg := range map[string]attribution.Config{
		"KUPEC_SECRET":   {BaseURL: "https://crm.example"},
		"KUPEC_BASE_URL": {Secret: make([]byte, 40), BaseURL: "crm.example"},
	} {
		if _, err := attribution.New(nil, cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s in it", err, want)
		}
	}
}
