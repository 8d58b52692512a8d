package catalog_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"github.com/uptrace/bun"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/store"
	"github.com/kupec/kupec/module/store/storetest"
)

const shop = 1

type bundle struct {
	db  *bun.DB
	cat *catalog.Catalog
	now *time.Time
}

func setup(t *testing.T) bundle {
	t.Helper()
	db := storetest.DB(t)
	now := time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC)
	return bundle{db: db, cat: catalog.New(db, catalog.Config{Clock: func() time.Time { return now }}), now: &now}
}

func (b bundle) apply(t *testing.T, products ...catalog.Product) int {
	t.Helper()
	n, err := b.cat.Apply(context.Background(), b.db, shop, products)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func (b bundle) get(t *testing.T, key string) catalog.Product {
	t.Helper()
	ids, err := b.cat.ProductIDs(context.Background(), b.db, shop, []string{key})
	if err != nil {
		t.Fatal(err)
	}
	p, err := b.cat.Product(context.Background(), ids[key])
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func eur(amount string) money.Money { return money.New(decimal.RequireFromString(amount), "EUR") }

func beans() catalog.Product {
	five := decimal.NewFromInt(5)
	return catalog.Product{
		Key: "10", SKU: "B-1", Name: "House beans", URL: "https://shop.example/beans", Price: eur("12.90"), HasPrice: true, RegularPrice: eur("14"),
		Stock: adapters.InStock, StockQuantity: &five, Visible: true,
		CreatedAt: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), ChangedAt: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		Variants: []catalog.Variant{
			{Key: "11", Name: "250 g", Price: eur("12.9"), HasPrice: true, Stock: adapters.InStock},
			{Key: "12", Name: "1 kg", Price: eur("44"), HasPrice: true, Stock: adapters.OnBackorder},
		},
	}
}

var comparing = []cmp.Option{
	cmp.Comparer(func(a, b money.Money) bool { return a.String() == b.String() }),
	cmp.Comparer(func(a, b decimal.Decimal) bool { return a.Equal(b) }),
	cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".ID" || p.Last().String() == ".ShopID" }, cmp.Ignore()),
}

func TestAProductIsReadBackAsItWasApplied(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if n := b.apply(t, beans()); n != 1 {
		t.Errorf("%d changed", n)
	}
	if diff := cmp.Diff(beans(), b.get(t, "10"), comparing...); diff != "" {
		t.Errorf("(-applied +read):\n%s", diff)
	}
}

func TestUnchangedProductsAreNotWrittenAndChangedOnesAreWhole(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.apply(t, beans())
	first := b.get(t, "10")
	if n := b.apply(t, beans()); n != 0 {
		t.Errorf("the same again changed %d", n)
	}

	next := beans()
	next.Name = "House beans, new roast"
	next.StockQuantity = nil
	next.Variants = []catalog.Variant{next.Variants[1], {Key: "13", Name: "3 kg", Price: eur("0"), Stock: adapters.OutOfStock}}
	if n := b.apply(t, beans(), next); n != 1 {
		t.Errorf("%d changed, want the last of the two", n)
	}
	got := b.get(t, "10")
	if diff := cmp.Diff(next, got, comparing...); diff != "" {
		t.Errorf("(-applied +read):\n%s", diff)
	}
	if got.ID != first.ID || got.Variants[0].ID != first.Variants[1].ID {
		t.Error("a product or a variant that stayed has got another id")
	}
}

func TestADeletedProductStaysMarkedWithItsFirstDay(t *testing.T) {
	t.Parallel()
	b := setup(t)
	gone := beans()
	gone.Deleted = true
	b.apply(t, gone)
	*b.now = b.now.Add(24 * time.Hour)
	gone.Name = "Old beans"
	b.apply(t, gone)
	var day time.Time
	if err := b.db.NewRaw("SELECT deleted_at FROM crm_products").Scan(context.Background(), &day); err != nil {
		t.Fatal(err)
	}
	if day.Day() != 1 {
		t.Errorf("deleted on %s, want the first day it was seen", day)
	}
	if b.get(t, "10").Sellable() {
		t.Error("a deleted product is for sale")
	}
	b.apply(t, beans())
	if got := b.get(t, "10"); got.Deleted || !got.Sellable() {
		t.Error("a product that came back is not for sale")
	}
}

