package daemon

import (
	"context"
	"errors"
	"maps"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/module/report"
)

// sumOf tells orders and their money.
func sumOf(s report.Sum, currency string) map[string]any {
	average := decimal.Zero
	if s.Orders > 0 {
		average = s.Net().Div(decimal.NewFromInt(s.Orders))
	}
	return map[string]any{"orders": s.Orders, "gross": text(s.Gross, currency), "refunded": text(s.Refunded, currency), "net": text(s.Net(), currency), "average": text(average, currency)}
}

type salesReport struct {
	reportFlags
	By string `enum:"day,week,month" default:"month" help:"Rows by: day, week, month."`
}

// Run prints sales over time.
func (c *salesReport) Run(ctx context.Context, s *Settings, t *terminal) error {
	columns := []column{{"from", "from"}, {"to", "to"}, {"orders", "orders"}, {"gross", "gross"}, {"refunded", "refunded"}, {"net", "net"}, {"average", "average"}, {"new", "new_orders"},
		{"net of new", "new_net"}, {"returning", "returning_orders"}, {"net of returning", "returning_net"}}
	return c.tell(ctx, s, t, "sales", columns, func(r *reading) told {
		return func(ctx context.Context, q report.Query) (map[string]any, []map[string]any, error) {
			periods, err := r.Reports.Sales(ctx, q, report.Step(c.By))
			row := func(p report.Period) map[string]any {
				m := sumOf(p.All(), q.Currency)
				maps.Copy(m, map[string]any{"from": dateOf(p.From), "to": dateOf(p.To), "new_orders": p.New.Orders, "new_net": text(p.New.Net(), q.Currency),
					"returning_orders": p.Repeat.Orders, "returning_net": text(p.Repeat.Net(), q.Currency)})
				return m
			}
			var rows []map[string]any
			for _, p := range periods {
				rows = append(rows, row(p))
			}
			return row(report.Total(periods)), rows, err
		}
	})
}

type discountReport struct {
	reportFlags
	By string `enum:"day,week,month" default:"month" help:"Rows by: day, week, month."`
}

// Run prints how much was sold with a discount.
func (c *discountReport) Run(ctx context.Context, s *Settings, t *terminal) error {
	columns := []column{{"from", "from"}, {"to", "to"}, {"orders", "orders"}, {"with discount", "discounted_orders"}, {"share", "discounted_share"}, {"net", "net"},
		{"net with discount", "discounted_net"}, {"net at full price", "full_price_net"}, {"discount", "discount"}}
	return c.tell(ctx, s, t, "discounts", columns, func(r *reading) told {
		return func(ctx context.Context, q report.Query) (map[string]any, []map[string]any, error) {
			periods, err := r.Reports.Sales(ctx, q, report.Step(c.By))
			row := func(p report.Period) map[string]any {
				return map[string]any{"from": dateOf(p.From), "to": dateOf(p.To), "orders": p.All().Orders, "net": text(p.All().Net(), q.Currency), "discounted_orders": p.Reduced.Orders,
					"discounted_share": rate(p.Reduced.Orders, p.All().Orders), "discounted_net": text(p.Reduced.Net(), q.Currency), "full_price_net": text(p.Full().Net(), q.Currency),
					"discount": text(p.Discount, q.Currency)}
			}
			var rows []map[string]any
			for _, p := range periods {
				rows = append(rows, row(p))
			}
			return row(report.Total(periods)), rows, err
		}
	})
}

type countryReport struct{ reportFlags }

// Run prints where orders went.
func (c *countryReport) Run(ctx context.Context, s *Settings, t *terminal) error {
	columns := []column{{"country", "country"}, {"orders", "orders"}, {"gross", "gross"}, {"refunded", "refunded"}, {"net", "net"}, {"average", "average"}, {"new", "new_orders"}, {"returning", "returning_orders"}}
	return c.tell(ctx, s, t, "countries", columns, func(r *reading) told {
		return func(ctx context.Context, q report.Query) (map[string]any, []map[string]any, error) {
			countries, err := r.Reports.Countries(ctx, q)
			row := func(c report.Country) map[string]any {
				m := sumOf(c.All(), q.Currency)
				maps.Copy(m, map[string]any{"country": c.Code, "new_orders": c.New.Orders, "returning_orders": c.Repeat.Orders})
				return m
			}
			var all report.Country
			var rows []map[string]any
			for _, one := range countries {
				rows = append(rows, row(one))
				all.New, all.Repeat = all.New.Add(one.New), all.Repeat.Add(one.Repeat)
			}
			return row(all), rows, err
		}
	})
}

type productReport struct {
	reportFlags
	Sort  string `enum:"net,orders,rebought,returned" default:"net" help:"Most first of: net, orders, rebought, returned."`
	Limit int    `default:"50" help:"How many products, at most 10000."`
}

// Run prints what each product brought. Rows beyond the limit are in no row, but in the total.
func (c *productReport) Run(ctx context.Context, s *Settings, t *terminal) error {
	if c.Limit < 1 || c.Limit > 10_000 {
		return errors.New("--limit takes a number from 1 to 10000")
	}
	columns := []column{{"product", "name"}, {"sku", "sku"}, {"orders", "orders"}, {"quantity", "quantity"}, {"gross", "gross"}, {"net", "net"}, {"bought again", "rebought_share"},
		{"first orders", "first_orders"}, {"of them came back", "returned_share"}}
	return c.tell(ctx, s, t, "products", columns, func(r *reading) told {
		return func(ctx context.Context, q report.Query) (map[string]any, []map[string]any, error) {
			found, err := r.Reports.Products(ctx, q, report.ProductSort(c.Sort), c.Limit)
			var rows []map[string]any
			for _, p := range found.Products {
				rows = append(rows, map[string]any{"product": p.ProductID, "name": p.Name, "sku": p.SKU, "orders": p.Orders, "quantity": p.Quantity.String(), "gross": text(p.Gross, q.Currency),
					"net": text(p.Net, q.Currency), "rebought_orders": p.Rebought, "rebought_share": rate(p.Rebought, p.Orders), "first_orders": p.Firsts, "returned": p.Returned,
					"returned_share": rate(p.Returned, p.Firsts)})
			}
			return map[string]any{"products": found.Count, "orders": found.Orders.Orders, "products_net": text(found.Sum.Net, q.Currency), "rest_net": text(found.Rest(), q.Currency),
				"net": text(found.Orders.Net(), q.Currency)}, rows, err
		}
	})
}

