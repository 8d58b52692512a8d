package prestashop

import (
	"context"
	"slices"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// state is a row of order_state: shops and modules make their own, and say by flags what they mean.
type state struct {
	paid    bool // the order has been paid for
	shipped bool // it has left the house
	counts  bool // "logable": it counts as a sale, also where nobody has paid yet
	words   words
}

// states are a few dozen.
func (r *reader) states(ctx context.Context) (map[int64]state, error) {
	all := map[int64]state{}
	err := r.Each(ctx, "states of orders", `SELECT s.id_order_state, s.paid, s.shipped, s.logable, COALESCE(l.id_lang, 0), l.name
		FROM {order_state} s LEFT JOIN {order_state_lang} l ON l.id_order_state = s.id_order_state ORDER BY s.id_order_state, l.id_lang`, nil,
		func(scan func(...any) error) error {
			var id, lang int64
			var s state
			var name string
			if err := scan(&id, &s.paid, &s.shipped, &s.counts, &lang, follow.Text(&name)); err != nil {
				return err
			}
			s.words = all[id].words
			s.words.better(foreign.Plain(name), "", r.rank(r.shop, lang))
			all[id] = s
			return nil
		})
	return all, err
}

// status maps a state by what the shop's settings say of it, and else by its flags. One without flags that no setting
// names means what only the shop knows: it may be a refusal as well as a step of the work. raw is the shop's name for it.
// An order without a state was never finished: PrestaShop writes the row first, and its state after the lines.
func (r *reader) status(id int64, states map[int64]state) (status adapters.Status, raw string, gone bool) {
	s := states[id]
	raw = s.words.name
	if raw == "" {
		raw = foreign.Str(id)
	}
	is := func(setting string) bool { return id > 0 && r.id(setting) == id }
	switch {
	case is(stateCancelled):
		status = adapters.StatusCancelled
	case is(stateRefunded):
		status = adapters.StatusRefunded
	case is(stateFailed):
		status = adapters.StatusFailed
	case s.paid && s.shipped:
		status = adapters.StatusCompleted
	case s.paid:
		status = adapters.StatusPaid
	case s.counts, slices.ContainsFunc(statesAwaiting, is):
		status = adapters.StatusPending
	default:
		status = adapters.StatusOther
	}
	return status, raw, id == 0
}
