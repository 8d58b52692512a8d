package segment_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/store"
)

// Trees drawn at random, over several worlds.
func TestARandomTreeSelectsWhomTheReferenceSelects(t *testing.T) {
	t.Parallel()
	for _, people := range []int{40, 130, 220} {
		t.Run(fmt.Sprint(people, " people"), func(t *testing.T) {
			t.Parallel()
			b := setup(t, people)
			b.world.keep(t, b.db)
			r := rand.New(rand.NewPCG(7, uint64(people)))
			for range 200 {
				checkTree(t, b, r)
			}
		})
	}
}

// What a fuzzer draws is read as the numbers that a tree is drawn by.
func FuzzATreeSelectsWhomTheReferenceSelects(f *testing.F) {
	for _, seed := range []string{"", "a tree", "\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff", "\xff\xff\xff\xff\xff\xff\xff\x7f0123456789abcdefghijklmnopqrstuvwxyz"} {
		f.Add([]byte(seed))
	}
	b := setup(f, 90)
	b.world.keep(f, b.db)
	f.Fuzz(func(t *testing.T, drawn []byte) {
		checkTree(t, b, rand.New(&tape{drawn, rand.NewPCG(1, uint64(len(drawn)))}))
	})
}

// tape is numbers from bytes and, past their end, from a generator.
type tape struct {
	left []byte
	rest rand.Source
}

func (t *tape) Uint64() uint64 {
	if len(t.left) < 8 {
		return t.rest.Uint64()
	}
	n := binary.LittleEndian.Uint64(t.left)
	t.left = t.left[8:]
	return n
}

// checkTree draws a tree and a shop.
func checkTree(t *testing.T, b bundle, r *rand.Rand) {
	t.Helper()
	tree := segment.Tree{Root: randomTree(r, b.segments.Vocabulary(), 4)}
	checkAgainstReference(t, b, tree, r.Int64N(3))
	// What is written and read again asks the same.
	again, err := b.segments.Parse(mustCheck(t, b, tree).JSON())
	if err != nil {
		t.Fatalf("%s: reading it again: %v", tree.JSON(), err)
	}
	if diff := cmp.Diff(string(mustCheck(t, b, tree).JSON()), string(again.JSON())); diff != "" {
		t.Fatalf("written, read and written again: %s", diff)
	}
}

// Every kind, option by option, so that no rare one hides behind the random trees.
func TestEveryOptionOfEveryKindSelectsWhomTheReferenceSelects(t *testing.T) {
	t.Parallel()
	b := setup(t, 200)
	b.world.keep(t, b.db)
	r := rand.New(rand.NewPCG(3, 5))
	for _, kind := range b.segments.Vocabulary().Kinds() {
		for _, slot := range kind.Slots {
			for _, option := range slot.Options {
				for range 6 {
					node := randomOf(r, b.segments.Vocabulary(), kind, option.Name)
					checkAgainstReference(t, b, segment.Tree{Root: node}, 1)
					checkAgainstReference(t, b, segment.Tree{Root: segment.Not(node)}, 2)
				}
			}
		}
	}
}

func checkAgainstReference(t *testing.T, b bundle, tree segment.Tree, shop int64) {
	t.Helper()
	tree = mustCheck(t, b, tree)
	var got []int64
	for after, page := int64(0), store.PageMax; page == store.PageMax; {
		people, err := b.segments.Members(context.Background(), tree, shop, after, store.PageMax)
		if err != nil {
			t.Fatalf("%s: %v", tree.JSON(), err)
		}
		for _, p := range people {
			got = append(got, p.ID)
			after = p.ID
		}
		page = len(people)
	}
	if diff := cmp.Diff(b.world.members(tree, shop), got); diff != "" {
		q, _ := b.segments.Compile(context.Background(), tree, segment.Scope{ShopID: shop})
		t.Fatalf("shop %d, %s\n%s\n(-reference +selected) %s", shop, tree.JSON(), q.SQL, diff)
	}
}
