package report

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/store"
)

const (
	peopleAtOnce = 900  // that were marked
	rangeMax     = 3000 // profiles of one range
	writtenMax   = 500  // rows of one statement
)

// scope says whose orders: a condition over the column %s.
type scope struct {
	condition string
	args      []any
}

func (s scope) on(column string) string { return strings.ReplaceAll(s.condition, "%s", column) }

// Refresh looks again at the orders of up to limit people who were marked, and says how many they were. When there are no
// more, it adds up anew what all of them touched: in a flood of changes, sums are not made before it has passed. It does
// nothing before [Reports.Check] has run once. Several processes may call it at once.
func (r *Reports) Refresh(ctx context.Context, limit int) (n int, err error) {
	var built []bool
	if err := r.db.NewRaw("SELECT TRUE FROM crm_report_states WHERE id = 1 AND built_at IS NOT NULL").Scan(ctx, &built); err != nil || len(built) == 0 {
		return 0, err
	}
	for n < limit {
		part, did := min(limit-n, peopleAtOnce), 0
		err := store.InTx(ctx, r.db, func(ctx context.Context, tx bun.Tx) error {
			var ids []int64
			err := tx.NewRaw("SELECT profile_id FROM crm_report_changes ORDER BY profile_id LIMIT ? FOR UPDATE SKIP LOCKED", part).Scan(ctx, &ids)
			if err != nil {
				return fmt.Errorf("reading whose orders changed: %w", err)
			}
			if did = len(ids); did == 0 {
				return nil
			}
			if err := r.follow(ctx, tx, scope{"%s IN (?)", []any{bun.List(ids)}}); err != nil {
				return err
			}
			_, err = tx.NewRaw("DELETE FROM crm_report_changes WHERE profile_id IN (?)", bun.List(ids)).Exec(ctx)
			return err
		})
		if err != nil {
			return n, err
		}
		if n += did; did < part {
			_, err = r.settle(ctx, nil)
			return n, err
		}
	}
	return n, nil
}

// Catchup is Refresh until nobody waits.
func (r *Reports) Catchup(ctx context.Context) error {
	for {
		if n, err := r.Refresh(ctx, marksMax); err != nil || n < marksMax {
			return err
		}
	}
}

// Check compares everybody's orders and every sum with what they are made of, and mends what differs: the first time it makes
// them. It is the night's work. corrected is how many sums were wrong; progress, which may be nil, is told of steps done and
// in all.
func (r *Reports) Check(ctx context.Context, progress func(done, total int64)) (corrected int64, err error) {
	if progress == nil {
		progress = func(int64, int64) {}
	}
	if err := r.watch(ctx); err != nil {
		return 0, err
	}
	if _, err := r.settle(ctx, nil); err != nil { // what is waiting is not wrong
		return 0, err
	}
	var last, after int64
	err = r.db.NewRaw("SELECT GREATEST((SELECT COALESCE(MAX(profile_id), 0) FROM crm_orders), (SELECT COALESCE(MAX(profile_id), 0) FROM crm_report_orders))").Scan(ctx, &last)
	if err != nil {
		return 0, fmt.Errorf("looking for the last person with orders: %w", err)
	}
	for ; after < last; after += rangeMax {
		within := scope{"%s > ? AND %s <= ?", []any{after, after + rangeMax}}
		err := store.InTx(ctx, r.db, func(ctx context.Context, tx bun.Tx) error { return r.follow(ctx, tx, within) })
		if err != nil {
			return 0, err
		}
		progress(min(after+rangeMax, last), 2*last) // people take about as long as sums
	}
	if err := r.doubtAll(ctx); err != nil {
		return 0, err
	}
	corrected, err = r.settle(ctx, func(done, all int64) { progress(last+last*done/max(1, all), 2*last) })
	if err != nil {
		return corrected, err
	}
	return corrected, r.checked(ctx, corrected)
}

