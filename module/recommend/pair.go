package recommend

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/kupec/kupec/module/store"
)

// Pair is two products of a shop that are bought together.
type Pair struct{ ProductID, OtherID int64 }

// ClosestPair gives the two products that most people bought both of, the more often bought one first, as of the shop's
// last run. A shop without a run, or without a pair that can be offered, has none: [store.ErrNotFound].
func (e *Engine) ClosestPair(ctx context.Context, shopID int64) (Pair, error) {
	run, err := e.LastRun(ctx, shopID)
	if err != nil {
		return Pair{}, err
	}
	pictured, err := e.hasPictures(ctx, shopID)
	if err != nil {
		return Pair{}, err
	}
	var pair Pair
	err = e.db.NewRaw(`SELECT a.product_id, a.other_id FROM crm_affinities AS a JOIN crm_products AS p ON p.id = a.other_id
		WHERE a.run_id = ? AND `+offerable+` ORDER BY a.both_buyers DESC, a.product_buyers DESC, a.product_id LIMIT 1`, run.ID, offerableStock, pictured).Scan(ctx, &pair)
	if errors.Is(err, sql.ErrNoRows) {
		return Pair{}, store.ErrNotFound
	}
	if err != nil {
		return Pair{}, fmt.Errorf("looking for what is bought together most: %w", err)
	}
	return pair, nil
}
