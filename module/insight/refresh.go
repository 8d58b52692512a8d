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

// step is one statement of a refresh.
type step struct {
	what, sql string
	args      []any
}

// compute makes facts and revenue of a scope be what the orders say. Rows that stay as they are cost no write but for
// their date.
func (f *Facts) compute(ctx context.Context, tx bun.Tx, s scope) error {
	zones, err := f.clocks(ctx, tx)
	if err != nil {
		return err
	}
	for _, step := range append(f.sums(s), f.habits(s, zones.at(f.now()))) {
		if _, err := tx.NewRaw(step.sql, step.args...).Exec(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return f.stage(ctx, tx, s)
}

// counts is the condition that the order under alias o counts; its argument is statuses.
const counts = "o.status IN (?) AND o.deleted_at IS NULL"

var statuses = bun.List(purchase.Counting)

func (f *Facts) sums(s scope) []step {
	return []step{
		{"taking facts off profiles that are no longer", `DELETE f FROM crm_facts f LEFT JOIN crm_profiles p ON p.id = f.profile_id
			WHERE ` + s.on("f.profile_id") + ` AND (p.id IS NULL OR p.merged_into IS NOT NULL OR p.erased_at IS NOT NULL)`, s.args},
		{"taking revenue away that is no longer", `DELETE r FROM crm_fact_revenue r WHERE ` + s.on("r.profile_id") + ` AND NOT EXISTS
			(SELECT 1 FROM crm_orders o WHERE o.profile_id = r.profile_id AND o.currency = r.currency AND ` + counts + `)`, append(slices.Clone(s.args), statuses)},
		{"taking refills away that somebody bought", `DELETE d FROM crm_refill_dates d WHERE ` + s.on("d.profile_id") + ` AND EXISTS (SELECT 1 FROM crm_orders o JOIN crm_order_lines l ON l.order_id = o.id
			WHERE o.profile_id = d.profile_id AND o.placed_at >= d.last_on + INTERVAL 1 DAY AND l.product_id = d.product_id AND ` + counts + `)`, append(slices.Clone(s.args), statuses)},
		{"adding up revenue", `INSERT INTO crm_fact_revenue (profile_id, currency, orders, gross, refunded, net)
			SELECT o.profile_id, o.currency, COUNT(*), SUM(o.total), SUM(o.refunded), SUM(o.total - o.refunded)
			FROM crm_orders o WHERE ` + s.on("o.profile_id") + ` AND ` + counts + ` GROUP BY o.profile_id, o.currency
			ON DUPLICATE KEY UPDATE orders = VALUES(orders), gross = VALUES(gross), refunded = VALUES(refunded), net = VALUES(net)`, append(slices.Clone(s.args), statuses)},
		{"computing facts", `INSERT INTO crm_facts (profile_id, orders, currency, net, refunded, average, first_order_at, last_order_at, gap_days,
				order_days, products, categories, discounted_share, refunds, stage, refreshed_at)
			SELECT p.id, COALESCE(b.orders, 0), COALESCE(r.currency, s.currency, ''), COALESCE(r.net, 0), COALESCE(r.refunded, 0), COALESCE(ROUND(r.net / r.orders, 4), 0),
				b.first_at, b.last_at, IF(b.days > 1, DATEDIFF(b.last_at, b.first_at) / (b.days - 1), NULL),
				COALESCE(b.days, 0), COALESCE(g.products, 0), COALESCE(g.categories, 0), b.discounted / b.orders, COALESCE(b.refunds, 0), 'lead', ?
			FROM crm_profiles p
			LEFT JOIN crm_shops s ON s.id = p.shop_id
			LEFT JOIN (SELECT o.profile_id, COUNT(*) AS orders, COUNT(DISTINCT DATE(o.placed_at)) AS days, MIN(o.placed_at) AS first_at, MAX(o.placed_at) AS last_at,
					SUM(o.discount > 0 OR o.coupons <> '') AS discounted, SUM(GREATEST(o.refund_count, o.refunded > 0)) AS refunds
				FROM crm_orders o WHERE ` + s.on("o.profile_id") + ` AND ` + counts + ` GROUP BY o.profile_id) b ON b.profile_id = p.id
			LEFT JOIN (SELECT o.profile_id, COUNT(DISTINCT l.product_id) + COUNT(DISTINCT IF(l.product_id IS NULL AND l.product_key <> '', CONCAT(o.shop_id, ' ', l.product_key), NULL)) AS products,
					COUNT(DISTINCT c.category_id) AS categories
				FROM crm_orders o JOIN crm_order_lines l ON l.order_id = o.id LEFT JOIN crm_product_categories c ON c.product_id = l.product_id
				WHERE ` + s.on("o.profile_id") + ` AND ` + counts + ` GROUP BY o.profile_id) g ON g.profile_id = p.id
			LEFT JOIN crm_fact_revenue r ON r.profile_id = p.id AND r.currency =
				(SELECT m.currency FROM crm_fact_revenue m WHERE m.profile_id = p.id ORDER BY m.orders DESC, m.currency = s.currency DESC, m.currency LIMIT 1)
			WHERE ` + s.on("p.id") + ` AND p.merged_into IS NULL AND p.erased_at IS NULL
			ON DUPLICATE KEY UPDATE orders = VALUES(orders), currency = VALUES(currency), net = VALUES(net), refunded = VALUES(refunded), average = VALUES(average),
				first_order_at = VALUES(first_order_at), last_order_at = VALUES(last_order_at), gap_days = VALUES(gap_days), order_days = VALUES(order_days),
				products = VALUES(products), categories = VALUES(categories), discounted_share = VALUES(discounted_share), refunds = VALUES(refunds), refreshed_at = VALUES(refreshed_at)`,
			slices.Concat([]any{f.now()}, s.args, []any{statuses}, s.args, []any{statuses}, s.args)},
	}
}

// habits sets what takes a second look at the orders: the gap before the last one, and the weekday and the hour that most of
// them were placed at, where at least [HabitOrders] tell. Between equals the one that was last is preferred. An order placed
// at midnight to the second is one whose time is not known.
func (f *Facts) habits(s scope, local string) step {
	most := func(name, of, known string) string {
		return fmt.Sprintf(`(SELECT profile_id, %[1]s FROM (SELECT o.profile_id, %[2]s AS %[1]s, SUM(COUNT(*)) OVER (PARTITION BY o.profile_id) AS known,
				ROW_NUMBER() OVER (PARTITION BY o.profile_id ORDER BY COUNT(*) DESC, MAX(o.placed_at) DESC, %[2]s) AS place
			FROM crm_facts k JOIN crm_orders o ON o.profile_id = k.profile_id
			WHERE %[4]s AND k.orders >= %[3]d AND %[5]s AND o.placed_at IS NOT NULL%[6]s GROUP BY o.profile_id, %[2]s) t WHERE place = 1 AND known >= %[3]d)`,
			name, of, HabitOrders, s.on("k.profile_id"), counts, known)
	}
	return step{"telling habits", `UPDATE crm_facts f
		LEFT JOIN ` + most("weekday", "WEEKDAY("+local+") + 1", "") + ` w ON w.profile_id = f.profile_id
		LEFT JOIN ` + most("hour", "HOUR("+local+")", " AND TIME("+local+") <> 0") + ` h ON h.profile_id = f.profile_id
		LEFT JOIN (SELECT k.profile_id, DATEDIFF(MAX(k.last_order_at), MAX(o.placed_at)) AS days FROM crm_facts k
			JOIN crm_orders o ON o.profile_id = k.profile_id AND o.placed_at < DATE(k.last_order_at)
			WHERE ` + s.on("k.profile_id") + ` AND k.order_days > 1 AND ` + counts + ` GROUP BY k.profile_id) g ON g.profile_id = f.profile_id
		SET f.weekday = w.weekday, f.hour = h.hour, f.last_gap_days = g.days WHERE ` + s.on("f.profile_id"),
		slices.Concat(s.args, []any{statuses}, s.args, []any{statuses}, s.args, []any{statuses}, s.args)}
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
