package report

import (
	"context"
	"fmt"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/store"
)

// cut is a part of the sums that is made as a whole.
type cut struct {
	kind   string
	shopID int64
	day    time.Time // of a month or a cohort the first
}

// The kinds. They are taken in this order: months are made of days.
const (
	cutCohort = "cohort" // crm_report_cohorts and crm_report_seconds of those whose first order was in a month
	cutDay    = "day"    // crm_report_days and crm_report_products of a day
	cutMonth  = "month"  // crm_report_products of a month
)

// Grains of crm_report_products: long frames read months.
const (
	grainDay   = "d"
	grainMonth = "m"
)

// settle makes all marked cuts anew, and says how many sums it wrote. progress, which may be nil, is told of cuts done and left.
func (r *Reports) settle(ctx context.Context, progress func(done, all int64)) (wrote int64, err error) {
	var done, all int64
	if progress != nil {
		if err := r.db.NewRaw("SELECT COUNT(*) FROM crm_report_stale").Scan(ctx, &all); err != nil {
			return 0, fmt.Errorf("counting the sums to make anew: %w", err)
		}
	}
	for {
		n, there, err := r.settleOne(ctx)
		if err != nil || !there {
			return wrote, err
		}
		wrote += n
		if done++; progress != nil {
			progress(min(done, all), all)
		}
	}
}

func (r *Reports) settleOne(ctx context.Context) (wrote int64, there bool, err error) {
	err = store.InTx(ctx, r.db, func(ctx context.Context, tx bun.Tx) error {
		wrote, there = 0, false
		var rows []struct {
			Cut    string
			ShopID int64
			Day    time.Time
		}
		err := tx.NewRaw("SELECT cut, shop_id, day FROM crm_report_stale ORDER BY cut, shop_id, day LIMIT 1 FOR UPDATE SKIP LOCKED").Scan(ctx, &rows)
		if err != nil {
			return fmt.Errorf("reading which sums to make anew: %w", err)
		}
		if there = len(rows) > 0; !there {
			return nil
		}
		c := cut{rows[0].Cut, rows[0].ShopID, rows[0].Day}
		addUp := map[string]func(context.Context, bun.IDB, cut) (int64, error){cutCohort: r.makeCohort, cutDay: r.makeDay, cutMonth: r.makeMonth}[c.kind]
		if wrote, err = addUp(ctx, tx, c); err != nil {
			return fmt.Errorf("adding up the %s %s of shop %d: %w", c.kind, c.day.Format(time.DateOnly), c.shopID, err)
		}
		_, err = tx.NewRaw("DELETE FROM crm_report_stale WHERE cut = ? AND shop_id = ? AND day = ?", c.kind, c.shopID, c.day.Format(time.DateOnly)).Exec(ctx)
		return err
	})
	return wrote, there, err
}

type dayRow struct {
	bun.BaseModel `bun:"table:crm_report_days"`

	ShopID          int64           `bun:"shop_id,pk"`
	Day             time.Time       `bun:"day,pk"`
	Currency        string          `bun:"currency,pk"`
	Country         string          `bun:"country,pk"`
	Repeated        bool            `bun:"repeated,pk"`
	Orders          int64           `bun:"orders"`
	Gross           decimal.Decimal `bun:"gross"`
	Refunded        decimal.Decimal `bun:"refunded"`
	ReducedOrders   int64           `bun:"reduced_orders"`
	ReducedGross    decimal.Decimal `bun:"reduced_gross"`
	ReducedRefunded decimal.Decimal `bun:"reduced_refunded"`
	Discount        decimal.Decimal `bun:"discount"`
}

// dayCells adds up crm_report_orders, under the alias r, as crm_report_days has it: %s is what stands between FROM and GROUP BY.
const dayCells = `SELECT r.shop_id, r.day, r.currency, r.country, r.nth > 1 AS repeated, COUNT(*) AS orders, SUM(r.gross) AS gross, SUM(r.refunded) AS refunded,
	SUM(r.reduced) AS reduced_orders, SUM(IF(r.reduced, r.gross, 0)) AS reduced_gross, SUM(IF(r.reduced, r.refunded, 0)) AS reduced_refunded, SUM(r.discount) AS discount
	FROM %s GROUP BY r.shop_id, r.day, r.currency, r.country, repeated`

