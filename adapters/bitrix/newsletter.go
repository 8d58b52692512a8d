package bitrix

import (
	"cmp"
	"context"
	"strings"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

var _ adapters.SubscriberReader = (*Shop)(nil)

// Newsletter is the module that keeps the shop's subscribers.
type Newsletter string

// The modules that are understood.
const (
	Subscribe Newsletter = "subscribe" // b_subscription, with rubrics
	Sender    Newsletter = "sender"    // b_sender_contact, with mailings
)

// table is the one that has the addresses.
func (m Newsletter) table() string {
	if m == Sender {
		return "sender_contact"
	}
	return "subscription"
}

// noModule is the place in the subscribers of a shop that has no module for them. Once it has one, the place is none of
// that module's, and all are read.
const noModule adapters.Cursor = "none"

// newsletter finds out which module the shop uses: the newer one, as soon as anybody has answered to it.
func (r *reader) newsletter(ctx context.Context) (Newsletter, error) {
	if r.cfg.Newsletter != "" {
		return r.cfg.Newsletter, nil
	}
	if !r.hasTable("sender_mailing_subscription") {
		return Subscribe, nil
	}
	var answers int
	err := r.One(ctx, "subscribers", "SELECT COUNT(*) FROM (SELECT 1 FROM {sender_mailing_subscription} LIMIT 1) t", nil, &answers)
	return map[bool]Newsletter{true: Sender, false: Subscribe}[answers > 0], err
}

// Subscribers reads the answers that the shop's newsletter module keeps; see [Config.Newsletter]. Unless their times of
// change have got an index, the newest 5,000 are looked at in each poll, and the others swept, 5,000 a poll.
func (s *Shop) Subscribers(ctx context.Context, after adapters.Cursor, limit int) (adapters.Page[adapters.Subscriber], error) {
	r, err := s.open(ctx)
	if err != nil {
		return adapters.Page[adapters.Subscriber]{}, err
	}
	module, err := r.newsletter(ctx)
	if err != nil {
		return adapters.Page[adapters.Subscriber]{}, err
	}
	source, load := r.subscriptionsSource(), r.subscriptions
	if module == Sender {
		source, load = r.contactsSource(), r.senderContacts
	}
	if !r.hasTable(module.table()) {
		return adapters.Page[adapters.Subscriber]{Next: noModule}, nil
	}
	return follow.Read(ctx, r.DB, s.cfg.Now(), source, after, limit, load)
}

func (r *reader) subscriptionsSource() follow.Source {
	src := follow.Source{Letter: 'n', What: "subscribers", Table: "{subscription}", ID: "ID", Time: "DATE_UPDATE", Region: r.region("subscription", "DATE_UPDATE", 5_000)}
	if src.Region > 0 {
		src.Sweep = r.walk(src, "t.DATE_UPDATE >= ?")
	}
	return src
}

func (r *reader) contactsSource() follow.Source {
	src := follow.Source{Letter: 's', What: "subscribers", Table: "{sender_contact}", ID: "ID", Own: "TYPE_ID = 1", Time: "DATE_UPDATE", Region: r.region("sender_contact", "DATE_UPDATE", 5_000)}
	src.Sweep = r.walk(src, "t.DATE_UPDATE >= ? OR EXISTS (SELECT 1 FROM {sender_mailing} m STRAIGHT_JOIN {sender_mailing_subscription} a ON a.MAILING_ID = m.ID"+
		" WHERE a.CONTACT_ID = t.ID AND a.DATE_INSERT >= ?)")
	return src
}

// walk looks for rows that meet a condition on times in the shop's zone, a step a poll.
func (r *reader) walk(src follow.Source, changed string) follow.Sweep {
	const step = 5_000
	own := cmp.Or(src.Own, "TRUE")
	return func(ctx context.Context, db follow.DB, p follow.Place, limit int) (follow.Stride, error) {
		s := follow.Stride{End: min(p.Swept()+step, p.Highest())}
		s.Last = s.End == p.Highest()
		args := []any{p.Swept(), s.End}
		for range strings.Count(changed, "?") {
			args = append(args, r.local(p.ChangedSince()))
		}
		err := db.Each(ctx, src.What, "SELECT t.ID FROM "+src.Table+" t FORCE INDEX (PRIMARY) WHERE t.ID > ? AND t.ID <= ? AND "+own+" AND ("+changed+") ORDER BY t.ID LIMIT ?",
			append(args, limit), func(scan func(...any) error) error {
				var h follow.Hit
				err := scan(&h.ID)
				h.Target = h.ID
				s.Hits = append(s.Hits, h)
				return err
			})
		return s, err
	}
}

// subscriptions reads the module subscribe. A subscription is to some of the shop's rubrics; DATE_CONFIRM is when its address
// was confirmed or, before that, when the code for it was sent.
func (r *reader) subscriptions(ctx context.Context, ids []int64) ([]adapters.Subscriber, []adapters.BadRow, error) {
	var rows []adapters.Subscriber
	var bad []adapters.BadRow
	err := r.Each(ctx, "subscribers", `SELECT t.ID, t.EMAIL, COALESCE(u.ID, 0), t.ACTIVE, t.CONFIRMED, t.DATE_INSERT, t.DATE_CONFIRM, t.DATE_UPDATE,
			(SELECT GROUP_CONCAT(l.NAME ORDER BY l.SORT, l.ID SEPARATOR ', ') FROM {subscription_rubric} s JOIN {list_rubric} l ON l.ID = s.LIST_RUBRIC_ID WHERE s.SUBSCRIPTION_ID = t.ID)
		FROM {subscription} t LEFT JOIN {user} u ON u.ID = t.USER_ID AND `+r.accounts("u")+` WHERE t.ID `+follow.In(ids)+" ORDER BY t.ID", nil, func(scan func(...any) error) error {
		var id, account int64
		var email, active, confirmed, inserted, confirmedAt, updated, rubrics string
		if err := scan(&id, &email, &account, &active, &confirmed, follow.Text(&inserted), follow.Text(&confirmedAt), follow.Text(&updated), follow.Text(&rubrics)); err != nil {
			return err
		}
		errs := foreign.NewCheck(map[string]string{"EMAIL": email, "ACTIVE": active, "CONFIRMED": confirmed})
		asked := errs.Time("DATE_INSERT", inserted, r.zone)
		row := adapters.Subscriber{Key: foreign.Str(id), Email: strings.TrimSpace(email), CustomerKey: foreign.Key(account), List: foreign.Plain(rubrics), Source: string(Subscribe)}
		switch {
		case active != "Y":
			row.Consent, row.At = adapters.Unsubscribed, foreign.Known(errs.Time("DATE_UPDATE", updated, r.zone), asked)
		case confirmed != "Y":
			row.Consent, row.At = adapters.Unconfirmed, asked
		default:
			row.Consent, row.At = adapters.Subscribed, foreign.Known(errs.Time("DATE_CONFIRM", confirmedAt, r.zone), asked)
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

// answer is what a contact of the module sender has said to one mailing.
type answer struct {
	mailing         int64
	name, unsub, at string
}

// senderContacts reads the module sender. Everybody that the shop has ever written to is a contact; who agreed has an answer
// to a mailing. The first withdrawal from a mailing outweighs agreeing to it.
func (r *reader) senderContacts(ctx context.Context, ids []int64) ([]adapters.Subscriber, []adapters.BadRow, error) {
	answers := map[int64][]answer{}
	err := r.Each(ctx, "subscribers", `SELECT t.ID, m.ID, m.NAME, a.IS_UNSUB, a.DATE_INSERT FROM {sender_contact} t STRAIGHT_JOIN {sender_mailing} m
		STRAIGHT_JOIN {sender_mailing_subscription} a ON a.MAILING_ID = m.ID AND a.CONTACT_ID = t.ID WHERE t.ID `+follow.In(ids)+" ORDER BY t.ID, m.ID, a.IS_UNSUB", nil,
		func(scan func(...any) error) error {
			var contact int64
			var a answer
			err := scan(&contact, &a.mailing, follow.Text(&a.name), &a.unsub, follow.Text(&a.at))
			answers[contact] = append(answers[contact], a)
			return err
		})
	if err != nil {
		return nil, nil, err
	}
	var rows []adapters.Subscriber
	var bad []adapters.BadRow
	err = r.Each(ctx, "subscribers", `SELECT t.ID, t.CODE, COALESCE(u.ID, 0), t.NAME, t.IP, t.BLACKLISTED = 'Y' OR t.IS_UNSUB = 'Y', t.DATE_UPDATE
		FROM {sender_contact} t LEFT JOIN {user} u ON u.ID = t.USER_ID AND `+r.accounts("u")+` WHERE t.ID `+follow.In(ids)+" AND t.TYPE_ID = 1 ORDER BY t.ID", nil, func(scan func(...any) error) error {
		var id, account int64
		var email, name, ip, updated string
		var out bool
		if err := scan(&id, &email, &account, follow.Text(&name), follow.Text(&ip), &out, follow.Text(&updated)); err != nil {
			return err
		}
		errs := foreign.NewCheck(map[string]string{"CODE": email})
		row := adapters.Subscriber{Key: foreign.Str(id), Email: strings.TrimSpace(email), CustomerKey: foreign.Key(account), Source: string(Sender), IP: strings.TrimSpace(ip)}
		if account == 0 {
			row.FirstName = foreign.Plain(name)
		}
		r.consent(&row, answers[id], out, updated, errs)
		if errs.Failed() {
			bad = append(bad, errs.Row(row.Key))
		} else {
			rows = append(rows, row)
		}
		return nil
	})
	return rows, bad, err
}

// consent weighs a contact's answers. One who wants any mailing is subscribed to that, unless they are out altogether.
func (r *reader) consent(row *adapters.Subscriber, answers []answer, out bool, updated string, errs *foreign.Check) {
	withdrawn := map[int64]bool{}
	var lists []string
	row.Consent = adapters.NotSubscribed
	for _, a := range answers {
		if a.unsub == "Y" {
			withdrawn[a.mailing] = true
		}
	}
	for _, a := range answers {
		at := errs.Time("DATE_INSERT", a.at, r.zone)
		switch {
		case a.unsub == "Y" && row.Consent != adapters.Subscribed:
			row.Consent, row.At = adapters.Unsubscribed, at
		case a.unsub != "Y" && !withdrawn[a.mailing] && !out:
			row.Consent, row.At = adapters.Subscribed, at
			lists = append(lists, foreign.Plain(a.name))
		}
	}
	if out && row.Consent != adapters.Unsubscribed {
		row.Consent, row.At = adapters.Unsubscribed, errs.Time("DATE_UPDATE", updated, r.zone)
	}
	row.List = strings.Join(lists, ", ")
}
