package staff

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/store"
)

// Account is a person who may enter the panel.
type Account struct {
	ID          int64
	Email       contact.Email
	Name        string
	Role        Role
	Language    string // BCP 47; empty: the browser's
	Theme       string // "light", "dark"; empty: the system's
	TOTP        bool   // a one-time code is asked for
	Disabled    bool
	LastLoginAt time.Time
	CreatedAt   time.Time
}

// InvalidError says which field of an account cannot be taken. Key names the sentence in a catalogue.
type InvalidError struct {
	Field string // "email", "name", "role", "password", "code"
	Key   string // "staff.password.short"
}

func (e *InvalidError) Error() string {
	switch e.Key {
	case "staff.password.short":
		return fmt.Sprintf("the password is too short: at least %d characters", minPassword)
	case "staff.password.long":
		return fmt.Sprintf("the password is too long: at most %d characters", maxPassword)
	case "staff.name.empty":
		return "the name is empty"
	case "staff.role.unknown":
		return "the role is none of owner, marketer, support, reader"
	case "staff.email.taken":
		return "somebody with this address is there already"
	case "staff.code.wrong":
		return "the code is not right: check the clock of the device that shows it, and type the newest"
	case "staff.owner.last":
		return "this is the last owner who can sign in: make somebody else an owner first"
	}
	return "the " + e.Field + " cannot be taken"
}

// Passwords are counted in characters. The upper end only bounds the work of hashing.
const (
	minPassword = 10
	maxPassword = 200
)

// Config tunes a Directory. The secret is needed; all else may be zero.
type Config struct {
	Secret      []byte           // the installation's; seals one-time-code secrets
	Clock       func() time.Time // default time.Now
	SessionTime time.Duration    // a session ends this long after signing in; default 14 days
	IdleTime    time.Duration    // and this long after it was last used; default 24 h
	Logger      *slog.Logger     // default: discards
}

// Directory is the staff. It is safe for concurrent use.
type Directory struct {
	db      *bun.DB
	cfg     Config
	box     *Box
	decoy   string        // a hash that nobody's password has
	hashing chan struct{} // argon2id takes 64 MiB a run: so many at once, no more
}

var hashParams = &argon2id.Params{Memory: 64 * 1024, Iterations: 2, Parallelism: 2, SaltLength: 16, KeyLength: 32}

// New makes a Directory over db.
func New(db *bun.DB, cfg Config) (*Directory, error) {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.SessionTime == 0 {
		cfg.SessionTime = 14 * 24 * time.Hour
	}
	if cfg.IdleTime == 0 {
		cfg.IdleTime = 24 * time.Hour
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if len(cfg.Secret) < 32 {
		return nil, errors.New("staff: the secret needs at least 32 bytes")
	}
	box, err := NewBox(cfg.Secret, "totp")
	if err != nil {
		return nil, err
	}
	decoy, err := argon2id.CreateHash(newToken(), hashParams)
	if err != nil {
		return nil, fmt.Errorf("trying argon2id: %w", err)
	}
	return &Directory{db: db, cfg: cfg, box: box, decoy: decoy, hashing: make(chan struct{}, 4)}, nil
}

type accountRow struct {
	bun.BaseModel   `bun:"table:crm_staff"`
	ID              int64      `bun:"id,pk,autoincrement"`
	Email           string     `bun:"email"`
	Name            string     `bun:"name"`
	Role            string     `bun:"role"`
	PasswordHash    string     `bun:"password_hash"`
	TOTPSecret      []byte     `bun:"totp_secret"`
	TOTPConfirmedAt *time.Time `bun:"totp_confirmed_at"`
	TOTPLastStep    int64      `bun:"totp_last_step"`
	Language        string     `bun:"language"`
	Theme           string     `bun:"theme"`
	FailedLogins    int        `bun:"failed_logins"`
	LockedUntil     *time.Time `bun:"locked_until"`
	DisabledAt      *time.Time `bun:"disabled_at"`
	LastLoginAt     *time.Time `bun:"last_login_at"`
	CreatedAt       time.Time  `bun:"created_at"`
}

func (r accountRow) account() Account {
	a := Account{ID: r.ID, Email: contact.Email(r.Email), Name: r.Name, Role: Role(r.Role), Language: r.Language, Theme: r.Theme,
		TOTP: r.TOTPConfirmedAt != nil, Disabled: r.DisabledAt != nil, CreatedAt: r.CreatedAt}
	if r.LastLoginAt != nil {
		a.LastLoginAt = *r.LastLoginAt
	}
	return a
}

// NewAccount is what is needed to make an account.
type NewAccount struct {
	Email    contact.Email
	Name     string
	Role     Role
	Password string
}

// Create adds an account. It needs [ManageStaff]. Errors about a field are [*InvalidError].
func (d *Directory) Create(ctx context.Context, n NewAccount) (Account, error) {
	if _, err := Require(ctx, ManageStaff); err != nil {
		return Account{}, err
	}
	name := contact.CleanText(n.Name, 120)
	switch {
	case name == "":
		return Account{}, &InvalidError{"name", "staff.name.empty"}
	case !n.Role.Valid():
		return Account{}, &InvalidError{"role", "staff.role.unknown"}
	}
	hash, err := d.hash(n.Password)
	if err != nil {
		return Account{}, err
	}
	row := &accountRow{Email: string(n.Email), Name: name, Role: string(n.Role), PasswordHash: hash, CreatedAt: d.cfg.Clock().UTC()}
	err = store.InTx(ctx, d.db, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewInsert().Model(row).Exec(ctx); err != nil {
			return err
		}
		return Record(ctx, tx, "staff.create", "staff", row.ID, map[string]any{"role": row.Role})
	})
	if store.IsDuplicate(err) {
		return Account{}, &InvalidError{"email", "staff.email.taken"}
	}
	if err != nil {
		return Account{}, fmt.Errorf("creating an account: %w", err)
	}
	return row.account(), nil
}

