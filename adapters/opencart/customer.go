package opencart

import (
	"context"
	"strings"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// customersSource follows accounts. An account keeps no time of its change at all. Addresses have numbers of their own, and
// what visitors do with their accounts is recorded as activity where the shop wants that (config_customer_activity); both
// are feeds. For all else, every account is walked over again and again.
func (r *reader) customersSource() follow.Source {
	src := follow.Source{
		Letter: 'u', What: "customers", Table: "{customer}", ID: "customer_id",
		Feeds: []follow.Feed{
			{Table: "{address}", ID: "address_id", Target: "f.customer_id"},
			{Table: "{customer_activity}", ID: "customer_activity_id", Target: "f.customer_id"},
		},
		Parts: []follow.Part{
			{Table: "{customer} c", Key: "c.customer_id", Columns: append([]string{"c.email", "c.firstname", "c.lastname", "c.telephone", "c.language_id", "c.date_added"}, r.mainAddress("c")...)},
			{Table: "{address} a", Key: "a.customer_id", Columns: append([]string{"a.address_id", "a.firstname", "a.lastname", "a.company", "a.address_1", "a.address_2", "a.city", "a.postcode",
				"a.country_id", "a.zone_id"}, r.defaultAddress("a")...)},
		},
	}
	src.Sweep = everyRow(src)
	return src
}

// mainAddress is the column of accounts that says which address is meant, up to 3.0; later, addresses say it themselves.
func (r *reader) mainAddress(alias string) []string {
	if r.has("customer.address_id") {
		return []string{alias + ".address_id"}
	}
	return nil
}

func (r *reader) defaultAddress(alias string) []string {
	if r.has("customer.address_id") {
		return nil
	}
	return []string{alias + ".`default`"}
}

// Customers reads the shop's accounts, of all its stores, also those that wait for approval or are switched off.
func (s *Shop) Customers(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Customer], error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Page[adapters.Customer]{}, err
	}
	return follow.Read(ctx, r.DB, s.cfg.Now(), r.customersSource(), after, limit, r.customers)
}

// postal is an address as both accounts and orders have it, before anything is believed.
type postal struct {
	id                                                         int64
	company, line1, line2, city, postcode, zone, code, country string // zone: its name; code: the shop's code for it
	main                                                       bool
}

// address takes the code of a region, which is what versions have in common; its name where there is none.
func (p postal) address() adapters.Address {
	return adapters.Address{
		Line1: foreign.Plain(p.line1), Line2: foreign.Plain(p.line2), City: foreign.Plain(p.city), Postcode: foreign.Plain(p.postcode),
		Region: foreign.Plain(foreign.First(p.code, p.zone)), Country: foreign.Country(p.country),
	}
}

func (r *reader) customers(ctx context.Context, of []int64) ([]adapters.Customer, []adapters.BadRow, error) {
	addresses, err := r.addresses(ctx, of)
	if err != nil {
		return nil, nil, err
	}
	main := "0"
	if r.has("customer.address_id") {
		main = "c.address_id"
	}
	var rows []adapters.Customer
	var bad []adapters.BadRow
	err = r.Each(ctx, "customers", "SELECT c.customer_id, c.email, c.firstname, c.lastname, c.telephone, COALESCE(c.language_id, 0), c.date_added, "+main+
		" FROM {customer} c WHERE c.customer_id "+follow.In(of)+" ORDER BY c.customer_id", nil, func(scan func(...any) error) error {
		var id, language, address int64
		var email, first, last, phone, added string
		if err := scan(&id, follow.Text(&email), follow.Text(&first), follow.Text(&last), follow.Text(&phone), &language, follow.Text(&added), &address); err != nil {
			return err
		}
		errs := foreign.NewCheck(map[string]string{"email": email, "date_added": added})
		home := mainOf(addresses[id], address)
		row := adapters.Customer{
			Key: foreign.Str(id), Email: strings.TrimSpace(email), FirstName: foreign.Plain(first), LastName: foreign.Plain(last),
			Company: foreign.Plain(home.company), Phone: foreign.Plain(phone), Address: home.address(), Language: foreign.Language(r.codes[language]),
			RegisteredAt: errs.Time("date_added", added, r.zone),
		}
		if errs.Failed() {
			bad = append(bad, errs.Row(row.Key))
		} else {
			rows = append(rows, row)
		}
		return nil
	})
	return rows, bad, err
}

// addresses reads the address books of accounts.
func (r *reader) addresses(ctx context.Context, of []int64) (map[int64][]postal, error) {
	main := "0"
	if columns := r.defaultAddress("a"); len(columns) > 0 {
		main = "COALESCE(" + columns[0] + ", 0)"
	}
	all := map[int64][]postal{}
	err := r.Each(ctx, "addresses", `SELECT a.customer_id, a.address_id, a.company, a.address_1, a.address_2, a.city, a.postcode, z.code, c.iso_code_2, `+main+`
		FROM {address} a LEFT JOIN {country} c ON c.country_id = a.country_id LEFT JOIN {zone} z ON z.zone_id = a.zone_id
		WHERE a.customer_id `+follow.In(of)+" ORDER BY a.address_id", nil, func(scan func(...any) error) error {
		var customer int64
		var p postal
		err := scan(&customer, &p.id, follow.Text(&p.company), follow.Text(&p.line1), follow.Text(&p.line2), follow.Text(&p.city), follow.Text(&p.postcode),
			follow.Text(&p.code), follow.Text(&p.country), &p.main)
		all[customer] = append(all[customer], p)
		return err
	})
	return all, err
}

// mainOf is the address that the account calls its main one, or the first.
func mainOf(book []postal, main int64) postal {
	for _, p := range book {
		if p.main || p.id == main {
			return p
		}
	}
	if len(book) > 0 {
		return book[0]
	}
	return postal{}
}
