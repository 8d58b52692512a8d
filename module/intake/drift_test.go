package intake_test

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/woocommerce"
	"github.com/kupec/kupec/module/intake"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store/storetest"
)

func TestAPlaceThatCannotBeUsedBeginsTheStreamAgain(t *testing.T) {
	t.Parallel()
	b := setup(t, newSite(60), intake.Config{PageSize: 50})
	b.once(t)
	first := raw(t, b.db)
	var refused atomic.Int64
	b.site.onRead = func(stream string, after adapters.Cursor) error {
		if stream == "orders" && after == "180" && refused.Add(1) == 1 {
			return fmt.Errorf("memory: %w", adapters.ErrCursor)
		}
		return nil
	}
	b.once(t)
	if diff := cmp.Diff(first, raw(t, b.db)); diff != "" {
		t.Errorf("reading all again changed rows:\n%s", diff)
	}
	health, err := b.in.States(context.Background())
	if err != nil || refused.Load() < 1 || health[0].Streams[3].Restarted.IsZero() || health[0].Streams[3].Error != "" || !health[0].Streams[2].Restarted.IsZero() {
		t.Errorf("refused %d times: %+v, %v", refused.Load(), health, err)
	}
	b.site.onRead = func(stream string, _ adapters.Cursor) error {
		if stream == "orders" {
			return fmt.Errorf("memory: %w", adapters.ErrCursor)
		}
		return nil
	}
	if err := b.in.Once(context.Background(), nil); err == nil {
		t.Error("a shop that refuses also the empty cursor was copied")
	}
}