// Account gives one account, or [store.ErrNotFound].
func (d *Directory) Account(ctx context.Context, id int64) (Account, error) {
	row, err := d.row(ctx, d.db, "id = ?", id)
	return row.account(), err
}

// ByEmail gives the account with the address, or [store.ErrNotFound].
func (d *Directory) ByEmail(ctx context.Context, email contact.Email) (Account, error) {
	row, err := d.row(ctx, d.db, "email = ?", string(email))
	return row.account(), err
}

func (d *Directory) row(ctx context.Context, db bun.IDB, where string, arg any) (accountRow, error) {
	var row accountRow
	if err := db.NewSelect().Model(&row).Where(where, arg).Scan(ctx); err != nil {
		return row, fmt.Errorf("reading an account: %w", store.NotFound(err))
	}
	return row, nil
}

// List gives all accounts by name. Names are no secret among staff.
func (d *Directory) List(ctx context.Context) ([]Account, error) {
	var rows []accountRow
	if err := d.db.NewSelect().Model(&rows).OrderExpr("name, id").Scan(ctx); err != nil {
		return nil, fmt.Errorf("listing accounts: %w", err)
	}
	accounts := make([]Account, len(rows))
	for i, r := range rows {
		accounts[i] = r.account()
	}
	return accounts, nil
}

// SetRole changes what somebody may do, and ends their sessions. It needs [ManageStaff]; the last owner stays one.
func (d *Directory) SetRole(ctx context.Context, id int64, role Role) error {
	if !role.Valid() {
		return &InvalidError{"role", "staff.role.unknown"}
	}
	return d.manage(ctx, id, "staff.role", map[string]any{"role": role}, func(row *accountRow) { row.Role = string(role) })
}

// Disable keeps somebody out from now on. It needs [ManageStaff]; the last owner stays.
func (d *Directory) Disable(ctx context.Context, id int64) error {
	now := d.cfg.Clock().UTC()
	return d.manage(ctx, id, "staff.disable", nil, func(row *accountRow) { row.DisabledAt = &now })
}

// Enable lets somebody in again. It needs [ManageStaff].
func (d *Directory) Enable(ctx context.Context, id int64) error {
	return d.manage(ctx, id, "staff.enable", nil, func(row *accountRow) { row.DisabledAt, row.LockedUntil, row.FailedLogins = nil, nil, 0 })
}

