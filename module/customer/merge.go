package customer

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// Merge makes profile from a part of profile into: its identities go there, and with them their orders and consents, and
// its notes; what from knows fills in where into knows nothing. It can be undone at any later time ([Registry.Undo]). It
// needs staff.EditPeople. It fails with [ErrSamePerson], with a [*MovedError] when one of them was merged since, and with
// store.ErrNotFound.
func (r *Registry) Merge(ctx context.Context, from, into int64) (Regrouping, error) {
	actor, err := staff.Require(ctx, staff.EditPeople)
	if err != nil {
		return Regrouping{}, err
	}
	var done regroupingRow
	err = store.InTx(ctx, r.db, func(ctx context.Context, tx bun.Tx) error {
		h, err := r.hold(ctx, tx, from, into)
		if err != nil {
			return err
		}
		guest, host := h[from], h[into]
		done = regroupingRow{Kind: Merging, ProfileID: from, OtherID: into, StaffID: actor.Account.ID, At: r.now()}
		if err := r.noteMoved(ctx, tx, &done, host.row); err != nil {
			return err
		}
		host.row.host(guest.row)
		if err := r.absorb(ctx, tx, from, into, r.now()); err != nil {
			return err
		}
		if err := r.placeByHand(ctx, tx, done.Moved.Identities); err != nil {
			return err
		}
		if err := r.saveHeld(ctx, tx, host); err != nil {
			return err
		}
		if err := r.settle(ctx, tx, from, into); err != nil {
			return err
		}
		if _, err := tx.NewInsert().Model(&done).Exec(ctx); err != nil {
			return fmt.Errorf("writing down a merge: %w", err)
		}
		return staff.Record(ctx, tx, "customer.merge", "customer", into, map[string]any{"from": from, "regrouping": done.ID, "identities": len(done.Moved.Identities)})
	})
	return done.regrouping(), err
}

// noteMoved writes down what hangs on the profile that goes, and how the other was before.
func (r *Registry) noteMoved(ctx context.Context, tx bun.IDB, done *regroupingRow, host profileRow) error {
	identities, err := r.identityRows(ctx, tx, done.ProfileID)
	if err != nil {
		return err
	}
	for _, i := range identities {
		done.Moved.Identities = append(done.Moved.Identities, i.ID)
		if i.LinkedBy == LinkedByStaff {
			done.Moved.ByHand = append(done.Moved.ByHand, i.ID)
		}
	}
	if err := tx.NewRaw("SELECT id FROM crm_notes WHERE profile_id = ? ORDER BY id", done.ProfileID).Scan(ctx, &done.Moved.Notes); err != nil {
		return fmt.Errorf("reading notes of profile %d: %w", done.ProfileID, err)
	}
	if err := tx.NewRaw("SELECT id FROM crm_profiles WHERE merged_into = ? ORDER BY id", done.ProfileID).Scan(ctx, &done.Moved.Profiles); err != nil {
		return fmt.Errorf("reading what went into profile %d: %w", done.ProfileID, err)
	}
	before, err := json.Marshal(host)
	done.BeforeRow = string(before)
	return err
}

func (r *Registry) identityRows(ctx context.Context, db bun.IDB, profileID int64) ([]identityRow, error) {
	var rows []identityRow
	err := db.NewSelect().Model(&rows).Column(identityColumns...).Where("profile_id = ?", profileID).OrderExpr("id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading identities of profile %d: %w", profileID, err)
	}
	return rows, nil
}

// host takes in a profile by hand. The host keeps its address, and, where it has an account, all that this one says; else
// the account of the one who comes is the one whose own word stands from now on.
func (r *profileRow) host(guest profileRow) {
	email := r.Email
	r.learnFrom(guest)
	if r.AccountID == 0 && guest.AccountID != 0 {
		r.take(guest, guest.OwnFields&^fieldEmail)
		r.AccountID, r.OwnFields = guest.AccountID, r.OwnFields|guest.OwnFields&^fieldEmail
	}
	if email != "" {
		r.Email = email
	}
	r.HasAccount = r.HasAccount || guest.HasAccount
	r.Joined, r.Parted = true, r.Parted || guest.Parted
}

