package customer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/customer"
)

func at(line, postcode string) func(*customer.Person) {
	return func(p *customer.Person) {
		p.Address = contact.Address{Line1: line, Postcode: postcode, City: "Celje", Country: "SI"}
	}
}

// refresh works out all suggestions and gives them in words, the surest first.
func (b bundle) refresh(t testing.TB) []string {
	t.Helper()
	ctx := support(context.Background())
	if _, err := b.people.RefreshSuggestions(ctx, 100_000); err != nil {
		t.Fatal(err)
	}
	var list []string
	after := ""
	for {
		page, next, err := b.people.AllSuggestions(ctx, after, 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range page {
			var kinds []string
			for _, r := range s.Reasons {
				kinds = append(kinds, r.Kind)
			}
			pair := []string{string(s.Profile.Email), string(s.Other.Email)}
			slices.Sort(pair)
			list = append(list, fmt.Sprintf("%s %.2f %s", strings.Join(pair, " "), s.Score, strings.Join(kinds, ",")))
		}
		if after = next; next == "" {
			return list
		}
	}
}

func TestPeopleWhoLookAlikeAreSuggestedWithScoreAndReasons(t *testing.T) {
	t.Parallel()
	const number = "+38641555012"
	for _, tt := range []struct {
		rule   string
		people []customer.Person
		want   []string
	}{
		{"one number and one name", []customer.Person{order("1", "", "a@x.si", 1, named("Maja", "Kovač"), phone(number)), order("2", "", "b@y.si", 2, named("KOVAC", "Maja"), phone(number))},
			[]string{"a@x.si b@y.si 0.90 phone,name"}},
		{"one number in one family", []customer.Person{order("1", "", "a@x.si", 1, named("Maja", "Kovač"), phone(number)), order("2", "", "b@y.si", 2, named("Luka", "Kovač"), phone(number))},
			[]string{"a@x.si b@y.si 0.40 phone"}},
		{"one number, two names", []customer.Person{order("1", "", "a@x.si", 1, named("Maja", "Kovač"), phone(number)), order("2", "", "b@y.si", 2, named("Luka", "Novak"), phone(number))},
			[]string{"a@x.si b@y.si 0.30 phone"}},
		{"one name at one address", []customer.Person{order("1", "", "a@x.si", 1, named("Maja", "Kovač"), at("Glavni trg 5", "3000")), order("2", "", "b@y.si", 2, named("Maja", "Kovac"), at("glavni trg 5.", "3000"))},
			[]string{"a@x.si b@y.si 0.80 address,name"}},
		{"one address, two names", []customer.Person{order("1", "", "a@x.si", 1, named("Maja", "Kovač"), at("Glavni trg 5", "3000")), order("2", "", "b@y.si", 2, named("Luka", "Kovač"), at("Glavni trg 5", "3000"))}, nil},
		{"one name alone", []customer.Person{order("1", "", "a@x.si", 1, named("Maja", "Kovač")), order("2", "", "b@y.si", 2, named("Maja", "Kovač"))}, nil},
		{"an address one slip away with one name", []customer.Person{order("1", "", "maja.kovac@x.si", 1, named("Maja", "Kovač")), order("2", "", "maja.kovc@x.si", 2, named("Maja", "Kovač"))},
			[]string{"maja.kovac@x.si maja.kovc@x.si 0.70 typo,name"}},
		{"a provider's domain typed wrong", []customer.Person{order("1", "", "mk@gmail.com", 1, named("Maja", "Kovač")), order("2", "", "mk@gmial.com", 2, named("Maja", "Kovač"))},
			[]string{"mk@gmail.com mk@gmial.com 0.70 typo,name"}},
		{"an address one slip away, another name", []customer.Person{order("1", "", "maja.kovac@x.si", 1, named("Maja", "Kovač")), order("2", "", "maja.kovc@x.si", 2, named("Luka", "Kovač"))}, nil},
		{"all of it at once", []customer.Person{order("1", "", "maja.kovac@x.si", 1, named("Maja", "Kovač"), phone(number), at("Glavni trg 5", "3000")), account("2", "maja.kovc@x.si", named("Maja", "Kovač"), phone(number), at("Glavni trg 5", "3000"))},
			[]string{"maja.kovac@x.si maja.kovc@x.si 0.99 phone,address,typo,name"}},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			for _, people := range permutations(tt.people) {
				b := setup(t)
				for _, p := range people { // each refresh sees only what changed
					b.link(t, p)
					b.refresh(t)
				}
				if diff := cmp.Diff(tt.want, b.refresh(t)); diff != "" {
					t.Errorf("-want +got:\n%s", diff)
				}
				if n := b.number(t, "SELECT COUNT(*) FROM crm_changed_people"); n != 0 {
					t.Errorf("%d profiles still wait", n)
				}
			}
		})
	}
}

