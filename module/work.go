package crm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/kupec/kupec/module/importer"
	"github.com/kupec/kupec/module/intake"
	"github.com/kupec/kupec/module/job"
	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// Kinds of the jobs that the wiring itself keeps going.
const (
	jobFacts       = "insight.refresh_all"
	jobRecommend   = "recommend.rebuild"
	jobCredits     = "attribution.refresh_all"
	jobReconcile   = "intake.reconcile"
	jobTidyImports = "import.tidy"
	jobFollowAll   = "segment.follow_all"
	jobFollowUsed  = "segment.follow_used"
	jobFollow      = "segment.follow" // one segment, which is its payload
	jobReports     = "report.check"
)

// quietHour is when shops sell least, on this machine's clock.
const quietHour = 3

// work is the goroutines that repeat short steps for as long as the CRM runs.
type work struct {
	log     *slog.Logger
	cancel  context.CancelFunc
	running sync.WaitGroup
}

func (w *work) start(ctx context.Context) context.Context {
	ctx, w.cancel = context.WithCancel(staff.WithSystem(context.WithoutCancel(ctx), "schedule"))
	return ctx
}

// every runs step again and again until stop, with a pause after each, also when it fails or panics.
func (w *work) every(ctx context.Context, pause time.Duration, name string, step func(context.Context) error) {
	w.running.Go(func() {
		for ctx.Err() == nil {
			if err := shielded(ctx, step); err != nil && ctx.Err() == nil {
				w.log.ErrorContext(ctx, "background work failed", "work", name, "error", err)
			}
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
		}
	})
}

func shielded(ctx context.Context, step func(context.Context) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return step(ctx)
}

func (w *work) stop(ctx context.Context) error {
	if w.cancel == nil {
		return nil
	}
	w.cancel()
	ended := make(chan struct{})
	go func() { w.running.Wait(); close(ended) }()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("background work did not end in time: %w", ctx.Err())
	}
}

// Start begins to follow the shops, to send, and to keep figures fresh. Several processes may do so over one database.
func (c *CRM) Start(ctx context.Context) error {
	ctx = c.work.start(ctx)
	if err := c.Intake.Start(ctx); err != nil {
		return err
	}
	if err := c.Post.Start(ctx); err != nil {
		return err
	}
	if err := c.Jobs.Start(ctx); err != nil {
		return err
	}
	c.work.every(ctx, 2*time.Second, "facts", func(ctx context.Context) error {
		_, err := c.Facts.Refresh(ctx, factsAtOnce)
		return err
	})
	c.work.every(ctx, 5*time.Second, "people who may be the same", func(ctx context.Context) error {
		_, err := c.People.RefreshSuggestions(ctx, suggestionsAtOnce)
		return err
	})
	c.work.every(ctx, 5*time.Second, "credits", func(ctx context.Context) error {
		_, err := c.Tracker.Refresh(ctx)
		return err
	})
	c.work.every(ctx, 3*time.Second, "reports", func(ctx context.Context) error {
		_, err := c.Reports.Refresh(ctx, reportsAtOnce)
		return err
	})
	c.work.every(ctx, 5*time.Second, "scheduled newsletters", c.Newsletters.DueTick)
	c.work.every(ctx, 30*time.Second, "first figures", c.firstFigures)
	c.work.every(ctx, 10*time.Second, "segments that were edited", c.followEdited)
	return nil
}

const (
	factsAtOnce       = 5000
	suggestionsAtOnce = 5000
	reportsAtOnce     = 5000
)

