package woocommerce

import (
	"context"
	"strings"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

var _ adapters.SubscriberReader = (*Shop)(nil)

// Newsletter says which plugin keeps the shop's subscribers. WooCommerce itself keeps none.
type Newsletter string

// The plugins that are understood.
const (
	MailPoet         Newsletter = "mailpoet"   // tables mailpoet_…
	NewsletterPlugin Newsletter = "newsletter" // table newsletter
	Mailchimp        Newsletter = "mailchimp"  // a flag with the account: mailchimp_woocommerce_is_subscribed
)

// plugin is where one keeps subscribers. Columns are read in the order of subscriber's fields.
type plugin struct {
	source   follow.Source
	columns  string
	from     string // with the alias t for the table
	consents map[string]adapters.Consent
}

func plugins(name Newsletter) plugin {
	switch name {
	case MailPoet:
		p := plugin{
			source: follow.Source{Letter: 'm', Table: "{mailpoet_subscribers}", ID: "id", Time: "updated_at"},
			columns: `t.id, t.email, COALESCE(t.wp_user_id, 0), t.first_name, t.last_name, t.status, COALESCE(NULLIF(t.confirmed_ip, ''), t.subscribed_ip),
				CASE t.status WHEN 'subscribed' THEN COALESCE(t.confirmed_at, t.last_subscribed_at, t.created_at) ELSE COALESCE(t.updated_at, t.created_at) END, t.deleted_at IS NOT NULL`,
			consents: map[string]adapters.Consent{"subscribed": adapters.Subscribed, "unconfirmed": adapters.Unconfirmed, "unsubscribed": adapters.Unsubscribed,
				"bounced": adapters.Unsubscribed, "inactive": adapters.Subscribed},
		}
		p.source.Region = 5_000 // updated_at has an index in newer versions only
		p.source.Sweep = p.source.SweepByTime(5_000)
		return p
	case NewsletterPlugin:
		p := plugin{
			source: follow.Source{Letter: 'n', Table: "{newsletter}", ID: "id"},
			// updated is in seconds since 1970, created a TIMESTAMP.
			columns: `t.id, t.email, COALESCE(t.wp_user_id, 0), t.name, t.surname, t.status, t.ip, IF(t.updated > 0, FROM_UNIXTIME(t.updated), t.created), FALSE`,
			consents: map[string]adapters.Consent{"C": adapters.Subscribed, "S": adapters.Unconfirmed, "U": adapters.Unsubscribed, "B": adapters.Unsubscribed,
				"P": adapters.Unsubscribed},
		}
		p.source.Sweep = everyRow(p.source)
		return p
	}
	p := plugin{
		source:   follow.Source{Letter: 'c', Table: "{usermeta}", ID: "umeta_id", Own: "meta_key = 'mailchimp_woocommerce_is_subscribed'", Window: 20_000},
		columns:  "t.umeta_id, u.user_email, u.ID, '', '', t.meta_value, '', NULL, FALSE",
		from:     " JOIN {users} u ON u.ID = t.user_id",
		consents: map[string]adapters.Consent{"1": adapters.Subscribed, "0": adapters.NotSubscribed, "": adapters.NotSubscribed, "archived": adapters.NotSubscribed},
	}
	p.source.Sweep = everyRow(p.source)
	return p
}

// everyRow walks over all rows again and again, for tables that keep no time of change by which rows can be found.
func everyRow(src follow.Source) follow.Sweep {
	own := src.Own
	if own == "" {
		own = "TRUE"
	}
	const step = 5_000
	return func(ctx context.Context, db follow.DB, p follow.Place, limit int) (follow.Stride, error) {
		s := follow.Stride{End: min(p.Swept()+step, p.Highest())}
		s.Last = s.End == p.Highest()
		err := db.Each(ctx, src.What, "SELECT t."+src.ID+" FROM "+src.Table+" t FORCE INDEX (PRIMARY) WHERE t."+src.ID+" > ? AND t."+src.ID+" <= ? AND "+own+" ORDER BY t."+src.ID+" LIMIT ?",
			[]any{p.Swept(), s.End, limit}, func(scan func(...any) error) error {
				var h follow.Hit
				err := scan(&h.ID)
				h.Target = h.ID
				s.Hits = append(s.Hits, h)
				return err
			})
		return s, err
	}
}

// newsletter finds out which plugin the shop has, the one with the richest records first.
func (r *reader) newsletter(ctx context.Context, set Newsletter) (Newsletter, error) {
	if set != "" {
		return set, nil
	}
	for _, candidate := range []struct {
		name  Newsletter
		table string
	}{{MailPoet, "mailpoet_subscribers"}, {NewsletterPlugin, "newsletter"}} {
		columns, err := r.Columns(ctx, candidate.table)
		if err != nil {
			return "", err
		}
		if columns["email"] && columns["status"] && columns["wp_user_id"] {
			return candidate.name, nil
		}
	}
	return Mailchimp, nil
}

// Subscribers reads the answers that a newsletter plugin keeps; see [Config.Newsletter].
func (s *Shop) Subscribers(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Subscriber], error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Page[adapters.Subscriber]{}, err
	}
	name, err := r.newsletter(ctx, s.cfg.Newsletter)
	if err != nil {
		return adapters.Page[adapters.Subscriber]{}, err
	}
	p := plugins(name)
	p.source.What = "subscribers"
	return follow.Read(ctx, r.DB, s.cfg.Now(), p.source, after, limit, func(ctx context.Context, ids []int64) ([]adapters.Subscriber, []adapters.BadRow, error) {
		return r.subscribers(ctx, ids, name, p)
	})
}

func (r *reader) subscribers(ctx context.Context, ids []int64, name Newsletter, p plugin) ([]adapters.Subscriber, []adapters.BadRow, error) {
	var rows []adapters.Subscriber
	var bad []adapters.BadRow
	err := r.Each(ctx, "subscribers", "SELECT "+p.columns+" FROM "+p.source.Table+" t"+p.from+" WHERE t."+p.source.ID+" "+follow.In(ids)+" ORDER BY t."+p.source.ID, nil,
		func(scan func(...any) error) error {
			var id, user int64
			var email, first, last, status, ip, at string
			var gone bool
			if err := scan(&id, follow.Text(&email), &user, follow.Text(&first), follow.Text(&last), follow.Text(&status), follow.Text(&ip), follow.Text(&at), &gone); err != nil {
				return err
			}
			errs := foreign.NewCheck(map[string]string{"email": email, "status": status})
			consent, known := p.consents[status]
			if !known {
				consent = adapters.NotSubscribed // a state of a later version of the plugin is no leave to write
			}
			row := adapters.Subscriber{Key: foreign.Str(id), Email: strings.TrimSpace(email), CustomerKey: foreign.Key(user), Consent: consent,
				Source: string(name), IP: strings.TrimSpace(ip), At: errs.Time("time", at, nil), Deleted: gone}
			if user == 0 {
				row.FirstName, row.LastName = foreign.Plain(first), foreign.Plain(last)
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
