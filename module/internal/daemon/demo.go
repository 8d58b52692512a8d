package daemon

import (
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/go-sql-driver/mysql"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/demo"
	"github.com/kupec/kupec/module/internal/mariadb"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

type demoCommand struct {
	Profiles int    `default:"2000" help:"How many people the demo shop knows."`
	Seed     uint64 `default:"0" help:"Which demo shop: the same seed makes the same one."`
	Live     bool   `help:"Go on placing orders and registrations, so that the panel moves."`
}

// demoOwner is who may sign in to the demo's panel, with a password made at each start.
const demoOwner contact.Email = "nina@skodelica.example"

// demoShop is where the demo's own shop window is.
const demoShop = "127.0.0.1:8091"

// Run starts all of it, prints where everything is, and waits to be stopped.
func (c *demoCommand) Run(ctx context.Context, s *Settings, t *terminal) error {
	var opened closers
	defer opened.close()
	if err := s.lockData(&opened); err != nil {
		return err
	}
	shopDB, err := s.prepareDemo(ctx, t, &opened)
	if err != nil {
		return err
	}
	shopURL, err := serveHTTP(free(cmp.Or(s.formerShop(), demoShop)), demo.NewStorefront(shopDB, demo.StorefrontConfig{KupecURL: s.BaseURL, Logger: t.log}), t, &opened)
	if err != nil {
		return fmt.Errorf("serving the demo shop: %w", err)
	}
	if err := c.generate(ctx, shopDB, shopURL, t); err != nil {
		return err
	}
	mail, err := startCatcher(ctx, t, &opened)
	if err != nil {
		return err
	}
	if s.SMTPURL == "" {
		s.SMTPURL = mail.smtp
	}
	if s.MailFrom == "" {
		s.MailFrom = "Skodelica <novice@skodelica.example>"
	}
	if err := s.remember(shopURL); err != nil {
		return err
	}
	w, err := s.openMigrated(ctx, t, true)
	if err != nil {
		return err
	}
	defer w.close()
	ctx = staff.WithSystem(ctx, "demo")
	bar := t.progress()
	if err = w.Catchup(ctx, bar.show); err == nil {
		err = w.Predict(ctx, func(done, total int64) { bar.show("predictions", done, total) })
	}
	bar.end()
	if err != nil {
		return err
	}
	if err := furnish(ctx, w); err != nil {
		return err
	}
	password, err := demoLogin(ctx, w)
	if err != nil {
		return err
	}
	if err := s.serve(ctx, t, w); err != nil {
		return err
	}
	if c.Live {
		live, stop := context.WithCancel(ctx)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			if err := demo.Live(live, shopDB, demo.LiveConfig{Logger: t.log}); err != nil {
				t.log.Error("the demo shop's life ended", "error", err)
			}
		}()
		w.opened.add(func() { stop(); <-ended })
	}
	t.printf("\nKupec is running.\n\n"+
		"  The panel         %s/admin\n"+
		"                    sign in as %s with %s\n"+
		"  The demo shop     %s\n"+
		"  The mail catcher  %s\n\n"+
		"Ctrl-C stops all of it; the data stay in %s for the next start.\n", s.BaseURL, demoOwner, password, shopURL, mail.web, s.Data)
	<-ctx.Done()
	t.printf("\nStopping…\n")
	return nil
}

