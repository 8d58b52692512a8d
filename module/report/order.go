package report

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/purchase"
)

// orderRow is one order that counts, with its place among those of its person in its shop.
type orderRow struct {
	bun.BaseModel `bun:"table:crm_report_orders"`

	ProfileID int64           `bun:"profile_id,pk"`
	OrderID   int64           `bun:"order_id,pk"`
	ShopID    int64           `bun:"shop_id"`
	Currency  string          `bun:"currency"`
	Country   string          `bun:"country"`
	Day       time.Time       `bun:"day"`
	FirstDay  time.Time       `bun:"first_day"` // of the person's first order in the shop
	Nth       int             `bun:"nth"`       // 1 is the first
	Again     bool            `bun:"again"`     // there is a later one
	Gross     decimal.Decimal `bun:"gross"`
	Refunded  decimal.Decimal `bun:"refunded"`
	Discount  decimal.Decimal `bun:"discount"`
	Reduced   bool            `bun:"reduced"`  // by a discount or a coupon
	LineSum   uint64          `bun:"line_sum"` // tells whether the lines are still the same
}

func (r orderRow) same(s orderRow) bool {
	return r.ProfileID == s.ProfileID && r.OrderID == s.OrderID && r.ShopID == s.ShopID && r.Currency == s.Currency && r.Country == s.Country &&
		r.Day.Equal(s.Day) && r.FirstDay.Equal(s.FirstDay) && r.Nth == s.Nth && r.Again == s.Again &&
		r.Gross.Equal(s.Gross) && r.Refunded.Equal(s.Refunded) && r.Discount.Equal(s.Discount) && r.Reduced == s.Reduced && r.LineSum == s.LineSum
}

// soldRow is an order as the shop has it.
type soldRow struct {
	ID, ProfileID, ShopID     int64
	Currency, Country         string
	PlacedAt                  *time.Time
	Total, Refunded, Discount decimal.Decimal
	Reduced                   bool
	LineSum                   uint64
}

// sold reads what the orders of a scope say, by profile and shop, in the order in which they were placed, those without a
// time last.
func (r *Reports) sold(ctx context.Context, tx bun.IDB, s scope) ([]orderRow, error) {
	zones, err := r.zones(ctx, tx)
	if err != nil {
		return nil, err
	}
	var rows []soldRow
	err = tx.NewRaw(`SELECT o.id, o.profile_id, o.shop_id, o.currency, o.country, o.placed_at, o.total, o.refunded, o.discount, o.discount > 0 OR o.coupons <> '' AS reduced,
			(SELECT CAST(COALESCE(SUM(CRC32(CONCAT_WS('/', l.position, COALESCE(l.product_id, 0), l.quantity, l.total))), 0) AS UNSIGNED) FROM crm_order_lines l WHERE l.order_id = o.id) AS line_sum
		FROM crm_orders o WHERE `+s.on("o.profile_id")+` AND o.status IN (?) AND o.deleted_at IS NULL`,
		append(slices.Clone(s.args), bun.List(purchase.Counting))...).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("reading orders for the reports: %w", err)
	}
	slices.SortFunc(rows, func(a, b soldRow) int {
		return cmp.Or(cmp.Compare(a.ProfileID, b.ProfileID), cmp.Compare(a.ShopID, b.ShopID), earlier(a.PlacedAt, b.PlacedAt), cmp.Compare(a.ID, b.ID))
	})
	sold := make([]orderRow, len(rows))
	for i, o := range rows {
		sold[i] = orderRow{ProfileID: o.ProfileID, OrderID: o.ID, ShopID: o.ShopID, Currency: o.Currency, Country: o.Country, Day: undated, Nth: 1,
			Gross: o.Total, Refunded: o.Refunded, Discount: o.Discount, Reduced: o.Reduced, LineSum: o.LineSum}
		if o.PlacedAt != nil {
			sold[i].Day = Day(*o.PlacedAt, cmp.Or(zones[o.ShopID], time.UTC))
		}
		sold[i].FirstDay = sold[i].Day
		if i > 0 && sold[i-1].ProfileID == o.ProfileID && sold[i-1].ShopID == o.ShopID {
			sold[i].Nth, sold[i].FirstDay = sold[i-1].Nth+1, sold[i-1].FirstDay
			sold[i-1].Again = true
		}
	}
	return sold, nil
}

// earlier compares two moments; none is the latest.
func earlier(a, b *time.Time) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return a.Compare(*b)
}
