package crm

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/admin"
	"github.com/kupec/kupec/module/attribution"
	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/contact"
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
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/storefront"
)

// Shop is an attached shop under a name of the installation's choosing, which identifies it for ever.
type Shop struct {
	Name     string
	Shop     adapters.Shop
	Statuses map[string]adapters.Status // what words of the shop mean, where the adapter takes them otherwise; case does not matter
	Server   *sql.DB                    // the shop's database, for looking at its clock and load; default: they are not looked at
	Replica  adapters.Shop              // the same on a copy of the database, for reading the history; default: none
}

// Config is what a CRM needs to know. Secret and BaseURL are needed.
type Config struct {
	Shops    []Shop           // default: none; what was mirrored before can still be read
	Secret   []byte           // at least 32 bytes: signs links, seals stored secrets
	BaseURL  string           // the public address of the router given to Mount, "https://shop.example/crm"
	SMTPURL  string           // "smtp://user:password@host:587"; default: mail cannot be sent
	MailFrom string           // "Name <news@shop.example>", until the panel's settings say otherwise
	Country  string           // ISO 3166-1 alpha-2: whose phone numbers are meant when none is said; default none
	Clock    func() time.Time // default time.Now
	Load     intake.Load      // when a shop's server counts as busy, and is spared
	Version  string           // of the program: after a change, shop rows that could not be read are tried again; default: not known
	Logger   *slog.Logger     // never given personal data; default: discards
}

// CRM is one installation. Its fields are its rooms.
type CRM struct {
	Staff       *staff.Directory
	Jobs        *job.Queue
	Catalog     *catalog.Catalog
	Orders      *purchase.Book
	Consents    *consent.Ledger
	People      *customer.Registry
	Intake      *intake.Intake
	Imports     *importer.Importer
	Facts       *insight.Facts
	Recommend   *recommend.Engine
	Segments    *segment.Segments
	Post        *delivery.Post
	Tracker     *attribution.Tracker
	Newsletters *newsletter.Desk
	Reports     *report.Reports

	db         *bun.DB
	admin      *admin.Admin
	storefront *storefront.Storefront
	work       work
}

