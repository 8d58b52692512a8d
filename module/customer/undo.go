package customer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// Undo takes a merge or an unlinking back, whatever happened since: what moved returns to its owner, with the orders and
// consents that have come to it meanwhile and with what else was recognised by it. Who withdrew while the two were one
// stays withdrawn in both. It needs staff.EditPeople. It fails with [ErrUndone], [ErrNothingLeft], [ErrOnlyIdentity], [ErrSamePerson] and
// store.ErrNotFound.
func (r *Registry) Undo(ctx context.Context, regroupingID int64) (Regrouping, error) {
	actor, err := staff.Require(ctx, staff.EditPeople)
	if err != nil {
		return Regrouping{}, err
	}
	var done regroupingRow
	for try := 1; ; try++ {
		err = store.InTx(ctx, r.db, func(ctx context.Context, tx bun.Tx) error {
			done, err = r.undo(ctx, tx, regroupingID, actor)
			return err
		})
		if !errors.Is(err, errRaced) || try == linkAttempts {
			return done.regrouping(), err
		}
	}
}

func (r *Registry) undo(ctx context.Context, tx bun.Tx, id int64, actor staff.Actor) (regroupingRow, error) {
	done, err := r.regrouping(ctx, tx, id, true)
	if err != nil {
		return done, err
	}
	if !done.UndoneAt.IsZero() {
		return done, ErrUndone
	}
	from, to, err := r.wayBack(ctx, tx, done)
	if err != nil {
		return done, err
	}
	way, err := r.wayOf(ctx, tx, done, from)
	if err != nil {
		return done, err
	}
	h, err := r.holdAny(ctx, tx, append(way.profiles(), from, to)...)
	if err != nil {
		return done, err
	}
	src, dst := h[from], h[to]
	if src == nil || dst == nil || src.row.MergedInto != 0 || done.Kind == Unlinking && dst.row.MergedInto != 0 {
		return done, errRaced
	}
	if from2, to2, err := r.wayBack(ctx, tx, done); err != nil || from2 != from || to2 != to {
		return done, cmp.Or(err, errRaced) // somebody moved it on while the profiles were waited for
	}
	ids, err := r.stillThere(ctx, tx, done, way, from)
	if err != nil {
		return done, err
	}
	if len(ids) == 0 {
		return done, ErrNothingLeft
	}
	if err := r.handOver(ctx, tx, done, ids, h, src, dst, way); err != nil {
		return done, err
	}
	done.UndoneAt, done.UndoneBy = null(r.now()), actor.Account.ID
	if _, err := tx.NewUpdate().Model(&done).Column("undone_at", "undone_by").WherePK().Exec(ctx); err != nil {
		return done, fmt.Errorf("marking regrouping %d as undone: %w", id, err)
	}
	if _, err := tx.NewDelete().Table("crm_separations").Where("regrouping_id = ?", id).Exec(ctx); err != nil {
		return done, fmt.Errorf("forgetting that two were parted: %w", err)
	}
	action := map[RegroupingKind]string{Merging: "customer.merge_undone", Unlinking: "customer.unlink_undone"}[done.Kind]
	return done, staff.Record(ctx, tx, action, "customer", to, map[string]any{"from": from, "regrouping": id, "identities": len(ids)})
}

// wayBack tells between which profiles things move when a regrouping is undone: between those that hold them now.
func (r *Registry) wayBack(ctx context.Context, db bun.IDB, done regroupingRow) (from, to int64, err error) {
	holder, owner := done.OtherID, done.ProfileID
	if done.Kind == Unlinking {
		holder, owner = done.ProfileID, done.OtherID
	}
	src, err := r.follow(ctx, db, holder, false)
	if err != nil {
		return 0, 0, err
	}
	if done.Kind == Merging {
		return src.ID, owner, nil // it comes to life again, whatever went into it
	}
	dst, err := r.follow(ctx, db, owner, false)
	if err != nil {
		return 0, 0, err
	}
	if src.ID == dst.ID {
		return 0, 0, ErrSamePerson
	}
	return src.ID, dst.ID, nil
}

