package job

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/store"
)

// Config tunes a Queue. All of it may be zero.
type Config struct {
	Workers   int              // jobs at once in this process; default 2
	Poll      time.Duration    // how often to look for work that others enqueued; default 1 s
	LeaseTime time.Duration    // a dead process's jobs are taken up after this; default 30 s
	KeepDone  time.Duration    // finished jobs are deleted after this; default 30 days
	Clock     func() time.Time // default time.Now
	Logger    *slog.Logger     // default: discards
}

const (
	reportEvery = 500 * time.Millisecond
	firstPause  = 5 * time.Second
	longPause   = 15 * time.Minute
)

// Queue runs jobs. Make one with [New], add handlers, then [Queue.Start] it.
type Queue struct {
	db       *bun.DB
	cfg      Config
	handlers map[string]Handler
	periodic []periodic
	nudge    chan struct{}
	stop     context.CancelFunc
	running  sync.WaitGroup
}

type periodic struct {
	kind    string
	next    func(last time.Time) time.Time // zero last: there was none
	payload any
}

// New makes a Queue over db. It does nothing until it is started.
func New(db *bun.DB, cfg Config) *Queue {
	if cfg.Workers == 0 {
		cfg.Workers = 2
	}
	if cfg.Poll == 0 {
		cfg.Poll = time.Second
	}
	if cfg.LeaseTime == 0 {
		cfg.LeaseTime = 30 * time.Second
	}
	if cfg.KeepDone == 0 {
		cfg.KeepDone = 30 * 24 * time.Hour
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Queue{db: db, cfg: cfg, handlers: map[string]Handler{}, nudge: make(chan struct{}, 1)}
}

// Handle says who does the work of a kind. Call it before [Queue.Start]. Jobs of kinds that this process has no handler
// for are left to others.
func (q *Queue) Handle(kind string, h Handler) { q.handlers[kind] = h }

// Every enqueues a job of the kind again and again. However many processes do so, there is one at a time, and the next is
// enqueued for `every` after the one before was. Call it before [Queue.Start].
func (q *Queue) Every(kind string, every time.Duration, payload any) {
	q.periodic = append(q.periodic, periodic{kind, func(last time.Time) time.Time {
		if last.IsZero() {
			return q.cfg.Clock().UTC()
		}
		return last.Add(every)
	}, payload})
}

// Daily is [Queue.Every] at an hour of the day in a zone. One that no process was up for runs as soon as one is.
func (q *Queue) Daily(kind string, hour int, zone *time.Location, payload any) {
	q.periodic = append(q.periodic, periodic{kind, func(time.Time) time.Time {
		now := q.cfg.Clock().In(zone)
		at := time.Date(now.Year(), now.Month(), now.Day(), hour, 0, 0, 0, zone)
		if !at.After(now) {
			at = time.Date(now.Year(), now.Month(), now.Day()+1, hour, 0, 0, 0, zone)
		}
		return at.UTC()
	}, payload})
}

// Start begins to work, in goroutines that [Queue.Stop] ends.
func (q *Queue) Start(ctx context.Context) error {
	ctx, q.stop = context.WithCancel(context.WithoutCancel(ctx))
	for range q.cfg.Workers {
		q.running.Go(func() { q.work(ctx) })
	}
	q.running.Go(func() { q.schedule(ctx) })
	return nil
}

// Stop ends the contexts of running handlers and waits for them, until ctx ends. What they had not finished goes back
// into the queue, at once and without counting as an attempt.
func (q *Queue) Stop(ctx context.Context) error {
	if q.stop == nil {
		return nil
	}
	q.stop()
	ended := make(chan struct{})
	go func() { q.running.Wait(); close(ended) }()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("background jobs did not end in time: %w", ctx.Err())
	}
}

// wake lets an idle worker look for work at once. It may look before the enqueueing transaction commits; the poll finds
// the job then.
func (q *Queue) wake() {
	select {
	case q.nudge <- struct{}{}:
	default:
	}
}

