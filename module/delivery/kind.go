package delivery

import (
	"context"
	"embed"
	"fmt"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/segment"
)

// Locales is the package's catalogue, English and Slovene, for locale.Load.
//
//go:embed locales
var Locales embed.FS

// Kinds are the conditions on people that the ledger answers, for segment.New.
//
//	{"is":"mailed","at_least":3,"days":90}    {"is":"mailed","mailing":12}
func Kinds() []segment.Kind {
	return []segment.Kind{segment.Event{
		Name: "mailed", Group: "mail", From: "crm_deliveries AS e", Profile: "e.profile_id", At: "e.settled_at", Absorbed: true,
		Slots: []segment.Slot{MailingSlot()},
		Where: func(b *segment.Builder, c *segment.Condition) {
			b.SQL(" AND e.state = ?", Sent)
			if c.Has("mailing") {
				b.SQL(" AND e.mailing_id = ?", c.Int("mailing"))
				return
			}
			// The ledger's index is by mailing: only those that were going out then are looked at.
			from, to := b.Frame(c)
			b.SQL(" AND e.mailing_id IN (SELECT g.id FROM crm_mailings AS g WHERE g.frozen_at IS NOT NULL")
			if !from.IsZero() {
				b.SQL(" AND (g.finished_at IS NULL OR g.finished_at >= ?)", from)
			}
			if !to.IsZero() {
				b.SQL(" AND g.frozen_at < ?", to)
			}
			b.SQL(")")
		},
		Sentence: func(s *segment.Speaker, c *segment.Condition, how string) string {
			return MailingSentence(s, c, "segment.mailed", how)
		},
	}.Kind()}
}

// MailingSlot lets a condition ask about one mailing or about all of them.
func MailingSlot() segment.Slot {
	return segment.Slot{Name: "which", Options: []segment.Option{{Name: "any_mailing"},
		{Name: "mailing", Fields: []segment.Field{{Name: "mailing", Type: segment.ID, Things: &segment.Things{Name: "mailing", Read: mailings}}}}}}
}

// MailingSentence says how often something happened with the mailing of [MailingSlot]: of key.at_least and so on, or of
// key.one.at_least where one mailing is named.
func MailingSentence(s *segment.Speaker, c *segment.Condition, key, how string) string {
	args := []any{"count", c.Int(how), "when", s.When(c)}
	if c.Has("mailing") {
		return s.T(key+".one."+how, append(args, "name", s.Thing("mailing", c.Int("mailing")))...)
	}
	return s.T(key+"."+how, args...)
}

func mailings(ctx context.Context, db bun.IDB, ids []int64) (list []segment.Thing, err error) {
	q := db.NewSelect().TableExpr("crm_mailings").ColumnExpr("id, title AS name").OrderExpr("id DESC").Limit(segment.MaxThings)
	if ids != nil {
		q = q.Where("id IN (?)", bun.List(ids))
	}
	if err := q.Scan(ctx, &list); err != nil {
		return nil, fmt.Errorf("reading mailings: %w", err)
	}
	return list, nil
}
