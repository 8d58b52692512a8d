package recommend

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/affinity"
	"github.com/kupec/kupec/module/store"
)

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
var runTables = []string{"crm_affinities", "crm_companions", "crm_leaders", "crm_category_affinities", "crm_upgrades", "crm_rests"}

const (
	writeBatch     = 1_000 // rows written by one statement
	bulkBatch      = 4_000 // likewise, of numbers only
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

// bulk writes rows of numbers, several hundred thousand of them, as text: it takes a third of the time of a model's rows.
type bulk struct {
	db   *bun.DB
	head string // up to VALUES
	text []byte
	rows int
}

func (b *bulk) add(ctx context.Context, ids [4]int64, measures [2]float64, counts [3]int64) error {
	if b.rows == 0 {
		b.text = append(append(b.text[:0], b.head...), " VALUES "...)
	} else {
		b.text = append(b.text, ',')
	}
	b.text = append(b.text, '(')
	for _, n := range ids {
		b.text = append(strconv.AppendInt(b.text, n, 10), ',')
	}
	for _, x := range measures {
		b.text = append(strconv.AppendFloat(b.text, x, 'g', 8, 64), ',')
	}
	for i, n := range counts {
		if i > 0 {
			b.text = append(b.text, ',')
		}
		b.text = strconv.AppendInt(b.text, n, 10)
	}
	b.text = append(b.text, ')')
	if b.rows++; b.rows < bulkBatch {
		return nil
	}
	return b.flush(ctx)
}

func (b *bulk) flush(ctx context.Context) error {
	if b.rows == 0 {
		return nil
	}
	err := store.Retry(ctx, func() error {
		_, err := b.db.DB.ExecContext(ctx, string(b.text))
		return err
	})
	b.rows = 0
	if err != nil {
		return fmt.Errorf("writing what a run found: %w", err)
	}
	return nil
}

// writeTies writes what goes with what, of people or of orders.
func (e *Engine) writeTies(ctx context.Context, head string, runID int64, h *history, m *affinity.Model, progress func(share float64)) error {
	b := bulk{db: e.db, head: head}
	for i, some := range m.Ties {
		for position, t := range some {
			err := b.add(ctx, [4]int64{runID, h.products[i], int64(position), h.products[t.Product]}, [2]float64{float64(t.Score), m.LLR(uint32(i), t)},
				[3]int64{int64(t.Both), int64(m.Buyers[i]), int64(m.Buyers[t.Product])})
			if err != nil {
				return err
			}
		}
		progress(float64(i) / float64(len(m.Ties)))
	}
	return b.flush(ctx)
}

const (
	intoAffinities = "INSERT INTO crm_affinities (run_id, product_id, position, other_id, score, llr, both_buyers, product_buyers, other_buyers)"
	intoCompanions = "INSERT INTO crm_companions (run_id, product_id, position, other_id, score, llr, both_orders, product_orders, other_orders)"
)

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
