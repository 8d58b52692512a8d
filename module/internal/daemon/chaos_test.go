package daemon_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	shopdemo "github.com/kupec/kupec/module/demo"
)

// The program copies and follows a shop that goes on selling, is edited behind the back of all feeds, and loses rows,
// while it is killed again and again. What is left to do by then is for reconciling.
func TestTenKillsAmidChangesLeaveAMirrorThatReconcilingMakesEqual(t *testing.T) {
	t.Parallel()
	p, shop := attached(t)
	if out, errs, code := p.run(t, "migrate"); code != 0 {
		t.Fatalf("migrate: %d\n%s%s", code, out, errs)
	}
	own := p.database(t)
	ctx, cancel := context.WithCancel(context.Background())
	var writers sync.WaitGroup
	did := &deeds{counts: map[string]int{}}
	writers.Go(func() {
		if err := shopdemo.Live(ctx, shop, shopdemo.LiveConfig{Every: 40 * time.Millisecond, Seed: 3, Happened: did.note}); err != nil {
			t.Error(err)
		}
	})
	writers.Go(func() { did.meddle(ctx, t, shop) })
	dice := rand.New(rand.NewPCG(1, 10))
	atWork := 0
	for tries := 0; atWork < 10; tries++ { // one that came to its end before it was killed does not count
		if tries == 40 {
			t.Fatalf("only %d of 40 processes were at work when they were killed", atWork)
		}
		cmd := p.command(t, context.Background(), "sync")
		cmd.Stdout, cmd.Stderr = io.Discard, io.Discard
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
			var held int
			if err := own.QueryRow("SELECT COUNT(*) FROM crm_leases WHERE name LIKE 'intake.%'").Scan(&held); err != nil || held > 0 {
				break // it works
			}
		}
		// In the history or the first look, between, or while it follows, for which figures are first worked out.
		within := []time.Duration{150 * time.Millisecond, 1200 * time.Millisecond, 4 * time.Second}[tries%3]
		time.Sleep(time.Duration(dice.Int64N(int64(within))))
		_ = cmd.Process.Kill() // no warning: kill -9
		_ = cmd.Wait()
		// The dead process's lease is over now, not in half a minute: what another would wait for.
		res, err := own.Exec("DELETE FROM crm_leases WHERE name LIKE 'intake.%'")
		if err != nil {
			t.Fatal(err)
		}
		n, _ := res.RowsAffected()
		atWork += int(n)
	}
	cancel()
	writers.Wait()
	for _, what := range []string{"order", "edit", "silent edit", "delete", "silent line"} {
		if did.counts[what] == 0 {
			t.Errorf("the writer did %v, and no %s", did.counts, what)
		}
	}

	if _, errs, code := p.run(t, "reconcile"); code != 0 {
		t.Fatalf("reconcile: %d\n%s", code, errs)
	}
	out, errs, code := p.run(t, "reconcile", "--json")
	if code != 0 {
		t.Fatalf("the second reconcile: %d\n%s", code, errs)
	}
	var second struct {
		Shops []struct {
			Streams []struct {
				Stream                         string
				Compared                       int64 `json:"ranges_compared"`
				Reread                         int64 `json:"ranges_reread"`
				Missed, Edited, Deleted, Aside struct{ Rows int64 }
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &second); err != nil || len(second.Shops) != 1 || len(second.Shops[0].Streams) != 3 {
		t.Fatalf("%v in %s", err, out)
	}
	for _, s := range second.Shops[0].Streams {
		if s.Compared == 0 || s.Reread != 0 || s.Missed.Rows+s.Edited.Rows+s.Deleted.Rows+s.Aside.Rows != 0 {
			t.Errorf("the second time: %+v", s)
		}
	}
	want, got := shopSums(t, shop), statusSums(t, p)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("after %v (-shop +status):\n%s", did.counts, diff)
	}
}

// database is the CRM's own.
func (p *place) database(t *testing.T) *sql.DB {
	t.Helper()
	for _, setting := range p.env {
		if dsn, ok := strings.CutPrefix(setting, "KUPEC_DSN="); ok {
			db, err := sql.Open("mysql", dsn)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			return db
		}
	}
	t.Fatal("there is no KUPEC_DSN")
	return nil
}

// deeds counts what was done to the shop.
type deeds struct {
	mu     sync.Mutex
	counts map[string]int
}

func (d *deeds) note(what string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.counts[what]++
}

