package recommend

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/affinity"
	"github.com/kupec/kupec/module/store"
)

// State says how a run stands.
type State string

// The states of a run.
const (
	Running State = "running"
	Done    State = "done"
	Failed  State = "failed"
)

// Run is one rebuild of a shop's affinities.
type Run struct {
	ID         int64
	ShopID     int64
	State      State
	Buyers     int64  // people whose history was read
	Products   int64  // products with at least one affinity
	Pairs      int64  // affinities kept
	Method     string // by which affinities are ranked
	Decided    bool   // by the shop's own past; else there is too little of it, and Method is what stands in
	Scores     []Score
	Error      string
	StartedAt  time.Time
	FinishedAt time.Time // zero: not yet
}

// Score is how good a ranking was for the people who came again after a day of the shop's past.
type Score struct {
	Cutoff time.Time `json:"cutoff"`
	affinity.Score
}

type runRow struct {
	bun.BaseModel `bun:"table:crm_model_runs"`

	ID         int64 `bun:",pk,autoincrement"`
	ShopID     int64
	Kind       string
	State      string
	Buyers     int64
	Pairs      int64
	Detail     string
	StartedAt  time.Time
	FinishedAt *time.Time
}

// detail is what a run's row keeps beside its counts.
type detail struct {
	Products int64   `json:"products,omitempty"`
	Method   string  `json:"method,omitempty"`
	Decided  bool    `json:"decided,omitempty"`
	Scores   []Score `json:"scores,omitempty"`
	Error    string  `json:"error,omitempty"`
}

// text is the detail as it is kept. A score that is no finite number has no text: whoever chose by it chose by nothing.
func (d detail) text() (string, error) {
	raw, err := json.Marshal(d)
	if err != nil {
		return "", fmt.Errorf("keeping the scores by which %q was chosen: %w", d.Method, err)
	}
	return string(raw), nil
}

// failure is the detail of a run that failed.
func failure(cause error) string {
	text, err := detail{Error: cause.Error()}.text()
	if err != nil {
		return "{}"
	}
	return text
}

func (r runRow) run() Run {
	var d detail
	_ = json.Unmarshal([]byte(r.Detail), &d) // our own; a damaged one has no detail
	out := Run{ID: r.ID, ShopID: r.ShopID, State: State(r.State), Buyers: r.Buyers, Products: d.Products, Pairs: r.Pairs,
		Method: d.Method, Decided: d.Decided, Scores: d.Scores, Error: d.Error, StartedAt: r.StartedAt}
	if r.FinishedAt != nil {
		out.FinishedAt = *r.FinishedAt
	}
	return out
}

const (
	runKind     = "bought_together"
	readStretch = 20_000 // profile ids read by one statement
	runsKept    = 30     // rows of crm_model_runs kept per shop, for the record
	abandoned   = 24 * time.Hour
)

// LastRun is the newest finished run of a shop, the one that is read, or [store.ErrNotFound].
func (e *Engine) LastRun(ctx context.Context, shopID int64) (Run, error) {
	var r runRow
	err := e.db.NewSelect().Model(&r).Where("shop_id = ? AND kind = ? AND state = ?", shopID, runKind, Done).OrderExpr("id DESC").Limit(1).Scan(ctx)
	if err != nil {
		return Run{}, fmt.Errorf("reading the last run of recommendations: %w", store.NotFound(err))
	}
	return r.run(), nil
}

// runInUse is the number of [Engine.LastRun], without what it tells of itself.
func (e *Engine) runInUse(ctx context.Context, shopID int64) (int64, error) {
	var id int64
	err := e.db.NewRaw("SELECT id FROM crm_model_runs WHERE shop_id = ? AND kind = ? AND state = ? ORDER BY id DESC LIMIT 1", shopID, runKind, Done).Scan(ctx, &id)
	if err != nil {
		return 0, fmt.Errorf("reading the last run of recommendations: %w", store.NotFound(err))
	}
	return id, nil
}

