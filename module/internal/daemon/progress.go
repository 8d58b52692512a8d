package daemon

import (
	"fmt"
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress shows how far long work is: a bar on a terminal, a line every few seconds elsewhere.
type progress struct {
	t     *terminal
	name  string
	bar   *progressbar.ProgressBar
	last  time.Time
	begun time.Time
}

const plainEvery = 5 * time.Second

func (t *terminal) progress() *progress { return &progress{t: t} }

// show says that of what is called name, done of total (0: not known) is done.
func (p *progress) show(name string, done, total int64) {
	if name != p.name {
		p.end()
		p.name, p.begun, p.last = name, time.Now(), time.Now()
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
		p.line(done, total)
	}
}

func (p *progress) line(done, total int64) {
	rate := float64(done) / max(time.Since(p.begun).Seconds(), 0.001)
	if total > 0 {
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
