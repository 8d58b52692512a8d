package segment_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
	"github.com/kupec/kupec/module/store/storetest"
)

// village is people who live in SI, of whom each may move away, and a segment of those who live there.
type village struct {
	t        *testing.T
	ctx      context.Context
	db       *bun.DB
	segments *segment.Segments
	now      time.Time
	id       int64 // of the segment
}

func newVillage(t *testing.T, people int) *village {
	t.Helper()
	v := &village{t: t, ctx: staff.WithSystem(t.Context(), "test"), db: storetest.DB(t), now: now}
	var err error
	if v.segments, err = segment.New(v.db, segment.Config{Clock: func() time.Time { return v.now }}); err != nil {
		t.Fatal(err)
	}
	v.exec("INSERT INTO crm_shops (id, name, platform, zone, created_at) VALUES (1, 'a', 'woocommerce', 'Europe/Ljubljana', '2020-01-01')")
	v.settle(1, people)
	saved, err := v.segments.Create(v.ctx, "Locals", v.tree(`{"is":"country","in":["SI"]}`))
	if err != nil {
		t.Fatal(err)
	}
	v.id = saved.ID
	return v
}

// settle adds people of the given ids.
func (v *village) settle(from, to int) {
	v.t.Helper()
	var rows []string
	for id := from; id <= to; id++ {
		rows = append(rows, fmt.Sprintf("(%d, 1, 'Ana', 'Krog', 'SI', '2026-01-01', '2026-01-01')", id))
	}
	if len(rows) > 0 {
		v.exec("INSERT INTO crm_profiles (id, shop_id, first_name, last_name, country, created_at, updated_at) VALUES " + strings.Join(rows, ","))
	}
}

func (v *village) exec(query string, args ...any) {
	v.t.Helper()
	if _, err := v.db.NewRaw(query, args...).Exec(v.ctx); err != nil {
		v.t.Fatalf("%.120s: %v", query, err)
	}
}

func (v *village) tree(text string) segment.Tree {
	v.t.Helper()
	tree, err := v.segments.Parse([]byte(text))
	if err != nil {
		v.t.Fatal(err)
	}
	return tree
}

