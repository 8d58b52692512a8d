package prestashop

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// nobody is whom the module psgdpr gives the carts of people who were forgotten.
const nobody = "anonymous@psgdpr.com"

// person is a row of customer as orders and carts see it: an account, a guest, an account that was deleted, or none.
type person struct {
	id                 int64
	email, first, last string
	guest, deleted     bool
}

const personColumns = "COALESCE(c.id_customer, 0), c.email, c.firstname, c.lastname, COALESCE(c.is_guest, 0), COALESCE(c.deleted, 0)"

var personSum = []string{"c.id_customer", "c.email", "c.firstname", "c.lastname", "c.is_guest", "c.deleted"}

func (p *person) into() []any {
	return []any{&p.id, follow.Text(&p.email), follow.Text(&p.first), follow.Text(&p.last), &p.guest, &p.deleted}
}

func (p *person) forgotten() bool { return strings.EqualFold(strings.TrimSpace(p.email), nobody) }

// key is the account's. A guest's row is none, nor is one that was deleted.
func (p *person) key() string {
	if p.guest || p.deleted || p.forgotten() {
		return ""
	}
	return foreign.Key(p.id)
}

func (p *person) mail() string {
	if p.forgotten() {
		return ""
	}
	return strings.TrimSpace(p.email)
}

// ofShop limits rows that have an id_shop to the shop that was asked for.
func (r *reader) ofShop() string {
	if !r.wanted {
		return "TRUE"
	}
	return fmt.Sprintf("t.id_shop = %d", r.shop)
}

// ofPeople limits accounts, which the shops of a group may have in common.
func (r *reader) ofPeople() string {
	if r.wanted && r.sharesPeople {
		return fmt.Sprintf("t.id_shop_group = %d", r.group)
	}
	return r.ofShop()
}

// customersSource follows accounts. date_upd has no index: it is followed among the newest 2,000 rows (guests' included),
// and a sweep of 10,000 a round finds the others, and addresses that were edited in place, which move no account's time. An
// address that was used in an order is never edited: PrestaShop writes a new one, so the table of addresses is a feed.
func (r *reader) customersSource() follow.Source {
	own := "t.is_guest = 0 AND t.email <> '" + nobody + "' AND " + r.ofPeople()
	const region = 2_000
	return follow.Source{
		Letter: 'u', What: "customers", Table: "{customer}", ID: "id_customer", Own: own,
		Time: "date_upd", Region: region,
		Feeds: []follow.Feed{{Table: "{address}", ID: "id_address", Target: "f.id_customer"}},
		Sweep: r.sweep(walk{what: "customers", table: "{customer}", id: "id_customer", region: region, step: 10_000,
			condition: own + " AND (t.id_customer <= @below AND t.date_upd >= ? OR (SELECT MAX(a.date_upd) FROM {address} a WHERE a.id_customer = t.id_customer) >= ?)"}),
		Parts: []follow.Part{
			{Table: "{customer} t", Key: "t.id_customer", Where: own, Columns: []string{"t.id_customer", "t.email", "t.firstname", "t.lastname", "t.company", "t.id_lang", "t.deleted", "t.date_add", "t.date_upd"}},
			{Table: "{address} a JOIN {customer} t ON t.id_customer = a.id_customer", Key: "a.id_customer", Where: "a.deleted = 0 AND " + own,
				Columns: append([]string{"a.date_upd"}, addressSum...)},
		},
	}
}

// Customers reads the shop's accounts: the rows of customer but for guests', of which each order without an account adds
// one. Deleted ones are delivered as such.
func (s *Shop) Customers(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Customer], error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Page[adapters.Customer]{}, err
	}
	return follow.Read(ctx, r.DB, r.now, r.customersSource(), after, limit, r.customers)
}

type account struct {
	person
	company, language   string
	registered, changed string
	moved               string // the change of the address
	address             address
}

// customers costs one statement. Of an account's addresses the newest counts; the ones that are marked as deleted belong to
// old orders.
func (r *reader) customers(ctx context.Context, ids []int64) ([]adapters.Customer, []adapters.BadRow, error) {
	var rows []adapters.Customer
	var bad []adapters.BadRow
	err := r.Each(ctx, "customers", "SELECT "+personColumns+", c.company, l.language_code, c.date_add, c.date_upd, a.date_upd, "+addressColumns+`
		FROM {customer} t JOIN {customer} c ON c.id_customer = t.id_customer LEFT JOIN {lang} l ON l.id_lang = c.id_lang
		LEFT JOIN (SELECT id_customer, MAX(id_address) AS newest FROM {address} WHERE id_customer `+follow.In(ids)+` AND deleted = 0 GROUP BY id_customer) latest ON latest.id_customer = c.id_customer
		LEFT JOIN {address} a ON a.id_address = latest.newest`+addressJoins+`
		WHERE t.id_customer `+follow.In(ids)+" AND "+r.customersSource().Own+" ORDER BY t.id_customer", nil,
		func(scan func(...any) error) error {
			var a account
			err := scan(append(append(a.person.into(), follow.Text(&a.company), follow.Text(&a.language), follow.Text(&a.registered), follow.Text(&a.changed), follow.Text(&a.moved)),
				a.address.into()...)...)
			if err != nil {
				return err
			}
			errs := foreign.NewCheck(map[string]string{"email": a.email, "date_add": a.registered, "date_upd": a.changed})
			row := r.customer(a, errs)
			if errs.Failed() {
				bad = append(bad, errs.Row(row.Key))
			} else {
				rows = append(rows, row)
			}
			return nil
		})
	return rows, bad, err
}

func (r *reader) customer(a account, errs *foreign.Check) adapters.Customer {
	return adapters.Customer{
		Key: foreign.Str(a.id), Email: a.mail(), FirstName: foreign.Plain(a.first), LastName: foreign.Plain(a.last),
		Company: foreign.Plain(foreign.First(a.company, a.address.company)), Phone: a.address.tel(), Address: a.address.postal(),
		Language:     foreign.Language(a.language),
		RegisteredAt: errs.Time("date_add", a.registered, r.zone),
		ChangedAt:    later(errs.Time("date_upd", a.changed, r.zone), errs.Time("address, date_upd", a.moved, r.zone)),
		Deleted:      a.deleted,
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
