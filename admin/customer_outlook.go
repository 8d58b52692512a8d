package admin

import (
	"errors"
	"time"

	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/insight"
	"github.com/kupec/kupec/module/predict"
	"github.com/kupec/kupec/module/store"
)

// outlookDays is the horizon that the page tells in full; of the year it tells the value.
const (
	outlookDays = 90
	yearDays    = 365
	hardlyAny   = 0.05 // orders in a year
)

// customerOutlook says what is to be expected of somebody who has bought, or what is missing for it.
func (v *visit) customerOutlook(page *customerPage, p customer.Profile) error {
	if page.LastAt.IsZero() {
		return nil
	}
	o, err := v.a.rooms.Facts.Outlook(v.ctx, p.ID)
	if errors.Is(err, store.ErrNotFound) {
		page.Outlook = []string{v.t("customer.outlook.soon")}
		return nil
	}
	if err != nil {
		return err
	}
	page.OutlookAt = o.AsOf
	if o.Missing != nil {
		page.Outlook = append(page.Outlook, v.lack(o.Missing))
	}
	if n := len(o.Horizons); n > 0 && o.Horizons[n-1].Orders < hardlyAny {
		page.Outlook = append(page.Outlook, v.t("customer.outlook.gone", "percent", v.p.Percent(hardlyAny, 0)))
	} else {
		for _, h := range o.Horizons {
			page.Outlook = append(page.Outlook, v.horizon(h)...)
		}
	}
	page.Outlook = append(page.Outlook, v.nextOrder(o.Next),
		v.t("customer.outlook.group", "group", v.t("rfm.group."+string(o.Group)), "about", v.t("rfm.group."+string(o.Group)+".about")),
		v.t("customer.outlook.rank", "recency", int64(o.Rank.R), "frequency", int64(o.Rank.F), "money", int64(o.Rank.M)))
	return nil
}

func (v *visit) horizon(h insight.Horizon) []string {
	switch {
	case h.Days == outlookDays && h.High == 0:
		return []string{v.t("customer.outlook.unlikely", "days", h.Days, "mean", h.Orders)}
	case h.Days == outlookDays && h.Low == h.High:
		return []string{v.t("customer.outlook.exactly", "days", h.Days, "count", h.Low, "mean", h.Orders)}
	case h.Days == outlookDays:
		return []string{v.t("customer.outlook.orders", "days", h.Days, "low", h.Low, "count", h.High, "mean", h.Orders)}
	case h.Days == yearDays && h.Value != nil:
		return []string{v.t("customer.outlook.value", "days", h.Days, "value", *h.Value)}
	}
	return nil
}

func (v *visit) nextOrder(n *insight.Next) string {
	switch {
	case n == nil:
		return v.t("customer.outlook.next.unknown")
	case n.Overdue:
		return v.t("customer.outlook.next.overdue")
	}
	return v.t("customer.outlook.next", "day", v.onDay(n.At), "from", v.onDay(n.From), "to", v.onDay(n.To))
}

// onDay is a date without a time, as the reader's zone has it.
func (v *visit) onDay(date time.Time) time.Time {
	return time.Date(date.Year(), date.Month(), date.Day(), 0, 0, 0, 0, v.p.Zone())
}

// lack says what there is too little of.
func (v *visit) lack(e *predict.TooFewError) string {
	return v.t("lack."+string(e.Lack), "count", e.Has, "needs", e.Needs)
}
