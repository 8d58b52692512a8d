package insight

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/kupec/kupec/module/predict"
	"github.com/kupec/kupec/module/store"
)

// Quality is how well what is expected of a shop's customers can be told: each model's telling of the last months, which it
// had not seen, against what came.
type Quality struct {
	AsOf                 time.Time // the last day that was known
	Customers, Repeaters int       // who had bought by then; of these, who had come back
	From, Until          time.Time // the days that were held out
	Trials               []Trial   // in the order of predict.Kinds, the naive guess last; none where Missing says why
	Best                 int       // among Trials: the one that was chosen
	Worth                string    // by what the worth of an order is told: "gammagamma" or what stands in for it; "" where it is not
	Missing              *predict.TooFewError
}

// Trial is a model and how it did. A model that the data did not bear was replaced.
type Trial struct {
	Model      predict.Kind        `json:"model"`
	Degenerate *predict.Degenerate `json:"degenerate,omitempty"`
	Score      predict.Score       `json:"score"`
}

// holdout is what a run keeps of it.
type holdout struct {
	From       string  `json:"from"`
	Until      string  `json:"until"`
	Candidates []Trial `json:"candidates"`
	Best       int     `json:"best"`
}

// Quality gives that of a shop's last run. Before its first night there is none: [store.ErrNotFound].
func (f *Facts) Quality(ctx context.Context, shopID int64) (Quality, error) {
	var run runRow
	if err := f.db.NewSelect().Model(&run).Where("n.shop_id = ?", shopID).Order("n.id DESC").Limit(1).Scan(ctx); err != nil {
		return Quality{}, fmt.Errorf("reading the last model run of shop %d: %w", shopID, store.NotFound(err))
	}
	q := Quality{AsOf: run.UntilOn, Customers: run.Customers, Repeaters: run.Repeaters, Worth: run.Worth}
	if run.Lack != "" {
		q.Missing = &predict.TooFewError{Lack: run.Lack, Has: run.LackHas, Needs: run.LackNeeds}
		return q, nil
	}
	var held holdout
	err := json.Unmarshal([]byte(run.Holdout), &held)
	if err == nil {
		q.From, err = time.Parse(time.DateOnly, held.From)
	}
	if err == nil {
		q.Until, err = time.Parse(time.DateOnly, held.Until)
	}
	if err == nil && (held.Best < 0 || held.Best >= len(held.Candidates)) {
		err = fmt.Errorf("the best of %d models is number %d", len(held.Candidates), held.Best)
	}
	if err != nil {
		return Quality{}, fmt.Errorf("reading how model run %d did: %w", run.ID, err)
	}
	q.Trials, q.Best = held.Candidates, held.Best
	return q, nil
}

// Naive is how the naive guess did: everybody goes on as before.
func (q Quality) Naive() Trial { return q.Trials[len(q.Trials)-1] }

// Chosen is how the chosen model did.
func (q Quality) Chosen() Trial { return q.Trials[q.Best] }
