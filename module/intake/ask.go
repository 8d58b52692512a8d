package intake

import (
	"context"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// RequestReconcile asks for a shop to be compared with its mirror, by whoever follows it, and returns at once. One that is
// waiting or under way already is not asked for again. Staff need the permission to manage shops.
func (i *Intake) RequestReconcile(ctx context.Context, shopID int64) error {
	if _, err := staff.Require(ctx, staff.ManageShops); err != nil {
		return err
	}
	shops, err := i.shopRows(ctx)
	if err != nil {
		return err
	}
	for _, s := range shops {
		if s.ID != shopID {
			continue
		}
		if _, err := i.requestReconcile(ctx, shopID, false); err != nil {
			return err
		}
		return store.InTx(ctx, i.db, func(ctx context.Context, tx bun.Tx) error {
			return staff.Record(ctx, tx, "shop.reconcile", "shop", shopID, nil)
		})
	}
	return store.ErrNotFound
}

// Reconciling says which shops are being compared, or wait for it, by id.
func (i *Intake) Reconciling(ctx context.Context) (map[int64]bool, error) {
	var ids []int64
	if err := i.db.NewSelect().Model((*reconcileRow)(nil)).Column("shop_id").Where("r.finished_at IS NULL").Scan(ctx, &ids); err != nil {
		return nil, err
	}
	open := make(map[int64]bool, len(ids))
	for _, id := range ids {
		open[id] = true
	}
	return open, nil
}
