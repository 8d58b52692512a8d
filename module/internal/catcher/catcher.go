package catcher

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emersion/go-smtp"
)

// Config says how a Catcher behaves. The zero value catches on a free port of the loopback address.
type Config struct {
	// SMTPListen is the address to listen on. Default "127.0.0.1:0", a free port.
	SMTPListen string
	// Keep is how many messages are kept. Default 5000.
	Keep int
	// KeepBytes bounds their size together. Default 256 MB.
	KeepBytes int64
	// MaxMessageBytes is the largest message accepted; a larger one is refused with 552. Default 25 MB.
	MaxMessageBytes int64
	// Sink keeps nothing of a message but its Receipt, for benchmarks.
	Sink bool
	// Delay is waited before each answer to MAIL, RCPT and the end of DATA. Default none.
	Delay time.Duration
	// Fault, when set, decides for the n-th message (from 0, in the order of MAIL) what goes wrong. It is called from
	// several goroutines.
	Fault func(n int) Fault
	// Clock gives the time of receipt. Default time.Now.
	Clock func() time.Time
	// Logger gets what goes wrong with connections; never an address or a text. Default: nothing is logged.
	Logger *slog.Logger
}

// A Stage is a step of the SMTP conversation.
type Stage int

// The steps at which a Fault can happen. The zero Stage is no fault.
const (
	NoFault Stage = iota
	AtMail        // the answer to MAIL FROM
	AtRcpt        // the answer to each RCPT TO
	AtData        // the answer to the message
	Hang          // no answer to the message: the connection is closed after the final dot
)

// A Fault is something to go wrong with one message.
type Fault struct {
	At Stage
	// Code is the answer: 4xx or 5xx. Default 451.
	Code int
	// Message is the text of the answer. Default "try again later".
	Message string
	// Accepted makes Hang keep the message before the connection is closed: it was delivered, and the sender cannot know.
	Accepted bool
}

func (f Fault) err() error {
	code, text := f.Code, f.Message
	if code == 0 {
		code = 451
	}
	if text == "" {
		text = "try again later"
	}
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 0, 0}, Message: text}
}

// A Receipt is what a sink remembers of a message.
type Receipt struct {
	To        []string // envelope recipients
	MessageID string   // with its angle brackets
}

// ErrNotFound is returned for a message that was never there or is no longer kept.
var ErrNotFound = errors.New("catcher: no such message")

// A Catcher is an SMTP server that keeps what it is given. Its methods may be called from several goroutines.
type Catcher struct {
	cfg      Config
	count    atomic.Int64 // messages accepted
	attempts atomic.Int64 // MAIL commands

	mu       sync.RWMutex
	kept     []*envelope // oldest first
	bytes    int64
	receipts []Receipt

	server   *smtp.Server
	listener net.Listener
	served   chan struct{}
}

// New makes a Catcher; Start opens it.
func New(cfg Config) *Catcher {
	if cfg.SMTPListen == "" {
		cfg.SMTPListen = "127.0.0.1:0"
	}
	if cfg.Keep <= 0 {
		cfg.Keep = 5000
	}
	if cfg.KeepBytes <= 0 {
		cfg.KeepBytes = 256 << 20
	}
	if cfg.MaxMessageBytes <= 0 {
		cfg.MaxMessageBytes = 25 << 20
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Catcher{cfg: cfg}
}

// Start listens and accepts mail until Stop, or until ctx ends. Call it once.
func (c *Catcher) Start(ctx context.Context) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", c.cfg.SMTPListen)
	if err != nil {
		return fmt.Errorf("catcher: listen for mail on %s: %w", c.cfg.SMTPListen, err)
	}
	s := smtp.NewServer(smtp.BackendFunc(func(conn *smtp.Conn) (smtp.Session, error) {
		return &session{catcher: c, conn: conn}, nil
	}))
	s.Domain = "catcher.localhost"
	s.AllowInsecureAuth = true
	s.EnableSMTPUTF8 = true
	s.MaxMessageBytes = c.cfg.MaxMessageBytes
	s.MaxRecipients = 1000
	s.ReadTimeout, s.WriteTimeout = 5*time.Minute, time.Minute
	s.ErrorLog = slog.NewLogLogger(c.cfg.Logger.Handler(), slog.LevelWarn)
	c.server, c.listener, c.served = s, l, make(chan struct{})
	go func() {
		defer close(c.served)
		if err := s.Serve(l); err != nil && !errors.Is(err, net.ErrClosed) && !errors.Is(err, smtp.ErrServerClosed) {
			c.cfg.Logger.Error("mail catcher ended", "error", err)
		}
	}()
	context.AfterFunc(ctx, func() { s.Close() })
	return nil
}

