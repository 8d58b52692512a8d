package customer

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/contact"
)

// Details are the parts of a profile that a list of people can tell, each taken as a whole.
type Details struct {
	Name     contact.Name    `json:",omitzero"`
	Company  string          `json:",omitzero"`
	Phone    contact.Phone   `json:",omitzero"`
	Address  contact.Address `json:",omitzero"`
	Language string          `json:",omitzero"`
}

// Amendment is what a list says of somebody.
type Amendment struct {
	Person    Person // of EvidenceImport
	ProfileID int64  // who it is; 0: who owns the address, else somebody new
	Overwrite bool   // also what is known already, if it is not the shop account's own word
}

// Amended is what became of an Amendment, and enough to take it back.
type Amended struct {
	ProfileID  int64
	IdentityID int64         // of the address
	Created    bool          `json:",omitzero"`
	Before     Details       `json:",omitzero"`
	After      Details       `json:",omitzero"`
	NewPhone   contact.Phone `json:",omitzero"` // a number that was not one of the profile's before
}

func (r profileRow) details() Details {
	return Details{Name: contact.Name{First: r.FirstName, Last: r.LastName}, Company: r.Company, Phone: contact.Phone(r.Phone), Address: r.address(), Language: r.Language}
}

func (p Person) details() Details {
	return Details{Name: p.Name, Company: p.Company, Phone: p.Phone, Address: p.Address, Language: p.Language}
}

// Offer is what a profile would be after an amendment: what is blank is filled and, where overwrite, what is known is
// replaced; what the shop's account says of itself stays, and nothing is ever emptied.
func (d Details) Offer(said Details, own Parts, overwrite bool) Details {
	may := func(own, blank bool) bool { return !own && (blank || overwrite) }
	if (said.Name != contact.Name{}) && may(own.Name, d.Name == contact.Name{}) {
		d.Name = said.Name
	}
	if said.Company != "" && may(own.Company, d.Company == "") {
		d.Company = said.Company
	}
	if said.Phone != "" && may(own.Phone, d.Phone == "") {
		d.Phone = said.Phone
	}
	if !said.Address.IsZero() && may(own.Address, d.Address.IsZero() || onlyCountry(d.Address) && !onlyCountry(said.Address)) {
		d.Address = said.Address
	}
	if said.Language != "" && may(own.Language, d.Language == "") {
		d.Language = said.Language
	}
	return d
}

func (r *profileRow) setDetails(d Details) {
	r.FirstName, r.LastName, r.Company, r.Phone, r.Language = d.Name.First, d.Name.Last, d.Company, string(d.Phone), d.Language
	r.setAddress(d.Address)
}

// Amend writes what a list says of people, in the caller's transaction, in the order of list. Somebody new is founded by
// the address. An amendment of a profile that is no more is answered with ProfileID 0.
func (r *Registry) Amend(ctx context.Context, tx bun.IDB, shopID int64, list []Amendment) ([]Amended, error) {
	people := make([]Person, len(list))
	for i := range list {
		list[i].Person = list[i].Person.clean()
		list[i].Person.Evidence = EvidenceImport
		people[i] = list[i].Person
	}
	done := make([]Amended, len(list))
	strangers, err := r.linkStrangers(ctx, tx, shopID, list, done)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, 0, len(list))
	for _, d := range done {
		if !d.Created && d.ProfileID != 0 {
			ids = append(ids, d.ProfileID)
		}
	}
	rows, err := living(ctx, tx, ids, true)
	if err != nil {
		return nil, err
	}
	var changed []profileRow
	var numbers []identityRow
	names := words{}
	for i, a := range list {
		d := &done[i]
		if strangers[i] {
			d.After, d.NewPhone = a.Person.details(), a.Person.Phone
			continue
		}
		row := rows[d.ProfileID]
		if row == nil {
			*d = Amended{}
			continue
		}
		was := *row
		d.Before = row.details()
		d.After = d.Before.Offer(a.Person.details(), row.OwnFields.parts(), a.Overwrite)
		if a.Person.Phone != "" {
			numbers = append(numbers, identityRow{ProfileID: row.ID, Kind: KindPhone, Value: string(a.Person.Phone), Slot: row.ID, OriginProfileID: row.ID,
				Evidence: EvidenceImport, EvidenceRef: a.Person.Ref, LinkedBy: LinkedByStaff, CreatedAt: r.now()})
		}
		if d.After == d.Before {
			continue
		}
		row.setDetails(d.After)
		row.UpdatedAt = r.now()
		names.renamed(was, *row)
		changed = append(changed, *row)
	}
	added, err := r.addNumbers(ctx, tx, numbers)
	if err != nil {
		return nil, err
	}
	for i, a := range list {
		if n := (numberOf{done[i].ProfileID, string(a.Person.Phone)}); !strangers[i] && added[n] {
			done[i].NewPhone = a.Person.Phone
			delete(added, n)
		}
	}
	if err := writeProfiles(ctx, tx, changed, names); err != nil {
		return nil, err
	}
	return done, r.markChanged(ctx, tx, append(ids, idsOf(numbers)...))
}

