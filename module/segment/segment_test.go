package segment_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

func mustCheck(t *testing.T, b bundle, tree segment.Tree) segment.Tree {
	t.Helper()
	checked, err := b.segments.Vocabulary().Check(tree)
	if err != nil {
		t.Fatalf("%s: %v", tree.JSON(), err)
	}
	return checked
}

func TestTheCountLeavesEverybodyOutForExactlyOneReason(t *testing.T) {
	t.Parallel()
	b := setup(t, 200)
	want := segment.Count{}
	for _, p := range b.world.people {
		if p.gone {
			continue
		}
		want.Profiles++
		state := p.consents["newsletter/1"]
		switch {
		case p.email == "":
			want.NoAddress++
		case state == "withdrawn":
			want.Withdrawn++
		case state == "":
			want.NoConsent++
		case p.suppressed:
			want.Suppressed++
		default:
			want.Mailable++
		}
	}
	got, err := b.segments.Count(context.Background(), segment.Tree{}, 1, "")
	if err != nil {
		t.Fatal(err)
	}
	got.Millis = 0
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got) %s", diff)
	}
	if got.Suppressed == 0 || got.Mailable == 0 {
		t.Errorf("the world proves nothing: %+v", got)
	}
}

func TestEachConditionIsCountedAloneUnderItsPath(t *testing.T) {
	t.Parallel()
	b := setup(t, 120)
	tree := mustCheck(t, b, segment.Tree{Root: segment.All(
		segment.Is("country", segment.Values{"in": []string{"SI"}}),
		segment.Not(segment.Any(segment.Is("orders", segment.Values{"at_least": 2}))),
	)})
	got, err := b.segments.CountEach(context.Background(), tree, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int64{
		"all[0]":            int64(len(b.world.members(segment.Tree{Root: tree.Root.All[0]}, 0))),
		"all[1].not.any[0]": int64(len(b.world.members(segment.Tree{Root: tree.Root.All[1].Not.Any[0]}, 0))),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got) %s", diff)
	}
}

func TestASampleIsDrawnBySeedFromTheMembers(t *testing.T) {
	t.Parallel()
	b := setup(t, 200)
	tree := mustCheck(t, b, segment.Tree{Root: segment.Is("country", segment.Values{"in": []string{"SI", "AT"}})})
	in := map[int64]bool{}
	for _, id := range b.world.members(tree, 0) {
		in[id] = true
	}
	draw := func(seed int64) (ids []int64) {
		people, err := b.segments.Sample(context.Background(), tree, 0, 5, seed)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range people {
			if !in[p.ID] {
				t.Errorf("profile %d is not selected", p.ID)
			}
			ids = append(ids, p.ID)
		}
		return ids
	}
	if len(draw(1)) != 5 || !cmp.Equal(draw(1), draw(1)) || cmp.Equal(draw(1), draw(2)) {
		t.Errorf("want 5 people, the same for a seed, others for another: %v, %v, %v", draw(1), draw(1), draw(2))
	}
}

