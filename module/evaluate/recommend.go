package evaluate

import (
	"context"
	"time"

	"github.com/kupec/kupec/module/affinity"
	"github.com/kupec/kupec/module/predict"
)

// Chosen is the ranking by the method that the trade before the cut-off chose, in [Recommended].
const Chosen = "chosen"

// Ties are what comes first of products that somebody bought equally often, by name.
var Ties = map[string]affinity.Order{"recency": affinity.Latest, "popularity": affinity.Favoured}

// Picking is what to try.
type Picking struct {
	Cutoffs  []int32 // days: lists are made of what came before each
	Horizon  int32   // days from a cut-off
	Depth    int     // of a list
	Ties     affinity.Order
	Workers  int
	Progress func(share float64) // may be nil
}

// Recommended is how well it was told what people bought next. Its keys are relied on by others.
type Recommended struct {
	HorizonDays int32           `json:"horizon_days"`
	Depth       int             `json:"depth"`
	Cutoffs     []CutoffResults `json:"cutoffs"`
}

// CutoffResults is that as of one day.
type CutoffResults struct {
	Cutoff  string      `json:"cutoff"`
	Method  string      `json:"method"`  // that the trade before the cut-off chose
	Decided bool        `json:"decided"` // whether that was enough to choose by; else Method is what stands in
	All     ListResults `json:"all"`     // of all that people bought, repeats among them
	New     ListResults `json:"new"`     // of what they had never bought before
}

// ListResults is that for one kind of list.
type ListResults struct {
	Customers int                `json:"customers"` // evaluated
	Repeats   float64            `json:"repeats"`   // the share of what they bought that they had bought before
	Rankings  map[string]Figures `json:"rankings"`  // by the name of a method or a baseline, or Chosen
}

// Figures are means over the customers, at the depth of the lists.
type Figures struct {
	Recall    float64 `json:"recall"`
	NDCG      float64 `json:"ndcg"`
	HitRate   float64 `json:"hit_rate"`
	Precision float64 `json:"precision"`
	Coverage  int     `json:"coverage"` // distinct products in the lists
	Customers int     `json:"customers"`
}

// Recommend makes lists for everybody as of each cut-off, and compares them with what was bought in the time after. The
// method that is called chosen was chosen as a shop would have had to, by what came before the cut-off. Errors are *DateError,
// *NeedError, *predict.TooFewError, and the context's.
func (o *Orders) Recommend(ctx context.Context, p Picking) (Recommended, error) {
	if _, told := o.Columns[Product]; !told {
		return Recommended{}, &NeedError{Product, "what to recommend"}
	}
	first, last := o.Span()
	for _, cut := range p.Cutoffs {
		if cut <= first || cut > last {
			return Recommended{}, &DateError{"--cutoff", "must lie after the file's first day, and not after its last", first, last}
		}
	}
	trade := o.trade()
	result := Recommended{HorizonDays: p.Horizon, Depth: p.Depth}
	for i, cut := range p.Cutoffs {
		part := func(from, to float64) func(float64) {
			return func(share float64) {
				if p.Progress != nil {
					p.Progress((float64(i) + from + (to-from)*share) / float64(len(p.Cutoffs)))
				}
			}
		}
		plan := affinity.Plan{Horizon: p.Horizon, Depth: p.Depth, Ties: p.Ties, Workers: p.Workers}
		past := plan
		past.Today, past.Most, past.People, past.Progress = cut, affinity.MostTried, affinity.PeopleTried, part(0, .7)
		choice, err := affinity.Backtest(ctx, trade, past)
		if err != nil {
			return Recommended{}, err
		}
		plan.Cutoffs, plan.Progress = []int32{cut}, part(.7, 1)
		trial, err := affinity.Backtest(ctx, trade, plan)
		if err != nil {
			return Recommended{}, err
		}
		if len(trial.Scores) == 0 {
			return Recommended{}, &predict.TooFewError{Lack: predict.FewReturns, Needs: 1}
		}
		result.Cutoffs = append(result.Cutoffs, cutoffResults(cut, choice, trial))
	}
	return result, nil
}

func cutoffResults(cut int32, choice, trial affinity.Trial) CutoffResults {
	r := CutoffResults{Cutoff: Date(cut).Format(time.DateOnly), Method: choice.Method.String(), Decided: choice.Decided,
		All: ListResults{Rankings: map[string]Figures{}}, New: ListResults{Rankings: map[string]Figures{}}}
	for _, s := range trial.Scores {
		list := &r.All
		if s.List == affinity.New {
			list = &r.New
		}
		figures := Figures{s.Recall, s.NDCG, s.HitRate, s.Precision, s.Coverage, s.People}
		list.Customers, list.Repeats, list.Rankings[s.Ranking] = s.People, s.Repeats, figures
		if s.Ranking == r.Method {
			list.Rankings[Chosen] = figures
		}
	}
	return r
}

// trade is the lines whose product is known.
func (o *Orders) trade() *affinity.Trade {
	trade := affinity.NewTrade(len(o.Products), o.CategoryOf)
	start, lines := o.ByCustomer()
	var theirs []affinity.Purchase
	for c := range o.Customers {
		theirs = theirs[:0]
		for _, i := range lines[start[c]:start[c+1]] {
			if product := o.Lines.Product[i]; product != None {
				theirs = append(theirs, affinity.Purchase{Product: product, Day: o.Lines.Day(int(i)), Order: int64(o.Lines.Order[i])})
			}
		}
		trade.Add(theirs)
	}
	return trade
}
