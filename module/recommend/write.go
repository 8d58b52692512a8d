package recommend

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/affinity"
	"github.com/kupec/kupec/module/store"
)

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

type companionRow struct {
	bun.BaseModel `bun:"table:crm_companions"`

	RunID         int64
	ProductID     int64
	Position      int
	OtherID       int64
	Score         float64
	LLR           float64 `bun:"llr"`
	BothOrders    int64
	ProductOrders int64
	OtherOrders   int64
}

type leaderRow struct {
	bun.BaseModel `bun:"table:crm_leaders"`

	RunID      int64
	List       string
	CategoryID int64 // or wholeShop
	Position   int
	ProductID  int64
	Buyers     int64
}

type categoryAffinityRow struct {
	bun.BaseModel `bun:"table:crm_category_affinities"`

	RunID      int64
	CategoryID int64
	Position   int
	OtherID    int64
	Score      float64
}

// runTables hold what a run found.
var runTables = []string{"crm_affinities", "crm_companions", "crm_leaders", "crm_category_affinities", "crm_refills", "crm_upgrades"}

const (
	writeBatch     = 1_000 // rows written by one statement
	dropBatch      = 5_000 // rows deleted by one statement
	leadersOfShop  = 200   // of the whole shop that are kept of each list
	leadersOfShelf = 20    // likewise of a category
	wholeShop      = 0     // in place of a category
)

// The lists of leaders.
const (
	listBest   = "best"
	listNewest = "new"
)

// writer writes rows of one table in batches.
type writer[T any] struct {
	db    *bun.DB
	batch []T
}

func (w *writer[T]) add(ctx context.Context, row T) error {
	if w.batch = append(w.batch, row); len(w.batch) < writeBatch {
		return nil
	}
	return w.flush(ctx)
}

func (w *writer[T]) flush(ctx context.Context) error {
	if len(w.batch) == 0 {
		return nil
	}
	err := store.Retry(ctx, func() error {
		_, err := w.db.NewInsert().Model(&w.batch).Exec(ctx)
		return err
	})
	w.batch = w.batch[:0]
	if err != nil {
		return fmt.Errorf("writing what a run found: %w", err)
	}
	return nil
}

func (e *Engine) writeAffinities(ctx context.Context, runID int64, h *history, m *affinity.Model, progress func(share float64)) error {
	w := writer[affinityRow]{db: e.db}
	for i, some := range m.Ties {
		for position, t := range some {
			err := w.add(ctx, affinityRow{RunID: runID, ProductID: h.products[i], Position: position, OtherID: h.products[t.Product], Score: float64(t.Score),
				LLR: m.LLR(uint32(i), t), BothBuyers: int64(t.Both), ProductBuyers: int64(m.Buyers[i]), OtherBuyers: int64(m.Buyers[t.Product])})
			if err != nil {
				return err
			}
		}
		progress(float64(i) / float64(len(m.Ties)))
	}
	return w.flush(ctx)
}

func (e *Engine) writeCompanions(ctx context.Context, runID int64, h *history, m *affinity.Model, progress func(share float64)) error {
	w := writer[companionRow]{db: e.db}
	for i, some := range m.Ties {
		for position, t := range some {
			err := w.add(ctx, companionRow{RunID: runID, ProductID: h.products[i], Position: position, OtherID: h.products[t.Product], Score: float64(t.Score),
				LLR: m.LLR(uint32(i), t), BothOrders: int64(t.Both), ProductOrders: int64(m.Buyers[i]), OtherOrders: int64(m.Buyers[t.Product])})
			if err != nil {
				return err
			}
		}
		progress(float64(i) / float64(len(m.Ties)))
	}
	return w.flush(ctx)
}

func (e *Engine) writeBackoff(ctx context.Context, runID int64, h *history, back *affinity.Backoff, all []affinity.Leader) error {
	w := writer[leaderRow]{db: e.db}
	leaders := func(list string, category int64, some []affinity.Leader) error {
		for position, l := range some {
			row := leaderRow{RunID: runID, List: list, CategoryID: category, Position: position, ProductID: h.products[l.Product], Buyers: l.Buyers}
			if err := w.add(ctx, row); err != nil {
				return err
			}
		}
		return nil
	}
	if err := leaders(listBest, wholeShop, all[:min(leadersOfShop, len(all))]); err != nil {
		return err
	}
	for number, some := range back.Leaders {
		if err := leaders(listBest, h.categories[number], some); err != nil {
			return err
		}
	}
	for category, some := range h.newest() {
		if err := leaders(listNewest, category, some); err != nil {
			return err
		}
	}
	if err := w.flush(ctx); err != nil {
		return err
	}
	links := writer[categoryAffinityRow]{db: e.db}
	for number, some := range back.Linked {
		for position, l := range some {
			if err := links.add(ctx, categoryAffinityRow{RunID: runID, CategoryID: h.categories[number], Position: position, OtherID: h.categories[l.Category], Score: l.Score}); err != nil {
				return err
			}
		}
	}
	return links.flush(ctx)
}

// newest are the products that came last, by category and of the whole shop; without those of which it is not known.
func (h *history) newest() map[int64][]affinity.Leader {
	var dated []int
	for i := range h.products {
		if h.eligible[i] && !h.created[i].IsZero() {
			dated = append(dated, i)
		}
	}
	slices.SortFunc(dated, func(a, b int) int { return cmp.Or(h.created[b].Compare(h.created[a]), cmp.Compare(b, a)) })
	newest := map[int64][]affinity.Leader{}
	for _, i := range dated {
		leader := affinity.Leader{Product: int64(i)}
		if len(newest[wholeShop]) < leadersOfShop {
			newest[wholeShop] = append(newest[wholeShop], leader)
		}
		if c := h.category[i]; c != affinity.None && len(newest[h.categories[c]]) < leadersOfShelf {
			newest[h.categories[c]] = append(newest[h.categories[c]], leader)
		}
	}
	return newest
}

// dropOld deletes what runs before this one found, in small batches so that readers do not wait, and keeps a
// record of the last runs. A run that still goes on in another process is left alone.
func (e *Engine) dropOld(ctx context.Context, done runRow) error {
	var old []int64
	err := e.db.NewRaw(`SELECT id FROM crm_model_runs WHERE shop_id = ? AND kind = ? AND id < ? AND (state <> ? OR started_at < ?) ORDER BY id DESC`,
		done.ShopID, runKind, done.ID, Running, done.StartedAt.Add(-abandoned)).Scan(ctx, &old)
	if err != nil {
		return err
	}
	for i, id := range old {
		for _, table := range runTables {
			if err := e.drop(ctx, table, id); err != nil {
				return err
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

func (e *Engine) drop(ctx context.Context, table string, runID int64) error {
	for {
		var gone int64
		err := store.Retry(ctx, func() error {
			result, err := e.db.NewRaw("DELETE FROM ? WHERE run_id = ? LIMIT ?", bun.Ident(table), runID, dropBatch).Exec(ctx)
			if err == nil {
				gone, err = result.RowsAffected()
			}
			return err
		})
		if err != nil || gone < dropBatch {
			return err
		}
	}
}