func TestAMentionedProductIsAPlaceholderUntilTheShopDeliversIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := context.Background()
	b.apply(t, catalog.Product{Key: "9", Name: "There", Price: eur("1"), HasPrice: true, Stock: adapters.InStock, Visible: true})
	named := []catalog.Mention{{Key: "9", Name: "Other name"}, {Key: "10", Name: "Sold beans", SKU: "S"}, {Key: "10", Name: "Later name"}}
	ids, err := b.cat.Mention(ctx, b.db, shop, "EUR", named)
	if err != nil {
		t.Fatal(err)
	}
	again, err := b.cat.Mention(ctx, b.db, shop, "EUR", named)
	if err != nil || !cmp.Equal(ids, again) || len(ids) != 2 {
		t.Errorf("got %v, then %v, %v", ids, again, err)
	}
	if got := b.get(t, "10"); got.Name != "Sold beans" || !got.Deleted || got.ID != ids["10"] {
		t.Errorf("got %+v", got)
	}
	if got := b.get(t, "9"); got.Name != "There" {
		t.Errorf("a known product was renamed to %q", got.Name)
	}
	b.apply(t, beans())
	if got := b.get(t, "10"); got.Name != "House beans" || got.Deleted || got.ID != ids["10"] {
		t.Errorf("got %+v", got)
	}
}

func TestCategoriesFollowTheShopAndHavePaths(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := context.Background()
	apply := func(want int, all ...adapters.Category) {
		t.Helper()
		if n, err := b.cat.ApplyCategories(ctx, b.db, shop, all); err != nil || n != want {
			t.Fatalf("%d written, want %d; %v", n, want, err)
		}
	}
	coffee, beansShelf := adapters.Category{Key: "1", Name: "Coffee"}, adapters.Category{Key: "2", ParentKey: "1", Name: "Beans"}
	loop, pool := adapters.Category{Key: "3", ParentKey: "4", Name: "Loop"}, adapters.Category{Key: "4", ParentKey: "3", Name: "Pool"}
	orphan := adapters.Category{Key: "5", ParentKey: "99", Name: "Orphan"}
	all := []adapters.Category{coffee, beansShelf, loop, pool, orphan}
	apply(5, all...)
	apply(0, all...)

	ids, err := b.cat.CategoryIDs(ctx, b.db, shop, []string{"1", "2", "3"})
	if err != nil {
		t.Fatal(err)
	}
	p := beans()
	p.Categories = []int64{ids["2"], ids["1"], ids["2"]}
	b.apply(t, p)
	p.Categories = []int64{ids["2"], ids["3"]}
	if n := b.apply(t, p); n != 1 {
		t.Error("a move to another shelf was not seen")
	}
	got := paths(t, b)
	want := map[string]int64{"Coffee": 0, "Coffee › Beans": 1, "Loop": 1, "Pool": 0, "Orphan": 0}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}

	coffee.Name = "Coffee & more"
	apply(4, coffee, beansShelf) // one renamed, three gone
	if diff := cmp.Diff(map[string]int64{"Coffee & more": 0, "Coffee & more › Beans": 1}, paths(t, b)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func paths(t *testing.T, b bundle) map[string]int64 {
	t.Helper()
	all, err := b.cat.Categories(context.Background(), 0)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	for _, c := range all {
		got[c.Path] = c.Products
	}
	return got
}

func TestAListPagesThroughEveryProductOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := context.Background()
	var all []catalog.Product
	for _, name := range []string{"Čaj", "arabica", "Arabica", "Moka 100%", "Beans", "Žganje"} {
		p := catalog.Product{Key: name, Name: name, SKU: "sku-" + name, Price: eur("1"), HasPrice: name != "Beans", Stock: adapters.InStock, Visible: true}
		p.Deleted = name == "Žganje"
		all = append(all, p)
	}
	b.apply(t, all...)
	for _, tt := range []struct {
		name   string
		filter catalog.ListFilter
		want   []string
	}{
		{"by name", catalog.ListFilter{ShopID: shop}, []string{"Arabica", "arabica", "Beans", "Čaj", "Moka 100%"}},
		{"only sellable", catalog.ListFilter{OnlySellable: true}, []string{"Arabica", "arabica", "Čaj", "Moka 100%"}},
		{"a word's beginning", catalog.ListFilter{Query: "100%"}, []string{"Moka 100%"}},
		{"a percent sign is itself", catalog.ListFilter{Query: "%"}, nil},
		{"in any case, any accent", catalog.ListFilter{Query: "CAJ"}, []string{"Čaj"}},
		{"another shop", catalog.ListFilter{ShopID: 2}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for limit := 1; limit <= 6; limit++ {
				var got []string
				f := tt.filter
				f.Limit = limit
				for {
					rows, next, err := b.cat.List(ctx, f)
					if err != nil {
						t.Fatal(err)
					}
					for _, p := range rows {
						got = append(got, p.Name)
					}
					if f.After = next; next == "" {
						break
					}
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("limit %d (-want +got):\n%s", limit, diff)
				}
			}
		})
	}
	if _, _, err := b.cat.List(ctx, catalog.ListFilter{After: "%%"}); !errors.Is(err, store.ErrCursor) {
		t.Errorf("a damaged cursor: %v", err)
	}
	if n, err := b.cat.Counts(ctx, shop); err != nil || n != (catalog.Counts{Products: 5, Sellable: 4}) {
		t.Errorf("got %+v, %v", n, err)
	}
}
