package recommend

import (
	"context"
	"log/slog"
	"runtime"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/affinity"
	"github.com/kupec/kupec/module/catalog"
)

// Config tunes the engine. The zero value is good.
type Config struct {
	Clock   func() time.Time // default time.Now
	Workers int              // of a rebuild; default the number of processors, at most 4
	Logger  *slog.Logger     // default: discard
}

// Engine builds and reads recommendations. It is safe for concurrent use.
type Engine struct {
	db       *bun.DB
	products *catalog.Catalog
	cfg      Config
	tied     *tied
	stock    *stock
	backtest func(context.Context, *affinity.Trade, affinity.Plan) (affinity.Trial, error)
}

// New makes an engine over the CRM's database.
func New(db *bun.DB, products *catalog.Catalog, cfg Config) *Engine {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Workers <= 0 {
		cfg.Workers = min(runtime.NumCPU(), 4)
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	return &Engine{db: db, products: products, cfg: cfg, tied: newTied(maxTied), stock: &stock{held: map[int64]*shelves{}}, backtest: affinity.Backtest}
}

func (e *Engine) now() time.Time { return e.cfg.Clock().UTC().Truncate(time.Microsecond) }
