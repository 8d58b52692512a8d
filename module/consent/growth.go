package consent

import (
	"context"
	"fmt"
	"time"
)

// Week is how the audience changed in seven days.
type Week struct {
	From   time.Time
	Joined int64 // people who agreed to a topic
	Left   int64 // people who withdrew from one
}

// Growth counts, over the given number of weeks that end at to, who agreed and who withdrew in each, on any topic of a
// shop (0: of any shop). Weeks are in order; somebody who did both in one week counts for both.
func (l *Ledger) Growth(ctx context.Context, shopID int64, to time.Time, weeks int) ([]Week, error) {
	all := make([]Week, weeks)
	for i := range all {
		all[i].From = to.AddDate(0, 0, -7*(weeks-i))
	}
	if weeks == 0 {
		return nil, nil
	}
	q := l.db.NewSelect().Table("crm_consents").
		ColumnExpr("FLOOR(TIMESTAMPDIFF(HOUR, ?, at) / 168) AS week, state, COUNT(DISTINCT profile_id) AS n", all[0].From.UTC()).
		Where("at >= ?", all[0].From.UTC()).Where("at < ?", to.UTC()).
		GroupExpr("week, state")
	if shopID != 0 {
		q = q.Where("shop_id = ?", shopID)
	}
	var rows []struct {
		Week  int
		State State
		N     int64
	}
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("counting who joined and left: %w", err)
	}
	for _, r := range rows {
		// Clocks that were set in between may push the last hour one week further.
		week := &all[min(r.Week, weeks-1)]
		if r.State == Granted {
			week.Joined += r.N
		} else {
			week.Left += r.N
		}
	}
	return all, nil
}
