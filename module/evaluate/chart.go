package evaluate

import (
	"math"
	"strconv"
	"strings"
)

// chart is a drawing in per cent of its plot, so that its text keeps its size at any width.
type chart struct {
	Label  string // what it shows, for those who hear it
	Ticks  []mark
	Places []mark
	Bars   []rect
	Lines  []stroke
	Legend []legend
	Table  table
}

type mark struct {
	At, Text string
	Minor    bool // left out on a phone
}

type rect struct{ Class, X, Y, Width, Height, Tip string }

type stroke struct {
	Class, Path string
	Dash        bool
	Points      []point
}

type point struct{ X, Y, Tip string }

type legend struct{ Class, Name string }

// series is a row of numbers over a chart's places.
type series struct {
	Name, Class string
	Values      []float64
	Dash        bool
}

// plot is what is to be drawn.
type plot struct {
	Label, PlaceName string
	Places           []string
	Series           []series
	Value            func(float64) string // in tips and in the table
	Tick             func(float64) string // on the axis
	Whole            bool                 // there is nothing between two whole numbers
}

// bars stacks series on one another.
func (p plot) bars() *chart {
	most := 0.0
	for i := range p.Places {
		sum := 0.0
		for _, s := range p.Series {
			sum += s.Values[i]
		}
		most = max(most, sum)
	}
	c, top := p.begin(most)
	step := 100 / float64(len(p.Places))
	for i, place := range p.Places {
		from := 0.0
		for _, s := range p.Series {
			height := 100 * s.Values[i] / top
			if height > 0 {
				c.Bars = append(c.Bars, rect{s.Class, percent((float64(i) + .19) * step), percent(100 - from - height), percent(.62 * step), percent(height),
					place + ": " + s.Name + " " + p.Value(s.Values[i])})
			}
			from += height
		}
	}
	p.name(c, func(i int) float64 { return (float64(i) + .5) * step })
	return c
}

// lines draws each series as a line.
func (p plot) lines() *chart {
	most := 0.0
	for _, s := range p.Series {
		for _, v := range s.Values {
			most = max(most, v)
		}
	}
	c, top := p.begin(most)
	step := 100 / float64(len(p.Places))
	at := func(i int) float64 { return (float64(i) + .5) * step }
	for _, s := range p.Series {
		l := stroke{Class: s.Class, Dash: s.Dash}
		var path strings.Builder
		for i, v := range s.Values {
			x, y := percent(at(i)), percent(100-100*v/top)
			path.WriteString(map[bool]string{true: "M", false: "L"}[i == 0] + x + " " + y)
			l.Points = append(l.Points, point{x, y, p.Places[i] + ": " + s.Name + " " + p.Value(v)})
		}
		l.Path = path.String()
		c.Lines = append(c.Lines, l)
	}
	p.name(c, at)
	return c
}

// begin makes the axis, whose top is a round number, the legend, and the same numbers as a table.
func (p plot) begin(most float64) (c *chart, top float64) {
	step := roundStep(most)
	if p.Whole {
		step = math.Max(1, step)
	}
	top = step * math.Max(1, math.Ceil(most/step))
	c = &chart{Label: p.Label, Table: table{Label: p.Label, Head: []cell{{Text: p.PlaceName}}}}
	for value := 0.0; value <= top+step/2; value += step {
		c.Ticks = append(c.Ticks, mark{At: percent(100 - 100*value/top), Text: p.Tick(value)})
	}
	for _, s := range p.Series {
		c.Table.Head = append(c.Table.Head, cell{Text: s.Name, Number: true})
		if len(p.Series) > 1 {
			c.Legend = append(c.Legend, legend{s.Class, s.Name})
		}
	}
	for i, place := range p.Places {
		r := row{Cells: texts(place)}
		for _, s := range p.Series {
			r.Cells = append(r.Cells, figureCell(p.Value(s.Values[i])))
		}
		c.Table.Rows = append(c.Table.Rows, r)
	}
	return c, top
}

// name writes some places under the axis, at equal distances.
func (p plot) name(c *chart, at func(int) float64) {
	every := max(1, (len(p.Places)+3)/7)
	for i, shown := 0, 0; i < len(p.Places); i, shown = i+every, shown+1 {
		c.Places = append(c.Places, mark{percent(at(i)), p.Places[i], shown%2 == 1})
	}
}

// roundStep is a round number that goes into the most about four times.
func roundStep(most float64) float64 {
	if !(most > 0) {
		return 1
	}
	raw := most / 4
	magnitude := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, times := range []float64{1, 2, 5} {
		if times*magnitude >= raw {
			return times * magnitude
		}
	}
	return 10 * magnitude
}

// percent writes a number as SVG wants it, with two places at most.
func percent(f float64) string { return strconv.FormatFloat(math.Round(f*100)/100, 'f', -1, 64) }