// New wires a CRM over its own database, whose schema must be up to date (see package migrations). It validates the
// configuration; it reads nothing, and starts nothing.
func New(db *bun.DB, cfg Config) (*CRM, error) {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	cfg.BaseURL = strings.TrimRight(cfg.BaseURL, "/")
	base, err := url.Parse(cfg.BaseURL)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, fmt.Errorf("crm: BaseURL %q is not an address like https://shop.example/crm", cfg.BaseURL)
	}
	if cfg.SMTPURL == "" {
		cfg.SMTPURL = "smtp://localhost:25"
	}
	transport, err := delivery.ParseTransport(cfg.SMTPURL)
	if err != nil {
		return nil, err
	}
	from, err := parseMailbox(cfg.MailFrom)
	if err != nil {
		return nil, err
	}
	sentences, err := locale.Load(segment.Locales, delivery.Locales, attribution.Locales, recommend.Locales, newsletter.Locales)
	if err != nil {
		return nil, err
	}
	sources := make([]intake.Source, 0, len(cfg.Shops))
	for _, s := range cfg.Shops {
		if s.Name == "" || s.Shop == nil {
			return nil, errors.New("crm: each shop needs a name and an adapter")
		}
		sources = append(sources, intake.Source{Name: s.Name, Shop: s.Shop, Statuses: s.Statuses, Server: s.Server, Replica: s.Replica})
	}

	c := &CRM{db: db, work: work{log: cfg.Logger}}
	c.Jobs = job.New(db, job.Config{Clock: cfg.Clock, Logger: cfg.Logger})
	c.Catalog = catalog.New(db, catalog.Config{Clock: cfg.Clock})
	c.Orders = purchase.New(db, purchase.Config{Clock: cfg.Clock})
	c.Consents = consent.New(db, consent.Config{Clock: cfg.Clock})
	c.People = customer.New(db, c.Orders, c.Consents, customer.Config{Clock: cfg.Clock, Country: cfg.Country, OnChange: markStale})
	c.Facts = insight.New(db, insight.Config{Clock: cfg.Clock})
	c.Recommend = recommend.New(db, c.Catalog, recommend.Config{Clock: cfg.Clock, Logger: cfg.Logger})
	if c.Staff, err = staff.New(db, staff.Config{Secret: cfg.Secret, Clock: cfg.Clock, Logger: cfg.Logger}); err != nil {
		return nil, err
	}
	c.Intake, err = intake.New(db, intake.Rooms{Catalog: c.Catalog, Orders: c.Orders, People: c.People, Consents: c.Consents}, sources,
		intake.Config{Clock: cfg.Clock, Logger: cfg.Logger, Load: cfg.Load, Version: cfg.Version, OnChange: markStale})
	if err != nil {
		return nil, err
	}
	c.Imports = importer.New(db, c.People, c.Consents, importer.Config{Clock: cfg.Clock, Logger: cfg.Logger, OnChange: markStale})
	if c.Segments, err = segment.New(db, segment.Config{Clock: cfg.Clock, Kinds: slices.Concat(delivery.Kinds(), attribution.Kinds())}); err != nil {
		return nil, err
	}
	c.Reports = report.New(db, c.Catalog, c.Segments, report.Config{Clock: cfg.Clock})
	if c.Post, err = delivery.New(db, c.Consents, transport, delivery.Config{Sender: from.Email, Clock: cfg.Clock, Logger: cfg.Logger}); err != nil {
		return nil, err
	}
	if c.Tracker, err = attribution.New(db, attribution.Config{Secret: cfg.Secret, BaseURL: cfg.BaseURL, Clock: cfg.Clock}); err != nil {
		return nil, err
	}
	c.Newsletters, err = newsletter.New(db,
		newsletter.Rooms{Catalog: c.Catalog, Recommend: c.Recommend, Segments: c.Segments, Post: c.Post, Links: c.Tracker},
		newsletter.Config{BaseURL: cfg.BaseURL, Secret: cfg.Secret, Catalogue: sentences, DefaultFrom: from, Clock: cfg.Clock, Logger: cfg.Logger})
	if err != nil {
		return nil, err
	}
	c.Post.Register(newsletter.MailingKind, c.Newsletters)
	c.Segments.AddUser(c.Newsletters)
	c.People.AddTimeline(c.Post)
	c.People.AddTimeline(c.Tracker)
	for _, keeper := range []customer.Keeper{c.Intake, c.Imports, c.Facts, c.Segments, c.Post, c.Tracker} {
		c.People.AddKeeper(keeper)
	}
	c.handleJobs()

	path := strings.TrimRight(base.Path, "/")
	c.storefront, err = storefront.New(
		storefront.Rooms{DB: db, People: c.People, Consents: c.Consents, Jobs: c.Jobs, Clicks: c.Tracker, Letters: c.Newsletters, Mailer: c.Post, Shops: c.Intake},
		storefront.Config{BaseURL: cfg.BaseURL, Secret: cfg.Secret, Clock: cfg.Clock, Logger: cfg.Logger})
	if err != nil {
		return nil, err
	}
	c.admin, err = admin.New(admin.Rooms{Staff: c.Staff, Jobs: c.Jobs, Intake: c.Intake, Catalog: c.Catalog, Orders: c.Orders, Consents: c.Consents, People: c.People,
		Facts: c.Facts, Recommend: c.Recommend, Segments: c.Segments, Post: c.Post, Tracker: c.Tracker, Newsletters: c.Newsletters, Imports: c.Imports, Reports: c.Reports},
		admin.Config{BasePath: path + "/admin", BaseURL: cfg.BaseURL, Secret: cfg.Secret, Clock: cfg.Clock, Logger: cfg.Logger})
	if err != nil {
		return nil, err
	}
	return c, nil
}

// markStale has everything looked at again that is made of people's orders. It belongs into the transaction that changed them.
func markStale(ctx context.Context, db bun.IDB, profileIDs []int64) error {
	if err := insight.MarkStale(ctx, db, profileIDs); err != nil {
		return err
	}
	return report.MarkStale(ctx, db, profileIDs)
}

// parseMailbox reads "Name <address>" or an address alone; "" is nobody.
func parseMailbox(text string) (delivery.Mailbox, error) {
	if text == "" {
		return delivery.Mailbox{}, nil
	}
	email, err := contact.ParseEmail(text)
	if err != nil {
		return delivery.Mailbox{}, fmt.Errorf("the sender %q: %w", text, err)
	}
	name, _, named := strings.Cut(text, "<")
	if !named {
		name = ""
	}
	return delivery.Mailbox{Name: strings.Trim(contact.CleanText(name, 120), `" `), Email: email}, nil
}

// Mount adds the panel below /admin and the storefront below /s to r, which must be reached at Config.BaseURL. It sets
// nothing of the app that r belongs to.
func (c *CRM) Mount(r fiber.Router) {
	c.storefront.Mount(r.Group("/s"))
	c.admin.Mount(r.Group("/admin"))
}