// look follows the segment an hour later.
func (v *village) look() segment.Look {
	v.t.Helper()
	v.now = v.now.Add(time.Hour)
	look, err := v.segments.Follow(v.ctx, v.id, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	return look
}

func (v *village) wants(what string, got, want any) {
	v.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		v.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// numbers is a query's only column.
func (v *village) numbers(query string, args ...any) []int64 {
	v.t.Helper()
	list := []int64{}
	if err := v.db.NewRaw(query, args...).Scan(v.ctx, &list); err != nil {
		v.t.Fatal(err)
	}
	return list
}

func (v *village) members() []int64 {
	v.t.Helper()
	return v.numbers("SELECT profile_id FROM crm_segment_members WHERE segment_id = ? ORDER BY profile_id", v.id)
}

// moved is who entered, or left, in order.
func (v *village) moved(entered bool) []int64 {
	v.t.Helper()
	return v.numbers("SELECT profile_id FROM crm_segment_moves WHERE segment_id = ? AND entered = ? ORDER BY id", v.id, entered)
}

func TestMovesAreTheDifferencesOfTwoLooks(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 4)
	v.wants("the first look", v.look(), segment.Look{People: 4, Fresh: true})
	v.exec("UPDATE crm_profiles SET country = 'AT' WHERE id = 2")
	v.settle(5, 6)
	v.wants("the second", v.look(), segment.Look{People: 5, Entered: 2, Left: 1})
	v.wants("a look at nothing new", v.look(), segment.Look{People: 5})
	v.exec("UPDATE crm_profiles SET country = 'SI' WHERE id = 2")
	v.wants("a return", v.look(), segment.Look{People: 6, Entered: 1})
	v.wants("members", v.members(), []int64{1, 2, 3, 4, 5, 6})
	v.wants("entered", v.moved(true), []int64{5, 6, 2})
	v.wants("left", v.moved(false), []int64{2})
	v.wants("the day", v.numbers("SELECT CONCAT(people, entered, gone) FROM crm_segment_sizes"), []int64{631})
}

func TestAnEditIsNobodysEntering(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 4)
	v.exec("UPDATE crm_profiles SET country = 'AT' WHERE id > 2")
	v.look()
	if ids, err := v.segments.Unfollowed(v.ctx); err != nil || len(ids) != 0 {
		t.Errorf("unfollowed %v, %v", ids, err)
	}
	update := func(text string) {
		t.Helper()
		if _, err := v.segments.Update(v.ctx, v.id, "Locals", v.tree(text), time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	update(`{"is":"country","in":["AT"]}`)
	ids, err := v.segments.Unfollowed(v.ctx)
	v.wants("unfollowed", ids, []int64{v.id})
	v.wants("the look after the edit", v.look(), segment.Look{People: 2, Fresh: true})
	v.wants("members", v.members(), []int64{3, 4})
	v.exec("UPDATE crm_profiles SET country = 'AT' WHERE id = 1")
	v.wants("the look after that", v.look(), segment.Look{People: 3, Entered: 1})
	v.wants("entered", v.moved(true), []int64{1})
	v.wants("left", v.moved(false), []int64{})
	if err != nil {
		t.Error(err)
	}
	if _, err := v.segments.Update(v.ctx, v.id, "Neighbours", v.tree(`{"is":"country","in":["AT"]}`), time.Time{}); err != nil {
		t.Fatal(err)
	}
	v.wants("a new name", v.look(), segment.Look{People: 3})
	v.wants("editions", v.numbers("SELECT COALESCE(people_before, 0) FROM crm_segment_editions ORDER BY id"), []int64{0, 2})
}

func TestAMergedProfileHandsItsPlaceOn(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 4)
	v.exec("UPDATE crm_profiles SET country = 'AT' WHERE id = 4")
	v.look()
	// A guest goes into an account, as linking does by itself: into a member, and into somebody who lived elsewhere.
	v.exec("UPDATE crm_profiles SET merged_into = 2 WHERE id = 1")
	v.exec("UPDATE crm_profiles SET merged_into = 4 WHERE id = 3")
	v.exec("UPDATE crm_profiles SET country = 'SI' WHERE id = 4")
	v.wants("the look", v.look(), segment.Look{People: 2})
	v.wants("members", v.members(), []int64{2, 4})
}

func TestWhomTheStaffRegroupsNeitherEntersNorLeaves(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 3)
	v.look()
	regroup := func(profile, other int64, undone bool) {
		t.Helper()
		at, undoneAt := v.now.Add(30*time.Minute), any(nil)
		if undone {
			at, undoneAt = v.now.Add(-24*time.Hour), v.now.Add(30*time.Minute)
		}
		v.exec("INSERT INTO crm_regroupings (kind, profile_id, other_id, moved, before_row, at, undone_at) VALUES ('merge', ?, ?, '{}', '', ?, ?)", profile, other, at, undoneAt)
	}
	v.exec("UPDATE crm_profiles SET merged_into = 2 WHERE id = 1")
	regroup(1, 2, false)
	v.wants("after the merge", v.look(), segment.Look{People: 2})
	v.exec("DELETE FROM crm_regroupings")
	v.exec("UPDATE crm_profiles SET merged_into = NULL WHERE id = 1")
	v.exec("UPDATE crm_profiles SET country = 'AT' WHERE id = 2")
	regroup(1, 2, true)
	v.settle(9, 9)
	v.wants("after it is undone", v.look(), segment.Look{People: 3, Entered: 1})
	v.wants("members", v.members(), []int64{1, 3, 9})
	v.wants("entered", v.moved(true), []int64{9})
}

