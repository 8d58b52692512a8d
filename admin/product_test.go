package admin_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/kupec/kupec/module/staff"
)

func TestStaffSayHowAProductIsOffered(t *testing.T) {
	t.Parallel()
	p := open(t, "", 60)
	if _, err := p.Recommend.Rebuild(t.Context(), theShop(t, p), nil); err != nil {
		t.Fatal(err)
	}
	var goods []struct {
		ID        int64
		SKU, Name string
	}
	if err := p.DB.NewRaw("SELECT id, sku, name FROM crm_products WHERE visible AND deleted_at IS NULL AND stock = 'in' AND price > 0 AND sku <> '' ORDER BY id LIMIT 2").Scan(t.Context(), &goods); err != nil || len(goods) < 2 {
		t.Fatalf("%v, %v", goods, err)
	}
	page := fmt.Sprintf("/products/%d", goods[0].ID)
	reader, marketer := p.visitor(t).as(staff.RoleReader), p.visitor(t).as(staff.RoleMarketer)
	if got := reader.get(page); got.Status != 200 || strings.Contains(got.Body, page+"/rules") {
		t.Errorf("a reader is shown the form, or nothing: %d", got.Status)
	}
	if got := reader.post(page+"/rules", "act", "forbid"); got.Status != http.StatusForbidden {
		t.Errorf("a reader makes a rule: %d", got.Status)
	}
	if got := marketer.post(page+"/rules", "pair", "1", "act", "pin", "other", strings.ToLower(goods[1].SKU)); got.Status != 200 || !strings.Contains(got.Body, "Put with it by staff, first of all") {
		t.Errorf("pinning: %d", got.Status)
	}
	with, err := p.Recommend.GoesWith(t.Context(), goods[0].ID, 1)
	if err != nil || len(with) != 1 || with[0].Product.ID != goods[1].ID || !with[0].Pinned {
		t.Errorf("goes with %d: %+v, %v", goods[0].ID, with, err)
	}
	for _, name := range []string{"no such <b>thing</b>", ""} {
		got := marketer.post(page+"/rules", "pair", "1", "act", "pin", "other", name)
		if !strings.Contains(got.Body, "No product has the SKU or the name") || strings.Contains(got.Body, "<b>thing") {
			t.Errorf("a name of nothing, %q: %d", name, got.Status)
		}
	}
	if got := marketer.post(page+"/rules", "act", "pin"); !strings.Contains(got.Body, "Only next to another product can one stand first") {
		t.Errorf("pinned to nothing: %d", got.Status)
	}
	if got := marketer.post(page+"/rules", "act", "less"); !strings.Contains(got.Body, "Counts 0.5 times as much") {
		t.Errorf("offering less: %d", got.Status)
	}
	drops := regexp.MustCompile(`name="drop" value="(\d+)"`).FindAllStringSubmatch(marketer.get(page).Body, -1)
	if len(drops) != 2 {
		t.Fatalf("%d rules can be taken back", len(drops))
	}
	for _, drop := range drops {
		if got := marketer.post(page+"/rules", "drop", drop[1]); !strings.Contains(got.Body, "Taken back.") {
			t.Errorf("taking back: %d", got.Status)
		}
	}
	if rules, err := p.Recommend.Rules(t.Context(), 1, goods[0].ID); err != nil || len(rules) != 0 {
		t.Errorf("%v, %v", rules, err)
	}
	log := p.visitor(t).as(staff.RoleOwner).get("/settings/audit")
	if !strings.Contains(log.Body, "Said how a product is to be offered") || !strings.Contains(log.Body, "Took back how a product is offered") {
		t.Error("the log does not say who did it")
	}
}
