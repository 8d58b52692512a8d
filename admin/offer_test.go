package admin_test

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/kupec/kupec/module/recommend"
	"github.com/kupec/kupec/module/staff"
)

func TestTheListOfACustomerIsShownAsItWouldBeSent(t *testing.T) {
	t.Parallel()
	p := open(t, "", 60)
	if _, err := p.Recommend.Rebuild(t.Context(), theShop(t, p), nil); err != nil {
		t.Fatal(err)
	}
	reader, id := p.visitor(t).as(staff.RoleReader), buyerOfLittle(t, p)
	for _, kind := range recommend.Kinds {
		sent, err := p.Recommend.For(t.Context(), theShop(t, p), []int64{id}, 4, recommend.Options{Kind: kind})
		if err != nil || len(sent[id]) == 0 {
			t.Fatalf("%s: %v, %v", kind, sent, err)
		}
		body := html.UnescapeString(reader.get(fmt.Sprintf("/products/preview?kind=%s&person=%d", kind, id)).Body)
		list := body[strings.Index(body, `id="h-offered"`):strings.Index(body, `id="h-left"`)]
		at := -1
		for _, s := range sent[id] {
			next := strings.Index(list, fmt.Sprintf(`/products/%d"`, s.Product.ID))
			if next <= at {
				t.Errorf("%s: %q does not stand in its place", kind, s.Product.Name)
			}
			at = next
		}
	}
	if body := reader.get(fmt.Sprintf("/products/preview?person=%d", id)).Body; !strings.Contains(body, "Has it") {
		t.Error("nothing is left out because the customer has it")
	}
	for path, want := range map[string]string{
		"/products/preview":                             "Choose a customer",
		"/products/preview?who=nobody-at-all%3Cb%3E":    "Nobody is found by “nobody-at-all&lt;b&gt;”",
		"/products/preview?kind=goes_with&what=no+%3Cb": "No product has the SKU or the name “no &lt;b”",
	} {
		if got := reader.get(path); got.Status != 200 || !strings.Contains(got.Body, want) {
			t.Errorf("%s: %d lacks %q", path, got.Status, want)
		}
	}
	if got := reader.get(fmt.Sprintf("/products/preview?kind=magic&person=%d", id)); got.Status == 200 {
		t.Error("a kind that is none is answered")
	}
}

// theShop is the number of the panel's one shop: in a database that was used before it is not the first.
func theShop(t *testing.T, p *panel) int64 {
	t.Helper()
	shops, err := p.Intake.Shops(t.Context())
	if err != nil || len(shops) != 1 {
		t.Fatalf("%v, %v", shops, err)
	}
	return shops[0].ID
}

// buyerOfLittle is somebody for whom a shop has much left: who ordered most may have everything.
func buyerOfLittle(t *testing.T, p *panel) int64 {
	t.Helper()
	var id int64
	if err := p.DB.NewRaw("SELECT profile_id FROM crm_facts WHERE products BETWEEN 2 AND 4 ORDER BY products DESC, profile_id LIMIT 1").Scan(t.Context(), &id); err != nil {
		t.Fatal(err)
	}
	return id
}

func TestWhatGoesWithAProductIsFoundByItsName(t *testing.T) {
	t.Parallel()
	p := open(t, "", 60)
	if _, err := p.Recommend.Rebuild(t.Context(), theShop(t, p), nil); err != nil {
		t.Fatal(err)
	}
	var goods []struct {
		ID   int64
		Name string
	}
	if err := p.DB.NewRaw("SELECT id, name FROM crm_products WHERE visible AND deleted_at IS NULL AND stock = 'in' AND price > 0 AND image_url <> '' ORDER BY id LIMIT 2").Scan(t.Context(), &goods); err != nil || len(goods) < 2 {
		t.Fatalf("%v, %v", goods, err)
	}
	marketer := p.visitor(t).as(staff.RoleMarketer)
	marketer.get(fmt.Sprintf("/products/%d", goods[0].ID))
	for _, rule := range []string{"pin", "forbid"} {
		marketer.post(fmt.Sprintf("/products/%d/rules", goods[0].ID), "pair", "1", "act", rule, "other", goods[1].Name)
		body := marketer.get("/products/preview?kind=goes_with&what=" + url.QueryEscape(goods[0].Name)).Body
		i, j := strings.Index(body, `id="h-offered"`), strings.Index(body, `id="h-left"`)
		if i < 0 || j < i {
			t.Fatalf("%s: no list is shown", rule)
		}
		link := fmt.Sprintf(`/products/%d"`, goods[1].ID)
		if offered := strings.Contains(body[i:j], link) && strings.Contains(body[i:j], "staff"); offered != (rule == "pin") {
			t.Errorf("%s: offered is %v", rule, offered)
		}
	}
}

