package recommend_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/recommend"
	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
	"github.com/kupec/kupec/module/store/storetest"
)

// The goods of bar, each with its category.
const (
	dripper = 1 // Drippers
	paper   = 2 // the first of four Filters, 2 to 5
	pot     = 6 // Pots, below Devices
	scale   = 7 // Scales, below Devices
	cup     = 8 // Cups, which nobody has with anything

	drippers, papers, pots, scales, cups, devices = 1, 2, 3, 4, 5, 6
)

// bar is a shop where 60 people have the dripper and all four filters, 40 of them the pot and the scale too, since 200 days.
// 100 others have cups only. Person 500 has the dripper alone, 501 a cup, 502 gave a dripper back and has a cup.
func bar(t *testing.T) bundle {
	t.Helper()
	b := bundle{db: storetest.DB(t)}
	b.engine = recommend.New(b.db, catalog.New(b.db, catalog.Config{}), recommend.Config{Clock: func() time.Time { return now }, Workers: 1})
	b.insert(t, "crm_categories", "id,shop_id,shop_key,parent_key,name", []string{"(1,1,'a','','Drippers')", "(2,1,'b','','Filters')", "(3,1,'c','f','Pots')",
		"(4,1,'d','f','Scales')", "(5,1,'e','','Cups')", "(6,1,'f','','Devices')", "(7,2,'a','','Of another shop')"})
	var products, shelves []string
	for id, category := range []int{1: drippers, 2: papers, 3: papers, 4: papers, 5: papers, 6: pots, 7: scales, 8: cups} {
		if id > 0 {
			products = append(products, fmt.Sprintf("(%d,1,'k%d','S%d','Thing %d','https://shop.example/p.jpg','EUR',9,'in',1,'2020-01-01',1)", id, id, id, id))
			shelves = append(shelves, fmt.Sprintf("(%d,%d)", id, category))
		}
	}
	b.insert(t, "crm_products", "id,shop_id,shop_key,sku,name,image_url,currency,price,stock,visible,created_at,fingerprint", products)
	b.insert(t, "crm_product_categories", "product_id,category_id", shelves)
	var book ledger
	order := func(profile, daysAgo int, refunded float64, items ...int) {
		book.add(1, profile, "completed", refunded, daysAgo, items...)
	}
	for person := 1; person <= 60; person++ {
		order(person, 20, 0, dripper, paper, paper+1, paper+2, paper+3)
		if person <= 40 {
			order(person, 200, 0, dripper, pot, scale)
		}
	}
	for person := 101; person <= 200; person++ {
		order(person, 10, 0, cup)
	}
	order(500, 5, 0, dripper)
	order(501, 5, 0, cup)
	order(502, 5, 100, dripper)
	order(502, 4, 0, cup)
	book.save(t, b)
	b.rebuild(t)
	return b
}

// spoilt is each way in which a product can cease to be one that is offered.
var spoilt = map[string]string{
	"sold out": "stock = 'out'", "hidden": "visible = 0", "deleted": "deleted_at = '2026-11-01'", "without a price": "price = NULL", "for nothing": "price = 0", "without a picture": "image_url = ''",
}

func TestARebuildFindsOnlyWhatCanBeOffered(t *testing.T) {
	t.Parallel()
	b := bar(t)
	for name, change := range spoilt {
		b.exec(t, "UPDATE crm_products SET stock = 'in', visible = 1, deleted_at = NULL, price = 9, image_url = 'https://shop.example/p.jpg'")
		b.exec(t, "UPDATE crm_products SET "+change+" WHERE id = ?", pot)
		run := b.rebuild(t)
		for table, column := range map[string]string{"crm_affinities": "other_id", "crm_companions": "other_id", "crm_leaders": "product_id", "crm_upgrades": "other_id", "crm_rests": "product_id"} {
			var n, spoilt int64
			if err := b.db.NewRaw("SELECT COUNT(*), COALESCE(SUM("+column+" = ?), 0) FROM "+table+" WHERE run_id = ?", pot, run.ID).Scan(t.Context(), &n, &spoilt); err != nil {
				t.Fatal(err)
			}
			if spoilt != 0 || n == 0 && table != "crm_upgrades" {
				t.Errorf("%s: %s has it %d times in %d rows", name, table, spoilt, n)
			}
		}
	}
}