func TestANumberOfVeryManyIsNoEvidenceAndIsSaid(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var people []customer.Person
	for i := range 40 {
		people = append(people, order(fmt.Sprint(i), "", fmt.Sprintf("p%d@example.com", i), i, named("Maja", "Kovač"), phone("+38615555555")))
	}
	b.link(t, people...)
	if got := b.refresh(t); len(got) != 0 {
		t.Errorf("%d suggestions from one number of 40 people", len(got))
	}
	shared, err := b.people.SharedPhones(context.Background(), []string{"+38615555555", "+38641555012"})
	if diff := cmp.Diff(map[string]int64{"+38615555555": 40}, shared); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
}

func TestASuggestionGoesWithItsReasonAndADismissedPairStaysDismissed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := support(context.Background())
	moves := func(line string) customer.Person {
		return account("7", "maja@x.si", named("Maja", "Kovač"), at(line, "3000"))
	}
	a := b.link(t, moves("Glavni trg 5"))[0]
	c := b.link(t, order("2", "", "b@y.si", 2, named("Maja", "Kovač"), at("Glavni trg 5", "3000")))[0]
	if got := b.refresh(t); len(got) != 1 {
		t.Fatalf("got %q", got)
	}
	b.link(t, moves("Glavni trg 6"))
	if got := b.refresh(t); len(got) != 0 {
		t.Errorf("the reason is gone, the suggestion is not: %q", got)
	}
	b.link(t, moves("Glavni trg 5"))
	if got := b.refresh(t); len(got) != 1 {
		t.Fatalf("got %q", got)
	}
	mine, err := b.people.Suggestions(ctx, c.ProfileID)
	if err != nil || len(mine) != 1 || mine[0].Profile.ID != c.ProfileID || mine[0].Other.ID != a.ProfileID {
		t.Fatalf("from the other side: %+v, %v", mine, err)
	}
	if err := b.people.Dismiss(ctx, c.ProfileID, a.ProfileID); err != nil {
		t.Fatal(err)
	}
	b.link(t, moves("Glavni trg 6"))
	b.refresh(t)
	b.link(t, moves("Glavni trg 5"))
	if got := b.refresh(t); len(got) != 0 {
		t.Errorf("dismissed, and suggested again: %q", got)
	}
	if err := b.people.Reconsider(ctx, a.ProfileID, c.ProfileID); err != nil {
		t.Fatal(err)
	}
	if got := b.refresh(t); len(got) != 1 {
		t.Errorf("taken back, and not suggested: %q", got)
	}
	if err := b.people.Dismiss(ctx, a.ProfileID, a.ProfileID); !errors.Is(err, customer.ErrSamePerson) {
		t.Errorf("nobody is another than themselves: %v", err)
	}
}

func TestMergedAndUnlinkedPeopleAreNotSuggested(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := support(context.Background())
	same := []func(*customer.Person){named("Maja", "Kovač"), phone("+38641555012")}
	a := b.buy(t, order("1", "", "a@x.si", 1, same...), 1)
	c := b.buy(t, order("2", "", "b@y.si", 2, same...), 1)
	if got := b.refresh(t); len(got) != 1 {
		t.Fatalf("got %q", got)
	}
	m, err := b.people.Merge(ctx, a.ProfileID, c.ProfileID)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.refresh(t); len(got) != 0 {
		t.Errorf("merged: %q", got)
	}
	if _, err := b.people.Undo(ctx, m.ID); err != nil {
		t.Fatal(err)
	}
	if got := b.refresh(t); len(got) != 1 {
		t.Errorf("undone: %q", got)
	}
	if _, err := b.people.Merge(ctx, a.ProfileID, c.ProfileID); err != nil {
		t.Fatal(err)
	}
	if _, err := b.people.Unlink(ctx, a.IdentityID); err != nil {
		t.Fatal(err)
	}
	if got := b.refresh(t); len(got) != 0 {
		t.Errorf("the staff parted them, and they are suggested: %q", got)
	}
}
