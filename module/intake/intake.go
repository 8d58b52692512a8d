package intake

import (
	"context"
	"log/slog"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/purchase"
)

// Rooms are the places where rows go.
type Rooms struct {
	Catalog *catalog.Catalog
	Orders  *purchase.Book
}

// Source is an attached shop under the name that the installation gave it. The name identifies it for ever.
type Source struct {
	Name string
	Shop adapters.Shop
}

// Config tunes intake. The zero value is good.
type Config struct {
	Every    time.Duration // between two looks at a shop; default 5 s
	PageSize int           // rows of a batch at most; default 2,000
	Clock    func() time.Time
	Logger   *slog.Logger // default: discard
	// OnChange is called with the profiles that a batch touched, ascending, in the batch's transaction. Default: nothing.
	OnChange func(ctx context.Context, db bun.IDB, profileIDs []int64) error
}

// Intake copies and follows the attached shops.
type Intake struct {
	db *bun.DB
}

// Progress is how far a back-fill is.
type Progress struct {
	Shop, Stream string
	Done, Total  int64   // Total is an estimate; 0: unknown
	Rate         float64 // rows per second
}

// Shop is an attached site as it described itself last.
type Shop struct {
	ID          int64
	Name        string // given by the installation
	Title       string // as the site calls itself
	Platform    string
	Version     string
	Mode        string
	URL         string
	Currency    string // ISO 4217
	Zone        string // IANA name or offset
	Locale      string // BCP 47
	DescribedAt time.Time
}

// Health is how a shop's copying goes.
type Health struct {
	Shop        Shop
	Streams     []Stream
	LagSeconds  float64          // since every stream was last known to have nothing further
	Rows        map[string]int64 // what is mirrored and not deleted: customers, products, categories, orders, lines, refunds
	Quarantined int64
}

// Stream is one kind of rows of a shop.
type Stream struct {
	Name       string
	Backfilled bool
	Read       int64 // rows of the back-fill so far
	Expected   int64 // rows of the back-fill, about
	Changed    int64 // rows written since the beginning
	Rate       float64
	ChangedAt  time.Time
	CaughtUpAt time.Time // when there was last nothing further
	FailedAt   time.Time
	Error      string // empty: well
}

// SetAside is a row in the quarantine.
type SetAside struct {
	ID          int64
	ShopID      int64
	Stream      string
	Key         string // the shop's own
	Reason      string
	Raw         map[string]string
	FirstSeenAt time.Time
	LastSeenAt  time.Time
}
