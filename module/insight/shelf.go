package insight

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
)

// kept is the condition that what the order under alias o brought was kept: neither the order nor all of its money went
// back. Its argument is keptStatuses.
const kept = "o.deleted_at IS NULL AND o.status IN (?) AND (o.refunded < o.total OR o.total = 0)"

var keptStatuses = bun.List([]adapters.Status{adapters.StatusPaid, adapters.StatusCompleted})

// shelf is who of one shop bought what on which days, by person, product and day, each once. It takes twelve bytes for each.
type shelf struct {
	people   []int64          // profiles, ascending
	products []int64          // as they came
	numbers  map[int64]uint32 // of products
	bought   []bought
}

type bought struct {
	person  int32
	product uint32
	day     int32
}

// stock reads what a scope bought up to the day until.
func (f *Facts) stock(ctx context.Context, s scope, until int32, shops map[int64]*shelf) error {
	type line struct {
		shop, profile, product int64
		day                    int32
	}
	rows, err := f.db.QueryContext(ctx, `SELECT o.shop_id, o.profile_id, l.product_id, TO_DAYS(o.placed_at) - ?
		FROM crm_orders o JOIN crm_order_lines l ON l.order_id = o.id
		WHERE `+s.on("o.profile_id")+` AND o.placed_at >= '1970-01-01' AND o.placed_at < ? AND l.product_id IS NOT NULL AND `+kept,
		slices.Concat([]any{epoch}, s.args, []any{dateOf(until + 1), keptStatuses})...)
	if err != nil {
		return fmt.Errorf("reading what people bought: %w", err)
	}
	defer rows.Close()
	var lines []line
	for rows.Next() {
		var l line
		if err := rows.Scan(&l.shop, &l.profile, &l.product, &l.day); err != nil {
			return fmt.Errorf("reading what people bought: %w", err)
		}
		lines = append(lines, l)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading what people bought: %w", err)
	}
	slices.SortFunc(lines, func(a, b line) int {
		return cmp.Or(cmp.Compare(a.profile, b.profile), cmp.Compare(a.product, b.product), cmp.Compare(a.day, b.day))
	})
	for _, l := range slices.Compact(lines) {
		if shops[l.shop] == nil {
			shops[l.shop] = &shelf{numbers: map[int64]uint32{}}
		}
		shops[l.shop].add(l.profile, l.product, l.day)
	}
	return nil
}

func (s *shelf) add(profile, product int64, day int32) {
	if n := len(s.people); n == 0 || s.people[n-1] != profile {
		s.people = append(s.people, profile)
	}
	number, known := s.numbers[product]
	if !known {
		number = uint32(len(s.products))
		s.numbers[product], s.products = number, append(s.products, product)
	}
	s.bought = append(s.bought, bought{int32(len(s.people) - 1), number, day})
}

// habit is the days on which somebody bought a product, ascending. They are true until the next is asked for.
type habit struct {
	person  int32
	product uint32
	days    []int32
}

// habits goes over everybody's products.
func (s *shelf) habits() iter.Seq[habit] {
	return func(yield func(habit) bool) {
		var h habit
		for i, b := range s.bought {
			if i > 0 && (b.person != h.person || b.product != h.product) {
				if !yield(h) {
					return
				}
				h.days = h.days[:0]
			}
			h.person, h.product, h.days = b.person, b.product, append(h.days, b.day)
		}
		if len(h.days) > 0 {
			yield(h)
		}
	}
}
