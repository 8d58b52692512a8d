package woocommerce

import (
	"context"
	"strings"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// usersSource follows accounts. Neither time in usermeta has an index of use, and user_registered has none:
//   - A new account is found by its id, and read again for the length of the overlap, because WordPress writes the row
//     first and the names and addresses after it, without a transaction.
//   - A changed account shows as usermeta last_update (seconds since 1970, as text). The index on meta_key holds one entry
//     an account there, and its order by key cannot be used behind a prefix index, so a sweep walks usermeta by its own
//     key in steps instead: an account's change is found within a minute in a shop of 500 accounts, within some hours in
//     one of a million. The order that most such changes come with has the same address, at once.
func usersSource() follow.Source {
	return follow.Source{
		Letter: 'u', What: "customers", Table: "{users}", ID: "ID",
		Time: "user_registered", Region: 1000,
		Sweep: sweepUsers,
		Parts: []follow.Part{
			{Table: "{users} u", Key: "u.ID", Columns: []string{"u.ID", "u.user_email", "u.user_registered"}},
			{Table: "{usermeta} m", Key: "m.user_id", Where: "m.meta_key IN (" + userKeys + ")", Columns: []string{"m.umeta_id", "m.meta_key", "m.meta_value"}},
		},
	}
}

const userStep = 20_000 // rows of usermeta a sweep's step looks at; an account has some 40

func sweepUsers(ctx context.Context, db follow.DB, p follow.Place, limit int) (follow.Stride, error) {
	var highest int64
	if err := db.One(ctx, "customers", "SELECT COALESCE(MAX(umeta_id), 0) FROM {usermeta}", nil, &highest); err != nil {
		return follow.Stride{}, err
	}
	step := follow.Stride{End: min(p.Swept()+userStep, highest)}
	step.Last = step.End == highest
	err := db.Each(ctx, "customers", `SELECT umeta_id, user_id FROM {usermeta} FORCE INDEX (PRIMARY)
		WHERE umeta_id > ? AND umeta_id <= ? AND meta_key = 'last_update' AND CAST(meta_value AS UNSIGNED) >= ? ORDER BY umeta_id LIMIT ?`,
		[]any{p.Swept(), step.End, p.ChangedSince(), limit}, func(scan func(...any) error) error {
			var h follow.Hit
			if err := scan(&h.ID, &h.Target); err != nil {
				return err
			}
			step.Hits = append(step.Hits, h)
			return nil
		})
	return step, err
}

// Customers reads the shop's accounts: all rows of users. Roles do not tell who buys (subscribers, editors and
// administrators place orders as well, and plugins add roles), and an account that never bought is a registration all the
// same.
func (s *Shop) Customers(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Customer], error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Page[adapters.Customer]{}, err
	}
	return follow.Read(ctx, r.DB, s.cfg.Now(), usersSource(), after, limit, r.customers)
}

var userKeys = follow.Quoted("first_name", "last_name", "billing_first_name", "billing_last_name", "billing_company", "billing_phone",
	"billing_address_1", "billing_address_2", "billing_city", "billing_postcode", "billing_state", "billing_country",
	"locale", "last_update")

func (r *reader) customers(ctx context.Context, ids []int64) ([]adapters.Customer, []adapters.BadRow, error) {
	metas, err := r.metadata(ctx, "customers", "SELECT user_id, umeta_id, meta_key, meta_value FROM {usermeta} WHERE user_id "+follow.In(ids)+
		" AND meta_key IN ("+userKeys+")")
	if err != nil {
		return nil, nil, err
	}
	var rows []adapters.Customer
	var bad []adapters.BadRow
	err = r.Each(ctx, "customers", "SELECT ID, user_email, user_registered FROM {users} WHERE ID "+follow.In(ids)+" ORDER BY ID", nil,
		func(scan func(...any) error) error {
			var id int64
			var email, registered string
			if err := scan(&id, &email, &registered); err != nil {
				return err
			}
			c, errs := customer(id, email, registered, metas[id])
			if errs.Failed() {
				bad = append(bad, errs.Row(foreign.Str(id)))
			} else {
				rows = append(rows, c)
			}
			return nil
		})
	return rows, bad, err
}

func customer(id int64, email, registered string, m meta) (adapters.Customer, *foreign.Check) {
	errs := foreign.NewCheck(map[string]string{"user_email": email, "user_registered": registered, "last_update": m.get("last_update")})
	c := adapters.Customer{
		Key: foreign.Str(id), Email: strings.TrimSpace(email),
		FirstName: foreign.Plain(foreign.First(m.get("first_name"), m.get("billing_first_name"))),
		LastName:  foreign.Plain(foreign.First(m.get("last_name"), m.get("billing_last_name"))),
		Company:   foreign.Plain(m.get("billing_company")), Phone: foreign.Plain(m.get("billing_phone")),
		Address: adapters.Address{
			Line1: foreign.Plain(m.get("billing_address_1")), Line2: foreign.Plain(m.get("billing_address_2")), City: foreign.Plain(m.get("billing_city")),
			Postcode: foreign.Plain(m.get("billing_postcode")), Region: foreign.Plain(m.get("billing_state")), Country: foreign.Country(m.get("billing_country")),
		},
		Language:     foreign.Language(m.get("locale")),
		RegisteredAt: errs.Time("user_registered", registered, nil),
		ChangedAt:    errs.Unix("last_update", m.get("last_update")),
	}
	return c, errs
}
