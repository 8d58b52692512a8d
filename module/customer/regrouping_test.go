package customer_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// buy links an order's person and mirrors the order, as intake does.
func (b bundle) buy(t testing.TB, p customer.Person, total int) customer.Linked {
	t.Helper()
	l := b.link(t, p)[0]
	b.exec(t, `INSERT INTO crm_orders (shop_id, shop_key, number, identity_id, profile_id, status, currency, total, tax, shipping, discount, refunded,
			email, phone, first_name, last_name, city, country, placed_at, fingerprint)
		VALUES (1, ?, ?, ?, ?, 'paid', 'EUR', ?, 0, 0, 0, 0, ?, ?, ?, ?, ?, ?, ?, 0)
		ON DUPLICATE KEY UPDATE identity_id = VALUES(identity_id), profile_id = VALUES(profile_id)`,
		p.OrderKey, p.Ref, l.IdentityID, l.ProfileID, total, string(p.Email), string(p.Phone), p.Name.First, p.Name.Last, p.Address.City, p.Address.Country, p.At)
	return l
}

func (b bundle) say(t testing.TB, l customer.Linked, topic string, state consent.State, at time.Time) {
	t.Helper()
	err := b.consents.Record(context.Background(), b.db, consent.Entry{ProfileID: l.ProfileID, IdentityID: l.IdentityID, ShopID: 1, Topic: topic, State: state, Source: consent.SourceShop, At: at})
	if err != nil {
		t.Fatal(err)
	}
}

// belongings is all that hangs on a living profile, in words.
func (b bundle) belongings(t testing.TB) map[string]string {
	t.Helper()
	all := map[string]string{}
	var rows []struct {
		ID   int64
		What string
	}
	list := func(what, from string) string {
		return "COALESCE((SELECT GROUP_CONCAT(DISTINCT " + what + " ORDER BY " + what + " SEPARATOR ' ') FROM " + from + ".profile_id = p.id), '')"
	}
	err := b.db.NewRaw(`SELECT p.id, CONCAT_WS(' | ', `+strings.Join([]string{
		list("CONCAT(i.kind, ':', i.value)", "crm_identities i WHERE i"),
		"CONCAT_WS(',', p.first_name, p.last_name, p.email, p.phone, p.city, p.has_account, p.registered_at, p.first_seen_at)",
		list("o.number", "crm_orders o WHERE o"), list("n.body", "crm_notes n WHERE n"), list("CONCAT(s.topic, '=', s.state)", "crm_consent_states s WHERE s"),
	}, ", ")+`) AS what FROM crm_profiles p WHERE p.merged_into IS NULL AND p.erased_at IS NULL`).Scan(context.Background(), &rows)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		all[fmt.Sprint(row.ID)] = row.What
	}
	return all
}

