package customer

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"
)

// save writes what link decided. A step that finds another process's identity in its way fails with errRaced and leaves
// behind nothing, or only what is right also by itself; the batch is then begun anew in the same transaction.
func (b *batch) save(ctx context.Context) error {
	if err := b.found(ctx); err != nil {
		return err
	}
	if err := b.saveIdentities(ctx); err != nil {
		return err
	}
	if err := b.saveProfiles(ctx); err != nil {
		return err
	}
	if err := b.savePhones(ctx); err != nil {
		return err
	}
	if err := b.saveMoves(ctx); err != nil {
		return err
	}
	for _, l := range b.linked {
		for _, guest := range l.took {
			if guest.row.ID == 0 || guest.into == nil {
				continue // never written; or only parted from an identity
			}
			if err := b.r.absorb(ctx, b.tx, guest.row.ID, guest.living().row.ID, b.now); err != nil {
				return err
			}
		}
	}
	if err := b.saveGone(ctx); err != nil {
		return err
	}
	return b.r.markChanged(ctx, b.tx, b.altered)
}

// found inserts the first identity of each new profile, belonging to nobody yet, and takes its id for the profile's.
func (b *batch) found(ctx context.Context) error {
	var founders []*identity
	for _, p := range b.fresh {
		if p.into != nil {
			b.added = append(b.added, p.founder)
		} else {
			founders = append(founders, p.founder)
		}
	}
	if len(founders) == 0 {
		return nil
	}
	n, err := b.insert(ctx, founders)
	if err != nil {
		return err
	}
	if err := b.readIDs(ctx, founders); err != nil {
		return err
	}
	if n < len(founders) {
		var unborn []int64
		for _, i := range founders {
			if i.row.ProfileID == 0 {
				unborn = append(unborn, i.row.ID)
			}
		}
		if len(unborn) > 0 {
			if _, err := b.tx.NewDelete().Table("crm_identities").Where("id IN (?) AND profile_id = 0", bun.List(unborn)).Exec(ctx); err != nil {
				return fmt.Errorf("taking identities back: %w", err)
			}
		}
		return errRaced
	}
	ids := make([]int64, len(founders))
	for i, f := range founders {
		f.profile.row.ID = f.row.ID
		ids[i] = f.row.ID
	}
	_, err = b.tx.NewUpdate().Table("crm_identities").Set("profile_id = id, origin_profile_id = id").Where("id IN (?)", bun.List(ids)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("founding profiles: %w", err)
	}
	return nil
}

// insert adds identities, in the order of their keys, so that two processes with the same ones wait and do not
// deadlock. It gives how many were not there.
func (b *batch) insert(ctx context.Context, list []*identity) (int, error) {
	rows := make([]identityRow, len(list))
	for i, one := range list {
		if one.profile != nil {
			one.row.ProfileID = one.profile.living().row.ID
			one.row.OriginProfileID = one.row.ProfileID
		}
		if one.row.ID == 0 {
			one.row.ViaID = one.viaID()
		}
		rows[i] = one.row
	}
	slices.SortFunc(rows, func(a, c identityRow) int {
		if d := strings.Compare(string(a.Kind), string(c.Kind)); d != 0 {
			return d
		}
		return strings.Compare(a.Value, c.Value)
	})
	res, err := b.tx.NewInsert().Model(&rows).Ignore().ExcludeColumn("id").Exec(ctx)
	if err != nil {
		return 0, fmt.Errorf("adding identities: %w", err)
	}
	n, err := res.RowsAffected()
	return int(n), err
}

// readIDs fetches ids and owners back by key, for the ids which one statement was given need not follow each other.
func (b *batch) readIDs(ctx context.Context, list []*identity) error {
	keys := make([]key, len(list))
	for i, one := range list {
		keys[i] = key{one.row.Kind, one.row.ShopID, one.row.Value, one.row.Slot}
	}
	rows, err := b.findIdentities(ctx, keys)
	if err != nil {
		return err
	}
	found := make(map[key]identityRow, len(rows))
	for _, row := range rows {
		found[key{row.Kind, row.ShopID, row.Value, row.Slot}] = row.identityRow
	}
	for i, one := range list {
		row, ok := found[keys[i]]
		if !ok {
			return fmt.Errorf("the %s identity that was just added is not there", one.row.Kind)
		}
		one.row.ID, one.row.ProfileID = row.ID, row.ProfileID
	}
	return nil
}

