package woocommerce

import (
	"strings"

	"github.com/kupec/kupec/adapters"
)

// statuses are WooCommerce's own. Plugins add more, which stay StatusOther.
var statuses = map[string]adapters.Status{
	"pending": adapters.StatusPending, "on-hold": adapters.StatusPending,
	"processing": adapters.StatusPaid, "completed": adapters.StatusCompleted,
	"cancelled": adapters.StatusCancelled, "refunded": adapters.StatusRefunded, "failed": adapters.StatusFailed,
}

// orderStatus maps "wc-on-hold"; raw is without the "wc-" which the shop's own screens do not show either. Binned orders
// and those that a checkout or the control panel has begun and not finished are gone.
func orderStatus(s string) (status adapters.Status, raw string, gone bool) {
	raw = strings.TrimPrefix(s, "wc-")
	switch raw {
	case "trash", "auto-draft", "draft", "checkout-draft", "new", "":
		gone = true
	}
	status, known := statuses[raw]
	if !known {
		status = adapters.StatusOther
	}
	return status, raw, gone
}

func stock(s string) adapters.Stock {
	switch s {
	case "outofstock":
		return adapters.OutOfStock
	case "onbackorder":
		return adapters.OnBackorder
	}
	return adapters.InStock // a product whose stock was never looked at has none written, and can be had
}
