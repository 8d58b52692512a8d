package insight

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/kupec/kupec/module/predict"
	"github.com/kupec/kupec/module/purchase"
)

const (
	maxOrders = 1e9
	lastDay   = 2_000_000 // in the year 7445
)

// buyers are the people of one shop who have bought, in ascending order of their ids.
type buyers struct {
	ids        []int64
	currencies []string // the one that most of a person's orders are in
	visits     [][]predict.Visit
}

// Forecast ranks every buyer and works out what is expected of each, shop by shop, from all orders there are. It is the
// night's work and holds the purchase days of all buyers in memory, and after them those of each product, some 100 MB for a
// million; progress, which may be nil,
// is called with profiles read and in all.
func (f *Facts) Forecast(ctx context.Context, progress func(done, total int64)) error {
	until := dayOf(f.now())
	shops := map[int64]*buyers{}
	if err := f.eachRange(ctx, progress, func(ctx context.Context, s scope) error { return f.gather(ctx, s, until, shops) }); err != nil {
		return err
	}
	for _, shop := range slices.Sorted(maps.Keys(shops)) {
		if err := f.forecast(ctx, shop, shops[shop], until); err != nil {
			return fmt.Errorf("working out what is expected of the customers of shop %d: %w", shop, err)
		}
	}
	clear(shops)
	if err := f.refill(ctx, until, progress); err != nil {
		return err
	}
	return f.sweep(ctx)
}

// gather reads the purchase days of a scope. Money is net, in the currency that most of a person's orders are in.
func (f *Facts) gather(ctx context.Context, s scope, until int32, shops map[int64]*buyers) error {
	var rows []struct {
		ShopID, ProfileID int64
		Currency          string
		Day               int32
		Spent             float64
	}
	err := f.db.NewRaw(`SELECT p.shop_id, o.profile_id, f.currency, TO_DAYS(o.placed_at) - ? AS day, SUM(IF(o.currency = f.currency, o.total - o.refunded, 0)) AS spent
		FROM crm_orders o JOIN crm_facts f ON f.profile_id = o.profile_id JOIN crm_profiles p ON p.id = o.profile_id
		WHERE `+s.on("o.profile_id")+` AND o.status IN (?) AND o.deleted_at IS NULL AND o.placed_at >= '1970-01-01' AND o.placed_at < ?
		GROUP BY o.profile_id, day ORDER BY o.profile_id, day`, slices.Concat([]any{epoch}, s.args, []any{bun.List(purchase.Counting), dateOf(until + 1)})...).Scan(ctx, &rows)
	if err != nil {
		return fmt.Errorf("reading on which days people bought: %w", err)
	}
	for _, r := range rows {
		b := shops[r.ShopID]
		if b == nil {
			b = &buyers{}
			shops[r.ShopID] = b
		}
		if n := len(b.ids); n == 0 || b.ids[n-1] != r.ProfileID {
			b.ids, b.currencies, b.visits = append(b.ids, r.ProfileID), append(b.currencies, r.Currency), append(b.visits, nil)
		}
		theirs := &b.visits[len(b.visits)-1]
		*theirs = append(*theirs, predict.Visit{Day: r.Day, Spent: max(0, r.Spent)})
	}
	return nil
}

// forecast works one shop out and writes it down.
func (f *Facts) forecast(ctx context.Context, shop int64, b *buyers, until int32) error {
	o := outlooks{buyers: b, rows: make([]predictionRow, len(b.ids)), until: until, run: runRow{ShopID: shop, UntilOn: dateOf(until), Customers: len(b.ids), Parameters: "{}", Holdout: "{}"}}
	for i, id := range b.ids {
		o.rows[i] = predictionRow{ProfileID: id, ShopID: shop, Currency: b.currencies[i]}
		if len(b.visits[i]) > 1 {
			o.run.Repeaters++
		}
	}
	var err error
	if o.bounds, err = f.bounds(ctx, &o); err != nil {
		return err
	}
	raw, err := json.Marshal(o.bounds)
	if err != nil {
		return err
	}
	o.run.Bounds = string(raw)
	o.rank()
	o.move()
	if err := o.expect(); err != nil {
		return err
	}
	if err := o.next(); err != nil {
		return err
	}
	o.run.FinishedAt = f.now()
	return f.keep(ctx, &o)
}

