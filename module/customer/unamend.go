package customer

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"
)

// Unamend takes amendments back, in the caller's transaction: each part that is still as the list had it becomes what it
// was before; what was changed since stays. Somebody whom the list founded, and of whom nothing else is known by now, is
// taken out; has an order, an account or a subscription come since, the person stays. It says which were taken out.
func (r *Registry) Unamend(ctx context.Context, tx bun.IDB, list []Amended) (out []bool, err error) {
	ids := make([]int64, len(list))
	for i := range list {
		ids[i] = list[i].ProfileID
	}
	if err := whereNow(ctx, tx, ids); err != nil {
		return nil, err
	}
	rows, err := living(ctx, tx, ids, true)
	if err != nil {
		return nil, err
	}
	identities, err := identitiesOf(ctx, tx, ids)
	if err != nil {
		return nil, err
	}
	known, err := knownOtherwise(ctx, tx, ids, identities)
	if err != nil {
		return nil, err
	}
	out = make([]bool, len(list))
	names := words{}
	var changed []profileRow
	gone, numbers := map[int64]bool{}, map[numberOf]bool{}
	for i, a := range list {
		row := rows[ids[i]]
		if row == nil {
			continue
		}
		was := *row
		if a.Created && row.ID == a.ProfileID && !known[row.ID] {
			*row = profileRow{ID: row.ID, ShopID: row.ShopID, CreatedAt: row.CreatedAt, UpdatedAt: r.now(), ErasedAt: null(r.now())}
			gone[row.ID], out[i] = true, true
		} else {
			row.setDetails(row.details().takeBack(a, row.OwnFields.parts()))
			if a.NewPhone != "" && row.Phone != string(a.NewPhone) {
				numbers[numberOf{row.ID, string(a.NewPhone)}] = true
			}
			if *row == was {
				continue
			}
			row.UpdatedAt = r.now()
		}
		names.renamed(was, *row)
		changed = append(changed, *row)
	}
	err = forgetIdentities(ctx, tx, identities, func(one identityRow) bool {
		return gone[one.ProfileID] || one.Kind == KindPhone && one.Evidence == EvidenceImport && numbers[numberOf{one.ProfileID, one.Value}]
	})
	if err != nil {
		return nil, err
	}
	return out, writeProfiles(ctx, tx, lastOfEach(changed), names)
}

// forgetIdentities removes those of the identities that are meant.
func forgetIdentities(ctx context.Context, tx bun.IDB, identities []identityRow, meant func(identityRow) bool) error {
	var ids []int64
	for _, one := range identities {
		if meant(one) {
			ids = append(ids, one.ID)
		}
	}
	for part := range slices.Chunk(ids, linkChunk) {
		if _, err := tx.NewDelete().Table("crm_identities").Where("id IN (?)", bun.List(part)).Exec(ctx); err != nil {
			return fmt.Errorf("taking addresses and numbers back: %w", err)
		}
	}
	return nil
}

// whereNow replaces the ids of profiles that were merged away by those of the profiles they went into.
func whereNow(ctx context.Context, db bun.IDB, ids []int64) error {
	for range mergeDepth {
		var rows []struct{ ID, MergedInto int64 }
		if err := db.NewRaw("SELECT id, merged_into FROM crm_profiles WHERE id IN (?) AND merged_into IS NOT NULL", bun.List(ids)).Scan(ctx, &rows); err != nil {
			return fmt.Errorf("following merges: %w", err)
		}
		if len(rows) == 0 {
			return nil
		}
		into := make(map[int64]int64, len(rows))
		for _, row := range rows {
			into[row.ID] = row.MergedInto
		}
		for i, id := range ids {
			ids[i] = cmp.Or(into[id], id)
		}
	}
	return nil
}

// lastOfEach keeps the last state of a profile that comes several times.
func lastOfEach(rows []profileRow) []profileRow {
	last := map[int64]int{}
	for i, row := range rows {
		last[row.ID] = i
	}
	kept := rows[:0]
	for i, row := range rows {
		if last[row.ID] == i {
			kept = append(kept, row)
		}
	}
	return kept
}

// takeBack undoes what an amendment changed, as far as it still stands and is not the shop account's own word by now.
func (d Details) takeBack(a Amended, own Parts) Details {
	if d.Name == a.After.Name && !own.Name {
		d.Name = a.Before.Name
	}
	if d.Company == a.After.Company && !own.Company {
		d.Company = a.Before.Company
	}
	if d.Phone == a.After.Phone && !own.Phone {
		d.Phone = a.Before.Phone
	}
	if d.Address == a.After.Address && !own.Address {
		d.Address = a.Before.Address
	}
	if d.Language == a.After.Language && !own.Language {
		d.Language = a.Before.Language
	}
	return d
}

// knownOtherwise says of which profiles somebody else knows than lists: they have an account, an order, a subscription, a
// note, or took others in.
func knownOtherwise(ctx context.Context, tx bun.IDB, ids []int64, identities []identityRow) (map[int64]bool, error) {
	known := map[int64]bool{}
	for _, one := range identities {
		if one.Evidence != EvidenceImport {
			known[one.ProfileID] = true
		}
	}
	// Joined, because for a list of ids, or for conditions of one query, servers read whole tables.
	var more []int64
	list := bun.List(ids)
	err := tx.NewRaw(`SELECT p.id FROM crm_profiles p STRAIGHT_JOIN crm_profiles m FORCE INDEX (crm_profiles_merged) ON m.merged_into = p.id WHERE p.id IN (?)
		UNION SELECT p.id FROM crm_profiles p STRAIGHT_JOIN crm_orders o FORCE INDEX (crm_orders_profile) ON o.profile_id = p.id WHERE p.id IN (?)
		UNION SELECT p.id FROM crm_profiles p STRAIGHT_JOIN crm_notes n FORCE INDEX (crm_notes_profile) ON n.profile_id = p.id WHERE p.id IN (?)`, list, list, list).Scan(ctx, &more)
	if err != nil {
		return nil, fmt.Errorf("asking what else is known of people: %w", err)
	}
	for _, id := range more {
		known[id] = true
	}
	return known, nil
}
