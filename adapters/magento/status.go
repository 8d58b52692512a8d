package magento

import "github.com/kupec/kupec/adapters"

// states are Magento's own, which its code goes by. A status is only what the shop calls one of them on its screens.
// Extensions may add states, which stay StatusOther. No state says that a payment failed: such an order is cancelled, or
// goes on waiting.
var states = map[string]adapters.Status{
	"new": adapters.StatusPending, "pending_payment": adapters.StatusPending, "payment_review": adapters.StatusPending,
	"processing": adapters.StatusPaid, "complete": adapters.StatusCompleted,
	"closed": adapters.StatusRefunded, "canceled": adapters.StatusCancelled,
}

// orderStatus looks, for an order on hold, at the state it was taken out of.
func orderStatus(state, before string) adapters.Status {
	if state == "holded" {
		if status, known := states[before]; known {
			return status
		}
		return adapters.StatusPending
	}
	if status, known := states[state]; known {
		return status
	}
	return adapters.StatusOther
}