func (b *batch) saveIdentities(ctx context.Context) error {
	if len(b.added) > 0 {
		n, err := b.insert(ctx, b.added)
		if err != nil {
			return err
		}
		if n < len(b.added) {
			// What was inserted belongs to living profiles, except to those that have no row yet.
			if err := b.saveProfiles(ctx); err != nil {
				return err
			}
			return errRaced
		}
		var wanted []*identity
		for _, i := range b.added {
			if i.row.Kind == KindAccount || slices.ContainsFunc(b.linked, func(l linkedTo) bool { return l.identity == i }) {
				wanted = append(wanted, i)
			}
		}
		if len(wanted) > 0 {
			if err := b.readIDs(ctx, wanted); err != nil {
				return err
			}
		}
	}
	var shown []identityRow
	for _, i := range b.identities {
		if i.changed && i.row.ID != 0 {
			shown = append(shown, i.row)
		}
	}
	if len(shown) == 0 {
		return nil
	}
	slices.SortFunc(shown, func(a, c identityRow) int { return int(a.ID - c.ID) })
	_, err := b.tx.NewInsert().Model(&shown).
		On("DUPLICATE KEY UPDATE evidence = VALUES(evidence), evidence_ref = VALUES(evidence_ref), gone_at = VALUES(gone_at)").Exec(ctx)
	if err != nil {
		return fmt.Errorf("marking accounts as seen: %w", err)
	}
	return nil
}

// saveMoves gives single identities to other profiles, with the orders and consents that follow them.
func (b *batch) saveMoves(ctx context.Context) error {
	for _, m := range b.moved {
		from, to, ids := m.from.living().row.ID, m.to.living().row.ID, []int64{m.identity.row.ID}
		if _, err := b.tx.NewUpdate().Table("crm_identities").Set("profile_id = ?, via_id = 0", to).Where("id = ?", ids[0]).Exec(ctx); err != nil {
			return fmt.Errorf("moving an identity of profile %d to %d: %w", from, to, err)
		}
		if err := b.r.orders.Reassign(ctx, b.tx, ids, to); err != nil {
			return fmt.Errorf("moving orders of profile %d to %d: %w", from, to, err)
		}
		if err := b.r.consents.Reassign(ctx, b.tx, ids, from, to); err != nil {
			return err
		}
	}
	return nil
}

// upsert renews all columns of a profile that is there. Rows are held or new, so that nothing is overwritten unseen.
var upsert = func() string {
	var set []string
	for _, c := range profileColumns[1:] {
		set = append(set, c+" = VALUES("+c+")")
	}
	return "DUPLICATE KEY UPDATE " + strings.Join(set, ", ")
}()

func (b *batch) saveProfiles(ctx context.Context) error {
	var rows []profileRow
	words := words{}
	add := func(p *profile) {
		if p.into != nil {
			return
		}
		if p.lead != nil && p.lead.row.ID != 0 {
			p.row.AccountID = p.lead.row.ID
		}
		if p.row != p.before {
			p.row.UpdatedAt = b.now
			rows = append(rows, p.row)
			words.renamed(p.before, p.row)
			if p.row.looksOther(p.before) {
				b.altered = append(b.altered, p.row.ID)
			}
			p.before = p.row
		}
	}
	for _, p := range b.profiles {
		add(p)
	}
	for _, p := range b.fresh {
		add(p)
	}
	if len(rows) == 0 {
		return nil
	}
	slices.SortFunc(rows, func(a, c profileRow) int { return int(a.ID - c.ID) })
	if _, err := b.tx.NewInsert().Model(&rows).Column(profileColumns...).On(upsert).Exec(ctx); err != nil {
		return fmt.Errorf("writing profiles: %w", err)
	}
	return words.save(ctx, b.tx)
}

