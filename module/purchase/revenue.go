package purchase

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
)

// Totals is the sums over all orders that are not deleted.
type Totals struct {
	ByStatus map[adapters.Status]int64 // every status is present
	Revenue  []Revenue                 // largest net first, then by currency
}

// Revenue is the sums of one currency over orders in the states of [Counting].
type Revenue struct {
	Currency string
	Gross    decimal.Decimal // order totals, with tax and shipping
	Refunded decimal.Decimal
	Net      decimal.Decimal
	Orders   int64
}

// Totals adds up a shop's orders, or with shopID 0 those of all shops.
func (b *Book) Totals(ctx context.Context, shopID int64) (Totals, error) {
	var rows []struct {
		Status          string
		Currency        string
		Orders          int64
		Gross, Refunded decimal.Decimal
	}
	q := b.db.NewSelect().TableExpr("crm_orders").
		ColumnExpr("status, currency, COUNT(*) AS orders, SUM(total) AS gross, SUM(refunded) AS refunded").
		ForceIndex(byTime).
		Where("deleted_at IS NULL").
		GroupExpr("status, currency")
	if shopID != 0 {
		q = q.Where("shop_id = ?", shopID)
	}
	if err := q.Scan(ctx, &rows); err != nil {
		return Totals{}, fmt.Errorf("adding up orders: %w", err)
	}
	totals := Totals{ByStatus: make(map[adapters.Status]int64, len(adapters.Statuses))}
	for _, s := range adapters.Statuses {
		totals.ByStatus[s] = 0
	}
	sums := map[string]Revenue{}
	for _, row := range rows {
		totals.ByStatus[adapters.Status(row.Status)] += row.Orders
		if !slices.Contains(Counting, adapters.Status(row.Status)) {
			continue
		}
		sum := sums[row.Currency]
		sum.Currency = row.Currency
		sum.Gross = sum.Gross.Add(row.Gross)
		sum.Refunded = sum.Refunded.Add(row.Refunded)
		sum.Net = sum.Gross.Sub(sum.Refunded)
		sum.Orders += row.Orders
		sums[row.Currency] = sum
	}
	for _, sum := range sums {
		totals.Revenue = append(totals.Revenue, sum)
	}
	slices.SortFunc(totals.Revenue, func(x, y Revenue) int {
		if c := y.Net.Cmp(x.Net); c != 0 {
			return c
		}
		return strings.Compare(x.Currency, y.Currency)
	})
	return totals, nil
}

// Day is one calendar day's revenue.
type Day struct {
	Date   time.Time // midnight in the zone asked for
	Orders int64
	Net    decimal.Decimal
}

// Days gives the revenue of each calendar day of zone that touches [from, to), days without orders included, in order.
// Refunds count on the day of their order.
func (b *Book) Days(ctx context.Context, shopID int64, currency string, from, to time.Time, zone *time.Location) ([]Day, error) {
	if !from.Before(to) {
		return nil, nil
	}
	day, args := dayOf(from, to, zone)
	var rows []struct {
		Day    string
		Orders int64
		Net    decimal.Decimal
	}
	q := b.db.NewSelect().TableExpr("crm_orders").
		ColumnExpr("DATE_FORMAT("+day+", '%Y-%m-%d') AS day", args...).
		ColumnExpr("COUNT(*) AS orders, SUM(total - refunded) AS net").
		GroupExpr("day")
	if err := counting(q, shopID, currency, from, to).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("adding up orders by day: %w", err)
	}
	byDay := make(map[string]int, len(rows))
	for i, row := range rows {
		byDay[row.Day] = i
	}
	var days []Day
	first := from.In(zone)
	for date := time.Date(first.Year(), first.Month(), first.Day(), 0, 0, 0, 0, zone); date.Before(to); {
		one := Day{Date: date}
		if i, ok := byDay[date.Format(time.DateOnly)]; ok {
			one.Orders, one.Net = rows[i].Orders, rows[i].Net
		}
		days = append(days, one)
		date = time.Date(date.Year(), date.Month(), date.Day()+1, 0, 0, 0, 0, zone)
	}
	return days, nil
}

