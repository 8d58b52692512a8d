package prestashop

import (
	"context"
	"fmt"
	"strings"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// The places where PrestaShop keeps who wants its newsletter: a flag with accounts and guests, and the table of a module for
// visitors who left no more than an address.
const fromCustomers = "customer"

// modules are the tables that the newsletter's module has had: ps_emailsubscription's since 1.7.0, and blocknewsletter's.
var modules = []string{"emailsubscription", "newsletter"}

// few rows are delivered by a round of a sweep over those that may have changed without a trace.
const few = 100

// subscribersSource follows the flag. Staff and the account's own page move date_upd with it, but the module writes the flag
// alone: who subscribes there gets newsletter_date_add, who unsubscribes leaves no trace. So a sweep delivers all who are, or
// were, subscribed again and again, 100 a round: a withdrawal is seen within five minutes in a shop of 5,000 subscribers.
func (r *reader) subscribersSource() follow.Source {
	own := "(t.is_guest = 0 OR " + asked + ") AND t.email <> '" + nobody + "' AND " + r.ofPeople()
	return follow.Source{Letter: 'n', What: "subscribers", Table: "{customer}", ID: "id_customer", Own: own, Time: "date_upd", Region: 2_000,
		Sweep: again("{customer}", "id_customer", own+" AND "+asked, 10_000)}
}

// asked is a condition on customer t: who ever subscribed. The date stays when the flag goes.
const asked = "(t.newsletter = 1 OR COALESCE(t.newsletter_date_add > '1000-01-01', FALSE))"

// moduleSource follows a module's table. A new address is a new row; one that is confirmed, or switched off by staff, leaves
// no trace, so all are delivered again and again, as above. Who unsubscribes is deleted from it: a mirror finds that by
// reading from the beginning.
func (r *reader) moduleSource(table string) follow.Source {
	name := "{" + table + "}"
	return follow.Source{Letter: 'e', What: "subscribers", Table: name, ID: "id", Own: r.ofShop(), Sweep: again(name, "id", r.ofShop(), 10_000)}
}

// again walks over rows and delivers them, a few a round.
func again(table, id, own string, step int64) follow.Sweep {
	return func(ctx context.Context, db follow.DB, p follow.Place, limit int) (follow.Stride, error) {
		s, err := stride(ctx, db, p, "subscribers", table, id, step)
		if err != nil {
			return s, err
		}
		limit = min(limit, few)
		err = db.Each(ctx, "subscribers", fmt.Sprintf("SELECT t.%[1]s FROM %[2]s t FORCE INDEX (PRIMARY) WHERE t.%[1]s > ? AND t.%[1]s <= ? AND %[3]s ORDER BY t.%[1]s LIMIT ?", id, table, own),
			[]any{p.Swept(), s.End, limit}, hits(&s.Hits))
		if len(s.Hits) == limit {
			s.End = s.Hits[limit-1].ID
		}
		s.Last = s.End >= p.Highest()
		return s, err
	}
}

// moduleTable finds out which table there is; "" where there is none. One that was found is remembered until it is gone.
func (s *Shop) moduleTable(ctx context.Context, r *reader) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.module != "" {
		return s.module, nil
	}
	var there []string
	err := r.Each(ctx, "the list of tables", "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name IN (?, ?) ORDER BY table_name",
		[]any{r.prefix + modules[0], r.prefix + modules[1]}, func(scan func(...any) error) error {
			var name string
			err := scan(&name)
			there = append(there, strings.TrimPrefix(name, r.prefix))
			return err
		})
	if err != nil {
		return "", err
	}
	for _, table := range there {
		columns, err := r.Columns(ctx, table)
		if err != nil {
			return "", err
		}
		if columns["email"] && columns["active"] && columns["newsletter_date_add"] { // other modules have a newsletter, too
			s.module = table
			break
		}
	}
	return s.module, nil
}

// forget is for a module that was taken out of the shop.
func (s *Shop) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.module = ""
}

// Subscribers reads the flags of accounts and guests and then the module's table; each round does both. Keys are "c7" for the
// customer 7, and "e7" for the row 7 of the module.
func (s *Shop) Subscribers(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Subscriber], error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Page[adapters.Subscriber]{}, err
	}
	table, err := s.moduleTable(ctx, r)
	if err != nil {
		return adapters.Page[adapters.Subscriber]{}, err
	}
	page, err := s.subscribersPage(ctx, r, table, after, limit)
	if follow.NoTable(err) && table != "" {
		s.forget()
		return s.subscribersPage(ctx, r, "", after, limit)
	}
	return page, err
}