func TestAMergeMovesEverythingAndItsUndoingReturnsItWithWhatCameMeanwhile(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := support(context.Background())
	maja := b.link(t, account("7", "maja@example.com", named("Maja", "Kovač")))[0]
	b.buy(t, order("1", "7", "maja@example.com", 1, phone("+38641555012"), living("Celje", "SI")), 40)
	guest := b.buy(t, order("2", "", "maja.k@example.org", 5, named("M.", "Kovac"), phone("+38641555012"), living("Ptuj", "SI")), 25)
	for id, body := range map[int64]string{maja.ProfileID: "likes tea", guest.ProfileID: "called"} {
		if _, err := b.people.AddNote(ctx, id, body); err != nil {
			t.Fatal(err)
		}
	}
	b.say(t, maja, "newsletter", consent.Granted, noon)
	b.say(t, guest, "newsletter", consent.Withdrawn, noon)
	b.say(t, guest, "tea", consent.Granted, noon)
	before := b.belongings(t)

	preview, err := b.people.PreviewMerge(ctx, guest.ProfileID, maja.ProfileID)
	if err != nil || preview.Orders != 1 || len(preview.Net) != 1 || preview.Net[0].String() != "25.00 EUR" || preview.Notes != 1 || len(preview.Identities) != 2 {
		t.Fatalf("%+v, %v", preview, err)
	}
	want := []consent.Outcome{{Topic: "newsletter", ShopID: 1, From: consent.Withdrawn, To: consent.Granted, Joined: consent.Withdrawn}, {Topic: "tea", ShopID: 1, From: consent.Granted, Joined: consent.Granted}}
	if diff := cmp.Diff(want, preview.Consents); diff != "" {
		t.Errorf("consents (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, b.belongings(t)); diff != "" {
		t.Errorf("a preview moved something:\n%s", diff)
	}
	merged, err := b.people.Merge(ctx, guest.ProfileID, maja.ProfileID)
	if err != nil {
		t.Fatal(err)
	}
	all := b.belongings(t)
	if len(all) != 1 || !strings.Contains(all[fmt.Sprint(maja.ProfileID)], "#1 #2 | called likes tea | newsletter=withdrawn tea=granted") {
		t.Errorf("merged: %q", all)
	}
	if p, err := b.people.Profile(ctx, maja.ProfileID); err != nil || p.Name.First != "Maja" || p.Email != "maja@example.com" {
		t.Errorf("who stays does not keep name and address: %+v, %v", p, err)
	}

	// The guest goes on ordering, under the address and from a new phone, and the account too.
	b.buy(t, order("3", "", "maja.k@example.org", 8, named("M.", "Kovac"), phone("+38640111222"), living("Kranj", "SI")), 10)
	b.buy(t, order("4", "7", "maja@example.com", 9, phone("+38641555012"), living("Celje", "SI")), 5)
	if _, err := b.people.Undo(ctx, merged.ID); err != nil {
		t.Fatal(err)
	}
	got := b.belongings(t)
	alone := setup(t)
	maja2 := alone.link(t, account("7", "maja@example.com", named("Maja", "Kovač")))[0]
	alone.buy(t, order("1", "7", "maja@example.com", 1, phone("+38641555012"), living("Celje", "SI")), 40)
	guest2 := alone.buy(t, order("2", "", "maja.k@example.org", 5, named("M.", "Kovac"), phone("+38641555012"), living("Ptuj", "SI")), 25)
	for id, body := range map[int64]string{maja2.ProfileID: "likes tea", guest2.ProfileID: "called"} {
		if _, err := alone.people.AddNote(ctx, id, body); err != nil {
			t.Fatal(err)
		}
	}
	alone.say(t, maja2, "newsletter", consent.Granted, noon)
	alone.say(t, guest2, "newsletter", consent.Withdrawn, noon)
	alone.say(t, guest2, "tea", consent.Granted, noon)
	alone.buy(t, order("3", "", "maja.k@example.org", 8, named("M.", "Kovac"), phone("+38640111222"), living("Kranj", "SI")), 10)
	alone.buy(t, order("4", "7", "maja@example.com", 9, phone("+38641555012"), living("Celje", "SI")), 5)
	if diff := cmp.Diff(sorted(alone.belongings(t)), sorted(got)); diff != "" {
		t.Errorf("after the undoing it is not as if they had never been one (-want +got):\n%s", diff)
	}
	if _, err := b.people.Undo(ctx, merged.ID); !errors.Is(err, customer.ErrUndone) {
		t.Errorf("undone twice: %v", err)
	}
	for _, action := range []string{"customer.merge", "customer.merge_undone"} {
		if n := b.number(t, "SELECT COUNT(*) FROM crm_audit WHERE action = ? AND staff_id = 5", action); n != 1 {
			t.Errorf("%d entries %s in the audit log", n, action)
		}
	}
}

func sorted(all map[string]string) []string {
	var list []string
	for _, what := range all {
		list = append(list, what)
	}
	slices.Sort(list)
	return list
}

func TestRegroupingNeedsARole(t *testing.T) {
	t.Parallel()
	b := setup(t)
	l := b.link(t, account("7", "maja@example.com"), account("8", "ana@example.com"))
	reader := staff.WithActor(context.Background(), staff.Account{ID: 6, Role: staff.RoleReader}, "")
	var denied *staff.DeniedError
	for what, try := range map[string]func(context.Context) error{
		"merge": func(ctx context.Context) error {
			_, err := b.people.Merge(ctx, l[0].ProfileID, l[1].ProfileID)
			return err
		},
		"unlink":  func(ctx context.Context) error { _, err := b.people.Unlink(ctx, l[0].IdentityID); return err },
		"undo":    func(ctx context.Context) error { _, err := b.people.Undo(ctx, 1); return err },
		"dismiss": func(ctx context.Context) error { return b.people.Dismiss(ctx, l[0].ProfileID, l[1].ProfileID) },
	} {
		if err := try(reader); !errors.As(err, &denied) {
			t.Errorf("%s by a reader: %v", what, err)
		}
		if err := try(context.Background()); !errors.As(err, &denied) {
			t.Errorf("%s by nobody: %v", what, err)
		}
	}
	if n := len(b.belongings(t)); n != 2 {
		t.Errorf("%d profiles", n)
	}
}

func TestChainsAndCirclesOfMergesComeApartInAnyOrder(t *testing.T) {
	t.Parallel()
	for _, sequence := range permutations([]int{0, 1, 2}) {
		b := setup(t)
		ctx := support(context.Background())
		var people []customer.Linked
		for i, name := range []string{"Ana", "Berta", "Cene", "Dora"} {
			p := b.buy(t, order(fmt.Sprint(i), "", strings.ToLower(name)+"@example.com", i, named(name, "Novak"), phone(fmt.Sprintf("+3864155501%d", i)), living(name+"grad", "SI")), 10+i)
			if _, err := b.people.AddNote(ctx, p.ProfileID, "about "+name); err != nil {
				t.Fatal(err)
			}
			people = append(people, p)
		}
		before := b.belongings(t)
		var merges []customer.Regrouping
		for _, pair := range [][2]int{{0, 1}, {1, 2}, {2, 3}} { // a into b, that into c, that into d
			m, err := b.people.Merge(ctx, people[pair[0]].ProfileID, people[pair[1]].ProfileID)
			if err != nil {
				t.Fatal(err)
			}
			merges = append(merges, m)
		}
		if p, err := b.people.Profile(ctx, people[0].ProfileID); err != nil || p.ID != people[3].ProfileID {
			t.Errorf("the first of a chain leads to %d, %v", p.ID, err)
		}
		var moved *customer.MovedError
		if _, err := b.people.Merge(ctx, people[3].ProfileID, people[0].ProfileID); !errors.Is(err, customer.ErrSamePerson) {
			t.Errorf("a circle: %v", err)
		}
		stranger := b.buy(t, order("9", "", "stranger@example.com", 1), 1)
		if _, err := b.people.Merge(ctx, people[0].ProfileID, stranger.ProfileID); !errors.As(err, &moved) || moved.Into != people[3].ProfileID {
			t.Errorf("merging somebody who went elsewhere: %v", err)
		}
		b.exec(t, "DELETE FROM crm_orders WHERE shop_key = '9'")
		b.exec(t, "DELETE FROM crm_identities WHERE profile_id = ?", stranger.ProfileID)
		b.exec(t, "DELETE FROM crm_profiles WHERE id = ?", stranger.ProfileID)
		for _, i := range sequence {
			if _, err := b.people.Undo(ctx, merges[i].ID); err != nil {
				t.Fatalf("%v: undoing merge %d: %v", sequence, i, err)
			}
		}
		if diff := cmp.Diff(before, b.belongings(t)); diff != "" {
			t.Errorf("undone in the order %v (-want +got):\n%s", sequence, diff)
		}
	}
}

func TestSomebodyTakenOutOfAChainAndMergedAnewStaysWhenTheChainIsUndone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := support(context.Background())
	a := b.buy(t, order("1", "", "a@example.com", 1), 1)
	c := b.buy(t, order("2", "", "b@example.com", 1), 1)
	d := b.buy(t, order("3", "", "c@example.com", 1), 1)
	must := func(g customer.Regrouping, err error) customer.Regrouping {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	first := must(b.people.Merge(ctx, a.ProfileID, c.ProfileID))
	second := must(b.people.Merge(ctx, c.ProfileID, d.ProfileID))
	must(b.people.Undo(ctx, first.ID))
	must(b.people.Merge(ctx, a.ProfileID, d.ProfileID))
	must(b.people.Undo(ctx, second.ID))
	if p, err := b.people.ByEmail(ctx, "a@example.com"); err != nil || p.ID != d.ProfileID {
		t.Errorf("a is of %d, %v, want %d", p.ID, err, d.ProfileID)
	}
	if p, err := b.people.ByEmail(ctx, "b@example.com"); err != nil || p.ID != c.ProfileID {
		t.Errorf("b is of %d, %v, want %d", p.ID, err, c.ProfileID)
	}
}

func TestAnUnlinkedAddressStaysApartWhateverTheShopSays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := support(context.Background())
	maja := b.link(t, account("7", "maja@example.com", named("Maja", "Kovač"), phone("+38640999888")))[0]
	b.buy(t, order("1", "7", "maja@example.com", 1), 40)
	b.buy(t, order("2", "", "ana@example.com", 5, named("Ana", "Novak"), phone("+38641555012"), living("Ptuj", "SI")), 25)
	b.buy(t, order("3", "7", "ana@example.com", 6, named("Maja", "Kovač")), 5) // the account ordered under Ana's address
	together := b.belongings(t)
	if len(together) != 1 {
		t.Fatalf("%q", together)
	}
	ana := b.number(t, "SELECT id FROM crm_identities WHERE value = 'ana@example.com'")
	preview, err := b.people.PreviewUnlink(ctx, ana)
	if err != nil || preview.Orders != 1 || len(preview.Identities) != 2 || preview.Net[0].String() != "25.00 EUR" {
		t.Fatalf("%+v, %v", preview, err)
	}
	cut, err := b.people.Unlink(ctx, ana)
	if err != nil {
		t.Fatal(err)
	}
	p, err := b.people.ByEmail(ctx, "ana@example.com")
	if err != nil || p.ID == maja.ProfileID || p.Name.First != "Ana" || p.Email != "ana@example.com" || p.Phone != "+38641555012" || p.Address.City != "Ptuj" || p.HasAccount {
		t.Errorf("unlinked: %+v, %v", p, err)
	}
	if m, err := b.people.Profile(ctx, maja.ProfileID); err != nil || m.Name.First != "Maja" || m.Phone != "+38640999888" || m.Address.City != "" {
		t.Errorf("who stays: %+v, %v", m, err)
	}
	for range 2 { // the follow delivers all of it again
		b.link(t, account("7", "maja@example.com", named("Maja", "Kovač"), phone("+38640999888")))
		b.buy(t, order("3", "7", "ana@example.com", 6, named("Maja", "Kovač")), 5)
		b.buy(t, order("2", "", "ana@example.com", 5, named("Ana", "Novak"), phone("+38641555012"), living("Ptuj", "SI")), 25)
		b.link(t, account("7", "ana@example.com"))
	}
	if got, err := b.people.ByEmail(ctx, "ana@example.com"); err != nil || got.ID != p.ID {
		t.Errorf("the shop joined again what the staff parted: %d, %v", got.ID, err)
	}
	later := b.buy(t, order("4", "", "ana@example.com", 20, named("Ana", "Novak"), living("Kranj", "SI")), 7)
	if later.ProfileID != p.ID {
		t.Errorf("a new order is of %d, want %d", later.ProfileID, p.ID)
	}
	if _, err := b.people.Undo(ctx, cut.ID); err != nil {
		t.Fatal(err)
	}
	all := b.belongings(t)
	if len(all) != 1 || !strings.Contains(all[fmt.Sprint(maja.ProfileID)], "#1 #2 #3 #4") {
		t.Errorf("undone: %q", all)
	}
	if b.number(t, "SELECT COUNT(*) FROM crm_separations") != 0 {
		t.Error("they are still kept apart")
	}
}