// watch has [MarkStale] note what changes from now on. Two transactions, for the lock of the second waits for others.
func (r *Reports) watch(ctx context.Context) error {
	for _, sql := range []string{
		"INSERT INTO crm_report_states (id) VALUES (1) ON DUPLICATE KEY UPDATE id = id",
		"UPDATE crm_report_states SET watching = TRUE WHERE id = 1 AND NOT watching",
	} {
		if err := store.Retry(ctx, func() error { _, err := r.db.NewRaw(sql).Exec(ctx); return err }); err != nil {
			return fmt.Errorf("having changes noted for the reports: %w", err)
		}
	}
	return nil
}

// checked writes down that all is as it should be. Sums that were made for the first time were not wrong before.
func (r *Reports) checked(ctx context.Context, corrected int64) error {
	_, err := r.db.NewRaw("UPDATE crm_report_states SET corrected = IF(built_at IS NULL, 0, ?), built_at = COALESCE(built_at, ?), checked_at = ? WHERE id = 1",
		corrected, r.now(), r.now()).Exec(ctx)
	if err != nil {
		return fmt.Errorf("writing down that the reports were checked: %w", err)
	}
	return nil
}

// doubtAll marks every sum that there is, or should be.
func (r *Reports) doubtAll(ctx context.Context) error {
	for cut, sql := range map[string]string{
		cutDay:    "SELECT shop_id, day FROM crm_report_orders UNION SELECT shop_id, day FROM crm_report_days UNION SELECT shop_id, day FROM crm_report_products WHERE grain = 'd'",
		cutMonth:  "SELECT shop_id, DATE_FORMAT(day, '%Y-%m-01') AS day FROM crm_report_products",
		cutCohort: "SELECT shop_id, DATE_FORMAT(first_day, '%Y-%m-01') AS day FROM crm_report_orders UNION SELECT shop_id, cohort FROM crm_report_cohorts UNION SELECT shop_id, cohort FROM crm_report_seconds",
	} {
		err := store.Retry(ctx, func() error {
			_, err := r.db.NewRaw("INSERT IGNORE INTO crm_report_stale (cut, shop_id, day) SELECT DISTINCT ?, t.shop_id, t.day FROM ("+sql+") t", cut).Exec(ctx)
			return err
		})
		if err != nil {
			return fmt.Errorf("marking every %s: %w", cut, err)
		}
	}
	return nil
}

// follow makes crm_report_orders say what the orders of a scope say, and marks what must be added up anew. An order that came
// from somebody else is taken from them; they are marked too, and follow in their turn.
func (r *Reports) follow(ctx context.Context, tx bun.IDB, s scope) error {
	is, err := r.sold(ctx, tx, s)
	if err != nil {
		return err
	}
	was, err := r.known(ctx, tx, s, is)
	if err != nil {
		return err
	}
	stale := differ(was, is)
	if len(stale) == 0 {
		return nil
	}
	before := make(map[int64]orderRow, len(was))
	for _, row := range was {
		before[row.OrderID] = row
	}
	var write []orderRow
	for _, row := range is {
		old, there := before[row.OrderID]
		if there && old.ProfileID == row.ProfileID {
			delete(before, row.OrderID)
		}
		if !there || !old.same(row) {
			write = append(write, row)
		}
	}
	for _, gone := range before { // by its person: somebody else may have written it down as theirs meanwhile
		if _, err := tx.NewDelete().Model(&gone).WherePK().Exec(ctx); err != nil {
			return fmt.Errorf("taking an order out of the reports: %w", err)
		}
	}
	for part := range slices.Chunk(write, writtenMax) {
		insert := tx.NewInsert().Model(&part).On("DUPLICATE KEY UPDATE")
		for _, column := range []string{"shop_id", "currency", "country", "day", "first_day", "nth", "again", "gross", "refunded", "discount", "reduced", "line_sum"} {
			insert = insert.Set("? = VALUES(?)", bun.Ident(column), bun.Ident(column))
		}
		if _, err := insert.Exec(ctx); err != nil {
			return fmt.Errorf("writing orders for the reports: %w", err)
		}
	}
	return doubt(ctx, tx, stale)
}

