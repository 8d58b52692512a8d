package customer_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/purchase"
	"github.com/kupec/kupec/module/store"
	"github.com/kupec/kupec/module/store/storetest"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

type bundle struct {
	db       *bun.DB
	consents *consent.Ledger
	people   *customer.Registry
}

func setup(t testing.TB) bundle {
	t.Helper()
	db := storetest.DB(t)
	clock := func() time.Time { return noon }
	consents := consent.New(db, consent.Config{Clock: clock})
	return bundle{db, consents, customer.New(db, purchase.New(db, purchase.Config{Clock: clock}), consents, customer.Config{Clock: clock, Country: "SI"})}
}

func (b bundle) link(t testing.TB, people ...customer.Person) []customer.Linked {
	t.Helper()
	linked, err := b.people.Link(context.Background(), b.db, 1, people)
	if err != nil {
		t.Fatal(err)
	}
	return linked
}

func (b bundle) exec(t testing.TB, query string, args ...any) {
	t.Helper()
	if _, err := b.db.NewRaw(query, args...).Exec(context.Background()); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func (b bundle) number(t testing.TB, query string, args ...any) (n int64) {
	t.Helper()
	if err := b.db.NewRaw(query, args...).Scan(context.Background(), &n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func account(key, email string, more ...func(*customer.Person)) customer.Person {
	p := customer.Person{Evidence: customer.EvidenceAccount, Ref: key, AccountKey: key, Email: contact.Email(email), At: noon.AddDate(0, 0, -100)}
	for _, f := range more {
		f(&p)
	}
	return p
}

func order(key, account, email string, day int, more ...func(*customer.Person)) customer.Person {
	p := customer.Person{Evidence: customer.EvidenceOrder, Ref: "#" + key, OrderKey: key, AccountKey: account, Email: contact.Email(email), At: noon.AddDate(0, 0, day-90)}
	for _, f := range more {
		f(&p)
	}
	return p
}

func named(first, last string) func(*customer.Person) {
	return func(p *customer.Person) { p.Name = contact.Name{First: first, Last: last} }
}

func phone(n string) func(*customer.Person) {
	return func(p *customer.Person) { p.Phone = contact.Phone(n) }
}

func living(city, country string) func(*customer.Person) {
	return func(p *customer.Person) { p.Address = contact.Address{City: city, Country: country} }
}

// outcome is who ended up with whom, and what is known of them, without ids.
type outcome struct {
	With    string // the identities, sorted
	Name    string
	Email   string
	Phone   string
	City    string
	Account bool
}

func (b bundle) outcomes(t *testing.T) []outcome {
	t.Helper()
	var rows []struct {
		ID         int64
		Identities string
	}
	err := b.db.NewRaw(`SELECT p.id, (SELECT GROUP_CONCAT(DISTINCT CONCAT(i.kind, ':', i.value) ORDER BY i.kind, i.value SEPARATOR ' ') FROM crm_identities i
		WHERE i.profile_id = p.id) AS identities FROM crm_profiles p WHERE p.merged_into IS NULL`).Scan(context.Background(), &rows)
	if err != nil {
		t.Fatal(err)
	}
	var out []outcome
	for _, row := range rows {
		p, err := b.people.Profile(context.Background(), row.ID)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, outcome{row.Identities, p.Name.Display(""), string(p.Email), string(p.Phone), p.Address.City, p.HasAccount})
	}
	slices.SortFunc(out, func(a, b outcome) int { return cmpStrings(a.With, b.With) })
	return out
}

func cmpStrings(a, b string) int {
	if a < b {
		return -1
	}
	if a > b {
		return 1
	}
	return 0
}

func TestTheSamePeopleComeOutInWhateverOrderTheyArrive(t *testing.T) {
	t.Parallel()
	const maja, ana = "maja@example.com", "ana@example.com"
	for _, tt := range []struct {
		rule   string
		people []customer.Person
		want   []outcome
	}{
		{"an account and a guest with its address are one",
			[]customer.Person{account("7", maja, named("Maja", "Kovač")), order("1", "", maja, 1, named("M.", "Kovac"), phone("+38641555012"))},
			[]outcome{{"account:7 email:maja@example.com phone:+38641555012", "Maja Kovač", maja, "+38641555012", "", true}}},
		{"guests with one address are one, and the newest order tells most",
			[]customer.Person{order("1", "", maja, 1, named("Maja", "Old"), living("Ptuj", "SI")), order("2", "", maja, 9, named("Maja", "New"), living("Celje", "SI"))},
			[]outcome{{"email:maja@example.com", "Maja New", maja, "", "Celje", false}}},
		{"a phone alone links nobody",
			[]customer.Person{order("1", "", maja, 1, phone("+38641555012")), order("2", "", ana, 2, phone("+38641555012"))},
			[]outcome{{"email:ana@example.com phone:+38641555012", "", ana, "+38641555012", "", false}, {"email:maja@example.com phone:+38641555012", "", maja, "+38641555012", "", false}}},
		{"an order with neither is a person of its own",
			[]customer.Person{order("1", "", "", 1, named("Walk", "In")), order("2", "", "", 2), account("7", maja)},
			[]outcome{{"account:7 email:maja@example.com", "", maja, "", "", true}, {"order:1", "Walk In", "", "", "", false}, {"order:2", "", "", "", "", false}}},
		{"an account's order under another address brings that guest along",
			[]customer.Person{account("7", maja), order("1", "", ana, 1, living("Kranj", "SI")), order("2", "7", ana, 2)},
			[]outcome{{"account:7 email:ana@example.com email:maja@example.com", "", maja, "", "Kranj", true}}},
		{"two accounts stay two when one orders under the other's address",
			[]customer.Person{account("7", maja), account("8", ana), order("1", "7", ana, 1)},
			[]outcome{{"account:7 email:maja@example.com", "", maja, "", "", true}, {"account:8 email:ana@example.com", "", ana, "", "", true}}},
		{"an order of an account the shop has deleted is still that account's",
			[]customer.Person{order("1", "66", maja, 1), order("2", "66", "", 2, named("Maja", "K"))},
			[]outcome{{"account:66 email:maja@example.com", "Maja K", maja, "", "", false}}},
		{"an order of a deleted account is its address's, also where that has an account again",
			[]customer.Person{order("1", "66", maja, 1), account("7", maja), order("2", "66", "", 2, named("Maja", "K"))},
			[]outcome{{"account:66 account:7 email:maja@example.com", "Maja K", maja, "", "", true}}},
		{"a guest known by two accounts' orders goes with an account",
			[]customer.Person{account("7", maja), order("1", "7", ana, 1), order("2", "66", ana, 2), order("3", "", ana, 3)},
			[]outcome{{"account:66 account:7 email:ana@example.com email:maja@example.com", "", maja, "", "", true}}},
		{"the account's own word stands against newer orders, which fill the blanks",
			[]customer.Person{account("7", maja, named("Maja", "Kovač"), phone("+38640111222")), order("1", "7", maja, 1, named("X", "Y"), phone("+38641555012"), living("Ptuj", "SI")), order("2", "7", maja, 5, living("Celje", "SI"))},
			[]outcome{{"account:7 email:maja@example.com phone:+38640111222 phone:+38641555012", "Maja Kovač", maja, "+38640111222", "Celje", true}}},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			for n, people := range permutations(tt.people) {
				for _, how := range []string{"one by one", "at once"} {
					for _, table := range []string{"crm_profiles", "crm_identities"} {
						b.exec(t, "DELETE FROM "+table)
					}
					if how == "at once" {
						b.link(t, people...)
					} else {
						for _, p := range people {
							b.link(t, p)
						}
					}
					if diff := cmp.Diff(tt.want, b.outcomes(t)); diff != "" {
						t.Fatalf("order %d, %s (-want +got):\n%s", n, how, diff)
					}
					before := b.checksum(t)
					b.link(t, people...)
					b.link(t, people...)
					if after := b.checksum(t); before != after {
						t.Fatalf("order %d, %s: the same input again changed rows:\n%s\n%s", n, how, before, after)
					}
				}
			}
		})
	}
}

