package daemon

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/kupec/kupec/module/token"
)

// Settings come from the environment, or from flags of the same meaning.
type Settings struct {
	DSN            string            `env:"KUPEC_DSN" placeholder:"DSN" help:"The CRM's own database, user:password@tcp(host:3306)/kupec. Default: a private server under the data folder."`
	ShopName       string            `env:"KUPEC_SHOP_NAME" default:"shop" help:"What the attached shop is called here, for ever."`
	ShopPlatform   string            `env:"KUPEC_SHOP_PLATFORM" default:"woocommerce" help:"What the shop runs on: ${platforms}."`
	ShopDSN        string            `env:"KUPEC_SHOP_DSN" placeholder:"DSN" help:"The shop's database, for a user who may only SELECT. Default: the demo shop, when KUPEC_DSN is not set either."`
	ShopPrefix     string            `env:"KUPEC_SHOP_PREFIX" placeholder:"wp_" help:"Its tables' prefix. Default: the platform's own."`
	ShopZone       string            `env:"KUPEC_SHOP_ZONE" placeholder:"ZONE" help:"The time zone that the shop keeps its times in, Europe/Ljubljana. Default: found out."`
	ShopURL        string            `env:"KUPEC_SHOP_URL" name:"shop-url" placeholder:"URL" help:"The address of the shop window, for platforms that do not keep it in the database. Default: found out."`
	ShopStore      string            `env:"KUPEC_SHOP_STORE" placeholder:"STORE" help:"Which of several stores that share tables: PrestaShop's number, Magento's code. Default: all, with the default one's names and prices."`
	ShopMap        string            `env:"KUPEC_SHOP_MAP" placeholder:"FILE" help:"For platform sqlmap: the file that says where a shop of no known platform keeps what."`
	Shops          string            `env:"KUPEC_SHOPS" placeholder:"FILE" help:"A YAML file that lists several shops, in place of the KUPEC_SHOP_… settings."`
	ShopReplicaDSN string            `env:"KUPEC_SHOP_REPLICA_DSN" placeholder:"DSN" help:"A copy of the shop's database, from which the history is read. Default: the shop itself."`
	ShopThreads    int               `env:"KUPEC_SHOP_THREADS" default:"16" help:"With more threads running than this a shop's server counts as busy, and is spared; -1: they are not looked at."`
	ShopStatuses   map[string]string `env:"KUPEC_SHOP_STATUSES" mapsep:"," placeholder:"WORD=STATUS,…" help:"What words of the shop for where an order stands mean here, as in packed=paid,lost=cancelled. Default: as the platform has them."`
	SMTPURL        string            `env:"KUPEC_SMTP_URL" name:"smtp-url" placeholder:"URL" help:"The mail server, smtp://user:password@host:587. Default: the demo's mail catcher."`
	MailFrom       string            `env:"KUPEC_MAIL_FROM" placeholder:"ADDRESS" help:"The sender, Name <news@example.com>, until the panel's settings say otherwise."`
	BaseURL        string            `env:"KUPEC_BASE_URL" name:"base-url" default:"http://localhost:8090" help:"The public address of panel and storefront, as links in mail have it."`
	Listen         string            `env:"KUPEC_LISTEN" default:"127.0.0.1:8090" help:"Where to listen for HTTP."`
	Secret         string            `env:"KUPEC_SECRET" placeholder:"TEXT" help:"Signs links and seals stored secrets, at least 32 characters. Default: made once, kept in the data folder."`
	Data           string            `env:"KUPEC_DATA_DIR" default:".kupec" type:"path" help:"The data folder of private servers and the secret."`
	LogLevel       string            `env:"KUPEC_LOG" name:"log" default:"warn" enum:"debug,info,warn,error" help:"What to log: debug, info, warn, error."`
}

func (s *Settings) level() slog.Level {
	var level slog.Level
	_ = level.UnmarshalText([]byte(s.LogLevel)) // kong has checked it
	return level
}

// base is the public address without a slash at its end.
func (s *Settings) base() (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(s.BaseURL, "/"))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("KUPEC_BASE_URL %q is not an address like https://shop.example/crm", s.BaseURL)
	}
	return u, nil
}

// secret is the installation's, made and kept at the first use when the environment gives none.
func (s *Settings) secret() ([]byte, error) {
	if s.Secret != "" {
		if len(s.Secret) < token.MinSecret {
			return nil, fmt.Errorf("KUPEC_SECRET has %d characters, at least %d are needed: `openssl rand -hex 32` makes a good one", len(s.Secret), token.MinSecret)
		}
		return []byte(s.Secret), nil
	}
	path := filepath.Join(s.Data, "secret")
	raw, err := os.ReadFile(path)
	if err == nil && len(raw) >= token.MinSecret {
		return raw, nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("reading the secret: %w", err)
	}
	random := make([]byte, 32)
	_, _ = rand.Read(random) // never fails
	fresh := []byte(hex.EncodeToString(random))
	if err := os.MkdirAll(s.Data, 0o700); err != nil {
		return nil, fmt.Errorf("making the data folder: %w", err)
	}
	if err := os.WriteFile(path, fresh, 0o600); err != nil {
		return nil, fmt.Errorf("keeping the secret: %w; or set KUPEC_SECRET", err)
	}
	return fresh, nil
}
