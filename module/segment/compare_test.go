package segment_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/staff"
)

// Each living person is in exactly the part that the reference says, counted and listed.
func TestPartsAreWhomTheReferenceHasInSomeAndNotInOthers(t *testing.T) {
	t.Parallel()
	b := setup(t, 150)
	ctx := staff.WithSystem(t.Context(), "test")
	b.world.keep(t, b.db)
	r := rand.New(rand.NewPCG(8, 9))
	for round := range 20 {
		n := 2 + round%2
		var ids []int64
		var people [][]int64
		for range n {
			tree := segment.Tree{Root: randomTree(r, b.segments.Vocabulary(), 2)}
			saved, err := b.segments.Create(ctx, "x", tree)
			if err != nil {
				t.Fatal(err)
			}
			ids, people = append(ids, saved.ID), append(people, b.world.members(saved.Tree, 1))
		}
		got, err := b.segments.Compare(ctx, ids, 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Parts) != 1<<n-1 {
			t.Fatalf("%d parts of %d segments", len(got.Parts), n)
		}
		for i := range ids {
			if got.People[i] != int64(len(people[i])) {
				t.Errorf("segment %d has %d people, want %d", i, got.People[i], len(people[i]))
			}
		}
		for _, part := range got.Parts {
			var want []int64
			for _, p := range b.world.people {
				if !slices.ContainsFunc(people, func(ids []int64) bool { return slices.Contains(ids, p.id) }) {
					continue
				}
				fits := true
				for i := range ids {
					fits = fits && slices.Contains(people[i], p.id) == slices.Contains(part.In, i)
				}
				if fits {
					want = append(want, p.id)
				}
			}
			if part.People != int64(len(want)) {
				t.Errorf("part %v has %d people, want %d", part.In, part.People, len(want))
			}
			q, err := b.segments.Part(ctx, ids, part.Number, 1)
			if err != nil {
				t.Fatal(err)
			}
			var listed []int64
			if err := b.db.NewRaw("SELECT p.id FROM crm_profiles AS p WHERE "+q.SQL+" ORDER BY p.id", q.Args...).Scan(ctx, &listed); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, listed); diff != "" {
				t.Errorf("part %v (-want +got):\n%s", part.In, diff)
			}
		}
	}
}

func TestOnlyTwoOrThreeDifferentSegmentsAreCompared(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1)
	for _, ids := range [][]int64{nil, {v.id}, {v.id, v.id}, {1, 2, 3, 4}} {
		if _, err := v.segments.Compare(v.ctx, ids, 0); !errors.Is(err, segment.ErrCompared) {
			t.Errorf("%v: %v", ids, err)
		}
	}
	other, err := v.segments.Create(v.ctx, "Everybody", segment.Tree{})
	if err != nil {
		t.Fatal(err)
	}
	for _, number := range []int{0, 4, -1} {
		if _, err := v.segments.Part(v.ctx, []int64{v.id, other.ID}, number, 0); !errors.Is(err, segment.ErrPart) {
			t.Errorf("part %d: %v", number, err)
		}
	}
	marketer := staff.WithActor(t.Context(), staff.Account{ID: 2, Role: staff.RoleSupport}, "")
	var denied *staff.DeniedError
	if _, err := v.segments.ExportPart(marketer, []int64{v.id, other.ID}, 1, 0); !errors.As(err, &denied) {
		t.Errorf("support may export: %v", err)
	}
	if _, err := v.segments.ExportPart(v.ctx, []int64{v.id, other.ID}, 1, 0); err != nil {
		t.Error(err)
	}
	v.wants("audit", v.numbers("SELECT COUNT(*) FROM crm_audit WHERE action = 'segment.export'"), []int64{1})
}
