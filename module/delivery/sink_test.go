package delivery_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kupec/kupec/module/delivery"
)

// sink is a mail server that answers as it is told, down to where it hangs up. It counts each complete message, whether
// or not it lived to say so.
type sink struct {
	t     testing.TB
	ln    net.Listener
	caps  []string
	fault func(to string, try int) fault // asked at RCPT, for the whole message
	mail  func(n int) string             // the answer to the n-th MAIL; empty: 250
	delay time.Duration                  // before each answer to a final dot
	trip  time.Duration                  // before whatever is said
	keep  bool                           // keeps contents
	count atomic.Int64                   // complete messages

	mu       sync.Mutex
	conns    map[net.Conn]bool
	mails    int
	tries    map[string]int
	complete map[string]int // messages by recipient whose final dot came
	contents map[string]string
}

// fault is what goes wrong with a message: an answer at a step, or the end of the connection in its place.
type fault struct {
	at     delivery.Step
	answer string // "451 4.3.0 later"; empty: the connection ends
	within bool   // it ends in the middle of the content
}

type sinkOption func(*sink)

// far puts the server a round trip away: what it says leaves only after that time.
func far(trip time.Duration) sinkOption { return func(s *sink) { s.trip = trip } }

func noPipelining(s *sink)                               { s.caps = []string{"ENHANCEDSTATUSCODES"} }
func keeping(s *sink)                                    { s.keep = true }
func slow(d time.Duration) sinkOption                    { return func(s *sink) { s.delay = d } }
func onMail(answer func(n int) string) sinkOption        { return func(s *sink) { s.mail = answer } }
func faulty(f func(to string, try int) fault) sinkOption { return func(s *sink) { s.fault = f } }
func faultOf(to string, first int, f fault) sinkOption { // for the first tries of one recipient
	return faulty(func(got string, try int) fault {
		if got == to && try < first {
			return f
		}
		return fault{}
	})
}

func newSink(t testing.TB, options ...sinkOption) *sink {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &sink{t: t, ln: ln, caps: []string{"PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES"}, conns: map[net.Conn]bool{},
		tries: map[string]int{}, complete: map[string]int{}, contents: map[string]string{}}
	for _, o := range options {
		o(s)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns[conn] = true
			s.mu.Unlock()
			all.Go(func() { s.serve(conn) })
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		s.mu.Lock()
		for c := range s.conns {
			_ = c.Close()
		}
		s.mu.Unlock()
		all.Wait()
	})
	return s
}

func (s *sink) url(query string) string { return "smtp://" + s.ln.Addr().String() + "?" + query }

func (s *sink) transport(query string) delivery.Transport {
	s.t.Helper()
	tr, err := delivery.ParseTransport(s.url(query))
	if err != nil {
		s.t.Fatal(err)
	}
	return tr
}

func (s *sink) serve(conn net.Conn) {
	defer func() {
		_ = conn.Close()
		s.mu.Lock()
		delete(s.conns, conn)
		s.mu.Unlock()
	}()
	in, out := bufio.NewReaderSize(conn, 64<<10), bufio.NewWriter(late{conn, s.trip})
	say := func(line string) bool {
		_, _ = out.WriteString(line + "\r\n")
		if in.Buffered() > 0 { // a pipelining server answers a group at once
			return true
		}
		return out.Flush() == nil
	}
	if !say("220 sink ready") {
		return
	}
	var to string
	var f fault
	var open, addressed bool
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		verb, arg, _ := strings.Cut(line, ":")
		answer := "250 2.0.0 ok"
		switch verb = strings.ToUpper(strings.SplitN(verb, " ", 2)[0]); {
		case verb == "EHLO":
			answer = "250-sink"
			for i, c := range s.caps {
				sep := "-"
				if i == len(s.caps)-1 {
					sep = " "
				}
				answer += "\r\n250" + sep + c
			}
		case verb == "MAIL":
			s.mu.Lock()
			n := s.mails
			s.mails++
			s.mu.Unlock()
			open, addressed, f = true, false, fault{}
			if s.mail != nil {
				if said := s.mail(n); said != "" {
					answer, open = said, false
				}
			}
		case verb == "RCPT" && !open, verb == "DATA" && !addressed:
			answer = "503 5.5.1 out of order"
		case verb == "RCPT":
			to = strings.Trim(arg, "<>")
			s.mu.Lock()
			try := s.tries[to]
			s.tries[to]++
			s.mu.Unlock()
			if s.fault != nil {
				f = s.fault(to, try)
			}
			if f.at == delivery.StepRcpt {
				if f.answer == "" {
					return
				}
				answer = f.answer
			} else {
				addressed = true
			}
		case verb == "DATA":
			if f.at == delivery.StepData {
				if f.answer == "" {
					return
				}
				answer = f.answer
				break
			}
			if !say("354 go ahead") {
				return
			}
			_ = out.Flush()
			if f.within {
				_, _ = in.Peek(1)
				return
			}
			content, err := readDot(in, s.keep)
			if err != nil {
				return
			}
			open, addressed = false, false
			refused := f.at == delivery.StepContent && f.answer != ""
			if !refused {
				s.mu.Lock()
				s.complete[to]++
				if s.keep {
					s.contents[to] = content
				}
				s.mu.Unlock()
				s.count.Add(1)
			}
			if s.delay > 0 {
				time.Sleep(s.delay) // the server's own slowness is what is tested
			}
			if f.at == delivery.StepContent {
				if f.answer == "" {
					return
				}
				answer = f.answer
			}
		case verb == "RSET":
			open, addressed = false, false
		case verb == "QUIT":
			_, _ = out.WriteString("221 bye\r\n")
			_ = out.Flush()
			return
		}
		if !say(answer) {
			return
		}
		if strings.HasPrefix(answer, "421") {
			_ = out.Flush()
			return
		}
	}
}

func readDot(in *bufio.Reader, keep bool) (string, error) {
	var b strings.Builder
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return "", err
		}
		if bytes.Equal(line, []byte(".\r\n")) {
			return b.String(), nil
		}
		if keep {
			b.Write(line)
		}
	}
}

// late is a connection whose writes take a round trip's time to arrive.
type late struct {
	net.Conn
	trip time.Duration
}

func (l late) Write(p []byte) (int, error) {
	if l.trip > 0 {
		time.Sleep(l.trip)
	}
	return l.Conn.Write(p)
}

// received gives the complete messages by recipient.
func (s *sink) received() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	got := make(map[string]int, len(s.complete))
	for to, n := range s.complete {
		got[to] = n
	}
	return got
}

func (s *sink) content(to string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.contents[to]
}

// noneTwice fails when anybody got a message more than once, and gives how many got one.
func (s *sink) noneTwice() int {
	s.t.Helper()
	got := s.received()
	for to, n := range got {
		if n > 1 {
			s.t.Errorf("%s got the message %d times", to, n)
		}
	}
	return len(got)
}

func address(id int64) string { return fmt.Sprintf("p%d@example.com", id) }
