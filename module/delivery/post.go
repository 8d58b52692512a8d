package delivery

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"
	"golang.org/x/time/rate"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/contact"
)

// Config tunes a [Post]. The zero value is good for production.
type Config struct {
	Owner      string           // names this process in leases, at most 32 ASCII characters; a random part is added; default "kupec"
	Host       string           // right side of Message-ID and List-ID; default: the domain of each message's sender
	Sender     contact.Email    // whom [Post.Check] asks the server about; default: nobody
	Batch      int              // deliveries a connection claims, renders and checks at once; default 50
	LeaseTime  time.Duration    // after which a dead process's deliveries are taken back; default 30 s
	FirstPause time.Duration    // before the second try after a temporary answer, doubled each time; default 1 min
	MaxTries   int              // of one delivery in all, until it counts as bounced; default 10, which is 8.5 hours
	Clock      func() time.Time // default time.Now
	Logger     *slog.Logger     // default: nothing is logged; never given addresses or names
}

func (c Config) withDefaults() Config {
	if c.Owner == "" {
		c.Owner = "kupec"
	}
	if c.Batch == 0 {
		c.Batch = 50
	}
	if c.LeaseTime == 0 {
		c.LeaseTime = 30 * time.Second
	}
	if c.FirstPause == 0 {
		c.FirstPause = time.Minute
	}
	if c.MaxTries == 0 {
		c.MaxTries = 10
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// Post sends mailings. It is safe for concurrent use, and any number of processes may each have one on the same database.
type Post struct {
	db        *bun.DB
	consents  *consent.Ledger
	transport Transport
	cfg       Config
	ledger    ledger
	journal   *journal
	limit     *rate.Limiter
	renderers map[string]Renderer

	mu    sync.Mutex
	lanes map[int64]*lane // the mailings that run here
	turn  int64           // the mailing that was served last
	bell  chan struct{}   // closed, and made anew, when there may be work

	trouble atomic.Pointer[string]

	started  bool
	stopping chan struct{}
	stopOnce sync.Once
	cutAll   context.CancelFunc
	workers  sync.WaitGroup
	endBack  context.CancelFunc
	back     sync.WaitGroup
}

// New makes a post over a mail server. It sends nothing before [Post.Start].
func New(db *bun.DB, consents *consent.Ledger, transport Transport, cfg Config) (*Post, error) {
	if transport.Host == "" {
		return nil, &TransportError{"host", "is missing: set KUPEC_SMTP_URL to smtp://host:587"}
	}
	cfg = cfg.withDefaults()
	if len(cfg.Owner) > 32 || !isASCII(cfg.Owner) {
		return nil, fmt.Errorf("the owner's name %q is longer than 32 ASCII characters", cfg.Owner)
	}
	p := &Post{
		db:        db,
		consents:  consents,
		transport: transport.withDefaults(),
		cfg:       cfg,
		ledger:    ledger{db: db, owner: cfg.Owner + "-" + rand.Text()[:16], lease: cfg.LeaseTime},
		limit:     rate.NewLimiter(rate.Inf, 1),
		renderers: map[string]Renderer{},
		lanes:     map[int64]*lane{},
		bell:      make(chan struct{}),
		stopping:  make(chan struct{}),
	}
	if r := p.transport.Rate; r > 0 {
		p.limit = rate.NewLimiter(rate.Limit(r), 1)
	}
	p.journal = &journal{ledger: p.ledger, clock: p.now, log: cfg.Logger, entries: make(chan entry, entriesMax)}
	return p, nil
}

// Register says who makes the messages of a kind of mailing. It must be called before Start.
func (p *Post) Register(kind string, r Renderer) { p.renderers[kind] = r }

// Start begins to send what runs, now and later, until Stop. Context values are not used beyond the call.
func (p *Post) Start(ctx context.Context) error {
	if p.started {
		return errors.New("delivery: started twice")
	}
	p.started = true
	base := context.WithoutCancel(ctx)
	back, endBack := context.WithCancel(base)
	work, cutAll := context.WithCancel(base)
	p.endBack, p.cutAll = endBack, cutAll
	p.back.Go(func() { p.journal.run(back) })
	p.back.Go(func() { p.care(back) })
	for range p.transport.Conns {
		p.workers.Go(func() { p.work(work) })
	}
	return nil
}

// Stop lets each connection finish the message on it, gives the rest back and says goodbye to the server. When ctx ends
// before that, connections are cut; what was on them becomes uncertain. The error is ctx's then.
func (p *Post) Stop(ctx context.Context) error {
	if !p.started {
		return nil
	}
	p.stopOnce.Do(func() { close(p.stopping) })
	drained := make(chan struct{})
	go func() {
		p.workers.Wait()
		close(drained)
	}()
	var err error
	select {
	case <-drained:
	case <-ctx.Done():
		err = fmt.Errorf("stopping mail: %w", context.Cause(ctx))
		p.cutAll()
		<-drained
	}
	p.cutAll()
	p.endBack()
	p.back.Wait()
	return err
}

// Trouble is why mail does not go out at the moment, in plain English; empty while it does, or when there is none to send.
func (p *Post) Trouble() string {
	if t := p.trouble.Load(); t != nil {
		return *t
	}
	return ""
}

func (p *Post) setTrouble(text string) {
	if text == "" {
		p.trouble.Store(nil)
		return
	}
	if p.Trouble() != text {
		p.cfg.Logger.Warn("mail cannot be sent", "trouble", text)
	}
	p.trouble.Store(&text)
}

func (p *Post) now() time.Time { return p.cfg.Clock().UTC().Truncate(time.Microsecond) }

// SendNow sends one message at once, outside of any mailing, over a connection of its own: confirmations, tests. The
// error is a [*RefusedError] when the server would not take it; no error means that the server has it.
func (p *Post) SendNow(ctx context.Context, m Message) error {
	s := stamp{messageID: "k." + rand.Text() + "@" + p.host(m), date: p.now()}
	content, err := compose(nil, m, s)
	if err != nil {
		return err
	}
	e := &envelope{from: m.From.Email, to: m.To, content: content}
	w, err := p.transport.connect(ctx)
	if err != nil {
		return p.transport.explain(err)
	}
	defer w.close()
	if !w.canCarry(e) {
		return errNoUTF8
	}
	w.offer(e)
	for _, step := range []func() error{
		w.flush,
		func() error { return w.accepted(e) },
		func() error { return w.content(e) },
		func() error { return w.finish(nil) },
		w.outcome,
	} {
		if err := step(); err != nil {
			return fmt.Errorf("sending a message: %w", err)
		}
	}
	return nil
}

func (p *Post) host(m Message) string {
	if p.cfg.Host != "" {
		return p.cfg.Host
	}
	return m.From.Email.Domain()
}
