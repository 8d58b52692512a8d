package delivery_test

import (
	"context"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/kupec/kupec/module/delivery"
)

const benchConns = 10

// page is about 20 KB of HTML, as newsletters have.
var page = "<html><body>" + strings.Repeat(`<table><tr><td style="font-family: Arial; color: #333333">Ko boš naslednjič kuhal kavo, poskusi to.</td></tr></table>`+"\n", 170) + "</body></html>"

// BenchmarkSend compares, on the same connections to the same server with the same message, what delivery does with all
// its ledger to go-mail alone, which keeps none. Run it with a fixed count: -bench Send -benchtime 5000x.
func BenchmarkSend(b *testing.B) {
	for _, latency := range []time.Duration{0, 5 * time.Millisecond} {
		name := "loopback/"
		var options []sinkOption
		if latency > 0 {
			name = latency.String() + "/"
			options = append(options, far(latency))
		}
		b.Run(name+"delivery", func(b *testing.B) { measure(b, sendMailing(b, newSink(b, options...))) })
		b.Run(name+"gomail", func(b *testing.B) { measure(b, sendGoMail(b, newSink(b, options...))) })
	}
}

func measure(b *testing.B, send func()) {
	before := cpu(b)
	b.ResetTimer()
	send()
	b.StopTimer()
	n := float64(b.N)
	b.ReportMetric(n/b.Elapsed().Seconds(), "msgs/s")
	b.ReportMetric(float64((cpu(b)-before).Microseconds())/n, "cpu-µs/msg") // the server's included
}

func cpu(b *testing.B) time.Duration {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		b.Fatal(err)
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano())
}

func sendMailing(b *testing.B, s *sink) func() {
	bd := setup(b, s, "conns="+strconv.Itoa(benchConns), delivery.Config{}, letter{html: page})
	bd.ctx = context.Background()
	bd.people(b.N)
	m := bd.freeze(everybody)
	bd.start(bd.post)
	return func() {
		if err := bd.post.StartMailing(bd.ctx, m.ID); err != nil {
			b.Fatal(err)
		}
		for s.count.Load() < int64(b.N) {
			time.Sleep(time.Millisecond)
		}
	}
}

func sendGoMail(b *testing.B, s *sink) func() {
	host, text, err := net.SplitHostPort(s.ln.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		b.Fatal(err)
	}
	clients := make([]*mail.Client, benchConns)
	for i := range clients {
		clients[i], err = mail.NewClient(host, mail.WithPort(port), mail.WithTLSPolicy(mail.NoTLS), mail.WithoutNoop())
		if err == nil {
			err = clients[i].DialWithContext(context.Background())
		}
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = clients[i].Close() })
	}
	return func() {
		var next atomic.Int64
		var all sync.WaitGroup
		for _, c := range clients {
			all.Go(func() {
				for id := next.Add(1); id <= int64(b.N); id = next.Add(1) {
					m := mail.NewMsg()
					if err := m.FromFormat("Kava & čaj", "shop@shop.example"); err != nil {
						b.Error(err)
					}
					if err := m.To(address(id)); err != nil {
						b.Error(err)
					}
					m.Subject("Sveža kava")
					m.SetDate()
					m.SetMessageID()
					m.SetBodyString(mail.TypeTextPlain, "Hello\n")
					m.AddAlternativeString(mail.TypeTextHTML, page)
					if err := c.Send(m); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		all.Wait()
	}
}
