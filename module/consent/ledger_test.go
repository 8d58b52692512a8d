package consent_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
	"github.com/kupec/kupec/module/store/storetest"
)

const news = consent.DefaultTopic

type said struct {
	identity int64
	state    consent.State
}

func record(t *testing.T, l *consent.Ledger, db bun.IDB, profile int64, s said) {
	t.Helper()
	err := l.Record(context.Background(), db, consent.Entry{ProfileID: profile, IdentityID: s.identity, ShopID: 1, Topic: news, State: s.state, Source: consent.SourceForm})
	if err != nil {
		t.Fatal(err)
	}
}

func state(t *testing.T, l *consent.Ledger, profile int64) consent.State {
	t.Helper()
	states, err := l.States(context.Background(), profile)
	if err != nil {
		t.Fatal(err)
	}
	if len(states) == 0 {
		return ""
	}
	return states[0].State
}

func TestTheStrictestOfTheIdentitiesLastWordsCounts(t *testing.T) {
	t.Parallel()
	const yes, no = consent.Granted, consent.Withdrawn
	for _, tt := range []struct {
		rule    string
		said    []said
		want    consent.State
		entries int
	}{
		{"silence is no state", nil, "", 0},
		{"a grant", []said{{1, yes}}, yes, 1},
		{"a withdrawal", []said{{1, no}}, no, 1},
		{"the last word of one identity counts", []said{{1, yes}, {1, no}, {1, yes}}, yes, 3},
		{"one identity's withdrawal beats another's grant", []said{{1, no}, {2, yes}}, no, 2},
		{"also when the grant came first", []said{{1, yes}, {2, yes}, {2, no}}, no, 3},
		{"the one who withdrew may come back", []said{{1, yes}, {2, no}, {2, yes}}, yes, 3},
		{"a withdrawal in force is not written again", []said{{1, no}, {1, no}, {0, no}}, no, 1},
		{"a grant renews its evidence", []said{{1, yes}, {1, yes}}, yes, 2},
		{"the person speaks for all identities that withdrew", []said{{1, no}, {2, no}, {0, yes}}, yes, 4},
		{"the person's withdrawal is a withdrawal", []said{{1, yes}, {0, no}}, no, 2},
		{"and an identity's later grant answers it", []said{{1, yes}, {0, no}, {1, yes}}, yes, 4},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			db := storetest.DB(t)
			l := consent.New(db, consent.Config{})
			for _, s := range tt.said {
				record(t, l, db, 7, s)
			}
			if got := state(t, l, 7); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			history, err := l.History(context.Background(), 7)
			if err != nil || len(history) != tt.entries {
				t.Errorf("%d entries, %v; want %d", len(history), err, tt.entries)
			}
			if err := l.RefreshProfile(context.Background(), db, 7); err != nil {
				t.Fatal(err)
			}
			if got := state(t, l, 7); got != tt.want {
				t.Errorf("worked out anew: %q, want %q", got, tt.want)
			}
		})
	}
}

func TestEntriesFollowTheirIdentityToAnotherProfileAndBack(t *testing.T) {
	t.Parallel()
	db := storetest.DB(t)
	l := consent.New(db, consent.Config{})
	ctx := context.Background()
	record(t, l, db, 1, said{10, consent.Granted})
	record(t, l, db, 2, said{20, consent.Withdrawn})
	if err := l.Reassign(ctx, db, []int64{20}, 2, 1); err != nil {
		t.Fatal(err)
	}
	if got := state(t, l, 1); got != consent.Withdrawn {
		t.Errorf("merged: %q", got)
	}
	if got := state(t, l, 2); got != "" {
		t.Errorf("the one merged away still has %q", got)
	}
	if err := l.Reassign(ctx, db, []int64{20}, 1, 2); err != nil {
		t.Fatal(err)
	}
	if a, b := state(t, l, 1), state(t, l, 2); a != consent.Granted || b != consent.Withdrawn {
		t.Errorf("parted again: %q and %q", a, b)
	}
}

