package insight

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// clockSince is how far back changes of a zone's offset are followed: longer than online shops keep orders.
const clockSince = 2000

// clocks is the time zone of each shop.
type clocks map[int64]*time.Location

// clocks reads the zones. A shop that names none, or one that this machine does not know, goes by UTC.
func (f *Facts) clocks(ctx context.Context, db bun.IDB) (clocks, error) {
	var shops []struct {
		ID   int64
		Zone string
	}
	if err := db.NewRaw("SELECT id, zone FROM crm_shops ORDER BY id").Scan(ctx, &shops); err != nil {
		return nil, fmt.Errorf("reading the time zones of shops: %w", err)
	}
	zones := clocks{}
	for _, s := range shops {
		if zone, err := time.LoadLocation(s.Zone); err == nil {
			zones[s.ID] = zone
		}
	}
	return zones, nil
}

// at is SQL for the moment placed_at of alias o on the clock of its shop. The server's own zone tables are often not
// loaded, so each zone's changes of offset are written out, the latest first, which most orders lie after.
func (c clocks) at(now time.Time) string {
	var b strings.Builder
	b.WriteString("o.placed_at + INTERVAL CASE o.shop_id")
	for _, shop := range slices.Sorted(maps.Keys(c)) {
		fmt.Fprintf(&b, " WHEN %d THEN %s", shop, offsets(c[shop], now))
	}
	b.WriteString(" WHEN 0 THEN 0 ELSE 0 END SECOND") // no shop is 0: a CASE needs a branch
	return b.String()
}

func offsets(zone *time.Location, now time.Time) string {
	var b strings.Builder
	for at := now.In(zone); ; {
		_, offset := at.Zone()
		start, _ := at.ZoneBounds()
		if start.IsZero() || start.Year() < clockSince {
			if b.Len() == 0 {
				return fmt.Sprint(offset)
			}
			fmt.Fprintf(&b, " ELSE %d END", offset)
			return "CASE" + b.String()
		}
		fmt.Fprintf(&b, " WHEN o.placed_at >= TIMESTAMP '%s' THEN %d", start.UTC().Format(time.DateTime), offset)
		at = start.Add(-time.Nanosecond)
	}
}