type categoryReport struct {
	reportFlags
	Below int64 `placeholder:"ID" help:"The categories below this one. Default: those at the top."`
}

// Run prints what the categories of a level brought.
func (c *categoryReport) Run(ctx context.Context, s *Settings, t *terminal) error {
	columns := []column{{"category", "name"}, {"products", "products"}, {"quantity", "quantity"}, {"gross", "gross"}, {"net", "net"}}
	return c.tell(ctx, s, t, "categories", columns, func(r *reading) told {
		return func(ctx context.Context, q report.Query) (map[string]any, []map[string]any, error) {
			found, err := r.Reports.Categories(ctx, q, c.Below)
			var rows []map[string]any
			for _, one := range found.Categories {
				rows = append(rows, map[string]any{"category": one.CategoryID, "name": one.Name, "products": one.Products, "quantity": one.Quantity.String(),
					"gross": text(one.Gross, q.Currency), "net": text(one.Net, q.Currency)})
			}
			return map[string]any{"several_net": text(found.Several, q.Currency), "none_net": text(found.None, q.Currency), "rest_net": text(found.Rest, q.Currency),
				"net": text(found.Net, q.Currency)}, rows, err
		}
	})
}

type cohortReport struct{ reportFlags }

// Run prints the cohorts; as a table, their worth per person after some months.
func (c *cohortReport) Run(ctx context.Context, s *Settings, t *terminal) error {
	columns := []column{{"first order", "month"}, {"people", "people"}, {"orders", "orders"}, {"net", "net"}, {"each", "net_each"}, {"after 1 month", "after_1"}, {"after 3", "after_3"}, {"after 6", "after_6"}, {"after 12", "after_12"}}
	return c.tell(ctx, s, t, "cohorts", columns, func(r *reading) told {
		return func(ctx context.Context, q report.Query) (map[string]any, []map[string]any, error) {
			cohorts, err := r.Reports.Cohorts(ctx, q)
			var people, orders int64
			var net decimal.Decimal
			var rows []map[string]any
			for _, one := range cohorts {
				row := map[string]any{"month": nil, "people": one.People}
				if !one.Month.IsZero() {
					row["month"] = one.Month.Format("2006-01")
				}
				sum := report.Later{}
				months := []map[string]any{}
				for _, m := range one.Months {
					sum.Orders, sum.Net = sum.Orders+m.Orders, sum.Net.Add(m.Net)
					months = append(months, map[string]any{"month": m.Index, "people": m.People, "retention": rate(m.People, one.People), "orders": m.Orders, "net": text(m.Net, q.Currency),
						"net_so_far": text(sum.Net, q.Currency), "net_each_so_far": text(each(sum.Net, one.People), q.Currency)})
				}
				row["orders"], row["net"], row["net_each"], row["months"] = sum.Orders, text(sum.Net, q.Currency), text(each(sum.Net, one.People), q.Currency), months
				for key, month := range map[string]int{"after_1": 1, "after_3": 3, "after_6": 6, "after_12": 12} {
					if !c.JSON {
						row[key] = text(each(one.Until(month), one.People), q.Currency)
					}
				}
				rows = append(rows, row)
				people, orders, net = people+one.People, orders+sum.Orders, net.Add(sum.Net)
			}
			return map[string]any{"people": people, "orders": orders, "net": text(net, q.Currency), "net_each": text(each(net, people), q.Currency)}, rows, err
		}
	})
}

// each is an amount per person.
func each(amount decimal.Decimal, people int64) decimal.Decimal {
	if people == 0 {
		return decimal.Zero
	}
	return amount.Div(decimal.NewFromInt(people))
}

type secondReport struct{ reportFlags }

// Run prints how long people take to their second order, whatever they pay in.
func (c *secondReport) Run(ctx context.Context, s *Settings, t *terminal) error {
	r, err := c.open(ctx, s, t)
	if err != nil {
		return err
	}
	defer r.close()
	found, err := r.Reports.SecondOrders(asCLI(ctx), r.query)
	if err != nil {
		return err
	}
	if c.JSON {
		days := []map[string]any{}
		for _, d := range found.Days {
			days = append(days, map[string]any{"days": d.Days, "people": d.People})
		}
		return t.json(map[string]any{"report": "second-order", "people": found.People, "again": found.Again, "share": rate(found.Again, found.People),
			"quarter_days": found.Quarter, "median_days": found.Median, "three_quarters_days": found.Most, "days": days})
	}
	t.printf("%d people, %d of them ordered again: half of these within %d days, a quarter within %d, three quarters within %d\n", found.People, found.Again, found.Median, found.Quarter, found.Most)
	for _, days := range []int{7, 14, 30, 60, 90, 180, 365} {
		n := found.Within(days)
		t.printf("  within %3d days  %9d  %s\n", days, n, rateText(n, found.People))
	}
	return nil
}

func rateText(part, whole int64) string {
	if text, ok := rate(part, whole).(string); ok {
		return text
	}
	return ""
}
