package customer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

func support(ctx context.Context) context.Context {
	return staff.WithActor(ctx, staff.Account{ID: 5, Name: "Nina", Role: staff.RoleSupport}, "127.0.0.1")
}

func TestSearchFindsPeopleByWhatStaffType(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := support(context.Background())
	linked := b.link(t,
		account("1", "maja.kovac@example.com", named("Maja", "Kovač"), phone("+38641555012")),
		account("2", "ana@example.com", named("Ana Marija", "Kovačič Novak")),
		account("3", "maria@example.de", named("Мария", "Иванова")),
		account("4", "weissensee@example.de", named("Jürgen", "Weiß"), phone("+4917612345678")),
		account("5", "jl@example.fr", named("Jean-Luc", "Bernard")),
		order("9", "", "guest_100%@example.com", 1, named("Percy", "O'Brien")),
	)
	b.exec(t, `INSERT INTO crm_orders (shop_id, shop_key, number, identity_id, profile_id, status, currency, total, tax, shipping, discount, refunded, fingerprint)
		VALUES (1, '9', 'WC-1042', ?, ?, 'paid', 'EUR', 10, 0, 0, 0, 0, 0)`, linked[5].IdentityID, linked[5].ProfileID)
	for _, tt := range []struct {
		query   string
		matched string
		want    []string
	}{
		{"maja kovač", "name", []string{"Maja"}},
		{"KOVAC MAJA", "name", []string{"Maja"}},
		{"Kovač, Maja", "name", []string{"Maja"}},
		{"kov", "name", []string{"Ana Marija", "Maja"}},
		{"ana mar kovačič", "name", []string{"Ana Marija"}},
		{"kovacic novak ana", "name", []string{"Ana Marija"}},
		{"novak", "name", []string{"Ana Marija"}},
		{"marija", "name", []string{"Ana Marija"}},
		{"novak ana", "name", []string{"Ana Marija"}},
		{"marija novak", "name", []string{"Ana Marija"}},
		{"luc", "name", []string{"Jean-Luc"}},
		{"иванова мар", "name", []string{"Мария"}},
		{"weiss", "name", []string{"Jürgen"}},
		{"jurgen weiß", "name", []string{"Jürgen"}},
		{"o'brien", "name", []string{"Percy"}},
		{"weissensee", "email", []string{"Jürgen"}},
		{"maja.k", "email", []string{"Maja"}},
		{"Maja.Kovac@Example.com", "email", []string{"Maja"}},
		{"guest_100%@", "email", []string{"Percy"}},
		{"guest_1__", "", nil},
		{"%", "", nil},
		{"041 555 012", "phone", []string{"Maja"}},
		{"+386 (0)41 555-012", "phone", []string{"Maja"}},
		{"0038641555", "phone", []string{"Maja"}},
		{"041 555", "phone", []string{"Maja"}},
		{"+49 176", "phone", []string{"Jürgen"}},
		{"#WC-1042", "order", []string{"Percy"}},
		{"WC-10", "order", []string{"Percy"}},
		{"  ", "", nil},
		{"nobody of that name", "", nil},
		{strings.Repeat("long ", 500), "", nil},
		{"\x00\xff'; DROP TABLE crm_profiles; --", "", nil},
	} {
		hits, err := b.people.Search(ctx, tt.query, 10)
		if err != nil {
			t.Errorf("%q: %v", tt.query, err)
			continue
		}
		var got []string
		for _, h := range hits {
			got = append(got, h.Profile.Name.First)
			if h.Matched != tt.matched {
				t.Errorf("%q matched by %s", tt.query, h.Matched)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q found %q, want %q", tt.query, got, tt.want)
		}
	}
	var denied *staff.DeniedError
	if _, err := b.people.Search(context.Background(), "maja", 10); !errors.As(err, &denied) {
		t.Errorf("anybody may search: %v", err)
	}
}

func TestANameTypedWrongOnceIsFoundWhenNothingElseIs(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := support(context.Background())
	b.link(t, account("1", "a@example.com", named("Maja", "Kovačič Breznik")), account("2", "b@example.com", named("Jürgen", "Weißmann")),
		account("3", "c@example.com", named("Мария", "Иванова")), account("4", "d@example.com", named("Ana", "Kos")), account("5", "e@example.com", named("Anja", "Kovač")))
	b.refresh(t)
	for query, want := range map[string][]string{
		"Kovačič": {"Maja"}, "kovacci": {"Maja"}, "kovcič": {"Maja"}, "kovačič mjaa": {"Maja"}, "mjaa": {"Maja"}, "maja breznk": {"Maja"}, "mjaa breznk": {"Maja"},
		"wiessmann": {"Jürgen"}, "jurgne weissmann": {"Jürgen"}, "ивановa": {"Мария"}, "ивнова": {"Мария"},
		"kso": nil, "anaj": {"Anja"}, "kovca": {"Anja", "Maja"}, "breznik kovačič x": nil, "mjaa@": nil, "kovadič1": nil,
	} {
		hits, err := b.people.Search(ctx, query, 10)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, h := range hits {
			got = append(got, h.Profile.Name.First)
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%q found %q, want %q", query, got, want)
		}
	}
}

func TestARenamedPersonIsFoundByTheNewNameOnly(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := support(context.Background())
	b.link(t, account("1", "ana@example.com", named("Ana", "Kovač Novak")))
	b.link(t, account("1", "ana@example.com", named("Ana", "Kovač Horvat")))
	for query, want := range map[string]int{"novak": 0, "horvat": 1, "ana horvat": 1} {
		if hits, err := b.people.Search(ctx, query, 5); err != nil || len(hits) != want {
			t.Errorf("%s: %d hits, %v", query, len(hits), err)
		}
	}
}

func FuzzSearchTakesAnyText(f *testing.F) {
	b := setup(f)
	b.link(f, account("1", "maja.kovac@example.com", named("Maja", "Kovač"), phone("+38641555012")))
	ctx := support(context.Background())
	for _, s := range []string{"maja", "%_\\", "'\"", "+386", "a@", "#1", "\xff", "ß", "? ? ?"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, query string) {
		if _, err := b.people.Search(ctx, query, 5); err != nil {
			t.Errorf("%q: %v", query, err)
		}
	})
}