func (b bundle) checksum(t *testing.T) string {
	t.Helper()
	var sums []struct {
		Table    string `bun:"Table"`
		Checksum int64  `bun:"Checksum"`
	}
	if err := b.db.NewRaw("CHECKSUM TABLE crm_profiles, crm_identities, crm_consents, crm_consent_states, crm_notes").Scan(context.Background(), &sums); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(sums)
}

func permutations[T any](list []T) [][]T {
	if len(list) <= 1 {
		return [][]T{slices.Clone(list)}
	}
	var all [][]T
	for i := range list {
		rest := slices.Delete(slices.Clone(list), i, i+1)
		for _, p := range permutations(rest) {
			all = append(all, append([]T{list[i]}, p...))
		}
	}
	return all
}

func TestAnAbsorbedGuestBringsOrdersConsentsAndNotesAndTheStrictestWins(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := context.Background()
	guest := b.link(t, order("1", "", "guest@example.com", 1))[0]
	member := b.link(t, account("7", "maja@example.com"))[0]
	b.exec(t, `INSERT INTO crm_orders (shop_id, shop_key, number, identity_id, profile_id, status, currency, total, tax, shipping, discount, refunded, placed_at, fingerprint)
		VALUES (1, '1', 'A-1', ?, ?, 'paid', 'EUR', 10, 0, 0, 0, 0, '2026-01-01', 0)`, guest.IdentityID, guest.ProfileID)
	b.exec(t, "INSERT INTO crm_notes (profile_id, staff_id, body, created_at) VALUES (?, 1, 'called', '2026-01-02')", guest.ProfileID)
	for _, e := range []consent.Entry{
		{ProfileID: guest.ProfileID, IdentityID: guest.IdentityID, State: consent.Withdrawn},
		{ProfileID: member.ProfileID, IdentityID: member.IdentityID, State: consent.Granted},
	} {
		e.ShopID, e.Topic, e.Source = 1, consent.DefaultTopic, consent.SourceShop
		if err := b.consents.Record(ctx, b.db, e); err != nil {
			t.Fatal(err)
		}
	}

	took := b.link(t, order("2", "7", "guest@example.com", 2))[0]
	if took.ProfileID != member.ProfileID || !slices.Equal(took.Touched, []int64{guest.ProfileID}) {
		t.Fatalf("got %+v", took)
	}
	followed, err := b.people.Profile(ctx, guest.ProfileID)
	if err != nil || followed.ID != member.ProfileID {
		t.Errorf("the guest's id leads to %d, %v", followed.ID, err)
	}
	for what, query := range map[string]string{
		"orders": "SELECT COUNT(*) FROM crm_orders WHERE profile_id = ?", "notes": "SELECT COUNT(*) FROM crm_notes WHERE profile_id = ?",
		"moved identities": "SELECT COUNT(*) FROM crm_identities WHERE profile_id = ? AND origin_profile_id <> profile_id",
	} {
		if n := b.number(t, query, member.ProfileID); n != 1 {
			t.Errorf("%d %s", n, what)
		}
	}
	states, err := b.consents.States(ctx, member.ProfileID)
	if err != nil || len(states) != 1 || states[0].State != consent.Withdrawn {
		t.Errorf("consents: %+v, %v", states, err)
	}
	if left, err := b.consents.States(ctx, guest.ProfileID); err != nil || len(left) != 0 {
		t.Errorf("the guest still has consents: %+v, %v", left, err)
	}
	counts, err := b.people.Counts(ctx)
	if diff := cmp.Diff(customer.Counts{Profiles: 1, WithAccount: 1}, counts); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
}

