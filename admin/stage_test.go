package admin_test

import (
	"strings"
	"testing"

	"github.com/kupec/kupec/module/staff"
)

func TestAnOwnerChangesThresholdsOfStagesAndOthersSeeThem(t *testing.T) {
	t.Parallel()
	p := open(t, "/crm", 120)
	v := p.visitor(t).as(staff.RoleOwner)
	if body := v.get("/settings/stages").Body; !strings.Contains(body, "Won back") || !strings.Contains(body, "Slipping away after so many gaps") {
		t.Error("the page lacks its stages or its form")
	}
	for field, form := range map[string][]string{
		"gap":      {"gap", "0", "slipping", "2", "lost", "4", "loyal", "4"},
		"slipping": {"gap", "", "slipping", "soon", "lost", "4", "loyal", "4"},
		"lost":     {"gap", "", "slipping", "2", "lost", "1,5", "loyal", "4"},
		"loyal":    {"gap", "", "slipping", "2", "lost", "4", "loyal", ""},
	} {
		if got := v.post("/settings/stages", form...); got.Status != 422 || !strings.Contains(got.Body, `id="`+field+`-error"`) {
			t.Errorf("%s: %d", field, got.Status)
		}
	}
	if got := v.post("/settings/stages", "gap", "21,5", "slipping", "1.5", "lost", "3", "loyal", "5"); got.Status != 200 || !strings.Contains(got.Body, `value="21.5"`) || !strings.Contains(got.Body, "5 times or more") {
		t.Errorf("saved: %d", got.Status)
	}
	if body := v.get("/settings/audit").Body; !strings.Contains(body, "Changed the thresholds of stages") {
		t.Error("the audit log does not know")
	}
	reader := p.visitor(t).as(staff.RoleReader)
	if body := reader.get("/settings/stages").Body; !strings.Contains(body, "5 times or more") || strings.Contains(body, "Set these thresholds") {
		t.Error("a reader sees no thresholds, or may change them")
	}
	if got := reader.post("/settings/stages", "slipping", "2", "lost", "4", "loyal", "4"); got.Status != 403 {
		t.Errorf("a reader changes thresholds: %d", got.Status)
	}
}
