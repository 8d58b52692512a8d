package admin_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/woocommerce"
	crm "github.com/kupec/kupec/module"
	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/demo"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store/storetest"
)

const password = "coffee and tea"

// panel is an installation whose panel answers under URL.
type panel struct {
	*crm.CRM
	URL string // of the panel
	DB  *bun.DB
	Log *bytes.Buffer
}

// open starts an installation with one account of each role. people is how many the attached demo shop has; 0 attaches none.
func open(t *testing.T, path string, people int) *panel {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	site := "http://" + listener.Addr().String()
	db, log := storetest.DB(t), new(bytes.Buffer)
	cfg := crm.Config{Secret: bytes.Repeat([]byte("s"), 32), BaseURL: site + path, SMTPURL: "smtp://127.0.0.1:9?tls=none", MailFrom: "Skodelica <news@skodelica.example>",
		Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelError}))}
	if people > 0 {
		cfg.Shops = []crm.Shop{{Name: "demo", Shop: woocommerce.New(demoShop(t, people, site), woocommerce.Config{})}}
	}
	c, err := crm.New(db, cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx := staff.WithSystem(t.Context(), "test")
	for _, role := range staff.Roles {
		_, err := c.Staff.Create(ctx, staff.NewAccount{Email: contact.Email(string(role) + "@example.com"), Name: "Nina Kranjc", Role: role, Password: password})
		if err != nil {
			t.Fatal(err)
		}
	}
	if people > 0 {
		if err := c.Catchup(ctx, func(string, int64, int64) {}); err != nil {
			t.Fatal(err)
		}
	}
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get("/wp-content/*", func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, "image/svg+xml")
		return c.SendString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M1 1h6v6H1z"/></svg>`)
	})
	app.Get("/favicon.ico", func(c *fiber.Ctx) error { return c.SendStatus(fiber.StatusNoContent) })
	c.Mount(app.Group(path))
	go func() { _ = app.Listener(listener) }()
	t.Cleanup(func() { _ = app.ShutdownWithTimeout(5 * time.Second) })
	return &panel{c, site + path + "/admin", db, log}
}

// demoShop is a small shop in a database of its own.
func demoShop(t *testing.T, people int, site string) *sql.DB {
	t.Helper()
	server := storetest.Server(t)
	name := fmt.Sprintf("kupec_panel_shop_%d", time.Now().UnixNano())
	root, err := sql.Open("mysql", server)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := root.Exec("CREATE DATABASE " + name + " CHARACTER SET utf8mb4"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = root.Exec("DROP DATABASE " + name)
		_ = root.Close()
	})
	dsn := storetest.WithDatabase(t, server, name)
	write, err := sql.Open("mysql", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer write.Close()
	if err := demo.Generate(context.Background(), write, demo.Config{Profiles: people, URL: site}); err != nil {
		t.Fatal(err)
	}
	read, err := adapters.Open(dsn, adapters.OpenConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = read.Close() })
	return read
}

// visitor is a browser without script.
type visitor struct {
	t      *testing.T
	p      *panel
	client http.Client
	token  string // of the last page with a form
}

func (p *panel) visitor(t *testing.T) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t: t, p: p, client: http.Client{Jar: jar, Timeout: time.Minute}}
}

// answer is what came back, redirects followed.
type answer struct {
	Status int
	Path   string
	Body   string
	Header http.Header
}

var tokenField = regexp.MustCompile(`name="_csrf" value="([^"]+)"`)

func (v *visitor) do(req *http.Request) answer {
	v.t.Helper()
	res, err := v.client.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	return v.read(res)
}

func (v *visitor) read(res *http.Response) answer {
	v.t.Helper()
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	if m := tokenField.FindSubmatch(body); m != nil {
		v.token = string(m[1])
	}
	return answer{res.StatusCode, strings.TrimPrefix(res.Request.URL.String(), v.p.URL), string(body), res.Header}
}

func (v *visitor) get(path string) answer {
	v.t.Helper()
	req, err := http.NewRequest("GET", v.p.URL+path, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	return v.do(req)
}

// post sends a form with the last page's token; fields are pairs.
func (v *visitor) post(path string, fields ...string) answer {
	v.t.Helper()
	form := url.Values{"_csrf": {v.token}}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	req, err := http.NewRequest("POST", v.p.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.do(req)
}

// as signs in with the account of a role.
func (v *visitor) as(role staff.Role) *visitor {
	v.t.Helper()
	v.get("/signin")
	if got := v.post("/signin", "email", string(role)+"@example.com", "password", password); got.Status != 200 || strings.HasPrefix(got.Path, "/signin") {
		v.t.Fatalf("signing in as %s: %d at %s", role, got.Status, got.Path)
	}
	return v
}