type productRow struct {
	bun.BaseModel `bun:"table:crm_report_products"`

	ShopID    int64           `bun:"shop_id,pk"`
	Grain     string          `bun:"grain,pk"`
	Day       time.Time       `bun:"day,pk"`
	Currency  string          `bun:"currency,pk"`
	ProductID int64           `bun:"product_id,pk"` // 0: lines that are no product of the catalogue
	Orders    int64           `bun:"orders"`
	Quantity  decimal.Decimal `bun:"quantity"`
	Gross     decimal.Decimal `bun:"gross"`
	Net       decimal.Decimal `bun:"net"`
	Rebought  int64           `bun:"rebought"` // orders of people who had ordered it before
	Firsts    int64           `bun:"firsts"`   // first orders
	Returned  int64           `bun:"returned"` // first orders of people who came again
}

// rebought counts orders of people who had ordered the product before. For a whole segment that takes too long.
const (
	rebought = `SUM(c.nth > 1 AND EXISTS (SELECT 1 FROM crm_report_orders e JOIN crm_order_lines m ON m.order_id = e.order_id
		WHERE e.profile_id = c.profile_id AND e.shop_id = c.shop_id AND e.nth < c.nth AND m.product_id = c.product_id))`
	unknown = "0"
)

// productCells adds up the lines of orders as crm_report_products has a day, with the sum of rebought orders filled in first.
// Lines of one product in one order count as one.
const productCells = `SELECT c.shop_id, 'd' AS grain, c.day, c.currency, c.product_id, COUNT(*) AS orders, SUM(c.quantity) AS quantity, SUM(c.gross) AS gross,
		SUM(IF(c.total = 0, 0, ROUND(c.gross * (c.total - c.refunded) / c.total, 2))) AS net,
		%s AS rebought,
		SUM(c.nth = 1) AS firsts, SUM(c.nth = 1 AND c.again) AS returned
	FROM (SELECT r.shop_id, r.day, r.currency, r.order_id, r.profile_id, r.nth, r.again, r.gross AS total, r.refunded, COALESCE(l.product_id, 0) AS product_id,
			SUM(l.quantity) AS quantity, SUM(l.total) AS gross
		FROM %s GROUP BY r.order_id, COALESCE(l.product_id, 0)) c
	GROUP BY c.shop_id, c.day, c.currency, c.product_id`

// withLines is the order's lines, for productCells.
const withLines = "JOIN crm_order_lines l ON l.order_id = r.order_id"

func (r *Reports) makeDay(ctx context.Context, tx bun.IDB, c cut) (wrote int64, err error) {
	var days, daysWere []dayRow
	const here = " WHERE r.shop_id = ? AND r.day = ?"
	if err := tx.NewRaw(fmt.Sprintf(dayCells, "crm_report_orders r"+here), c.shopID, c.day).Scan(ctx, &days); err != nil {
		return 0, err
	}
	if err := tx.NewSelect().Model(&daysWere).Where("shop_id = ? AND day = ?", c.shopID, c.day).Scan(ctx); err != nil {
		return 0, err
	}
	if wrote, err = mend(ctx, tx, daysWere, days); err != nil {
		return 0, err
	}
	var products []productRow
	if err := tx.NewRaw(fmt.Sprintf(productCells, rebought, "crm_report_orders r "+withLines+here), c.shopID, c.day).Scan(ctx, &products); err != nil {
		return 0, err
	}
	n, err := r.mendProducts(ctx, tx, c, grainDay, products)
	if err != nil || n == 0 {
		return wrote, err
	}
	return wrote + n, doubt(ctx, tx, map[cut]bool{{cutMonth, c.shopID, monthOf(c.day)}: true})
}

func (r *Reports) mendProducts(ctx context.Context, tx bun.IDB, c cut, grain string, is []productRow) (int64, error) {
	var was []productRow
	if err := tx.NewSelect().Model(&was).Where("shop_id = ? AND grain = ? AND day = ?", c.shopID, grain, c.day).Scan(ctx); err != nil {
		return 0, err
	}
	return mend(ctx, tx, was, is)
}

