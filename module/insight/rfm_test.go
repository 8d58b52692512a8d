package insight_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/insight"
	"github.com/kupec/kupec/module/predict"
	"github.com/kupec/kupec/module/purchase"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

func (b *bundle) ranking(t *testing.T, m insight.Method) insight.Ranking {
	t.Helper()
	r, err := b.facts.Ranking(t.Context(), shop, m)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEveryCellHasItsGroupAndEveryGroupACell(t *testing.T) {
	t.Parallel()
	seen := map[insight.Group]bool{}
	for r := range uint8(5) {
		for f := range uint8(5) {
			seen[insight.GroupOf(predict.Cell{R: r + 1, F: f + 1, M: 1})] = true
		}
	}
	for _, g := range insight.Groups {
		if !seen[g] {
			t.Errorf("nobody can be %s", g)
		}
	}
	if len(seen) != len(insight.Groups) {
		t.Errorf("%d groups are told, %d are listed", len(seen), len(insight.Groups))
	}
}

func TestRanksByEveryMethodAddUpToAllBuyersAndTheirMoney(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if _, err := b.facts.Ranking(t.Context(), shop, insight.Fixed); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("before the first night: %v", err)
	}
	b.trade(t, 300)
	b.forecast(t)
	var net string
	if err := b.db.NewRaw("SELECT SUM(net) FROM crm_facts").Scan(t.Context(), &net); err != nil {
		t.Fatal(err)
	}
	for _, m := range insight.Methods {
		r := b.ranking(t, m)
		var sum insight.Sum
		for _, c := range r.Cells {
			sum.People += c.People
			if len(c.Net) != 1 {
				t.Fatalf("%+v", c)
			}
			if sum.Net == nil {
				sum.Net = append(sum.Net, c.Net[0])
				continue
			}
			sum.Net[0] = sum.Net[0].Add(c.Net[0])
		}
		if sum.People != 300 || sum.Net[0].Amount().StringFixed(4) != net {
			t.Errorf("%s: %d people brought %v of %s", m, sum.People, sum.Net, net)
		}
		if n := b.count(t, "SELECT COUNT(*) FROM crm_rfm WHERE ? BETWEEN 111 AND 555", bun.Ident(string(m))); n != 300 {
			t.Errorf("%s: %d people have a cell", m, n)
		}
	}
	if n := b.count(t, "SELECT COUNT(*) FROM crm_rfm r JOIN crm_predictions d ON d.profile_id = r.profile_id WHERE r.independent = 100 * d.recency + 10 * d.frequency + d.money"); n != 300 {
		t.Errorf("of %d people both tables say the same", n)
	}
	for _, c := range b.ranking(t, insight.Nested).Cells {
		if c.People != 12 { // 300 in 25
			t.Errorf("a nested cell has %d people", c.People)
		}
	}
	if o, err := b.facts.Outlook(t.Context(), 1); err != nil || o.Group == "" {
		t.Errorf("%v, %+v", err, o)
	}
}

func TestThePeopleOfACellAndOfAGroupAreFound(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.trade(t, 200)
	b.forecast(t)
	for _, m := range insight.Methods {
		for _, c := range b.ranking(t, m).Cells {
			in, err := insight.InCell(shop, m, c.Recency, c.Frequency)
			if err != nil {
				t.Fatal(err)
			}
			if n := b.count(t, "SELECT COUNT(*) FROM crm_profiles AS p WHERE "+in.SQL, in.Args...); int64(n) != c.People {
				t.Errorf("%s %d-%d: %d people of %d", m, c.Recency, c.Frequency, n, c.People)
			}
		}
	}
	r := b.ranking(t, insight.Fixed)
	for _, g := range r.Groups {
		in := insight.InGroup(shop, g.Group, "")
		if n := b.count(t, "SELECT COUNT(*) FROM crm_profiles AS p WHERE "+in.SQL, in.Args...); int64(n) != g.People {
			t.Errorf("%s: %d people of %d", g.Group, n, g.People)
		}
	}
	for _, m := range r.Moves {
		if m.From == "" || !m.Month.Equal(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)) {
			continue
		}
		in := insight.InGroup(shop, m.To, m.From)
		if n := b.count(t, "SELECT COUNT(*) FROM crm_profiles AS p WHERE "+in.SQL, in.Args...); int64(n) != m.People {
			t.Errorf("from %s to %s: %d people of %d", m.From, m.To, n, m.People)
		}
	}
	if _, err := insight.InCell(shop, "1 OR 1", 1, 1); err == nil {
		t.Error("a method that there is not was taken")
	}
}

