package recommend_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/recommend"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

func as(t *testing.T, role staff.Role) context.Context {
	return staff.WithActor(t.Context(), staff.Account{ID: 7, Name: "Nina", Role: role}, "127.0.0.1")
}

func (b bundle) set(t *testing.T, rule recommend.Rule) recommend.Rule {
	t.Helper()
	rule.ShopID = shop
	kept, err := b.engine.SetRule(as(t, staff.RoleMarketer), rule)
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

func TestWhatIsForbiddenIsNotOfferedInAnyWay(t *testing.T) {
	t.Parallel()
	b := larder(t)
	b.set(t, recommend.Rule{OtherID: coffee, Act: recommend.Forbid})
	b.set(t, recommend.Rule{OtherID: better, Act: recommend.Forbid})
	for _, kind := range recommend.Kinds {
		for person, some := range b.ask(t, kind, 6, 1, 201, 999) {
			for _, s := range some {
				if s.Product.ID == coffee || s.Product.ID == better {
					t.Errorf("%s: person %d is offered %d", kind, person, s.Product.ID)
				}
			}
		}
	}
}

func TestAPinnedProductStandsFirstAndSaysThatStaffPutItThere(t *testing.T) {
	t.Parallel()
	b := larder(t)
	rule := b.set(t, recommend.Rule{ProductID: coffee, OtherID: kettle, Act: recommend.Pin})
	first := b.ask(t, recommend.CrossSell, 2, 1)[1][0]
	if first.Product.ID != kettle || first.Because == nil || first.Because.ID != coffee || first.Both != 0 || first.Fallback {
		t.Errorf("%+v", first)
	}
	words, err := locale.Load(recommend.Locales)
	if err != nil {
		t.Fatal(err)
	}
	if got := first.Reason(words.Printer("en", time.UTC)); got != "Put with Thing 1 by the shop's staff" {
		t.Error(got)
	}
	with, err := b.engine.GoesWith(t.Context(), coffee, 3)
	if err != nil || len(with) == 0 || with[0].Product.ID != kettle || !with[0].Pinned {
		t.Errorf("goes with coffee: %+v, %v", with, err)
	}
	for _, s := range b.ask(t, recommend.CrossSell, 3, 102)[102] { // who gave all coffee back has no reason
		if s.Because != nil {
			t.Errorf("person 102: %+v", s)
		}
	}
	if _, err := b.db.NewRaw("UPDATE crm_products SET stock = 'out' WHERE id = ?", kettle).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := b.ask(t, recommend.CrossSell, 2, 1)[1][0]; s.Product.ID == kettle {
		t.Error("what is sold out is offered because it is pinned")
	}
	if err := b.engine.DropRule(as(t, staff.RoleMarketer), shop, rule.ID); err != nil {
		t.Fatal(err)
	}
	if rules, err := b.engine.Rules(t.Context(), shop, coffee); err != nil || len(rules) != 0 {
		t.Errorf("%v, %v", rules, err)
	}
}

// What is held of a run must not be changed by following rules: without them, all is as before.
func TestABoostChangesTheOrderAndItsEndRestoresIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.rebuild(t)
	before := b.ask(t, recommend.CrossSell, 5, 2)[2]
	last := before[4]
	if last.Because == nil {
		t.Fatalf("%+v has no reason", last)
	}
	rule := b.set(t, recommend.Rule{OtherID: last.Product.ID, Act: recommend.Boost, Factor: 10})
	if boosted := b.ask(t, recommend.CrossSell, 5, 2)[2]; boosted[0].Product.ID != last.Product.ID || boosted[0].Both != last.Both {
		t.Errorf("ten times as much is at %v, before at %v", idsOf(boosted), idsOf(before))
	}
	pair := b.set(t, recommend.Rule{ProductID: last.Because.ID, OtherID: last.Product.ID, Act: recommend.Forbid})
	for _, s := range b.ask(t, recommend.CrossSell, 5, 2)[2] {
		if s.Product.ID == last.Product.ID && s.Because.ID == last.Because.ID {
			t.Error("a pair that is forbidden is the reason")
		}
	}
	for _, r := range []recommend.Rule{rule, pair} {
		if err := b.engine.DropRule(as(t, staff.RoleOwner), shop, r.ID); err != nil {
			t.Fatal(err)
		}
	}
	if after := b.ask(t, recommend.CrossSell, 5, 2)[2]; !slices.Equal(idsOf(before), idsOf(after)) {
		t.Errorf("%v, then %v", idsOf(before), idsOf(after))
	}
}

