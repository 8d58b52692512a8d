package recommend_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kupec/kupec/module/catalog"
	"github.com/kupec/kupec/module/recommend"
)

var byID = cmp.Comparer(func(a, b catalog.Product) bool { return a.ID == b.ID })

// Also with rules, for all kinds and for people of all sorts, the preview is what is sent.
func TestAPreviewIsTheListThatIsSent(t *testing.T) {
	t.Parallel()
	for name, shelf := range map[string]struct {
		bundle
		pinned, forbidden int64
	}{"larder": {larder(t), kettle, better}, "bar": {bar(t), cup, scale}} {
		b := shelf.bundle
		b.set(t, recommend.Rule{ProductID: 1, OtherID: shelf.pinned, Act: recommend.Pin})
		b.set(t, recommend.Rule{OtherID: shelf.forbidden, Act: recommend.Forbid})
		b.set(t, recommend.Rule{CategoryID: 1, OtherCategoryID: 4, Act: recommend.Accessory})
		for _, kind := range recommend.Kinds {
			for _, person := range []int64{1, 61, 102, 201, 202, 500, 501, 502, 999} {
				opt := recommend.Options{Kind: kind, Exclude: []int64{5, 20}}
				sent, err := b.engine.For(t.Context(), shop, []int64{person}, 4, opt)
				if err != nil {
					t.Fatal(err)
				}
				shown, err := b.engine.Preview(t.Context(), shop, person, 4, opt)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(sent[person], shown.Offered, byID); diff != "" {
					t.Errorf("%s, %s, person %d (-sent +shown):\n%s", name, kind, person, diff)
				}
				for _, s := range shown.Offered {
					for _, l := range shown.Left {
						if s.Product.ID == l.Product.ID {
							t.Errorf("%s, %s, person %d: %d is offered and left out", name, kind, person, s.Product.ID)
						}
					}
				}
			}
		}
	}
}

func TestAPreviewSaysWhyEachOtherProductIsLeftOut(t *testing.T) {
	t.Parallel()
	b := bar(t)
	b.rebuild(t)
	b.exec(t, "UPDATE crm_products SET stock = 'out' WHERE id = ?", pot)
	b.exec(t, "UPDATE crm_orders SET profile_id = 503 WHERE profile_id = 500") // one more dripper
	b.insert(t, "crm_orders", "id,shop_id,shop_key,number,identity_id,profile_id,status,currency,total,tax,shipping,discount,refunded,placed_at,fingerprint", []string{
		"(9001,1,'9001','9001',1,503,'completed','EUR',9,0,0,0,0,'2026-11-01',1)", "(9002,1,'9002','9002',1,503,'refunded','EUR',9,0,0,0,9,'2026-11-01',1)"})
	b.insert(t, "crm_order_lines", "order_id,position,shop_key,product_id,name,quantity,total,tax", []string{"(9001,0,'0',2,'x',1,9,0)", "(9002,0,'0',3,'x',1,9,0)"})
	b.set(t, recommend.Rule{OtherID: scale, Act: recommend.Forbid})
	got, err := b.engine.Preview(t.Context(), shop, 503, 1, recommend.Options{PerCategory: 1, Exclude: []int64{paper + 2}})
	if err != nil {
		t.Fatal(err)
	}
	why := map[int64]recommend.Why{}
	for _, l := range got.Left {
		why[l.Product.ID] = l.Why
		if l.Because == nil || l.Both == 0 || l.Score <= 0 {
			t.Errorf("%d is left out without its numbers: %+v", l.Product.ID, l)
		}
		if l.Why == recommend.Unsellable && l.Lacks() != recommend.LacksStock {
			t.Errorf("the pot lacks %s", l.Lacks())
		}
	}
	want := map[int64]recommend.Why{dripper: recommend.Owned, paper: recommend.Owned, paper + 1: recommend.Returned, paper + 2: recommend.Shown, pot: recommend.Unsellable, scale: recommend.Forbidden}
	if diff := cmp.Diff(want, why); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(got.Offered) != 1 || got.Offered[0].Product.ID != paper+3 || got.Count[recommend.Owned] != 2 {
		t.Errorf("offered %v, counted %v", idsOf(got.Offered), got.Count)
	}
	if _, err := b.engine.Preview(t.Context(), shop, 503, 1, recommend.Options{Kind: "magic"}); !errors.As(err, new(*recommend.UnknownKindError)) {
		t.Errorf("an unknown kind: %v", err)
	}
}

func TestAPreviewSaysWhenThereWereEnoughOfACategory(t *testing.T) {
	t.Parallel()
	b := bar(t)
	got, err := b.engine.Preview(t.Context(), shop, 500, 4, recommend.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got.Count[recommend.Crowded] != 2 {
		t.Errorf("%v, left out: %+v", idsOf(got.Offered), got.Count)
	}
}

func TestAPreviewOfWhatGoesWithAProductIsItsList(t *testing.T) {
	t.Parallel()
	b := bar(t)
	b.set(t, recommend.Rule{ProductID: dripper, OtherID: scale, Act: recommend.Forbid})
	b.exec(t, "UPDATE crm_products SET stock = 'out' WHERE id = ?", pot)
	with, err := b.engine.GoesWith(t.Context(), dripper, 3)
	if err != nil {
		t.Fatal(err)
	}
	got, err := b.engine.PreviewWith(t.Context(), dripper, 3)
	if err != nil || len(got.Offered) != len(with) || len(with) != 3 {
		t.Fatalf("%d of %d, %v", len(got.Offered), len(with), err)
	}
	for i, s := range got.Offered {
		if s.Product.ID != with[i].Product.ID || s.Both != with[i].Both || s.Buyers != with[i].Orders || s.Because == nil || s.Because.ID != dripper {
			t.Errorf("place %d: %+v, want %+v", i, s, with[i])
		}
	}
	if got.Count[recommend.Forbidden] != 1 || got.Count[recommend.Unsellable] != 1 {
		t.Errorf("%v", got.Count)
	}
}