func TestSimultaneousWordsEndInTheStateOfTheLedger(t *testing.T) {
	t.Parallel()
	db := storetest.DB(t)
	l := consent.New(db, consent.Config{})
	var all sync.WaitGroup
	for i := range 60 {
		all.Go(func() {
			s := said{int64(i % 3), consent.Granted}
			if i%2 == 0 {
				s.state = consent.Withdrawn
			}
			err := l.Record(context.Background(), db, consent.Entry{ProfileID: 7, IdentityID: s.identity, ShopID: 1, Topic: fmt.Sprintf("topic%d", i%2), State: s.state, Source: "x"})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	before, err := l.States(context.Background(), 7)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.RefreshProfile(context.Background(), db, 7); err != nil {
		t.Fatal(err)
	}
	after, err := l.States(context.Background(), 7)
	if diff := cmp.Diff(after, before); diff != "" || err != nil || len(after) != 2 {
		t.Errorf("%v, states differ from the ledger (-ledger +states):\n%s", err, diff)
	}
}

func TestMayAsksConsentAndSuppressionInOneQueryAndAtOnce(t *testing.T) {
	t.Parallel()
	db := storetest.DB(t)
	l := consent.New(db, consent.Config{})
	ctx := context.Background()
	for profile, s := range map[int64]consent.State{1: consent.Granted, 2: consent.Withdrawn, 4: consent.Granted} {
		record(t, l, db, profile, said{profile * 10, s})
	}
	if err := l.Suppress(ctx, db, "p4@example.com", consent.SuppressBounce, "550 no such user"); err != nil {
		t.Fatal(err)
	}
	var to []consent.Recipient
	for id := range int64(4) {
		to = append(to, consent.Recipient{ProfileID: id + 1, Email: contact.Email(fmt.Sprintf("p%d@example.com", id+1))})
	}
	q := &queries{}
	got, err := consent.New(db.WithQueryHook(q), consent.Config{}).May(ctx, to, 1, news)
	want := map[int64]consent.Refusal{2: {Reason: consent.ReasonWithdrawn}, 3: {Reason: consent.ReasonNoConsent}, 4: {Reason: consent.ReasonSuppressed, Detail: consent.SuppressBounce}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if n := q.Load(); n != 1 {
		t.Errorf("%d queries", n)
	}
	for what, ask := range map[string]func() (map[int64]consent.Refusal, error){
		"another topic": func() (map[int64]consent.Refusal, error) { return l.May(ctx, to, 1, "other") },
		"another shop":  func() (map[int64]consent.Refusal, error) { return l.May(ctx, to, 2, news) },
	} {
		if refused, err := ask(); err != nil || refused[1].Reason != consent.ReasonNoConsent {
			t.Errorf("%s: %v, %v", what, refused, err)
		}
	}
	record(t, l, db, 1, said{10, consent.Withdrawn})
	if refused, err := l.May(ctx, to[:1], 1, news); err != nil || refused[1].Reason != consent.ReasonWithdrawn {
		t.Errorf("after the withdrawal: %v, %v", refused, err)
	}

	var ids []int64
	for _, p := range to {
		_, err := db.NewRaw("INSERT INTO crm_profiles (id, shop_id, email, created_at, updated_at) VALUES (?, 1, ?, NOW(6), NOW(6))", p.ProfileID, string(p.Email)).Exec(ctx)
		if err != nil {
			t.Fatal(err)
		}
	}
	granted, args := consent.GrantedSQL(news, 1)
	if err := db.NewRaw("SELECT p.id FROM crm_profiles p WHERE "+granted+" AND "+consent.SuppressedSQL(), args...).Scan(ctx, &ids); err != nil || len(ids) != 1 || ids[0] != 4 {
		t.Errorf("by SQL: %v, %v", ids, err)
	}
	if n, err := l.Subscribed(ctx, 0); err != nil || n != 0 {
		t.Errorf("%d subscribed, %v", n, err)
	}
}

type queries struct{ atomic.Int32 }

func (q *queries) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }
func (q *queries) AfterQuery(context.Context, *bun.QueryEvent)                        { q.Add(1) }

func TestASuppressionOutlivesTheErasureOfItsAddress(t *testing.T) {
	t.Parallel()
	db := storetest.DB(t)
	l := consent.New(db, consent.Config{})
	ctx := context.Background()
	for _, reason := range []string{consent.SuppressComplaint, consent.SuppressBounce, consent.SuppressErased} {
		if err := l.Suppress(ctx, db, "maja@example.com", reason, ""); err != nil {
			t.Fatal(err)
		}
	}
	page, next, err := l.Suppressions(ctx, "", 10)
	if err != nil || next != "" || len(page) != 1 || page[0].Email != "" || page[0].Reason != consent.SuppressErased {
		t.Fatalf("got %+v, %q, %v", page, next, err)
	}
	found, err := l.Suppressed(ctx, []contact.Email{"maja@example.com", "ana@example.com"})
	if diff := cmp.Diff(map[contact.Email]string{"maja@example.com": consent.SuppressErased}, found); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	var denied *staff.DeniedError
	if err := l.Lift(ctx, "maja@example.com"); !errors.As(err, &denied) {
		t.Errorf("anybody may lift a suppression: %v", err)
	}
	ctx = staff.WithSystem(ctx, "test")
	if err := l.Lift(ctx, "maja@example.com"); err != nil {
		t.Error(err)
	}
	if err := l.Lift(ctx, "maja@example.com"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("lifted twice: %v", err)
	}
}

func TestSuppressionsPageThroughAllOfThem(t *testing.T) {
	t.Parallel()
	db := storetest.DB(t)
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	l := consent.New(db, consent.Config{Clock: func() time.Time { return at }})
	for i := range 25 {
		if i%5 == 0 {
			at = at.Add(time.Second)
		}
		if err := l.Suppress(context.Background(), db, contact.Email(fmt.Sprintf("p%d@example.com", i)), consent.SuppressBounce, ""); err != nil {
			t.Fatal(err)
		}
	}
	seen, after := map[contact.Email]bool{}, ""
	for range 10 {
		page, next, err := l.Suppressions(context.Background(), after, 4)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range page {
			if seen[s.Email] {
				t.Errorf("%s came twice", s.Email)
			}
			seen[s.Email] = true
		}
		if after = next; next == "" {
			break
		}
	}
	if len(seen) != 25 {
		t.Errorf("%d of 25 came", len(seen))
	}
}

func TestTopicsBeginWithTheNewsletterAndNeedAPermissionToChange(t *testing.T) {
	t.Parallel()
	db := storetest.DB(t)
	l := consent.New(db, consent.Config{})
	ctx := context.Background()
	topics, err := l.Topics(ctx)
	if err != nil || len(topics) != 1 || topics[0].Topic != consent.DefaultTopic {
		t.Fatalf("got %+v, %v", topics, err)
	}
	var denied *staff.DeniedError
	if err := l.SaveTopic(ctx, consent.Topic{Topic: "tea"}); !errors.As(err, &denied) {
		t.Errorf("got %v", err)
	}
	ctx = staff.WithSystem(ctx, "test")
	var bad *consent.TopicError
	for _, key := range []string{"", "Tea", "čaj", "a b", strings.Repeat("x", 65)} {
		if err := l.SaveTopic(ctx, consent.Topic{Topic: key}); !errors.As(err, &bad) {
			t.Errorf("%q: %v", key, err)
		}
	}
	if err := l.SaveTopic(ctx, consent.Topic{Topic: "tea", Name: "Čaj", Position: -1}); err != nil {
		t.Fatal(err)
	}
	topics, err = l.Topics(ctx)
	if err != nil || len(topics) != 2 || topics[0].Name != "Čaj" {
		t.Errorf("got %+v, %v", topics, err)
	}
}

func TestOptInMailsAreLimitedByAddressAndNetwork(t *testing.T) {
	t.Parallel()
	db := storetest.DB(t)
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	l := consent.New(db, consent.Config{Clock: func() time.Time { return now }})
	ctx := context.Background()
	ask := func(email contact.Email, ip string) consent.OptInTicket {
		t.Helper()
		ticket, err := l.RequestOptIn(ctx, consent.OptIn{ShopID: 1, Email: email, Topics: []string{news}, IP: ip})
		if err != nil {
			t.Fatal(err)
		}
		return ticket
	}
	first := ask("maja@example.com", "203.0.113.5")
	if !first.ShouldMail {
		t.Fatal("the first request sends no mail")
	}
	if again := ask("maja@example.com", "203.0.113.5"); again.ShouldMail || again.Round != first.Round {
		t.Errorf("at once again: %+v", again)
	}
	mails := 1
	for range 10 {
		now = now.Add(11 * time.Minute)
		if ask("maja@example.com", "198.51.100.1").ShouldMail {
			mails++
		}
	}
	if mails != 3 {
		t.Errorf("%d mails to one address in a day", mails)
	}
	now = now.Add(24 * time.Hour)
	if !ask("maja@example.com", "").ShouldMail {
		t.Error("the next day's request sends no mail")
	}

	mails = 0
	for i := range 50 {
		if ask(contact.Email(fmt.Sprintf("p%d@example.com", i)), fmt.Sprintf("203.0.113.%d", i)).ShouldMail {
			mails++
		}
	}
	if mails != 30 {
		t.Errorf("%d mails caused by one network in an hour", mails)
	}
	if !ask("other@example.com", "2001:db8::1").ShouldMail {
		t.Error("another network is held responsible")
	}
	for reason, want := range map[string]bool{consent.SuppressComplaint: false, consent.SuppressErased: true} {
		email := contact.Email(reason + "@example.com")
		if err := l.Suppress(ctx, db, email, reason, ""); err != nil {
			t.Fatal(err)
		}
		if got := ask(email, "").ShouldMail; got != want {
			t.Errorf("%s: a mail is sent: %v", reason, got)
		}
	}
}

func TestManyRequestsAtOnceSendOneMail(t *testing.T) {
	t.Parallel()
	db := storetest.DB(t)
	l := consent.New(db, consent.Config{})
	var mails atomic.Int32
	var all sync.WaitGroup
	for range 30 {
		all.Go(func() {
			ticket, err := l.RequestOptIn(context.Background(), consent.OptIn{ShopID: 1, Email: "maja@example.com"})
			if err != nil {
				t.Error(err)
			}
			if ticket.ShouldMail {
				mails.Add(1)
			}
		})
	}
	all.Wait()
	if mails.Load() != 1 {
		t.Errorf("%d mails", mails.Load())
	}
}

func TestOnlyTheLatestRoundOfAnOptInIsConfirmedAndOnce(t *testing.T) {
	t.Parallel()
	db := storetest.DB(t)
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	l := consent.New(db, consent.Config{Clock: func() time.Time { return now }})
	ctx := context.Background()
	old, err := l.RequestOptIn(ctx, consent.OptIn{ShopID: 1, Email: "maja@example.com", Topics: []string{"tea"}})
	if err != nil {
		t.Fatal(err)
	}
	now = now.Add(time.Hour)
	fresh, err := l.RequestOptIn(ctx, consent.OptIn{ShopID: 1, Email: "maja@example.com", Topics: []string{"tea", "coffee"}, Wording: "Yes"})
	if err != nil || fresh.ID != old.ID || fresh.Round == old.Round {
		t.Fatalf("got %+v, %v", fresh, err)
	}
	if _, _, err := l.ConfirmOptIn(ctx, db, old.ID, old.Round); !errors.Is(err, consent.ErrOptInReplaced) {
		t.Errorf("the old mail confirms: %v", err)
	}
	for _, want := range []bool{true, false} {
		o, first, err := l.ConfirmOptIn(ctx, db, fresh.ID, fresh.Round)
		if err != nil || first != want || !o.ConfirmedAt.Equal(now) || len(o.Topics) != 2 || o.Wording != "Yes" {
			t.Errorf("got %+v, %v, %v", o, first, err)
		}
	}
	if _, _, err := l.ConfirmOptIn(ctx, db, 999, 1); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}
