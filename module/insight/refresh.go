package insight

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/purchase"
	"github.com/kupec/kupec/module/store"
)

const (
	staleMax = 900  // ids in one list: from 1,000 on MariaDB makes a temporary table of them
	rangeMax = 5000 // profiles of one range
)

// MarkStale notes that the profiles' facts must be computed again. It belongs into the transaction that changed what they
// are made of: until that commits no refresh takes the profiles up.
func MarkStale(ctx context.Context, db bun.IDB, profileIDs []int64) error {
	ids := slices.Compact(slices.Sorted(slices.Values(profileIDs))) // in one order, so that two who mark do not lock each other
	for part := range slices.Chunk(ids, staleMax) {
		var b strings.Builder
		b.WriteString("INSERT INTO crm_stale_profiles (profile_id, since) VALUES ")
		args := make([]any, len(part))
		for i, id := range part {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString("(?, UTC_TIMESTAMP(6))")
			args[i] = id
		}
		b.WriteString(" ON DUPLICATE KEY UPDATE since = since")
		if _, err := db.NewRaw(b.String(), args...).Exec(ctx); err != nil {
			return fmt.Errorf("marking profiles as stale: %w", err)
		}
	}
	return nil
}

// Refresh computes the facts of up to limit profiles that were marked, and says how many it did: fewer than limit when
// there are no more. Several processes may call it at once; each takes others.
func (f *Facts) Refresh(ctx context.Context, limit int) (n int, err error) {
	_, moved, err := f.current(ctx)
	if err != nil {
		return 0, err
	}
	for n < limit {
		part := min(limit-n, staleMax)
		did := 0
		err := store.InTx(ctx, f.db, func(ctx context.Context, tx bun.Tx) error {
			var ids []int64
			err := tx.NewRaw("SELECT profile_id FROM crm_stale_profiles ORDER BY profile_id LIMIT ? FOR UPDATE SKIP LOCKED", part).Scan(ctx, &ids)
			if err != nil {
				return fmt.Errorf("reading which profiles are stale: %w", err)
			}
			if did = len(ids); did == 0 {
				return nil
			}
			if err := f.compute(ctx, tx, these(ids)); err != nil {
				return err
			}
			if _, err := tx.NewRaw("DELETE FROM crm_stale_profiles WHERE profile_id IN (?)", bun.List(ids)).Exec(ctx); err != nil {
				return fmt.Errorf("taking marks off profiles: %w", err)
			}
			return nil
		})
		if err != nil {
			return n, err
		}
		n += did
		if did < part {
			break
		}
	}
	f.refreshed(n)
	_, again, err := f.current(ctx)
	if err == nil && (moved || again) {
		err = f.eachRange(ctx, nil, f.restage)
	}
	return n, err
}

// RefreshAll computes the facts of every profile: orders and sums, should a mark ever have been missed, and stages, which
// move with time alone. It is the night's work; progress, which may be nil, is called with profiles done and in all.
func (f *Facts) RefreshAll(ctx context.Context, progress func(done, total int64)) error {
	if _, _, err := f.current(ctx); err != nil {
		return err
	}
	if err := f.eachRange(ctx, progress, f.refresh); err != nil {
		return err
	}
	now, err := f.measure(ctx)
	if err != nil {
		return err
	}
	f.mu.Lock()
	f.pace = now
	f.mu.Unlock()
	return f.eachRange(ctx, nil, f.restage) // also for a small move of the pace: each night all stages are of one measure
}

// scope says which profiles: a condition over the column %s.
type scope struct {
	condition string
	args      []any
}

func these(ids []int64) scope { return scope{"%s IN (?)", []any{bun.List(ids)}} }
func only(id int64) scope     { return scope{"%s = ?", []any{id}} }

func (s scope) on(column string) string { return strings.ReplaceAll(s.condition, "%s", column) }

// eachRange goes over all profiles in ranges of ids.
func (f *Facts) eachRange(ctx context.Context, progress func(done, total int64), work func(context.Context, scope) error) error {
	var total int64
	if progress != nil {
		if err := f.db.NewRaw("SELECT COUNT(*) FROM crm_profiles").Scan(ctx, &total); err != nil {
			return fmt.Errorf("counting profiles: %w", err)
		}
	}
	var after, done int64
	for {
		var end, n int64
		err := f.db.NewRaw("SELECT COALESCE(MAX(id), 0), COUNT(*) FROM (SELECT id FROM crm_profiles WHERE id > ? ORDER BY id LIMIT ?) t", after, rangeMax).Scan(ctx, &end, &n)
		if err != nil {
			return fmt.Errorf("reading the next profiles: %w", err)
		}
		if n == 0 {
			return nil
		}
		if err := work(ctx, scope{"%s > ? AND %s <= ?", []any{after, end}}); err != nil {
			return err
		}
		after, done = end, done+n
		if progress != nil {
			progress(done, max(done, total))
		}
	}
}

