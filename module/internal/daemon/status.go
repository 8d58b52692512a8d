package daemon

import (
	"context"
	"fmt"
	"math"
	"text/tabwriter"

	"github.com/shopspring/decimal"

	"github.com/kupec/kupec/adapters"
	crm "github.com/kupec/kupec/module"
	"github.com/kupec/kupec/module/money"
	"github.com/kupec/kupec/module/staff"
)

type statusCommand struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// status is what `kupec status --json` prints. Its keys are relied on by others.
type status struct {
	Shops               []shopStatus     `json:"shops"`
	Profiles            int64            `json:"profiles"`
	ProfilesWithAccount int64            `json:"profiles_with_account"`
	GuestProfiles       int64            `json:"guest_profiles"`
	Subscribed          int64            `json:"subscribed"`
	OrdersByStatus      map[string]int64 `json:"orders_by_status"`
	Revenue             []revenueStatus  `json:"revenue"`
}

type shopStatus struct {
	Name        string           `json:"name"`
	Platform    string           `json:"platform"`
	Version     string           `json:"version"`
	LagSeconds  float64          `json:"lag_seconds"`
	Rows        map[string]int64 `json:"rows"`
	Quarantined int64            `json:"quarantined"`
}

type revenueStatus struct {
	Currency string `json:"currency"`
	Gross    string `json:"gross"`
	Refunded string `json:"refunded"`
	Net      string `json:"net"`
	Orders   int64  `json:"orders"`
}

// mirrored is the rows that every shop's status counts, also where there are none yet.
var mirrored = []string{"customers", "products", "categories", "orders", "lines", "refunds"}

// Run prints what is mirrored.
func (c *statusCommand) Run(ctx context.Context, s *Settings, t *terminal) error {
	w, err := s.open(ctx, t, false)
	if err != nil {
		return err
	}
	defer w.close()
	st, err := readStatus(asCLI(ctx), w.CRM)
	if err != nil {
		return err
	}
	if c.JSON {
		return t.json(st)
	}
	st.print(t)
	return nil
}

func readStatus(ctx context.Context, c *crm.CRM) (status, error) {
	st := status{Shops: []shopStatus{}, OrdersByStatus: map[string]int64{}, Revenue: []revenueStatus{}}
	if _, err := staff.Require(ctx, staff.SeeSales); err != nil {
		return st, err
	}
	health, err := c.Intake.Health(ctx)
	if err != nil {
		return st, err
	}
	for _, h := range health {
		one := shopStatus{Name: h.Shop.Name, Platform: h.Shop.Platform, Version: h.Shop.Version, LagSeconds: math.Round(h.LagSeconds*10) / 10,
			Rows: map[string]int64{}, Quarantined: h.Quarantined}
		for _, name := range mirrored {
			one.Rows[name] = h.Rows[name]
		}
		st.Shops = append(st.Shops, one)
	}
	people, err := c.People.Counts(ctx)
	if err != nil {
		return st, err
	}
	st.Profiles, st.ProfilesWithAccount, st.GuestProfiles = people.Profiles, people.WithAccount, people.Guests
	if st.Subscribed, err = c.Consents.Subscribed(ctx, 0); err != nil {
		return st, err
	}
	totals, err := c.Orders.Totals(ctx, 0)
	if err != nil {
		return st, err
	}
	for _, name := range adapters.Statuses {
		st.OrdersByStatus[string(name)] = totals.ByStatus[name]
	}
	for _, r := range totals.Revenue {
		text := func(amount decimal.Decimal) string { return money.New(amount, r.Currency).Text() }
		st.Revenue = append(st.Revenue, revenueStatus{Currency: r.Currency, Gross: text(r.Gross), Refunded: text(r.Refunded), Net: text(r.Net), Orders: r.Orders})
	}
	return st, nil
}

func (st status) print(t *terminal) {
	w := tabwriter.NewWriter(t.out, 0, 0, 2, ' ', 0)
	defer w.Flush()
	line := func(cells ...any) {
		for i, c := range cells {
			if i > 0 {
				_, _ = w.Write([]byte("\t"))
			}
			fmt.Fprint(w, c)
		}
		_, _ = w.Write([]byte("\n"))
	}
	for _, shop := range st.Shops {
		line("shop", shop.Name, shop.Platform+" "+shop.Version, "behind by", shop.LagSeconds, "s")
		for _, name := range mirrored {
			line("", name, shop.Rows[name])
		}
		line("", "set aside", shop.Quarantined)
	}
	line("profiles", st.Profiles, "with account", st.ProfilesWithAccount, "guests", st.GuestProfiles)
	line("subscribed", st.Subscribed)
	for _, name := range adapters.Statuses {
		line("orders", string(name), st.OrdersByStatus[string(name)])
	}
	for _, r := range st.Revenue {
		line("revenue", r.Currency, "gross", r.Gross, "refunded", r.Refunded, "net", r.Net, "orders", r.Orders)
	}
}
