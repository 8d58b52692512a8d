package daemon

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/report"
)

type reportCommand struct {
	Sales       salesReport    `cmd:"" help:"Orders and revenue over time, of new and of returning customers."`
	Cohorts     cohortReport   `cmd:"" help:"Who comes back, and what they are worth, by the month of the first order."`
	Products    productReport  `cmd:"" help:"What each product brought, how often it is bought again, and whether its first-time buyers come back."`
	Categories  categoryReport `cmd:"" help:"What the categories brought."`
	Countries   countryReport  `cmd:"" help:"Where orders went."`
	Discounts   discountReport `cmd:"" help:"How much is sold with a discount or a coupon."`
	SecondOrder secondReport   `cmd:"" name:"second-order" help:"How long people take to their second order."`
}

// reportFlags are what every report takes.
type reportFlags struct {
	From     string `placeholder:"DATE" help:"The first day, as 2026-01-31. Default: from the beginning."`
	To       string `placeholder:"DATE" help:"The last day. Default: until now."`
	Shop     string `placeholder:"NAME" help:"Of one shop. Default: of all."`
	Currency string `placeholder:"CODE" help:"In one currency. Default: each by itself."`
	Segment  string `placeholder:"FILE" help:"Only of the people whom this condition tree selects; - for standard input."`
	JSON     bool   `name:"json" help:"Print JSON."`
}

// reading is an opened CRM whose reports are up to date, and what is asked of them.
type reading struct {
	*world
	query      report.Query
	currencies []string
}

// open brings the reports up to date, and makes them where there are none yet.
func (f reportFlags) open(ctx context.Context, s *Settings, t *terminal) (*reading, error) {
	frame, err := f.frame()
	if err != nil {
		return nil, err
	}
	w, err := s.open(ctx, t, false)
	if err != nil {
		return nil, err
	}
	r := &reading{world: w, query: report.Query{Frame: frame}}
	if err := r.prepare(ctx, f, t); err != nil {
		w.close()
		return nil, err
	}
	return r, nil
}

func (f reportFlags) frame() (frame report.Frame, err error) {
	for _, flag := range []struct {
		name, text string
		day        *time.Time
	}{{"--from", f.From, &frame.From}, {"--to", f.To, &frame.To}} {
		if flag.text == "" {
			continue
		}
		if *flag.day, err = time.Parse(time.DateOnly, flag.text); err != nil {
			return frame, fmt.Errorf("%s %q is no day: write it as 2026-01-31", flag.name, flag.text)
		}
	}
	if !frame.From.IsZero() && !frame.To.IsZero() && frame.To.Before(frame.From) {
		return frame, fmt.Errorf("--to %s lies before --from %s", f.To, f.From)
	}
	return frame, nil
}

func (r *reading) prepare(ctx context.Context, f reportFlags, t *terminal) error {
	state, err := r.Reports.State(ctx)
	if err != nil {
		return err
	}
	if state.Ready {
		err = r.Reports.Catchup(ctx)
	} else {
		bar := t.progress()
		_, err = r.Reports.Check(ctx, func(done, total int64) { bar.show("reports", done, total) })
		bar.end()
	}
	if err != nil {
		return err
	}
	if f.Shop != "" {
		if r.query.ShopID, err = r.shop(ctx, f.Shop); err != nil {
			return err
		}
	}
	if f.Segment != "" {
		raw, err := readFile(f.Segment, 1<<20)
		if err != nil {
			return err
		}
		tree, err := r.Segments.Parse(raw)
		if err != nil {
			return fmt.Errorf("%s: %w", f.Segment, err)
		}
		r.query.People = &tree
	}
	if r.currencies, err = r.Reports.Currencies(asCLI(ctx), r.query.ShopID); err != nil {
		return err
	}
	if f.Currency == "" {
		return nil
	}
	code := strings.ToUpper(f.Currency)
	if !slices.Contains(r.currencies, code) {
		return fmt.Errorf("--currency %q: nothing was sold in it, but in %s", f.Currency, strings.Join(r.currencies, ", "))
	}
	r.currencies = []string{code}
	return nil
}

func (r *reading) shop(ctx context.Context, name string) (int64, error) {
	shops, err := r.Intake.Shops(ctx)
	if err != nil {
		return 0, err
	}
	var names []string
	for _, shop := range shops {
		if shop.Name == name {
			return shop.ID, nil
		}
		names = append(names, shop.Name)
	}
	return 0, fmt.Errorf("there is no shop %q; there is %s", name, strings.Join(names, ", "))
}

// printed is what `kupec report --json` prints. Its keys are relied on by others.
type printed struct {
	Report     string            `json:"report"`
	From       *string           `json:"from"` // null: from the beginning
	To         *string           `json:"to"`   // null: until now
	Currencies []printedCurrency `json:"currencies"`
}

type printedCurrency struct {
	Currency string           `json:"currency"`
	Total    map[string]any   `json:"total"`
	Rows     []map[string]any `json:"rows"`
}

// column is a column of a printed table: a key of the rows.
type column struct{ head, key string }

// told is one currency's part of a report.
type told func(ctx context.Context, q report.Query) (total map[string]any, rows []map[string]any, err error)

// tell prints a report, currency by currency.
func (f reportFlags) tell(ctx context.Context, s *Settings, t *terminal, name string, columns []column, each func(*reading) told) error {
	r, err := f.open(ctx, s, t)
	if err != nil {
		return err
	}
	defer r.close()
	ctx = asCLI(ctx)
	out := printed{Report: name, Currencies: []printedCurrency{}}
	for text, at := range map[*string]**string{&f.From: &out.From, &f.To: &out.To} {
		if *text != "" {
			*at = text
		}
	}
	for _, currency := range r.currencies {
		q := r.query
		q.Currency = currency
		total, rows, err := each(r)(ctx, q)
		if err != nil {
			return err
		}
		out.Currencies = append(out.Currencies, printedCurrency{currency, total, append([]map[string]any{}, rows...)})
	}
	if f.JSON {
		return t.json(out)
	}
	for _, c := range out.Currencies {
		t.printf("%s\n", c.Currency)
		total := maps.Clone(c.Total)
		total[columns[0].key] = "all"
		t.table(columns, append(c.Rows, total))
	}
	return nil
}

// table prints rows under heads, numbers to the right.
func (t *terminal) table(columns []column, rows []map[string]any) {
	lines := [][]string{{}}
	for _, c := range columns {
		lines[0] = append(lines[0], c.head)
	}
	for _, row := range rows {
		var line []string
		for _, c := range columns {
			text := ""
			if v := row[c.key]; v != nil {
				text = fmt.Sprint(v)
			}
			line = append(line, text)
		}
		lines = append(lines, line)
	}
	width := make([]int, len(columns))
	for _, line := range lines {
		for i, cell := range line {
			width[i] = max(width[i], len([]rune(cell)))
		}
	}
	for _, line := range lines {
		for i, cell := range line {
			pad := strings.Repeat(" ", width[i]-len([]rune(cell)))
			if i == 0 {
				t.printf("  %s%s", cell, pad)
			} else {
				t.printf("  %s%s", pad, cell)
			}
		}
		t.printf("\n")
	}
}

func text(amount decimal.Decimal, currency string) string { return money.New(amount, currency).Text() }

// rate is a part of a whole with four places, null where there is no whole.
func rate(part, whole int64) any {
	if whole == 0 {
		return nil
	}
	return decimal.NewFromInt(part).DivRound(decimal.NewFromInt(whole), 4).StringFixed(4)
}

// dateOf is a date, null for none.
func dateOf(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.Format(time.DateOnly)
}
