package report

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
)

// Period is what one step of time brought.
type Period struct {
	From, To time.Time // within the frame; zero for orders without a time
	New      Sum       // first orders
	Repeat   Sum       // later ones
	Reduced  Sum       // of both, those with a discount or a coupon
	Discount decimal.Decimal
}

// All is the period's orders.
func (p Period) All() Sum { return p.New.Add(p.Repeat) }

// Full is the orders without a discount.
func (p Period) Full() Sum { return p.All().less(p.Reduced) }

// add gives both together, with p's days.
func (p Period) add(q Period) Period {
	p.New, p.Repeat, p.Reduced, p.Discount = p.New.Add(q.New), p.Repeat.Add(q.Repeat), p.Reduced.Add(q.Reduced), p.Discount.Add(q.Discount)
	return p
}

// Total adds periods up.
func Total(periods []Period) (sum Period) {
	for i, p := range periods {
		if sum = sum.add(p); i == 0 {
			sum.From = p.From
		}
		sum.To = p.To
	}
	return sum
}

type saleRow struct {
	Day             time.Time
	Repeated        bool
	Country         string
	Orders          int64
	Gross           decimal.Decimal
	Refunded        decimal.Decimal
	ReducedOrders   int64
	ReducedGross    decimal.Decimal
	ReducedRefunded decimal.Decimal
	Discount        decimal.Decimal
}

const saleSums = `SUM(c.orders) AS orders, SUM(c.gross) AS gross, SUM(c.refunded) AS refunded, SUM(c.reduced_orders) AS reduced_orders,
	SUM(c.reduced_gross) AS reduced_gross, SUM(c.reduced_refunded) AS reduced_refunded, SUM(c.discount) AS discount`

func (r saleRow) period() Period {
	p := Period{Reduced: Sum{r.ReducedOrders, r.ReducedGross, r.ReducedRefunded}, Discount: r.Discount}
	if sum := (Sum{r.Orders, r.Gross, r.Refunded}); r.Repeated {
		p.Repeat = sum
	} else {
		p.New = sum
	}
	return p
}

// Sales gives sales over time, steps without orders included. In all time orders without a time come first, if there are any,
// and steps reach from the first order to the last.
func (r *Reports) Sales(ctx context.Context, q Query, step Step) ([]Period, error) {
	s, err := r.days(ctx, q)
	if err != nil {
		return nil, err
	}
	var rows []saleRow
	if err := r.db.NewRaw("SELECT c.day, c.repeated, "+saleSums+" FROM "+s.sql+" GROUP BY c.day, c.repeated ORDER BY c.day", s.args...).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("reading sales: %w", err)
	}
	var periods []Period
	for len(rows) > 0 && rows[0].Day.Equal(undated) {
		if periods == nil {
			periods = []Period{{}}
		}
		periods[0] = periods[0].add(rows[0].period())
		rows = rows[1:]
	}
	from, to := q.Frame.From, q.Frame.To
	if len(rows) > 0 {
		if from.IsZero() {
			from = rows[0].Day
		}
		if to.IsZero() {
			to = rows[len(rows)-1].Day
		}
	}
	if from.IsZero() || to.IsZero() || to.Before(from) {
		return periods, nil
	}
	for begin := step.begin(from); !begin.After(to); begin = step.next(begin) {
		p := Period{From: begin, To: step.next(begin).AddDate(0, 0, -1)}
		for len(rows) > 0 && !rows[0].Day.After(p.To) {
			p, rows = p.add(rows[0].period()), rows[1:]
		}
		if p.From.Before(from) {
			p.From = from
		}
		if p.To.After(to) {
			p.To = to
		}
		periods = append(periods, p)
	}
	return periods, nil
}

// Country is what went to one.
type Country struct {
	Code        string // ISO 3166-1; empty: not known
	New, Repeat Sum
}

// All is the country's orders.
func (c Country) All() Sum { return c.New.Add(c.Repeat) }

// Countries gives what went where, most net revenue first.
func (r *Reports) Countries(ctx context.Context, q Query) ([]Country, error) {
	s, err := r.days(ctx, q)
	if err != nil {
		return nil, err
	}
	var rows []saleRow
	err = r.db.NewRaw("SELECT c.country, c.repeated, "+saleSums+" FROM "+s.sql+" GROUP BY c.country, c.repeated ORDER BY SUM(SUM(c.gross - c.refunded)) OVER (PARTITION BY c.country) DESC, c.country, c.repeated", s.args...).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("reading sales by country: %w", err)
	}
	var countries []Country
	for _, row := range rows {
		if n := len(countries); n == 0 || countries[n-1].Code != row.Country {
			countries = append(countries, Country{Code: row.Country})
		}
		last, p := &countries[len(countries)-1], row.period()
		last.New, last.Repeat = last.New.Add(p.New), last.Repeat.Add(p.Repeat)
	}
	return countries, nil
}
