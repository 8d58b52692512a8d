package admin_test

import (
	"html"
	"strings"
	"testing"

	"github.com/kupec/kupec/module/staff"
)

func TestAPageSaysHowGoodPredictionsAreOrWhatIsMissing(t *testing.T) {
	t.Parallel()
	p := open(t, "/crm", 400)
	v := p.visitor(t).as(staff.RoleReader)
	see := func(wants ...string) {
		t.Helper()
		body := html.UnescapeString(v.get("/customers/predictions").Body)
		for _, want := range wants {
			if !strings.Contains(body, want) {
				t.Errorf("there is no %q", want)
			}
		}
	}
	see("Nothing has been predicted yet")
	if err := p.Facts.Forecast(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	see("Error per customer", "the naive guess: ", "Pareto/NBD", "told the time from", `class="line dash c-3"`, "What an order is worth follows")
	for _, step := range []struct {
		change string
		want   []string
	}{
		{`UPDATE crm_forecasts SET worth = 'shrunken_mean', holdout = '{"from":"2026-06-01","until":"2026-08-31","best":0,"candidates":[
			{"model":"bgnbd","degenerate":{"reason":"no_dropout","instead":"nbd"},"score":{"Expected":96,"Actual":120,"MAE":0.5,"AUC":0.7,"Deviance":0.6,"Calibration":[{"Repeats":0,"Customers":10,"Expected":0.2,"Actual":0.3},{"Repeats":7,"Customers":4,"Expected":2,"Actual":3}]}},
			{"model":"naive","score":{"Expected":240,"Actual":120,"MAE":0.9,"AUC":0.6,"Deviance":0.8,"Calibration":[]}}]}'`,
			[]string{"20% too few", "96 were expected, 120 came", "100% too many", "an NBD stands in, in which nobody leaves", "Its error is 25% smaller", "92 days", "8+, 4 people", "ran away, so each person"}},
		{"UPDATE crm_forecasts SET worth = '', holdout = REPLACE(holdout, '\"best\":0', '\"best\":1')", []string{"No model did better than the naive guess", "too few have bought again for money"}},
		{"UPDATE crm_forecasts SET lack = 'repeaters', lack_has = 3, lack_needs = 20", []string{"Too little is known for predictions", "3 people have bought here again, and 20 are needed"}},
	} {
		if _, err := p.DB.ExecContext(t.Context(), step.change); err != nil {
			t.Fatal(err)
		}
		see(step.want...)
	}
}
