package admin

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/kupec/kupec/module/attribution"
	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/delivery"
	"github.com/kupec/kupec/module/importer"
	"github.com/kupec/kupec/module/insight"
	"github.com/kupec/kupec/module/intake"
	"github.com/kupec/kupec/module/job"
	"github.com/kupec/kupec/module/locale"
	"github.com/kupec/kupec/module/newsletter"
	"github.com/kupec/kupec/module/purchase"
	"github.com/kupec/kupec/module/recommend"
	"github.com/kupec/kupec/module/report"
	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/sheet"
	"github.com/kupec/kupec/module/staff"
)

// Rooms are the domain services the panel speaks to. All are needed.
type Rooms struct {
	Staff       *staff.Directory
	Jobs        *job.Queue
	Intake      *intake.Intake
	Catalog     *catalog.Catalog
	Orders      *purchase.Book
	Consents    *consent.Ledger
	People      *customer.Registry
	Facts       *insight.Facts
	Recommend   *recommend.Engine
	Segments    *segment.Segments
	Post        *delivery.Post
	Newsletters *newsletter.Desk
	Imports     *importer.Importer
	Tracker     *attribution.Tracker
	Reports     *report.Reports
}

func (r Rooms) validate() error {
	// One loop instead of a list that a new room would be forgotten in: every field is a pointer.
	rooms := reflect.ValueOf(r)
	for i := range rooms.NumField() {
		if rooms.Field(i).IsNil() {
			return fmt.Errorf("admin: Rooms.%s is missing", rooms.Type().Field(i).Name)
		}
	}
	return nil
}

// Config of a panel. Secret is needed, the rest has defaults.
type Config struct {
	// BasePath is the public path of the router given to Mount, without a slash at its end. Default: "/admin".
	BasePath string
	// BaseURL is the installation's public address, "https://shop.example"; https makes cookies Secure. Default: as each
	// request says.
	BaseURL string
	// Secret, at least 32 bytes, keys the form tokens and seals the pause between password and code.
	Secret []byte
	// Clock tells the time. Default: time.Now.
	Clock func() time.Time
	// Random gives unpredictable bytes. Default: crypto/rand.
	Random io.Reader
	// Logger gets the cause of every page that failed, with its request id. Default: discards.
	Logger *slog.Logger
}

func (c Config) withDefaults() (Config, error) {
	if len(c.Secret) < 32 {
		return c, fmt.Errorf("admin: Config.Secret has %d bytes, at least 32 are needed", len(c.Secret))
	}
	if c.BasePath == "" {
		c.BasePath = "/admin"
	}
	c.BasePath = "/" + strings.Trim(c.BasePath, "/")
	if c.BasePath == "/" {
		c.BasePath = ""
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

// Admin is one control panel.
type Admin struct {
	rooms     Rooms
	cfg       Config
	catalogue *locale.Catalogue
	pages     *pageSet
	assets    *assets
	guard     *signinGuard
	box       *staff.Box
	zones     sync.Map                      // name -> *time.Location
	totals    *memo[int64, purchase.Totals] // by shop
	audience  *memo[int64, int64]           // subscribers by shop
	people    *memo[struct{}, peopleCounts]
	health    *memo[struct{}, []intake.Health]
	pairs     *memo[int64, recommend.Pair] // by shop
}

// New makes a panel; it reads its templates and catalogues and fails on a mistake in them. It starts nothing.
func New(rooms Rooms, cfg Config) (*Admin, error) {
	if err := rooms.validate(); err != nil {
		return nil, err
	}
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	catalogue, err := locale.Load(catalogues()...)
	if err != nil {
		return nil, fmt.Errorf("loading the panel's catalogues: %w", err)
	}
	a := &Admin{rooms: rooms, cfg: cfg, catalogue: catalogue, guard: newSigninGuard(cfg.Clock),
		totals: newMemo[int64, purchase.Totals](cfg.Clock), audience: newMemo[int64, int64](cfg.Clock),
		people: newMemo[struct{}, peopleCounts](cfg.Clock), health: newMemo[struct{}, []intake.Health](cfg.Clock),
		pairs: newMemo[int64, recommend.Pair](cfg.Clock)}
	if a.box, err = staff.NewBox(cfg.Secret, "admin sign-in"); err != nil {
		return nil, err
	}
	if a.assets, err = loadAssets(); err != nil {
		return nil, fmt.Errorf("loading the panel's assets: %w", err)
	}
	if a.pages, err = loadPages(a); err != nil {
		return nil, fmt.Errorf("loading the panel's templates: %w", err)
	}
	return a, nil
}

// catalogues are the panel's own sentences and those of the rooms whose sentences it shows.
func catalogues() []fs.FS {
	return []fs.FS{files, customer.Locales, recommend.Locales, segment.Locales, delivery.Locales, attribution.Locales, newsletter.Locales, importer.Locales, sheet.Locales}
}

// areas are all subjects of the panel.
func areas() []area {
	return []area{
		signinArea(),
		homeArea(),
		customerArea(),
		orderArea(),
		searchArea(),
		newsletterArea(),
		backgroundArea(),
		accountArea(),
		settingsArea(),
		segmentHistoryArea(),
		segmentArea(),
		productArea(),
		importArea(),
		reportArea(),
	}
}

// Mount adds the panel's routes to r, which must be reached at Config.BasePath.
func (a *Admin) Mount(r fiber.Router) {
	r.Get("/static/:version/:file", a.serveAsset)
	own := router{a, r}
	for _, area := range areas() {
		area.routes(a, own)
	}
	// The last: what no route took. Use would also catch the host's paths that merely begin alike, All does not.
	r.All("/*", a.open(func(*visit) error { return errNoPage }))
}

// area is one subject of the panel: its routes and its pages.
type area struct {
	pages  []page
	routes func(*Admin, router)
}

// page is a template with (a pointer to) the type it is executed with, which embeds frame.
type page struct {
	name string
	data framed
}

// handler answers one request of somebody who is signed in.
type handler func(*visit) error

// router adds routes for people who are signed in and may do something; an empty permission is everybody's.
type router struct {
	a *Admin
	r fiber.Router
}

func (r router) get(path string, may staff.Permission, h handler) {
	r.r.Get(path, r.a.closed(may, h))
}

func (r router) post(path string, may staff.Permission, h handler) {
	r.r.Post(path, r.a.closed(may, h))
}

// closed answers only people who are signed in and may.
func (a *Admin) closed(may staff.Permission, h handler) fiber.Handler {
	return a.open(func(v *visit) error {
		if !v.signedIn() {
			return v.toSignin()
		}
		if may != "" {
			if _, err := staff.Require(v.ctx, may); err != nil {
				return err
			}
		}
		return h(v)
	})
}

// open answers everybody: it makes the visit, checks the form token of everything that is not a GET, and turns errors
// and panics into pages.
func (a *Admin) open(h handler) fiber.Handler {
	return func(c *fiber.Ctx) (err error) {
		ctx, cancel := context.WithTimeout(c.UserContext(), requestTime)
		defer cancel()
		v, err := a.visit(ctx, c)
		defer func() {
			if p := recover(); p != nil {
				err = v.fail(fmt.Errorf("panic: %v", p))
			}
		}()
		if err == nil {
			err = v.checkToken()
		}
		if err == nil {
			err = h(v)
		}
		if err != nil {
			return v.fail(err)
		}
		return nil
	}
}

// requestTime is the longest a page may take.
const requestTime = 30 * time.Second
