package recommend_test

import (
	"context"
	"errors"
	"testing"

	"github.com/kupec/kupec/module/store"
)

func TestTheNumbersOfWhatIsBoughtTogetherAreTrueOfTheOrders(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.rebuild(t)
	var wrong []struct {
		ProductID, OtherID, BothOrders, TrueBoth, ProductOrders, TrueOrders, OtherOrders, TrueOthers int64
	}
	err := b.db.NewRaw(`WITH b AS (SELECT DISTINCT o.id, l.product_id FROM crm_orders o JOIN crm_order_lines l ON l.order_id = o.id
			WHERE o.status IN ('paid','completed') AND o.refunded < o.total),
		n AS (SELECT product_id, COUNT(*) AS n FROM b GROUP BY product_id),
		x AS (SELECT b1.product_id AS i, b2.product_id AS j, COUNT(*) AS n FROM b b1 JOIN b b2 ON b1.id = b2.id GROUP BY b1.product_id, b2.product_id)
		SELECT a.product_id, a.other_id, a.both_orders, x.n AS true_both, a.product_orders, n1.n AS true_orders, a.other_orders, n2.n AS true_others
		FROM crm_companions a JOIN n n1 ON n1.product_id = a.product_id JOIN n n2 ON n2.product_id = a.other_id
		LEFT JOIN x ON x.i = a.product_id AND x.j = a.other_id
		WHERE a.run_id = ? AND (a.both_orders <> x.n OR x.n IS NULL OR a.product_orders <> n1.n OR a.other_orders <> n2.n)`, run.ID).Scan(context.Background(), &wrong)
	if err != nil {
		t.Fatal(err)
	}
	if len(wrong) > 0 {
		t.Errorf("%d are wrong, the first: %+v", len(wrong), wrong[0])
	}
	var n int
	if err := b.db.NewRaw("SELECT COUNT(*) FROM crm_companions WHERE run_id = ? AND both_orders >= 3 AND llr >= 10.83", run.ID).Scan(context.Background(), &n); err != nil || n < 20 {
		t.Errorf("only %d ties of orders, %v", n, err)
	}
}

func TestGoesWithIsRankedAndCanBeSoldNow(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if some, err := b.engine.GoesWith(context.Background(), 1, 5); err != nil || len(some) != 0 {
		t.Errorf("before any run: %v, %v", some, err)
	}
	b.rebuild(t)
	seen := 0
	for id := int64(1); id <= 40; id++ {
		some, err := b.engine.GoesWith(context.Background(), id, 5)
		if err != nil {
			t.Fatal(err)
		}
		for i, a := range some {
			seen++
			if !a.Product.Sellable() || a.Product.ID == id || i > 0 && a.Score > some[i-1].Score {
				t.Errorf("%d goes with %d at place %d: %+v", a.Product.ID, id, i, a)
			}
		}
	}
	if seen < 30 {
		t.Errorf("only %d ties among forty products that are bought in pairs", seen)
	}
	if _, err := b.engine.GoesWith(context.Background(), 999, 5); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a product that is not there: %v", err)
	}
}
