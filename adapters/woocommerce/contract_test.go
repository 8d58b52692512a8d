package woocommerce_test

import (
	"database/sql"
	"embed"
	"testing"
	"time"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/adaptertest"
	"github.com/kupec/kupec/adapters/woocommerce"
)

//go:embed testdata/*.sql
var schemas embed.FS

func schema(t *testing.T, name string) string {
	t.Helper()
	raw, err := schemas.ReadFile("testdata/" + name + ".sql")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// open leaves the prefix to be found out.
func open(db *sql.DB, now func() time.Time) adapters.Shop {
	return woocommerce.New(db, woocommerce.Config{Now: now})
}

func TestContract(t *testing.T) {
	t.Parallel()
	lacks := func(more ...adaptertest.Feature) map[adaptertest.Feature]string {
		all := map[adaptertest.Feature]string{
			"Customers[108]":  "WordPress keeps nothing of a deleted account",
			"Carts.CreatedAt": "a session tells when it will be over, not when it began",
		}
		for _, f := range more {
			all[f] = "in wc_orders each save of an order moves its time; an edit past WooCommerce is found by reconciling"
		}
		return all
	}
	flagged := lacks()
	for _, email := range []string{"gone@example.com", "reader@example.com", "unsure@example.com"} {
		flagged[adaptertest.Feature("Subscribers["+email+"]")] = "the flag is kept with accounts only"
	}
	flagged["Subscribers[ivan@пример.example]"] = "a flag does not tell who withdrew from who never asked"
	flagged["Subscribers.At"] = "a flag has no time"
	for _, p := range []adaptertest.Platform{
		{Name: "hpos-11.0.1", Schema: schema(t, "hpos-11.0.1"), Mode: "hpos", Lacks: lacks(adaptertest.SilentEdits),
			Seeder: seeder{prefix: "wp_", tables: true, asked: woocommerce.MailPoet}},
		{Name: "hpos-sync-8.2.2", Schema: schema(t, "hpos-sync-8.2.2"), Mode: "hpos-sync", Lacks: lacks(adaptertest.SilentEdits),
			Seeder: seeder{prefix: "sh7_", tables: true, copies: true, asked: woocommerce.NewsletterPlugin}},
		{Name: "posts-6.9.4", Schema: schema(t, "posts-6.9.4"), Mode: "posts", Lacks: flagged,
			Seeder: seeder{prefix: "wp_", asked: woocommerce.Mailchimp}},
		{Name: "posts beside stale order tables", Schema: schema(t, "hpos-sync-8.2.2"), Mode: "posts", Lacks: lacks(),
			Seeder: seeder{prefix: "sh7_", copies: true, asked: woocommerce.NewsletterPlugin}},
	} {
		p.Open = open
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			adaptertest.Run(t, p)
		})
	}
}
