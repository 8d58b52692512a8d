package segment_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/job"
	"github.com/kupec/kupec/module/segment"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
	"github.com/kupec/kupec/module/store/storetest"
)

// until is the world as it was known at a moment.
func (w *world) until(then time.Time) *world {
	past := *w
	past.people = nil
	for _, p := range w.people {
		orders := p.orders
		p.orders = nil
		for _, o := range orders {
			if !o.placedAt.IsZero() && o.placedAt.Before(then) {
				p.orders = append(p.orders, o)
			}
		}
		if !p.registeredAt.Before(then) {
			p.registeredAt = time.Time{}
		}
		past.people = append(past.people, p)
	}
	return &past
}

// A question about an earlier day, asked today, selects whom it selected on that day.
func TestWhatIsAskedOfThePastIsWhatWasAskedThen(t *testing.T) {
	t.Parallel()
	const day = "2026-10-01"
	then := time.Date(2026, 10, 1, 0, 0, 0, 0, ljubljana)
	w := randomWorld(rand.New(rand.NewPCG(3, 4)), 150)
	offMidnight := func(at time.Time) time.Time { // days in dates and days of 24 hours part at the very moment of midnight
		if local := at.In(ljubljana); !at.IsZero() && local.Hour() == 0 && local.Minute() == 0 && local.Second() == 0 {
			return at.Add(time.Second)
		}
		return at
	}
	for i := range w.people {
		w.people[i].registeredAt = offMidnight(w.people[i].registeredAt)
		for k := range w.people[i].orders {
			w.people[i].orders[k].placedAt = offMidnight(w.people[i].orders[k].placedAt)
		}
	}
	open := func(w *world, at time.Time) (*bun.DB, *segment.Segments) {
		db := storetest.DB(t)
		w.save(t, db)
		segments, err := segment.New(db, segment.Config{Clock: func() time.Time { return at }})
		if err != nil {
			t.Fatal(err)
		}
		return db, segments
	}
	db, segments := open(w, now)
	pastDB, pastSegments := open(w.until(then), then)
	selects := func(db *bun.DB, segments *segment.Segments, tree segment.Tree) (ids []int64) {
		t.Helper()
		q, err := segments.Compile(context.Background(), tree, segment.Scope{})
		if err != nil {
			t.Fatalf("%s: %v", tree.JSON(), err)
		}
		if err := db.NewRaw("SELECT p.id FROM crm_profiles AS p WHERE "+q.SQL+" ORDER BY p.id", q.Args...).Scan(context.Background(), &ids); err != nil {
			t.Fatal(err)
		}
		return ids
	}
	r := rand.New(rand.NewPCG(5, 6))
	told, somebody := map[string]int{}, 0
	for asked := 0; asked < 300; {
		tree, err := segments.Vocabulary().Check(segment.Tree{Root: randomTree(r, segments.Vocabulary(), 1)})
		if err != nil {
			t.Fatal(err)
		}
		asOf, err := segments.Vocabulary().AsOf(tree, day)
		var past *segment.PastError
		if errors.As(err, &past) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		asked++
		for _, c := range tree.Conditions() {
			told[c.Kind]++
		}
		want, got := selects(pastDB, pastSegments, tree), selects(db, segments, asOf)
		if len(want) > 0 {
			somebody++
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s\nas of %s is asked as\n%s (-then +now):\n%s", tree.JSON(), day, asOf.JSON(), diff)
		}
	}
	if len(told) < 7 || somebody < 150 {
		t.Errorf("the trees asked little: %v, %d selected somebody", told, somebody)
	}
}

