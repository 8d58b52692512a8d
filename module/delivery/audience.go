package delivery

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/store"
)

type mailingRow struct {
	bun.BaseModel `bun:"table:crm_mailings"`

	ID         int64 `bun:",pk,autoincrement"`
	Kind       string
	RefID      int64
	ShopID     int64
	Topic      string
	State      string
	Title      string
	Content    string
	Alarm      string
	FrozenAt   sql.NullTime
	StartedAt  sql.NullTime
	FinishedAt sql.NullTime
	CreatedAt  time.Time
}

func (r mailingRow) mailing() Mailing {
	return Mailing{
		ID: r.ID, Kind: r.Kind, RefID: r.RefID, ShopID: r.ShopID, Topic: r.Topic, Title: r.Title, Content: r.Content,
		State: MailingState(r.State), Alarm: r.Alarm,
		CreatedAt: r.CreatedAt, FrozenAt: r.FrozenAt.Time, StartedAt: r.StartedAt.Time, FinishedAt: r.FinishedAt.Time,
	}
}

// Freeze makes a mailing and puts its audience, as it is now, into the ledger with one statement: a queued row for each
// profile that may be mailed, a skipped one with its reason for each that may not. Of several profiles with one address
// the one with the lowest id gets the message. Nothing is sent before [Post.StartMailing]. db may be a transaction.
func (p *Post) Freeze(ctx context.Context, db bun.IDB, n NewMailing, audience Audience) (Mailing, error) {
	if _, ok := p.renderers[n.Kind]; !ok {
		return Mailing{}, fmt.Errorf("no renderer is registered for mailings of kind %q", n.Kind)
	}
	if n.ShopID == 0 || n.Topic == "" {
		return Mailing{}, errors.New("a mailing needs a shop and a topic")
	}
	now := p.now()
	row := mailingRow{
		Kind: n.Kind, RefID: n.RefID, ShopID: n.ShopID, Topic: n.Topic, Title: clipText(n.Title, 500), Content: n.Content,
		State: string(MailingFrozen), CreatedAt: now, FrozenAt: sql.NullTime{Time: now, Valid: true},
	}
	if _, err := db.NewInsert().Model(&row).Exec(ctx); err != nil {
		return Mailing{}, fmt.Errorf("making a mailing: %w", err)
	}
	query, args := freezeSQL(row.ID, n, audience, now)
	if _, err := db.NewRaw(query, args...).Exec(ctx); err != nil {
		return Mailing{}, fmt.Errorf("freezing the audience: %w", err)
	}
	return row.mailing(), nil
}

// freezeSQL looks for a profile with the same address and a lower id only among those who may be mailed themselves. The
// audience's condition is over the alias p, so that look-up has a p of its own, inside.
func freezeSQL(mailingID int64, n NewMailing, audience Audience, now time.Time) (string, []any) {
	granted, grantedArgs := consent.GrantedSQL(n.Topic, n.ShopID)
	withdrawn, withdrawnArgs := consent.WithdrawnSQL(n.Topic, n.ShopID)
	// A derived table with a limit is worked out once, and not, merged, again for each column that asks for "why".
	const all = "LIMIT 18446744073709551615"
	const live = "p.merged_into IS NULL AND p.erased_at IS NULL"
	condition := "(" + audience.SQL + ")"

	// Of a table that was just filled a server may think that any index will do, and look at everybody for each address.
	query := `INSERT INTO crm_deliveries (mailing_id, profile_id, email, state, reason, settled_at)
		SELECT ?, d.id, d.email, IF(d.why = '', 'queued', 'skipped'), d.why, IF(d.why = '', NULL, ?)
		FROM (SELECT c.id, c.email, CASE
				WHEN c.why <> '' THEN c.why
				WHEN EXISTS (SELECT 1 FROM crm_profiles p FORCE INDEX (crm_profiles_email) WHERE p.email = c.email AND p.id < c.id AND ` + live + ` AND ` + granted + ` AND ` + condition + `) THEN '` + ReasonDuplicate + `'
				ELSE '' END AS why
			FROM (SELECT p.id, COALESCE(p.email, '') AS email, CASE
					WHEN COALESCE(p.email, '') = '' THEN '` + ReasonNoAddress + `'
					WHEN ` + consent.SuppressedSQL() + ` THEN '` + ReasonSuppressed + `'
					WHEN ` + granted + ` THEN ''
					WHEN ` + withdrawn + ` THEN '` + ReasonWithdrawn + `'
					ELSE '` + ReasonNoConsent + `' END AS why
				FROM crm_profiles p WHERE ` + live + ` AND ` + condition + ` ` + all + `) c ` + all + `) d`
	args := []any{mailingID, now}
	for _, more := range [][]any{grantedArgs, audience.Args, grantedArgs, withdrawnArgs, audience.Args} {
		args = append(args, more...)
	}
	return query, args
}

// Mailing gives one, or store.ErrNotFound.
func (p *Post) Mailing(ctx context.Context, id int64) (Mailing, error) {
	var row mailingRow
	err := p.db.NewSelect().Model(&row).Where("id = ?", id).Scan(ctx)
	if err != nil {
		return Mailing{}, fmt.Errorf("reading mailing %d: %w", id, store.NotFound(err))
	}
	return row.mailing(), nil
}

// StateError says that a mailing is not in a state in which it can be started, paused, resumed or cancelled.
type StateError struct {
	State MailingState
	Want  []MailingState
}

func (e *StateError) Error() string {
	return fmt.Sprintf("the mailing is %s; this can only be done while it is one of %v", e.State, e.Want)
}

// StartMailing lets a frozen mailing run.
func (p *Post) StartMailing(ctx context.Context, id int64) error {
	return p.turnTo(ctx, id, MailingRunning, MailingFrozen)
}

// Pause holds a running mailing back; what is on the wire at the moment goes out. It acts in every process within a second.
func (p *Post) Pause(ctx context.Context, id int64) error {
	return p.turnTo(ctx, id, MailingPaused, MailingRunning)
}

// Resume lets a paused mailing run again and forgets its alarm.
func (p *Post) Resume(ctx context.Context, id int64) error {
	return p.turnTo(ctx, id, MailingRunning, MailingPaused)
}

// Cancel ends a mailing for good; what is on the wire at the moment goes out, and the rest is skipped.
func (p *Post) Cancel(ctx context.Context, id int64) error {
	return p.turnTo(ctx, id, MailingCancelled, MailingFrozen, MailingRunning, MailingPaused)
}

// turnTo changes a mailing's state if it is one of from. The care of any process does what follows from it.
func (p *Post) turnTo(ctx context.Context, id int64, to MailingState, from ...MailingState) error {
	var matched int64
	err := store.Retry(ctx, func() error {
		res, err := p.db.ExecContext(ctx, `UPDATE crm_mailings SET state = ?, alarm = '', started_at = IF(? = 'running', COALESCE(started_at, ?), started_at)
			WHERE id = ? AND state IN (?)`, to, to, p.now(), id, bun.List(from))
		if err != nil {
			return err
		}
		matched, err = res.RowsAffected()
		return err
	})
	if err != nil {
		return fmt.Errorf("turning mailing %d to %s: %w", id, to, err)
	}
	if matched == 0 {
		m, err := p.Mailing(ctx, id)
		if err != nil {
			return err
		}
		return &StateError{State: m.State, Want: from}
	}
	p.mu.Lock()
	if l := p.lanes[id]; l != nil {
		l.running.Store(to == MailingRunning)
	}
	p.mu.Unlock()
	p.ring()
	return nil
}
