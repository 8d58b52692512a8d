package insight_test

import (
	"context"
	"errors"
	"testing"

	"github.com/kupec/kupec/module/insight"
	"github.com/kupec/kupec/module/staff"
)

func owner(t *testing.T) context.Context {
	return staff.WithActor(t.Context(), staff.Account{ID: 1, Name: "Nina", Role: staff.RoleOwner}, "127.0.0.1")
}

func TestThresholdsThatCannotBeAreRefusedByField(t *testing.T) {
	t.Parallel()
	b := setup(t)
	good := insight.StageRules{ShopID: shop, SlippingAfter: 2, LostAfter: 4, LoyalFrom: 4}
	for field, spoil := range map[string]func(*insight.StageRules){
		"gap":      func(r *insight.StageRules) { r.GapDays = insight.LongestGap + 1 },
		"slipping": func(r *insight.StageRules) { r.SlippingAfter = .5 },
		"lost":     func(r *insight.StageRules) { r.LostAfter = r.SlippingAfter },
		"loyal":    func(r *insight.StageRules) { r.LoyalFrom = 1 },
	} {
		r := good
		spoil(&r)
		var bad *insight.RuleError
		if err := b.facts.SaveStageRules(owner(t), r); !errors.As(err, &bad) || bad.Field != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	var denied *staff.DeniedError
	ctx := staff.WithActor(t.Context(), staff.Account{ID: 2, Role: staff.RoleMarketer}, "")
	if err := b.facts.SaveStageRules(ctx, good); !errors.As(err, &denied) {
		t.Errorf("by a marketer: %v", err)
	}
	if n := b.rows(t, "crm_stage_rules"); n != 0 {
		t.Errorf("%d rules are kept", n)
	}
}
