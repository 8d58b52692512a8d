package intake

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/consent"
	"github.com/kupec/kupec/module/contact"
	"github.com/kupec/kupec/module/customer"
)

// subscriberRow remembers what a shop said last of one subscription.
type subscriberRow struct {
	bun.BaseModel `bun:"table:crm_subscribers,alias:s"`

	ID         int64            `bun:"id,pk,autoincrement"`
	ShopID     int64            `bun:"shop_id"`
	ShopKey    string           `bun:"shop_key"`
	Email      string           `bun:"email"`
	Answer     adapters.Consent `bun:"answer"`
	List       string           `bun:"list"`
	Source     string           `bun:"source"`
	AnsweredAt time.Time        `bun:"answered_at,nullzero"`
}

const subscriberUpdate = `DUPLICATE KEY UPDATE email = VALUES(email), answer = VALUES(answer), list = VALUES(list), source = VALUES(source),
	answered_at = VALUES(answered_at)`

const (
	listMax   = 120
	sourceMax = 64
	ipMax     = 64
)

// subscription is a subscriber in the CRM's terms.
type subscription struct {
	subscriberRow
	name contact.Name
	ip   string
}

func (n *normaliser) subscriber(s adapters.Subscriber) (subscription, error) {
	var in inspection
	row := subscription{name: contact.CleanName(s.FirstName, s.LastName, personMax), ip: cut(s.IP, ipMax), subscriberRow: subscriberRow{
		ShopKey: in.key(own("key"), s.Key), Email: string(email(s.Email)), Answer: s.Consent, List: cut(s.List, listMax), Source: cut(s.Source, sourceMax),
		AnsweredAt: in.time(own("answered at"), s.At)}}
	if row.Email == "" {
		in.wrong(own("e-mail"), "%q is not an address", cut(s.Email, keyMax))
	}
	if answers[s.Consent] == 0 {
		in.wrong(own("consent"), "%q is none of Kupec's", cut(string(s.Consent), 20))
	}
	if s.Deleted {
		row.Answer = adapters.NotSubscribed
	}
	return row, in.err()
}

// answers ranks what a shop's lists say of one address: who is subscribed to one of them is subscribed.
var answers = map[adapters.Consent]int{adapters.NotSubscribed: 1, adapters.Unconfirmed: 2, adapters.Unsubscribed: 3, adapters.Subscribed: 4}

// writeSubscribers remembers what the shop says, and records what is new about an address: the shop's word is a statement
// at the time when it changes, not each time it is repeated.
func (w *worker) writeSubscribers(ctx context.Context, tx bun.IDB, rows []subscription) (effect, error) {
	rows, err := present(ctx, tx, w, rows, func(s subscription) customer.Person { return customer.Person{Email: contact.Email(s.Email)} })
	if err != nil {
		return effect{}, err
	}
	differ, emails, err := w.news(ctx, tx, rows)
	if err != nil || len(differ) == 0 {
		return effect{}, err
	}
	was, err := w.answersOf(ctx, tx, emails)
	if err != nil {
		return effect{}, err
	}
	write := make([]subscriberRow, len(differ))
	for i, s := range differ {
		write[i] = s.subscriberRow
		write[i].ShopID = w.shop.ID
	}
	for part := range slices.Chunk(write, inMax) {
		if _, err := tx.NewInsert().Model(&part).On(subscriberUpdate).Returning("NULL").Exec(ctx); err != nil {
			return effect{}, fmt.Errorf("noting subscribers: %w", err)
		}
	}
	is, err := w.answersOf(ctx, tx, emails)
	if err != nil {
		return effect{}, err
	}
	profiles, err := w.tellLedger(ctx, tx, differ, emails, was, is)
	return effect{changed: int64(len(differ)), profiles: profiles}, err
}