// outlooks is a shop being worked out.
type outlooks struct {
	*buyers
	rows   []predictionRow
	until  int32
	run    runRow
	bounds Bounds
	ranks  []rankRow
	moves  map[movement]int
}

// expect fits the shop's best model. What the data lack for one is noted in the run, and nothing is expected then.
func (o *outlooks) expect() error {
	choice, err := predict.Choose(o.visits, o.until, predict.Days, predict.FitOptions{})
	var few *predict.TooFewError
	if errors.As(err, &few) {
		o.run.Lack, o.run.LackHas, o.run.LackNeeds = few.Lack, few.Has, few.Needs
		return nil
	}
	if err != nil {
		return err
	}
	people, _ := predict.HoldOut(o.visits, o.until, o.until, predict.Days) // everybody has bought by then, so these are the rows
	worth, err := o.worth(people)
	if err != nil && !errors.As(err, &few) {
		return err
	}
	model := choice.Fitted.Model
	o.run.Model = string(model.Kind())
	if err := o.note(choice, worth); err != nil {
		return err
	}
	for k, s := range new(predictionRow).spans() {
		for i, e := range predict.Expect(model, people, float64(s.days)) {
			low, high := predict.Range(model, people[i], float64(s.days))
			at, from, to := e, int64(min(low, maxOrders)), int64(min(high, maxOrders))
			own := o.rows[i].spans()[k]
			*own.orders, *own.low, *own.high = &at, &from, &to
		}
	}
	return nil
}

// next tells next orders of those who came three times, where the shop's rhythm is known.
func (o *outlooks) next() error {
	days := make([][]int32, len(o.visits))
	for i, visits := range o.visits {
		for _, v := range visits {
			days[i] = append(days[i], v.Day)
		}
	}
	rhythm, err := predict.LearnRhythm(days)
	var few *predict.TooFewError
	if errors.As(err, &few) {
		return nil
	}
	if err != nil {
		return err
	}
	for i := range days {
		due, err := rhythm.Next(days[i], o.until)
		if err != nil {
			continue // fewer than three days: nothing is told
		}
		at, from, to := dateAfter(due.Day), dateAfter(due.Low), dateAfter(due.High)
		o.rows[i].NextOn, o.rows[i].NextFrom, o.rows[i].NextTo, o.rows[i].Overdue = &at, &from, &to, due.Overdue
	}
	return nil
}

// note keeps how the model was found and how it and the others did in the hold-out.
func (o *outlooks) note(choice predict.Choice, worth predict.FittedWorth) error {
	held := holdout{From: dateOf(choice.Cut + 1).Format(time.DateOnly), Until: dateOf(choice.Until).Format(time.DateOnly), Best: choice.Best}
	for k, c := range choice.Candidates {
		held.Candidates = append(held.Candidates, Trial{predict.Kinds[k], c.Fitted.Degenerate, c.Score})
	}
	parameters := map[string]any{"model": choice.Fitted.Model.Params(), "log_likelihood": choice.Fitted.LogLikelihood, "unit": "day"}
	if worth.Worth != nil {
		o.run.Worth = "gammagamma"
		if worth.Degenerate != nil {
			o.run.Worth = worth.Degenerate.Instead
		}
		parameters["worth"] = worth.Worth.Params()
	}
	kept, err := json.Marshal(parameters)
	if err == nil {
		o.run.Parameters = string(kept)
		kept, err = json.Marshal(held)
		o.run.Holdout = string(kept)
	}
	return err
}

// mainCurrency is the one that most buyers pay in.
func (b *buyers) mainCurrency() string {
	count := map[string]int{}
	for _, c := range b.currencies {
		count[c]++
	}
	return slices.MaxFunc(slices.Sorted(maps.Keys(count)), func(a, b string) int { return cmp.Compare(count[a], count[b]) })
}
