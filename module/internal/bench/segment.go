package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/segment"
)

// counting is the condition that an order counts, as purchase.Counting has it.
const counting = "o.status IN ('paid', 'completed', 'refunded') AND o.deleted_at IS NULL"

// question is asked twice: as a tree, and in SQL as somebody would write it who knows the tables and these figures.
type question struct {
	name string
	tree string
	// from names crm_profiles as p; where may use granted.profile_id, which is NULL for who has not granted the newsletter.
	from, where string
	args        []any // of from and then of where
}

// segmentRuns is how often each side is asked, in turns.
const segmentRuns = 7

// segments asks typical questions of both sides, which must find the same people and the same number who may be mailed.
func (b *bench) segments(ctx context.Context) error {
	now := time.Now().UTC().Truncate(time.Microsecond)
	segments, err := segment.New(b.db, segment.Config{Clock: func() time.Time { return now }}) // both sides count days from one moment
	if err != nil {
		return err
	}
	shelves, err := b.shelves(ctx)
	if err != nil {
		return err
	}
	var ours, theirs time.Duration
	list := shelves.questions(b.shop.ID, now)
	for i, q := range list {
		b.Progress("segments", int64(i), int64(len(list)))
		tree, err := segments.Parse([]byte(q.tree))
		if err != nil {
			return fmt.Errorf("%s: %w", q.name, err)
		}
		var kupec, plain sample
		var count segment.Count
		var found answer
		for range segmentRuns {
			err := kupec.timed(func() (err error) {
				count, err = segments.Count(ctx, tree, b.shop.ID, "")
				return err
			})
			if err != nil {
				return fmt.Errorf("%s: %w", q.name, err)
			}
			err = plain.timed(func() (err error) {
				found, err = b.ask(ctx, q)
				return err
			})
			if err != nil {
				return fmt.Errorf("%s, by hand: %w", q.name, err)
			}
			if found.Profiles != count.Profiles || found.Mailable != count.Mailable {
				return fmt.Errorf("%s: Kupec counts %d people of whom %d may be mailed, SQL written by hand %d and %d",
					q.name, count.Profiles, count.Mailable, found.Profiles, found.Mailable)
			}
		}
		ours, theirs = ours+kupec.median(), theirs+plain.median()
		b.add(Measure{Part: PartSegments, Name: q.name, Unit: "ms", Better: lower, Kupec: millis(kupec.median()),
			Against: "SQL by hand", Comparison: millis(plain.median()),
			Settings: map[string]any{"profiles": count.Profiles, "mailable": count.Mailable}})
	}
	b.add(Measure{Part: PartSegments, Name: "all of these", Unit: "ms", Better: lower, Kupec: millis(ours),
		Against: "SQL by hand", Comparison: millis(theirs), Settings: map[string]any{"questions": len(list), "runs": segmentRuns}})
	return b.mixed(ctx, shelves.coffee[0], shelves.care[0], shelves.products)
}

type answer struct{ Profiles, Mailable int64 }

func (b *bench) ask(ctx context.Context, q question) (a answer, err error) {
	args := append([]any{}, q.args[:q.inFrom()]...)
	args = append(args, b.shop.ID)
	args = append(args, q.args[q.inFrom():]...)
	err = b.db.NewRaw(`SELECT COUNT(*) AS profiles, COALESCE(SUM(p.email IS NOT NULL AND granted.profile_id IS NOT NULL AND su.email_hash IS NULL), 0) AS mailable
		FROM `+q.from+`
		LEFT JOIN crm_consent_states granted ON granted.profile_id = p.id AND granted.topic = 'newsletter' AND granted.shop_id = ? AND granted.state = 'granted'
		LEFT JOIN crm_suppressions su ON su.email_hash = IF(granted.profile_id IS NULL, NULL, UNHEX(SHA2(p.email, 256)))
		WHERE p.merged_into IS NULL AND p.erased_at IS NULL AND `+q.where, args...).Scan(ctx, &a)
	return a, err
}

// inFrom is how many of the arguments are those of from.
func (q question) inFrom() (n int) {
	for _, c := range q.from {
		if c == '?' {
			n++
		}
	}
	return n
}

// shelves is what questions name: categories with those below them, and what is in them. It is found out once, as a person
// writing SQL would.
type shelves struct {
	coffee, care                 []int64 // categories
	coffeeProducts, careProducts []int64
	products                     []int64 // the two bought most
}

func (b *bench) shelves(ctx context.Context) (s shelves, err error) {
	for slug, into := range map[string]*[]int64{"coffee": &s.coffee, "care-filters": &s.care} {
		if *into, err = b.categories(ctx, slug); err != nil {
			return s, err
		}
	}
	for from, into := range map[*[]int64]*[]int64{&s.coffee: &s.coffeeProducts, &s.care: &s.careProducts} {
		if err := b.db.NewRaw("SELECT DISTINCT product_id FROM crm_product_categories WHERE category_id IN (?) ORDER BY product_id", bun.List(*from)).Scan(ctx, into); err != nil {
			return s, err
		}
	}
	err = b.db.NewRaw("SELECT product_id FROM crm_bought GROUP BY product_id ORDER BY COUNT(*) DESC, product_id LIMIT 2").Scan(ctx, &s.products)
	if err == nil && len(s.products) < 2 {
		err = fmt.Errorf("too few products were bought")
	}
	return s, err
}

