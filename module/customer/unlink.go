package customer

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// Unlink takes an account, an address or an order out of its profile, which must be recognised by another one too, and
// gives it one of its own: the one that it was of before a merge, where there was one. Its orders and what it agreed to go
// with it, and so do the phone numbers that only it showed. No shop's row joins the two again; only the staff can
// ([Registry.Undo], [Registry.Merge]). It needs staff.EditPeople. It fails with [ErrOnlyIdentity], [ErrNotALink], and
// store.ErrNotFound.
func (r *Registry) Unlink(ctx context.Context, identityID int64) (Regrouping, error) {
	actor, err := staff.Require(ctx, staff.EditPeople)
	if err != nil {
		return Regrouping{}, err
	}
	var done regroupingRow
	err = store.InTx(ctx, r.db, func(ctx context.Context, tx bun.Tx) error {
		from, _, err := r.linkToCut(ctx, tx, identityID)
		if err != nil {
			return err
		}
		h, err := r.holdAny(ctx, tx, from, identityID)
		if err != nil {
			return err
		}
		src := h[from]
		if src == nil || src.row.MergedInto != 0 || !src.row.ErasedAt.IsZero() {
			return fmt.Errorf("identity %d: %w", identityID, store.ErrNotFound)
		}
		// It may have gone elsewhere while the profile was waited for.
		owner, ids, err := r.linkToCut(ctx, tx, identityID)
		if err != nil {
			return err
		}
		if owner != from {
			return fmt.Errorf("identity %d: %w", identityID, store.ErrNotFound)
		}
		dst, err := r.ownProfile(ctx, tx, src, h[identityID], identityID)
		if err != nil {
			return err
		}
		done = regroupingRow{Kind: Unlinking, ProfileID: dst.row.ID, OtherID: from, StaffID: actor.Account.ID, At: r.now(), Moved: movedThings{Identities: ids}}
		if _, err := tx.NewInsert().Model(&done).Exec(ctx); err != nil {
			return fmt.Errorf("writing down an unlinking: %w", err)
		}
		if err := r.part(ctx, tx, done, src, dst); err != nil {
			return err
		}
		return staff.Record(ctx, tx, "customer.unlink", "customer", from, map[string]any{"to": dst.row.ID, "regrouping": done.ID, "identities": len(ids)})
	})
	return done.regrouping(), err
}

// linkToCut tells whose an identity is and what goes with it.
func (r *Registry) linkToCut(ctx context.Context, db bun.IDB, identityID int64) (owner int64, ids []int64, err error) {
	if err := db.NewRaw("SELECT profile_id FROM crm_identities WHERE id = ?", identityID).Scan(ctx, &owner); err != nil {
		return 0, nil, fmt.Errorf("identity %d: %w", identityID, store.NotFound(err))
	}
	all, err := r.identityRows(ctx, db, owner)
	if err != nil {
		return 0, nil, err
	}
	others := 0
	for _, i := range all {
		known := slices.Contains(recognising, i.Kind)
		switch {
		case i.ID == identityID && !known:
			return 0, nil, ErrNotALink
		case i.ID == identityID, !known && i.ViaID == identityID:
			ids = append(ids, i.ID)
		case known:
			others++
		}
	}
	if others == 0 {
		return 0, nil, ErrOnlyIdentity
	}
	return owner, ids, nil
}

// ownProfile is the profile that an identity founded, when it lies merged in src, or else a new one.
func (r *Registry) ownProfile(ctx context.Context, tx bun.IDB, src, founded *held, identityID int64) (*held, error) {
	if founded != nil && founded.row.MergedInto == src.row.ID && founded.row.ErasedAt.IsZero() {
		founded.row.MergedInto = 0
		return founded, nil
	}
	id := identityID
	if founded != nil {
		var err error
		if id, err = r.freshID(ctx, tx, identityID); err != nil {
			return nil, err
		}
	}
	return &held{row: profileRow{ID: id, ShopID: src.row.ShopID, CreatedAt: r.now()}}, nil
}

// freshID takes an id out of the row of identities' ids, so that no identity ever founds a profile of the same.
func (r *Registry) freshID(ctx context.Context, tx bun.IDB, identityID int64) (int64, error) {
	row := identityRow{Kind: "id", Value: strconv.FormatInt(identityID, 10), LinkedBy: LinkedByStaff, Evidence: EvidenceStaff, CreatedAt: r.now()}
	if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
		return 0, fmt.Errorf("finding an id for a profile: %w", err)
	}
	if _, err := tx.NewDelete().Model(&row).WherePK().Exec(ctx); err != nil {
		return 0, fmt.Errorf("finding an id for a profile: %w", err)
	}
	return row.ID, nil
}

// part moves what was unlinked, keeps the two apart, and makes both tell what their own things say.
func (r *Registry) part(ctx context.Context, tx bun.Tx, done regroupingRow, src, dst *held) error {
	ids := done.Moved.Identities
	var since time.Time
	if err := tx.NewRaw("SELECT MIN(created_at) FROM crm_identities WHERE id IN (?)", bun.List(ids)).Scan(ctx, &since); err != nil {
		return fmt.Errorf("reading since when identities are known: %w", err)
	}
	if _, err := r.transfer(ctx, tx, ids, src.row.ID, dst.row.ID); err != nil {
		return err
	}
	if err := r.placeByHand(ctx, tx, ids); err != nil {
		return err
	}
	if err := r.retell(ctx, tx, ids, nil, src, dst, way{}); err != nil {
		return err
	}
	src.row.Parted, dst.row.Parted = true, true
	if err := r.saveHeld(ctx, tx, src, dst); err != nil {
		return err
	}
	_, err := tx.NewRaw("INSERT INTO crm_separations (regrouping_id, profile_id, other_id) VALUES (?, ?, ?)", done.ID, dst.row.ID, src.row.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("keeping profiles %d and %d apart: %w", src.row.ID, dst.row.ID, err)
	}
	if err := r.consents.CarryWithdrawals(ctx, tx, src.row.ID, dst.row.ID, ids[0], since); err != nil {
		return err
	}
	if err := r.showPhones(ctx, tx, src.row.ID, dst.row.ID); err != nil {
		return err
	}
	return r.settle(ctx, tx, src.row.ID, dst.row.ID)
}

// showPhones gives profiles the phone numbers that their orders show and that stayed with the other.
func (r *Registry) showPhones(ctx context.Context, tx bun.IDB, profileIDs ...int64) error {
	for _, id := range profileIDs {
		people, _, err := r.told(ctx, tx, id)
		if err != nil {
			return err
		}
		var have []string
		if err := tx.NewRaw("SELECT value FROM crm_identities WHERE profile_id = ? AND kind = ?", id, KindPhone).Scan(ctx, &have); err != nil {
			return fmt.Errorf("reading phone numbers of profile %d: %w", id, err)
		}
		var rows []identityRow
		for _, p := range people {
			if number := string(p.Phone); number != "" && !slices.Contains(have, number) {
				have = append(have, number)
				rows = append(rows, identityRow{ProfileID: id, OriginProfileID: id, Kind: KindPhone, Value: number, Slot: id,
					Evidence: EvidenceOrder, EvidenceRef: p.Ref, LinkedBy: LinkedBySystem, CreatedAt: r.now()})
			}
		}
		if len(rows) == 0 {
			continue
		}
		if _, err := tx.NewInsert().Model(&rows).Ignore().ExcludeColumn("id").Exec(ctx); err != nil {
			return fmt.Errorf("noting phone numbers of profile %d: %w", id, err)
		}
	}
	return nil
}