// Stop ends the server: it lets conversations finish until ctx ends, then cuts them. Messages stay readable.
func (c *Catcher) Stop(ctx context.Context) error {
	if c.server == nil {
		return nil
	}
	err := c.server.Shutdown(ctx)
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		err = c.server.Close()
	}
	<-c.served
	if err != nil && !errors.Is(err, smtp.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
		return fmt.Errorf("catcher: stop: %w", err)
	}
	return nil
}

// SMTPAddr is the host:port that takes mail; empty before Start.
func (c *Catcher) SMTPAddr() string {
	if c.listener == nil {
		return ""
	}
	return c.listener.Addr().String()
}

// Count is the number of messages accepted since New, also those no longer kept.
func (c *Catcher) Count() int64 { return c.count.Load() }

// Receipts are the messages a sink was given, in the order of arrival; empty without Config.Sink.
func (c *Catcher) Receipts() []Receipt {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return slices.Clone(c.receipts)
}

// Messages returns the kept messages one of whose envelope recipients contains to, in any case; all of them for "".
// Newest first, parsed.
func (c *Catcher) Messages(to string) []Message {
	found := c.find(to, 0, 0)
	out := make([]Message, len(found))
	for i, e := range found {
		out[i] = e.parse()
	}
	return out
}

// Message returns the kept message with the id, parsed, or ErrNotFound.
func (c *Catcher) Message(id int64) (Message, error) {
	e, err := c.envelope(id)
	if err != nil {
		return Message{}, err
	}
	return e.parse(), nil
}

// Clear forgets all messages and receipts. Count goes on.
func (c *Catcher) Clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept, c.bytes, c.receipts = nil, 0, nil
}

func (c *Catcher) envelope(id int64) (*envelope, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	i, ok := slices.BinarySearchFunc(c.kept, id, func(e *envelope, id int64) int { return int(e.id - id) })
	if !ok {
		return nil, fmt.Errorf("%w: %d", ErrNotFound, id)
	}
	return c.kept[i], nil
}

// find returns up to limit (0: all) kept messages with ids below before (0: any), newest first.
func (c *Catcher) find(to string, before int64, limit int) []*envelope {
	to = strings.ToLower(strings.TrimSpace(to))
	c.mu.RLock()
	defer c.mu.RUnlock()
	var found []*envelope
	for _, e := range slices.Backward(c.kept) {
		if before > 0 && e.id >= before || to != "" && !e.addressed(to) {
			continue
		}
		found = append(found, e)
		if len(found) == limit {
			break
		}
	}
	return found
}

func (c *Catcher) keep(e *envelope) {
	e.subject = headerOf(e.raw, "Subject")
	c.mu.Lock()
	defer c.mu.Unlock()
	e.id = c.count.Add(1)
	c.kept = append(c.kept, e)
	c.bytes += int64(len(e.raw))
	for len(c.kept) > 1 && (len(c.kept) > c.cfg.Keep || c.bytes > c.cfg.KeepBytes) {
		c.bytes -= int64(len(c.kept[0].raw))
		c.kept[0] = nil
		c.kept = c.kept[1:]
	}
}

func (c *Catcher) receive(r Receipt) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count.Add(1)
	c.receipts = append(c.receipts, r)
}
