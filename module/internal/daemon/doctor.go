package daemon

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/migrations"
	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/delivery"
	"github.com/kupec/kupec/module/store"
)

type doctorCommand struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// finding is one thing that doctor looked at.
type finding struct {
	Check  string `json:"check"`
	Result string `json:"result"` // ok, warn, fail, skip
	Detail string `json:"detail"`
}

// errUnwell ends doctor when something failed; the findings have said what.
var errUnwell = errors.New("something must be mended first")

// Run looks at everything that the program needs, and goes on after a failure as far as it can.
func (c *doctorCommand) Run(ctx context.Context, s *Settings, t *terminal) error {
	d := &doctor{s: s, t: t}
	d.run(ctx)
	d.opened.close()
	failed := false
	for _, f := range d.findings {
		failed = failed || f.Result == "fail"
	}
	if c.JSON {
		if err := t.json(struct {
			Findings []finding `json:"findings"`
		}{d.findings}); err != nil {
			return err
		}
	} else {
		for _, f := range d.findings {
			t.printf("%-5s %-18s %s\n", f.Result, f.Check, strings.ReplaceAll(f.Detail, "\n", " "))
		}
	}
	if failed {
		return errUnwell
	}
	return nil
}

type doctor struct {
	s        *Settings
	t        *terminal
	opened   closers
	subject  string // the shop that is looked at, before each finding, where there are several
	findings []finding
}

func (d *doctor) say(check, result, format string, args ...any) {
	d.findings = append(d.findings, finding{d.subject + check, result, fmt.Sprintf(format, args...)})
}

func (d *doctor) run(ctx context.Context) {
	d.settings()
	own, shop, err := d.s.dsns(ctx, &d.opened)
	if err != nil {
		d.say("databases", "fail", "%v", err)
		d.mail(ctx)
		return
	}
	d.database(ctx, own)
	shops, err := d.s.attached(shop)
	switch {
	case err != nil:
		d.say("shop", "fail", "%v", err)
	case len(shops) == 0:
		d.say("shop", "fail", "%v", errNoShop)
	}
	for _, a := range shops {
		d.subject = ""
		if len(shops) > 1 {
			d.subject = a.Name + ": "
		}
		d.shop(ctx, a)
	}
	d.subject = ""
	d.mail(ctx)
}

func (d *doctor) settings() {
	if _, err := d.s.secret(); err != nil {
		d.say("secret", "fail", "%v", err)
	} else if d.s.Secret == "" {
		d.say("secret", "ok", "kept in %s/secret; every server of this installation needs the same one, as KUPEC_SECRET", d.s.Data)
	} else {
		d.say("secret", "ok", "from KUPEC_SECRET")
	}
	base, err := d.s.base()
	switch {
	case err != nil:
		d.say("address", "fail", "%v", err)
	case base.Scheme != "https" && base.Hostname() != "localhost":
		d.say("address", "warn", "KUPEC_BASE_URL %s is not https: passwords and links travel in the clear", base)
	default:
		d.say("address", "ok", "%s, listening on %s", base, d.s.Listen)
	}
}

func (d *doctor) database(ctx context.Context, dsn string) {
	db, err := d.s.openDB(ctx, dsn, &d.opened)
	if err != nil {
		d.say("database", "fail", "%v", err)
		return
	}
	var version string
	var now time.Time
	if err := db.NewRaw("SELECT VERSION(), UTC_TIMESTAMP(6)").Scan(ctx, &version, &now); err != nil {
		d.say("database", "fail", "%v", err)
		return
	}
	d.say("database", "ok", "server %s", version)
	if skew := time.Since(now).Abs(); skew > 5*time.Second {
		d.say("clock", "warn", "the database's clock and this machine's differ by %s: set both by NTP", skew.Round(time.Second))
	}
	grants, err := adapters.Privileges(ctx, db.DB)
	if err != nil {
		d.say("database's rights", "warn", "could not be read: %v", err)
	} else if missing := grants.Missing("SELECT", "INSERT", "UPDATE", "DELETE", "CREATE"); len(missing) > 0 {
		d.say("database's rights", "fail", "%s lacks %s on the CRM's own database: GRANT ALL ON `%s`.* TO %s", grants.User, strings.Join(missing, ", "), grants.Database, store.Account(grants.User))
	} else {
		d.say("database's rights", "ok", "%s may make tables and write", grants.User)
	}
	pending, err := migrations.Pending(ctx, db)
	switch {
	case err != nil:
		d.say("schema", "fail", "%v", err)
	case len(pending) > 0:
		d.say("schema", "warn", "%d migrations are to be applied: run `kupec migrate`", len(pending))
	default:
		d.say("schema", "ok", "up to date")
	}
}

