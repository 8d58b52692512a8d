package customer

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/purchase"
	"github.com/kupec/kupec/module/store"
)

// Config tunes a Registry. The zero value is good.
type Config struct {
	Clock   func() time.Time // default time.Now
	Country string           // ISO 3166-1 alpha-2: whose phone numbers are searched without a country code; default none
	// OnChange is told, in the transaction, whose orders changed by what the staff did here. Default: nobody is told.
	OnChange func(ctx context.Context, db bun.IDB, profileIDs []int64) error
}

// Registry is the room's service. It is safe for concurrent use once all timeline sources and keepers are added.
type Registry struct {
	db       *bun.DB
	orders   *purchase.Book
	consents *consent.Ledger
	clock    func() time.Time
	country  string
	onChange func(ctx context.Context, db bun.IDB, profileIDs []int64) error
	sources  []TimelineSource
	keepers  []Keeper
}

// New makes a registry over the CRM's database. It tells orders and consents when they come to belong to another profile.
func New(db *bun.DB, orders *purchase.Book, consents *consent.Ledger, cfg Config) *Registry {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.OnChange == nil {
		cfg.OnChange = func(context.Context, bun.IDB, []int64) error { return nil }
	}
	return &Registry{db: db, orders: orders, consents: consents, clock: cfg.Clock, country: cfg.Country, onChange: cfg.OnChange}
}

func (r *Registry) now() time.Time { return micro(r.clock()) }

// Profile is one person as the CRM knows them.
type Profile struct {
	ID           int64
	ShopID       int64 // where they were first seen
	Name         contact.Name
	Company      string
	Email        contact.Email // where they are mailed; empty: nowhere
	Phone        contact.Phone
	Address      contact.Address
	Language     string    // BCP 47, or empty
	HasAccount   bool      // a shop account that the shop still has
	RegisteredAt time.Time // first account or subscription; zero: never
	FirstSeenAt  time.Time // registration or first order; zero: the shop does not say
	CreatedAt    time.Time // in the CRM
	UpdatedAt    time.Time
}

type profileRow struct {
	bun.BaseModel `bun:"table:crm_profiles,alias:p"`

	ID           int64 `bun:",pk"`
	ShopID       int64
	FirstName    string
	LastName     string
	Company      string
	Email        string `bun:",nullzero"`
	Phone        string
	Line1        string `bun:"line1"`
	Line2        string `bun:"line2"`
	City         string
	Postcode     string
	Region       string
	Country      string
	Language     string
	AccountID    int64        `bun:",nullzero"` // the account whose own data are shown
	OwnFields    field        // those that this account filled in
	FilledAt     bun.NullTime // of the newest order that filled in others
	HasAccount   bool
	RegisteredAt bun.NullTime
	FirstSeenAt  bun.NullTime
	CreatedAt    time.Time
	UpdatedAt    time.Time
	MergedInto   int64 `bun:",nullzero"` // where all that was merged leads at once, however many merges lie between
	ErasedAt     bun.NullTime
	Joined       bool  // others went into it: the suppression of any of its addresses may count
	Parted       bool  // staff took something out of it, or it out of another: crm_separations has with whom
	Moves        int64 // counts how often identities were taken away by hand, so that a reader sees that it was late
}

var profileColumns = []string{"id", "shop_id", "first_name", "last_name", "company", "email", "phone", "line1", "line2", "city", "postcode", "region",
	"country", "language", "account_id", "own_fields", "filled_at", "has_account", "registered_at", "first_seen_at", "created_at", "updated_at", "merged_into", "erased_at",
	"joined", "parted", "moves"}

func (r profileRow) profile() Profile {
	return Profile{ID: r.ID, ShopID: r.ShopID, Name: contact.Name{First: r.FirstName, Last: r.LastName}, Company: r.Company,
		Email: contact.Email(r.Email), Phone: contact.Phone(r.Phone), Address: r.address(), Language: r.Language, HasAccount: r.HasAccount,
		RegisteredAt: r.RegisteredAt.Time, FirstSeenAt: r.FirstSeenAt.Time, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt}
}

func (r profileRow) address() contact.Address {
	return contact.Address{Line1: r.Line1, Line2: r.Line2, City: r.City, Postcode: r.Postcode, Region: r.Region, Country: r.Country}
}

