package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/mysqldialect"
)

// Config tunes a pool. The zero value is good for one daemon.
type Config struct {
	MaxConns int           // connections at most; default 24
	Timeout  time.Duration // to reach the server; default 5 s
}

// Open makes a pool for the CRM's own database and asks the server whether it answers. dsn has the form of
// go-sql-driver/mysql, "user:password@tcp(host:3306)/kupec"; what Kupec relies on (UTC, utf8mb4, parsed times, strict
// mode) is set on top of it. The error says which part of the DSN to look at.
func Open(ctx context.Context, dsn string, cfg Config) (*bun.DB, error) {
	if cfg.MaxConns == 0 {
		cfg.MaxConns = 24
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 5 * time.Second
	}
	parsed, err := mysql.ParseDSN(dsn)
	if err != nil {
		return nil, fmt.Errorf("the DSN cannot be read (want user:password@tcp(host:3306)/database): %w", err)
	}
	if parsed.DBName == "" {
		return nil, errors.New("the DSN names no database: put its name after the slash, user:password@tcp(host:3306)/kupec")
	}
	configure(parsed, cfg.Timeout)
	connector, err := mysql.NewConnector(parsed)
	if err != nil {
		return nil, fmt.Errorf("preparing the connection: %w", err)
	}
	pool := sql.OpenDB(readCommitted{connector})
	pool.SetMaxOpenConns(cfg.MaxConns)
	pool.SetMaxIdleConns(cfg.MaxConns)
	pool.SetConnMaxLifetime(30 * time.Minute) // shorter than the usual wait_timeout and load balancers' limits
	if err := pool.PingContext(ctx); err != nil {
		_ = pool.Close()
		return nil, explainConnect(parsed, err)
	}
	return bun.NewDB(pool, mysqldialect.New()), nil
}

func configure(c *mysql.Config, timeout time.Duration) {
	c.ParseTime = true
	c.Loc = time.UTC
	c.InterpolateParams = true // one round trip a statement; bun escapes, the driver only forwards
	c.ClientFoundRows = true   // "affected" means matched: an update that changes nothing still found its row
	if c.Timeout == 0 {
		c.Timeout = timeout
	}
	if c.Params == nil {
		c.Params = map[string]string{}
	}
	c.Params["time_zone"] = "'+00:00'"
	c.Params["sql_mode"] = "'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO'"
	if c.Collation == "" {
		c.Collation = "utf8mb4_unicode_520_ci"
	}
}

// readCommitted sets each new connection's isolation level: READ COMMITTED takes no gap locks, so workers that claim
// neighbouring rows do not wait for each other. It is a statement, because the variable's name differs between MySQL 8
// (transaction_isolation) and MariaDB before 11.1 (tx_isolation).
type readCommitted struct{ driver.Connector }

func (c readCommitted) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.(driver.ExecerContext).ExecContext(ctx, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", nil); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

func explainConnect(c *mysql.Config, err error) error {
	var refused *mysql.MySQLError
	if errors.As(err, &refused) {
		switch refused.Number {
		case 1045:
			return fmt.Errorf("the server at %s refuses user %q: check the user and the password in the DSN: %w", c.Addr, c.User, err)
		case 1044:
			return fmt.Errorf("user %q may not use database %q: grant it rights there: %w", c.User, c.DBName, err)
		case 1049:
			return fmt.Errorf("there is no database %q at %s: create it, or put the right name into the DSN: %w", c.DBName, c.Addr, err)
		}
	}
	return fmt.Errorf("no answer from the database server at %s: check host and port in the DSN, and that it runs: %w", c.Addr, err)
}

// TableExists says whether db's own database has the table.
func TableExists(ctx context.Context, db bun.IDB, table string) (bool, error) {
	var n int
	err := db.NewRaw("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?", table).Scan(ctx, &n)
	if err != nil {
		return false, fmt.Errorf("looking for table %s: %w", table, err)
	}
	return n > 0, nil
}
