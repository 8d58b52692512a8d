package insight

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/purchase"
)

// Stage is where a profile stands in its life as a customer.
type Stage string

// The stages, in the order of a customer's life.
const (
	StageLead     Stage = "lead"     // has not bought yet
	StageNew      Stage = "new"      // bought once, lately
	StageActive   Stage = "active"   // bought again, lately
	StageLoyal    Stage = "loyal"    // buys again and again, lately
	StageSlipping Stage = "slipping" // is overdue for the next order
	StageLost     Stage = "lost"     // is so long overdue that a further order would surprise
)

// Stages is all of them, in order.
var Stages = []Stage{StageLead, StageNew, StageActive, StageLoyal, StageSlipping, StageLost}

// Fact is what is known about one profile's buying.
type Fact struct {
	ProfileID    int64
	Orders       int64              // counting ones, over all currencies
	Revenue      []purchase.Revenue // per currency, largest net first
	Currency     string             // of Net, Refunded and Average: the main one
	Net          money.Money
	Refunded     money.Money
	Average      money.Money // Net per order in the main currency
	FirstOrderAt time.Time   // zero: never
	LastOrderAt  time.Time
	GapDays      *float64 // mean days between days with an order; nil: fewer than two such days
	Stage        Stage
	RefreshedAt  time.Time
}

// Config tunes the facts.
type Config struct {
	Clock    func() time.Time // default time.Now
	Currency string           // ISO 4217 of Net; default: each profile's shop's own
}

// Facts computes and reads facts.
type Facts struct {
	db  *bun.DB
	cfg Config
}

// New makes facts over the CRM's database.
func New(db *bun.DB, cfg Config) *Facts {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	return &Facts{db: db, cfg: cfg}
}

func MarkStale(ctx context.Context, db bun.IDB, profileIDs []int64) error  { panic("pending") }
func (f *Facts) Refresh(ctx context.Context, limit int) (n int, err error) { panic("pending") }
func (f *Facts) RefreshAll(ctx context.Context, progress func(done, total int64)) error {
	panic("pending")
}
func (f *Facts) Of(ctx context.Context, profileID int64) (Fact, error) { panic("pending") }
func (f *Facts) Stages(ctx context.Context) (map[Stage]int64, error)   { panic("pending") }
