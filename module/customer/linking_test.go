package customer_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/net/idna"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/customer"
)

// spell writes an address as people, mail programs and shops do.
func spell(dice *rand.Rand, address string) string {
	local, domain, _ := strings.Cut(address, "@")
	if dice.IntN(2) == 0 {
		if unicode, err := idna.Display.ToUnicode(domain); err == nil {
			domain = unicode
		}
	}
	flip := func(s string) string {
		var b strings.Builder
		for _, r := range s {
			if dice.IntN(2) == 0 {
				b.WriteString(strings.ToUpper(string(r)))
			} else {
				b.WriteRune(r)
			}
		}
		return b.String()
	}
	text := flip(local) + "@" + flip(domain)
	if dice.IntN(4) == 0 {
		text += "."
	}
	switch dice.IntN(5) {
	case 0:
		text = "<" + text + ">"
	case 1:
		text = `"Kovač, Maja" <` + text + ">"
	case 2:
		text = "mailto:" + text
	case 3:
		text = "Maja  < " + text + " >"
	}
	return []string{"", " ", "\t", "\u00a0", "\ufeff"}[dice.IntN(5)] + text + []string{"", "\r\n", "  ", "\u200b"}[dice.IntN(4)]
}

func TestOnlyAnAccountOrANormalisedAddressJoinsPeople(t *testing.T) {
	t.Parallel()
	b := setup(t)
	addresses := []string{"maja@example.com", "maja+tea@example.com", "maja+coffee@example.com", "m.aja@example.com", "maja@xn--kova-j6a.si", "maja@kova.si", "maja@example.org", "ma-ja@example.com"}
	for seed := range uint64(20) {
		dice := rand.New(rand.NewPCG(seed, 1))
		b.exec(t, "DELETE FROM crm_profiles")
		b.exec(t, "DELETE FROM crm_identities")
		owner := map[string]int64{}  // by address
		member := map[string]int64{} // by account
		var history []string
		for n := range 40 {
			i := dice.IntN(len(addresses))
			text := spell(dice, addresses[i])
			email, err := contact.ParseEmail(text)
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			// Everybody has one name, one phone and one street: nothing of that may join anybody.
			same := []func(*customer.Person){named("Maja", "Kovač"), phone("+38641555012"), living("Celje", "SI")}
			key := fmt.Sprint("a", i) // each address has an account of its own
			var got customer.Linked
			switch dice.IntN(3) {
			case 0:
				got = b.link(t, order(fmt.Sprint(n), "", string(email), n, same...))[0]
			case 1:
				got = b.link(t, account(key, string(email), same...))[0]
				member[key] = got.ProfileID
			default:
				got = b.link(t, order(fmt.Sprint(n), key, string(email), n, same...))[0]
				member[key] = got.ProfileID
			}
			history = append(history, text)
			if was, known := owner[addresses[i]]; known && was != got.ProfileID {
				t.Fatalf("seed %d: %q is profile %d, and was %d (%q)", seed, text, got.ProfileID, was, history)
			}
			owner[addresses[i]] = got.ProfileID
		}
		seen := map[int64]string{}
		for address, id := range owner {
			if other, taken := seen[id]; taken {
				t.Fatalf("seed %d: %s and %s were joined", seed, address, other)
			}
			seen[id] = address
		}
		if n := b.number(t, "SELECT COUNT(*) FROM crm_profiles WHERE merged_into IS NULL"); n != int64(len(owner)) {
			t.Fatalf("seed %d: %d profiles for %d addresses", seed, n, len(owner))
		}
	}
}

func TestAGuestWhoRegistersLaterBringsTheHistoryAlong(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := support(context.Background())
	first := b.buy(t, order("1", "", "maja@example.com", 1, named("Maja", "Kovač"), living("Ptuj", "SI")), 40)
	if _, err := b.people.AddNote(ctx, first.ProfileID, "as a guest"); err != nil {
		t.Fatal(err)
	}
	member := b.link(t, account("7", "maja@example.com", named("Maja", "Novak")))[0]
	second := b.buy(t, order("2", "7", "maja@example.com", 9), 10)
	if member.ProfileID != first.ProfileID || second.ProfileID != first.ProfileID {
		t.Errorf("the guest is %d, the member %d, the member's order %d", first.ProfileID, member.ProfileID, second.ProfileID)
	}
	p, err := b.people.Profile(ctx, member.ProfileID)
	if err != nil || !p.HasAccount || p.Name.Last != "Novak" || p.Address.City != "Ptuj" || !p.FirstSeenAt.Equal(noon.AddDate(0, 0, -100)) {
		t.Errorf("%+v, %v", p, err)
	}
	what := b.belongings(t)[fmt.Sprint(p.ID)]
	if !strings.Contains(what, "#1 #2 | as a guest") {
		t.Errorf("got %q", what)
	}
}

func TestADeletedAccountBecomesAGuestWithAllItHad(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := support(context.Background())
	member := b.link(t, account("7", "maja@example.com", named("Maja", "Kovač"), phone("+38641555012")))[0]
	b.buy(t, order("1", "7", "maja@example.com", 1), 40)
	if _, err := b.people.AddNote(ctx, member.ProfileID, "as a member"); err != nil {
		t.Fatal(err)
	}
	gone := func(p *customer.Person) { p.Deleted = true }
	b.link(t, account("7", "", gone))
	guest := b.buy(t, order("2", "", "maja@example.com", 9, living("Ptuj", "SI")), 10)
	p, err := b.people.Profile(ctx, guest.ProfileID)
	if err != nil || guest.ProfileID != member.ProfileID || p.HasAccount || p.Name.First != "Maja" || p.Phone != "+38641555012" || p.Address.City != "Ptuj" {
		t.Errorf("%+v, %v", p, err)
	}
	counts, err := b.people.Counts(ctx)
	if err != nil || counts.Guests != 1 || counts.WithAccount != 0 {
		t.Errorf("%+v, %v", counts, err)
	}
	identities, err := b.people.Identities(ctx, p.ID)
	if err != nil || identities[0].Kind != customer.KindAccount || identities[0].GoneAt.IsZero() {
		t.Errorf("the account's identity does not say that it is gone: %+v, %v", identities, err)
	}
	if what := b.belongings(t)[fmt.Sprint(p.ID)]; !strings.Contains(what, "#1 #2 | as a member") {
		t.Errorf("got %q", what)
	}
}
