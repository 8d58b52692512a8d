package woocommerce

import (
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
)

var (
	tags   = regexp.MustCompile(`<[a-zA-Z/!][^<>]*>`)
	number = regexp.MustCompile(`^-?[0-9]{0,24}(\.[0-9]{0,24})?([eE][-+]?[0-9]{1,2})?$`)
)

// plain is s as a person reads it: tags go first, so that an escaped "<" stays; entities are decoded once.
func plain(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if strings.ContainsRune(s, '<') {
		s = tags.ReplaceAllString(s, "")
	}
	if strings.ContainsRune(s, '&') {
		s = html.UnescapeString(s)
	}
	return strings.Join(strings.Fields(s), " ") // no-break spaces included
}

// parseDecimal reads a number as WooCommerce's meta and DECIMAL(26,8) columns hold it, and as PHP prints small floats:
// "19.90000000", ".5", "1.0E-5". Empty is zero, as it is to WooCommerce.
func parseDecimal(s string) (decimal.Decimal, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return decimal.Zero, nil
	}
	if !number.MatchString(s) || !strings.ContainsAny(s, "0123456789") {
		return decimal.Zero, fmt.Errorf("%q is not a number", cut(s))
	}
	d, err := decimal.NewFromString(s)
	if err != nil {
		return decimal.Zero, fmt.Errorf("%q is not a number", cut(s))
	}
	return d, nil
}

// parseTime reads a DATETIME as text; zone is the one it is meant in. A zero date is the zero time. The form with a T is
// what a pool gives that parses times by itself.
func parseTime(s string, zone *time.Location) (time.Time, error) {
	if s == "" || strings.HasPrefix(s, "0000-00-00") || strings.HasPrefix(s, "0001-01-01") {
		return time.Time{}, nil
	}
	for _, layout := range []string{"2006-01-02 15:04:05", time.RFC3339Nano, "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a date", cut(s))
}

// parseUnix reads seconds since 1970, which is how WooCommerce's newer meta keep times.
func parseUnix(s string) (time.Time, error) {
	if s = strings.TrimSpace(s); s == "" || s == "0" {
		return time.Time{}, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > 1<<35 {
		return time.Time{}, fmt.Errorf("%q is not a time in seconds since 1970", cut(s))
	}
	return time.Unix(n, 0).UTC(), nil
}

// language makes BCP 47 of WordPress's "sl_SI" and "de_DE_formal".
func language(s string) string {
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '_' || r == '-' })
	switch {
	case len(parts) == 0 || len(parts[0]) < 2 || len(parts[0]) > 3:
		return ""
	case len(parts) > 1 && len(parts[1]) == 2:
		return strings.ToLower(parts[0]) + "-" + strings.ToUpper(parts[1])
	}
	return strings.ToLower(parts[0])
}

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

// cut keeps a foreign value short enough for a message.
func cut(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
