package evaluate_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/kupec/kupec/module/evaluate"
	"github.com/kupec/kupec/module/predict"
)

// The baselines are exact; ours is a little better than the prototype's 19.6 days.
func TestTheNextOrderIsToldBetterThanByAnyMean(t *testing.T) {
	t.Parallel()
	got, err := onlineRetail(t).NextOrders(day(t, "2011-08-31"), day(t, "2011-12-09"))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", got)
	if got.Customers != 1_002 {
		t.Errorf("%d customers", got.Customers)
	}
	near(t, "global median", got.MAE.GlobalMedian, 46.9, .05)
	near(t, "personal mean", got.MAE.PersonalMean, 37.2, .05)
	near(t, "personal mean, waited", got.MAE.PersonalWaited, 24.2, .05)
	near(t, "coverage", got.Coverage, .44, .015)
	if got.MAE.Conditional > 19.6 {
		t.Errorf("conditional on what has passed: %.2f", got.MAE.Conditional)
	}
}

func TestAQuestionThatTheFileCannotAnswerSaysWhy(t *testing.T) {
	t.Parallel()
	var lines strings.Builder
	lines.WriteString("customer,date\n")
	for c := range 60 {
		for m := range 4 {
			fmt.Fprintf(&lines, "%d,2024-%02d-%02d\n", c, 1+m*2+c%2, 1+c%28)
		}
	}
	o := read(t, lines.String(), evaluate.Options{})
	var need *evaluate.NeedError
	var date *evaluate.DateError
	var few *predict.TooFewError
	_, err := o.Rank(day(t, "2024-08-01"), "nested")
	if !errors.As(err, &need) || need.Field != evaluate.Price {
		t.Errorf("%v", err)
	}
	_, err = o.FitModel(evaluate.Question{Model: evaluate.GammaGamma, Until: day(t, "2024-06-01"), Unit: predict.Days})
	if !errors.As(err, &need) {
		t.Errorf("%v", err)
	}
	_, err = o.FitModel(evaluate.Question{Model: "bgnbd", Until: day(t, "2023-06-01"), Unit: predict.Days})
	if !errors.As(err, &date) || err.Error() != "--until lies outside the file's time; the file goes from 2024-01-01 to 2024-08-28" {
		t.Errorf("%v", err)
	}
	_, err = o.FitModel(evaluate.Question{Model: "bgnbd", Until: day(t, "2024-06-01"), Predict: day(t, "2024-05-01"), Unit: predict.Days})
	if !errors.As(err, &date) || date.Name != "--predict" {
		t.Errorf("%v", err)
	}
	_, err = o.FitModel(evaluate.Question{Model: "bgnbd", Until: day(t, "2024-01-20"), Unit: predict.Days})
	if !errors.As(err, &few) || few.Lack != predict.FewCustomers {
		t.Errorf("%v", err)
	}
	_, err = o.NextOrders(day(t, "2024-01-20"), day(t, "2024-08-01"))
	if !errors.As(err, &few) || few.Has != 0 {
		t.Errorf("%v", err)
	}
	_, err = o.NextOrders(day(t, "2024-03-20"), day(t, "2024-03-01"))
	if !errors.As(err, &date) || date.Name != "--to" {
		t.Errorf("%v", err)
	}
}
