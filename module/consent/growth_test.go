package consent_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/store/storetest"
)

func TestGrowthCountsPeopleByWeek(t *testing.T) {
	t.Parallel()
	db := storetest.DB(t)
	l := consent.New(db, consent.Config{})
	to := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	for i, e := range []consent.Entry{
		{ProfileID: 1, State: consent.Granted, At: to.AddDate(0, 0, -8), Topic: "tea"},
		{ProfileID: 1, State: consent.Granted, At: to.AddDate(0, 0, -8), Topic: "coffee"},
		{ProfileID: 2, State: consent.Granted, At: to.Add(-time.Minute), Topic: "tea"},
		{ProfileID: 1, State: consent.Withdrawn, At: to.AddDate(0, 0, -1), Topic: "tea"},
		{ProfileID: 3, State: consent.Granted, At: to, Topic: "tea"},                    // too late
		{ProfileID: 4, State: consent.Granted, At: to.AddDate(0, 0, -15), Topic: "tea"}, // too early
	} {
		e.ShopID, e.IdentityID, e.Source = 7, int64(100+i), consent.SourceForm
		if err := l.Record(t.Context(), db, e); err != nil {
			t.Fatal(err)
		}
	}
	got, err := l.Growth(t.Context(), 7, to, 2)
	if err != nil {
		t.Fatal(err)
	}
	want := []consent.Week{{From: to.AddDate(0, 0, -14), Joined: 1}, {From: to.AddDate(0, 0, -7), Joined: 1, Left: 1}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if other, err := l.Growth(t.Context(), 8, to, 2); err != nil || other[0].Joined+other[1].Joined != 0 {
		t.Errorf("another shop: %v, %v", other, err)
	}
}