func TestWhatCanNoLongerBeOfferedIsInNoList(t *testing.T) {
	t.Parallel()
	b := bar(t)
	lists := func() map[string][]int64 {
		t.Helper()
		lists := map[string][]int64{}
		for _, kind := range recommend.Kinds {
			lists[string(kind)] = idsOf(b.ask(t, kind, 7, 500)[500])
		}
		with, err := b.engine.GoesWith(t.Context(), dripper, 7)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range with {
			lists["with"] = append(lists["with"], a.Product.ID)
		}
		best, err := b.engine.BestSellers(t.Context(), shop, 300, 8)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range best {
			lists["best"] = append(lists["best"], s.Product.ID)
		}
		return lists
	}
	for list, ids := range lists() {
		if !slices.Contains(ids, pot) {
			t.Fatalf("%s lacks the pot from the beginning: %v", list, ids)
		}
	}
	for name, change := range spoilt {
		b.exec(t, "UPDATE crm_products SET stock = 'in', visible = 1, deleted_at = NULL, price = 9, image_url = 'https://shop.example/p.jpg'")
		b.exec(t, "UPDATE crm_products SET "+change+" WHERE id = ?", pot)
		for list, ids := range lists() {
			if slices.Contains(ids, pot) {
				t.Errorf("%s: %s still has it: %v", name, list, ids)
			}
		}
	}
}

