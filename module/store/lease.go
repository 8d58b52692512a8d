package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// LeasesTable creates the one table that must be there before migrations can run, for they are guarded by a lease.
const LeasesTable = `CREATE TABLE IF NOT EXISTS crm_leases (
  name VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  owner VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  expires_at DATETIME(6) NOT NULL,
  PRIMARY KEY (name)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci`

// ErrLeaseHeld says that somebody else holds the lease.
var ErrLeaseHeld = errors.New("the lease is held by another process")

// ErrLeaseLost says that the lease expired and somebody else took it: stop what it guarded.
var ErrLeaseLost = errors.New("the lease was lost")

// LeaseTime is how long a lease holds after it was taken or last kept.
const LeaseTime = 30 * time.Second

// Lease is the right to be the only one at something, named, until it expires. It is a row, not a GET_LOCK: it holds
// over lost connections and on clusters where locks are local to a node. Expiry is by the database's clock.
type Lease struct {
	db    *bun.DB
	name  string
	owner string
}

// TakeLease takes the lease called name, or fails at once with [ErrLeaseHeld].
func TakeLease(ctx context.Context, db *bun.DB, name string) (*Lease, error) {
	l := &Lease{db: db, name: name, owner: rand.Text()}
	// Assignments run left to right: expires_at is written last, since both conditions read it.
	const take = `INSERT INTO crm_leases (name, owner, expires_at) VALUES (?, ?, UTC_TIMESTAMP(6) + INTERVAL ? SECOND)
		ON DUPLICATE KEY UPDATE
			owner = IF(expires_at < UTC_TIMESTAMP(6), VALUES(owner), owner),
			expires_at = IF(owner = VALUES(owner), VALUES(expires_at), expires_at)`
	err := Retry(ctx, func() error {
		_, err := db.ExecContext(ctx, take, l.name, l.owner, LeaseTime.Seconds())
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("taking lease %s: %w", name, err)
	}
	if err := l.check(ctx); err != nil {
		if errors.Is(err, ErrLeaseLost) {
			return nil, ErrLeaseHeld
		}
		return nil, err
	}
	return l, nil
}

// WaitLease takes the lease called name, waiting up to patience for its holder. It fails with [ErrLeaseHeld] after that.
func WaitLease(ctx context.Context, db *bun.DB, name string, patience time.Duration) (*Lease, error) {
	end := time.Now().Add(patience)
	for {
		l, err := TakeLease(ctx, db, name)
		if !errors.Is(err, ErrLeaseHeld) || time.Now().After(end) {
			return l, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// Keep prolongs the lease by [LeaseTime] from now. It fails with [ErrLeaseLost] when it is no longer ours.
func (l *Lease) Keep(ctx context.Context) error {
	var n int64
	err := Retry(ctx, func() error {
		res, err := l.db.ExecContext(ctx, `UPDATE crm_leases SET expires_at = UTC_TIMESTAMP(6) + INTERVAL ? SECOND
			WHERE name = ? AND owner = ?`, LeaseTime.Seconds(), l.name, l.owner)
		if err != nil {
			return err
		}
		n, err = res.RowsAffected()
		return err
	})
	if err != nil {
		return fmt.Errorf("keeping lease %s: %w", l.name, err)
	}
	if n == 0 {
		return ErrLeaseLost
	}
	return nil
}

// Release gives the lease back. To release one that was lost is no error.
func (l *Lease) Release(ctx context.Context) {
	_ = Retry(ctx, func() error {
		_, err := l.db.ExecContext(ctx, "DELETE FROM crm_leases WHERE name = ? AND owner = ?", l.name, l.owner)
		return err
	}) // a lease that could not be deleted expires by itself
}

func (l *Lease) check(ctx context.Context) error {
	var n int
	err := l.db.NewRaw("SELECT COUNT(*) FROM crm_leases WHERE name = ? AND owner = ?", l.name, l.owner).Scan(ctx, &n)
	if err != nil {
		return fmt.Errorf("checking lease %s: %w", l.name, err)
	}
	if n == 0 {
		return ErrLeaseLost
	}
	return nil
}
