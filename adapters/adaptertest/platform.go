package adaptertest

import (
	"context"
	"database/sql"
	"time"

	"github.com/kupec/kupec/adapters"
)

// Platform is one way in which a shop can be kept.
type Platform struct {
	Name   string // of the subtest: "hpos-11.0.1"
	Schema string // CREATE TABLE statements, each ended by ";" at the end of a line
	// Open makes the adapter. now is the clock of the test, if the adapter wants one.
	Open   func(db *sql.DB, now func() time.Time) adapters.Shop
	Seeder Seeder
	Lacks  map[Feature]string // what this platform cannot give, with the reason
	Mode   string             // what Info.Mode must be
}

// DB is a pool or a transaction.
type DB interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Seeder writes into a platform's true schema what the shop's own software would write.
type Seeder interface {
	// Seed adds all of s.
	Seed(ctx context.Context, db DB, s Story) error
	// Change does one thing to what is there, with the traces that the platform leaves of it, and no others.
	Change(ctx context.Context, db DB, c Change) error
}

// Feature is something that not every platform has. Beside those named here, a path into the story's golden result is one:
// "Orders.PaidAt" (no order tells when it was paid), "Products[1002].Variants" (of the product with that key), "Orders[2010]"
// (the platform has no such order), "Bad[orders 2013]", "Carts". What a path leads to is left out of the comparison.
type Feature string

// What a platform may lack beside fields of the result.
const (
	// SilentEdits is that an order which was edited without any trace of time is delivered again all the same, soon.
	SilentEdits Feature = "silent edits"
	// Audits is that the shop is an [adapters.Auditor].
	Audits Feature = "audits"
	// Deletions is that the shop can be asked by digest which orders were deleted for good.
	Deletions Feature = "deletions"
	// PromptRefunds is that a partial refund is in the next poll.
	PromptRefunds Feature = "prompt refunds"
)
