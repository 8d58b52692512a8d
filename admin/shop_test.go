package admin_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/kupec/kupec/module/staff"
)

func TestAComparisonIsAskedForByWhoMayAndOnce(t *testing.T) {
	t.Parallel()
	p := open(t, "/crm", 30)
	var shop int64
	if err := p.DB.QueryRow("SELECT id FROM crm_shops").Scan(&shop); err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("/settings/shops/%d/reconcile", shop)
	reader := p.visitor(t).as(staff.RoleReader)
	if page := reader.get("/settings"); strings.Contains(page.Body, path) {
		t.Error("a reader is offered a comparison")
	}
	if got := reader.post(path); got.Status != http.StatusForbidden {
		t.Errorf("a reader's wish is answered with %d", got.Status)
	}
	owner := p.visitor(t).as(staff.RoleOwner)
	if page := reader.get("/settings"); !strings.Contains(page.Body, "Behind in the last 24 hours") || !strings.Contains(page.Body, "most: ") {
		t.Error("what is known of the last day's lag is not drawn")
	}
	if page := owner.get("/settings"); !strings.Contains(page.Body, path) {
		t.Error("an owner is not offered a comparison")
	}
	for range 2 {
		owner.post(path)
	}
	var open, noted int
	if err := p.DB.QueryRow("SELECT (SELECT COUNT(*) FROM crm_reconciles WHERE shop_id = ? AND finished_at IS NULL), (SELECT COUNT(*) FROM crm_audit WHERE action = 'shop.reconcile')", shop).Scan(&open, &noted); err != nil {
		t.Fatal(err)
	}
	if open != 1 || noted != 2 {
		t.Errorf("%d comparisons are open, %d wishes noted", open, noted)
	}
	if page := owner.get("/settings"); strings.Contains(page.Body, path) || !strings.Contains(page.Body, "Being compared") {
		t.Error("the screen does not say that it is under way")
	}
	if got := owner.post("/settings/shops/99999/reconcile"); got.Status != http.StatusNotFound {
		t.Errorf("a shop that is not there is answered with %d", got.Status)
	}
}
