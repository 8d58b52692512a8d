package admin

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// chart is a drawing in per cent of its plot, so that its text keeps its size at any width. The partial "chart" draws it.
type chart struct {
	Class  string // chart--low, chart--strip, chart--flush
	Label  string // what it finds, for those who hear it
	Ticks  []chartTick
	Labels []chartLabel
	Base   string // where 0 is
	Lines  []chartLine
	Points []chartPoint
	Band   *chartBand
	Table  chartTable
}

type chartTick struct{ Y, Text string }

type chartLabel struct {
	X, Text string
	Minor   bool // left out where there is little room
	Anchor  string
}

type chartLine struct {
	Class      string // c-1 …
	Path, Area string // Area is "" for a line alone
	Dash       bool
}

// chartPoint is a place whose value shows on hover and focus, with the bars that stand there.
type chartPoint struct {
	X, Y, HitX, HitWidth string
	Mark, Last           bool
	Tip, Anchor          string
	Bars                 []chartBar
}

type chartBar struct{ Class, X, Width, Y, Height string }

type chartBand struct{ X, Width string }

// chartTable is the same numbers as a table; the first cell of a row is its head.
type chartTable struct {
	Head []string
	Rows [][]string
}

// series is one row of numbers over a chart's places.
type series struct {
	Name   string
	Class  string // c-1 …
	Values []float64
	Dash   bool // the past
	Area   bool
}

// plot is what the drawing functions need to know.
type plot struct {
	Class, Label string
	Places       []string // on the axis and as heads of the table's rows
	Heads        []string // heads of the table's rows, where they differ from Places
	Every        int      // every how many places one is named; default: so that about five are
	Series       []series
	Value        func(float64) string // in tips and the table
	Tick         func(float64) string // on the axis; default: Value
	PlaceName    string               // head of the table's first column
}

// lineChart draws series as lines, the first with its values on hover.
func lineChart(p plot) *chart {
	c, scale := p.begin()
	if c == nil {
		return nil
	}
	n := len(p.Places)
	at := func(i int) float64 {
		if n == 1 {
			return 50
		}
		return float64(i) * 100 / float64(n-1)
	}
	for _, s := range p.Series {
		line := chartLine{Class: s.Class, Dash: s.Dash}
		var path strings.Builder
		for i, value := range s.Values {
			path.WriteString(map[bool]string{true: "M", false: "L"}[i == 0])
			path.WriteString(percent(at(i)) + " " + percent(scale.y(value)))
		}
		line.Path = path.String()
		if s.Area && len(s.Values) > 1 {
			line.Area = line.Path + "L" + percent(at(len(s.Values)-1)) + " " + c.Base + "L0 " + c.Base + "Z"
		}
		c.Lines = append([]chartLine{line}, c.Lines...) // the first series lies on top
	}
	width := 100 / float64(max(1, n-1))
	for i := range n {
		c.Points = append(c.Points, chartPoint{
			X: percent(at(i)), Y: percent(scale.y(p.Series[0].Values[i])), HitX: percent(at(i) - width/2), HitWidth: percent(width),
			Mark: true, Last: i == n-1, Tip: p.tip(i), Anchor: anchor(at(i)),
		})
	}
	p.name(c, at)
	return c
}

// barChart draws series as bars on one another; negative values hang below the line of 0.
func barChart(p plot) *chart {
	c, scale := p.begin()
	if c == nil {
		return nil
	}
	n := len(p.Places)
	step := 100 / float64(n)
	at := func(i int) float64 { return (float64(i) + 0.5) * step }
	for i := range n {
		point := chartPoint{X: percent(at(i)), HitX: percent(float64(i) * step), HitWidth: percent(step), Last: i == n-1, Tip: p.tip(i), Anchor: anchor(at(i))}
		up, down := 0.0, 0.0
		for _, s := range p.Series {
			from, to := up, up+s.Values[i]
			if s.Values[i] < 0 {
				from, to = down+s.Values[i], down
				down = from
			} else {
				up = to
			}
			if from != to {
				point.Bars = append(point.Bars, chartBar{s.Class, percent(at(i) - step*0.31), percent(step * 0.62), percent(scale.y(to)), percent(scale.y(from) - scale.y(to))})
			}
		}
		c.Points = append(c.Points, point)
	}
	p.name(c, at)
	return c
}