// manage changes an account under [ManageStaff], ends its sessions, and sees to it that an owner remains.
func (d *Directory) manage(ctx context.Context, id int64, action string, detail any, change func(*accountRow)) error {
	if _, err := Require(ctx, ManageStaff); err != nil {
		return err
	}
	return store.InTx(ctx, d.db, func(ctx context.Context, tx bun.Tx) error {
		// All owners are locked in one order, so that two of them cannot retire each other at the same moment.
		var owners []int64
		if err := tx.NewRaw("SELECT id FROM crm_staff WHERE role = ? AND disabled_at IS NULL ORDER BY id FOR UPDATE", RoleOwner).Scan(ctx, &owners); err != nil {
			return fmt.Errorf("locking the owners: %w", err)
		}
		row, err := d.row(ctx, tx, "id = ?", id)
		if err != nil {
			return err
		}
		change(&row)
		if len(owners) == 1 && owners[0] == id && (Role(row.Role) != RoleOwner || row.DisabledAt != nil) {
			return &InvalidError{"role", "staff.owner.last"}
		}
		_, err = tx.NewUpdate().Model(&row).Column("role", "disabled_at", "locked_until", "failed_logins").WherePK().Exec(ctx)
		if err != nil {
			return fmt.Errorf("changing an account: %w", err)
		}
		if err := endSessions(ctx, tx, id, ""); err != nil {
			return err
		}
		return Record(ctx, tx, action, "staff", id, detail)
	})
}

// SetPassword gives an account a new password and ends its sessions. Everybody may do it for themselves; for others it
// needs [ManageStaff].
func (d *Directory) SetPassword(ctx context.Context, id int64, password string) error {
	if err := selfOr(ctx, id, ManageStaff); err != nil {
		return err
	}
	hash, err := d.hash(password)
	if err != nil {
		return err
	}
	return store.InTx(ctx, d.db, func(ctx context.Context, tx bun.Tx) error {
		res, err := tx.ExecContext(ctx, "UPDATE crm_staff SET password_hash = ?, failed_logins = 0, locked_until = NULL WHERE id = ?", hash, id)
		if err != nil {
			return fmt.Errorf("setting a password: %w", err)
		}
		if n, _ := res.RowsAffected(); n == 0 {
			return fmt.Errorf("setting a password: %w", store.ErrNotFound)
		}
		if err := endSessions(ctx, tx, id, ""); err != nil {
			return err
		}
		return Record(ctx, tx, "staff.password", "staff", id, nil)
	})
}

// CheckPassword says whether it is the account's own, for acts that ask again who one is. Wrong ones give [ErrWrongLogin].
func (d *Directory) CheckPassword(ctx context.Context, id int64, password string) error {
	row, err := d.row(ctx, d.db, "id = ?", id)
	if err != nil {
		return err
	}
	if !d.matches(password, row.PasswordHash) {
		return ErrWrongLogin
	}
	return nil
}

// SetPreferences keeps the language and the theme ("light", "dark" or "") that somebody reads the panel in.
func (d *Directory) SetPreferences(ctx context.Context, id int64, language, theme string) error {
	if err := selfOr(ctx, id, ManageStaff); err != nil {
		return err
	}
	if theme != "light" && theme != "dark" {
		theme = ""
	}
	if len(language) > 16 {
		return &InvalidError{"language", "staff.language.unknown"}
	}
	if _, err := d.db.ExecContext(ctx, "UPDATE crm_staff SET language = ?, theme = ? WHERE id = ?", language, theme, id); err != nil {
		return fmt.Errorf("keeping preferences: %w", err)
	}
	return nil
}

// selfOr lets people act on their own account, and others with the permission.
func selfOr(ctx context.Context, id int64, p Permission) error {
	if a, ok := From(ctx); ok && a.Account.ID == id && id != 0 && !a.Account.Disabled {
		return nil
	}
	_, err := Require(ctx, p)
	return err
}

func (d *Directory) hash(password string) (string, error) {
	switch n := utf8.RuneCountInString(password); {
	case n < minPassword:
		return "", &InvalidError{"password", "staff.password.short"}
	case n > maxPassword:
		return "", &InvalidError{"password", "staff.password.long"}
	}
	d.hashing <- struct{}{}
	defer func() { <-d.hashing }()
	hash, err := argon2id.CreateHash(password, hashParams)
	if err != nil {
		return "", fmt.Errorf("hashing a password: %w", err)
	}
	return hash, nil
}

func (d *Directory) matches(password, hash string) bool {
	if utf8.RuneCountInString(password) > maxPassword {
		return false
	}
	d.hashing <- struct{}{}
	defer func() { <-d.hashing }()
	ok, err := argon2id.ComparePasswordAndHash(password, hash)
	return err == nil && ok
}
