package attribution

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/token"
)

// Config tunes a [Tracker]. Secret and BaseURL are needed.
type Config struct {
	Secret  []byte           // the installation's; at least token.MinSecret bytes
	BaseURL string           // the public address below which the storefront's "/s" is, "https://crm.example.com"
	Window  time.Duration    // in which an order follows from a click; default 5 days
	Late    time.Duration    // how late an order may come into the mirror and still be credited by Refresh; default 7 days
	Clock   func() time.Time // default time.Now
}

// Tracker is the room. It is safe for concurrent use.
type Tracker struct {
	db     *bun.DB
	cfg    Config
	signer *token.Signer
	base   string

	mu    sync.Mutex
	links map[int64]map[string]int64 // by mailing: the ids that are known of an address
	urls  map[int64]link             // by id
}

// link is a row of crm_links.
type link struct {
	mailingID int64
	url       string
}

const cached = 50_000 // links remembered; all are forgotten together when there are more

// New makes a tracker.
func New(db *bun.DB, cfg Config) (*Tracker, error) {
	if cfg.Window == 0 {
		cfg.Window = 5 * 24 * time.Hour
	}
	if cfg.Late == 0 {
		cfg.Late = 7 * 24 * time.Hour
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	signer, err := token.NewSigner(cfg.Secret)
	if err != nil {
		return nil, err
	}
	base, err := url.Parse(cfg.BaseURL)
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return nil, fmt.Errorf("the public address %q is not a web address: set KUPEC_BASE_URL to https://your.host", cfg.BaseURL)
	}
	t := &Tracker{db: db, cfg: cfg, signer: signer, base: strings.TrimRight(cfg.BaseURL, "/")}
	t.forget()
	return t, nil
}

func (t *Tracker) forget() {
	t.links = map[int64]map[string]int64{}
	t.urls = map[int64]link{}
}

func (t *Tracker) now() time.Time { return t.cfg.Clock().UTC().Truncate(time.Microsecond) }
