package intake_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/intake"
)

// stocked is a site that also shows carts and subscribers.
type stocked struct {
	*site
	carts []adapters.Cart
	subs  []adapters.Subscriber
}

var (
	_ adapters.CartReader       = (*stocked)(nil)
	_ adapters.SubscriberReader = (*stocked)(nil)
)

func (s *stocked) Carts(_ context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Cart], error) {
	return listed(s.carts, after, limit), nil
}

func (s *stocked) Subscribers(_ context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Subscriber], error) {
	if after != "" && after == adapters.Cursor(strconv.Itoa(len(s.subs))) {
		after = "" // few of them: all of them again is this shop's overlap
	}
	return listed(s.subs, after, limit), nil
}

func listed[T any](all []T, after adapters.Cursor, limit int) adapters.Page[T] {
	from, _ := strconv.Atoi(string(after))
	from = min(from, len(all))
	to := min(len(all), from+limit)
	return adapters.Page[T]{Rows: all[from:to], Next: adapters.Cursor(strconv.Itoa(to)), More: to < len(all)}
}

func TestOpenCartsAreMirroredAndThoseThatAreGoneAreForgotten(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := &stocked{site: newSite(50)}
	account := s.customers[0]
	line := []adapters.CartLine{{ProductKey: "3", Quantity: "2", Total: "11.80"}, {ProductKey: "4", Quantity: "1"}}
	s.carts = []adapters.Cart{
		{Key: "1", CustomerKey: account.Key, Currency: "EUR", ChangedAt: start, Lines: line},
		{Key: "2", Email: strings.ToUpper(account.Email), Currency: "EUR", ChangedAt: start.Add(time.Hour), Lines: line[:1]},
		{Key: "3", Email: "nobody@example.com", Currency: "EUR", Lines: line[1:]},
		{Key: "4", Currency: "euro", Lines: line},
	}
	b := setup(t, s.site, intake.Config{})
	var ahead atomic.Int64
	in := b.attached(t, s, intake.Config{Clock: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
	once := func() {
		t.Helper()
		if err := in.Once(ctx, nil); err != nil {
			t.Fatal(err)
		}
	}
	once()
	var owner int64
	if err := b.db.NewRaw("SELECT profile_id FROM crm_identities WHERE kind = 'account' AND value = ?", account.Key).Scan(ctx, &owner); err != nil {
		t.Fatal(err)
	}
	short := func() (lines []string) {
		t.Helper()
		carts, err := b.rooms.Orders.CartsOf(ctx, owner)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range carts {
			text := c.Key
			for _, l := range c.Lines {
				text += fmt.Sprintf(" %s×%s=%s", l.Quantity, l.ProductKey, map[bool]string{true: l.Total.Decimal.String(), false: "?"}[l.Total.Valid])
			}
			lines = append(lines, text)
		}
		return lines
	}
	if diff := cmp.Diff([]string{"2 2×3=11.8", "1 2×3=11.8 1×4=?"}, short()); diff != "" {
		t.Errorf("the account's carts (-want +got):\n%s", diff)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM crm_carts"); n != 3 {
		t.Errorf("%d carts", n)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM crm_quarantine WHERE stream = 'carts' AND shop_key = '4'"); n != 1 {
		t.Error("a cart without a currency was not set aside")
	}
	s.carts = []adapters.Cart{{Key: "2", Email: account.Email, Currency: "EUR", ChangedAt: start.Add(2 * time.Hour), Lines: line[1:]}}
	ahead.Store(int64(11 * time.Minute))
	once()
	if diff := cmp.Diff([]string{"2 1×4=?"}, short()); diff != "" {
		t.Errorf("after one was ordered and the other changed (-want +got):\n%s", diff)
	}
	if carts, lines := b.count(t, "SELECT COUNT(*) FROM crm_carts"), b.count(t, "SELECT COUNT(*) FROM crm_cart_lines"); carts != 1 || lines != 1 {
		t.Errorf("%d carts with %d lines are left", carts, lines)
	}
}

func TestAShopsNewAnswersBecomeConsentsAndOldOnesDoNot(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s := &stocked{site: newSite(10)}
	at := start.Add(240 * time.Hour)
	sub := func(key, email string, c adapters.Consent, at time.Time) adapters.Subscriber {
		return adapters.Subscriber{Key: key, Email: email, Consent: c, At: at, Source: "newsletter"}
	}
	s.subs = []adapters.Subscriber{
		sub("1", "Yes@Example.com", adapters.Subscribed, at),
		sub("2", "left@example.com", adapters.Unsubscribed, at),
		sub("3", "waits@example.com", adapters.Unconfirmed, at),
		sub("4", "flag@example.com", adapters.NotSubscribed, time.Time{}),
		sub("5", "stopped@example.com", adapters.Subscribed, at),
		sub("6", "two@example.com", adapters.Subscribed, at),
		sub("7", "two@example.com", adapters.Unsubscribed, at),
		sub("8", "no address", adapters.Subscribed, at),
	}
	b := setup(t, s.site, intake.Config{})
	if err := b.rooms.Consents.Suppress(ctx, b.db, "stopped@example.com", consent.SuppressBounce, ""); err != nil {
		t.Fatal(err)
	}
	in := b.attached(t, s, intake.Config{})
	ledger := func() (lines []string) {
		t.Helper()
		if err := in.Once(ctx, nil); err != nil {
			t.Fatal(err)
		}
		err := b.db.NewRaw(`SELECT CONCAT_WS(' ', i.value, c.state, c.source, DATE(c.at)) FROM crm_consents c JOIN crm_identities i ON i.id = c.identity_id
			WHERE c.topic = 'newsletter' ORDER BY i.value, c.id`).Scan(ctx, &lines)
		if err != nil {
			t.Fatal(err)
		}
		return lines
	}
	want := []string{"left@example.com withdrawn shop 2024-01-11", "two@example.com granted shop 2024-01-11", "yes@example.com granted shop 2024-01-11"}
	if diff := cmp.Diff(want, ledger()); diff != "" {
		t.Errorf("at first (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, ledger()); diff != "" {
		t.Errorf("told again (-want +got):\n%s", diff)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM crm_quarantine WHERE stream = 'subscribers'"); n != 1 {
		t.Errorf("%d subscribers were set aside", n)
	}

	// They leave by our own link; what the shop said before that does not bring them back, what it says later does.
	who, err := b.rooms.People.ByEmail(ctx, contact.Email("yes@example.com"))
	if err != nil {
		t.Fatal(err)
	}
	left := consent.Entry{ShopID: b.shopID(t), Topic: "newsletter", State: consent.Withdrawn, Source: consent.SourceUnsubscribe, At: at.Add(48 * time.Hour)}
	if err := b.rooms.People.Choose(ctx, who.ID, []consent.Entry{left}); err != nil {
		t.Fatal(err)
	}
	s.subs[0].At = at.Add(24 * time.Hour)
	s.subs[0].Consent = adapters.Unconfirmed
	ledger()
	s.subs[0].Consent = adapters.Subscribed
	s.subs[5].Consent = adapters.NotSubscribed // the last list that had them
	s.subs[6].Consent = adapters.NotSubscribed
	want = []string{want[0], want[1], "two@example.com withdrawn shop " + time.Now().UTC().Format(time.DateOnly), want[2], "yes@example.com withdrawn unsubscribe 2024-01-13"}
	s.subs[5].At, s.subs[6].At = time.Time{}, time.Time{}
	if diff := cmp.Diff(want, ledger()); diff != "" {
		t.Errorf("after they left (-want +got):\n%s", diff)
	}
	s.subs[0].Consent = adapters.Unconfirmed
	ledger()
	s.subs[0].Consent, s.subs[0].At = adapters.Subscribed, at.Add(72*time.Hour)
	if diff := cmp.Diff(append(want, "yes@example.com granted shop 2024-01-14"), ledger()); diff != "" {
		t.Errorf("after they came back (-want +got):\n%s", diff)
	}
	n, err := b.rooms.Consents.Subscribed(ctx, b.shopID(t))
	if err != nil || n != 1 {
		t.Errorf("%d subscribed, %v", n, err)
	}
}

func (b bundle) shopID(t *testing.T) (id int64) {
	t.Helper()
	if err := b.db.NewRaw("SELECT id FROM crm_shops").Scan(context.Background(), &id); err != nil {
		t.Fatal(err)
	}
	return id
}
