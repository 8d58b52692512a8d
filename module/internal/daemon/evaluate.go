package daemon

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/kupec/kupec/module/evaluate"
	"github.com/kupec/kupec/module/sheet"
)

type evaluateCommand struct {
	Report    evaluateReportCommand    `cmd:"" default:"withargs" help:"All of it: write a page on customers, what is to come, next orders, pairs and recommendations. This is what is done where no other is named."`
	Fit       evaluateFitCommand       `cmd:"" help:"Fit a model of purchases to come, or of their worth, and say how it does on the time after."`
	RFM       evaluateRFMCommand       `cmd:"" name:"rfm" help:"Rank customers by recency, frequency and money, and count them by cell."`
	NextOrder evaluateNextOrderCommand `cmd:"" name:"next-order" help:"How many days off the dates of next orders are told."`
	Recommend evaluateRecommendCommand `cmd:"" help:"How well what people bought next is told, by each method and by the baselines."`
}

// exportFlags say which file is read, and how.
type exportFlags struct {
	File      string            `arg:"" help:"The order export, a line for each product of an order: .csv, .csv.gz or .xlsx."`
	Map       map[string]string `placeholder:"COLUMN=FIELD" help:"What a column tells, by its head: customer, order, date, product, quantity, price, category, name, currency, email. Default: guessed."`
	Dates     string            `default:"dmy" enum:"dmy,mdy" help:"Which comes first in dates with slashes: dmy, mdy."`
	Zone      string            `default:"UTC" help:"The shop's time zone, for dates that name another."`
	Currency  string            `placeholder:"EUR" help:"Take only lines in this currency."`
	Products  string            `placeholder:"REGEXP" help:"Take only lines whose product matches, in capitals."`
	Paid      bool              `help:"Take only lines with a price."`
	SkipBad   bool              `help:"Leave out lines that cannot be read. Default: the first one ends it."`
	Encoding  string            `help:"Of a .csv file. Default: found out."`
	Delimiter string            `help:"Of a .csv file. Default: found out."`
	Sheet     string            `help:"Of an .xlsx file. Default: the first."`
	JSON      bool              `name:"json" help:"Print JSON."`
}

// read reads the file, and says on the terminal what it left out.
func (f *exportFlags) read(ctx context.Context, t *terminal) (*evaluate.Orders, error) {
	opt := evaluate.Options{Columns: map[string]evaluate.Field{}, Dates: sheet.Order(f.Dates), Currency: f.Currency, Paid: f.Paid, SkipBad: f.SkipBad,
		Table: sheet.Options{Encoding: f.Encoding, Sheet: f.Sheet}}
	for column, field := range f.Map {
		opt.Columns[column] = evaluate.Field(field)
	}
	var err error
	if opt.Zone, err = time.LoadLocation(f.Zone); err != nil {
		return nil, fmt.Errorf("--zone: %w", err)
	}
	if f.Products != "" {
		if opt.Products, err = regexp.Compile(f.Products); err != nil {
			return nil, fmt.Errorf("--products: %w", err)
		}
	}
	if f.Delimiter != "" {
		opt.Table.Delimiter = []rune(strings.ReplaceAll(f.Delimiter, `\t`, "\t"))[0]
	}
	bar := t.progress()
	opt.Progress = func(done, total int64) { bar.show("reading", done, total) }
	orders, err := evaluate.Read(ctx, f.File, opt)
	bar.end()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.File, err)
	}
	for _, reason := range slices.Sorted(maps.Keys(orders.Left)) {
		fmt.Fprintf(t.err, "left out, %s: %d lines\n", reason, orders.Left[reason])
	}
	if orders.FirstBad != nil {
		fmt.Fprintf(t.err, "the first that cannot be read: %v\n", orders.FirstBad)
	}
	if orders.Lines.Len() == 0 {
		return nil, fmt.Errorf("%s: no line tells a purchase", f.File)
	}
	return orders, nil
}

// warn says that a file ends before the time that is looked at.
func warn(t *terminal, orders *evaluate.Orders, to day) {
	if _, last := orders.Span(); int32(to) > last {
		fmt.Fprintf(t.err, "the file ends on %s: what came later does not count as having come\n", evaluate.Date(last).Format(time.DateOnly))
	}
}

// day is a date that a flag gives, as [evaluate.DayOf] counts; 0 where none was given.
type day int32