// Stop ends what Start began, in order, and gives up waiting when ctx ends. Mail on the wire is finished and written down.
func (c *CRM) Stop(ctx context.Context) error {
	var first error
	for _, stop := range []func(context.Context) error{c.work.stop, c.Jobs.Stop, c.Intake.Stop, c.Post.Stop} {
		if err := stop(ctx); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// handleJobs tells the queue who does what each night.
func (c *CRM) handleJobs() {
	c.Jobs.Handle(jobFacts, func(ctx context.Context, run *job.Run) error {
		progress := func(done, total int64) { _ = run.Progress(ctx, done, total, "") }
		if err := c.Facts.RefreshAll(ctx, progress); err != nil {
			return err
		}
		return c.Facts.Forecast(ctx, progress)
	})
	c.Jobs.Handle(jobRecommend, func(ctx context.Context, run *job.Run) error {
		return c.rebuild(ctx, func(done, total int64) { _ = run.Progress(ctx, done, total, "") })
	})
	c.Jobs.Handle(jobCredits, func(ctx context.Context, _ *job.Run) error {
		_, err := c.Tracker.RefreshAll(ctx)
		return err
	})
	c.Jobs.Handle(importer.JobKind, c.Imports.Run)
	c.Jobs.Handle(jobTidyImports, func(ctx context.Context, _ *job.Run) error { return c.Imports.Tidy(ctx) })
	c.Jobs.Handle(jobReports, func(ctx context.Context, run *job.Run) error {
		return c.checkReports(ctx, func(done, total int64) { _ = run.Progress(ctx, done, total, "") })
	})
	c.Jobs.Every(jobFacts, 24*time.Hour, nil)
	c.Jobs.Every(jobRecommend, 24*time.Hour, nil)
	c.Jobs.Every(jobCredits, 24*time.Hour, nil)
	c.Jobs.Every(jobTidyImports, 24*time.Hour, nil)
	c.Jobs.Handle(jobReconcile, func(ctx context.Context, run *job.Run) error {
		_, err := c.Intake.ReconcileNightly(ctx, func(p intake.Progress) { _ = run.Progress(ctx, p.Done, p.Total, p.Shop+" "+p.Stream) })
		return err
	})
	c.Jobs.Daily(jobReports, quietHour+1, time.Local, nil)
	c.Jobs.Daily(jobReconcile, quietHour, time.Local, nil)
	c.handleSegments()
}

// handleSegments keeps it known who is in which segment.
func (c *CRM) handleSegments() {
	c.Jobs.Handle(jobFollowAll, func(ctx context.Context, run *job.Run) error {
		return c.Segments.FollowAll(ctx, func(done, total int64) { _ = run.Progress(ctx, done, total, "") })
	})
	c.Jobs.Handle(jobFollowUsed, func(ctx context.Context, run *job.Run) error {
		return c.Segments.FollowUsed(ctx, func(done, total int64) { _ = run.Progress(ctx, done, total, "") })
	})
	c.Jobs.Handle(jobFollow, func(ctx context.Context, run *job.Run) error {
		var id int64
		if err := run.Payload(&id); err != nil {
			return err
		}
		_, err := c.Segments.Follow(ctx, id, func(done, total int64) { _ = run.Progress(ctx, done, total, "") })
		var gone *segment.InvalidError
		if errors.As(err, &gone) || errors.Is(err, store.ErrNotFound) {
			return job.Permanent(err)
		}
		return err
	})
	c.Jobs.Handle(segment.BacktestJob, c.Segments.RunBacktest)
	c.Jobs.Daily(jobFollowAll, quietHour, time.Local, nil)
	c.Jobs.Every(jobFollowUsed, time.Hour, nil)
}

// followEdited has segments followed that are new or edited. It looks for them, instead of being told, so that no way of
// saving one can forget to say so.
func (c *CRM) followEdited(ctx context.Context) error {
	ids, err := c.Segments.Unfollowed(ctx)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if _, err := c.Jobs.Enqueue(ctx, c.db, jobFollow, id, job.Options{UniqueKey: fmt.Sprintf("%s %d", jobFollow, id)}); err != nil {
			return err
		}
	}
	return nil
}

// checkReports compares the reports' sums with the orders. What was wrong is mended by then, and logged, for it should not be.
// While the first history is still being copied it waits: noting each copied order as a change would hold that up.
func (c *CRM) checkReports(ctx context.Context, progress func(done, total int64)) error {
	state, err := c.Reports.State(ctx)
	if err != nil {
		return err
	}
	states, err := c.Intake.States(ctx)
	if err != nil || !state.Ready && !slices.ContainsFunc(states, copied) {
		return err
	}
	corrected, err := c.Reports.Check(ctx, progress)
	if err != nil {
		return err
	}
	if state.Ready && corrected > 0 {
		c.work.log.WarnContext(ctx, "sums of reports were wrong and are mended", "sums", corrected)
	}
	return nil
}

func (c *CRM) rebuild(ctx context.Context, progress func(done, total int64)) error {
	shops, err := c.Intake.Shops(ctx)
	if err != nil {
		return err
	}
	for _, shop := range shops {
		if _, err := c.Recommend.Rebuild(ctx, shop.ID, progress); err != nil {
			return fmt.Errorf("working out what goes with what in %s: %w", shop.Name, err)
		}
	}
	return nil
}

// copied says whether a shop's orders have been copied, and there were some.
func copied(h intake.Health) bool {
	return slices.ContainsFunc(h.Streams, func(s intake.Stream) bool { return s.Name == "orders" && s.Backfilled && s.Changed > 0 })
}

// firstFigures has affinities and predictions worked out as soon as a shop's history is there, instead of in the night that follows.
func (c *CRM) firstFigures(ctx context.Context) error {
	states, err := c.Intake.States(ctx)
	if err != nil {
		return err
	}
	for _, h := range states {
		if !copied(h) {
			continue
		}
		if err := c.firstReports(ctx); err != nil {
			return err
		}
		run, err := c.Recommend.LastRun(ctx, h.Shop.ID)
		if err == nil && run.Buyers > 0 {
			continue
		}
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		for _, kind := range []string{jobRecommend, jobFacts} {
			if _, err := c.Jobs.Enqueue(ctx, c.db, kind, nil, job.Options{UniqueKey: "first " + kind}); err != nil {
				return err
			}
		}
	}
	return nil
}

// catchupReports makes the reports' sums, or brings them up to date.
func (c *CRM) catchupReports(ctx context.Context, progress func(done, total int64)) error {
	state, err := c.Reports.State(ctx)
	if err != nil {
		return err
	}
	if !state.Ready {
		_, err = c.Reports.Check(ctx, progress)
		return err
	}
	return c.Reports.Catchup(ctx)
}

// firstReports has the reports' sums made, unless they are there.
func (c *CRM) firstReports(ctx context.Context) error {
	state, err := c.Reports.State(ctx)
	if err != nil || state.Ready {
		return err
	}
	_, err = c.Jobs.Enqueue(ctx, c.db, jobReports, nil, job.Options{UniqueKey: "first " + jobReports})
	return err
}

// Catchup does at once, and to the end, what Start would do over time: it copies the shops' histories, follows them once,
// and works out all facts, reports, affinities, credits, and who may be the same person. progress is told of each part by its name; total is 0 while it is not known.
// What is expected of customers takes longer and nobody waits for it: that is left to the night, or to [CRM.Predict].
func (c *CRM) Catchup(ctx context.Context, progress func(name string, done, total int64)) error {
	if err := c.Intake.Once(ctx, func(p intake.Progress) { progress(p.Shop+" "+p.Stream, p.Done, p.Total) }); err != nil {
		return err
	}
	if err := c.Facts.RefreshAll(ctx, func(done, total int64) { progress("facts", done, total) }); err != nil {
		return err
	}
	if err := c.catchupReports(ctx, func(done, total int64) { progress("reports", done, total) }); err != nil {
		return err
	}
	if err := c.rebuild(ctx, func(done, total int64) { progress("affinities", done, total) }); err != nil {
		return err
	}
	if err := c.Jobs.Ran(ctx, jobRecommend); err != nil {
		return err
	}
	for {
		n, err := c.People.RefreshSuggestions(ctx, suggestionsAtOnce)
		if err != nil {
			return err
		}
		if n < suggestionsAtOnce {
			break
		}
	}
	_, err := c.Tracker.Refresh(ctx)
	return err
}

// Predict does after Catchup what is left of the night's work: it works out what is expected of customers. Start does not do
// it again before the next night.
func (c *CRM) Predict(ctx context.Context, progress func(done, total int64)) error {
	if err := c.Facts.Forecast(ctx, progress); err != nil {
		return err
	}
	return c.Jobs.Ran(ctx, jobFacts)
}
