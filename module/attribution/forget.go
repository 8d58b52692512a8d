package attribution

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/customer"
)

var _ customer.Keeper = (*Tracker)(nil)

// Tell gives somebody's clicks and openings, and which orders are credited to them.
func (t *Tracker) Tell(ctx context.Context, db bun.IDB, w customer.Whom) ([]customer.Section, error) {
	touches, err := customer.ReadSection(ctx, db, "touches", `SELECT t.kind, COALESCE(m.title, '') AS title, COALESCE(l.url, '') AS url, t.verdict, t.ip, t.user_agent, t.at
		FROM crm_touches t LEFT JOIN crm_mailings m ON m.id = t.mailing_id LEFT JOIN crm_links l ON l.id = t.link_id
		WHERE t.profile_id IN (?) ORDER BY t.at, t.id`, bun.List(w.ProfileIDs))
	if err != nil {
		return nil, err
	}
	credits, err := customer.ReadSection(ctx, db, "credits", `SELECT o.number, COALESCE(m.title, '') AS title, c.clicked_at
		FROM crm_orders o JOIN crm_credits c ON c.order_id = o.id LEFT JOIN crm_mailings m ON m.id = c.mailing_id WHERE o.profile_id IN (?) ORDER BY c.clicked_at`, bun.List(w.ProfileIDs))
	return []customer.Section{touches, credits}, err
}

// Forget takes addresses and user agents out of somebody's touches. That a mailing was clicked, and which order followed,
// stays in its sums.
func (t *Tracker) Forget(ctx context.Context, tx bun.IDB, w customer.Whom) error {
	_, err := tx.NewUpdate().Table("crm_touches").Set("ip = '', user_agent = ''").Where("profile_id IN (?)", bun.List(w.ProfileIDs)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("forgetting where clicks came from: %w", err)
	}
	return nil
}
