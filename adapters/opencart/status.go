package opencart

import (
	"context"
	"strings"

	"github.com/kupec/kupec/adapters"
	"github.com/kupec/kupec/adapters/follow"
	"github.com/kupec/kupec/adapters/foreign"
)

// What an order's status means is for each shop to say: the names are its own, in each of its languages, and the ids only
// happen to be the same where nobody has touched them. So this is asked, in this order:
//
//  1. [Config.Statuses], by its name in the shop window's language.
//  2. The setting config_complete_status: paid and sent.
//  3. The settings config_failed_status_id and config_void_status_id, which 4.x has.
//  4. The meanings below of no sale, by the status's English name or, in a shop without English, by the id that OpenCart's
//     installer gives it. They go before the next, since that one has Pending and Reversed in it from the beginning: there it
//     means no more than that the goods are set aside.
//  5. The setting config_processing_status: paid.
//  6. The meanings below of a sale.
//
// Anything else is StatusOther.
var (
	noSale = map[string]adapters.Status{
		"pending": adapters.StatusPending, "canceled": adapters.StatusCancelled, "cancelled": adapters.StatusCancelled,
		"expired": adapters.StatusCancelled, "voided": adapters.StatusCancelled, // an authorisation that was never cashed
		"denied": adapters.StatusFailed, "failed": adapters.StatusFailed,
		"refunded": adapters.StatusRefunded, "reversed": adapters.StatusRefunded, "chargeback": adapters.StatusRefunded,
	}
	sale = map[string]adapters.Status{
		"processing": adapters.StatusPaid, "processed": adapters.StatusPaid, "canceled reversal": adapters.StatusPaid,
		"shipped": adapters.StatusCompleted, "complete": adapters.StatusCompleted,
	}
	installed = map[int64]string{1: "pending", 2: "processing", 3: "shipped", 5: "complete", 7: "canceled", 8: "denied", 9: "canceled reversal", 10: "failed",
		11: "refunded", 12: "reversed", 13: "chargeback", 14: "expired", 15: "processed", 16: "voided"}
)

// unplaced is what an order with status 0 is called: the shop has no name for it but that of its list, Missing Orders.
const unplaced = "missing"

// state is one of the shop's statuses.
type state struct {
	status adapters.Status
	name   string // in the shop window's language
}

// paid says whether the money has come, also if it went back since.
func (s state) paid() bool {
	return s.status == adapters.StatusPaid || s.status == adapters.StatusCompleted
}

// states reads all of the shop's statuses; there are some twenty.
func (r *reader) states(ctx context.Context) (map[int64]state, error) {
	names, english := map[int64]string{}, map[int64]string{}
	err := r.Each(ctx, "order statuses", "SELECT order_status_id, language_id, name FROM {order_status} ORDER BY order_status_id, language_id", nil,
		func(scan func(...any) error) error {
			var id, language int64
			var name string
			if err := scan(&id, &language, follow.Text(&name)); err != nil {
				return err
			}
			if name = foreign.Plain(name); name == "" {
				return nil
			}
			if _, ok := names[id]; !ok || language == r.language {
				names[id] = name
			}
			if strings.HasPrefix(strings.ToLower(r.codes[language]), "en") {
				english[id] = strings.ToLower(name)
			}
			return nil
		})
	if err != nil {
		return nil, err
	}
	all := map[int64]state{}
	complete, processing := r.statusIDs("config_complete_status"), r.statusIDs("config_processing_status")
	for id, name := range names {
		all[id] = state{status: r.meaning(id, name, english[id], complete[id], processing[id]), name: name}
	}
	return all, nil
}

func (r *reader) statusIDs(setting string) map[int64]bool {
	all := map[int64]bool{}
	for _, id := range idList(r.settings[setting]) {
		all[id] = true
	}
	return all
}

func (r *reader) meaning(id int64, name, english string, complete, processing bool) adapters.Status {
	for word, status := range r.cfg.Statuses {
		if strings.EqualFold(strings.TrimSpace(word), name) {
			return status
		}
	}
	word := english
	if word == "" {
		word = installed[id]
	}
	switch {
	case complete:
		return adapters.StatusCompleted
	case id == r.number("config_failed_status_id"):
		return adapters.StatusFailed
	case id == r.number("config_void_status_id"):
		return adapters.StatusCancelled
	case noSale[word] != "":
		return noSale[word]
	case processing:
		return adapters.StatusPaid
	case sale[word] != "":
		return sale[word]
	}
	return adapters.StatusOther
}

// state is what an order's status means; one whose name was deleted is called by its id.
func stateOf(states map[int64]state, id int64) state {
	if id == 0 {
		return state{status: adapters.StatusOther, name: unplaced}
	}
	if s, ok := states[id]; ok {
		return s
	}
	return state{status: adapters.StatusOther, name: foreign.Str(id)}
}
