package segment_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/staff"
)

// restsOn is a tree that asks for another segment, and something more.
func restsOn(id int64) segment.Tree {
	return segment.Tree{Root: segment.All(segment.Is("known", segment.Values{"what": "email"}), segment.Not(segment.Is("segment", segment.Values{"segment": id})))}
}

func wantInvalid(t *testing.T, err error, path, key, says string) {
	t.Helper()
	var invalid *segment.InvalidError
	if !errors.As(err, &invalid) || invalid.Path != path || invalid.Key != "segment.invalid."+key || !strings.Contains(invalid.Detail, says) {
		t.Errorf("got %v, want %s at %q saying %q", err, key, path, says)
	}
}

func TestSegmentsCannotRestOnEachOtherInACircle(t *testing.T) {
	t.Parallel()
	b := setup(t, 40)
	ctx := staff.WithSystem(context.Background(), "test")
	save := func(name string, tree segment.Tree) segment.Segment {
		t.Helper()
		saved, err := b.segments.Create(ctx, name, tree)
		if err != nil {
			t.Fatal(err)
		}
		return saved
	}
	first := save("First", segment.Tree{Root: segment.Is("country", segment.Values{"in": []string{"SI"}})})
	second := save("Second", restsOn(first.ID))
	third := save("Third", restsOn(second.ID))

	_, err := b.segments.Update(ctx, first.ID, "First", restsOn(third.ID), first.UpdatedAt)
	wantInvalid(t, err, "all[1].not.segment", "circle", "First → Third → Second → First")
	_, err = b.segments.Update(ctx, first.ID, "First", restsOn(first.ID), first.UpdatedAt)
	wantInvalid(t, err, "all[1].not.segment", "circle", "First → First")

	// One that came about beside the panel is told, not followed for ever.
	if _, err := b.db.NewRaw("UPDATE crm_segments SET tree = ? WHERE id = ?", string(restsOn(third.ID).JSON()), first.ID).Exec(ctx); err != nil {
		t.Fatal(err)
	}
	_, err = b.segments.Count(ctx, restsOn(second.ID), 0, "")
	wantInvalid(t, err, "all[1].not.segment", "circle", "Second → First → Third → Second")
}

func TestWhatAnotherSegmentLacksIsToldWhereItIsNamed(t *testing.T) {
	t.Parallel()
	b := setup(t, 40)
	ctx := context.Background()
	insert := func(id int64, tree string) {
		t.Helper()
		if _, err := b.db.NewRaw("INSERT INTO crm_segments (id, name, tree, created_at, updated_at) VALUES (?, ?, ?, ?, ?)", id, "Other", tree, now, now).Exec(ctx); err != nil {
			t.Fatal(err)
		}
	}
	insert(5, `{"is":"bought","product":"NO-SUCH"}`)
	insert(6, `{"is":"gone_with_its_room"}`)
	insert(7, `{"is":"segment","segment":5}`)
	for id, want := range map[int64][2]string{
		4: {"no_segment", "no segment 4"}, 5: {"broken", "NO-SUCH"}, 6: {"broken", "gone_with_its_room"}, 7: {"broken", "NO-SUCH"},
	} {
		_, err := b.segments.Count(ctx, restsOn(id), 0, "")
		wantInvalid(t, err, "all[1].not.segment", want[0], want[1])
	}
}

func TestASegmentRestsOnFewOthers(t *testing.T) {
	t.Parallel()
	b := setup(t, 5)
	ctx := context.Background()
	for id := int64(1); id <= 52; id++ {
		tree := restsOn(id - 1)
		if id == 1 {
			tree = segment.Tree{}
		}
		if _, err := b.db.NewRaw("INSERT INTO crm_segments (id, name, tree, created_at, updated_at) VALUES (?, 'Link', ?, ?, ?)", id, string(tree.JSON()), now, now).Exec(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.segments.Count(ctx, restsOn(50), 0, ""); err != nil {
		t.Errorf("50 in a row: %v", err)
	}
	_, err := b.segments.Count(ctx, restsOn(51), 0, "")
	wantInvalid(t, err, "all[1].not.segment", "others", "50")
}

// ticketKind is what a room above could bring: nothing of it is known to this package.
func ticketKind() segment.Kind {
	return segment.Event{
		Name: "ticket", Group: "person", From: "(SELECT id AS profile_id, updated_at AS opened_at, 'open' AS state FROM crm_profiles UNION ALL SELECT id, NULL, 'shut' FROM crm_profiles) AS t",
		Profile: "t.profile_id", At: "t.opened_at",
		Slots: []segment.Slot{{Name: "which", Options: []segment.Option{{Name: "any_state"}, {Name: "state", Fields: []segment.Field{{Name: "state", Type: segment.Word}}}}}},
		Where: func(b *segment.Builder, c *segment.Condition) {
			if c.Has("state") {
				b.SQL(" AND t.state = ?", c.Text("state"))
			}
		},
		Sentence: func(s *segment.Speaker, c *segment.Condition, how string) string {
			return "tickets " + how + " " + s.Number(c.Int(how)) + s.When(c)
		},
	}.Kind()
}

func TestARoomAboveAddsWhatHappensInItWithoutTheCompiler(t *testing.T) {
	t.Parallel()
	b := setup(t, 40)
	segments, err := segment.New(b.db, segment.Config{Clock: b.clock, Kinds: []segment.Kind{ticketKind()}})
	if err != nil {
		t.Fatal(err)
	}
	everybody := int64(len(b.world.members(segment.Tree{}, 0)))
	for in, want := range map[string]int64{
		`{"is":"ticket"}`:                                   everybody,
		`{"is":"ticket","at_least":2}`:                      everybody,
		`{"is":"ticket","at_least":2,"days":3}`:             0, // of one nobody knows when
		`{"is":"ticket","exactly":1,"days":3}`:              everybody,
		`{"is":"ticket","at_most":1}`:                       0,
		`{"is":"ticket","exactly":0,"before":"2020-01-01"}`: everybody,
		`{"is":"ticket","state":"shut","days":3}`:           0,
		`{"not":{"is":"ticket","state":"shut"}}`:            0,
	} {
		tree, err := segments.Parse([]byte(in))
		if err != nil {
			t.Fatalf("%s: %v", in, err)
		}
		got, err := segments.Count(context.Background(), tree, 0, "")
		if err != nil || got.Profiles != want {
			t.Errorf("%s: %d, %v, want %d", in, got.Profiles, err, want)
		}
		if again, err := segments.Parse(tree.JSON()); err != nil || !cmp.Equal(again.JSON(), tree.JSON()) {
			t.Errorf("%s became %s, %v", in, again.JSON(), err)
		}
	}
	if _, err := segment.Parse([]byte(`{"is":"ticket"}`)); err == nil {
		t.Error("a kind that was not registered is known")
	}
	groups := []string{}
	for _, k := range segments.Vocabulary().Kinds() {
		groups = append(groups, k.Group)
	}
	if n := len(strings.Split(strings.Join(groups, " "), "person outlook")); n != 2 {
		t.Errorf("the kinds of a group do not stand together: %v", groups)
	}
}
