package adapters

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// ErrReadOnly is what a pool made by [Open] answers to a statement that does not merely read. The statement has not
// been sent to the shop.
var ErrReadOnly = errors.New("the shop's database is only ever read: statement refused")

// DSNError says what is wrong with the address of a shop's database. It never repeats the address: there is a password
// in it.
type DSNError struct {
	Setting string // where the address was set: "KUPEC_SHOP_DSN"
	Field   string // the part that is wrong: "database", "address"
	Problem string // one sentence, with what to do
}

func (e *DSNError) Error() string {
	return fmt.Sprintf("%s: %s: %s", e.Setting, e.Field, e.Problem)
}

// OpenConfig tunes a shop's pool. The zero value is good for one shop that must not feel that it is being read.
type OpenConfig struct {
	Setting          string        // how errors call the place where the DSN was set; default "KUPEC_SHOP_DSN"
	MaxConns         int           // connections at most; default 3: one for each stream that is followed
	StatementTimeout time.Duration // after which the server ends a statement of ours by itself; default 10 s
	LockTimeout      time.Duration // how long to wait behind an ALTER TABLE or a locked row; default 5 s, whole seconds
	ConnectTimeout   time.Duration // to reach the server; default 5 s
}

func (c OpenConfig) withDefaults() OpenConfig {
	if c.Setting == "" {
		c.Setting = "KUPEC_SHOP_DSN"
	}
	if c.MaxConns == 0 {
		c.MaxConns = 3
	}
	if c.StatementTimeout == 0 {
		c.StatementTimeout = 10 * time.Second
	}
	if c.LockTimeout == 0 {
		c.LockTimeout = 5 * time.Second
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = 5 * time.Second
	}
	return c
}

// Open makes a small pool that can only read, for a shop's database. dsn has the form of go-sql-driver/mysql,
// "user:password@tcp(host:3306)/database". Nothing is connected yet; an unusable dsn is a [*DSNError].
//
// Three walls stand before a write, for a user that may write too: a statement which does not begin as a read is not
// sent ([ErrReadOnly]); every session is set to READ ONLY, so that the server refuses what a read might hide; and
// several statements in one string are off. A statement or a wait for a lock that takes too long is ended by the server
// itself, so that a page that turns out to be expensive costs the shop seconds and no more.
//
// Times of the pool are text, as the shop has them: a driver that parses them fails the whole page for one date like
// 2023-02-31.
func Open(dsn string, cfg OpenConfig) (*sql.DB, error) {
	cfg = cfg.withDefaults()
	parsed, err := parseDSN(dsn, cfg.Setting)
	if err != nil {
		return nil, err
	}
	parsed.ParseTime = false
	parsed.Loc = time.UTC
	parsed.InterpolateParams = true // one round trip a statement
	parsed.Collation = "utf8mb4_general_ci"
	parsed.MultiStatements = false
	parsed.AllowAllFiles = false
	if parsed.Timeout == 0 {
		parsed.Timeout = cfg.ConnectTimeout
	}
	if parsed.ReadTimeout == 0 {
		// The server ends the statement; this is for a server that no longer answers at all.
		parsed.ReadTimeout = cfg.StatementTimeout + cfg.LockTimeout + 5*time.Second
	}
	inner, err := mysql.NewConnector(parsed)
	if err != nil {
		return nil, &DSNError{Setting: cfg.Setting, Field: "options", Problem: err.Error() + "."}
	}
	pool := sql.OpenDB(&connector{Connector: inner, setup: setup(cfg)})
	pool.SetMaxOpenConns(cfg.MaxConns)
	pool.SetMaxIdleConns(cfg.MaxConns)
	pool.SetConnMaxIdleTime(time.Minute)
	pool.SetConnMaxLifetime(15 * time.Minute)
	return pool, nil
}

