package report_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/module/report"
)

func TestWhoStandsBehindAFigureSurvivesAnAddress(t *testing.T) {
	t.Parallel()
	march := report.Frame{From: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 3, 31, 0, 0, 0, 0, time.UTC)}
	came, slow, abroad := report.NewPeople(report.OfFirst, march), report.NewPeople(report.OfFirst, report.Frame{}), report.NewPeople(report.OfOrders, march)
	came.Later, slow.Days, slow.Again = 0, [2]int{8, 14}, "yes"
	abroad.Country, abroad.Place, abroad.Reduced, abroad.Product = "-", "repeat", "no", 7
	for _, want := range []report.People{came, slow, abroad} {
		got, there, err := report.ParsePeople(want.Values().Get)
		if diff := cmp.Diff(want, got); diff != "" || !there || err != nil {
			t.Errorf("%v, %v (-written +read):\n%s", there, err, diff)
		}
	}
	if _, there, err := report.ParsePeople(url.Values{}.Get); there || err != nil {
		t.Errorf("an address that names nobody: %v, %v", there, err)
	}
}

// FuzzParsePeopleTakesAnyAddress shows that whatever is read can be written and read again, and asks for nothing by its words.
func FuzzParsePeopleTakesAnyAddress(f *testing.F) {
	f.Add("of=first&from=2026-03-01&to=2026-03-31&later=2&again=no")
	f.Add("of=orders&from=2026-03-01&to=2026-03-31&to_country=SI&days=1-2&product=9&place=new&reduced=yes")
	f.Add("of=orders&from=0000-01-01&to=9999-12-31&to_country=')--")
	f.Fuzz(func(t *testing.T, raw string) {
		values, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		people, there, err := report.ParsePeople(values.Get)
		if !there || err != nil {
			return
		}
		again, _, err := report.ParsePeople(people.Values().Get)
		if diff := cmp.Diff(people, again); diff != "" || err != nil {
			t.Errorf("%v (-read +again):\n%s", err, diff)
		}
		plain := report.NewPeople(people.Of, people.Frame())
		plain.Again, plain.Place, plain.Reduced, plain.Later, plain.Days, plain.Product, plain.Country = people.Again, people.Place, people.Reduced, people.Later, people.Days, people.Product, people.Country
		if people.Country != "" {
			plain.Country = "SI"
		}
		if plain.Where(1).SQL != people.Where(1).SQL {
			t.Errorf("%q changed the statement", raw)
		}
	})
}

func TestAFrameKnowsTheTimeBeforeIt(t *testing.T) {
	t.Parallel()
	day := func(s string) time.Time {
		d, err := time.Parse(time.DateOnly, s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	if got, want := (report.Frame{From: day("2026-03-01"), To: day("2026-03-31")}).Before(), (report.Frame{From: day("2026-01-29"), To: day("2026-02-28")}); got != want {
		t.Errorf("got %v", got)
	}
	if got := (report.Frame{From: day("2026-03-01")}).Before(); !got.All() {
		t.Errorf("an open frame: %v", got)
	}
}
