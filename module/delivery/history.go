package delivery

import (
	"context"
	"fmt"
)

// Past is a delivery with the mailing it is of, for a person's own page.
type Past struct {
	Delivery
	Mailing Mailing // without its content
}

// History is what became of the latest mailings whose audience a profile, or one it absorbed, was in: also of those that
// were not sent, with the reason. The latest mailing comes first.
func (p *Post) History(ctx context.Context, profileID int64, limit int) ([]Past, error) {
	var rows []struct {
		deliveryRow `bun:",extend"`
		Kind, Title string
		RefID       int64
		ShopID      int64
		MailState   MailingState
	}
	// A join, since servers run IN (… UNION …) once for each row of the whole table.
	err := p.db.NewRaw(`SELECT d.mailing_id, d.profile_id, d.email, d.state, d.reason, d.detail, d.attempts, d.next_attempt_at, d.settled_at,
			m.kind, m.title, m.ref_id, m.shop_id, m.state AS mail_state
		FROM crm_deliveries d JOIN crm_mailings m ON m.id = d.mailing_id
			JOIN (SELECT ? AS id UNION ALL SELECT id FROM crm_profiles WHERE merged_into = ?) who ON who.id = d.profile_id
		ORDER BY d.mailing_id DESC LIMIT ?`, profileID, profileID, limit).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("reading what profile %d was sent: %w", profileID, err)
	}
	all := make([]Past, len(rows))
	for i, r := range rows {
		all[i] = Past{
			Delivery: r.deliveryRow.delivery(),
			Mailing:  Mailing{ID: r.MailingID, Kind: r.Kind, RefID: r.RefID, ShopID: r.ShopID, Title: r.Title, State: r.MailState},
		}
	}
	return all, nil
}
