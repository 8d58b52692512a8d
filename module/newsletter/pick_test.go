package newsletter_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/newsletter"
	"github.com/kupec/kupec/module/recommend"
)

// Each block chooses in its own way, and knows what the others show: of four products one is the mail's own, and the other
// three stand in it once each, under the heading of a block.
func TestBlocksOfSeveralWaysOfPickingShowNoProductTwice(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(1)
	n := draft()
	n.Blocks = append(n.Blocks[:3:3],
		newsletter.Block{Kind: newsletter.KindRecommendations, Text: "New to us", Count: 1, Pick: newsletter.PickNewest},
		newsletter.Block{Kind: newsletter.KindRecommendations, Text: "For you", Count: 1, Pick: newsletter.PickCrossSell, Reason: true},
		newsletter.Block{Kind: newsletter.KindRecommendations, Text: "And new too", Count: 1, Pick: newsletter.PickNewest})
	mail, err := b.desk.Preview(b.ctx, n, 1)
	if err != nil {
		t.Fatal(err)
	}
	at := -1
	for _, heading := range []string{"New to us", "For you", "And new too"} {
		next := strings.Index(mail.Text, heading)
		if next <= at {
			t.Errorf("%q does not stand in its place:\n%s", heading, mail.Text)
		}
		at = next
	}
	for _, name := range []string{"V60 dripper", "Paper filters", "Guji beans", "Cup No. 4"} {
		if count := strings.Count(mail.Text, name); count != 1 {
			t.Errorf("%s stands in it %d times", name, count)
		}
	}
	between := mail.Text[strings.Index(mail.Text, "For you"):strings.Index(mail.Text, "And new too")]
	if !strings.Contains(between, "Often chosen by others lately") || strings.Count(mail.Text, "Often chosen") != 1 {
		t.Errorf("the reason does not stand in the block that gives reasons, and there alone:\n%s", mail.Text)
	}
}

// A block of four is not four filters while the shop has other things as new.
func TestABlockIsNotOfOneCategoryWhileThereAreOthersAsGood(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.people(1)
	b.exec("INSERT INTO crm_categories (id, shop_id, shop_key, parent_key, name) VALUES (1, 1, 'a', '', 'Filters')")
	b.exec("UPDATE crm_products SET created_at = '2020-01-01'")
	for id := 11; id <= 14; id++ {
		b.exec(`INSERT INTO crm_products (id, shop_id, shop_key, sku, name, image_url, currency, price, stock, visible, created_at, fingerprint)
			VALUES (?, 1, ?, ?, ?, 'https://skodelica.example/i.png', 'EUR', 3, 'in', TRUE, '2026-01-01', 0)`, id, id, id, fmt.Sprint("Rare filter ", id))
		b.exec("INSERT INTO crm_product_categories (product_id, category_id) VALUES (?, 1)", id)
	}
	if _, err := recommend.New(b.db, catalog.New(b.db, catalog.Config{}), recommend.Config{}).Rebuild(b.ctx, 1, nil); err != nil {
		t.Fatal(err)
	}
	n := draft()
	n.Blocks = []newsletter.Block{{Kind: newsletter.KindRecommendations, Text: "New to us", Count: 4, Pick: newsletter.PickNewest}}
	mail, err := b.desk.Preview(b.ctx, n, 1)
	if err != nil {
		t.Fatal(err)
	}
	others := 0
	for _, name := range []string{"V60 dripper", "Paper filters", "Guji beans", "Cup No. 4"} {
		others += strings.Count(mail.Text, name)
	}
	if filters := strings.Count(mail.Text, "Rare filter"); filters != 2 || others != 2 {
		t.Errorf("%d filters and %d others:\n%s", filters, others, mail.Text)
	}
}
