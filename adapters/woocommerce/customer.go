package woocommerce

import (
	"context"
	"strings"

	"github.com/kupec/kupec/adapters"
)

// usersSource follows accounts. Neither time in usermeta has an index of use, and user_registered has none:
//   - A new account is found by its id, and read again for the length of the overlap, because WordPress writes the row
//     first and the names and addresses after it, without a transaction.
//   - A changed account shows as usermeta last_update (seconds since 1970, as text). The index on meta_key holds one entry
//     an account there, and its order by key cannot be used behind a prefix index, so a sweep walks usermeta by its own
//     key in steps instead: an account's change is found within a minute in a shop of 500 accounts, within some hours in
//     one of a million. The order that most such changes come with has the same address, at once.
func usersSource() source {
	return source{
		letter: 'u', what: "customers", table: "{users}", id: "ID", own: "TRUE", any: "TRUE", target: "ID",
		time: "user_registered", region: 1000,
		sweep: sweepUsers,
	}
}

const userStep = 20_000 // rows of usermeta a sweep's step looks at; an account has some 40

func sweepUsers(ctx context.Context, r *reader, p place, limit int) (stride, error) {
	var highest int64
	if err := r.one(ctx, "customers", "SELECT COALESCE(MAX(umeta_id), 0) FROM {usermeta}", nil, &highest); err != nil {
		return stride{}, err
	}
	step := stride{end: min(p.sweep+userStep, highest)}
	step.last = step.end == highest
	err := r.each(ctx, "customers", `SELECT umeta_id, user_id FROM {usermeta} FORCE INDEX (PRIMARY)
		WHERE umeta_id > ? AND umeta_id <= ? AND meta_key = 'last_update' AND CAST(meta_value AS UNSIGNED) >= ? ORDER BY umeta_id LIMIT ?`,
		[]any{p.sweep, step.end, p.changedSince(), limit}, func(scan func(...any) error) error {
			var h hit
			if err := scan(&h.id, &h.target); err != nil {
				return err
			}
			step.hits = append(step.hits, h)
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
	return read(ctx, s, r, usersSource(), after, limit, r.customers)
}

var userKeys = keys("first_name", "last_name", "billing_first_name", "billing_last_name", "billing_company", "billing_phone",
	"billing_address_1", "billing_address_2", "billing_city", "billing_postcode", "billing_state", "billing_country",
	"locale", "last_update")

func (r *reader) customers(ctx context.Context, ids []int64) ([]adapters.Customer, []adapters.BadRow, error) {
	metas, err := r.metadata(ctx, "customers", "SELECT user_id, umeta_id, meta_key, meta_value FROM {usermeta} WHERE user_id "+in(ids)+
		" AND meta_key IN ("+userKeys+")")
	if err != nil {
		return nil, nil, err
	}
	var rows []adapters.Customer
	var bad []adapters.BadRow
	err = r.each(ctx, "customers", "SELECT ID, user_email, user_registered FROM {users} WHERE ID "+in(ids)+" ORDER BY ID", nil,
		func(scan func(...any) error) error {
			var id int64
			var email, registered string
			if err := scan(&id, &email, &registered); err != nil {
				return err
			}
			c, errs := customer(id, email, registered, metas[id])
			if errs.failed() {
				bad = append(bad, errs.row(str(id)))
			} else {
				rows = append(rows, c)
			}
			return nil
		})
	return rows, bad, err
}

func customer(id int64, email, registered string, m meta) (adapters.Customer, *check) {
	errs := newCheck(map[string]string{"user_email": email, "user_registered": registered, "last_update": m.get("last_update")})
	c := adapters.Customer{
		Key: str(id), Email: strings.TrimSpace(email),
		FirstName: plain(first(m.get("first_name"), m.get("billing_first_name"))),
		LastName:  plain(first(m.get("last_name"), m.get("billing_last_name"))),
		Company:   plain(m.get("billing_company")), Phone: plain(m.get("billing_phone")),
		Address: adapters.Address{
			Line1: plain(m.get("billing_address_1")), Line2: plain(m.get("billing_address_2")), City: plain(m.get("billing_city")),
			Postcode: plain(m.get("billing_postcode")), Region: plain(m.get("billing_state")), Country: country(m.get("billing_country")),
		},
		Language:     language(m.get("locale")),
		RegisteredAt: errs.time("user_registered", registered, nil),
		ChangedAt:    errs.unix("last_update", m.get("last_update")),
	}
	return c, errs
}

func first(texts ...string) string {
	for _, t := range texts {
		if strings.TrimSpace(t) != "" {
			return t
		}
	}
	return ""
}

// country leaves out what is not a code: shops of before WooCommerce, and some imports, have names there.
func country(s string) string {
	s = strings.ToUpper(strings.TrimSpace(s))
	if len(s) != 2 || s[0] < 'A' || s[0] > 'Z' || s[1] < 'A' || s[1] > 'Z' {
		return ""
	}
	return s
}
