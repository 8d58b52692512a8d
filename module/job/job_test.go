package job_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/job"
	"github.com/kupec/kupec/module/store"
	"github.com/kupec/kupec/module/store/storetest"
)

var quick = job.Config{Poll: 10 * time.Millisecond, LeaseTime: 300 * time.Millisecond}

func start(t *testing.T, db *bun.DB, cfg job.Config, handlers map[string]job.Handler) *job.Queue {
	t.Helper()
	q := job.New(db, cfg)
	for kind, h := range handlers {
		q.Handle(kind, h)
	}
	if err := q.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, q) })
	return q
}

func stop(t *testing.T, q *job.Queue) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := q.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func enqueue(t *testing.T, q *job.Queue, db bun.IDB, kind string, payload any, opt job.Options) int64 {
	t.Helper()
	id, err := q.Enqueue(context.Background(), db, kind, payload, opt)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func await(t *testing.T, q *job.Queue, id int64, want job.State) job.Job {
	t.Helper()
	var j job.Job
	for range 2000 {
		var err error
		if j, err = q.Get(context.Background(), id); err != nil {
			t.Fatal(err)
		}
		if j.State == want {
			return j
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("job %d is %+v, want %s", id, j, want)
	return j
}

// receive waits for a signal, but not for ever.
func receive(t *testing.T, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(20 * time.Second):
		t.Fatal("nothing happened")
	}
}

func TestEachJobRunsOnceThoughManyProcessesLook(t *testing.T) {
	t.Parallel()
	db := storetest.DB(t)
	var mu sync.Mutex
	ran := map[int]int{}
	h := func(_ context.Context, run *job.Run) error {
		var n int
		if err := run.Payload(&n); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		ran[n]++
		return nil
	}
	cfg := quick
	cfg.LeaseTime = time.Minute // a loaded machine must not look like a dead process
	var queues []*job.Queue
	for range 4 {
		queues = append(queues, start(t, db, cfg, map[string]job.Handler{"count": h}))
	}
	var ids []int64
	for n := range 60 {
		ids = append(ids, enqueue(t, queues[n%4], db, "count", n, job.Options{}))
	}
	for _, id := range ids {
		await(t, queues[0], id, job.Done)
	}
	mu.Lock()
	defer mu.Unlock()
	for n := range 60 {
		if ran[n] != 1 {
			t.Errorf("job %d ran %d times", n, ran[n])
		}
	}
}

func TestAJobOfARolledBackTransactionNeverRuns(t *testing.T) {
	t.Parallel()
	db := storetest.DB(t)
	q := job.New(db, quick)
	broken := errors.New("broken")
	err := store.InTx(context.Background(), db, func(ctx context.Context, tx bun.Tx) error {
		if _, err := q.Enqueue(ctx, tx, "x", nil, job.Options{}); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	list, err := q.List(context.Background(), job.Filter{})
	if err != nil || len(list) != 0 {
		t.Errorf("%v, %v", list, err)
	}
}

func TestADeadProcesssJobGoesOnFromItsCheckpoint(t *testing.T) {
	t.Parallel()
	db := storetest.DB(t)
	ctx := context.Background()
	dead := job.New(db, quick)
	id := enqueue(t, dead, db, "walk", nil, job.Options{})
	// What a killed process leaves behind: a running row, a checkpoint, and a lease that nobody keeps.
	if _, err := db.ExecContext(ctx, `UPDATE crm_jobs SET state = 'running', attempts = 1, lease_owner = 'dead', checkpoint = '700',
		lease_until = UTC_TIMESTAMP(6) + INTERVAL 200000 MICROSECOND WHERE id = ?`, id); err != nil {
		t.Fatal(err)
	}
	var from atomic.Int64
	began := time.Now()
	q := start(t, db, quick, map[string]job.Handler{"walk": func(ctx context.Context, run *job.Run) error {
		var at int64
		if ok, err := run.LastCheckpoint(&at); err != nil || !ok {
			return errors.New("no checkpoint")
		}
		from.Store(at)
		return run.Progress(ctx, 1000, 1000, "arrived")
	}})
	j := await(t, q, id, job.Done)
	if from.Load() != 700 || j.Attempts != 2 || j.Ratio() != 1 || j.Note != "arrived" {
		t.Errorf("went on from %d: %+v", from.Load(), j)
	}
	if d := time.Since(began); d < 100*time.Millisecond {
		t.Errorf("taken up after %v, while the lease still held", d)
	}
}

func TestALongJobKeepsItsLease(t *testing.T) {
	t.Parallel()
	db := storetest.DB(t)
	var runs atomic.Int32
	h := map[string]job.Handler{"long": func(ctx context.Context, _ *job.Run) error {
		runs.Add(1)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(3 * quick.LeaseTime):
			return nil
		}
	}}
	q := start(t, db, quick, h)
	start(t, db, quick, h)
	await(t, q, enqueue(t, q, db, "long", nil, job.Options{}), job.Done)
	if runs.Load() != 1 {
		t.Errorf("%d runs", runs.Load())
	}
}

func TestStopGivesAnUnfinishedJobBackWithoutCountingIt(t *testing.T) {
	t.Parallel()
	db := storetest.DB(t)
	began := make(chan struct{})
	q := start(t, db, quick, map[string]job.Handler{"slow": func(ctx context.Context, run *job.Run) error {
		if err := run.Checkpoint(ctx, "here"); err != nil {
			return err
		}
		close(began)
		<-ctx.Done()
		return ctx.Err()
	}})
	id := enqueue(t, q, db, "slow", nil, job.Options{MaxAttempts: 1})
	receive(t, began)
	stop(t, q)
	j := await(t, q, id, job.Queued)
	if j.Attempts != 0 {
		t.Errorf("got %+v", j)
	}
	var got string
	next := start(t, db, quick, map[string]job.Handler{"slow": func(_ context.Context, run *job.Run) error {
		_, err := run.LastCheckpoint(&got)
		return err
	}})
	await(t, next, id, job.Done)
	if got != "here" {
		t.Errorf("got %q", got)
	}
}

func TestAFailingJobIsTriedAgainAndThenKeepsItsError(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		err      error
		panics   bool
		attempts int
	}{
		{name: "three times", err: errors.New("no luck"), attempts: 3},
		{name: "once, when it is permanent", err: job.Permanent(errors.New("no luck")), attempts: 1},
		{name: "also when it panics", panics: true, attempts: 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db := storetest.DB(t)
			cfg := quick
			cfg.LeaseTime = 1000 * time.Hour
			began := time.Now()
			cfg.Clock = func() time.Time { return began.Add(1000 * time.Since(began)) } // fast, to get over the pauses
			q := start(t, db, cfg, map[string]job.Handler{"fail": func(context.Context, *job.Run) error {
				if tt.panics {
					panic("no luck")
				}
				return tt.err
			}})
			j := await(t, q, enqueue(t, q, db, "fail", nil, job.Options{MaxAttempts: 3}), job.Failed)
			if j.Attempts != tt.attempts || j.Error == "" {
				t.Errorf("got %+v", j)
			}
		})
	}
}

func TestACancelledJobsContextEnds(t *testing.T) {
	t.Parallel()
	db := storetest.DB(t)
	ctx := context.Background()
	began, ended := make(chan struct{}), make(chan struct{})
	q := start(t, db, quick, map[string]job.Handler{"endless": func(ctx context.Context, _ *job.Run) error {
		close(began)
		<-ctx.Done()
		close(ended)
		return ctx.Err()
	}})
	id := enqueue(t, q, db, "endless", nil, job.Options{})
	receive(t, began)
	if err := q.Cancel(ctx, id); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Fatal("the handler was not told")
	}
	if err := q.Cancel(ctx, id); !errors.Is(err, job.ErrOver) {
		t.Errorf("again: %v", err)
	}
	if err := q.Cancel(ctx, 424242); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("unknown: %v", err)
	}
	await(t, q, id, job.Cancelled)
}

