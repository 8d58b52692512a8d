// Package migrations holds the CRM database's schema as embedded SQL, forward only: one DDL statement a file,
// because neither MySQL nor MariaDB can roll DDL back. A released file is never edited; a change is a new file.
//
// Everything it creates is named crm_… and lives in the CRM's own database. The daemon calls [Migrate] at each start,
// `kupec migrate` does nothing else, and the test pool calls it for each pooled database.
package migrations

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/migrate"

	"github.com/kupec/kupec/module/store"
)

// Files is every migration, in the form bun/migrate discovers.
//
//go:embed *.up.sql
var Files embed.FS

const (
	table      = "crm_migrations"
	locksTable = "crm_migration_locks"
	lease      = "migrate"
	patience   = 2 * time.Minute
)

// Migrate brings db's schema up to date and returns the names of the migrations that were applied by this call, in
// order. Any number of processes may call it at once: one works, the others wait. A migration that fails is not
// recorded, so that the next call tries it again; the error names it.
func Migrate(ctx context.Context, db *bun.DB) ([]string, error) {
	found := migrate.NewMigrations()
	if err := found.Discover(Files); err != nil {
		return nil, fmt.Errorf("reading the embedded migrations: %w", err)
	}
	// bun's own lock row outlives a crashed process, so a lease that expires guards the work. It needs its table first.
	if _, err := db.ExecContext(ctx, store.LeasesTable); err != nil {
		return nil, fmt.Errorf("creating crm_leases: %w", denied(ctx, db, err))
	}
	held, err := store.WaitLease(ctx, db, lease, patience)
	if err != nil {
		return nil, fmt.Errorf("waiting for another process to finish migrating: %w", err)
	}
	defer held.Release(context.WithoutCancel(ctx))

	m := migrate.NewMigrator(db, found,
		migrate.WithTableName(table),
		migrate.WithLocksTableName(locksTable),
		migrate.WithMarkAppliedOnSuccess(true))
	if err := m.Init(ctx); err != nil {
		return nil, fmt.Errorf("creating %s: %w", table, denied(ctx, db, err))
	}
	group, err := m.Migrate(ctx)
	var applied []string
	if group != nil {
		for _, one := range group.Migrations {
			if err == nil || one.IsApplied() {
				applied = append(applied, one.Name+"_"+one.Comment)
			}
		}
	}
	if err != nil {
		return applied, fmt.Errorf("migrating the CRM database: %w", denied(ctx, db, err))
	}
	return applied, nil
}

// denied adds to a refusal by the server what its administrator must type.
func denied(ctx context.Context, db *bun.DB, err error) error {
	refused := new(mysql.MySQLError)
	if !errors.As(err, &refused) || !slices.Contains([]uint16{1044, 1142, 1143, 1227}, refused.Number) {
		return err
	}
	var user, database string
	if db.NewRaw("SELECT CURRENT_USER(), DATABASE()").Scan(ctx, &user, &database) != nil {
		return err
	}
	return fmt.Errorf("user %s may not do that; the CRM needs all rights on its own database: GRANT ALL ON `%s`.* TO %s: %w", user, database, store.Account(user), err)
}

// Pending lists the migrations that db does not have yet, in order. On a database that was never migrated it lists all.
func Pending(ctx context.Context, db *bun.DB) ([]string, error) {
	found := migrate.NewMigrations()
	if err := found.Discover(Files); err != nil {
		return nil, fmt.Errorf("reading the embedded migrations: %w", err)
	}
	var done []string
	exists, err := store.TableExists(ctx, db, table)
	if err != nil {
		return nil, err
	}
	if exists {
		if err := db.NewRaw("SELECT name FROM "+table).Scan(ctx, &done); err != nil {
			return nil, fmt.Errorf("reading %s: %w", table, err)
		}
	}
	has := make(map[string]bool, len(done))
	for _, name := range done {
		has[name] = true
	}
	var pending []string
	for _, one := range found.Sorted() {
		if !has[one.Name] {
			pending = append(pending, one.Name+"_"+one.Comment)
		}
	}
	return pending, nil
}
