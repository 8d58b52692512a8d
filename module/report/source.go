package report

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/staff"
)

// source is rows of sums under the alias c, as they stand between FROM and GROUP BY.
type source struct {
	sql  string
	args []any
}

// where adds a condition.
func (s source) where(condition string, args ...any) source {
	return source{s.sql + " AND " + condition, append(slices.Clone(s.args), args...)}
}

// days is rows of crm_report_days that the query is about. It needs staff.SeeSales, as everything here does.
func (r *Reports) days(ctx context.Context, q Query) (source, error) {
	shops, err := r.allowed(ctx, q)
	if err != nil {
		return source{}, err
	}
	from, to := q.Frame.bounds()
	if q.People == nil {
		return source{"crm_report_days AS c WHERE c.shop_id IN (?) AND c.day >= ? AND c.day <= ? AND c.currency = ?", []any{bun.List(shops), from, to, q.Currency}}, nil
	}
	people, err := r.people(ctx, q, shops, "")
	if err != nil {
		return source{}, err
	}
	within := people.where("r.day >= ? AND r.day <= ? AND r.currency = ?", from, to, q.Currency)
	return source{"(" + fmt.Sprintf(dayCells, within.sql) + ") AS c WHERE TRUE", within.args}, nil
}

// products is rows of crm_report_products that the query is about: whole months where the frame holds them, else days.
func (r *Reports) products(ctx context.Context, q Query) (source, error) {
	shops, err := r.allowed(ctx, q)
	if err != nil {
		return source{}, err
	}
	from, to := q.Frame.bounds()
	if q.People != nil {
		people, err := r.people(ctx, q, shops, withLines)
		if err != nil {
			return source{}, err
		}
		within := people.where("r.day >= ? AND r.day <= ? AND r.currency = ?", from, to, q.Currency)
		return source{"(" + fmt.Sprintf(productCells, unknown, within.sql) + ") AS c WHERE TRUE", within.args}, nil
	}
	begin, end := monthOf(from), monthOf(to.AddDate(0, 0, 1)) // whole months are from begin until end
	if begin.Before(from) {
		begin = begin.AddDate(0, 1, 0)
	}
	if to.Equal(latest) {
		end = latest
	}
	s := source{sql: "crm_report_products AS c WHERE c.currency = ?", args: []any{q.Currency}}
	if !begin.Before(end) {
		return s.where("c.shop_id IN (?) AND c.grain = 'd' AND c.day >= ? AND c.day <= ?", bun.List(shops), from, to), nil
	}
	return s.where(`(c.shop_id IN (?) AND c.grain = 'm' AND c.day >= ? AND c.day < ? OR c.shop_id IN (?) AND c.grain = 'd' AND c.day >= ? AND c.day < ?
		OR c.shop_id IN (?) AND c.grain = 'd' AND c.day >= ? AND c.day <= ?)`, bun.List(shops), begin, end, bun.List(shops), from, begin, bun.List(shops), end, to), nil
}

// cohorts is rows of crm_report_cohorts of the months that the query's frame touches: those of its currency, and those of
// whatever currency.
func (r *Reports) cohorts(ctx context.Context, q Query) (source, error) {
	shops, err := r.allowed(ctx, q)
	if err != nil {
		return source{}, err
	}
	from, to := q.Frame.months()
	if q.People == nil {
		return source{"crm_report_cohorts AS c WHERE c.shop_id IN (?) AND c.cohort >= ? AND c.cohort <= ? AND c.currency IN (?, '')", []any{bun.List(shops), from, to, q.Currency}}, nil
	}
	people, err := r.people(ctx, q, shops, "")
	if err != nil {
		return source{}, err
	}
	within := people.where("r.first_day >= ? AND r.first_day <= ?", from, to.AddDate(0, 1, -1))
	return source{"(" + fmt.Sprintf(cohortCells, within.sql) + ") AS c WHERE c.currency IN (?, '')", append(within.args, q.Currency)}, nil
}

// seconds is rows of crm_report_seconds of the months that the query's frame touches.
func (r *Reports) seconds(ctx context.Context, q Query) (source, error) {
	shops, err := r.allowed(ctx, q)
	if err != nil {
		return source{}, err
	}
	from, to := q.Frame.months()
	if q.People == nil {
		return source{"crm_report_seconds AS c WHERE c.shop_id IN (?) AND c.cohort >= ? AND c.cohort <= ?", []any{bun.List(shops), from, to}}, nil
	}
	people, err := r.people(ctx, q, shops, "")
	if err != nil {
		return source{}, err
	}
	within := people.where("r.first_day >= ? AND r.first_day <= ?", from, to.AddDate(0, 1, -1))
	return source{"(" + fmt.Sprintf(secondCells, within.sql) + ") AS c WHERE TRUE", within.args}, nil
}

// people is the orders of a segment's people in the shops, under the alias r. The people are found once, before their orders
// are: the segment's condition is not put to each order.
func (r *Reports) people(ctx context.Context, q Query, shops []int64, join string) (source, error) {
	chosen, err := r.segments.Compile(ctx, *q.People, segment.Scope{ShopID: q.ShopID})
	if err != nil {
		return source{}, err
	}
	sql := strings.TrimSpace("(SELECT p.id FROM crm_profiles AS p WHERE "+chosen.SQL+") AS w JOIN crm_report_orders AS r ON r.profile_id = w.id "+join) + " WHERE r.shop_id IN (?)"
	return source{sql, append(slices.Clone(chosen.Args), bun.List(shops))}, nil
}

func (r *Reports) allowed(ctx context.Context, q Query) ([]int64, error) {
	if _, err := staff.Require(ctx, staff.SeeSales); err != nil {
		return nil, err
	}
	return r.shopIDs(ctx, q.ShopID)
}