// UnmarshalText reads a date.
func (d *day) UnmarshalText(text []byte) error {
	at, err := time.Parse(time.DateOnly, string(text))
	if err != nil {
		return fmt.Errorf("%q is not a date like 2024-03-01", text)
	}
	*d = day(evaluate.DayOf(at))
	return nil
}

type evaluateFitCommand struct {
	exportFlags
	Model   string `required:"" enum:"bgnbd,mbgnbd,paretonbd,nbd,gammagamma" help:"bgnbd, mbgnbd, paretonbd, nbd or gammagamma."`
	Until   day    `required:"" placeholder:"DATE" help:"The last day that the model sees."`
	Predict day    `placeholder:"DATE" help:"Compare what the model expects up to this day with what came."`
	Unit    string `default:"week" enum:"day,week" help:"The unit of time that parameters are in: day, week."`
}

// Run fits.
func (c *evaluateFitCommand) Run(ctx context.Context, t *terminal) error {
	orders, err := c.read(ctx, t)
	if err != nil {
		return err
	}
	warn(t, orders, c.Predict)
	fit, err := orders.FitModel(evaluate.Question{Model: c.Model, Unit: evaluate.Units[c.Unit], Until: int32(c.Until), Predict: int32(c.Predict)})
	if err != nil {
		return err
	}
	if c.JSON {
		return t.json(fit)
	}
	if fit.Degenerate != nil {
		t.printf("These data do not bear %s (%s); in its place stands %s.\n", fit.Degenerate.Asked, fit.Degenerate.Reason, fit.Degenerate.Instead)
	}
	t.printf("%s, %d customers, %d of whom bought again, log-likelihood %.3f\n", fit.Model, fit.Customers, fit.Repeaters, fit.LogLikelihood)
	for _, name := range slices.Sorted(maps.Keys(fit.Params)) {
		t.printf("  %-6s %12.5f\n", name, fit.Params[name])
	}
	if p := fit.Prediction; p != nil {
		t.printf("Up to %s %.0f purchase days were expected, and %.0f came. A customer's mean error is %.3f; the chance that a buyer is told from the others is %.3f.\n",
			evaluate.Date(int32(c.Predict)).Format(time.DateOnly), p.ExpectedTotal, p.ActualTotal, p.MAE, p.AUC)
	}
	return nil
}

type evaluateRFMCommand struct {
	exportFlags
	At     day    `required:"" placeholder:"DATE" help:"The day at whose end customers are ranked."`
	Method string `default:"independent" enum:"independent,nested" help:"independent: fifths of all customers by each; nested: fifths within fifths."`
}

// Run ranks.
func (c *evaluateRFMCommand) Run(ctx context.Context, t *terminal) error {
	orders, err := c.read(ctx, t)
	if err != nil {
		return err
	}
	ranking, err := orders.Rank(int32(c.At), c.Method)
	if err != nil {
		return err
	}
	if c.JSON {
		return t.json(ranking)
	}
	t.printf("%d customers in %d cells; recency, frequency and money from 5, the best, to 1\n", ranking.Customers, len(ranking.Cells))
	for _, cell := range slices.Backward(slices.Sorted(maps.Keys(ranking.Cells))) {
		t.printf("  %s %8d\n", cell, ranking.Cells[cell])
	}
	return nil
}

type evaluateNextOrderCommand struct {
	exportFlags
	Until day `required:"" placeholder:"DATE" help:"The last day that is known when the dates are told."`
	To    day `required:"" placeholder:"DATE" help:"The last day on which an order counts as the next one."`
}

// Run tells next orders and compares.
func (c *evaluateNextOrderCommand) Run(ctx context.Context, t *terminal) error {
	orders, err := c.read(ctx, t)
	if err != nil {
		return err
	}
	warn(t, orders, c.To)
	next, err := orders.NextOrders(int32(c.Until), int32(c.To))
	if err != nil {
		return err
	}
	if c.JSON {
		return t.json(next)
	}
	t.printf("Mean error in days of the next order's date, of %d customers who had bought on three days and bought again:\n", next.Customers)
	t.printf("  %6.1f  after the median of all gaps\n", next.MAE.GlobalMedian)
	t.printf("  %6.1f  after the mean of one's own gaps\n", next.MAE.PersonalMean)
	t.printf("  %6.1f  likewise, but not in the past\n", next.MAE.PersonalWaited)
	t.printf("  %6.1f  Kupec's, by one's own gaps and the time already waited\n", next.MAE.Conditional)
	t.printf("Kupec's interval for half of them held %.0f of 100.\n", 100*next.Coverage)
	return nil
}
