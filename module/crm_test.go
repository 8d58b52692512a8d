package crm_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	crm "github.com/kupec/kupec/module"
	"github.com/kupec/kupec/module/store/storetest"
)

func config(base string) crm.Config {
	return crm.Config{Secret: bytes.Repeat([]byte{9}, 32), BaseURL: base, MailFrom: `"Shop" <news@shop.example>`}
}

func TestTwoInstallationsLiveInOneApp(t *testing.T) {
	t.Parallel()
	app := fiber.New()
	app.Get("/", func(c *fiber.Ctx) error { return c.SendString("the shop") })
	for _, path := range []string{"/one", "/two"} {
		c, err := crm.New(storetest.DB(t), config("https://shop.example"+path))
		if err != nil {
			t.Fatal(err)
		}
		c.Mount(app.Group(path))
		if err := c.Start(context.Background()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			if err := c.Stop(ctx); err != nil {
				t.Error(err)
			}
		})
	}
	for _, tt := range []struct {
		path   string
		status int
		want   string
	}{
		{"/", http.StatusOK, "the shop"},
		{"/one/admin/signin", http.StatusOK, `action="/one/admin/signin"`},
		{"/two/admin/signin", http.StatusOK, `action="/two/admin/signin"`},
		{"/one/s/embed.js", http.StatusOK, "shop.example/one/s"},
		{"/two/s/embed.js", http.StatusOK, "shop.example/two/s"},
		{"/two/s/form", http.StatusGone, "/two/s/static/"}, // no shop is attached yet
		{"/two/s/c/forged", http.StatusNotFound, ""},
	} {
		res, err := app.Test(httptest.NewRequest(http.MethodGet, "https://shop.example"+tt.path, nil), 10_000)
		if err != nil {
			t.Fatal(err)
		}
		page, _ := io.ReadAll(res.Body)
		if res.StatusCode != tt.status || !strings.Contains(string(page), tt.want) {
			t.Errorf("%s: %d, and %q is not in:\n%.600s", tt.path, res.StatusCode, tt.want, page)
		}
		if !strings.HasSuffix(tt.path, ".js") && tt.path != "/" && !strings.Contains(res.Header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s has no strict policy: %q", tt.path, res.Header.Get("Content-Security-Policy"))
		}
	}
}

func TestNewNamesWhatIsWrongWithItsConfig(t *testing.T) {
	t.Parallel()
	db := storetest.DB(t)
	for _, tt := range []struct {
		name   string
		change func(*crm.Config)
		want   string
	}{
		{"no address", func(c *crm.Config) { c.BaseURL = "shop" }, "BaseURL"},
		{"a short secret", func(c *crm.Config) { c.Secret = []byte("x") }, "32 bytes"},
		{"a mail server that is none", func(c *crm.Config) { c.SMTPURL = "http://x" }, "mail server"},
		{"a sender that is none", func(c *crm.Config) { c.MailFrom = "Shop" }, "sender"},
		{"a shop without a name", func(c *crm.Config) { c.Shops = []crm.Shop{{}} }, "name"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := config("https://shop.example")
			tt.change(&cfg)
			if _, err := crm.New(db, cfg); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v", err)
			}
		})
	}
}
