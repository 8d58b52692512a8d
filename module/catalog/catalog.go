package catalog

import (
	"time"

	"github.com/uptrace/bun"
)

// Config tunes a catalogue. The zero value is good.
type Config struct {
	Clock func() time.Time // when deletions are dated; default time.Now
}

// Catalog reads and writes the mirrored catalogue.
type Catalog struct {
	db    *bun.DB
	clock func() time.Time
}

// New makes a catalogue over the CRM's database.
func New(db *bun.DB, cfg Config) *Catalog {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	return &Catalog{db: db, clock: cfg.Clock}
}
