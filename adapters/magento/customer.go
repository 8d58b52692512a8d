package magento

import (
	"context"
	"strings"
	"time"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// customersSource follows accounts. updated_at has no index: it is looked at in the 5,000 newest accounts by each poll,
// and in all by a sweep each minute, 5,000 a poll, that looks at the time of their addresses too. A new address is seen at
// once.
func customersSource() follow.Source {
	return follow.Source{
		Letter: 'c', What: "customers", Table: "{customer_entity}", ID: "entity_id",
		Time: "updated_at", Region: customerStep,
		Feeds: []follow.Feed{{Table: "{customer_address_entity}", ID: "entity_id", Target: "f.parent_id"}},
		Sweep: sweepCustomers,
		Parts: []follow.Part{
			{Table: "{customer_entity} c", Key: "c.entity_id", Columns: []string{"c.email", "c.firstname", "c.middlename", "c.lastname", "c.store_id", "c.default_billing",
				"c.default_shipping", "c.created_at", "c.updated_at"}},
			{Table: "{customer_address_entity} a", Key: "a.parent_id", Columns: []string{"a.entity_id", "a.firstname", "a.lastname", "a.company", "a.telephone", "a.street", "a.city",
				"a.postcode", "a.region", "a.country_id"}},
		},
	}
}

const customerStep = 5_000

// sweepCustomers looks for the addresses with a LIMIT because the optimizer would otherwise read all that there are.
func sweepCustomers(ctx context.Context, db follow.DB, p follow.Place, limit int) (follow.Stride, error) {
	step := follow.Stride{End: min(p.Swept()+customerStep, p.Highest())}
	step.Last = step.End == p.Highest()
	since := time.Unix(p.ChangedSince(), 0).UTC().Format(time.DateTime)
	err := db.Each(ctx, "customers", `SELECT t.entity_id FROM {customer_entity} t FORCE INDEX (PRIMARY) WHERE t.entity_id > ? AND t.entity_id <= ? AND (t.updated_at >= ?
		OR (SELECT 1 FROM {customer_address_entity} a WHERE a.parent_id = t.entity_id AND a.updated_at >= ? LIMIT 1) IS NOT NULL) ORDER BY t.entity_id LIMIT ?`,
		[]any{p.Swept(), step.End, since, since, limit}, func(scan func(...any) error) error {
			var h follow.Hit
			err := scan(&h.ID)
			h.Target = h.ID
			step.Hits = append(step.Hits, h)
			return err
		})
	return step, err
}

// Customers reads the accounts of all websites. The same address may have one on each: they are accounts of their own.
func (s *Shop) Customers(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Customer], error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Page[adapters.Customer]{}, err
	}
	return follow.Read(ctx, r.DB, r.now, customersSource(), after, limit, r.customers)
}

// address is a postal one as any of Magento's tables has it. The street may have several lines.
type address struct {
	id                                             int64
	firstName, lastName, company, phone            string
	email, street, city, postcode, region, country string
}

func (a address) postal() adapters.Address {
	first, rest, _ := strings.Cut(strings.TrimSpace(a.street), "\n")
	return adapters.Address{
		Line1: foreign.Plain(first), Line2: foreign.Plain(strings.ReplaceAll(strings.TrimSpace(rest), "\n", ", ")), City: foreign.Plain(a.city),
		Postcode: foreign.Plain(a.postcode), Region: foreign.Plain(a.region), Country: foreign.Country(a.country),
	}
}

// addressColumns are scanned by address.into, behind the id of what it belongs to and its own. Only orders and carts have
// an e-mail address with it.
func addressColumns(email string) string {
	return "a.firstname, a.lastname, a.company, a.telephone, a.street, a.city, a.postcode, a.region, a.country_id, " + email
}

func (a *address) into() []any {
	return []any{follow.Text(&a.firstName), follow.Text(&a.lastName), follow.Text(&a.company), follow.Text(&a.phone), follow.Text(&a.street), follow.Text(&a.city),
		follow.Text(&a.postcode), follow.Text(&a.region), follow.Text(&a.country), follow.Text(&a.email)}
}

// addresses reads all that belong to some rows, by those, the oldest first.
func (r *reader) addresses(ctx context.Context, what, statement string) (map[int64][]address, error) {
	all := map[int64][]address{}
	err := r.Each(ctx, what, statement, nil, func(scan func(...any) error) error {
		var of int64
		var a address
		err := scan(append([]any{&of, &a.id}, a.into()...)...)
		all[of] = append(all[of], a)
		return err
	})
	return all, err
}

// choose is the first of the wanted ones that is there, or else the oldest.
func choose(list []address, wanted ...int64) address {
	for _, id := range wanted {
		for _, a := range list {
			if a.id == id {
				return a
			}
		}
	}
	if len(list) > 0 {
		return list[0]
	}
	return address{}
}

func (r *reader) customers(ctx context.Context, ids []int64) ([]adapters.Customer, []adapters.BadRow, error) {
	addresses, err := r.addresses(ctx, "customers' addresses", "SELECT a.parent_id, a.entity_id, "+addressColumns("NULL")+
		" FROM {customer_address_entity} a WHERE a.parent_id "+follow.In(ids)+" ORDER BY a.entity_id")
	if err != nil {
		return nil, nil, err
	}
	var rows []adapters.Customer
	var bad []adapters.BadRow
	err = r.Each(ctx, "customers", `SELECT entity_id, email, firstname, lastname, COALESCE(store_id, 0), COALESCE(default_billing, 0), COALESCE(default_shipping, 0),
			created_at, updated_at FROM {customer_entity} WHERE entity_id `+follow.In(ids)+" ORDER BY entity_id", nil,
		func(scan func(...any) error) error {
			var id, store, billing, shipping int64
			var email, first, last, created, updated string
			if err := scan(&id, follow.Text(&email), follow.Text(&first), follow.Text(&last), &store, &billing, &shipping, follow.Text(&created), follow.Text(&updated)); err != nil {
				return err
			}
			errs := foreign.NewCheck(map[string]string{"email": email, "created_at": created, "updated_at": updated})
			a := choose(addresses[id], billing, shipping)
			c := adapters.Customer{
				Key: foreign.Str(id), Email: strings.TrimSpace(email),
				FirstName: foreign.Plain(foreign.First(first, a.firstName)), LastName: foreign.Plain(foreign.First(last, a.lastName)),
				Company: foreign.Plain(a.company), Phone: foreign.Plain(a.phone), Address: a.postal(), Language: r.language(store),
				RegisteredAt: errs.Time("created_at", created, nil), ChangedAt: errs.Time("updated_at", updated, nil),
			}
			if errs.Failed() {
				bad = append(bad, errs.Row(c.Key))
			} else {
				rows = append(rows, c)
			}
			return nil
		})
	return rows, bad, err
}