func (q *Queue) work(ctx context.Context) {
	for ctx.Err() == nil {
		r, err := q.claim(ctx)
		if err != nil && ctx.Err() == nil {
			q.cfg.Logger.ErrorContext(ctx, "looking for a job", "error", err)
		}
		if r != nil {
			q.attempt(ctx, r)
			continue
		}
		select {
		case <-ctx.Done():
		case <-q.nudge:
		case <-time.After(q.cfg.Poll):
		}
	}
}

// claim leases the next due job, or one whose lease ran out; nil when there is none. Candidates are read without locks
// and taken by an update that carries the whole condition, so that of several processes one wins.
func (q *Queue) claim(ctx context.Context) (*Run, error) {
	kinds := make([]string, 0, len(q.handlers))
	for kind := range q.handlers {
		kinds = append(kinds, kind)
	}
	if len(kinds) == 0 {
		return nil, nil
	}
	now := q.cfg.Clock().UTC()
	var ids []int64
	err := q.db.NewRaw(`(SELECT id FROM crm_jobs WHERE state = 'queued' AND run_at <= ? AND kind IN (?) ORDER BY run_at LIMIT 4)
		UNION ALL (SELECT id FROM crm_jobs WHERE state = 'running' AND lease_until < ? AND kind IN (?) LIMIT 4)`,
		now, bun.List(kinds), now, bun.List(kinds)).Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("reading due jobs: %w", err)
	}
	for _, id := range ids {
		owner := rand.Text()
		var took int64
		err := store.Retry(ctx, func() error {
			res, err := q.db.ExecContext(ctx, `UPDATE crm_jobs SET state = 'running', lease_owner = ?, lease_until = ?, attempts = attempts + 1,
				started_at = COALESCE(started_at, ?) WHERE id = ? AND (state = 'queued' AND run_at <= ? OR state = 'running' AND lease_until < ?)`,
				owner, now.Add(q.cfg.LeaseTime), now, id, now, now)
			if err != nil {
				return err
			}
			took, err = res.RowsAffected()
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("claiming job %d: %w", id, err)
		}
		if took == 0 {
			continue
		}
		var r row
		if err := q.db.NewSelect().Model(&r).Where("id = ?", id).Scan(ctx); err != nil {
			return nil, fmt.Errorf("reading claimed job %d: %w", id, err)
		}
		return &Run{queue: q, row: r, owner: owner}, nil
	}
	return nil, nil
}

// attempt runs the handler under a kept lease and writes down how it ended.
func (q *Queue) attempt(ctx context.Context, r *Run) {
	inside, cancel := context.WithCancelCause(ctx)
	var keeper sync.WaitGroup
	keeper.Go(func() {
		tick := time.NewTicker(q.cfg.LeaseTime / 3)
		defer tick.Stop()
		for {
			select {
			case <-inside.Done():
				return
			case <-tick.C:
				if err := r.update(inside, "attempts = attempts"); errors.Is(err, errLost) {
					cancel(errLost)
				}
			}
		}
	})
	err := q.call(inside, r)
	lost := errors.Is(context.Cause(inside), errLost) || errors.Is(err, errLost)
	stopped := ctx.Err() != nil
	cancel(nil)
	keeper.Wait()
	if lost {
		return
	}
	// The outcome must be written down also while stopping.
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer done()
	if err := q.settle(ctx, r, err, stopped); err != nil {
		q.cfg.Logger.ErrorContext(ctx, "writing down how a job ended", "job", r.row.ID, "kind", r.row.Kind, "error", err)
	}
}

