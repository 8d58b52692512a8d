package intake_test

import (
	"context"
	"flag"
	"testing"
	"time"

	"github.com/kupec/kupec/module/insight"
	"github.com/kupec/kupec/module/intake"
	"github.com/kupec/kupec/module/store/storetest"
)

var people = flag.Int("people", 20_000, "how many people the shop of BenchmarkBackfill has")

// BenchmarkBackfill copies a shop in memory and, for comparison, has the server copy the same rows with INSERT … SELECT.
// Run it as: go test ./module/intake -run none -bench Backfill -benchtime 1x -people 100000
func BenchmarkBackfill(b *testing.B) {
	s := newSite(*people)
	ctx := context.Background()
	for b.Loop() {
		b.StopTimer()
		at := attach(b, storetest.DB(b), s, intake.Config{OnChange: insight.MarkStale})
		b.StartTimer()
		started := time.Now()
		at.once(b)
		took := time.Since(started)
		b.StopTimer()

		var rows int64
		var plain time.Duration
		mirrored := []string{"crm_products", "crm_profiles", "crm_identities", "crm_orders", "crm_order_lines", "crm_refunds", "crm_stale_profiles"}
		for _, table := range mirrored {
			const copied = "zz_copy"
			if _, err := at.db.ExecContext(ctx, "CREATE TABLE "+copied+" LIKE "+table); err != nil {
				b.Fatal(err)
			}
			started := time.Now()
			res, err := at.db.ExecContext(ctx, "INSERT INTO "+copied+" SELECT * FROM "+table)
			if err != nil {
				b.Fatal(err)
			}
			plain += time.Since(started)
			n, _ := res.RowsAffected()
			rows += n
			if _, err := at.db.ExecContext(ctx, "DROP TABLE "+copied); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(rows)/took.Seconds(), "rows/s")
		b.ReportMetric(float64(rows)/plain.Seconds(), "plain-rows/s")
		b.ReportMetric(plain.Seconds()/took.Seconds(), "of-plain")

		facts := insight.New(at.db, insight.Config{})
		started = time.Now()
		n, err := facts.Refresh(ctx, 1<<30)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(n)/time.Since(started).Seconds(), "facts/s")
		for _, table := range append(mirrored, "crm_facts", "crm_fact_revenue") { // the pool would delete row by row
			if _, err := at.db.ExecContext(ctx, "TRUNCATE "+table); err != nil {
				b.Fatal(err)
			}
		}
		b.StartTimer()
	}
}
