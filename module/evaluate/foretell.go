package evaluate

import "github.com/kupec/kupec/module/predict"

func (t teller) outlook() section {
	o := t.Outlook
	blocks := []block{{Lack: t.lack(o.Missing)}}
	if o.Missing == nil {
		blocks = []block{{Figures: t.expected(), Text: t.by()}, t.models(), t.calibration()}
	}
	return t.section("outlook", append(blocks, t.worth())...)
}

func (t teller) expected() (figures []figure) {
	for _, s := range t.Outlook.Spans {
		more := t.t("outlook.range", "low", t.whole(s.Low), "high", t.whole(s.High))
		if s.Revenue != nil {
			more = t.t("outlook.range.worth", "low", t.whole(s.Low), "high", t.whole(s.High), "revenue", t.round(s.Revenue))
		}
		figures = append(figures, figure{t.t("outlook.span", "days", s.Days), t.whole(s.Orders), more})
	}
	l := t.Outlook.Lost
	return append(figures, figure{t.t("outlook.lost"), t.p.Percent(l.Share, 1), t.t("outlook.lost.text", "customers", l.Customers)})
}

// by says which model tells, and what it cannot see.
func (t teller) by() string {
	o := t.Outlook
	text := t.t("outlook.by", "model", t.t("model."+o.Model))
	if by := t.instead(o.Model, o.Degenerate); by != "" {
		text += " " + by
	}
	if kind := predict.Kind(o.Model); kind == predict.KindNBD || kind == predict.KindNaive {
		text += " " + t.t("outlook.nobody")
	}
	return text
}

func (t teller) whole(f float64) string { return t.places(f, 0) }

// instead says what stands in for a model that the data do not bear.
func (t teller) instead(asked string, d *predict.Degenerate) string {
	if d == nil {
		return ""
	}
	return t.t("degenerate."+string(d.Reason), "model", t.t("model."+asked)) + " " + t.t("instead."+d.Instead)
}

// models compares all that were tried, the chosen one marked.
func (t teller) models() block {
	o := t.Outlook
	b := block{Title: t.t("outlook.models"), Text: t.t("outlook.models.text", "from", t.date(o.HeldFrom), "until", t.date(o.HeldUntil)),
		Table: &table{Label: t.t("outlook.models"), Head: t.head("outlook.model", "outlook.expected#", "outlook.actual#", "outlook.mae#", "outlook.auc#", "outlook.deviance#")}}
	best := o.Candidates[0]
	for _, c := range o.Candidates {
		if c.Deviance < best.Deviance {
			best = c
		}
	}
	for _, c := range o.Candidates {
		b.Table.Rows = append(b.Table.Rows, row{Mark: c.Model == best.Model, Cells: []cell{
			{Text: t.t("model." + c.Model), More: t.instead(c.Model, c.Degenerate)},
			figureCell(t.whole(c.Expected)), figureCell(t.whole(c.Actual)), figureCell(t.places(c.MAE, 3)), figureCell(t.places(c.AUC, 3)), figureCell(t.places(c.Deviance, 3))}})
	}
	return b
}

// calibration draws what was expected of the held-out days beside what came, by what customers had done before.
func (t teller) calibration() block {
	expected, actual := series{Name: t.t("outlook.expected"), Class: "c-0", Dash: true}, series{Name: t.t("outlook.actual"), Class: "c-1"}
	var places []string
	last := t.Outlook.Calibration[len(t.Outlook.Calibration)-1].Repeats
	for _, c := range t.Outlook.Calibration {
		place := t.p.Number(c.Repeats)
		if c.Repeats == last && last > 0 {
			place = t.t("outlook.more", "repeats", c.Repeats)
		}
		places = append(places, place)
		expected.Values, actual.Values = append(expected.Values, c.Expected), append(actual.Values, c.Actual)
	}
	value := func(f float64) string { return t.places(f, 2) }
	return block{Title: t.t("outlook.calibration"), Text: t.t("outlook.calibration.text"), Chart: plot{Label: t.t("outlook.calibration"), PlaceName: t.t("outlook.repeats"),
		Places: places, Series: []series{actual, expected}, Value: value, Tick: value}.lines()}
}

func (t teller) worth() block {
	w := t.Outlook.Worth
	b := block{Title: t.t("outlook.worth"), Lack: t.lack(w.Missing)}
	if w.Missing == nil {
		b.Figures = []figure{{t.t("outlook.worth.mean"), t.money(w.Mean), t.t("worth." + w.Model)}}
		b.Text = t.instead(GammaGamma, w.Degenerate)
	}
	return b
}

