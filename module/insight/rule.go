package insight

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/staff"
	"github.com/kupec/kupec/module/store"
)

// StageRules are a shop's thresholds between stages.
type StageRules struct {
	ShopID        int64
	GapDays       float64 // from one order to the next; 0: the median of the shop's own returning buyers
	SlippingAfter float64 // expected gaps without an order
	LostAfter     float64 // likewise, more than SlippingAfter
	LoyalFrom     int     // orders
}

func usualRules(shopID int64) StageRules {
	return StageRules{ShopID: shopID, SlippingAfter: 2, LostAfter: 4, LoyalFrom: 4}
}

// Bounds of the thresholds.
const (
	LongestGap    = 1000 // days
	MostGaps      = 100
	MostLoyalFrom = 1000 // orders
)

// RuleError says which threshold cannot be. Key names the sentence that says what can.
type RuleError struct{ Field, Key string }

func (e *RuleError) Error() string { return e.Field + " cannot be a threshold: " + e.Key }

func (r StageRules) check() error {
	switch {
	case r.GapDays != 0 && !(r.GapDays >= 1 && r.GapDays <= LongestGap):
		return &RuleError{"gap", "stages.error.gap"}
	case !(r.SlippingAfter >= 1 && r.SlippingAfter <= MostGaps):
		return &RuleError{"slipping", "stages.error.slipping"}
	case !(r.LostAfter > r.SlippingAfter && r.LostAfter <= MostGaps):
		return &RuleError{"lost", "stages.error.lost"}
	case r.LoyalFrom < 2 || r.LoyalFrom > MostLoyalFrom:
		return &RuleError{"loyal", "stages.error.loyal"}
	}
	return nil
}

type stageRuleRow struct {
	bun.BaseModel `bun:"table:crm_stage_rules,alias:s"`

	ShopID        int64     `bun:"shop_id,pk"`
	GapDays       float64   `bun:"gap_days,nullzero"`
	SlippingAfter float64   `bun:"slipping_after"`
	LostAfter     float64   `bun:"lost_after"`
	LoyalFrom     int       `bun:"loyal_from"`
	ChangedAt     time.Time `bun:"changed_at"`
}

// rules reads what staff have set.
func (f *Facts) rules(ctx context.Context) (map[int64]StageRules, error) {
	var rows []stageRuleRow
	if err := f.db.NewSelect().Model(&rows).Scan(ctx); err != nil {
		return nil, fmt.Errorf("reading the thresholds of stages: %w", err)
	}
	rules := map[int64]StageRules{}
	for _, r := range rows {
		rules[r.ShopID] = StageRules{r.ShopID, r.GapDays, r.SlippingAfter, r.LostAfter, r.LoyalFrom}
	}
	return rules, nil
}

// Pace is how often people come back to a shop, and what its stages go by.
type Pace struct {
	Rules    StageRules
	Measured float64 // the median gap of returning buyers, in days; 0: fewer than [PaceNeeds] have returned
	Gap      float64 // the one that holds
}

// PaceNeeds is how many people must have returned for a shop's own gap to be known.
const PaceNeeds = returnedLeast

// Days is how many days after the last order somebody who bought once begins to slip, and is lost.
func (p Pace) Days() (slipping, lost float64) {
	gap := max(shortestGap, p.Gap)
	return p.Rules.SlippingAfter * gap, p.Rules.LostAfter * gap
}

// Pace gives a shop's.
func (f *Facts) Pace(ctx context.Context, shopID int64) (Pace, error) {
	now, _, err := f.current(ctx)
	if err != nil {
		return Pace{}, err
	}
	p := Pace{Rules: usualRules(shopID), Measured: now.gaps[shopID], Gap: now.of(shopID).GapDays}
	if r, ok := now.rules[shopID]; ok {
		p.Rules = r
	}
	return p, nil
}

// SaveStageRules sets a shop's thresholds. All stages go by them as soon as facts are refreshed next. It needs
// staff.ManageShops; what cannot be is a [*RuleError].
func (f *Facts) SaveStageRules(ctx context.Context, r StageRules) error {
	if _, err := staff.Require(ctx, staff.ManageShops); err != nil {
		return err
	}
	if err := r.check(); err != nil {
		return err
	}
	row := stageRuleRow{ShopID: r.ShopID, GapDays: r.GapDays, SlippingAfter: r.SlippingAfter, LostAfter: r.LostAfter, LoyalFrom: r.LoyalFrom, ChangedAt: f.now()}
	return store.InTx(ctx, f.db, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewInsert().Model(&row).
			On("DUPLICATE KEY UPDATE gap_days = VALUES(gap_days), slipping_after = VALUES(slipping_after), lost_after = VALUES(lost_after), loyal_from = VALUES(loyal_from), changed_at = VALUES(changed_at)").
			Exec(ctx)
		if err != nil {
			return fmt.Errorf("keeping the thresholds of shop %d: %w", r.ShopID, err)
		}
		return staff.Record(ctx, tx, "insight.stage_rules", "shop", r.ShopID, map[string]any{
			"gap_days": r.GapDays, "slipping_after": r.SlippingAfter, "lost_after": r.LostAfter, "loyal_from": r.LoyalFrom})
	})
}
