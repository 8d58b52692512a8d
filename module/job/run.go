package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/kupec/kupec/module/contact"
)

// Handler does the work of one kind. Its context ends when the lease is lost, the job is cancelled, or the queue stops;
// it then returns soon, and its job goes on later from the last checkpoint. An error wrapped by [Permanent] is not tried
// again.
type Handler func(ctx context.Context, run *Run) error

// errLost says that the run is not ours any more: the lease went to another process, or somebody cancelled the job.
var errLost = errors.New("the job was cancelled or taken over")

type permanentError struct{ error }

func (e permanentError) Unwrap() error { return e.error }

// Permanent marks an error that another attempt would meet again.
func Permanent(err error) error { return permanentError{err} }

// Run is one attempt at a job, in the handler's hands.
type Run struct {
	queue    *Queue
	row      row
	owner    string
	reported atomic.Int64
}

// ID is the job's id.
func (r *Run) ID() int64 { return r.row.ID }

// Attempt counts from 1.
func (r *Run) Attempt() int { return r.row.Attempts }

// Payload fills dst from what was enqueued.
func (r *Run) Payload(dst any) error {
	if err := json.Unmarshal([]byte(r.row.Payload), dst); err != nil {
		return Permanent(fmt.Errorf("the payload of job %d: %w", r.row.ID, err))
	}
	return nil
}

// LastCheckpoint fills dst from the last checkpoint of this or an earlier attempt, and says whether there is one.
func (r *Run) LastCheckpoint(dst any) (bool, error) {
	if r.row.Checkpoint == nil {
		return false, nil
	}
	if err := json.Unmarshal([]byte(*r.row.Checkpoint), dst); err != nil {
		return false, Permanent(fmt.Errorf("the checkpoint of job %d: %w", r.row.ID, err))
	}
	return true, nil
}

// Checkpoint keeps v, from which another attempt can go on, and prolongs the lease.
func (r *Run) Checkpoint(ctx context.Context, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("a checkpoint: %w", err)
	}
	text := string(raw)
	if err := r.update(ctx, "checkpoint = ?", text); err != nil {
		return err
	}
	r.row.Checkpoint = &text
	return nil
}

// Progress says how far the work is, for people; total 0 means that nobody knows. It also prolongs the lease. Calls in
// quick succession are merged, except the last step.
func (r *Run) Progress(ctx context.Context, done, total int64, note string) error {
	now := r.queue.cfg.Clock().UnixNano()
	if last := r.reported.Load(); done < total && now-last < int64(reportEvery) {
		return ctx.Err()
	}
	r.reported.Store(now)
	return r.update(ctx, "progress_done = ?, progress_total = ?, progress_note = ?", done, total, contact.CleanText(note, 255))
}

// update writes to the job's row only while it is ours.
func (r *Run) update(ctx context.Context, set string, args ...any) error {
	until := r.queue.cfg.Clock().UTC().Add(r.queue.cfg.LeaseTime)
	args = append(args, until, r.row.ID, r.owner)
	res, err := r.queue.db.ExecContext(ctx, "UPDATE crm_jobs SET "+set+", lease_until = ? WHERE id = ? AND state = 'running' AND lease_owner = ?", args...)
	if err != nil {
		return fmt.Errorf("keeping job %d: %w", r.row.ID, err)
	}
	if n, _ := res.RowsAffected(); n == 0 {
		return errLost
	}
	return nil
}