// lockData keeps a second program from running a demo on the same data folder. The kernel gives the lock back with us.
func (s *Settings) lockData(opened *closers) error {
	if err := os.MkdirAll(s.Data, 0o700); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(s.Data, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("locking the data folder: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return fmt.Errorf("another kupec demo runs on %s: stop it first, or choose another folder with KUPEC_DATA_DIR", s.Data)
	}
	opened.add(func() { _ = f.Close() })
	return nil
}

// prepareDemo sees to it that both databases are there, sets s.DSN and s.ShopDSN to them, and opens the shop's with the
// right to write. Without KUPEC_DSN they are on a private server; else the shop's is made beside the CRM's.
func (s *Settings) prepareDemo(ctx context.Context, t *terminal, opened *closers) (*sql.DB, error) {
	if s.DSN == "" {
		server, err := mariadb.Start(ctx, mariadb.Config{Dir: filepath.Join(s.Data, "mariadb")})
		if err != nil {
			return nil, err
		}
		opened.add(func() { stopWithin(30*time.Second, server.Stop) })
		s.DSN = server.DSN(crmDatabase)
	}
	own, err := mysql.ParseDSN(s.DSN)
	if err != nil {
		return nil, fmt.Errorf("KUPEC_DSN cannot be read (want user:password@tcp(host:3306)/database): %w", err)
	}
	shop := own.Clone()
	shop.DBName = own.DBName + "_skodelica"
	admin := own.Clone()
	admin.DBName = ""
	server, err := sql.Open("mysql", admin.FormatDSN())
	if err != nil {
		return nil, fmt.Errorf("KUPEC_DSN: %w", err)
	}
	defer server.Close()
	for _, name := range []string{own.DBName, shop.DBName} {
		if _, err := server.ExecContext(ctx, "CREATE DATABASE IF NOT EXISTS `"+strings.ReplaceAll(name, "`", "``")+"` CHARACTER SET utf8mb4"); err != nil {
			return nil, fmt.Errorf("making the database %s: %w; give KUPEC_DSN a user who may create it, or leave KUPEC_DSN unset", name, err)
		}
	}
	reader := shop.Clone()
	reader.User, reader.Passwd = "kupec_demo_ro", rand.Text()
	if err := makeReader(ctx, server, reader); err != nil {
		t.log.Warn("the demo shop is read with the CRM's own user, for one who may only SELECT could not be made", "error", err)
		reader = shop
	}
	s.ShopDSN = reader.FormatDSN()
	db, err := sql.Open("mysql", shop.FormatDSN())
	if err != nil {
		return nil, fmt.Errorf("opening the demo shop's database: %w", err)
	}
	opened.add(func() { _ = db.Close() })
	return db, nil
}

// makeReader makes the user that a shop's owner would make for Kupec: one who may only SELECT there.
func makeReader(ctx context.Context, server *sql.DB, reader *mysql.Config) error {
	for _, host := range []string{"localhost", "%"} {
		user := fmt.Sprintf("'%s'@'%s'", reader.User, host)
		for _, statement := range []string{
			"CREATE USER IF NOT EXISTS " + user,
			"ALTER USER " + user + " IDENTIFIED BY '" + reader.Passwd + "'", // letters and digits only
			"GRANT SELECT ON `" + reader.DBName + "`.* TO " + user,
		} {
			if _, err := server.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
	}
	return nil
}

// generate writes the demo shop unless it is there from an earlier start.
func (c *demoCommand) generate(ctx context.Context, db *sql.DB, shopURL string, t *terminal) error {
	there, err := demo.Exists(ctx, db)
	if err != nil {
		return err
	}
	if there {
		return demo.Move(ctx, db, shopURL)
	}
	bar := t.progress()
	defer bar.end()
	return demo.Generate(ctx, db, demo.Config{Seed: c.Seed, Profiles: c.Profiles, URL: shopURL,
		Progress: func(done, total int64) { bar.show("the demo shop", done, total) }})
}

// demoState is what other commands, run beside the demo, must know of it.
type demoState struct {
	DSN      string `json:"dsn"`
	ShopDSN  string `json:"shop_dsn"`
	SMTPURL  string `json:"smtp_url"`
	MailFrom string `json:"mail_from"`
	Shop     string `json:"shop"` // the address that the shop's products and pictures are at
}

func (s *Settings) remember(shop string) error {
	raw, err := json.Marshal(demoState{s.DSN, s.ShopDSN, s.SMTPURL, s.MailFrom, shop})
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(s.Data, "demo.json"), raw, 0o600); err != nil {
		return fmt.Errorf("keeping the demo's addresses: %w", err)
	}
	return nil
}

// demoState reads what the data folder's demo kept, and says whether there is one.
func (s *Settings) demoState() (d demoState, there bool, err error) {
	path := filepath.Join(s.Data, "demo.json")
	raw, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return d, false, nil
	}
	if err != nil {
		return d, false, fmt.Errorf("reading the demo's addresses: %w", err)
	}
	if err := json.Unmarshal(raw, &d); err != nil {
		return d, false, fmt.Errorf("%s is damaged: delete it and start the demo again", path)
	}
	return d, true, nil
}

// formerShop is where the demo shop listened at the last start: the addresses of its pictures stand in its database.
func (s *Settings) formerShop() string {
	d, _, err := s.demoState()
	if err != nil {
		return "" // remember writes it anew
	}
	u, err := url.Parse(d.Shop)
	if err != nil || u.Port() == "" {
		return ""
	}
	return net.JoinHostPort("127.0.0.1", u.Port())
}

// recall fills what the environment leaves open from the demo of the data folder, and says whether there is one.
func (s *Settings) recall() (bool, error) {
	d, there, err := s.demoState()
	if err != nil || !there {
		return false, err
	}
	s.DSN = d.DSN
	for setting, value := range map[*string]string{&s.ShopDSN: d.ShopDSN, &s.SMTPURL: d.SMTPURL, &s.MailFrom: d.MailFrom} {
		if *setting == "" {
			*setting = value
		}
	}
	return true, nil
}

// demoLogin lets the demo's owner in with a password made for this start.
func demoLogin(ctx context.Context, w *world) (string, error) {
	password := madePassword()
	account, err := w.Staff.ByEmail(ctx, demoOwner)
	if errors.Is(err, store.ErrNotFound) {
		_, err = w.Staff.Create(ctx, staff.NewAccount{Email: demoOwner, Name: "Nina Kos", Role: staff.RoleOwner, Password: password})
		return password, err
	}
	if err != nil {
		return "", err
	}
	return password, w.Staff.SetPassword(ctx, account.ID, password)
}
