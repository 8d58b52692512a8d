package admin

import (
	"fmt"

	"github.com/kupec/kupec/module/insight"
)

// customerHabits says what and how somebody buys; nothing of who never bought.
func (v *visit) customerHabits(page *customerPage, fact insight.Fact) {
	if fact.Orders == 0 {
		return
	}
	if goods := v.t("customer.habits.products", "count", fact.Products); fact.Categories > 0 {
		page.Habits = append(page.Habits, pair{v.t("customer.habits.goods"), v.t("customer.habits.products.of", "products", goods, "count", fact.Categories)})
	} else if fact.Products > 0 {
		page.Habits = append(page.Habits, pair{v.t("customer.habits.goods"), goods})
	}
	discounted, refunds := v.t("customer.habits.discounted.none"), v.t("customer.habits.refunds.none")
	if fact.Discounted != nil && *fact.Discounted > 0 {
		discounted = v.t("customer.habits.discounted.text", "percent", v.p.Percent(*fact.Discounted, 0))
	}
	if fact.Refunds > 0 {
		refunds = v.t("customer.habits.refunds.text", "count", fact.Refunds)
	}
	page.Habits = append(page.Habits, pair{v.t("customer.habits.discounted"), discounted}, pair{v.t("customer.habits.refunds"), refunds}, pair{v.t("customer.habits.when"), v.habitTime(fact)})
}

func (v *visit) habitTime(fact insight.Fact) string {
	if fact.Weekday == nil {
		return v.t("customer.habits.when.unknown", "count", insight.HabitOrders)
	}
	day := v.t(fmt.Sprintf("customer.habits.day.%d", *fact.Weekday))
	if fact.Hour == nil {
		return day
	}
	return v.t("customer.habits.when.both", "day", day, "from", fmt.Sprintf("%d:00", *fact.Hour), "to", fmt.Sprintf("%d:00", *fact.Hour+1))
}
