package admin

import (
	"fmt"
	"time"

	"github.com/kupec/kupec/module/customer"
	"github.com/kupec/kupec/module/insight"
)

type refillRow struct {
	Name, Href, Text, Tone string
	Due                    time.Time
}

// refillsShown is how many products a person's page tells about.
const refillsShown = 6

// customerRefills says what somebody has likely used up, or soon will.
func (v *visit) customerRefills(page *customerPage, p customer.Profile) error {
	refills, err := v.a.rooms.Facts.Refills(v.ctx, p.ID)
	if err != nil || len(refills) == 0 {
		return err
	}
	refills = refills[:min(len(refills), refillsShown)]
	ids := make([]int64, len(refills))
	for i, r := range refills {
		ids[i] = r.ProductID
	}
	products, err := v.a.rooms.Catalog.Products(v.ctx, ids)
	if err != nil {
		return err
	}
	for _, r := range refills {
		product, known := products[r.ProductID]
		if !known {
			continue
		}
		row := refillRow{Name: product.Name, Href: v.a.link(fmt.Sprintf("/products/%d", r.ProductID)), Due: v.onDay(r.Due)}
		row.Text, row.Tone = v.refillText(r)
		page.Refills = append(page.Refills, row)
	}
	return nil
}

// refillText says when a product is due, how that is known, and by how many purchases.
func (v *visit) refillText(r insight.Refill) (text, tone string) {
	now := v.now().In(v.p.Zone())
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, time.UTC)
	days := int64(r.Due.Sub(today) / (24 * time.Hour))
	switch {
	case days > 0:
		text = v.t("customer.refills.in", "count", days)
	case days == 0:
		text, tone = v.t("customer.refills.today"), "accent"
	default:
		text, tone = v.t("customer.refills.past", "count", -days), "warn"
	}
	every := v.t("customer.refills.others", "count", r.Every)
	if r.PurchaseDays > 1 {
		every = v.t("customer.refills.every", "count", r.Every)
	}
	return v.t("customer.refills.row", "due", text, "every", every, "purchases", v.t("customer.refills.purchases", "count", r.PurchaseDays)), tone
}