// way is the merges that stand along which a merge's things went on, the merge itself first, and those that stand beside
// them.
type way struct{ along, beside []regroupingRow }

func (w way) profiles() (ids []int64) {
	for _, g := range append(slices.Clone(w.along), w.beside...) {
		ids = append(ids, g.ProfileID, g.OtherID)
	}
	return ids
}

// into is the merges beside the way that went into a profile after one on the way did.
func (w way) into(profileID, after int64) (list []regroupingRow) {
	for _, g := range w.beside {
		if g.OtherID == profileID && g.ID > after {
			list = append(list, g)
		}
	}
	return list
}

// passed says whether an identity went the whole way: one that an undoing had returned to a profile further on did not.
func (w way) passed(identityID int64) bool {
	return !slices.ContainsFunc(w.along[min(1, len(w.along)):], func(g regroupingRow) bool { return !slices.Contains(g.Moved.Identities, identityID) })
}

// wayOf follows a merge's things to where they are now; it is empty for an unlinking.
func (r *Registry) wayOf(ctx context.Context, db bun.IDB, done regroupingRow, holder int64) (way, error) {
	if done.Kind != Merging {
		return way{}, nil
	}
	all, err := r.regroupingsOf(ctx, db, holder)
	if err != nil {
		return way{}, err
	}
	w := way{along: []regroupingRow{done}}
	for _, g := range all {
		switch last := w.along[len(w.along)-1]; {
		case g.Kind != Merging || !g.UndoneAt.IsZero() || g.ID == done.ID:
		case g.ID > done.ID && g.ProfileID == last.OtherID:
			w.along = append(w.along, g)
		default:
			w.beside = append(w.beside, g)
		}
	}
	return w, nil
}

// stillThere gives the identities that moved and are still where they went, and those that were recognised by them since;
// not those that were taken out by an undoing between, and came there again with a later merge.
func (r *Registry) stillThere(ctx context.Context, db bun.IDB, done regroupingRow, w way, holder int64) ([]int64, error) {
	here, err := r.identityRows(ctx, db, holder)
	if err != nil {
		return nil, err
	}
	came := map[int64]bool{}
	for _, g := range w.beside {
		if g.ID > done.ID {
			for _, id := range g.Moved.Identities {
				came[id] = true
			}
		}
	}
	var ids []int64
	for _, i := range here {
		if slices.Contains(done.Moved.Identities, i.ID) && !came[i.ID] && w.passed(i.ID) {
			ids = append(ids, i.ID)
		}
	}
	for grew := true; grew; {
		grew = false
		for _, i := range here {
			if i.ViaID != 0 && slices.Contains(ids, i.ViaID) && !slices.Contains(ids, i.ID) {
				ids, grew = append(ids, i.ID), true
			}
		}
	}
	slices.Sort(ids)
	return ids, nil
}

// handOver moves identities back and makes both profiles tell again what their own things say.
func (r *Registry) handOver(ctx context.Context, tx bun.Tx, done regroupingRow, ids []int64, h map[int64]*held, src, dst *held, w way) error {
	ours := func(list []int64) []int64 {
		return slices.DeleteFunc(slices.Clone(list), func(id int64) bool { return !slices.Contains(ids, id) })
	}
	if err := r.place(ctx, tx, ids, LinkedBySystem); err != nil {
		return err
	}
	if err := r.placeByHand(ctx, tx, ours(done.Moved.ByHand)); err != nil {
		return err
	}
	if done.Kind == Merging {
		dst.row.MergedInto = 0
		if err := r.returnProfiles(ctx, tx, done, src.row.ID); err != nil {
			return err
		}
		if err := r.returnNotes(ctx, tx, done, src.row.ID); err != nil {
			return err
		}
	}
	rest, err := r.transfer(ctx, tx, ids, src.row.ID, dst.row.ID)
	if err != nil {
		return err
	}
	if done.Kind == Merging && rest == 0 {
		return ErrOnlyIdentity // what was its own was taken out since: that is to be undone first
	}
	if done.Kind == Unlinking && rest == 0 { // all that it was is back: nobody is left there
		if err := r.absorb(ctx, tx, src.row.ID, dst.row.ID, r.now()); err != nil {
			return err
		}
		dst.row.host(src.row)
		src.row.MergedInto = dst.row.ID
	}
	if err := r.retell(ctx, tx, ids, h, src, dst, w); err != nil {
		return err
	}
	if err := r.saveHeld(ctx, tx, slices.Collect(maps.Values(h))...); err != nil {
		return err
	}
	if done.Kind == Merging {
		if err := r.consents.CarryWithdrawals(ctx, tx, src.row.ID, dst.row.ID, ids[0], done.At); err != nil {
			return err
		}
	}
	return r.settle(ctx, tx, src.row.ID, dst.row.ID)
}

