package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/migrations"
	crm "github.com/kupec/kupec/module"
	"github.com/kupec/kupec/module/internal/mariadb"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// crmDatabase is the CRM's database on the private server.
const crmDatabase = "kupec"

var errNoShop = errors.New("no shop is attached: set KUPEC_SHOP_DSN to its database, for a user who may only SELECT, or KUPEC_SHOPS to a file that lists several")

// closers is what was opened, closed in reverse.
type closers []func()

func (c *closers) add(f func()) { *c = append(*c, f) }

// close takes a pointer, so that a deferred call closes what was opened after the defer.
func (c *closers) close() {
	for i := len(*c) - 1; i >= 0; i-- {
		(*c)[i]()
	}
}

// dsns gives the addresses of the CRM's database and of the shop's ("" when none is attached). Without KUPEC_DSN they
// are the demo's, on the private server: the one that a running demo has, or one started now and stopped by opened.
func (s *Settings) dsns(ctx context.Context, opened *closers) (own, shop string, err error) {
	if s.DSN != "" {
		return s.DSN, s.ShopDSN, nil
	}
	there, err := s.recall()
	if err != nil {
		return "", "", err
	}
	if !there {
		return "", "", errors.New("KUPEC_DSN is not set, and there is no demo here either: set KUPEC_DSN to the CRM's own database, user:password@tcp(host:3306)/kupec, or run `kupec demo`")
	}
	dir := filepath.Join(s.Data, "mariadb")
	if _, err := os.Stat(dir); err != nil || mariadb.Running(ctx, dir) {
		return s.DSN, s.ShopDSN, nil
	}
	server, err := mariadb.Start(ctx, mariadb.Config{Dir: dir})
	if err != nil {
		return "", "", err
	}
	opened.add(func() { stopWithin(30*time.Second, server.Stop) })
	return s.DSN, s.ShopDSN, nil
}

// openDB connects to the CRM's database and fails when its schema is not up to date.
func (s *Settings) openDB(ctx context.Context, dsn string, opened *closers) (*bun.DB, error) {
	db, err := store.Open(ctx, dsn, store.Config{})
	if err != nil {
		return nil, fmt.Errorf("KUPEC_DSN: %w", err)
	}
	opened.add(func() { _ = db.Close() })
	return db, nil
}

// world is an opened CRM.
type world struct {
	*crm.CRM
	opened closers
}

func (w *world) close() { w.opened.close() }

// open connects everything. needShop makes it an error that no shop is attached, or that it is not what it should be.
func (s *Settings) open(ctx context.Context, t *terminal, needShop bool) (*world, error) {
	return s.connect(ctx, t, needShop, upToDate)
}

// openMigrated is open for the commands that may change the schema.
func (s *Settings) openMigrated(ctx context.Context, t *terminal, needShop bool) (*world, error) {
	return s.connect(ctx, t, needShop, func(ctx context.Context, db *bun.DB) error {
		_, err := migrations.Migrate(ctx, db)
		return err
	})
}

func (s *Settings) connect(ctx context.Context, t *terminal, needShop bool, prepare func(context.Context, *bun.DB) error) (*world, error) {
	w := &world{}
	if err := s.fill(ctx, t, w, needShop, prepare); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (s *Settings) fill(ctx context.Context, t *terminal, w *world, needShop bool, prepare func(context.Context, *bun.DB) error) error {
	own, shopDSN, err := s.dsns(ctx, &w.opened)
	if err != nil {
		return err
	}
	db, err := s.openDB(ctx, own, &w.opened)
	if err != nil {
		return err
	}
	if err := prepare(ctx, db); err != nil {
		return err
	}
	cfg, err := s.config(t)
	if err != nil {
		return err
	}
	list, err := s.attached(shopDSN)
	if err != nil {
		return err
	}
	if needShop && len(list) == 0 {
		return errNoShop
	}
	cfg.Load.Threads = s.ShopThreads
	if cfg.Shops, err = attachAll(ctx, list, needShop, &w.opened); err != nil {
		return err
	}
	w.CRM, err = crm.New(db, cfg)
	return err
}

// config is what the settings say of the CRM itself.
func (s *Settings) config(t *terminal) (crm.Config, error) {
	secret, err := s.secret()
	if err != nil {
		return crm.Config{}, err
	}
	base, err := s.base()
	if err != nil {
		return crm.Config{}, err
	}
	return crm.Config{Secret: secret, BaseURL: base.String(), SMTPURL: s.SMTPURL, MailFrom: s.MailFrom, Version: version(), Logger: t.log}, nil
}

// asCLI marks what a command does as the program's own doing.
func asCLI(ctx context.Context) context.Context { return staff.WithSystem(ctx, "cli") }
