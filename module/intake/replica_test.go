package intake_test

import (
	"context"
	"database/sql"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/intake"
	"github.com/kupec/kupec/module/store/storetest"
)

func TestTheHistoryComesFromTheReplicaAndFromTheShopWhileThatFails(t *testing.T) {
	t.Parallel()
	want := setup(t, newSite(300), intake.Config{PageSize: 100})
	want.once(t)
	for name, fails := range map[string]bool{"well": false, "failing in the middle": true} {
		t.Run(name, func(t *testing.T) {
			primary, replica := newSite(300), newSite(300)
			var ofShop, ofReplica atomic.Int64
			primary.onRead = func(stream string, _ adapters.Cursor) error {
				if stream == "orders" {
					ofShop.Add(1)
				}
				return nil
			}
			replica.onRead = func(stream string, _ adapters.Cursor) error {
				if stream == "orders" && ofReplica.Add(1) > 3 && fails {
					return errors.New("the replica is away")
				}
				return nil
			}
			b := setup(t, primary, intake.Config{})
			in, err := intake.New(b.db, b.rooms, []intake.Source{{Name: "shop", Shop: primary, Replica: replica}}, intake.Config{PageSize: 100, OnChange: markStale})
			if err != nil {
				t.Fatal(err)
			}
			if err := in.Once(context.Background(), nil); err != nil {
				t.Fatal(err)
			}
			if fails && ofShop.Load() < 5 || !fails && ofShop.Load() != 1 {
				t.Errorf("%d pages of orders were read from the shop, %d from the replica", ofShop.Load(), ofReplica.Load())
			}
			if diff := cmp.Diff(mirror(t, want.db), mirror(t, b.db)); diff != "" {
				t.Errorf("(-without a replica +with one):\n%s", diff)
			}
		})
	}
}

func TestThatAServerIsSparedIsShown(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	b := setup(t, newSite(30), intake.Config{})
	server, err := sql.Open("mysql", storetest.Server(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	busy := make(chan struct{})
	for range 6 { // threads that run
		go func() {
			_, _ = server.ExecContext(ctx, "DO SLEEP(4)")
			busy <- struct{}{}
		}()
	}
	in, err := intake.New(b.db, b.rooms, []intake.Source{{Name: "shop", Shop: b.site, Server: server}}, intake.Config{Load: intake.Load{Threads: 1}})
	if err != nil {
		t.Fatal(err)
	}
	if err := in.Once(ctx, nil); err != nil {
		t.Fatal(err)
	}
	states, err := in.States(ctx)
	if err != nil || states[0].Shop.Spared == "" {
		t.Errorf("got %+v, %v", states, err)
	}
	for range 6 {
		<-busy
	}
}