// meddle changes the shop at random until ctx ends, as tools and hands in its database do.
func (d *deeds) meddle(ctx context.Context, t *testing.T, shop *sql.DB) {
	dice := rand.New(rand.NewPCG(7, 7))
	deeds := []struct{ what, first, second string }{
		{"edit", "UPDATE wp_wc_orders SET total_amount = total_amount + 1, date_updated_gmt = UTC_TIMESTAMP() WHERE id = ?", ""},
		{"silent edit", "UPDATE wp_wc_orders SET total_amount = total_amount + 3 WHERE id = ?", ""},
		{"silent line", "UPDATE wp_woocommerce_order_items SET order_item_name = CONCAT('Re: ', order_item_name) WHERE order_id = ?", ""},
		{"status", "UPDATE wp_wc_orders SET status = 'wc-cancelled', date_updated_gmt = UTC_TIMESTAMP() WHERE id = ?", ""},
		{"delete", "DELETE i, m FROM wp_woocommerce_order_items i LEFT JOIN wp_woocommerce_order_itemmeta m ON m.order_item_id = i.order_item_id WHERE i.order_id = ?",
			"DELETE FROM wp_wc_orders WHERE id = ? OR parent_order_id = ?"},
	}
	for n := 0; ctx.Err() == nil; n++ {
		deed := deeds[n%len(deeds)]
		var id int64
		err := shop.QueryRow("SELECT id FROM wp_wc_orders WHERE type = 'shop_order' AND status LIKE 'wc-%' ORDER BY id LIMIT 1 OFFSET ?", dice.IntN(150)).Scan(&id)
		if err == nil {
			_, err = shop.Exec(deed.first, id)
		}
		if err == nil && deed.second != "" {
			_, err = shop.Exec(deed.second, id, id)
		}
		if err != nil {
			t.Logf("%s: %v", deed.what, err) // a deadlock with the till, which another deed makes up for
		} else {
			d.note(deed.what)
		}
		select {
		case <-ctx.Done():
		case <-time.After(30 * time.Millisecond):
		}
	}
}

// shopSums is what the shop's own SQL says of it.
func shopSums(t *testing.T, shop *sql.DB) map[string]string {
	t.Helper()
	sums := map[string]string{}
	const real = "o.type = 'shop_order' AND o.status NOT IN ('trash', 'auto-draft', 'wc-checkout-draft')"
	for what, query := range map[string]string{
		"customers": "SELECT COUNT(*) FROM wp_users",
		"orders":    "SELECT COUNT(*) FROM wp_wc_orders o WHERE " + real,
		"lines":     "SELECT COUNT(*) FROM wp_woocommerce_order_items i JOIN wp_wc_orders o ON o.id = i.order_id WHERE i.order_item_type = 'line_item' AND " + real,
		"refunds":   "SELECT COUNT(*) FROM wp_wc_orders r JOIN wp_wc_orders o ON o.id = r.parent_order_id WHERE r.type = 'shop_order_refund' AND " + real,
		"cancelled": "SELECT COUNT(*) FROM wp_wc_orders o WHERE o.type = 'shop_order' AND o.status = 'wc-cancelled'",
		"completed": "SELECT COUNT(*) FROM wp_wc_orders o WHERE o.type = 'shop_order' AND o.status = 'wc-completed'",
	} {
		var n int64
		if err := shop.QueryRow(query).Scan(&n); err != nil {
			t.Fatal(err)
		}
		sums[what] = fmt.Sprint(n)
	}
	rows, err := shop.Query(`SELECT o.currency, ROUND(SUM(o.total_amount), 2), COUNT(*),
			ROUND(COALESCE(SUM((SELECT -SUM(r.total_amount) FROM wp_wc_orders r WHERE r.parent_order_id = o.id AND r.type = 'shop_order_refund')), 0), 2)
		FROM wp_wc_orders o WHERE o.type = 'shop_order' AND o.status IN ('wc-processing', 'wc-completed', 'wc-refunded') GROUP BY o.currency`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var currency, gross, refunded string
		var n int64
		if err := rows.Scan(&currency, &gross, &n, &refunded); err != nil {
			t.Fatal(err)
		}
		sums[currency] = fmt.Sprintf("%s less %s, %d orders", gross, refunded, n)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return sums
}

// statusSums is the same as `kupec status` has it.
func statusSums(t *testing.T, p *place) map[string]string {
	t.Helper()
	out, errs, code := p.run(t, "status", "--json")
	if code != 0 {
		t.Fatalf("status: %d\n%s", code, errs)
	}
	var got struct {
		Shops          []struct{ Rows map[string]int64 }
		OrdersByStatus map[string]int64 `json:"orders_by_status"`
		Revenue        []struct {
			Currency, Gross, Refunded string
			Orders                    int64
		}
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil || len(got.Shops) != 1 {
		t.Fatalf("%v in %s", err, out)
	}
	sums := map[string]string{}
	for _, name := range []string{"customers", "orders", "lines", "refunds"} {
		sums[name] = fmt.Sprint(got.Shops[0].Rows[name])
	}
	for _, name := range []string{"cancelled", "completed"} {
		sums[name] = fmt.Sprint(got.OrdersByStatus[name])
	}
	for _, r := range got.Revenue {
		sums[r.Currency] = fmt.Sprintf("%s less %s, %d orders", r.Gross, r.Refunded, r.Orders)
	}
	return sums
}
