package intake_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/intake"
	"github.com/kupec/kupec/module/store/storetest"
)

func TestHowFarBehindAShopWasIsKeptForADay(t *testing.T) {
	t.Parallel()
	s := newSite(20)
	var ahead atomic.Int64
	began := time.Now().UTC()
	at := attach(t, storetest.DB(t), s, intake.Config{Every: 20 * time.Millisecond, Clock: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
	at.once(t)
	shops, err := at.in.Shops(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lags := func() []intake.Lag {
		t.Helper()
		all, err := at.in.Lags(t.Context(), shops[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		for i, l := range all {
			if l.At != l.At.Truncate(10*time.Minute) || i > 0 && !l.At.After(all[i-1].At) {
				t.Fatalf("not ten minutes after ten minutes: %v", all)
			}
		}
		return all
	}
	if got := lags(); len(got) == 0 || got[len(got)-1].Seconds > 60 {
		t.Fatalf("a shop that was just attached was behind: %v", got)
	}

	ahead.Store(int64(40 * time.Minute))
	s.onRead = func(string, adapters.Cursor) error { return errors.New("the server is away") }
	if err := at.in.Once(context.Background(), nil); err == nil {
		t.Fatal("a server that is away was read")
	}
	s.onRead = nil
	at.once(t)
	at.once(t) // what is well by now does not hide what was
	got := lags()
	if last := got[len(got)-1]; len(got) < 2 || last.Seconds < 39*60 || last.Seconds > 45*60 || last.At.Before(began.Add(30*time.Minute)) {
		t.Errorf("40 minutes without the server are %v", got)
	}

	ahead.Store(int64(25 * time.Hour))
	at.once(t)
	got = lags()
	if len(got) > 2 || got[0].At.Before(began.Add(24*time.Hour)) || got[0].Seconds < 24*3600 {
		t.Errorf("a day later, %v is known", got)
	}
	var rows int
	if err := at.db.NewRaw("SELECT COUNT(*) FROM crm_lags").Scan(t.Context(), &rows); err != nil || rows != len(got) {
		t.Errorf("%d rows are kept, %v", rows, err)
	}
}
