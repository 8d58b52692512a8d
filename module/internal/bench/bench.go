package bench

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/woocommerce"
	"github.com/kupec/kupec/migrations"
	crm "github.com/kupec/kupec/module"
	"github.com/kupec/kupec/module/demo"
	"github.com/kupec/kupec/module/intake"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// The parts of a run, as Config.Only names them.
const (
	PartBackfill = "backfill" // copying a shop's history, and following it
	PartModels   = "models"   // facts and affinities over everybody
	PartSegments = "segments" // counting who meets a condition
	PartFreeze   = "freeze"   // putting an audience into the ledger
	PartMail     = "mail"     // sending a newsletter
	PartPanel    = "panel"    // pages of the control panel
)

// Parts is all of them, in order.
var Parts = []string{PartBackfill, PartModels, PartSegments, PartFreeze, PartMail, PartPanel}

// Config says what to measure. DSN is needed, and Sink for PartMail.
type Config struct {
	DSN      string   // of a MySQL or MariaDB server where databases may be made; one that it names is not touched
	Profiles int      // people of the generated shop, three orders each; default 100,000
	Messages int      // sent by each side, in several rounds; default 20,000, at most what the rounds find people for
	Conns    int      // to the mail server, by each side; default 8
	Only     []string // of Parts; default all
	Sink     []string // program and arguments that run [Sink] and nothing else
	Keep     bool     // leave the databases there
	// Progress, when set, is told of long work by its name; total is 0 while it is not known.
	Progress func(name string, done, total int64)
	Logger   *slog.Logger // default: discards
}

func (c Config) withDefaults() (Config, error) {
	if c.Profiles <= 0 {
		c.Profiles = 100_000
	}
	if c.Messages <= 0 {
		c.Messages = 20_000
	}
	if c.Conns <= 0 {
		c.Conns = 8
	}
	if len(c.Only) == 0 {
		c.Only = Parts
	}
	for _, part := range c.Only {
		if !slices.Contains(Parts, part) {
			return c, fmt.Errorf("there is no part %q to measure: choose of %s", part, strings.Join(Parts, ", "))
		}
	}
	if len(c.Sink) == 0 && slices.Contains(c.Only, PartMail) {
		return c, errors.New("bench: Config.Sink is needed to measure mail")
	}
	if c.Progress == nil {
		c.Progress = func(string, int64, int64) {}
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

// mailFrom is the sender of the measured newsletter.
const mailFrom = "Skodelica <novice@skodelica.example>"

// bench is one run.
type bench struct {
	Config
	report *Report
	db     *bun.DB // the CRM's own
	shopDB *sql.DB // the shop's, to write to
	crm    *crm.CRM
	shop   intake.Shop // once it is mirrored
	sink   *sink       // nil when mail is not measured
	panel  net.Listener
	closed []func()
}

// Run measures. What was measured before a failure is in the report all the same.
func Run(ctx context.Context, cfg Config) (Report, error) {
	began := time.Now()
	report := Report{CPUs: runtime.NumCPU()}
	cfg, err := cfg.withDefaults()
	if err != nil {
		return report, err
	}
	report.Profiles, report.Messages, report.Kept = cfg.Profiles, cfg.Messages, cfg.Keep
	b := &bench{Config: cfg, report: &report}
	defer b.close()
	ctx = staff.WithSystem(ctx, "bench")
	err = b.run(ctx)
	report.Seconds = round(time.Since(began).Seconds())
	return report, err
}

func (b *bench) run(ctx context.Context) error {
	if err := b.open(ctx); err != nil {
		return err
	}
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"making the shop", b.generate},
		{"measuring the back-fill", b.backfill},
		{"measuring facts and affinities", b.models},
		{"recording consents", b.consents},
		{"measuring segments", b.part(PartSegments, b.segments)},
		{"measuring the freezing of an audience", b.part(PartFreeze, b.freeze)},
		{"measuring mail", b.part(PartMail, b.mail)},
		{"measuring the panel", b.part(PartPanel, b.pages)},
	} {
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return nil
}

func (b *bench) measures(part string) bool { return slices.Contains(b.Only, part) }

func (b *bench) part(part string, do func(context.Context) error) func(context.Context) error {
	if b.measures(part) {
		return do
	}
	return func(context.Context) error { return nil }
}

func (b *bench) onClose(f func()) { b.closed = append(b.closed, f) }

func (b *bench) close() {
	for _, f := range slices.Backward(b.closed) {
		f()
	}
}

// open makes the databases and wires a CRM between them. Nothing runs by itself: each part is called when its turn comes.
func (b *bench) open(ctx context.Context) error {
	own, shop, err := b.databases(ctx)
	if err != nil {
		return err
	}
	if b.db, err = store.Open(ctx, own, store.Config{}); err != nil {
		return err
	}
	b.onClose(func() { _ = b.db.Close() })
	if _, err := migrations.Migrate(ctx, b.db); err != nil {
		return err
	}
	if err := b.db.NewRaw("SELECT VERSION()").Scan(ctx, &b.report.Server); err != nil {
		return fmt.Errorf("asking the server for its version: %w", err)
	}
	if b.shopDB, err = sql.Open("mysql", shop); err != nil {
		return err
	}
	b.onClose(func() { _ = b.shopDB.Close() })
	read, err := adapters.Open(shop, adapters.OpenConfig{})
	if err != nil {
		return err
	}
	b.onClose(func() { _ = read.Close() })

	smtp := ""
	if b.measures(PartMail) {
		if b.sink, err = startSink(ctx, b.Sink); err != nil {
			return err
		}
		b.onClose(b.sink.stop)
		smtp = fmt.Sprintf("smtp://%s?tls=none&conns=%d", b.sink.addr, b.Conns)
	}
	if b.panel, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return fmt.Errorf("listening for the panel: %w", err)
	}
	b.onClose(func() { _ = b.panel.Close() })
	b.crm, err = crm.New(b.db, crm.Config{
		Shops:   []crm.Shop{{Name: "bench", Shop: woocommerce.New(read, woocommerce.Config{})}},
		Secret:  []byte(rand.Text() + rand.Text()),
		BaseURL: "http://" + b.panel.Addr().String(),
		SMTPURL: smtp, MailFrom: mailFrom, Logger: b.Logger,
	})
	return err
}