func TestWhoIsErasedIsInNoSegmentAndSumsStayTrue(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 2)
	v.look()
	v.settle(3, 3)
	v.look()
	whom := customer.Whom{ProfileIDs: []int64{3}}
	told, err := v.segments.Tell(v.ctx, v.db, whom)
	if err != nil || len(told) != 2 || len(told[0].Rows) != 1 || len(told[1].Rows) != 1 {
		t.Errorf("told %v, %v", told, err)
	}
	err = store.InTx(v.ctx, v.db, func(ctx context.Context, tx bun.Tx) error {
		if err := v.segments.Forget(ctx, tx, whom); err != nil {
			return err
		}
		_, err := tx.NewRaw("UPDATE crm_profiles SET erased_at = NOW(6) WHERE id = 3").Exec(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	v.wants("the look", v.look(), segment.Look{People: 2})
	v.wants("members", v.members(), []int64{1, 2})
	v.wants("entered", v.moved(true), []int64{0})
}

// flows is a room above: it writes down whom it was told of, and fails as often as it is told to.
type flows struct{ failures int }

var errCrash = errors.New("the power went")

func (f *flows) Entered(ctx context.Context, tx bun.IDB, entries []segment.Entry) error {
	for _, e := range entries {
		if _, err := tx.NewRaw("INSERT INTO crm_stale_profiles (profile_id, since) VALUES (?, ?)", e.ProfileID, e.At).Exec(ctx); err != nil { // twice is an error
			return err
		}
		if f.failures > 0 && e.ProfileID == 1500 {
			f.failures--
			return errCrash
		}
	}
	return nil
}

func TestEachEntryIsToldOnceWhateverCrashesBetween(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 3)
	listener := &flows{failures: 2}
	v.segments.AddListener(listener)
	v.look()
	v.wants("told of the first people", v.numbers("SELECT COUNT(*) FROM crm_stale_profiles"), []int64{0})
	v.settle(4, 2003)
	for range 2 { // the first 900 are written down the first time, and the rest is not
		if _, err := v.segments.Follow(v.ctx, v.id, nil); !errors.Is(err, errCrash) {
			t.Fatalf("want the crash, got %v", err)
		}
		v.wants("told before the crash", v.numbers("SELECT COUNT(*) FROM crm_stale_profiles"), []int64{900})
	}
	v.wants("the look after it", v.look(), segment.Look{People: 2003, Entered: 1100})
	v.wants("told", v.numbers("SELECT COUNT(*) FROM crm_stale_profiles"), []int64{2000})
	v.wants("entered", v.numbers("SELECT COUNT(*) FROM crm_segment_moves WHERE entered"), []int64{2000})
	v.wants("the day", v.numbers("SELECT entered FROM crm_segment_sizes"), []int64{2000})
	v.wants("and then", v.look(), segment.Look{People: 2003})
}

func TestAnEditionThatIsNotFilledYetHasNoMoves(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 3)
	v.look()
	v.exec("UPDATE crm_segment_editions SET filled_at = NULL")
	v.exec("DELETE FROM crm_segment_members WHERE profile_id > 1")
	v.wants("the look that fills it", v.look(), segment.Look{People: 3, Fresh: true})
	v.wants("entered", v.moved(true), []int64{})
}

type used []int64

func (u used) UsedSegments(context.Context) ([]int64, error) { return u, nil }

func TestTheNightFollowsAllAndTheHourThoseInUse(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 2)
	var ids []int64
	for _, name := range []string{"used", "idle", "put away", "put away and used"} {
		saved, err := v.segments.Create(v.ctx, name, segment.Tree{})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, saved.ID)
	}
	v.segments.AddUser(used{ids[0], ids[3]})
	follow := func(work func(context.Context, func(done, total int64)) error) {
		t.Helper()
		v.now = v.now.Add(time.Hour)
		if err := work(v.ctx, nil); err != nil {
			t.Fatal(err)
		}
	}
	follow(v.segments.FollowAll)
	for _, id := range ids[2:] {
		if err := v.segments.Archive(v.ctx, id, true); err != nil {
			t.Fatal(err)
		}
	}
	v.settle(3, 3)
	follow(v.segments.FollowUsed)
	count := func() []int64 {
		return v.numbers("SELECT COUNT(m.profile_id) FROM crm_segments s LEFT JOIN crm_segment_members m ON m.segment_id = s.id GROUP BY s.id ORDER BY s.id")
	}
	v.wants("after the hour", count(), []int64{2, 3, 2, 2, 3})
	v.exec("UPDATE crm_segment_moves SET at = ?", v.now.Add(-segment.MovesKept-time.Hour))
	follow(v.segments.FollowAll)
	v.wants("after the night", count(), []int64{3, 3, 3, 0, 3})
	v.wants("moves", v.numbers("SELECT COUNT(*) FROM crm_segment_moves"), []int64{2})
	if err := v.segments.Archive(v.ctx, ids[2], false); err != nil {
		t.Fatal(err)
	}
	unfollowed, err := v.segments.Unfollowed(v.ctx)
	v.wants("back in use", unfollowed, []int64{ids[2]})
	v.id = ids[2]
	v.wants("its first look", v.look(), segment.Look{People: 3, Fresh: true})
	if err != nil {
		t.Error(err)
	}
}

