package staff

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/store"
)

// ErrWrongLogin says that address and password do not belong together. It does not say which is wrong.
var ErrWrongLogin = errors.New("the address or the password is wrong")

// ErrCodeNeeded says that the password was right and a one-time code is wanted too.
var ErrCodeNeeded = errors.New("a one-time code is needed")

// ErrNoSession says that a session is not there, or its time is over.
var ErrNoSession = errors.New("not signed in")

// LockedError says that there were too many wrong tries.
type LockedError struct {
	Until time.Time
}

func (e *LockedError) Error() string {
	return "too many wrong tries: try again after " + e.Until.UTC().Format("15:04:05") + " UTC"
}

// After freeTries wrong tries in a row each further one locks the account, for firstLock and then twice as long as the
// time before, up to longLock.
const (
	freeTries = 5
	firstLock = 30 * time.Second
	longLock  = time.Hour
)

// Origin is where somebody signs in from.
type Origin struct {
	IP, UserAgent string
}

// Session is one signed-in browser.
type Session struct {
	ID        string // the hash, in hexadecimal; not the token
	CreatedAt time.Time
	SeenAt    time.Time
	IP        string
	UserAgent string
}

// SignIn opens a session and gives its token, which only the browser keeps. Wrong address, password or code are
// [ErrWrongLogin] and [*InvalidError]; [ErrCodeNeeded] asks for the call again with a code; [*LockedError] is for those
// who guess. An unknown address takes as long as a wrong password.
func (d *Directory) SignIn(ctx context.Context, email, password, code string, from Origin) (string, Account, error) {
	now := d.cfg.Clock().UTC()
	address, err := contact.ParseEmail(email)
	if err != nil {
		d.matches(password, d.decoy)
		return "", Account{}, ErrWrongLogin
	}
	row, err := d.row(ctx, d.db, "email = ?", string(address))
	if errors.Is(err, store.ErrNotFound) {
		d.matches(password, d.decoy)
		return "", Account{}, ErrWrongLogin
	}
	if err != nil {
		return "", Account{}, err
	}
	if row.LockedUntil != nil && now.Before(*row.LockedUntil) {
		return "", Account{}, &LockedError{*row.LockedUntil}
	}
	if !d.matches(password, row.PasswordHash) || row.DisabledAt != nil {
		if err := d.countFailure(ctx, row.ID, now); err != nil {
			return "", Account{}, err
		}
		return "", Account{}, ErrWrongLogin
	}
	if row.TOTPConfirmedAt != nil && code == "" {
		return "", Account{}, ErrCodeNeeded
	}
	token := newToken()
	err = store.InTx(ctx, d.db, func(ctx context.Context, tx bun.Tx) error {
		if row.TOTPConfirmedAt != nil {
			if err := d.spendCode(ctx, tx, row, code, now); err != nil {
				return err
			}
		}
		return d.openSession(ctx, tx, row, token, from, now)
	})
	var wrong *InvalidError
	if errors.As(err, &wrong) {
		if err := d.countFailure(ctx, row.ID, now); err != nil {
			return "", Account{}, err
		}
	}
	if err != nil {
		return "", Account{}, err
	}
	return token, row.account(), nil
}

func (d *Directory) openSession(ctx context.Context, tx bun.Tx, row accountRow, token string, from Origin, now time.Time) error {
	s := &sessionRow{TokenHash: hashToken(token), StaffID: row.ID, CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(d.cfg.SessionTime),
		IP: contact.CleanText(from.IP, 64), UserAgent: contact.CleanText(from.UserAgent, 255)}
	if _, err := tx.NewInsert().Model(s).Exec(ctx); err != nil {
		return fmt.Errorf("opening a session: %w", err)
	}
	_, err := tx.ExecContext(ctx, "UPDATE crm_staff SET failed_logins = 0, locked_until = NULL, last_login_at = ? WHERE id = ?", now, row.ID)
	if err != nil {
		return fmt.Errorf("noting a sign-in: %w", err)
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM crm_sessions WHERE expires_at < ? LIMIT 1000", now); err != nil {
		return fmt.Errorf("clearing old sessions: %w", err)
	}
	return Record(WithActor(ctx, row.account(), from.IP), tx, "staff.sign_in", "staff", row.ID, nil)
}

