package attribution

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/kupec/kupec/module/customer"
)

var _ customer.TimelineSource = (*Tracker)(nil)

// Timeline gives a profile's clicks, and those of the profiles it absorbed, newest first; machines' are left out. The
// sentence's arguments are "title", of the mailing, and "url".
func (t *Tracker) Timeline(ctx context.Context, profileID int64, before time.Time, limit int) ([]customer.Moment, error) {
	if before.IsZero() {
		before = t.now().Add(time.Hour)
	}
	var rows []struct {
		At               time.Time
		Kind, Title, URL string
		RefID            int64
	}
	// A join, since servers run IN (… UNION …) once for each row of the whole table.
	err := t.db.NewRaw(`SELECT t.at, COALESCE(m.kind, '') AS kind, COALESCE(m.title, '') AS title, COALESCE(m.ref_id, 0) AS ref_id, COALESCE(l.url, '') AS url
		FROM crm_touches t JOIN (SELECT ? AS id UNION ALL SELECT id FROM crm_profiles WHERE merged_into = ?) who ON who.id = t.profile_id
			LEFT JOIN crm_mailings m ON m.id = t.mailing_id LEFT JOIN crm_links l ON l.id = t.link_id
		WHERE t.kind = 'click' AND t.verdict = ? AND t.at < ?
		ORDER BY t.at DESC, t.id DESC LIMIT ?`, profileID, profileID, Human, before.UTC(), limit).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("reading the clicks of profile %d: %w", profileID, err)
	}
	list := make([]customer.Moment, 0, len(rows))
	for _, r := range rows {
		m := customer.Moment{At: r.At, Kind: customer.MomentClick, Key: "timeline.click", Args: map[string]any{"title": r.Title, "url": r.URL}}
		if r.Kind != "" {
			m.Link = r.Kind + "s/" + strconv.FormatInt(r.RefID, 10)
		}
		list = append(list, m)
	}
	return list, nil
}