// begin makes the chart's scale, axis and table; nil where there is nothing to draw.
func (p plot) begin() (*chart, scale) {
	if len(p.Places) == 0 || len(p.Series) == 0 {
		return nil, scale{}
	}
	low, high := 0.0, 0.0
	for i := range p.Places {
		up, down := 0.0, 0.0
		for _, s := range p.Series {
			if i < len(s.Values) {
				high, low = max(high, s.Values[i]), min(low, s.Values[i])
				up, down = up+max(0, s.Values[i]), down+min(0, s.Values[i])
			}
		}
		if p.stacked() {
			high, low = max(high, up), min(low, down)
		}
	}
	sc := newScale(low, high)
	tick := p.Tick
	if tick == nil {
		tick = p.Value
	}
	c := &chart{Class: p.Class, Label: p.Label, Base: percent(sc.y(0))}
	for _, value := range sc.ticks() {
		c.Ticks = append(c.Ticks, chartTick{percent(sc.y(value)), tick(value)})
	}
	c.Table.Head = []string{p.PlaceName}
	for _, s := range p.Series {
		c.Table.Head = append(c.Table.Head, s.Name)
	}
	for i, place := range p.heads() {
		row := []string{place}
		for _, s := range p.Series {
			row = append(row, p.Value(s.Values[i]))
		}
		c.Table.Rows = append(c.Table.Rows, row)
	}
	return c, sc
}

func (p plot) stacked() bool { return len(p.Series) > 1 && !p.Series[0].Area }

func (p plot) heads() []string {
	if p.Heads != nil {
		return p.Heads
	}
	return p.Places
}

func (p plot) tip(i int) string {
	parts := []string{p.heads()[i] + ": " + p.Value(p.Series[0].Values[i])}
	for _, s := range p.Series[1:] {
		parts = append(parts, s.Name+": "+p.Value(s.Values[i]))
	}
	return strings.Join(parts, " · ")
}

// name writes places under the axis: the first, the last, and some between at equal distances.
func (p plot) name(c *chart, at func(int) float64) {
	n := len(p.Places)
	every := p.Every
	if every == 0 {
		every = max(1, (n+3)/5)
	}
	for i, shown := 0, 0; i < n; i, shown = i+every, shown+1 {
		c.Labels = append(c.Labels, chartLabel{percent(at(i)), p.Places[i], shown%2 == 1, "middle"})
	}
}

// scale maps values to the plot: round numbers at its ends, 0 among them.
type scale struct{ low, high, step float64 }

func newScale(low, high float64) scale {
	if high-low == 0 {
		high = low + 1
	}
	const ticks = 4
	raw := (high - low) / ticks
	magnitude := math.Pow(10, math.Floor(math.Log10(raw)))
	step := 10 * magnitude
	for _, round := range []float64{1, 2, 2.5, 5} {
		if round*magnitude >= raw && (round != 2.5 || magnitude >= 10) {
			step = round * magnitude
			break
		}
	}
	return scale{math.Floor(low/step) * step, math.Ceil(high/step) * step, step}
}

func (s scale) y(value float64) float64 { return 100 - (value-s.low)*100/(s.high-s.low) }

func (s scale) ticks() []float64 {
	var all []float64
	for value := s.low; value <= s.high+s.step/2; value += s.step {
		all = append(all, math.Round(value/s.step)*s.step)
	}
	return all
}

// percent writes a number as CSS and SVG want it, with two places at most.
func percent(f float64) string {
	return strconv.FormatFloat(math.Round(f*100)/100, 'f', -1, 64)
}

// anchor keeps a tip inside the plot.
func anchor(x float64) string {
	switch {
	case x < 20:
		return "start"
	case x > 80:
		return "end"
	}
	return "middle"
}

// strip draws single moments on a line of time as bars as high as their value.
type moment struct {
	At    time.Time
	Value float64
	Tip   string
}

// stripChart shows moments in order, oldest first. Months names the axis; label is what it finds.
func stripChart(label string, moments []moment, until time.Time, month func(time.Time) string, table chartTable) *chart {
	if len(moments) == 0 {
		return nil
	}
	c := &chart{Class: "chart--low chart--flush chart--strip", Label: label, Base: "100", Table: table}
	from, high := moments[0].At, 0.0
	for _, m := range moments {
		high = max(high, m.Value)
	}
	span := until.Sub(from)
	if span < 30*24*time.Hour { // a first order yesterday should not fill the line
		from, span = until.Add(-30*24*time.Hour), 30*24*time.Hour
	}
	at := func(t time.Time) float64 { return 2 + float64(t.Sub(from))*96/float64(span) }
	for i, m := range moments {
		height := 100.0
		if high > 0 {
			height = max(4, m.Value*90/high)
		}
		x := at(m.At)
		c.Points = append(c.Points, chartPoint{
			X: percent(x), HitX: percent(x - 2), HitWidth: "4", Tip: m.Tip, Anchor: anchor(x), Last: i == len(moments)-1,
			Bars: []chartBar{{"c-1", percent(x - 0.5), "1", percent(100 - height), percent(height)}},
		})
	}
	first := time.Date(from.Year(), from.Month(), 1, 0, 0, 0, 0, from.Location()).AddDate(0, 1, 0)
	months := int(span.Hours()/24/30) + 1
	every := max(1, (months+5)/6)
	for i, t := 0, first; t.Before(until); i, t = i+1, t.AddDate(0, every, 0) {
		label := chartLabel{percent(at(t)), month(t), i%2 == 1, "middle"}
		if at(t) > 92 {
			label.Anchor = "end"
		}
		c.Labels = append(c.Labels, label)
	}
	return c
}