func TestOnlyWhatRecognisesAndIsNotAloneCanBeUnlinked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := support(context.Background())
	b.link(t, order("1", "", "only@example.com", 1, phone("+38641555012")), account("7", "maja@example.com"))
	id := func(value string) int64 { return b.number(t, "SELECT id FROM crm_identities WHERE value = ?", value) }
	for value, want := range map[string]error{"only@example.com": customer.ErrOnlyIdentity, "+38641555012": customer.ErrNotALink} {
		if _, err := b.people.Unlink(ctx, id(value)); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", value, err, want)
		}
		if _, err := b.people.PreviewUnlink(ctx, id(value)); !errors.Is(err, want) {
			t.Errorf("preview of %s: %v, want %v", value, err, want)
		}
	}
	if _, err := b.people.Unlink(ctx, 999999); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an identity that is none: %v", err)
	}
	// The founder of a profile is unlinked too: the profile keeps its id, and the identity gets another.
	was, err := b.people.ByEmail(ctx, "maja@example.com")
	if err != nil {
		t.Fatal(err)
	}
	cut, err := b.people.Unlink(ctx, id("7"))
	if err != nil || cut.OtherID != was.ID || cut.ProfileID == was.ID {
		t.Fatalf("%+v, %v", cut, err)
	}
	if p, err := b.people.Profile(ctx, cut.ProfileID); err != nil || !p.HasAccount {
		t.Errorf("%+v, %v", p, err)
	}
	if p, err := b.people.Profile(ctx, was.ID); err != nil || p.HasAccount || p.Email != "maja@example.com" {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestTheStrictestConsentWinsAndAWithdrawalMeanwhileHoldsForBoth(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := support(context.Background())
	a := b.link(t, order("1", "", "a@example.com", 1))[0]
	c := b.link(t, account("7", "b@example.com"))[0]
	for _, l := range []customer.Linked{a, c} {
		for _, topic := range []string{"newsletter", "tea"} {
			b.say(t, l, topic, consent.Granted, noon.Add(-time.Hour))
		}
	}
	// What somebody says for themselves, without an identity, must not answer the other's withdrawal.
	speak := func(id int64, topic string, state consent.State, at time.Time) {
		t.Helper()
		if err := b.people.Choose(ctx, id, []consent.Entry{{ShopID: 1, Topic: topic, State: state, Source: consent.SourcePreferences, At: at}}); err != nil {
			t.Fatal(err)
		}
	}
	b.exec(t, "UPDATE crm_profiles SET email = NULL WHERE id = ?", c.ProfileID)
	speak(c.ProfileID, "tea", consent.Withdrawn, noon.Add(-time.Minute))
	speak(a.ProfileID, "tea", consent.Granted, noon.Add(-time.Minute))
	m, err := b.people.Merge(ctx, a.ProfileID, c.ProfileID)
	if err != nil {
		t.Fatal(err)
	}
	state := func(id int64, topic string) consent.State {
		t.Helper()
		states, err := b.consents.States(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range states {
			if s.Topic == topic {
				return s.State
			}
		}
		return ""
	}
	if got := state(c.ProfileID, "tea"); got != consent.Withdrawn {
		t.Errorf("tea after the merge: %q", got)
	}
	speak(c.ProfileID, "newsletter", consent.Withdrawn, noon.Add(time.Hour)) // while they are one
	if _, err := b.people.Undo(ctx, m.ID); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		who   int64
		topic string
		want  consent.State
	}{{a.ProfileID, "newsletter", consent.Withdrawn}, {c.ProfileID, "newsletter", consent.Withdrawn}, {a.ProfileID, "tea", consent.Granted}, {c.ProfileID, "tea", consent.Withdrawn}} {
		if got := state(tt.who, tt.topic); got != tt.want {
			t.Errorf("profile %d on %s: %q, want %q", tt.who, tt.topic, got, tt.want)
		}
	}
}

func TestAComplaintFromOneAddressSilencesThePersonAndABounceOnlyTheMailbox(t *testing.T) {
	t.Parallel()
	for reason, silenced := range map[string]bool{consent.SuppressComplaint: true, consent.SuppressBounce: false} {
		b := setup(t)
		ctx := support(context.Background())
		a := b.link(t, order("1", "", "a@example.com", 1))[0]
		c := b.link(t, account("7", "b@example.com"))[0]
		b.say(t, c, "newsletter", consent.Granted, noon)
		if err := b.consents.Suppress(ctx, b.db, "a@example.com", reason, ""); err != nil {
			t.Fatal(err)
		}
		mayMail := func() bool {
			t.Helper()
			refused, err := b.consents.May(ctx, []consent.Recipient{{ProfileID: c.ProfileID, Email: "b@example.com"}}, 1, "newsletter")
			if err != nil {
				t.Fatal(err)
			}
			listed := b.number(t, "SELECT COUNT(*) FROM crm_profiles p WHERE p.id = ? AND NOT "+consent.SuppressedSQL(), c.ProfileID) == 1
			if may := len(refused) == 0; may != listed {
				t.Errorf("%s: at the last moment %t, in the audience %t", reason, may, listed)
			}
			return len(refused) == 0
		}
		if !mayMail() {
			t.Errorf("%s: silenced before the merge", reason)
		}
		m, err := b.people.Merge(ctx, a.ProfileID, c.ProfileID)
		if err != nil {
			t.Fatal(err)
		}
		if mayMail() == silenced {
			t.Errorf("%s: silenced after the merge is %t", reason, !silenced)
		}
		if _, err := b.people.Undo(ctx, m.ID); err != nil {
			t.Fatal(err)
		}
		if !mayMail() {
			t.Errorf("%s: the complaint did not return to its owner", reason)
		}
		if got, err := b.consents.Suppressed(ctx, []contact.Email{"a@example.com"}); err != nil || got["a@example.com"] != reason {
			t.Errorf("%s was lost: %v, %v", reason, got, err)
		}
	}
}

func TestStaffAndTheFollowRegroupAtOnceAndNothingIsLost(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := support(context.Background())
	const people = 6
	mail := func(i int) string { return fmt.Sprintf("p%d@example.com", i) }
	var ids []int64
	for i := range people {
		ids = append(ids, b.buy(t, order(fmt.Sprintf("first%d", i), "", mail(i), 1, named("N", fmt.Sprint(i))), 10).ProfileID)
	}
	acceptable := func(err error) bool {
		var moved *customer.MovedError
		return err == nil || errors.As(err, &moved) || errors.Is(err, customer.ErrSamePerson) || errors.Is(err, customer.ErrUndone) ||
			errors.Is(err, customer.ErrNothingLeft) || errors.Is(err, customer.ErrOnlyIdentity) || errors.Is(err, store.ErrNotFound)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	var done []int64
	for worker := range 3 {
		all.Go(func() {
			dice := rand.New(rand.NewPCG(uint64(worker), 7))
			for range 25 {
				var g customer.Regrouping
				var err error
				switch dice.IntN(3) {
				case 0:
					g, err = b.people.Merge(ctx, ids[dice.IntN(people)], ids[dice.IntN(people)])
				case 1:
					g, err = b.people.Unlink(ctx, ids[dice.IntN(people)]) // a founder's id is its identity's
				default:
					mu.Lock()
					var id int64
					if len(done) > 0 {
						id = done[dice.IntN(len(done))]
					}
					mu.Unlock()
					_, err = b.people.Undo(ctx, id)
				}
				if !acceptable(err) {
					t.Error(err)
				}
				if err == nil && g.ID != 0 {
					mu.Lock()
					done = append(done, g.ID)
					mu.Unlock()
				}
			}
		})
	}
	for worker := range 2 {
		all.Go(func() {
			dice := rand.New(rand.NewPCG(uint64(worker), 9))
			for n := range 30 {
				p := order(fmt.Sprintf("w%d-%d", worker, n), "", mail(dice.IntN(people)), n, named("N", fmt.Sprint(n)), phone(fmt.Sprintf("+3864155501%d", dice.IntN(10))))
				err := store.InTx(ctx, b.db, func(ctx context.Context, tx bun.Tx) error {
					l, err := b.people.Link(ctx, tx, 1, []customer.Person{p})
					if err != nil {
						return err
					}
					_, err = tx.NewRaw(`INSERT INTO crm_orders (shop_id, shop_key, number, identity_id, profile_id, status, currency, total, tax, shipping, discount, refunded, email, placed_at, fingerprint)
						VALUES (1, ?, ?, ?, ?, 'paid', 'EUR', 10, 0, 0, 0, 0, ?, ?, 0)`, p.OrderKey, p.Ref, l[0].IdentityID, l[0].ProfileID, string(p.Email), p.At).Exec(ctx)
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	for what, query := range map[string]string{
		"orders stand at another profile than their identity": "SELECT COUNT(*) FROM crm_orders o JOIN crm_identities i ON i.id = o.identity_id WHERE o.profile_id <> i.profile_id",
		"identities belong to no living profile":              "SELECT COUNT(*) FROM crm_identities i LEFT JOIN crm_profiles p ON p.id = i.profile_id AND p.merged_into IS NULL WHERE p.id IS NULL",
		"merged profiles lead to no living one":               "SELECT COUNT(*) FROM crm_profiles m LEFT JOIN crm_profiles p ON p.id = m.merged_into AND p.merged_into IS NULL WHERE m.merged_into IS NOT NULL AND p.id IS NULL",
		"living profiles have no identity":                    "SELECT COUNT(*) FROM crm_profiles p WHERE p.merged_into IS NULL AND NOT EXISTS (SELECT 1 FROM crm_identities i WHERE i.profile_id = p.id)",
		"profiles are mailed at an address of others":         "SELECT COUNT(*) FROM crm_profiles p WHERE p.merged_into IS NULL AND p.email IS NOT NULL AND NOT EXISTS (SELECT 1 FROM crm_identities i WHERE i.profile_id = p.id AND i.kind = 'email' AND i.value = p.email)",
	} {
		if n := b.number(t, query); n != 0 {
			t.Errorf("%d %s", n, what)
		}
	}
	if n := b.number(t, "SELECT COUNT(*) FROM crm_orders"); n != people+60 {
		t.Errorf("%d orders", n)
	}
}

// TestWhateverIsMergedAndUndoneItIsAsIfItNeverHadBeen merges, orders and undoes at random, undoes the rest in any order, and
// compares with people who only ordered.
func TestWhateverIsMergedAndUndoneItIsAsIfItNeverHadBeen(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{0, 1, 2, 3, 4, 5, 12, 20} { // the last two once left somebody with nothing
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			dice := rand.New(rand.NewPCG(seed, 3))
			b, alone := setup(t), setup(t)
			ctx := support(context.Background())
			const people = 5
			buy := func(n int) {
				i := dice.IntN(people)
				if n < people {
					i = n
				}
				more := []func(*customer.Person){named("N"+fmt.Sprint(i), "Novak"), living(fmt.Sprint("town", dice.IntN(3)), "SI"), phone(fmt.Sprintf("+386415550%d%d", i, dice.IntN(2)))}
				p := order(fmt.Sprint("o", n), "", fmt.Sprintf("p%d@example.com", i), n, more...)
				b.buy(t, p, 10)
				alone.buy(t, p, 10)
			}
			for n := range people {
				buy(n)
			}
			var done []customer.Regrouping
			for n := people; n < people+25; n++ {
				switch dice.IntN(4) {
				case 0, 1:
					buy(n)
				case 2:
					from, into := b.living(t, dice), b.living(t, dice)
					g, err := b.people.Merge(ctx, from, into)
					if err == nil {
						done = append(done, g)
					} else if !errors.Is(err, customer.ErrSamePerson) {
						t.Fatal(err)
					}
				default:
					if len(done) > 0 {
						i := dice.IntN(len(done))
						if _, err := b.people.Undo(ctx, done[i].ID); err != nil {
							t.Fatalf("undoing %+v: %v", done[i], err)
						}
						done = slices.Delete(done, i, i+1)
					}
				}
			}
			dice.Shuffle(len(done), func(i, j int) { done[i], done[j] = done[j], done[i] })
			for _, g := range done {
				if _, err := b.people.Undo(ctx, g.ID); err != nil {
					t.Fatalf("undoing %+v: %v", g, err)
				}
			}
			if diff := cmp.Diff(sorted(alone.belongings(t)), sorted(b.belongings(t))); diff != "" {
				t.Errorf("-never merged +merged and undone:\n%s", diff)
			}
		})
	}
}

// living picks one of the profiles there are.
func (b bundle) living(t testing.TB, dice *rand.Rand) int64 {
	t.Helper()
	var ids []int64
	if err := b.db.NewRaw("SELECT id FROM crm_profiles WHERE merged_into IS NULL ORDER BY id").Scan(context.Background(), &ids); err != nil {
		t.Fatal(err)
	}
	return ids[dice.IntN(len(ids))]
}
