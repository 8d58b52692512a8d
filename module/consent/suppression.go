package consent

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// Why an address gets no marketing mail.
const (
	SuppressBounce    = "bounce"    // the mailbox does not exist or refuses for good
	SuppressComplaint = "complaint" // its owner called a mail spam
	SuppressErased    = "erased"    // its owner asked to be forgotten; only the hash is kept
	SuppressStaff     = "staff"     // somebody in the control panel decided so
)

// Suppression is an address that must get no marketing mail.
type Suppression struct {
	Hash   [32]byte
	Email  contact.Email // empty: only its hash is kept
	Reason string
	Detail string
	At     time.Time
}

type suppressionRow struct {
	bun.BaseModel `bun:"table:crm_suppressions"`

	EmailHash []byte  `bun:",pk"`
	Email     *string // NULL: forgotten
	Reason    string
	Detail    string
	At        time.Time
}

func (r suppressionRow) suppression() Suppression {
	s := Suppression{Hash: [32]byte(r.EmailHash), Reason: r.Reason, Detail: r.Detail, At: r.At}
	if r.Email != nil {
		s.Email = contact.Email(*r.Email)
	}
	return s
}

// Suppress sees to it that the address gets no marketing mail from now on. The reason that was there first stays,
// except that [SuppressErased] replaces it and forgets the address itself. Under [SuppressStaff] it needs
// staff.ManageMail and is recorded in the audit log.
func (l *Ledger) Suppress(ctx context.Context, db bun.IDB, email contact.Email, reason, detail string) error {
	if reason != SuppressStaff {
		return l.suppress(ctx, db, email, reason, detail)
	}
	if _, err := staff.Require(ctx, staff.ManageMail); err != nil {
		return err
	}
	return store.Within(ctx, db, func(ctx context.Context, tx bun.IDB) error {
		if err := l.suppress(ctx, tx, email, reason, detail); err != nil {
			return err
		}
		hash := email.Hash()
		return staff.Record(ctx, tx, "suppression.add", "suppression", 0, map[string]any{"hash": hex.EncodeToString(hash[:8])})
	})
}

func (l *Ledger) suppress(ctx context.Context, db bun.IDB, email contact.Email, reason, detail string) error {
	text := string(email)
	row := suppressionRow{EmailHash: hashOf(email), Email: &text, Reason: reason, Detail: contact.CleanText(detail, 500), At: l.now()}
	q := db.NewInsert().Model(&row)
	if reason == SuppressErased {
		row.Email = nil
		q = q.On("DUPLICATE KEY UPDATE email = NULL, reason = VALUES(reason), detail = VALUES(detail), at = VALUES(at)")
	} else {
		q = q.On("DUPLICATE KEY UPDATE reason = reason")
	}
	if _, err := q.Exec(ctx); err != nil {
		return fmt.Errorf("suppressing an address: %w", err)
	}
	return nil
}

// Lift takes the suppression off, in a transaction with its entry in the audit log. It needs staff.ManageMail and fails
// with store.ErrNotFound when there is none.
func (l *Ledger) Lift(ctx context.Context, email contact.Email) error {
	if _, err := staff.Require(ctx, staff.ManageMail); err != nil {
		return err
	}
	return store.InTx(ctx, l.db, func(ctx context.Context, tx bun.Tx) error {
		res, err := tx.NewDelete().Table("crm_suppressions").Where("email_hash = ?", hashOf(email)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("lifting a suppression: %w", err)
		}
		if n, err := res.RowsAffected(); err == nil && n == 0 {
			return fmt.Errorf("this address is not suppressed: %w", store.ErrNotFound)
		}
		hash := email.Hash()
		return staff.Record(ctx, tx, "suppression.lift", "suppression", 0, map[string]any{"hash": hex.EncodeToString(hash[:8])})
	})
}

// ComeBack takes off the suppression that an erasure left, if there is one: the address's owner subscribed anew. Other
// suppressions stay.
func (l *Ledger) ComeBack(ctx context.Context, db bun.IDB, email contact.Email) error {
	_, err := db.NewDelete().Table("crm_suppressions").Where("email_hash = ? AND reason = ?", hashOf(email), SuppressErased).Exec(ctx)
	if err != nil {
		return fmt.Errorf("welcoming an erased address back: %w", err)
	}
	return nil
}

// Suppressed gives the reason for each of the addresses that is suppressed.
func (l *Ledger) Suppressed(ctx context.Context, emails []contact.Email) (map[contact.Email]string, error) {
	return suppressed(ctx, l.db, emails)
}

func suppressed(ctx context.Context, db bun.IDB, emails []contact.Email) (map[contact.Email]string, error) {
	found := make(map[contact.Email]string)
	if len(emails) == 0 {
		return found, nil
	}
	byHash := make(map[[32]byte]contact.Email, len(emails))
	hashes := make([][]byte, len(emails))
	for i, e := range emails {
		hashes[i] = hashOf(e)
		byHash[e.Hash()] = e
	}
	var rows []suppressionRow
	err := db.NewSelect().Model(&rows).Column("email_hash", "reason").Where("email_hash IN (?)", bun.List(hashes)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading suppressions: %w", err)
	}
	for _, r := range rows {
		found[byHash[[32]byte(r.EmailHash)]] = r.Reason
	}
	return found, nil
}

// Suppressions lists them, newest first; after is the cursor of the page before, empty for the first.
func (l *Ledger) Suppressions(ctx context.Context, after string, limit int) (page []Suppression, next string, err error) {
	if limit <= 0 || limit > store.PageMax {
		limit = store.PageMax
	}
	// Bytes cannot go into a cursor; their hex sorts as they do.
	order := store.Keyset{{Column: "at", Desc: true}, {Column: "HEX(email_hash)", Desc: true}}
	var rows []suppressionRow
	q := order.Order(l.db.NewSelect().Model(&rows).Column("email_hash", "email", "reason", "detail", "at").Limit(int64(limit)))
	if after != "" {
		place, err := order.Decode(after)
		if err != nil {
			return nil, "", err
		}
		q = place.After(q)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, "", fmt.Errorf("listing suppressions: %w", err)
	}
	for _, r := range rows {
		page = append(page, r.suppression())
	}
	if len(rows) == limit {
		last := rows[len(rows)-1]
		next = order.Encode(last.At, fmt.Sprintf("%X", last.EmailHash))
	}
	return page, next, nil
}

// Forget takes out all that profiles said and were asked under these addresses, in the transaction of their erasure. Of the
// addresses only the hashes stay, as suppressions.
func (l *Ledger) Forget(ctx context.Context, db bun.IDB, profileIDs []int64, emails []contact.Email) error {
	for _, table := range []string{"crm_consents", "crm_consent_states"} {
		if _, err := db.NewDelete().Table(table).Where("profile_id IN (?)", bun.List(profileIDs)).Exec(ctx); err != nil {
			return fmt.Errorf("forgetting consents: %w", err)
		}
	}
	for _, email := range emails {
		if _, err := db.NewDelete().Table("crm_opt_ins").Where("email = ?", string(email)).Exec(ctx); err != nil {
			return fmt.Errorf("forgetting a request to subscribe: %w", err)
		}
		if err := l.suppress(ctx, db, email, SuppressErased, ""); err != nil {
			return err
		}
	}
	return nil
}