// dayOf gives SQL for the moment placed_at on a clock of the zone. The server's own zone tables are often not loaded, so
// the zone's few changes of offset in the period are written out.
func dayOf(from, to time.Time, zone *time.Location) (sql string, args []any) {
	var b strings.Builder
	b.WriteString("placed_at + INTERVAL CASE")
	for at := from.In(zone); ; {
		_, offset := at.Zone()
		_, end := at.ZoneBounds()
		if end.IsZero() || !end.Before(to) {
			b.WriteString(" WHEN TRUE THEN ? END SECOND")
			return b.String(), append(args, offset)
		}
		b.WriteString(" WHEN placed_at < ? THEN ?")
		args = append(args, end.UTC(), offset)
		at = end
	}
}

// Buyers splits a period's buyers by whether they had bought before it.
type Buyers struct {
	New, Returning             int64 // people
	NewOrders, ReturningOrders int64
	NewNet, ReturningNet       decimal.Decimal
}

// NewAndReturning counts the people who placed orders in [from, to). Somebody is returning who had placed an order
// before from, in any currency; the sums are of the currency asked for.
func (b *Book) NewAndReturning(ctx context.Context, shopID int64, currency string, from, to time.Time) (Buyers, error) {
	buyers := counting(b.db.NewSelect().TableExpr("crm_orders").
		ColumnExpr("profile_id, COUNT(*) AS orders, SUM(total - refunded) AS net").
		GroupExpr("profile_id"), shopID, currency, from, to)
	var rows []struct {
		Returning      bool `bun:"returning_buyer"`
		People, Orders int64
		Net            decimal.Decimal
	}
	err := b.db.NewSelect().
		ColumnExpr(`EXISTS (SELECT 1 FROM crm_orders e WHERE e.profile_id = b.profile_id AND e.placed_at < ?
			AND e.status IN (?) AND e.deleted_at IS NULL) AS returning_buyer`, from.UTC(), bun.List(Counting)).
		ColumnExpr("COUNT(*) AS people, SUM(b.orders) AS orders, SUM(b.net) AS net").
		TableExpr("(?) AS b", buyers).
		GroupExpr("returning_buyer").
		Scan(ctx, &rows)
	if err != nil {
		return Buyers{}, fmt.Errorf("counting new and returning buyers: %w", err)
	}
	var sum Buyers
	for _, row := range rows {
		if row.Returning {
			sum.Returning, sum.ReturningOrders, sum.ReturningNet = row.People, row.Orders, row.Net
		} else {
			sum.New, sum.NewOrders, sum.NewNet = row.People, row.Orders, row.Net
		}
	}
	return sum, nil
}

// counting restricts a query on crm_orders to revenue of the period. All of it is answered by crm_orders_placed alone.
func counting(q *bun.SelectQuery, shopID int64, currency string, from, to time.Time) *bun.SelectQuery {
	q = q.ForceIndex(byTime).Where("placed_at >= ?", from.UTC()).Where("placed_at < ?", to.UTC()).
		Where("deleted_at IS NULL").
		Where("status IN (?)", bun.List(Counting)).
		Where("currency = ?", currency)
	if shopID != 0 {
		q = q.Where("shop_id = ?", shopID)
	}
	return q
}

// Counts is how much is mirrored of orders that are not deleted.
type Counts struct {
	Orders, Lines, Refunds int64
}

// Counts counts a shop's orders, or with shopID 0 those of all shops, with their lines and refunds.
func (b *Book) Counts(ctx context.Context, shopID int64) (Counts, error) {
	q := b.db.NewSelect().TableExpr("crm_orders").
		ColumnExpr("COUNT(*), COALESCE(SUM(line_count), 0), COALESCE(SUM(refund_count), 0)").
		ForceIndex(byTime).
		Where("deleted_at IS NULL")
	if shopID != 0 {
		q = q.Where("shop_id = ?", shopID)
	}
	var n Counts
	if err := q.Scan(ctx, &n.Orders, &n.Lines, &n.Refunds); err != nil {
		return Counts{}, fmt.Errorf("counting orders: %w", err)
	}
	return n, nil
}