func (d *doctor) shop(ctx context.Context, a attachment) {
	shop, db, err := a.attach(&d.opened)
	if err != nil {
		d.say("shop", "fail", "%v", err)
		return
	}
	info, err := shop.Describe(ctx)
	if err != nil {
		d.say("shop", "fail", "%v", err)
	} else {
		d.say("shop", "ok", "%s: %s %s (%s), %s, %s", info.Name, info.Platform, info.Version, info.Mode, info.Currency, info.Zone)
	}
	grants, err := adapters.Privileges(ctx, db)
	switch {
	case err != nil:
		d.say("shop's rights", "warn", "could not be read: %v", err)
	case grants.CanWrite():
		d.say("shop's rights", "warn", "%s could change the shop (%s). Kupec never does, but a user who cannot is safer: CREATE USER 'kupec_ro'@'%%' IDENTIFIED BY '…'; GRANT SELECT ON `%s`.* TO 'kupec_ro'@'%%';",
			grants.User, strings.Join(grants.Writes, ", "), grants.Database)
	case !grants.Select && !grants.Partial:
		d.say("shop's rights", "fail", "%s may not read %s: GRANT SELECT ON `%s`.* TO %s", grants.User, grants.Database, grants.Database, store.Account(grants.User))
	default:
		d.say("shop's rights", "ok", "%s may only read", grants.User)
	}
	d.shopServer(ctx, db)
	if err != nil || info.Platform == "" {
		return
	}
	d.advice(ctx, shop)
	if page, err := shop.Orders(ctx, "", 1); err != nil {
		d.say("shop's orders", "fail", "%v", err)
	} else {
		d.say("shop's orders", "ok", "can be read%s", map[bool]string{true: ", there are none yet"}[len(page.Rows) == 0 && !page.More])
	}
}

// shopServer looks at what the shop's database server says of itself.
func (d *doctor) shopServer(ctx context.Context, db *sql.DB) {
	var version, zone, now string
	if err := db.QueryRowContext(ctx, "SELECT VERSION(), IF(@@global.time_zone = 'SYSTEM', @@system_time_zone, @@global.time_zone), UTC_TIMESTAMP(6)").Scan(&version, &zone, &now); err != nil {
		d.say("shop's server", "warn", "it does not tell its version and clock: %v", err)
		return
	}
	d.say("shop's server", "ok", "%s, its own time zone is %s", version, zone)
	if at, err := time.Parse("2006-01-02 15:04:05.999999", now); err == nil {
		if skew := time.Since(at); skew.Abs() > 5*time.Second {
			d.say("shop's clock", "warn", "the shop's database and this machine differ by %s: set both by NTP, or changes seem to come late", skew.Round(time.Second))
		} else {
			d.say("shop's clock", "ok", "as this machine's")
		}
	}
	rows, err := db.QueryContext(ctx, `SELECT COALESCE(table_collation, ''), COUNT(*) FROM information_schema.tables
		WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' GROUP BY table_collation ORDER BY 2 DESC`)
	if err != nil {
		d.say("shop's collation", "warn", "it could not be read: %v", err)
		return
	}
	defer func() { _ = rows.Close() }()
	var found []string
	for rows.Next() {
		var collation string
		var tables int
		if err := rows.Scan(&collation, &tables); err != nil {
			break
		}
		found = append(found, fmt.Sprintf("%s (%d tables)", collation, tables))
	}
	switch {
	case rows.Err() != nil:
		d.say("shop's collation", "warn", "it could not be read: %v", rows.Err())
	case len(found) > 1:
		d.say("shop's collation", "warn", "the tables have several: %s. Kupec reads them all; the shop's own joins over text of two collations use no index. ALTER TABLE … CONVERT TO one of them, in a quiet hour and with a backup",
			strings.Join(found, ", "))
	default:
		d.say("shop's collation", "ok", "%s", strings.Join(found, ""))
	}
}

// advice is what the adapter would like of the shop.
func (d *doctor) advice(ctx context.Context, shop adapters.Shop) {
	adviser, ok := shop.(adapters.Adviser)
	if !ok {
		return
	}
	list, err := adviser.Advise(ctx)
	if err != nil {
		d.say("shop's indexes", "warn", "%v", err)
		return
	}
	if len(list) == 0 {
		d.say("shop's indexes", "ok", "all that following changes wants")
	}
	for _, a := range list {
		d.say("shop's indexes", "warn", "%s. %s", a.Finding, a.Next)
	}
}

func (d *doctor) mail(ctx context.Context) {
	if d.s.SMTPURL == "" {
		d.say("mail", "warn", "KUPEC_SMTP_URL is not set: `kupec serve` catches all mail instead of sending it")
		return
	}
	transport, err := delivery.ParseTransport(d.s.SMTPURL)
	if err != nil {
		d.say("mail", "fail", "KUPEC_SMTP_URL: %v", err)
		return
	}
	var sender contact.Email
	if d.s.MailFrom == "" {
		d.say("sender", "warn", "KUPEC_MAIL_FROM is not set: nothing is sent until the panel's settings name a sender")
	} else if sender, err = contact.ParseEmail(d.s.MailFrom); err != nil {
		d.say("sender", "fail", "KUPEC_MAIL_FROM %q: %v", d.s.MailFrom, err)
	}
	post, err := delivery.New(nil, nil, transport, delivery.Config{Sender: sender})
	if err == nil {
		err = post.Check(ctx)
	}
	if err != nil {
		d.say("mail", "fail", "%v", err)
		return
	}
	d.say("mail", "ok", "%s takes our connection", transport)
}