// call turns a handler's panic into an error.
func (q *Queue) call(ctx context.Context, r *Run) (err error) {
	defer func() {
		if p := recover(); p != nil {
			q.cfg.Logger.ErrorContext(ctx, "a job panicked", "job", r.row.ID, "kind", r.row.Kind, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return q.handlers[r.row.Kind](ctx, r)
}

func (q *Queue) settle(ctx context.Context, r *Run, err error, stopped bool) error {
	now := q.cfg.Clock().UTC()
	const release = "lease_owner = NULL, lease_until = NULL"
	var permanent permanentError
	var set string
	var args []any
	switch {
	case err == nil:
		set, args = "state = 'done', unique_key = NULL, error = NULL, finished_at = ?, "+release, []any{now}
	case stopped:
		set = "state = 'queued', attempts = attempts - 1, " + release
	case errors.As(err, &permanent) || r.row.Attempts >= r.row.MaxAttempts:
		q.cfg.Logger.WarnContext(ctx, "a job failed for good", "job", r.row.ID, "kind", r.row.Kind, "attempts", r.row.Attempts, "error", err)
		set, args = "state = 'failed', unique_key = NULL, error = ?, finished_at = ?, "+release, []any{err.Error(), now}
	default:
		q.cfg.Logger.WarnContext(ctx, "a job failed and will be tried again", "job", r.row.ID, "kind", r.row.Kind, "attempts", r.row.Attempts, "error", err)
		pause := min(firstPause<<min(r.row.Attempts-1, 20), longPause)
		set, args = "state = 'queued', error = ?, run_at = ?, "+release, []any{err.Error(), now.Add(pause)}
	}
	args = append(args, r.row.ID, r.owner)
	return store.Retry(ctx, func() error {
		_, err := q.db.ExecContext(ctx, "UPDATE crm_jobs SET "+set+" WHERE id = ? AND state = 'running' AND lease_owner = ?", args...)
		return err
	})
}

// schedule keeps the periodic jobs enqueued and clears old ones.
func (q *Queue) schedule(ctx context.Context) {
	for {
		for _, p := range q.periodic {
			if err := q.enqueueNext(ctx, p); err != nil && ctx.Err() == nil {
				q.cfg.Logger.ErrorContext(ctx, "enqueueing a periodic job", "kind", p.kind, "error", err)
			}
		}
		if err := q.clear(ctx); err != nil && ctx.Err() == nil {
			q.cfg.Logger.ErrorContext(ctx, "clearing old jobs", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(q.cfg.Poll):
		}
	}
}

func (q *Queue) enqueueNext(ctx context.Context, p periodic) error {
	var last struct {
		ID    int64
		State State
		RunAt time.Time
	}
	err := store.NotFound(q.db.NewRaw("SELECT id, state, run_at FROM crm_jobs WHERE kind = ? ORDER BY id DESC LIMIT 1", p.kind).Scan(ctx, &last))
	now := q.cfg.Clock().UTC()
	switch {
	case errors.Is(err, store.ErrNotFound):
		last.RunAt = time.Time{}
	case err != nil:
		return err
	case last.State == Queued || last.State == Running:
		return nil
	}
	next := p.next(last.RunAt)
	if next.Before(now) {
		next = now
	}
	payload, err := json.Marshal(p.payload)
	if err != nil {
		return err
	}
	// Since the last one was read, another process may have enqueued the next, and may even be through with it, which
	// frees its key. So the insert itself looks whether the last one is still the last.
	err = store.Retry(ctx, func() error {
		_, err := q.db.ExecContext(ctx, `INSERT INTO crm_jobs (kind, unique_key, payload, state, run_at, max_attempts, created_at)
			SELECT ?, ?, ?, 'queued', ?, 3, ? FROM (SELECT COALESCE(MAX(id), 0) AS id FROM crm_jobs WHERE kind = ?) l WHERE l.id = ?`,
			p.kind, "every "+p.kind, string(payload), next, now, p.kind, last.ID)
		return err
	})
	if err != nil && !store.IsDuplicate(err) {
		return err
	}
	q.wake()
	return nil
}

func (q *Queue) clear(ctx context.Context) error {
	_, err := q.db.ExecContext(ctx, "DELETE FROM crm_jobs WHERE state IN ('done', 'cancelled') AND run_at < ? LIMIT 500", q.cfg.Clock().UTC().Add(-q.cfg.KeepDone))
	return err
}