func TestListsPageThroughEverybodyOnceInEveryOrder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := support(context.Background())
	var people []customer.Person
	for i := range 60 {
		email := fmt.Sprintf("p%d@example.com", i)
		if i%3 == 0 {
			people = append(people, order(fmt.Sprint(i), "", email, i, named("Ana", fmt.Sprintf("N%d", i%4)), living("x", "DE")))
		} else {
			people = append(people, account(fmt.Sprint(i), email, named("", ""), living("x", "SI")))
		}
	}
	for i, l := range b.link(t, people...) {
		b.exec(t, "INSERT INTO crm_facts (profile_id, orders, currency, net, last_order_at, stage, refreshed_at) VALUES (?, ?, 'EUR', ?, ?, ?, NOW(6))",
			l.ProfileID, i%5, i%7, []any{nil, noon, noon.AddDate(0, 0, -i%3)}[i%3], []string{"lead", "active"}[i%2])
	}
	yes := true
	for want, f := range map[int]customer.ListFilter{
		60: {}, 20: {Country: "DE"}, 40: {HasAccount: &yes}, 30: {Stage: "lead"}, 1: {Query: "p59@example.com"}, 0: {Query: "nobody"},
		10: {Country: "DE", Stage: "active"}, 13: {Where: customer.Condition{SQL: "p.email LIKE ?", Args: []any{"p_5@%"}}, Country: ""},
	} {
		if f.Where.SQL != "" {
			want = 5
		}
		for _, sort := range []customer.Sort{"", customer.SortName, customer.SortRegistered, customer.SortLastOrder, customer.SortOrders, customer.SortNet} {
			for _, desc := range []bool{false, true} {
				f := f
				f.Sort, f.Desc, f.Limit = sort, desc, 7
				seen := map[int64]bool{}
				for page := 0; ; page++ {
					rows, next, err := b.people.List(ctx, f)
					if err != nil {
						t.Fatalf("%+v: %v", f, err)
					}
					for _, row := range rows {
						if seen[row.Profile.ID] {
							t.Errorf("%+v: profile %d comes twice", f, row.Profile.ID)
						}
						seen[row.Profile.ID] = true
					}
					if f.After = next; next == "" || page > 20 {
						break
					}
				}
				if len(seen) != want {
					t.Errorf("%+v: %d people, want %d", f, len(seen), want)
				}
			}
		}
	}
	if _, _, err := b.people.List(ctx, customer.ListFilter{Sort: "magic"}); err == nil {
		t.Error("an unknown order is taken")
	}
	if _, _, err := b.people.List(ctx, customer.ListFilter{After: "xx"}); !errors.Is(err, store.ErrCursor) {
		t.Errorf("a damaged cursor: %v", err)
	}
}