func (r *profileRow) setAddress(a contact.Address) {
	r.Line1, r.Line2, r.City, r.Postcode, r.Region, r.Country = a.Line1, a.Line2, a.City, a.Postcode, a.Region, a.Country
}

// mergeDepth bounds how far a chain of merges is followed: each merge of a profile that took others in adds one.
const mergeDepth = 32

// Profile gives the person with this id; an id that was merged into another gives that other. It fails with
// store.ErrNotFound for an id that never was, or whose person was erased.
func (r *Registry) Profile(ctx context.Context, id int64) (Profile, error) {
	row, err := r.follow(ctx, r.db, id, false)
	if err != nil {
		return Profile{}, err
	}
	return row.profile(), nil
}

// Profiles gives those of the ids that are living profiles, without following merges.
func (r *Registry) Profiles(ctx context.Context, ids []int64) (map[int64]Profile, error) {
	found := make(map[int64]Profile, len(ids))
	if len(ids) == 0 {
		return found, nil
	}
	var rows []profileRow
	err := r.db.NewSelect().Model(&rows).Column(profileColumns...).
		Where("id IN (?)", bun.List(ids)).
		Where("merged_into IS NULL AND erased_at IS NULL").
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading profiles: %w", err)
	}
	for _, row := range rows {
		found[row.ID] = row.profile()
	}
	return found, nil
}

// follow reads a profile, or the one it went into, and holds it until the transaction ends when lock is set.
func (r *Registry) follow(ctx context.Context, db bun.IDB, id int64, lock bool) (profileRow, error) {
	next := id
	for range mergeDepth {
		var row profileRow
		q := db.NewSelect().Model(&row).Column(profileColumns...).Where("id = ?", next)
		if lock {
			q = q.For("UPDATE")
		}
		if err := q.Scan(ctx); err != nil {
			return profileRow{}, fmt.Errorf("profile %d: %w", id, store.NotFound(err))
		}
		switch {
		case row.MergedInto != 0:
			next = row.MergedInto
		case !row.ErasedAt.IsZero():
			return profileRow{}, fmt.Errorf("profile %d: %w", id, store.ErrNotFound)
		default:
			return row, nil
		}
	}
	return profileRow{}, fmt.Errorf("profile %d: its chain of merges is longer than %d", id, mergeDepth)
}

// ByEmail gives the person who owns the address, or store.ErrNotFound.
func (r *Registry) ByEmail(ctx context.Context, email contact.Email) (Profile, error) {
	var id int64
	err := r.db.NewRaw("SELECT profile_id FROM crm_identities WHERE kind = ? AND value = ? AND shop_id = 0 AND slot = 0", KindEmail, string(email)).Scan(ctx, &id)
	if err != nil {
		return Profile{}, fmt.Errorf("the person behind an address: %w", store.NotFound(err))
	}
	return r.Profile(ctx, id)
}

// Counts is how many people there are.
type Counts struct {
	Profiles    int64
	WithAccount int64
	Guests      int64 // known by orders or a subscription only
}

// Counts counts all people who were neither merged away nor erased.
func (r *Registry) Counts(ctx context.Context) (Counts, error) {
	var rows []struct {
		HasAccount bool
		N          int64
	}
	err := r.db.NewRaw("SELECT has_account, COUNT(*) AS n FROM crm_profiles WHERE merged_into IS NULL AND erased_at IS NULL GROUP BY has_account").Scan(ctx, &rows)
	if err != nil {
		return Counts{}, fmt.Errorf("counting profiles: %w", err)
	}
	var c Counts
	for _, row := range rows {
		c.Profiles += row.N
		if row.HasAccount {
			c.WithAccount += row.N
		} else {
			c.Guests += row.N
		}
	}
	return c, nil
}

// micro is a time as the database keeps it, comparable with ==.
func micro(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

func null(t time.Time) bun.NullTime {
	if t.IsZero() {
		return bun.NullTime{}
	}
	return bun.NullTime{Time: micro(t)}
}

func earliest(a, b bun.NullTime) bun.NullTime {
	if a.IsZero() || !b.IsZero() && b.Before(a.Time) {
		return b
	}
	return a
}
