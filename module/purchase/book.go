package purchase

import (
	"time"

	"github.com/uptrace/bun"
)

// Config tunes a book. The zero value is good.
type Config struct {
	Clock func() time.Time // when deletions are dated; default time.Now
}

// Book reads and writes the mirrored orders.
type Book struct {
	db    *bun.DB
	clock func() time.Time
}

// New makes a book over the CRM's database.
func New(db *bun.DB, cfg Config) *Book {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	return &Book{db: db, clock: cfg.Clock}
}