func TestABadTreeNamesThePlaceAndWhatIsAllowed(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"not":`, 9) + `{"is":"country","in":["SI"]}` + strings.Repeat("}", 9)
	many := `{"all":[` + strings.Repeat(`{"is":"country","in":["SI"]},`, 100) + `{"is":"country","in":["SI"]}]}`
	for name, c := range map[string]struct{ in, path, says string }{
		"not JSON":             {"{\n\"all\": [}", "", "line 2"},
		"something after":      {`{"all":[]} x`, "", "line 1"},
		"too large":            {strings.Repeat(" ", 70000), "", "larger than 64 KB"},
		"not UTF-8":            {"{\"all\xff\":[]}", "", "UTF-8"},
		"not an object":        {`{"all":[1]}`, "all[0]", "want an object"},
		"two groups":           {`{"all":[],"any":[]}`, "", "exactly one"},
		"unknown group":        {`{"some":[]}`, "some", "unknown key"},
		"group not a list":     {`{"all":{}}`, "all", "list"},
		"empty any":            {`{"any":[]}`, "any", "at least one"},
		"key twice":            {`{"is":"orders","at_least":1,"at_least":2}`, "at_least", "twice"},
		"unknown kind":         {`{"all":[{"is":"orderz"}]}`, "all[0].is", `"orders"`},
		"unknown field":        {`{"any":[{"is":"orders","times":2}]}`, "any[0].times", `"at_least"`},
		"out of range":         {`{"all":[{"all":[]},{"is":"orders","days":0}]}`, "all[1].days", "from 1 to 3660"},
		"half a number":        {`{"is":"orders","at_least":1.5}`, "at_least", "whole number"},
		"huge number":          {`{"is":"orders","at_least":1e30}`, "at_least", "whole number"},
		"number as text":       {`{"is":"orders","at_least":"2"}`, "at_least", "whole number"},
		"two counts":           {`{"is":"orders","at_least":2,"exactly":2}`, "", "cannot stand together"},
		"two frames":           {`{"not":{"is":"orders","days":2,"from":"2026-01-01"}}`, "not", "cannot stand together"},
		"half a frame":         {`{"is":"orders","to":"2026-01-01"}`, "", `needs "from"`},
		"frame backwards":      {`{"is":"orders","from":"2026-02-01","to":"2026-01-01"}`, "to", "before"},
		"no such day":          {`{"is":"orders","from":"2026-02-30"}`, "from", "date"},
		"span backwards":       {`{"is":"last_order","between":[45,21]}`, "between", "smaller first"},
		"never false":          {`{"is":"last_order","never":false}`, "never", "true"},
		"nothing said":         {`{"is":"last_order"}`, "", `"within"`},
		"negative amount":      {`{"is":"spent","at_least":-1,"currency":"EUR"}`, "at_least", "not negative"},
		"no currency":          {`{"is":"spent","at_least":1}`, "", `"currency"`},
		"no such currency":     {`{"is":"spent","at_least":1,"currency":"EURO"}`, "currency", "EUR"},
		"no product":           {`{"is":"bought"}`, "", `"product"`},
		"product and category": {`{"is":"bought","product":1,"category":1}`, "", "cannot stand together"},
		"bad country":          {`{"is":"country","in":["Slovenia"]}`, "in", "two-letter"},
		"no countries":         {`{"is":"country","in":[]}`, "in", "at least one"},
		"bad stage":            {`{"is":"stage","in":["asleep"]}`, "in", `"slipping"`},
		"bad topic":            {`{"is":"consent","topic":"Big News"}`, "topic", "lower case"},
		"bad state":            {`{"is":"consent","state":"maybe"}`, "state", `"granted"`},
		"too deep":             {deep, "not.not.not.not.not.not.not.not", "8 deep"},
		"too many":             {many, "all[100]", "100 conditions"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := segment.Parse([]byte(c.in))
			var invalid *segment.InvalidError
			if !errors.As(err, &invalid) {
				t.Fatalf("want an InvalidError, got %v", err)
			}
			if invalid.Path != c.path || !strings.Contains(invalid.Error(), c.says) {
				t.Errorf("at %q: %q; want it at %q and to say %q", invalid.Path, invalid, c.path, c.says)
			}
			catalogue := sentences(t)
			if p := catalogue.Printer("sl", time.UTC); p.T(invalid.Key, invalid.Args...) == invalid.Key {
				t.Errorf("no sentence for %s", invalid.Key)
			}
		})
	}
}

func TestAProductOrCategoryThatIsNotThereIsNamed(t *testing.T) {
	t.Parallel()
	b := setup(t, 1)
	for in, path := range map[string]string{
		`{"all":[{"is":"bought","product":99}]}`:        "all[0].product",
		`{"is":"bought","product":"NO-SUCH"}`:           "product",
		`{"not":{"is":"not_bought","category":"Nope"}}`: "not.category",
	} {
		tree, err := b.segments.Parse([]byte(in))
		if err != nil {
			t.Fatal(err)
		}
		_, err = b.segments.Count(context.Background(), tree, 0, "")
		var invalid *segment.InvalidError
		if !errors.As(err, &invalid) || invalid.Path != path {
			t.Errorf("%s: %v, want it at %s", in, err, path)
		}
	}
}

func TestARoomAboveAddsItsOwnKind(t *testing.T) {
	t.Parallel()
	b := setup(t, 40)
	even := segment.Kind{
		Name:     "even",
		Slots:    []segment.Slot{{Name: "by", Options: []segment.Option{{Name: "by", Fields: []segment.Field{{Name: "by", Type: segment.Whole, Min: 2, Max: 9}}}}}},
		Compile:  func(q *segment.Builder, c *segment.Condition) { q.SQL("p.id % ? = 0", c.Int("by")) },
		Sentence: func(*segment.Speaker, *segment.Condition) string { return "are even" },
	}
	segments, err := segment.New(b.db, segment.Config{Kinds: []segment.Kind{even}})
	if err != nil {
		t.Fatal(err)
	}
	tree, err := segments.Parse([]byte(`{"not":{"is":"even","by":2}}`))
	if err != nil {
		t.Fatal(err)
	}
	people, err := segments.Members(context.Background(), tree, 0, 0, 3)
	if err != nil || len(people) != 3 || people[0].ID%2 != 1 {
		t.Errorf("%v, %v", people, err)
	}
	if _, err := segment.New(b.db, segment.Config{Kinds: []segment.Kind{even, even}}); err == nil {
		t.Error("two kinds of one name are accepted")
	}
}

func TestSavingSegmentsIsAllowedAuditedAndNeverOverwritesSomebodyElse(t *testing.T) {
	t.Parallel()
	b := setup(t, 20)
	reader := staff.WithActor(context.Background(), staff.Account{ID: 5, Role: staff.RoleReader}, "")
	marketer := staff.WithActor(context.Background(), staff.Account{ID: 6, Name: "Nika", Role: staff.RoleMarketer}, "")
	tree := segment.Tree{Root: segment.Is("orders", segment.Values{"at_least": 2})}

	var denied *staff.DeniedError
	if _, err := b.segments.Create(reader, "Mine", tree); !errors.As(err, &denied) {
		t.Errorf("a reader may save: %v", err)
	}
	var invalid *segment.InvalidError
	if _, err := b.segments.Create(marketer, "  ", tree); !errors.As(err, &invalid) || invalid.Path != "name" {
		t.Errorf("a blank name: %v", err)
	}
	saved, err := b.segments.Create(marketer, " Twice  or more ", tree)
	if err != nil || saved.Name != "Twice or more" || saved.CreatedBy != 6 {
		t.Fatalf("%+v, %v", saved, err)
	}
	if _, err := b.segments.Recount(reader, saved.ID, 1, ""); err != nil {
		t.Fatal(err)
	}
	got, err := b.segments.Get(reader, saved.ID)
	if err != nil || got.People == nil || *got.People != int64(len(b.world.members(got.Tree, 0))) {
		t.Errorf("%+v, %v: want its count kept", got, err)
	}
	if _, err := b.segments.Update(marketer, saved.ID, "Theirs", tree, saved.UpdatedAt.Add(-time.Second)); !errors.Is(err, segment.ErrChanged) {
		t.Errorf("an older version overwrites a newer one: %v", err)
	}
	changed, err := b.segments.Update(marketer, saved.ID, "New name", segment.Tree{}, saved.UpdatedAt)
	if err != nil || changed.Name != "New name" || changed.People != nil {
		t.Errorf("%+v, %v: want the old count gone with the old tree", changed, err)
	}
	if err := b.segments.Archive(marketer, saved.ID, true); err != nil {
		t.Fatal(err)
	}
	if list, err := b.segments.List(reader, segment.ListFilter{}); err != nil || len(list) != 0 {
		t.Errorf("an archived segment is listed: %v, %v", list, err)
	}
	if list, err := b.segments.List(reader, segment.ListFilter{Archived: true, Query: "name"}); err != nil || len(list) != 1 {
		t.Errorf("%v, %v", list, err)
	}
	if err := b.segments.Archive(marketer, 999, true); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("archiving what is not there: %v", err)
	}
	var actions []string
	if err := b.db.NewRaw("SELECT action FROM crm_audit WHERE object_kind = 'segment' ORDER BY id").Scan(context.Background(), &actions); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"segment.create", "segment.update", "segment.archive"}, actions); diff != "" {
		t.Errorf("the audit log: %s", diff)
	}
}

func TestASavedTreeThatCanNoLongerBeReadSelectsNobody(t *testing.T) {
	t.Parallel()
	b := setup(t, 20)
	_, err := b.db.NewRaw(`INSERT INTO crm_segments (id, name, tree, created_at, updated_at) VALUES (1, 'Old', '{"is":"gone_with_its_room"}', ?, ?)`, now, now).Exec(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	list, err := b.segments.List(context.Background(), segment.ListFilter{})
	if err != nil || len(list) != 1 || list[0].Problem == nil {
		t.Fatalf("%+v, %v", list, err)
	}
	if n, err := b.segments.Count(context.Background(), list[0].Tree, 0, ""); err != nil || n.Profiles != 0 {
		t.Errorf("%+v, %v: want nobody", n, err)
	}
	if _, err := b.segments.Get(context.Background(), 1); err == nil {
		t.Error("it can be opened as if it were whole")
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"all":[{"is":"orders","at_least":2,"days":90},{"not":{"is":"bought","category":"Coffee"}}]}`,
		`{"any":[{"is":"spent","at_most":"10.5","currency":"EUR","from":"2026-01-01","to":"2026-02-01"}]}`,
		`{"is":"last_order","between":[1,2]}`, `{"is":"country","in":["SI"]}`, `{}`, `[]`, `null`, `{"is":null}`, `{"all":null}`,
	} {
		f.Add([]byte(seed))
	}
	segments, err := segment.New(&bun.DB{}, segment.Config{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		tree, err := segments.Parse(raw)
		if err != nil {
			var invalid *segment.InvalidError
			if !errors.As(err, &invalid) || invalid.Key == "" || invalid.Detail == "" {
				t.Fatalf("a poor error: %#v", err)
			}
			return
		}
		again, err := segments.Parse(tree.JSON())
		if err != nil || string(again.JSON()) != string(tree.JSON()) {
			t.Fatalf("%s does not survive being written: %s, %v", raw, again.JSON(), err)
		}
	})
}