func TestAUniqueKeyHoldsWhileTheJobIsNotOver(t *testing.T) {
	t.Parallel()
	db := storetest.DB(t)
	q := job.New(db, quick)
	opt := job.Options{UniqueKey: "rebuild 1"}
	first := enqueue(t, q, db, "rebuild", 1, opt)
	if again := enqueue(t, q, db, "rebuild", 1, opt); again != first {
		t.Errorf("a second job %d beside %d", again, first)
	}
	if err := q.Cancel(context.Background(), first); err != nil {
		t.Fatal(err)
	}
	if later := enqueue(t, q, db, "rebuild", 1, opt); later == first {
		t.Error("the key outlived its job")
	}
}

func TestADailyJobRunsAtItsHourOfTheZone(t *testing.T) {
	t.Parallel()
	db := storetest.DB(t)
	zone := time.FixedZone("UTC+2", 2*60*60)
	var offset atomic.Int64
	began := time.Now()
	cfg := quick
	cfg.LeaseTime = 100 * time.Hour // the clock jumps
	cfg.Clock = func() time.Time {
		return time.Date(2026, 5, 10, 0, 30, 0, 0, time.UTC).Add(time.Since(began) + time.Duration(offset.Load()))
	}
	ran := make(chan struct{}, 10)
	q := job.New(db, cfg)
	q.Handle("nightly", func(context.Context, *job.Run) error { ran <- struct{}{}; return nil })
	q.Daily("nightly", 3, zone, nil)
	if err := q.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, q) })
	queuedFor := func(want time.Time) {
		t.Helper()
		var got time.Time
		for range 1000 {
			if list, err := q.List(context.Background(), job.Filter{State: job.Queued}); err == nil && len(list) == 1 {
				if got = list[0].RunAt; got.Equal(want) {
					return
				}
			}
			time.Sleep(5 * time.Millisecond)
		}
		t.Fatalf("it is queued for %v, want %v", got, want)
	}
	queuedFor(time.Date(2026, 5, 10, 1, 0, 0, 0, time.UTC)) // it is half past two in the zone
	if len(ran) != 0 {
		t.Error("it ran before its hour")
	}
	offset.Store(int64(40 * time.Minute))
	receive(t, ran)
	queuedFor(time.Date(2026, 5, 11, 1, 0, 0, 0, time.UTC))
}

