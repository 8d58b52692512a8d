package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/store"
)

// State is where a job stands.
type State string

// The states.
const (
	Queued    State = "queued"
	Running   State = "running"
	Done      State = "done"
	Failed    State = "failed" // given up
	Cancelled State = "cancelled"
)

// Job is one piece of background work, as screens show it.
type Job struct {
	ID          int64
	Kind        string
	State       State
	Attempts    int
	Done, Total int64 // Total 0: not known
	Note        string
	Error       string // why the last attempt failed
	RunAt       time.Time
	CreatedAt   time.Time
	StartedAt   time.Time
	FinishedAt  time.Time
}

// Ratio is how much is done, 0 to 1; 0 while the total is not known.
func (j Job) Ratio() float64 {
	if j.Total <= 0 {
		return 0
	}
	return min(1, float64(j.Done)/float64(j.Total))
}

type row struct {
	bun.BaseModel `bun:"table:crm_jobs"`
	ID            int64      `bun:"id,pk,autoincrement"`
	Kind          string     `bun:"kind"`
	UniqueKey     *string    `bun:"unique_key"`
	Payload       string     `bun:"payload"`
	State         State      `bun:"state"`
	RunAt         time.Time  `bun:"run_at"`
	LeaseOwner    *string    `bun:"lease_owner"`
	LeaseUntil    *time.Time `bun:"lease_until"`
	Attempts      int        `bun:"attempts"`
	MaxAttempts   int        `bun:"max_attempts"`
	ProgressDone  int64      `bun:"progress_done"`
	ProgressTotal int64      `bun:"progress_total"`
	ProgressNote  string     `bun:"progress_note"`
	Checkpoint    *string    `bun:"checkpoint"`
	Error         *string    `bun:"error"`
	CreatedAt     time.Time  `bun:"created_at"`
	StartedAt     *time.Time `bun:"started_at"`
	FinishedAt    *time.Time `bun:"finished_at"`
}

func (r row) job() Job {
	j := Job{ID: r.ID, Kind: r.Kind, State: r.State, Attempts: r.Attempts, Done: r.ProgressDone, Total: r.ProgressTotal, Note: r.ProgressNote,
		RunAt: r.RunAt, CreatedAt: r.CreatedAt}
	if r.Error != nil {
		j.Error = *r.Error
	}
	if r.StartedAt != nil {
		j.StartedAt = *r.StartedAt
	}
	if r.FinishedAt != nil {
		j.FinishedAt = *r.FinishedAt
	}
	return j
}

// Options says how a job is to be run. The zero value is: at once, five attempts.
type Options struct {
	UniqueKey   string    // while a job with the key is queued or running, enqueueing gives that one
	RunAt       time.Time // not before
	MaxAttempts int       // default 5
}

// Enqueue adds a job within db, which may be the transaction of the act that wants it, and gives its id. payload is
// kept as JSON.
func (q *Queue) Enqueue(ctx context.Context, db bun.IDB, kind string, payload any, opt Options) (int64, error) {
	raw, err := json.Marshal(payload)
	if err != nil {
		return 0, fmt.Errorf("enqueueing %s: %w", kind, err)
	}
	now := q.cfg.Clock().UTC()
	r := &row{Kind: kind, Payload: string(raw), State: Queued, RunAt: opt.RunAt.UTC(), MaxAttempts: opt.MaxAttempts, CreatedAt: now}
	if opt.RunAt.IsZero() {
		r.RunAt = now
	}
	if opt.MaxAttempts == 0 {
		r.MaxAttempts = 5
	}
	if opt.UniqueKey != "" {
		r.UniqueKey = &opt.UniqueKey
	}
	if _, err = db.NewInsert().Model(r).Exec(ctx); err == nil {
		q.wake()
		return r.ID, nil
	}
	if !store.IsDuplicate(err) {
		return 0, fmt.Errorf("enqueueing %s: %w", kind, err)
	}
	var id int64
	if err := db.NewRaw("SELECT id FROM crm_jobs WHERE unique_key = ?", opt.UniqueKey).Scan(ctx, &id); err != nil {
		return 0, fmt.Errorf("finding the job already enqueued as %s: %w", opt.UniqueKey, store.NotFound(err))
	}
	return id, nil
}

