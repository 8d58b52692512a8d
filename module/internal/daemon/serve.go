package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/recover"

	"github.com/kupec/kupec/module/internal/catcher"
)

// How long an orderly end may take: deliveries on the wire are finished within it.
const patience = 25 * time.Second

type serveCommand struct{}

// Run follows the shop, sends, and serves panel and storefront until it is stopped.
func (c *serveCommand) Run(ctx context.Context, s *Settings, t *terminal) error {
	var opened closers
	defer opened.close()
	if s.SMTPURL == "" {
		caught, err := startCatcher(ctx, t, &opened)
		if err != nil {
			return err
		}
		s.SMTPURL = caught.smtp
		t.printf("KUPEC_SMTP_URL is not set: mail is caught, and can be read at %s\n", caught.web)
	}
	w, err := s.openMigrated(ctx, t, false)
	if err != nil {
		return err
	}
	defer w.close()
	if err := s.serve(ctx, t, w); err != nil {
		return err
	}
	base, err := s.base()
	if err != nil {
		return err
	}
	accounts, err := w.Staff.List(ctx)
	if err != nil {
		return err
	}
	t.printf("The panel: %s/admin\n", base)
	if len(accounts) == 0 {
		t.printf("Nobody may sign in yet: `kupec staff add you@example.com --name You` lets the first owner in.\n")
	}
	<-ctx.Done()
	return nil
}

// serve starts the CRM and its HTTP server; both end with w.
func (s *Settings) serve(ctx context.Context, t *terminal, w *world) error {
	base, err := s.base()
	if err != nil {
		return err
	}
	app := fiber.New(fiber.Config{DisableStartupMessage: true, AppName: "kupec", BodyLimit: 8 << 20,
		ReadTimeout: 30 * time.Second, WriteTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute,
		// A web server on this machine may say whom it asks for; nobody else is believed.
		ProxyHeader: fiber.HeaderXForwardedFor, EnableTrustedProxyCheck: true, TrustedProxies: []string{"127.0.0.1", "::1"}, EnableIPValidation: true})
	app.Use(recover.New())
	path := strings.TrimRight(base.Path, "/")
	w.Mount(app.Group(path))
	app.Get(path+"/", func(c *fiber.Ctx) error { return c.Redirect(path+"/admin", fiber.StatusFound) })

	listener, err := net.Listen("tcp", s.Listen)
	if err != nil {
		return fmt.Errorf("KUPEC_LISTEN %s: %w; is another kupec running? Choose another port with KUPEC_LISTEN and KUPEC_BASE_URL", s.Listen, err)
	}
	if err := w.Start(ctx); err != nil {
		_ = listener.Close()
		return err
	}
	go func() {
		if err := app.Listener(listener); err != nil {
			t.log.Error("the HTTP server ended", "error", err)
		}
	}()
	w.opened.add(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		_ = app.ShutdownWithContext(ctx)
		if err := w.Stop(ctx); err != nil {
			t.log.Error("stopping", "error", err)
		}
	})
	return nil
}

// caught is a running mail catcher.
type caught struct {
	smtp string // its address as KUPEC_SMTP_URL
	web  string // where its mail is read
}

// Ports that a first run tries, before it takes any free one.
const (
	catcherSMTP = "127.0.0.1:8025"
	catcherWeb  = "127.0.0.1:8092"
)

func startCatcher(ctx context.Context, t *terminal, opened *closers) (caught, error) {
	c := catcher.New(catcher.Config{SMTPListen: free(catcherSMTP), Logger: t.log})
	if err := c.Start(ctx); err != nil {
		return caught{}, fmt.Errorf("starting the mail catcher: %w", err)
	}
	opened.add(func() { stopWithin(5*time.Second, c.Stop) })
	web, err := serveHTTP(free(catcherWeb), c.Handler(), t, opened)
	if err != nil {
		return caught{}, fmt.Errorf("serving the mail catcher: %w", err)
	}
	return caught{smtp: (&url.URL{Scheme: "smtp", Host: c.SMTPAddr(), RawQuery: "tls=none"}).String(), web: web}, nil
}

// free gives the address when nobody listens there, else one on any free port of the same host.
func free(address string) string {
	l, err := net.Listen("tcp", address)
	if err != nil {
		host, _, _ := net.SplitHostPort(address)
		return net.JoinHostPort(host, "0")
	}
	_ = l.Close()
	return address
}

// serveHTTP serves h at a loopback address until opened closes, and gives its URL.
func serveHTTP(address string, h http.Handler, t *terminal, opened *closers) (string, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return "", err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute}
	go func() {
		if err := server.Serve(listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
			t.log.Error("an HTTP server ended", "error", err)
		}
	}()
	opened.add(func() { stopWithin(5*time.Second, server.Shutdown) })
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return "", err
	}
	return "http://localhost:" + port, nil
}

func stopWithin(d time.Duration, stop func(context.Context) error) {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	_ = stop(ctx)
}
