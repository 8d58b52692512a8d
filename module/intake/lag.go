package intake

import (
	"context"
	"fmt"
	"time"
)

const (
	lagStep = 10 * time.Minute // of which the longest lag is kept
	lagKept = 24 * time.Hour
)

// Lag is the longest that a shop was behind within ten minutes: since every stream had last nothing further, or since the
// shop was attached.
type Lag struct {
	At      time.Time // when the ten minutes began
	Seconds float64
}

// Lags tells how far behind a shop was in the last 24 hours, the oldest first. Ten minutes in which nothing looked at the
// shop, because no process ran, are left out.
func (i *Intake) Lags(ctx context.Context, shopID int64) ([]Lag, error) {
	var rows []struct {
		NotedAt time.Time
		Seconds float64
	}
	err := i.db.NewRaw("SELECT noted_at, seconds FROM crm_lags WHERE shop_id = ? AND noted_at > ? ORDER BY noted_at", shopID, i.now().Add(-lagKept)).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("reading how far behind the shop was: %w", err)
	}
	lags := make([]Lag, len(rows))
	for n, r := range rows {
		lags[n] = Lag{r.NotedAt, r.Seconds}
	}
	return lags, nil
}

// noteLag keeps how far behind the shop is now, where that is the longest of its ten minutes, and forgets what is a day old.
func (w *worker) noteLag(ctx context.Context) error {
	now := w.now()
	step := now.Truncate(lagStep)
	_, err := w.db.NewRaw(`INSERT INTO crm_lags (shop_id, noted_at, seconds)
		SELECT t.shop_id, ?, GREATEST(0, TIMESTAMPDIFF(MICROSECOND, MIN(COALESCE(t.caught_up_at, s.created_at)), ?) / 1e6)
		FROM crm_streams AS t JOIN crm_shops AS s ON s.id = t.shop_id WHERE t.shop_id = ? GROUP BY t.shop_id
		ON DUPLICATE KEY UPDATE seconds = GREATEST(seconds, VALUES(seconds))`, step, now, w.shop.ID).Exec(ctx)
	if err == nil && !step.Equal(w.lagNoted) {
		_, err = w.db.NewRaw("DELETE FROM crm_lags WHERE shop_id = ? AND noted_at <= ?", w.shop.ID, now.Add(-lagKept)).Exec(ctx)
	}
	if err != nil {
		return fmt.Errorf("noting how far behind the shop is: %w", err)
	}
	w.lagNoted = step
	return nil
}
