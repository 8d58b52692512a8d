package report

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// row is a sum: what it is of, what it says, and the columns of what it says.
type row interface {
	key() string
	text() string
	columns() []string
}

// mend makes the table say what is, where it said what was, and says how many rows that changed. Rows that stay as they are
// cost no write.
func mend[R row](ctx context.Context, tx bun.IDB, was, is []R) (changed int64, err error) {
	before := make(map[string]R, len(was))
	for _, one := range was {
		before[one.key()] = one
	}
	var write []R
	for _, one := range is {
		old, there := before[one.key()]
		delete(before, one.key())
		if !there || old.text() != one.text() {
			write = append(write, one)
		}
	}
	for _, gone := range before {
		if _, err := tx.NewDelete().Model(&gone).WherePK().Exec(ctx); err != nil {
			return 0, fmt.Errorf("taking a sum away: %w", err)
		}
	}
	for part := range slices.Chunk(write, writtenMax) {
		insert := tx.NewInsert().Model(&part).On("DUPLICATE KEY UPDATE")
		for _, column := range part[0].columns() {
			insert = insert.Set("? = VALUES(?)", bun.Ident(column), bun.Ident(column))
		}
		if _, err := insert.Exec(ctx); err != nil {
			return 0, fmt.Errorf("writing sums: %w", err)
		}
	}
	return int64(len(write) + len(before)), nil
}

func joined(values ...any) string {
	var b strings.Builder
	for _, v := range values {
		switch v := v.(type) {
		case time.Time:
			b.WriteString(v.Format(time.DateOnly))
		default:
			fmt.Fprint(&b, v)
		}
		b.WriteByte('|')
	}
	return b.String()
}

func (r dayRow) key() string { return joined(r.ShopID, r.Day, r.Currency, r.Country, r.Repeated) }
func (r dayRow) text() string {
	return joined(r.Orders, r.Gross, r.Refunded, r.ReducedOrders, r.ReducedGross, r.ReducedRefunded, r.Discount)
}
func (r dayRow) columns() []string {
	return []string{"orders", "gross", "refunded", "reduced_orders", "reduced_gross", "reduced_refunded", "discount"}
}

func (r productRow) key() string { return joined(r.ShopID, r.Grain, r.Day, r.Currency, r.ProductID) }
func (r productRow) text() string {
	return joined(r.Orders, r.Quantity, r.Gross, r.Net, r.Rebought, r.Firsts, r.Returned)
}
func (r productRow) columns() []string {
	return []string{"orders", "quantity", "gross", "net", "rebought", "firsts", "returned"}
}

func (r cohortRow) key() string       { return joined(r.ShopID, r.Cohort, r.Currency, r.Later) }
func (r cohortRow) text() string      { return joined(r.People, r.Orders, r.Net) }
func (r cohortRow) columns() []string { return []string{"people", "orders", "net"} }

func (r secondRow) key() string       { return joined(r.ShopID, r.Cohort, r.Days) }
func (r secondRow) text() string      { return joined(r.People) }
func (r secondRow) columns() []string { return []string{"people"} }
