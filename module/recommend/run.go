package recommend

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/store"
)

// State says how a run stands.
type State string

// The states of a run.
const (
	Running State = "running"
	Done    State = "done"
	Failed  State = "failed"
)

// Run is one rebuild of a shop's affinities.
type Run struct {
	ID         int64
	ShopID     int64
	State      State
	Buyers     int64 // people whose history was read
	Products   int64 // products with at least one affinity
	Pairs      int64 // affinities kept
	Error      string
	StartedAt  time.Time
	FinishedAt time.Time // zero: not yet
}

type runRow struct {
	bun.BaseModel `bun:"table:crm_model_runs"`

	ID         int64 `bun:",pk,autoincrement"`
	ShopID     int64
	Kind       string
	State      string
	Buyers     int64
	Pairs      int64
	Detail     string
	StartedAt  time.Time
	FinishedAt *time.Time
}

// detail is what a run's row keeps beside its counts.
type detail struct {
	Products int64  `json:"products,omitempty"`
	Error    string `json:"error,omitempty"`
}

func (r runRow) run() Run {
	var d detail
	_ = json.Unmarshal([]byte(r.Detail), &d) // our own; a damaged one has no detail
	out := Run{ID: r.ID, ShopID: r.ShopID, State: State(r.State), Buyers: r.Buyers, Products: d.Products, Pairs: r.Pairs,
		Error: d.Error, StartedAt: r.StartedAt}
	if r.FinishedAt != nil {
		out.FinishedAt = *r.FinishedAt
	}
	return out
}

type affinityRow struct {
	bun.BaseModel `bun:"table:crm_affinities"`

	RunID         int64
	ProductID     int64
	Position      int
	OtherID       int64
	Score         float64
	LLR           float64 `bun:"llr"`
	BothBuyers    int64
	ProductBuyers int64
	OtherBuyers   int64
}

const (
	runKind     = "bought_together"
	readStretch = 20_000 // profile ids read by one statement
	writeBatch  = 1_000  // affinities written by one statement
	dropBatch   = 5_000  // affinities deleted by one statement
	runsKept    = 30     // rows of crm_model_runs kept per shop, for the record
	abandoned   = 24 * time.Hour
)

// LastRun is the newest finished run of a shop, the one that is read, or [store.ErrNotFound].
func (e *Engine) LastRun(ctx context.Context, shopID int64) (Run, error) {
	var r runRow
	err := e.db.NewSelect().Model(&r).Where("shop_id = ? AND kind = ? AND state = ?", shopID, runKind, Done).OrderExpr("id DESC").Limit(1).Scan(ctx)
	if err != nil {
		return Run{}, fmt.Errorf("reading the last run of recommendations: %w", store.NotFound(err))
	}
	return r.run(), nil
}

// Rebuild reads the shop's whole history and keeps its affinities anew. Readers see the old ones until the new are
// complete, and go on with the old when this fails. Three million orders with eight million lines take about a minute of two
// busy cores, nearly all of it reading, and 140 MB. progress may be nil; it is told about hundredths of the work.
func (e *Engine) Rebuild(ctx context.Context, shopID int64, progress func(done, total int64)) (Run, error) {
	if progress == nil {
		progress = func(int64, int64) {}
	}
	row := runRow{ShopID: shopID, Kind: runKind, State: string(Running), Detail: "{}", StartedAt: e.now()}
	if _, err := e.db.NewInsert().Model(&row).Exec(ctx); err != nil {
		return Run{}, fmt.Errorf("beginning a run of recommendations: %w", err)
	}
	d, err := e.build(ctx, &row, progress)
	finished := e.now()
	row.FinishedAt, row.State = &finished, string(Done)
	if err != nil {
		row.State, d.Error = string(Failed), err.Error()
	}
	raw, _ := json.Marshal(d) // numbers and a text
	row.Detail = string(raw)
	// Also a run that was called off is put down as failed: the context may have ended.
	_, saveErr := e.db.NewUpdate().Model(&row).Column("state", "buyers", "pairs", "detail", "finished_at").WherePK().Exec(context.WithoutCancel(ctx))
	if err == nil && saveErr != nil {
		err = saveErr
	}
	if err != nil {
		return row.run(), fmt.Errorf("rebuilding the recommendations of shop %d: %w", shopID, err)
	}
	if err := e.dropOld(ctx, row); err != nil {
		return row.run(), fmt.Errorf("clearing away old recommendations of shop %d: %w", shopID, err)
	}
	progress(100, 100)
	e.cfg.Logger.Info("recommendations rebuilt", "shop", shopID, "buyers", row.Buyers, "pairs", row.Pairs, "took", finished.Sub(row.StartedAt))
	return row.run(), nil
}

func (e *Engine) build(ctx context.Context, row *runRow, progress func(done, total int64)) (detail, error) {
	ids, h, err := e.read(ctx, row.ShopID, func(share float64) { progress(int64(60*share), 100) })
	if err != nil {
		return detail{}, err
	}
	row.Buyers = int64(h.people())
	kept, err := h.neighbours(ctx, e.cfg.Workers, func(done int) { progress(60+int64(20*done/len(ids)), 100) })
	if err != nil {
		return detail{}, err
	}
	h.recount(kept)
	var d detail
	for _, some := range kept {
		row.Pairs += int64(len(some))
		if len(some) > 0 {
			d.Products++
		}
	}
	return d, e.write(ctx, row.ID, ids, h, kept, func(share float64) { progress(80+int64(19*share), 100) })
}

