package admin

import (
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/kupec/kupec/module/insight"
	"github.com/kupec/kupec/module/predict"
	"github.com/kupec/kupec/module/store"
)

// qualityPage is how good the chosen shop's predictions are.
type qualityPage struct {
	frame
	AsOf    time.Time // zero: nothing has been worked out yet
	Missing string    // what the shop lacks; "": nothing
	Needs   []pair
	Figures []qualityFigure
	Chart   *chart
	Why     []string
	Trials  []trialRow
}

type qualityFigure struct{ Name, Value, Text string }

type trialRow struct {
	Name, About, Note string
	Chosen            bool
	Off, MAE, AUC     string
	Expected, Actual  string
}

func (a *Admin) quality(v *visit) error {
	page := &qualityPage{frame: v.frame("customers", v.t("quality.title"))}
	page.Back = &backLink{v.t("customers.title"), a.link("/customers")}
	q, err := a.rooms.Facts.Quality(v.ctx, v.shop.ID)
	if errors.Is(err, store.ErrNotFound) {
		return v.render("quality", page)
	}
	if err != nil {
		return err
	}
	page.AsOf = q.AsOf
	page.Intro = v.t("quality.intro", "shop", v.shop.Name)
	if q.Missing != nil {
		page.Missing = v.lack(q.Missing)
		page.Needs = []pair{{v.t("quality.customers"), v.p.Number(q.Customers)}, {v.t("quality.repeaters"), v.p.Number(q.Repeaters)}}
		return v.render("quality", page)
	}
	chosen, naive := q.Chosen(), q.Naive()
	page.Figures = []qualityFigure{
		{v.t("quality.total"), v.off(chosen.Score), v.t("quality.total.text", "expected", whole(chosen.Score.Expected), "count", whole(chosen.Score.Actual))},
		{v.t("quality.error"), v.p.Number(chosen.Score.MAE), v.t("quality.error.text", "naive", naive.Score.MAE)},
		{v.t("quality.order"), v.p.Percent(chosen.Score.AUC, 0), v.t("quality.order.text")},
		{v.t("quality.held"), v.t("quality.days", "count", int64(q.Until.Sub(q.From)/(24*time.Hour))+1), v.t("quality.held.text", "from", v.onDay(q.From), "to", v.onDay(q.Until))},
	}
	page.Chart = v.calibration(chosen.Score)
	page.Why = v.whyChosen(q)
	for i, trial := range q.Trials {
		row := trialRow{Name: v.t("quality.model." + string(trial.Model)), About: v.t("quality.model." + string(trial.Model) + ".about"), Chosen: i == q.Best,
			Off: v.off(trial.Score), MAE: v.p.Number(trial.Score.MAE), AUC: v.p.Percent(trial.Score.AUC, 0), Expected: v.p.Number(whole(trial.Score.Expected)), Actual: v.p.Number(whole(trial.Score.Actual))}
		if d := trial.Degenerate; d != nil {
			row.Note = v.t("quality.degenerate."+string(d.Reason), "instead", v.t("quality.instead."+d.Instead))
		}
		page.Trials = append(page.Trials, row)
	}
	return v.render("quality", page)
}

func whole(f float64) int64 { return int64(math.Round(f)) }

// off is by how much a model's total missed what came: "4% too few".
func (v *visit) off(s predict.Score) string {
	if s.Actual == 0 {
		return v.t("quality.off.none")
	}
	share := s.Expected/s.Actual - 1
	switch key := "quality.off.many"; {
	case math.Abs(share) < 0.005:
		return v.t("quality.off.exact")
	case share < 0:
		return v.t("quality.off.few", "percent", v.p.Percent(-share, 0))
	default:
		return v.t(key, "percent", v.p.Percent(share, 0))
	}
}

// calibration draws expected against actual orders, by how many orders people had before.
func (v *visit) calibration(s predict.Score) *chart {
	p := plot{Label: v.t("quality.chart.label"), PlaceName: v.t("quality.chart.place"), Every: 1, Value: func(f float64) string { return v.p.Number(f) },
		Series: []series{{Name: v.t("quality.actual"), Class: "c-1"}, {Name: v.t("quality.expected"), Class: "c-3", Dash: true}}}
	for i, b := range s.Calibration {
		if b.Customers == 0 {
			continue
		}
		name := strconv.Itoa(b.Repeats + 1)
		if i == len(s.Calibration)-1 {
			name += "+"
		}
		p.Places = append(p.Places, name)
		p.Heads = append(p.Heads, v.t("quality.chart.group", "orders", name, "people", v.t("stages.people", "count", b.Customers)))
		p.Series[0].Values, p.Series[1].Values = append(p.Series[0].Values, b.Actual), append(p.Series[1].Values, b.Expected)
	}
	return lineChart(p)
}

// whyChosen says which model tells, why it and not another, and by what the worth of an order is told.
func (v *visit) whyChosen(q insight.Quality) []string {
	chosen, naive := q.Chosen(), q.Naive()
	name := v.t("quality.model." + string(chosen.Model))
	why := []string{v.t("quality.why", "model", name, "from", v.onDay(q.From))}
	if d := chosen.Degenerate; d != nil {
		why = append(why, v.t("quality.degenerate."+string(d.Reason), "instead", v.t("quality.instead."+d.Instead)))
	}
	switch better := 1 - chosen.Score.Deviance/naive.Score.Deviance; {
	case chosen.Model == predict.KindNaive:
		why = append(why, v.t("quality.why.naive"))
	case better > 0:
		why = append(why, v.t("quality.why.better", "percent", v.p.Percent(better, 0)))
	}
	if q.Worth == "" {
		return append(why, v.t("quality.worth.none"))
	}
	return append(why, v.t("quality.worth."+q.Worth))
}
