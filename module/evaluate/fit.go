package evaluate

import (
	"fmt"
	"strings"
	"time"

	"github.com/kupec/kupec/module/predict"
)

// GammaGamma names the model of a purchase day's worth; the others are predict's.
const GammaGamma = "gammagamma"

// Models are those that can be fitted.
var Models = []string{string(predict.KindBG), string(predict.KindMBG), string(predict.KindPareto), string(predict.KindNBD), GammaGamma}

// Units are the units of time by their names.
var Units = map[string]predict.Unit{"day": predict.Days, "week": predict.Weeks}

// Fit is a fitted model. Its keys are relied on by others.
type Fit struct {
	Model         string             `json:"model"` // the one that was found; see Degenerate
	Params        map[string]float64 `json:"params"`
	LogLikelihood float64            `json:"log_likelihood"`
	Customers     int                `json:"customers"`
	Repeaters     int                `json:"repeaters"`
	*Prediction
	Degenerate *Replaced `json:"degenerate,omitempty"`
}

// Prediction is how a fitted model did on the time after.
type Prediction struct {
	ExpectedTotal float64 `json:"expected_total"` // purchase days
	ActualTotal   float64 `json:"actual_total"`
	AUC           float64 `json:"auc"`
	MAE           float64 `json:"mae"`
}

// Replaced says which model the data do not bear, why, and what stands in for it.
type Replaced struct {
	Asked string `json:"asked"`
	predict.Degenerate
}

// Question is what to fit.
type Question struct {
	Model   string // one of Models
	Until   int32  // the last day that the model sees
	Unit    predict.Unit
	Predict int32 // the last day that it is to predict; 0: none
}

// DateError says that a date does not go with the file's.
type DateError struct {
	Name        string // of the setting
	Problem     string
	First, Last int32 // days that the file covers
}

func (e *DateError) Error() string {
	return fmt.Sprintf("%s %s; the file goes from %s to %s", e.Name, e.Problem, Date(e.First).Format(time.DateOnly), Date(e.Last).Format(time.DateOnly))
}

// FitModel fits a model to the customers who had bought by a day. Errors are *DateError, *predict.TooFewError, *NeedError, and
// predict's.
func (o *Orders) FitModel(q Question) (Fit, error) {
	first, last := o.Span()
	switch {
	case q.Until < first || q.Until > last:
		return Fit{}, &DateError{"--until", "lies outside the file's time", first, last}
	case q.Predict != 0 && q.Predict <= q.Until:
		return Fit{}, &DateError{"--predict", "must lie after --until", first, last}
	case q.Model == GammaGamma && q.Predict != 0:
		return Fit{}, fmt.Errorf("%s tells what a purchase is worth, not how many there will be: leave out --predict, or take %s", GammaGamma, strings.Join(Models[:4], ", "))
	}
	people, actual := predict.HoldOut(o.Visits(), q.Until, max(q.Until, q.Predict), q.Unit)
	if q.Model == GammaGamma {
		return o.fitWorth(people)
	}
	found, err := predict.Fit(predict.Kind(q.Model), people, predict.FitOptions{})
	if err != nil {
		return Fit{}, err
	}
	fit := Fit{Model: string(found.Model.Kind()), Params: byName(found.Model.Params()), LogLikelihood: found.LogLikelihood,
		Customers: found.Customers, Repeaters: found.Repeaters, Degenerate: replaced(q.Model, found.Degenerate)}
	if q.Predict != 0 {
		score := predict.Judge(people, predict.Expect(found.Model, people, float64(q.Predict-q.Until)/float64(q.Unit)), actual)
		fit.Prediction = &Prediction{score.Expected, score.Actual, score.AUC, score.MAE}
	}
	return fit, nil
}

func (o *Orders) fitWorth(people []predict.History) (Fit, error) {
	if _, priced := o.Columns[Price]; !priced {
		return Fit{}, &NeedError{Price, "what a purchase is worth"}
	}
	found, err := predict.FitValue(people, predict.FitOptions{})
	if err != nil {
		return Fit{}, err
	}
	fit := Fit{Model: GammaGamma, Params: byName(found.Worth.Params()), LogLikelihood: found.LogLikelihood,
		Customers: found.Customers, Repeaters: found.Repeaters, Degenerate: replaced(GammaGamma, found.Degenerate)}
	if fit.Degenerate != nil {
		fit.Model = fit.Degenerate.Instead
	}
	return fit, nil
}

func byName(params []predict.Param) map[string]float64 {
	named := map[string]float64{}
	for _, p := range params {
		named[p.Name] = p.Value
	}
	return named
}

func replaced(asked string, by *predict.Degenerate) *Replaced {
	if by == nil {
		return nil
	}
	return &Replaced{asked, *by}
}