// databases makes two of a random name and gives their addresses.
func (b *bench) databases(ctx context.Context) (own, shop string, err error) {
	parsed, err := mysql.ParseDSN(b.DSN)
	if err != nil {
		return "", "", fmt.Errorf("the server's address cannot be read (want user:password@tcp(host:3306)/): %w", err)
	}
	parsed.DBName = ""
	server, err := sql.Open("mysql", parsed.FormatDSN())
	if err != nil {
		return "", "", err
	}
	b.onClose(func() { _ = server.Close() })
	stem := "kupec_bench_" + strings.ToLower(rand.Text()[:8])
	dsns := map[string]string{}
	for _, kind := range []string{"_crm", "_shop"} {
		name := stem + kind
		if _, err := server.ExecContext(ctx, "CREATE DATABASE `"+name+"` CHARACTER SET utf8mb4"); err != nil {
			return "", "", fmt.Errorf("making the database %s: %w; the user needs the right to", name, err)
		}
		b.report.Databases = append(b.report.Databases, name)
		if !b.Keep {
			b.onClose(func() {
				// Also when the run was stopped. A failure leaves a database of a telling name behind, no more.
				ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
				defer cancel()
				if _, err := server.ExecContext(ctx, "DROP DATABASE `"+name+"`"); err != nil {
					b.Logger.Warn("a database of the benchmark could not be dropped", "database", name, "error", err)
				}
			})
		}
		at := parsed.Clone()
		at.DBName = name
		dsns[kind] = at.FormatDSN()
	}
	return dsns["_crm"], dsns["_shop"], nil
}

// generate writes the shop. It is not part of any measure, but shown.
func (b *bench) generate(ctx context.Context) error {
	began := time.Now()
	err := demo.Generate(ctx, b.shopDB, demo.Config{Profiles: b.Profiles, Now: began.UTC(),
		Progress: func(done, total int64) { b.Progress("the shop", done, total) }})
	if err != nil {
		return err
	}
	b.report.GenerateSeconds = round(time.Since(began).Seconds())
	return nil
}
