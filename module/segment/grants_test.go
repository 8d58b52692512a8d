package segment_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/module/segment"
)

// A tree that wants the consent it is counted for spares a second look; what is left out must come to the same.
func TestTheCountIsTheSameWhereTheTreeItselfWantsConsent(t *testing.T) {
	t.Parallel()
	b := setup(t, 220)
	granted := segment.Is("consent", segment.Values{"topic": "offers", "state": "granted"})
	somewhere := segment.Is("country", segment.Values{"in": []string{"SI", "AT"}})
	for shop := range int64(3) {
		for name, pair := range map[string][2]segment.Node{
			"alone":    {granted, segment.Any(granted)},
			"in a row": {segment.All(somewhere, segment.All(granted)), segment.All(somewhere, segment.Any(granted))},
		} {
			var counts [2]segment.Count
			for i, root := range pair {
				var err error
				if counts[i], err = b.segments.Count(context.Background(), segment.Tree{Root: root}, shop, "offers"); err != nil {
					t.Fatal(err)
				}
				counts[i].Millis = 0
			}
			if diff := cmp.Diff(counts[1], counts[0]); diff != "" || counts[0].Suppressed == 0 && shop == 0 || counts[0].Mailable == 0 {
				t.Errorf("%s, shop %d: %+v (-asked of each, +spared) %s", name, shop, counts[0], diff)
			}
		}
		other, err := b.segments.Count(context.Background(), segment.Tree{Root: granted}, shop, "newsletter")
		if err != nil || other.NoConsent == 0 {
			t.Errorf("consent to one topic is taken for consent to another: %+v, %v", other, err)
		}
	}
}

func TestACategoryOfManyProductsSelectsTheSame(t *testing.T) {
	t.Parallel()
	b := setup(t, 120)
	ctx := context.Background()
	trees := map[string]segment.Tree{}
	for name, text := range map[string]string{
		"ever":  `{"is":"bought","category":1}`,
		"twice": `{"is":"bought","category":1,"at_least":2}`,
		"once":  `{"is":"bought","category":1,"exactly":1,"days":60}`,
		"never": `{"all":[{"is":"country","in":["SI"]},{"is":"not_bought","category":2,"days":40}]}`,
	} {
		tree, err := b.segments.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		trees[name] = tree
		checkAgainstReference(t, b, tree, 1)
	}
	// More products than a list in a statement holds, on every shelf.
	_, err := b.db.NewRaw(`INSERT INTO crm_product_categories (product_id, category_id)
		SELECT 1000 + a.product_id * 100 + b.product_id * 10 + c.product_id, k.id FROM crm_categories AS k,
			(SELECT 0 AS product_id UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9) AS a,
			(SELECT 0 AS product_id UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9) AS b,
			(SELECT 0 AS product_id UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9) AS c`).Exec(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for name, tree := range trees {
		checkAgainstReference(t, b, tree, 1)
		q, err := b.segments.Compile(ctx, tree, segment.Scope{})
		if err != nil || len(q.Args) > 40 {
			t.Errorf("%s: %d arguments, %v", name, len(q.Args), err)
		}
	}
}