func (r *Reports) makeMonth(ctx context.Context, tx bun.IDB, c cut) (int64, error) {
	var is []productRow
	err := tx.NewRaw(`SELECT shop_id, 'm' AS grain, ? AS day, currency, product_id, SUM(orders) AS orders, SUM(quantity) AS quantity, SUM(gross) AS gross, SUM(net) AS net,
			SUM(rebought) AS rebought, SUM(firsts) AS firsts, SUM(returned) AS returned
		FROM crm_report_products WHERE shop_id = ? AND grain = 'd' AND day >= ? AND day < ? GROUP BY currency, product_id`,
		c.day.Format(time.DateOnly), c.shopID, c.day, c.day.AddDate(0, 1, 0)).Scan(ctx, &is)
	if err != nil {
		return 0, err
	}
	for i := range is {
		is[i].Day = c.day
	}
	return r.mendProducts(ctx, tx, c, grainMonth, is)
}

type cohortRow struct {
	bun.BaseModel `bun:"table:crm_report_cohorts"`

	ShopID   int64           `bun:"shop_id,pk"`
	Cohort   time.Time       `bun:"cohort,pk"`
	Currency string          `bun:"currency,pk"` // empty: whatever they paid in; Net is 0 then
	Later    int             `bun:"later,pk"`    // months after the first order's
	People   int64           `bun:"people"`      // who ordered in that month
	Orders   int64           `bun:"orders"`
	Net      decimal.Decimal `bun:"net"`
}

// laterMonths is how many months after the first order's month an order was; one without a time counts as in it.
const laterMonths = "IF(r.day < '1001-01-01', 0, 12 * (YEAR(r.day) - YEAR(r.first_day)) + MONTH(r.day) - MONTH(r.first_day))"

// cohortCells adds up crm_report_orders as crm_report_cohorts has it: %s is what stands between FROM and GROUP BY. The rollup's
// rows are those of whatever currency; they have no net, for currencies are never added up.
const cohortCells = "SELECT t.shop_id, t.cohort, COALESCE(t.currency, '') AS currency, t.later, t.people, t.orders, IF(t.currency IS NULL, 0, t.net) AS net FROM (" +
	"SELECT r.shop_id, CAST(DATE_FORMAT(r.first_day, '%%Y-%%m-01') AS DATE) AS cohort, " + laterMonths + " AS later, r.currency, " +
	"COUNT(DISTINCT r.profile_id) AS people, COUNT(*) AS orders, SUM(r.gross - r.refunded) AS net FROM %s GROUP BY r.shop_id, cohort, later, r.currency WITH ROLLUP HAVING later IS NOT NULL) t"

type secondRow struct {
	bun.BaseModel `bun:"table:crm_report_seconds"`

	ShopID int64     `bun:"shop_id,pk"`
	Cohort time.Time `bun:"cohort,pk"`
	Days   int       `bun:"days,pk"` // from the first order to the second; -1: everybody, also those without a second
	People int64     `bun:"people"`
}

// secondCells counts people by how long they took. %s is what stands between FROM and GROUP BY, with a WHERE.
const secondCells = "SELECT r.shop_id, CAST(DATE_FORMAT(r.first_day, '%%Y-%%m-01') AS DATE) AS cohort, IF(r.nth = 1, -1, DATEDIFF(r.day, r.first_day)) AS days, COUNT(*) AS people " +
	"FROM %s AND (r.nth = 1 OR r.nth = 2 AND r.day > '1001-01-01') GROUP BY r.shop_id, cohort, days"

func (r *Reports) makeCohort(ctx context.Context, tx bun.IDB, c cut) (int64, error) {
	const here = "crm_report_orders r WHERE r.shop_id = ? AND r.first_day >= ? AND r.first_day < ?"
	args := []any{c.shopID, c.day, c.day.AddDate(0, 1, 0)}
	var cohorts, cohortsWere []cohortRow
	if err := tx.NewRaw(fmt.Sprintf(cohortCells, here), args...).Scan(ctx, &cohorts); err != nil {
		return 0, err
	}
	if err := tx.NewSelect().Model(&cohortsWere).Where("shop_id = ? AND cohort = ?", c.shopID, c.day).Scan(ctx); err != nil {
		return 0, err
	}
	wrote, err := mend(ctx, tx, cohortsWere, cohorts)
	if err != nil {
		return 0, err
	}
	var seconds, secondsWere []secondRow
	if err := tx.NewRaw(fmt.Sprintf(secondCells, here), args...).Scan(ctx, &seconds); err != nil {
		return 0, err
	}
	if err := tx.NewSelect().Model(&secondsWere).Where("shop_id = ? AND cohort = ?", c.shopID, c.day).Scan(ctx); err != nil {
		return 0, err
	}
	n, err := mend(ctx, tx, secondsWere, seconds)
	return wrote + n, err
}