func TestAColumnThatIsGoneStopsOnlyItsStreamWithAnAlarm(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	shop, dsn := demoShop(t, 60)
	pool, err := adapters.Open(dsn, adapters.OpenConfig{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	b := setup(t, newSite(1), intake.Config{})
	in := b.attached(t, woocommerce.New(pool, woocommerce.Config{}), intake.Config{})
	if err := in.Once(ctx, nil); err != nil {
		t.Fatal(err)
	}
	exec := func(statement string) {
		t.Helper()
		if _, err := shop.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	exec("ALTER TABLE wp_wc_orders RENAME COLUMN total_amount TO grand_total")
	exec("INSERT INTO wp_users (user_login, user_pass, user_nicename, user_email, user_registered, display_name) VALUES ('new', '', 'new', 'new@example.com', UTC_TIMESTAMP(), 'New')")
	if err := in.Once(ctx, nil); err == nil || !strings.Contains(err.Error(), "total_amount") {
		t.Errorf("got %v", err)
	}
	health, err := in.States(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range health[0].Streams {
		want := map[string]intake.Failure{"orders": intake.FailureDrift}[s.Name]
		if s.Failure != want || (s.Error == "") != (want == "") {
			t.Errorf("%s: %q, %q", s.Name, s.Failure, s.Error)
		}
	}
	if n := b.count(t, "SELECT COUNT(*) FROM crm_identities WHERE kind = 'email' AND value = 'new@example.com'"); n != 1 {
		t.Error("the customers were held up by the orders")
	}
	exec("ALTER TABLE wp_wc_orders RENAME COLUMN grand_total TO total_amount")
	if err := in.Once(ctx, nil); err != nil {
		t.Fatal(err)
	}
	if health, err = in.States(ctx); err != nil || health[0].Streams[3].Failure != "" {
		t.Errorf("got %+v, %v", health, err)
	}
}

func TestRowsSetAsideAreReadAgainAfterAnUpgradeAndOnRequest(t *testing.T) {
	t.Parallel()
	ctx := staff.WithSystem(context.Background(), "test")
	s := newSite(500)
	for _, n := range []int{7, 9, 1300} {
		s.bad["orders"+s.orders[n].Key] = adapters.BadRow{Key: s.orders[n].Key, Reason: "this version cannot read it", Raw: map[string]string{"a": "b"}}
	}
	b := setup(t, s, intake.Config{})
	var ranges []string
	s.onRead = func(stream string, after adapters.Cursor) error {
		if strings.HasPrefix(string(after), "r.") {
			ranges = append(ranges, stream+" "+string(after))
		}
		return nil
	}
	version := func(v string) *intake.Intake { return b.attached(t, &audited{site: s}, intake.Config{Version: v}) }
	once := func(in *intake.Intake, want int) {
		t.Helper()
		if err := in.Once(ctx, nil); err != nil {
			t.Fatal(err)
		}
		if n := b.count(t, "SELECT COUNT(*) FROM crm_quarantine"); n != want {
			t.Errorf("%d rows are set aside, want %d", n, want)
		}
	}
	once(version("1.0"), 3)
	delete(s.bad, "orders"+s.orders[7].Key)
	once(version("1.0"), 3)
	if len(ranges) != 0 {
		t.Errorf("the same version read again: %v", ranges)
	}
	once(version("1.1"), 2)
	if diff := cmp.Diff([]string{"orders r.8.10", "orders r.1301.1301"}, ranges); diff != "" {
		t.Errorf("ranges read again (-want +got):\n%s", diff)
	}
	s.gone["orders"+s.orders[9].Key] = true
	delete(s.bad, "orders"+s.orders[1300].Key)
	health, err := b.in.States(ctx)
	if err != nil {
		t.Fatal(err)
	}
	in := version("1.1")
	if err := in.Retry(ctx, health[0].Shop.ID); err != nil {
		t.Fatal(err)
	}
	once(in, 0)
}

func TestAStatusMeansWhatTheInstallationSaysAlsoForOrdersMirroredBefore(t *testing.T) {
	t.Parallel()
	for name, dress := range map[string]func(*site) adapters.Shop{
		"by ranges":  func(s *site) adapters.Shop { return &audited{site: s} },
		"as a whole": func(s *site) adapters.Shop { return s },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(60)
			for i := range s.orders {
				s.orders[i].RawStatus = []string{"Packed", "sent"}[i%2]
			}
			b := setup(t, s, intake.Config{})
			read := func(statuses map[string]adapters.Status) map[string]int {
				t.Helper()
				in, err := intake.New(b.db, b.rooms, []intake.Source{{Name: "shop", Shop: dress(s), Statuses: statuses}}, intake.Config{OnChange: markStale})
				if err != nil {
					t.Fatal(err)
				}
				if err := in.Once(context.Background(), nil); err != nil {
					t.Fatal(err)
				}
				counts := map[string]int{}
				for word := range map[string]bool{"packed": true, "sent": true} {
					for _, status := range adapters.Statuses {
						if n := b.count(t, "SELECT COUNT(*) FROM crm_orders WHERE raw_status = ? AND status = ?", word, status); n > 0 {
							counts[word+" "+string(status)] = n
						}
					}
				}
				return counts
			}
			plain := read(nil)
			if len(plain) != 2*len(adapters.Statuses) {
				t.Fatalf("got %v", plain)
			}
			want := maps.Clone(plain)
			maps.DeleteFunc(want, func(k string, _ int) bool { return strings.HasPrefix(k, "packed") })
			want["packed paid"] = 90
			if diff := cmp.Diff(want, read(map[string]adapters.Status{"PACKED": adapters.StatusPaid})); diff != "" {
				t.Errorf("with an override (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(plain, read(nil)); diff != "" {
				t.Errorf("after it was taken away (-want +got):\n%s", diff)
			}
		})
	}
	b := setup(t, newSite(1), intake.Config{})
	_, err := intake.New(b.db, b.rooms, []intake.Source{{Name: "shop", Shop: b.site, Statuses: map[string]adapters.Status{"sent": "shipped"}}}, intake.Config{})
	if err == nil || !strings.Contains(err.Error(), "shipped") {
		t.Errorf("got %v", err)
	}
}

func TestHowFarTheShopsClockIsAheadIsShown(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	b := setup(t, newSite(1), intake.Config{})
	server, err := sql.Open("mysql", storetest.Server(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	server.SetMaxOpenConns(1) // the one whose clock is ahead
	if _, err := server.Exec("SET SESSION timestamp = UNIX_TIMESTAMP() + 90"); err != nil {
		t.Fatal(err)
	}
	in, err := intake.New(b.db, b.rooms, []intake.Source{{Name: "shop", Shop: b.site, Server: server}}, intake.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if err := in.Once(ctx, nil); err != nil {
		t.Fatal(err)
	}
	health, err := in.States(ctx)
	if skew := health[0].Shop.ClockSkew; err != nil || skew < 60*time.Second || skew > 91*time.Second {
		t.Errorf("got %v, %v", skew, err)
	}
}