func (t teller) next() section {
	n := t.NextOrders
	var blocks []block
	if n.Due != nil {
		blocks = append(blocks, block{Figures: []figure{
			{t.t("next.soon"), t.p.Number(n.Due.Soon), t.t("next.soon.text", "customers", n.Due.Customers)},
			{t.t("next.overdue"), t.p.Number(n.Due.Overdue), t.t("next.overdue.text")},
			{t.t("next.median"), t.places(n.Due.Median, 0), t.t("next.median.text")},
		}})
	}
	if lack := t.lack(n.Missing); lack != "" {
		blocks = append(blocks, block{Lack: lack})
	}
	if b := n.Backtest; b != nil {
		most := max(b.MAE.GlobalMedian, b.MAE.PersonalMean, b.MAE.PersonalWaited, b.MAE.Conditional, 1e-9)
		told := &table{Label: t.t("next.error"), Head: t.head("next.way", "next.days#")}
		for _, way := range []struct {
			key  string
			days float64
		}{{"conditional", b.MAE.Conditional}, {"personal_waited", b.MAE.PersonalWaited}, {"personal_mean", b.MAE.PersonalMean}, {"global_median", b.MAE.GlobalMedian}} {
			told.Rows = append(told.Rows, row{Mark: way.key == "conditional", Cells: []cell{{Text: t.t("next.way." + way.key)}, bar(way.days/most, t.places(way.days, 1))}})
		}
		blocks = append(blocks, block{Title: t.t("next.error"), Table: told,
			Text: t.t("next.error.text", "customers", b.Customers, "from", t.date(b.Until), "to", t.date(b.To), "covered", t.p.Percent(b.Coverage, 0))})
	}
	return t.section("next", blocks...)
}

func (t teller) pairs() section {
	b := block{Lack: t.lack(t.Pairs.Missing)}
	if len(t.Pairs.Pairs) > 0 {
		b.Text = t.t("pairs.text", "orders", t.Pairs.Orders)
		b.Table = &table{Label: t.t("pairs"), Head: t.head("pairs.first", "pairs.second", "pairs.both#", "pairs.confidence#", "pairs.lift#", "pairs.llr#")}
		for _, p := range t.Pairs.Pairs {
			b.Table.Rows = append(b.Table.Rows, row{Cells: []cell{product(p.First, p.FirstName), product(p.Second, p.SecondName),
				figureCell(t.p.Number(p.Both)), bar(p.Confidence, t.p.Percent(p.Confidence, 0)), figureCell(t.places(p.Lift, 1)), figureCell(t.whole(p.LLR))}})
		}
	}
	return t.section("pairs", b)
}

// product is told by what stands on a label; a hostile name may be a page long.
func product(code, name string) cell {
	if name == "" {
		return cell{Text: short(code)}
	}
	return cell{Text: short(name), More: short(code)}
}

func (t teller) recommendations() section {
	r := t.Recommendations
	if r.Missing != nil {
		return t.section("recommend", block{Lack: t.lack(r.Missing)})
	}
	most := 1e-9
	for _, m := range r.Mean {
		most = max(most, m.New.NDCG)
	}
	means := &table{Label: t.t("recommend.means"), Head: t.head("recommend.way", "recommend.new#", "recommend.new.hit#", "recommend.all#", "recommend.all.hit#")}
	for _, m := range r.Mean {
		name := cell{Text: m.Ranking, More: t.t("recommend.method")}
		if m.Baseline || m.Ranking == Chosen {
			name = cell{Text: t.t("ranking." + m.Ranking), More: t.t("ranking." + m.Ranking + ".about")}
		}
		means.Rows = append(means.Rows, row{Mark: m.Ranking == Chosen, Cells: []cell{name, bar(m.New.NDCG/most, t.places(m.New.NDCG, 4)), figureCell(t.p.Percent(m.New.HitRate, 0)),
			figureCell(t.places(m.All.NDCG, 4)), figureCell(t.p.Percent(m.All.HitRate, 0))}})
	}
	days := &table{Label: t.t("recommend.days"), Head: t.head("recommend.day", "recommend.chosen", "customers#", "recommend.repeats#")}
	for _, c := range r.Cutoffs {
		how := ""
		if !c.Decided {
			how = t.t("recommend.undecided")
		}
		days.Rows = append(days.Rows, row{Cells: []cell{{Text: t.date(c.Cutoff)}, {Text: c.Method, More: how}, figureCell(t.p.Number(c.All.Customers)), figureCell(t.p.Percent(c.All.Repeats, 0))}})
	}
	return t.section("recommend",
		block{Title: t.t("recommend.means"), Text: t.t("recommend.means.text", "days", int(r.HorizonDays), "depth", r.Depth, "cutoffs", len(r.Cutoffs)), Table: means},
		block{Title: t.t("recommend.days"), Table: days})
}