func TestWhatOnlyThePresentKnowsIsNamed(t *testing.T) {
	t.Parallel()
	tree, err := segment.Parse([]byte(`{"all":[{"is":"orders","at_least":1},{"any":[{"is":"stage","in":["loyal"]},{"is":"consent"}]},{"not":{"is":"registered","account":true}},{"is":"country","in":["SI"]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	_, err = segment.Standard().AsOf(tree, "2026-01-01")
	var past *segment.PastError
	if !errors.As(err, &past) {
		t.Fatalf("got %v", err)
	}
	if diff := cmp.Diff([]string{"all[1].any[0]", "all[1].any[1]", "all[2].not", "all[3]"}, past.Paths); diff != "" {
		t.Error(diff)
	}
}

// orders places orders and works out the facts that they make.
func (v *village) orders(orders ...[]any) {
	v.t.Helper()
	for i, o := range orders { // profile, day, total, refunded, currency
		v.exec(`INSERT INTO crm_orders (shop_id, shop_key, number, identity_id, profile_id, status, currency, total, tax, shipping, discount, refunded, placed_at, fingerprint)
			VALUES (1, ?, ?, 1, ?, 'paid', ?, ?, 0, 0, 0, ?, ?, 1)`, i, i, o[0], o[4], o[2], o[3], o[1])
	}
	v.exec(`INSERT INTO crm_facts (profile_id, orders, first_order_at, last_order_at, stage, refreshed_at)
		SELECT profile_id, COUNT(*), MIN(placed_at), MAX(placed_at), 'new', NOW(6) FROM crm_orders GROUP BY profile_id`)
	v.exec("UPDATE crm_profiles p LEFT JOIN crm_facts f ON f.profile_id = p.id SET p.first_seen_at = COALESCE(f.first_order_at, p.registered_at)")
}

func TestABacktestCountsWhoWasInItAndWhatTheyThenBought(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 6) // now is 24 November
	v.exec("UPDATE crm_profiles SET registered_at = '2026-08-10' WHERE id = 5")
	v.exec("UPDATE crm_profiles SET registered_at = '2026-09-10' WHERE id = 6")
	v.orders(
		[]any{1, "2026-08-05", "10", "0", "EUR"}, []any{1, "2026-09-05", "20", "5", "EUR"}, // once in August, then twice
		[]any{2, "2026-08-06", "10", "0", "EUR"}, []any{2, "2026-09-30 21:59:59", "7", "0", "USD"}, // in Ljubljana a second before October
		[]any{3, "2026-09-20", "30", "0", "EUR"}, []any{3, "2026-10-02", "40", "0", "EUR"}, []any{3, "2026-10-30 23:00:00", "1000", "0", "EUR"}, // the last: on the 31st day
		[]any{4, "2026-10-20", "50", "0", "EUR"},
	)
	update := func(text string) {
		t.Helper()
		if _, err := v.segments.Update(v.ctx, v.id, "Once", v.tree(text), time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	update(`{"is":"orders","exactly":1}`)
	var steps []int64
	got, err := v.segments.Backtest(v.ctx, v.id, 24, func(done, total int64) { steps = append(steps, done, total) })
	if err != nil {
		t.Fatal(err)
	}
	eur := func(orders int64, net string) segment.Revenue {
		return segment.Revenue{Currency: "EUR", Orders: orders, Net: decimal.RequireFromString(net)}
	}
	usd := segment.Revenue{Currency: "USD", Orders: 1, Net: decimal.RequireFromString("7")}
	want := []segment.Month{
		{Day: "2026-09-01", Segment: segment.Cohort{People: 2, Ordered: 2, Revenue: []segment.Revenue{eur(1, "15"), usd}},
			All: segment.Cohort{People: 2, Ordered: 2, Revenue: []segment.Revenue{eur(1, "15"), usd}}},
		{Day: "2026-10-01", Segment: segment.Cohort{People: 1, Ordered: 1, Revenue: []segment.Revenue{eur(1, "40")}},
			All: segment.Cohort{People: 3, Ordered: 1, Revenue: []segment.Revenue{eur(1, "40")}}},
	}
	equal := cmp.Comparer(func(a, b decimal.Decimal) bool { return a.Equal(b) })
	if diff := cmp.Diff(want, got.Months, equal); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	v.wants("progress", steps, []int64{1, 2, 2, 2})
	kept, err := v.segments.LastBacktest(v.ctx, v.id)
	if err != nil || cmp.Diff(want, kept.Months, equal) != "" || kept.Edited {
		t.Errorf("kept %+v, %v", kept, err)
	}
	update(`{"is":"orders","exactly":0}`)
	if kept, err := v.segments.LastBacktest(v.ctx, v.id); err != nil || !kept.Edited {
		t.Errorf("it does not say that the question was another: %+v, %v", kept, err)
	}
	// Who was not there yet had not "never ordered".
	if got, err = v.segments.Backtest(v.ctx, v.id, 24, nil); err != nil {
		t.Fatal(err)
	}
	v.wants("who never ordered", []int64{got.Months[0].Segment.People, got.Months[1].Segment.People}, []int64{1, 2})
	v.wants("kept backtests", v.numbers("SELECT COUNT(*) FROM crm_segment_backtests"), []int64{1})
	if got, err = v.segments.Backtest(v.ctx, v.id, 1, nil); err != nil || len(got.Months) != 1 || got.Months[0].Day != "2026-10-01" {
		t.Errorf("one month: %+v, %v", got.Months, err)
	}
}

func TestABacktestIsRefusedPlainly(t *testing.T) {
	t.Parallel()
	v := newVillage(t, 1)
	jobs := job.New(v.db, job.Config{})
	var past *segment.PastError
	if err := v.segments.StartBacktest(v.ctx, jobs, v.id, 24); !errors.As(err, &past) {
		t.Errorf("a country: %v", err)
	}
	saved, err := v.segments.Create(v.ctx, "Buyers", v.tree(`{"is":"orders","at_least":1}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.segments.Backtest(v.ctx, saved.ID, 24, nil); !errors.Is(err, segment.ErrTooYoung) {
		t.Errorf("a shop without orders: %v", err)
	}
	reader := staff.WithActor(t.Context(), staff.Account{ID: 2, Role: staff.RoleReader}, "")
	var denied *staff.DeniedError
	if err := v.segments.StartBacktest(reader, jobs, saved.ID, 24); !errors.As(err, &denied) {
		t.Errorf("a reader: %v", err)
	}
	if _, err := v.segments.LastBacktest(v.ctx, saved.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("none is kept: %v", err)
	}
	for range 2 {
		if err := v.segments.StartBacktest(v.ctx, jobs, saved.ID, 24); err != nil {
			t.Fatal(err)
		}
	}
	v.wants("jobs", v.numbers("SELECT COUNT(*) FROM crm_jobs"), []int64{1})
	if _, err := v.segments.PendingBacktest(v.ctx, jobs, saved.ID); err != nil {
		t.Error(err)
	}
}
