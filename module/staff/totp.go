package staff

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/store"
)

// ErrNoTOTP says that no one-time code was begun or set up for the account.
var ErrNoTOTP = errors.New("no one-time code is set up")

const step = 30 // seconds, RFC 6238

// BeginTOTP makes a new secret for an account's one-time codes and gives it with its otpauth:// address, which an app
// reads as a QR code. Codes are asked for only after [Directory.ConfirmTOTP]. Only the account itself may do it.
func (d *Directory) BeginTOTP(ctx context.Context, id int64) (secret, uri string, err error) {
	actor, ok := From(ctx)
	if !ok || actor.Account.ID != id {
		return "", "", &DeniedError{Permission: ManageStaff, Role: actor.Account.Role}
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Kupec", AccountName: string(actor.Account.Email)})
	if err != nil {
		return "", "", fmt.Errorf("making a one-time code secret: %w", err)
	}
	sealed := d.box.Seal([]byte(key.Secret()), sealContext(id))
	_, err = d.db.ExecContext(ctx, "UPDATE crm_staff SET totp_secret = ?, totp_confirmed_at = NULL WHERE id = ? AND totp_confirmed_at IS NULL", sealed, id)
	if err != nil {
		return "", "", fmt.Errorf("keeping a one-time code secret: %w", err)
	}
	row, err := d.row(ctx, d.db, "id = ?", id)
	if err != nil {
		return "", "", err
	}
	if row.TOTPConfirmedAt != nil {
		return "", "", &InvalidError{"code", "staff.code.already"}
	}
	return key.Secret(), key.URL(), nil
}

// ConfirmTOTP turns one-time codes on, once a right code shows that the account's app has the secret.
func (d *Directory) ConfirmTOTP(ctx context.Context, id int64, code string) error {
	if err := selfOr(ctx, id, ManageStaff); err != nil {
		return err
	}
	now := d.cfg.Clock().UTC()
	return store.InTx(ctx, d.db, func(ctx context.Context, tx bun.Tx) error {
		row, err := d.row(ctx, tx, "id = ?", id)
		if err != nil {
			return err
		}
		if err := d.spendCode(ctx, tx, row, code, now); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE crm_staff SET totp_confirmed_at = ? WHERE id = ?", now, id); err != nil {
			return fmt.Errorf("turning one-time codes on: %w", err)
		}
		return Record(ctx, tx, "staff.totp_on", "staff", id, nil)
	})
}

// DropTOTP turns one-time codes off: by the account itself, or by [ManageStaff] for somebody who lost the device.
func (d *Directory) DropTOTP(ctx context.Context, id int64) error {
	if err := selfOr(ctx, id, ManageStaff); err != nil {
		return err
	}
	return store.InTx(ctx, d.db, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.ExecContext(ctx, "UPDATE crm_staff SET totp_secret = NULL, totp_confirmed_at = NULL WHERE id = ?", id); err != nil {
			return fmt.Errorf("turning one-time codes off: %w", err)
		}
		return Record(ctx, tx, "staff.totp_off", "staff", id, nil)
	})
}

// spendCode checks a code against the present step and its neighbours, and never takes the same or an older one again
// (RFC 6238, 5.2), not even in a race: the update carries the condition.
func (d *Directory) spendCode(ctx context.Context, tx bun.Tx, row accountRow, code string, now time.Time) error {
	if len(row.TOTPSecret) == 0 {
		return ErrNoTOTP
	}
	secret, err := d.box.Open(row.TOTPSecret, sealContext(row.ID))
	if err != nil {
		return err
	}
	code = strings.ReplaceAll(strings.TrimSpace(code), " ", "")
	current := now.Unix() / step
	for _, at := range []int64{current, current - 1, current + 1} {
		want, err := totp.GenerateCode(string(secret), time.Unix(at*step, 0).UTC())
		if err != nil {
			return fmt.Errorf("working out a one-time code: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) != 1 {
			continue
		}
		res, err := tx.ExecContext(ctx, "UPDATE crm_staff SET totp_last_step = ? WHERE id = ? AND totp_last_step < ?", at, row.ID, at)
		if err != nil {
			return fmt.Errorf("spending a one-time code: %w", err)
		}
		if n, _ := res.RowsAffected(); n == 1 {
			return nil
		}
	}
	return &InvalidError{"code", "staff.code.wrong"}
}

func sealContext(id int64) []byte { return strconv.AppendInt([]byte("staff "), id, 10) }