// news is the subscriptions that are not known as they are, each key once, and the addresses concerned.
func (w *worker) news(ctx context.Context, tx bun.IDB, rows []subscription) (differ []subscription, emails []string, err error) {
	last := make(map[string]subscription, len(rows))
	for _, s := range rows {
		last[s.ShopKey] = s
	}
	keys := slices.Sorted(maps.Keys(last))
	known := map[string]subscriberRow{}
	for part := range slices.Chunk(keys, inMax) {
		var found []subscriberRow
		err := tx.NewSelect().Model(&found).Where("s.shop_id = ?", w.shop.ID).Where("s.shop_key IN (?)", bun.List(part)).Scan(ctx)
		if err != nil {
			return nil, nil, fmt.Errorf("comparing subscribers: %w", err)
		}
		for _, row := range found {
			known[row.ShopKey] = row
		}
	}
	touched := map[string]bool{}
	for _, key := range keys {
		s, was := last[key], known[key]
		if s.Email == was.Email && s.Answer == was.Answer && s.List == was.List && s.AnsweredAt.Equal(was.AnsweredAt) {
			continue
		}
		differ = append(differ, s)
		touched[s.Email] = true
		if was.Email != "" {
			touched[was.Email] = true
		}
	}
	return differ, slices.Sorted(maps.Keys(touched)), nil
}

// answersOf is what all of a shop's lists together say of each address.
func (w *worker) answersOf(ctx context.Context, tx bun.IDB, emails []string) (map[string]subscriberRow, error) {
	best := make(map[string]subscriberRow, len(emails))
	for part := range slices.Chunk(emails, inMax) {
		var rows []subscriberRow
		err := tx.NewSelect().Model(&rows).Where("s.shop_id = ?", w.shop.ID).Where("s.email IN (?)", bun.List(part)).Order("s.id").Scan(ctx)
		if err != nil {
			return nil, fmt.Errorf("reading what the shop's lists say: %w", err)
		}
		for _, row := range rows {
			if answers[row.Answer] >= answers[best[row.Email].Answer] {
				best[row.Email] = row
			}
		}
	}
	return best, nil
}

// tellLedger records the answers that are new, and gives the profiles concerned.
func (w *worker) tellLedger(ctx context.Context, tx bun.IDB, differ []subscription, emails []string, was, is map[string]subscriberRow) ([]int64, error) {
	shown := make(map[string]subscription, len(differ))
	for _, s := range differ {
		shown[s.Email] = s
	}
	var people []customer.Person
	var said []consent.Told
	for _, address := range emails {
		now := is[address]
		state, is := stateOf(was[address].Answer, now.Answer)
		if !is {
			continue
		}
		s := shown[address]
		people = append(people, customer.Person{Evidence: customer.EvidenceSignup, Ref: now.ShopKey, Email: contact.Email(address), Name: s.name, At: now.AnsweredAt})
		said = append(said, consent.Told{Email: contact.Email(address), Entry: consent.Entry{State: state, Source: consent.SourceShop, At: now.AnsweredAt,
			Wording: cmp.Or(now.List, now.Source), IP: s.ip}})
	}
	if len(people) == 0 {
		return nil, nil
	}
	linked, err := w.rooms.People.Link(ctx, tx, w.shop.ID, people)
	if err != nil {
		return nil, err
	}
	for i, l := range linked {
		said[i].ProfileID, said[i].IdentityID = l.ProfileID, l.IdentityID
	}
	entries, err := w.rooms.Consents.Standing(ctx, tx, consent.DefaultTopic, w.shop.ID, said)
	if err != nil {
		return nil, err
	}
	return profilesOf(linked), w.rooms.Consents.RecordMany(ctx, tx, consent.DefaultTopic, w.shop.ID, entries)
}

// stateOf is what a shop's new answer means, if anything. That a flag is off means something only where it was on.
func stateOf(was, is adapters.Consent) (state consent.State, means bool) {
	switch {
	case is == was:
		return "", false
	case is == adapters.Subscribed:
		return consent.Granted, true
	case is == adapters.Unsubscribed, was == adapters.Subscribed && (is == adapters.NotSubscribed || is == ""):
		return consent.Withdrawn, true
	}
	return "", false
}
