package attribution

import (
	"embed"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/delivery"
	"github.com/kupec/kupec/module/purchase"
	"github.com/kupec/kupec/module/segment"
)

// Locales is the package's catalogue, English and Slovene, for locale.Load.
//
//go:embed locales
var Locales embed.FS

// Kinds are the conditions on people that clicks and credits answer, for segment.New: who clicked, as a person, and who
// ordered after a click.
//
//	{"is":"clicked","days":30}    {"is":"converted","mailing":12}
func Kinds() []segment.Kind {
	mailing := func(b *segment.Builder, c *segment.Condition) {
		if c.Has("mailing") {
			b.SQL(" AND e.mailing_id = ?", c.Int("mailing"))
		}
	}
	return []segment.Kind{
		segment.Event{
			Name: "clicked", Group: "mail", From: "crm_touches AS e", Profile: "e.profile_id", At: "e.at", Absorbed: true,
			Slots: []segment.Slot{delivery.MailingSlot()},
			Where: func(b *segment.Builder, c *segment.Condition) {
				b.SQL(" AND e.kind = 'click' AND e.verdict = ?", Human)
				mailing(b, c)
			},
			Sentence: func(s *segment.Speaker, c *segment.Condition, how string) string {
				return delivery.MailingSentence(s, c, "segment.clicked", how)
			},
		}.Kind(),
		segment.Event{
			Name: "converted", Group: "mail", From: "crm_credits AS e JOIN crm_orders AS o ON o.id = e.order_id", Profile: "o.profile_id", At: "o.placed_at",
			Slots: []segment.Slot{delivery.MailingSlot()},
			Where: func(b *segment.Builder, c *segment.Condition) {
				b.SQL(" AND o.status IN (?) AND o.deleted_at IS NULL", bun.List(purchase.Counting))
				mailing(b, c)
			},
			Sentence: func(s *segment.Speaker, c *segment.Condition, how string) string {
				return delivery.MailingSentence(s, c, "segment.converted", how)
			},
		}.Kind(),
	}
}