// known reads what the reports have of a scope, and of the orders that now belong to it.
func (r *Reports) known(ctx context.Context, tx bun.IDB, s scope, is []orderRow) ([]orderRow, error) {
	var was []orderRow
	err := tx.NewSelect().Model(&was).Where(s.on("profile_id"), s.args...).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading what the reports know of people: %w", err)
	}
	have := make(map[int64]bool, len(was))
	for _, row := range was {
		have[row.OrderID] = true
	}
	var others []int64
	for _, row := range is {
		if !have[row.OrderID] {
			others = append(others, row.OrderID)
		}
	}
	for part := range slices.Chunk(others, marksMax) {
		var rows []orderRow
		if err := tx.NewSelect().Model(&rows).Where("order_id IN (?)", bun.List(part)).Scan(ctx); err != nil {
			return nil, fmt.Errorf("reading what the reports know of orders: %w", err)
		}
		was = append(was, rows...)
	}
	return was, nil
}

// differ gives the cuts that hold a difference between what was known and what is.
func differ(was, is []orderRow) map[cut]bool {
	type group struct{ profile, shop int64 }
	type sides struct{ was, is []orderRow }
	all := map[group]sides{}
	owner := make(map[int64]int64, len(is))
	for _, row := range is {
		owner[row.OrderID] = row.ProfileID
		g := all[group{row.ProfileID, row.ShopID}]
		g.is = append(g.is, row)
		all[group{row.ProfileID, row.ShopID}] = g
	}
	for _, row := range was {
		// A row that was another's counts on the side of who has it now: there it differs.
		profile := cmp.Or(owner[row.OrderID], row.ProfileID)
		g := all[group{profile, row.ShopID}]
		g.was = append(g.was, row)
		all[group{profile, row.ShopID}] = g
	}
	stale := map[cut]bool{}
	for _, g := range all {
		mark(stale, g.was, g.is)
	}
	return stale
}

// mark adds the cuts in which one person's orders differ. Where one sells something else, whether later orders of its products
// were the first of them may differ too, so all days are marked.
func mark(stale map[cut]bool, was, is []orderRow) {
	before := make(map[int64]orderRow, len(was))
	for _, row := range was {
		before[row.OrderID] = row
	}
	var changed []orderRow
	sells := false
	for _, row := range is {
		old, there := before[row.OrderID]
		delete(before, row.OrderID)
		if there && old.same(row) {
			continue
		}
		changed = append(changed, row)
		if there {
			changed = append(changed, old)
			sells = sells || old.LineSum != row.LineSum
		}
	}
	for _, gone := range before {
		changed = append(changed, gone)
	}
	if sells {
		changed = slices.Concat(was, is)
	}
	for _, row := range changed {
		stale[cut{cutDay, row.ShopID, row.Day}] = true
		stale[cut{cutCohort, row.ShopID, monthOf(row.FirstDay)}] = true
	}
}

// doubt marks cuts, in one order, so that two who mark do not lock each other.
func doubt(ctx context.Context, db bun.IDB, stale map[cut]bool) error {
	list := make([]cut, 0, len(stale))
	for c := range stale {
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b cut) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.shopID, b.shopID), a.day.Compare(b.day))
	})
	for part := range slices.Chunk(list, marksMax) {
		var args []any
		for _, c := range part {
			args = append(args, c.kind, c.shopID, c.day.Format(time.DateOnly))
		}
		values := strings.TrimSuffix(strings.Repeat("(?, ?, ?), ", len(part)), ", ")
		if _, err := db.NewRaw("INSERT INTO crm_report_stale (cut, shop_id, day) VALUES "+values+" ON DUPLICATE KEY UPDATE day = VALUES(day)", args...).Exec(ctx); err != nil {
			return fmt.Errorf("marking sums as to be made anew: %w", err)
		}
	}
	return nil
}