func TestAListShowsFiguresAndConsent(t *testing.T) {
	t.Parallel()
	b := setup(t)
	p, err := b.people.Subscribe(context.Background(), consent.OptIn{ShopID: 1, Email: "maja@example.com", Topics: []string{consent.DefaultTopic}, Wording: "Yes"})
	if err != nil {
		t.Fatal(err)
	}
	b.link(t, order("1", "", "ana@example.com", 1))
	b.exec(t, "INSERT INTO crm_facts (profile_id, orders, currency, net, last_order_at, stage, refreshed_at) VALUES (?, 3, 'EUR', 41.5, ?, 'active', NOW(6))", p.ID, noon)
	rows, _, err := b.people.List(support(context.Background()), customer.ListFilter{Sort: customer.SortRegistered, Desc: true})
	if err != nil || len(rows) != 2 {
		t.Fatalf("%+v, %v", rows, err)
	}
	net, err := money.Parse("41.5", "EUR")
	if err != nil {
		t.Fatal(err)
	}
	if r := rows[0]; r.Profile.ID != p.ID || r.Orders != 3 || r.Net.Cmp(net) != 0 || r.Stage != "active" || r.Consent != consent.Granted || !r.LastOrderAt.Equal(noon) {
		t.Errorf("got %+v", r)
	}
	if r := rows[1]; r.Orders != 0 || r.Stage != "" || r.Consent != "" || !r.LastOrderAt.IsZero() {
		t.Errorf("somebody without facts: %+v", r)
	}
}

func TestNotesNeedARoleAndAreAudited(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.link(t, account("1", "maja@example.com"))[0].ProfileID
	ctx := support(context.Background())
	var denied *staff.DeniedError
	reader := staff.WithActor(context.Background(), staff.Account{ID: 6, Role: staff.RoleReader}, "")
	if _, err := b.people.AddNote(reader, id, "hm"); !errors.As(err, &denied) {
		t.Errorf("a reader writes: %v", err)
	}
	for body, want := range map[string]error{" \n": customer.ErrNoteEmpty, strings.Repeat("č", customer.NoteMax+1): customer.ErrNoteTooLong} {
		if _, err := b.people.AddNote(ctx, id, body); !errors.Is(err, want) {
			t.Errorf("got %v, want %v", err, want)
		}
	}
	if _, err := b.people.AddNote(ctx, 999999, "x"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a note on nobody: %v", err)
	}
	note, err := b.people.AddNote(ctx, id, "  called, wants the <b>big</b> grinder ")
	if err != nil || note.Body != "called, wants the <b>big</b> grinder" || note.StaffID != 5 {
		t.Fatalf("%+v, %v", note, err)
	}
	notes, err := b.people.Notes(ctx, id)
	if diff := cmp.Diff([]customer.Note{note}, notes); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if n := b.number(t, "SELECT COUNT(*) FROM crm_audit WHERE action = 'customer.note' AND object_id = ? AND staff_id = 5 AND detail NOT LIKE '%grinder%'", id); n != 1 {
		t.Errorf("%d entries in the audit log", n)
	}
}

type source []customer.Moment

func (s source) Timeline(_ context.Context, _ int64, before time.Time, limit int) ([]customer.Moment, error) {
	var told []customer.Moment
	for _, m := range s {
		if len(told) < limit && (before.IsZero() || m.At.Before(before)) {
			told = append(told, m)
		}
	}
	return told, nil
}