// transfer gives identities, with their orders and consents, from one profile to another, and tells how many that
// recognise somebody stay.
func (r *Registry) transfer(ctx context.Context, tx bun.IDB, ids []int64, from, to int64) (rest int, err error) {
	for _, step := range []string{
		"UPDATE crm_identities SET profile_id = ? WHERE id IN (?) AND kind <> 'phone' AND profile_id = ?",
		"UPDATE IGNORE crm_identities SET profile_id = ?, slot = profile_id WHERE id IN (?) AND kind = 'phone' AND profile_id = ?",
	} {
		if _, err := tx.NewRaw(step, to, bun.List(ids), from).Exec(ctx); err != nil {
			return 0, fmt.Errorf("moving identities of profile %d to %d: %w", from, to, err)
		}
	}
	// A number that the other profile has already did not move, and is not needed twice.
	if _, err := tx.NewRaw("DELETE FROM crm_identities WHERE id IN (?) AND kind = 'phone' AND profile_id = ?", bun.List(ids), from).Exec(ctx); err != nil {
		return 0, fmt.Errorf("moving phone numbers of profile %d to %d: %w", from, to, err)
	}
	if err := r.orders.Reassign(ctx, tx, ids, to); err != nil {
		return 0, fmt.Errorf("moving orders of profile %d to %d: %w", from, to, err)
	}
	if err := r.consents.Part(ctx, tx, ids, from, to); err != nil {
		return 0, err
	}
	err = tx.NewRaw("SELECT COUNT(*) FROM crm_identities WHERE profile_id = ? AND kind IN (?)", from, bun.List(recognising)).Scan(ctx, &rest)
	if err != nil {
		return 0, fmt.Errorf("counting identities of profile %d: %w", from, err)
	}
	return rest, nil
}

// recognising is the kinds of identities that make somebody known by themselves.
var recognising = []Kind{KindAccount, KindEmail, KindOrder}

// returnProfiles leads those that had gone into the returning profile before the merge to it again.
func (r *Registry) returnProfiles(ctx context.Context, tx bun.IDB, done regroupingRow, holder int64) error {
	if len(done.Moved.Profiles) == 0 {
		return nil
	}
	_, err := tx.NewRaw("UPDATE crm_profiles SET merged_into = ? WHERE id IN (?) AND merged_into = ?", done.ProfileID, bun.List(done.Moved.Profiles), holder).Exec(ctx)
	if err != nil {
		return fmt.Errorf("returning what had gone into profile %d: %w", done.ProfileID, err)
	}
	return nil
}

func (r *Registry) returnNotes(ctx context.Context, tx bun.IDB, done regroupingRow, holder int64) error {
	if len(done.Moved.Notes) == 0 {
		return nil
	}
	_, err := tx.NewRaw("UPDATE crm_notes SET profile_id = ? WHERE id IN (?) AND profile_id = ?", done.ProfileID, bun.List(done.Moved.Notes), holder).Exec(ctx)
	if err != nil {
		return fmt.Errorf("returning notes to profile %d: %w", done.ProfileID, err)
	}
	return nil
}
