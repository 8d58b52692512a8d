package bench

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/kupec/kupec/module/segment"
)

// mixedRuns is how often each of the mixed segments is counted.
const mixedRuns = 3

// mixed counts fifty segments of all sorts, the ready questions among them, as somebody waits for them in the panel.
func (b *bench) mixed(ctx context.Context, coffee, care int64, products []int64) error {
	if err := b.crm.Facts.Forecast(ctx, func(done, total int64) { b.Progress("outlooks", done, total) }); err != nil {
		return err
	}
	trees, err := b.mixedTrees(coffee, care, products)
	if err != nil {
		return err
	}
	var all sample
	var slowest string
	var most int64
	for i, tree := range trees {
		b.Progress("mixed segments", int64(i), int64(len(trees)))
		var own sample
		for range mixedRuns {
			err := own.timed(func() error {
				_, err := b.crm.Segments.Count(ctx, tree, b.shop.ID, "")
				return err
			})
			if err != nil {
				return fmt.Errorf("%s: %w", tree.JSON(), err)
			}
		}
		all = append(all, own.median())
		if ms := own.median().Milliseconds(); ms >= most {
			slowest, most = string(tree.JSON()), ms
		}
	}
	b.add(Measure{Part: PartSegments, Name: "mixed segments", Unit: "ms p95", Better: lower, Kupec: millis(all.quantile(0.95)),
		Settings: map[string]any{"segments": len(trees), "runs": mixedRuns, "median_ms": millis(all.median()), "max_ms": most, "slowest": slowest}})
	return nil
}

// mixedCount is how many segments are mixed.
const mixedCount = 50

func (b *bench) mixedTrees(coffee, care int64, products []int64) ([]segment.Tree, error) {
	var trees []segment.Tree
	for _, p := range b.crm.Segments.Vocabulary().Presets(segment.About{Currency: b.shop.Currency, Product: products[0], Companion: products[1]}) {
		trees = append(trees, p.Tree)
	}
	id := func(n int64) string { return strconv.FormatInt(n, 10) }
	names := strings.NewReplacer("COFFEE", id(coffee), "CARE", id(care), "FIRST", id(products[0]), "SECOND", id(products[1]))
	for _, text := range []string{
		`{"all":[{"is":"orders","at_least":2,"days":90},{"is":"bought","category":COFFEE},{"is":"not_bought","category":CARE},{"is":"consent"}]}`,
		`{"all":[{"is":"orders","at_least":3,"days":180},{"is":"spent","at_least":"150","currency":"EUR"}]}`,
		`{"all":[{"is":"bought","category":COFFEE,"days":30},{"is":"not_bought","category":CARE,"days":365}]}`,
		`{"all":[{"is":"bought","product":FIRST,"days":90},{"is":"not_bought","product":SECOND}]}`,
		`{"all":[{"is":"bought","product":FIRST},{"is":"bought","product":SECOND},{"is":"last_order","within":180}]}`,
		`{"any":[{"is":"bought","product":FIRST,"days":60},{"is":"bought","product":SECOND,"days":60}]}`,
		`{"all":[{"is":"bought","category":CARE,"at_least":3},{"is":"country","in":["SI"]}]}`,
		`{"all":[{"is":"bought","product":FIRST,"at_least":2,"days":365},{"is":"consent"}]}`,
		`{"all":[{"is":"spent","at_least":"200","currency":"EUR","days":180},{"is":"consent"}]}`,
		`{"all":[{"is":"average","at_least":"90","currency":"EUR"},{"is":"orders","at_least":2}]}`,
		`{"all":[{"is":"coupon","days":180},{"is":"orders","at_least":2}]}`,
		`{"all":[{"is":"refund","at_least":2},{"is":"last_order","within":365}]}`,
		`{"all":[{"is":"city","in":["Ljubljana","Wien"]},{"is":"orders","at_least":1,"days":365}]}`,
		`{"all":[{"is":"language","in":["de"]},{"is":"stage","in":["active","loyal"]}]}`,
		`{"all":[{"is":"rank","money":[5,5]},{"is":"last_order","over":120}]}`,
		`{"all":[{"is":"churn","risk":"low","horizon":"90"},{"is":"consent"}]}`,
		`{"all":[{"is":"expected_orders","at_least":"2","horizon":"365"},{"not":{"is":"bought","category":CARE}}]}`,
		`{"all":[{"is":"next_order","within":7},{"is":"country","in":["AT","DE"]}]}`,
		`{"all":[{"is":"share","percent":10},{"is":"consent"}]}`,
		`{"all":[{"is":"orders","exactly":1,"days":30},{"is":"first_order","within":30},{"not":{"is":"coupon"}}]}`,
		`{"all":[{"is":"orders","at_least":1,"from":"2026-01-01","to":"2026-03-31"},{"is":"orders","exactly":0,"days":120}]}`,
		`{"all":[{"is":"registered","within":60},{"any":[{"is":"orders","at_least":2},{"is":"spent","at_least":"80","currency":"EUR"}]}]}`,
		`{"all":[{"is":"cart","days":30},{"is":"known","what":"phone"}]}`,
		`{"all":[{"is":"stage","in":["lost"]},{"is":"bought","category":COFFEE},{"not":{"is":"consent","state":"withdrawn"}}]}`,
		`{"all":[{"is":"registered","account":false},{"is":"orders","at_least":2,"days":365},{"is":"consent","state":"none"}]}`,
		`{"all":[{"is":"orders","at_most":1,"days":365},{"is":"orders","at_least":3}]}`,
	} {
		tree, err := b.crm.Segments.Parse([]byte(names.Replace(text)))
		if err != nil {
			return nil, err
		}
		trees = append(trees, tree)
	}
	if len(trees) < mixedCount {
		return nil, fmt.Errorf("only %d segments to mix, want %d", len(trees), mixedCount)
	}
	return trees[:mixedCount], nil
}
