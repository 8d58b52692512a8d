package bench

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// Report is what a run found. Its JSON keys are stable.
type Report struct {
	Server          string    `json:"server"` // as the database server calls its version
	CPUs            int       `json:"cpus"`
	Profiles        int       `json:"profiles"`
	Messages        int       `json:"messages"`
	GenerateSeconds float64   `json:"generate_seconds"`
	Seconds         float64   `json:"seconds"` // in all
	Measures        []Measure `json:"measures"`
	Databases       []string  `json:"databases"` // on the server; dropped at the end unless kept
	Kept            bool      `json:"kept"`
}

// Measure is one figure of Kupec's, and where there is one that of something to compare it with.
type Measure struct {
	Part  string  `json:"part"`
	Name  string  `json:"name"`
	Unit  string  `json:"unit"`
	Kupec float64 `json:"kupec"`
	// Against says what the comparison is; empty when there is none.
	Against    string  `json:"against,omitempty"`
	Comparison float64 `json:"comparison,omitempty"`
	// Ratio is Kupec's figure over the comparison's. 1 is as fast; Better says which side of 1 is.
	Ratio    float64        `json:"ratio,omitempty"`
	Better   string         `json:"better"` // "higher" or "lower"
	Settings map[string]any `json:"settings,omitempty"`
}

// What is better, by unit.
const (
	higher = "higher"
	lower  = "lower"
)

func (b *bench) add(m Measure) {
	m.Kupec, m.Comparison = round(m.Kupec), round(m.Comparison)
	if m.Against != "" && m.Comparison > 0 {
		m.Ratio = round(m.Kupec / m.Comparison)
	}
	for k, v := range m.Settings {
		if f, ok := v.(float64); ok {
			m.Settings[k] = round(f)
		}
	}
	b.report.Measures = append(b.report.Measures, m)
}

// round keeps four digits: more would pretend.
func round(f float64) float64 {
	if f == 0 || math.IsNaN(f) || math.IsInf(f, 0) {
		return 0
	}
	scale := math.Pow(10, 3-math.Floor(math.Log10(math.Abs(f))))
	if scale <= 1 {
		return math.Round(f)
	}
	return math.Round(f*scale) / scale
}

func perSecond(n int64, d time.Duration) float64 { return float64(n) / max(d.Seconds(), 1e-9) }

func millis(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// Print writes the report as a table for people.
func (r Report) Print(w io.Writer) error {
	fmt.Fprintf(w, "%d profiles, %d messages, %d processors, server %s\n", r.Profiles, r.Messages, r.CPUs, r.Server)
	fmt.Fprintf(w, "The shop was made in %s; all of it took %s.\n", seconds(r.GenerateSeconds), seconds(r.Seconds))
	part := ""
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, m := range r.Measures {
		if m.Part != part {
			part = m.Part
			if err := t.Flush(); err != nil { // each part has columns of its own width
				return err
			}
			fmt.Fprintf(t, "\n%s\tKupec\t\tbeside\tratio\t\n", part)
		}
		beside, ratio := "", ""
		if m.Against != "" {
			beside = number(m.Comparison) + " " + m.Against
			ratio = fmt.Sprintf("%.2f (%s is better)", m.Ratio, m.Better)
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\t%s\t%s\n", m.Name, number(m.Kupec), m.Unit, beside, ratio, settings(m.Settings))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if r.Kept {
		fmt.Fprintf(w, "Kept: the databases %s\n", strings.Join(r.Databases, " and "))
	}
	return nil
}

func settings(s map[string]any) string {
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(s)) {
		v := fmt.Sprint(s[k])
		if f, ok := s[k].(float64); ok {
			v = number(f)
		}
		parts = append(parts, strings.ReplaceAll(k, "_", " ")+" "+v)
	}
	return strings.Join(parts, ", ")
}

func number(f float64) string {
	switch {
	case math.Abs(f) >= 1000 || f == math.Trunc(f):
		return fmt.Sprintf("%.0f", f)
	case math.Abs(f) >= 10:
		return fmt.Sprintf("%.1f", f)
	}
	return fmt.Sprintf("%.3g", f)
}

func seconds(f float64) string {
	return (time.Duration(f*1000) * time.Millisecond).Round(100 * time.Millisecond).String()
}