func idsOf(identities []identityRow) []int64 {
	ids := make([]int64, len(identities))
	for i, one := range identities {
		ids[i] = one.ProfileID
	}
	return ids
}

// linkStrangers finds who owns the addresses, founds those whom nobody knows, and says which they are.
func (r *Registry) linkStrangers(ctx context.Context, tx bun.IDB, shopID int64, list []Amendment, done []Amended) (map[int]bool, error) {
	strangers := map[int]bool{}
	var people []Person
	var at []int
	for i, a := range list {
		if a.ProfileID != 0 {
			done[i].ProfileID = a.ProfileID
		} else if a.Person.Email != "" {
			people, at = append(people, a.Person), append(at, i)
		}
	}
	if len(people) == 0 {
		return strangers, nil
	}
	// Link fills blanks in only, and is given nothing but the address of those who are known: what they are amended by
	// has to be told apart from what they were.
	addresses, found := map[string][]int{}, make([][]int64, len(people))
	for n, p := range people {
		addresses[string(p.Email)] = append(addresses[string(p.Email)], n)
	}
	if err := owners(ctx, tx, KindEmail, addresses, found); err != nil {
		return nil, err
	}
	for n := range people {
		if len(found[n]) > 0 {
			people[n] = Person{Evidence: EvidenceImport, Email: people[n].Email, Ref: people[n].Ref}
		}
	}
	linked, err := r.Link(ctx, tx, shopID, people)
	if err != nil {
		return nil, err
	}
	for n, l := range linked {
		done[at[n]] = Amended{ProfileID: l.ProfileID, IdentityID: l.IdentityID, Created: l.Created}
		if l.Created {
			strangers[at[n]] = true
		}
	}
	return strangers, nil
}

// numberOf is a phone number as one of a profile's.
type numberOf struct {
	profileID int64
	value     string
}

// addNumbers gives profiles the numbers that they do not have yet, and says which those were.
func (r *Registry) addNumbers(ctx context.Context, tx bun.IDB, numbers []identityRow) (map[numberOf]bool, error) {
	if len(numbers) == 0 {
		return nil, nil
	}
	have, err := identitiesOf(ctx, tx, idsOf(numbers))
	if err != nil {
		return nil, err
	}
	known := map[numberOf]bool{}
	for _, h := range have {
		if h.Kind == KindPhone {
			known[numberOf{h.ProfileID, h.Value}] = true
		}
	}
	fresh := numbers[:0]
	added := map[numberOf]bool{}
	for _, n := range numbers {
		if k := (numberOf{n.ProfileID, n.Value}); !known[k] {
			known[k], added[k] = true, true
			fresh = append(fresh, n)
		}
	}
	if len(fresh) == 0 {
		return nil, nil
	}
	if _, err := tx.NewInsert().Model(&fresh).Ignore().ExcludeColumn("id").Exec(ctx); err != nil {
		return nil, fmt.Errorf("adding phone numbers: %w", err)
	}
	return added, nil
}

// identitiesOf reads what is known of the identities of profiles.
func identitiesOf(ctx context.Context, tx bun.IDB, ids []int64) (identities []identityRow, err error) {
	err = tx.NewSelect().Model(&identities).Column("id", "profile_id", "kind", "value", "evidence").
		ForceIndex("crm_identities_profile").
		Where("profile_id IN (?)", bun.List(ids)).
		Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading identities: %w", err)
	}
	return identities, nil
}

func writeProfiles(ctx context.Context, tx bun.IDB, rows []profileRow, names words) error {
	if len(rows) == 0 {
		return nil
	}
	slices.SortFunc(rows, func(a, b profileRow) int { return cmp.Compare(a.ID, b.ID) })
	if _, err := tx.NewInsert().Model(&rows).Column(profileColumns...).On(upsert).Exec(ctx); err != nil {
		return fmt.Errorf("writing profiles: %w", err)
	}
	return names.save(ctx, tx)
}
