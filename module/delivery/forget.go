package delivery

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/customer"
)

var _ customer.Keeper = (*Post)(nil)

// Tell gives the messages to somebody, also those that were not sent, with the reason.
func (p *Post) Tell(ctx context.Context, db bun.IDB, w customer.Whom) ([]customer.Section, error) {
	s, err := customer.ReadSection(ctx, db, "mails", `SELECT m.title, d.email, d.state, d.reason, d.detail, d.attempts, d.settled_at
		FROM crm_deliveries d JOIN crm_mailings m ON m.id = d.mailing_id WHERE d.profile_id IN (?) ORDER BY d.mailing_id`, bun.List(w.ProfileIDs))
	return []customer.Section{s}, err
}

// Forget takes the address and the servers' answers out of the ledger, and messages that still wait are not sent. How many
// were sent, and what became of them, stays. One that is on the wire at this moment ends as it ends; consent is gone, so
// no other begins.
func (p *Post) Forget(ctx context.Context, tx bun.IDB, w customer.Whom) error {
	_, err := tx.NewRaw(`UPDATE crm_deliveries SET email = '', detail = '', reason = IF(state IN (?, ?), ?, reason), settled_at = IF(state IN (?, ?), ?, settled_at),
			next_attempt_at = NULL, state = IF(state IN (?, ?), ?, state) WHERE profile_id IN (?)`,
		Queued, Deferred, ReasonNoConsent, Queued, Deferred, p.now(), Queued, Deferred, Skipped, bun.List(w.ProfileIDs)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("forgetting to whom messages went: %w", err)
	}
	return nil
}