func TestAnAccountTheShopDeletedLeavesItsPersonAndOneThatComesBackIsSeenAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	gone := func(p *customer.Person) { p.Deleted = true }
	if got := b.link(t, account("9", "x@example.com", gone))[0]; got.ProfileID != 0 {
		t.Errorf("a deleted stranger was made a profile: %+v", got)
	}
	was := b.link(t, account("7", "maja@example.com", named("Maja", "K")))[0]
	for range 2 {
		b.link(t, account("7", "", gone))
		p, err := b.people.Profile(context.Background(), was.ProfileID)
		if err != nil || p.HasAccount || p.Name.First != "Maja" {
			t.Errorf("got %+v, %v", p, err)
		}
	}
	again := b.link(t, account("12", "maja@example.com", named("Maja", "Novak")))[0]
	p, err := b.people.Profile(context.Background(), again.ProfileID)
	if err != nil || again.ProfileID != was.ProfileID || !p.HasAccount || p.Name.Last != "Novak" {
		t.Errorf("got %+v, %v", p, err)
	}
}

func TestAnOrderThatWasGivenAnAddressLeavesNobodyBehind(t *testing.T) {
	t.Parallel()
	b := setup(t)
	was := b.link(t, order("1", "", "", 1, named("Walk", "In")))[0]
	now := b.link(t, order("1", "", "maja@example.com", 1, named("Walk", "In")))[0]
	if n := b.number(t, "SELECT COUNT(*) FROM crm_profiles WHERE merged_into IS NULL"); n != 1 || !slices.Equal(now.Touched, []int64{was.ProfileID}) {
		t.Errorf("%d profiles, %+v", n, now)
	}
}

