package consent

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// Join gives all that profile from said to profile to, and refreshes both profiles' states. What from said without an
// identity is kept under speaker, one of the identities that move: else the last word of one person would answer the
// withdrawal of the other, and the strictest would not win. It belongs into the transaction that moves the identities.
func (l *Ledger) Join(ctx context.Context, db bun.IDB, from, to, speaker int64) error {
	res, err := db.NewRaw("UPDATE crm_consents SET identity_id = IF(identity_id = 0, ?, identity_id), profile_id = ? WHERE profile_id = ?", speaker, to, from).Exec(ctx)
	if err != nil {
		return fmt.Errorf("moving consents of profile %d to %d: %w", from, to, err)
	}
	return l.refreshMoved(ctx, db, res, from, to)
}

// Part gives what these identities said from profile from to profile to, and refreshes both profiles' states. What the
// person said without an identity stays.
func (l *Ledger) Part(ctx context.Context, db bun.IDB, identityIDs []int64, from, to int64) error {
	if len(identityIDs) == 0 {
		return nil
	}
	res, err := db.NewRaw("UPDATE crm_consents SET profile_id = ? WHERE profile_id = ? AND identity_id IN (?)", to, from, bun.List(identityIDs)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("moving consents of profile %d to %d: %w", from, to, err)
	}
	return l.refreshMoved(ctx, db, res, from, to)
}

// CarryWithdrawals repeats for profile to each withdrawal in force for profile from that was made since a time, where to
// stands granted: whoever withdrew while the two were taken for one person meant both. It is written under the identity
// of to given, on the day of the withdrawal.
func (l *Ledger) CarryWithdrawals(ctx context.Context, db bun.IDB, from, to, identity int64, since time.Time) error {
	var rows []entryRow
	err := db.NewRaw(`SELECT c.shop_id, c.topic, c.state, c.source, c.wording, c.ip, c.user_agent, c.mailing_id, c.at
		FROM crm_consent_states mine JOIN crm_consent_states other ON other.profile_id = ? AND other.topic = mine.topic AND other.shop_id = mine.shop_id
			JOIN crm_consents c ON c.id = other.consent_id
		WHERE mine.profile_id = ? AND mine.state = ? AND other.state = ? AND c.at >= ?`, from, to, Granted, Withdrawn, since.UTC()).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("reading the withdrawals of profile %d: %w", from, err)
	}
	for _, r := range rows {
		e := r.entry()
		e.ProfileID, e.IdentityID = to, identity
		if err := l.Record(ctx, db, e); err != nil {
			return err
		}
	}
	return nil
}

// Outcome is where two profiles stand on a topic of a shop, and where one made of both would.
type Outcome struct {
	Topic    string
	ShopID   int64
	From, To State // empty: never asked
	Joined   State
}

// Outcomes tells what a merge would make of the two profiles' states: the strictest of them.
func (l *Ledger) Outcomes(ctx context.Context, from, to int64) ([]Outcome, error) {
	states, err := l.StatesOf(ctx, []int64{from, to})
	if err != nil {
		return nil, err
	}
	var list []Outcome
	at := map[about]int{}
	note := func(s StateOf, set func(*Outcome)) {
		key := about{topic: s.Topic, shopID: s.ShopID}
		i, ok := at[key]
		if !ok {
			i, list = len(list), append(list, Outcome{Topic: s.Topic, ShopID: s.ShopID})
			at[key] = i
		}
		set(&list[i])
		if list[i].Joined != Withdrawn {
			list[i].Joined = s.State
		}
	}
	for _, s := range states[to] {
		note(s, func(o *Outcome) { o.To = s.State })
	}
	for _, s := range states[from] {
		note(s, func(o *Outcome) { o.From = s.State })
	}
	return list, nil
}

// refreshMoved refreshes two profiles between which entries moved, if any did: most people have none.
func (l *Ledger) refreshMoved(ctx context.Context, db bun.IDB, moved interface{ RowsAffected() (int64, error) }, from, to int64) error {
	if n, err := moved.RowsAffected(); err == nil && n == 0 {
		return nil
	}
	for _, id := range []int64{min(from, to), max(from, to)} {
		if err := l.RefreshProfile(ctx, db, id); err != nil {
			return err
		}
	}
	return nil
}