// take copies parts from another row.
func (r *profileRow) take(from profileRow, parts field) {
	for _, part := range fields {
		if parts&part == 0 {
			continue
		}
		switch part {
		case fieldName:
			r.FirstName, r.LastName = from.FirstName, from.LastName
		case fieldCompany:
			r.Company = from.Company
		case fieldPhone:
			r.Phone = from.Phone
		case fieldAddress:
			r.setAddress(from.address())
		case fieldLanguage:
			r.Language = from.Language
		case fieldEmail:
			r.Email = from.Email
		}
	}
}

// same says whether a part is the same in both rows, and not empty.
func (r profileRow) same(o profileRow, part field) bool {
	var mine, other, empty profileRow
	mine.take(r, part)
	other.take(o, part)
	return mine == other && mine != empty
}

// fields is all parts of a profile.
var fields = []field{fieldName, fieldCompany, fieldPhone, fieldAddress, fieldLanguage, fieldEmail}

// placeByHand marks identities as put where they are by the staff.
func (r *Registry) placeByHand(ctx context.Context, tx bun.IDB, ids []int64) error {
	return r.place(ctx, tx, ids, LinkedByStaff)
}

func (r *Registry) place(ctx context.Context, tx bun.IDB, ids []int64, by string) error {
	if len(ids) == 0 {
		return nil
	}
	if _, err := tx.NewUpdate().Table("crm_identities").Set("linked_by = ?", by).Where("id IN (?)", bun.List(ids)).Exec(ctx); err != nil {
		return fmt.Errorf("marking who placed identities: %w", err)
	}
	return nil
}

// held is a profile that nobody else changes until the transaction ends.
type held struct{ row, before profileRow }

// hold takes profiles in the order of their ids, as everybody does who takes several. All must be living and different.
func (r *Registry) hold(ctx context.Context, tx bun.IDB, ids ...int64) (map[int64]*held, error) {
	slices.Sort(ids)
	if len(slices.Compact(slices.Clone(ids))) < len(ids) {
		return nil, ErrSamePerson
	}
	h, err := r.holdAny(ctx, tx, ids...)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		switch p := h[id]; {
		case p == nil || !p.row.ErasedAt.IsZero():
			return nil, fmt.Errorf("profile %d: %w", id, store.ErrNotFound)
		case p.row.MergedInto != 0:
			if slices.Contains(ids, p.row.MergedInto) {
				return nil, ErrSamePerson
			}
			return nil, &MovedError{ID: id, Into: p.row.MergedInto}
		}
	}
	return h, nil
}

// holdAny takes also those that were merged or erased.
func (r *Registry) holdAny(ctx context.Context, tx bun.IDB, ids ...int64) (map[int64]*held, error) {
	var rows []profileRow
	err := tx.NewSelect().Model(&rows).Column(profileColumns...).Where("id IN (?)", bun.List(ids)).OrderExpr("id").For("UPDATE").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading profiles: %w", err)
	}
	h := make(map[int64]*held, len(rows))
	for _, row := range rows {
		h[row.ID] = &held{row, row}
	}
	return h, nil
}

// saveHeld writes what changed in held profiles.
func (r *Registry) saveHeld(ctx context.Context, tx bun.IDB, list ...*held) error {
	words := words{}
	for _, p := range list {
		if p.row == p.before {
			continue
		}
		p.row.UpdatedAt = r.now()
		words.renamed(p.before, p.row)
		if _, err := tx.NewInsert().Model(&p.row).Column(profileColumns...).On(upsert).Exec(ctx); err != nil {
			return fmt.Errorf("writing profile %d: %w", p.row.ID, err)
		}
	}
	return words.save(ctx, tx)
}

// settle makes what hangs on two regrouped profiles true again: whether they have an account, and what others work out.
func (r *Registry) settle(ctx context.Context, tx bun.IDB, ids ...int64) error {
	_, err := tx.NewRaw(`UPDATE crm_profiles p SET p.has_account = EXISTS (
		SELECT 1 FROM crm_identities i WHERE i.profile_id = p.id AND i.kind = ? AND i.evidence = ? AND i.gone_at IS NULL) WHERE p.id IN (?)`,
		KindAccount, EvidenceAccount, bun.List(ids)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("marking profiles with an account: %w", err)
	}
	if err := r.markChanged(ctx, tx, ids); err != nil {
		return err
	}
	return r.onChange(ctx, tx, ids)
}