// Rebuild reads the shop's whole history and keeps its affinities anew. Readers see the old ones until the new are
// complete, and go on with the old when this fails: the run's number is the switch. Five million orders with fifteen million
// lines of 100,000 products take two cores, beside the reading, 40 seconds to work out and 30 to write, and less than 1 GB. progress may be nil; it is told about hundredths of the
// work.
func (e *Engine) Rebuild(ctx context.Context, shopID int64, progress func(done, total int64)) (Run, error) {
	if progress == nil {
		progress = func(int64, int64) {}
	}
	row := runRow{ShopID: shopID, Kind: runKind, State: string(Running), Detail: "{}", StartedAt: e.now()}
	if _, err := e.db.NewInsert().Model(&row).Exec(ctx); err != nil {
		return Run{}, fmt.Errorf("beginning a run of recommendations: %w", err)
	}
	d, err := e.build(ctx, &row, progress)
	if err == nil {
		row.Detail, err = d.text()
	}
	finished := e.now()
	row.FinishedAt, row.State = &finished, string(Done)
	if err != nil {
		row.State, row.Detail = string(Failed), failure(err)
	}
	// Also a run that was called off is put down as failed: the context may have ended.
	_, saveErr := e.db.NewUpdate().Model(&row).Column("state", "buyers", "pairs", "detail", "finished_at").WherePK().Exec(context.WithoutCancel(ctx))
	if err == nil && saveErr != nil {
		err = saveErr
	}
	if err != nil {
		return row.run(), fmt.Errorf("rebuilding the recommendations of shop %d: %w", shopID, err)
	}
	if err := e.dropOld(ctx, row); err != nil {
		return row.run(), fmt.Errorf("clearing away old recommendations of shop %d: %w", shopID, err)
	}
	progress(100, 100)
	e.cfg.Logger.Info("recommendations rebuilt", "shop", shopID, "buyers", row.Buyers, "pairs", row.Pairs, "took", finished.Sub(row.StartedAt))
	return row.run(), nil
}

// build reads, lets the shop's own past choose the method, and writes what that method finds in all of it.
func (e *Engine) build(ctx context.Context, row *runRow, progress func(done, total int64)) (detail, error) {
	part := func(from, to float64) func(share float64) {
		return func(share float64) { progress(int64(from+(to-from)*share), 100) }
	}
	h, err := e.read(ctx, row.ShopID, part(0, 50))
	if err != nil {
		return detail{}, err
	}
	row.Buyers = h.people
	trial, err := e.backtest(ctx, h.trade, affinity.Plan{Most: affinity.MostTried, People: affinity.PeopleTried, Workers: e.cfg.Workers, Progress: part(50, 65)})
	if err != nil {
		return detail{}, err
	}
	d := detail{Method: trial.Method.String(), Decided: trial.Decided}
	for _, s := range trial.Scores {
		d.Scores = append(d.Scores, Score{dateOf(s.Cutoff), s})
	}
	opt := affinity.Options{Today: dayNumber(e.now()) + 1, Eligible: h.eligible, Workers: e.cfg.Workers, Progress: part(65, 75)}
	if err := e.buildPeople(ctx, row, &d, h, trial.Method, opt, part(75, 85)); err != nil {
		return detail{}, err
	}
	opt.Progress = part(85, 90)
	together, err := h.trade.Orders(ctx, opt)
	if err != nil {
		return detail{}, err
	}
	if err := e.writeTies(ctx, intoCompanions, row.ID, h, together, part(90, 98)); err != nil {
		return detail{}, err
	}
	back, leaders, err := h.trade.Backoff(ctx, opt)
	if err != nil {
		return detail{}, err
	}
	if err := e.writeBackoff(ctx, row.ID, h, back, leaders); err != nil {
		return detail{}, err
	}
	if err := e.writeRests(ctx, row.ID, h); err != nil {
		return detail{}, err
	}
	opt.Progress = nil
	upgrades, err := h.trade.Upgrades(ctx, h.price, opt)
	if err != nil {
		return detail{}, err
	}
	return d, e.writeUpgrades(ctx, row.ID, h, upgrades)
}

func (e *Engine) buildPeople(ctx context.Context, row *runRow, d *detail, h *history, method affinity.Method, opt affinity.Options, progress func(share float64)) error {
	model, err := h.trade.People(ctx, method, opt)
	if err != nil {
		return err
	}
	for _, some := range model.Ties {
		row.Pairs += int64(len(some))
		if len(some) > 0 {
			d.Products++
		}
	}
	return e.writeTies(ctx, intoAffinities, row.ID, h, model, progress)
}

// dateOf is the reverse of dayNumber.
func dateOf(day int32) time.Time {
	return time.Unix(0, 0).UTC().AddDate(0, 0, int(day)-int(dayNumber(time.Unix(0, 0))))
}