// kept is the condition that the order under alias o was bought to be kept: it counts and was not wholly refunded.
const kept = "o.deleted_at IS NULL AND o.status IN (?) AND (o.refunded < o.total OR o.total = 0)"

var keptStatuses = bun.List([]adapters.Status{adapters.StatusPaid, adapters.StatusCompleted})

// read streams the history, a stretch of profiles at a time: no statement runs long, and none sorts the whole table.
func (e *Engine) read(ctx context.Context, shopID int64, progress func(share float64)) (ids []int64, h *history, err error) {
	var products []struct {
		ID       int64
		Eligible bool
	}
	err = e.db.NewRaw("SELECT id, visible AND deleted_at IS NULL AS eligible FROM crm_products WHERE shop_id = ? ORDER BY id", shopID).Scan(ctx, &products)
	if err != nil {
		return nil, nil, fmt.Errorf("reading products: %w", err)
	}
	h = newHistory(len(products))
	ids = make([]int64, len(products))
	dense := make(map[int64]uint32, len(products))
	for i, p := range products {
		ids[i], dense[p.ID], h.eligible[i] = p.ID, uint32(i), p.Eligible
	}
	var last int64
	if err := e.db.NewRaw("SELECT COALESCE(MAX(profile_id), 0) FROM crm_orders").Scan(ctx, &last); err != nil {
		return nil, nil, fmt.Errorf("reading orders: %w", err)
	}
	recentFrom := dayNumber(e.now().AddDate(0, 0, -recentDays))
	for from := int64(0); from < last; from += readStretch {
		if err := e.readStretch(ctx, shopID, from, dense, h, recentFrom); err != nil {
			return nil, nil, fmt.Errorf("reading orders: %w", err)
		}
		progress(min(1, float64(from+readStretch)/float64(last)))
	}
	return ids, h, nil
}

// dayNumber is MySQL's TO_DAYS.
func dayNumber(t time.Time) int32 {
	const epoch = 719528 // TO_DAYS('1970-01-01')
	return int32(t.Unix()/86400 + epoch)
}

func (e *Engine) readStretch(ctx context.Context, shopID, from int64, dense map[int64]uint32, h *history, recentFrom int32) (err error) {
	rows, err := e.db.QueryContext(ctx, `SELECT o.profile_id, l.product_id, COALESCE(TO_DAYS(o.placed_at), 0)
		FROM crm_orders AS o JOIN crm_order_lines AS l ON l.order_id = o.id
		WHERE o.profile_id > ? AND o.profile_id <= ? AND o.shop_id = ? AND l.product_id IS NOT NULL AND `+kept+`
		ORDER BY o.profile_id`, from, from+readStretch, shopID, keptStatuses)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := rows.Close(); err == nil {
			err = closeErr
		}
	}()
	var person int64
	var theirs []bought
	for rows.Next() {
		var profile, product int64
		var day int32
		if err := rows.Scan(&profile, &product, &day); err != nil {
			return err
		}
		if profile != person && len(theirs) > 0 {
			h.add(theirs, recentFrom)
			theirs = theirs[:0]
		}
		person = profile
		if item, ok := dense[product]; ok {
			theirs = append(theirs, bought{item, day})
		}
	}
	if len(theirs) > 0 {
		h.add(theirs, recentFrom)
	}
	return rows.Err()
}

func (e *Engine) write(ctx context.Context, runID int64, ids []int64, h *history, all [][]neighbour, progress func(share float64)) error {
	batch := make([]affinityRow, 0, writeBatch)
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		err := store.Retry(ctx, func() error {
			_, err := e.db.NewInsert().Model(&batch).Exec(ctx)
			return err
		})
		batch = batch[:0]
		return err
	}
	for i, some := range all {
		for position, n := range some {
			batch = append(batch, affinityRow{RunID: runID, ProductID: ids[i], Position: position, OtherID: ids[n.item], Score: n.score, LLR: n.llr,
				BothBuyers: n.both, ProductBuyers: h.buyers[i], OtherBuyers: h.buyers[n.item]})
			if len(batch) == writeBatch {
				if err := flush(); err != nil {
					return fmt.Errorf("writing affinities: %w", err)
				}
				progress(float64(i) / float64(len(all)))
			}
		}
	}
	if err := flush(); err != nil {
		return fmt.Errorf("writing affinities: %w", err)
	}
	return nil
}

// dropOld deletes the affinities of runs before this one, in small batches so that readers do not wait, and keeps a
// record of the last runs. A run that still goes on in another process is left alone.
func (e *Engine) dropOld(ctx context.Context, done runRow) error {
	var old []int64
	err := e.db.NewRaw(`SELECT id FROM crm_model_runs WHERE shop_id = ? AND kind = ? AND id < ? AND (state <> ? OR started_at < ?) ORDER BY id DESC`,
		done.ShopID, runKind, done.ID, Running, done.StartedAt.Add(-abandoned)).Scan(ctx, &old)
	if err != nil {
		return err
	}
	for i, id := range old {
		for {
			var gone int64
			err := store.Retry(ctx, func() error {
				result, err := e.db.NewRaw("DELETE FROM crm_affinities WHERE run_id = ? LIMIT ?", id, dropBatch).Exec(ctx)
				if err == nil {
					gone, err = result.RowsAffected()
				}
				return err
			})
			if err != nil {
				return err
			}
			if gone < dropBatch {
				break
			}
		}
		if i >= runsKept {
			if _, err := e.db.NewDelete().Model((*runRow)(nil)).Where("id = ?", id).Exec(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}