func TestStaffMakeRulesOfCategories(t *testing.T) {
	t.Parallel()
	p := open(t, "", 60)
	var shelves []int64
	if err := p.DB.NewRaw("SELECT id FROM crm_categories WHERE deleted_at IS NULL ORDER BY id LIMIT 2").Scan(t.Context(), &shelves); err != nil || len(shelves) < 2 {
		t.Fatalf("%v, %v", shelves, err)
	}
	of, other := fmt.Sprint(shelves[0]), fmt.Sprint(shelves[1])
	reader, marketer := p.visitor(t).as(staff.RoleReader), p.visitor(t).as(staff.RoleMarketer)
	if got := reader.get("/products/rules"); got.Status != 200 || strings.Contains(got.Body, `name="form"`) {
		t.Errorf("a reader is shown a form, or nothing: %d", got.Status)
	}
	if got := reader.post("/products/rules", "form", "favour", "margin", "0.1", "idle", "0"); got.Status != http.StatusForbidden {
		t.Errorf("a reader makes a rule: %d", got.Status)
	}
	for _, wrong := range [][]string{
		{`id="accessory-category-error"`, "form", "accessory", "other_category", other},
		{`id="accessory-other_category-error"`, "form", "accessory", "category", of, "other_category", of},
		{`id="margin-factor-error"`, "form", "margin", "of", of, "percent", "101"},
		{`id="margin-factor-error"`, "form", "margin", "of", of, "percent", "NaN"},
		{`id="margin-other_category-error"`, "form", "margin", "percent", "40"},
		{`id="favour-factor-error"`, "form", "favour", "margin", "3", "idle", "0"},
	} {
		if got := marketer.post("/products/rules", wrong[1:]...); got.Status != http.StatusUnprocessableEntity || !strings.Contains(got.Body, wrong[0]) {
			t.Errorf("%q: %d", wrong, got.Status)
		}
	}
	for _, right := range [][]string{
		{"to whoever has something of", "form", "accessory", "category", of, "other_category", other},
		{"Earns 40% of its price", "form", "margin", "of", of, "percent", "40"},
		{`value="0.25" selected`, "form", "favour", "margin", "0.25", "idle", "0"},
	} {
		if got := marketer.post("/products/rules", right[1:]...); got.Status != 200 || !strings.Contains(got.Body, right[0]) {
			t.Errorf("%q: %d", right, got.Status)
		}
	}
	drops := regexp.MustCompile(`name="drop" value="(\d+)"`).FindAllStringSubmatch(marketer.get("/products/rules").Body, -1)
	if len(drops) != 2 {
		t.Fatalf("%d rules can be taken back", len(drops))
	}
	for _, drop := range drops {
		marketer.post("/products/rules", "drop", drop[1])
	}
	if rules, err := p.Recommend.ShopRules(t.Context(), theShop(t, p)); err != nil || len(rules) != 2 || rules[0].Factor+rules[1].Factor != .25 {
		t.Errorf("%+v, %v", rules, err)
	}
	if log := p.visitor(t).as(staff.RoleOwner).get("/settings/audit"); !strings.Contains(log.Body, "category "+other) {
		t.Error("the log does not say of which category")
	}
}