func TestMovementIsWhatPeopleDidMonthByMonth(t *testing.T) {
	t.Parallel()
	b := setup(t) // on 1 June 2026 at noon
	b.profiles(t, 1, 2)
	b.apply(t, b.order(1, 70, "10", "EUR", adapters.StatusPaid), // 23 March: newcomer; by May 39 days, still; by June 70 days: fading
		b.order(2, 160, "10", "EUR", adapters.StatusPaid), b.order(2, 20, "10", "EUR", adapters.StatusPaid)) // 23 December; gone by May; back on 12 May
	b.refresh(t)
	b.forecast(t)
	r := b.ranking(t, insight.Fixed)
	if diff := cmp.Diff([4]float64{30, 60, 90, 120}, r.Bounds.Recency); diff != "" {
		t.Error(diff)
	}
	got := map[string]int64{}
	for _, m := range r.Moves {
		if m.Month.Year() == 2026 {
			got[fmt.Sprintf("%s %s-%s", m.Month.Format("01"), m.From, m.To)] += m.People
		}
	}
	want := map[string]int64{
		"01 newcomers-newcomers": 1, "02 newcomers-fading": 1, "03 fading-hibernating": 1, "03 -newcomers": 1,
		"04 newcomers-newcomers": 1, "04 hibernating-gone": 1, "05 newcomers-fading": 1, "05 gone-promising": 1, "06 fading-fading": 1, "06 promising-promising": 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheNextNightMendsWhateverItFindsOtherwise(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.trade(t, 150)
	b.forecast(t)
	b.exec(t, "UPDATE crm_rfm SET nested = 0, group_before = 'x' WHERE profile_id = 7")
	b.exec(t, "INSERT INTO crm_rfm (profile_id, shop_id, independent, nested, fixed, rfm_group, group_before) VALUES (9000, ?, 555, 555, 555, 'champions', '')", shop)
	b.forecast(t)
	if n := b.count(t, "SELECT COUNT(*) FROM crm_rfm WHERE nested = 0 OR group_before = 'x' OR profile_id = 9000"); n != 0 {
		t.Errorf("%d rows are not what was worked out", n)
	}
	if n := b.rows(t, "crm_rfm"); n != 150 {
		t.Errorf("%d people rank", n)
	}
}

func TestStaffSetTheThresholdsOfRanksForTheNextNight(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var orders []purchase.Order
	for id := range int64(4) {
		b.profiles(t, id+1)
		for k := range id + 1 {
			orders = append(orders, b.order(id+1, int(10+20*k), "50", "EUR", adapters.StatusPaid))
		}
	}
	b.apply(t, orders...)
	b.refresh(t)
	b.forecast(t)
	usual := b.ranking(t, insight.Fixed).Bounds
	if usual.Own || usual.Currency != "EUR" || usual.Money != [4]float64{50, 100, 200, 400} {
		t.Errorf("%+v", usual)
	}
	own := insight.Bounds{Recency: [4]float64{5, 8, 12, 20}, Frequency: [4]float64{2, 3, 4, 5}, Money: [4]float64{60, 120, 180, 240}, Currency: "EUR"}
	for field, spoil := range map[string]func(*insight.Bounds){
		"recency":   func(b *insight.Bounds) { b.Recency[1] = 5 },
		"frequency": func(b *insight.Bounds) { b.Frequency[0] = 1 },
		"money":     func(b *insight.Bounds) { b.Money[3] = -1 },
	} {
		spoilt := own
		spoil(&spoilt)
		var bad *insight.RuleError
		if err := b.facts.SaveBounds(owner(t), shop, spoilt); !errors.As(err, &bad) || bad.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	var denied *staff.DeniedError
	if err := b.facts.SaveBounds(t.Context(), shop, own); !errors.As(err, &denied) {
		t.Errorf("by nobody: %v", err)
	}
	if err := b.facts.SaveBounds(owner(t), shop, own); err != nil {
		t.Fatal(err)
	}
	b.forecast(t)
	var cells []int
	if err := b.db.NewRaw("SELECT fixed FROM crm_rfm ORDER BY profile_id").Scan(t.Context(), &cells); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{311, 322, 333, 344}, cells); diff != "" { // 10 days ago; 1 to 4 orders; 50 to 200
		t.Error(diff)
	}
	if err := b.facts.DropBounds(owner(t), shop); err != nil {
		t.Fatal(err)
	}
	b.forecast(t)
	if diff := cmp.Diff(usual, b.ranking(t, insight.Fixed).Bounds); diff != "" {
		t.Error(diff)
	}
	if n := b.count(t, "SELECT COUNT(*) FROM crm_audit WHERE action = 'insight.rfm_rules'"); n != 2 {
		t.Errorf("%d entries in the audit log", n)
	}
}
