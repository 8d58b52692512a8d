package evaluate

import (
	"context"
	"errors"

	"github.com/kupec/kupec/module/predict"
)

// Report is what an export tells of a shop and its customers. Its keys are relied on by others. Amounts are in the file's
// currency; they are left out where no column tells prices.
type Report struct {
	File            Source          `json:"file"`
	Sales           Sales           `json:"sales"`
	RFM             RFM             `json:"rfm"`
	Cohorts         Cohorts         `json:"cohorts"`
	Outlook         Outlook         `json:"outlook"`
	NextOrders      NextReport      `json:"next_orders"`
	Pairs           Pairs           `json:"pairs"`
	Recommendations Recommendations `json:"recommendations"`
}

// Step is a part of the work on a report, for those who wait.
type Step string

// The steps, in their order.
const (
	StepCounting Step = "counting"
	StepFitting  Step = "fitting"
	StepPairing  Step = "pairing"
	StepTrying   Step = "trying"
)

// Reporting is how to make a report.
type Reporting struct {
	Name     string // of the file, as the report says it
	Workers  int
	Progress func(step Step, share float64) // may be nil
}

// Missing says what an export lacks for an answer.
type Missing struct {
	What  string `json:"what"`            // a predict.Lack, MissingColumn or MissingPairs
	Field Field  `json:"field,omitempty"` // that no column tells
	Has   int    `json:"has"`
	Needs int    `json:"needs"`
}

// What an export can lack, beside what predict names.
const (
	MissingColumn = "column"
	MissingPairs  = "pairs" // products that are in the same order three times, and more often than by chance
)

// lacking tells what is missing from what went wrong; other errors it gives back.
func lacking(err error) (*Missing, error) {
	var few *predict.TooFewError
	var need *NeedError
	switch {
	case errors.As(err, &few):
		return &Missing{What: string(few.Lack), Has: few.Has, Needs: few.Needs}, nil
	case errors.As(err, &need):
		return &Missing{What: MissingColumn, Field: need.Field}, nil
	}
	return nil, err
}

// Report tells everything there is to tell. What the export does not bear is not told, and what is missing for it is
// ([Missing]). There must be a line. Errors are predict's and the context's.
func (o *Orders) Report(ctx context.Context, by Reporting) (Report, error) {
	tell := func(s Step, share float64) {
		if by.Progress != nil {
			by.Progress(s, share)
		}
	}
	first, last := o.Span()
	r := Report{File: o.source(by.Name, first, last)}
	tell(StepCounting, 0)
	r.Sales, r.Cohorts = o.sales()
	visits := o.Visits()
	var err error
	for _, part := range []struct {
		step  Step
		share float64
		do    func() error
	}{
		{StepCounting, .7, func() error { r.RFM, err = o.rfm(visits, last); return err }},
		{StepFitting, 0, func() error { r.Outlook, err = o.outlook(visits, last); return err }},
		{StepFitting, .9, func() error { r.NextOrders, err = o.nextReport(visits, first, last); return err }},
		{StepPairing, 0, func() error {
			r.Pairs, err = o.pairs(ctx, last, by.Workers, func(share float64) { tell(StepPairing, share) })
			return err
		}},
		{StepTrying, 0, func() error {
			r.Recommendations, err = o.recommendations(ctx, first, last, by.Workers, func(share float64) { tell(StepTrying, share) })
			return err
		}},
	} {
		if err := ctx.Err(); err != nil {
			return Report{}, err
		}
		tell(part.step, part.share)
		if err := part.do(); err != nil {
			return Report{}, err
		}
	}
	return r, nil
}

func (o *Orders) priced() bool { return o.Columns[Price] != "" }