func TestARuleIsMadeByWhoMayAndWrittenDown(t *testing.T) {
	t.Parallel()
	b := larder(t)
	rule := recommend.Rule{ShopID: shop, ProductID: grinder, OtherID: kettle, Act: recommend.Pin}
	for _, role := range []staff.Role{staff.RoleReader, staff.RoleSupport} {
		if _, err := b.engine.SetRule(as(t, role), rule); !errors.As(err, new(*staff.DeniedError)) {
			t.Errorf("%s: %v", role, err)
		}
		if err := b.engine.DropRule(as(t, role), shop, 1); !errors.As(err, new(*staff.DeniedError)) {
			t.Errorf("%s: %v", role, err)
		}
	}
	kept := b.set(t, rule)
	again := b.set(t, recommend.Rule{ProductID: grinder, OtherID: kettle, Act: recommend.Boost, Factor: 2})
	rules, err := b.engine.Rules(t.Context(), shop, kettle)
	if err != nil || len(rules) != 1 || rules[0].Act != recommend.Boost || rules[0].ID != again.ID {
		t.Errorf("the later rule of two products is not the one: %+v, %v", rules, err)
	}
	if err := b.engine.DropRule(as(t, staff.RoleOwner), shop, kept.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a rule that was replaced: %v", err)
	}
	if err := b.engine.DropRule(as(t, staff.RoleOwner), shop+1, again.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("another shop's rule: %v", err)
	}
	if err := b.engine.DropRule(as(t, staff.RoleOwner), shop, again.ID); err != nil {
		t.Fatal(err)
	}
	var acts []string
	if err := b.db.NewRaw("SELECT CONCAT(action, ' ', object_id, ' ', actor) FROM crm_audit ORDER BY id").Scan(t.Context(), &acts); err != nil {
		t.Fatal(err)
	}
	if want := []string{"offer.rule 13 Nina", "offer.rule 13 Nina", "offer.rule_dropped 13 Nina"}; !slices.Equal(acts, want) {
		t.Errorf("written down: %q", acts)
	}
}

func TestARuleThatMakesNoSenseSaysWhy(t *testing.T) {
	t.Parallel()
	b := larder(t)
	for name, c := range map[string]struct {
		rule  recommend.Rule
		field string
	}{
		"no act":            {recommend.Rule{OtherID: coffee}, "act"},
		"pinned to nothing": {recommend.Rule{OtherID: coffee, Act: recommend.Pin}, "act"},
		"with itself":       {recommend.Rule{ProductID: coffee, OtherID: coffee, Act: recommend.Pin}, "other"},
		"with nothing":      {recommend.Rule{Act: recommend.Forbid}, "other"},
		"far too much":      {recommend.Rule{OtherID: coffee, Act: recommend.Boost, Factor: 11}, "factor"},
		"not a number":      {recommend.Rule{OtherID: coffee, Act: recommend.Boost, Factor: math.NaN()}, "factor"},
		"less than nothing": {recommend.Rule{OtherID: coffee, Act: recommend.Boost, Factor: -1}, "factor"},
	} {
		c.rule.ShopID = shop
		_, err := b.engine.SetRule(as(t, staff.RoleOwner), c.rule)
		if wrong := (*recommend.RuleError)(nil); !errors.As(err, &wrong) || wrong.Field != c.field {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, rule := range map[string]recommend.Rule{"no such product": {ShopID: shop, OtherID: 999, Act: recommend.Forbid}, "another shop's": {ShopID: 2, OtherID: coffee, Act: recommend.Forbid}} {
		if _, err := b.engine.SetRule(as(t, staff.RoleOwner), rule); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
