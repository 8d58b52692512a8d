package admin

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/kupec/kupec/module/intake"
	"github.com/kupec/kupec/module/job"
	"github.com/kupec/kupec/module/staff"
)

// backgroundPage is the part of the bar that shows background work, fetched again every few seconds.
type backgroundPage struct{ frame }

func backgroundArea() area {
	return area{
		pages: []page{{"background", &backgroundPage{}}},
		routes: func(a *Admin, r router) {
			r.get("/jobs/bar", "", a.jobsBar)
		},
	}
}

func (a *Admin) jobsBar(v *visit) error {
	return v.fragment("background", "jobs", &backgroundPage{frame{Running: v.jobs()}})
}

// jobs is what works in the background now. An error is logged and shows nothing: it must not take the page away.
func (v *visit) jobs() []jobProgress {
	active, err := v.a.rooms.Jobs.Active(v.ctx)
	if err != nil {
		v.a.cfg.Logger.ErrorContext(v.ctx, "listing the jobs for the bar failed", "request", v.requestID, "error", err)
		return nil
	}
	all := v.backfills()
	for _, j := range active {
		if j.State == job.Running {
			all = append(all, v.jobProgress(j))
		}
	}
	return all
}

// backfills is the shops whose history is being read.
func (v *visit) backfills() []jobProgress {
	states, err := v.a.rooms.Intake.States(v.ctx)
	if err != nil {
		v.a.cfg.Logger.ErrorContext(v.ctx, "reading the shops' states for the bar failed", "request", v.requestID, "error", err)
		return nil
	}
	var all []jobProgress
	for _, h := range states {
		p := jobProgress{Name: v.t("frame.jobs.history", "shop", v.a.shop(h.Shop).Name)}
		for _, s := range h.Streams {
			p.Done, p.Total = p.Done+s.Read, p.Total+max(s.Read, s.Expected)
		}
		if p.Total > 0 {
			p.Percent = int(p.Done * 100 / p.Total)
		}
		if slices.ContainsFunc(h.Streams, func(s intake.Stream) bool { return !s.Backfilled && s.Error == "" }) {
			all = append(all, p)
		}
	}
	return all
}

func (v *visit) jobProgress(j job.Job) jobProgress {
	p := jobProgress{Name: v.jobName(j.Kind), Done: j.Done, Total: j.Total}
	if j.Total > 0 {
		p.Percent = int(min(100, j.Done*100/j.Total))
	}
	return p
}

// jobName is the kind in words, or the kind itself where nobody has named it.
func (v *visit) jobName(kind string) string {
	if key := "job." + kind; v.a.catalogue.Has(key) {
		return v.t(key)
	}
	return kind
}

type jobsPage struct {
	frame
	Tabs  []tab
	Jobs  []jobRow
	Pager *pager
}

type jobRow struct {
	Name, Tone, State, Error string
	Progress                 *jobProgress
	Attempts                 int
	At                       time.Time
	CancelURL                string
}

func (a *Admin) jobsPage(v *visit) error {
	const limit = 50
	before, _ := strconv.ParseInt(v.query("after"), 10, 64)
	jobs, err := a.rooms.Jobs.List(v.ctx, job.Filter{Before: before, Limit: limit + 1})
	if err != nil {
		return err
	}
	page := &jobsPage{frame: v.frame("settings", v.t("settings.title")), Tabs: v.settingsTabs("jobs")}
	next := ""
	if len(jobs) > limit {
		jobs = jobs[:limit]
		next = strconv.FormatInt(jobs[limit-1].ID, 10)
	}
	tones := map[job.State]string{job.Running: "info", job.Done: "good", job.Failed: "bad"}
	for _, j := range jobs {
		row := jobRow{Name: v.jobName(j.Kind), Tone: tones[j.State], State: v.t("job.state." + string(j.State)), Attempts: j.Attempts,
			At: cmp.Or(j.FinishedAt, j.StartedAt, j.RunAt)}
		if j.State != job.Done {
			row.Error = j.Error
		}
		if j.State == job.Running {
			progress := v.jobProgress(j)
			row.Progress = &progress
		}
		if (j.State == job.Running || j.State == job.Queued) && v.may(staff.ManageShops) {
			row.CancelURL = a.link(fmt.Sprintf("/settings/jobs/%d/cancel", j.ID))
		}
		page.Jobs = append(page.Jobs, row)
	}
	page.Pager = v.pager(v.t("jobs.shown", "count", int64(len(page.Jobs))), next)
	return v.render("settings_jobs", page)
}

func (a *Admin) jobCancel(v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	if err := a.rooms.Jobs.Cancel(v.ctx, id); err != nil {
		return err
	}
	return v.done("/settings/jobs", "jobs.cancelled")
}
