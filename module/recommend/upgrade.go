package recommend

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/affinity"
)

type upgradeRow struct {
	bun.BaseModel `bun:"table:crm_upgrades"`

	RunID         int64
	ProductID     int64
	Position      int
	OtherID       int64
	Score         float64
	LaterBuyers   int64
	ProductBuyers int64
}

const upgradesKept = 10 // of a product

func (e *Engine) writeUpgrades(ctx context.Context, runID int64, h *history, m *affinity.Model) error {
	w := writer[upgradeRow]{db: e.db}
	for i, some := range m.Ties {
		for position, t := range some[:min(upgradesKept, len(some))] {
			err := w.add(ctx, upgradeRow{RunID: runID, ProductID: h.products[i], Position: position, OtherID: h.products[t.Product], Score: float64(t.Score),
				LaterBuyers: int64(t.Both), ProductBuyers: int64(m.Buyers[i])})
			if err != nil {
				return err
			}
		}
	}
	return w.flush(ctx)
}

// upgrades are the dearer products to go on to from what people have. Prices change between runs: what is no longer within
// bounds is left out.
func (e *Engine) upgrades(ctx context.Context, q *question) (map[int64][]link, error) {
	has := q.reasons()
	if len(has) == 0 {
		return nil, nil
	}
	var rows []link
	err := e.db.NewRaw(`SELECT u.product_id, u.other_id, u.score, u.later_buyers AS both_buyers, u.product_buyers
		FROM crm_upgrades AS u JOIN crm_products AS a ON a.id = u.product_id JOIN crm_products AS b ON b.id = u.other_id
		WHERE u.run_id = ? AND u.product_id IN (?) AND a.currency = b.currency AND b.price > ? * a.price AND b.price <= ? * a.price`,
		q.run, bun.List(has), affinity.UpgradeFrom, affinity.UpgradeTo).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("reading upgrades: %w", err)
	}
	ties := map[int64][]link{}
	for _, r := range rows {
		ties[r.ProductID] = append(ties[r.ProductID], r)
	}
	return ties, nil
}
