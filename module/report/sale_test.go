package report_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/module/report"
	"github.com/kupec/kupec/module/segment"
)

func at(t *testing.T, text string) time.Time {
	t.Helper()
	moment, err := time.Parse("2006-01-02 15:04", text)
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

func TestADayIsOneOfTheShopsZoneAlsoWhenItsClocksChange(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.exec("UPDATE crm_shops SET zone = 'Europe/Ljubljana' WHERE id = 5")
	w.write(
		sale{key: 1, shop: home, profile: 1, at: at(t, "2026-03-28 22:59"), total: "1"}, // 23:59 on the 28th, in winter time
		sale{key: 2, shop: home, profile: 2, at: at(t, "2026-03-28 23:00"), total: "2"}, // midnight
		sale{key: 3, shop: home, profile: 3, at: at(t, "2026-03-29 21:59"), total: "4"}, // 23:59 on the 29th, in summer time
		sale{key: 4, shop: home, profile: 4, at: at(t, "2026-03-29 22:00"), total: "8"}, // the 30th
	)
	w.check()
	periods, err := w.reports.Sales(w.ctx, report.Query{ShopID: home, Currency: "EUR"}, report.ByDay)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range periods {
		got = append(got, p.From.Format(time.DateOnly)+" "+p.All().Net().String())
	}
	if diff := cmp.Diff([]string{"2026-03-28 1", "2026-03-29 6", "2026-03-30 8"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAMergeTurnsANewCustomerIntoAReturningOne(t *testing.T) {
	t.Parallel()
	w := setup(t)
	w.write(sale{key: 1, shop: home, profile: 1, at: at(t, "2026-01-10 09:00"), total: "10", lines: map[int64]string{1: "10"}},
		sale{key: 2, shop: home, profile: 2, at: at(t, "2026-03-10 09:00"), total: "20", lines: map[int64]string{1: "20"}})
	w.check()
	q := report.Query{ShopID: home, Currency: "EUR"}
	told := func() string {
		periods, err := w.reports.Sales(w.ctx, q, report.ByMonth)
		if err != nil {
			t.Fatal(err)
		}
		seconds, err := w.reports.SecondOrders(w.ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		products, err := w.reports.Products(w.ctx, q, report.ByNet, 5)
		if err != nil {
			t.Fatal(err)
		}
		cohorts, err := w.reports.Cohorts(w.ctx, q)
		if err != nil {
			t.Fatal(err)
		}
		next, err := w.reports.Next(w.ctx, q, 1, 5)
		if err != nil {
			t.Fatal(err)
		}
		all, one := report.Total(periods), products.Products[0]
		return fmt.Sprintf("new %d repeat %d; of %d again %d after %d; bought again %d, came back %d of %d; %d cohorts; next %d", all.New.Orders, all.Repeat.Orders, seconds.People, seconds.Again, seconds.Median,
			one.Rebought, one.Returned, one.Firsts, len(cohorts), next.Again)
	}
	if got, want := told(), "new 2 repeat 0; of 2 again 0 after 0; bought again 0, came back 0 of 2; 2 cohorts; next 0"; got != want {
		t.Errorf("before: %s", got)
	}
	w.merge(2, 1)
	w.refresh()
	if got, want := told(), "new 1 repeat 1; of 1 again 1 after 59; bought again 1, came back 1 of 1; 1 cohorts; next 1"; got != want {
		t.Errorf("after: %s", got)
	}
}

func TestASegmentIsToldTheSameAsItsPeopleAlone(t *testing.T) {
	t.Parallel()
	w := setup(t)
	for id := 1; id <= 4; id++ {
		w.exec("INSERT INTO crm_profiles (id, shop_id, country, created_at, updated_at) VALUES (?, 5, ?, NOW(6), NOW(6))", id, map[bool]string{true: "SI", false: "AT"}[id <= 2])
	}
	own := []sale{{key: 1, shop: home, profile: 1, at: at(t, "2026-01-10 09:00"), total: "10", refund: "3", lines: map[int64]string{1: "6", 2: "2"}, country: "SI"},
		{key: 2, shop: home, profile: 1, at: at(t, "2026-02-10 09:00"), total: "20", discount: "1", lines: map[int64]string{1: "20"}, country: "AT"},
		{key: 3, shop: home, profile: 2, at: at(t, "2026-02-11 09:00"), total: "5", currency: "CHF"}}
	others := []sale{{key: 4, shop: home, profile: 3, at: at(t, "2026-01-10 09:00"), total: "99", lines: map[int64]string{1: "99"}}, {key: 5, shop: home, profile: 4, at: time.Time{}, total: "7"}}
	w.write(own...)
	w.check()
	q := report.Query{ShopID: home, Currency: "EUR", Frame: report.Frame{From: at(t, "2026-01-01 00:00"), To: at(t, "2026-02-20 00:00")}}
	tell := func() (all []any) {
		sales, err1 := w.reports.Sales(w.ctx, q, report.ByWeek)
		countries, err2 := w.reports.Countries(w.ctx, q)
		cohorts, err3 := w.reports.Cohorts(w.ctx, q)
		seconds, err4 := w.reports.SecondOrders(w.ctx, q)
		products, err5 := w.reports.Products(w.ctx, q, report.ByNet, 10)
		for _, err := range []error{err1, err2, err3, err4, err5} {
			if err != nil {
				t.Fatal(err)
			}
		}
		products.Sum.Rebought = 0 // is told of everybody only
		for i := range products.Products {
			products.Products[i].Rebought = 0
		}
		return []any{sales, countries, cohorts, seconds, products}
	}
	alone := tell()
	w.write(others...)
	w.refresh()
	tree, err := segment.Standard().Parse([]byte(`{"is":"country","in":["SI"]}`))
	if err != nil {
		t.Fatal(err)
	}
	q.People = &tree
	if diff := cmp.Diff(alone, tell()); diff != "" {
		t.Errorf("(-alone +as a segment):\n%s", diff)
	}
}
