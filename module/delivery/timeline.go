package delivery

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/customer"
)

var _ customer.TimelineSource = (*Post)(nil)

// moments are the catalogue keys of what a timeline tells; deliveries in other states are not part of anybody's story.
var moments = map[State]string{
	Sent:      "timeline.mail",
	Bounced:   "timeline.mail_bounced",
	Uncertain: "timeline.mail_uncertain",
}

// Timeline gives the mails that went out to a profile, and to those it absorbed, newest first. The sentences' argument is
// "title", the link leads to what the mailing is of ("newsletters/12").
func (p *Post) Timeline(ctx context.Context, profileID int64, before time.Time, limit int) ([]customer.Moment, error) {
	if before.IsZero() {
		before = p.now().Add(time.Hour)
	}
	var rows []struct {
		SettledAt   time.Time
		State       State
		Kind, Title string
		RefID       int64
	}
	// A join, since servers run IN (… UNION …) once for each row of the whole table.
	err := p.db.NewRaw(`SELECT d.settled_at, d.state, m.kind, m.title, m.ref_id
		FROM crm_deliveries d JOIN crm_mailings m ON m.id = d.mailing_id
			JOIN (SELECT ? AS id UNION ALL SELECT id FROM crm_profiles WHERE merged_into = ?) who ON who.id = d.profile_id
		WHERE d.settled_at < ? AND d.state IN (?)
		ORDER BY d.settled_at DESC LIMIT ?`,
		profileID, profileID, before.UTC(), bun.List([]State{Sent, Bounced, Uncertain}), limit).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("reading the mails of profile %d: %w", profileID, err)
	}
	list := make([]customer.Moment, 0, len(rows))
	for _, r := range rows {
		list = append(list, customer.Moment{
			At: r.SettledAt, Kind: customer.MomentMail, Key: moments[r.State], Args: map[string]any{"title": r.Title},
			Link: r.Kind + "s/" + strconv.FormatInt(r.RefID, 10),
		})
	}
	return list, nil
}