func (d *Directory) countFailure(ctx context.Context, id int64, now time.Time) error {
	return store.InTx(ctx, d.db, func(ctx context.Context, tx bun.Tx) error {
		var failed int
		if err := tx.NewRaw("SELECT failed_logins FROM crm_staff WHERE id = ? FOR UPDATE", id).Scan(ctx, &failed); err != nil {
			return fmt.Errorf("counting a wrong try: %w", err)
		}
		failed++
		var until *time.Time
		if failed >= freeTries {
			lock := now.Add(min(firstLock<<min(failed-freeTries, 10), longLock))
			until = &lock
		}
		if _, err := tx.NewRaw("UPDATE crm_staff SET failed_logins = ?, locked_until = ? WHERE id = ?", failed, until, id).Exec(ctx); err != nil {
			return fmt.Errorf("counting a wrong try: %w", err)
		}
		return nil
	})
}

type sessionRow struct {
	bun.BaseModel `bun:"table:crm_sessions"`
	TokenHash     []byte    `bun:"token_hash,pk"`
	StaffID       int64     `bun:"staff_id"`
	CreatedAt     time.Time `bun:"created_at"`
	SeenAt        time.Time `bun:"seen_at"`
	ExpiresAt     time.Time `bun:"expires_at"`
	IP            string    `bun:"ip"`
	UserAgent     string    `bun:"user_agent"`
}

func hashToken(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// Session gives the account that a token's session belongs to, or [ErrNoSession].
func (d *Directory) Session(ctx context.Context, token string) (Account, error) {
	if token == "" || len(token) > 128 {
		return Account{}, ErrNoSession
	}
	now := d.cfg.Clock().UTC()
	var s sessionRow
	err := d.db.NewSelect().Model(&s).Where("token_hash = ?", hashToken(token)).Scan(ctx)
	if errors.Is(store.NotFound(err), store.ErrNotFound) {
		return Account{}, ErrNoSession
	}
	if err != nil {
		return Account{}, fmt.Errorf("reading a session: %w", err)
	}
	if now.After(s.ExpiresAt) || now.After(s.SeenAt.Add(d.cfg.IdleTime)) {
		return Account{}, ErrNoSession
	}
	account, err := d.Account(ctx, s.StaffID)
	if err != nil {
		return Account{}, err
	}
	if account.Disabled {
		return Account{}, ErrNoSession
	}
	if now.Sub(s.SeenAt) > time.Minute {
		if _, err := d.db.ExecContext(ctx, "UPDATE crm_sessions SET seen_at = ? WHERE token_hash = ?", now, s.TokenHash); err != nil {
			return Account{}, fmt.Errorf("keeping a session: %w", err)
		}
	}
	return account, nil
}

// SignOut ends the token's session. An unknown token is no error.
func (d *Directory) SignOut(ctx context.Context, token string) error {
	if _, err := d.db.ExecContext(ctx, "DELETE FROM crm_sessions WHERE token_hash = ?", hashToken(token)); err != nil {
		return fmt.Errorf("ending a session: %w", err)
	}
	return nil
}

// Sessions lists an account's open sessions, the last used first. It is for the account itself, or [ManageStaff].
func (d *Directory) Sessions(ctx context.Context, id int64) ([]Session, error) {
	if err := selfOr(ctx, id, ManageStaff); err != nil {
		return nil, err
	}
	var rows []sessionRow
	err := d.db.NewSelect().Model(&rows).Where("staff_id = ?", id).Where("expires_at > ?", d.cfg.Clock().UTC()).OrderExpr("seen_at DESC").Limit(100).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing sessions: %w", err)
	}
	sessions := make([]Session, len(rows))
	for i, r := range rows {
		sessions[i] = Session{ID: fmt.Sprintf("%x", r.TokenHash), CreatedAt: r.CreatedAt, SeenAt: r.SeenAt, IP: r.IP, UserAgent: r.UserAgent}
	}
	return sessions, nil
}

// SignOutOthers ends all of an account's sessions but the one of token ("" ends all).
func (d *Directory) SignOutOthers(ctx context.Context, id int64, token string) error {
	if err := selfOr(ctx, id, ManageStaff); err != nil {
		return err
	}
	return store.InTx(ctx, d.db, func(ctx context.Context, tx bun.Tx) error {
		if err := endSessions(ctx, tx, id, token); err != nil {
			return err
		}
		return Record(ctx, tx, "staff.sign_out_others", "staff", id, nil)
	})
}

func endSessions(ctx context.Context, tx bun.Tx, id int64, but string) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM crm_sessions WHERE staff_id = ? AND token_hash <> ?", id, hashToken(but)); err != nil {
		return fmt.Errorf("ending sessions: %w", err)
	}
	return nil
}