func TestASegmentThatCannotBeFollowedKeepsItsMembersAndTheOthersGoOn(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 2)
	v.look()
	broken := `{"any":[{"is":"country","in":["SI"]},{"is":"bought","category":"Spaceships"}]}`
	v.exec("UPDATE crm_segments SET tree = ? WHERE id = ?", broken, v.id)
	other, err := v.segments.Create(v.ctx, "Everybody", segment.Tree{})
	if err != nil {
		t.Fatal(err)
	}
	if err := v.segments.FollowAll(v.ctx, nil); err != nil {
		t.Fatal(err)
	}
	v.wants("its members", v.members(), []int64{1, 2})
	v.id = other.ID
	v.wants("the other's", v.members(), []int64{1, 2})
	if ids, err := v.segments.Unfollowed(v.ctx); err != nil || len(ids) != 0 {
		t.Errorf("it is tried again and again: %v, %v", ids, err)
	}
}

func TestTwoProcessesDoNotFollowOneSegmentAtOnce(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1)
	lease, err := store.TakeLease(v.ctx, v.db, fmt.Sprintf("segment %d", v.id))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.segments.Follow(v.ctx, v.id, nil); !errors.Is(err, store.ErrLeaseHeld) {
		t.Errorf("got %v", err)
	}
	lease.Release(v.ctx)
	v.wants("after it", v.look(), segment.Look{People: 1, Fresh: true})
}

func TestAHistoryTellsSizesEditionsAndWhoMoved(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 3)
	v.look()
	v.now = v.now.Add(24 * time.Hour)
	v.settle(4, 4)
	v.exec("UPDATE crm_profiles SET country = 'AT' WHERE id = 2")
	v.look()
	v.now = v.now.Add(24 * time.Hour)
	if _, err := v.segments.Update(v.ctx, v.id, "Locals", v.tree(`{"is":"country","in":["AT"]}`), time.Time{}); err != nil {
		t.Fatal(err)
	}
	v.look()
	v.exec("UPDATE crm_profiles SET merged_into = 3 WHERE id = 4")
	got, err := v.segments.History(v.ctx, v.id, 30)
	if err != nil {
		t.Fatal(err)
	}
	v.wants("sizes", got.Sizes, []segment.Size{{Day: "2026-11-24", People: 3}, {Day: "2026-11-25", People: 3, Entered: 1, Left: 1}, {Day: "2026-11-26", People: 1}})
	before := int64(3)
	v.wants("editions", got.Editions, []segment.Edition{{BeganAt: v.now, Before: &before, People: 1}, {BeganAt: now.Add(time.Hour), People: 3}})
	v.wants("looked at", got.LookedAt, v.now)
	if got, err := v.segments.History(v.ctx, v.id, 2); err != nil || len(got.Sizes) != 2 {
		t.Errorf("of two days: %+v, %v", got.Sizes, err)
	}
	for entered, want := range map[bool]int64{true: 3, false: 2} { // 4 went into 3
		moves, err := v.segments.Moves(v.ctx, v.id, entered, 10)
		if err != nil || len(moves) != 1 || moves[0].Person.ID != want {
			t.Errorf("entered %t: %+v, %v", entered, moves, err)
		}
		q := v.segments.Moved(v.id, entered, now)
		v.wants("of a list", v.numbers("SELECT p.id FROM crm_profiles p WHERE "+q.SQL, q.Args...), []int64{want})
	}
}
