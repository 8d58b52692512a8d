package customer

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/store"
)

// Kind is what sort of identity it is.
type Kind string

// The kinds. Accounts and orders are a shop's own; addresses and phones mean the same in every shop.
const (
	KindAccount Kind = "account" // value: the shop's key of the account
	KindEmail   Kind = "email"
	KindPhone   Kind = "phone" // may belong to several profiles, for it links nobody
	KindOrder   Kind = "order" // value: the shop's key of an order that names neither account nor address
	KindCookie  Kind = "cookie"
)

// Evidence is where an identity was seen.
type Evidence string

// The evidence there is, from strong to weak.
const (
	EvidenceAccount Evidence = "account" // the account's own row in the shop
	EvidenceOrder   Evidence = "order"
	EvidenceSignup  Evidence = "signup" // a subscription confirmed from the mailbox
	EvidenceStaff   Evidence = "staff"
	EvidenceImport  Evidence = "import" // a list of people that staff brought
)

// Who put an identity where it is. What the staff put somewhere no shop's row takes away again.
const (
	LinkedBySystem = "system"
	LinkedByStaff  = "staff"
)

// Identity is one way to recognise a person.
type Identity struct {
	ID          int64
	ProfileID   int64
	Kind        Kind
	ShopID      int64 // 0 for addresses and phones
	Value       string
	Evidence    Evidence
	EvidenceRef string // the account's key or the order's number
	LinkedBy    string
	OriginID    int64     // the profile it was first part of; differs from ProfileID after a merge
	GoneAt      time.Time // when the shop was seen to have deleted the account; zero: it is there
	CreatedAt   time.Time
}

type identityRow struct {
	bun.BaseModel `bun:"table:crm_identities"`

	ID              int64 `bun:",pk,autoincrement"`
	ProfileID       int64
	Kind            Kind
	ShopID          int64
	Value           string
	Slot            int64 // the profile for phones, else 0: what makes a kind's values unique
	Evidence        Evidence
	EvidenceRef     string
	LinkedBy        string
	OriginProfileID int64
	GoneAt          bun.NullTime
	CreatedAt       time.Time
	ViaID           int64 // the identity by which its person was recognised when it came up; it goes where that one goes
}

var identityColumns = []string{"id", "profile_id", "kind", "shop_id", "value", "slot", "evidence", "evidence_ref", "linked_by", "origin_profile_id", "gone_at", "created_at", "via_id"}

func (r identityRow) identity() Identity {
	return Identity{ID: r.ID, ProfileID: r.ProfileID, Kind: r.Kind, ShopID: r.ShopID, Value: r.Value, Evidence: r.Evidence,
		EvidenceRef: r.EvidenceRef, LinkedBy: r.LinkedBy, OriginID: r.OriginProfileID, GoneAt: r.GoneAt.Time, CreatedAt: r.CreatedAt}
}

// Identities is all by which a person is recognised, oldest first. It fails with store.ErrNotFound when there is no
// such profile.
func (r *Registry) Identities(ctx context.Context, profileID int64) ([]Identity, error) {
	var rows []identityRow
	err := r.db.NewSelect().Model(&rows).
		Column(identityColumns...).
		Where("profile_id = ?", profileID).
		OrderExpr("id").
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading identities of profile %d: %w", profileID, err)
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("identities of profile %d: %w", profileID, store.ErrNotFound)
	}
	list := make([]Identity, len(rows))
	for i, row := range rows {
		list[i] = row.identity()
	}
	return list, nil
}
