package store_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/store"
	"github.com/kupec/kupec/module/store/storetest"
)

func TestInTxRunsADeadlocksVictimAgain(t *testing.T) {
	t.Parallel()
	db := storetest.DB(t)
	ctx := context.Background()
	exec(t, db, "INSERT INTO crm_stale_profiles (profile_id, since) VALUES (1, NOW(6)), (2, NOW(6))")

	var runs atomic.Int32
	var firstLocks, done sync.WaitGroup
	firstLocks.Add(2)
	for _, order := range [][2]int{{1, 2}, {2, 1}} {
		done.Go(func() {
			var met bool
			err := store.InTx(ctx, db, func(ctx context.Context, tx bun.Tx) error {
				runs.Add(1)
				if _, err := tx.ExecContext(ctx, "UPDATE crm_stale_profiles SET since = NOW(6) WHERE profile_id = ?", order[0]); err != nil {
					return err
				}
				if !met {
					met = true
					firstLocks.Done()
					firstLocks.Wait()
				}
				_, err := tx.ExecContext(ctx, "UPDATE crm_stale_profiles SET since = NOW(6) WHERE profile_id = ?", order[1])
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	if n := runs.Load(); n < 3 {
		t.Errorf("the transactions ran %d times in all: there was no deadlock to recover from", n)
	}
}

func TestInTxRollsBackAndReturnsAnyOtherError(t *testing.T) {
	t.Parallel()
	db := storetest.DB(t)
	broken := errors.New("broken")
	err := store.InTx(context.Background(), db, func(ctx context.Context, tx bun.Tx) error {
		exec(t, tx, "INSERT INTO crm_stale_profiles (profile_id, since) VALUES (1, NOW(6))")
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if n := count(t, db, "crm_stale_profiles"); n != 0 {
		t.Errorf("%d rows survived the rollback", n)
	}
}

func TestALeaseHasOneHolderUntilItIsReleasedOrExpires(t *testing.T) {
	t.Parallel()
	db := storetest.DB(t)
	ctx := context.Background()
	first, err := store.TakeLease(ctx, db, "follow")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.TakeLease(ctx, db, "follow"); !errors.Is(err, store.ErrLeaseHeld) {
		t.Errorf("a second holder: %v", err)
	}
	if err := first.Keep(ctx); err != nil {
		t.Errorf("keeping: %v", err)
	}
	exec(t, db, "UPDATE crm_leases SET expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND")
	second, err := store.TakeLease(ctx, db, "follow")
	if err != nil {
		t.Fatalf("taking an expired lease: %v", err)
	}
	if err := first.Keep(ctx); !errors.Is(err, store.ErrLeaseLost) {
		t.Errorf("the first holder was not told: %v", err)
	}
	first.Release(ctx) // must not take it from the second
	if err := second.Keep(ctx); err != nil {
		t.Errorf("the second lost it by the first one's release: %v", err)
	}
	second.Release(ctx)
	if _, err := store.TakeLease(ctx, db, "follow"); err != nil {
		t.Errorf("after release: %v", err)
	}
}

func TestOneOfManyTakesALease(t *testing.T) {
	t.Parallel()
	db := storetest.DB(t)
	var took atomic.Int32
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			_, err := store.TakeLease(context.Background(), db, "x")
			switch {
			case err == nil:
				took.Add(1)
			case !errors.Is(err, store.ErrLeaseHeld):
				t.Error(err)
			}
		})
	}
	all.Wait()
	if took.Load() != 1 {
		t.Errorf("%d took it", took.Load())
	}
}

func TestKeysetPagesSeeEveryRowOnceWithNullsAndTies(t *testing.T) {
	t.Parallel()
	db := storetest.DB(t)
	ctx := context.Background()
	day := time.Date(2026, 1, 1, 12, 0, 0, 123456000, time.UTC)
	for id, at := range map[int]any{1: day, 2: nil, 3: day, 4: day.Add(time.Hour), 5: nil, 6: day.Add(-time.Hour), 7: day} {
		exec(t, db, "INSERT INTO crm_facts (profile_id, orders, last_order_at, stage, refreshed_at) VALUES (?, 0, ?, 'lead', NOW(6))", id, at)
	}
	for _, tt := range []struct {
		name string
		desc bool
		want []int64
	}{
		{"ascending, NULL first", false, []int64{2, 5, 6, 1, 3, 7, 4}},
		{"descending, NULL last", true, []int64{4, 7, 3, 1, 6, 5, 2}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			order := store.Keyset{{Column: "last_order_at", Desc: tt.desc}, {Column: "profile_id", Desc: tt.desc}}
			for limit := int64(1); limit <= 8; limit++ {
				var got []int64
				cursor := ""
				for range 20 {
					var rows []struct {
						ProfileID   int64
						LastOrderAt *time.Time
					}
					q := order.Order(db.NewSelect().TableExpr("crm_facts").Column("profile_id", "last_order_at").Limit(limit))
					if cursor != "" {
						after, err := order.Decode(cursor)
						if err != nil {
							t.Fatal(err)
						}
						q = after.After(q)
					}
					if err := q.Scan(ctx, &rows); err != nil {
						t.Fatal(err)
					}
					for _, r := range rows {
						got = append(got, r.ProfileID)
						cursor = order.Encode(r.LastOrderAt, r.ProfileID)
					}
					if int64(len(rows)) < limit {
						break
					}
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("limit %d (-want +got):\n%s", limit, diff)
				}
			}
		})
	}
}

func FuzzDecodeOfAForeignCursorNeverPanics(f *testing.F) {
	order := store.Keyset{{Column: "a"}, {Column: "b"}}
	f.Add(order.Encode("x", 3))
	f.Add("")
	f.Add("W10")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := order.Decode(text)
		if err == nil && len(got) != len(order) {
			t.Errorf("%q gave %v", text, got)
		}
		if err != nil && !errors.Is(err, store.ErrCursor) {
			t.Errorf("%q: %v", text, err)
		}
	})
}

func TestOpenNamesWhatIsWrongWithADSN(t *testing.T) {
	t.Parallel()
	server := storetest.Server(t)
	for _, tt := range []struct{ name, dsn, want string }{
		{"not a DSN", "mysql://x", "cannot be read"},
		{"no database", server, "names no database"},
		{"no such database", storetest.WithDatabase(t, server, "kupec_never_made"), "kupec_never_made"},
		{"nobody listens", "kupec:x@tcp(127.0.0.1:1)/kupec", "check host and port"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := store.Open(context.Background(), tt.dsn, store.Config{})
			if err == nil || !contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
}
