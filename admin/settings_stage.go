package admin

import (
	"errors"
	"strconv"
	"strings"

	"github.com/kupec/kupec/module/insight"
	"github.com/kupec/kupec/module/staff"
)

// stagesPage is by which thresholds the chosen shop's customers are new, loyal, or lost.
type stagesPage struct {
	frame
	Tabs                       []tab
	Shop                       string // "": none is attached
	Own                        string // what the shop's own gap is, or what it lacks for one
	Stages                     []stageRow
	Gap, Slipping, Lost, Loyal string // as typed
	CanEdit                    bool
}

type stageRow struct {
	Badge  *badge
	Text   string
	People int64
	Href   string
}

func (v *visit) stagesPage() (*stagesPage, error) {
	page := &stagesPage{frame: v.frame("settings", v.t("settings.title")), Tabs: v.settingsTabs("stages"), CanEdit: v.may(staff.ManageShops)}
	if v.shop.ID == 0 {
		return page, nil
	}
	page.Shop = v.shop.Name
	p, err := v.a.rooms.Facts.Pace(v.ctx, v.shop.ID)
	if err != nil {
		return nil, err
	}
	page.Own = v.t("stages.gap.unknown", "count", insight.PaceNeeds, "days", p.Gap)
	if p.Measured > 0 {
		page.Own = v.t("stages.gap.own", "count", int64(p.Measured+.5))
	}
	slipping, lost := p.Days()
	counts, err := v.peopleCounts()
	if err != nil {
		return nil, err
	}
	for _, s := range insight.Stages {
		row := stageRow{Badge: v.stageBadge(string(s)), People: counts.stages[s],
			Text: v.t("stages.about."+string(s), "slipping", slipping, "lost", lost, "loyal", p.Rules.LoyalFrom, "gaps", p.Rules.SlippingAfter, "lostgaps", p.Rules.LostAfter)}
		if v.may(staff.SeePeople) {
			row.Href = v.a.link(listPath("/customers", "stage", string(s)))
		}
		page.Stages = append(page.Stages, row)
	}
	if p.Rules.GapDays != 0 {
		page.Gap = typed(p.Rules.GapDays)
	}
	page.Slipping, page.Lost, page.Loyal = typed(p.Rules.SlippingAfter), typed(p.Rules.LostAfter), strconv.Itoa(p.Rules.LoyalFrom)
	return page, nil
}

// typed is a number as a form's field holds it.
func typed(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// number reads a field with a decimal point or a comma. What is no number is one that no threshold allows.
func number(text string) float64 {
	f, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSpace(text), ",", "."), 64)
	if err != nil {
		return -1
	}
	return f
}

func (a *Admin) stagesPage(v *visit) error {
	page, err := v.stagesPage()
	if err != nil {
		return err
	}
	return v.render("settings_stages", page)
}

func (a *Admin) stagesSave(v *visit) error {
	rules := insight.StageRules{ShopID: v.shop.ID, SlippingAfter: number(v.form("slipping")), LostAfter: number(v.form("lost")), LoyalFrom: int(number(v.form("loyal")))}
	if gap := v.form("gap"); gap != "" {
		if rules.GapDays = number(gap); rules.GapDays == 0 {
			rules.GapDays = -1 // 0 is for whoever leaves the field empty
		}
	}
	err := a.rooms.Facts.SaveStageRules(v.ctx, rules)
	if err == nil {
		return v.done("/settings/stages", "stages.saved")
	}
	page, pageErr := v.stagesPage()
	if pageErr != nil {
		return pageErr
	}
	page.Gap, page.Slipping, page.Lost, page.Loyal = v.form("gap"), v.form("slipping"), v.form("lost"), v.form("loyal")
	var bad *insight.RuleError
	if errors.As(err, &bad) {
		page.Errors.add(bad.Field, v.t(bad.Key))
		return v.renderInvalid("settings_stages", page)
	}
	return err
}
