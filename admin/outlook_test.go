package admin_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kupec/kupec/module/staff"
)

func TestACustomersPageSaysWhatToExpectOrWhatIsMissing(t *testing.T) {
	t.Parallel()
	p := open(t, "/crm", 400)
	if err := p.Facts.Forecast(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	v := p.visitor(t).as(staff.RoleReader)
	var id int64
	if err := p.DB.NewRaw("SELECT profile_id FROM crm_facts WHERE stage = 'loyal' ORDER BY last_order_at DESC LIMIT 1").Scan(t.Context(), &id); err != nil {
		t.Fatal(err)
	}
	path := fmt.Sprintf("/customers/%d", id)
	for _, step := range []struct {
		change string
		want   []string
	}{
		{"", []string{"What to expect", "8 of 10 customers like this one", "such a customer brings €", "Among all buyers, from 1 to 5: "}},
		{"UPDATE crm_predictions SET next_on = NULL", []string{"is told from three days with an order on"}},
		{"UPDATE crm_predictions SET next_on = '2031-05-07', next_from = '2031-05-01', next_to = '2031-06-01', overdue = 0", []string{"is due around 7 May 2031. Half of such customers order between 1 May 2031 and 1 Jun 2031."}},
		{"UPDATE crm_predictions SET overdue = 1", []string{"Nobody has yet come back after staying away for so long"}},
		{"UPDATE crm_predictions SET orders_365 = 0.04", []string{"Of customers like this one fewer than 5% order again within a year."}},
		{"UPDATE crm_forecasts SET lack = 'repeaters', lack_has = 1, lack_needs = 20", []string{"1 person has bought here again, and 20 are needed."}},
		{"DELETE FROM crm_predictions", []string{"Not worked out yet"}},
	} {
		if step.change != "" {
			if _, err := p.DB.NewRaw(step.change).Exec(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		body := v.get(path).Body
		for _, want := range step.want {
			if !strings.Contains(body, want) {
				_, rest, _ := strings.Cut(body, "h-outlook")
				t.Errorf("after %q there is no %q in %.900s", step.change, want, rest)
			}
		}
	}
}
