package admin

import "github.com/kupec/kupec/module/job"

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
	return v.fragment("background", "jobs", &backgroundPage{frame{Jobs: v.jobs()}})
}

// jobs is what works in the background now. An error is logged and shows nothing: it must not take the page away.
func (v *visit) jobs() []jobProgress {
	active, err := v.a.rooms.Jobs.Active(v.ctx)
	if err != nil {
		v.a.cfg.Logger.ErrorContext(v.ctx, "listing the jobs for the bar failed", "request", v.requestID, "error", err)
		return nil
	}
	var all []jobProgress
	for _, j := range active {
		if j.State == job.Running {
			all = append(all, v.jobProgress(j))
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