func TestAPeriodicJobRunsOnceAPeriodForAllProcesses(t *testing.T) {
	t.Parallel()
	db := storetest.DB(t)
	var offset atomic.Int64
	cfg := quick
	cfg.Clock = func() time.Time { return time.Now().Add(time.Duration(offset.Load())) }
	cfg.LeaseTime = time.Hour // the clock jumps
	ran := make(chan struct{}, 100)
	var queues []*job.Queue
	for range 3 {
		q := job.New(db, cfg)
		q.Handle("nightly", func(context.Context, *job.Run) error { ran <- struct{}{}; return nil })
		q.Every("nightly", 24*time.Hour, nil)
		if err := q.Start(context.Background()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { stop(t, q) })
		queues = append(queues, q)
	}
	receive(t, ran)
	time.Sleep(100 * time.Millisecond)
	if n := len(ran); n != 0 {
		t.Fatalf("%d more runs within the day", n)
	}
	for range 100 { // the next one is enqueued, for tomorrow
		if list, _ := queues[0].List(context.Background(), job.Filter{State: job.Queued}); len(list) == 1 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	offset.Store(int64(24*time.Hour + time.Minute))
	receive(t, ran)
}

func TestAPeriodCountsFromWorkThatWasDoneWithoutAJob(t *testing.T) {
	t.Parallel()
	db := storetest.DB(t)
	q := job.New(db, quick)
	if err := q.Ran(context.Background(), "nightly"); err != nil {
		t.Fatal(err)
	}
	ran := make(chan struct{}, 1)
	q.Handle("nightly", func(context.Context, *job.Run) error { ran <- struct{}{}; return nil })
	q.Every("nightly", 24*time.Hour, nil)
	if err := q.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, q) })
	for range 500 {
		list, err := q.List(context.Background(), job.Filter{State: job.Queued})
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 1 {
			if wait := time.Until(list[0].RunAt); wait < 23*time.Hour || wait > 25*time.Hour {
				t.Errorf("the next is in %v", wait)
			}
			return
		}
		select {
		case <-ran:
			t.Fatal("what was just done is done again")
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Error("the next is not enqueued")
}

func TestListPagesNewestFirst(t *testing.T) {
	t.Parallel()
	db := storetest.DB(t)
	q := job.New(db, quick)
	var want []int64
	for range 5 {
		want = append([]int64{enqueue(t, q, db, "x", nil, job.Options{})}, want...)
	}
	var got []int64
	for before := int64(0); ; {
		page, err := q.List(context.Background(), job.Filter{Kind: "x", State: job.Queued, Before: before, Limit: 2})
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		for _, j := range page {
			got = append(got, j.ID)
			before = j.ID
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