// questions gives what a shop of this kind would ask.
func (s shelves) questions(shopID int64, now time.Time) []question {
	ago := func(days int) time.Time { return now.Add(-time.Duration(days) * 24 * time.Hour) }
	const bought = "(SELECT 1 FROM crm_bought w WHERE w.profile_id = p.id AND w.product_id IN (?))"
	return []question{
		{
			name:  "two orders in 90 days, coffee, never care, consenting",
			tree:  fmt.Sprintf(`{"all":[{"is":"orders","at_least":2,"days":90},{"is":"bought","category":%d},{"is":"not_bought","category":%d},{"is":"consent"}]}`, s.coffee[0], s.care[0]),
			from:  "crm_latest_orders y JOIN crm_profiles p ON p.id = y.profile_id",
			where: "y.place = 2 AND y.placed_at >= ? AND granted.profile_id IS NOT NULL AND EXISTS " + bought + " AND NOT EXISTS " + bought,
			args:  []any{ago(90), bun.List(s.coffeeProducts), bun.List(s.careProducts)},
		},
		{
			name: "spent 300 EUR in a year",
			tree: `{"is":"spent","at_least":"300","currency":"EUR","days":365}`,
			// The index holds all that is asked of an order; without the hint MariaDB 10.11 looks up each person's orders instead.
			from:  "(SELECT o.profile_id FROM crm_orders o FORCE INDEX (crm_orders_placed) WHERE " + counting + " AND o.placed_at >= ? AND o.currency = 'EUR' GROUP BY o.profile_id HAVING SUM(o.total - o.refunded) >= 300) a JOIN crm_profiles p ON p.id = a.profile_id",
			where: "TRUE", args: []any{ago(365)},
		},
		{
			name:  "lapsed: two orders, none for 180 days",
			tree:  `{"all":[{"is":"orders","at_least":2},{"is":"last_order","over":180}]}`,
			from:  "crm_facts f JOIN crm_profiles p ON p.id = f.profile_id",
			where: "f.orders >= 2 AND f.last_order_at < ?", args: []any{ago(180)},
		},
		{
			name:  "first order within 60 days, no second",
			tree:  `{"all":[{"is":"orders","exactly":1},{"is":"first_order","within":60}]}`,
			from:  "crm_facts f JOIN crm_profiles p ON p.id = f.profile_id",
			where: "f.orders = 1 AND f.last_order_at >= ?", args: []any{ago(60)}, // of one order first and last are the same, and last has the index
		},
		{
			name:  "registered within 30 days, no order",
			tree:  `{"all":[{"is":"registered","within":30},{"is":"orders","exactly":0}]}`,
			from:  "crm_profiles p",
			where: "p.registered_at >= ? AND NOT EXISTS (SELECT 1 FROM crm_facts f WHERE f.profile_id = p.id AND f.orders >= 1)", args: []any{ago(30)},
		},
		{
			name:  "buyers in Germany, Austria and Croatia",
			tree:  `{"all":[{"is":"country","in":["DE","AT","HR"]},{"is":"orders","at_least":1}]}`,
			from:  "crm_profiles p JOIN crm_facts f ON f.profile_id = p.id",
			where: "p.country IN ('DE', 'AT', 'HR') AND f.orders >= 1",
		},
		{
			name:  "loyal or slipping",
			tree:  `{"is":"stage","in":["loyal","slipping"]}`,
			from:  "crm_facts f JOIN crm_profiles p ON p.id = f.profile_id",
			where: "f.stage IN ('loyal', 'slipping')",
		},
		{
			name:  "one product in a year, never another",
			tree:  fmt.Sprintf(`{"all":[{"is":"bought","product":%d,"days":365},{"is":"not_bought","product":%d}]}`, s.products[0], s.products[1]),
			from:  "crm_bought a JOIN crm_profiles p ON p.id = a.profile_id",
			where: "a.product_id = ? AND a.last_at >= ? AND NOT EXISTS (SELECT 1 FROM crm_bought w WHERE w.profile_id = p.id AND w.product_id = ?)",
			args:  []any{s.products[0], ago(365), s.products[1]},
		},
		{
			name:  "spent 250 EUR or ordered five times, not withdrawn",
			tree:  `{"all":[{"any":[{"is":"spent","at_least":"250","currency":"EUR"},{"is":"orders","at_least":5}]},{"not":{"is":"consent","state":"withdrawn"}}]}`,
			from:  "crm_facts f JOIN crm_profiles p ON p.id = f.profile_id LEFT JOIN crm_fact_revenue r ON r.profile_id = f.profile_id AND r.currency = 'EUR'",
			where: "(r.net >= 250 OR f.orders >= 5) AND NOT EXISTS (SELECT 1 FROM crm_consent_states w WHERE w.profile_id = p.id AND w.topic = 'newsletter' AND w.shop_id = ? AND w.state = 'withdrawn')",
			args:  []any{shopID},
		},
		{
			name:  "guests who ordered twice",
			tree:  `{"all":[{"is":"registered","account":false},{"is":"orders","at_least":2}]}`,
			from:  "crm_facts f JOIN crm_profiles p ON p.id = f.profile_id",
			where: "p.has_account = FALSE AND f.orders >= 2",
		},
	}
}

// categories gives the id of the category whose address ends so, and then those right below it.
func (b *bench) categories(ctx context.Context, slug string) (ids []int64, err error) {
	err = b.db.NewRaw(`SELECT c.id FROM crm_categories c JOIN crm_categories top ON top.shop_id = c.shop_id AND (c.id = top.id OR c.parent_key = top.shop_key)
		WHERE top.url LIKE ? ORDER BY c.id = top.id DESC, c.id`, "%/"+slug+"/").Scan(ctx, &ids)
	if err == nil && len(ids) == 0 {
		err = fmt.Errorf("the shop has no category %s", slug)
	}
	return ids, err
}