func TestTheTimelineMergesAllSourcesAndPagesWithoutGaps(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := support(context.Background())
	p, err := b.people.Subscribe(ctx, consent.OptIn{ShopID: 1, Email: "maja@example.com", Topics: []string{consent.DefaultTopic}, Wording: "Yes, please"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.people.AddNote(ctx, p.ID, "called"); err != nil {
		t.Fatal(err)
	}
	for i := range 30 {
		b.exec(t, `INSERT INTO crm_orders (shop_id, shop_key, number, identity_id, profile_id, status, currency, total, tax, shipping, discount, refunded, placed_at, fingerprint)
			VALUES (1, ?, ?, 1, ?, 'paid', 'EUR', 10, 0, 0, 0, 0, ?, 0)`, i, i, p.ID, noon.AddDate(0, 0, -i))
	}
	b.exec(t, "INSERT INTO crm_refunds (order_id, shop_key, amount, reason, refunded_at) SELECT id, 'r', 4, 'broken', ? FROM crm_orders WHERE shop_key = '29'", noon.AddDate(0, 0, -3).Add(time.Hour))
	var mails source
	for i := range 200 {
		mails = append(mails, customer.Moment{At: noon.Add(-time.Duration(i/2) * 7 * time.Hour), Kind: customer.MomentMail, Key: "timeline.mail"}) // two at a time
	}
	b.people.AddTimeline(mails)

	for _, kinds := range [][]string{nil, {customer.MomentOrder}, {customer.MomentRefund, customer.MomentNote}, {"nothing"}} {
		var all []customer.Moment
		before := time.Time{}
		for range 400 {
			page, err := b.people.Timeline(ctx, p.ID, kinds, before, 7)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			all = append(all, page...)
			before = page[len(page)-1].At
		}
		if !slices.IsSortedFunc(all, func(a, b customer.Moment) int { return b.At.Compare(a.At) }) {
			t.Errorf("%v: not newest first", kinds)
		}
		n := map[string]int{}
		for _, m := range all {
			n[m.Kind]++
		}
		want := map[string]int{"registration": 1, "consent": 1, "note": 1, "order": 30, "refund": 1, "mail": 200}
		for kind := range want {
			if len(kinds) > 0 && !slices.Contains(kinds, kind) {
				delete(want, kind)
			}
		}
		if diff := cmp.Diff(want, n); diff != "" {
			t.Errorf("%v (-want +got):\n%s", kinds, diff)
		}
	}
	page, err := b.people.Timeline(ctx, p.ID, []string{customer.MomentRefund}, time.Time{}, 5)
	if err != nil || len(page) != 1 || page[0].Detail != "broken" || page[0].Args["amount"].(money.Money).String() != "4.00 EUR" || page[0].Args["number"] != "29" {
		t.Errorf("%+v, %v", page, err)
	}
}

func TestWhatAPersonChoosesStandsAgainstTheShopsWord(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := context.Background()
	speaks := func(lang string) func(*customer.Person) { return func(p *customer.Person) { p.Language = lang } }
	id := b.link(t, account("1", "maja@example.com", speaks("de")))[0].ProfileID
	if p, err := b.people.ChooseLanguage(ctx, id, "sl"); err != nil || p.Language != "sl" {
		t.Fatalf("%+v, %v", p, err)
	}
	b.link(t, account("1", "maja@example.com", speaks("de")), order("1", "1", "maja@example.com", 5, speaks("ru")))
	if p, err := b.people.Profile(ctx, id); err != nil || p.Language != "sl" {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestASubscriptionFindsOrMakesThePersonAndLiftsTheirErasure(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := context.Background()
	member := b.link(t, account("1", "maja@example.com", named("Maja", "Kovač")))[0]
	for email, known := range map[contact.Email]bool{"maja@example.com": true, "new@example.com": false} {
		if err := b.consents.Suppress(ctx, b.db, email, consent.SuppressErased, ""); err != nil {
			t.Fatal(err)
		}
		p, err := b.people.Subscribe(ctx, consent.OptIn{ShopID: 1, Email: email, Name: contact.Name{First: "M."}, Topics: []string{"newsletter", "tea"}, Wording: "Yes"})
		if err != nil || (p.ID == member.ProfileID) != known || p.HasAccount != known || known && p.Name.First != "Maja" {
			t.Errorf("%s: %+v, %v", email, p, err)
		}
		refused, err := b.consents.May(ctx, []consent.Recipient{{ProfileID: p.ID, Email: email}}, 1, "tea")
		if err != nil || len(refused) != 0 {
			t.Errorf("%s: %v, %v", email, refused, err)
		}
	}
}

func TestErasedAndUnknownPeopleAreNotFound(t *testing.T) {
	t.Parallel()
	b := setup(t)
	id := b.link(t, account("1", "maja@example.com"))[0].ProfileID
	b.exec(t, "UPDATE crm_profiles SET erased_at = NOW(6) WHERE id = ?", id)
	for what, err := range map[string]error{
		"erased":        func() error { _, err := b.people.Profile(context.Background(), id); return err }(),
		"unknown":       func() error { _, err := b.people.Profile(context.Background(), 999999); return err }(),
		"no address":    func() error { _, err := b.people.ByEmail(context.Background(), "no@example.com"); return err }(),
		"no identities": func() error { _, err := b.people.Identities(context.Background(), 999999); return err }(),
	} {
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v", what, err)
		}
	}
}