// refresh computes the facts of a scope in a transaction of its own.
func (f *Facts) refresh(ctx context.Context, s scope) error {
	return store.InTx(ctx, f.db, func(ctx context.Context, tx bun.Tx) error { return f.compute(ctx, tx, s) })
}

// compute makes facts and revenue of a scope be what the orders say. Rows that stay as they are cost no write but for
// their date.
func (f *Facts) compute(ctx context.Context, tx bun.Tx, s scope) error {
	const counts = "o.status IN (?) AND o.deleted_at IS NULL"
	statuses := bun.List(purchase.Counting)
	for _, step := range []struct {
		what, sql string
		args      []any
	}{
		{"taking facts off profiles that are no longer", `DELETE f FROM crm_facts f LEFT JOIN crm_profiles p ON p.id = f.profile_id
			WHERE ` + s.on("f.profile_id") + ` AND (p.id IS NULL OR p.merged_into IS NOT NULL OR p.erased_at IS NOT NULL)`, s.args},
		{"taking revenue away that is no longer", `DELETE r FROM crm_fact_revenue r WHERE ` + s.on("r.profile_id") + ` AND NOT EXISTS
			(SELECT 1 FROM crm_orders o WHERE o.profile_id = r.profile_id AND o.currency = r.currency AND ` + counts + `)`, append(slices.Clone(s.args), statuses)},
		{"adding up revenue", `INSERT INTO crm_fact_revenue (profile_id, currency, orders, gross, refunded, net)
			SELECT o.profile_id, o.currency, COUNT(*), SUM(o.total), SUM(o.refunded), SUM(o.total - o.refunded)
			FROM crm_orders o WHERE ` + s.on("o.profile_id") + ` AND ` + counts + ` GROUP BY o.profile_id, o.currency
			ON DUPLICATE KEY UPDATE orders = VALUES(orders), gross = VALUES(gross), refunded = VALUES(refunded), net = VALUES(net)`, append(slices.Clone(s.args), statuses)},
		{"computing facts", `INSERT INTO crm_facts (profile_id, orders, currency, net, refunded, average, first_order_at, last_order_at, gap_days, stage, refreshed_at)
			SELECT p.id, COALESCE(b.orders, 0), COALESCE(r.currency, s.currency, ''), COALESCE(r.net, 0), COALESCE(r.refunded, 0), COALESCE(ROUND(r.net / r.orders, 4), 0),
				b.first_at, b.last_at, IF(b.days > 1, DATEDIFF(b.last_at, b.first_at) / (b.days - 1), NULL), 'lead', ?
			FROM crm_profiles p
			LEFT JOIN crm_shops s ON s.id = p.shop_id
			LEFT JOIN (SELECT o.profile_id, COUNT(*) AS orders, COUNT(DISTINCT DATE(o.placed_at)) AS days, MIN(o.placed_at) AS first_at, MAX(o.placed_at) AS last_at
				FROM crm_orders o WHERE ` + s.on("o.profile_id") + ` AND ` + counts + ` GROUP BY o.profile_id) b ON b.profile_id = p.id
			LEFT JOIN crm_fact_revenue r ON r.profile_id = p.id AND r.currency =
				(SELECT m.currency FROM crm_fact_revenue m WHERE m.profile_id = p.id ORDER BY m.orders DESC, m.currency = s.currency DESC, m.currency LIMIT 1)
			WHERE ` + s.on("p.id") + ` AND p.merged_into IS NULL AND p.erased_at IS NULL
			ON DUPLICATE KEY UPDATE orders = VALUES(orders), currency = VALUES(currency), net = VALUES(net), refunded = VALUES(refunded), average = VALUES(average),
				first_order_at = VALUES(first_order_at), last_order_at = VALUES(last_order_at), gap_days = VALUES(gap_days), refreshed_at = VALUES(refreshed_at)`,
			slices.Concat([]any{f.now()}, s.args, []any{statuses}, s.args)},
	} {
		if _, err := tx.NewRaw(step.sql, step.args...).Exec(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return f.stage(ctx, tx, s)
}

// restage sets the stages of a scope by time and pace alone.
func (f *Facts) restage(ctx context.Context, s scope) error {
	return store.Retry(ctx, func() error { return f.stage(ctx, f.db, s) })
}

func (f *Facts) stage(ctx context.Context, db bun.IDB, s scope) error {
	f.mu.Lock()
	stage, args := f.pace.stageSQL(f.now())
	f.mu.Unlock()
	_, err := db.NewRaw("UPDATE crm_facts f JOIN crm_profiles p ON p.id = f.profile_id SET f.stage = "+stage+" WHERE "+s.on("f.profile_id"),
		slices.Concat(args, s.args)...).Exec(ctx)
	if err != nil {
		return fmt.Errorf("setting stages: %w", err)
	}
	return nil
}
