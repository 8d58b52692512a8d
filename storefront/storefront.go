package storefront

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/attribution"
	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/delivery"
	"github.com/kupec/kupec/module/intake"
	"github.com/kupec/kupec/module/job"
	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/newsletter"
	"github.com/kupec/kupec/module/store"
	"github.com/kupec/kupec/module/token"
)

//go:embed templates static locales
var files embed.FS

// Locales are the storefront's sentences, for tools that check catalogues.
func Locales() fs.FS { return files }

// Clicks counts what people do with their mail. attribution.Tracker is one.
type Clicks interface {
	ResolveClick(ctx context.Context, token string) (attribution.Click, error)
	RecordClick(ctx context.Context, c attribution.Click, v attribution.Visit) error
	ResolveOpen(token string) (attribution.Opening, error)
	RecordOpen(ctx context.Context, o attribution.Opening, v attribution.Visit) error
}

// Letters knows the mails and how the shop presents itself in them. newsletter.Desk is one.
type Letters interface {
	View(ctx context.Context, mailingID, profileID int64) (newsletter.Rendered, error)
	Brand(ctx context.Context, shopID int64) (newsletter.Brand, error)
}

// Mailer knows what a mail was about, and sends single ones. delivery.Post is one.
type Mailer interface {
	Mailing(ctx context.Context, id int64) (delivery.Mailing, error)
	SendNow(ctx context.Context, m delivery.Message) error
}

// Shops knows the attached shops. intake.Intake is one.
type Shops interface {
	Shops(ctx context.Context) ([]intake.Shop, error)
}

var (
	_ Clicks  = (*attribution.Tracker)(nil)
	_ Letters = (*newsletter.Desk)(nil)
	_ Mailer  = (*delivery.Post)(nil)
	_ Shops   = (*intake.Intake)(nil)
)

// Rooms is whom the storefront speaks to. All are needed.
type Rooms struct {
	DB       *bun.DB // where jobs are enqueued
	People   *customer.Registry
	Consents *consent.Ledger
	Jobs     *job.Queue
	Clicks   Clicks
	Letters  Letters
	Mailer   Mailer
	Shops    Shops
}

// Config of a storefront. BaseURL and Secret are needed.
type Config struct {
	BaseURL string           // public address of the installation without a slash at the end; the routes are at BaseURL + "/s"
	Secret  []byte           // signs the links to confirm; the same as newsletter's, for it checks those of mails
	PerHour int              // subscriptions asked for from one network in an hour, and ten times as many bad links; default 120
	Clock   func() time.Time // default time.Now
	Logger  *slog.Logger     // default: nothing is logged
}

// Storefront is the HTTP side for shoppers.
type Storefront struct {
	rooms     Rooms
	cfg       Config
	prefix    string // path of the routes: "/s", or "/crm/s"
	signer    *token.Signer
	catalogue *locale.Catalogue
	languages []string
	pages     pages
	assets    assets
	asking    *limiter
	guessing  *limiter
}

// New makes a storefront. It reads its templates and catalogues, tells the queue that it mails the confirmations
// ([ConfirmJob]), and starts nothing.
func New(rooms Rooms, cfg Config) (*Storefront, error) {
	if rooms.DB == nil || rooms.People == nil || rooms.Consents == nil || rooms.Jobs == nil || rooms.Clicks == nil || rooms.Letters == nil || rooms.Mailer == nil || rooms.Shops == nil {
		return nil, errors.New("storefront: a room is missing")
	}
	base, err := url.Parse(cfg.BaseURL)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("storefront: the base address %q cannot stand in mails: set KUPEC_BASE_URL to https://host/path", cfg.BaseURL)
	}
	cfg.BaseURL = strings.TrimSuffix(cfg.BaseURL, "/")
	if cfg.PerHour <= 0 {
		cfg.PerHour = 120
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Storefront{rooms: rooms, cfg: cfg, prefix: strings.TrimSuffix(base.Path, "/") + "/s",
		asking: newLimiter(cfg.PerHour, cfg.Clock), guessing: newLimiter(10*cfg.PerHour, cfg.Clock)}
	if s.signer, err = token.NewSigner(cfg.Secret); err != nil {
		return nil, fmt.Errorf("storefront: %w", err)
	}
	if s.catalogue, err = locale.Load(files); err != nil {
		return nil, fmt.Errorf("storefront: %w", err)
	}
	s.languages = s.catalogue.Complete()
	if s.pages, err = loadPages(); err != nil {
		return nil, fmt.Errorf("storefront: %w", err)
	}
	if s.assets, err = s.loadAssets(); err != nil {
		return nil, fmt.Errorf("storefront: %w", err)
	}
	rooms.Jobs.Handle(ConfirmJob, s.mailConfirmation)
	return s, nil
}

// Mount adds the routes to r, which must be reached at Config.BaseURL + "/s".
func (s *Storefront) Mount(r fiber.Router) {
	r.Get("/static/:file", s.open(s.static))
	r.Get("/embed.js", s.open(s.embed))
	r.Get("/form", s.open(s.form))
	r.Post("/subscribe", s.open(s.subscribe))
	r.Get("/confirm/:token", s.open(s.askConfirm))
	r.Post("/confirm/:token", s.open(s.confirm))
	r.Get("/preferences/:token", s.open(s.preferences))
	r.Post("/preferences/:token", s.open(s.savePreferences))
	r.Get("/unsubscribe/:token", s.open(s.askUnsubscribe))
	r.Post("/unsubscribe/:token", s.open(s.unsubscribe))
	r.Get("/c/:token", s.open(s.click))
	r.Get("/o/:file", s.open(s.opening))
	r.Get("/m/:token", s.open(s.view))
	r.All("/*", s.open(func(*visit) error { return errNoPage }))
}

// shop gives the shop of that name, or the first one.
func (s *Storefront) shop(ctx context.Context, name string) (intake.Shop, error) {
	shops, err := s.rooms.Shops.Shops(ctx)
	if err != nil {
		return intake.Shop{}, err
	}
	if len(shops) == 0 {
		return intake.Shop{}, fmt.Errorf("no shop is attached yet, so nobody can subscribe: %w", store.ErrNotFound)
	}
	if at := slices.IndexFunc(shops, func(shop intake.Shop) bool { return shop.Name == name }); at >= 0 {
		return shops[at], nil
	}
	return shops[0], nil
}

// shopByID gives a shop, or one without a name when it is attached no longer.
func (s *Storefront) shopByID(ctx context.Context, id int64) (intake.Shop, error) {
	shops, err := s.rooms.Shops.Shops(ctx)
	if err != nil {
		return intake.Shop{}, err
	}
	if at := slices.IndexFunc(shops, func(shop intake.Shop) bool { return shop.ID == id }); at >= 0 {
		return shops[at], nil
	}
	return intake.Shop{ID: id}, nil
}

func title(shop intake.Shop) string {
	if shop.Title != "" {
		return shop.Title
	}
	return shop.Name
}