func parseDSN(dsn, setting string) (*mysql.Config, error) {
	const form = "user:password@tcp(host:3306)/database"
	fail := func(field, problem string) error {
		return &DSNError{Setting: setting, Field: field, Problem: problem}
	}
	if strings.TrimSpace(dsn) == "" {
		return nil, fail("value", "it is empty; it has the form "+form+".")
	}
	if scheme, _, ok := strings.Cut(dsn, "://"); ok && !strings.ContainsAny(scheme, "@/(") {
		return nil, fail("form", fmt.Sprintf("it begins with %q like a web address; write it as %s.", scheme+"://", form))
	}
	parsed, err := mysql.ParseDSN(dsn)
	switch {
	case err != nil && strings.Contains(err.Error(), "slash"):
		return nil, fail("database", "there is no slash with the name of the database behind the address; the form is "+form+".")
	case err != nil && (strings.Contains(err.Error(), "network") || strings.Contains(err.Error(), "brace")):
		return nil, fail("address", "it is not tcp(host:port) or unix(/path/of/socket); the form is "+form+".")
	case err != nil && strings.Contains(err.Error(), "escape"):
		return nil, fail("options", "a value after the question mark needs percent-encoding; the form is "+form+"?option=value.")
	case err != nil:
		// The driver's own words may repeat a part of the address, so they stay here.
		return nil, fail("options", "one of the options after the question mark has a name or a value that is not known.")
	case parsed.DBName == "":
		return nil, fail("database", "its name is missing behind the slash; the form is "+form+".")
	case parsed.User == "":
		return nil, fail("user", "it is missing; the form is "+form+".")
	}
	return parsed, nil
}

// setup is the statements that every connection begins with. The comments with a marker are run by one family of
// servers and skipped by the other: M! by MariaDB alone, !50708 by MySQL from 5.7.8 on (MariaDB skips 50700 to 50799).
func setup(cfg OpenConfig) []string {
	locks := max(1, int64(cfg.LockTimeout.Seconds()))
	return []string{
		"SET SESSION TRANSACTION READ ONLY",
		fmt.Sprintf("SET SESSION time_zone='+00:00', lock_wait_timeout=%[1]d, innodb_lock_wait_timeout=%[1]d"+
			" /*M! , max_statement_time=%.3[2]f */ /*!50708 , max_execution_time=%[3]d */",
			locks, cfg.StatementTimeout.Seconds(), cfg.StatementTimeout.Milliseconds()),
	}
}

type connector struct {
	driver.Connector
	setup []string
}

func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	inner, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	full, ok := inner.(fullConn)
	if !ok {
		_ = inner.Close()
		return nil, fmt.Errorf("the database driver's connection is a %T, which cannot be guarded", inner)
	}
	for _, statement := range c.setup {
		if _, err := full.ExecContext(ctx, statement, nil); err != nil {
			_ = inner.Close()
			return nil, fmt.Errorf("making the connection read-only: %w", err)
		}
	}
	return &readConn{full}, nil
}

// fullConn is what database/sql uses of the driver's connection, as far as it exists.
type fullConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
	driver.NamedValueChecker
}

// readConn lets reads through.
type readConn struct{ fullConn }

func (c *readConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if !isRead(query) {
		return nil, ErrReadOnly
	}
	return c.fullConn.QueryContext(ctx, query, args)
}

func (c *readConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	if !isRead(query) {
		return nil, ErrReadOnly
	}
	return c.fullConn.PrepareContext(ctx, query)
}

// Prepare is the old form, which database/sql no longer takes.
func (c *readConn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

func (c *readConn) ExecContext(context.Context, string, []driver.NamedValue) (driver.Result, error) {
	return nil, ErrReadOnly
}

// isRead looks at a statement's first word. What hides behind it (a function that writes, INTO OUTFILE) is the
// server's to refuse.
func isRead(query string) bool {
	query = strings.TrimLeft(query, " \t\r\n(")
	end := strings.IndexFunc(query, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') })
	if end < 0 {
		end = len(query)
	}
	switch strings.ToUpper(query[:end]) {
	case "SELECT", "SHOW", "EXPLAIN", "WITH":
		return true
	}
	return false
}
