package customer

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/contact"
)

// toldMost bounds how many orders are read to tell again what a profile's own say: the newest say all.
const toldMost = 500

// retell makes the data of two profiles what they would be had they never been together, or, after an unlinking is
// undone, never apart. w is the way that a merge's things went: each profile on it forgets them.
func (r *Registry) retell(ctx context.Context, tx bun.IDB, ids []int64, h map[int64]*held, src, dst *held, w way) error {
	stays, mine, err := r.told(ctx, tx, src.row.ID)
	if err != nil {
		return err
	}
	left, theirs, err := r.told(ctx, tx, dst.row.ID)
	if err != nil {
		return err
	}
	if slices.Contains(ids, src.row.AccountID) { // what it said meanwhile goes with it
		dst.row.take(src.row, src.row.OwnFields&^fieldEmail)
		dst.row.AccountID, dst.row.OwnFields = src.row.AccountID, src.row.OwnFields|dst.row.OwnFields&fieldEmail
	}
	gone := departure{ids: ids, said: append(left, dst.before.person())}
	switch {
	case src.row.MergedInto != 0: // nothing is left that could tell anything
	case len(w.along) > 0:
		if err := r.retellAlong(ctx, tx, gone, h, src, w, stays, mine); err != nil {
			return err
		}
	default:
		src.row.unlearn(gone, profileRow{}, stays, mine)
	}
	src.row.Moves++
	for _, p := range left {
		dst.row.learn(p, false, slices.Contains(theirs, string(p.Email)))
	}
	src.row.Email, dst.row.Email = ownAddress(src.row.Email, mine), ownAddress(dst.row.Email, theirs)
	return nil
}

// retellAlong takes what has gone back out of each profile on the way, and out of what was written down of it when others
// went into it later.
func (r *Registry) retellAlong(ctx context.Context, tx bun.IDB, gone departure, h map[int64]*held, src *held, w way, stays []Person, addresses []string) error {
	for i, g := range w.along {
		host := h[g.OtherID]
		base, err := g.before()
		if err != nil {
			return err
		}
		if i > 0 {
			base.host(h[g.ProfileID].row)
		}
		for _, later := range w.into(g.OtherID, g.ID) {
			past, err := later.before()
			if err != nil {
				return err
			}
			past.unlearn(gone, base, nil, nil)
			past.FirstSeenAt, past.RegisteredAt = base.FirstSeenAt, gone.registered(past, base)
			if err := r.rewrite(ctx, tx, later.ID, past); err != nil {
				return err
			}
			base.host(h[later.ProfileID].row)
		}
		if host == src {
			host.row.unlearn(gone, base, stays, addresses)
		} else {
			host.row.unlearn(gone, base, nil, nil)
		}
		host.row.FirstSeenAt, host.row.RegisteredAt = base.FirstSeenAt, gone.registered(host.row, base)
		for _, p := range stays {
			if host == src {
				host.row.FirstSeenAt = earliest(host.row.FirstSeenAt, null(p.At))
			}
		}
	}
	return nil
}

func (r *Registry) rewrite(ctx context.Context, tx bun.IDB, regroupingID int64, before profileRow) error {
	text, err := json.Marshal(before)
	if err != nil {
		return err
	}
	if _, err := tx.NewUpdate().Table("crm_regroupings").Set("before_row = ?", string(text)).Where("id = ?", regroupingID).Exec(ctx); err != nil {
		return fmt.Errorf("correcting what regrouping %d found: %w", regroupingID, err)
	}
	return nil
}

// before is what the profile that others went into was before.
func (g regroupingRow) before() (row profileRow, err error) {
	if err := json.Unmarshal([]byte(g.BeforeRow), &row); err != nil {
		return row, fmt.Errorf("reading how profile %d was before regrouping %d: %w", g.OtherID, g.ID, err)
	}
	return row, nil
}

// departure is who leaves a profile: their identities, and what they said.
type departure struct {
	ids  []int64
	said []Person
}

// says tells whether those who leave said a part of a row.
func (d departure) says(row profileRow, part field) bool {
	return slices.ContainsFunc(d.said, func(p Person) bool {
		var theirs profileRow
		theirs.learn(p, false, true)
		return row.same(theirs, part)
	})
}

