package purchase

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/store"
)

// Places is how many of somebody's latest orders that count crm_latest_orders knows, from the second on: whether somebody
// ordered at least n times since a day is then one look at the n-th. The first is among insight's facts.
const Places = 5

// digest keeps what questions about people ask most: which products each person bought in how many orders, and when their
// latest orders were. It belongs into the transaction that changed the orders of the profiles. renewed are those of them that
// may have lost an order; the others' rows only grow, which in a back-fill spares looking for what is no longer.
func digest(ctx context.Context, db bun.IDB, profileIDs, renewed []int64) error {
	for part := range slices.Chunk(renewed, inMax) {
		for _, table := range []string{"crm_bought", "crm_latest_orders"} {
			if _, err := db.NewDelete().TableExpr(table).Where("profile_id IN (?)", bun.List(part)).Exec(ctx); err != nil {
				return fmt.Errorf("clearing %s: %w", table, err)
			}
		}
	}
	for part := range slices.Chunk(profileIDs, inMax) {
		_, err := db.NewRaw(`INSERT INTO crm_bought (profile_id, product_id, orders, first_at, last_at)
			SELECT o.profile_id, l.product_id, COUNT(DISTINCT o.id), MIN(o.placed_at), MAX(o.placed_at)
			FROM crm_orders AS o JOIN crm_order_lines AS l ON l.order_id = o.id
			WHERE o.profile_id IN (?) AND o.status IN (?) AND o.deleted_at IS NULL AND l.product_id IS NOT NULL
			GROUP BY o.profile_id, l.product_id
			ON DUPLICATE KEY UPDATE orders = VALUES(orders), first_at = VALUES(first_at), last_at = VALUES(last_at)`,
			bun.List(part), bun.List(Counting)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("noting what people bought: %w", err)
		}
		_, err = db.NewRaw(`INSERT INTO crm_latest_orders (profile_id, place, placed_at)
			SELECT profile_id, place, placed_at FROM (
				SELECT profile_id, placed_at, ROW_NUMBER() OVER (PARTITION BY profile_id ORDER BY placed_at DESC) AS place
				FROM crm_orders WHERE profile_id IN (?) AND status IN (?) AND deleted_at IS NULL AND placed_at IS NOT NULL
			) AS t WHERE place BETWEEN 2 AND ?
			ON DUPLICATE KEY UPDATE placed_at = VALUES(placed_at)`,
			bun.List(part), bun.List(Counting), Places).Exec(ctx)
		if err != nil {
			return fmt.Errorf("noting when people ordered: %w", err)
		}
	}
	return nil
}

// digestStretch is how many profiles one transaction of [Book.Digest] takes.
const digestStretch = 2_000

// Digest makes what follows from everybody's orders anew, some profiles at a time, each in a transaction of its own. It is
// called when a history has been copied, and may be called again. progress may be nil; it is told of profile ids.
func (b *Book) Digest(ctx context.Context, progress func(done, total int64)) error {
	var last int64
	if err := b.db.NewRaw("SELECT COALESCE(MAX(profile_id), 0) FROM crm_orders").Scan(ctx, &last); err != nil {
		return fmt.Errorf("looking for the last profile with orders: %w", err)
	}
	for from := int64(0); from < last; from += digestStretch {
		err := store.InTx(ctx, b.db, func(ctx context.Context, tx bun.Tx) error {
			var ids []int64
			// The orders are held, so that nobody's are moved to another profile meanwhile.
			err := tx.NewRaw("SELECT profile_id FROM crm_orders WHERE profile_id > ? AND profile_id <= ? ORDER BY profile_id LOCK IN SHARE MODE", from, from+digestStretch).Scan(ctx, &ids)
			if err != nil {
				return fmt.Errorf("holding orders: %w", err)
			}
			ids = slices.Compact(ids)
			return digest(ctx, tx, ids, ids)
		})
		if err != nil {
			return err
		}
		if progress != nil {
			progress(min(from+digestStretch, last), last)
		}
	}
	return nil
}

// owners gives the profiles that the identities' orders belong to, ascending.
func owners(ctx context.Context, db bun.IDB, identityIDs []int64) ([]int64, error) {
	found := map[int64]bool{}
	for part := range slices.Chunk(identityIDs, inMax) {
		var ids []int64
		err := db.NewSelect().TableExpr("crm_orders").ColumnExpr("DISTINCT profile_id").Where("identity_id IN (?)", bun.List(part)).Scan(ctx, &ids)
		if err != nil {
			return nil, fmt.Errorf("looking up whose orders move: %w", err)
		}
		for _, id := range ids {
			found[id] = true
		}
	}
	return slices.Sorted(maps.Keys(found)), nil
}