// savePhones adds the numbers which their profiles do not have yet.
func (b *batch) savePhones(ctx context.Context) error {
	if len(b.phones) == 0 {
		return nil
	}
	type number struct {
		profileID int64
		value     string
	}
	have := map[number]bool{}
	var known []int64
	for _, want := range b.phones {
		p := want.profile.living()
		if want.asBefore() {
			have[number{p.row.ID, string(want.person.Phone)}] = true
		} else if p.founder == nil {
			known = append(known, p.row.ID)
		}
	}
	if len(known) > 0 {
		slices.Sort(known)
		var rows []identityRow
		err := b.tx.NewSelect().Model(&rows).Column("profile_id", "value").
			Where("profile_id IN (?)", bun.List(slices.Compact(known))).
			Where("kind = ?", KindPhone).
			Scan(ctx)
		if err != nil {
			return fmt.Errorf("reading phone numbers: %w", err)
		}
		for _, row := range rows {
			have[number{row.ProfileID, row.Value}] = true
		}
	}
	var fresh []*identity
	for _, want := range b.phones {
		p := want.profile.living()
		n := number{p.row.ID, string(want.person.Phone)}
		if have[n] {
			continue
		}
		have[n] = true
		b.altered = append(b.altered, n.profileID)
		fresh = append(fresh, &identity{profile: p, via: want.via, row: identityRow{Kind: KindPhone, Value: n.value, Slot: n.profileID,
			Evidence: want.person.Evidence, EvidenceRef: want.person.Ref, LinkedBy: LinkedBySystem, CreatedAt: b.now}})
	}
	if len(fresh) == 0 {
		return nil
	}
	_, err := b.insert(ctx, fresh)
	return err
}

// absorb moves all that hangs on a guest to the profile they turned out to be. Both are held by the caller.
func (r *Registry) absorb(ctx context.Context, tx bun.IDB, guest, into int64, now time.Time) error {
	var ids []int64
	if err := tx.NewRaw("SELECT id FROM crm_identities WHERE profile_id = ? FOR UPDATE", guest).Scan(ctx, &ids); err != nil {
		return fmt.Errorf("reading identities of profile %d: %w", guest, err)
	}
	if _, err := tx.NewRaw("UPDATE crm_profiles SET merged_into = ?, updated_at = ? WHERE id = ?", into, now, guest).Exec(ctx); err != nil {
		return fmt.Errorf("merging profile %d into %d: %w", guest, into, err)
	}
	if _, err := tx.NewRaw("UPDATE crm_profiles SET merged_into = ? WHERE merged_into = ?", into, guest).Exec(ctx); err != nil {
		return fmt.Errorf("leading on what went into profile %d: %w", guest, err)
	}
	if _, err := tx.NewRaw("UPDATE crm_notes SET profile_id = ? WHERE profile_id = ?", into, guest).Exec(ctx); err != nil {
		return fmt.Errorf("moving notes of profile %d to %d: %w", guest, into, err)
	}
	if len(ids) > 0 {
		// origin_profile_id keeps where each came from, so that the merge can be undone.
		if _, err := tx.NewUpdate().Table("crm_identities").Set("profile_id = ?", into).Where("id IN (?)", bun.List(ids)).Exec(ctx); err != nil {
			return fmt.Errorf("moving identities of profile %d to %d: %w", guest, into, err)
		}
		if err := r.orders.Reassign(ctx, tx, ids, into); err != nil {
			return fmt.Errorf("moving orders of profile %d to %d: %w", guest, into, err)
		}
	}
	if len(ids) == 0 {
		return r.consents.Reassign(ctx, tx, nil, guest, into)
	}
	return r.consents.Join(ctx, tx, guest, into, slices.Min(ids))
}

// saveGone marks accounts that the shop has deleted, and the profiles that have no other.
func (b *batch) saveGone(ctx context.Context) error {
	if len(b.gone) == 0 {
		return nil
	}
	ids := make([]int64, len(b.gone))
	owners := make([]int64, len(b.gone))
	for i, g := range b.gone {
		ids[i], owners[i] = g.row.ID, g.profile.living().row.ID
	}
	if _, err := b.tx.NewUpdate().Table("crm_identities").Set("gone_at = ?", b.now).Where("id IN (?)", bun.List(ids)).Exec(ctx); err != nil {
		return fmt.Errorf("marking accounts as deleted: %w", err)
	}
	_, err := b.tx.NewRaw(`UPDATE crm_profiles SET has_account = FALSE, updated_at = ? WHERE id IN (?) AND has_account AND NOT EXISTS (
		SELECT 1 FROM crm_identities i WHERE i.profile_id = crm_profiles.id AND i.kind = ? AND i.evidence = ? AND i.gone_at IS NULL)`,
		b.now, bun.List(owners), KindAccount, EvidenceAccount).Exec(ctx)
	if err != nil {
		return fmt.Errorf("marking profiles without an account: %w", err)
	}
	return nil
}
