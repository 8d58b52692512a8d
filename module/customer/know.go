package customer

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"
)

// Known is who somebody on a list may be.
type Known struct {
	Profile Profile // ID 0: nobody
	By      string  // MatchedEmail, which is sure; MatchedPhone, MatchedName, which are not
	Others  int     // how many more have the same number, or name and postcode
	Own     Parts   // what the shop's account says of itself, which a list does not change
}

// Parts says of each of the details whether it is meant.
type Parts struct{ Name, Company, Phone, Address, Language bool }

// Know finds out who people are, without writing: by their address, else by their phone number, else by their whole name
// and postcode. The answers are in the order of people.
func (r *Registry) Know(ctx context.Context, db bun.IDB, people []Person) ([]Known, error) {
	known := make([]Known, len(people))
	for from := 0; from < len(people); from += linkChunk {
		part := people[from:min(from+linkChunk, len(people))]
		if err := r.know(ctx, db, part, known[from:from+len(part)]); err != nil {
			return nil, err
		}
	}
	return known, nil
}

func (r *Registry) know(ctx context.Context, db bun.IDB, people []Person, known []Known) error {
	found := make([][]int64, len(people))
	addresses, numbers := map[string][]int{}, map[string][]int{}
	for i, p := range people {
		if p.Email != "" {
			addresses[string(p.Email)] = append(addresses[string(p.Email)], i)
		}
	}
	if err := owners(ctx, db, KindEmail, addresses, found); err != nil {
		return err
	}
	mark := func(by string) {
		for i := range people {
			if known[i].By == "" && len(found[i]) > 0 {
				known[i].By = by
			}
		}
	}
	mark(MatchedEmail)
	for i, p := range people {
		if len(found[i]) == 0 && p.Phone != "" {
			numbers[string(p.Phone)] = append(numbers[string(p.Phone)], i)
		}
	}
	if err := owners(ctx, db, KindPhone, numbers, found); err != nil {
		return err
	}
	mark(MatchedPhone)
	if err := namesakes(ctx, db, people, found); err != nil {
		return err
	}
	mark(MatchedName)
	var ids []int64
	for _, f := range found {
		ids = append(ids, f...)
	}
	rows, err := living(ctx, db, ids, false)
	if err != nil {
		return err
	}
	for i, f := range found {
		f = slices.DeleteFunc(f, func(id int64) bool { _, ok := rows[id]; return !ok })
		if len(f) == 0 {
			known[i] = Known{}
			continue
		}
		row := rows[f[0]]
		known[i].Profile, known[i].Others, known[i].Own = row.profile(), len(f)-1, row.OwnFields.parts()
	}
	return nil
}

func (f field) parts() Parts {
	has := func(one field) bool { return f&one != 0 }
	return Parts{has(fieldName), has(fieldCompany), has(fieldPhone), has(fieldAddress), has(fieldLanguage) || has(fieldChosenLanguage)}
}

// owners adds the profiles that own identities of a kind to those found for the people who show them.
func owners(ctx context.Context, db bun.IDB, kind Kind, wanted map[string][]int, found [][]int64) error {
	if len(wanted) == 0 {
		return nil
	}
	values := make([]string, 0, len(wanted))
	for v := range wanted {
		values = append(values, v)
	}
	slices.Sort(values)
	var rows []identityRow
	err := db.NewSelect().Model(&rows).Column("value", "profile_id").
		ForceIndex("crm_identities_value"). // while a list fills an empty CRM, servers take the table for a small one and read all of it
		Where("kind = ?", kind).
		Where("value IN (?)", bun.List(values)).
		OrderExpr("value, profile_id").
		Scan(ctx)
	if err != nil {
		return fmt.Errorf("looking identities up: %w", err)
	}
	for _, row := range rows {
		for _, i := range wanted[row.Value] {
			found[i] = append(found[i], row.ProfileID)
		}
	}
	return nil
}

// namesakes finds people of the same whole name and postcode for those who are not found yet.
func namesakes(ctx context.Context, db bun.IDB, people []Person, found [][]int64) error {
	type named struct{ Last, First, Postcode string }
	wanted := map[named][]int{}
	var pairs []named
	for i, p := range people {
		if len(found[i]) > 0 || p.Name.First == "" || p.Name.Last == "" || p.Address.Postcode == "" {
			continue
		}
		n := named{p.Name.Last, p.Name.First, p.Address.Postcode}
		if wanted[n] == nil {
			pairs = append(pairs, n)
		}
		wanted[n] = append(wanted[n], i)
	}
	if len(pairs) == 0 {
		return nil
	}
	var rows []struct {
		ID                            int64
		LastName, FirstName, Postcode string
	}
	// Joined, because servers look neither a list of pairs nor many alternatives up in the index one by one.
	args := make([]any, 0, 2*len(pairs))
	for _, n := range pairs {
		args = append(args, n.Last, n.First)
	}
	err := db.NewRaw("SELECT p.id, p.last_name, p.first_name, p.postcode FROM (SELECT ? AS last, ? AS first"+strings.Repeat(" UNION ALL SELECT ?, ?", len(pairs)-1)+
		") n STRAIGHT_JOIN crm_profiles p FORCE INDEX (crm_profiles_name) ON p.last_name = n.last AND p.first_name = n.first AND p.postcode <> '' ORDER BY p.id",
		args...).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("looking names up: %w", err)
	}
	for _, row := range rows {
		for _, i := range wanted[named{row.LastName, row.FirstName, row.Postcode}] {
			found[i] = append(found[i], row.ID)
		}
	}
	return nil
}

// living reads profiles that were neither merged away nor erased, in the order of their ids; hold locks them.
func living(ctx context.Context, db bun.IDB, ids []int64, hold bool) (map[int64]*profileRow, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	ids = slices.Clone(ids)
	slices.Sort(ids)
	var rows []profileRow
	q := db.NewSelect().Model(&rows).Column(profileColumns...).Where("id IN (?)", bun.List(slices.Compact(ids))).
		Where("merged_into IS NULL AND erased_at IS NULL").OrderExpr("id")
	if hold {
		q = q.For("UPDATE")
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("reading profiles: %w", err)
	}
	found := make(map[int64]*profileRow, len(rows))
	for i := range rows {
		found[rows[i].ID] = &rows[i]
	}
	return found, nil
}
