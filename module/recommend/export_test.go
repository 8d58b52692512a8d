package recommend

import (
	"context"

	"github.com/kupec/kupec/module/affinity"
)

// Misjudge has the engine's next rebuilds see the scores that change makes of theirs.
func (e *Engine) Misjudge(change func(*affinity.Trial)) {
	e.backtest = func(ctx context.Context, trade *affinity.Trade, plan affinity.Plan) (affinity.Trial, error) {
		trial, err := affinity.Backtest(ctx, trade, plan)
		change(&trial)
		return trial, err
	}
}
