package daemon

import (
	"fmt"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress shows how far long work is: a bar on a terminal, a line every few seconds elsewhere.
type progress struct {
	t    *terminal
	name string
	bar  *progressbar.ProgressBar
	last time.Time
	seen map[string]*stint
}

// stint is a piece of work since it was first shown. Work that takes turns with other work goes on where it was.
type stint struct {
	begun      time.Time
	from, done int64
}

const plainEvery = 5 * time.Second

func (t *terminal) progress() *progress { return &progress{t: t, seen: map[string]*stint{}} }

// show says that of what is called name, done of total (0: not known) is done.
func (p *progress) show(name string, done, total int64) {
	now := p.seen[name]
	switch {
	case now == nil || done < now.done:
		now = &stint{begun: time.Now(), from: done, done: done}
		p.seen[name] = now
	case name != p.name && done == now.done:
		return // it is only said again that it is as far as it was
	}
	now.done = done
	if name != p.name {
		p.end()
		p.name, p.last = name, time.Now()
		if p.t.interactive {
			p.bar = progressbar.NewOptions64(max(total, 1), progressbar.OptionSetWriter(p.t.err), progressbar.OptionSetDescription(fmt.Sprintf("%-24s", name)),
				progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionSetItsString("rows"), progressbar.OptionSetWidth(24),
				progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetPredictTime(true))
		}
	}
	if p.bar != nil {
		p.bar.ChangeMax64(max(total, done, 1))
		_ = p.bar.Set64(done)
		return
	}
	if time.Since(p.last) >= plainEvery {
		p.last = time.Now()
		p.line(now, total)
	}
}

func (p *progress) line(now *stint, total int64) {
	done := now.done
	rate := float64(done-now.from) / max(time.Since(now.begun).Seconds(), 0.001)
	if total > 0 && rate > 0 {
		left := time.Duration(float64(max(total-done, 0)) / max(rate, 0.001) * float64(time.Second))
		fmt.Fprintf(p.t.err, "%s: %d of about %d, %.0f a second, %s left\n", p.name, done, total, rate, left.Round(time.Second))
		return
	}
	fmt.Fprintf(p.t.err, "%s: %d, %.0f a second\n", p.name, done, rate)
}

// end closes the present bar.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
		fmt.Fprintln(p.t.err)
		p.bar = nil
	}
	p.name = ""
}