func (b bundle) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	if _, err := b.db.NewRaw(query, args...).Exec(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func TestAShopWithoutAnyPictureStillOffers(t *testing.T) {
	t.Parallel()
	b := bar(t)
	b.exec(t, "UPDATE crm_products SET image_url = ''")
	b.rebuild(t)
	if got := b.ask(t, recommend.CrossSell, 1, 500)[500]; len(got) != 1 || got[0].Because == nil {
		t.Errorf("%+v", got)
	}
}

func TestWhatWasGivenBackIsOfferedInNoKind(t *testing.T) {
	t.Parallel()
	b := bar(t)
	for _, kind := range recommend.Kinds {
		for _, s := range b.ask(t, kind, 8, 502)[502] {
			if s.Product.ID == dripper || s.Because != nil && s.Because.ID == dripper {
				t.Errorf("%s: %+v", kind, s)
			}
		}
	}
}

func TestNoListIsOfOneCategoryWhileThereAreOthersAsGood(t *testing.T) {
	t.Parallel()
	b := bar(t)
	filters := func(some []recommend.Suggestion) (n int) {
		for _, s := range some {
			if s.Product.ID >= paper && s.Product.ID < paper+4 {
				n++
			}
		}
		return n
	}
	ask := func(n, most int, kind recommend.Kind) []recommend.Suggestion {
		t.Helper()
		got, err := b.engine.For(t.Context(), shop, []int64{500}, n, recommend.Options{Kind: kind, PerCategory: most})
		if err != nil || len(got[500]) != n {
			t.Fatalf("%d, %v: %v", len(got[500]), err, idsOf(got[500]))
		}
		return got[500]
	}
	if got := ask(4, -1, recommend.CrossSell); filters(got) < 3 {
		t.Fatalf("without a bound there are only %d filters: nothing is proved by this shop", filters(got))
	}
	for most, want := range map[int]int{0: 2, 1: 1, 3: 3} {
		got := ask(want+2, most, recommend.CrossSell)
		if filters(got) != want {
			t.Errorf("at most %d: %v", most, idsOf(got))
		}
		for _, s := range got {
			if s.Fallback {
				t.Errorf("at most %d: %d has no reason of its own", most, s.Product.ID)
			}
		}
	}
	if got := ask(6, 0, recommend.CrossSell); filters(got) != 4 || got[5].Fallback {
		t.Errorf("when there is nothing else, all of them go with it: %v", idsOf(got))
	}
	b.insert(t, "crm_orders", "id,shop_id,shop_key,number,identity_id,profile_id,status,currency,total,tax,shipping,discount,refunded,placed_at,fingerprint", []string{
		fmt.Sprintf("(9001,1,'9001','9001',1,600,'completed','EUR',9,0,0,0,0,'%s',1)", now.AddDate(0, 0, -1).Format(time.DateTime))})
	b.insert(t, "crm_order_lines", "order_id,position,shop_key,product_id,name,quantity,total,tax", []string{"(9001,0,'0',6,'x',1,9,0)", "(9001,1,'1',7,'x',1,9,0)"})
	b.rebuild(t)
	for _, kind := range []recommend.Kind{recommend.BestSellers, recommend.Newest} {
		if got := ask(5, 0, kind); filters(got) != 2 {
			t.Errorf("%s: %v", kind, idsOf(got))
		}
	}
	got, err := b.engine.For(t.Context(), shop, []int64{999}, 4, recommend.Options{}) // nothing but best sellers
	if err != nil || filters(got[999]) != 2 {
		t.Errorf("best sellers for want of anything else: %v, %v", idsOf(got[999]), err)
	}
}

func TestAccessoriesAreOfferedToWhoeverHasSomethingOfTheCategory(t *testing.T) {
	t.Parallel()
	b := bar(t)
	if s := b.ask(t, recommend.CrossSell, 1, 501)[501][0]; s.Because != nil {
		t.Fatalf("a cup is a reason without a rule: %+v", s)
	}
	rule := b.set(t, recommend.Rule{CategoryID: cups, OtherCategoryID: devices, Act: recommend.Accessory}) // pots and scales are below devices
	got := b.ask(t, recommend.CrossSell, 2, 501, 1, 500)
	for _, s := range got[501] {
		if s.Product.ID != pot && s.Product.ID != scale || s.Because == nil || s.Because.ID != cup || s.Both != 0 || s.Fallback || !s.Placed {
			t.Errorf("who has a cup is offered %+v", s)
		}
	}
	for _, person := range []int64{1, 500} { // has the devices and no cup; has no cup
		for _, s := range got[person] {
			if s.Because != nil && s.Because.ID == cup {
				t.Errorf("person %d has no cup: %+v", person, s)
			}
		}
	}
	with, err := b.engine.GoesWith(t.Context(), cup, 3)
	if err != nil || len(with) != 2 || !with[0].Pinned {
		t.Errorf("goes with a cup: %+v, %v", with, err)
	}
	b.set(t, recommend.Rule{ProductID: cup, OtherID: pot, Act: recommend.Forbid})
	b.exec(t, "UPDATE crm_products SET stock = 'out' WHERE id = ?", scale)
	for _, s := range b.ask(t, recommend.CrossSell, 2, 501)[501] {
		if s.Because != nil {
			t.Errorf("what is forbidden or sold out is an accessory: %+v", s)
		}
	}
	if err := b.engine.DropRule(as(t, staff.RoleMarketer), shop, rule.ID); err != nil {
		t.Fatal(err)
	}
	if with, err := b.engine.GoesWith(t.Context(), cup, 3); err != nil || len(with) != 0 {
		t.Errorf("after the rule was taken back: %+v, %v", with, err)
	}
}

// An accessory that is also counted says so, with true numbers, and what is counted is not lost.
func TestAnAccessoryThatIsCountedKeepsItsNumbers(t *testing.T) {
	t.Parallel()
	b := bar(t)
	b.set(t, recommend.Rule{CategoryID: drippers, OtherCategoryID: scales, Act: recommend.Accessory})
	got := b.ask(t, recommend.CrossSell, 2, 500)[500]
	if got[0].Product.ID != scale || got[0].Both != 40 || got[0].Buyers != 61 || !got[0].Placed {
		t.Errorf("%+v", got[0])
	}
	if got[1].Because == nil || got[1].Both != 60 || got[1].Placed {
		t.Errorf("%+v", got[1])
	}
}

func TestMarginsAndLongStockReorderWhatIsWantedByABoundedPart(t *testing.T) {
	t.Parallel()
	b := bar(t)
	scores := func() map[int64]float64 {
		t.Helper()
		got, err := b.engine.For(t.Context(), shop, []int64{500}, 8, recommend.Options{PerCategory: -1})
		if err != nil {
			t.Fatal(err)
		}
		scores := map[int64]float64{}
		for _, s := range got[500] {
			if s.Because != nil {
				scores[s.Product.ID] = s.Score
			}
		}
		return scores
	}
	before := scores()
	if len(before) != 6 || before[pot] != before[scale] {
		t.Fatalf("%v: want six products with a score, and as much for the pot as for the scale", before)
	}
	b.set(t, recommend.Rule{OtherID: scale, Act: recommend.Margin, Factor: .8})
	b.set(t, recommend.Rule{OtherCategoryID: devices, Act: recommend.Margin, Factor: .2})
	b.set(t, recommend.Rule{OtherCategoryID: cups, Act: recommend.Margin, Factor: 1})
	if diff := cmp.Diff(before, scores()); diff != "" {
		t.Errorf("margins count though nobody said that they shall:\n%s", diff)
	}
	times := func(product int64) float64 { return math.Round(1e6*scores()[product]/before[product]) / 1e6 }
	b.set(t, recommend.Rule{Act: recommend.FavourMargin, Factor: .5})
	if s, p, f := times(scale), times(pot), times(paper); s != 1.4 || p != 1.1 || f != 1 {
		t.Errorf("margins of .8, .2 and none count %v, %v and %v times", s, p, f)
	}
	if got := b.ask(t, recommend.CrossSell, 4, 500)[500]; slices.Index(idsOf(got), scale) > slices.Index(idsOf(got), pot) {
		t.Errorf("what earns more does not stand before its like: %v", idsOf(got))
	}
	b.set(t, recommend.Rule{Act: recommend.FavourMargin, Factor: 0})
	b.set(t, recommend.Rule{Act: recommend.FavourIdle, Factor: .5})
	rested := 1 + .5*(200-30)/(365-30.)
	if s, f := times(scale), times(paper); s != math.Round(1e6*rested)/1e6 || f != 1 {
		t.Errorf("200 days of rest count %v times, want %v; 20 days %v", s, rested, f)
	}
	b.set(t, recommend.Rule{Act: recommend.FavourMargin, Factor: recommend.MaxFavour})
	for product, score := range scores() {
		if had, was := before[product]; !was || score < had || score > had*(1+recommend.MaxFavour)*(1+recommend.MaxFavour) {
			t.Errorf("product %d has %v, before %v", product, score, had)
		}
	}
}

func TestARuleOfCategoriesThatMakesNoSenseNamesItsField(t *testing.T) {
	t.Parallel()
	b := bar(t)
	for name, c := range map[string]struct {
		rule  recommend.Rule
		field string
	}{
		"accessories of nothing":    {recommend.Rule{Act: recommend.Accessory, OtherCategoryID: cups}, "category"},
		"no accessories":            {recommend.Rule{Act: recommend.Accessory, CategoryID: cups}, "other_category"},
		"accessories of themselves": {recommend.Rule{Act: recommend.Accessory, CategoryID: cups, OtherCategoryID: cups}, "other_category"},
		"a margin of nothing":       {recommend.Rule{Act: recommend.Margin, Factor: .5}, "other_category"},
		"a margin of both":          {recommend.Rule{Act: recommend.Margin, OtherID: cup, OtherCategoryID: cups, Factor: .5}, "other_category"},
		"more than the price":       {recommend.Rule{Act: recommend.Margin, OtherID: cup, Factor: 1.01}, "factor"},
		"no number":                 {recommend.Rule{Act: recommend.Margin, OtherID: cup, Factor: math.NaN()}, "factor"},
		"favoured without end":      {recommend.Rule{Act: recommend.FavourMargin, Factor: .51}, "factor"},
		"favoured backwards":        {recommend.Rule{Act: recommend.FavourIdle, Factor: -.1}, "factor"},
		"a favour without number":   {recommend.Rule{Act: recommend.FavourIdle, Factor: math.NaN()}, "factor"},
	} {
		c.rule.ShopID = shop
		_, err := b.engine.SetRule(as(t, staff.RoleOwner), c.rule)
		if wrong := (*recommend.RuleError)(nil); !errors.As(err, &wrong) || wrong.Field != c.field {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, rule := range map[string]recommend.Rule{
		"no such category": {ShopID: shop, Act: recommend.Margin, OtherCategoryID: 99, Factor: .5},
		"another shop's":   {ShopID: shop, Act: recommend.Accessory, CategoryID: cups, OtherCategoryID: 7},
	} {
		if _, err := b.engine.SetRule(as(t, staff.RoleOwner), rule); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := b.engine.SetRule(as(t, staff.RoleReader), recommend.Rule{ShopID: shop, Act: recommend.FavourIdle}); !errors.As(err, new(*staff.DeniedError)) {
		t.Errorf("a reader: %v", err)
	}
}

// A margin of a product and a rule that forbids it are of different things, and stand beside each other.
func TestRulesOfTheSameThingsAreOneEachForWhatTheyAreAbout(t *testing.T) {
	t.Parallel()
	b := bar(t)
	b.set(t, recommend.Rule{OtherID: cup, Act: recommend.Forbid})
	b.set(t, recommend.Rule{OtherID: cup, Act: recommend.Margin, Factor: .4})
	b.set(t, recommend.Rule{OtherID: cup, Act: recommend.Margin, Factor: .6})
	b.set(t, recommend.Rule{Act: recommend.FavourMargin, Factor: .2})
	b.set(t, recommend.Rule{Act: recommend.FavourIdle, Factor: .1})
	b.set(t, recommend.Rule{OtherCategoryID: cups, Act: recommend.Margin, Factor: .3})
	b.set(t, recommend.Rule{CategoryID: cups, OtherCategoryID: pots, Act: recommend.Accessory})
	acts := func(rules []recommend.Rule, err error) (acts []string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rules {
			acts = append(acts, fmt.Sprint(r.Act, " ", r.Factor))
		}
		return acts
	}
	if diff := cmp.Diff([]string{"forbid 1", "margin 0.6"}, acts(b.engine.Rules(t.Context(), shop, cup))); diff != "" {
		t.Errorf("of the cup (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"favour_margin 0.2", "favour_idle 0.1", "margin 0.3", "accessory 1"}, acts(b.engine.ShopRules(t.Context(), shop))); diff != "" {
		t.Errorf("of the shop (-want +got):\n%s", diff)
	}
	var log []string
	if err := b.db.NewRaw("SELECT CONCAT(object_kind, ' ', object_id) FROM crm_audit WHERE action = 'offer.rule' ORDER BY id").Scan(t.Context(), &log); err != nil {
		t.Fatal(err)
	}
	if want := []string{"product 8", "product 8", "product 8", "shop 1", "shop 1", "category 5", "category 3"}; !slices.Equal(log, want) {
		t.Errorf("written down: %q", log)
	}
}