// registered is since when a profile is registered without those who left.
func (d departure) registered(row, base profileRow) bun.NullTime {
	if slices.ContainsFunc(d.said, func(p Person) bool { return p.Evidence != EvidenceOrder && row.RegisteredAt == null(p.At) }) {
		return base.RegisteredAt
	}
	return row.RegisteredAt
}

// unlearn takes back what a profile knows only from those who left: such parts become what base says and the orders that
// stay told since.
func (r *profileRow) unlearn(gone departure, base profileRow, stays []Person, addresses []string) {
	for _, p := range stays {
		base.learn(p, false, slices.Contains(addresses, string(p.Email)))
	}
	accountLeft := slices.Contains(gone.ids, r.AccountID)
	for _, part := range fields {
		if r.OwnFields&part == 0 && gone.says(*r, part) || accountLeft && r.OwnFields&part != 0 {
			r.take(base, part)
		}
	}
	if accountLeft {
		r.AccountID, r.OwnFields = base.AccountID, base.OwnFields|r.OwnFields&fieldChosenLanguage
	}
	r.FilledAt = base.FilledAt
}

// person is what a profile tells as one that goes into another.
func (r profileRow) person() Person {
	p := Person{Evidence: EvidenceOrder, Email: contact.Email(r.Email), Phone: contact.Phone(r.Phone), Company: r.Company,
		Name: contact.Name{First: r.FirstName, Last: r.LastName}, Address: r.address(), Language: r.Language, At: r.FilledAt.Time}
	if !r.RegisteredAt.IsZero() {
		p.Evidence, p.At = EvidenceSignup, r.RegisteredAt.Time
	}
	return p
}

// told is what a profile's newest orders say of their person, and which addresses are the profile's own.
func (r *Registry) told(ctx context.Context, tx bun.IDB, profileID int64) (people []Person, addresses []string, err error) {
	var rows []struct {
		Number, Email, Phone, FirstName, LastName, Company string
		Line1                                              string `bun:"line1"`
		Line2                                              string `bun:"line2"`
		City, Postcode, Region, Country, Language          string
		At                                                 bun.NullTime
	}
	err = tx.NewRaw(`SELECT number, email, phone, first_name, last_name, company, line1, line2, city, postcode, region, country, language,
			COALESCE(placed_at, paid_at, changed_at) AS at
		FROM crm_orders WHERE profile_id = ? ORDER BY placed_at DESC LIMIT ?`, profileID, toldMost).Scan(ctx, &rows)
	if err != nil {
		return nil, nil, fmt.Errorf("reading what the orders of profile %d say: %w", profileID, err)
	}
	people = make([]Person, len(rows))
	for i, row := range rows {
		p := Person{Evidence: EvidenceOrder, Ref: row.Number, Name: contact.Name{First: row.FirstName, Last: row.LastName}, Company: row.Company, Language: row.Language, At: row.At.Time,
			Address: contact.Address{Line1: row.Line1, Line2: row.Line2, City: row.City, Postcode: row.Postcode, Region: row.Region, Country: row.Country}}
		p.Email, _ = contact.ParseEmail(row.Email) // what is none was kept as typed, and says nothing
		p.Phone, _ = contact.ParsePhone(row.Phone, "")
		people[i] = p.clean()
	}
	addresses, err = r.addresses(ctx, tx, profileID)
	return people, addresses, err
}

// addresses are a profile's, the best evidence first.
func (r *Registry) addresses(ctx context.Context, tx bun.IDB, profileID int64) ([]string, error) {
	var list []string
	err := tx.NewRaw("SELECT value FROM crm_identities WHERE profile_id = ? AND kind = ? ORDER BY evidence = ? DESC, id", profileID, KindEmail, EvidenceAccount).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("reading the addresses of profile %d: %w", profileID, err)
	}
	return list, nil
}

// ownAddress keeps a profile from being mailed at an address that is not its own any more.
func ownAddress(email string, own []string) string {
	switch {
	case slices.Contains(own, email):
		return email
	case len(own) > 0:
		return own[0]
	}
	return ""
}
