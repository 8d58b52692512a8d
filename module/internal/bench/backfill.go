package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/kupec/kupec/module/intake"
)

// mirror is the tables that a back-fill fills.
var mirror = []string{"crm_categories", "crm_products", "crm_variants", "crm_product_categories",
	"crm_profiles", "crm_identities", "crm_accounts", "crm_orders", "crm_order_lines", "crm_refunds", "crm_bought", "crm_latest_orders", "crm_stale_profiles",
	"crm_carts", "crm_cart_lines", "crm_subscribers", "crm_consents", "crm_consent_states"}

// backfill copies the shop, as every later part needs, and measures it where it shall.
func (b *bench) backfill(ctx context.Context) error {
	forgetPeak()
	began := time.Now()
	spent, last := map[string]time.Duration{}, began
	err := b.crm.Intake.Once(ctx, func(p intake.Progress) {
		b.Progress(p.Stream, p.Done, p.Total)
		now := time.Now()
		spent[p.Stream] += now.Sub(last)
		last = now
	})
	took := time.Since(began)
	if err != nil {
		return err
	}
	peak, known := peakMemory()
	shops, err := b.crm.Intake.Shops(ctx)
	if err != nil {
		return err
	}
	if len(shops) != 1 {
		return fmt.Errorf("%d shops were mirrored instead of one", len(shops))
	}
	b.shop = shops[0]
	if !b.measures(PartBackfill) {
		return nil
	}
	rows, plain, err := b.insertSelect(ctx, mirror)
	if err != nil {
		return err
	}
	settings := map[string]any{"rows": rows, "seconds": took.Seconds()}
	for stream, took := range spent {
		settings[stream+"_seconds"] = took.Seconds()
	}
	b.add(Measure{Part: PartBackfill, Name: "back-fill", Unit: "rows/s", Better: higher, Kupec: perSecond(rows, took),
		Against: "INSERT … SELECT of the same rows", Comparison: perSecond(rows, plain), Settings: settings})
	if known {
		b.add(Measure{Part: PartBackfill, Name: "peak memory", Unit: "MiB", Better: lower, Kupec: float64(peak) / (1 << 20)})
	}
	return b.follow(ctx)
}

// follow measures what a look at the shop costs when there is nothing new, and when there is.
func (b *bench) follow(ctx context.Context) error {
	var quiet, busy sample
	for range 3 {
		if err := quiet.timed(func() error { return b.crm.Intake.Once(ctx, nil) }); err != nil {
			return err
		}
	}
	b.add(Measure{Part: PartBackfill, Name: "a pass, nothing new", Unit: "ms", Better: lower, Kupec: millis(quiet.median()),
		Settings: map[string]any{"passes": len(quiet)}})

	const most = 1000
	res, err := b.shopDB.ExecContext(ctx, "UPDATE wp_wc_orders SET total_amount = total_amount + 1, date_updated_gmt = UTC_TIMESTAMP() WHERE type = 'shop_order' AND status = 'wc-completed' ORDER BY id DESC LIMIT ?", most)
	if err != nil {
		return fmt.Errorf("changing orders in the shop: %w", err)
	}
	changed, err := res.RowsAffected()
	if err != nil {
		return err
	}
	before, err := b.orderedInAll(ctx)
	if err != nil {
		return err
	}
	if err := busy.timed(func() error { return b.crm.Intake.Once(ctx, nil) }); err != nil {
		return err
	}
	after, err := b.orderedInAll(ctx)
	if err != nil {
		return err
	}
	if after-before != changed {
		return fmt.Errorf("%d orders became dearer by 1 in the shop, but the mirror by %d", changed, after-before)
	}
	b.add(Measure{Part: PartBackfill, Name: "a pass, orders changed", Unit: "orders/s", Better: higher, Kupec: perSecond(changed, busy.median()),
		Settings: map[string]any{"orders": changed, "seconds": busy.median().Seconds()}})
	return nil
}

// orderedInAll adds up order totals of all currencies: a checksum, no sum of money.
func (b *bench) orderedInAll(ctx context.Context) (sum int64, err error) {
	err = b.db.NewRaw("SELECT CAST(ROUND(SUM(total)) AS SIGNED) FROM crm_orders").Scan(ctx, &sum)
	return sum, err
}

// insertSelect copies whole tables into empty ones with the same indexes, and checks that all rows came over.
func (b *bench) insertSelect(ctx context.Context, tables []string) (rows int64, took time.Duration, err error) {
	for _, table := range tables {
		copied := "plain_" + table
		if _, err := b.db.ExecContext(ctx, "CREATE TABLE "+copied+" LIKE "+table); err != nil {
			return 0, 0, fmt.Errorf("making %s: %w", copied, err)
		}
		began := time.Now()
		res, err := b.db.ExecContext(ctx, "INSERT INTO "+copied+" SELECT * FROM "+table)
		if err != nil {
			return 0, 0, fmt.Errorf("filling %s: %w", copied, err)
		}
		took += time.Since(began)
		n, err := res.RowsAffected()
		if err != nil {
			return 0, 0, err
		}
		var there int64
		if err := b.db.NewRaw("SELECT COUNT(*) FROM "+table).Scan(ctx, &there); err != nil {
			return 0, 0, err
		}
		if there != n {
			return 0, 0, fmt.Errorf("%s has %d rows, its copy %d", table, there, n)
		}
		rows += n
		b.Progress("INSERT … SELECT", rows, 0)
		if _, err := b.db.ExecContext(ctx, "DROP TABLE "+copied); err != nil {
			return 0, 0, err
		}
	}
	if rows == 0 {
		return 0, 0, errors.New("there is nothing in the mirror")
	}
	return rows, took, nil
}

// forgetPeak starts the process's peak of resident memory anew, where the kernel can (Linux, proc(5), clear_refs).
func forgetPeak() { _ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) }

// peakMemory is the process's peak of resident memory in bytes (VmHWM), where the kernel tells.
func peakMemory() (int64, bool) {
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kib << 10, err == nil
		}
	}
	return 0, false
}
