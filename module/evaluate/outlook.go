package evaluate

import (
	"time"

	"github.com/kupec/kupec/module/predict"
)

// Outlook is how many purchase days are to come, what they are worth, and who is likely lost.
type Outlook struct {
	Missing     *Missing            `json:"missing,omitempty"`
	Model       string              `json:"model,omitempty"` // the one that told the held-out days best
	Params      map[string]float64  `json:"params,omitempty"`
	Degenerate  *predict.Degenerate `json:"degenerate,omitempty"`
	HeldFrom    string              `json:"held_out_from,omitempty"`
	HeldUntil   string              `json:"held_out_until,omitempty"`
	Candidates  []TriedModel        `json:"candidates,omitempty"`
	Calibration []Calibrated        `json:"calibration,omitempty"` // of the best, in the held-out days
	Spans       []Span              `json:"spans,omitempty"`
	Lost        *Lost               `json:"likely_lost,omitempty"`
	Worth       Worth               `json:"worth"`
}

// TriedModel is how a model, fitted on what came before, told the held-out days.
type TriedModel struct {
	Model      string              `json:"model"`
	Deviance   float64             `json:"deviance"` // mean Poisson deviance: the least is chosen
	MAE        float64             `json:"mae"`
	AUC        float64             `json:"auc"`
	Expected   float64             `json:"expected_total"`
	Actual     float64             `json:"actual_total"`
	Degenerate *predict.Degenerate `json:"degenerate,omitempty"`
}

// Calibrated is the customers with so many repeats, the last one those with more too, and their mean purchase days.
type Calibrated struct {
	Repeats   int     `json:"repeats"`
	Customers int     `json:"customers"`
	Expected  float64 `json:"expected"`
	Actual    float64 `json:"actual"`
}

// Span is what is expected of all customers within so many days. Between Low and High 80 of 100 such totals lie.
type Span struct {
	Days    int     `json:"days"`
	Orders  float64 `json:"purchase_days"`
	Low     float64 `json:"low"`
	High    float64 `json:"high"`
	Revenue *Amount `json:"revenue,omitempty"`
}

// Lost are the customers of whom less than Below purchase days are expected within a year.
type Lost struct {
	Customers int     `json:"customers"`
	Share     float64 `json:"share"`
	Below     float64 `json:"below_purchase_days_a_year"`
}

// Worth is what a purchase day is worth.
type Worth struct {
	Missing    *Missing            `json:"missing,omitempty"`
	Model      string              `json:"model,omitempty"`
	Params     map[string]float64  `json:"params,omitempty"`
	Mean       *Amount             `json:"mean,omitempty"` // expected of a purchase day to come, over all customers
	Degenerate *predict.Degenerate `json:"degenerate,omitempty"`
}

// spans are the days that are looked ahead.
var spans = []int{30, 90, 365}

const lostBelow = .5

func (o *Orders) outlook(visits [][]predict.Visit, last int32) (Outlook, error) {
	people, _ := predict.HoldOut(visits, last, last, predict.Days)
	var out Outlook
	worth, err := o.worth(&out.Worth, people)
	if err != nil {
		return out, err
	}
	choice, err := predict.Choose(visits, last, predict.Days, predict.FitOptions{})
	if err != nil {
		out.Missing, err = lacking(err)
		return out, err
	}
	out.tell(choice)
	model, miss := choice.Fitted.Model, choice.Candidates[choice.Best].Score.Miss()
	for _, days := range spans {
		mean, low, high := predict.Total(model, people, float64(days), miss)
		span := Span{Days: days, Orders: mean, Low: low, High: high}
		expected := predict.Expect(model, people, float64(days))
		if worth != nil {
			sum := 0.0
			for i, e := range expected {
				sum += e * worth.Mean(people[i])
			}
			revenue := amountOf(sum)
			span.Revenue = &revenue
		}
		out.Spans = append(out.Spans, span)
		if days == spans[len(spans)-1] {
			out.Lost = lost(expected)
		}
	}
	return out, nil
}

func lost(expected []float64) *Lost {
	l := Lost{Below: lostBelow}
	for _, e := range expected {
		if e < lostBelow {
			l.Customers++
		}
	}
	l.Share = float64(l.Customers) / float64(len(expected))
	return &l
}

// tell notes how the model was found.
func (out *Outlook) tell(choice predict.Choice) {
	best := choice.Candidates[choice.Best]
	out.Model, out.Params, out.Degenerate = string(choice.Fitted.Model.Kind()), byName(choice.Fitted.Model.Params()), choice.Fitted.Degenerate
	out.HeldFrom, out.HeldUntil = Date(choice.Cut+1).Format(time.DateOnly), Date(choice.Until).Format(time.DateOnly)
	for i, c := range choice.Candidates {
		out.Candidates = append(out.Candidates, TriedModel{string(predict.Kinds[i]), c.Score.Deviance, c.Score.MAE, c.Score.AUC, c.Score.Expected, c.Score.Actual, c.Fitted.Degenerate})
	}
	for _, b := range best.Score.Calibration {
		if b.Customers > 0 {
			out.Calibration = append(out.Calibration, Calibrated{b.Repeats, b.Customers, b.Expected, b.Actual})
		}
	}
}

// worth fits what a purchase day is worth; nil where that cannot be told.
func (o *Orders) worth(told *Worth, people []predict.History) (predict.Worth, error) {
	if !o.priced() {
		told.Missing = &Missing{What: MissingColumn, Field: Price}
		return nil, nil
	}
	found, err := predict.FitValue(people, predict.FitOptions{})
	if err != nil {
		told.Missing, err = lacking(err)
		return nil, err
	}
	told.Model, told.Params, told.Degenerate = GammaGamma, byName(found.Worth.Params()), found.Degenerate
	if found.Degenerate != nil {
		told.Model = found.Degenerate.Instead
	}
	sum := 0.0
	for _, h := range people {
		sum += found.Worth.Mean(h) / float64(len(people))
	}
	mean := amountOf(sum)
	told.Mean = &mean
	return found.Worth, nil
}