func TestAnAddressThatIsOneOfASecondAccountsStaysWhereItWasFirst(t *testing.T) {
	t.Parallel()
	b := setup(t)
	first := b.link(t, account("7", "maja@example.com"))[0]
	second := b.link(t, account("8", "ana@example.com"))[0]
	again := b.link(t, account("8", "maja@example.com"))[0] // the second changed its address to the first one's
	p, err := b.people.ByEmail(context.Background(), "maja@example.com")
	if err != nil || p.ID != first.ProfileID || again.ProfileID != second.ProfileID {
		t.Errorf("got %+v, %v, %+v", p, err, again)
	}
	if other, err := b.people.Profile(context.Background(), second.ProfileID); err != nil || other.Email != "ana@example.com" {
		t.Errorf("got %+v, %v: two profiles would be mailed at one address", other, err)
	}
}

func TestManyProcessesLinkingTheSamePeopleMakeThemOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := context.Background()
	var people []customer.Person
	for i := range 60 {
		email := fmt.Sprintf("p%d@example.com", i%40)
		if i%3 == 0 {
			people = append(people, account(strconv.Itoa(i), email, phone("+38641555012")))
		} else {
			people = append(people, order(strconv.Itoa(i), "", email, i, named("N", strconv.Itoa(i))))
		}
	}
	var all sync.WaitGroup
	for n := range 8 {
		mine := slices.Clone(people)
		if n%2 == 1 {
			slices.Reverse(mine)
		}
		all.Go(func() {
			for part := range slices.Chunk(mine, 7+n) {
				err := store.InTx(ctx, b.db, func(ctx context.Context, tx bun.Tx) error {
					_, err := b.people.Link(ctx, tx, 1, part)
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if n := b.number(t, "SELECT COUNT(*) FROM crm_profiles WHERE merged_into IS NULL"); n != 40 {
		t.Errorf("%d profiles for 40 addresses", n)
	}
	if n := b.number(t, "SELECT COUNT(*) FROM crm_identities i LEFT JOIN crm_profiles p ON p.id = i.profile_id AND p.merged_into IS NULL WHERE p.id IS NULL"); n != 0 {
		t.Errorf("%d identities belong to nobody", n)
	}
	if n := b.number(t, "SELECT COUNT(*) FROM crm_identities WHERE kind = 'account'"); n != 20 {
		t.Errorf("%d accounts", n)
	}
}

type statements struct{ atomic.Int32 }

func (s *statements) BeforeQuery(ctx context.Context, _ *bun.QueryEvent) context.Context { return ctx }
func (s *statements) AfterQuery(context.Context, *bun.QueryEvent)                        { s.Add(1) }

func TestLinkingManyTakesAHandfulOfStatements(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var accounts, orders []customer.Person
	for i := range 900 {
		email, key := fmt.Sprintf("p%d@example.com", i), strconv.Itoa(i)
		accounts = append(accounts, account(key, email, named("Ana Marija", "Novak"), phone(fmt.Sprintf("+3864%07d", i))))
		if i%2 == 0 {
			key = ""
		}
		orders = append(orders, order("o"+strconv.Itoa(i), key, email, 1, phone(fmt.Sprintf("+3863%07d", i))))
	}
	count := &statements{}
	b.db = b.db.WithQueryHook(count) // link passes it on
	for _, tt := range []struct {
		what   string
		people []customer.Person
		most   int32
	}{{"new accounts", accounts, 12}, {"the same again", accounts, 6}, {"their orders", orders, 8}, {"the same orders again", orders, 6}} {
		count.Store(0)
		b.link(t, tt.people...)
		if n := count.Load(); n > tt.most {
			t.Errorf("%s: %d statements, at most %d were meant", tt.what, n, tt.most)
		}
	}
}

func BenchmarkLink(b *testing.B) {
	s := setup(b)
	var people []customer.Person
	at := 0
	for b.Loop() {
		people = people[:0]
		for range 1000 {
			at++
			people = append(people, account(strconv.Itoa(at), fmt.Sprintf("person%d@example.com", at), named("Maja", "Kovač"), phone(fmt.Sprintf("+3864%07d", at)), living("Celje", "SI")))
		}
		s.link(b, people...)
	}
	b.ReportMetric(float64(at)/b.Elapsed().Seconds(), "people/s")
}

func BenchmarkLinkUnchanged(b *testing.B) {
	s := setup(b)
	var people []customer.Person
	for at := range 1000 {
		people = append(people, account(strconv.Itoa(at), fmt.Sprintf("person%d@example.com", at), named("Maja", "Kovač"), phone(fmt.Sprintf("+3864%07d", at)), living("Celje", "SI")))
	}
	s.link(b, people...)
	n := 0
	for b.Loop() {
		s.link(b, people...)
		n += len(people)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "people/s")
}