// Ran notes that what jobs of a kind do was just done without one, so that [Queue.Every] counts from now.
func (q *Queue) Ran(ctx context.Context, kind string) error {
	now := q.cfg.Clock().UTC()
	r := &row{Kind: kind, Payload: "null", State: Done, RunAt: now, MaxAttempts: 1, CreatedAt: now, StartedAt: &now, FinishedAt: &now}
	if _, err := q.db.NewInsert().Model(r).Exec(ctx); err != nil {
		return fmt.Errorf("noting that %s was done: %w", kind, err)
	}
	return nil
}

// Get gives one job, or [store.ErrNotFound].
func (q *Queue) Get(ctx context.Context, id int64) (Job, error) {
	var r row
	if err := q.db.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx); err != nil {
		return Job{}, fmt.Errorf("reading a job: %w", store.NotFound(err))
	}
	return r.job(), nil
}

// Pending gives the job that waits or runs under a unique key, or [store.ErrNotFound].
func (q *Queue) Pending(ctx context.Context, uniqueKey string) (Job, error) {
	var r row
	if err := q.db.NewSelect().Model(&r).Where("unique_key = ?", uniqueKey).Scan(ctx); err != nil {
		return Job{}, fmt.Errorf("looking for the job %s: %w", uniqueKey, store.NotFound(err))
	}
	return r.job(), nil
}

// Filter narrows a list of jobs. Zero fields do not narrow.
type Filter struct {
	State  State
	Kind   string
	Before int64 // only jobs with a smaller id: the next page
	Limit  int   // default 50
}

// List gives jobs, newest first.
func (q *Queue) List(ctx context.Context, f Filter) ([]Job, error) {
	if f.Limit <= 0 {
		f.Limit = 50
	}
	var rows []row
	s := q.db.NewSelect().Model(&rows).OrderExpr("id DESC").Limit(int64(min(f.Limit, store.PageMax)))
	if f.State != "" {
		s = s.Where("state = ?", f.State)
	}
	if f.Kind != "" {
		s = s.Where("kind = ?", f.Kind)
	}
	if f.Before != 0 {
		s = s.Where("id < ?", f.Before)
	}
	if err := s.Scan(ctx); err != nil {
		return nil, fmt.Errorf("listing jobs: %w", err)
	}
	return jobs(rows), nil
}

// Active gives the jobs that run now, oldest first.
func (q *Queue) Active(ctx context.Context) ([]Job, error) {
	var rows []row
	err := q.db.NewSelect().Model(&rows).Where("state = ?", Running).OrderExpr("id").Limit(store.PageMax).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing running jobs: %w", err)
	}
	return jobs(rows), nil
}

func jobs(rows []row) []Job {
	all := make([]Job, len(rows))
	for i, r := range rows {
		all[i] = r.job()
	}
	return all
}

// ErrOver says that a job cannot be cancelled any more.
var ErrOver = errors.New("the job has ended already")

// Cancel ends a job: a queued one never runs; a running one's context ends within a lease's third. A job that is over
// gives [ErrOver].
func (q *Queue) Cancel(ctx context.Context, id int64) error {
	res, err := q.db.ExecContext(ctx, `UPDATE crm_jobs SET state = 'cancelled', unique_key = NULL, lease_owner = NULL, lease_until = NULL, finished_at = ?
		WHERE id = ? AND state IN ('queued', 'running')`, q.cfg.Clock().UTC(), id)
	if err != nil {
		return fmt.Errorf("cancelling a job: %w", err)
	}
	if n, _ := res.RowsAffected(); n == 0 {
		if _, err := q.Get(ctx, id); err != nil {
			return err
		}
		return ErrOver
	}
	return nil
}
