package insight

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/store"
)

const (
	writtenAtOnce = 500
	droppedAtOnce = 5000
	runsKept      = 400 // of a shop: more than a year of nights
)

// personal are the tables that a night fills by profile.
var personal = []string{"crm_predictions", "crm_rfm", "crm_refill_dates"}

var _ customer.Keeper = (*Facts)(nil)

// keep writes a shop's outlooks down and takes away those of earlier runs. Until it is done, rows of both stand side by
// side, each true to its run. Who was erased or merged meanwhile is left out.
func (f *Facts) keep(ctx context.Context, o *outlooks) error {
	if _, err := f.db.NewInsert().Model(&o.run).Exec(ctx); err != nil {
		return fmt.Errorf("keeping a model run: %w", err)
	}
	for part := range slices.Chunk(o.rows, writtenAtOnce) {
		ids := make([]int64, len(part))
		for i := range part {
			part[i].RunID, ids[i] = o.run.ID, part[i].ProfileID
		}
		err := store.InTx(ctx, f.db, func(ctx context.Context, tx bun.Tx) error {
			insert := tx.NewInsert().Model(&part).On("DUPLICATE KEY UPDATE")
			for _, column := range []string{"shop_id", "run_id", "recency", "frequency", "money", "currency", "worth", "orders_30", "low_30", "high_30", "orders_90", "low_90",
				"high_90", "orders_365", "low_365", "high_365", "next_on", "next_from", "next_to", "overdue"} {
				insert = insert.Set("? = VALUES(?)", bun.Ident(column), bun.Ident(column))
			}
			if _, err := insert.Exec(ctx); err != nil {
				return fmt.Errorf("keeping what is expected: %w", err)
			}
			_, err := tx.NewRaw("DELETE d FROM crm_predictions d LEFT JOIN crm_facts f ON f.profile_id = d.profile_id WHERE d.profile_id IN (?) AND f.profile_id IS NULL", bun.List(ids)).Exec(ctx)
			return err
		})
		if err != nil {
			return err
		}
	}
	if err := f.keepRanks(ctx, o); err != nil {
		return err
	}
	if err := f.drop(ctx, "DELETE FROM crm_predictions WHERE shop_id = ? AND run_id < ? LIMIT ?", o.run.ShopID, o.run.ID); err != nil {
		return err
	}
	var oldest []int64
	err := f.db.NewRaw("SELECT id FROM crm_forecasts WHERE shop_id = ? ORDER BY id DESC LIMIT 1 OFFSET ?", o.run.ShopID, runsKept).Scan(ctx, &oldest)
	if err != nil || len(oldest) == 0 {
		return err
	}
	return f.drop(ctx, "DELETE FROM crm_forecasts WHERE shop_id = ? AND id <= ? LIMIT ?", o.run.ShopID, oldest[0])
}

// compare finds which rows must be written and which taken away for what is kept to be what is now.
func compare[K, R comparable](was, now []R, key func(R) K) (changed, gone []R) {
	before := make(map[K]R, len(was))
	for _, r := range was {
		before[key(r)] = r
	}
	for _, r := range now {
		if kept, known := before[key(r)]; !known || kept != r {
			changed = append(changed, r)
		}
		delete(before, key(r))
	}
	return changed, slices.Collect(maps.Values(before))
}

// drop deletes in parts, so that nobody waits long for a lock.
func (f *Facts) drop(ctx context.Context, query string, args ...any) error {
	for {
		result, err := f.db.NewRaw(query, append(slices.Clone(args), droppedAtOnce)...).Exec(ctx)
		if err != nil {
			return fmt.Errorf("taking away what an earlier run expected: %w", err)
		}
		if n, err := result.RowsAffected(); err != nil || n < droppedAtOnce {
			return err
		}
	}
}

// sweep takes away the outlooks of people who have no order left: no shop's run has seen them.
func (f *Facts) sweep(ctx context.Context) error {
	return f.eachRange(ctx, nil, func(ctx context.Context, s scope) error {
		for _, table := range personal {
			_, err := f.db.NewRaw("DELETE d FROM "+table+" d JOIN crm_facts f ON f.profile_id = d.profile_id WHERE "+s.on("d.profile_id")+" AND f.orders = 0", s.args...).Exec(ctx)
			if err != nil {
				return fmt.Errorf("taking away what is expected of people without orders: %w", err)
			}
		}
		return nil
	})
}

// Tell gives how somebody ranks and what is expected of them.
func (f *Facts) Tell(ctx context.Context, db bun.IDB, w customer.Whom) ([]customer.Section, error) {
	s, err := customer.ReadSection(ctx, db, "predictions", `SELECT d.recency, d.frequency, d.money, r.nested, r.fixed, r.rfm_group, r.group_before, d.orders_30, d.orders_90, d.orders_365, d.worth, d.currency, d.next_on
		FROM crm_predictions d LEFT JOIN crm_rfm r ON r.profile_id = d.profile_id WHERE d.profile_id IN (?)`, bun.List(w.ProfileIDs))
	if err != nil {
		return nil, err
	}
	refills, err := customer.ReadSection(ctx, db, "refills", `SELECT COALESCE(p.name, '') AS product, d.last_on, d.due_on, d.every_days, d.purchases
		FROM crm_refill_dates d LEFT JOIN crm_products p ON p.id = d.product_id WHERE d.profile_id IN (?) ORDER BY d.due_on, d.product_id`, bun.List(w.ProfileIDs))
	return []customer.Section{s, refills}, err
}

// Forget takes away what was expected of somebody. Facts go with the refresh that an erasure asks for.
func (f *Facts) Forget(ctx context.Context, tx bun.IDB, w customer.Whom) error {
	for _, table := range personal {
		if _, err := tx.NewRaw("DELETE FROM ? WHERE profile_id IN (?)", bun.Ident(table), bun.List(w.ProfileIDs)).Exec(ctx); err != nil {
			return fmt.Errorf("forgetting what was expected of somebody: %w", err)
		}
	}
	return nil
}
