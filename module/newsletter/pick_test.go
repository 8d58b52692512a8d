package newsletter_test

import (
	"strings"
	"testing"

	"github.com/kupec/kupec/module/newsletter"
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