func (s *Shop) subscribersPage(ctx context.Context, r *reader, table string, after adapters.Cursor, limit int) (adapters.Page[adapters.Subscriber], error) {
	p, err := parsePair(after)
	if err != nil {
		return adapters.Page[adapters.Subscriber]{}, err
	}
	p.second = p.second && table != "" // the module may be gone
	limit = max(limit, 1)
	var page adapters.Page[adapters.Subscriber]
	if !p.second {
		if page, err = follow.Read(ctx, r.DB, r.now, r.subscribersSource(), p.first, limit, r.subscribers); err != nil {
			return page, err
		}
		p.first, p.second = page.Next, !page.More && table != ""
		limit -= len(page.Rows) + len(page.Bad)
		page.More = page.More || p.second
	}
	if p.second && limit > 0 {
		more, err := follow.Read(ctx, r.DB, r.now, r.moduleSource(table), p.other, limit, func(ctx context.Context, ids []int64) ([]adapters.Subscriber, []adapters.BadRow, error) {
			return r.moduleRows(ctx, table, ids)
		})
		if err != nil {
			return adapters.Page[adapters.Subscriber]{}, err
		}
		page.Rows, page.Bad, page.More = append(page.Rows, more.Rows...), append(page.Bad, more.Bad...), more.More
		p.other, p.second = more.Next, more.More
	}
	page.Next = p.cursor()
	return page, nil
}

// pair is a place in two streams that are read one after the other. Ids and times here have at most seven digits to the base
// of 36, so that two places are at most 250 bytes.
type pair struct {
	first, other adapters.Cursor
	second       bool // the round has come to the other
}

func (p pair) cursor() adapters.Cursor {
	turn := "1"
	if p.second {
		turn = "2"
	}
	return adapters.Cursor(turn + "~" + string(p.first) + "~" + string(p.other))
}

func parsePair(c adapters.Cursor) (pair, error) {
	if c == "" {
		return pair{}, nil
	}
	parts := strings.Split(string(c), "~")
	if len(parts) != 3 || parts[0] != "1" && parts[0] != "2" || parts[1] == "" {
		return pair{}, fmt.Errorf("%s: %w: %q is not one of subscribers", platform, adapters.ErrCursor, foreign.Cut(string(c)))
	}
	return pair{first: adapters.Cursor(parts[1]), other: adapters.Cursor(parts[2]), second: parts[0] == "2"}, nil
}

func (r *reader) subscribers(ctx context.Context, ids []int64) ([]adapters.Subscriber, []adapters.BadRow, error) {
	var rows []adapters.Subscriber
	var bad []adapters.BadRow
	err := r.Each(ctx, "subscribers", "SELECT "+personColumns+", c.newsletter, "+asked+`, c.newsletter_date_add, c.ip_registration_newsletter
		FROM {customer} t JOIN {customer} c ON c.id_customer = t.id_customer WHERE t.id_customer `+follow.In(ids)+" AND "+r.subscribersSource().Own+" ORDER BY t.id_customer", nil,
		func(scan func(...any) error) error {
			var who person
			var subscribed, ever bool
			var at, ip string
			if err := scan(append(who.into(), &subscribed, &ever, follow.Text(&at), follow.Text(&ip))...); err != nil {
				return err
			}
			errs := foreign.NewCheck(map[string]string{"email": who.email, "newsletter_date_add": at})
			row := adapters.Subscriber{Key: "c" + foreign.Str(who.id), Email: who.mail(), CustomerKey: who.key(), Consent: adapters.NotSubscribed, Source: fromCustomers, Deleted: who.deleted}
			given := errs.Time("newsletter_date_add", at, r.zone)
			switch {
			case who.deleted: // the flag stays on where an account is deleted, which is no leave to write
			case subscribed:
				row.Consent, row.At, row.IP = adapters.Subscribed, given, strings.TrimSpace(ip)
			case ever:
				row.Consent = adapters.Unsubscribed // nobody knows when
			}
			if who.guest {
				row.FirstName, row.LastName = foreign.Plain(who.first), foreign.Plain(who.last)
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

// moduleRows reads a module's table. Its dates are the database server's own (NOW()), not PHP's. An address that is not
// active waits to be confirmed, or has been switched off where the shop does not ask for that.
func (r *reader) moduleRows(ctx context.Context, table string, ids []int64) ([]adapters.Subscriber, []adapters.BadRow, error) {
	inactive := adapters.Unsubscribed
	if r.on("NW_VERIFICATION_EMAIL") {
		inactive = adapters.Unconfirmed
	}
	var rows []adapters.Subscriber
	var bad []adapters.BadRow
	err := r.Each(ctx, "subscribers", "SELECT t.id, t.email, t.active, CONVERT_TZ(t.newsletter_date_add, @@GLOBAL.time_zone, '+00:00'), t.ip_registration_newsletter FROM {"+table+"} t WHERE t.id "+
		follow.In(ids)+" AND "+r.ofShop()+" ORDER BY t.id", nil, func(scan func(...any) error) error {
		var id int64
		var active bool
		var email, at, ip string
		if err := scan(&id, &email, &active, follow.Text(&at), follow.Text(&ip)); err != nil {
			return err
		}
		errs := foreign.NewCheck(map[string]string{"email": email, "newsletter_date_add": at})
		row := adapters.Subscriber{Key: "e" + foreign.Str(id), Email: strings.TrimSpace(email), Consent: inactive, Source: table, IP: strings.TrimSpace(ip),
			At: errs.Time("newsletter_date_add", at, nil)}
		if active {
			row.Consent = adapters.Subscribed
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
